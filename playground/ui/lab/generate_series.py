"""A series that goes on by itself: the truth, each next value from the true ones, and from the network's own."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter

from playground.engine.experiments.generated import FreeRun
from playground.ui.lab.plot import TICK_ACROSS, Plot
from playground.ui.numbers import number
from playground.ui.painters import tools
from playground.ui.panels.chart_axes import Axes
from playground.ui.theme import Theme

STRAY = 0.4
"""How far beyond the truth's range a forecast is followed, of that range."""
GRIP = 6.0
KEY = 22.0


class SeriesPicture(Plot):
    """The pointer tells the values of a step; the line where the seen part ends can be dragged."""

    dragged = Signal(int)
    """The seen part is to have so many steps."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "lab_generate_series")
        self.setAccessibleName(self.tr("The forecast against the truth"))
        self.found: FreeRun | None = None
        self.forced = False
        self._drag: int | None = None

    def show_series(self, found: FreeRun, forced: bool) -> None:
        """``forced``: which of the two forecasts stands out."""
        self.found, self.forced = found, forced
        truth = found.truth[np.isfinite(found.truth)]
        low, high = float(truth.min()), float(truth.max())
        stray = STRAY * (high - low if high > low else 1.0)
        told = np.concatenate([found.forced, found.free if found.free is not None else []])
        told = told[np.isfinite(told)]
        if len(told):
            low, high = min(low, max(float(told.min()), low - stray)), max(high, min(float(told.max()), high + stray))
        edge = 0.05 * (high - low if high > low else 1.0)
        self.y_axis = Axes(low=low - edge, high=high + edge)
        self.x_axis = Axes(low=0.0, high=float(max(len(found.truth) - 1, 1)))
        self.y_title = f"{found.name} ({found.unit})" if found.unit else found.name
        self.renew()

    def lines(self) -> list[tuple[str, np.ndarray, str, float]]:
        """Title, values, color and width of each curve, those that stand back first."""
        found = self.found
        if found is None:
            return []
        made = [(self.tr("reads the truth"), found.forced, "s2", 2.2 if self.forced else 1.2)]
        if found.free is not None:
            free = found.free.copy()
            free[found.seen - 1] = found.truth[found.seen - 1]  # it begins where the seen part ends
            made.insert(0 if self.forced else 1, (self.tr("reads its own output"), free, "s3", 1.2 if self.forced else 2.2))
        return [(self.tr("truth"), found.truth, "s1", 1.6), *made]

    # -- drawing
    def draw(self, painter: QPainter) -> None:
        found, area, theme = self.found, self.area(), self.theme
        if found is None:
            return
        seen = self.at(found.seen - 0.5, 0).x()
        painter.fillRect(QRectF(area.x(), area.y(), seen - area.x(), area.height()), theme.color("field"))
        self._axes(painter, found)
        painter.save()
        painter.setClipRect(area)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for _, values, color, width in self.lines():
            painter.setPen(tools.pen(theme.color(color), width))
            for begin, end in runs(values):
                points = self.pixels(np.column_stack([np.arange(begin, end), values[begin:end]]))
                if end - begin > 1:
                    painter.drawPolyline(tools.polygon(points))
                else:
                    painter.drawPoint(QPointF(*points[0]))
        painter.restore()
        painter.setPen(tools.pen(theme.color("text2"), 1.2, (4.0, 3.0)))
        painter.drawLine(QPointF(seen, area.y()), QPointF(seen, area.bottom()))
        words = self.tr("seen until {time}").format(time=found.times[found.seen - 1])
        fits = tools.width(words, 10.5) + 8 < seen - area.x()
        tools.text(
            painter, seen - 6 if fits else seen + 6, area.y() + 10, words, theme.color("text2"), 10.5, align="right" if fits else "left"
        )
        self._key(painter)

    def _key(self, painter: QPainter) -> None:
        x, y = self.area().right(), self.area().y() - 14
        for title, _, color, width in sorted(self.lines(), key=lambda line: line[2], reverse=True):
            x -= tools.text(painter, x, y, title, self.theme.color("text2"), 11, align="right") + 6
            painter.setPen(tools.pen(self.theme.color(color), width))
            painter.drawLine(QPointF(x - KEY, y), QPointF(x, y))
            x -= KEY + 18

    def _axes(self, painter: QPainter, found: FreeRun) -> None:
        """Ticks of the values, and of the steps by their names."""
        area, theme = self.area(), self.theme
        for value, words in self.y_axis.y_ticks(max(2, min(7, int(area.height() // 44)))):
            y = round(self.at(0, value).y()) + 0.5
            painter.setPen(tools.pen(theme.color("line")))
            painter.drawLine(QPointF(area.x(), y), QPointF(area.right(), y))
            tools.text(painter, area.x() - 8, y, words, theme.color("text3"), 10.5, align="right")
        every = spacing(len(found.times), max(2, int(area.width() // TICK_ACROSS)))
        for at in range(0, len(found.times), every):
            x = self.at(at, 0).x()
            words = found.times[at]
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
        tools.text(painter, area.x(), area.y() - 14, self.y_title, theme.color("text2"), 11, 500)
        tools.text(painter, area.right(), area.bottom() + 29, self.tr("step"), theme.color("text2"), 11, 500, "right")

    def step_at(self, point: QPointF) -> int | None:
        """The step under ``point``."""
        if self.found is None or not self.area().contains(point):
            return None
        return min(max(round(self.values(point)[0]), 0), len(self.found.truth) - 1)

    def draw_over(self, painter: QPainter) -> None:
        found, theme, area = self.found, self.theme, self.area()
        if found is None or self.pointer is None:
            return
        if self._drag is not None:
            x = self.at(self._drag - 0.5, 0).x()
            painter.setPen(tools.pen(theme.color("accent"), 1.6))
            painter.drawLine(QPointF(x, area.y()), QPointF(x, area.bottom()))
            return
        at = self.step_at(self.pointer)
        if at is None:
            return
        x = self.at(at, 0).x()
        painter.setPen(tools.pen(theme.color("line3")))
        painter.drawLine(QPointF(x, area.y()), QPointF(x, area.bottom()))
        lines = [self.tr("step {time}").format(time=found.times[at])]
        for title, values, color, _ in self.lines():
            if np.isfinite(values[at]) and not (values is not found.truth and values is not found.forced and at < found.seen):
                lines.append(f"{title} {number(float(values[at]), 4)}")
                place = self.at(at, float(values[at]))
                if area.contains(place):
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(theme.color(color))
                    painter.drawEllipse(place, 3.2, 3.2)
        self.chip(painter, QPointF(x, self.pointer.y()), lines)

    # -- the pointer
    def _near(self, point: QPointF) -> bool:
        found = self.found
        return found is not None and self.area().contains(point) and abs(self.at(found.seen - 0.5, 0).x() - point.x()) < GRIP

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._near(event.position()) and self.found is not None:
            self._drag = self.found.seen
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None and self.found is not None:
            known = int(np.isfinite(self.found.truth).sum())
            self._drag = min(max(round(self.values(event.position())[0] + 0.5), 1), known - 1)
        self.setCursor(
            Qt.CursorShape.SplitHCursor if self._drag is not None or self._near(event.position()) else Qt.CursorShape.ArrowCursor
        )
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            seen, self._drag = self._drag, None
            self.dragged.emit(seen)
        super().mouseReleaseEvent(event)


def runs(values: np.ndarray) -> list[tuple[int, int]]:
    """Where numbers stand one after another: (begin, end) of each stretch."""
    known = np.concatenate([[False], np.isfinite(values), [False]])
    edges = np.flatnonzero(known[1:] != known[:-1])
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]


def spacing(steps: int, most: int) -> int:
    """From tick to tick: the least of 1, 2, 5, 10, 12, 20 ... steps that gives at most so many."""
    power = 1
    while True:
        for size in (1, 2, 5):
            if -(-steps // (size * power)) <= most:
                return size * power
        power *= 10
