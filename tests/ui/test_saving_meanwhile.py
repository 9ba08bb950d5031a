"""What is done while a file is written or read: nothing of it is lost, and no file gets what is not its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog

from playground.document import Project, edits, example, load_project, save_project
from playground.engine.state import State
from playground.ui import autosave, projects
from playground.ui.window import Window
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture
from tests.ui.test_projects import press, train

pytestmark = pytest.mark.usefixtures("state")


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Open at first; while it is closed, the window's saves wait at the disk."""
    write, gate = save_project, threading.Event()
    gate.set()

    def slowly(*given: object) -> None:
        gate.wait(20)
        write(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(projects, "save_project", slowly)
    yield gate
    gate.set()


def save_as(qtbot, window: Window, file: Path) -> None:
    with qtbot.waitSignal(window.projects.saved, timeout=10_000):
        window.projects._write(file, None)


def set_units(window: Window, units: int) -> None:
    bench = window.workbench
    bench.edit("Units", edits.set_field(bench.document, "dense1", "units", units))


def units(file: Path) -> object:
    return load_project(file).document.nodes["dense1"].fields["units"]


def asked(window: Window, name: str = "unsaved_question") -> bool:
    return any(box.isVisible() for box in window.findChildren(QDialog, name))


def test_a_save_that_ends_when_another_document_is_open_leaves_that_alone(qtbot, tmp_path: Path, gate: threading.Event) -> None:
    file = tmp_path / "a.playground"
    with running_window(qtbot, "spiral") as window:
        opened = window.projects
        save_as(qtbot, window, file)
        set_units(window, 7)
        gate.clear()
        opened.save()
        opened.open_example("xor")
        press(qtbot, window, "unsaved_question", "question_discard")
        assert window.workbench.document.data.name == "xor"
        gate.set()
        qtbot.waitUntil(lambda: not opened.jobs.busy, timeout=20_000)
        assert units(file) == 7, "it was asked for"
        assert opened.path is None
        assert not opened.unsaved()
        opened.save()
        qtbot.waitUntil(lambda: asked(window, "save_dialog"))
        assert load_project(file).document.data.name == "spiral"


def test_what_is_asked_of_a_save_is_about_its_own_document(qtbot, tmp_path: Path, gate: threading.Event) -> None:
    file = tmp_path / "a.playground"
    with running_window(qtbot, "spiral") as window:
        opened = window.projects
        save_as(qtbot, window, file)
        set_units(window, 7)
        save_project(Project(example("or")), file)
        blocked = threading.Event()
        opened.jobs.run(lambda: blocked.wait(20), lambda _: None, lambda _: None)
        opened.save()
        opened.open_example("xor")
        press(qtbot, window, "unsaved_question", "question_discard")
        blocked.set()
        press(qtbot, window, "changed_question", "changed_replace")
        qtbot.waitUntil(lambda: not opened.jobs.busy, timeout=20_000)
        assert units(file) == 7
        assert opened.path is None


@pytest.mark.parametrize("way", ["new", "close"])
def test_what_is_done_while_it_is_saved_is_asked_about_again(qtbot, tmp_path: Path, gate: threading.Event, way: str) -> None:
    file = tmp_path / "a.playground"
    with running_window(qtbot, "spiral") as window:
        save_as(qtbot, window, file)
        set_units(window, 6)
        gate.clear()
        window.close() if way == "close" else window.projects.new()
        press(qtbot, window, "unsaved_question", "question_save")
        qtbot.waitUntil(lambda: window.projects.jobs.writing)
        qtbot.waitUntil(lambda: not asked(window))
        set_units(window, 7)
        gate.set()
        qtbot.waitUntil(lambda: asked(window), timeout=20_000)
        assert units(file) == 6
        assert window.isVisible()
        press(qtbot, window, "unsaved_question", "question_save")
        qtbot.waitUntil(lambda: not window.workbench.document.nodes or not window.isVisible(), timeout=20_000)
        assert units(file) == 7


def test_a_run_that_goes_on_is_paused_for_the_save_and_asked_about_once(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "a.playground"
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        save_as(qtbot, window, file)
        bench.train()
        qtbot.waitUntil(lambda: bench.snapshot.step > 20, timeout=60_000)
        window.close()
        press(qtbot, window, "unsaved_question", "question_save")
        qtbot.waitUntil(lambda: not window.isVisible(), timeout=20_000)
        assert load_project(file).counters["step"] == bench.snapshot.step


def test_the_window_closes_once_the_file_is_written_which_waits_for_the_engine(qtbot, tmp_path: Path, monkeypatch) -> None:
    file = tmp_path / "a.playground"
    with running_window(qtbot, "xor") as window:
        session, waiting = window.workbench.session, []
        real = session.capture

        def late() -> Future[State]:
            waiting.append(Future())
            return waiting[-1]

        captured: State = real().result(10)
        monkeypatch.setattr(session, "capture", late)
        for ends in ("canceled", "failed", "written"):
            window.projects._write(file, None)
            window.close()
            window.close()
            qtbot.wait(60)
            assert window.isVisible()
            if ends == "canceled":
                window.status.cancel.click()
            elif ends == "failed":
                waiting[-1].set_exception(OSError("no"))
            else:
                waiting[-1].set_result(captured)
                qtbot.waitUntil(lambda: not window.isVisible(), timeout=20_000)
                assert load_project(file).document.data.name == "xor"
                return
            qtbot.waitUntil(lambda: not window.projects.jobs.busy)
            qtbot.wait(60)
            assert window.isVisible()
            assert not file.exists()
            assert asked(window, "error_dialog") == (ends == "failed")


def test_what_is_done_while_a_kept_one_is_read_is_asked_about(qtbot, monkeypatch) -> None:
    place, blocked = autosave.Place(), threading.Event()
    place.write(Project(example("spiral")), "kept", None)
    place._lock.close()  # as a kill does

    def slowly(*given: object) -> Project:
        blocked.wait(20)
        return load_project(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(autosave, "load_project", slowly)
    with running_window(qtbot, "xor") as window:
        window.projects.offer_recovery()
        press(qtbot, window, "recovery_question", "recover")
        set_units(window, 9)
        blocked.set()
        press(qtbot, window, "unsaved_question", "question_cancel")
        assert window.workbench.document.nodes["dense1"].fields["units"] == 9
        assert autosave.left_behind(), "it is offered again"


def test_a_file_that_is_newer_than_what_was_kept_is_not_replaced_without_a_question(qtbot, tmp_path: Path) -> None:
    """The autosave's note says as what its window knew the file."""
    file = tmp_path / "a.playground"
    with running_window(qtbot, "spiral") as window:
        save_as(qtbot, window, file)
        set_units(window, 3)
        window.projects.autosave()
        qtbot.waitUntil(lambda: bool(list(autosave.folder().glob("*.json"))), timeout=10_000)
        (note,) = autosave.folder().glob("*.json")
        stamp = json.loads(note.read_text())["stamp"]
    place = autosave.Place()
    place.write(Project(edits.set_field(example("spiral"), "dense1", "units", 3)), "a", file, tuple(stamp))
    place._lock.close()  # as a kill does
    save_project(Project(edits.set_field(example("spiral"), "dense1", "units", 5)), file)
    with running_window(qtbot) as window:
        window.projects.offer_recovery()
        press(qtbot, window, "recovery_question", "recover")
        qtbot.waitUntil(lambda: window.projects.path == file)
        train(qtbot, window, 2)
        window.projects.save()
        press(qtbot, window, "changed_question", "changed_cancel")
        assert units(file) == 5


def test_what_is_left_of_a_file_is_found_by_any_spelling_of_its_path(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "there")
    file = tmp_path / "there" / "a.playground"
    save_project(Project(example("and")), file)
    monkeypatch.chdir(tmp_path / "here")
    spellings = (file, Path("../there/a.playground"), tmp_path / "link" / "a.playground")
    for written in spellings:
        place = autosave.Place()
        place.write(Project(example("xor")), "a", written)
        place._lock.close()  # as a kill does
        for opened in spellings:
            (left,) = autosave.left_behind(opened)
        autosave.forget(left)
