"""Numbers that were predicted over those that are true: on the line where all is right. Beside it how far off they are."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from playground.data import Dataset
from playground.engine.live.snapshot import Evaluation
from playground.ui.numbers import number
from playground.ui.painters import tools
from playground.ui.panels.chart_axes import Axes, around
from playground.ui.panels.drawn import Drawn, OfSamples
from playground.ui.panels.gallery import evaluated
from playground.ui.theme import Theme

LEFT, BOTTOM, TOP, RIGHT = 40, 32, 8, 8
MOST_POINTS = 1500
REACH = 10.0


class Scatter(OfSamples):
    """A point a sample, of the first value where there are several. ``chosen(split, index)`` when one is clicked."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "scatter", parent)
        self.setAccessibleName(self.tr("Predicted and true numbers"))
        self._evaluation: Evaluation | None = None
        self._dataset: Dataset | None = None
        self._rows = self._true = self._said = np.zeros(0)
        self._axis = Axes()

    def show_evaluation(self, evaluation: Evaluation | None, dataset: Dataset | None) -> None:
        """Draw the predictions of ``evaluation`` over what is true in ``dataset``."""
        if evaluation is self._evaluation and dataset is self._dataset:
            return
        if dataset is not None and dataset is not self._dataset and len(dataset.train):
            self._axis = around(dataset.train.y.reshape(len(dataset.train), -1)[:, 0])
        self._evaluation, self._dataset = evaluation, dataset
        self._rows = self._true = self._said = np.zeros(0)
        if evaluation is not None and evaluation.predictions is not None and dataset is not None:
            part = dataset.split(evaluation.split)
            rows = evaluated(len(evaluation.predictions), len(part))
            said = evaluation.predictions.reshape(len(evaluation.predictions), -1)[: len(rows), 0]
            kept = np.isfinite(said)
            picked = np.flatnonzero(kept)[:: max(1, -(-int(kept.sum()) // MOST_POINTS))]
            self._rows, self._said = rows[picked], said[picked].astype(float)
            self._true = part.y.reshape(len(part), -1)[self._rows, 0].astype(float)
        self.update()

    # -- geometry
    def _area(self) -> QRectF:
        side = max(min(self.width() - LEFT - RIGHT, self.height() - TOP - BOTTOM), 1)
        return QRectF(LEFT, TOP, side, side)

    def at(self, true: float, said: float) -> QPointF:
        """Where a sample is drawn."""
        area, (low, high) = self._area(), self._axis.ends()
        return QPointF(area.x() + area.width() * (true - low) / (high - low), area.bottom() - area.height() * (said - low) / (high - low))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, area = QPainter(self), self._theme, self._area()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, words in self._axis.y_ticks(4):
            y, x = self.at(0, place).y(), self.at(place, 0).x()
            painter.setPen(tools.pen(theme.color("line")))
            painter.drawLine(QPointF(area.x(), y), QPointF(area.right(), y))
            painter.drawLine(QPointF(x, area.y()), QPointF(x, area.bottom()))
            tools.text(painter, area.x() - 6, y, words, theme.color("text3"), 10.5, align="right")
            tools.text(painter, x, area.bottom() + 9, words, theme.color("text3"), 10.5, align="center")
        tools.text(painter, area.right(), area.bottom() + 24, self.tr("true →   predicted ↑"), theme.color("text3"), 10.5, align="right")
        painter.setPen(tools.pen(theme.color("text3"), 1.0, (4.0, 3.0)))
        painter.drawLine(area.bottomLeft(), area.topRight())
        painter.save()
        painter.setClipRect(area)
        painter.setPen(Qt.PenStyle.NoPen)
        color = theme.color("pos")
        color.setAlphaF(0.55)
        painter.setBrush(color)
        for true, said in zip(self._true, self._said, strict=True):
            painter.drawEllipse(self.at(float(true), float(said)), 2, 2)
        painter.restore()
        split, index = self._sample
        listed = np.flatnonzero(self._rows == index)
        if self._evaluation is not None and split == self._evaluation.split and len(listed):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("text"), 1.5))
            painter.drawEllipse(self.at(float(self._true[listed[0]]), float(self._said[listed[0]])), 5.5, 5.5)
        painter.end()

    # -- the pointer
    def _nearest(self, position: QPointF) -> int | None:
        if not len(self._rows):
            return None
        places = [self.at(float(true), float(said)) for true, said in zip(self._true, self._said, strict=True)]
        far = [np.hypot(place.x() - position.x(), place.y() - position.y()) for place in places]
        best = int(np.argmin(far))
        return best if far[best] <= REACH else None

    def places(self) -> dict[str, tuple[int, int, int, int]]:
        """Where the plot stands on the screen, for tests with a real window."""
        return self.on_screen({"scatter/plot": self._area()})

    def sample_at(self, position: QPointF) -> tuple[str, int] | None:
        found = self._nearest(position)
        return (self._evaluation.split, int(self._rows[found])) if found is not None and self._evaluation is not None else None

    def tip(self, position: QPointF) -> str:
        found = self._nearest(position)
        if found is None:
            return ""
        return self.tr("sample {index}: true {true}, predicted {said}\nClick to follow it through the network.").format(
            index=int(self._rows[found]), true=number(self._true[found]), said=number(self._said[found])
        )


class Far(Drawn):
    """How far off the numbers are, beside answering the mean always; by the steps of a sequence where there is one at each."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "far", parent)
        self._evaluation: Evaluation | None = None

    def show_evaluation(self, evaluation: Evaluation | None) -> None:
        if evaluation is not self._evaluation:
            self._evaluation = evaluation
            self.setAccessibleName(", ".join(f"{words} {value}" for words, value in self.rows()))
            self.update()

    def rows(self) -> list[tuple[str, str]]:
        """(what, its error)."""
        found = self._evaluation.deviation if self._evaluation is not None else None
        if found is None:
            return []
        return [(self.tr("network"), number(found.error, 3)), (self.tr("answering the mean"), number(found.of_mean, 3))]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rows = self.rows()
        if not rows:
            words = self.tr("After the first evaluation, what it predicts beside what is true.")
            tools.paragraph(painter, QRectF(0, 2, self.width(), 60), words, theme.color("text3"), 10.5)
            painter.end()
            return
        tools.text(painter, 0, 8, self.tr("How far off (RMSE)"), theme.color("text"), 11.5, 600, room=self.width())
        for at, (words, value) in enumerate(rows):
            y, color, weight = 22 + (at + 0.5) * 19, theme.color("text2" if at else "text"), 400 if at else 600
            tools.text(painter, 0, y, words, color, 12, weight, room=self.width() - 64)
            tools.text(painter, self.width() - 6.0, y, value, color, 12, weight, align="right")
        painter.end()
