"""Products of matrices over many lanes: register-blocked, with the vectors along the lanes (or along the inputs, for dW)."""

from __future__ import annotations

from typing import Any

from playground.kernels.control import LAST, MICRO, RATE
from playground.kernels.language import (
    WIDTH,
    add_outer,
    column_block,
    get_float,
    get_integer,
    load,
    load_block,
    put_block_away,
    splat,
    step_block,
    store,
    store_block,
    total,
    transpose_columns,
    transpose_rows,
    transpose_tile,
    zero_block,
)
from playground.kernels.operations import CONTROL_BLOCK
from playground.kernels.template import Constants, kernel
from playground.kernels.types import ALIGNMENT, Pointer, Row, Target

OVERWRITE, ADD, ADD_LATER = 0, 1, 2
"""What becomes of the old result: lost; added to; added to in every micro-batch but the step's first."""

DEPTH_BLOCK = 1024  # a block of b, 1024 x two vectors, stays in the second-level cache while all rows of a pass over it


def span(rows: int, stride: int, columns: int) -> int:
    """Elements from the first to the last of ``rows`` x ``columns`` at a row stride."""
    return (rows - 1) * stride + columns


def _matmul_variants(isa: str) -> list[Constants]:
    return [{"ROWS": rows, "VECTORS": vectors} for vectors in (1, 2) for rows in range(1, ROWS_MOST[isa, vectors] + 1)]


def _matmul_accesses(r: Any, ROWS: int, VECTORS: int) -> Any:
    c = (r.c, (r.times - 1) * r.c_step + span(r.rows, r.c_row, r.columns))
    a = (r.a, (r.rows - 1) * r.a_row + (r.depth - 1) * r.a_column + (r.turns - 1) * r.a_step + 1)
    reads = [a, (r.b, (r.times - 1) * r.b_step + span(r.turns * r.depth, r.b_row, r.columns))]
    if r.bias >= 0:
        reads.append((r.bias, r.rows))
    if r.mode != OVERWRITE:
        reads.append(c)
    if r.weight < 0:
        return [*reads, (Pointer("control", MICRO), 1)], [c]
    w = (r.weight, c[1])
    return [*reads, w, (Pointer("control", 0), RATE + 1)], [c, w]


@kernel(_matmul_accesses, _matmul_variants)
def matmul(
    memory: Any, control: int, ROWS: int, VECTORS: int, rows: int, columns: int, depth: int,
    a: int, a_row: int, a_column: int, b: int, b_row: int, c: int, c_row: int, bias: int, mode: int, weight: int,
    times: int, b_step: int, c_step: int, turns: int, a_step: int, group: int,
) -> None:  # fmt: skip
    """c[i, j] = bias[i] + sum_k a[i, k] * b[k, j]

    for i in range(rows):
        for j in range(columns):
            c[i, j] = bias[i]                   # or 0, or what is there
            for k in range(depth):
                c[i, j] += a[i, k] * b[k, j]
            weight[i, j] -= rate * c[i, j]      # where there is a weight, of rows like c's: the step of plain SGD

    All that ``times`` times, with b and c ``b_step`` and ``c_step`` further on each time. A sum may go through ``turns`` parts of a,
    ``a_step`` apart, each of ``depth``: b has turns * depth rows. ``group`` parts are added up before c is written.
    With a weight, c is written down in the last step of a call only: to do so in each would take a good part of what merging saves. It goes
    past the caches: to fetch its lines only to overwrite them took a third of 784-300-10's step at batch 32.
    ROWS x VECTORS results at a time stay in registers: each vector of b serves ROWS rows, each number of a VECTORS vectors.
    ``rows`` is a multiple of ROWS, ``columns`` of VECTORS * WIDTH.
    """
    add = mode == 1 or (mode == 2 and get_integer(control, MICRO) > 0)
    pace = splat(-get_float(control, RATE))
    kept = get_integer(control, LAST) != 0
    for _time in range(times):
        for turn in range(0, turns, group):
            parts = min(group, turns - turn)
            for k0 in range(0, depth, DEPTH_BLOCK):
                steps = min(DEPTH_BLOCK, depth - k0)
                for j in range(0, columns, VECTORS * WIDTH):
                    for i in range(0, rows, ROWS):
                        at = c + i * c_row + j
                        if turn + k0 > 0 or add:
                            s = load_block(memory, at, c_row)
                        elif bias >= 0:
                            s = column_block(memory, bias + i)
                        else:
                            s = zero_block()
                        p = a + i * a_row + turn * a_step + k0 * a_column
                        q = b + (turn * depth + k0) * b_row + j
                        for _part in range(parts):
                            for _ in range(steps):
                                s = add_outer(s, memory, p, a_row, q)
                                p += a_column
                                q += b_row
                            p += a_step - depth * a_column
                        whole = turn + parts == turns and k0 + steps == depth
                        if weight < 0 or not whole:
                            store_block(memory, at, c_row, s)
                        else:
                            if kept:
                                put_block_away(memory, at, c_row, s)
                            step_block(memory, weight + i * c_row + j, c_row, pace, s)
        b += b_step
        c += c_step


