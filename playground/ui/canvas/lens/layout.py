"""Where the parts of the lens stand in its card: source, patch, kernel, products, sum, and the picture that the position is a pixel of."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from playground.ui.canvas.lens.reading import Lens

INSET, HEAD, CAPTION = 16.0, 40.0, 18.0
GAP, SIGN = 18.0, 17.0
"""Between the parts, and between two grids, where their sign stands."""
COLUMN, LEAST_COLUMN = 150.0, 134.0
CELL, CELL_ALONE = (44.0, 36.0), (60.0, 44.0)
"""A cell of a grid at its largest, of three and of a patch alone; numbers need 24 x 15."""
NUMBERS = (27.0, 17.0)
BAR, CHANNELS = 52.0, 60.0
LARGEST_PICTURE, LEAST_PICTURE = 260.0, 76.0
SHARE = 0.24
"""Of the card's width, what a picture takes at most; where numbers would not fit beside it, it takes less."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Boxes in widget px. ``source`` has its padding around it; it is empty where the patch is all of it. ``grids`` are patch, kernel
    and products, or the patch alone; their cells are ``cell`` large."""

    source: QRectF
    grids: tuple[QRectF, ...]
    cell: tuple[float, float]
    bar: QRectF
    channels: QRectF
    column: QRectF
    target: QRectF

    def picture(self, shown: Lens) -> QRectF:
        """The source's picture itself, without its padding."""
        top, bottom, left, right = shown.edges
        _, rows, columns = shown.source.shape
        cell_x, cell_y = self.source.width() / (columns + left + right), self.source.height() / (rows + top + bottom)
        return self.source.adjusted(left * cell_x, top * cell_y, -right * cell_x, -bottom * cell_y)

    @property
    def numbered(self) -> bool:
        """Whether the cells are large enough for numbers."""
        return self.cell[0] >= NUMBERS[0] and self.cell[1] >= NUMBERS[1]

    def grid_cell(self, grid: int, row: int, column: int) -> QRectF:
        box = self.grids[grid]
        return QRectF(box.x() + column * self.cell[0], box.y() + row * self.cell[1], *self.cell)

    def grid_at(self, point: QPointF) -> tuple[int, int, int] | None:
        """(grid, row, column) under ``point``."""
        for grid, box in enumerate(self.grids):
            if box.contains(point):
                return grid, int((point.y() - box.y()) / self.cell[1]), int((point.x() - box.x()) / self.cell[0])
        return None


def arrange(shown: Lens, width: float, height: float) -> Parts:
    """The parts for a card of this size."""
    inner = QRectF(INSET, HEAD, width - 2 * INSET, height - HEAD - INSET)
    most = min(inner.width() * SHARE, LARGEST_PICTURE)
    count = 3 if shown.kernel is not None else 1
    _, rows, columns = shown.patch.shape
    column = COLUMN if inner.width() >= 960 else LEAST_COLUMN
    sides = 1 if shown.whole else 2
    fixed = column + (sides + 1) * GAP + SIGN * (count - 1)
    left = (inner.width() - fixed - count * columns * (NUMBERS[0] + 0.1)) / sides
    below = (BAR if shown.kind in ("sum", "errors") else 0.0) + (CHANNELS if len(shown.planes) > 1 else 0.0)
    if LEAST_PICTURE <= left < most and rows * NUMBERS[1] <= inner.height() - CAPTION - below:
        most = left
    _, high, wide = shown.source.shape
    top, bottom, before, after = shown.edges
    source = (0.0, 0.0) if shown.whole else _picture((high + top + bottom, wide + before + after), most, inner.height() - 2 * CAPTION)
    target = _picture(shown.target.shape[1:], most, inner.height() - 2 * CAPTION)
    room = inner.width() - source[0] - target[0] - fixed
    largest = CELL if count > 1 else CELL_ALONE
    cell = min(room / count / columns, largest[0]), min((inner.height() - CAPTION - below) / rows, largest[1])
    if cell[0] < NUMBERS[0] or cell[1] < NUMBERS[1]:  # no numbers: then square, that shapes are seen as they are
        cell = (min(cell), min(cell))
    across, down = max(columns * cell[0], 1.0), max(rows * cell[1], 1.0)
    x, y = inner.x(), inner.y() + CAPTION
    whole = QRectF(x, y, *source)
    x += 0.0 if shown.whole else source[0] + GAP + max(room - count * across, 0.0) / 2
    first = x
    grids = []
    for _ in range(count):
        grids.append(QRectF(x, y, across, down))
        x += across + SIGN
    x -= SIGN
    last = x
    under = y + down + 8
    bar = QRectF(first, under, max(last - first, 160.0 if count == 1 else 0.0), BAR - 8 if shown.kind in ("sum", "errors") else 0.0)
    channels = QRectF(first, bar.bottom() + 4, max(last - first, 160.0), CHANNELS - 4 if len(shown.planes) > 1 else 0.0)
    right = inner.right() - target[0]
    columns_box = QRectF(right - GAP - column, y, column, inner.bottom() - y)
    return Parts(whole, tuple(grids), cell, bar, channels, columns_box, QRectF(right, y, *target))


def _picture(shape: tuple[int, ...], wide: float, high: float) -> tuple[float, float]:
    """The size of a picture in so much room, its cells whole px where they can be."""
    rows, columns = shape
    cell = min(wide / columns, high / rows, 32.0)
    cell = math.floor(2 * cell) / 2 if cell >= 2 else cell
    return columns * cell, rows * cell


def pixel(box: QRectF, values: np.ndarray, plane: int, point: QPointF) -> int | None:
    """The entry of ``values`` (planes, rows, columns), in reading order, whose pixel of picture ``plane`` in ``box`` is at ``point``."""
    if not box.contains(point):
        return None
    _, rows, columns = values.shape
    row, column = int((point.y() - box.y()) / box.height() * rows), int((point.x() - box.x()) / box.width() * columns)
    if not (0 <= row < rows and 0 <= column < columns):
        return None
    return (plane * rows + row) * columns + column
