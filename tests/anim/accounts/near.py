"""Numbers with a bound on what float32 may have done to them: first-order error analysis, carried along with the value in float64.

A value that the program computed in float32 from the same data lies within ``error`` of ``value``. The bounds are those of textbooks:
half a unit in the last place for each operation, n of them for a sum of n products, what a function's slope makes of its argument's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

UNIT = 2.0**-24
TINY = 1.2e-38
"""What float32 flushes to zero."""
FUNCTION = 8 * UNIT
"""Relative error of one call of exp, log, tanh ... in the kernels (they promise some 1e-7)."""


@dataclass(slots=True, eq=False)  # not frozen: millions are made, and each would take twice as long
class Near:
    """``value`` and how far a float32 computation may be from it; arrays of one shape, or NumPy's numbers."""

    value: Array
    error: Array

    @staticmethod
    def exact(value: object) -> Near:
        """Numbers given in float32 (or constants): nobody computed them."""
        array = np.asarray(value, np.float64)
        return Near(array, np.zeros(array.shape))

    @staticmethod
    def constant(value: float) -> Near:
        """A setting, given in float64 and rounded to float32 where it is used."""
        return Near(np.asarray(value, np.float64), np.asarray(abs(value) * UNIT))

    def __getitem__(self, index: object) -> Near:
        return Near(self.value[index], self.error[index])  # type: ignore[index]

    def reshape(self, *shape: int) -> Near:
        return Near(self.value.reshape(*shape), self.error.reshape(*shape))

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    def __add__(self, other: Near) -> Near:
        value = self.value + other.value
        return Near(value, self.error + other.error + UNIT * np.abs(value))

    def __neg__(self) -> Near:
        return Near(-self.value, self.error)

    def __sub__(self, other: Near) -> Near:
        return self + -other

    def __mul__(self, other: Near) -> Near:
        value = self.value * other.value
        spread = np.abs(self.value) * other.error + np.abs(other.value) * self.error + self.error * other.error
        return Near(value, spread + 2 * UNIT * np.abs(value) + np.where(value == 0, 0.0, TINY))

    def __truediv__(self, other: Near) -> Near:
        value = self.value / other.value
        least = np.maximum(np.abs(other.value) - other.error, 1e-300)
        return Near(value, (self.error + np.abs(value) * other.error) / least + 4 * UNIT * np.abs(value))

    def sum(self) -> Near:
        """All entries added up."""
        return Near(np.asarray(self.value.sum()), self.error.sum() + self.value.size * UNIT * np.abs(self.value).sum())

    def max(self) -> Near:
        return Near(np.asarray(self.value.max()), np.asarray(self.error.max()))

    def monotone(self, function: Callable[[Array], Array], least: float = -np.inf) -> Near:
        """``function`` of each entry, for one that only rises (or only falls)."""
        value = function(self.value)
        low, high = function(np.maximum(self.value - self.error, least)), function(self.value + self.error)
        return Near(value, np.maximum(np.abs(high - value), np.abs(low - value)) + FUNCTION * np.abs(value))

    def plus(self, error: Array | float) -> Near:
        """The same with a wider bound."""
        return Near(self.value, self.error + error)


def product(a: Near, b: Near) -> Near:
    """The matrix product of ``a`` (..., n) and ``b`` (n, m)."""
    terms = a.value.shape[-1]
    size = np.abs(a.value) @ np.abs(b.value)
    spread = np.abs(a.value) @ b.error + a.error @ np.abs(b.value) + a.error @ b.error
    return Near(a.value @ b.value, spread + (terms + 1) * UNIT * size)


def transposed(a: Near) -> Near:
    return Near(a.value.T, a.error.T)


def stacked(parts: list[Near]) -> Near:
    """Many numbers in one row."""
    if not parts:
        return Near.exact(np.zeros(0))
    if len(parts) == 1:
        return parts[0].reshape(-1)
    return Near(np.concatenate([p.value.ravel() for p in parts]), np.concatenate([p.error.ravel() for p in parts]))
