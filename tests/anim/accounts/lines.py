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

    def factors_of(self, terms: list[int]) -> Near:
        """Those of some of the terms, in their order."""
        if len(terms) == len(self.counts):
            return self.factors
        ends = np.cumsum(self.counts)
        return self.factors[[at for i in terms for at in range(ends[i] - self.counts[i], ends[i])]]


def line(role: str, groups: Sequence[tuple[int, list[Near]]], result: Near, sides: Sequence[Near] = ()) -> Line:
    """``groups`` are terms of one shape: a sign, and a column for each factor."""
    factors, terms, counts = [], [], []
    for sign, columns in groups:
        rows = [column.reshape(-1) for column in columns]
        factors.append(_woven(rows))
        term = math.prod(rows[1:], start=rows[0])
        terms.append(term if sign > 0 else -term)
        counts += [len(rows)] * term.value.size
    if not terms:
        return Line(role, NOTHING, EMPTY, NOTHING, result)
    return Line(role, stacked(factors), np.array(counts), stacked(terms), result, stacked(list(sides)) if sides else NOTHING)


def _woven(rows: Sequence[Near]) -> Near:
    """The first of each row, the second of each, and so on."""
    if len(rows) == 1:
        return rows[0]
    value, error = np.empty((2, rows[0].value.size, len(rows)))
    for at, row in enumerate(rows):
        value[:, at], error[:, at] = row.value, row.error
    return Near(value.reshape(-1), error.reshape(-1))


def scalar(value: float) -> Near:
    return Near.constant(value)
