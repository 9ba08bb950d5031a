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
from playground.sentences import Sentence, say

if TYPE_CHECKING:  # the stepper finds by this module
    from playground.engine.program.stepper import Stepper

REMEDY = say("Lower the learning rate, clip the gradient, or start from smaller weights.")
KEPT = say("The weights are as before that step.")
SIZE_REMEDY = say("Lower the learning rate, or scale the data and its targets to numbers around 1.")
KEEPS = {"velocity": say("velocity"), "mean": say("mean gradient"), "square": say("mean squared gradient")}
"""The optimizers' slots in words."""
DATA_REMEDY = say("No setting of the training helps: mend that sample or leave it out.")
WHAT = {"loss": say("loss"), "output": say("output"), "gradient": say("gradient"), "weight": say("weight")}
"""What of a node is not finite, in words."""


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
    found = say("the {what} of {node} is no longer a finite number", what=WHAT[what], node=node)
    return _told(Divergence(step, node, what, ""), found, REMEDY)


def _told(at: Divergence, found: Sentence, remedy: Sentence) -> Divergence:
    """``at`` with its words; what no button can mend is said in the short ones too."""
    text = say("Step {step}: {found}. {kept} {remedy}", step=at.step, found=found, kept=KEPT, remedy=remedy)
    short = say("Step {step}: {found}. {remedy}", step=at.step, found=found, remedy=remedy) if at.data else ""
    return replace(at, text=text, short=short or say("Step {step}: {found}.", step=at.step, found=found))


def unplaced(step: int, node: str) -> Divergence:
    """Where a sum over the batch overflowed but no single number did; ``node`` is the Output, whose losses are summed."""
    found = say("a sum over the batch is too large, though every single number is still finite")
    return _told(Divergence(step, node, "sum", ""), found, REMEDY)


# -- why
def explained(found: Divergence, stepper: Stepper) -> Divergence:
    """``found`` with the cause in words. ``stepper`` stands before the step that diverged; it is left as it is."""
    if not np.isfinite(stepper.plan.parameters).all():
        return found  # broken before any sample came in
    return _broken_sample(found, stepper) or (_overflow(found, stepper) if found.what in ("sum", "loss") else found)


def _broken_sample(found: Divergence, stepper: Stepper) -> Divergence | None:
    """The first sample of the batch whose inputs or targets are not finite."""
    samples, lowered = stepper.samples, stepper.lowered
    for values, what, node in ((samples.x, "output", next(iter(lowered.inputs))), (samples.y, "target", lowered.output)):
        rows = values.reshape(samples.samples, -1)[stepper.batch]
        broken = np.argwhere(~np.isfinite(rows))
        if len(broken):
            lane, place = broken[0]
            number = say("a NaN") if np.isnan(rows[lane, place]) else say("an infinity")
            at = say(", its number {place} of {width}", place=place + 1, width=rows.shape[1]) if rows.shape[1] > 1 else ""
            sample = say("sample {sample} of the training data", sample=stepper.batch[lane])
            text = say("{sample} has {number}{at}", sample=sample, number=number, at=at)
            if what == "target":
                text = say("{sample} has as its target {number}{at}", sample=sample, number=number, at=at)
            return _told(replace(found, node=node, what=what, data=True), text, DATA_REMEDY)
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
        text = say(
            "the loss of {node} is too large for a number of {bits} bits, though its predictions are still finite",
            node=found.node,
            bits=bits,
        )
    elif bad and not np.isfinite(loss):
        text = say("the batch's losses add up to more than a number of {bits} bits can hold, though each of them is finite", bits=bits)
    elif bad and not np.isfinite(norm):
        node, size = steepest
        found = replace(found, node=node, what="gradient norm")
        text = say(
            "the gradient is too long to be measured and clipped: its squares are more than {bits} bits can hold "
            "(largest entry {size:.2g}, {node}'s)",
            bits=bits,
            size=size,
            node=node,
        )
    else:
        slots = zip(SLOTS[stepper.training.optimizer], states, strict=True)
        broken = ((slot, find_in_weights(stepper.lowered, plan.layout, state, step, "weight")) for slot, state in slots)
        slot, place = next(((slot, place) for slot, place in broken if place is not None), ("", None))
        if place is None:
            return found
        found = replace(found, node=place.node, what="optimizer state")
        text = say(
            "the {kept} that the optimizer keeps for {node} is more than {bits} bits can hold "
            "(largest gradient entry {size:.2g}, {steepest}'s)",
            kept=KEEPS[slot],
            node=place.node,
            bits=bits,
            size=steepest[1],
            steepest=steepest[0],
        )
    return _told(found, text, SIZE_REMEDY)


def _largest(layout: ParameterLayout, flat: NDArray[np.floating]) -> tuple[str, float]:
    """The node with the entry that is largest in size, and that size."""
    sizes = {placed.node: float(np.abs(flat[placed.start : placed.end]).max(initial=0.0)) for placed in layout.placed.values()}
    return max(sizes.items(), key=lambda item: item[1], default=("", 0.0))
