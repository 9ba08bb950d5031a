"""What a canvas of another size asks for: cards that are low enough, and the network fitted in anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from playground.ui.canvas.camera import FIT_BOTTOM, FIT_TOP
from playground.ui.canvas.sprite import FEW

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

COMPACT_BELOW = 560


class Sizing(QObject):
    """Of a crowd once a turn of the event loop: a window that arranges itself gives its canvas up to five sizes, one after another."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self.take)

    def changed(self) -> None:
        """The canvas has another size."""
        if len(self._view.scene_.cards) > FEW:
            self._later.start()
        else:
            self.take()

    def take(self) -> None:
        """Be as the canvas's present size asks."""
        self._later.stop()
        view = self._view
        view.scene_.set_compact(self.wants_compact(view.viewport().height()))
        if view.camera.fitted and view.scene_.cards:
            view.camera.fit(view.scene_.content(view.camera.row), animated=False)
        else:
            view.camera.look(view.camera.center, view.camera.zoom)

    def wants_compact(self, height: float) -> bool:
        """Whether a canvas of this height is low and a card would not fit into it."""
        tallest = max((height for _, height in self._view.scene_.full_sizes().values()), default=0.0)
        return height < COMPACT_BELOW and tallest > height - FIT_TOP - FIT_BOTTOM
