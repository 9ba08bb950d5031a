"""Work on the window's own thread that would take long, in slices between which the window answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator

from PySide6.QtCore import QObject, QTimer, Signal

from playground import turns

SLICE_SECONDS = 0.008


class Slices(QObject):
    """Runs one generator at a time; what it yields, the share that is done, is told after each slice but the last."""

    progressed = Signal(float)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._steps: Generator[float, None, str] | None = None
        self._then: Callable[[str], object] = lambda _: None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._slice)

    @property
    def running(self) -> bool:
        return self._steps is not None

    def run(self, steps: Generator[float, None, str], then: Callable[[str], object]) -> None:
        """Begin, in place of what runs; ``then`` is called with what ``steps`` returns. What is short is done before this returns."""
        self._steps, self._then = steps, then
        self._timer.start(0)
        self._slice()

    def end(self) -> None:
        """Break off; nothing is told."""
        self._timer.stop()
        self._steps = None

    @turns.window
    def _slice(self) -> None:
        end = time.perf_counter() + SLICE_SECONDS
        share = 0.0
        while self._steps is not None:
            try:
                share = next(self._steps)
            except StopIteration as stop:
                self.end()
                self._then(stop.value)
                return
            if time.perf_counter() > end:
                self.progressed.emit(share)
                return
