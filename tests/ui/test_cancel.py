"""Long work shows how far it is, and can be canceled by button and key; what was there before is then untouched."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from playground.document import Project, edits, example, load_project, save_project, tensors
from playground.kernels import compile
from playground.ui.dialogs.messages import Message
from playground.ui.jobs import Jobs, Work
from playground.ui.window import Window
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The window reads and writes files as on a very slow disk."""
    monkeypatch.setattr(tensors, "PIECE", 64)
    report = Work.report

    def slowly(work: Work, done: int, total: int) -> None:
        report(work, done, total)
        time.sleep(0.02)

    monkeypatch.setattr(Work, "report", slowly)


def seen(window: Window) -> bool:
    status = window.status
    return status.cancel.isVisible() and status.progress.isVisible() and 0 < status.progress.value() < status.progress.maximum()


def test_a_canceled_save_leaves_the_old_file(qtbot, tmp_path: Path, slow: None) -> None:
    file = tmp_path / "mine.playground"
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        window.projects.path = file
        file.write_bytes(b"the old one")
        bench.edit("Rate", edits.set_training(bench.document, learning_rate=0.4))
        window.projects.save(lambda: pytest.fail("what was to follow the save must not"))
        qtbot.waitUntil(lambda: seen(window), timeout=20_000)
        assert "saving mine" in window.status.work.text()
        with qtbot.waitSignal(bench.notice) as said:
            qtbot.mouseClick(window.status.cancel, Qt.MouseButton.LeftButton)
        assert "canceled" in said.args[0]
        assert window.projects.unsaved()
        assert not window.status.cancel.isVisible()
        assert not window.actions_["cancel"].isEnabled()
        qtbot.waitUntil(lambda: not window.projects.jobs.busy)
        assert file.read_bytes() == b"the old one"
        assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [file.name]


def test_compiling_is_canceled_by_the_key_and_train_goes_on_with_it(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare, patient = compile.prepare, []

    def slowly(names, dtype, isa, progress=None) -> None:
        while not patient:
            progress(3, 7)
            time.sleep(0.01)
        prepare(names, dtype, isa, progress)

    with running_window(qtbot) as window:
        bench = window.workbench
        monkeypatch.setattr(compile, "prepare", slowly)
        window.projects.show(Project(example("spiral")))
        qtbot.waitUntil(lambda: seen(window), timeout=20_000)
        assert "Preparing" in window.status.work.text()
        qtbot.keyClick(window, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: bench.snapshot.phase == "failed", timeout=10_000)
        assert "canceled" in bench.snapshot.message
        assert not window.status.cancel.isVisible()
        assert not window.projects.unsaved()
        patient.append(True)
        bench.train()
        qtbot.waitUntil(lambda: bench.snapshot.step > 10, timeout=20_000)


def test_a_canceled_open_changes_nothing(qtbot, tmp_path: Path, slow: None) -> None:
    file = tmp_path / "mine.playground"
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        save_project(Project(example("xor"), bench.session.capture().result(10).weights), file)
        document = bench.document
        window.projects.open(file)
        qtbot.waitUntil(lambda: seen(window), timeout=20_000)
        with qtbot.waitSignal(bench.notice) as said:
            window.actions_["cancel"].trigger()
        assert "canceled" in said.args[0]
        assert bench.document is document
        assert window.projects.path is None


def test_a_canceled_export_leaves_the_old_file(qtbot, tmp_path: Path, slow: None) -> None:
    file = tmp_path / "weights.npz"
    file.write_bytes(b"the old one")
    with running_window(qtbot, "spiral") as window:
        window.projects.export_to(file)
        qtbot.waitUntil(lambda: seen(window), timeout=20_000)
        with qtbot.waitSignal(window.workbench.notice) as said:
            window.actions_["cancel"].trigger()
        assert "canceled" in said.args[0]
        assert file.read_bytes() == b"the old one"


def test_an_edit_while_a_file_is_opened_is_asked_about(qtbot, tmp_path: Path, slow: None) -> None:
    file = tmp_path / "mine.playground"
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        save_project(Project(example("xor"), bench.session.capture().result(10).weights), file)
        window.projects.open(file)
        qtbot.waitUntil(lambda: seen(window), timeout=20_000)
        bench.edit("Rate", edits.set_training(bench.document, learning_rate=0.4))
        qtbot.waitUntil(lambda: window.findChild(Message, "unsaved_question") is not None, timeout=20_000)
        assert bench.document.data.name == "spiral"


def test_escape_belongs_to_the_focus_while_there_is_nothing_to_cancel(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        window.workbench.select(("dense1",))
        window.canvas.setFocus()
        qtbot.keyClick(window.canvas, Qt.Key.Key_Escape)
        assert window.workbench.selected == ()


def test_work_that_waits_in_line_is_canceled_before_it_begins(qtbot) -> None:
    jobs, go, ran, stopped = Jobs(), threading.Event(), [], []
    jobs.run(go.wait, lambda _: None, pytest.fail, Work("first"))
    second = Work("second", lambda: stopped.append(1))
    jobs.run(lambda: ran.append(1), ran.append, pytest.fail, second)
    assert [work.title for work in jobs.shown] == ["first", "second"]
    jobs.cancel_work(second)
    assert [work.title for work in jobs.shown] == ["first"]
    qtbot.waitUntil(lambda: bool(stopped))
    go.set()
    qtbot.waitUntil(lambda: not jobs.busy)
    assert ran == []
    jobs.close()


def test_a_save_under_way_is_finished_when_the_window_closes(qtbot, tmp_path: Path, slow: None) -> None:
    file = tmp_path / "mine.playground"
    with running_window(qtbot, "xor") as window:
        window.projects._write(file, None)
        qtbot.waitUntil(lambda: seen(window), timeout=20_000)
    assert load_project(file).weights
