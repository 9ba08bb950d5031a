"""Convolution by 3 x 3 kernels over many lanes with 16 multiplications where the formula has 36 (Winograd 1980; Lavin and Gray 2016).

Two rows by two columns of results make a tile, which reads four rows by four columns of x. Of one column alone,

    y0 = x0 w0 + x1 w1 + x2 w2      m0 = (x0 - x2) w0               m1 = (x1 + x2) (w0 + w1 + w2) / 2       y0 = m0 + m1 + m2
    y1 = x1 w0 + x2 w1 + x3 w2      m2 = (x2 - x1) (w0 - w1 + w2) / 2       m3 = (x1 - x3) w2               y1 = m1 - m2 - m3

The same of rows and of columns makes 4 x 4 products, each of a sum of weights and a sum of pixels, which are added up over the channels
before they are put together. The factors are 1 and 1/2, so that whole numbers give exact results, zeros included; and what is not a
number gets into those results alone that read it. Larger tiles would save more, and lose both.
"""

from __future__ import annotations

from typing import Any

from playground.kernels.conv_direct import Line, heights, touched, weights_read
from playground.kernels.conv_shapes import Shapes
from playground.kernels.language import (
    WIDTH,
    add_blocks,
    add_outer,
    column_block,
    load,
    load_block,
    registers,
    scalar,
    splat,
    store,
    store_block,
    subtract_blocks,
    unroll,
    zero_block,
)
from playground.kernels.template import Constants, kernel
from playground.kernels.types import Row, Target, padded

MOST_FILTERS = {"avx512": 4, "avx2": 2, "generic": 2}
"""Filters of a block, by instruction set: four accumulators each, one for each column of a tile's products."""

LEAST_MAPS = 8
"""Filters and channels from which on it is faster: of fewer, the sums cost what they save."""

TAPS, PLACES = 3, 4
"""Taps of a kernel, and the pixels that a tile reads, along each axis."""


def _weights_accesses(r: Any) -> Any:
    w = weights_read(r.w, (r.rows, r.w_filter), (r.depth, r.w_channel), (TAPS, r.w_row_tap), (TAPS, r.w_column_tap))
    return [w], [(r.u, PLACES * PLACES * r.rows * r.depth)]


