"""Dense with many units: the output vector folded into columns, and the weight matrix beside it."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale, greatest
from playground.turns import give_way
from playground.ui.numbers import number, shape
from playground.ui.painters import neurons, placing, reading, tools
from playground.ui.painters.base import Picture
from playground.ui.theme import Theme

BODY = QSizeF(132, 126)
MOST_HIGH = 104.0
VECTOR_WIDE = 32.0
MATRIX_WIDE = 70
TOP = 6.0
AT_ONCE = 1 << 20
"""So many weights are averaged in a millisecond or two; twelve million took 8 to 25 of the window's (measured)."""


Blocks = tuple[np.ndarray, int, int]
Kept = tuple[int, int, int]
_kept: dict[Kept, tuple[weakref.ref[np.ndarray], Blocks]] = {}
"""The blocks of matrices that nobody can change, as a trace's are: drawn frame after frame while a pass plays. Two matrices of 12 million
weights took 20 ms of each (measured)."""


def averaged(weight: np.ndarray, rows: int, columns: int) -> Blocks:
    """``weight`` (O, I) in blocks, so that at most ``rows`` by ``columns`` remain: the root mean square of each block with
    the sign of its mean. Returns the picture and how many outputs and inputs one of its pixels stands for."""
    key = id(weight), rows, columns
    known = _known(key, weight)
    if known is not None:
        return known
    made = _averaged(weight, rows, columns)
    if made[0] is not weight and not weight.flags.writeable:
        _kept[key] = weakref.ref(weight, lambda _: _kept.pop(key, None)), made
    return made


def _known(key: Kept, weight: np.ndarray) -> Blocks | None:
    known = _kept.get(key)
    return known[1] if known is not None and known[0]() is weight else None


