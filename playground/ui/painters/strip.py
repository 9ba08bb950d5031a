"""Any values at all, as one strip in reading order: the painter of Flatten, Reshape, Dropout, Add, Multiply, Concatenate and
of every layer type whose trace kind has no painter of its own."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.ui.numbers import count, number
from playground.ui.painters import reading, tools
from playground.ui.painters.base import Picture
from playground.ui.theme import Theme

BODY = QSizeF(92, 164)
ROOM = QRectF(12, 8, 68, 132)
ROOM_FOR_WORDS = 84.0
TALL = 8
"""Cells across a strip of many values; few values are one column of cells, with their numbers where they have room."""
FEW = 16
CROSS_FROM = 4.0
"""Cells of this many px show a cross; of smaller ones, which may be a hundred thousand, those turned off have one color."""


def grid(values: int) -> tuple[int, int, float, float]:
    """Rows, columns, cell width and height of a strip of ``values``."""
    if values <= FEW:
        return max(values, 1), 1, 40.0, min(28.0, ROOM.height() / max(values, 1))
    columns = TALL if values <= TALL * ROOM.height() else math.ceil(values / ROOM.height())
    rows = -(-values // columns)
    side = max(min(ROOM.height() / rows, ROOM.width() / columns), 1.0)
    return rows, columns, side, min(side, ROOM.height() / rows)


class StripPainter:
    """Eight cells across, in reading order; a value that Dropout turned off is a cross, one that a pass has yet to come to is hatched."""

    def size(self, picture: Picture) -> QSizeF:
        return BODY

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        values = self._count(picture)
        if not 0 <= unit < values:
            return None
        box = self._box(rect, values)
        _, columns, wide, high = grid(values)
        return QRectF(box.x() + unit % columns * wide, box.y() + unit // columns * high, wide, high)

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        values = self._count(picture)
        box = self._box(rect, values)
        if not values or not box.contains(point):
            return None
        _, columns, wide, high = grid(values)
        unit = int((point.y() - box.y()) // high) * columns + int((point.x() - box.x()) // wide)
        return unit if unit < values else None

    def tip(self, picture: Picture, unit: int | None) -> str:
        output, values = reading.value(picture), self._count(picture)
        if not values:
            return QCoreApplication.translate("painters", "no values yet")
        if output is None or unit is None or unit >= output.size:
            return QCoreApplication.translate("painters", "{n} values in reading order").format(n=count(values))
        place = unit + 1 if output.ndim < 2 else ", ".join(str(int(i) + 1) for i in np.unravel_index(unit, output.shape))
        mask = reading.value(picture, "mask")
        if mask is not None and np.ravel(mask)[unit] == 0:
            return QCoreApplication.translate("painters", "value {place}: turned off in this pass").format(place=place)
        return QCoreApplication.translate("painters", "value {place}: {value}").format(
            place=place, value=number(float(np.ravel(output)[unit]), signed=True)
        )

    def paint(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme) -> None:
        values = self._count(picture)
        box = self._box(rect, values)
        shown = reading.shown(picture, cursor, scale)
        if shown is None:
            painter.fillRect(box, tools.hatch(theme, "waiting"))
        elif values <= FEW:
            for unit, value in enumerate(np.ravel(shown.values)):
                cell = self.unit_rect(rect, picture, unit)
                if cell is not None:
                    tools.value_cell(painter, cell.adjusted(0, 1, 0, -1), float(value), shown.scale, theme)
        else:
            self._paint_grid(painter, box, np.ravel(shown.values), shown.scale, theme)
        self._dropped(painter, rect, picture, theme)
        if reading.waits(picture, cursor, values - 1):
            self._paint_waiting(painter, rect, picture, cursor, theme)
        if picture.selected_unit is not None:
            unit_box = self.unit_rect(rect, picture, picture.selected_unit)
            if unit_box is not None:
                tools.ring(painter, unit_box, theme.color("accent"), off=1, radius=3)
        words = QCoreApplication.translate("painters", "{n} values").format(n=count(values))
        if not values:  # nobody knows its shape yet
            words = QCoreApplication.translate("painters", "no values yet")
        mask = reading.value(picture, "mask")
        if mask is not None:
            off = count(int(np.sum(mask == 0)))
            words = QCoreApplication.translate("painters", "{n} of {of} off").format(n=off, of=count(mask.size))
            if tools.width(words, 10.5) > ROOM_FOR_WORDS:  # the footer says of how many
                words = QCoreApplication.translate("painters", "{n} off").format(n=off)
        y = rect.y() + BODY.height() - 12
        size = tools.legible(painter, 10.5)
        size = size if tools.width(words, size) <= ROOM_FOR_WORDS else 10.5
        tools.text(painter, rect.center().x(), y, words, theme.color("text3"), size, align="center", room=ROOM_FOR_WORDS)

    def _count(self, picture: Picture) -> int:
        if picture.output is not None:
            return math.prod(picture.output)
        output = reading.value(picture)
        return output.size if output is not None else 0

    def _box(self, rect: QRectF, values: int) -> QRectF:
        rows, columns, wide, high = grid(values)
        left = rect.x() + ROOM.x() + (ROOM.width() - columns * wide) / 2
        return QRectF(left, rect.y() + ROOM.y() + (ROOM.height() - rows * high) / 2, columns * wide, rows * high)

    def _paint_grid(self, painter: QPainter, box: QRectF, flat: np.ndarray, scale: Scale, theme: Theme) -> None:
        _, columns, wide, high = grid(flat.size)
        full = flat.size // columns
        tools.cells(
            painter, QRectF(box.x(), box.y(), box.width(), full * high), flat[: full * columns].reshape(full, columns), scale, theme
        )
        rest = flat[full * columns :]
        if rest.size:
            tools.cells(painter, QRectF(box.x(), box.y() + full * high, rest.size * wide, high), rest[None, :], scale, theme)

    def _paint_waiting(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, theme: Theme) -> None:
        values = self._count(picture)
        box, (_, columns, wide, high) = self._box(rect, values), grid(values)
        for row, first, length in tools.runs(_in_rows(reading.ahead(picture, cursor, values), columns)):
            cells = QRectF(box.x() + first * wide, box.y() + row * high, length * wide, high)
            painter.fillRect(cells, theme.color("card"))
            painter.fillRect(cells, tools.hatch(theme, "waiting"))

    def _dropped(self, painter: QPainter, rect: QRectF, picture: Picture, theme: Theme) -> None:
        mask = reading.value(picture, "mask")
        if mask is None:
            return
        box, (_, columns, wide, high) = self._box(rect, mask.size), grid(mask.size)
        off = _in_rows(np.ravel(mask) == 0, columns)
        if min(wide, high) < CROSS_FROM:
            tools.marked(painter, box, off, theme.color("card"))
            tools.marked(painter, box, off, theme.color("text3", 0.65))
            return
        square = QRectF(0, 0, min(wide, 14.0), min(high, 14.0))
        inset = min(wide, high) * 0.22
        for row, column in np.argwhere(off).tolist():
            cell = QRectF(box.x() + column * wide, box.y() + row * high, wide, high)
            painter.fillRect(cell, theme.color("card"))
            square.moveCenter(cell.center())
            tools.cross(painter, square.adjusted(inset, inset, -inset, -inset), theme.color("text3"), 1.0)


def _in_rows(values: np.ndarray, columns: int) -> np.ndarray:
    """Bool (n,) as rows of so many; what is missing in the last one is false."""
    rows = -(-len(values) // columns)
    return np.pad(values, (0, rows * columns - len(values))).reshape(rows, columns)
