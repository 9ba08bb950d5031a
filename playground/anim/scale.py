"""The range of a color scale over time: it grows at once, shrinks slowly, and stands still during a pass."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from playground.anim import ramps

SHRINK = 0.05
"""The share of the range that may go in a second."""
STRETCH = 0.55
SIGNED = ("div", "err")


@dataclass(slots=True)
class Scale:
    """Colors for the values of one scope: ±``limit`` on ``div`` and ``err``, 0..``limit`` on ``seq`` and ``gray``.

    The view owns it and hands it to painters. A ``fixed`` one never moves (tanh is ±1). ``stretch`` is the root stretch,
    which a legend must name. One that ``turns`` begins on ``seq`` and goes over to ``div``, unstretched, for good at the
    first negative value.
    """

    limit: float = 0.0
    ramp: str = "div"
    stretch: bool = False
    frozen: bool = False
    fixed: bool = False
    turns: bool = False

    @property
    def signed(self) -> bool:
        return self.ramp in SIGNED

    def observe(self, values: np.ndarray, seconds: float = 0.0) -> None:
        """Take in the values now shown, ``seconds`` after those before. What is not finite does not count."""
        if self.frozen or self.fixed:
            return
        if self.turns and self.ramp == "seq" and bool(np.any(np.asarray(values) < 0)):
            self.ramp, self.stretch = "div", False
        largest = greatest(values)
        if largest >= self.limit:
            self.limit = largest
        else:
            self.limit = max(largest, self.limit * (1.0 - SHRINK) ** max(seconds, 0.0))

    def position(self, value: float) -> float:
        """Where ``value`` lies on the ramp, 0..1; the middle is zero on a signed one. Not-a-number stays so."""
        if math.isnan(value):
            return value
        share = value / self.limit if self.limit > 0 else 0.0
        if self.signed:
            share = min(max(share, -1.0), 1.0)
            share = math.copysign(abs(share) ** STRETCH, share) if self.stretch else share
            return share / 2 + 0.5
        share = min(max(share, 0.0), 1.0)
        return share**STRETCH if self.stretch else share

    def indices(self, values: np.ndarray) -> np.ndarray:
        """Entries of the ramp, uint8, of ``values``' shape."""
        return ramps.indices(values, self.ramp, self.limit, self.stretch)

    def ends(self) -> tuple[float, float]:
        """The two numbers that a legend prints."""
        return (-self.limit if self.signed else 0.0), self.limit


def greatest(values: np.ndarray) -> float:
    """The largest finite magnitude, 0.0 where there is none."""
    given = np.asarray(values)
    if given.dtype == np.float32 and given.size:  # one look over a layer's maps: with copies in float64 it took ten times as long
        most = float(max(given.max(), -given.min()))
        if math.isfinite(most):
            return most
    magnitudes = np.abs(np.asarray(given, np.float64))
    finite = magnitudes[np.isfinite(magnitudes)]
    return float(finite.max()) if finite.size else 0.0