@kernel(_weights_accesses)
def winograd_weights(
    memory: Any, rows: int, block: int, depth: int, w: int, w_filter: int, w_channel: int, w_row_tap: int, w_column_tap: int, u: int
) -> None:
    """u[pass, f, c, column] = the sums of a kernel's weights that a tile's products take, in the order in which conv_winograd reads them

    for f in range(rows):
        for c in range(depth):
            u[:, f, c, :] = G w[f, c] G^T       # G = (1, 0, 0), (1/2, 1/2, 1/2), (1/2, -1/2, 1/2), (0, 0, 1)

    Pass 0, 1, 2, 3 is row 1, 2, 0, 3 of the products; a ``block`` of filters lies side by side.
    """
    half = scalar(0.5)
    t = registers()
    plane = rows * depth * 4
    for f in range(rows):
        for c in range(depth):
            at = w + f * w_filter + c * w_channel
            for j in unroll(3):
                top = memory[at + j * w_column_tap]
                middle = memory[at + w_row_tap + j * w_column_tap] * half
                bottom = memory[at + 2 * w_row_tap + j * w_column_tap]
                ends = (top + bottom) * half
                t[0, j] = ends + middle
                t[1, j] = ends - middle
                t[2, j] = top
                t[3, j] = bottom
            to = u + ((f // block) * depth + c) * 4 * block + f % block
            for i in unroll(4):
                ends = (t[i, 0] + t[i, 2]) * half
                middle = t[i, 1] * half
                memory[to + i * plane] = t[i, 0]
                memory[to + i * plane + block] = ends + middle
                memory[to + i * plane + 2 * block] = ends - middle
                memory[to + i * plane + 3 * block] = t[i, 2]


def _room(depth: int, filters: int, chunk: int) -> int:
    """Elements that conv_winograd wants to itself: a tile's sums of pixels, its unfinished results, its pixels."""
    return PLACES * PLACES * depth * chunk + 4 * filters * chunk + PLACES * PLACES * chunk


def _accesses(r: Any, ROWS: int, VECTORS: int) -> Any:
    y = (r.y, (r.rows - 1) * r.y_channel + (r.height - 1) * r.y_row + (r.width - 1) * r.y_pixel + r.lanes)
    rows = touched(r.row_first, 2, -(-r.height // 2), 1, PLACES, r.row_limit)
    columns = touched(r.column_first, 2, -(-r.width // 2), 1, PLACES, r.column_limit)
    reads = [(r.u, PLACES * PLACES * r.rows * r.depth)]
    if rows and columns:
        last = (r.depth - 1) * r.x_channel + (rows[1] - rows[0]) * r.x_row + (columns[1] - columns[0]) * r.x_pixel
        reads.append((r.x + rows[0] * r.x_row + columns[0] * r.x_pixel, last + r.lanes))
    if r.bias >= 0:
        reads.append((r.bias, r.rows))
    return reads, [y, (r.patch, _room(r.depth, r.rows, (r.v - r.patch) // (PLACES * PLACES)))]


def _variants(isa: str) -> list[Constants]:
    """Blocks of eight filters or more come no lower."""
    return [{"ROWS": MOST_FILTERS[isa] - less, "VECTORS": 1} for less in (0, 1)]


@kernel(_accesses, _variants)
def conv_winograd(
    memory: Any, ROWS: int, VECTORS: int, lanes: int, rows: int, depth: int, height: int, width: int,
    row_first: int, row_limit: int, column_first: int, column_limit: int,
    x: int, x_channel: int, x_row: int, x_pixel: int, u: int, bias: int, y: int, y_channel: int, y_row: int, y_pixel: int,
    patch: int, v: int, sums: int,
) -> None:  # fmt: skip
    """y[f, oy, ox] = bias[f] + sum over c, ky, kx of w[f, c, ky, kx] * x[c, oy + row_first + ky, ox + column_first + kx]

    for ty in range(0, height, 2):
        for tx in range(0, width, 2):
            for lane in lanes:
                for c in range(depth):                  # zeros beyond the picture
                    d = x[c, ty + row_first :, tx + column_first :, lane][:4, :4]
                    v[:, c, :] = B^T d B                # B^T = (1, 0, -1, 0), (0, 1, 1, 0), (0, -1, 1, 0), (0, 1, 0, -1)
                for f in range(rows):
                    m = bias[f] in place 1, 1, else 0
                    for c in range(depth):
                        m += u[:, f, c, :] * v[:, c, :]
                    y[f, ty : ty + 2, tx : tx + 2, lane] = A^T m A          # A^T = (1, 1, 1, 0), (0, 1, -1, -1)

    The rows of m are made one after another (1, 2, 0, 3), each for ROWS filters x VECTORS vectors in registers.
    """
    d = registers()
    chunk = VECTORS * WIDTH
    plane = 4 * depth * chunk
    for ty in range(0, height, 2):
        for tx in range(0, width, 2):
            iy = ty + row_first
            ix = tx + column_first
            inside = iy >= 0 and iy + 4 <= row_limit and ix >= 0 and ix + 4 <= column_limit
            for lane in range(0, lanes, chunk):
                for c in range(depth):
                    p = x + c * x_channel + iy * x_row + ix * x_pixel + lane
                    p_row = x_row
                    p_pixel = x_pixel
                    if not inside:
                        for i in range(4):
                            for j in range(4):
                                there = iy + i >= 0 and iy + i < row_limit and ix + j >= 0 and ix + j < column_limit
                                for k in unroll(VECTORS):
                                    pixel = load(memory, p + i * x_row + j * x_pixel + k * WIDTH) if there else splat(0.0)
                                    store(memory, patch + (i * 4 + j) * chunk + k * WIDTH, pixel)
                        p = patch
                        p_row = 4 * chunk
                        p_pixel = chunk
                    q = v + c * 4 * chunk
                    for k in unroll(VECTORS):
                        for j in unroll(4):
                            r = p + j * p_pixel + k * WIDTH
                            d0 = load(memory, r)
                            d1 = load(memory, r + p_row)
                            d2 = load(memory, r + 2 * p_row)
                            d3 = load(memory, r + 3 * p_row)
                            d[0, j] = d1 + d2
                            d[1, j] = d2 - d1
                            d[2, j] = d0 - d2
                            d[3, j] = d1 - d3
                        for i in unroll(4):
                            r = q + i * plane + k * WIDTH
                            store(memory, r, d[i, 0] - d[i, 2])
                            store(memory, r + chunk, d[i, 1] + d[i, 2])
                            store(memory, r + 2 * chunk, d[i, 2] - d[i, 1])
                            store(memory, r + 3 * chunk, d[i, 1] - d[i, 3])
                a = u
                for number in range(4):
                    for f in range(0, rows, ROWS):
                        s0 = zero_block()
                        s1 = column_block(memory, bias + f) if bias >= 0 and number == 0 else zero_block()
                        s2 = zero_block()
                        s3 = zero_block()
                        q = v + number * plane
                        for _ in range(depth):
                            s0 = add_outer(s0, memory, a, 1, q)
                            s1 = add_outer(s1, memory, a + ROWS, 1, q + chunk)
                            s2 = add_outer(s2, memory, a + 2 * ROWS, 1, q + 2 * chunk)
                            s3 = add_outer(s3, memory, a + 3 * ROWS, 1, q + 3 * chunk)
                            a += 4 * ROWS
                            q += 4 * chunk
                        left = add_blocks(add_blocks(s0, s1), s2)
                        right = subtract_blocks(subtract_blocks(s1, s2), s3)
                        at = sums + f * 4 * chunk
                        to = y + f * y_channel + ty * y_row + tx * y_pixel + lane
                        if number == 0:
                            store_block(memory, at, 4 * chunk, left)
                            store_block(memory, at + chunk, 4 * chunk, right)
                        elif number == 1:
                            s0 = load_block(memory, at, 4 * chunk)
                            s1 = load_block(memory, at + chunk, 4 * chunk)
                            store_block(memory, at, 4 * chunk, add_blocks(s0, left))
                            store_block(memory, at + chunk, 4 * chunk, add_blocks(s1, right))
                            store_block(memory, at + 2 * chunk, 4 * chunk, subtract_blocks(s0, left))
                            store_block(memory, at + 3 * chunk, 4 * chunk, subtract_blocks(s1, right))
                        elif number == 2:
                            store_block(memory, to, y_channel, add_blocks(load_block(memory, at, 4 * chunk), left))
                            if tx + 1 < width:
                                s1 = load_block(memory, at + chunk, 4 * chunk)
                                store_block(memory, to + y_pixel, y_channel, add_blocks(s1, right))
                        elif ty + 1 < height:
                            s0 = load_block(memory, at + 2 * chunk, 4 * chunk)
                            store_block(memory, to + y_row, y_channel, subtract_blocks(s0, left))
                            if tx + 1 < width:
                                s1 = load_block(memory, at + 3 * chunk, 4 * chunk)
                                store_block(memory, to + y_row + y_pixel, y_channel, subtract_blocks(s1, right))


def suits(shapes: Shapes) -> bool:
    """Whether this is the faster way: kernels of 3 x 3 and stride 1, and enough maps for the sums to pay."""
    plain = all((axis.taps, axis.stride, axis.dilation) == (TAPS, 1, 1) for axis in (shapes.rows, shapes.columns))
    return plain and shapes.groups == 1 and min(shapes.filters, shapes.channels) >= LEAST_MAPS


def winograd_extent(filters: int, depth: int, target: Target) -> int:
    """Scratch of ``winograd_rows``, forward and backward."""
    return padded(PLACES * PLACES * filters * depth) + max(_room(depth, filters, target.width), _room(filters, depth, target.width))


def winograd_rows(
    target: Target, rows: int, down: Line, across: Line, x_pixel: int, y_pixel: int, scratch: int, fields: dict[str, int]
) -> list[Row]:
    """Rows for any number of filters, as ``conv_direct.direct_rows``."""
    depth, chunk = fields["depth"], target.width
    made: list[Row] = []
    u, patch, taken = scratch, scratch + padded(PLACES * PLACES * rows * depth), PLACES * PLACES * chunk
    done = 0
    for height, covered in heights(rows, MOST_FILTERS[target.isa]):
        bias = fields["bias"] + done if fields["bias"] >= 0 else -1
        made += [
            winograd_weights.row(
                rows=covered, block=height, depth=depth, w=fields["w"] + done * fields["w_filter"], w_filter=fields["w_filter"],
                w_channel=fields["w_channel"], w_row_tap=down.w_tap, w_column_tap=across.w_tap, u=u,
            ),
            conv_winograd.row(
                constants={"ROWS": height, "VECTORS": 1}, lanes=target.lanes, rows=covered, depth=depth,
                height=down.count, width=across.count, row_first=down.first, row_limit=down.limit, column_first=across.first,
                column_limit=across.limit, x=fields["x"], x_channel=fields["x_channel"], x_row=fields["x_row"], x_pixel=x_pixel,
                u=u, bias=bias, y=fields["y"] + done * fields["y_channel"], y_channel=fields["y_channel"], y_row=fields["y_row"],
                y_pixel=y_pixel, patch=patch, v=patch + taken, sums=patch + taken * (1 + depth),
            ),
        ]  # fmt: skip
        done += covered
    return made
