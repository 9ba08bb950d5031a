"""An activation function with its derivative, what goes into it here, and all functions as a strip to choose from."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.engine.experiments.lab import Values
from playground.layers.functions import FUNCTION_NAMES, FUNCTIONS
from playground.ui.lab.plot import Plot
from playground.ui.numbers import count, number
from playground.ui.painters import tools
from playground.ui.panels.chart_axes import Axes
from playground.ui.theme import Theme

SPAN = 4.0
POINTS = 241
SLOPE_DASH = (5.0, 3.0)
BARS = 0.24
"""Share of the picture's height that the histogram takes."""
MOST_DOTS = 120
CELL_HEIGHT = 92
SPARE = 12.0
"""Px that a name may be wider than its cell: its neighbors' names are short."""


@lru_cache(maxsize=64)
def curves(name: str, span: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Arguments, values and slopes of the function over [-span, span]."""
    z = np.linspace(-span, span, POINTS)
    function = FUNCTIONS[name]
    return z, np.array([function.value(float(at)) for at in z]), np.array([function.slope(float(at)) for at in z])


class FunctionPicture(Plot):
    """f(z) solid, f'(z) dashed; dots are the followed sample's values, bars those of many samples."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "lab_values_picture")
        self.function = "tanh"
        self.values_: Values | None = None
        self.dots: np.ndarray = np.zeros(0)
        self.x_title, self.y_title = self.tr("z, what goes in"), ""
        self.setAccessibleName(self.tr("Activation function and its derivative"))

    def show_values(self, function: str, values: Values | None, dots: np.ndarray) -> None:
        """``dots`` are the arguments of the followed sample."""
        if function == self.function and values is self.values_ and np.array_equal(dots, self.dots):
            return
        self.function, self.values_, self.dots = function, values, dots
        self.renew()

    def _fit(self) -> None:
        span = self.values_.limit if self.values_ is not None else SPAN
        self.x_axis = Axes(low=-span, high=span)
        _, y, slope = curves(self.function, span)
        low, high = min(float(y.min()), 0.0), max(float(y.max()), float(slope.max()), 1.0)
        if high > 2:  # of an open end, as much as goes in: the bend at zero stays plain
            high = min(high, span)
        low = max(low, -span)
        room = 0.06 * (high - low)
        self.y_axis = Axes(low=low - room, high=high + room)

    def draw(self, painter: QPainter) -> None:
        self._fit()
        area, theme = self.area(), self.theme
        self.frame(painter)
        painter.save()
        painter.setClipRect(area)
        self._bars(painter, area)
        for start, end in (
            (self.at(0, self.y_axis.low), self.at(0, self.y_axis.high)),
            (self.at(self.x_axis.low, 0), self.at(self.x_axis.high, 0)),
        ):
            painter.setPen(tools.pen(theme.color("line3")))
            painter.drawLine(start, end)
        z, y, slope = curves(self.function, self.x_axis.high)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(tools.pen(theme.color("s2"), 1.8, SLOPE_DASH))
        painter.drawPolyline(tools.polygon(self.pixels(np.column_stack([z, slope]))))
        painter.setPen(tools.pen(theme.color("text"), 2.0))
        painter.drawPolyline(tools.polygon(self.pixels(np.column_stack([z, y]))))
        self._dots(painter)
        painter.restore()
        tools.frame(painter, area, theme.color("line2"))
        self._key(painter, area)

    def _bars(self, painter: QPainter, area: QRectF) -> None:
        values = self.values_
        if values is None or not values.counts.any():
            return
        width = area.width() / len(values.counts)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("line2"))
        for index, held in enumerate((values.counts / values.counts.max()).tolist()):
            if held:
                high = max(2.0, held * area.height() * BARS)
                painter.drawRect(QRectF(area.x() + index * width + 0.5, area.bottom() - high, width - 1, high))

    def _dots(self, painter: QPainter) -> None:
        if not self.dots.size:
            return
        picked = self.dots[np.linspace(0, self.dots.size - 1, min(self.dots.size, MOST_DOTS)).astype(int)]
        painter.setPen(tools.pen(self.theme.color("canvas"), 1.2))
        for z in picked.tolist():
            if np.isfinite(z):
                y = FUNCTIONS[self.function].value(z)
                painter.setBrush(tools.signed_color(y, self.theme))
                place = self.at(min(max(z, self.x_axis.low), self.x_axis.high), min(max(y, self.y_axis.low), self.y_axis.high))
                painter.drawEllipse(place, 4, 4)

    def _key(self, painter: QPainter, area: QRectF) -> None:
        x, y, theme = area.x(), area.y() - 14, self.theme
        for token, dash, words in (("text", (), self.tr("f(z)")), ("s2", SLOPE_DASH, self.tr("derivative f′(z)"))):
            painter.setPen(tools.pen(theme.color(token), 2.0, dash))
            painter.drawLine(QPointF(x, y), QPointF(x + 22, y))
            x += 28 + tools.text(painter, x + 28, y, words, theme.color("text2"), 11) + 14
        if self.dots.size:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("pos"))
            painter.drawEllipse(QPointF(x + 4, y), 4, 4)
            x += 14 + tools.text(painter, x + 14, y, self.tr("this sample"), theme.color("text2"), 11) + 14
        if self.values_ is not None:
            painter.fillRect(QRectF(x, y - 5, 9, 10), theme.color("line2"))
            words = self.tr("z of {n} samples").format(n=count(self.values_.samples))
            tools.text(painter, x + 15, y, words, theme.color("text2"), 11, room=area.right() - x - 15)

    def draw_over(self, painter: QPainter) -> None:
        if self.pointer is None:
            return
        z, _ = self.values(self.pointer)
        function, area = FUNCTIONS[self.function], self.area()
        value, slope = function.value(z), function.slope(z)
        painter.setPen(tools.pen(self.theme.color("text2")))
        x = self.at(z, 0).x()
        painter.drawLine(QPointF(x, area.y()), QPointF(x, area.bottom()))
        painter.setPen(tools.pen(self.theme.color("canvas"), 1.5))
        for token, height in (("text", value), ("s2", slope)):
            place = self.at(z, height)
            if area.contains(place):
                painter.setBrush(self.theme.color(token))
                painter.drawEllipse(place, 4, 4)
        lines = [f"z {number(z, signed=True)}", f"f(z) {number(value)}   f′(z) {number(slope)}"]
        self.chip(painter, QPointF(x, self.pointer.y()), lines)


