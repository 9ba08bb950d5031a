"""A normalization's statistics beside its values: those of each map or feature in the batch, and the running ones used in the end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale, greatest
from playground.ui.numbers import number
from playground.ui.painters import maps, mosaic, reading, tools
from playground.ui.painters.base import Picture
from playground.ui.painters.maps import MapsPainter
from playground.ui.painters.mosaic import Mosaic
from playground.ui.painters.strip import BODY, StripPainter
from playground.ui.theme import Theme

CHART = 46.0
LINE = 14.0
UPPER = maps.HEIGHT - CHART - LINE - 4
NARROWEST, WIDEST = 3.0, 14.0
"""Px that a map or feature takes in the chart; more of them than fit are picked evenly."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Means and standard deviations (channels,): of the batch (``None`` where the trace is of no batch) and the running ones."""

    mean: np.ndarray | None
    spread: np.ndarray | None
    running_mean: np.ndarray
    running_spread: np.ndarray


def has(picture: Picture) -> bool:
    """Whether the node keeps running statistics."""
    if picture.layer is None or not picture.inputs or picture.output is None:
        return False
    return any(parameter.name == "running_mean" for parameter in picture.layer.parameters(picture.fields, picture.inputs))


def read(picture: Picture, cursor: Cursor | None) -> Statistics | None:
    """The statistics of a picture; ``None`` before there are any."""
    mean, variance = reading.parameter(picture, "running_mean", cursor), reading.parameter(picture, "running_var", cursor)
    if mean is None or variance is None:
        return None
    found, spread = reading.value(picture, "mean"), reading.value(picture, "variance")
    if found is None or spread is None or found.shape != mean.shape:
        return Statistics(None, None, mean, np.sqrt(np.maximum(variance, 0)))
    return Statistics(found, np.sqrt(np.maximum(spread, 0)), mean, np.sqrt(np.maximum(variance, 0)))


def chart(painter: QPainter, box: QRectF, shown: Statistics, theme: Theme) -> None:
    """A channel a column: the batch's mean as a dot with its spread as a bar, the running ones as an open box behind them."""
    channels = len(shown.running_mean)
    picked = np.linspace(0, channels - 1, min(channels, int(box.width() / NARROWEST))).astype(int)
    pitch = min(box.width() / len(picked), WIDEST)
    left = box.center().x() - pitch * len(picked) / 2
    parts = [shown.running_mean - shown.running_spread, shown.running_mean + shown.running_spread]
    if shown.mean is not None and shown.spread is not None:
        parts += [shown.mean - shown.spread, shown.mean + shown.spread]
    reach = greatest(np.concatenate(parts)) or 1.0
    painter.fillRect(box, theme.color("field"))

    def height(value: float) -> float:
        share = value / reach if np.isfinite(value) else 0.0
        return float(box.center().y() - share * (box.height() / 2 - 3))

    painter.fillRect(QRectF(box.x(), box.center().y() - 0.5, box.width(), 1), theme.color("line3"))
    for at, channel in enumerate(picked):
        x = left + (at + 0.5) * pitch
        mean, spread = float(shown.running_mean[channel]), float(shown.running_spread[channel])
        wide = max(pitch - 2, 1.5)
        painter.setPen(tools.pen(theme.color("text3")))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(x - wide / 2, height(mean + spread), wide, max(height(mean - spread) - height(mean + spread), 1)))
        if shown.mean is not None and shown.spread is not None:
            mean, spread = float(shown.mean[channel]), float(shown.spread[channel])
            painter.setPen(tools.pen(theme.color("text"), 1.4))
            painter.drawLine(QPointF(x, height(mean - spread)), QPointF(x, height(mean + spread)))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tools.signed_color(mean, theme))
            painter.drawEllipse(QPointF(x, height(mean)), min(wide / 2, 2.4), min(wide / 2, 2.4))
    tools.text(painter, box.right(), box.y() - 6, f"± {number(reach, 2, trim=True)}", theme.color("text3"), 10, align="right")
    _key(painter, box, shown.mean is not None, theme)


