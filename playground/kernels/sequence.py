"""What is done with whole sequences: their last step, mean and largest over time, a row repeated; masked steps do not count.

A sequence (T, F) lies as T x F numbers with the lanes innermost, its mask as T with the lanes; ``mask`` -1: all steps are real.
"""

from __future__ import annotations

from typing import Any

from playground.errors import EngineError
from playground.kernels.language import WIDTH, load_part, maximum, splat, store_part, where_equal, where_greater, where_wins
from playground.kernels.operations import Options, Roles, operation
from playground.kernels.template import kernel
from playground.kernels.types import Region, Row, Target

NOWHERE = -1


def _masked(r: Any) -> list[tuple[int, int]]:
    return [(r.mask, r.steps * r.lanes)] if r.mask != NOWHERE else []


def _down(r: Any) -> Any:
    return [(r.x, r.steps * r.size * r.lanes), *_masked(r)], [(r.y, r.size * r.lanes)]


def _up(r: Any) -> Any:
    return [(r.dy, r.size * r.lanes), *_masked(r)], [(r.dx, r.steps * r.size * r.lanes)]


@kernel(_down)
def last_step(memory: Any, steps: int, size: int, lanes: int, mask: int, x: int, y: int) -> None:
    """y[i] = x[t, i] of the last step t that is real

    for t in range(steps): if mask[t]: y = x[t]
    """
    zero = splat(0.0)
    for i in range(size):
        for lane in range(0, lanes, WIDTH):
            part = lanes - lane
            found = load_part(memory, x + ((steps - 1) * size + i) * lanes + lane, part)
            if mask >= 0:
                found = load_part(memory, x + i * lanes + lane, part)
                for t in range(1, steps):
                    v = load_part(memory, x + (t * size + i) * lanes + lane, part)
                    found = where_greater(load_part(memory, mask + t * lanes + lane, part), zero, v, found)
            store_part(memory, y + i * lanes + lane, found, part)


@kernel(_up)
def last_step_backward(memory: Any, steps: int, size: int, lanes: int, mask: int, dy: int, dx: int) -> None:
    """dx[t, i] = dy[i] at the last step that is real, 0 at others"""
    zero = splat(0.0)
    half = splat(0.5)
    for t in range(steps):
        for lane in range(0, lanes, WIDTH):
            part = lanes - lane
            real = splat(1.0)
            later = zero
            if mask >= 0:
                real = load_part(memory, mask + t * lanes + lane, part)
                if t == 0:
                    real = splat(1.0)
                if t + 1 < steps:
                    later = load_part(memory, mask + (t + 1) * lanes + lane, part)
            elif t + 1 < steps:
                later = splat(1.0)
            ends = real - later
            for i in range(size):
                d = where_greater(ends, half, load_part(memory, dy + i * lanes + lane, part), zero)
                store_part(memory, dx + (t * size + i) * lanes + lane, d, part)


@kernel(_down)
def mean_time(memory: Any, steps: int, size: int, lanes: int, mask: int, x: int, y: int) -> None:
    """y[i] = sum_t mask[t] x[t, i] / sum_t mask[t]"""
    zero = splat(0.0)
    one = splat(1.0)
    for lane in range(0, lanes, WIDTH):
        part = lanes - lane
        real = splat(1.0 * steps)
        if mask >= 0:
            real = zero
            for t in range(steps):
                real = real + load_part(memory, mask + t * lanes + lane, part)
            real = maximum(real, one)
        for i in range(size):
            s = zero
            for t in range(steps):
                v = load_part(memory, x + (t * size + i) * lanes + lane, part)
                if mask >= 0:
                    v = where_greater(load_part(memory, mask + t * lanes + lane, part), zero, v, zero)
                s = s + v
            store_part(memory, y + i * lanes + lane, s / real, part)


@kernel(_up)
def mean_time_backward(memory: Any, steps: int, size: int, lanes: int, mask: int, dy: int, dx: int) -> None:
    """dx[t, i] = mask[t] dy[i] / sum_t mask[t]"""
    zero = splat(0.0)
    one = splat(1.0)
    for lane in range(0, lanes, WIDTH):
        part = lanes - lane
        real = splat(1.0 * steps)
        if mask >= 0:
            real = zero
            for t in range(steps):
                real = real + load_part(memory, mask + t * lanes + lane, part)
            real = maximum(real, one)
        for i in range(size):
            d = load_part(memory, dy + i * lanes + lane, part) / real
            for t in range(steps):
                share = d
                if mask >= 0:
                    share = where_greater(load_part(memory, mask + t * lanes + lane, part), zero, d, zero)
                store_part(memory, dx + (t * size + i) * lanes + lane, share, part)


def _max_down(r: Any) -> Any:
    reads, writes = _down(r)
    return reads, [*writes, (r.winners, r.size * r.lanes)]


