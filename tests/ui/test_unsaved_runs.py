"""What was trained is asked about though the run stands at step 0 again; a document's own file takes no weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog

from playground.document import edits, example, load, save
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture
from tests.ui.test_projects import train

pytestmark = pytest.mark.usefixtures("state")


def test_a_run_that_was_rewound_is_unsaved_until_it_is_saved(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "rewound.playground"
    with running_window(qtbot, "xor") as window:
        bench, projects = window.workbench, window.projects
        train(qtbot, window)
        bench.rewind()
        qtbot.waitUntil(lambda: bench.snapshot.step == 0 and bool(bench.snapshot.runs), timeout=10_000)
        assert projects.unsaved()
        with qtbot.waitSignal(projects.saved, timeout=10_000):
            projects._write(file, None)
        assert not projects.unsaved()
    with running_window(qtbot) as window:
        bench, projects = window.workbench, window.projects
        with qtbot.waitSignal(projects.opened, timeout=10_000):
            projects.open(file)
        qtbot.waitUntil(lambda: bool(bench.snapshot.runs), timeout=60_000)
        qtbot.waitUntil(lambda: not projects.unsaved(), timeout=5_000)
        train(qtbot, window)
        bench.rewind()
        qtbot.waitUntil(lambda: bench.snapshot.step == 0 and len(bench.snapshot.runs) > 1, timeout=10_000)
        assert projects.unsaved()


def test_weights_that_came_back_with_an_edit_are_unsaved(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        train(qtbot, window)
        bench.edit("other data", edits.set_data(bench.document, "circle"))
        qtbot.waitUntil(lambda: bench.snapshot.step == 0 and bench.snapshot.phase == "ready", timeout=30_000)
        bench.undo_stack.undo()
        qtbot.waitUntil(lambda: bench.snapshot.phase in ("ready", "paused") and bench.document.data.name == "spiral", timeout=30_000)
        assert window.projects.unsaved()


def test_undo_of_a_choice_of_data_is_back_in_the_run_that_was_left_and_redo_in_the_other(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        train(qtbot, window)
        bench.edit("scrub", edits.set_data(bench.document, "circle"), merge="data")
        bench.edit("scrub", edits.set_data(bench.document, "xor"), merge="data")
        steps = {bench.snapshot.run: bench.snapshot.step}
        left = bench.snapshot.run
        qtbot.waitUntil(lambda: bench.snapshot.run != left and bench.snapshot.step == 0, timeout=30_000)
        train(qtbot, window)
        steps[bench.snapshot.run] = bench.snapshot.step
        for act, data, run in ((bench.undo_stack.undo, "spiral", left), (bench.undo_stack.redo, "xor", bench.snapshot.run)):
            act()
            qtbot.waitUntil(lambda run=run: bench.snapshot.run == run and bench.snapshot.phase == "paused", timeout=30_000)
            assert (bench.document.data.name, bench.snapshot.step) == (data, steps[run])
            assert len(bench.snapshot.curves["loss/train"].steps)


def test_data_changed_there_and_back_within_a_moment_leave_the_run_and_no_step_to_undo(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        train(qtbot, window)
        before, run, step = bench.document, bench.snapshot.run, bench.snapshot.step
        left = bench.session.capture().result(30).weights
        bench.edit("scrub", edits.set_data(before, "spiral", noise=0.1), merge="noise")
        bench.edit("scrub", before, merge="noise")
        assert not bench.undo_stack.count()
        weights = bench.session.capture().result(30).weights
        assert bench.document == before
        qtbot.waitUntil(lambda: (bench.snapshot.run, bench.snapshot.step) == (run, step), timeout=30_000)
        assert all(np.array_equal(weights[key], there) for key, there in left.items())


def test_a_documents_own_file_is_not_replaced_by_a_project(qtbot, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    save(example("xor"), file)
    before = file.read_bytes()
    with running_window(qtbot) as window:
        with qtbot.waitSignal(window.projects.opened, timeout=10_000):
            window.projects.open(file)
        window.projects.save()
        qtbot.waitUntil(lambda: window.findChild(QFileDialog) is not None, timeout=5000)
        dialog = window.findChild(QFileDialog)
        assert dialog.selectedFiles()[0].endswith("mine.playground")
        dialog.reject()
    assert file.read_bytes() == before
    assert load(file).nodes.keys() == example("xor").nodes.keys()
