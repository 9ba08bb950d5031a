"""Convolution over many lanes, directly: no copy of the input, no work on padding. ``conv`` and ``conv_backward_input`` both run on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from playground.kernels.conv_shapes import Axis
from playground.kernels.language import add_outer, column_block, store_block, zero_block
from playground.kernels.matmul import row_blocks
from playground.kernels.template import Constants, kernel
from playground.kernels.types import Row, Target

MOST_FILTERS = {("avx512", 4): 4, ("avx512", 2): 8, ("avx512", 1): 8, ("avx2", 2): 6, ("avx2", 1): 8, ("generic", 2): 6, ("generic", 1): 8}
"""Filters of a block, by instruction set and VECTORS: accumulators, operands and those of the next tap, which the compiler reads ahead,
must fit 32 (AVX2, SSE: 16) registers. With 6 x 4 of 32 it kept some in memory, and half the speed was lost."""


CACHE_BYTES = 384 * 1024
"""What a kernel may go over again and again: a good part of a second-level cache."""


def touched(first: int, step: int, count: int, tap: int, taps: int, limit: int) -> tuple[int, int] | None:
    """The lowest and highest input that ``count`` outputs read within 0 .. limit - 1."""
    read = [at for o in range(count) for k in range(taps) if 0 <= (at := first + o * step + k * tap) < limit]
    return (min(read), max(read)) if read else None


def _conv_accesses(r: Any, ROWS: int, VECTORS: int) -> Any:
    lanes = r.chunks * r.chunk
    written = (r.groups - 1) * r.y_group + (r.rows - 1) * r.y_channel + (r.height - 1) * r.y_row + (r.blocks - 1) * r.y_block
    y = (r.y, written + lanes)
    reads = []
    rows = touched(r.row_first, r.row_step, r.height, r.row_tap, r.row_taps, r.row_limit)
    columns = touched(r.column_first, r.column_step, r.blocks if r.column_step else 1, r.column_tap, r.column_taps, r.column_limit)
    if rows and columns:
        across = 0 if r.column_step else (r.blocks - 1) * r.x_block
        start = r.x + rows[0] * r.x_row + columns[0] * r.x_pixel
        extent = (r.groups - 1) * r.x_group + (r.depth - 1) * r.x_channel + (rows[1] - rows[0]) * r.x_row
        reads.append((start, extent + (columns[1] - columns[0]) * r.x_pixel + across + lanes))
        taps = (r.row_taps, r.w_row_tap), (r.column_taps, r.w_column_tap)
        reads.append(weights_read(r.w, *taps, (r.depth, r.w_channel), (r.rows, r.w_filter), (r.groups, r.w_group)))
    if r.bias >= 0:
        reads.append((r.bias, (r.groups - 1) * r.rows_of_group + r.rows))
    return reads, [y]


def weights_read(start: int, *steps: tuple[int, int]) -> tuple[int, int]:
    """From the first to the last of the weights that so many ``steps`` (count, elements) lead to: taps may run backward."""
    spans = [(max(count, 1) - 1) * step for count, step in steps]
    low, high = (sum(pick(0, s) for s in spans) for pick in (min, max))
    return start + low, high - low + 1


def _variants(isa: str) -> list[Constants]:
    return [{"ROWS": rows, "VECTORS": vectors} for (of, vectors), most in MOST_FILTERS.items() if of == isa for rows in range(1, most + 1)]


@kernel(_conv_accesses, _variants)
def conv_direct(
    memory: Any, ROWS: int, VECTORS: int, chunks: int, chunk: int, groups: int, rows: int, rows_of_group: int, height: int, blocks: int,
    depth: int, row_taps: int, column_taps: int, row_first: int, row_step: int, row_tap: int, row_limit: int,
    column_first: int, column_step: int, column_tap: int, column_limit: int,
    x: int, x_group: int, x_channel: int, x_row: int, x_pixel: int, x_block: int,
    w: int, w_group: int, w_filter: int, w_channel: int, w_row_tap: int, w_column_tap: int, bias: int,
    y: int, y_group: int, y_channel: int, y_row: int, y_block: int,
) -> None:  # fmt: skip
    """y[f, oy, ox] = bias[f] + sum over c, ky, kx of w[f, c, ky, kx] * x[c, oy * stride + ky * dilation - before, ...]

    for g in range(groups):
        for f in range(rows):                               # filters of a group
            for oy in range(height):
                for ox in range(blocks):                    # pixels, or blocks of them
                    for lane in lanes:
                        y[g, f, oy, ox, lane] = bias[g, f]  # or 0
                        for c in range(depth):              # channels of a group
                            for ky in range(row_taps):
                                for kx in range(column_taps):
                                    iy = row_first + oy * row_step + ky * row_tap
                                    ix = column_first + ox * column_step + kx * column_tap
                                    if 0 <= iy < row_limit and 0 <= ix < column_limit:
                                        y[g, f, oy, ox, lane] += w[g, f, c, ky, kx] * x[g, c, iy, ix, lane]

    ROWS filters x VECTORS vectors (a ``chunk``) of results stay in registers. The vectors are of one pixel, or go on to the next ones;
    then ``column_step`` is 0 and no tap of any block lies outside. ``rows`` is a multiple of ROWS.
    """
    for lane in range(0, chunks * chunk, chunk):
        for g in range(groups):
            for f in range(0, rows, ROWS):
                filters = w + g * w_group + f * w_filter
                for oy in range(height):
                    iy = row_first + oy * row_step
                    low = 0
                    while low < row_taps and iy + low * row_tap < 0:
                        low += 1
                    high = row_taps
                    while high > low and iy + (high - 1) * row_tap >= row_limit:
                        high -= 1
                    for ox in range(blocks):
                        ix = column_first + ox * column_step
                        left = 0
                        while left < column_taps and ix + left * column_tap < 0:
                            left += 1
                        right = column_taps
                        while right > left and ix + (right - 1) * column_tap >= column_limit:
                            right -= 1
                        s = column_block(memory, bias + g * rows_of_group + f) if bias >= 0 else zero_block()
                        at = x + lane + g * x_group + iy * x_row + (column_first + left * column_tap) * x_pixel + ox * x_block
                        for c in range(depth):
                            for ky in range(low, high):
                                p = at + c * x_channel + ky * row_tap * x_row
                                q = filters + c * w_channel + ky * w_row_tap + left * w_column_tap
                                for _ in range(left, right):
                                    s = add_outer(s, memory, q, w_filter, p)
                                    p += column_tap * x_pixel
                                    q += w_column_tap
                        store_block(memory, y + lane + g * y_group + f * y_channel + oy * y_row + ox * y_block, y_channel, s)


@dataclass(frozen=True, slots=True)
class Line:
    """Outputs along one axis: output ``o`` (of ``count``) reads inputs ``first + o * step + k * tap`` for its ``taps``, where they are
    within 0 .. limit - 1, with weights ``w_tap`` apart."""

    count: int
    first: int
    step: int
    tap: int
    taps: int
    limit: int
    w_tap: int

    def inside(self) -> tuple[int, int]:
        """The outputs from .. to all of whose taps lie inside (empty: from = to)."""
        if not self.taps:
            return 0, self.count
        low = max(0, -(self.first // self.step))
        high = min(self.count, (self.limit - 1 - (self.taps - 1) * self.tap - self.first) // self.step + 1)
        return (low, high) if low < high else (0, 0)


def forward_line(axis: Axis, w_tap: int) -> Line:
    """An axis of y = x * w."""
    return Line(axis.outputs, axis.first, axis.stride, axis.dilation, axis.taps, axis.inputs, w_tap)


def heights(rows: int, most: int) -> list[tuple[int, int]]:
    """Split ``rows`` filters into blocks: [(height, rows covered) ...]. One height if a good one divides, else two of near-equal size."""
    for height in range(min(most, rows), most // 2, -1):
        if rows % height == 0:
            return [(height, rows)]
    return row_blocks(rows, most)


def bands(down: Line, row_bytes: int) -> list[tuple[int, Line]]:
    """``down`` in bands of rows whose inputs (``row_bytes`` each) stay in the cache while one block of filters after another reads
    them: [(first output, its line) ...], of near-equal height."""
    most = max(1, (CACHE_BYTES // row_bytes - (down.taps - 1) * down.tap - 1) // down.step + 1)
    count = -(-down.count // most)
    edges = [down.count * i // count for i in range(count + 1)]
    return [(a, replace(down, count=b - a, first=down.first + a * down.step)) for a, b in pairwise(edges)]


def direct_rows(target: Target, rows: int, down: Line, across: Line, x_pixel: int, y_pixel: int, fields: dict[str, int]) -> list[Row]:
    """Rows of ``conv_direct`` for any number of filters and any lanes that are whole vectors.

    ``x_pixel`` and ``y_pixel``: elements from a pixel to the next in x, and from an output to the next in y. ``fields``: all that does
    not hang on the blocks.
    """
    row_bytes = fields["groups"] * fields["depth"] * across.limit * target.lanes * np.dtype(target.dtype).itemsize
    made: list[Row] = []
    for first, band in bands(down, row_bytes):
        made += _band_rows(target, rows, band, across, x_pixel, y_pixel, {**fields, "y": fields["y"] + first * fields["y_row"]})
    return made


def _band_rows(target: Target, rows: int, down: Line, across: Line, x_pixel: int, y_pixel: int, fields: dict[str, int]) -> list[Row]:
    width = target.width
    vectors = target.lanes // width  # of a pixel
    sizes = [each for each in (4, 2, 1) if (target.isa, each) in MOST_FILTERS]
    within = next(each for each in sizes if vectors % each == 0)
    made: list[Row] = []

    def add(count: int, each: int, chunks: int, place: dict[str, int]) -> None:
        """``count`` blocks of ``each`` vectors, in as many ``chunks`` of a pixel's lanes."""
        done = 0
        for height, covered in heights(rows, MOST_FILTERS[target.isa, each]):
            shift = {
                "w": fields["w"] + done * fields["w_filter"],
                "bias": fields["bias"] + done if fields["bias"] >= 0 else -1,
                "y": place["y"] + done * fields["y_channel"],
            }
            made.append(
                conv_direct.row(
                    constants={"ROWS": height, "VECTORS": each},
                    **{
                        **fields, **place, **shift, "chunks": chunks, "chunk": each * width, "rows": covered, "rows_of_group": rows,
                        "height": down.count, "blocks": count, "row_taps": down.taps, "row_first": down.first, "row_step": down.step,
                        "row_tap": down.tap, "row_limit": down.limit, "w_row_tap": down.w_tap, "column_taps": across.taps,
                        "column_tap": across.tap, "column_limit": across.limit, "w_column_tap": across.w_tap, "x_pixel": x_pixel,
                    },
                )
            )  # fmt: skip
            done += covered

    def pixels(low: int, high: int) -> None:
        """Outputs low .. high - 1, each by itself."""
        if low < high:
            first, y = across.first + low * across.step, fields["y"] + low * y_pixel
            place = {"column_first": first, "column_step": across.step, "x_block": across.step * x_pixel, "y": y, "y_block": y_pixel}
            add(high - low, within, vectors // within, place)

    low, high = 0, 0  # the outputs that run on without a gap
    if within < sizes[0] and across.step * x_pixel == target.lanes == y_pixel:
        low, high = across.inside()
    pixels(0, low)
    left, at = (high - low) * vectors, 0
    for each in sizes:
        if count := left // each:
            x, y = fields["x"] + at * width, fields["y"] + low * y_pixel + at * width
            first, step = across.first + low * across.step, each * width
            add(count, each, 1, {"x": x, "column_first": first, "column_step": 0, "x_block": step, "y": y, "y_block": step})
            at += count * each
            left -= count * each
    pixels(high, across.count)
    return made
