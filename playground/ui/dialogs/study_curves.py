"""The curves of all points of a study over one another: colored by what was tried, the best marked, the nearest told."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from playground.engine.live.snapshot import Studied
from playground.ui.dialogs import study_scores as scores
from playground.ui.dialogs.study_lines import Lines, draw
from playground.ui.painters import tools
from playground.ui.panels.chart_axes import Axes, Tick
from playground.ui.theme import Theme

LEFT, RIGHT, TOP, BOTTOM = 44.0, 12.0, 24.0, 20.0
REACH = 16.0
"""Px from a curve within which the pointer is on it."""
LEGEND = 84.0


class StudyCurves(QWidget):
    """``on_hover(point)`` and ``on_choice(point)`` are called when the pointer finds a curve, or takes it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("study_curves")
        self.setMouseTracking(True)
        self.setMinimumSize(360, 150)
        self._theme = theme
        self.study: Studied | None = None
        self.kind, self.title, self.axis_title = "loss/train", "", ""
        self.best: int | None = None
        self.chosen: int | None = None
        self.hovered: int | None = None
        self.tell: Callable[[int], str] = lambda at: ""
        self.on_hover: Callable[[int | None], object] = lambda at: None
        self.on_choice: Callable[[int | None], object] = lambda at: None
        self.lines = Lines()
        self._shares: tuple[Studied, list[float]] | None = None
        self._at = QPointF()

    def sizeHint(self) -> QSize:
        return QSize(560, 210)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def nearest(self, place: QPointF) -> int | None:
        """The point whose curve runs within reach of ``place``."""
        found: tuple[float, int] | None = None
        for at, line in self.lines.places.items():
            if len(line) and line[0, 0] - REACH <= place.x() <= line[-1, 0] + REACH:
                near = line[np.abs(line[:, 0] - place.x()) < REACH] if len(line) > 1 else line
                height = float(np.interp(place.x(), line[:, 0], line[:, 1]))
                away = min([abs(height - place.y()), *(float(np.hypot(*(one - (place.x(), place.y())))) for one in near[:1])])
                if away <= REACH and (found is None or away < found[0]):
                    found = away, at
        return found[1] if found is not None else None

    # -- drawing
    def area(self) -> QRectF:
        return QRectF(LEFT, TOP, max(self.width() - LEFT - RIGHT, 1), max(self.height() - TOP - BOTTOM, 1))

    def color(self, at: int) -> QColor:
        """Of a sweep by the first field's value, on the ramp of amounts; starts are alike."""
        study, theme = self.study, self._theme
        if study is None or not study.axes:
            return theme.color("s2", 0.75)
        if self._shares is None or self._shares[0] is not study:
            self._shares = study, scores.spread([point.values[0] for point in study.points])
        red, green, blue = (int(part) for part in theme.ramp("seq")[self._entry(self._shares[1][at])])
        return QColor(red, green, blue)

    @staticmethod
    def _entry(share: float) -> int:
        return round(255 * (scores.FAINTEST + (1 - scores.FAINTEST) * share))

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.study is None:
                return
            self._legend(painter, self.study)
            self._curves(painter, self.study)

    def _legend(self, painter: QPainter, study: Studied) -> None:
        theme, right = self._theme, self.width() - RIGHT
        if study.axes:
            values = [point.values[0] for point in study.points]
            place = scores.spread(values)
            ends = [values[place.index(min(place))], values[place.index(max(place))]]
            right -= tools.text(painter, right, 9, scores.words(ends[1]), theme.color("text2"), 10.5, align="right") + 6
            for step in range(round(LEGEND)):
                red, green, blue = (int(part) for part in theme.ramp("seq")[self._entry(step / LEGEND)])
                painter.fillRect(QRectF(right - LEGEND + step, 6, 1.5, 6), QColor(red, green, blue))
            right -= LEGEND + 6
            right -= tools.text(painter, right, 9, scores.words(ends[0]), theme.color("text2"), 10.5, align="right") + 8
            right -= tools.text(painter, right, 9, self.axis_title, theme.color("text3"), 10.5, align="right", room=150) + 8
        tools.text(painter, LEFT, 9, self.title, theme.color("text"), 11.5, 600, room=max(right - LEFT, 40))

    def _curves(self, painter: QPainter, study: Studied) -> None:
        theme, area = self._theme, self.area()
        curves = {at: point.curves[self.kind] for at, point in enumerate(study.points) if self.kind in point.curves}
        self.lines.lay(curves, self.kind, area)
        self._frame(painter, self.lines.axes, self.lines.ticks)
        places = self.lines.places
        settled = {at for at in curves if study.points[at].state != "running"}
        painter.drawPixmap(0, 0, self.lines.picture(self.size(), self.devicePixelRatioF(), settled, self.color, (theme.name, study.axes)))
        strong = [at for at in dict.fromkeys((self.best, self.chosen, self.hovered)) if at is not None and at in places]
        painter.save()
        painter.setClipRect(area.adjusted(0, -3, 4, 3))
        for at in (*(places.keys() - settled), *strong):
            if at in (self.chosen, self.hovered):
                draw(painter, places[at], theme.color("accent", 0.55 if at == self.chosen else 0.35), 4.5)
            draw(painter, places[at], self.color(at), 2.0 if at in strong else 1.0)
        painter.restore()
        if self.best in places and len(places[self.best]):
            self._mark(painter, QPointF(*places[self.best][-1].tolist()))
        if self.hovered in places and self.underMouse():
            self._label(painter, self.tell(self.hovered))

    def _frame(self, painter: QPainter, axes: Axes, ticks: list[Tick]) -> None:
        theme, area, (low, high) = self._theme, self.area(), axes.ends()
        for place, label in ticks:
            y = round(area.bottom() - (place - low) / (high - low) * area.height()) + 0.5
            painter.setPen(tools.pen(theme.color("line")))
            painter.drawLine(QPointF(area.x(), y), QPointF(area.right(), y))
            tools.text(painter, area.x() - 6, y, label, theme.color("text3"), 10.5, align="right")
        for place, label in axes.x_ticks(area.width()):
            wide = tools.width(label, 10.5)
            left = min(area.x() + place / axes.right * area.width() - (0 if place == 0 else wide / 2), self.width() - 2 - wide)
            tools.text(painter, left, area.bottom() + 11, label, theme.color("text3"), 10.5)

    def _mark(self, painter: QPainter, end: QPointF) -> None:
        """The best curve's end: a ring and the word."""
        theme, words = self._theme, self.tr("best")
        painter.setPen(tools.pen(theme.color("good"), 1.8))
        painter.setBrush(theme.color("panel"))
        painter.drawEllipse(end, 3.5, 3.5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        wide = tools.width(words, 10.5, 600)
        box = QRectF(end.x() - wide - 12, end.y() + 4, wide + 4, 14)
        painter.fillRect(box, theme.color("panel", 0.8))
        tools.text(painter, box.x() + 2, box.center().y(), words, theme.color("good"), 10.5, 600)

    def _label(self, painter: QPainter, words: str) -> None:
        """What the curve under the pointer is of."""
        theme, wide = self._theme, tools.width(words, 11) + 12
        left = min(max(self._at.x() + 12, LEFT), self.width() - wide - 4)
        top = self._at.y() - 28 if self._at.y() > TOP + 30 else self._at.y() + 12
        box = QRectF(left, top, wide, 20)
        painter.setPen(tools.pen(theme.color("line2")))
        painter.setBrush(theme.color("raised"))
        painter.drawRoundedRect(box, 4, 4)
        tools.text(painter, box.x() + 6, box.center().y(), words, theme.color("text"), 11)

    # -- the pointer
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._at = event.position()
        self.on_hover(self.nearest(event.position()))
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.nearest(event.position())
        if found is not None:
            self.on_choice(found)

    def leaveEvent(self, event: QEvent) -> None:
        self.on_hover(None)
        super().leaveEvent(event)
