"""Where the numbers left the range: the first node in pass order whose weights, outputs or gradients are not finite, and why.

``find_*`` say where; :func:`explained` looks at the cause: a sample that was not finite to begin with, a sum that overflowed while
each of its terms is finite, the optimizer's own memory.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from playground.engine.program.arena import ParameterLayout
from playground.engine.program.lowering import Lowered, gradient_of
from playground.engine.program.optimizers import SLOTS
from playground.engine.program.plan import Plan
from playground.engine.program.results import Divergence

if TYPE_CHECKING:  # the stepper finds by this module
    from playground.engine.program.stepper import Stepper

REMEDY = "Lower the learning rate, clip the gradient, or start from smaller weights."
KEPT = "The weights are as before that step."
SIZE_REMEDY = "Lower the learning rate, or scale the data and its targets to numbers around 1."
KEEPS = {"velocity": "velocity", "mean": "mean gradient", "square": "mean squared gradient"}
"""The optimizers' slots in words."""
DATA_REMEDY = "No setting of the training helps: mend that sample or leave it out."


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
    return Divergence(step, node, what, f"Step {step}: the {what} of {node} is no longer a finite number. {KEPT} {REMEDY}")


def unplaced(step: int, node: str) -> Divergence:
    """Where a sum over the batch overflowed but no single number did; ``node`` is the Output, whose losses are summed."""
    text = f"Step {step}: a sum over the batch is too large, though every single number is still finite. {KEPT} {REMEDY}"
    return Divergence(step, node, "sum", text)


# -- why
def explained(found: Divergence, stepper: Stepper) -> Divergence:
    """``found`` with the cause in words. ``stepper`` stands before the step that diverged; it is left as it is."""
    if not np.isfinite(stepper.plan.parameters).all():
        return found  # broken before any sample came in
    return _broken_sample(found, stepper) or (_overflow(found, stepper) if found.what in ("sum", "loss") else found)


def _broken_sample(found: Divergence, stepper: Stepper) -> Divergence | None:
    """The first sample of the batch whose inputs or targets are not finite."""
    samples, lowered = stepper.samples, stepper.lowered
    for values, what, node in (
        (samples.x, "has", next(iter(lowered.inputs))),
        (samples.y, "has as its target", lowered.output),
    ):
        rows = values.reshape(samples.samples, -1)[stepper.batch]
        broken = np.argwhere(~np.isfinite(rows))
        if len(broken):
            lane, place = broken[0]
            number = "a NaN" if np.isnan(rows[lane, place]) else "an infinity"
            at = f", its number {place + 1} of {rows.shape[1]}" if rows.shape[1] > 1 else ""
            text = f"Step {found.step}: sample {stepper.batch[lane]} of the training data {what} {number}{at}. {KEPT} {DATA_REMEDY}"
            return replace(found, node=node, what="output" if what == "has" else "target", text=text, data=True)
    return None


def _overflow(found: Divergence, stepper: Stepper) -> Divergence:
    """The step once more, to see which of its sums overflowed."""
    plan, before, step = stepper.plan, stepper.save(), found.step
    plan.control.rates[0] = stepper.rate
    with np.errstate(over="ignore", invalid="ignore"):
        plan.program.run(1)
        bad, loss, norm = bool(plan.control.bad), plan.control.loss, plan.control.squared_norm
        states = [state.copy() for state in plan.states]
        steepest = _largest(plan.layout, plan.gradients)
        stepper.load(before)
    bits = plan.target.dtype.removeprefix("float")
    if found.what == "loss":
        text = f"the loss of {found.node} is too large for a number of {bits} bits, though its predictions are still finite"
    elif bad and not np.isfinite(loss):
        text = f"the batch's losses add up to more than a number of {bits} bits can hold, though each of them is finite"
    elif bad and not np.isfinite(norm):
        node, size = steepest
        found = replace(found, node=node, what="gradient norm")
        text = (
            f"the gradient is too long to be measured and clipped: its squares are more than a number of {bits} bits can hold, "
            f"though each entry is finite (the largest, {size:.2g}, is {node}'s)"
        )
    else:
        slots = zip(SLOTS[stepper.training.optimizer], states, strict=True)
        broken = ((slot, find_in_weights(stepper.lowered, plan.layout, state, step, "weight")) for slot, state in slots)
        slot, place = next(((slot, place) for slot, place in broken if place is not None), ("", None))
        if place is None:
            return found
        found = replace(found, node=place.node, what="optimizer state")
        text = (
            f"the {KEEPS[slot]} that the optimizer keeps for {place.node} is more than a number of {bits} bits can hold, "
            f"though gradients and weights are finite (the largest gradient entry, {steepest[1]:.2g}, is {steepest[0]}'s)"
        )
    return replace(found, text=f"Step {step}: {text}. {KEPT} {SIZE_REMEDY}")


def _largest(layout: ParameterLayout, flat: NDArray[np.floating]) -> tuple[str, float]:
    """The node with the entry that is largest in size, and that size."""
    sizes = {placed.node: float(np.abs(flat[placed.start : placed.end]).max(initial=0.0)) for placed in layout.placed.values()}
    return max(sizes.items(), key=lambda item: item[1], default=("", 0.0))
