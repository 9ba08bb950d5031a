"""What the lab's pictures share: a frame with two axes, each even or logarithmic, ticks, titles and a place under the pointer."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground import turns
from playground.ui.in_turn import InTurn
from playground.ui.painters import tools
from playground.ui.panels.chart_axes import Axes
from playground.ui.theme import Theme

LEFT, TOP, RIGHT, BOTTOM = 64.0, 28.0, 14.0, 42.0
TICK_ACROSS, TICK_UP = 84.0, 44.0


class Plot(InTurn, QWidget):
    """Subclasses draw into :meth:`area` by :meth:`draw` (kept as one picture until :meth:`renew`) and :meth:`draw_over` (what follows
    the pointer)."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.theme = theme
        self.x_axis, self.y_axis = Axes(low=0.0, high=1.0), Axes(low=0.0, high=1.0)
        self.x_title = self.y_title = ""
        self.square = False
        self.pointer: QPointF | None = None
        self._picture: QPixmap | None = None
        self.setMouseTracking(True)
        self.setMinimumSize(240, 200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(620, 480)

    def set_theme(self, theme: Theme) -> None:
        """Colors of another theme."""
        self.theme = theme
        self.renew()

    def renew(self) -> None:
        """Draw everything anew."""
        self._picture = None
        self.update()

    # -- places
    def area(self) -> QRectF:
        """Where data is drawn."""
        box = QRectF(LEFT, TOP, max(self.width() - LEFT - RIGHT, 10.0), max(self.height() - TOP - BOTTOM, 10.0))
        if self.square:
            side = min(box.width(), box.height())
            box = QRectF(box.x(), box.y(), side, side)
        return box

    def at(self, x: float, y: float) -> QPointF:
        """The pixel of a value pair."""
        area = self.area()
        return QPointF(area.x() + self._share(self.x_axis, x) * area.width(), area.bottom() - self._share(self.y_axis, y) * area.height())

    def pixels(self, points: np.ndarray) -> np.ndarray:
        """Pixels (n, 2) of value pairs (n, 2) on even axes."""
        area = self.area()
        (x0, x1), (y0, y1) = self.x_axis.ends(), self.y_axis.ends()
        x = area.x() + (points[:, 0] - x0) / (x1 - x0) * area.width()
        y = area.bottom() - (points[:, 1] - y0) / (y1 - y0) * area.height()
        return np.column_stack([x, y])

    def values(self, place: QPointF) -> tuple[float, float]:
        """The value pair at a pixel."""
        area = self.area()
        across, up = (place.x() - area.x()) / area.width(), (area.bottom() - place.y()) / area.height()
        return self._value(self.x_axis, across), self._value(self.y_axis, up)

    @staticmethod
    def _share(axis: Axes, value: float) -> float:
        low, high = axis.ends()
        if axis.log:
            value = math.log10(value) if value > 0 else low
        return (value - low) / (high - low)

    @staticmethod
    def _value(axis: Axes, share: float) -> float:
        low, high = axis.ends()
        value = low + share * (high - low)
        return float(10.0**value) if axis.log else value

    # -- drawing
    def draw(self, painter: QPainter) -> None:
        """What changes only with the numbers."""

    def draw_over(self, painter: QPainter) -> None:
        """What follows the pointer."""

    @turns.window
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None:
            ratio = self.devicePixelRatioF()
            self._picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(self.theme.color("panel"))
            with QPainter(self._picture) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                self.draw(painter)
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.draw_over(painter)

    def frame(self, painter: QPainter, grid: bool = True) -> None:
        """Ticks with their numbers, grid lines, the axes' titles."""
        area, theme = self.area(), self.theme
        for place, words in self.y_axis.y_ticks(max(2, min(6, int(area.height() // TICK_UP)))):
            y = (
                round(area.bottom() - (place - self.y_axis.ends()[0]) / (self.y_axis.ends()[1] - self.y_axis.ends()[0]) * area.height())
                + 0.5
            )
            if grid:
                painter.setPen(tools.pen(theme.color("line")))
                painter.drawLine(QPointF(area.x(), y), QPointF(area.right(), y))
            tools.text(painter, area.x() - 8, y, words, theme.color("text3"), 10.5, align="right")
        for place, words in self.x_axis.y_ticks(max(2, min(8, int(area.width() // TICK_ACROSS)))):
            low, high = self.x_axis.ends()
            x = round(area.x() + (place - low) / (high - low) * area.width()) + 0.5
            if grid:
                painter.setPen(tools.pen(theme.color("line")))
                painter.drawLine(QPointF(x, area.y()), QPointF(x, area.bottom()))
            half = tools.width(words, 10.5) / 2
            tools.text(
                painter,
                min(max(x, half + 2), self.width() - half - 2),
                area.bottom() + 12,
                words,
                theme.color("text3"),
                10.5,
                align="center",
            )
        tools.text(painter, area.right(), area.bottom() + 29, self.x_title, theme.color("text2"), 11, 500, "right", area.width())
        tools.text(painter, area.x(), area.y() - 14, self.y_title, theme.color("text2"), 11, 500, room=area.width())

    def nothing(self, painter: QPainter, words: str) -> None:
        """A sentence in the middle of an empty picture."""
        area = self.area()
        tools.frame(painter, area, self.theme.color("line2"))
        tools.text(
            painter, area.center().x(), area.center().y(), words, self.theme.color("text3"), 12, align="center", room=area.width() - 16
        )

    def chip(self, painter: QPainter, place: QPointF, lines: list[str]) -> None:
        """A few lines beside ``place``, inside the picture."""
        wide = max(tools.width(line, 11) for line in lines) + 16
        high = 16.0 * len(lines) + 8
        left = place.x() + 12 if place.x() + 12 + wide < self.width() - 4 else place.x() - 12 - wide
        top = min(max(place.y() - high - 8, 4.0), self.height() - high - 4)
        painter.setPen(tools.pen(self.theme.color("line2")))
        painter.setBrush(self.theme.color("canvas"))
        painter.drawRoundedRect(QRectF(round(left) + 0.5, round(top) + 0.5, wide, high), 4, 4)
        for row, line in enumerate(lines):
            tools.text(painter, left + 8, top + 12 + 16 * row, line, self.theme.color("text" if row == 0 else "text2"), 11)

    # -- the pointer
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.pointer = event.position() if self.area().contains(event.position()) else None
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self.pointer = None
        self.update()
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._picture = None
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.LanguageChange):
            self.renew()
        super().changeEvent(event)