def _averaged(weight: np.ndarray, rows: int, columns: int) -> Blocks:
    high, wide = -(-weight.shape[0] // rows), -(-weight.shape[1] // columns)
    if high == 1 and wide == 1:
        return weight, 1, 1
    with np.errstate(over="ignore", invalid="ignore"):
        total, squares = _sums(weight, high, wide, np.float32)
        if not np.isfinite(squares).all():  # squares that float32 does not hold, or no numbers
            total, squares = _sums(weight, high, wide, np.float64)
    counts = np.outer(_sizes(weight.shape[0], high), _sizes(weight.shape[1], wide))
    return np.sqrt(squares / counts) * np.sign(total), high, wide


def _sums(weight: np.ndarray, high: int, wide: int, precision: type[np.floating]) -> tuple[np.ndarray, np.ndarray]:
    """Of each block, the sum and the sum of squares. No copy of all weights: with 8192 x 8192 of them, copies took 230 ms of the
    window's time, this takes 45 ms (measured)."""
    rows, starts = range(0, weight.shape[0], high), np.arange(0, weight.shape[1], wide)
    total = np.empty((len(rows), weight.shape[1]), precision)
    squares = np.empty_like(total)
    for at, row in enumerate(rows):
        give_way()
        some = weight[row : row + high]
        np.add.reduce(some, axis=0, dtype=precision, out=total[at])
        np.einsum("hw,hw->w", some, some, dtype=precision, casting="same_kind", out=squares[at])
    return np.add.reduceat(total, starts, axis=1), np.add.reduceat(squares, starts, axis=1)


def _sizes(length: int, block: int) -> np.ndarray:
    """How many of ``length`` fall into each block: all but the last are full."""
    return np.diff(np.append(np.arange(0, length, block), length))


def fold(units: int) -> tuple[int, int, float]:
    """Rows, columns and cell side of a vector of ``units`` in at most 104 by 32 px, cells of at most 6 px."""
    for side in (6.0, 5.0, 4.0, 3.0, 2.0):
        rows = int(MOST_HIGH // side)
        columns = -(-units // rows)
        if columns * side <= VECTOR_WIDE:
            return -(-units // columns), columns, side
    columns = 16
    rows = -(-units // columns)
    return rows, columns, min(2.0, MOST_HIGH / rows)


class MatrixPainter:
    """Left the outputs, top to bottom and then on to the next column; right the weights, outputs down, inputs across."""

    def size(self, picture: Picture) -> QSizeF:
        return BODY

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        count = neurons.units(picture)
        if not 0 <= unit < count:
            return None
        rows, _, side = fold(count)
        box = self._vector(rect, picture)
        return QRectF(box.x() + unit // rows * side, box.y() + unit % rows * side, side, side)

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        count = neurons.units(picture)
        rows, columns, side = fold(count)
        box = self._vector(rect, picture)
        column, row = math.floor((point.x() - box.x()) / side), math.floor((point.y() - box.y()) / side)
        unit = column * rows + row
        return unit if 0 <= column < columns and 0 <= row < rows and unit < count else None

    def place_rect(self, rect: QRectF, picture: Picture, name: str, index: tuple[int, ...]) -> QRectF | None:
        """A unit's cell; of a weight the pixel of the drawn matrix that it is in, at least large enough to be seen."""
        if name != "weight":
            return self.unit_rect(rect, picture, index[0] if len(index) == 1 else 0 if not index else -1)
        if len(index) != 2 or not picture.inputs or not picture.inputs[0]:
            return None
        outputs, inputs = neurons.units(picture), picture.inputs[0][-1]
        high, wide = -(-outputs // int(MOST_HIGH)), -(-inputs // MATRIX_WIDE)
        box = self._matrix(rect)
        across, down = box.width() / math.ceil(inputs / wide), box.height() / math.ceil(outputs / high)
        return placing.seen(QRectF(box.x() + index[1] // wide * across, box.y() + index[0] // high * down, across, down))

    def tip(self, picture: Picture, unit: int | None) -> str:
        output = reading.value(picture)
        if unit is not None and output is not None:
            return QCoreApplication.translate("painters", "unit {n} of {of}: output {value}").format(
                n=unit + 1, of=neurons.units(picture), value=number(float(output[unit]), signed=True)
            )
        weight = picture.parameters.get("weight")
        if weight is None:
            return ""
        return QCoreApplication.translate("painters", "left the outputs, right the weights {shape}: outputs down, inputs across").format(
            shape=shape(weight.shape)
        )

    def prepare(self, picture: Picture, cursor: Cursor | None) -> Callable[[], object] | None:
        """Averages a large matrix that nobody can change, where that was not done yet."""
        weight = self._weight(picture, cursor)
        if weight is None or weight.size <= AT_ONCE or weight.flags.writeable:
            return None
        size = int(MOST_HIGH), MATRIX_WIDE
        return None if _known((id(weight), *size), weight) is not None else partial(averaged, weight, *size)

    def paint(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme) -> None:
        count = neurons.units(picture)
        rows, columns, _ = fold(count)
        box = self._vector(rect, picture)
        shown = reading.shown(picture, cursor, scale)
        if shown is None:
            painter.fillRect(box, tools.hatch(theme, "waiting"))
        else:
            self._paint_vector(painter, box, shown, rows, columns, theme)
        matrix = self._matrix(rect)
        weight = self._weight(picture, cursor)
        if weight is None:
            painter.fillRect(matrix, tools.hatch(theme, "waiting"))
        else:
            self._paint_matrix(painter, rect, matrix, weight, cursor is not None and cursor.stage.phase == "backward", theme)
        if cursor is not None and cursor.at("update", picture.node) == "now":
            tools.ring(painter, matrix, theme.color("upd"), off=1, radius=3)
        if picture.selected_unit is not None:
            unit = self.unit_rect(rect, picture, picture.selected_unit)
            if unit is not None:
                tools.ring(painter, unit, theme.color("accent"), off=1, radius=3)

    def caption_rect(self, rect: QRectF, picture: Picture) -> QRectF:
        """The line below the picture."""
        return QRectF(rect.x() + 4, rect.y() + TOP + MOST_HIGH, rect.width() - 8, 16)

    def _matrix(self, rect: QRectF) -> QRectF:
        return QRectF(rect.x() + 12 + VECTOR_WIDE + 10, rect.y() + TOP, MATRIX_WIDE, MOST_HIGH)

    def _vector(self, rect: QRectF, picture: Picture) -> QRectF:
        rows, columns, side = fold(neurons.units(picture))
        return QRectF(rect.x() + 12 + (VECTOR_WIDE - columns * side) / 2, rect.y() + TOP, columns * side, rows * side)

    def _paint_vector(self, painter: QPainter, box: QRectF, shown: reading.Shown, rows: int, columns: int, theme: Theme) -> None:
        flat = np.ravel(shown.values).astype(np.float32)
        full = len(flat) // rows
        side = box.width() / columns
        if full:
            tools.cells(
                painter, QRectF(box.x(), box.y(), full * side, box.height()), flat[: full * rows].reshape(full, rows).T, shown.scale, theme
            )
        rest = flat[full * rows :]
        if rest.size:
            tools.cells(painter, QRectF(box.x() + full * side, box.y(), side, rest.size * side), rest[:, None], shown.scale, theme)

    def _weight(self, picture: Picture, cursor: Cursor | None) -> np.ndarray | None:
        if cursor is not None and cursor.stage.phase == "backward" and cursor.at("backward", picture.node) != "ahead" and picture.trace:
            traced = picture.trace.parameters.get(f"{picture.node}/weight")
            if traced is not None and traced.gradient is not None:
                return traced.gradient
        return reading.parameter(picture, "weight", cursor)

    def _paint_matrix(self, painter: QPainter, rect: QRectF, box: QRectF, weight: np.ndarray, backward: bool, theme: Theme) -> None:
        drawn, high, wide = averaged(weight, int(MOST_HIGH), MATRIX_WIDE)
        scale = Scale(limit=greatest(drawn), ramp="err" if backward else "div")
        tools.cells(painter, box, drawn, scale, theme)
        limit = number(scale.limit, 2)
        words = f"± {limit}"
        if high * wide > 1:
            words = QCoreApplication.translate("painters", "1 px: {high} × {wide} weights").format(high=high, wide=wide)
        size, room = tools.legible(painter, 10), rect.width() - 12
        while size > 10 and tools.width(words, size) > room:
            size -= 0.5
        tools.text(painter, rect.right() - 8, rect.y() + TOP + MOST_HIGH + 8, words, theme.color("text3"), size, align="right", room=room)