def _key(painter: QPainter, box: QRectF, batch: bool, theme: Theme) -> None:
    """What is whose, over the chart: ``● batch  ▯ running``."""
    x, y = box.x(), box.y() - 6
    if batch:
        painter.setPen(tools.pen(theme.color("text"), 1.4))
        painter.drawLine(QPointF(x + 2.5, y - 4), QPointF(x + 2.5, y + 4))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("text2"))
        painter.drawEllipse(QPointF(x + 2.5, y), 2.4, 2.4)
        x += 9 + tools.text(painter, x + 8, y, QCoreApplication.translate("painters", "batch"), theme.color("text3"), 10) + 6
    painter.setPen(tools.pen(theme.color("text3")))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(x + 0.5, y - 4, 4, 8))
    tools.text(painter, x + 8, y, QCoreApplication.translate("painters", "running"), theme.color("text3"), 10)


class NormalizedMapsPainter(MapsPainter):
    """The maps, smaller, and below them the statistics of each."""

    def layout(self, picture: Picture) -> Mosaic:
        return mosaic.layout(*maps.shape(picture), (maps.WIDTHS[2] - 24, UPPER - 26), maps.MIDDLE)

    def size(self, picture: Picture) -> QSizeF:
        return QSizeF(maps.WIDTHS[2], maps.HEIGHT)

    def room(self, rect: QRectF) -> QRectF:
        return QRectF(rect.x(), rect.y(), rect.width(), UPPER)

    def tip(self, picture: Picture, unit: int | None) -> str:
        words = super().tip(picture, unit)
        shown = read(picture, None)
        return words if shown is None or unit is None else f"{words}\n{told(shown, maps.map_of(picture, unit))}"

    def paint(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme) -> None:
        super().paint(painter, rect, picture, cursor, scale, theme)
        shown = read(picture, cursor)
        if shown is not None:
            chart(painter, QRectF(rect.x() + 10, rect.bottom() - CHART - 4, rect.width() - 20, CHART), shown, theme)


class NormalizedStripPainter(StripPainter):
    """The strip of a row's features, and beside it the statistics of each."""

    def size(self, picture: Picture) -> QSizeF:
        return QSizeF(BODY.width() + 108, BODY.height())

    def paint(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme) -> None:
        super().paint(painter, self.room(rect), picture, cursor, scale, theme)
        shown = read(picture, cursor)
        if shown is not None:
            chart(painter, QRectF(rect.x() + BODY.width(), rect.y() + 30, rect.width() - BODY.width() - 12, 100), shown, theme)

    def room(self, rect: QRectF) -> QRectF:
        """What the strip has to itself."""
        return QRectF(rect.x(), rect.y(), BODY.width(), rect.height())

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        return super().unit_rect(self.room(rect), picture, unit)

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        return super().unit_at(self.room(rect), picture, point)

    def tip(self, picture: Picture, unit: int | None) -> str:
        words, shown = super().tip(picture, unit), read(picture, None)
        if shown is None or unit is None or picture.output is None:
            return words
        return f"{words}\n{told(shown, unit % picture.output[-1])}"


def told(shown: Statistics, channel: int) -> str:
    """A channel's statistics in words."""
    words = QCoreApplication.translate("painters", "{name}: mean {mean}, spread {spread}")
    lines = [(QCoreApplication.translate("painters", "running"), shown.running_mean, shown.running_spread)]
    if shown.mean is not None and shown.spread is not None:
        lines.insert(0, (QCoreApplication.translate("painters", "this batch"), shown.mean, shown.spread))
    return "\n".join(
        words.format(name=name, mean=number(float(mean[channel]), signed=True), spread=number(float(spread[channel])))
        for name, mean, spread in lines
    )
