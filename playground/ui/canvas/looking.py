"""A look at the shown sample: its pass forward, its loss and its error sent back, with the weights as they are. Nothing is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from playground.anim import stages
from playground.anim.cursor import Cursor, Phase, Stage
from playground.document import Document
from playground.engine.live import commands
from playground.engine.live.snapshot import Snapshot
from playground.engine.trace import Trace
from playground.ui.wording import declared
from playground.ui.workbench import Workbench

if TYPE_CHECKING:
    from playground.ui.canvas.player import Player

AT_WORK = ("training", "preparing", "empty", "unready", "failed")


def looked_at(document: Document, trace: Trace) -> tuple[Stage, ...]:
    """The stages of a pass that is only looked at: those whose numbers ``trace`` has, and no update. A picture of the user's own
    without its class has neither loss nor gradients."""
    return tuple(stage for stage in stages.stages(document) if _has(trace, stage))


def _has(trace: Trace, stage: Stage) -> bool:
    traced = trace.nodes.get(stage.node)
    if traced is None or stage.phase == "update":
        return False
    if stage.phase == "forward":
        return True
    return trace.loss is not None and (stage.phase == "loss" or bool(traced.gradients))


class Looking(QObject):
    """Does what :meth:`Workbench.look` asks for. The player plays the pass, stepping stands in it afterwards."""

    def __init__(self, workbench: Workbench, player: Player) -> None:
        super().__init__(player)
        self._workbench, self._player = workbench, player
        self._awaited: Phase | None = None
        """Where the pass is to begin, while the sample's trace is still to come from the worker."""
        workbench.look_wanted.connect(self._want)
        workbench.started.connect(self.forget)
        workbench.step_wanted.connect(lambda *_: self.forget())
        workbench.leave_wanted.connect(self.forget)
        workbench.document_changed.connect(lambda *_: self.forget())

    @property
    def awaits(self) -> bool:
        return self._awaited is not None

    def forget(self) -> None:
        """What was asked for is not wanted any more."""
        self._awaited = None

    def fits(self, snapshot: Snapshot) -> bool:
        """Whether ``snapshot`` shows the sample that is waited for."""
        return self.awaits and snapshot.trace is not None and snapshot.passed is None and snapshot.phase not in AT_WORK

    def begin(self, snapshot: Snapshot) -> None:
        """Play the pass of the sample that ``snapshot`` shows, from the phase that is waited for."""
        phase, self._awaited = self._awaited, None
        if phase is None or snapshot.trace is None:
            return
        self._workbench.session.send(commands.PassShown(snapshot.pass_serial))  # one that was on its way is not going to be shown
        there = looked_at(self._workbench.document, snapshot.trace)
        cursor = first(there, phase)
        if cursor is None:
            self._workbench.notice.emit(self._nothing_back(snapshot.trace))
            return
        self._player.play_to(snapshot, cursor, len(there) - 1)

    def _want(self, phase: Phase) -> None:
        self.forget()
        if phase == "backward" and (shown := self._player.shown) is not None:
            self._send_back(*shown)
            return
        snapshot = self._workbench.snapshot
        if snapshot.phase == "failed":
            self._workbench.notice.emit(declared(snapshot.message))
            return
        if snapshot.passed is not None and snapshot.trace is not None:  # of the last step's batch: that one is on the cards
            self._workbench.follow(snapshot.trace.split, snapshot.trace.index)
        self._player.stop()
        self._awaited = phase
        if self.fits(self._workbench.snapshot):
            self.begin(self._workbench.snapshot)
        else:
            self._workbench.follow_again()

    def _send_back(self, snapshot: Snapshot, shown: Cursor) -> None:
        """The backward phase of the pass on show."""
        cursor = first(shown.stages, "backward")
        if cursor is None or snapshot.trace is None:
            self._workbench.notice.emit(self._nothing_back(snapshot.trace))
            return
        last = max(index for index, stage in enumerate(shown.stages) if stage.phase == "backward")
        self._player.play_to(snapshot, cursor, last)

    def _nothing_back(self, trace: Trace | None) -> str:
        if trace is not None and trace.loss is None:
            return self.tr("No error to send back: say which class this is, and it has one.")
        return self.tr("No error to send back: between Input and Output there is no layer.")


def first(passed: tuple[Stage, ...], phase: Phase) -> Cursor | None:
    """The beginning of ``phase``; ``None`` where the pass has none."""
    for index, stage in enumerate(passed):
        if stage.phase == phase:
            return Cursor(index, stage, None, 0.0, passed)
    return None
