"""The step of the optimizer, in PyTorch's semantics, and the gradient's norm with clipping."""

from __future__ import annotations

import math
from typing import Any

from playground.errors import EngineError
from playground.kernels.control import CLIP, LARGEST, RATE, SQUARED_NORM, UPDATE_STEP
from playground.kernels.language import (
    WIDTH,
    fma,
    get_float,
    get_integer,
    load,
    scalar,
    set_float,
    splat,
    sqrt,
    store,
    total,
    where_greater,
)
from playground.kernels.operations import CONTROL_BLOCK, Options, Roles, as_list, operation
from playground.kernels.template import kernel
from playground.kernels.types import ALIGNMENT, Pointer, Row, Target

STATES = {"sgd": 0, "momentum": 1, "nesterov": 1, "rmsprop": 1, "adam": 2, "adamw": 2}
"""State slots (arrays as long as the parameters) that each optimizer keeps, all starting from zero."""

DEFAULTS: dict[str, dict[str, float]] = {
    "sgd": {},
    "momentum": {"momentum": 0.9},
    "nesterov": {"momentum": 0.9},
    "rmsprop": {"alpha": 0.99, "epsilon": 1e-8},
    "adam": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
    "adamw": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.01},
}
"""Constants of each optimizer: PyTorch's defaults (momentum has none there; 0.9 is usual)."""


def _update_accesses(r: Any, OPTIMIZER: str) -> Any:
    places = [(place, r.count) for place in (r.weight, r.first, r.second)[: 1 + STATES[OPTIMIZER]]]
    return [*places, (r.gradient, r.count), (Pointer("control", 0), RATE + 1)], places


@kernel(_update_accesses, lambda isa: [{"OPTIMIZER": name} for name in STATES])
def update(
    memory: Any, control: int, OPTIMIZER: str, count: int, weight: int, gradient: int, first: int, second: int, l1: float, l2: float,
    beta1: float, beta2: float, epsilon: float, decay: float, limit: float,
) -> None:  # fmt: skip
    """One step of the optimizer; torch.optim's formulas

    for i in range(count):
        g = gradient[i] * clip                     # brought into -limit .. limit where limit > 0
        g = g + l2 * w[i] + l1 * sign(w[i])
        sgd:       w -= rate * g
        momentum:  m = beta1 * m + g;  w -= rate * m
        nesterov:  m = beta1 * m + g;  w -= rate * (g + beta1 * m)
        rmsprop:   v = beta2 * v + (1 - beta2) * g * g;  w -= rate * g / (sqrt(v) + epsilon)
        adam:      m = beta1 * m + (1 - beta1) * g;  v = beta2 * v + (1 - beta2) * g * g
                   w -= rate / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) + epsilon)
        adamw:     w -= rate * decay * w, then as adam
    """
    rate = get_float(control, RATE)
    clip = splat(get_float(control, CLIP))
    shrink = splat(l2)
    pull = splat(l1)
    zero = splat(0.0)
    b1 = splat(beta1)
    b2 = splat(beta2)
    c2 = splat(1.0 - beta2)
    eps = splat(epsilon)
    pace = splat(-rate)
    most = splat(limit)
    least = splat(-limit)
    if OPTIMIZER == "adam" or OPTIMIZER == "adamw":
        t = float(get_integer(control, UPDATE_STEP) + 1)
        pace = splat(-rate / (1.0 - beta1**t))
        c1 = splat(1.0 - beta1)
        correction = splat(1.0 / math.sqrt(1.0 - beta2**t))
        keep = splat(1.0 - rate * decay)
    for i in range(0, count, WIDTH):
        w = load(memory, weight + i)
        g = load(memory, gradient + i) * clip
        if limit > 0.0:
            g = where_greater(g, most, most, where_greater(least, g, least, g))
        if l2 != 0.0:
            g = fma(shrink, w, g)
        if l1 != 0.0:
            g = g + where_greater(w, zero, pull, where_greater(zero, w, -pull, zero))
        if OPTIMIZER == "sgd":
            w = fma(pace, g, w)
        elif OPTIMIZER == "momentum":
            m = fma(b1, load(memory, first + i), g)
            store(memory, first + i, m)
            w = fma(pace, m, w)
        elif OPTIMIZER == "nesterov":
            m = fma(b1, load(memory, first + i), g)
            store(memory, first + i, m)
            w = fma(pace, fma(b1, m, g), w)
        elif OPTIMIZER == "rmsprop":
            v = fma(b2, load(memory, first + i), c2 * g * g)
            store(memory, first + i, v)
            w = fma(pace, g / (sqrt(v) + eps), w)
        else:
            m = fma(b1, load(memory, first + i), c1 * g)
            v = fma(b2, load(memory, second + i), c2 * g * g)
            store(memory, first + i, m)
            store(memory, second + i, v)
            if OPTIMIZER == "adamw":
                w = w * keep
            w = fma(pace, m / fma(sqrt(v), correction, eps), w)
        store(memory, weight + i, w)


