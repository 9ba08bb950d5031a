"""What each answer looks at: an Attention's weights as a matrix, and as marks under the input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

from playground.anim.scale import Scale, greatest
from playground.ui.lab import pixels
from playground.ui.lab.generate_bars import shade
from playground.ui.painters import tools
from playground.ui.theme import Theme

LEFT, TOP, WIDEST = 22.0, 44.0, 26.0
LEGEND, WIDEST_LEGEND = 84.0, 130.0
NAMED = 9.0
"""From this cell on the symbols are written beside it."""
UNDER = 6.0
"""How high the mark under a symbol is that an answer looks at most."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """An Attention's weights (queries, keys) with the symbols on both sides; empty where they are not those of answer and input."""

    title: str
    weights: np.ndarray
    queries: Sequence[str]
    keys: Sequence[str]


def paint(painter: QPainter, rect: QRectF, matrix: Matrix, at: int | None, theme: Theme) -> None:
    """The matrix in ``rect``, the row of answer ``at`` ringed."""
    limit = greatest(matrix.weights)
    title = tools.text(painter, rect.x(), rect.y() + 16, matrix.title, theme.color("text2"), 11.5, room=rect.width())
    queries, keys = matrix.weights.shape
    cell = min((rect.width() - LEFT) / keys, (rect.height() - TOP - 4) / queries, WIDEST)
    box = QRectF(rect.x() + LEFT, rect.y() + TOP, cell * keys, cell * queries)
    tools.cells(painter, box, matrix.weights, Scale(limit, "seq"), theme)
    tools.frame(painter, box, theme.color("line3"))
    beside = QRectF(box.right() + 14, box.y(), rect.right() - box.right() - 14, 16)
    behind = QRectF(rect.x() + title + 20, rect.y() + 8, rect.width() - title - 20, 16)
    place = beside if beside.width() >= LEGEND else behind
    if place.width() >= LEGEND:
        place.setWidth(min(place.width(), WIDEST_LEGEND))
        pixels.legend(painter, place, 0.0, limit, theme, "seq")
    if cell >= NAMED:
        for index, symbol in enumerate(matrix.keys[:keys]):
            tools.text(painter, box.x() + (index + 0.5) * cell, box.y() - 8, symbol, theme.color("text2"), 10.5, align="center")
        for index, symbol in enumerate(matrix.queries[:queries]):
            tools.text(painter, box.x() - 6, box.y() + (index + 0.5) * cell, symbol, theme.color("text2"), 10.5, align="right")
    if at is not None and at < queries:
        tools.ring(painter, QRectF(box.x(), box.y() + at * cell, box.width(), cell), theme.color("accent"), 0, 1.4, 1)


def mark(painter: QPainter, cell: QRectF, matrix: Matrix, at: int, key: int, theme: Theme) -> None:
    """At the bottom of an input symbol's ``cell`` how much answer ``at`` looks at it, against the largest weight there is."""
    queries, keys = matrix.weights.shape
    if at < queries and key < keys:
        share = float(matrix.weights[at, key]) / (greatest(matrix.weights) or 1.0)
        high = UNDER * min(max(share, 0.0), 1.0)
        painter.fillRect(QRectF(cell.x() + 2, cell.bottom() - high, cell.width() - 4, high), shade(max(share, 0.25), theme))
