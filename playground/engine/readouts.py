"""The figures beside the curves: loss and hits of the last steps, and how many samples a second go by on the wall clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

SHOWN = 100
"""Steps that the window's loss and accuracy are means over, where an epoch is not shorter."""
WINDOW_SECONDS = 1.0
"""How far back the throughput looks."""
Numbers = NDArray[np.float64]


class Recent:
    """Losses, and shares of hits where there are classes, of the last steps: at most an epoch's, or :data:`SHOWN` where
    an epoch is shorter."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._losses: Numbers = np.empty(0)
        self._hits: Numbers = np.empty(0)

    def extend(self, losses: ArrayLike, hits: ArrayLike, steps_per_epoch: int) -> None:
        """Append the mean loss of each step and, for classification, the share of its batch that was right."""
        kept = max(SHOWN, steps_per_epoch)
        self._losses = np.concatenate([self._losses, np.asarray(losses, np.float64)])[-kept:]
        self._hits = np.concatenate([self._hits, np.asarray(hits, np.float64)])[-kept:]

    def loss(self, steps: int) -> float | None:
        """Mean loss of the last ``steps`` steps."""
        return float(self._losses[-steps:].mean()) if len(self._losses) else None

    def hits(self, steps: int) -> float | None:
        """Mean share of hits of the last ``steps`` steps; ``None`` for regression."""
        return float(self._hits[-steps:].mean()) if len(self._hits) else None

    def plain(self) -> dict[str, Any]:
        """What the readouts need, for a project's history: :meth:`restore` reads it."""
        return {"losses": self._losses[-SHOWN:].tolist(), "hits": self._hits[-SHOWN:].tolist()}

    def restore(self, data: object) -> None:
        """Take what :meth:`plain` gave; nothing where there is nothing. JSON writes what is not a number as null. Raises
        :class:`TypeError` or :class:`ValueError` on anything else."""
        if not isinstance(data, Mapping):
            raise TypeError(f"expected figures by name, got {data!r}")
        self.clear()
        for name, numbers in (("_losses", data.get("losses", ())), ("_hits", data.get("hits", ()))):
            setattr(self, name, np.array([np.nan if number is None else float(number) for number in numbers])[-SHOWN:])


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
