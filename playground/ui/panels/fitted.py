"""One input, one number out: the data's points, and the network's answers joined by a line."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from playground.data import Dataset
from playground.engine.live.snapshot import Evaluation
from playground.ui.numbers import MINUS, number
from playground.ui.painters import tools
from playground.ui.panels.chart_axes import Axes, around
from playground.ui.panels.drawn import OfSamples
from playground.ui.theme import Theme

LEFT, BOTTOM, TOP, RIGHT = 52, 34, 22, 10
REACH = 10.0
STRAIGHT = 1e-4
"""How far answers may lie off the straight line through the outer two, as a share of their range."""


class Fitted(OfSamples):
    """The line goes through the predictions of the evaluated samples, from left to right: straight for a linear unit."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "fitted", parent)
        self.setAccessibleName(self.tr("Fitted line"))
        self._dataset: Dataset | None = None
        self._evaluation: Evaluation | None = None
        self._axes = (Axes(), Axes())

    def show_evaluation(self, evaluation: Evaluation | None, dataset: Dataset | None) -> None:
        """Draw the answers of ``evaluation`` over the samples of ``dataset``."""
        if dataset is not self._dataset and dataset is not None and dataset.train.x[0].size == 1:
            self._axes = (around(dataset.train.x), around(dataset.train.y))
        self._evaluation, self._dataset = evaluation, dataset
        self.update()

    def words(self) -> str:
        """The line as a formula, ``"salary = 1,160 years − 285"``, where the answers lie on a straight one; else ``""``."""
        line = self._line()
        if line is None or self._dataset is None or len(line[0]) < 2 or not np.isfinite(line[1]).all() or line[0][0] == line[0][-1]:
            return ""
        x, y = (part.astype(float) for part in line)
        slope = (y[-1] - y[0]) / (x[-1] - x[0])
        start = y[0] - slope * x[0]
        if np.abs(slope * x + start - y).max() > STRAIGHT * max(np.ptp(y), 1e-9):
            return ""
        horizontal, vertical = self._names()
        sign = MINUS if start < 0 else "+"
        return f"{vertical} = {number(slope, 4, trim=True)} {horizontal} {sign} {number(abs(start), 4, trim=True)}"

    def _names(self) -> tuple[str, str]:
        description = self._dataset.description if self._dataset is not None else None
        x = description.feature_names[0] if description is not None and description.feature_names else "x"
        return x, description.target_names[0] if description is not None and description.target_names else "y"

    def _line(self) -> tuple[np.ndarray, np.ndarray] | None:
        if self._dataset is None or self._evaluation is None or self._evaluation.predictions is None:
            return None
        x = self._dataset.split(self._evaluation.split).x.reshape(-1)
        y = self._evaluation.predictions.reshape(-1)
        if len(x) != len(y):
            return None
        order = np.argsort(x, kind="stable")
        return x[order], y[order]

    # -- geometry
    def _area(self) -> QRectF:
        return QRectF(LEFT, TOP, max(self.width() - LEFT - RIGHT, 1), max(self.height() - TOP - BOTTOM, 1))

    def at(self, x: float, y: float) -> QPointF:
        """Where a point of the data is drawn."""
        area = self._area()
        (left, right), (low, high) = self._axes[0].ends(), self._axes[1].ends()
        return QPointF(area.x() + (x - left) / (right - left) * area.width(), area.bottom() - (y - low) / (high - low) * area.height())

    # -- drawing
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._dataset is not None and self._dataset.train.x[0].size == 1:
            self._frame(painter)
            self._paint_line(painter)
            self._paint_points(painter)
        painter.end()

    def _frame(self, painter: QPainter) -> None:
        theme, area = self._theme, self._area()
        horizontal, vertical = self._names()
        for place, words in self._axes[1].y_ticks():
            y = round(self.at(0, place).y()) + 0.5
            painter.setPen(tools.pen(theme.color("line")))
            painter.drawLine(QPointF(area.x(), y), QPointF(area.right(), y))
            tools.text(painter, area.x() - 7, y, words, theme.color("text3"), 10.5, align="right")
        painter.setPen(tools.pen(theme.color("line2")))
        painter.drawLine(area.topLeft(), area.bottomLeft())
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        for place, words in self._axes[0].y_ticks():
            tools.text(painter, self.at(place, 0).x(), area.bottom() + 10, words, theme.color("text3"), 10.5, align="center")
        tools.text(painter, area.right(), area.bottom() + 25, horizontal, theme.color("text3"), 10.5, align="right")
        tools.text(painter, area.x() - 7, TOP - 13, vertical, theme.color("text3"), 10.5)

    def _paint_line(self, painter: QPainter) -> None:
        line = self._line()
        if line is None or not np.isfinite(line[1]).all():
            return
        painter.save()
        painter.setClipRect(self._area())
        painter.setPen(QPen(self._theme.color("pos"), 1.5))
        painter.drawPolyline(QPolygonF([self.at(float(a), float(b)) for a, b in zip(*line, strict=True)]))
        painter.restore()

    def _paint_points(self, painter: QPainter) -> None:
        theme, dataset = self._theme, self._dataset
        assert dataset is not None
        few = len(dataset.train) <= 60
        for x, y in zip(dataset.train.x.reshape(-1), dataset.train.y.reshape(-1), strict=True):
            painter.setPen(QPen(theme.color("rim"), 1))
            painter.setBrush(theme.color("plus_class"))
            radius = 4.5 if few else 2.5
            painter.drawEllipse(self.at(float(x), float(y)), radius, radius)
        split, index = self._sample
        if split in ("train", "validation", "test") and 0 <= index < len(dataset.split(split)):
            part = dataset.split(split)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("text"), 1.5))
            painter.drawEllipse(self.at(float(part.x[index].ravel()[0]), float(part.y[index].ravel()[0])), 8, 8)

    # -- the pointer
    def _nearest(self, position: QPointF) -> int | None:
        if self._dataset is None or self._dataset.train.x[0].size != 1 or not len(self._dataset.train):
            return None
        train = self._dataset.train
        places = [self.at(float(x), float(y)) for x, y in zip(train.x.reshape(-1), train.y.reshape(-1), strict=True)]
        far = [np.hypot(place.x() - position.x(), place.y() - position.y()) for place in places]
        best = int(np.argmin(far))
        return best if far[best] <= REACH else None

    def sample_at(self, position: QPointF) -> tuple[str, int] | None:
        found = self._nearest(position)
        return ("train", found) if found is not None else None

    def tip(self, position: QPointF) -> str:
        found = self._nearest(position)
        if found is None or self._dataset is None:
            return ""
        x, y = (float(part[found].ravel()[0]) for part in (self._dataset.train.x, self._dataset.train.y))
        horizontal, vertical = self._names()
        return self.tr("sample {index}: {x_name} {x}, {y_name} {y}\nClick to follow it through the network.").format(
            index=found, x_name=horizontal, x=number(x), y_name=vertical, y=number(y, 5, trim=True)
        )
