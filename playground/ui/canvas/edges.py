"""Weights as edges: one item a wire, drawn only when weights, places or the unit in focus change.

Width is |w|, color the sign on the diverging ramp, minus also a form: dashed where thin, hollow where wide. Buckets of magnitude keep
it at 16 pens; weak ones are drawn first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath

from playground.ui.canvas import geometry
from playground.ui.canvas.sprite import Darkroom, Sprite
from playground.ui.numbers import number
from playground.ui.painters import tools
from playground.ui.theme import Theme

FULL = 5.0
"""The |w| at which an edge is as wide as it gets."""
BUCKETS = 8
HOLLOW_FROM = 3.0
DASHES_FROM = 0.35
"""Below this zoom dashes and hollow lines are finer than a pixel."""
DIMMED = 0.38
CHIP_AT = 0.3
REACH = 5.0
"""How near the pointer must be to an edge to mean it."""
CHIP_PITCH, LETTERS = 15.0, 10.5
EDGE_ROOM, CHIPS_ROOM = 6.0, (30.0, 100.0)
"""How far beyond the ends of its lines it paints: half a line's width, and with chips what pushes them apart."""
STRONGEST = 12


@dataclass(frozen=True, slots=True)
class Edges:
    """``lines`` float (n, 4): x0, y0, x1, y1 in scene px; ``weights`` float (n,); ``units`` and ``sources`` int (n,): what each joins."""

    lines: np.ndarray
    weights: np.ndarray
    units: np.ndarray
    sources: np.ndarray

    def __len__(self) -> int:
        return len(self.lines)


NONE = Edges(np.zeros((0, 4)), np.zeros(0), np.zeros(0, int), np.zeros(0, int))


def strongest(weight: np.ndarray, unit: int, incoming: bool) -> list[tuple[int, int]]:
    """The 12 largest |w| into (or out of) ``unit`` of a matrix (units, values), as (unit, source) pairs."""
    row = weight[unit] if incoming else weight[:, unit]
    best = np.argsort(-np.abs(np.nan_to_num(row, nan=np.inf)), kind="stable")[:STRONGEST]
    return [(unit, int(other)) if incoming else (int(other), unit) for other in best]


def spread(wished: np.ndarray, pitch: float) -> np.ndarray:
    """Places at least ``pitch`` apart, in the order of the (ascending) ``wished`` ones and about the same middle."""
    placed = wished.astype(float).copy()
    for at in range(1, len(placed)):
        placed[at] = max(placed[at], placed[at - 1] + pitch)
    return placed - (placed - wished).mean() if len(placed) else placed


def draw_line(
    painter: QPainter, lines: list[QLineF], share: float, negative: bool, theme: Theme, plain: bool = False, dimmed: bool = False
) -> None:
    """Edges of one bucket; ``share`` is |w| / 5, 0..1. ``plain``: by color alone, where form would be too fine to be seen; ``dimmed``
    ones are mixed with the ground: seen through, a hollow line would be filled by what it is drawn on."""
    width = 1.0 + 7.0 * share
    position = 0.5 + (-1 if negative else 1) * (0.42 + 0.25 * share) / 2
    color = QColor(theme.color_table("div")[round(position * 255)])
    if dimmed:
        ground = theme.color("canvas")
        pairs = (color.red(), ground.red()), (color.green(), ground.green()), (color.blue(), ground.blue())
        color = QColor(*(round(DIMMED * of + (1 - DIMMED) * under) for of, under in pairs))
    pen = tools.pen(theme.color("text"), width, (5.0, 4.0) if negative and width < HOLLOW_FROM and not plain else ())
    pen.setColor(color)
    painter.setPen(pen)
    painter.drawLines(lines)
    if negative and width >= HOLLOW_FROM and not plain:
        painter.setPen(tools.pen(theme.color("card"), width - 2.4))
        painter.drawLines(lines)


