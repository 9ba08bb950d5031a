"""The losses of a target at each step: over the steps that count, divided by their number in the whole batch."""

from __future__ import annotations

from typing import Any

from playground.kernels.control import CORRECT, COUNTED, LOSS, VALID
from playground.kernels.language import (
    WIDTH,
    call,
    first_lanes,
    fma,
    get_float,
    get_integer,
    load_part,
    log,
    maximum,
    set_float,
    set_integer,
    splat,
    store_part,
    total,
    where_equal,
    where_greater,
)
from playground.kernels.template import kernel
from playground.kernels.types import Pointer


def _counters() -> list[tuple[Pointer, int]]:
    return [(Pointer("control", LOSS), 1), (Pointer("control", CORRECT), 1)]


def _softmax_accesses(r: Any) -> Any:
    count, steps = r.groups * r.classes * r.lanes, r.groups * r.lanes
    reads = [(r.x, count), (r.y, count), (r.target, steps), (r.counted, steps), (Pointer("control", 0), LOSS + 1)]
    return reads, [(r.dx, count), (r.loss, r.lanes), *_counters()]


@kernel(_softmax_accesses)
def softmax_cross_entropy_steps(
    memory: Any, control: int, groups: int, classes: int, lanes: int, x: int, y: int, target: int, counted: int, dx: int, loss: int
) -> None:
    """The loss of each step that counts is -ln softmax(x)[target]; M of them count in the whole batch

    for lane in range(valid):
        for g in range(groups) if counted[g, lane]:
            t = target[g, lane]
            sum[lane] += max(x[g, :, lane]) - x[g, t, lane] - ln(max(y[g, :, lane]))
            for c in range(classes):
                dx[g, c, lane] = (y[g, c, lane] - (c == t)) / M
        loss[lane] = sum[lane] / (how many of its steps count)
        LOSS += sum[lane]

    dx is 0 at other steps.
    """
    valid = get_integer(control, VALID)
    scale = splat(1.0 / max(get_integer(control, COUNTED), 1))
    one = splat(1.0)
    zero = splat(0.0)
    for lane in range(0, lanes, WIDTH):
        part = lanes - lane
        live = valid - lane
        losses = zero
        right = zero
        own = zero
        for g in range(groups):
            at = g * classes * lanes + lane
            counts = load_part(memory, counted + g * lanes + lane, part)
            t = load_part(memory, target + g * lanes + lane, part)
            top = load_part(memory, x + at, part)
            best = zero
            likeliest = zero
            chosen = zero
            for c in range(classes):
                number = splat(float(c))
                v = load_part(memory, x + at + c * lanes, part)
                p = load_part(memory, y + at + c * lanes, part)
                best = where_greater(v, top, number, best)
                top = maximum(top, v)
                likeliest = maximum(likeliest, p)
                chosen = where_equal(t, number, v, chosen)
                d = (p - where_equal(t, number, one, zero)) * scale
                store_part(memory, dx + at + c * lanes, first_lanes(where_greater(counts, zero, d, zero), live), part)
            losses = losses + where_greater(counts, zero, top - chosen - log(likeliest), zero)
            right = right + where_greater(counts, zero, where_equal(best, t, one, zero), zero)
            own = own + counts
        losses = first_lanes(losses, live)
        store_part(memory, loss + lane, losses / maximum(own, one), part)
        set_float(control, LOSS, get_float(control, LOSS) + total(losses))
        set_integer(control, CORRECT, get_integer(control, CORRECT) + int(total(first_lanes(right, live))))


def _elementwise_accesses(r: Any, KIND: str) -> Any:
    count = r.groups * r.size * r.lanes
    reads = [(r.x, count), (r.y, count), (r.target, count), (r.counted, r.groups * r.lanes), (Pointer("control", 0), LOSS + 1)]
    return reads, [(r.dx, count), (r.loss, r.lanes), *_counters()]


@kernel(_elementwise_accesses, lambda isa: [{"KIND": kind} for kind in ("squared", "binary")])
def elementwise_loss_steps(
    memory: Any, control: int, KIND: str, groups: int, size: int, lanes: int, x: int, y: int, target: int, counted: int, dx: int, loss: int,
    factor: float, slope: float, middle: float,
) -> None:  # fmt: skip
    """A loss that adds up over the outputs of each step that counts; M of them count in the whole batch

    for lane in range(valid):
        for g in range(groups) if counted[g, lane]:
            for c in range(size):
                d = y[g, c, lane] - target[g, c, lane]
                sum[lane] += factor * d * d                                       # "squared"
                sum[lane] += factor * (softplus(x) - x * target)                  # "binary": y = sigmoid(x)
                dx[g, c, lane] = slope * d / M
        loss[lane] = sum[lane] / (how many of its steps count)
        LOSS += sum[lane]

    dx is 0 at other steps. A step is right if its largest output is the target's largest; a single output, if both lie on one side of
    ``middle``.
    """
    valid = get_integer(control, VALID)
    scale = splat(slope / max(get_integer(control, COUNTED), 1))
    one = splat(1.0)
    zero = splat(0.0)
    for lane in range(0, lanes, WIDTH):
        part = lanes - lane
        live = valid - lane
        losses = zero
        right = zero
        own = zero
        for g in range(groups):
            start = g * size * lanes + lane
            counts = load_part(memory, counted + g * lanes + lane, part)
            top = load_part(memory, y + start, part)
            goal = load_part(memory, target + start, part)
            best = zero
            aim = zero
            step = zero
            if size == 1:
                best = where_greater(top, splat(middle), one, zero)
                aim = where_greater(goal, splat(middle), one, zero)
            for c in range(size):
                at = start + c * lanes
                p = load_part(memory, y + at, part)
                t = load_part(memory, target + at, part)
                d = p - t
                if KIND == "squared":
                    step = fma(d, d, step)
                else:
                    v = load_part(memory, x + at, part)
                    step = step + (call("softplus", v) - v * t)
                store_part(memory, dx + at, first_lanes(where_greater(counts, zero, d * scale, zero), live), part)
                number = splat(float(c))
                best = where_greater(p, top, number, best)
                aim = where_greater(t, goal, number, aim)
                top = maximum(top, p)
                goal = maximum(goal, t)
            losses = losses + where_greater(counts, zero, step, zero)
            right = right + where_greater(counts, zero, where_equal(best, aim, one, zero), zero)
            own = own + counts
        losses = first_lanes(losses * splat(factor), live)
        store_part(memory, loss + lane, losses / maximum(own, one), part)
        set_float(control, LOSS, get_float(control, LOSS) + total(losses))
        set_integer(control, CORRECT, get_integer(control, CORRECT) + int(total(first_lanes(right, live))))
