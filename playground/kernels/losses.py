"""Softmax, its derivative, and the losses: one row gives a micro-batch's losses, right predictions and first gradient."""

from __future__ import annotations

from typing import Any

from playground.errors import EngineError
from playground.kernels.control import CORRECT, INVERSE_COUNT, LOSS, VALID
from playground.kernels.language import (
    WIDTH,
    call,
    exp,
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
from playground.kernels.losses_steps import elementwise_loss_steps, softmax_cross_entropy_steps
from playground.kernels.operations import CONTROL_BLOCK, Options, Roles, operation, same_sizes, size_of
from playground.kernels.template import kernel
from playground.kernels.types import Pointer, Region, Row, Target


@kernel(lambda r: ([(r.x, r.groups * r.classes * r.lanes)], [(r.y, r.groups * r.classes * r.lanes)]))
def softmax(memory: Any, groups: int, classes: int, lanes: int, x: int, y: int) -> None:
    """y[c] = e^(x[c] - max x) / sum_c e^(x[c] - max x), for each group and lane

    for g in range(groups):
        for lane in range(lanes):
            top = max(x[g, c, lane] for c in range(classes))
            s = sum(exp(x[g, c, lane] - top) for c in range(classes))
            for c in range(classes):
                y[g, c, lane] = exp(x[g, c, lane] - top) / s
    """
    for g in range(groups):
        for lane in range(0, lanes, WIDTH):
            at = g * classes * lanes + lane
            part = lanes - lane
            top = load_part(memory, x + at, part)
            for c in range(1, classes):
                top = maximum(top, load_part(memory, x + at + c * lanes, part))
            s = splat(0.0)
            for c in range(classes):
                e = exp(load_part(memory, x + at + c * lanes, part) - top)
                store_part(memory, y + at + c * lanes, e, part)
                s = s + e
            scale = splat(1.0) / s
            for c in range(classes):
                store_part(memory, y + at + c * lanes, load_part(memory, y + at + c * lanes, part) * scale, part)


def _softmax_backward_accesses(r: Any) -> Any:
    count = r.groups * r.classes * r.lanes
    return [(r.y, count), (r.dy, count)], [(r.dx, count)]


@kernel(_softmax_backward_accesses)
def softmax_backward(memory: Any, groups: int, classes: int, lanes: int, y: int, dy: int, dx: int) -> None:
    """dx[c] = y[c] * (dy[c] - sum_k y[k] dy[k])

    for g, lane: s = sum(y[g, c, lane] * dy[g, c, lane] for c in range(classes))
              dx[g, c, lane] = y[g, c, lane] * (dy[g, c, lane] - s)
    """
    for g in range(groups):
        for lane in range(0, lanes, WIDTH):
            at = g * classes * lanes + lane
            part = lanes - lane
            s = splat(0.0)
            for c in range(classes):
                s = fma(load_part(memory, y + at + c * lanes, part), load_part(memory, dy + at + c * lanes, part), s)
            for c in range(classes):
                d = load_part(memory, y + at + c * lanes, part) * (load_part(memory, dy + at + c * lanes, part) - s)
                store_part(memory, dx + at + c * lanes, d, part)


def _counters() -> list[tuple[Pointer, int]]:
    return [(Pointer("control", LOSS), 1), (Pointer("control", CORRECT), 1)]


def _cross_entropy_accesses(r: Any) -> Any:
    count = r.groups * r.classes * r.lanes
    reads = [(r.x, count), (r.y, count), (r.target, r.groups * r.lanes), (Pointer("control", 0), LOSS + 1)]
    return reads, [(r.dx, count), (r.loss, r.lanes), *_counters()]


@kernel(_cross_entropy_accesses)
def softmax_cross_entropy(
    memory: Any, control: int, groups: int, classes: int, lanes: int, x: int, y: int, target: int, dx: int, loss: int
) -> None:
    """loss = -ln softmax(x)[target], dx = (y - one_hot(target)) / N, for y = softmax(x) and target a class number

    for lane in range(valid):
        for g in range(groups):                 # positions of a sequence; one otherwise
            t = target[g, lane]
            loss[lane] += (max(x[g, :, lane]) - x[g, t, lane] - ln(max(y[g, :, lane]))) / groups
            for c in range(classes):
                dx[g, c, lane] = (y[g, c, lane] - (c == t)) / (N * groups)

    since max y = 1 / sum e^(x - max x). Lanes past ``valid`` get zeros.
    """
    valid = get_integer(control, VALID)
    share = 1.0 / groups
    scale = splat(get_float(control, INVERSE_COUNT) * share)
    one = splat(1.0)
    zero = splat(0.0)
    for lane in range(0, lanes, WIDTH):
        part = lanes - lane
        live = valid - lane
        losses = zero
        right = zero
        for g in range(groups):
            at = g * classes * lanes + lane
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
                store_part(memory, dx + at + c * lanes, first_lanes(d, live), part)
            losses = losses + (top - chosen - log(likeliest))
            right = right + where_equal(best, t, one, zero)
        losses = first_lanes(losses * splat(share), live)
        store_part(memory, loss + lane, losses, part)
        set_float(control, LOSS, get_float(control, LOSS) + total(losses))
        set_integer(control, CORRECT, get_integer(control, CORRECT) + int(total(first_lanes(right, live))))


def _elementwise_accesses(r: Any, KIND: str) -> Any:
    count = r.size * r.lanes
    reads = [(r.x, count), (r.y, count), (r.target, count), (Pointer("control", 0), LOSS + 1)]
    return reads, [(r.dx, count), (r.loss, r.lanes), *_counters()]


@kernel(_elementwise_accesses, lambda isa: [{"KIND": kind} for kind in ("squared", "binary")])
def elementwise_loss(
    memory: Any, control: int, KIND: str, size: int, lanes: int, x: int, y: int, target: int, dx: int, loss: int,
    factor: float, slope: float, middle: float,
) -> None:  # fmt: skip
    """A loss that adds up over the outputs; ``factor`` and ``slope`` tell half, mean and sum apart

    for lane in range(valid):
        for c in range(size):
            d = y[c, lane] - target[c, lane]
            loss[lane] += factor * d * d                                       # "squared"
            loss[lane] += factor * (softplus(x[c, lane]) - x[c, lane] * target[c, lane])    # "binary": y = sigmoid(x)
            dx[c, lane] = slope * d / N

    A prediction is right if its largest output is the target's largest; a single output, if both lie on one side of ``middle``.
    """
    valid = get_integer(control, VALID)
    scale = splat(get_float(control, INVERSE_COUNT) * slope)
    one = splat(1.0)
    zero = splat(0.0)
    for lane in range(0, lanes, WIDTH):
        part = lanes - lane
        live = valid - lane
        losses = zero
        top = load_part(memory, y + lane, part)
        goal = load_part(memory, target + lane, part)
        best = zero
        aim = zero
        if size == 1:
            best = where_greater(top, splat(middle), one, zero)
            aim = where_greater(goal, splat(middle), one, zero)
        for c in range(size):
            at = c * lanes + lane
            p = load_part(memory, y + at, part)
            t = load_part(memory, target + at, part)
            d = p - t
            if KIND == "squared":
                losses = fma(d, d, losses)
            else:
                v = load_part(memory, x + at, part)
                losses = losses + (call("softplus", v) - v * t)
            store_part(memory, dx + at, first_lanes(d * scale, live), part)
            number = splat(float(c))
            best = where_greater(p, top, number, best)
            aim = where_greater(t, goal, number, aim)
            top = maximum(top, p)
            goal = maximum(goal, t)
        losses = first_lanes(losses * splat(factor), live)
        store_part(memory, loss + lane, losses, part)
        set_float(control, LOSS, get_float(control, LOSS) + total(losses))
        set_integer(control, CORRECT, get_integer(control, CORRECT) + int(total(first_lanes(where_equal(best, aim, one, zero), live))))


LOSSES = ("half_squared_error", "mean_squared_error", "binary_cross_entropy", "softmax_cross_entropy")


def _groups(region: Region) -> tuple[int, int]:
    classes = region.shape[-1] if region.shape else 1
    return size_of(region) // classes, classes


@operation("softmax", writes=("y",))
def softmax_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    x, y = roles["x"], roles["y"]
    same_sizes("softmax", x, y)
    groups, classes = _groups(x)
    return [softmax.row(groups=groups, classes=classes, lanes=target.lanes, x=x.start, y=y.start)]


@operation("softmax_backward", writes=("dx",))
def softmax_backward_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    y, dy, dx = roles["y"], roles["dy"], roles["dx"]
    same_sizes("softmax_backward", y, dy, dx)
    groups, classes = _groups(y)
    return [softmax_backward.row(groups=groups, classes=classes, lanes=target.lanes, y=y.start, dy=dy.start, dx=dx.start)]


@operation("loss", writes=("dx", "loss"))
def loss_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """Options ``kind`` (one of LOSSES), ``low`` and ``high`` (the targets' two values). Region ``loss`` holds one number a lane.

    Of a sequence (T, F) every loss is the mean over its steps: half squared error sums over the outputs of one step. With role
    ``counted`` (T) it is over those steps alone, and their number in the whole batch divides the gradient.
    """
    kind = options["kind"]
    x, y, goal, dx, loss = (roles[name] for name in ("x", "y", "target", "dx", "loss"))
    common = {
        "control": CONTROL_BLOCK,
        "lanes": target.lanes,
        "x": x.start,
        "y": y.start,
        "target": goal.start,
        "dx": dx.start,
        "loss": loss.start,
    }
    if kind not in LOSSES:
        raise EngineError(f"there is no loss '{kind}'.", remedy=f"Known: {', '.join(LOSSES)}.")
    same_sizes("loss", x, y, dx)
    counted = roles.get("counted")
    size = size_of(x)
    if kind == "softmax_cross_entropy":
        groups, classes = _groups(x)
        if size_of(goal) != groups:
            raise EngineError(f"the target of a softmax cross-entropy is one class number, got shape {goal.shape}.")
        if counted is not None:
            return [softmax_cross_entropy_steps.row(groups=groups, classes=classes, counted=counted.start, **common)]
        return [softmax_cross_entropy.row(groups=groups, classes=classes, **common)]
    same_sizes("loss", x, goal)
    steps = x.shape[0] if len(x.shape) == 2 else 1
    middle = (options.get("low", 0.0) + options.get("high", 1.0)) / 2
    form = {"KIND": "binary" if kind == "binary_cross_entropy" else "squared"}
    if counted is not None:
        groups, wide = _groups(x)
        factor, slope = (0.5, 1.0) if kind == "half_squared_error" else (1 / wide, (1 if form["KIND"] == "binary" else 2) / wide)
        numbers = {"factor": factor, "slope": slope, "middle": middle}
        return [elementwise_loss_steps.row(constants=form, groups=groups, size=wide, counted=counted.start, **numbers, **common)]
    factor, slope = {
        "half_squared_error": (0.5 / steps, 1 / steps),
        "mean_squared_error": (1 / size, 2 / size),
        "binary_cross_entropy": (1 / size, 1 / size),
    }[kind]
    return [elementwise_loss.row(constants=form, size=size, factor=factor, slope=slope, middle=middle, **common)]
