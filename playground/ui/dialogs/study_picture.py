"""What a study found: the curves of all points over one another, and their scores as rows or as a heat map."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from playground.engine.snapshot import Studied, Tried
from playground.ui.numbers import number, percent
from playground.ui.painters import tools
from playground.ui.panels.chart_axes import Axes
from playground.ui.panels.chart_series import smoothed, thinned
from playground.ui.theme import Theme

CURVES = 190
LEFT, TOP, BOTTOM = 44.0, 22.0, 20.0
ROW = 24
SMOOTHING = 0.9


def score(point: Tried) -> float | None:
    """What the points are compared by: the validation loss or, without validation samples, the training loss."""
    value = point.loss if point.validation_loss is None else point.validation_loss
    return value if value is not None and math.isfinite(value) and point.state == "done" else None


def best(study: Studied) -> int | None:
    """The point with the lowest score."""
    scores = [(value, at) for at, point in enumerate(study.points) if (value := score(point)) is not None]
    return min(scores)[1] if scores else None


def columns(study: Studied) -> tuple[list[object], list[object]] | None:
    """The values of both axes of a grid; ``None`` where there is no grid of two fields."""
    if len(study.axes) != 2 or study.kind != "grid":
        return None
    first = list(dict.fromkeys(point.values[0] for point in study.points))
    second = list(dict.fromkeys(point.values[1] for point in study.points))
    return first, second


def words(value: object) -> str:
    """A value as a label: ``"0.003"``, ``"16"``."""
    return number(value, 3, trim=True) if isinstance(value, float) else str(value)


class StudyPicture(QWidget):
    """``chosen`` is the point that is told of beside it; ``on_choice`` is called when the user takes another."""

    def __init__(self, theme: Theme, titles: Callable[[str], str]) -> None:
        super().__init__()
        self.setObjectName("study_picture")
        self.setMinimumSize(460, 420)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._theme, self._titles = theme, titles
        self.study: Studied | None = None
        self.chosen: int | None = None
        self.on_choice: Callable[[], object] = lambda: None
        self._boxes: list[tuple[QRectF, int]] = []
        self._scroll = 0

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_study(self, study: Studied | None) -> None:
        if study is None or self.study is None or len(study.points) != len(self.study.points) or study.axes != self.study.axes:
            self.chosen, self._scroll = None, 0
        self.study = study
        self.update()

    def choose(self, at: int | None) -> None:
        self.chosen = at
        self.update()
        self.on_choice()

    # -- drawing
    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme, self._boxes = self._theme, []
            if self.study is None:
                told = self.tr("Nothing tried yet. The curves of all points and their scores will stand here.")
                tools.paragraph(painter, QRectF(40, self.height() / 2 - 20, self.width() - 80, 60), told, theme.color("text3"))
                return
            self._curves(painter, self.study)
            below = QRectF(0, CURVES + 8, self.width(), self.height() - CURVES - 8)
            axes = columns(self.study)
            if axes is None:
                self._rows(painter, self.study, below)
            else:
                self._map(painter, self.study, below, *axes)

    def _curves(self, painter: QPainter, study: Studied) -> None:
        theme, area = self._theme, QRectF(LEFT, TOP, self.width() - LEFT - 12, CURVES - TOP - BOTTOM)
        title = self.tr("Training loss, log scale, smoothed")
        tools.text(painter, LEFT, 9, title, theme.color("text"), 11.5, 600)
        lines = [(at, point.curves["loss/train"]) for at, point in enumerate(study.points) if "loss/train" in point.curves]
        axes = Axes(log=True)
        for _, curve in lines:
            axes.take_in(float(curve.steps[-1]), [smoothed(curve.values, SMOOTHING)])
        low, high = axes.ends()
        for place, label in axes.y_ticks(4):
            y = round(area.bottom() - (place - low) / (high - low) * area.height()) + 0.5
            painter.setPen(tools.pen(theme.color("line")))
            painter.drawLine(QPointF(area.x(), y), QPointF(area.right(), y))
            tools.text(painter, area.x() - 6, y, label, theme.color("text3"), 10.5, align="right")
        for place, label in axes.x_ticks(area.width()):
            x = area.x() + place / axes.right * area.width()
            tools.text(painter, min(x, area.right() - 20), area.bottom() + 10, label, theme.color("text3"), 10.5, align="center")
        winner = best(study)
        painter.save()
        painter.setClipRect(area)
        for at, curve in sorted(lines, key=lambda line: (line[0] == winner, line[0] == self.chosen)):
            token = "accent" if at == self.chosen else "good" if at == winner else "text3"
            steps, values = thinned(curve.steps, smoothed(curve.values, SMOOTHING), round(area.width()))
            with np.errstate(divide="ignore", invalid="ignore"):
                drawn = np.log10(values)
            kept = np.isfinite(drawn)
            x = area.x() + steps[kept] / axes.right * area.width()
            y = area.bottom() - (drawn[kept] - low) / (high - low) * area.height()
            strong = at in (self.chosen, winner)
            painter.setPen(tools.pen(theme.color(token, 1.0 if strong else 0.55), 1.8 if strong else 1.0))
            painter.drawPolyline(tools.polygon(np.column_stack([x, y])))
        painter.restore()

    def _rows(self, painter: QPainter, study: Studied, box: QRectF) -> None:
        """One row a point, the best first; those that are not done below."""
        theme = self._theme
        order = sorted(range(len(study.points)), key=lambda at: (score(study.points[at]) is None, score(study.points[at]) or 0.0, at))
        room = max(1, int(box.height() // ROW) - 1)
        self._scroll = max(0, min(self._scroll, len(order) - room))
        heads = [self._titles(axis) for axis in study.axes] or [self.tr("seed")]
        lefts = [30.0 + 130 * place for place in range(len(heads))]
        for left, head in zip(lefts, heads, strict=True):
            tools.text(painter, left, box.y() + ROW / 2, head, theme.color("text3"), 11, room=124)
        right = box.right() - 12
        tools.text(painter, right, box.y() + ROW / 2, self._score_name(study), theme.color("text3"), 11, align="right")
        winner = best(study)
        for line, at in enumerate(order[self._scroll : self._scroll + room]):
            point, y = study.points[at], box.y() + ROW * (line + 1)
            place = QRectF(box.x(), y + 1, box.width(), ROW - 2)
            self._boxes.append((place, at))
            if at == self.chosen:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("accent_soft"))
                painter.drawRoundedRect(place, 4, 4)
            if at == winner:
                tools.tick(painter, QRectF(9, y + ROW / 2 - 5, 11, 10), theme.color("good"))
            for left, value in zip(lefts, point.values, strict=True):
                tools.text(painter, left, y + ROW / 2, words(value), theme.color("text"), 12)
            value = score(point)
            told = self.state_words(point) if value is None else number(value, 3)
            token = "bad" if point.state in ("diverged", "failed") else "text3" if value is None else "text"
            tools.text(painter, right, y + ROW / 2, told, theme.color(token), 12, align="right")

    def _map(self, painter: QPainter, study: Studied, box: QRectF, first: list[object], second: list[object]) -> None:
        """A cell a point: the first field down, the second across, colored by the score on a log scale whose ends are printed."""
        theme = self._theme
        scores = [value for point in study.points if (value := score(point)) is not None and value > 0]
        low, high = (math.log(min(scores)), math.log(max(scores))) if scores else (0.0, 1.0)
        area = QRectF(box.x() + 74, box.y() + 22, box.width() - 86, box.height() - 66)
        wide, tall = area.width() / len(second), min(40.0, area.height() / len(first))
        tools.text(painter, box.x() + 4, box.y() + 9, f"{self._titles(study.axes[0])} ↓", theme.color("text2"), 11, 600)
        tools.text(painter, area.right(), box.y() + 9, f"{self._titles(study.axes[1])} →", theme.color("text2"), 11, 600, "right")
        table, winner = theme.ramp("seq"), best(study)
        for at, point in enumerate(study.points):
            row, column = first.index(point.values[0]), second.index(point.values[1])
            cell = QRectF(area.x() + column * wide + 1, area.y() + row * tall + 1, wide - 2, tall - 2)
            self._boxes.append((cell, at))
            value = score(point)
            painter.setPen(Qt.PenStyle.NoPen)
            if value is None:
                painter.fillRect(cell, theme.color("field"))
                token = "bad" if point.state in ("diverged", "failed") else "text3"
                tools.text(painter, cell.center().x(), cell.center().y(), self.state_words(point), theme.color(token), 10, align="center",
                           room=cell.width() - 4)  # fmt: skip
            else:
                share = (math.log(max(value, 1e-30)) - low) / (high - low) if high > low else 0.0
                red, green, blue = (int(part) for part in table[round(255 * min(max(share, 0.0), 1.0))])
                painter.fillRect(cell, QColor(red, green, blue))
                if wide >= 34:
                    told = number(value, 2)
                    tools.text(painter, cell.center().x(), cell.center().y(), told, theme.ink(red, green, blue), 11, 500, "center")
            if at == winner:
                tools.ring(painter, cell, theme.color("good"), off=0, radius=2)
            if at == self.chosen:
                tools.ring(painter, cell, theme.color("accent"), off=0, width=2.5, radius=2)
        for row, value in enumerate(first):
            tools.text(painter, area.x() - 8, area.y() + (row + 0.5) * tall, words(value), theme.color("text2"), 11, align="right")
        bottom = area.y() + tall * len(first)
        for column, value in enumerate(second):
            x = area.x() + (column + 0.5) * wide
            tools.text(painter, x, bottom + 10, words(value), theme.color("text2"), 11, align="center", room=wide)
        if scores:
            legend = QRectF(area.right() - 150, bottom + 26, 110, 8)
            for step in range(110):
                painter.fillRect(QRectF(legend.x() + step, legend.y(), 1.5, 8), QColor(*(int(part) for part in table[step * 255 // 109])))
            tools.text(painter, legend.x() - 6, legend.center().y(), number(min(scores), 2), theme.color("text2"), 10.5, align="right")
            tools.text(painter, legend.right() + 6, legend.center().y(), number(max(scores), 2), theme.color("text2"), 10.5)
            tools.text(painter, area.x(), legend.center().y(), self._score_name(study), theme.color("text3"), 11)

    def _score_name(self, study: Studied) -> str:
        judged = any(point.validation_loss is not None for point in study.points)
        return self.tr("validation loss") if judged or not study.done else self.tr("training loss")

    def state_words(self, point: Tried) -> str:
        """Why there is no score."""
        return {
            "waiting": self.tr("waiting"),
            "running": self.tr("training …"),
            "diverged": self.tr("diverged"),
            "failed": self.tr("cannot train"),
        }.get(point.state, self.tr("not a number"))

    def place(self, at: int) -> str:
        """What was tried at the point: ``"Learning rate 0.01, hidden1 units 4"``."""
        assert self.study is not None
        names = [self._titles(axis).replace(":", "") for axis in self.study.axes] or [self.tr("seed")]
        return ", ".join(f"{name} {words(value)}" for name, value in zip(names, self.study.points[at].values, strict=True))

    def told(self, at: int) -> str:
        """The point in a sentence."""
        assert self.study is not None
        point, place = self.study.points[at], self.place(at)
        value = score(point)
        if value is None:
            return f"{place}: {point.message or self.state_words(point)}"
        parts = [self.tr("{name} {value}").format(name=self._score_name(self.study), value=number(value, 3))]
        if point.validation_accuracy is not None:
            parts.append(self.tr("{share} right").format(share=percent(point.validation_accuracy)))
        return f"{place}: {', '.join(parts)}"

    # -- choosing
    def mousePressEvent(self, event: QMouseEvent) -> None:
        hit = next((at for box, at in self._boxes if box.contains(event.position())), None)
        if hit is not None:
            self.choose(hit)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._scroll -= round(event.angleDelta().y() / 60)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        ways = {Qt.Key.Key_Down: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Left: -1}
        order = [at for _, at in self._boxes]
        if event.key() not in ways or not order:
            super().keyPressEvent(event)
            return
        here = order.index(self.chosen) if self.chosen in order else -1
        self.choose(order[min(max(here + ways[Qt.Key(event.key())], 0), len(order) - 1)])
