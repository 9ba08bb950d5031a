"""Kernels that work element by element, and copies of blocks. Values are run over whole, their padding included."""

from __future__ import annotations

import itertools
import math
from typing import Any

from playground.errors import EngineError
from playground.kernels.language import WIDTH, call, derivative, load, load_part, store, store_part
from playground.kernels.operations import Options, Roles, as_list, operation, same_sizes, size_of, vector_count
from playground.kernels.template import kernel
from playground.kernels.types import Region, Row, Target

FUNCTION_NAMES = ("identity", "step", "relu", "leaky_relu", "elu", "sigmoid", "tanh", "softplus", "gelu")
PASSED_THROUGH = ("identity", "step")
"""Functions whose backward is dx = dy; for step that is the perceptron rule."""


@kernel(lambda r, FUNCTION: ([(r.x, r.count)], [(r.y, r.count)]), lambda isa: [{"FUNCTION": name} for name in FUNCTION_NAMES])
def map_forward(memory: Any, FUNCTION: str, count: int, x: int, y: int) -> None:
    """for i in range(count): y[i] = function(x[i])"""
    for i in range(0, count, WIDTH):
        store(memory, y + i, call(FUNCTION, load(memory, x + i)))


@kernel(
    lambda r, FUNCTION: ([(r.x, r.count), (r.y, r.count), (r.dy, r.count)], [(r.dx, r.count)]),
    lambda isa: [{"FUNCTION": name} for name in FUNCTION_NAMES if name not in PASSED_THROUGH],
)
def map_backward(memory: Any, FUNCTION: str, count: int, x: int, y: int, dy: int, dx: int) -> None:
    """for i in range(count): dx[i] = dy[i] * function'(x[i])"""
    for i in range(0, count, WIDTH):
        store(memory, dx + i, load(memory, dy + i) * derivative(FUNCTION, load(memory, x + i), load(memory, y + i)))


@kernel(lambda r: ([(r.a, r.count), (r.b, r.count)], [(r.y, r.count)]))
def add(memory: Any, count: int, a: int, b: int, y: int) -> None:
    """for i in range(count): y[i] = a[i] + b[i]"""
    for i in range(0, count, WIDTH):
        store(memory, y + i, load(memory, a + i) + load(memory, b + i))


@kernel(lambda r: ([(r.a, r.count), (r.b, r.count)], [(r.y, r.count)]))
def multiply(memory: Any, count: int, a: int, b: int, y: int) -> None:
    """for i in range(count): y[i] = a[i] * b[i]"""
    for i in range(0, count, WIDTH):
        store(memory, y + i, load(memory, a + i) * load(memory, b + i))


def _copy_accesses(r: Any) -> Any:
    return [(r.x, (r.blocks - 1) * r.x_stride + r.count)], [(r.y, (r.blocks - 1) * r.y_stride + r.count)]


@kernel(_copy_accesses)
def copy_blocks(memory: Any, blocks: int, count: int, x: int, x_stride: int, y: int, y_stride: int) -> None:
    """for block in range(blocks): y[block * y_stride + i] = x[block * x_stride + i] for i in range(count), and no further"""
    for block in range(blocks):
        p = x + block * x_stride
        q = y + block * y_stride
        i = 0
        while i + WIDTH <= count:
            store(memory, q + i, load(memory, p + i))
            i += WIDTH
        if i < count:
            store_part(memory, q + i, load_part(memory, p + i, count - i), count - i)


def _checked(function: str) -> str:
    if function not in FUNCTION_NAMES:
        raise EngineError(f"there is no function '{function}'.", remedy=f"Known: {', '.join(FUNCTION_NAMES)}.")
    return function


@operation("map", writes=("y",))
def map_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    x, y = roles["x"], roles["y"]
    same_sizes("map", x, y)
    return [map_forward.row(constants={"FUNCTION": _checked(options["function"])}, count=vector_count(x, target), x=x.start, y=y.start)]


@operation("map_backward", writes=("dx",))
def map_backward_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    x, y, dy, dx = roles["x"], roles["y"], roles["dy"], roles["dx"]
    same_sizes("map_backward", x, y, dy, dx)
    function = _checked(options["function"])
    count = vector_count(x, target)
    if function in PASSED_THROUGH:
        return _copied(dy, dx, target)
    return [map_backward.row(constants={"FUNCTION": function}, count=count, x=x.start, y=y.start, dy=dy.start, dx=dx.start)]


