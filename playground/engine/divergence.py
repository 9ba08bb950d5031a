"""Where the numbers left the range: the first node in pass order whose weights, outputs or gradients are not finite."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from playground.engine.arena import ParameterLayout
from playground.engine.lowering import Lowered, gradient_of
from playground.engine.plan import Plan
from playground.engine.snapshot import Divergence

REMEDY = "Lower the learning rate, clip the gradient, or start from smaller weights."


def find_in_pass(plan: Plan, valid: int, step: int) -> Divergence | None:
    """The first place in the pass that ``plan`` has just run where lanes below ``valid`` are not finite."""
    lowered = plan.lowered
    weights = find_in_weights(lowered, plan.layout, plan.parameters, step, "weight")
    if weights is not None:
        return weights
    for node in lowered.order:
        for value in lowered.named[node].values():
            if plan.has(value) and not np.isfinite(plan.value(value)[..., :valid]).all():
                what = "loss" if value.name == "loss" else "output"
                return _divergence(step, node, what)
    for node in reversed(lowered.order):
        for value in lowered.named[node].values():
            gradient = gradient_of(value)
            if plan.has(gradient) and not np.isfinite(plan.value(gradient)[..., :valid]).all():
                return _divergence(step, node, "gradient")
    return find_in_weights(lowered, plan.layout, plan.gradients, step, "gradient")


def find_in_weights(lowered: Lowered, layout: ParameterLayout, flat: NDArray[np.floating], step: int, what: str) -> Divergence | None:
    """The first node in pass order whose part of a flat range is not finite."""
    for node in lowered.order:
        for placed in layout.placed.values():
            if placed.node == node and not np.isfinite(flat[placed.start : placed.end]).all():
                return _divergence(step, node, what)
    return None


def _divergence(step: int, node: str, what: str) -> Divergence:
    text = f"Step {step}: the {what} of {node} is no longer a finite number. The weights are as before that step. {REMEDY}"
    return Divergence(step, node, what, text)


def unplaced(step: int, node: str) -> Divergence:
    """Where the loss's sum overflowed but no single number did."""
    return _divergence(step, node, "loss")
