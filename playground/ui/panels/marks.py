"""Class marks: every class has a form and a color of its own, so that neither stands alone."""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from playground.ui.theme import Theme

MANY = ("plus_class", "minus_class", "upd", "err", "err_neg", "warn", "accent", "good")
SIDES = (0, 4, 3, 5, 6, 8, 7, 9)


def token(label: int, classes: int) -> str:
    """The color of class ``label``; of two, class 1 is the plus (blue) and class 0 the minus (orange)."""
    if classes <= 2:
        return "plus_class" if label == 1 else "minus_class"
    return MANY[label % len(MANY)]


def draw(painter: QPainter, at: QPointF, radius: float, label: int, classes: int, theme: Theme, hollow: bool = False) -> None:
    """The mark of class ``label``: disc for plus, diamond for minus, other polygons beyond; hollow for what is not trained on."""
    pen, brush, sides = style(label, classes, theme, hollow)
    painter.setPen(pen)
    painter.setBrush(brush)
    shape(painter, at, radius, sides)


def style(label: int, classes: int, theme: Theme, hollow: bool = False) -> tuple[QPen, QBrush, int]:
    """What the mark of class ``label`` is drawn with, and its sides: asked for once where there are many marks."""
    color = theme.color(token(label, classes))
    pen = QPen(color if hollow else theme.color("rim"), 1.5 if hollow else 1)
    sides = 0 if classes <= 2 and label == 1 else 4 if classes <= 2 else SIDES[label % len(SIDES)]
    return pen, QBrush(theme.color("rim")) if hollow else QBrush(color), sides


def shape(painter: QPainter, at: QPointF, radius: float, sides: int) -> None:
    """A disc (0 sides) or a polygon standing on a corner."""
    if sides == 0:
        painter.drawEllipse(at, radius, radius)
        return
    x, y = at.x(), at.y()
    painter.drawPolygon(QPolygonF([QPointF(x + right, y + down) for right, down in _corners(sides, radius * 1.25)]))


@lru_cache(maxsize=64)
def _corners(sides: int, radius: float) -> list[tuple[float, float]]:
    """Of a polygon about the origin."""
    angles = [2 * math.pi * k / sides - math.pi / 2 for k in range(sides)]
    return [(radius * math.cos(angle), radius * math.sin(angle)) for angle in angles]


def area_color(label: int, classes: int, theme: Theme) -> QColor:
    """The color of the region where class ``label`` wins, before it is mixed with the ground."""
    if classes <= 2:
        return theme.color("pos" if label == 1 else "neg")
    return theme.color(token(label, classes))
