"""Naive attention, in float64, one sample at a time, straight from the formulas: forward, and the errors back to what came in."""

from __future__ import annotations

import math

import numpy as np

Array = np.ndarray
NEVER = -1e9
"""The match of a step that is not real."""


def forward(query: Array, value: Array, key: Array, scale: float, mask: Array | None = None) -> dict[str, Array]:
    """``scores`` (I, J), ``weights`` (I, J), ``output`` (I, G): z_ij = scale q_i k_j, softmax over j, the mean of the values."""
    scores, weights, output = (np.zeros(shape) for shape in ((len(query), len(key)),) * 2 + ((len(query), value.shape[1]),))
    for i in range(len(query)):
        for j in range(len(key)):
            real = mask is None or mask[j] != 0
            scores[i, j] = scale * sum(float(query[i, f]) * float(key[j, f]) for f in range(key.shape[1])) if real else NEVER
        powers = [math.exp(z - max(scores[i])) for z in scores[i]]
        for j in range(len(key)):
            weights[i, j] = powers[j] / sum(powers)
        for g in range(value.shape[1]):
            output[i, g] = sum(float(weights[i, j]) * float(value[j, g]) for j in range(len(key)))
    return {"scores": scores, "weights": weights, "output": output}


def backward(query: Array, value: Array, key: Array, scale: float, weights: Array, error: Array) -> dict[str, Array]:
    """The loss's derivative by ``weights``, ``scores``, ``value``, ``query`` and ``key``, from ``error`` (I, G), that by the output."""
    shapes = {"weights": weights.shape, "scores": weights.shape, "value": value.shape, "query": query.shape, "key": key.shape}
    found = {name: np.zeros(shape) for name, shape in shapes.items()}
    for i in range(len(query)):
        for j in range(len(key)):
            for g in range(value.shape[1]):
                found["weights"][i, j] += error[i, g] * value[j, g]
                found["value"][j, g] += weights[i, j] * error[i, g]
        for j in range(len(key)):
            for other in range(len(key)):
                slope = weights[i, other] * ((1.0 if other == j else 0.0) - weights[i, j])
                found["scores"][i, j] += found["weights"][i, other] * slope
        for j in range(len(key)):
            for f in range(key.shape[1]):
                found["query"][i, f] += scale * found["scores"][i, j] * key[j, f]
                found["key"][j, f] += scale * found["scores"][i, j] * query[i, f]
    return found
