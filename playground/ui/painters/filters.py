"""The filters of a convolution as small signed pictures, a row of input channels each; in the backward pass their gradients."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale, greatest
from playground.ui.painters import mosaic, reading, tools
from playground.ui.painters.base import Picture
from playground.ui.painters.mosaic import Mosaic
from playground.ui.theme import Theme

SMALLEST = 1.0
"""A weight's side, px: where all channels do not fit with it, they are drawn as one."""
LARGEST = 46.0
BETWEEN = 6.0
"""Px between two filters of several channels."""


def has(picture: Picture) -> bool:
    """Whether the node has filters: weights (O, C, KH, KW)."""
    weight = picture.parameters.get("weight")
    return weight is not None and weight.ndim == 4


@dataclass(frozen=True, slots=True)
class Grid:
    """``tile`` is the mosaic of one filter's channels, ``filters`` of them stand ``across`` in a row; ``merged``: its channels are
    drawn as one."""

    filters: int
    across: int
    tile: Mosaic
    merged: bool

    @property
    def pitch(self) -> tuple[float, float]:
        """From one filter to the next, px."""
        gap = BETWEEN if self.tile.maps > 1 else mosaic.GAP
        return self.tile.size.width() + gap, self.tile.size.height() + gap

    def corner(self, box: QRectF, at: int) -> QPointF:
        """Where filter ``at`` begins, the grid in the middle of ``box``."""
        wide, high = self.pitch
        gap = wide - self.tile.size.width()
        down = -(-self.filters // self.across)
        left = box.center().x() - (self.across * wide - gap) / 2
        top = box.center().y() - (down * high - gap) / 2
        return QPointF(round(left) + at % self.across * wide, round(top) + at // self.across * high)


def grid(weight: tuple[int, ...], room: tuple[float, float]) -> Grid:
    """The largest filters that fit into ``room``: each one's channels side by side, or merged where they would be too small."""
    filters, channels, rows, columns = weight
    filters = min(filters, mosaic.MOST)
    best = _best(filters, channels, rows, columns, room)
    if best is None or (best.tile.cell < SMALLEST and channels > 1):
        return _best(filters, 1, rows, columns, room, channels > 1) or Grid(filters, 1, Mosaic(1, rows, columns, 1, 0.1, 0.0), channels > 1)
    return best


def _best(filters: int, channels: int, rows: int, columns: int, room: tuple[float, float], merged: bool = False) -> Grid | None:
    best: Grid | None = None
    gap = BETWEEN if channels > 1 else mosaic.GAP
    for across in range(1, filters + 1):
        down = -(-filters // across)
        wide, high = (room[0] - gap * (across - 1)) / across, (room[1] - gap * (down - 1)) / down
        if min(wide, high) <= 0:
            continue
        inner = 1.0 if channels > 1 else 0.0
        cell = min((wide - inner * (channels - 1)) / channels / columns, high / rows, LARGEST / max(rows, columns))
        cell = math.floor(cell * 2) / 2 if cell >= 1 else cell
        if cell > 0 and (best is None or cell > best.tile.cell):
            best = Grid(filters, across, Mosaic(channels, rows, columns, channels, cell, inner), merged)
    return best


def merged(weight: np.ndarray) -> np.ndarray:
    """(O, C, KH, KW) with the channels as one: their root mean square with the sign of their mean."""
    with np.errstate(over="ignore", invalid="ignore"):
        made: np.ndarray = np.sqrt(np.mean(np.square(weight), axis=1, keepdims=True)) * np.sign(weight.sum(axis=1, keepdims=True))
    return made


def shown(picture: Picture, cursor: Cursor | None) -> tuple[np.ndarray, Scale] | None:
    """The filters at ``cursor`` and their scale: their gradients while the error passes through."""
    weight = reading.parameter(picture, "weight", cursor)
    if cursor is not None and cursor.stage.phase == "backward" and cursor.at("backward", picture.node) != "ahead" and picture.trace:
        traced = picture.trace.parameters.get(f"{picture.node}/weight")
        if traced is not None and traced.gradient is not None:
            return traced.gradient, Scale(limit=greatest(traced.gradient), ramp="err")
    return None if weight is None else (weight, Scale(limit=greatest(weight), ramp="div"))


def paint(painter: QPainter, box: QRectF, picture: Picture, cursor: Cursor | None, theme: Theme) -> Scale | None:
    """Draw them in ``box``; returns their scale, ``None`` where there are none."""
    found = shown(picture, cursor)
    if found is None:
        return None
    weight, scale = found
    made = grid(weight.shape, (box.width(), box.height()))
    drawn = merged(weight) if made.merged else weight
    for at in range(made.filters):
        mosaic.paint(painter, made.corner(box, at), made.tile, drawn[at], scale, theme)
    now = cursor.place if cursor is not None and cursor.at("update", picture.node) == "now" else None
    if now is not None:
        ring = place(box, picture, now[1])
        if ring is not None:
            tools.ring(painter, ring, theme.color("upd"), off=1, width=1.5, radius=2)
    elif picture.selected_unit is not None and picture.output is not None:
        ring = place(box, picture, (picture.selected_unit // max(math.prod(picture.output[1:]), 1),))
        if ring is not None:
            tools.ring(painter, ring, theme.color("accent"), off=1.5, radius=2)
    return scale


def place(box: QRectF, picture: Picture, index: tuple[int, ...]) -> QRectF | None:
    """Where a weight (4 indices) or a whole filter (its number, or a bias's) is drawn in ``box``."""
    weight = picture.parameters.get("weight")
    if weight is None or weight.ndim != 4 or not index:
        return None
    made = grid(weight.shape, (box.width(), box.height()))
    if index[0] >= made.filters:
        return None
    corner = made.corner(box, index[0])
    if len(index) != 4:
        return QRectF(corner, made.tile.size)
    return made.tile.cell_rect(corner, 0 if made.merged else index[1], index[2], index[3])