_SQUARED_NORM = (Pointer("control", SQUARED_NORM), 1)


@kernel(lambda r: ([(r.gradient, r.count), _SQUARED_NORM], [_SQUARED_NORM]))
def squared_norm(memory: Any, control: int, count: int, gradient: int) -> None:
    """for i in range(count): SQUARED_NORM += gradient[i] ** 2, blocks of 64 vectors adding up in float64"""
    result = get_float(control, SQUARED_NORM)
    for block in range(0, count, 64 * WIDTH):
        s = splat(0.0)
        for i in range(block, min(block + 64 * WIDTH, count), WIDTH):
            g = load(memory, gradient + i)
            s = fma(g, g, s)
        result += total(s)
    set_float(control, SQUARED_NORM, result)


@kernel(lambda r: ([_SQUARED_NORM], [(Pointer("control", CLIP), 1)]))
def clip(memory: Any, control: int, most: float) -> None:
    """CLIP = min(1, most / (norm + 1e-6)): torch.nn.utils.clip_grad_norm_"""
    factor = most / (math.sqrt(get_float(control, SQUARED_NORM)) + 1e-6)
    set_float(control, CLIP, 1.0 if factor > 1.0 else factor)


_LARGEST = (Pointer("control", LARGEST), 1)


@kernel(lambda r: ([(r.gradient, r.count), (Pointer("control", 0), LARGEST + 1)], [_LARGEST]))
def largest(memory: Any, control: int, count: int, gradient: int) -> None:
    """for i in range(count): LARGEST = max(LARGEST, abs(gradient[i]) * CLIP)"""
    found = scalar(0.0)
    for i in range(count):
        g = memory[gradient + i]
        size = g if g > 0.0 else -g
        found = size if size > found else found
    set_float(control, LARGEST, max(get_float(control, LARGEST), found * get_float(control, CLIP)))


@operation("update", writes=("parameter", "state"))
def update_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """Roles gradient, parameter, state (list); each a range of whole padded rows, extents equal.

    Options: ``optimizer``, its constants (:data:`DEFAULTS` stand in), ``decays`` (whether l1, l2 and AdamW's decay act
    on this range), ``l1``, ``l2``, ``clip_value`` (largest entry of the gradient by size, after clipping by norm; ``None``: any).
    """
    optimizer = options["optimizer"]
    if optimizer not in STATES:
        raise EngineError(f"there is no optimizer '{optimizer}'.", remedy=f"Known: {', '.join(STATES)}.")
    gradient, parameter, state = roles["gradient"], roles["parameter"], as_list(roles.get("state") or [])
    if (
        len(state) != STATES[optimizer]
        or any(region.extent != parameter.extent for region in (gradient, *state))
        or parameter.extent % ALIGNMENT
    ):
        raise EngineError(f"operation 'update' got ranges that do not fit optimizer '{optimizer}'.")
    constants = DEFAULTS[optimizer] | {key: float(options[key]) for key in DEFAULTS[optimizer] if key in options}
    decays = bool(options.get("decays", True))
    l1, l2 = (float(options.get(name, 0.0)) if decays else 0.0 for name in ("l1", "l2"))
    starts = [region.start for region in state] + [0, 0]
    return [
        update.row(
            constants={"OPTIMIZER": optimizer},
            control=CONTROL_BLOCK,
            count=parameter.extent,
            weight=parameter.start,
            gradient=gradient.start,
            first=starts[0],
            second=starts[1],
            l1=l1,
            l2=l2,
            beta1=constants.get("beta1", constants.get("momentum", 0.0)),
            beta2=constants.get("beta2", constants.get("alpha", 0.0)),
            epsilon=constants.get("epsilon", 0.0),
            decay=constants.get("weight_decay", 0.0) if decays else 0.0,
            limit=float(options.get("clip_value") or 0.0),
        )
    ]


@operation("norm")
def norm_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """Adds the squared norm of range ``gradient`` to the control block's; it is zero at a step's begin."""
    return [squared_norm.row(control=CONTROL_BLOCK, count=roles["gradient"].extent, gradient=roles["gradient"].start)]


@operation("largest")
def largest_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """After ``clip``: the largest entry of range ``gradient``, by size, for the control block; it is zero at a step's begin."""
    return [largest.row(control=CONTROL_BLOCK, count=roles["gradient"].extent, gradient=roles["gradient"].start)]


@operation("clip")
def clip_operation(roles: Roles, options: Options, target: Target) -> list[Row]:
    """After all ``norm`` rows: scale the update's gradient so that its norm is at most ``most``."""
    return [clip.row(control=CONTROL_BLOCK, most=float(options["most"]))]
