"""Naive sequences, one sample at a time: what is done over time, with a mask of the steps that are real; tokens."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def _real(mask: Array | None, steps: int) -> list[int]:
    return [t for t in range(steps) if mask is None or mask[t]]


def last(x: Array, mask: Array | None = None) -> Array:
    """The row of the last step that is real."""
    return x[_real(mask, len(x))[-1]]


def mean(x: Array, mask: Array | None = None) -> Array:
    """The mean row of the steps that are real."""
    steps, total = _real(mask, len(x)), np.zeros(x.shape[1])
    for t in steps:
        total = total + x[t]
    return total / len(steps)


def largest(x: Array, mask: Array | None = None) -> tuple[Array, Array]:
    """Of each feature the largest number of the steps that are real, and the first step that has it; not-a-number is largest."""
    best, winners = np.zeros(x.shape[1]), np.zeros(x.shape[1], int)
    for k in range(x.shape[1]):
        best[k] = x[0, k]
        for t in _real(mask, len(x)):
            if not np.isnan(best[k]) and (np.isnan(x[t, k]) or x[t, k] > best[k]):
                best[k], winners[k] = x[t, k], t
    return best, winners


def embedding(tokens: Array, weight: Array) -> Array:
    """The row of each symbol; zeros for a number that is none."""
    rows = [weight[int(token)] if 0 <= token < len(weight) else np.zeros(weight.shape[1]) for token in tokens]
    return np.array(rows)


def embedding_gradient(tokens: Array, dy: Array, symbols: int) -> Array:
    """The errors of each symbol's row, added up."""
    gradient = np.zeros((symbols, dy.shape[1]))
    for token, error in zip(tokens, dy, strict=True):
        if 0 <= token < symbols:
            gradient[int(token)] += error
    return gradient
