"""The pictures beside a formula: a function's graph with the value and its slope, and a parameter's move on a number line."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.layers.functions import FUNCTIONS
from playground.ui.explain.sheet import Graph, Move
from playground.ui.explain.tokens import Places
from playground.ui.numbers import MINUS
from playground.ui.painters import tools
from playground.ui.painters.activation import SPAN, graph
from playground.ui.theme import Theme

GRAPH = QSize(104, 68)
LINE_HEIGHT = 40
ROW = 17
VISIBLE = 0.3
"""A change of less than this share of the number is hard to see on a line about zero: then the line is about the change."""
LEAST = 1e-9
"""A change of less than this share of the number is none that a line could show."""


class _Picture(QWidget):
    """``pointed(places)``: the pointer is over it, whose numbers stand for these places; with none it has left."""

    pointed = Signal(object)

    def __init__(self, theme: Theme, name: str, height: int) -> None:
        super().__init__()
        self.setObjectName(name)
        self._theme = theme
        self.places: Places = ()
        self.setFixedHeight(height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        self.pointed.emit(self.places)

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(())


class GraphView(_Picture):
    """A function over as wide a span as its argument needs."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "activation_graph", GRAPH.height() + 6)
        self.graph = Graph("identity", 0.0, None)

    def show_graph(self, shown: Graph) -> None:
        if shown != self.graph:
            self.graph, self.places = shown, shown.places
            self.setAccessibleDescription(", ".join(shown.words))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, shown = QPainter(self), self._theme, self.graph
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(1, 2, GRAPH.width(), GRAPH.height())
        if shown.function in FUNCTIONS:
            span = SPAN
            while math.isfinite(shown.z) and abs(shown.z) > 0.95 * span and span < 1e6:
                span *= 2
            low, high = graph(painter, box, shown.function, theme, span)
            tools.frame(painter, box, theme.color("line3"), 4)
            if shown.y is not None and math.isfinite(shown.z) and math.isfinite(shown.y):
                self._dot(painter, box, span, low, high)
        for at, words in enumerate(self._lines(self.width() - box.right() - 14)):
            y = box.y() + 9 + at * ROW
            tools.text(painter, box.right() + 12, y, words, theme.color("text2"), 11.5, room=self.width() - box.right() - 14)
        painter.end()

    def _lines(self, room: float) -> list[str]:
        """The words beside the graph; one that is too long for a line goes on after its equals sign: a number is never cut."""
        lines: list[str] = []
        for words in self.graph.words:
            before, equals, number = words.partition(" = ")
            fits = not equals or tools.width(words, 11.5) <= room
            lines += [words] if fits else [before, f"= {number}"]
        return lines

    def _dot(self, painter: QPainter, box: QRectF, span: float, low: float, high: float) -> None:
        theme, shown = self._theme, self.graph
        assert shown.y is not None
        across, up = box.width() / (2 * span), box.height() / (high - low)
        place = QPointF(box.x() + (shown.z + span) * across, box.bottom() - (min(max(shown.y, low), high) - low) * up)
        if shown.slope is not None and math.isfinite(shown.slope):
            direction = QPointF(across, -shown.slope * up)
            reach = 24 / math.hypot(direction.x(), direction.y())
            painter.save()
            painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
            painter.setPen(tools.pen(theme.color("err" if shown.backward else "text3"), 1.8 if shown.backward else 1.2))
            painter.drawLine(place - direction * reach, place + direction * reach)
            painter.restore()
        painter.setPen(tools.pen(theme.color("card"), 1.2))
        painter.setBrush(theme.color("err") if shown.backward else tools.signed_color(shown.y, theme))
        painter.drawEllipse(place, 4.2, 4.2)


class MoveView(_Picture):
    """Open where it was, filled where it is, an arrow from one to the other. About zero where the change can be seen there."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "number_line", LINE_HEIGHT)
        self.move_ = Move(0.0, None)

    def show_move(self, shown: Move) -> None:
        if shown != self.move_:
            self.move_, self.places = shown, shown.places
            self.update()

    def ends(self) -> tuple[float, float]:
        """What the line spans."""
        old = self.move_.old
        if self.move_.reach > 0:
            return -self.move_.reach, self.move_.reach
        new = old if self.move_.new is None else self.move_.new
        change, size = abs(new - old), max(abs(old), abs(new))
        if size == 0:
            return -1.0, 1.0
        if change < LEAST * size or change >= VISIBLE * size:
            return -1.3 * size, 1.3 * size
        return min(old, new) - 1.6 * change, max(old, new) + 1.6 * change

    def paintEvent(self, event: QPaintEvent) -> None:
        shown, theme = self.move_, self._theme
        low, high = self.ends()
        if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        y, left, right = 14.0, 8.0, min(self.width() - 8.0, 330.0)

        def across(value: float) -> float:
            return left + (value - low) / (high - low) * (right - left)

        painter.setPen(tools.pen(theme.color("line3"), 1.2))
        painter.drawLine(QPointF(left - 4, y), QPointF(right + 4, y))
        step, decimals = _step(high - low)
        tick = math.ceil(low / step) * step
        while tick <= high:
            x = across(tick)
            painter.setPen(tools.pen(theme.color("line3"), 1.2))
            painter.drawLine(QPointF(x, y - 3), QPointF(x, y + 3))
            words = f"{tick + 0.0:,.{decimals}f}".replace("-", MINUS) if abs(tick) > step / 2 else "0"
            if x + tools.width(words, 10.5) / 2 <= self.width() and x >= tools.width(words, 10.5) / 2:
                tools.text(painter, x, y + 16, words, theme.color("text3"), 10.5, align="center")
            tick += step
        old, tone = QPointF(across(shown.old), y), theme.color(shown.tone)
        new = None if shown.new is None else QPointF(across(shown.new), y)
        if new is not None and abs(new.x() - old.x()) > 12:
            way = math.copysign(6, new.x() - old.x())
            tools.arrow(painter, old + QPointF(way, 0), new - QPointF(way, 0), tone, 2.0)
        painter.setPen(tools.pen(theme.color("text3"), 1.6))
        painter.setBrush(theme.color("panel"))
        painter.drawEllipse(old, 4.5, 4.5)
        if new is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tone if shown.new != shown.old else theme.color("text2"))
            painter.drawEllipse(new, 5.0, 5.0)
        painter.end()


def _step(span: float) -> tuple[float, int]:
    """The distance of two to four ticks, and the decimals that tell them apart."""
    rough = span / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if power * factor >= rough)
    decimals = max(0, -math.floor(math.log10(step)) + (1 if round(step / 10.0 ** math.floor(math.log10(step)), 3) == 2.5 else 0))
    return step, min(decimals, 12)
