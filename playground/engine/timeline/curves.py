"""Curves that grow without end in bounded memory: means over bins that double in width when the curve is full."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from playground.engine.timeline.records import Curve

CAPACITY = 512
"""Points of a curve at most. Few enough that a long run's noise is averaged away, enough for the width of a chart."""
Numbers = NDArray[np.float64]


class Series:
    """One curve. Of what is noisy a point is the mean of ``stride`` consecutive values and stands at the last one's step.

    Not a number stays not a number: a bin that holds one is one. ``CAPACITY`` is even, so a full curve halves exactly.
    """

    def __init__(self) -> None:
        self.stride = 1
        self._steps = np.empty(CAPACITY, np.int64)
        self._values = np.empty(CAPACITY, np.float64)
        self._count = 0
        self._open_sum = 0.0
        self._open_count = 0
        self._curve: Curve | None = None

    def __len__(self) -> int:
        return self._count

    @property
    def nbytes(self) -> int:
        return self._steps.nbytes + self._values.nbytes

    def extend(self, steps: ArrayLike, values: ArrayLike) -> None:
        """Append ``values`` (n,) that belong to ascending ``steps`` (n,)."""
        steps, values = np.asarray(steps, np.int64), np.asarray(values, np.float64)
        with np.errstate(invalid="ignore", over="ignore"):  # a diverged run has infinities: their mean is what it is
            while len(values):
                if self._count == CAPACITY:
                    self._halve()
                taken = min(len(values), (CAPACITY - self._count) * self.stride - self._open_count)
                self._bin(steps[:taken], values[:taken])
                steps, values = steps[taken:], values[taken:]
        self._curve = None

    def keep(self, step: int, value: float) -> None:
        """Append a value that stands for itself, as a weight does: of each stretch of ``stride`` steps the first one stays, so that points
        are left out as the curve grows and none ever moves. A series is made by this or by :meth:`extend`."""
        while self._count == CAPACITY:
            self.stride *= 2
            first = np.diff(self._steps // self.stride, prepend=-1) > 0
            self._count = int(first.sum())
            self._steps[: self._count], self._values[: self._count] = self._steps[first], self._values[first]
        if not self._count or step // self.stride > self._steps[self._count - 1] // self.stride:
            self._append(np.array([step], np.int64), np.array([value]))
            self._curve = None

    def curve(self) -> Curve:
        """Read-only copies; the same object until something is added."""
        if self._curve is None:
            steps, values = self._steps[: self._count].copy(), self._values[: self._count].copy()
            steps.flags.writeable = values.flags.writeable = False
            self._curve = Curve(steps, values)
        return self._curve

    def plain(self) -> dict[str, Any]:
        """Plain data from which :meth:`of_plain` makes the same series, the unfinished bin included."""
        return {
            "steps": self._steps[: self._count].tolist(),
            "values": [value if math.isfinite(value) else repr(value) for value in self._values[: self._count].tolist()],
            "stride": self.stride,
            "open": [self._open_sum if math.isfinite(self._open_sum) else repr(self._open_sum), self._open_count],
        }

    @classmethod
    def of_plain(cls, data: Mapping[str, Any]) -> Series:
        """The series that :meth:`plain` wrote. JSON has no infinity: such values stand there as words."""
        series = cls()
        steps = np.asarray(data["steps"], np.int64)[-CAPACITY:]
        values = np.asarray([float(value) for value in data["values"]], np.float64)[-CAPACITY:]
        series._count = min(len(steps), len(values))
        series._steps[: series._count] = steps[: series._count]
        series._values[: series._count] = values[: series._count]
        series.stride = max(1, int(data["stride"]))
        series._open_sum, series._open_count = float(data["open"][0]), int(data["open"][1])
        return series

    def _bin(self, steps: NDArray[np.int64], values: Numbers) -> None:
        """Append values that fit: first to the open bin, then whole bins at once, the rest opens the next."""
        width = self.stride
        if self._open_count or len(values) < width:
            head = min(len(values), width - self._open_count)
            self._open_sum += float(values[:head].sum())
            self._open_count += head
            if self._open_count == width:
                self._append(steps[head - 1 : head], np.array([self._open_sum / width]))
                self._open_sum, self._open_count = 0.0, 0
            steps, values = steps[head:], values[head:]
        whole = len(values) // width
        if whole:
            self._append(steps[width - 1 : whole * width : width], values[: whole * width].reshape(whole, width).mean(axis=1))
        rest = values[whole * width :]
        if len(rest):
            self._open_sum, self._open_count = float(rest.sum()), len(rest)

    def _append(self, steps: NDArray[np.int64], values: Numbers) -> None:
        end = self._count + len(steps)
        self._steps[self._count : end] = steps
        self._values[self._count : end] = values
        self._count = end

    def _halve(self) -> None:
        half = CAPACITY // 2
        self._values[:half] = self._values.reshape(half, 2).mean(axis=1)
        self._steps[:half] = self._steps[1::2]
        self._count = half
        self.stride *= 2


class Curves:
    """All series of a run, by name (the names stand at :class:`~playground.engine.live.snapshot.Snapshot`)."""

    def __init__(self, series: Mapping[str, Series] | None = None) -> None:
        self._series: dict[str, Series] = dict(series or {})

    def __contains__(self, name: str) -> bool:
        return name in self._series

    def extend(self, name: str, steps: ArrayLike, values: ArrayLike) -> None:
        self._series.setdefault(name, Series()).extend(steps, values)

    def add(self, name: str, step: int, value: float) -> None:
        self.extend(name, [step], [value])

    def keep(self, name: str, step: int, value: float) -> None:
        self._series.setdefault(name, Series()).keep(step, value)

    def stride(self, name: str) -> int:
        return self._series[name].stride

    @property
    def nbytes(self) -> int:
        """The memory of all series: it grows with their number alone."""
        return sum(series.nbytes for series in self._series.values())

    def snapshot(self) -> dict[str, Curve]:
        """Read-only copies; series that did not grow are shared with the last snapshot."""
        return {name: series.curve() for name, series in self._series.items() if len(series)}

    def plain(self) -> dict[str, Any]:
        return {name: series.plain() for name, series in self._series.items()}

    @classmethod
    def of_plain(cls, data: Mapping[str, Any]) -> Curves:
        return cls({name: Series.of_plain(series) for name, series in data.items()})
