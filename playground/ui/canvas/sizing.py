"""What a canvas of another size asks for: cards that are low enough, and the network fitted in anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from playground.ui.canvas.camera import FIT_BOTTOM, FIT_TOP
from playground.ui.in_turn import CROWD, queue

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

COMPACT_BELOW = 560


class Sizing(QObject):
    """Of a crowd in turns of their own: a window that arranges itself gives its canvas up to five sizes, one after another, and one that is
    dragged by its corner a size a frame."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view

    def changed(self) -> None:
        """The canvas has another size."""
        if len(self._view.scene_.cards) > CROWD:
            queue().ask(self, self._turn)
        else:
            self.take()

    def _turn(self) -> bool:
        if self._draw_as_wanted():
            queue().ask(self, self._turn)
        else:
            self._look()
        return True

    def take(self) -> None:
        """Be as the canvas's present size asks."""
        self._draw_as_wanted()
        self._look()

    def _draw_as_wanted(self) -> bool:
        """Returns whether all cards had to be drawn in another size."""
        scene = self._view.scene_
        before = scene.compact
        scene.set_compact(self.wants_compact(self._view.viewport().height()))
        return scene.compact != before

    def _look(self) -> None:
        view = self._view
        if view.camera.fitted and view.scene_.cards:
            view.camera.fit(view.scene_.content(view.camera.row), animated=False)
        else:
            view.camera.look(view.camera.center, view.camera.zoom)

    def wants_compact(self, height: float) -> bool:
        """Whether a canvas of this height is low and a card would not fit into it."""
        tallest = max((height for _, height in self._view.scene_.full_sizes().values()), default=0.0)
        return height < COMPACT_BELOW and tallest > height - FIT_TOP - FIT_BOTTOM
