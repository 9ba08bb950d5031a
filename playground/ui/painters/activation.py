"""Activation: the function's graph with this sample's values as dots on it."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.layers.functions import FUNCTIONS
from playground.ui.numbers import count, number
from playground.ui.painters import reading, tools
from playground.ui.painters.base import Picture
from playground.ui.theme import Theme

BODY = QSizeF(104, 126)
SIDE = 76.0
MOST_DOTS = 120
SPAN = 4.0


@lru_cache(maxsize=64)
def _curve(name: str, span: float, points: int) -> tuple[np.ndarray, np.ndarray]:
    """The function's graph over [-span, span], computed once."""
    z = np.linspace(-span, span, points)
    return z, np.array([FUNCTIONS[name].value(float(at)) for at in z])


def graph(painter: QPainter, box: QRectF, name: str, theme: Theme, span: float = SPAN) -> tuple[float, float]:
    """Draw axes and the function over [-span, span]; return the ends of its value axis."""
    z, y = _curve(name, span, 97)
    low, high = (-span, span) if y.max() > 1.5 else (-1.25, 1.25)
    painter.fillRect(box, theme.color("field"))
    painter.setPen(tools.pen(theme.color("line2")))
    zero = box.bottom() - (0 - low) / (high - low) * box.height()
    painter.drawLine(QPointF(box.x(), zero), QPointF(box.right(), zero))
    painter.drawLine(QPointF(box.center().x(), box.y()), QPointF(box.center().x(), box.bottom()))
    painter.save()
    painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
    painter.setPen(tools.pen(theme.color("text"), 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF([_place(box, float(a), float(b), span, low, high) for a, b in zip(z, y, strict=True)]))
    painter.restore()
    return low, high


def dots(painter: QPainter, box: QRectF, z: np.ndarray, y: np.ndarray, ends: tuple[float, float], scale: Scale, theme: Theme) -> None:
    """The values as dots on the graph; those outside stand at its edge. Not-a-number has no place there and is left out."""
    for at, value in zip(z, y, strict=True):
        if math.isfinite(at) and math.isfinite(value):
            low, high = ends
            place = _place(box, min(max(float(at), -SPAN), SPAN), min(max(float(value), low), high), SPAN, low, high)
            painter.setPen(tools.pen(theme.color("text2"), 0.8))
            painter.setBrush(tools.color_of(float(value), scale, theme))
            painter.drawEllipse(place, 3.2, 3.2)


def _place(box: QRectF, z: float, y: float, span: float, low: float, high: float) -> QPointF:
    return QPointF(box.x() + (z + span) / (2 * span) * box.width(), box.bottom() - (y - low) / (high - low) * box.height())


class ActivationPainter:
    """One dot a value (evenly picked above 120). Below: how many are on, that is above zero."""

    def size(self, picture: Picture) -> QSizeF:
        return BODY

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        return None

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        return None

    def tip(self, picture: Picture, unit: int | None) -> str:
        name = reading.function(picture)
        output = reading.value(picture)
        words = FUNCTIONS[name].help if name in FUNCTIONS else ""
        if output is None or not output.size:
            return words
        span = QCoreApplication.translate("painters", "this sample: {low} to {high}").format(
            low=number(float(np.min(output)), signed=True), high=number(float(np.max(output)), signed=True)
        )
        return f"{words}\n{span}"

    def paint(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme) -> None:
        name = reading.function(picture)
        box = QRectF(rect.center().x() - SIDE / 2, rect.y() + 12, SIDE, SIDE)
        if name not in FUNCTIONS:
            return
        ends = graph(painter, box, name, theme)
        tools.frame(painter, box, theme.color("line3"))
        output = reading.value(picture)
        words = QCoreApplication.translate("painters", "no values yet")
        if output is not None:
            flat = np.ravel(output)
            self._paint_dots(painter, box, picture, flat, ends, scale, theme)
            broken = int(np.sum(~np.isfinite(flat)))
            if broken:
                tools.not_a_number(painter, box.adjusted(4, 24, -4, -24), np.zeros((1, 1), bool), theme, "NaN")
                words = QCoreApplication.translate("painters", "{n} of {of} NaN").format(n=count(broken), of=count(flat.size))
            else:
                words = QCoreApplication.translate("painters", "{n} of {of} on").format(n=count(int(np.sum(flat > 0))), of=count(flat.size))
        tools.text(painter, rect.center().x(), box.bottom() + 16, words, theme.color("text2"), 10.5, align="center", room=rect.width() - 8)

    def _paint_dots(
        self, painter: QPainter, box: QRectF, picture: Picture, output: np.ndarray, ends: tuple[float, float], scale: Scale, theme: Theme
    ) -> None:
        before = reading.before(picture)
        z = np.ravel(before) if before is not None and before.size == output.size else _inverse(reading.function(picture), output)
        picked = np.linspace(0, output.size - 1, min(output.size, MOST_DOTS)).astype(int)
        dots(painter, box, z[picked], output[picked], ends, scale, theme)


def _inverse(name: str, values: np.ndarray) -> np.ndarray:
    """Where on the z axis each output of a rising function stands, by looking it up on the graph; flat parts give their end."""
    z, y = _curve(name, SPAN, 801)
    return np.interp(values, np.maximum.accumulate(y), z)
