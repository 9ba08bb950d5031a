"""Plays the pass that the worker published, at the paces that show passes; its frame timer runs only while something moves.

Where the user steps by hand, :class:`~playground.ui.canvas.stepping.Stepping` says where to stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

from playground import turns
from playground.anim import stages
from playground.anim.clock import Grain, PassClock
from playground.anim.cursor import Cursor, Stage
from playground.engine.live import commands
from playground.engine.live.snapshot import Snapshot
from playground.ui.canvas.looking import Looking
from playground.ui.canvas.pulses import PulseItem
from playground.ui.canvas.readings import Readings
from playground.ui.canvas.scene import CanvasScene
from playground.ui.canvas.stepping import Stepping
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

FRAME_MILLISECONDS = 16
LONGEST_FRAME_SECONDS = 0.05
"""A pass goes on by no more than that from one frame to the next: on a machine that was busy it takes longer, and leaves no phase out."""
GLIDE_SECONDS = 0.5
"""How long a step by hand takes to its end state."""


class Player(QObject):
    """From a snapshot's trace to cursors, frame by frame; at the end of a pass it tells the worker."""

    moved = Signal(object)
    """The cursor, at each frame; ``None`` when nothing is shown any more."""

    def __init__(self, workbench: Workbench, scene: CanvasScene, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workbench, self._scene = workbench, scene
        self.pulses = PulseItem(scene)
        scene.addItem(self.pulses)
        self.readings = Readings(scene)
        scene.addItem(self.readings)
        self._snapshot: Snapshot | None = None
        self._shown = 0
        self._clock: PassClock | None = None
        self._elapsed = QElapsedTimer()
        self._timer = QTimer(self, interval=FRAME_MILLISECONDS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._frame)
        self._at = 0.0
        """Seconds of the pass that have been played."""
        self._glide: Cursor | None = None
        self._until: int | None = None
        """The stage at whose end the pass stands, where it is not to go on to its update."""
        self.looking = Looking(workbench, self)
        self.stepping = Stepping(workbench, self)
        self.stepping.moved.connect(self._stand)
        workbench.pace_changed.connect(self._pace_changed)
        workbench.started.connect(self._resume)
        workbench.halted.connect(self._halt)
        workbench.step_wanted.connect(self._step)
        workbench.document_changed.connect(lambda before, after: self.stop())

    @property
    def active(self) -> bool:
        """Whether a pass is playing."""
        return self._clock is not None

    def takes(self, snapshot: Snapshot) -> bool:
        """Whether ``snapshot`` brings a pass that is to be played."""
        if self.looking.awaits:
            return self.looking.fits(snapshot)
        if self._looks_again(snapshot):
            return True
        fresh = snapshot.trace is not None and snapshot.pass_serial not in (0, self._shown)
        return fresh and self._workbench.pace != "fast" and not self.active

    def play(self, snapshot: Snapshot) -> None:
        """Begin the snapshot's pass."""
        self._shown = snapshot.pass_serial
        if self.looking.awaits:
            self.looking.begin(snapshot)
        elif self.active:
            self._snapshot = snapshot
        else:
            self._start(snapshot, None)

    def _looks_again(self, snapshot: Snapshot) -> bool:
        """Whether ``snapshot`` brings other numbers of the pass that is played to be looked at: another sample, a weight set by hand."""
        if not self.active or not self._workbench.looking or self._snapshot is None or snapshot.trace is self._snapshot.trace:
            return False
        return snapshot.trace is not None and snapshot.passed is None and set(snapshot.trace.nodes) == set(self._there())

    def _there(self) -> Iterable[str]:
        return self._snapshot.trace.nodes if self._snapshot is not None and self._snapshot.trace is not None else ()

    @property
    def shown(self) -> tuple[Snapshot, Cursor] | None:
        """The pass on show, and where it stands or has come to."""
        if self._clock is not None:
            cursor: Cursor | None = self._clock.cursor(self._at)
        else:
            cursor = self.stepping.spot.cursor if self.stepping.spot is not None else None
        return (self._snapshot, cursor) if self._snapshot is not None and cursor is not None else None

    def play_to(self, snapshot: Snapshot, cursor: Cursor, until: int) -> None:
        """Play from ``cursor`` to the end of the stage ``until`` of its pass, and stand there: nothing is trained meanwhile."""
        self.stepping.release()
        self._shown = max(self._shown, snapshot.pass_serial)
        self._until = until
        self._workbench.show_pass(playing=True, looking=snapshot.passed is None)
        self._start(snapshot, cursor)

    def _start(self, snapshot: Snapshot, cursor: Cursor | None) -> None:
        """Play the snapshot's pass from ``cursor`` on, or from its beginning."""
        self._snapshot, self._glide = snapshot, None
        pace = self._workbench.pace_setting
        there = set(self._there())
        passed: Sequence[Stage] = cursor.stages if cursor is not None and self._until is not None else ()
        if not passed:
            passed = [stage for stage in stages.stages(self._workbench.document) if stage.node in there or stage.node in self._scene.cards]
        grain: Grain = "cell" if self._workbench.grain == "cell" else "node"
        self._clock = PassClock(passed, pace.name, pace.speed, grain, reduced=self._workbench.reduced_motion)
        self._at = 0.0 if cursor is None else self._clock.time(cursor)
        self._elapsed.start()
        self._timer.start()
        self._frame()

    def hold(self, at: str) -> None:
        """Stand still at the end of a stage (``"backward:dense2:3"``), for a picture. Raises PlaygroundError on an unknown one."""
        document = self._workbench.document
        cursor = stages.find(stages.stages(document), at, {id: node.title for id, node in document.nodes.items() if node.title})
        self._timer.stop()
        self._clock = self._glide = None
        self._snapshot = self._workbench.snapshot
        self._shown = self._snapshot.pass_serial  # it came while an earlier pass was moving: not to be played over this picture
        self._show(cursor)

    def _stand(self, snapshot: Snapshot, cursor: Cursor | None) -> None:
        """Show the place to which the user stepped; on the way on, its pulses travel there."""
        before, self._clock, self._until = self._scene.cursor_at, None, None
        self._timer.stop()
        self._snapshot = snapshot if cursor is not None else None
        self._shown = max(self._shown, snapshot.pass_serial)
        self._glide = None
        onward = cursor is not None and (before is None or _order(before) < _order(cursor) or cursor.index == 0)
        if cursor is None or not onward or self._workbench.reduced_motion:
            self._show(cursor)
            return
        self._glide = cursor
        self._elapsed.start()
        self._timer.start()
        self._frame()

    def _halt(self) -> None:
        """The user pauses: the pass stands where it has come to, and can be stepped through from there."""
        if self._until is not None and self._clock is not None:
            self._rest(self._clock.cursor(self._at))
            return
        if not self.active or self._clock is None or self._snapshot is None or self._workbench.pace != "explain":
            return
        cursor = self._clock.cursor(self._at)
        if cursor is not None and self.stepping.adopt(self._snapshot, cursor):
            self._workbench.session.send(commands.PassShown(self._snapshot.pass_serial))

    def _step(self, grain: str, by: int) -> None:
        """Step from where a pass that plays has come to, though nothing trains. Who steps by whole batches gives it up."""
        if grain not in ("batch", "epoch"):
            self._halt()
        if self.active:
            self._end()
        self.stepping.go(grain, by)

    def _resume(self) -> None:
        """The user lets the run go: a pass that plays or stands is first played to its end. Till then nothing is trained, else the
        panels would tell of the next one."""
        self._let_go()
        if self.active and self._snapshot is not None and self._snapshot.passed is not None:
            self._workbench.pass_to_end = self._snapshot.pass_serial

    def _let_go(self) -> None:
        if self._workbench.looking:
            self.stop()
        elif self._until is not None:  # the error was sent back in a recorded pass: it goes on to its update
            self._until = None
            self._workbench.show_pass()
        snapshot, cursor = self._snapshot, self.stepping.release()
        if cursor is None or snapshot is None:
            return
        if self._workbench.pace == "fast":
            self._show(None)
        else:
            self._start(snapshot, cursor)

    def stop(self) -> None:
        """Give the pass up: the worker may go on."""
        self.stepping.leave()
        if self._snapshot is not None:
            self._end()

    def _pace_changed(self, pace: str) -> None:
        if pace == "fast":
            self.stop()

    @turns.window
    def _frame(self) -> None:
        if self._glide is not None:
            share = min(self._elapsed.elapsed() / 1000 / GLIDE_SECONDS, 1.0)
            glide = self._glide
            if share >= 1.0:
                self._timer.stop()
                self._glide = None
            self._show(replace(glide, fraction=share))
            return
        if self._clock is None or self._snapshot is None:
            return
        self._at += min(self._elapsed.restart() / 1000, LONGEST_FRAME_SECONDS)
        if self._until is not None and self._at >= self._clock.start(self._until + 1):
            stage = self._clock.stages[self._until]
            cell = len(stage.cells) - 1 if self._workbench.grain == "cell" and len(stage.cells) else None
            self._rest(Cursor(self._until, stage, cell, 1.0, self._clock.stages))
            return
        if self._clock.over(self._at):
            self._end()
            return
        self._show(self._clock.cursor(self._at))

    def _rest(self, cursor: Cursor | None) -> None:
        """Stand at ``cursor`` of the pass that was played without training."""
        snapshot = self._snapshot
        if cursor is None or snapshot is None:
            self._end()
        elif snapshot.passed is None:
            self.stepping.look(snapshot, cursor)
        else:
            self.stepping.adopt(snapshot, cursor)

    def _show(self, cursor: Cursor | None) -> None:
        if cursor is not None and cursor.stage.node not in self._scene.cards:
            cursor = None
        self._scene.set_cursor(cursor)
        trace = self._snapshot.trace if self._snapshot is not None else None
        self.pulses.show_pass(trace, cursor)
        self.readings.by_steps = self._workbench.grain != "cell"
        self.readings.show_pass(trace if self._workbench.pace == "explain" else None, cursor)
        self.moved.emit(cursor)

    def _end(self) -> None:
        self._timer.stop()
        self._clock = self._glide = self._until = None
        self._workbench.show_pass()
        self._show(None)
        if self._snapshot is not None:
            serial, self._snapshot = self._snapshot.pass_serial, None
            self._workbench.session.send(commands.PassShown(serial))

    def set_theme(self, theme: Theme) -> None:
        for item in (self.pulses, self.readings):
            item.theme = theme
            item.update()


def _order(cursor: Cursor) -> tuple[int, int]:
    return cursor.index, len(cursor.stage.cells) if cursor.cell is None else cursor.cell
