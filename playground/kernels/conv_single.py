"""Convolution of one sample (one lane): pixels side by side. Patches of x become columns, the rest are products of matrices."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from playground.kernels.conv_shapes import Shapes
from playground.kernels.conv_weight import channel_sums
from playground.kernels.language import scalar
from playground.kernels.matmul import ADD, OVERWRITE, matmul_rows
from playground.kernels.operations import CONTROL_BLOCK
from playground.kernels.template import kernel
from playground.kernels.types import Row, Target, padded

SCRATCH_MOST = 2**18
"""Elements of patches at a time: they stay in the cache, and large pictures need no more memory than small ones."""


def _plane(r: Any) -> tuple[int, int]:
    extent = (r.channels - 1) * r.x_channel + (r.row_limit - 1) * r.x_row + (r.column_limit - 1) * r.x_pixel + 1
    return (r.x, extent)


def _patches(r: Any) -> tuple[int, int]:
    return (r.y, (r.channels * r.row_taps * r.column_taps - 1) * r.y_tap + (r.height * r.width - 1) * r.y_pixel + 1)


@kernel(lambda r: ([_plane(r)], [_patches(r)]))
def conv_patches(
    memory: Any, channels: int, row_taps: int, column_taps: int, height: int, width: int,
    row_first: int, row_step: int, row_tap: int, row_limit: int, column_first: int, column_step: int, column_tap: int, column_limit: int,
    x: int, x_channel: int, x_row: int, x_pixel: int, y: int, y_tap: int, y_pixel: int,
) -> None:  # fmt: skip
    """y[(c, ky, kx), (oy, ox)] = x[c, iy, ix], the input that output (oy, ox) multiplies by weight (c, ky, kx)

    for c in range(channels):
        for ky in range(row_taps):
            for kx in range(column_taps):
                for oy in range(height):
                    for ox in range(width):
                        iy, ix = row_first + oy * row_step + ky * row_tap, column_first + ox * column_step + kx * column_tap
                        y[c, ky, kx, oy, ox] = x[c, iy, ix] if 0 <= iy < row_limit and 0 <= ix < column_limit else 0
    """
    to = y
    for c in range(channels):
        for ky in range(row_taps):
            for kx in range(column_taps):
                q = to
                for oy in range(height):
                    iy = row_first + oy * row_step + ky * row_tap
                    p = x + c * x_channel + iy * x_row
                    ix = column_first + kx * column_tap
                    for _ in range(width):
                        if iy >= 0 and iy < row_limit and ix >= 0 and ix < column_limit:
                            memory[q] = memory[p + ix * x_pixel]
                        else:
                            memory[q] = scalar(0.0)
                        q += y_pixel
                        ix += column_step
                to += y_tap


@kernel(lambda r: ([_patches(r), _plane(r)], [_plane(r)]))
def conv_unpatch(
    memory: Any, channels: int, row_taps: int, column_taps: int, height: int, width: int,
    row_first: int, row_step: int, row_tap: int, row_limit: int, column_first: int, column_step: int, column_tap: int, column_limit: int,
    x: int, x_channel: int, x_row: int, x_pixel: int, clear: int, y: int, y_tap: int, y_pixel: int,
) -> None:  # fmt: skip
    """x[c, iy, ix] = sum of the patches' numbers y[(c, ky, kx), (oy, ox)] that came from there: the reverse of ``conv_patches``

    x[...] = 0                                  # if ``clear``; else what is there is added to
    for c in range(channels):
        for ky in range(row_taps):
            for kx in range(column_taps):
                for oy in range(height):
                    for ox in range(width):
                        iy, ix = row_first + oy * row_step + ky * row_tap, column_first + ox * column_step + kx * column_tap
                        if 0 <= iy < row_limit and 0 <= ix < column_limit:
                            x[c, iy, ix] += y[c, ky, kx, oy, ox]
    """
    cleared = channels if clear != 0 else 0
    for c in range(cleared):
        for iy in range(row_limit):
            for ix in range(column_limit):
                memory[x + c * x_channel + iy * x_row + ix * x_pixel] = scalar(0.0)
    source = y
    for c in range(channels):
        for ky in range(row_taps):
            for kx in range(column_taps):
                q = source
                for oy in range(height):
                    iy = row_first + oy * row_step + ky * row_tap
                    p = x + c * x_channel + iy * x_row
                    ix = column_first + kx * column_tap
                    for _ in range(width):
                        if iy >= 0 and iy < row_limit and ix >= 0 and ix < column_limit:
                            memory[p + ix * x_pixel] += memory[q]
                        q += y_pixel
                        ix += column_step
                source += y_tap


@kernel(
    lambda r: (
        [(r.x, (r.rows - 1) * r.x_row + (r.columns - 1) * r.x_column + 1)],
        [(r.y, (r.rows - 1) * r.y_row + (r.columns - 1) * r.y_column + 1)],
    )
)
def copy_grid(memory: Any, rows: int, columns: int, x: int, x_row: int, x_column: int, y: int, y_row: int, y_column: int) -> None:
    """y[i, j] = x[i, j], each at steps of its own

    for i in range(rows):
        for j in range(columns):
            y[i * y_row + j * y_column] = x[i * x_row + j * x_column]
    """
    for i in range(rows):
        p = x + i * x_row
        q = y + i * y_row
        for _ in range(columns):
            memory[q] = memory[p]
            p += x_column
            q += y_column


@kernel(lambda r: ([], [(r.y, (r.rows - 1) * r.y_row + r.columns)]))
def zero_grid(memory: Any, rows: int, columns: int, y: int, y_row: int) -> None:
    """y[i, j] = 0

    for i in range(rows):
        for j in range(columns):
            y[i * y_row + j] = 0
    """
    for i in range(rows):
        for j in range(columns):
            memory[y + i * y_row + j] = scalar(0.0)


def _bands(shapes: Shapes) -> list[tuple[int, Shapes]]:
    """The outputs in bands of rows whose patches take about SCRATCH_MOST elements at most: [(first row, the band) ...]."""
    rows = shapes.rows
    most = max(1, SCRATCH_MOST // (shapes.stride * padded(shapes.columns.outputs)))
    count = -(-rows.outputs // most)
    edges = [rows.outputs * i // count for i in range(count + 1)]
    return [(a, replace(shapes, rows=replace(rows, outputs=b - a, before=rows.before - a * rows.stride))) for a, b in pairwise(edges)]


def single_extent(shapes: Shapes) -> int:
    """Scratch for the patches of a group's band and its outputs, side by side."""
    return max((shapes.depth + shapes.filters) * padded(band.pixels) for _, band in _bands(shapes))


