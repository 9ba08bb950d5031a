"""Dense with up to 16 units: a column of neurons, each its output over the input plane (or its value), its bias below."""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.ui.numbers import number, signed
from playground.ui.painters import reading, tools
from playground.ui.painters.base import Picture
from playground.ui.theme import Theme

MOST = 16
WIDTH = 98.0
BIAS_LIMIT = 3.0
ROUNDED_FROM = 16.0
"""Pictures that are smaller on the screen have corners too small to be seen round."""
FEW, ROOMY = 3, 8
"""Up to this many neurons are drawn at full size, behind wide layers and behind small ones; more of them closer together."""
EVEN = 40.0
"""From this width of a cell, px, outputs that have an end are written with their zero."""
CELL = 44.0
"""How wide a neuron is that is drawn low and shows a number: wide enough for it."""
SECOND = 54.0
"""From one column of neurons to the next, where two stand side by side."""


def units(picture: Picture) -> int:
    return int(picture.output[-1]) if picture.output else int(picture.fields.get("units", 0))


class _Arrangement(NamedTuple):
    """How neurons stand: the ``side`` (height) and ``wide`` (width) of each, from one to the next below it, and how many stand ``down``
    each of the ``columns``."""

    side: float
    wide: float
    pitch: float
    columns: int
    down: int