@kernel(_max_down)
def max_time(memory: Any, steps: int, size: int, lanes: int, mask: int, x: int, y: int, winners: int) -> None:
    """y[i] = the largest x[t, i] of the steps that are real, winners[i] = t

    The first of equals wins; not a number wins, and stays. The first step is real.
    """
    zero = splat(0.0)
    for i in range(size):
        for lane in range(0, lanes, WIDTH):
            part = lanes - lane
            best = load_part(memory, x + i * lanes + lane, part)
            winner = zero
            for t in range(1, steps):
                v = load_part(memory, x + (t * size + i) * lanes + lane, part)
                if mask >= 0:
                    v = where_greater(load_part(memory, mask + t * lanes + lane, part), zero, v, best)
                winner = where_wins(v, best, splat(float(t)), winner)
                best = where_wins(v, best, v, best)
            store_part(memory, y + i * lanes + lane, best, part)
            store_part(memory, winners + i * lanes + lane, winner, part)


def _max_up(r: Any) -> Any:
    small = r.size * r.lanes
    return [(r.dy, small), (r.winners, small)], [(r.dx, r.steps * small)]


@kernel(_max_up)
def max_time_backward(memory: Any, steps: int, size: int, lanes: int, winners: int, dy: int, dx: int) -> None:
    """dx[t, i] = dy[i] if winners[i] == t else 0"""
    zero = splat(0.0)
    for i in range(size):
        for lane in range(0, lanes, WIDTH):
            part = lanes - lane
            winner = load_part(memory, winners + i * lanes + lane, part)
            d = load_part(memory, dy + i * lanes + lane, part)
            for t in range(steps):
                store_part(memory, dx + (t * size + i) * lanes + lane, where_equal(winner, splat(float(t)), d, zero), part)


@kernel(lambda r: ([(r.x, r.count)], [(r.y, r.steps * r.count)]))
def repeat(memory: Any, steps: int, count: int, x: int, y: int) -> None:
    """y[t, i] = x[i]"""
    for i in range(0, count, WIDTH):
        v = load_part(memory, x + i, count - i)
        for t in range(steps):
            store_part(memory, y + t * count + i, v, count - i)


@kernel(lambda r: ([(r.dy, r.steps * r.count)], [(r.dx, r.count)]))
def repeat_backward(memory: Any, steps: int, count: int, dy: int, dx: int) -> None:
    """dx[i] = sum_t dy[t, i]"""
    for i in range(0, count, WIDTH):
        s = splat(0.0)
        for t in range(steps):
            s = s + load_part(memory, dy + t * count + i, count - i)
        store_part(memory, dx + i, s, count - i)


def _extents(name: str, sequence: Region, row: Region) -> tuple[int, int]:
    """Steps and features of a sequence whose rows are like ``row``."""
    if len(sequence.shape) != 2 or sequence.shape[1:] != row.shape:
        raise EngineError(f"operation '{name}' got a sequence {sequence.shape} and a row {row.shape}.")
    return sequence.shape[0], sequence.shape[1]


def _fields(name: str, roles: Roles, target: Target, sequence: str, row: str) -> dict[str, int]:
    steps, size = _extents(name, roles[sequence], roles[row])
    mask: Region | None = roles.get("mask")
    if mask is not None and mask.shape != (steps,):
        raise EngineError(f"operation '{name}' got a mask {mask.shape} for {steps} steps.")
    starts = {sequence: roles[sequence].start, row: roles[row].start}
    return {"steps": steps, "size": size, "lanes": target.lanes, "mask": NOWHERE if mask is None else mask.start, **starts}


@operation("last", writes=("y",))
def last_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """The last step that is real; with ``reverse`` the first step, where a direction that runs backward ends."""
    fields = _fields("last", roles, target, "x", "y")
    return [last_step.row(**fields | ({"steps": 1, "mask": NOWHERE} if options.get("reverse") else {}))]


@operation("last_backward", writes=("dx",))
def last_backward_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    return [last_step_backward.row(**_fields("last_backward", roles, target, "dx", "dy"))]


@operation("mean_time", writes=("y",))
def mean_time_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    return [mean_time.row(**_fields("mean_time", roles, target, "x", "y"))]


@operation("mean_time_backward", writes=("dx",))
def mean_time_backward_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    return [mean_time_backward.row(**_fields("mean_time_backward", roles, target, "dx", "dy"))]


@operation("max_time", writes=("y", "winners"))
def max_time_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    return [max_time.row(**_fields("max_time", roles, target, "x", "y"), winners=roles["winners"].start)]


@operation("max_time_backward", writes=("dx",))
def max_time_backward_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    fields = _fields("max_time_backward", roles, target, "dx", "dy")
    del fields["mask"]
    return [max_time_backward.row(**fields, winners=roles["winners"].start)]


@operation("repeat", writes=("y",))
def repeat_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    steps, size = _extents("repeat", roles["y"], roles["x"])
    return [repeat.row(steps=steps, count=size * target.lanes, x=roles["x"].start, y=roles["y"].start)]


@operation("repeat_backward", writes=("dx",))
def repeat_backward_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    steps, size = _extents("repeat_backward", roles["dy"], roles["dx"])
    return [repeat_backward.row(steps=steps, count=size * target.lanes, dy=roles["dy"].start, dx=roles["dx"].start)]
