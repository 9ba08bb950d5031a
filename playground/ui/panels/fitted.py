"""One input, one number out: the data's points, and the network's answers joined by a line."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from playground.data import Dataset
from playground.engine.snapshot import Evaluation
from playground.ui.numbers import number
from playground.ui.theme import Theme, font

LEFT, BOTTOM, TOP = 52, 20, 8


class Fitted(QWidget):
    """The line goes through the predictions of the evaluated samples, from left to right: straight for a linear unit."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("fitted")
        self.setAccessibleName(self.tr("Fitted line"))
        self._theme = theme
        self._dataset: Dataset | None = None
        self._evaluation: Evaluation | None = None

    def show_evaluation(self, evaluation: Evaluation | None, dataset: Dataset | None) -> None:
        self._evaluation, self._dataset = evaluation, dataset
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def _line(self) -> tuple[np.ndarray, np.ndarray] | None:
        if self._dataset is None or self._evaluation is None or self._evaluation.predictions is None:
            return None
        x = self._dataset.split(self._evaluation.split).x.reshape(-1)
        y = self._evaluation.predictions.reshape(-1)
        if len(x) != len(y):
            return None
        order = np.argsort(x, kind="stable")
        return x[order], y[order]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(LEFT, TOP, self.width() - LEFT - 10, self.height() - TOP - BOTTOM)
        painter.setPen(QPen(theme.color("line2"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.topLeft(), area.bottomLeft())
        if self._dataset is not None:
            self._paint_data(painter, area, self._dataset)
        painter.end()

    def _paint_data(self, painter: QPainter, area: QRectF, dataset: Dataset) -> None:
        theme, train = self._theme, dataset.train
        x, y = train.x.reshape(-1).astype(float), train.y.reshape(-1).astype(float)
        left, right = min(0.0, float(x.min())), float(x.max()) * 1.05
        low, high = min(0.0, float(y.min())), float(y.max()) * 1.08

        def at(a: float, b: float) -> QPointF:
            return QPointF(area.x() + (a - left) / (right - left) * area.width(), area.bottom() - (b - low) / (high - low) * area.height())

        painter.setFont(font(10.5))
        painter.setPen(theme.color("text3"))
        flag = Qt.AlignmentFlag
        for value in (low, high / 1.08):
            painter.drawText(
                QRectF(0, at(0, value).y() - 8, LEFT - 6, 16), flag.AlignRight | flag.AlignVCenter, number(value, 3, trim=True)
            )
        names = dataset.description.feature_names
        for value in (left, right / 1.05):
            painter.drawText(QRectF(at(value, 0).x() - 30, area.bottom() + 2, 60, 16), flag.AlignCenter, number(value, 3, trim=True))
        painter.drawText(QRectF(area.x(), area.bottom() + 2, area.width(), 16), flag.AlignCenter, names[0] if names else "x")
        line = self._line()
        if line is not None and np.isfinite(line[1]).all():
            painter.save()
            painter.setClipRect(area)
            painter.setPen(QPen(theme.color("pos"), 1.5))
            painter.drawPolyline(QPolygonF([at(float(a), float(b)) for a, b in zip(*line, strict=True)]))
            painter.restore()
        painter.setPen(QPen(theme.color("rim"), 1))
        painter.setBrush(theme.color("plus_class"))
        for a, b in zip(x, y, strict=True):
            painter.drawEllipse(at(a, b), 4.5, 4.5)
