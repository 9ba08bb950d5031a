"""The gradient by a convolution's 3 x 3 weights with 16 multiplications where the formula has 36: ``conv_winograd.py``, backward.

Its results are sums of weights' sums times pixels' sums. So the gradient by a sum of weights is, added up over tiles and lanes, the
pixels' sum times the sum of errors that the product goes into; and what comes of those is put together for each weight. For each of the
4 x 4 products that is a product of matrices: errors (filters x places) by pixels (places x channels), a place being a lane of a tile. The
pixels are brought into that order first. It goes in bands of tiles, so that both matrices stay in the cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from playground.kernels.control import MICRO
from playground.kernels.conv_shapes import Shapes
from playground.kernels.conv_winograd import PLACES, suits
from playground.kernels.language import WIDTH, get_integer, load, registers, scalar, splat, store, transpose_rows, transpose_tile, unroll
from playground.kernels.matmul import ADD, OVERWRITE, matmul_rows
from playground.kernels.operations import CONTROL_BLOCK
from playground.kernels.template import kernel
from playground.kernels.types import ALIGNMENT, Pointer, Row, Target, padded

BAND_BYTES = 1024 * 1024
"""What the two matrices of a band of tiles may take: a second-level cache, as most processors have it. With a third of that it took a tenth
longer, as each band writes all sums and reads them again; with three times as much, too."""

PRODUCTS = PLACES * PLACES


def _turn_accesses(r: Any) -> Any:
    rows = min(r.tall, r.row_limit + r.before) - r.before
    columns = min(r.wide, r.column_limit + r.left) - r.left
    x = (r.x, (r.depth - 1) * r.x_channel + (rows - 1) * r.x_row + (columns - 1) * r.lanes + r.lanes)
    return [x], [(r.y, r.tall * r.wide * r.lanes * r.room)]


@kernel(_turn_accesses)
def winograd_turn(
    memory: Any, tall: int, wide: int, lanes: int, depth: int, room: int, before: int, left: int, row_limit: int, column_limit: int,
    x: int, x_channel: int, x_row: int, y: int,
) -> None:  # fmt: skip
    """y[iy, ix, lane, c] = x[c, iy - before, ix - left, lane], or 0 beyond the picture; zeros from channel ``depth`` to ``room`` too

    for iy in range(tall):
        for ix in range(wide):
            for lane in range(lanes):
                for c in range(room):
                    there = 0 <= iy - before < row_limit and 0 <= ix - left < column_limit and c < depth
                    y[iy, ix, lane, c] = x[c, iy - before, ix - left, lane] if there else 0
    """
    to = y
    for iy in range(tall):
        for ix in range(wide):
            at = x + (iy - before) * x_row + (ix - left) * lanes
            if iy >= before and iy - before < row_limit and ix >= left and ix - left < column_limit:
                for lane in range(0, lanes, WIDTH):
                    for c in range(0, room, WIDTH):
                        if c + WIDTH <= depth:
                            transpose_tile(memory, at + lane + c * x_channel, x_channel, to + lane * room + c, room)
                        else:
                            transpose_rows(memory, at + lane + c * x_channel, x_channel, depth - c, to + lane * room + c, room)
            else:
                for e in range(0, lanes * room, WIDTH):
                    store(memory, to + e, splat(0.0))
            to += lanes * room


def _pixels_accesses(r: Any) -> Any:
    top, bottom = r.first // r.across, (r.first + r.tiles - 1) // r.across
    x_row = (2 * r.across + 2) * r.run
    return [(r.x + 2 * top * x_row, (2 * (bottom - top) + 4) * x_row)], [(r.v, (PRODUCTS - 1) * r.v_plane + r.tiles * r.run)]


@kernel(_pixels_accesses)
def winograd_pixels(memory: Any, first: int, tiles: int, across: int, run: int, x: int, v: int, v_plane: int) -> None:
    """v[:, :, tile] = B^T d B, where d are the 4 x 4 pixels of x that the tile's results read, each of ``run`` numbers

    for tile in range(first, first + tiles):
        d = x[2 * (tile // across) :, 2 * (tile % across) :][:4, :4]
        v[:, :, tile - first] = B^T d B         # B^T = (1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, 1, 0, -1)
    """
    d = registers()
    x_row = (2 * across + 2) * run
    for tile in range(tiles):
        p = x + 2 * ((first + tile) // across) * x_row + 2 * ((first + tile) % across) * run
        q = v + tile * run
        for e in range(0, run, WIDTH):
            for j in unroll(4):
                r = p + j * run + e
                d0 = load(memory, r)
                d1 = load(memory, r + x_row)
                d2 = load(memory, r + 2 * x_row)
                d3 = load(memory, r + 3 * x_row)
                d[0, j] = d0 - d2
                d[1, j] = d1 + d2
                d[2, j] = d2 - d1
                d[3, j] = d1 - d3
            for i in unroll(4):
                r = q + 4 * i * v_plane + e
                store(memory, r, d[i, 0] - d[i, 2])
                store(memory, r + v_plane, d[i, 1] + d[i, 2])
                store(memory, r + 2 * v_plane, d[i, 2] - d[i, 1])
                store(memory, r + 3 * v_plane, d[i, 1] - d[i, 3])


def _errors_accesses(r: Any) -> Any:
    top, bottom = 2 * (r.first // r.across), min(2 * ((r.first + r.tiles - 1) // r.across) + 2, r.height)
    dy = (r.dy + top * r.width * r.lanes, (r.rows - 1) * r.dy_channel + (bottom - top) * r.width * r.lanes)
    return [dy], [(r.e, (PRODUCTS - 1) * r.e_plane + (r.rows - 1) * r.e_row + r.tiles * r.lanes)]


@kernel(_errors_accesses)
def winograd_errors(
    memory: Any, rows: int, first: int, tiles: int, across: int, lanes: int, height: int, width: int, dy: int, dy_channel: int,
    e: int, e_plane: int, e_row: int,
) -> None:  # fmt: skip
    """e[:, :, f, tile] = A d A^T, where d are the errors by the tile's 2 x 2 results

    for f in range(rows):
        for tile in range(first, first + tiles):
            d = dy[f, 2 * (tile // across) :, 2 * (tile % across) :][:2, :2]        # zeros beyond height and width
            e[:, :, f, tile - first] = A d A^T          # A = (1, 0), (1, 1), (1, -1), (0, 1)
    """
    d = registers()
    for f in range(rows):
        for tile in range(tiles):
            oy = 2 * ((first + tile) // across)
            ox = 2 * ((first + tile) % across)
            p = dy + f * dy_channel + (oy * width + ox) * lanes
            q = e + f * e_row + tile * lanes
            for lane in range(0, lanes, WIDTH):
                zero = splat(0.0)
                d0 = load(memory, p + lane)
                d1 = load(memory, p + lane + lanes) if ox + 1 < width else zero
                d2 = load(memory, p + lane + width * lanes) if oy + 1 < height else zero
                d3 = load(memory, p + lane + (width + 1) * lanes) if ox + 1 < width and oy + 1 < height else zero
                d[0, 0] = d0
                d[0, 1] = d1
                d[1, 0] = d0 + d2
                d[1, 1] = d1 + d3
                d[2, 0] = d0 - d2
                d[2, 1] = d1 - d3
                d[3, 0] = d2
                d[3, 1] = d3
                for i in unroll(4):
                    r = q + 4 * i * e_plane + lane
                    store(memory, r, d[i, 0])
                    store(memory, r + e_plane, d[i, 0] + d[i, 1])
                    store(memory, r + 2 * e_plane, d[i, 0] - d[i, 1])
                    store(memory, r + 3 * e_plane, d[i, 1])


@kernel(
    lambda r: (
        [(r.du, PRODUCTS * r.rows * r.room), (r.dw, (r.rows - 1) * r.dw_filter + 9 * r.depth), (Pointer("control", MICRO), 1)],
        [(r.dw, (r.rows - 1) * r.dw_filter + 9 * r.depth)],
    )
)
def winograd_gradient(memory: Any, control: int, rows: int, depth: int, room: int, du: int, dw: int, dw_filter: int, mode: int) -> None:
    """dw[f, c] = G^T du[:, :, f, c] G

    for f in range(rows):
        for c in range(depth):
            dw[f, c] = G^T du[:, :, f, c] G         # or added to what is there
                                                    # G^T = (1, 1/2, 1/2, 0), (0, 1/2, -1/2, 0), (0, 1/2, 1/2, -1)
    """
    t = registers()
    add = mode == 1 or (mode == 2 and get_integer(control, MICRO) > 0)
    half = scalar(0.5)
    plane = rows * room
    for f in range(rows):
        for c in range(depth):
            at = du + f * room + c
            for j in unroll(4):
                r = at + j * plane
                both = (memory[r + 4 * plane] + memory[r + 8 * plane]) * half
                t[0, j] = memory[r] + both
                t[1, j] = (memory[r + 4 * plane] - memory[r + 8 * plane]) * half
                t[2, j] = both - memory[r + 12 * plane]
            to = dw + f * dw_filter + c * 9
            for i in unroll(3):
                both = (t[i, 1] + t[i, 2]) * half
                w0 = t[i, 0] + both
                w1 = (t[i, 1] - t[i, 2]) * half
                w2 = both - t[i, 3]
                if add:
                    memory[to + 3 * i] += w0
                    memory[to + 3 * i + 1] += w1
                    memory[to + 3 * i + 2] += w2
                else:
                    memory[to + 3 * i] = w0
                    memory[to + 3 * i + 1] = w1
                    memory[to + 3 * i + 2] = w2


def weight_suits(shapes: Shapes, target: Target) -> bool:
    """Whether this is the faster way."""
    return suits(shapes) and 5 * shapes.channels >= 4 * _room(shapes, target)


def _room(shapes: Shapes, target: Target) -> int:
    """Channels, filled up to whole vectors."""
    return -(-shapes.channels // target.width) * target.width


@dataclass(frozen=True, slots=True)
class _Parts:
    """How the work is divided (``across`` of ``tiles`` tiles lie in a row of them, ``band`` are done at a time), elements from a row of a
    matrix to the next (``e_row``) and from one matrix to the next, and where in its scratch all of it lies."""

    across: int
    tiles: int
    band: int
    e_row: int
    e_plane: int
    v_plane: int
    errors: int
    pixels: int
    sums: int
    extent: int


def _parts(shapes: Shapes, target: Target) -> _Parts:
    lanes, room, filters = target.lanes, _room(shapes, target), shapes.filters
    down, across = -(-shapes.rows.outputs // 2), -(-shapes.columns.outputs // 2)
    of_tile = PRODUCTS * lanes * (room + filters) * np.dtype(target.dtype).itemsize
    pieces = -(-down * across // max(1, BAND_BYTES // of_tile))
    band = -(-down * across // pieces)
    # one vector more than needed: rows that begin a power of two apart drive each other out of the cache
    e_row = band * lanes + ALIGNMENT
    v_plane = band * lanes * room + ALIGNMENT
    errors = (2 * down + 2) * (2 * across + 2) * lanes * room
    pixels = errors + PRODUCTS * filters * e_row
    sums = pixels + padded(PRODUCTS * v_plane)
    return _Parts(
        across, down * across, band, e_row, filters * e_row, v_plane, errors, pixels, sums, sums + padded(PRODUCTS * filters * room)
    )


def winograd_weight_extent(shapes: Shapes, target: Target) -> int:
    """Scratch of ``winograd_weight_rows``."""
    return _parts(shapes, target).extent


def winograd_weight_rows(target: Target, shapes: Shapes, x: int, dy: int, dweight: int, scratch: int, mode: int) -> list[Row]:
    """dweight of a convolution that :func:`weight_suits`."""
    parts, room, lanes, rows, columns = _parts(shapes, target), _room(shapes, target), target.lanes, shapes.rows, shapes.columns
    filters, tall, wide = shapes.filters, 2 * (parts.tiles // parts.across) + 2, 2 * parts.across + 2
    errors, pixels, sums = scratch + parts.errors, scratch + parts.pixels, scratch + parts.sums
    made = [
        winograd_turn.row(
            tall=tall, wide=wide, lanes=lanes, depth=shapes.channels, room=room, before=rows.before, left=columns.before,
            row_limit=rows.inputs, column_limit=columns.inputs, x=x, x_channel=shapes.x.channel * lanes, x_row=shapes.x.row * lanes,
            y=scratch,
        )
    ]  # fmt: skip
    for first in range(0, parts.tiles, parts.band):
        tiles = min(parts.band, parts.tiles - first)
        place = {"first": first, "tiles": tiles, "across": parts.across}
        made += [
            winograd_pixels.row(**place, run=lanes * room, x=scratch, v=pixels, v_plane=parts.v_plane),
            winograd_errors.row(
                **place, rows=filters, lanes=lanes, height=rows.outputs, width=columns.outputs, dy=dy, dy_channel=shapes.y.channel * lanes,
                e=errors, e_plane=parts.e_plane, e_row=parts.e_row,
            ),
        ]  # fmt: skip
        for product in range(PRODUCTS):
            made += matmul_rows(
                target, filters, room, tiles * lanes, a=errors + product * parts.e_plane, a_row=parts.e_row, a_column=1,
                b=pixels + product * parts.v_plane, b_row=room, c=sums + product * filters * room, c_row=room,
                mode=ADD if first else OVERWRITE,
            )  # fmt: skip
    made.append(
        winograd_gradient.row(
            control=CONTROL_BLOCK, rows=filters, depth=shapes.channels, room=room, du=sums, dw=dweight, dw_filter=shapes.stride, mode=mode
        )
    )
    return made
