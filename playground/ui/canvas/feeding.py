"""When the canvas takes new values: while it trains, as often as drawing them leaves the thread to others."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF, QTimer
from PySide6.QtWidgets import QApplication

from playground import turns
from playground.ui.canvas.sprite import FRAME_MILLISECONDS, Sprite
from playground.ui.in_turn import hold, queue

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

PICTURE_SECONDS = 0.1
"""Pictures follow the weights at most this often; readouts and curves have clocks of their own."""
SHARE = 6
"""A network whose pictures take long is drawn anew that much more rarely: they get a sixth of the thread at most."""
CROWD_SHARE = 2
"""The same of a crowd of pictures, which is drawn a few at a time and so takes no frame of its own."""
PART_SECONDS, LEAST_SECONDS = 0.007, 0.0015
"""Pictures that take longer than two parts of this length are drawn a part a turn, and shown together once all are; and what each is taken
to last at least: a card without values tells little of what it is with them."""


def _seconds(sprite: Sprite) -> float:
    return max(sprite.cost, LEAST_SECONDS)


class Feeding(QObject):
    """Gives the view's scene the workbench's present values: ``now``, or as soon as there is time for it (``soon``)."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._try)
        self._fed = self._cost = 0.0
        self._tried: set[Sprite] = set()
        """What was drawn ahead of the painting that the view is held for."""

    def soon(self) -> None:
        """Feed, if the last pictures are all drawn and did not take too large a part of the thread; else later."""
        if not self._timer.isActive():
            self._try()

    @turns.window
    def _try(self) -> None:
        view = self._view
        if view.player.active:
            return
        room = view.scene_.darkroom
        share = CROWD_SHARE if room.crowded else SHARE
        left = max(PICTURE_SECONDS, share * (self._cost + room.spent)) - (time.monotonic() - self._fed)
        if left <= 0 and not room.busy:
            queue().ask(self, self._take_turn)
        else:
            self._timer.start(max(round(left * 1000), FRAME_MILLISECONDS))

    def _take_turn(self) -> bool:
        if self._view.player.active:  # a pass that began meanwhile is fed by its own steps
            return False
        if not self._view.updatesEnabled():  # it is held, and what is drawn of it stays good
            self._timer.start(FRAME_MILLISECONDS)
            return False
        self.now()
        self.hold()
        return True

    def now(self) -> None:
        """Feed."""
        self._timer.stop()
        room = self._view.scene_.darkroom
        self._fed, began = time.monotonic(), time.thread_time()
        room.spent = 0.0
        self._view.feed()
        self._cost = time.thread_time() - began

    def hold(self, anyway: bool = False) -> None:
        """Have the view painted anew in a turn to come: ``anyway``, or where its pictures take more than a turn and no hand moves any."""
        if anyway or (not QApplication.mouseButtons() and self._undrawn()):
            self._tried.clear()
            hold(self._view, self._ahead)

    def _undrawn(self) -> list[Sprite]:
        """The pictures that the next painting would draw, from left to right; none where that takes no longer than two parts."""
        room = self._view.scene_.darkroom
        found = [] if room.crowded else [sprite for sprite in room.undrawn() if sprite not in self._tried]
        if sum(_seconds(sprite) for sprite in found) <= 2 * PART_SECONDS:
            return []
        return sorted(found, key=lambda sprite: sprite.sceneBoundingRect().x())

    def _ahead(self) -> bool:
        """Draw a part of them."""
        box, cost = QRectF(), 0.0
        for sprite in self._undrawn():
            box, cost = box.united(sprite.sceneBoundingRect()), cost + _seconds(sprite)
            self._tried.add(sprite)
            if cost > PART_SECONDS:
                break
        port = self._view.viewport()
        if cost:
            port.grab(self._view.mapFromScene(box).boundingRect() & port.rect())
        return cost > 0
