"""What one undo step is: an edit of the document; other weights (a remedy, a fork, another branch, a new start, a rewind)."""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QUndoCommand

from playground.document.model import Document
from playground.engine.live import commands
from playground.engine.live.commands import Command
from playground.engine.live.snapshot import Snapshot

if TYPE_CHECKING:
    from playground.ui.workbench import Workbench

ANEW = commands.NewStart | commands.Rewind
"""What goes to step 0. A branch that was never trained is not kept then; its seed brings it back."""
MERGE_SECONDS = 1.0


class Replace(QUndoCommand):
    """The documents before and after. The worker keeps the weights of removed nodes and puts them back; other data are another run,
    and whoever goes back to the data that were there goes back to the run that was left."""

    _numbers = itertools.count(1)

    def __init__(self, workbench: Workbench, text: str, before: Document, after: Document, merge: str = "") -> None:
        super().__init__(text)
        self._workbench, self._before, self._after = workbench, before, after
        self._merge, self._time, self._number = merge, time.monotonic(), next(self._numbers)

    def id(self) -> int:
        return 1 if self._merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, Replace) or not self._goes_on(other._merge, other._time):
            return False
        self._after, self._time = other._after, other._time
        return True

    def taken_back_by(self, after: Document, merge: str) -> bool:
        """Whether an edit so soon after it makes the document what it was."""
        return after == self._before and bool(merge) and self._goes_on(merge, time.monotonic())

    def _goes_on(self, merge: str, now: float) -> bool:
        return merge == self._merge and now - self._time <= MERGE_SECONDS

    def redo(self) -> None:
        self._workbench.show_document(self._after, self._number)

    def undo(self) -> None:
        self._workbench.show_document(self._before, self._number, undone=True)


class Go(QUndoCommand):
    """``orders`` make other weights the present ones, with ``after`` as the window's document. Undone, the branch that was left comes
    back, with its weights and counters; nothing that was trained is lost either way."""

    def __init__(self, workbench: Workbench, text: str, orders: tuple[Command, ...], after: Document) -> None:
        super().__init__(text)
        self._workbench, self._orders = workbench, orders
        self._documents = workbench.own_document, after
        self._left = _place(workbench.snapshot)
        self._reached: tuple[int, int] | None = None
        self._looking = False

    def redo(self) -> None:
        bench, reached = self._workbench, self._reached
        if reached is not None and reached[0] in _numbers(bench.snapshot):
            bench.session.send(self._switch(reached))
        else:
            for order in self._orders:
                bench.session.send(order)
            self._learn(bench.snapshot.serial)
        bench.show_document(self._documents[1])

    def undo(self) -> None:
        bench = self._workbench
        fresh = self._looking  # so soon that no snapshot came: what was left a moment ago is there
        if fresh or self._left[0] in _numbers(bench.snapshot) or isinstance(self._orders[-1], ANEW):
            bench.session.send(self._switch(self._left))
        else:
            bench.notice.emit(QCoreApplication.translate("Branching", "The branch that was left there is not kept any more."))
        self._rest()
        bench.show_document(self._documents[0])

    def _switch(self, place: tuple[int, int]) -> Command:
        run, seed = place
        return commands.SwitchBranch(run, seed if isinstance(self._orders[-1], ANEW) else None)

    def _learn(self, serial: int) -> None:
        """Wait until a snapshot shows where the orders led."""
        self._rest()
        self._serial, self._looking = serial, True
        self._workbench.snapshot_changed.connect(self._look)

    def _look(self, snapshot: Snapshot) -> None:
        if snapshot.serial <= self._serial:
            return
        if _place(snapshot) != self._left:
            self._reached = _place(snapshot)
        if self._reached is not None or snapshot.phase == "failed":
            self._rest()

    def _rest(self) -> None:
        if self._looking:
            self._looking = False
            self._workbench.snapshot_changed.disconnect(self._look)


def _place(snapshot: Snapshot) -> tuple[int, int]:
    """Branch and seed: where a branch that was never trained is begun anew, its number stays."""
    return snapshot.run, snapshot.seed


def _numbers(snapshot: Snapshot) -> set[int]:
    """Of all branches that there are."""
    return {snapshot.run, *(run.run for run in snapshot.runs)}
