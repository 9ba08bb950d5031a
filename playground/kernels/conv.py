"""The operations ``conv``, ``conv_backward_input`` and ``conv_backward_weight``, for pictures (C, H, W) and sequences (T, F).

One lane goes by patches (``conv_single.py``), many lanes directly (``conv_direct.py``, ``conv_weight.py``), or Winograd's way where that
pays (``conv_winograd.py``, ``conv_winograd_weight.py``).
"""

from __future__ import annotations

import math

from playground.kernels.conv_direct import Line, direct_rows, forward_line
from playground.kernels.conv_shapes import Axis, Shapes, shapes_of
from playground.kernels.conv_single import single_extent, single_forward, single_input, single_weight, single_weight_extent
from playground.kernels.conv_weight import bias_rows, weight_rows, widened_extent
from playground.kernels.conv_winograd import suits, winograd_extent, winograd_rows
from playground.kernels.conv_winograd_weight import weight_suits, winograd_weight_extent, winograd_weight_rows
from playground.kernels.matmul import ADD_LATER, OVERWRITE
from playground.kernels.operations import Options, Roles, operation
from playground.kernels.types import Row, Target


def _forward_shapes(roles: Roles, options: Options) -> Shapes:
    return shapes_of("conv", roles["x"], roles["weight"].shape, roles["y"], options)


def _input_shapes(roles: Roles, options: Options) -> Shapes:
    return shapes_of("conv_backward_input", roles["dx"], roles["weight"].shape, roles["dy"], options)


def _weight_shapes(roles: Roles, options: Options) -> Shapes:
    return shapes_of("conv_backward_weight", roles["x"], roles["dweight"].shape, roles["dy"], options)


def _forward_scratch(roles: Roles, options: Options, target: Target) -> int:
    return _scratch(_forward_shapes(roles, options), target)


def _input_scratch(roles: Roles, options: Options, target: Target) -> int:
    return _scratch(_input_shapes(roles, options), target)


def _scratch(shapes: Shapes, target: Target) -> int:
    if target.lanes == 1:
        return single_extent(shapes)
    return winograd_extent(shapes.filters, shapes.channels, target) if suits(shapes) else 0


def _weight_scratch(roles: Roles, options: Options, target: Target) -> int:
    shapes = _weight_shapes(roles, options)
    if target.lanes == 1:
        return single_weight_extent(shapes)
    return winograd_weight_extent(shapes, target) if weight_suits(shapes, target) else widened_extent(shapes, target.lanes)


@operation("conv", writes=("y",), scratch=_forward_scratch)
def conv(roles: Roles, options: Options, target: Target) -> list[Row]:
    """y[f, oy, ox] = bias[f] + sum over c, ky, kx of weight[f, c, ky, kx] * x[c, oy * stride + ky * dilation - before, ...]."""
    shapes = _forward_shapes(roles, options)
    x, weight, y = roles["x"].start, roles["weight"].start, roles["y"].start
    bias = roles["bias"].start if roles.get("bias") else -1
    if target.lanes == 1:
        return single_forward(target, shapes, x, weight, bias, y, roles["scratch"].start)
    lanes, xs, ys = target.lanes, shapes.x, shapes.y
    fields = {
        "groups": shapes.groups, "depth": shapes.channels, "bias": bias,
        "x": x, "x_group": shapes.channels * xs.channel * lanes, "x_channel": xs.channel * lanes, "x_row": xs.row * lanes,
        "w": weight, "w_group": shapes.filters * shapes.stride, "w_filter": shapes.stride, "w_channel": shapes.plane,
        "y": y, "y_group": shapes.filters * ys.channel * lanes, "y_channel": ys.channel * lanes, "y_row": ys.row * lanes,
    }  # fmt: skip
    down, across = forward_line(shapes.rows, shapes.columns.taps), forward_line(shapes.columns, 1)
    if suits(shapes):
        return winograd_rows(target, shapes.filters, down, across, xs.pixel * lanes, ys.pixel * lanes, roles["scratch"].start, fields)
    return direct_rows(target, shapes.filters, down, across, xs.pixel * lanes, ys.pixel * lanes, fields)


