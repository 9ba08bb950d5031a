"""Sums over all steps of a sequence, at once: weight gradients as one deep product, and sums of rows.

A product a step would read and write the whole gradient at each: for a recurrent layer of 128 units that is as much as the product
itself.
"""

from __future__ import annotations

from typing import Any

from playground.kernels.control import MICRO
from playground.kernels.language import WIDTH, fma, get_integer, load_part, put, splat, store, take, total
from playground.kernels.matmul import ADD, OVERWRITE, matmul_rows, transpose_to_rows
from playground.kernels.normalize import forms
from playground.kernels.operations import CONTROL_BLOCK
from playground.kernels.template import kernel
from playground.kernels.types import Pointer, Row, Target, padded

DEPTH_MOST = 2048  # samples times steps that are transposed before they are summed: what is transposed stays in the cache
FEATURES_FEW = 4  # columns of a gradient that are summed one by one: a product makes all sixteen of a padded row


@kernel(lambda r: ([(r.x, r.times * r.columns)], [(r.y, r.times * r.y_row)]))
def rows_of_one(memory: Any, times: int, columns: int, x: int, y: int, y_row: int) -> None:
    """y[t, j] = x[t, j], with zeros up to y_row (a multiple of WIDTH)

    for t in range(times):
        for j in range(y_row):
            y[t, j] = x[t, j] if j < columns else 0
    """
    for t in range(times):
        for j in range(0, y_row, WIDTH):
            store(memory, y + t * y_row + j, load_part(memory, x + t * columns + j, columns - j))


def _sum_accesses(r: Any, FORM: str) -> Any:
    reads = [(r.x, (r.times - 1) * r.x_step + r.rows * r.inner), (Pointer("control", MICRO), 1)]
    if r.factor >= 0:
        reads.append((r.factor, (r.times - 1) * r.factor_step + (r.rows - 1) * r.factor_row + r.inner))
    y = (r.y, (r.rows - 1) * r.y_row + 1 if FORM == "whole" else r.inner)
    return [*reads, y] if r.mode != OVERWRITE else reads, [y]


@kernel(_sum_accesses, forms)
def step_sums(
    memory: Any, FORM: str, control: int, times: int, rows: int, inner: int, x: int, x_step: int, factor: int, factor_step: int,
    factor_row: int, y: int, y_row: int, mode: int,
) -> None:  # fmt: skip
    """y[u] = sum of x[t, u, l] * factor[t, u, l] over t and l

    for t in range(times):                      # "part": one lane; then u is the inner number
        for u in range(rows):
            for l in range(inner):
                y[u] += x[t, u, l] * factor[t, u, l]    # factor 1 where there is none, the same for all u where its rows are 0 apart

    Eight steps at a time, as steps lie far apart: so each row's numbers are fetched ahead while they are passed.
    """
    add = mode == 1 or (mode == 2 and get_integer(control, MICRO) > 0)
    for t0 in range(0, times, 8):
        for u in range(rows):
            s = splat(0.0)
            for i in range(0, inner, WIDTH):
                if FORM == "part":
                    s = splat(0.0)
                for t in range(t0, min(t0 + 8, times)):
                    v = take(FORM, memory, x + t * x_step + u * inner + i, inner - i)
                    s = fma(v, take(FORM, memory, factor + t * factor_step + u * factor_row + i, inner - i), s) if factor >= 0 else s + v
                if FORM == "part":
                    if add or t0 > 0:
                        s = s + take(FORM, memory, y + i, inner - i)
                    put(FORM, memory, y + i, s, inner - i)
            if FORM == "whole":
                if add or t0 > 0:
                    memory[y + u * y_row] += total(s)
                else:
                    memory[y + u * y_row] = total(s)


def summed(
    target: Target, units: int, times: int, x: int, x_step: int, y: int, mode: int, factor: int = -1, factor_step: int = 0,
    one_factor: bool = False, y_row: int = 1,
) -> list[Row]:  # fmt: skip
    """y (units) = sum over ``times`` steps and all lanes of x (times factor); steps are in elements. ``one_factor``: each step has one a
    lane, for all units (with several lanes only)."""
    form, rows, inner = ("part", 1, units) if target.lanes == 1 else ("whole", units, target.lanes)
    return [
        step_sums.row(
            constants={"FORM": form}, control=CONTROL_BLOCK, times=times, rows=rows, inner=inner, x=x, x_step=x_step, factor=factor,
            factor_step=factor_step, factor_row=0 if one_factor else inner, y=y, y_row=y_row, mode=mode,
        )
    ]  # fmt: skip


def contraction_scratch(target: Target, features: int, times: int) -> int:
    """Elements of work space that :func:`contracted` needs."""
    return min(times, max(1, DEPTH_MOST // target.lanes)) * target.lanes * padded(features)


def contracted(
    target: Target, units: int, features: int, times: int, dy: int, dy_step: int, x: int, dweight: int, scratch: int, mode: int
) -> list[Row]:
    """dweight (units, features) = sum over ``times`` steps and all lanes of dy x^T. ``dy_step``: elements from a step of dy to the next;
    those of x lie one behind the other."""
    lanes, stride, made = target.lanes, padded(features), list[Row]()
    if lanes > 1 and features <= FEATURES_FEW:
        for feature in range(features):
            factor = x + feature * lanes
            made += summed(
                target, units, times, dy, dy_step, dweight + feature, mode, factor, features * lanes, one_factor=True, y_row=stride
            )
        return made
    chunk = max(1, DEPTH_MOST // lanes)
    for t in range(0, times, chunk):
        count, x_t, dy_t = min(chunk, times - t), x + t * features * lanes, dy + t * dy_step
        later = ADD if t else mode
        if lanes == 1:
            made.append(rows_of_one.row(times=count, columns=features, x=x_t, y=scratch, y_row=stride))
            made += matmul_rows(
                target,
                units,
                stride,
                count,
                a=dy_t,
                a_row=1,
                a_column=dy_step,
                b=scratch,
                b_row=stride,
                c=dweight,
                c_row=stride,
                mode=later,
            )
        else:
            made.append(transpose_to_rows.row(rows=features, lanes=lanes, x=x_t, y=scratch, y_row=stride, times=count))
            made += matmul_rows(
                target, units, stride, lanes, a=dy_t, a_row=lanes, a_column=1, b=scratch, b_row=stride, c=dweight, c_row=stride, mode=later,
                turns=count, a_step=dy_step,
            )  # fmt: skip
    return made
