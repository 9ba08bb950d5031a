"""How a folded node opens: its card grows into the strip, and the loop on it comes apart into the arrows from step to step."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEasingCurve, QObject, QPointF, QRectF, Qt, QVariantAnimation
from PySide6.QtGui import QPainter, QRegion

from playground.anim.time_cells import REVERSE
from playground.ui.canvas.unrolled.layout import Layout
from playground.ui.canvas.unrolled.reading import Strip
from playground.ui.painters import tools
from playground.ui.painters.recurrent import RecurrentPainter
from playground.ui.theme import Theme

if TYPE_CHECKING:
    from playground.ui.canvas.unrolled.strip import Unrolled
    from playground.ui.canvas.view import CanvasView

MILLISECONDS = 520
GROWN = 0.6
"""The share of that time in which the frame grows; the arrows need all of it."""
SHORTEST = 5.0
"""Px of an arrow, at least, where steps are narrow."""


class Opening(QObject):
    """Nothing moves where motion is reduced, or the card is not in sight."""

    def __init__(self, strip: Unrolled, view: CanvasView) -> None:
        super().__init__(strip)
        self._strip, self._view = strip, view
        self._card, self._loop = QRectF(), np.zeros((0, 2))
        self._turn = QVariantAnimation(self)
        self._turn.setDuration(MILLISECONDS)
        self._turn.setStartValue(0.0)
        self._turn.setEndValue(1.0)
        self._turn.valueChanged.connect(lambda _: self._step())
        self._turn.finished.connect(self._end)

    @property
    def running(self) -> bool:
        return self._turn.state() != QVariantAnimation.State.Stopped

    def begin(self, node: str) -> None:
        """From the card of ``node`` as it lies now."""
        self._turn.stop()
        card, view = self._view.scene_.cards.get(node), self._view
        if card is None or view.workbench.reduced_motion or not view.isVisible():
            self._end()
            return
        corner = view.viewport().mapTo(view, view.viewport().rect().topLeft()) - self._strip.pos()

        def placed(point: QPointF) -> QPointF:
            return QPointF(view.mapFromScene(card.mapToScene(point)) + corner)

        body = card.body
        self._card = QRectF(placed(body.topLeft()), placed(body.bottomRight()))
        painter = card.painter
        path = painter.loop(body, card.picture) if isinstance(painter, RecurrentPainter) else []
        self._loop = np.array([[at.x(), at.y()] for at in map(placed, path)]).reshape(-1, 2)
        if not self._card.intersects(self._strip.rect().toRectF()):
            self._end()
            return
        self._step()
        self._turn.start()

    def stop(self) -> None:
        self._turn.stop()
        self._end()

    def _step(self) -> None:
        share = QEasingCurve(QEasingCurve.Type.OutCubic).valueForProgress(min(self._now() / GROWN, 1.0))
        whole = self._strip.rect().toRectF()
        corners = [a + (b - a) * share for a, b in zip(self._card.getCoords(), whole.getCoords(), strict=True)]  # type: ignore[call-overload]
        box = QRectF(QPointF(corners[0], corners[1]), QPointF(corners[2], corners[3]))
        if share < 1.0:
            self._strip.setMask(QRegion(box.toAlignedRect()))
        else:
            self._strip.clearMask()
        self._strip.update()

    def _end(self) -> None:
        self._strip.clearMask()
        self._strip.update()

    def _now(self) -> float:
        value: Any = self._turn.currentValue()
        return float(value or 0.0)

    # -- drawing
    def paint(self, painter: QPainter, strip: Strip, layout: Layout, theme: Theme, row: int | None) -> None:
        """The pieces of the loop on their way to ``row``, that of the state."""
        if not self.running or not len(self._loop) or row is None:
            return
        share = QEasingCurve(QEasingCurve.Type.InOutCubic).valueForProgress(self._now())
        starts, ends = self._targets(strip, layout, row)
        pieces = _pieces(self._loop, len(starts))
        if strip.end != REVERSE:  # the loop's head lies left, at the first step
            pieces = pieces[::-1]
        painter.setPen(tools.pen(theme.color("accent"), 1.8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for piece, start, end in zip(pieces, starts, ends, strict=True):
            along = np.linspace(0.0, 1.0, len(piece))[:, None]
            points = piece + (start + (end - start) * along - piece) * share
            painter.drawPolyline(tools.polygon(points))
            if share > 0.6:
                tools.arrow(painter, QPointF(*points[0]), QPointF(*points[-1]), theme.color("accent"), 1.6)

    def _targets(self, strip: Strip, layout: Layout, row: int) -> tuple[np.ndarray, np.ndarray]:
        """Where the arrows begin and end, (n, 2) each."""
        steps = [step for step in layout.seen if step + 1 < strip.steps]
        half = max(layout.gap / 2 - 1, min(SHORTEST / 2, layout.pitch / 3))
        middle = np.array([layout.x(step + 1) for step in steps])
        y = np.full(len(steps), layout.row(row).center().y())
        left, right = np.column_stack([middle - half, y]), np.column_stack([middle + half, y])
        return (right, left) if strip.end == REVERSE else (left, right)


def _pieces(path: np.ndarray, count: int) -> list[np.ndarray]:
    """``path`` (n, 2) cut into ``count`` pieces of one length, of 6 points each: corners of the path are told by them."""
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    marks = np.linspace(0.0, lengths[-1], count + 1)
    pieces = []
    for first, last in pairwise(marks):
        at = np.linspace(first, last, 6)
        pieces.append(np.column_stack([np.interp(at, lengths, path[:, axis]) for axis in (0, 1)]))
    return pieces