def _copied(x: Region, y: Region, target: Target) -> list[Row]:
    return [] if x == y else [copy_blocks.row(blocks=1, count=size_of(x) * target.lanes, x=x.start, x_stride=0, y=y.start, y_stride=0)]


@operation("copy", writes=("y",))
def copy_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    same_sizes("copy", roles["x"], roles["y"])
    return _copied(roles["x"], roles["y"], target)


@operation("sum", writes=("y",))
def sum_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    xs, y = as_list(roles["xs"]), roles["y"]
    same_sizes("sum", *xs, y)
    if len(xs) == 1:
        return _copied(xs[0], y, target)
    count = vector_count(y, target)
    rows = [add.row(count=count, a=xs[0].start, b=xs[1].start, y=y.start)]
    return rows + [add.row(count=count, a=y.start, b=x.start, y=y.start) for x in xs[2:]]


def _product_rows(factors: list[Region], y: Region, target: Target) -> list[Row]:
    if len(factors) == 1:
        return _copied(factors[0], y, target)
    count = vector_count(y, target)
    rows = [multiply.row(count=count, a=factors[0].start, b=factors[1].start, y=y.start)]
    return rows + [multiply.row(count=count, a=y.start, b=x.start, y=y.start) for x in factors[2:]]


@operation("product", writes=("y",))
def product_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    xs, y = as_list(roles["xs"]), roles["y"]
    same_sizes("product", *xs, y)
    return _product_rows(xs, y, target)


@operation("product_backward", writes=("dxs",))
def product_backward_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """dx_i = dy * product of the other factors. A missing dx (None) is one that nobody needs."""
    xs, dy, dxs = as_list(roles["xs"]), roles["dy"], as_list(roles["dxs"])
    same_sizes("product_backward", *xs, dy, *(dx for dx in dxs if dx))
    rows: list[Row] = []
    for i, dx in enumerate(dxs):
        if dx:
            rows += _product_rows([dy, *xs[:i], *xs[i + 1 :]], dx, target)
    return rows


def _along_axis(parts: list[Region], whole: Region, axis: int, target: Target) -> list[tuple[Region, int, int, int, int]]:
    """(part, blocks, elements a block, offset in the whole, stride of the whole) of each part."""
    axis %= len(whole.shape)
    blocks = math.prod(whole.shape[:axis])
    inner = math.prod(whole.shape[axis + 1 :]) * target.lanes
    if sum(part.shape[axis] for part in parts) != whole.shape[axis] or any(
        (*part.shape[:axis], *part.shape[axis + 1 :]) != (*whole.shape[:axis], *whole.shape[axis + 1 :]) for part in parts
    ):
        raise EngineError(f"shapes {', '.join(str(part.shape) for part in parts)} do not join to {whole.shape} along axis {axis}.")
    made, offset = [], 0
    for part in parts:
        made.append((part, blocks, part.shape[axis] * inner, offset, whole.shape[axis] * inner))
        offset += part.shape[axis] * inner
    return made


@operation("concatenate", writes=("y",))
def concatenate_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    y = roles["y"]
    return [
        copy_blocks.row(blocks=blocks, count=count, x=x.start, x_stride=count, y=y.start + offset, y_stride=stride)
        for x, blocks, count, offset, stride in _along_axis(as_list(roles["xs"]), y, options["axis"], target)
    ]


@operation("split", writes=("xs",))
def split_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    y = roles["y"]
    return [
        copy_blocks.row(blocks=blocks, count=count, x=y.start + offset, x_stride=stride, y=x.start, y_stride=count)
        for x, blocks, count, offset, stride in _along_axis(as_list(roles["xs"]), y, options["axis"], target)
    ]


@operation("silence", writes=("y",))
def silence_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """y = x but for the units ``off`` along ``axis``, which stay 0: an arena begins with zeros, and nobody ever writes them."""
    x, y, off = roles["x"], roles["y"], set(options["off"])
    same_sizes("silence", x, y)
    axis = options["axis"] % len(y.shape)
    units, blocks = y.shape[axis], math.prod(y.shape[:axis])
    inner = math.prod(y.shape[axis + 1 :]) * target.lanes
    rows: list[Row] = []
    for on, run in itertools.groupby(range(units), lambda unit: unit not in off):
        kept = list(run)
        if on:
            at, count, stride = kept[0] * inner, len(kept) * inner, units * inner
            rows.append(copy_blocks.row(blocks=blocks, count=count, x=x.start + at, x_stride=stride, y=y.start + at, y_stride=stride))
    return rows
