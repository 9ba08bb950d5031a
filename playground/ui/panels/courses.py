"""Numbers at each step of a sequence: the worst samples, each the truth and the answer by the line of steps; and the error by step."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from playground.data import Dataset
from playground.engine.live.snapshot import Evaluation, Worst
from playground.ui.numbers import count, number
from playground.ui.painters import tools
from playground.ui.panels.chart_axes import Axes, around
from playground.ui.panels.drawn import Drawn, OfSamples, Scrolled
from playground.ui.theme import Theme

TOP, GAP = 22.0, 10.0
TILE_WIDE, TILE_HIGH = 132.0, 58.0
MOST_DOTS = 40
LEFT, BOTTOM, RIGHT = 40, 22, 6


class StepErrors(Drawn):
    """The root of the mean squared error at each step: where in a sequence the network is off."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "step_errors", parent)
        self.setAccessibleName(self.tr("Error by step"))
        self._evaluation: Evaluation | None = None

    def show_evaluation(self, evaluation: Evaluation | None) -> None:
        if evaluation is not self._evaluation:
            self._evaluation = evaluation
            self.update()

    @property
    def errors(self) -> np.ndarray:
        answers = self._evaluation.answers if self._evaluation is not None else None
        return answers.errors if answers is not None else np.zeros(0)

    def _area(self) -> QRectF:
        return QRectF(LEFT, TOP, max(self.width() - LEFT - RIGHT, 1), max(self.height() - TOP - BOTTOM, 1))

    def _axis(self) -> Axes:
        known = self.errors[np.isfinite(self.errors)]
        return around(known) if len(known) and known.max() > 0 else Axes()

    def bar_rect(self, step: int) -> QRectF:
        """The bar of a step."""
        area, (low, high) = self._area(), self._axis().ends()
        wide = area.width() / max(len(self.errors), 1)
        tall = area.height() * (float(self.errors[step]) - low) / (high - low) if np.isfinite(self.errors[step]) else 0.0
        gap = 1.0 if wide > 3 else 0.0
        return QRectF(area.x() + step * wide, area.bottom() - tall, max(wide - gap, 0.5), tall)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, area = QPainter(self), self._theme, self._area()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        found = self._evaluation.deviation if self._evaluation is not None else None
        title = self.tr("Error by step (RMSE)")
        taken = tools.text(painter, 0, 8, title, theme.color("text"), 11.5, 600, room=self.width())
        if found is not None:
            words = self.tr("all {error}, by the mean {mean}").format(error=number(found.error, 3), mean=number(found.of_mean, 3))
            if taken + 12 + tools.width(words, 10.5) < self.width():
                tools.text(painter, self.width() - 6.0, 8, words, theme.color("text3"), 10.5, align="right")
        low, high = self._axis().ends()
        for place, words in self._axis().y_ticks(3):
            y = round(area.bottom() - area.height() * (place - low) / (high - low)) + 0.5
            painter.setPen(tools.pen(theme.color("line")))
            painter.drawLine(QPointF(area.x(), y), QPointF(area.right(), y))
            tools.text(painter, area.x() - 6, y, words, theme.color("text3"), 10.5, align="right")
        steps = len(self.errors)
        for step in range(steps):
            painter.fillRect(self.bar_rect(step), theme.color("text3" if np.isfinite(self.errors[step]) else "field"))
        if steps:
            tools.text(painter, area.x(), area.bottom() + 11, self.tr("step 1"), theme.color("text3"), 10.5)
            tools.text(painter, area.right(), area.bottom() + 11, count(steps), theme.color("text3"), 10.5, align="right")
        painter.end()

    def tip(self, position: QPointF) -> str:
        """What the pointer says at ``position``."""
        area, steps = self._area(), len(self.errors)
        step = math.floor((position.x() - area.x()) / area.width() * steps) if steps else -1
        if not 0 <= step < steps:
            return ""
        return self.tr("step {step}: {error}").format(step=step + 1, error=number(float(self.errors[step]), 3))


