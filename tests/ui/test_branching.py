"""What happens to branches is told: one more than are kept costs one."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from playground.engine.live.snapshot import RunCurves, Snapshot
from playground.engine.timeline.history import RUNS
from playground.ui.branching import Branching
from playground.ui.workbench import Workbench
from tests.ui.canvas_support import NotingSession


def at(present: int, *others: int, project: int = 1) -> Snapshot:
    runs = tuple(RunCurves(run, f"Run {run}") for run in others)
    return Snapshot(1, "paused", run=present, run_name=f"Run {present}", runs=runs, project=project)


FULL = tuple(range(1, RUNS + 1))


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        (at(RUNS + 1, *FULL), at(RUNS + 2, *FULL[1:], RUNS + 1), "Run 1: given up"),
        (at(RUNS, *FULL[:-1]), at(RUNS + 1, *FULL), ""),  # one more
        (at(RUNS + 1, *FULL), at(RUNS + 1, *FULL[1:]), ""),  # deleted by hand
        (at(RUNS + 1, *FULL), at(RUNS + 2, *FULL), ""),  # the present one was not worth keeping
        (at(RUNS + 1, *FULL), at(1, project=2), ""),  # another project
        (Snapshot(0, "empty"), at(1, project=0), ""),
        (at(1), at(2), ""),  # a new start before any step
    ],
)
def test_a_branch_that_is_given_up_is_named(qtbot, before: Snapshot, after: Snapshot, named: str) -> None:
    window, bench, said = QWidget(), Workbench(NotingSession()), list[str]()
    qtbot.addWidget(window)
    bench.setParent(window)
    bench.notice.connect(said.append)
    kept = Branching(bench, window)
    for snapshot in (before, after):
        bench.snapshot_changed.emit(snapshot)
    assert [words[: len(named)] for words in said] == ([named] if named else [])
    assert kept.workbench is bench
