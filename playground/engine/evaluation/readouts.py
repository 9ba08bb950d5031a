"""The figures beside the curves: loss and hits of the last steps, and how many samples a second go by on the wall clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from playground.engine.evaluation.records import Clipping

SHOWN = 100
"""Steps that the window's loss and accuracy are means over, where an epoch is not shorter."""
WINDOW_SECONDS = 1.0
"""How far back the throughput looks."""
Numbers = NDArray[np.float64]
Limits = tuple[float | None, float | None]
"""Of a gradient's norm and of its entries; ``None``: none."""


class Recent:
    """Losses, and shares of hits where there are classes, of the last steps: at most an epoch's, or :data:`SHOWN` where
    an epoch is shorter; and which of the last :data:`SHOWN` gradients were clipped by the limits of now."""

    def __init__(self) -> None:
        self.clear()
        self._clipped: Numbers = np.empty(0)
        self._limits: Limits = (None, None)
        self._under, self._ago = 0, -1

    def clear(self) -> None:
        """Other weights: their losses and hits are not those before. What was clipped was clipped."""
        self._losses: Numbers = np.empty(0)
        self._hits: Numbers = np.empty(0)

    def extend(
        self, losses: ArrayLike, hits: ArrayLike, steps_per_epoch: int, clipped: ArrayLike = (), limits: Limits = (None, None)
    ) -> None:
        """Append the mean loss of each step and, for classification, the share of its batch that was right; and whether its gradient
        was ``clipped`` by these ``limits``: with others than before, that is counted from here on."""
        kept = max(SHOWN, steps_per_epoch)
        if limits != self._limits:
            self._clipped, self._limits, self._under, self._ago = np.empty(0), limits, 0, -1
        hot = np.flatnonzero(clipped)
        self._under += np.size(clipped)
        self._ago = np.size(clipped) - 1 - int(hot[-1]) if len(hot) else self._ago + np.size(clipped) if self._ago >= 0 else -1
        self._clipped = np.concatenate([self._clipped, np.asarray(clipped, np.float64)])[-SHOWN:]
        self._losses = np.concatenate([self._losses, np.asarray(losses, np.float64)])[-kept:]
        self._hits = np.concatenate([self._hits, np.asarray(hits, np.float64)])[-kept:]

    def loss(self, steps: int) -> float | None:
        """Mean loss of the last ``steps`` steps."""
        return float(self._losses[-steps:].mean()) if len(self._losses) else None

    def hits(self, steps: int) -> float | None:
        """Mean share of hits of the last ``steps`` steps; ``None`` for regression."""
        return float(self._hits[-steps:].mean()) if len(self._hits) else None

    def clipped(self, limits: Limits) -> Clipping:
        """What these ``limits`` did to the last steps."""
        if limits != self._limits:
            return Clipping(*limits)
        return Clipping(
            *limits, int(np.count_nonzero(self._clipped)), len(self._clipped), self._under, self._ago if self._ago >= 0 else None
        )

    def plain(self) -> dict[str, Any]:
        """What the readouts need, for a project's history: :meth:`restore` reads it."""
        kept = {"losses": self._losses, "hits": self._hits, "clipped": self._clipped}
        return {**{name: numbers[-SHOWN:].tolist() for name, numbers in kept.items()}, "limits": [*self._limits, self._under, self._ago]}

    def restore(self, data: object) -> None:
        """Take what :meth:`plain` gave; nothing where there is nothing. JSON writes what is not a number as null. Raises
        :class:`TypeError` or :class:`ValueError` on anything else."""
        if not isinstance(data, Mapping):
            raise TypeError(f"expected figures by name, got {data!r}")
        self.clear()
        for name in ("losses", "hits", "clipped"):
            numbers = [np.nan if number is None else float(number) for number in data.get(name, ())]
            setattr(self, f"_{name}", np.array(numbers)[-SHOWN:])
        norm, value, under, ago = data.get("limits", (None, None, 0, -1))
        self._limits = (None if norm is None else float(norm), None if value is None else float(value))
        self._under, self._ago = int(under), int(ago)


class Throughput:
    """Samples a second as a watcher with a clock counts them: pictures, evaluations and waits between steps included, pauses not.

    The rate is over the last second, or over the last two moments where these lie further apart.
    """

    def __init__(self) -> None:
        self._moments: deque[tuple[float, int]] = deque()
        self._total = 0
        self.rate = 0.0

    def add(self, samples: int, began: float, ended: float) -> None:
        """Count ``samples`` that were trained on between two readings of one clock, in seconds."""
        if not self._moments:
            self._moments.append((began, self._total))
        self._total += samples
        self._moments.append((ended, self._total))
        while len(self._moments) > 2 and self._moments[1][0] <= ended - WINDOW_SECONDS:
            self._moments.popleft()
        (first, before), (last, now) = self._moments[0], self._moments[-1]
        if last > first:
            self.rate = (now - before) / (last - first)

    def pause(self) -> None:
        """The time from here to the next samples counts for nothing; the rate stays as it was."""
        self._moments.clear()
