"""Many small pictures as one: where each map of a mosaic stands, and the picture of all of them in a single Indexed8 image."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QImage, QPainter

from playground.anim.ramps import ENTRIES
from playground.anim.scale import STRETCH, Scale
from playground.ui.painters import tools
from playground.ui.theme import Theme

MOST = 512
"""More maps than these are not drawn: they would be smaller than their gaps."""
GAP = 4.0
LEVELS = 1 << 16
"""Steps in which a stretched scale is looked up: a power of 50,000 numbers takes 1 ms, looking them up a tenth."""


@dataclass(frozen=True, slots=True)
class Mosaic:
    """``maps`` pictures of ``rows`` x ``columns`` cells, ``across`` of them side by side, from the mosaic's corner on.

    ``cell`` is the side of a cell, ``gap`` what lies between two pictures, both in px.
    """

    maps: int
    rows: int
    columns: int
    across: int
    cell: float
    gap: float

    @property
    def down(self) -> int:
        """How many pictures stand below one another."""
        return -(-self.maps // self.across)

    @property
    def size(self) -> QSizeF:
        wide, high = self.columns * self.cell, self.rows * self.cell
        return QSizeF(self.across * (wide + self.gap) - self.gap, self.down * (high + self.gap) - self.gap)

    def map_rect(self, corner: QPointF, at: int) -> QRectF:
        """Where picture ``at`` stands."""
        wide, high = self.columns * self.cell, self.rows * self.cell
        row, column = divmod(at, self.across)
        return QRectF(corner.x() + column * (wide + self.gap), corner.y() + row * (high + self.gap), wide, high)

    def cell_rect(self, corner: QPointF, at: int, row: int, column: int) -> QRectF:
        """Where a cell of picture ``at`` stands."""
        box = self.map_rect(corner, at)
        return QRectF(box.x() + column * self.cell, box.y() + row * self.cell, self.cell, self.cell)

    def at(self, corner: QPointF, point: QPointF) -> tuple[int, int, int] | None:
        """(picture, row, column) at ``point``; ``None`` in a gap and outside."""
        wide, high = self.columns * self.cell + self.gap, self.rows * self.cell + self.gap
        x, y = point.x() - corner.x(), point.y() - corner.y()
        across, down = math.floor(x / wide), math.floor(y / high)
        number = down * self.across + across
        if not (0 <= across < self.across and down >= 0 and 0 <= number < self.maps):
            return None
        row, column = int((y - down * high) / self.cell), int((x - across * wide) / self.cell)
        return (number, row, column) if row < self.rows and column < self.columns else None


@lru_cache(maxsize=256)
def layout(maps: int, rows: int, columns: int, room: tuple[float, float], most: float, fixed: int = 0) -> Mosaic:
    """The mosaic with the largest cells that fits into ``room`` (width, height), no picture larger than ``most`` px; ``fixed`` pictures
    side by side, or as many as suits best.

    A cell is a whole or a half number of px where it is 1 px or more, so that all are alike.
    """
    maps, rows, columns = min(max(maps, 1), MOST), max(rows, 1), max(columns, 1)
    best = Mosaic(maps, rows, columns, fixed or 1, 0.0, 0.0)
    for across in (fixed,) if fixed else range(1, maps + 1):
        down = -(-maps // across)
        gap = GAP if max(across, down) <= 4 else 2.0 if max(across, down) <= 12 else 1.0
        wide, high = (room[0] - gap * (across - 1)) / across, (room[1] - gap * (down - 1)) / down
        cell = min(min(wide, most) / columns, min(high, most) / rows)
        if cell >= 1:
            cell = math.floor(cell * 2) / 2
        if cell > best.cell + 1e-9:
            best = Mosaic(maps, rows, columns, across, max(cell, 1e-3), gap)
    return best


@lru_cache(maxsize=4)
def _stretched(signed: bool) -> np.ndarray:
    """Entries of a stretched ramp, by the share of the limit in :data:`LEVELS` steps (signed: from -1 to 1)."""
    share = np.linspace(-1.0 if signed else 0.0, 1.0, LEVELS)
    bent = np.sign(share) * np.abs(share) ** STRETCH
    return np.round((bent / 2 + 0.5 if signed else bent) * (ENTRIES - 1)).astype(np.uint8)


def entries(values: np.ndarray, scale: Scale) -> np.ndarray:
    """``scale.indices(values)``; of a stretched scale within one entry, ten times as fast. What is not a number is 0."""
    if not scale.stretch:
        return scale.indices(values)
    steps = np.multiply(values, np.float32((LEVELS - 1) / (2 if scale.signed else 1) / (scale.limit if scale.limit > 0 else 1.0)))
    if scale.signed:
        steps += np.float32((LEVELS - 1) / 2)
    np.fmin(np.fmax(steps, np.float32(0), out=steps), np.float32(LEVELS - 1), out=steps)  # not-a-number gives way to the bounds
    return _stretched(scale.signed).take(steps.astype(np.uint16))


def paint(painter: QPainter, corner: QPointF, mosaic: Mosaic, values: np.ndarray, scale: Scale, theme: Theme) -> None:
    """Draw ``values`` (maps, rows, columns). One image holds all of them, a call each draws its part: so no picture bleeds into the next.

    Where cells are far smaller than a pixel of the screen their means are drawn. Errors are hatched, what is no number is marked.
    """
    shown = np.asarray(values[: mosaic.maps], np.float32)
    cell = mosaic.cell * painter.worldTransform().m11() * painter.device().devicePixelRatioF()
    finite = np.isfinite(shown)
    whole = bool(finite.all())
    coarse = min(int(0.75 / max(cell, 1e-6)), mosaic.rows, mosaic.columns) if whole else 1
    drawn = averaged(shown, coarse) if coarse > 1 else shown
    count, rows, columns = drawn.shape
    sheet = np.ascontiguousarray(entries(drawn, scale)).reshape(count * rows, columns)
    image = tools.indexed(sheet, theme, scale.ramp).convertToFormat(QImage.Format.Format_RGB32)  # once, not with each call
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, cell < 1.0)
    for at in range(count):
        painter.drawImage(mosaic.map_rect(corner, at), image, QRectF(0, at * rows, columns, rows))
    painter.restore()
    if scale.ramp == "err" and mosaic.cell >= tools.HATCH_FROM:
        for at in range(count):
            painter.fillRect(mosaic.map_rect(corner, at), tools.hatch(theme, "error"))
    if not whole:
        for at in np.flatnonzero(~finite.all(axis=(1, 2))):
            tools.not_a_number(painter, mosaic.map_rect(corner, int(at)), finite[at], theme, "" if finite[at].any() else "NaN")


def veil(painter: QPainter, corner: QPointF, mosaic: Mosaic, covered: np.ndarray, color: QColor) -> None:
    """Lay ``color`` over the cells where ``covered`` (maps, rows, columns) is true."""
    veils = np.zeros(covered[: mosaic.maps].shape, np.uint32)
    veils[covered[: mosaic.maps]] = color.rgba()
    _, rows, columns = veils.shape
    for at in range(len(veils)):
        if covered[at].any():
            sheet = np.ascontiguousarray(veils[at])
            painter.drawImage(mosaic.map_rect(corner, at), QImage(sheet.data, columns, rows, 4 * columns, QImage.Format.Format_ARGB32))


def averaged(values: np.ndarray, by: int) -> np.ndarray:
    """``values`` (maps, rows, columns) in blocks of ``by`` x ``by`` cells, each its mean; cells of a last block that is not full count
    with those before it."""
    rows, columns = values.shape[1] // by * by, values.shape[2] // by * by
    parts = [values[:, row:rows:by, column:columns:by] for row in range(by) for column in range(by)]
    made: np.ndarray = np.add.reduce(parts) / np.float32(by * by)
    return made
