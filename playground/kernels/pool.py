"""Pooling: the largest or the mean number of each window, and the error's way back.

A picture (C, H, W) is C planes of H x W places with ``inner`` = lanes numbers each; a sequence (T, F) is one plane of T x 1
places with F * lanes numbers each. So one kernel serves both, and its vectors run over what lies innermost.
"""

from __future__ import annotations

from typing import Any

from playground.errors import EngineError
from playground.kernels.language import WIDTH, put, scalar, splat, store_part, take, unroll, where_equal, where_wins
from playground.kernels.operations import Options, Roles, operation
from playground.kernels.template import Constants, kernel
from playground.kernels.types import Region, Row, Target

FORMS = ("whole", "part", "single")
"""How ``inner`` fits the vectors: a multiple of them; any number; one number, where scalars are faster."""
MOST_PLACES = 2**24
"""Places of a plane that a float32 can number."""


def forms(isa: str) -> list[Constants]:
    """The variants of a kernel with a constant FORM."""
    return [{"FORM": form} for form in FORMS]


def _sizes(r: Any) -> tuple[int, int]:
    return r.planes * r.rows * r.columns * r.inner, r.planes * r.out_rows * r.out_columns * r.inner


def _mean_accesses(r: Any, FORM: str) -> Any:
    large, small = _sizes(r)
    return [(r.x, large)], [(r.y, small)]


def _max_accesses(r: Any, FORM: str) -> Any:
    large, small = _sizes(r)
    return [(r.x, large)], [(r.y, small), (r.winners, small)]


def _mean_backward_accesses(r: Any, FORM: str) -> Any:
    large, small = _sizes(r)
    return [(r.dy, small), (r.dx, large)], [(r.dx, large)]


def _max_backward_accesses(r: Any, FORM: str) -> Any:
    large, small = _sizes(r)
    return [(r.dy, small), (r.winners, small), (r.dx, large)], [(r.dx, large)]


@kernel(_max_accesses, forms)
def max_pool(
    memory: Any, FORM: str, planes: int, rows: int, columns: int, inner: int, out_rows: int, out_columns: int, height: int, width: int,
    down: int, right: int, top: int, left: int, x: int, y: int, winners: int,
) -> None:  # fmt: skip
    """y[p, i, j] = the largest x of the window's places, winners[p, i, j] = which it is

    for p, i, j:
        for r in range(i * down - top, i * down - top + height), within the plane:
            for c in range(j * right - left, j * right - left + width), within the plane:
                if x[p, r, c] > best, or x[p, r, c] alone is not a number:
                    best, winner = x[p, r, c], r * columns + c

    The first of equals wins; not a number wins, and stays.
    """
    for p in range(planes):
        plane = x + p * rows * columns * inner
        for i in range(out_rows):
            r0 = max(i * down - top, 0)
            r1 = min(i * down - top + height, rows)
            for j in range(out_columns):
                c0 = max(j * right - left, 0)
                c1 = min(j * right - left + width, columns)
                to = ((p * out_rows + i) * out_columns + j) * inner
                first = r0 * columns + c0
                if FORM == "single":
                    highest = memory[plane + first]
                    place = first
                    if r1 - r0 == 2 and c1 - c0 == 2:  # by far the most frequent: loops of two take as long again
                        for k in unroll(3):
                            number = first + (k + 1) // 2 * columns + (k + 1) % 2
                            u = memory[plane + number]
                            wins = (highest == highest) & (not u <= highest)
                            highest = u if wins else highest
                            place = number if wins else place
                    else:
                        for r in range(r0, r1):
                            for number in range(r * columns + c0, r * columns + c1):
                                u = memory[plane + number]
                                wins = (highest == highest) & (not u <= highest)
                                highest = u if wins else highest
                                place = number if wins else place
                    memory[y + to] = highest
                    memory[winners + to] = scalar(float(place))
                else:
                    for lane in range(0, inner, WIDTH):
                        part = inner - lane
                        best = take(FORM, memory, plane + first * inner + lane, part)
                        winner = splat(float(first))
                        if r1 - r0 == 2 and c1 - c0 == 2:
                            for k in unroll(3):
                                number = first + (k + 1) // 2 * columns + (k + 1) % 2
                                v = take(FORM, memory, plane + number * inner + lane, part)
                                winner = where_wins(v, best, splat(float(number)), winner)
                                best = where_wins(v, best, v, best)
                        else:
                            for r in range(r0, r1):
                                for number in range(r * columns + c0, r * columns + c1):
                                    v = take(FORM, memory, plane + number * inner + lane, part)
                                    winner = where_wins(v, best, splat(float(number)), winner)
                                    best = where_wins(v, best, v, best)
                        put(FORM, memory, y + to + lane, best, part)
                        put(FORM, memory, winners + to + lane, winner, part)


