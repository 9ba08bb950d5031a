"""What the dock's painted views of an evaluation have in common: a theme, words under the pointer, samples to click, rows to scroll."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from playground.ui.in_turn import InTurn
from playground.ui.theme import Theme


class Drawn(InTurn, QWidget):
    """``name`` is what tests find it by; a subclass gives itself an accessible name."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setMouseTracking(True)
        self._theme = theme

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def tip(self, position: QPointF) -> str:
        """What the pointer says at ``position``; ``""`` for nothing."""
        return ""

    def on_screen(self, rects: Mapping[str, QRectF]) -> dict[str, tuple[int, int, int, int]]:
        """Where parts of it stand on the screen (left, top, width, height), for tests with a real window."""
        corner, found = self.mapToGlobal(QPoint(0, 0)), {}
        for name, rect in rects.items():
            place = rect.toRect()
            found[name] = (corner.x() + place.x(), corner.y() + place.y(), place.width(), place.height())
        return found

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        words = self.tip(event.position())
        if words:
            QToolTip.showText(event.globalPosition().toPoint(), words, self)
        else:
            QToolTip.hideText()

    def leaveEvent(self, event: QEvent) -> None:
        QToolTip.hideText()
        super().leaveEvent(event)


class OfSamples(Drawn):
    """One whose samples can be followed: ``chosen(split, index)`` when one is clicked."""

    chosen = Signal(str, int)

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, name, parent)
        self._sample: tuple[str, int] = ("", -1)

    def show_sample(self, split: str, index: int) -> None:
        """Mark the sample that the canvas shows."""
        self._sample = (split, index)
        self.update()

    def sample_at(self, position: QPointF) -> tuple[str, int] | None:
        """Split and index of the sample at ``position``."""
        raise NotImplementedError

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.sample_at(event.position())
        if found is not None:
            self.chosen.emit(*found)


class Scrolled(QWidget):
    """Rows of which some are seen; the others come by the wheel. Stands before :class:`Drawn` among the bases."""

    _first = 0
    """The first row that is seen."""

    def scrollable(self) -> int:
        """How many rows there are more than are seen."""
        raise NotImplementedError

    def _scroll(self, by: int) -> None:
        """Move by so many rows, as far as there are any."""
        first = min(max(self._first + by, 0), max(self.scrollable(), 0))
        if first != self._first:
            self._first = first
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A row a notch."""
        if event.angleDelta().y():
            self._scroll(-1 if event.angleDelta().y() > 0 else 1)
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._scroll(0)
