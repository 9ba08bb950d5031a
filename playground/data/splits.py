"""How samples are shared out among training, validation and test."""

from __future__ import annotations

import numpy as np

from playground.data.spec import Array
from playground.fields import Field

SEED_FIELD = Field(
    "seed", "int", 0, "Draws the samples and shares them out; the same seed gives the same data.", minimum=0, maximum=2**31 - 1
)


def split_fields(validation: float, test: float) -> tuple[Field, Field]:
    """The two fractions, with a set's own defaults. Training gets the rest, at least a tenth."""
    return (
        Field("validation", "float", validation, "Share of the samples kept for validation while training.", minimum=0.05, maximum=0.45),
        Field("test", "float", test, "Share of the samples kept for the test at the end.", minimum=0.05, maximum=0.45),
    )


def share_out(y: Array, validation: float, test: float, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Indices of the three parts, each in random order and, where ``y`` (N,) is classes, with the classes in proportion.

    ``round(N * fraction)`` samples, but at least one, go to validation and to test. A sample's rank within its class, as a
    share of that class, sorts them; so every stretch of the order holds the classes in proportion.
    """
    order = rng.permutation(len(y))
    if y.ndim == 1:
        rank = np.empty(len(y))
        for label in np.unique(y):
            members = np.flatnonzero(y[order] == label)
            rank[members] = (np.arange(len(members)) + 0.5) / len(members)
        order = order[np.argsort(rank, kind="stable")]
    first = max(1, round(len(y) * validation))
    second = first + max(1, round(len(y) * test))
    parts = order[second:], order[:first], order[first:second]
    train, valid, held_out = (rng.permutation(part) for part in parts)
    return train, valid, held_out
