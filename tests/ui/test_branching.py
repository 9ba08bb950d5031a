"""What happens to branches is told: one more than are kept costs the oldest."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from playground.engine.live.snapshot import RunCurves, Snapshot
from playground.ui.branching import Branching
from playground.ui.workbench import Workbench
from tests.ui.canvas_support import NotingSession


def test_a_branch_that_is_given_up_is_named(qtbot) -> None:
    window, bench, said = QWidget(), Workbench(NotingSession()), list[str]()
    qtbot.addWidget(window)
    bench.setParent(window)
    bench.notice.connect(said.append)
    kept = Branching(bench, window)
    first = Snapshot(1, "paused", run=3, run_name="Run 3", runs=(RunCurves(1, "Run 1"), RunCurves(2, "Run 2")), project=1)
    for snapshot in (
        first,
        replace(first, run=4, run_name="Run 4", runs=(*first.runs, RunCurves(3, "Run 3"))),  # one more
        replace(first, runs=first.runs[1:]),  # deleted by hand
        replace(first, run=1, run_name="Run 1", runs=(), project=2),  # another project
    ):
        bench.snapshot_changed.emit(snapshot)
        assert not said
    bench.snapshot_changed.emit(first)
    bench.snapshot_changed.emit(replace(first, run=4, run_name="Run 4", runs=(first.runs[1], RunCurves(3, "Run 3"))))
    assert len(said) == 1
    assert said[0].startswith("Run 1: given up")
    assert kept.workbench is bench
