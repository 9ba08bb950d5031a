"""Projects: saved and opened with their weights, autosaved, recovered after a kill, exported; and the window never waits."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QFileInfo, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from playground.document import Project, edits, example, load_project, save_project
from playground.export.files import read
from playground.ui import autosave
from playground.ui.dialogs.files import PlainIcons
from playground.ui.in_turn import queue
from playground.ui.window import Window
from tests.ui.shell_support import Stalls, running_window, smooth, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")
LONGEST_STALL = 0.1


def train(qtbot, window: Window, steps: int = 20) -> None:
    bench = window.workbench
    before = bench.snapshot.step
    window.actions_["train"].trigger()
    qtbot.waitUntil(lambda: bench.snapshot.step >= before + steps, timeout=60_000)
    bench.pause()
    qtbot.waitUntil(lambda: bench.snapshot.phase == "paused", timeout=10_000)


def weights(window: Window) -> dict[str, np.ndarray]:
    return dict(window.workbench.session.capture().result(10).weights)


def press(qtbot, window: Window, dialog: str, button: str) -> None:
    qtbot.waitUntil(lambda: window.findChild(QDialog, dialog) is not None)
    window.findChild(QDialog, dialog).findChild(QPushButton, button).click()


def test_a_project_comes_back_with_its_weights(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "mine.playground"
    with running_window(qtbot, "spiral") as window:
        assert not window.projects.unsaved()
        train(qtbot, window)
        assert window.projects.unsaved()
        assert window.bar.dot.isVisible()
        step, learned = window.workbench.snapshot.step, weights(window)
        with qtbot.waitSignal(window.projects.saved, timeout=10_000):
            window.projects._write(file, None)
        assert not window.projects.unsaved()
        assert window.projects.title() == "mine"
        assert "mine" in window.windowTitle()
    with running_window(qtbot) as window:
        with qtbot.waitSignal(window.projects.opened, timeout=10_000):
            window.projects.open(file)
        qtbot.waitUntil(lambda: window.workbench.snapshot.step == step, timeout=60_000)
        qtbot.waitUntil(lambda: not window.projects.unsaved(), timeout=5_000)
        again = weights(window)
        assert set(again) == set(learned)
        for key in learned:
            np.testing.assert_array_equal(again[key], learned[key])
        assert window._settings.recent() == [file]


def test_what_another_window_saved_is_not_replaced_without_a_question(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "mine.playground"
    with running_window(qtbot, "and") as window:
        projects = window.projects
        with qtbot.waitSignal(projects.saved, timeout=10_000):
            projects._write(file, None)
        with qtbot.waitSignals([projects.saved] * 2, timeout=10_000):
            projects.save()
            projects.save()  # the file is its own: no question
        assert window.findChild(QDialog, "changed_question") is None
        save_project(Project(example("or")), file)
        window.workbench.edit("", edits.set_training(window.workbench.document, learning_rate=0.5))
        for answer in ("changed_cancel", "changed_replace"):
            projects.save()
            press(qtbot, window, "changed_question", answer)
            assert projects.unsaved()
            qtbot.waitUntil(lambda: window.findChild(QDialog, "changed_question") is None)
            if answer == "changed_cancel":
                assert load_project(file).document.title == example("or").title
        qtbot.waitUntil(lambda: not projects.unsaved())
        assert load_project(file).document.training.learning_rate == 0.5
        with qtbot.waitSignal(projects.opened, timeout=10_000):
            projects.open(file)
        file.unlink()
        with qtbot.waitSignal(projects.saved, timeout=10_000):
            projects.save()  # gone is not changed
        assert file.exists()


def test_unsaved_changes_are_asked_about(qtbot, tmp_path: Path) -> None:
    with running_window(qtbot, "xor") as window:
        window.projects.path = tmp_path / "kept.playground"
        bench = window.workbench
        bench.edit("Rate", edits.set_training(bench.document, learning_rate=0.4))
        window.projects.new()
        assert bench.document.nodes
        box = window.findChild(QDialog, "unsaved_question")
        assert "kept" in box.windowTitle()
        assert any(part.text().startswith("If you do not, what was not saved yet is gone") for part in box.findChildren(QLabel))
        assert {b.text(): b.isDefault() for b in box.findChildren(QPushButton)} == {"Save": True, "Don’t save": False, "Cancel": False}
        press(qtbot, window, "unsaved_question", "question_cancel")
        assert bench.document.nodes
        window.projects.new()
        press(qtbot, window, "unsaved_question", "question_save")
        qtbot.waitUntil(lambda: not bench.document.nodes, timeout=10_000)
        assert load_project(tmp_path / "kept.playground").document.training.learning_rate == 0.4


def test_undoing_an_edit_makes_the_project_saved_again(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        bench = window.workbench
        bench.edit("Rate", edits.set_training(bench.document, learning_rate=0.4))
        assert window.projects.unsaved()
        bench.undo_stack.undo()
        assert not window.projects.unsaved()


def test_deleting_every_node_of_an_example_is_an_unsaved_change(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        bench = window.workbench
        bench.edit("Delete", edits.remove(bench.document, *bench.document.nodes))
        assert not bench.document.nodes
        assert window.projects.unsaved()
        window.projects.new()
        press(qtbot, window, "unsaved_question", "question_cancel")
        bench.undo_stack.undo()
        assert not window.projects.unsaved()


def test_an_empty_canvas_is_left_without_a_question(qtbot) -> None:
    with running_window(qtbot) as window:
        assert not window.projects.unsaved()
        window.projects.open_example("xor")
        assert window.workbench.document.data.name == "xor"


def test_a_recent_file_that_is_gone_is_a_message_and_leaves_the_list(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "mine.playground"
    with running_window(qtbot, "xor") as window:
        with qtbot.waitSignal(window.projects.saved, timeout=10_000):
            window.projects._write(file, None)
        menu = window.bar.menu.menu()
        menu._fill_recent()
        (action,) = menu._recent.actions()
        file.unlink()
        action.trigger()
        qtbot.waitUntil(lambda: window.findChild(QDialog, "error_dialog") is not None, timeout=10_000)
        menu._fill_recent()
        assert [entry.isEnabled() for entry in menu._recent.actions()] == [False]
        assert window._settings.text("recent") == ""


def test_a_pipe_in_the_folder_shown_does_not_keep_the_dialog_waiting(qapp, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    icons = PlainIcons()
    assert not icons.icon(QFileInfo(str(tmp_path / "pipe"))).isNull()
    assert (icons.type(QFileInfo(str(tmp_path / "pipe"))), icons.type(QFileInfo(str(tmp_path)))) == ("File", "Folder")


def test_another_process_with_the_same_number_hides_nothing(state: Path) -> None:  # noqa: F811
    """Process numbers are given out anew: what a killed window left is found by its lock, and not written over."""
    kept = Project(example("xor"))
    first, second = autosave.Place(), autosave.Place()
    first.write(kept, "first", None)
    assert autosave.left_behind() == []
    first._lock.close()  # as a kill does
    assert [left.title for left in autosave.left_behind()] == ["first"]
    second.write(Project(example("and")), "second", None)
    (left,) = autosave.left_behind()
    assert left.title == "first"
    assert load_project(left.file).document == kept.document
    autosave.forget(left)
    second.end()
    assert not list(autosave.folder().iterdir())


def test_a_bad_file_is_a_message_and_changes_nothing(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "broken.playground"
    file.write_bytes(b"no project")
    with running_window(qtbot, "xor") as window:
        document = window.workbench.document
        window.projects.open(file)
        qtbot.waitUntil(lambda: window.findChild(QDialog, "error_dialog") is not None, timeout=10_000)
        box = window.findChild(QDialog, "error_dialog")
        assert box.width() == 440
        assert window.workbench.document is document
        box.accept()


def test_a_place_that_cannot_be_written_is_a_message(qtbot, tmp_path: Path) -> None:
    with running_window(qtbot, "xor") as window:
        window.projects._write(tmp_path / "nowhere" / "x.playground", None)
        qtbot.waitUntil(lambda: window.findChild(QDialog, "error_dialog") is not None, timeout=20_000)
        assert window.projects.path is None


@pytest.mark.parametrize("ending", ["npz", "safetensors"])
def test_an_export_holds_the_windows_weights(qtbot, tmp_path: Path, ending: str) -> None:
    with running_window(qtbot, "xor") as window:
        train(qtbot, window, 5)
        learned = weights(window)
        file = tmp_path / f"weights.{ending}"
        with qtbot.waitSignal(window.workbench.notice, timeout=60_000) as said:
            window.projects.export_to(file)
        assert "verified on" in said.args[0]
        exported = read(file)
        for key in learned:
            np.testing.assert_array_equal(exported[key], learned[key])


def test_an_autosave_is_made_when_something_changed_and_goes_with_a_good_end(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        window.projects.autosave()
        assert not list(autosave.folder().glob("*.playground"))
        train(qtbot, window, 5)
        window.projects.autosave()
        qtbot.waitUntil(lambda: bool(list(autosave.folder().glob("*.json"))), timeout=10_000)
        assert load_project(next(autosave.folder().glob("*.playground"))).weights
    assert not list(autosave.folder().iterdir())


KILLED = """
    import os, sys
    from PySide6.QtCore import QTimer
    from playground.document import Project, example
    from playground.engine.live.session import Session
    from playground.ui import app, settings, window, workbench
    application = app.application()
    bench = workbench.Workbench(Session())
    shown = window.Window(bench, settings.Settings(), "dark")
    shown.show()
    shown.projects.show(Project(example("xor")))
    bench.train()
    timer = QTimer()
    timer.setInterval(50)
    timer.timeout.connect(lambda: bench.snapshot.step > 20 and shown.projects.autosave())
    timer.start()
    application.exec()