class FunctionStrip(QWidget):
    """All functions side by side, two rows where there is little room; the chosen one ringed, the node's own marked."""

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("lab_values_functions")
        self.setAccessibleName(self.tr("Activation functions"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(CELL_HEIGHT)
        self.theme, self.function, self.own = theme, "", ""
        self.setToolTip(self.tr("Choose the function that is drawn large"))

    def show_choice(self, function: str, own: str) -> None:
        """``own`` is the node's."""
        if (function, own) != (self.function, self.own):
            self.function, self.own = function, own
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(620, CELL_HEIGHT)

    def cell(self, name: str) -> QRectF:
        """Where the small graph of a function is, with its name below."""
        width = (self.width() - 6) / len(FUNCTION_NAMES)
        return QRectF(3 + FUNCTION_NAMES.index(name) * width, 3, width - 6, CELL_HEIGHT - 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for name in FUNCTION_NAMES:
                self._cell(painter, name, self.cell(name))

    def _cell(self, painter: QPainter, name: str, cell: QRectF) -> None:
        theme, box = self.theme, cell.adjusted(0, 0, 0, -20)
        painter.fillRect(box, theme.color("field"))
        z, y, slope = curves(name, SPAN)
        low, high = (-1.25, 1.25) if y.max() < 1.5 else (-SPAN, SPAN)
        painter.save()
        painter.setClipRect(box)
        across = box.x() + (z + SPAN) / (2 * SPAN) * box.width()
        zero = box.bottom() + low / (high - low) * box.height()
        painter.setPen(tools.pen(theme.color("line2")))
        painter.drawLine(QPointF(box.x(), zero), QPointF(box.right(), zero))
        painter.drawLine(QPointF(box.center().x(), box.y()), QPointF(box.center().x(), box.bottom()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for values, token, width in ((slope, "s2", 1.0), (y, "text", 1.6)):
            up = box.bottom() - (values - low) / (high - low) * box.height()
            painter.setPen(tools.pen(theme.color(token), width, SLOPE_DASH if token == "s2" else ()))
            painter.drawPolyline(tools.polygon(np.column_stack([across, up])))
        painter.restore()
        tools.frame(painter, box, theme.color("line3"))
        if name == self.function:
            tools.ring(painter, box, theme.color("accent"), off=1, width=2, radius=4)
        words = FUNCTIONS[name].title
        token, weight = ("text", 600) if name == self.own else ("text2", 400)
        tools.text(painter, cell.center().x(), cell.bottom() - 8, words, theme.color(token), 10.5, weight, "center", cell.width() + SPARE)
        if self.hasFocus() and name == self.function:
            tools.frame(painter, cell.adjusted(-1, -1, 1, 1), theme.color("accent"), 5)

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for name in FUNCTION_NAMES:
            if self.cell(name).contains(event.position()):
                self.chosen.emit(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or self.function not in FUNCTION_NAMES:
            super().keyPressEvent(event)
            return
        at = min(max(FUNCTION_NAMES.index(self.function) + step, 0), len(FUNCTION_NAMES) - 1)
        self.chosen.emit(FUNCTION_NAMES[at])