def _backward_lines(axis: Axis, w_tap: int) -> list[tuple[int, int, Line]]:
    """dx along an axis: inputs phase, phase + stride, ... are a convolution of stride 1 of dy, with every so many'th weight and those
    turned around. (phase, offset of the first weight, line) of each.

    Input i gets dy[o] * w[k] where i = o * stride + k * dilation - before. For i = phase + t * stride that needs
    k * dilation = phase + before (modulo stride): k = k0 + j * stride / g with g = gcd(stride, dilation), and then
    o = t + (phase + before - k0 * dilation) / stride - j * dilation / g. Taps are taken last j first, so that o rises.
    """
    common = math.gcd(axis.stride, axis.dilation)
    k_step, o_step = axis.stride // common, axis.dilation // common
    lines = []
    for phase in range(min(axis.stride, axis.inputs)):
        count = -(-(axis.inputs - phase) // axis.stride)
        fitting = [k for k in range(min(k_step, axis.taps)) if (phase + axis.before - k * axis.dilation) % axis.stride == 0]
        if not fitting:
            lines.append((phase, 0, Line(count, 0, 1, 1, 0, axis.outputs, w_tap)))
            continue
        k0 = fitting[0]
        taps = -(-(axis.taps - k0) // k_step)
        first = (phase + axis.before - k0 * axis.dilation) // axis.stride - (taps - 1) * o_step
        lines.append((phase, (k0 + (taps - 1) * k_step) * w_tap, Line(count, first, 1, o_step, taps, axis.outputs, -k_step * w_tap)))
    return lines


@operation("conv_backward_input", writes=("dx",), scratch=_input_scratch)
def conv_backward_input(roles: Roles, options: Options, target: Target) -> list[Row]:
    """dx[c, iy, ix] = sum over f, ky, kx of weight[f, c, ky, kx] * dy[f, oy, ox] where iy = oy * stride + ky * dilation - before."""
    shapes = _input_shapes(roles, options)
    weight, dy, dx = roles["weight"].start, roles["dy"].start, roles["dx"].start
    if target.lanes == 1:
        return single_input(target, shapes, weight, dy, dx, roles["scratch"].start)
    lanes, xs, ys = target.lanes, shapes.x, shapes.y
    rows: list[Row] = []
    for top, w_down, down in _backward_lines(shapes.rows, shapes.columns.taps):
        for left, w_across, across in _backward_lines(shapes.columns, 1):
            fields = {
                "groups": shapes.groups, "depth": shapes.filters, "bias": -1,
                "x": dy, "x_group": shapes.filters * ys.channel * lanes, "x_channel": ys.channel * lanes, "x_row": ys.row * lanes,
                "w": weight + w_down + w_across, "w_group": shapes.filters * shapes.stride, "w_filter": shapes.plane,
                "w_channel": shapes.stride, "y": dx + (top * xs.row + left * xs.pixel) * lanes,
                "y_group": shapes.channels * xs.channel * lanes, "y_channel": xs.channel * lanes,
                "y_row": shapes.rows.stride * xs.row * lanes,
            }  # fmt: skip
            y_pixel = shapes.columns.stride * xs.pixel * lanes
            if suits(shapes):
                scratch = roles["scratch"].start
                rows += winograd_rows(target, shapes.channels, down, across, ys.pixel * lanes, y_pixel, scratch, fields)
            else:
                rows += direct_rows(target, shapes.channels, down, across, ys.pixel * lanes, y_pixel, fields)
    return rows


@operation("conv_backward_weight", writes=("dweight", "dbias"), scratch=_weight_scratch, accumulates=True)
def conv_backward_weight(roles: Roles, options: Options, target: Target) -> list[Row]:
    """dweight[f, c, ky, kx] = sum over samples and outputs of dy[f, oy, ox] * x[c, oy * stride + ky * dilation - before, ...]."""
    shapes = _weight_shapes(roles, options)
    scratch = roles["scratch"].start if roles.get("scratch") else -1
    dbias = roles["dbias"].start if roles.get("dbias") else -1
    mode = ADD_LATER if options.get("accumulate") else OVERWRITE
    x, dy, dweight = roles["x"].start, roles["dy"].start, roles["dweight"].start
    if target.lanes == 1:
        return single_weight(target, shapes, x, dy, dweight, dbias, scratch, mode)
    rows_of = winograd_weight_rows if weight_suits(shapes, target) else weight_rows
    rows = rows_of(target, shapes, x, dy, dweight, scratch, mode)
    return rows + bias_rows(target, shapes, dy, dbias, mode) if dbias >= 0 else rows