class Courses(Scrolled, OfSamples):
    """The worst sequences. ``chosen(split, index)`` when one is clicked; what does not fit comes by the wheel."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "courses", parent)
        self.setAccessibleName(self.tr("Worst predictions"))
        self._evaluation: Evaluation | None = None
        self._dataset: Dataset | None = None
        self._worst: tuple[Worst, ...] = ()

    def show_evaluation(self, evaluation: Evaluation | None, dataset: Dataset | None) -> None:
        """Draw the sequences of ``evaluation`` that were answered worst."""
        if evaluation is not self._evaluation or dataset is not self._dataset:
            self._evaluation, self._dataset = evaluation, dataset
            fits = evaluation is not None and evaluation.answers is not None and dataset is not None
            self._worst = evaluation.worst if fits and evaluation is not None else ()
            self._scroll(0)
            self.update()

    # -- geometry
    @property
    def _columns(self) -> int:
        return max(1, int((self.width() + GAP) // (TILE_WIDE + GAP)))

    @property
    def _seen(self) -> int:
        return max(1, int((self.height() - TOP + GAP) // (TILE_HIGH + GAP)))

    def scrollable(self) -> int:
        return -(-len(self._worst) // self._columns) - self._seen

    def tile_rect(self, at: int) -> QRectF:
        """Where the ``at``-th worst sample stands."""
        wide = (self.width() - (self._columns - 1) * GAP - 6) / self._columns
        row, column = divmod(at, self._columns)
        return QRectF(column * (wide + GAP), TOP + (row - self._first) * (TILE_HIGH + GAP), wide, TILE_HIGH)

    def _shown(self) -> range:
        first = self._first * self._columns
        return range(first, min(first + self._seen * self._columns, len(self._worst)))

    def lines(self, at: int) -> tuple[np.ndarray, np.ndarray] | None:
        """Truth and answer (T,) of the ``at``-th worst sample: the first value of each step that is real."""
        answers = self._evaluation.answers if self._evaluation is not None else None
        if answers is None or self._dataset is None or self._evaluation is None:
            return None
        part, index = self._dataset.split(self._evaluation.split), self._worst[at].index
        row = int(np.searchsorted(answers.rows, index))
        if index >= len(part) or row >= len(answers.rows) or part.y.ndim != 3:
            return None
        length = int(part.lengths[index]) if part.lengths is not None else part.y.shape[1]
        return part.y[index, :length, 0].astype(float), answers.said[row, :length].astype(float)

    # -- painting
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        taken = tools.text(painter, 0, 8, self.tr("Worst predictions"), theme.color("text"), 11.5, 600, room=self.width())
        if not self._worst:
            words = self.tr("After the first evaluation, the sequences it gets most wrong.")
            tools.paragraph(painter, QRectF(0, TOP, self.width(), 48), words, theme.color("text3"), 10.5)
        elif self.width() - taken > 130:
            x = taken + 14
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("text"))
            painter.drawEllipse(QPointF(x, 8), 2, 2)
            x += 8 + tools.text(painter, x + 8, 8, self.tr("truth"), theme.color("text3"), 10.5) + 12
            painter.setPen(tools.pen(theme.color("pos"), 1.6))
            painter.drawLine(QPointF(x, 8), QPointF(x + 12, 8))
            tools.text(painter, x + 18, 8, self.tr("answer"), theme.color("text3"), 10.5)
        for at in self._shown():
            self._paint_tile(painter, at)
        painter.end()

    def _paint_tile(self, painter: QPainter, at: int) -> None:
        theme, rect, lines = self._theme, self.tile_rect(at), self.lines(at)
        painter.fillRect(rect, theme.color("field"))
        followed = self._evaluation is not None and self._sample == (self._evaluation.split, self._worst[at].index)
        if lines is not None and all(np.isfinite(line).all() for line in lines):
            truth, said = lines
            low, high = min(float(line.min()) for line in lines), max(float(line.max()) for line in lines)
            span, inner = max(high - low, 1e-9), rect.adjusted(5, 6, -5, -6)

            def points(values: np.ndarray) -> list[QPointF]:
                across = inner.width() / max(len(values) - 1, 1)
                return [
                    QPointF(inner.x() + step * across, inner.bottom() - inner.height() * (value - low) / span)
                    for step, value in enumerate(values)
                ]

            painter.setPen(tools.pen(theme.color("pos"), 1.6))
            painter.drawPolyline(QPolygonF(points(said)))
            if len(truth) <= MOST_DOTS * 2:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("text"))
                for point in points(truth):
                    painter.drawEllipse(point, 1.6, 1.6)
            else:
                painter.setPen(tools.pen(theme.color("text"), 1.0))
                painter.drawPolyline(QPolygonF(points(truth)))
        tools.frame(painter, rect, theme.color("accent" if followed else "line2"))

    # -- the pointer
    def _at(self, position: QPointF) -> int | None:
        return next((at for at in self._shown() if self.tile_rect(at).contains(position)), None)

    def places(self) -> dict[str, tuple[int, int, int, int]]:
        """Where the samples stand on the screen, for tests with a real window."""
        return self.on_screen({f"courses/{place}": self.tile_rect(at) for place, at in enumerate(self._shown())})

    def sample_at(self, position: QPointF) -> tuple[str, int] | None:
        at = self._at(position)
        return (self._evaluation.split, self._worst[at].index) if at is not None and self._evaluation is not None else None

    def tip(self, position: QPointF) -> str:
        at = self._at(position)
        if at is None:
            return ""
        one = self._worst[at]
        return self.tr("sample {index}, loss {loss}\nClick to follow it through the network.").format(
            index=count(one.index), loss=number(one.loss)
        )
