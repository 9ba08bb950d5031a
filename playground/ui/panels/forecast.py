"""A series' forecast against what came, and what forecasts without a network come to; by the line of time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QSizePolicy, QToolTip, QVBoxLayout, QWidget

from playground.engine.evaluation.forecast import Forecast
from playground.engine.live.snapshot import Evaluation
from playground.ui.numbers import number
from playground.ui.painters import tools
from playground.ui.panels.chart_axes import Axes, around
from playground.ui.panels.drawn import Drawn, OfSamples
from playground.ui.style import look
from playground.ui.theme import Theme

LEFT, BOTTOM, TOP, RIGHT = 46, 22, 22, 8
MOST_DOTS = 130
"""So many values are dots on their line; more would be a smear."""
ROW, HEAD = 19.0, 38.0
NETWORK = "network"
TOKENS = {NETWORK: "pos", "linear AR": "s3", "seasonal": "s2", "naive": "s4"}


class ForecastPlot(OfSamples):
    """``chosen(split, index)`` when a step is clicked."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "forecast", parent)
        self.setAccessibleName(self.tr("Forecast and truth"))
        self._found: Forecast | None = None
        self._split, self._samples = "validation", 0
        self._shown = "linear AR"
        self._axis = Axes()

    def show_evaluation(self, evaluation: Evaluation | None) -> None:
        """Draw the forecast of ``evaluation``."""
        found = evaluation.forecast if evaluation is not None else None
        if found is not self._found:
            if found is not None and (self._found is None or not np.array_equal(found.truth, self._found.truth)):
                self._axis = _axis(found.truth)
            self._found = found
            if evaluation is not None:
                self._split = evaluation.split
            self.update()

    def show_baseline(self, name: str) -> None:
        """Which forecast is drawn beside the network's."""
        if name != self._shown:
            self._shown = name
            self.update()

    @property
    def found(self) -> Forecast | None:
        return self._found

    # -- geometry
    def _area(self) -> QRectF:
        return QRectF(LEFT, TOP, max(self.width() - LEFT - RIGHT, 1), max(self.height() - TOP - BOTTOM, 1))

    def at(self, step: int, value: float) -> QPointF:
        """Where ``value`` at the ``step``-th shown step is drawn."""
        area, steps = self._area(), len(self._found.truth) if self._found is not None else 1
        low, high = self._axis.ends()
        return QPointF(area.x() + area.width() * (step + 0.5) / max(steps, 1), area.bottom() - area.height() * (value - low) / (high - low))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        found, area = self._found, self._area()
        name = found.name + (f" ({found.unit})" if found.unit else "") if found is not None else self.tr("Forecast and truth")
        taken = tools.text(painter, 0, 8, name, theme.color("text"), 11.5, 600, room=self.width() - 8)
        if found is not None and taken + 90 < self.width():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("text"))
            painter.drawEllipse(QPointF(taken + 16, 8), 2, 2)
            tools.text(painter, taken + 24, 8, self.tr("what came"), theme.color("text3"), 10.5)
        for place, words in self._axis.y_ticks(4 if area.height() < 120 else 5):
            y = round(self.at(0, place).y()) + 0.5
            painter.setPen(tools.pen(theme.color("line")))
            painter.drawLine(QPointF(area.x(), y), QPointF(area.right(), y))
            tools.text(painter, area.x() - 6, y, words, theme.color("text3"), 10.5, align="right")
        if found is None:
            tools.paragraph(
                painter,
                area.adjusted(8, 4, -8, 0),
                self.tr("After the first evaluation, what the network foretells beside what came."),
                theme.color("text3"),
                10.5,
            )
            painter.end()
            return
        self._paint_times(painter, found)
        painter.save()
        painter.setClipRect(area.adjusted(-2, -2, 2, 2))
        for one in found.baselines:
            if one.name == self._shown:
                self._line(painter, one.values, TOKENS[one.name], 1.2, (4.0, 3.0))
        self._line(painter, found.truth, "text3", 1.0, ())
        if len(found.truth) <= MOST_DOTS:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("text"))
            for step, value in enumerate(found.truth):
                painter.drawEllipse(self.at(step, float(value)), 2, 2)
        if np.isfinite(found.answers).all():
            self._line(painter, found.answers, TOKENS[NETWORK], 1.7, ())
        painter.restore()
        split, index = self._sample
        if split == self._split and 0 <= index < len(found.truth):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("text"), 1.5))
            painter.drawEllipse(self.at(index, float(found.truth[index])), 5.5, 5.5)
        painter.end()

    def _line(self, painter: QPainter, values: np.ndarray, token: str, width: float, dash: tuple[float, ...]) -> None:
        painter.setPen(tools.pen(self._theme.color(token), width, dash))
        painter.drawPolyline(QPolygonF([self.at(step, float(value)) for step, value in enumerate(values)]))

    def _paint_times(self, painter: QPainter, found: Forecast) -> None:
        """The times of a few steps below the axis: round years, else first and last among them."""
        area = self._area()
        wide = max(tools.width(found.times[0], 10.5), tools.width(found.times[-1], 10.5), 24) + 18
        for step in ticks(found.times, max(2, min(int(area.width() // wide), 6))):
            half = tools.width(found.times[step], 10.5) / 2
            x = min(max(self.at(step, 0).x(), area.x() + half), area.right() - half)
            tools.text(painter, x, area.bottom() + 11, found.times[step], self._theme.color("text3"), 10.5, align="center")

    # -- the pointer
    def _step(self, position: QPointF) -> int | None:
        area = self._area()
        if self._found is None or not area.adjusted(0, 0, 0, BOTTOM).contains(position):
            return None
        return min(int((position.x() - area.x()) / area.width() * len(self._found.truth)), len(self._found.truth) - 1)

    def tip(self, position: QPointF) -> str:
        """What the pointer says at ``position``."""
        step, found = self._step(position), self._found
        if step is None or found is None:
            return ""

        def said(value: float) -> str:
            return number(value, 4, trim=True)

        lines = [found.times[step], self.tr("came: {value}").format(value=said(found.truth[step]))]
        lines.append(self.tr("network: {value}").format(value=said(found.answers[step])))
        lines += [f"{names(self)[one.name]}: {said(one.values[step])}" for one in found.baselines]
        return "\n".join([*lines, self.tr("Click to follow it through the network.")])

    def places(self) -> dict[str, tuple[int, int, int, int]]:
        """Where the plot stands on the screen, for tests with a real window."""
        return self.on_screen({"forecast/plot": self._area()})

    def sample_at(self, position: QPointF) -> tuple[str, int] | None:
        step = self._step(position)
        return (self._split, step) if step is not None else None


def ticks(times: Sequence[str], most: int) -> list[int]:
    """At most ``most`` steps whose times are written: those that a round number divides where times are whole numbers one after the
    other, else steps about equally far apart from the first to the last."""
    last = len(times) - 1
    if last > 0 and all(time.isdecimal() for time in times) and int(times[-1]) - int(times[0]) == last:
        for size in (digit * 10**power for power in range(len(times[-1])) for digit in (1, 2, 5)):
            found = [step for step, time in enumerate(times) if int(time) % size == 0]
            if len(found) <= most:
                break
        if len(found) > 1:
            return found
    shown = min(most, last + 1)
    return [round(place * last / (shown - 1)) for place in range(shown)] if shown > 1 else [0]


def _axis(values: np.ndarray) -> Axes:
    """Around the values alone where 0 is far from all of them: 350 ppm of carbon dioxide lie between 340 and 370."""
    low, high = float(values.min()), float(values.max())
    if low <= 0 or high - low > 0.5 * high:
        return around(values)
    shifted = around(values - low)
    step = 10.0 ** np.floor(np.log10(max(high - low, 1e-12)))
    base = np.floor(low / step) * step
    return Axes(low=base, high=base + max(shifted.high + (low - base), step))


def names(widget: QWidget) -> dict[str, str]:
    """What forecasts are called."""
    return {
        NETWORK: widget.tr("network"),
        "linear AR": widget.tr("linear AR"),
        "seasonal": widget.tr("seasonal"),
        "naive": widget.tr("naive"),
    }


class ForecastTable(Drawn):
    """The forecasts and how far each is off, the best first; one without a network is drawn when its row is pointed to."""

    pointed = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "forecast_table", parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._found: Forecast | None = None
        self._shown = "linear AR"

    def sizeHint(self) -> QSize:
        return QSize(170, round(HEAD + 4 * ROW))

    def show_forecast(self, found: Forecast | None) -> None:
        self._found = found
        self.setAccessibleName(", ".join(f"{name} {words}" for name, words, _ in self.rows()))
        self.update()

    def rows(self) -> list[tuple[str, str, str]]:
        """(forecast, its error, what it is called), the best first."""
        if self._found is None:
            return []
        errors = [(NETWORK, self._found.error), *((one.name, one.error) for one in self._found.baselines)]
        called = names(self)
        return [(name, number(error, 3), called[name]) for name, error in sorted(errors, key=lambda row: row[1])]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        found = self._found
        if found is None:
            painter.end()
            return
        tools.text(painter, 0, 8, self.tr("How far off (RMSE)"), theme.color("text"), 11.5, 600, room=self.width())
        ahead = self.tr("one step ahead") if found.horizon == 1 else self.tr("{count} steps ahead").format(count=found.horizon)
        tools.text(painter, 0, 24, f"{ahead}, {found.unit}" if found.unit else ahead, theme.color("text3"), 10.5, room=self.width())
        for at, (name, error, called) in enumerate(self.rows()):
            y = HEAD + (at + 0.5) * ROW
            if y + ROW / 2 > self.height() + 2:
                break
            drawn = name in (NETWORK, self._shown)
            solid = name == NETWORK
            painter.setPen(tools.pen(theme.color(TOKENS[name]), 1.7 if solid else 1.2, () if solid else (4.0, 3.0)))
            if drawn:
                painter.drawLine(QPointF(0, y), QPointF(16, y))
            right = self.width() - 6.0
            weight = 600 if solid else 400
            tools.text(
                painter,
                24,
                y,
                called,
                theme.color("text" if solid else "text2"),
                12,
                weight,
                room=right - 24 - tools.width(error, 12, weight) - 6,
            )
            tools.text(painter, right, y, error, theme.color("text" if solid else "text2"), 12, weight, align="right")
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        rows, at = self.rows(), int((event.position().y() - HEAD) // ROW)
        if not 0 <= at < len(rows):
            QToolTip.hideText()
            return
        tips = {
            NETWORK: self.tr("The network's forecast"),
            "linear AR": self.tr("Autoregression: the best straight combination of the same window's values, by least squares"),
            "seasonal": self.tr("What came at the same place of the season before"),
            "naive": self.tr("The last known value again"),
        }
        QToolTip.showText(event.globalPosition().toPoint(), tips[rows[at][0]], self)
        if rows[at][0] not in (NETWORK, self._shown):
            self._shown = rows[at][0]
            self.pointed.emit(self._shown)
            self.update()


class ForecastSide(QWidget):
    """The table, and which part of the series is looked at: ``asked(split)``."""

    asked = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = ForecastTable(theme, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.table, 1)
        segments = look(QWidget(self), "segments")
        inner = QHBoxLayout(segments)
        inner.setContentsMargins(2, 2, 2, 2)
        inner.setSpacing(0)
        self._group = QButtonGroup(self)
        words = {"validation": self.tr("Validation"), "test": self.tr("Test")}
        tips = {
            "validation": self.tr("The values that settings are chosen by"),
            "test": self.tr("The values at the end, which nothing was chosen by: looked at when asked, until training goes on"),
        }
        self.buttons = {}
        for at, (split, word) in enumerate(words.items()):
            button = look(QPushButton(word, segments), "segment")
            button.setCheckable(True)
            button.setObjectName(f"forecast/{split}")
            button.setToolTip(tips[split])
            self._group.addButton(button, at)
            inner.addWidget(button)
            self.buttons[split] = button
        self._group.idClicked.connect(lambda at: self.asked.emit(list(words)[at]))
        column.addWidget(segments, 0, Qt.AlignmentFlag.AlignLeft)

    def show_evaluation(self, evaluation: Evaluation | None) -> None:
        self.table.show_forecast(evaluation.forecast if evaluation is not None else None)
        split = evaluation.split if evaluation is not None else "validation"
        self.buttons["test" if split == "test" else "validation"].setChecked(True)

    def set_theme(self, theme: Theme) -> None:
        self.table.set_theme(theme)