"""


def test_a_killed_window_is_taken_up_again(qtbot, state: Path) -> None:  # noqa: F811
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PLAYGROUND_STATE": str(state)}
    process = subprocess.Popen([sys.executable, "-c", textwrap.dedent(KILLED)], env=environment, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        note = state / "autosave" / f"{process.pid}.json"
        while not note.exists() and time.monotonic() < end:
            time.sleep(0.05)
        assert note.exists()
        assert autosave.left_behind() == []
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    assert json.loads(note.read_text())["path"] == ""
    kept = load_project(note.with_suffix(".playground")).counters["step"]  # the window saves by itself, too, in a quiet moment
    assert kept > 0
    with running_window(qtbot) as window:
        window.projects.offer_recovery()
        qtbot.waitUntil(lambda: window.findChild(QDialog, "recovery_question") is not None)
        box = window.findChild(QDialog, "recovery_question")
        assert "moments ago" in " ".join(label.text() for label in box.findChildren(QLabel))
        press(qtbot, window, "recovery_question", "recover")
        qtbot.waitUntil(lambda: window.workbench.snapshot.step == kept, timeout=60_000)
        assert window.workbench.document.data.name == "xor"
        assert window.projects.unsaved()
        qtbot.waitUntil(lambda: not note.exists(), timeout=10_000)
        assert list(autosave.folder().glob("*.playground"))  # kept anew before the old one went


def test_what_is_left_of_a_file_is_offered_where_that_file_is_opened(qtbot, state: Path, tmp_path: Path) -> None:  # noqa: F811
    mine, other = tmp_path / "mine.playground", tmp_path / "other.playground"
    for path in (mine, other):
        save_project(Project(example("and")), path)
        os.utime(path, (1e9, 1e9))
    place = autosave.Place()
    place.write(Project(example("xor")), "mine", mine)
    place._lock.close()  # as a kill does
    assert [left.path for left in autosave.left_behind(mine)] == [mine]
    assert autosave.left_behind(other) == []
    with running_window(qtbot) as window:
        window.projects.open(other)
        qtbot.waitUntil(lambda: window.projects.path == other and not window.projects.jobs.busy)
        assert window.findChild(QDialog, "recovery_question") is None
        window.projects.open(mine)
        press(qtbot, window, "recovery_question", "recover")
        qtbot.waitUntil(lambda: window.workbench.document.data.name == "xor")
        assert window.projects.path == mine
        assert window.projects.unsaved()
        save_project(Project(example("or")), mine)
        window.projects.save()
        press(qtbot, window, "changed_question", "changed_cancel")
        assert load_project(mine).document.data.name == "or"
    save_project(Project(example("or")), mine)
    place = autosave.Place()
    place.write(Project(example("xor")), "mine", mine)
    place._lock.close()
    os.utime(mine, (time.time() + 60, time.time() + 60))
    assert autosave.left_behind(mine) == [], "what was saved later is the newer"


def test_nothing_makes_the_window_wait(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "mine.playground"
    with running_window(qtbot) as window, smooth(window):
        bench, stalls = window.workbench, Stalls(qtbot)
        gaps = {}
        saved, said = [], []
        window.projects.saved.connect(lambda: saved.append(1))
        bench.notice.connect(said.append)
        gaps["example"] = stalls.over(lambda: window.projects.open_example("mnist-mlp"), lambda: bench.snapshot.phase == "ready")
        gaps["train"] = stalls.over(bench.train, lambda: bench.snapshot.step > 100)
        gaps["save"] = stalls.over(lambda: window.projects._write(file, None), lambda: bool(saved))
        gaps["export"] = stalls.over(
            lambda: window.projects.export_to(tmp_path / "w.npz"), lambda: any("verified" in text for text in said)
        )
        gaps["open"] = stalls.over(
            lambda: window.projects._load(file), lambda: bench.snapshot.phase == "paused" and bench.snapshot.step > 100
        )
    assert max(gaps.values()) <= LONGEST_STALL, gaps


def test_no_edit_makes_the_window_wait_while_100_000_samples_are_trained(qtbot) -> None:
    with running_window(qtbot, "spiral") as window, smooth(window):
        bench, stalls, gaps = window.workbench, Stalls(qtbot), {}
        most = {**bench.document.data.options, "samples": 100_000}

        def settled(size: int) -> bool:
            return bench.snapshot.steps_per_epoch >= size and bench.snapshot.phase in ("training", "paused", "ready")

        bench.train()
        qtbot.waitUntil(lambda: bench.snapshot.step > 50, timeout=60_000)
        for name, change, size in (
            ("samples", lambda document: edits.set_data(document, "spiral", **most), 4000),
            ("batch", lambda document: edits.set_training(document, batch_size=64), 700),
            ("rate", lambda document: edits.set_training(document, learning_rate=0.01), 700),
            ("units", lambda document: edits.set_field(document, "dense1", "units", 12), 700),
            ("noise", lambda document: edits.set_data(document, "spiral", **{**most, "noise": 0.1}), 700),
            ("data", lambda document: edits.set_data(document, "moons", samples=100_000), 700),
        ):
            gaps[name] = stalls.over(
                lambda change=change, name=name: bench.edit(name, change(bench.document)), lambda size=size: settled(size)
            )
            if not bench.running:
                bench.train()
            qtbot.wait(300)  # what an edit brings comes a little later: pictures, an evaluation, the first chunk of steps
            gaps[f"after {name}"] = stalls.longest
        gaps["undo"] = stalls.over(bench.undo_stack.undo, lambda: settled(700))
        bench.pause()
    assert max(gaps.values()) <= LONGEST_STALL, gaps


def test_what_is_typed_while_a_project_loads_is_not_meant_for_it(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "moons.playground"
    save_project(Project(example("moons")), path)
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        bench.select(("dense1",))
        qtbot.waitUntil(lambda: ("dense1", "units") in window.inspector._editors)
        field = window.inspector.editor("dense1", "units").widget
        field.setFocus()
        window.projects.open(path)
        QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(field, "3")
        qtbot.waitUntil(lambda: bench.document.title.startswith("Moons"))
        qtbot.waitUntil(lambda: not queue().busy)
        assert bench.document.nodes["dense1"].fields["units"] == example("moons").nodes["dense1"].fields["units"]
        assert not bench.undo_stack.count()