@cache
def _arranged(count: int, apart: bool, plane: bool, compact: bool) -> _Arrangement:
    """``count`` neurons. Drawn low where they are many, or ``apart`` (a classifier's own five would be twice as high as the pictures of the
    layers before it); in two columns where many are apart: one would be twice as high, too."""
    low = count > ROOMY or (count > FEW and apart)
    side, pitch = (20.0, 28.0) if low else (32.0, 43.0) if compact else (40.0, 54.0)
    columns = 2 if count > ROOMY and apart else 1
    return _Arrangement(side, CELL if low and not plane else side, pitch, columns, -(-max(count, 1) // columns))


def _arrangement(picture: Picture) -> _Arrangement:
    return _arranged(units(picture), _apart(picture), _on_plane(picture), picture.compact)


def _apart(picture: Picture) -> bool:
    """Whether its neurons show numbers and no edge ends at them: there are too many inputs, or it is not known how many (of data)."""
    many = math.prod(picture.inputs[0]) > MOST if picture.inputs else picture.data is not None
    return many and not _on_plane(picture)


def _on_plane(picture: Picture) -> bool:
    return picture.data is not None and picture.data.is_plane


class NeuronsPainter:
    """Units top to bottom. Gradients take the place of outputs while the error passes through."""

    def size(self, picture: Picture) -> QSizeF:
        stand = _arrangement(picture)
        return QSizeF(WIDTH + (SECOND - 32) * (stand.columns - 1), 16 + stand.pitch * stand.down)

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        if not 0 <= unit < units(picture):
            return None
        side, wide, pitch, columns, down = _arrangement(picture)
        column, row = divmod(unit, down)
        left = rect.center().x() - wide / 2 + SECOND * (column - (columns - 1) / 2)
        return QRectF(left, rect.y() + 8 + row * pitch + (pitch - side - 6) // 2, wide, side)

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        stand = _arrangement(picture)
        row = int((point.y() - rect.y() - 8) // stand.pitch)
        unit = row + (stand.down if stand.columns > 1 and point.x() > rect.center().x() else 0)
        if not 0 <= row < stand.down:
            return None
        box = self.unit_rect(rect, picture, unit)
        return unit if box is not None and box.adjusted(-4, -4, 4, 10).contains(point) else None

    def place_rect(self, rect: QRectF, picture: Picture, name: str, index: tuple[int, ...]) -> QRectF | None:
        """A neuron, or the bar of its bias; its weights are edges."""
        if name == "weight" or len(index) > 1:
            return None
        box = self.unit_rect(rect, picture, index[0] if index else 0)
        return QRectF(box.x(), box.bottom() + 3, box.width(), 3) if box is not None and name == "bias" and index else box

    def tip(self, picture: Picture, unit: int | None) -> str:
        output = reading.value(picture)
        if unit is None or output is None:
            return QCoreApplication.translate("painters", "{n} neurons").format(n=units(picture))
        if unit in picture.off:
            return QCoreApplication.translate("painters", "neuron {n} is switched off: it answers 0 and learns nothing").format(n=unit + 1)
        lines = [
            QCoreApplication.translate("painters", "neuron {n}: output {value}").format(
                n=unit + 1, value=number(float(output[unit]), signed=True)
            )
        ]
        for name, words in (
            ("pre_activation", QCoreApplication.translate("painters", "sum z {value}")),
            ("bias", QCoreApplication.translate("painters", "bias {value}")),
        ):
            source = reading.value(picture, name) if name != "bias" else picture.parameters.get(name)
            if source is not None:
                lines.append(words.format(value=number(float(source[unit]), signed=True)))
        slope = reading.gradient(picture)
        if slope is not None:
            lines.append(QCoreApplication.translate("painters", "gradient {value}").format(value=number(float(slope[unit]), signed=True)))
        return "\n".join(lines)

    def paint(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme) -> None:
        shown = reading.shown(picture, cursor, scale)
        bias = reading.parameter(picture, "bias", cursor)
        pictures = picture.plane.neurons.get(picture.node) if picture.plane is not None else None
        planes = _Planes(pictures, scale, theme) if pictures is not None else None
        for unit in range(units(picture)):
            box = self.unit_rect(rect, picture, unit)
            assert box is not None
            if reading.waits(picture, cursor, unit) or (shown is None and planes is None):
                painter.fillRect(box, tools.hatch(theme, "waiting"))
            elif shown is not None and (planes is None or shown.what == "gradient"):
                value = float(shown.values[unit])
                words = _even(value, shown.scale.signed, box.width() >= EVEN) if shown.what == "output" and shown.scale.fixed else None
                if words is not None and tools.width(words, tools.legible(painter, 10), 500) > box.width() - 3:
                    words = None
                tools.value_cell(painter, box, value, shown.scale, theme, radius=4, words=words)
            elif planes is not None:
                planes.draw(painter, box, unit)
            tools.frame(painter, box, theme.color("line3"), 4)
            if unit in picture.off:
                painter.fillRect(box, theme.color("card", 0.7))
                inset = box.width() * 0.28
                tools.cross(painter, box.adjusted(inset, inset, -inset, -inset), theme.color("text2"), 2)
            if bias is not None:
                bar = QRectF(box.x(), box.bottom() + 3, box.width(), 3)
                tools.signed_bar(painter, bar, float(bias[unit]), BIAS_LIMIT, theme)
                if cursor is not None and cursor.part_at(picture.node, "bias") == "now":
                    tools.ring(painter, bar, theme.color("upd"), off=1.5, width=1.5, radius=2)
            if unit == picture.selected_unit:
                tools.ring(painter, box, theme.color("accent"))


def _even(value: float, minus: bool, roomy: bool) -> str:
    """An output that has an end, as wide as the others of its layer: with two decimals, in a narrow cell without a zero before them."""
    words = signed(value) if minus else f"{value:.2f}"
    if roomy or not minus:
        return words
    return words.replace("0.", ".", 1) if abs(value) < 0.995 else words[:-1]


class _Planes:
    """The outputs of all neurons over the input plane, (units, rows, columns) with the first row at the bottom: one image, made at
    once and drawn by parts, for a crowd of small images costs more than their pixels."""

    def __init__(self, values: np.ndarray, scale: Scale, theme: Theme) -> None:
        self._values, self._scale, self._theme = values[:, ::-1], scale, theme
        self._finite = np.isfinite(values).all(axis=(1, 2))
        _, self._rows, self._columns = values.shape
        self._entries = np.ascontiguousarray(scale.indices(self._values)).reshape(-1, self._columns)  # the image lies over this array
        self._image = tools.indexed(self._entries, theme, scale.ramp)

    def draw(self, painter: QPainter, box: QRectF, unit: int) -> None:
        painter.save()
        if box.width() * painter.worldTransform().m11() >= ROUNDED_FROM:
            painter.setClipPath(tools.rounded(box, 4), Qt.ClipOperation.IntersectClip)
        if self._finite[unit]:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(box, self._image, QRectF(0, unit * self._rows, self._columns, self._rows))
        else:
            tools.cells(painter, box, self._values[unit], self._scale, self._theme, smooth=True)
        painter.restore()