def single_weight_extent(shapes: Shapes) -> int:
    """Scratch for the patches of a group's band, a row a pixel."""
    return max(band.pixels * shapes.stride for _, band in _bands(shapes))


def _patch_fields(shapes: Shapes, x: int, first_filter: int) -> dict[str, int]:
    group = first_filter // shapes.filters
    rows, columns, xs = shapes.rows, shapes.columns, shapes.x
    return {
        "channels": shapes.channels, "row_taps": rows.taps, "column_taps": columns.taps, "height": rows.outputs, "width": columns.outputs,
        "row_first": rows.first, "row_step": rows.stride, "row_tap": rows.dilation, "row_limit": rows.inputs,
        "column_first": columns.first, "column_step": columns.stride, "column_tap": columns.dilation, "column_limit": columns.inputs,
        "x": x + group * shapes.channels * xs.channel, "x_channel": xs.channel, "x_row": xs.row, "x_pixel": xs.pixel,
    }  # fmt: skip


def _parts(shapes: Shapes) -> list[tuple[int, int, Shapes]]:
    """(first filter, first row of outputs, band) of every group and band."""
    return [(group * shapes.filters, top, band) for group in range(shapes.groups) for top, band in _bands(shapes)]


def single_forward(target: Target, shapes: Shapes, x: int, weight: int, bias: int, y: int, scratch: int) -> list[Row]:
    """y of one sample."""
    made: list[Row] = []
    for first, top, band in _parts(shapes):
        room = padded(band.pixels)
        result = scratch + shapes.depth * room
        made.append(conv_patches.row(**_patch_fields(band, x, first), y=scratch, y_tap=room, y_pixel=1))
        made += matmul_rows(
            target, shapes.filters, room, shapes.depth, a=weight + first * shapes.stride, a_row=shapes.stride, a_column=1,
            b=scratch, b_row=room, c=result, c_row=room, bias=bias + first if bias >= 0 else -1,
        )  # fmt: skip
        made.append(
            copy_grid.row(
                rows=shapes.filters, columns=band.pixels, x=result, x_row=room, x_column=1,
                y=y + first * shapes.y.channel + top * shapes.y.row, y_row=shapes.y.channel, y_column=shapes.y.pixel,
            )
        )  # fmt: skip
    return made


def single_input(target: Target, shapes: Shapes, weight: int, dy: int, dx: int, scratch: int) -> list[Row]:
    """dx of one sample."""
    made: list[Row] = []
    for first, top, band in _parts(shapes):
        room = padded(band.pixels)
        errors = scratch + shapes.depth * room
        made.append(
            copy_grid.row(
                rows=shapes.filters, columns=band.pixels, x=dy + first * shapes.y.channel + top * shapes.y.row,
                x_row=shapes.y.channel, x_column=shapes.y.pixel, y=errors, y_row=room, y_column=1,
            )
        )  # fmt: skip
        made += matmul_rows(
            target, shapes.depth, room, shapes.filters, a=weight + first * shapes.stride, a_row=1, a_column=shapes.stride,
            b=errors, b_row=room, c=scratch, c_row=room, mode=OVERWRITE,
        )  # fmt: skip
        made.append(conv_unpatch.row(**_patch_fields(band, dx, first), clear=int(top == 0), y=scratch, y_tap=room, y_pixel=1))
    return made


def single_weight(target: Target, shapes: Shapes, x: int, dy: int, dweight: int, dbias: int, scratch: int, mode: int) -> list[Row]:
    """dweight and, where ``dbias`` >= 0, dbias, of one sample."""
    made: list[Row] = []
    for first, top, band in _parts(shapes):
        made.append(conv_patches.row(**_patch_fields(band, x, first), y=scratch, y_tap=1, y_pixel=shapes.stride))
        made += matmul_rows(
            target, shapes.filters, shapes.stride, band.pixels, a=dy + first * shapes.y.channel + top * shapes.y.row,
            a_row=shapes.y.channel, a_column=shapes.y.pixel, b=scratch, b_row=shapes.stride,
            c=dweight + first * shapes.stride, c_row=shapes.stride, mode=ADD if top else mode,
        )  # fmt: skip
    if shapes.stride > shapes.depth:  # what the products left in the padding, where the patches have no columns
        filters, columns = shapes.groups * shapes.filters, shapes.stride - shapes.depth
        made.append(zero_grid.row(rows=filters, columns=columns, y=dweight + shapes.depth, y_row=shapes.stride))
    if dbias >= 0:
        sequence = shapes.y.row == 0
        made.append(
            channel_sums.row(
                control=CONTROL_BLOCK, rows=shapes.groups * shapes.filters, runs=shapes.pixels if sequence else 1,
                run=1 if sequence else shapes.pixels, x=dy, x_channel=shapes.y.channel, x_run=shapes.y.pixel, y=dbias, mode=mode,
            )
        )  # fmt: skip
    return made
