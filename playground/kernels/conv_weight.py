"""A convolution's gradient by its weights over many lanes: cross-correlation of x and dy, summed over pixels and lanes in registers."""

from __future__ import annotations

from typing import Any

import numpy as np

from playground.kernels.control import MICRO
from playground.kernels.conv_direct import bands, forward_line, heights, touched
from playground.kernels.conv_shapes import Shapes
from playground.kernels.language import (
    WIDTH,
    add_products,
    add_totals,
    get_integer,
    load,
    load_part,
    registers,
    splat,
    store,
    store_totals,
    total,
    unroll,
    zero_block,
)
from playground.kernels.matmul import ADD
from playground.kernels.operations import CONTROL_BLOCK
from playground.kernels.template import Constants, kernel
from playground.kernels.types import Pointer, Row, Target

MOST_FILTERS = {
    "avx512": {5: 5, 4: 6, 3: 8, 2: 8, 1: 8},
    "avx2": {3: 3, 2: 6, 1: 8},
    "generic": {3: 3, 2: 6, 1: 8},
}
"""Filters of a block, by instruction set and taps: one accumulator each filter and tap."""


def _weight_accesses(r: Any, ROWS: int, VECTORS: int) -> Any:
    filters, groups = r.filters - 1, r.groups - 1
    within = (r.runs - 1) * r.dy_run + r.run
    dy = (r.dy, groups * r.dy_group + filters * r.dy_channel + (r.height - 1) * r.dy_row + within)
    across = (r.column_taps * VECTORS - 1) * r.x_tap + (r.runs - 1) * r.x_run + r.run
    x = []
    if rows := touched(r.row_first, r.row_step, r.height, r.row_tap, r.row_taps, r.row_limit):
        extent = groups * r.x_group + (r.depth - 1) * r.x_channel + (rows[1] - rows[0]) * r.x_row + across
        x.append((r.x + rows[0] * r.x_row, extent))
    taps = (r.row_taps - 1) * r.dw_row_tap + (r.column_taps * VECTORS - 1) * r.dw_tap
    w = (r.dw, groups * r.dw_group + filters * r.dw_filter + (r.depth - 1) * r.dw_channel + taps + 1)
    return [dy, *x, w, (Pointer("control", MICRO), 1)], [w]


def _variants(isa: str) -> list[Constants]:
    return [{"ROWS": rows, "VECTORS": taps} for taps, most in MOST_FILTERS[isa].items() for rows in range(1, most + 1)]


@kernel(_weight_accesses, _variants)
def conv_weight(
    memory: Any, control: int, ROWS: int, VECTORS: int, groups: int, filters: int, depth: int, row_taps: int, column_taps: int,
    height: int, runs: int, run: int, row_first: int, row_step: int, row_tap: int, row_limit: int,
    dy: int, dy_group: int, dy_channel: int, dy_row: int, dy_run: int,
    x: int, x_group: int, x_channel: int, x_row: int, x_run: int, x_tap: int,
    dw: int, dw_group: int, dw_filter: int, dw_channel: int, dw_row_tap: int, dw_tap: int, mode: int,
) -> None:  # fmt: skip
    """dw[f, c, ky, kx] = sum over pixels and lanes of dy[f, oy, ox, lane] * x[c, oy * stride + ky * dilation - before, ...]

    for g in range(groups):
        for f in range(filters):
            for c in range(depth):
                for ky in range(row_taps):
                    for kx in range(column_taps * VECTORS):
                        dw[g, f, c, ky, kx] = 0                         # or what is there
                        for oy in range(height):
                            iy = row_first + oy * row_step + ky * row_tap
                            if 0 <= iy < row_limit:
                                for i in range(runs):                   # pixels, or rows of them without a gap
                                    for e in range(run):
                                        dw[g, f, c, ky, kx] += dy[g, f, oy, i, e] * x[g, c, iy, i, e + kx * x_tap]

    ROWS filters x VECTORS taps are added up at a time, as vectors over the lanes; their elements are added in the end.
    """
    add = mode == 1 or (mode == 2 and get_integer(control, MICRO) > 0)
    for g in range(groups):
        for f in range(0, filters, ROWS):
            for c in range(depth):
                for ky in range(row_taps):
                    first = 0
                    while first < height and row_first + first * row_step + ky * row_tap < 0:
                        first += 1
                    end = height
                    while end > first and row_first + (end - 1) * row_step + ky * row_tap >= row_limit:
                        end -= 1
                    for kx in range(0, column_taps * VECTORS, VECTORS):
                        s = zero_block()
                        for oy in range(first, end):
                            p = x + g * x_group + c * x_channel + (row_first + oy * row_step + ky * row_tap) * x_row + kx * x_tap
                            q = dy + g * dy_group + f * dy_channel + oy * dy_row
                            for _ in range(runs):
                                for e in range(0, run, WIDTH):
                                    s = add_products(s, memory, q + e, dy_channel, p + e, x_tap)
                                p += x_run
                                q += dy_run
                        at = dw + g * dw_group + f * dw_filter + c * dw_channel + ky * dw_row_tap + kx * dw_tap
                        if add:
                            add_totals(memory, at, dw_filter, dw_tap, s)
                        else:
                            store_totals(memory, at, dw_filter, dw_tap, s)


