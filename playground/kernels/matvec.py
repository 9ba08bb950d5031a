"""Products of a matrix and one sample's vector (one lane): bound by memory, so each weight is read once, along its row."""

from __future__ import annotations

from typing import Any

from playground.kernels.control import LAST, MICRO, RATE
from playground.kernels.language import (
    WIDTH,
    broadcast,
    fma,
    get_float,
    get_integer,
    load,
    load_part,
    registers,
    splat,
    store,
    store_part,
    total,
    unroll,
)
from playground.kernels.matmul import span
from playground.kernels.template import kernel
from playground.kernels.types import Pointer, padded


def _matvec_accesses(r: Any, ROWS: int) -> Any:
    reads = [(r.weight, span(r.rows, r.stride, padded(r.columns))), (r.x, r.columns)]
    return [*reads, (r.bias, r.rows)] if r.bias >= 0 else reads, [(r.y, r.rows)]


@kernel(_matvec_accesses, lambda isa: [{"ROWS": rows} for rows in MATVEC_ROWS])
def matvec(memory: Any, ROWS: int, rows: int, columns: int, weight: int, stride: int, x: int, bias: int, y: int) -> None:
    """y = W x + bias

    for i in range(rows):
        y[i] = bias[i]
        for j in range(columns):
            y[i] += weight[i, j] * x[j]

    ROWS rows at once; the last block begins early enough to be whole, so some rows may be computed twice.
    """
    s = registers()
    for i0 in range(0, rows, ROWS):
        i = min(i0, rows - ROWS)
        for u in unroll(ROWS):
            s[u] = splat(0.0)
        j = 0
        while j + WIDTH <= columns:
            v = load(memory, x + j)
            for u in unroll(ROWS):
                s[u] = fma(load(memory, weight + (i + u) * stride + j), v, s[u])
            j += WIDTH
        if j < columns:
            v = load_part(memory, x + j, columns - j)
            for u in unroll(ROWS):
                s[u] = fma(load(memory, weight + (i + u) * stride + j), v, s[u])
        for u in unroll(ROWS):
            if bias >= 0:
                memory[y + i + u] = total(s[u]) + memory[bias + i + u]
            else:
                memory[y + i + u] = total(s[u])


@kernel(
    lambda r, VECTORS: ([(r.weight, span(r.rows, r.stride, padded(r.columns))), (r.dy, r.rows)], [(r.dx, r.columns)]),
    lambda isa: [{"VECTORS": MATVEC_VECTORS}],
)
def matvec_transposed(memory: Any, VECTORS: int, rows: int, columns: int, weight: int, stride: int, dy: int, dx: int) -> None:
    """dx = W^T dy

    for j in range(columns):
        dx[j] = 0
        for i in range(rows):
            dx[j] += weight[i, j] * dy[i]
    """
    s = registers()
    j = 0
    while j + VECTORS * WIDTH <= columns:
        for v in unroll(VECTORS):
            s[v] = splat(0.0)
        for i in range(rows):
            d = broadcast(memory, dy + i)
            for v in unroll(VECTORS):
                s[v] = fma(d, load(memory, weight + i * stride + j + v * WIDTH), s[v])
        for v in unroll(VECTORS):
            store(memory, dx + j + v * WIDTH, s[v])
        j += VECTORS * WIDTH
    while j < columns:
        t = splat(0.0)
        for i in range(rows):
            t = fma(broadcast(memory, dy + i), load(memory, weight + i * stride + j), t)
        store_part(memory, dx + j, t, columns - j)
        j += WIDTH


def _outer_accesses(r: Any) -> Any:
    result = (r.dweight, span(r.rows, r.stride, padded(r.columns)))
    results = [result, (r.weight, result[1])] if r.weight >= 0 else [result]
    return [(r.dy, r.rows), (r.x, r.columns), *results, (Pointer("control", 0), RATE + 1)], results


@kernel(_outer_accesses)
def outer(memory: Any, control: int, rows: int, columns: int, dy: int, x: int, dweight: int, stride: int, mode: int, weight: int) -> None:
    """dW = dy x^T

    for i in range(rows):                       # with a weight, dweight is written down in a call's last step only
        for j in range(columns):
            dweight[i, j] = dy[i] * x[j]        # or += ; zeros in the row's padding
            weight[i, j] -= rate * dweight[i, j]    # if there is one: the step of plain SGD
    """
    add = mode == 1 or (mode == 2 and get_integer(control, MICRO) > 0)
    pace = splat(-get_float(control, RATE))
    kept = weight < 0 or get_integer(control, LAST) != 0
    for i in range(rows):
        d = broadcast(memory, dy + i)
        at = dweight + i * stride
        for j in range(0, columns, WIDTH):
            v = d * load_part(memory, x + j, columns - j)
            if add:
                v = v + load(memory, at + j)
            if kept:
                store(memory, at + j, v)
            if weight >= 0:
                w = weight + i * stride + j
                store(memory, w, fma(pace, v, load(memory, w)))


@kernel(lambda r: ([(r.dy, r.rows), (r.dbias, r.rows), (Pointer("control", MICRO), 1)], [(r.dbias, r.rows)]))
def bias_of_one(memory: Any, control: int, rows: int, dy: int, dbias: int, mode: int) -> None:
    """dbias = dy

    for i in range(rows):
        dbias[i] = dy[i]                        # or +=
    """
    add = mode == 1 or (mode == 2 and get_integer(control, MICRO) > 0)
    for i in range(0, rows, WIDTH):
        v = load_part(memory, dy + i, rows - i)
        if add:
            v = v + load_part(memory, dbias + i, rows - i)
        store_part(memory, dbias + i, v, rows - i)


MATVEC_ROWS = (8, 4, 2, 1)
MATVEC_VECTORS = 8