class EdgeItem(Sprite):
    """The edges of one wire, in scene coordinates."""

    def __init__(self, theme: Theme, darkroom: Darkroom) -> None:
        super().__init__(theme, darkroom)
        self.edges = NONE
        self.unit: int | None = None
        self.source: int | None = None
        self.chips = False
        self.telling = True
        """Whether chips may be printed: not while a weight is asked for."""
        self.chip_x: float | None = None
        """Where the chips stand, if not at 30 % of the way."""
        self.chips_from = -math.inf
        """What they keep to the right of: the card that the edges come from."""
        self.chips_to = math.inf
        """What they keep to the left of: the port that the edges go to."""
        self._box = QRectF()
        self.setZValue(3)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def show_edges(self, edges: Edges) -> None:
        """New places or weights."""
        if np.array_equal(edges.lines, self.edges.lines):
            if np.array_equal(edges.weights, self.edges.weights):
                return
            self.edges = edges
            self.refresh()
            return
        self.prepareGeometryChange()
        self.edges = edges
        if len(edges):
            xs, ys = edges.lines[:, 0::2], edges.lines[:, 1::2]
            self._box = QRectF(QPointF(float(xs.min()), float(ys.min())), QPointF(float(xs.max()), float(ys.max())))
        else:
            self._box = QRectF()
        self.forget()  # beyond the new box nothing would wipe the old pixels away again
        self.refresh()

    def nearest(self, point: QPointF) -> tuple[float, int] | None:
        """How far ``point`` is from the nearest edge, and which that is; ``None`` beyond :data:`REACH`."""
        if not len(self.edges):
            return None
        start, end = self.edges.lines[:, :2], self.edges.lines[:, 2:]
        way, off = end - start, np.array((point.x(), point.y())) - start
        share = np.clip((off * way).sum(axis=1) / np.maximum((way**2).sum(axis=1), 1e-9), 0.0, 1.0)
        away = np.hypot(*(off - share[:, None] * way).T)
        best = int(np.argmin(away))
        return (float(away[best]), best) if away[best] <= REACH else None

    def tell(self, telling: bool) -> None:
        """Print the weights of the unit in focus, or keep them back."""
        if telling != self.telling:
            self.telling = telling
            self.refresh()

    def focus(self, unit: int | None, source: int | None, chips: bool) -> None:
        """Bring the edges of one unit (or from one source) to the fore; ``chips`` prints their weights."""
        if (unit, source, chips) != (self.unit, self.source, self.chips):
            if chips != self.chips:
                self.prepareGeometryChange()
            self.unit, self.source, self.chips = unit, source, chips
            self.refresh()

    def boundingRect(self) -> QRectF:
        """No larger than what is drawn: of a crowd of neighbors each frame shows those again that it touches."""
        if not len(self.edges):
            return QRectF()
        wide, high = CHIPS_ROOM if self.chips else (EDGE_ROOM, EDGE_ROOM)
        return self._box.adjusted(-wide, -high, wide, high)

    def shape(self) -> QPainterPath:
        return QPainterPath()

    def draw(self, painter: QPainter) -> None:
        if not len(self.edges):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        every = np.ones(len(self.edges), bool)
        if self.unit is None and self.source is None:
            self._draw(painter, every)
            return
        chosen = self.edges.units == self.unit if self.unit is not None else self.edges.sources == self.source
        self._draw(painter, ~chosen, dimmed=True)
        self._draw(painter, chosen)
        if self.chips and self.telling:
            self._chips(painter, chosen)

    def _draw(self, painter: QPainter, which: np.ndarray, dimmed: bool = False) -> None:
        lines, weights = self.edges.lines[which], self.edges.weights[which]
        finite = np.isfinite(weights)
        small = painter.worldTransform().m11() < DASHES_FROM
        drawn = np.where(finite, weights, 0.0)
        bucket = np.minimum(np.abs(drawn) * (BUCKETS / FULL), BUCKETS - 1).astype(int)
        group = np.where(finite, 2 * bucket + (drawn < 0), -1)
        places = lines.tolist()
        for key in np.unique(group):
            same = [QLineF(*places[at]) for at in np.flatnonzero(group == key)]
            if key < 0:
                painter.setPen(tools.pen(self.theme.color("nan_a", DIMMED if dimmed else 1.0), 2, (4, 4)))
                painter.drawLines(same)
            else:
                level, negative = divmod(int(key), 2)
                draw_line(painter, same, (level + 0.5) / BUCKETS if level else 0.04, bool(negative), self.theme, small, dimmed)

    def _chips(self, painter: QPainter, which: np.ndarray) -> None:
        """Each edge's weight on it, in a column, pushed apart where edges run close."""
        lines, weights = self.edges.lines[which], self.edges.weights[which]
        size = tools.legible(painter, LETTERS)
        if tools.too_small(painter, size):
            return
        pitch = CHIP_PITCH * size / LETTERS
        told = [number(float(weight), signed=True) for weight in weights]
        across = [tools.width(words, size, 500) + 6 for words in told]
        xs = np.full(len(lines), self.chip_x) if self.chip_x is not None else lines[:, 0] + (lines[:, 2] - lines[:, 0]) * CHIP_AT
        half, room = max(across, default=0.0) / 2, self.chips_to - self.chips_from
        if 2 * half <= room:
            xs = np.clip(xs, self.chips_from + half, self.chips_to - half)
        else:  # between close cards: as far off the one as off the other
            xs = np.full(len(lines), (self.chips_from + self.chips_to) / 2)
        share = (xs - lines[:, 0]) / np.where(lines[:, 2] != lines[:, 0], lines[:, 2] - lines[:, 0], 1.0)
        wished = lines[:, 1] + (lines[:, 3] - lines[:, 1]) * share
        order = np.argsort(wished, kind="stable")
        for at, y in zip(order, spread(wished[order], pitch), strict=True):
            box = geometry.around(QPointF(float(xs[at]), float(y)), across[at], pitch)
            ground = QRectF(box.topLeft(), QPointF(min(box.right(), self.chips_to), box.bottom()))  # the port stays whole
            painter.fillRect(ground, self.theme.color("canvas"))
            color = tools.signed_color(float(weights[at]), self.theme)
            tools.text(painter, box.center().x(), box.center().y(), told[at], color, size, 500, "center")
