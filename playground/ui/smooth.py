"""What keeps the window smooth beside a worker thread in the same interpreter: the lock's hand-over and the garbage collector."""

from __future__ import annotations

import gc
import sys

from playground.engine.live.snapshot import Snapshot
from playground.ui.workbench import Workbench

SWITCH_SECONDS = 0.0001
"""How long the worker may keep the interpreter once the window asks for it. Painting lets go of it at every call into Qt: a frame
of 10 ms beside a worker that imports or plans took 80 ms with Python's own 5 ms, 60 with half a millisecond, and takes 16 with this."""
COLLECTION = (2_000, 10, 50)
"""Python's own (700, 10, 10) went through all objects of the imported compiler again and again, 55-70 ms a time (measured)."""


def make_smooth(workbench: Workbench) -> None:
    """Set up the interpreter for a window; once the engine is there, its modules are left out of every collection."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.set_threshold(*COLLECTION)
    gc.freeze()

    def settled(snapshot: Snapshot) -> None:
        if snapshot.instruction_set:  # the engine is imported and has planned something
            workbench.snapshot_changed.disconnect(settled)
            gc.freeze()

    workbench.snapshot_changed.connect(settled)