@kernel(
    lambda r: (
        [(r.x, (r.rows - 1) * r.x_channel + (r.runs - 1) * r.x_run + r.run), (r.y, r.rows), (Pointer("control", MICRO), 1)],
        [(r.y, r.rows)],
    )
)
def channel_sums(memory: Any, control: int, rows: int, runs: int, run: int, x: int, x_channel: int, x_run: int, y: int, mode: int) -> None:
    """y[i] = sum over pixels and lanes of x[i, ...]: the gradient by the bias

    for i in range(rows):
        y[i] = 0                                # or what is there
        for j in range(runs):
            for e in range(run):
                y[i] += x[i, j, e]
    """
    add = mode == 1 or (mode == 2 and get_integer(control, MICRO) > 0)
    s = registers()
    for i in range(rows):
        for k in unroll(4):
            s[k] = splat(0.0)
        for j in range(runs):
            p = x + i * x_channel + j * x_run
            whole = run // (4 * WIDTH) * 4 * WIDTH
            for e in range(0, whole, 4 * WIDTH):
                for k in unroll(4):
                    s[k] = s[k] + load(memory, p + e + k * WIDTH)
            for e in range(whole, run, WIDTH):
                s[0] = s[0] + load_part(memory, p + e, run - e)
        result = total((s[0] + s[1]) + (s[2] + s[3]))
        if add:
            memory[y + i] += result
        else:
            memory[y + i] = result


@kernel(lambda r: ([(r.x, (r.blocks - 1) * r.x_stride + r.count)], [(r.y, r.blocks * (r.before + r.count + r.after))]))
def widen(memory: Any, blocks: int, count: int, before: int, after: int, x: int, x_stride: int, y: int) -> None:
    """Blocks of x one after another, with zeros before and after each; all numbers are multiples of WIDTH

    for block in range(blocks):
        y[block] = [0] * before + x[block * x_stride : block * x_stride + count] + [0] * after
    """
    q = y
    for block in range(blocks):
        p = x + block * x_stride
        for i in range(0, before, WIDTH):
            store(memory, q + i, splat(0.0))
        q += before
        for i in range(0, count, WIDTH):
            store(memory, q + i, load(memory, p + i))
        q += count
        for i in range(0, after, WIDTH):
            store(memory, q + i, splat(0.0))
        q += after


def widened_columns(shapes: Shapes) -> int:
    """Columns of x with the padding that some output reads, left and right: 0 if none reads any."""
    return shapes.columns.reach if shapes.columns.leaves else 0


def widened_extent(shapes: Shapes, lanes: int) -> int:
    """Scratch for x with its padding left and right."""
    rows = shapes.groups * shapes.channels * shapes.rows.inputs
    return rows * widened_columns(shapes) * lanes


