"""The canvas's ground: 2 px dots each 24 px."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QPainter, QPixmap, QTransform

from playground.ui.canvas import geometry
from playground.ui.theme import Theme

FINE = 4
"""Pixels of the tile a logical px, so that dots stay round when zoomed in."""
DOT = 2


def dots(theme: Theme) -> QBrush:
    """A tiled brush of the canvas color with its dots."""
    side = geometry.DOTS * FINE
    tile = QPixmap(side, side)
    tile.fill(theme.color("canvas"))
    with QPainter(tile) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("grid"))
        painter.drawEllipse(geometry.around(QPointF(side / 2, side / 2), DOT * FINE))
    brush = QBrush(tile)
    brush.setTransform(QTransform.fromScale(1 / FINE, 1 / FINE))
    return brush
