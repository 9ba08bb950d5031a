"""Ranges that grow in jumps, and where their ticks stand. Without Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from playground.ui.numbers import SUPERSCRIPT, count, number, percent

STEPS = (1.0, 2.0, 5.0, 10.0)
SHARES = (0.0, 0.2, 0.5, 0.8, 0.9)  # bottoms that give even ticks
Tick = tuple[float, str]


def round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten at or above ``value``."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return power * next(step for step in STEPS if value <= step * power * (1 + 1e-12))


@dataclass(slots=True)
class Axes:
    """The shown range of a chart. It only grows (until ``reset``), by jumps, so that a running curve does not make it tremble."""

    log: bool = False
    share: bool = False
    right: float = 100.0
    low: float = math.nan
    high: float = math.nan

    def reset(self) -> None:
        """Forget the range: another run, another scale."""
        self.right, self.low, self.high = 100.0, math.nan, math.nan

    def take_in(self, last_step: float, values: Iterable[np.ndarray]) -> None:
        """Grow so that ``last_step`` and all finite ``values`` are inside."""
        if last_step > self.right:
            self.right = round_up(last_step) if last_step < 1000 else math.ceil(last_step / _jump(last_step)) * _jump(last_step)
        for array in values:
            finite = array[np.isfinite(array) & (array > 0)] if self.log else array[np.isfinite(array)]
            if finite.size:
                self._stretch(float(finite.min()), float(finite.max()))

    def _stretch(self, low: float, high: float) -> None:
        if self.share:
            low, high = max(floor for floor in SHARES if floor <= max(low, 0.0)), 1.0
        elif self.log:
            low, high = 10.0 ** math.floor(math.log10(low) + 1e-9), _log_top(high)
        else:
            high = round_up(high) if high > 0 else 0.0
            low = -round_up(-low) if low < 0 else 0.0
        self.low = low if math.isnan(self.low) else min(self.low, low)
        self.high = high if math.isnan(self.high) else max(self.high, high)
        if self.high <= self.low:
            self.high = self.low * 10 if self.log else self.low + 1.0

    def ends(self) -> tuple[float, float]:
        """Bottom and top as drawn: exponents of ten on a log axis."""
        low, high = (self.low, self.high) if not math.isnan(self.low) else (0.01, 1.0) if self.log else (0.0, 1.0)
        return (math.log10(low), math.log10(high)) if self.log else (low, high)

    def x_ticks(self, pixels: float) -> list[Tick]:
        """Ticks of the step axis, about 70 px apart; the first reads "step 0"."""
        step = round_up(self.right / max(pixels / 70.0, 1.0))
        step = max(step, 1.0)
        places = np.arange(0, self.right + step / 2, step)
        return [(float(at), "step 0" if at == 0 else count(int(at))) for at in places]

    def y_ticks(self) -> list[Tick]:
        """Three or four ticks of the value axis, placed as drawn."""
        low, high = self.ends()
        if self.share:
            places = np.linspace(low, high, 3)
            return [(float(at), percent(float(at)).replace(".0", "")) for at in places]
        if self.log:
            decades = np.arange(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
            if len(decades) < 3:
                decades = _between(low, high) if len(_between(low, high)) <= 4 else decades
            stride = max(1, -(-len(decades) // 4))
            return [(float(at), _words(10.0**at, 1)) for at in decades[::-1][::stride]]
        return [(float(at), _words(float(at), 2)) for at in np.linspace(low, high, 3)]


def _jump(step: float) -> float:
    """How far the step axis jumps: a fifth of the power of ten above."""
    return float(10.0 ** math.floor(math.log10(step)) / 2)


def _between(low: float, high: float) -> np.ndarray:
    """Exponents of all 1, 2, 5 times a power of ten from ``low`` to ``high``, for a range that has too few decades."""
    places = [power + math.log10(step) for power in range(math.floor(low), math.ceil(high) + 1) for step in STEPS[:3]]
    return np.array([at for at in places if low - 1e-9 <= at <= high + 1e-9])


def _words(value: float, digits: int) -> str:
    """A tick in at most six characters: ``"0.01"``, ``"2,000"``, ``"120k"``, ``"10⁻⁴"``, ``"5×10⁷"``."""
    exponent = math.log10(value) if value > 0 else 0.0
    if abs(exponent - round(exponent)) < 1e-9 and not -3 <= exponent < 6:
        return f"10{str(round(exponent)).translate(SUPERSCRIPT)}"
    if 1e4 <= abs(value) < 1e6:
        return number(value / 1e3, digits, trim=True) + "k"
    return number(value, digits, trim=True)


def _log_top(high: float) -> float:
    """The next of 1, 2, 5 times a power of ten, so that a loss of 1.2 does not get an empty decade above it."""
    return round_up(high)