@kernel(_max_backward_accesses, forms)
def max_pool_backward(
    memory: Any, FORM: str, planes: int, rows: int, columns: int, inner: int, out_rows: int, out_columns: int, height: int, width: int,
    down: int, right: int, top: int, left: int, clear: int, add: int, winners: int, dy: int, dx: int,
) -> None:  # fmt: skip
    """dx[p, winners[p, i, j]] += dy[p, i, j], from zeros

    for p: dx[p] = 0                                   # if ``clear``: there are places that no window writes
        for i, j: for each place of the window:
            dx[p, place] = dy[p, i, j] if winners[p, i, j] == place else 0      # if ``add``: +=, as windows overlap
    """
    zero = splat(0.0)
    for p in range(planes):
        plane = dx + p * rows * columns * inner
        if clear != 0:
            end = rows * columns * inner
            for i in range(0, end, WIDTH):
                store_part(memory, plane + i, zero, end - i)
        for i in range(out_rows):
            r0 = max(i * down - top, 0)
            r1 = min(i * down - top + height, rows)
            if FORM == "single":
                for j in range(out_columns):
                    at = (p * out_rows + i) * out_columns + j
                    to = plane + int(memory[winners + at])
                    memory[to] = memory[to] + memory[dy + at]
            else:
                for r in range(r0, r1):  # dx is written in the order of memory: by windows it takes twice as long
                    for j in range(out_columns):
                        c0 = max(j * right - left, 0)
                        c1 = min(j * right - left + width, columns)
                        at = ((p * out_rows + i) * out_columns + j) * inner
                        for lane in range(0, inner, WIDTH):
                            part = inner - lane
                            winner = take(FORM, memory, winners + at + lane, part)
                            error = take(FORM, memory, dy + at + lane, part)
                            for number in range(r * columns + c0, r * columns + c1):
                                to = plane + number * inner + lane
                                share = where_equal(winner, splat(float(number)), error, zero)
                                if add != 0:
                                    share = share + take(FORM, memory, to, part)
                                put(FORM, memory, to, share, part)


@kernel(_mean_accesses, forms)
def mean_pool(
    memory: Any, FORM: str, planes: int, rows: int, columns: int, inner: int, out_rows: int, out_columns: int, height: int, width: int,
    down: int, right: int, top: int, left: int, x: int, y: int,
) -> None:  # fmt: skip
    """y[p, i, j] = sum of x over the window's places within the plane / their number"""
    for p in range(planes):
        plane = x + p * rows * columns * inner
        for i in range(out_rows):
            r0 = max(i * down - top, 0)
            r1 = min(i * down - top + height, rows)
            for j in range(out_columns):
                c0 = max(j * right - left, 0)
                c1 = min(j * right - left + width, columns)
                to = y + ((p * out_rows + i) * out_columns + j) * inner
                places = float((r1 - r0) * (c1 - c0))
                if FORM == "single":
                    result = scalar(0.0)
                    for r in range(r0, r1):
                        for number in range(r * columns + c0, r * columns + c1):
                            result = result + memory[plane + number]
                    memory[to] = result / scalar(places)
                else:
                    for lane in range(0, inner, WIDTH):
                        part = inner - lane
                        s = splat(0.0)
                        for r in range(r0, r1):
                            for number in range(r * columns + c0, r * columns + c1):
                                s = s + take(FORM, memory, plane + number * inner + lane, part)
                        put(FORM, memory, to + lane, s / splat(places), part)


@kernel(_mean_backward_accesses, forms)
def mean_pool_backward(
    memory: Any, FORM: str, planes: int, rows: int, columns: int, inner: int, out_rows: int, out_columns: int, height: int, width: int,
    down: int, right: int, top: int, left: int, clear: int, add: int, dy: int, dx: int,
) -> None:  # fmt: skip
    """dx[p, place] += dy[p, i, j] / the window's places, for each of them, from zeros; ``clear`` and ``add`` as above"""
    zero = splat(0.0)
    for p in range(planes):
        plane = dx + p * rows * columns * inner
        if clear != 0:
            end = rows * columns * inner
            for i in range(0, end, WIDTH):
                store_part(memory, plane + i, zero, end - i)
        for i in range(out_rows):
            r0 = max(i * down - top, 0)
            r1 = min(i * down - top + height, rows)
            if FORM == "single":
                for j in range(out_columns):
                    c0 = max(j * right - left, 0)
                    c1 = min(j * right - left + width, columns)
                    share = memory[dy + (p * out_rows + i) * out_columns + j] / scalar(float((r1 - r0) * (c1 - c0)))
                    for r in range(r0, r1):
                        for number in range(r * columns + c0, r * columns + c1):
                            memory[plane + number] = memory[plane + number] + share
            else:
                for r in range(r0, r1):
                    for j in range(out_columns):
                        c0 = max(j * right - left, 0)
                        c1 = min(j * right - left + width, columns)
                        at = dy + ((p * out_rows + i) * out_columns + j) * inner
                        places = splat(float((r1 - r0) * (c1 - c0)))
                        for lane in range(0, inner, WIDTH):
                            part = inner - lane
                            error = take(FORM, memory, at + lane, part) / places
                            for number in range(r * columns + c0, r * columns + c1):
                                to = plane + number * inner + lane
                                share = error
                                if add != 0:
                                    share = share + take(FORM, memory, to, part)
                                put(FORM, memory, to, share, part)


