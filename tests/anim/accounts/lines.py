"""A line of an account: one equation with all its numbers, each within what float32 may have made of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.anim.accounts.near import Near, stacked

Index = tuple[int, ...]
NOTHING = Near.exact(np.zeros(0))
EMPTY = np.zeros(0, int)


@dataclass(frozen=True)
class Line:
    """One equation: all factors in order (``counts`` of each term), what each term comes to, the result, numbers at its side."""

    role: str
    factors: Near
    counts: np.ndarray
    terms: Near
    result: Near
    sides: Near = NOTHING


def line(role: str, groups: Sequence[tuple[int, list[Near]]], result: Near, sides: Sequence[Near] = ()) -> Line:
    """``groups`` are terms of one shape: a sign, and a column for each factor."""
    factors, terms, counts = [], [], []
    for sign, columns in groups:
        rows = [Near(np.ravel(c.value), np.ravel(c.error)) for c in columns]
        factors.append(Near(np.stack([r.value for r in rows], 1).ravel(), np.stack([r.error for r in rows], 1).ravel()))
        term = math.prod(rows[1:], start=rows[0])
        terms.append(term if sign > 0 else -term)
        counts += [len(rows)] * term.value.size
    if not terms:
        return Line(role, NOTHING, EMPTY, NOTHING, result)
    return Line(role, stacked(factors), np.array(counts), stacked(terms), result, stacked(list(sides)) if sides else NOTHING)


def scalar(value: float) -> Near:
    return Near.constant(value)
