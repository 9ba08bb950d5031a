"""Views are drawn one after another, each in a turn of the event loop of its own, so that between two of them the window answers.

Qt draws all that asked since its last turn at once. A network unrolled in time, its curves, errors, timeline and words take 10 ms each
and hold the window for 60 together, though none of them must be on screen in the same frame as another.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import cast

from PySide6.QtCore import QAbstractEventDispatcher, QCoreApplication, QObject, QTimer
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from playground import turns

SPENT_SECONDS = 0.005
"""A turn of the loop that has so much else in it is left to that: Qt calls timers in the turn in which it paints."""
MOST_LEFT = 8
"""Turns that are left so one after another; then it is this queue's all the same."""


class Queue(QObject):
    """Who waits for a turn: one that asks again while it waits keeps its place."""

    def __init__(self, parent: QObject | None) -> None:
        super().__init__(parent)
        self._waiting: dict[tuple[QObject, str], Callable[[], bool]] = {}
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._tick)
        self._began, self._left = 0.0, 0
        dispatcher = QAbstractEventDispatcher.instance()
        if dispatcher is not None:
            dispatcher.awake.connect(self._begin)

    @property
    def busy(self) -> bool:
        """Whether somebody waits."""
        return bool(self._waiting)

    def ask(self, who: QObject, do: Callable[[], bool], what: str = "", first: bool = False) -> None:
        """Have ``do`` called in a turn to come, unless ``who`` is gone by then. It says whether it made work; if not, the next one follows
        at once. ``what`` tells apart what one asks for; ``first`` of all is what goes on with a turn that was had."""
        if first:
            self._waiting = {(who, what): do} | self._waiting
        self._waiting[who, what] = do
        if not self._timer.isActive():
            self._timer.start()

    def _tick(self) -> None:
        if self._waiting and self._left < MOST_LEFT and time.perf_counter() - self._began > SPENT_SECONDS:
            self._left += 1
            return
        self._left = 0
        self.next()

    @turns.window
    def next(self) -> None:
        """Let the first one that has work do it."""
        while self._waiting:
            asked = next(iter(self._waiting))
            do = self._waiting.pop(asked)
            if isValid(asked[0]) and do():
                return
        self._timer.stop()

    def _begin(self) -> None:
        """A turn of the loop begins."""
        self._began = time.perf_counter()


_queue: list[Queue] = []


def queue() -> Queue:
    """The application's own."""
    if not _queue or not isValid(_queue[0]):
        _queue[:] = [Queue(QCoreApplication.instance())]
    return _queue[0]


CROWD = 32
"""More nodes do not fit into one frame: an edit of them fills a turn by itself, their pictures are renewed one after another."""


def follow(who: QObject, do: Callable[[], object], nodes: float, what: str = "edit") -> None:
    """Have ``who`` follow an edit of a document of so many ``nodes`` by ``do``: at once or, of a crowd, in a turn of its own. ``what``
    tells apart what it follows."""
    if nodes <= CROWD:
        do()
        return

    def turn() -> bool:
        do()
        return True

    queue().ask(who, turn, what)


def hold(widget: QWidget, ahead: Callable[[], bool] = lambda: False) -> None:
    """Have ``widget``, and all that lies on it, painted in a turn to come instead of the present one: until then it keeps its pixels. Of
    another size Qt keeps none, so it must be let go (``setUpdatesEnabled``) when that changes. One that is not seen is left alone.
    ``ahead`` does a part of the work that painting it would be, and says whether there was any: each part has a turn too."""
    if widget.isVisible():
        widget.setUpdatesEnabled(False)
        queue().ask(widget, lambda: _let_go(widget, ahead), "held")


def _let_go(widget: QWidget, ahead: Callable[[], bool]) -> bool:
    if not widget.updatesEnabled() and ahead():
        queue().ask(widget, lambda: _let_go(widget, ahead), "held", first=True)
        return True
    widget.setUpdatesEnabled(True)
    widget.repaint()
    return True


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
        widget.repaint()  # an update would be painted together with the next one's turn
        return True
