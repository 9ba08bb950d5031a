"""Stepping by hand: the cursor goes through recorded passes by cell, node, sample and batch, on and back."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QObject, Signal

from playground.anim import stages
from playground.anim.cursor import Cursor
from playground.anim.walk import Spot, Walk
from playground.engine.live import commands
from playground.engine.live.snapshot import Passed, Snapshot
from playground.engine.trace import Trace
from playground.ui.canvas.looking import looked_at
from playground.ui.workbench import Workbench

MOST_WAITING = 64
LAST = -1
STUCK = ("empty", "unready", "failed")
PATIENCE = 1.0
"""Seconds after which a worker at rest is not going to answer any more: what was asked for is gone (rewound, a jump in time)."""


@dataclass(frozen=True, slots=True)
class _Awaited:
    """What the worker was asked for, and where to stand when it comes."""

    fits: Callable[[Passed], bool]
    land: Callable[[Passed], Spot | None]
    since: float = field(default_factory=time.monotonic)


class Stepping(QObject):
    """Where the user stands by hand: ``spot`` in the recorded ``step``, or nowhere (``spot`` is ``None``).

    Nothing is computed here: the worker has run the step, this only decides what of it is shown. ``moved`` tells the snapshot and
    the cursor to show; with ``None`` the pass is left.
    """

    moved = Signal(object, object)

    def __init__(self, workbench: Workbench, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench = workbench
        self.spot: Spot | None = None
        self._passed: Passed | None = None
        self._awaited: _Awaited | None = None
        self._waiting: deque[tuple[str, int]] = deque()
        self._trace: Trace | None = None
        """Of the pass that is only looked at: the worker may bring another one, after an edit of a weight."""
        workbench.document_changed.connect(lambda before, after: self.leave())

    @property
    def held(self) -> bool:
        """Whether a pass stands on show."""
        return self.spot is not None

    @property
    def busy(self) -> bool:
        """Whether a pass stands on show, or is on its way from the worker."""
        return self.spot is not None or self._awaited is not None

    def adopt(self, snapshot: Snapshot, cursor: Cursor) -> bool:
        """Stand where a pass that was playing has come to; ``False`` where it is not a recorded one.

        The worker may be a step ahead of what was playing: it is asked for that pass again.
        """
        passed = snapshot.passed
        if passed is None:
            return False
        spot = Spot(passed.position, cursor)
        self._stand(snapshot, passed, spot)
        self._replay(passed.step, passed.position, lambda _: spot)
        return True

    def look(self, snapshot: Snapshot, cursor: Cursor) -> None:
        """Stand in the pass of the followed sample that ``snapshot`` shows, of which nothing is recorded: it trains nothing."""
        index = snapshot.trace.index if snapshot.trace is not None else 0
        self._trace = snapshot.trace
        self._stand(snapshot, Passed(snapshot.step, 0, (index,), snapshot.step, snapshot.step), Spot(0, cursor))

    def go(self, grain: str, by: int) -> None:
        """One ``grain`` on (``by`` 1) or back (-1). What is asked for faster than the worker answers is done in turn."""
        if self._trace is not None:
            if grain not in ("batch", "epoch"):
                self._look_on(grain, by)
                return
            self.leave()
        if self._awaited is not None and not self._forsaken():
            if len(self._waiting) < MOST_WAITING:
                self._waiting.append((grain, by))
            return
        if grain == "epoch":
            self._epoch(by)
        elif by > 0:
            self._on(grain)
        else:
            self._back(grain)

    def leave(self) -> None:
        """Go back to the present weights."""
        self._awaited = None
        self._waiting.clear()
        if self.spot is not None:
            self._forget()
            self.moved.emit(self._workbench.snapshot, None)
            self._workbench.follow_again()

    def release(self) -> Cursor | None:
        """Hand the cursor over to whoever plays the pass on."""
        spot = self.spot
        self._forget()
        return spot.cursor if spot is not None else None

    def take(self, snapshot: Snapshot) -> None:
        """Follow the worker: what was asked for has come, or what is shown is no more."""
        passed = snapshot.passed
        if self._trace is not None:
            self._look_again(snapshot)
        elif self._awaited is not None:
            if snapshot.phase in STUCK:
                self.leave()
            elif passed is not None and snapshot.phase != "training" and self._awaited.fits(passed):
                awaited, self._awaited = self._awaited, None
                spot = awaited.land(passed)
                if spot is not None:
                    self._stand(snapshot, passed, spot)
                while self._waiting and self._awaited is None:
                    self.go(*self._waiting.popleft())
        elif self.spot is not None and (passed is None or self._passed is None or _key(passed) != _key(self._passed)):
            self.leave()

    # -- inner parts
    def _forsaken(self) -> bool:
        """Whether an answer is not to be expected any more; then nothing is waited for."""
        assert self._awaited is not None
        resting = self._workbench.snapshot.phase not in ("training", "preparing")
        if not resting or time.monotonic() - self._awaited.since < PATIENCE:
            return False
        self._awaited = None
        self._waiting.clear()
        return True

    def _epoch(self, by: int) -> None:
        if by < 0:
            self._workbench.notice.emit(self.tr("An epoch back: drag the timeline, it keeps earlier moments."))
            return
        self.leave()
        self._workbench.session.send(commands.Step("epoch"))

    def _on(self, grain: str) -> None:
        if self.spot is None or self._passed is None:
            if grain == "batch":  # nobody looks into the pass: the present weights are shown
                self._workbench.session.send(commands.Step("batch"))
            else:
                self._next_step(grain)
            return
        there = self._walk(self._passed).on(self.spot, grain)
        if there is not None:
            self._show(self._passed, there)
        elif self._passed.step < self._passed.last:
            self._replay(self._passed.step + 1, 0, lambda passed: self._walk(passed).start(grain))
        elif self._passed.step > self._workbench.snapshot.step:
            self._workbench.notice.emit(self.tr("This step was refused: its numbers left the range. Go back, or lower the learning rate."))
        else:
            self._next_step(grain)

    def _back(self, grain: str) -> None:
        if self.spot is None or self._passed is None:
            passed = self._workbench.snapshot.passed
            if passed is None:
                self._workbench.notice.emit(self.tr("There is no step to go back into: step on first, or drag the timeline."))
            else:
                self._to_end(passed.last, grain)
            return
        there = self._walk(self._passed).back(self.spot, grain)
        if there is not None:
            self._show(self._passed, there)
        elif self._passed.step > self._passed.first:
            self._to_end(self._passed.step - 1, grain)
        else:
            self._workbench.notice.emit(self.tr("This is the first step that was recorded."))

    def _next_step(self, grain: str) -> None:
        before = max(self._workbench.snapshot.step, self._passed.last if self._passed is not None else 0)
        self._awaited = _Awaited(
            lambda passed: passed.step > before and passed.position == 0, lambda passed: self._walk(passed).start(grain)
        )
        self._workbench.session.send(commands.Step("batch", position=0))

    def _replay(self, step: int, position: int, land: Callable[[Passed], Spot | None]) -> None:
        self._awaited = _Awaited(lambda passed: (passed.step, passed.position) == (step, position), land)
        self._workbench.session.send(commands.Replay(step, position))

    def _to_end(self, step: int, grain: str) -> None:
        """The end of ``step``: of the pass of its batch's last sample."""
        self._awaited = _Awaited(
            lambda passed: passed.step == step and passed.position == len(passed.batch) - 1, lambda passed: self._walk(passed).end(grain)
        )
        self._workbench.session.send(commands.Replay(step, LAST))

    def _show(self, passed: Passed, spot: Spot) -> None:
        """Stand at ``spot`` of the same step; another sample's pass has to come from the worker first."""
        if spot.position != passed.position:
            self._replay(passed.step, spot.position, lambda _: spot)
        else:
            self._stand(self._workbench.snapshot, passed, spot)

    def _stand(self, snapshot: Snapshot, passed: Passed, spot: Spot) -> None:
        self.spot, self._passed = spot, passed
        self._workbench.show_pass(held=True, looking=self._trace is not None)
        self.moved.emit(snapshot, spot.cursor)

    def _forget(self) -> None:
        self.spot = self._passed = self._trace = None
        self._workbench.show_pass()

    # -- a pass that is only looked at
    def _look_on(self, grain: str, by: int) -> None:
        if self.spot is None or self._passed is None:
            return
        walk = Walk(self.spot.cursor.stages, 1)
        there = walk.on(self.spot, grain) if by > 0 else walk.back(self.spot, grain)
        if there is not None:
            self._stand(self._workbench.snapshot, self._passed, there)
        elif by > 0:
            self._workbench.notice.emit(
                self.tr("The sample's pass ends here: looking at it changes no weight. Esc leaves it, Space trains.")
            )
        else:
            self._workbench.notice.emit(self.tr("This is where the sample's pass begins."))

    def _look_again(self, snapshot: Snapshot) -> None:
        """The same place in what the worker shows now: another sample's pass, or that of other weights."""
        if self.spot is None or self._passed is None or snapshot.trace is self._trace:
            return
        there = looked_at(self._workbench.document, snapshot.trace) if snapshot.trace is not None else ()
        if snapshot.passed is not None or snapshot.phase in ("training", *STUCK) or self.spot.cursor.stage not in there:
            self.leave()
            return
        self._trace = snapshot.trace
        index = there.index(self.spot.cursor.stage)
        self._stand(snapshot, self._passed, Spot(0, replace(self.spot.cursor, index=index, stages=there)))

    def _walk(self, passed: Passed) -> Walk:
        trace = self._workbench.snapshot.trace
        there = trace.nodes if trace is not None else {}
        return Walk([stage for stage in stages.stages(self._workbench.document) if stage.node in there], len(passed.batch))


def _key(passed: Passed) -> tuple[int, int]:
    return passed.step, passed.position
