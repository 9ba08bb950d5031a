"""More cells around a map (pad) and more cells for each of its own (upsample), and the error's way back.

Planes, rows, columns and ``inner`` as in ``pool.py``: a picture (C, H, W), or a sequence (T, F) as one plane of T x 1 places.
"""

from __future__ import annotations

from typing import Any

from playground.errors import EngineError
from playground.kernels.language import WIDTH, load_part, put, scalar, splat, store_part, take
from playground.kernels.operations import Options, Roles, operation
from playground.kernels.pool import forms, planes_of
from playground.kernels.template import kernel
from playground.kernels.types import Region, Row, Target


def _pad_accesses(r: Any) -> Any:
    wide = (r.rows + r.top + r.bottom) * (r.columns + r.left + r.right)
    return [(r.x, r.planes * r.rows * r.columns * r.inner)], [(r.y, r.planes * wide * r.inner)]


@kernel(_pad_accesses)
def pad(
    memory: Any, planes: int, rows: int, columns: int, inner: int, top: int, bottom: int, left: int, right: int, x: int, y: int
) -> None:
    """y[p, r, c] = x[p, r - top, c - left] where that is a place of x, else 0"""
    zero = splat(0.0)
    for p in range(planes):
        for r in range(top + rows + bottom):
            to = y + (p * (top + rows + bottom) + r) * (left + columns + right) * inner
            before = left * inner
            count = columns * inner
            end = (left + columns + right) * inner
            if r < top or r >= top + rows:
                before = end
                count = 0
            for i in range(0, before, WIDTH):
                store_part(memory, to + i, zero, before - i)
            at = x + (p * rows + r - top) * columns * inner
            for i in range(0, count, WIDTH):
                store_part(memory, to + before + i, load_part(memory, at + i, count - i), count - i)
            for i in range(before + count, end, WIDTH):
                store_part(memory, to + i, zero, end - i)


def _crop_accesses(r: Any) -> Any:
    wide = (r.rows + r.top + r.bottom) * (r.columns + r.left + r.right)
    return [(r.x, r.planes * wide * r.inner)], [(r.y, r.planes * r.rows * r.columns * r.inner)]


@kernel(_crop_accesses)
def crop(
    memory: Any, planes: int, rows: int, columns: int, inner: int, top: int, bottom: int, left: int, right: int, x: int, y: int
) -> None:
    """y[p, r, c] = x[p, r + top, c + left], for the rows and columns of y"""
    for p in range(planes):
        for r in range(rows):
            at = x + ((p * (top + rows + bottom) + top + r) * (left + columns + right) + left) * inner
            to = y + (p * rows + r) * columns * inner
            count = columns * inner
            for i in range(0, count, WIDTH):
                store_part(memory, to + i, load_part(memory, at + i, count - i), count - i)


def _upsample_accesses(r: Any, FORM: str) -> Any:
    count = r.planes * r.rows * r.columns * r.inner
    return [(r.x, count)], [(r.y, count * r.down * r.right)]


@kernel(_upsample_accesses, forms)
def upsample(memory: Any, FORM: str, planes: int, rows: int, columns: int, inner: int, down: int, right: int, x: int, y: int) -> None:
    """y[p, r * down + u, c * right + v] = x[p, r, c] for u in range(down), v in range(right)"""
    for r in range(planes * rows):
        for c in range(columns):
            at = x + (r * columns + c) * inner
            for u in range(down):
                to = y + ((r * down + u) * columns + c) * right * inner
                if FORM == "single":
                    for v in range(right):
                        memory[to + v] = memory[at]
                else:
                    for lane in range(0, inner, WIDTH):
                        value = take(FORM, memory, at + lane, inner - lane)
                        for v in range(right):
                            put(FORM, memory, to + v * inner + lane, value, inner - lane)


def _upsample_backward_accesses(r: Any, FORM: str) -> Any:
    count = r.planes * r.rows * r.columns * r.inner
    return [(r.dy, count * r.down * r.right)], [(r.dx, count)]


@kernel(_upsample_backward_accesses, forms)
def upsample_backward(
    memory: Any, FORM: str, planes: int, rows: int, columns: int, inner: int, down: int, right: int, dy: int, dx: int
) -> None:
    """dx[p, r, c] = sum of dy[p, r * down + u, c * right + v] over u in range(down), v in range(right)"""
    for r in range(planes * rows):
        for c in range(columns):
            to = dx + (r * columns + c) * inner
            if FORM == "single":
                result = scalar(0.0)
                for u in range(down):
                    for v in range(right):
                        result = result + memory[dy + ((r * down + u) * columns + c) * right + v]
                memory[to] = result
            else:
                for lane in range(0, inner, WIDTH):
                    s = splat(0.0)
                    for u in range(down):
                        at = dy + ((r * down + u) * columns + c) * right * inner + lane
                        for v in range(right):
                            s = s + take(FORM, memory, at + v * inner, inner - lane)
                    put(FORM, memory, to + lane, s, inner - lane)


def _padded(name: str, x: Region, y: Region, options: Options, target: Target) -> dict[str, int]:
    """The record of ``pad`` and ``crop`` without x and y."""
    _, planes, rows, columns, inner = planes_of(name, x, target)
    _, others, wide_rows, wide_columns, wide_inner = planes_of(name, y, target)
    top, bottom, left, right = (*options["padding"], 0, 0)[:4]
    grown = (planes, rows + top + bottom, columns + left + right, inner)
    if grown != (others, wide_rows, wide_columns, wide_inner) or min(top, bottom, left, right) < 0:
        raise EngineError(f"operation '{name}': a padding of {options['padding']} does not lead from {x.shape} to {y.shape}.")
    sizes = {"planes": planes, "rows": rows, "columns": columns, "inner": inner}
    return {**sizes, "top": top, "bottom": bottom, "left": left, "right": right}


@operation("pad", writes=("y",))
def pad_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """Option ``padding``: cells of zeros (top, bottom, left, right), of a sequence (before, after)."""
    x, y = roles["x"], roles["y"]
    return [pad.row(**_padded("pad", x, y, options, target), x=x.start, y=y.start)]


@operation("pad_backward", writes=("dx",))
def pad_backward_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    dy, dx = roles["dy"], roles["dx"]
    return [crop.row(**_padded("pad_backward", dx, dy, options, target), x=dy.start, y=dx.start)]


def _repeated(name: str, x: Region, y: Region, options: Options, target: Target) -> tuple[str, dict[str, int]]:
    """Form and record of the upsampling kernels without the places."""
    form, planes, rows, columns, inner = planes_of(name, x, target)
    down, right = (*options["factor"], 1)[:2]
    if planes_of(name, y, target)[1:] != (planes, rows * down, columns * right, inner):
        raise EngineError(f"operation '{name}': a factor of {options['factor']} does not lead from {x.shape} to {y.shape}.")
    return form, {"planes": planes, "rows": rows, "columns": columns, "inner": inner, "down": down, "right": right}


@operation("upsample", writes=("y",))
def upsample_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """Option ``factor``: how many cells each becomes, (rows, columns) or (steps)."""
    x, y = roles["x"], roles["y"]
    form, fields = _repeated("upsample", x, y, options, target)
    return [upsample.row(constants={"FORM": form}, **fields, x=x.start, y=y.start)]


@operation("upsample_backward", writes=("dx",))
def upsample_backward_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    dy, dx = roles["dy"], roles["dx"]
    form, fields = _repeated("upsample_backward", dx, dy, options, target)
    return [upsample_backward.row(constants={"FORM": form}, **fields, dy=dy.start, dx=dx.start)]
