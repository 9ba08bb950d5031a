"""Ranges that grow in jumps, and where their ticks stand. Without Qt."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from playground.ui.numbers import LARGE, MINUS, SMALL, SUPERSCRIPT, count, number, percent

STEPS = (1.0, 2.0, 5.0, 10.0)
SLACK = 1 + 1e-6
"""float32's 0.2 is a little more than 0.2, and is not to get the axis of 0.5."""
SHARES = (0.0, 0.2, 0.5, 0.8, 0.9)  # bottoms that give even ticks
FIRST_SPAN = 20.0
"""Steps that a chart shows before there are more: few enough to tell single ones apart."""
Tick = tuple[float, str]


def round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten at or above ``value``."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return power * next(step for step in STEPS if value <= step * power * SLACK)


def round_down(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten at or below a positive ``value``."""
    power = 10.0 ** math.floor(math.log10(value) + 1e-12)
    return power * next(step for step in STEPS[::-1] if value >= step * power / SLACK)


@dataclass(slots=True)
class Axes:
    """The shown range of a chart. It only grows (until ``reset``), by jumps, so that a running curve does not make it tremble."""

    log: bool = False
    share: bool = False
    right: float = FIRST_SPAN
    low: float = math.nan
    high: float = math.nan

    def reset(self) -> None:
        """Forget the range: another run, another scale."""
        self.right, self.low, self.high = FIRST_SPAN, math.nan, math.nan

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
            low, high = round_down(low), round_up(high)  # a loss of 1.2 gets no empty decade above it
        else:
            high = round_up(high) if high > 0 else 0.0
            low = -round_up(-low) if low < 0 else 0.0
        self.low = low if math.isnan(self.low) else min(self.low, low)
        self.high = high if math.isnan(self.high) else max(self.high, high)
        if self.high <= self.low and self.log:
            self.low, self.high = round_down(self.low / 2), round_up(self.high * 2)
        elif self.high <= self.low:
            self.high = self.low + 1.0

    def ends(self) -> tuple[float, float]:
        """Bottom and top as drawn: exponents of ten on a log axis."""
        low, high = (self.low, self.high) if not math.isnan(self.low) else (0.01, 1.0) if self.log else (0.0, 1.0)
        return (math.log10(low), math.log10(high)) if self.log else (low, high)

    def x_ticks(self, pixels: float) -> list[Tick]:
        """Ticks of the step axis, about 70 px apart; the first reads "step 0"."""
        step = round_up(self.right / max(pixels / 70.0, 1.0))
        step = max(step, 1.0)
        places = np.arange(0, self.right + step * 1e-6, step)
        return [(float(at), "step 0" if at == 0 else count(int(at))) for at in places]

    def y_ticks(self, most: int = 5) -> list[Tick]:
        """Two to five ticks of the value axis, at most ``most``, placed as drawn, all in one notation: ``"0.01"``, ``"2,000"``; ``"120k"``;
        or ``"10⁻⁴"``, ``"5×10⁷"``."""
        return list(_value_ticks(*self.ends(), self.share, self.log, most))


@lru_cache(maxsize=64)
def _value_ticks(low: float, high: float, share: bool, log: bool, most: int) -> tuple[Tick, ...]:
    """Those of an axis from ``low`` to ``high``: where a chart's area lies hangs on them, and all that is drawn asks for it."""
    if share:
        places = np.linspace(low, high, 3)
        return tuple([(float(at), percent(float(at)).replace(".0", "")) for at in places])
    if log:
        decades = np.arange(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
        shown = decades[:: -max(1, -(-len(decades) // min(most, 4)))]
        if len(decades) < 3:
            shown = next((finer for finer in _between(low, high) if len(finer) <= most), shown)
        powers = bool(shown.max() > 4 + 1e-9 or shown.min() < -3 - 1e-9)
        return tuple([(float(at), _power(10.0 ** float(at)) if powers else number(10.0**at, 1, trim=True)) for at in shown])
    places = _even(low, high, most - 1)
    sizes = np.abs(places[places != 0])
    if max(-low, high) >= LARGE or sizes.min(initial=1.0) < SMALL * (1 - 1e-9):  # all ticks, or two notations would mix
        return tuple([(float(at), _power(float(at))) for at in _of_powers(low, high, most - 1)])
    thousands = bool(sizes.max(initial=0.0) >= 1e4)
    return tuple([(float(at), number(at / 1e3, 3, trim=True) + "k" if thousands and at else number(at, 2, trim=True)) for at in places])


def around(values: np.ndarray) -> Axes:
    """An even axis for all ``values`` and 0 that wastes little: its ends are multiples of a fifth of the range, rounded up."""
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    rough = max((high - low) / 5, 1e-12)
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * next(step for step in (1.0, 2.0, 2.5, 5.0, 10.0) if rough <= step * power * SLACK)
    return Axes(low=math.floor(low / step) * step, high=max(math.ceil(high / step), 1) * step)


def _jump(step: float) -> float:
    """How far the step axis jumps: a fifth of the power of ten above."""
    return float(10.0 ** math.floor(math.log10(step)) / 2)


def _even(low: float, high: float, most: int = 4) -> np.ndarray:
    """Even ticks from end to end, two to ``most`` steps of them; where none fit, multiples of 1, 2 or 5 times a power of ten inside."""
    power = 10.0 ** math.floor(math.log10(high - low))
    for step in (0.25 * power, 0.5 * power, power, 2.0 * power, 2.5 * power, 5.0 * power):
        ends = (low / step, high / step)
        if 2 - 1e-6 <= ends[1] - ends[0] <= most + 1e-6 and all(abs(end - round(end)) < 1e-6 for end in ends):
            return np.arange(round(ends[0]), round(ends[1]) + 1) * step
    step = round_up((high - low) / most)
    return np.arange(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1) * step


def _between(low: float, high: float) -> list[np.ndarray]:
    """Exponents of 1, 2, 5 times a power of ten from ``low`` to ``high``, and of 1 and 5 alone: for a range with too few decades."""
    found = []
    for steps in (STEPS[:3], (1.0, 5.0)):
        places = [power + math.log10(step) for power in range(math.floor(low), math.ceil(high) + 1) for step in steps]
        found.append(np.array([at for at in places if low - 1e-9 <= at <= high + 1e-9]))
    return found


def _of_powers(low: float, high: float, most: int) -> np.ndarray:
    """Even ticks, at most about ``most`` steps of them, that are written with one digit and a power of ten: more would not fit beside
    a chart."""
    power = 10.0 ** math.ceil(math.log10(max(-low, high)) - 1 - 1e-9)
    step = max(round_up((high - low) / power / most), 1.0) * power
    return np.arange(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1) * step


def _power(value: float) -> str:
    """``"10⁻⁴"``, ``"−5×10⁷"``, ``"0"``: one digit and a power of ten, as :func:`~playground.ui.numbers.number` writes it."""
    if value == 0:
        return "0"
    digit, _, exponent = f"{abs(value):.0e}".partition("e")
    front = (MINUS if value < 0 else "") + ("" if digit == "1" else f"{digit}×")
    return f"{front}10{str(int(exponent)).translate(SUPERSCRIPT)}"
