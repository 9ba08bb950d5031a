"""The optimizers' state by name, and one update taken apart into its terms."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.document.model import Training
from playground.document.optimizers import OPTIMIZERS

Array = NDArray[Any]

SLOTS = {name: optimizer.state for name, optimizer in OPTIMIZERS.items()}
"""Names of the arrays that each optimizer keeps for every parameter, in the order of the arena's flat ranges."""

REPLANNED = (
    "optimizer",
    "momentum",
    "beta1",
    "beta2",
    "alpha",
    "epsilon",
    "weight_decay",
    "l1",
    "l2",
    "clip_norm",
    "clip_value",
    "batch_size",
)
"""Fields of the training that stand in the rows: a change of them makes new rows at a step boundary."""


def update_terms(
    training: Training, rate: float, clip: float, decays: bool, before: Array, after: Array, gradient: Array, state: list[Array]
) -> dict[str, Array]:
    """What one update took from a parameter, by name: ``before - sum(terms)`` is ``after`` but for rounding.

    ``gradient`` is the batch's, ``state`` the optimizer's arrays as they were before. Where the optimizer's rule is a sum
    (SGD, momentum, Nesterov) its parts are told apart; of RMSprop and Adam the step is one term, AdamW's decay another.
    """
    factor = {"sgd": 1.0, "momentum": 1.0, "nesterov": 1.0 + training.momentum}.get(training.optimizer)
    terms: dict[str, Array] = {}
    if factor is None:
        if training.optimizer == "adamw" and decays and training.weight_decay:
            terms["weight_decay"] = rate * training.weight_decay * before
        terms["step"] = before - after - sum(terms.values(), np.zeros_like(before))
        return terms
    used = clip * gradient
    if training.clip_value is not None:
        used = np.clip(used, -training.clip_value, training.clip_value)
    terms["gradient"] = rate * factor * used
    if decays and training.l2:
        terms["l2"] = rate * factor * training.l2 * before
    if decays and training.l1:
        terms["l1"] = rate * factor * training.l1 * np.sign(before)
    if training.optimizer == "momentum":
        terms["momentum"] = rate * training.momentum * state[0]
    elif training.optimizer == "nesterov":
        terms["momentum"] = rate * training.momentum**2 * state[0]
    return terms
