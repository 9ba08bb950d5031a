"""When the canvas takes new values: while it trains, as often as drawing them leaves the thread to others."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from playground import turns
from playground.ui.canvas.sprite import FRAME_MILLISECONDS
from playground.ui.in_turn import queue

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

PICTURE_SECONDS = 0.1
"""Pictures follow the weights at most this often; readouts and curves have clocks of their own."""
SHARE = 6
"""A network whose pictures take long is drawn anew that much more rarely: they get a sixth of the thread at most."""
CROWD_SHARE = 2
"""The same of a crowd of pictures, which is drawn a few at a time and so takes no frame of its own."""


class Feeding(QObject):
    """Gives the view's scene the workbench's present values: ``now``, or as soon as there is time for it (``soon``)."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._try)
        self._fed = self._cost = 0.0

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
        return True

    def now(self) -> None:
        """Feed."""
        self._timer.stop()
        room = self._view.scene_.darkroom
        self._fed = time.monotonic()
        room.spent = 0.0
        self._view.feed()
        self._cost = time.monotonic() - self._fed