def _parts(count: int, most: int) -> list[tuple[int, int]]:
    """``count`` taps in blocks: [(taps a block, blocks) ...]."""
    return [(each, covered // each) for each, covered in heights(count, most)]


def weight_rows(target: Target, shapes: Shapes, x: int, dy: int, dweight: int, scratch: int, mode: int) -> list[Row]:
    """dweight."""
    lanes, xs, ys = target.lanes, shapes.x, shapes.y
    sequence = xs.row == 0  # channels are innermost: (T, F)
    columns, rows, itemsize = shapes.columns, shapes.rows, np.dtype(target.dtype).itemsize
    made: list[Row] = []
    x_columns = columns.inputs
    if wide := widened_columns(shapes):
        each = xs.pixel * lanes  # of a column
        before = min(columns.before, wide)
        kept = min(columns.inputs, wide - before)
        blocks = 1 if sequence else shapes.groups * shapes.channels * rows.inputs
        made.append(
            widen.row(
                blocks=blocks, count=kept * each, before=before * each, after=(wide - before - kept) * each,
                x=x, x_stride=columns.inputs * each, y=scratch,
            )
        )  # fmt: skip
        x, x_columns = scratch, wide
    x_row = 0 if sequence else x_columns * lanes
    x_channel = lanes if sequence else rows.inputs * x_row
    gapless = not sequence and columns.stride == 1
    runs, run = (1, columns.outputs * lanes) if gapless else (columns.outputs, lanes)
    dy_channel = ys.channel * lanes
    by_channel = columns.taps == 1  # a pointwise kernel: the channels stand in for taps
    taps = shapes.channels if by_channel else columns.taps
    tap, dw_tap = (x_channel, shapes.plane) if by_channel else (columns.dilation * xs.pixel * lanes, 1)
    kx = 0
    for each, blocks in _parts(taps, max(MOST_FILTERS[target.isa])):
        f = 0
        for height, covered in heights(shapes.filters, MOST_FILTERS[target.isa][each]):
            for band, (first, down) in enumerate(bands(forward_line(rows, 0), height * columns.outputs * lanes * itemsize)):
                made.append(
                    conv_weight.row(
                        constants={"ROWS": height, "VECTORS": each}, control=CONTROL_BLOCK, groups=shapes.groups, filters=covered,
                        depth=1 if by_channel else shapes.channels, row_taps=rows.taps, column_taps=blocks, height=down.count,
                        runs=runs, run=run, row_first=down.first, row_step=rows.stride, row_tap=rows.dilation, row_limit=rows.inputs,
                        dy=dy + f * dy_channel + first * ys.row * lanes, dy_group=shapes.filters * dy_channel, dy_channel=dy_channel,
                        dy_row=ys.row * lanes, dy_run=ys.pixel * lanes, x=x + kx * tap, x_group=shapes.channels * x_channel,
                        x_channel=x_channel, x_row=x_row, x_run=columns.stride * xs.pixel * lanes, x_tap=tap,
                        dw=dweight + f * shapes.stride + kx * dw_tap, dw_group=shapes.filters * shapes.stride,
                        dw_filter=shapes.stride, dw_channel=shapes.plane, dw_row_tap=columns.taps, dw_tap=dw_tap,
                        mode=ADD if band else mode,
                    )
                )  # fmt: skip
            f += covered
        kx += each * blocks
    return made


def bias_rows(target: Target, shapes: Shapes, dy: int, dbias: int, mode: int) -> list[Row]:
    """dbias."""
    lanes, ys = target.lanes, shapes.y
    runs, run = (shapes.columns.outputs, lanes) if shapes.x.row == 0 else (1, shapes.pixels * lanes)
    return [
        channel_sums.row(
            control=CONTROL_BLOCK, rows=shapes.groups * shapes.filters, runs=runs, run=run, x=dy, x_channel=ys.channel * lanes,
            x_run=ys.pixel * lanes, y=dbias, mode=mode,
        )
    ]  # fmt: skip