ROWS_MOST = {("avx512", 2): 14, ("avx512", 1): 16, ("avx2", 2): 6, ("avx2", 1): 12, ("generic", 2): 6, ("generic", 1): 12}
"""Rows of a block by instruction set and VECTORS: accumulators, operands and a spare must fit 32 (AVX2, SSE: 16) registers."""


def row_blocks(rows: int, most: int) -> list[tuple[int, int]]:
    """Split ``rows`` into blocks of near-equal height: [(height, rows covered) ...], at most two heights."""
    count = -(-rows // most)
    low, extra = divmod(rows, count)
    return [(height, covered) for height, covered in ((low + 1, extra * (low + 1)), (low, (count - extra) * low)) if covered]


def matmul_rows(
    target: Target, rows: int, columns: int, depth: int, *, a: int, a_row: int, a_column: int, b: int, b_row: int, c: int, c_row: int,
    bias: int = -1, mode: int = OVERWRITE, weight: int = -1,
    times: int = 1, b_step: int = 0, c_step: int = 0, turns: int = 1, a_step: int = 0,
) -> list[Row]:  # fmt: skip
    """Rows of ``matmul`` for any number of rows; ``columns`` is a multiple of the vector width."""
    made = []
    pair = 2 * target.width
    for vectors, first, count in ((2, 0, columns // pair * pair), (1, columns // pair * pair, columns % pair)):
        if not count:
            continue
        i = 0
        for height, covered in row_blocks(rows, ROWS_MOST[target.isa, vectors]):
            made.append(
                matmul.row(
                    constants={"ROWS": height, "VECTORS": vectors}, control=CONTROL_BLOCK, rows=covered, columns=count, depth=depth,
                    a=a + i * a_row, a_row=a_row, a_column=a_column, b=b + first, b_row=b_row, c=c + i * c_row + first, c_row=c_row,
                    bias=bias + i if bias >= 0 else -1, mode=mode, weight=weight + i * c_row + first if weight >= 0 else -1,
                    times=times, b_step=b_step, c_step=c_step, turns=turns, a_step=a_step, group=max(1, DEPTH_BLOCK // depth),
                )
            )  # fmt: skip
            i += covered
    return made


@kernel(lambda r: ([(r.x, r.times * r.rows * r.lanes)], [(r.y, r.times * r.lanes * r.y_row)]))
def transpose_to_rows(memory: Any, rows: int, lanes: int, x: int, y: int, y_row: int, times: int) -> None:
    """y[t, lane, i] = x[t, i, lane], with zeros up to y_row (a multiple of WIDTH)

    for t in range(times):
        for lane in range(lanes):
            for i in range(y_row):
                y[t, lane, i] = x[t, i, lane] if i < rows else 0
    """
    for _ in range(times):
        for lane in range(0, lanes, WIDTH):
            i = 0
            while i + WIDTH <= rows:
                transpose_tile(memory, x + i * lanes + lane, lanes, y + lane * y_row + i, y_row)
                i += WIDTH
            if i < rows:
                transpose_rows(memory, x + i * lanes + lane, lanes, rows - i, y + lane * y_row + i, y_row)
                i += WIDTH
            while i < y_row:
                for k in range(WIDTH):
                    store(memory, y + (lane + k) * y_row + i, splat(0.0))
                i += WIDTH
        x += rows * lanes
        y += lanes * y_row


@kernel(lambda r: ([(r.x, r.lanes * r.x_row)], [(r.y, r.rows * r.lanes)]))
def transpose_to_lanes(memory: Any, rows: int, lanes: int, x: int, x_row: int, y: int) -> None:
    """y[i, lane] = x[lane, i] for i < rows; x_row is a multiple of ALIGNMENT

    for i in range(rows):
        for lane in range(lanes):
            y[i, lane] = x[lane, i]
    """
    for lane in range(0, lanes, WIDTH):
        i = 0
        while i + WIDTH <= rows:
            transpose_tile(memory, x + lane * x_row + i, x_row, y + i * lanes + lane, lanes)
            i += WIDTH
        if i < rows:
            transpose_columns(memory, x + lane * x_row + i, x_row, y + i * lanes + lane, lanes, rows - i)


@kernel(lambda r: ([(r.x, r.rows * r.lanes), (r.y, r.rows), (Pointer("control", MICRO), 1)], [(r.y, r.rows)]))
def row_sums(memory: Any, control: int, rows: int, lanes: int, x: int, y: int, mode: int) -> None:
    """y[i] = sum_l x[i, lane], lanes a multiple of WIDTH

    for i in range(rows):
        y[i] = 0                                # or what is there
        for lane in range(lanes):
            y[i] += x[i, lane]
    """
    add = mode == 1 or (mode == 2 and get_integer(control, MICRO) > 0)
    for i in range(rows):
        s = splat(0.0)
        for lane in range(0, lanes, WIDTH):
            s = s + load(memory, x + i * lanes + lane)
        if add:
            memory[y + i] += total(s)
        else:
            memory[y + i] = total(s)


assert ALIGNMENT % 16 == 0  # a row of parameters is whole vectors of every width