def _along(sizes: tuple[int, ...], rank: int, missing: int) -> tuple[int, ...]:
    """``sizes`` of an option, one a side of the windows; a sequence's windows are one column wide."""
    if len(sizes) != rank:
        raise EngineError(f"a pool's options want {rank} numbers, got {sizes}.")
    return (*sizes, missing) if rank == 1 else tuple(sizes)


def planes_of(name: str, x: Region, target: Target) -> tuple[str, int, int, int, int]:
    """(form, planes, rows, columns, inner) of a picture (C, H, W), a row (C) as maps of one place, or a sequence (T, F)."""
    if len(x.shape) not in (1, 2, 3):
        raise EngineError(f"operation '{name}' got shape {x.shape}.", remedy="It takes pictures (C, H, W) and sequences (T, F).")
    if len(x.shape) == 2:
        planes, rows, columns, inner = 1, x.shape[0], 1, x.shape[1] * target.lanes
    else:
        (planes, rows, columns), inner = (*x.shape, 1, 1)[:3], target.lanes
    form = "single" if inner == 1 else "part" if inner % target.width else "whole"
    return form, planes, rows, columns, inner


def _geometry(name: str, x: Region, y: Region, options: Options, target: Target) -> tuple[str, dict[str, int]]:
    """The kernels' form, and what all four have in their records."""
    form, planes, rows, columns, inner = planes_of(name, x, target)
    _, others, out_rows, out_columns, out_inner = planes_of(name, y, target)
    rank = 1 if len(x.shape) == 2 else 2
    top, bottom, left, after = (*options["padding"], 0, 0)[:4]
    height, width = _along(options["size"], rank, 1)
    down, right = _along(options["stride"], rank, 1)
    fits = [
        outs == (size + before + behind - window) // step + 1 and max(before, behind) < window and size + before + behind >= window
        for outs, size, before, behind, window, step in (
            (out_rows, rows, top, bottom, height, down),
            (out_columns, columns, left, after, width, right),
        )
    ]
    if not all(fits) or (planes, inner) != (others, out_inner) or rows * columns > MOST_PLACES:
        raise EngineError(f"operation '{name}': windows {options['size']} do not lead from {x.shape} to {y.shape}.")
    return form, {
        "planes": planes,
        "rows": rows,
        "columns": columns,
        "inner": inner,
        "out_rows": out_rows,
        "out_columns": out_columns,
        "height": height,
        "width": width,
        "down": down,
        "right": right,
        "top": top,
        "left": left,
    }


def _ways(form: str, g: dict[str, int]) -> dict[str, int]:
    """Whether windows overlap, and whether a plane must be zeroed first: they do, or they leave places out. Singles always add."""
    add = form == "single" or any(
        window > step and outs > 1
        for window, step, outs in ((g["height"], g["down"], g["out_rows"]), (g["width"], g["right"], g["out_columns"]))
    )
    covered = all(
        (window >= step or outs == 1) and (outs - 1) * step - before + window >= size
        for window, step, outs, before, size in (
            (g["height"], g["down"], g["out_rows"], g["top"], g["rows"]),
            (g["width"], g["right"], g["out_columns"], g["left"], g["columns"]),
        )
    )
    return {"add": int(add), "clear": int(add or not covered)}


@operation("max_pool", writes=("y", "winners"))
def max_pool_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """Options ``size``, ``stride`` (two numbers of a picture, one of a sequence) and ``padding`` (top, bottom, left, right; before,
    after). ``winners`` holds, as a number, where in the H x W plane (or at which step) each window's largest lies. Padded places
    never win. One window over the whole of each plane may give y (C)."""
    x, y, winners = roles["x"], roles["y"], roles["winners"]
    form, geometry = _geometry("max_pool", x, y, options, target)
    return [max_pool.row(constants={"FORM": form}, **geometry, x=x.start, y=y.start, winners=winners.start)]


@operation("max_pool_backward", writes=("dx",))
def max_pool_backward_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    winners, dy, dx = roles["winners"], roles["dy"], roles["dx"]
    form, geometry = _geometry("max_pool_backward", dx, dy, options, target)
    ways = _ways(form, geometry)
    return [max_pool_backward.row(constants={"FORM": form}, **geometry, **ways, winners=winners.start, dy=dy.start, dx=dx.start)]


@operation("mean_pool", writes=("y",))
def mean_pool_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """Options as ``max_pool``'s. Padded places do not count (as Keras's AveragePooling2D, and PyTorch's count_include_pad=False)."""
    x, y = roles["x"], roles["y"]
    form, geometry = _geometry("mean_pool", x, y, options, target)
    return [mean_pool.row(constants={"FORM": form}, **geometry, x=x.start, y=y.start)]


@operation("mean_pool_backward", writes=("dx",))
def mean_pool_backward_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    dy, dx = roles["dy"], roles["dx"]
    form, geometry = _geometry("mean_pool_backward", dx, dy, options, target)
    return [mean_pool_backward.row(constants={"FORM": form}, **geometry, **_ways(form, geometry), dy=dy.start, dx=dx.start)]
