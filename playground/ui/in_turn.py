"""Views are drawn one after another, each in a turn of the event loop of its own, so that between two of them the window answers.

Qt draws all that asked since its last turn at once. A network unrolled in time, its curves, errors, timeline and words take 10 ms each
and hold the window for 60 together, though none of them must be on screen in the same frame as another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid


class Queue(QObject):
    """Who waits for a turn: one that asks again while it waits keeps its place."""

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self._waiting: dict[QObject, Callable[[], bool]] = {}
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self.next)

    def ask(self, who: QObject, do: Callable[[], bool]) -> None:
        """Have ``do`` called in a turn to come, unless ``who`` is gone by then. It says whether it made work; if not, the next one follows
        at once."""
        self._waiting[who] = do
        if not self._timer.isActive():
            self._timer.start()

    def next(self) -> None:
        """Let the first one that has work do it."""
        while self._waiting:
            who = next(iter(self._waiting))
            do = self._waiting.pop(who)
            if isValid(who) and do():
                return
        self._timer.stop()


_queue: list[Queue] = []


def queue() -> Queue:
    """The application's own."""
    if not _queue or not isValid(_queue[0]):
        _queue[:] = [Queue(QCoreApplication.instance())]
    return _queue[0]


class InTurn:
    """A view whose own wish to be drawn anew (``update``) waits for a turn. What Qt wishes, shown, resized or uncovered, is drawn at once.

    Stands first among the bases of a widget.
    """

    def update(self) -> None:
        queue().ask(cast(QWidget, self), self._draw_now)

    def _draw_now(self) -> bool:
        widget = cast(QWidget, self)
        if not widget.isVisible():
            return False
        QWidget.update(widget)
        return True
