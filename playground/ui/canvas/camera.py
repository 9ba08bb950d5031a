"""Where the canvas looks: zoom, pan and fit, with animation unless less motion is wanted."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEasingCurve, QObject, QPointF, QRectF, QSizeF, Qt, QVariantAnimation, Signal
from PySide6.QtGui import QTransform, QWheelEvent
from PySide6.QtWidgets import QGraphicsView

ZOOM_MILLISECONDS = 400
SMALLEST, LARGEST = 0.1, 4.0
"""How far one zooms by hand."""
SMALLEST_FIT = 0.02
"""A long network is fitted in smaller than that reach: cut off at its ends, it would be taken for a shorter one."""
STEP = 1.2
FIT_MARGIN, FIT_BOTTOM, FIT_TOP = 40.0, 60.0, 48.0
TIGHT_TOP, TIGHT_BOTTOM = 42.0, 14.0
SMALL, SMALL_MARGIN = 900, 16.0
"""A canvas narrower than that keeps less room at its sides."""
LEGIBLE = 0.85
"""A network that would be drawn smaller than that gets that room too."""
FIT_SLACK = 24.0
ROW_BELOW = 0.5
"""A network that would be drawn smaller than that under a lens shows a row of its cards alone: they keep their captions."""
LARGEST_FIT, LARGEST_SMALL_FIT = 1.25, 1.6
"""A small network in a large window is drawn somewhat larger than life; one that fills less than half of it so, larger still."""
CRISP_BELOW = 1.06
"""Less than that is not worth leaving whole pixels for."""


class Camera(QObject):
    """Owns the view's transform: a zoom and the scene point in the middle."""

    changed = Signal()

    def __init__(self, view: QGraphicsView) -> None:
        super().__init__(view)
        self._view = view
        self.reduced = False
        self.fitted = True
        """Whether the whole network is (being) fitted in: then it stays so when the canvas changes its size."""
        self.center = QPointF(0, 0)
        self.zoom = 1.0
        self.covered = 0.0
        """Px at the canvas's top that lie under a strip of their own: what is fitted keeps clear of them."""
        self.kept: dict[str, float] = {}
        """The same at its bottom, by the name of the lens that they are kept for; legends then have no place of their own."""
        self.row: tuple[str, ...] = ()
        """What is fitted in while a lens leaves too little room for all rows of cards; empty: everything."""
        self.tight = False
        """Whether every pixel of height counts: then legends lie beside the network, over the canvas's free corners."""
        self._least = SMALLEST
        """How far out one zooms by hand: as far as the network was fitted in, where that is farther than usual."""
        self._from = (QPointF(), 1.0)
        self._to = (QPointF(), 1.0)
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(ZOOM_MILLISECONDS)
        self._animation.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.valueChanged.connect(self._advance)

    @property
    def below(self) -> float:
        """Px at the canvas's bottom that are kept for a lens."""
        return max(self.kept.values(), default=0.0)

    def look(self, center: QPointF, zoom: float, animated: bool = False, fitted: bool = False) -> None:
        """Show ``center`` in the middle at ``zoom``."""
        self.fitted = fitted
        zoom = min(max(zoom, SMALLEST_FIT), LARGEST)
        self._least = min(SMALLEST if fitted else self._least, zoom)
        self._animation.stop()
        if animated and not self.reduced and self._view.isVisible():
            self._from, self._to = (self.center, self.zoom), (center, zoom)
            self._animation.start()
        else:
            self._show(center, zoom)

    def _advance(self, share: float) -> None:
        (c0, z0), (c1, z1) = self._from, self._to
        self._show(c0 + (c1 - c0) * share, z0 * (z1 / z0) ** share)

    def _show(self, center: QPointF, zoom: float) -> None:
        self.center, self.zoom = center, zoom
        self._view.setTransform(QTransform.fromScale(zoom, zoom))
        self._view.centerOn(center)
        self.changed.emit()

    def pan(self, by: QPointF) -> None:
        """Move the picture by view px."""
        self.look(self.center - by / self.zoom, self.zoom)

    def wheel(self, event: QWheelEvent, at: QPointF) -> None:
        """A wheel zooms about ``at`` (view px); two fingers on a pad (which send pixels) pan, with Ctrl they zoom."""
        pixels, turns = event.pixelDelta(), event.angleDelta()
        if not pixels.isNull() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.pan(QPointF(pixels))
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.pan(QPointF(turns.y() or turns.x(), 0) / 2)
        elif turns.y():
            self.zoom_at(at, 1.2 ** (turns.y() / 120))
        event.accept()

    def zoom_at(self, point: QPointF, factor: float) -> None:
        """Zoom so that the scene point under ``point`` (view px) stays where it is."""
        zoom = self._by_hand(self.zoom * factor)
        fixed = self.to_scene(point)
        self.look(fixed - (fixed - self.center) * (self.zoom / zoom), zoom)

    def to_scene(self, point: QPointF) -> QPointF:
        middle = QRectF(self._view.viewport().rect()).center()
        return self.center + (point - middle) / self.zoom

    def step(self, steps: int) -> None:
        self._zoom_free(self._by_hand(self.zoom * STEP**steps))

    def _by_hand(self, zoom: float) -> float:
        """``zoom`` within what one reaches by hand; on the way from a smaller one it stays smaller, for nothing is to jump."""
        return min(max(zoom, min(self._least, self.zoom)), LARGEST)

    def actual(self) -> None:
        """100 %."""
        self._zoom_free(1.0)

    def _zoom_free(self, zoom: float) -> None:
        """Zoom about the middle of what is free, where a network is fitted in: under a lens nobody sees it."""
        fixed = self.center - self._off_middle() / self.zoom
        self.look(fixed + self._off_middle() / zoom, zoom, animated=True)

    def _edges(self) -> tuple[float, float]:
        """Px at the canvas's top and at its bottom that are not free."""
        top, bottom = (TIGHT_TOP, TIGHT_BOTTOM) if self.tight else (FIT_TOP, FIT_BOTTOM)
        return top + self.covered, self.below or bottom

    def _off_middle(self) -> QPointF:
        """From the middle of what is free to the canvas's, px."""
        top, bottom = self._edges()
        return QPointF(0, (bottom - top) / 2)

    def fitting(self, box: QRectF, room: QSizeF | None = None) -> tuple[QPointF, float]:
        """Center and zoom at which ``box`` fits the canvas, or one of size ``room``, with room for strip, legends and zoom box."""
        room = QSizeF(self._view.viewport().size()) if room is None else room
        wide = box.width() * LEGIBLE + 2 * FIT_MARGIN > room.width()  # every px counts
        margin = FIT_MARGIN if room.width() >= SMALL and not wide else SMALL_MARGIN
        top, bottom = self._edges()
        width, height = room.width() - 2 * margin, room.height() - top - bottom
        most = LARGEST_FIT if box.width() * box.height() * LARGEST_FIT**2 >= width * height / 2 else LARGEST_SMALL_FIT
        zoom = min(width / max(box.width(), 1), height / max(box.height(), 1), most)
        slack = 0.0 if self.tight else FIT_SLACK
        if zoom < 1.0 and room.width() - 2 * SMALL_MARGIN >= box.width() and height + slack >= box.height():
            zoom = 1.0  # a little less room is better than 97 %: pictures and lines stay on whole pixels
        if 1.0 < zoom < CRISP_BELOW:
            zoom = 1.0
        zoom = max(zoom, SMALLEST_FIT)
        return box.center() + self._off_middle() / zoom, zoom

    def row_of(self, cards: Mapping[str, QRectF], id: str) -> tuple[str, ...]:
        """The cards beside card ``id`` where all together would be too small and these alone are larger; else none."""
        own, whole = cards.get(id), QRectF()
        for card in cards.values():
            whole = whole.united(card)
        if own is None or self.fitting(whole)[1] >= ROW_BELOW:
            return ()
        row = {name: card for name, card in cards.items() if card.top() < own.bottom() and card.bottom() > own.top()}
        box = QRectF()
        for card in row.values():
            box = box.united(card)
        return tuple(row) if self.fitting(box)[1] > self.fitting(whole)[1] else ()

    def fit(self, box: QRectF, animated: bool = True, whole: bool = True) -> None:
        """Look at ``box``; ``whole`` says that it is the whole network."""
        if not box.isEmpty():
            self.look(*self.fitting(box), animated=animated, fitted=whole)

    def visible(self) -> QRectF:
        """What can be seen, in scene coordinates."""
        return self._view.mapToScene(self._view.viewport().rect()).boundingRect()

    def above_lens(self) -> QRectF:
        """The same without what a lens has room for."""
        return self.visible().adjusted(0, 0, 0, -self.below / self.zoom)


def hide_bars(view: QGraphicsView) -> None:
    """A canvas is moved by hand, not by scroll bars."""
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
