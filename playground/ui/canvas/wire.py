"""A wire's item: its curve and the chip with the shape it carries; where every weight is an edge, the chip alone."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPainterPathStroker
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from playground.document import Problem, Wire
from playground.layers.spec import Shape, format_shape
from playground.ui.canvas import geometry
from playground.ui.canvas.lanes import Route
from playground.ui.numbers import count
from playground.ui.painters import tools
from playground.ui.theme import Theme

REACH = 12.0
LETTERS = 10.5
RESTING_GROWTH, LARGEST_GROWTH = 1.3, 2.0
"""How much a chip grows at most, to be read where the canvas is drawn small: one of many, and one that stands out."""
NOT_FITTING = "≠"
RESTING, HOVERED = 1.0, 2.5
"""Below the cards and above them."""


def draw_chip(
    painter: QPainter, center: QPointF, words: str, theme: Theme, border: str = "line2", ink: str = "text2", growth: float = LARGEST_GROWTH
) -> QRectF:
    """A small plate with a word on it, such as a shape, which keeps its size on the screen up to ``growth``; returns where it is."""
    size = tools.legible(painter, LETTERS, growth)
    box = geometry.around(center, chip_width(words, size), geometry.CHIP * size / LETTERS)
    box.moveTo(round(box.x()), round(box.y()))
    painter.setPen(tools.pen(theme.color(border)))
    painter.setBrush(theme.color("canvas"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
    tools.text(painter, box.center().x(), box.center().y(), words, theme.color(ink), size, 500, "center")
    return box


def chip_width(words: str, size: float = LETTERS) -> float:
    return max(tools.width(words, size, 500) + 12, 22)


class WireItem(QGraphicsItem):
    """One wire of the document."""

    def __init__(self, wire: Wire, theme: Theme) -> None:
        super().__init__()
        self.wire, self.theme = wire, theme
        self.hover = self.selected = self.drop_target = self.bundle = self.weighted = self.lit = self.backward = False
        self.problem: Problem | None = None
        self.words = ""
        self.values = 0
        self.lane: Route | None = None
        self.path = QPainterPath()
        self.chip = self.drawn = QRectF()
        """Where the chip is at 100 %, with all its words, and as last drawn."""
        self.room = math.inf
        """How wide the chip may be without lying under the cards, whose footers say the shape."""
        self.setZValue(RESTING)

    def describe(self, shape: Shape | None, problem: Problem | None, bundle: str) -> bool:
        """``bundle`` is the chip's text where every weight is an edge (``"8 → 8"``), else ``""``. Returns whether the chip changed."""
        before = self.words, self.values, self.bundle
        self.bundle, self.problem = bool(bundle), problem
        self.words = NOT_FITTING if problem else bundle or (format_shape(shape) if shape is not None else "?")
        self.values = math.prod(shape) if shape is not None else 0
        self.update()
        return before != (self.words, self.values, self.bundle)

    def set_weighted(self, weighted: bool) -> bool:
        """Whether edges stand in the curve's place; returns whether that is new."""
        changed = weighted != self.weighted
        self.weighted = weighted
        if changed:
            self.update()
        return changed

    def set_hover(self, hover: bool) -> None:
        """Light it and lift it above the cards, whether or not its chip with the count of values fits between them."""
        if hover != self.hover:
            self.hover = hover
            self.setZValue(HOVERED if hover else RESTING)
            self.update()

    def route(self, start: QPointF, end: QPointF, header: float, lane: Route | None = None) -> None:
        """Follow the two ports; ``header`` is the height of a bundle's chip, ``lane`` how a wire runs to another row."""
        self.prepareGeometryChange()
        self.lane = lane
        self.path = geometry.curve(start, end) if lane is None else geometry.curve(start, end, lane.height, lane.right, lane.left)
        middle = QPointF((start.x() + end.x()) / 2, header) if self.bundle else self.path.pointAtPercent(0.5)
        self.chip = self.drawn = geometry.around(middle, chip_width(self._text(long=True)), geometry.CHIP)
        room = end.x() - start.x() - geometry.PORT
        self.room = room if room >= 0 and not self.bundle else math.inf
        self.update()

    def _text(self, long: bool) -> str:
        if long and len(self.words) > 1 and not self.bundle and "×" in self.words:
            return f"{self.words} · {count(self.values)}"
        return self.words

    def tip(self) -> str:
        if self.problem is not None:
            return str(self.problem)
        return f"{self.wire.source} → {self.wire.target}: {self._text(long=True)}"

    def boundingRect(self) -> QRectF:
        wide, high = self.chip.width() / 2, self.chip.height() / 2  # it may grow
        return self.path.boundingRect().united(self.chip.adjusted(-wide, -high, wide, high)).adjusted(-6, -6, 6, 6)

    def shape(self) -> QPainterPath:
        found = QPainterPath()
        if not self.weighted:
            stroker = QPainterPathStroker()
            stroker.setWidth(REACH)
            found = stroker.createStroke(self.path)
        found.addRect(self.drawn)
        return found

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bright = self.hover or self.drop_target
        if self.problem is not None:
            token, pen_width, dash = "bad", 2.0, (6.0, 4.0)
        elif self.selected:
            token, pen_width, dash = "accent", 3.0, ()
        elif bright:
            token, pen_width, dash = "accent" if self.drop_target else "text", 3.0, ()
        else:
            token, pen_width, dash = "text" if self.lit else "wire", 2.0, ()
        if self.backward:
            dash = (4.0, 3.0)
        if not self.weighted or self.problem is not None or self.selected or self.drop_target:
            painter.setPen(tools.pen(self.theme.color(token), pen_width, dash))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(self.path)
        stands_out = bright or self.selected or self.problem is not None
        growth = LARGEST_GROWTH if stands_out else RESTING_GROWTH
        size = tools.legible(painter, LETTERS, growth)
        if tools.too_small(painter, size) or (not stands_out and chip_width(self.words, size) > self.room):
            self.drawn = QRectF()
            return
        border = token if self.problem or self.selected or bright else "line2"
        ink = token if self.problem or self.selected else "text" if bright else "text2"
        self.drawn = draw_chip(painter, self.chip.center(), self._text(long=self.hover), self.theme, border, ink, growth)
