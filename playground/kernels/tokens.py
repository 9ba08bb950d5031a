"""Tokens: numbers of symbols become rows of an embedding, or rows with one 1. A number that is no symbol's becomes a row of zeros."""

from __future__ import annotations

from typing import Any

from playground.errors import EngineError
from playground.kernels.control import MICRO
from playground.kernels.language import WIDTH, get_integer, load_part, splat, store_part, where_equal
from playground.kernels.matmul import transpose_to_lanes, transpose_to_rows
from playground.kernels.operations import CONTROL_BLOCK, Options, Roles, operation, size_of
from playground.kernels.template import kernel
from playground.kernels.types import Pointer, Region, Row, Target, padded


@kernel(lambda r: ([(r.x, r.count), (r.weight, r.symbols * r.weight_row)], [(r.y, r.count * r.y_row)]))
def pick_rows(memory: Any, count: int, symbols: int, size: int, weight: int, weight_row: int, x: int, y: int, y_row: int) -> None:
    """y[i] = weight[x[i]], with zeros up to y_row"""
    for i in range(count):
        number = memory[x + i]
        to = y + i * y_row
        if number >= 0.0 and number < symbols:
            source = weight + int(number) * weight_row
            for k in range(0, size, WIDTH):
                store_part(memory, to + k, load_part(memory, source + k, size - k), y_row - k)
        else:
            for k in range(0, y_row, WIDTH):
                store_part(memory, to + k, splat(0.0), y_row - k)


def _add_accesses(r: Any) -> Any:
    weight = (r.dweight, r.symbols * r.weight_row)
    return [(r.x, r.count), (r.dy, r.count * r.dy_row), weight, (Pointer("control", MICRO), 1)], [weight]


@kernel(_add_accesses)
def add_rows(
    memory: Any, control: int, count: int, symbols: int, size: int, x: int, dy: int, dy_row: int, dweight: int, weight_row: int, later: int
) -> None:
    """dweight[x[i]] += dy[i], from zeros; with ``later``, from what is there in micro-batches after the first"""
    if later == 0 or get_integer(control, MICRO) == 0:
        end = symbols * weight_row
        for k in range(0, end, WIDTH):
            store_part(memory, dweight + k, splat(0.0), end - k)
    for i in range(count):
        number = memory[x + i]
        if number >= 0.0 and number < symbols:
            to = dweight + int(number) * weight_row
            for k in range(0, size, WIDTH):
                sum = load_part(memory, to + k, size - k) + load_part(memory, dy + i * dy_row + k, size - k)
                store_part(memory, to + k, sum, size - k)


@kernel(lambda r: ([(r.x, r.steps * r.lanes)], [(r.y, r.steps * r.symbols * r.lanes)]))
def one_hot(memory: Any, steps: int, symbols: int, lanes: int, x: int, y: int) -> None:
    """y[t, k, lane] = 1 if x[t, lane] == k else 0"""
    zero = splat(0.0)
    one = splat(1.0)
    for t in range(steps):
        for lane in range(0, lanes, WIDTH):
            part = lanes - lane
            number = load_part(memory, x + t * lanes + lane, part)
            for k in range(symbols):
                store_part(memory, y + (t * symbols + k) * lanes + lane, where_equal(number, splat(float(k)), one, zero), part)


def _shapes(name: str, x: Region, weight: Region, rows: Region) -> tuple[int, int, int]:
    """Steps, symbols, numbers a symbol."""
    if len(weight.shape) != 2 or rows.shape != (size_of(x), weight.shape[1]):
        raise EngineError(f"operation '{name}' got tokens {x.shape}, rows {weight.shape} and {rows.shape}.")
    return size_of(x), *weight.shape  # type: ignore[return-value]


def _rows_scratch(roles: Roles, options: Options, target: Target) -> int:
    rows = roles.get("y") or roles["dy"]
    return 0 if target.lanes == 1 else rows.shape[0] * target.lanes * padded(rows.shape[1])


@operation("embedding", writes=("y",), scratch=_rows_scratch)
def embedding_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    x, weight, y, lanes = roles["x"], roles["weight"], roles["y"], target.lanes
    steps, symbols, size = _shapes("embedding", x, weight, y)
    to, stride = (y.start, size) if lanes == 1 else (roles["scratch"].start, padded(size))
    common = {"count": steps * lanes, "symbols": symbols, "size": size, "weight_row": padded(size)}
    rows = [pick_rows.row(weight=weight.start, x=x.start, y=to, y_row=stride, **common)]
    if lanes > 1:
        for t in range(steps):
            at, step = to + t * lanes * stride, y.start + t * size * lanes
            rows.append(transpose_to_lanes.row(rows=size, lanes=lanes, x=at, x_row=stride, y=step))
    return rows


@operation("embedding_backward_weight", writes=("dweight",), scratch=_rows_scratch, accumulates=True)
def embedding_backward_weight_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    x, dy, dweight, lanes = roles["x"], roles["dy"], roles["dweight"], target.lanes
    steps, symbols, size = _shapes("embedding_backward_weight", x, dweight, dy)
    rows: list[Row] = []
    source, stride = dy.start, size
    if lanes > 1:
        source, stride = roles["scratch"].start, padded(size)
        rows.append(transpose_to_rows.row(rows=size, lanes=lanes, x=dy.start, y=source, y_row=stride, times=steps))
    common = {"count": steps * lanes, "symbols": symbols, "size": size, "weight_row": padded(size), "dweight": dweight.start}
    later = bool(options.get("accumulate"))
    return [*rows, add_rows.row(control=CONTROL_BLOCK, x=x.start, dy=source, dy_row=stride, later=later, **common)]


@operation("one_hot", writes=("y",))
def one_hot_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    x, y = roles["x"], roles["y"]
    if len(y.shape) != 2 or size_of(x) != y.shape[0]:
        raise EngineError(f"operation 'one_hot' got tokens {x.shape} and rows {y.shape}.")
    return [one_hot.row(steps=y.shape[0], symbols=y.shape[1], lanes=target.lanes, x=x.start, y=y.start)]
