"""What the canvas's colors and forms mean, each beside a sample drawn as the canvas draws it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from playground.anim.scale import Scale
from playground.ui.canvas import edges, pulses
from playground.ui.painters import tools
from playground.ui.panels.controls import label
from playground.ui.theme import Theme

Draw = Callable[[QPainter, QRectF, Theme], None]
WIDE, HIGH = 92, 26
BAR, CELLS = 12.0, 7
WEIGHT = 2.0
"""A large weight: its edge is thick enough to be hollow where it is negative."""


class Legend(QWidget):
    """Two columns of samples with their words."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("help_legend")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 8)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        entries = self._entries()
        half = -(-len(entries) // 2)
        for at, (draw, words) in enumerate(entries):
            row, column = at % half, 3 * (at // half)
            told = label(words, "label")
            told.setWordWrap(True)
            grid.addWidget(Sample(draw, theme), row, column, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(told, row, column + 1, Qt.AlignmentFlag.AlignVCenter)
        grid.setColumnMinimumWidth(2, 4)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(4, 1)

    def _entries(self) -> list[tuple[Draw, str]]:
        return [
            (_signed, self.tr("Blue is plus, orange is minus: weights, sums, outputs that have a sign")),
            (_unsigned, self.tr("Green is how much, from 0 on: ReLU, gates, probabilities")),
            (_error, self.tr("Pink is plus, lime is minus, hatched over both: errors and gradients")),
            (_solid, self.tr("Solid edge: a weight above 0; the thicker, the larger")),
            (_below, self.tr("Dashed, and when thick hollow: a weight below 0")),
            (_not_a_number, self.tr("Not a number: out of all range, or undefined; nothing is learned from it")),
            (_forward, self.tr("Discs carry values forward; hollow diamonds carry the error back")),
            (_update, self.tr("A square stands on a weight while it is updated")),
            (_waiting, self.tr("Thin gray lines: not there yet; the pass has still to come to it")),
            (_frozen, self.tr("Lines across a whole card: frozen, training leaves it as it is")),
            (_chosen, self.tr("Violet ring: selected, or in focus; never a value")),
            (_refused, self.tr("Red dashed wire: the shapes at its ends do not fit")),
        ]


class Sample(QWidget):
    """One sample, on the canvas's ground."""

    def __init__(self, draw: Draw, theme: Theme) -> None:
        super().__init__()
        self._draw, self._theme = draw, theme
        self.setFixedSize(WIDE, HIGH)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("canvas"))
            painter.drawRoundedRect(QRectF(self.rect()), 4, 4)
            self._draw(painter, QRectF(self.rect()).adjusted(7, 0, -7, 0), self._theme)


def _ramp(painter: QPainter, area: QRectF, theme: Theme, ramp: str, signed: bool, ends: tuple[str, str]) -> None:
    """A scale from end to end between the signs of its ends."""
    tools.text(painter, area.left(), area.center().y(), ends[0], theme.color("text2"), 11)
    tools.text(painter, area.right(), area.center().y(), ends[1], theme.color("text2"), 11, align="right")
    bar = QRectF(area.left() + 11, area.center().y() - BAR / 2, area.width() - 22, BAR)
    values = np.linspace(-1.0 if signed else 0.0, 1.0, CELLS if ramp == "err" else 64, dtype=np.float32)[None]
    tools.cells(painter, bar, values, Scale(limit=1.0, ramp=ramp), theme, smooth=ramp != "err")
    tools.frame(painter, bar, theme.color("line2"))


def _signed(painter: QPainter, area: QRectF, theme: Theme) -> None:
    _ramp(painter, area, theme, "div", True, ("−", "+"))


def _unsigned(painter: QPainter, area: QRectF, theme: Theme) -> None:
    _ramp(painter, area, theme, "seq", False, ("0", "+"))


def _error(painter: QPainter, area: QRectF, theme: Theme) -> None:
    _ramp(painter, area, theme, "err", True, ("−", "+"))


def _edges(painter: QPainter, area: QRectF, theme: Theme, sign: float) -> None:
    """A small weight's edge, and a large one's."""
    middle = area.center()
    for start, end, weight in ((area.left(), middle.x() - 4, 0.4), (middle.x() + 4, area.right(), WEIGHT)):
        line = QLineF(QPointF(start, middle.y()), QPointF(end, middle.y()))
        edges.draw_line(painter, [line], weight / edges.FULL, sign < 0, theme)


def _solid(painter: QPainter, area: QRectF, theme: Theme) -> None:
    _edges(painter, area, theme, 1.0)


def _below(painter: QPainter, area: QRectF, theme: Theme) -> None:
    _edges(painter, area, theme, -1.0)


def _not_a_number(painter: QPainter, area: QRectF, theme: Theme) -> None:
    tools.not_a_number(painter, area.adjusted(0, 3, 0, -3), np.zeros((1, 1), bool), theme, "NaN")


def _forward(painter: QPainter, area: QRectF, theme: Theme) -> None:
    middle, third = area.center(), area.width() / 4
    painter.setPen(tools.pen(theme.color("wire"), 2))
    painter.drawLine(QPointF(area.left(), middle.y()), QPointF(area.right(), middle.y()))
    ratio = painter.device().devicePixelRatioF()
    for x, form in ((middle.x() - third, "disc"), (middle.x() + third, "diamond")):
        bucket, radius = (pulses.BUCKETS, 7) if form == "disc" else (1, 8)
        side = 2 * radius + 6
        picture = pulses.sprite(theme, form, bucket, radius, ratio)
        painter.drawPixmap(QPointF(x - side / 2, middle.y() - side / 2), picture)


def _update(painter: QPainter, area: QRectF, theme: Theme) -> None:
    middle = area.center()
    line = QLineF(QPointF(area.left(), middle.y()), QPointF(area.right(), middle.y()))
    edges.draw_line(painter, [line], WEIGHT / 2 / edges.FULL, False, theme)
    painter.setPen(tools.pen(theme.color("upd"), 2))
    painter.setBrush(theme.color("canvas"))
    painter.drawRect(QRectF(middle.x() - 7, middle.y() - 6, 14, 12))


def _waiting(painter: QPainter, area: QRectF, theme: Theme) -> None:
    painter.fillRect(area.adjusted(0, 4, 0, -4), tools.hatch(theme, "waiting"))


def _frozen(painter: QPainter, area: QRectF, theme: Theme) -> None:
    """A card's body: its pictures stay clear."""
    body = area.adjusted(0, 3, 0, -3)
    painter.fillRect(body, theme.color("card"))
    painter.fillRect(body, tools.hatch(theme, "frozen"))
    tools.frame(painter, body, theme.color("line2"))
    picture = QRectF(0, 0, 36, 12)
    picture.moveCenter(body.center())
    tools.cells(painter, picture, np.array([[0.9, -0.7, 0.4]], np.float32), Scale(limit=1.0), theme)


def _chosen(painter: QPainter, area: QRectF, theme: Theme) -> None:
    body = QRectF(area.center().x() - 24, 6, 48, HIGH - 12)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("card"))
    painter.drawRoundedRect(body, 4, 4)
    tools.ring(painter, body, theme.color("accent"))


def _refused(painter: QPainter, area: QRectF, theme: Theme) -> None:
    painter.setPen(tools.pen(theme.color("bad"), 2, (6.0, 4.0)))
    painter.drawLine(QPointF(area.left(), area.center().y()), QPointF(area.right(), area.center().y()))
