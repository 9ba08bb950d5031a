"""What keeps the window smooth beside a worker thread in the same interpreter: the lock's hand-over, the garbage collector, memory."""

from __future__ import annotations

import gc
import sys

from PySide6.QtCore import QObject, QTimer

from playground import memory, turns
from playground.engine.live.snapshot import Snapshot
from playground.ui import aside
from playground.ui.workbench import Workbench

SWITCH_SECONDS = 0.00002
"""How long the worker may keep the interpreter once the window asks for it. Painting lets go of it at every call into Qt: a frame
of 10 ms beside a worker that imports or plans took 80 ms with Python's own 5 ms, 60 with half a millisecond, 16 with a tenth; 750 short
calls waited 133 ms in all with that, and 42 with this and ``turns.step_forward`` (measured)."""
COLLECTION = (1_000, 5, 50)
"""Python's own (700, 10, 10) went through all objects of the imported compiler again and again, 55-70 ms a time (measured)."""


LOOK_MILLISECONDS = 25
REST_MILLISECONDS = 10_000
LEAST = 256 * 2**20
"""Bytes worth giving back."""


class Collector(QObject):
    """Collects garbage on the window's thread alone, between two turns of its loop.

    Python collects on whichever thread makes the object too many. A Qt object in a ring of references that the worker's thread so deletes,
    a timer for one, brings the program down.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()  # it goes on counting
        timer = QTimer(self, interval=LOOK_MILLISECONDS)
        timer.timeout.connect(self._look)
        timer.start()

    def _look(self) -> None:
        over = [generation for generation, (count, most) in enumerate(zip(gc.get_count(), COLLECTION, strict=True)) if count > most]
        if over:
            gc.collect(over[-1])


class Returns(QObject):
    """Gives memory back once nothing has happened for a while."""

    def __init__(self, workbench: Workbench) -> None:
        super().__init__(workbench)
        self._timer = QTimer(self, interval=REST_MILLISECONDS, singleShot=True)
        self._timer.timeout.connect(self._rested)
        workbench.snapshot_changed.connect(lambda _: self._timer.start())

    def _rested(self) -> None:
        if memory.freed() >= LEAST:
            aside.run(self, memory.give_back, lambda _: None)


def make_smooth(workbench: Workbench) -> None:
    """Set up the interpreter for a window; once the engine is there, its modules are left out of every collection."""
    sys.setswitchinterval(SWITCH_SECONDS)
    turns.step_forward()
    Collector(workbench)
    Returns(workbench)
    gc.freeze()

    def settled(snapshot: Snapshot) -> None:
        if snapshot.instruction_set:  # the engine is imported and has planned something
            workbench.snapshot_changed.disconnect(settled)
            gc.freeze()

    workbench.snapshot_changed.connect(settled)
