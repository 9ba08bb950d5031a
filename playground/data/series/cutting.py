"""A series cut into windows: what was, and the value that is asked for, some steps ahead.

With s the value and h the horizon, what is predicted from s[t - window + 1 .. t] is s[t + h] (plain), s[t + h] - s[t] (difference) or
log s[t + h] - log s[t] (log difference); what is read are the values, or their differences from step to step.

Time decides which part a sample belongs to: that of the value asked for. So nothing of validation or test is in a training sample;
a window of the test may begin before the test does, for that much was known by then. Means and deviations are those of the training
part's time alone.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from playground.data.sharing import LARGEST
from playground.data.spec import SPLITS, Array, Dataset, Description, Options, frozen_split
from playground.errors import DataError
from playground.fields import Field
from playground.sentences import say

PLAIN, DIFFERENCE, LOG = "values", "difference", "log difference"
TRANSFORMS = (PLAIN, DIFFERENCE, LOG)


@dataclass(frozen=True, slots=True)
class Series:
    """``values`` float64 (n, columns), one row a step of time. ``target`` is the column to predict. ``season``: steps after which it
    is expected to be alike, 0 where that is not known. ``first_line`` of the file holds row 0; ``where`` names the file. ``times`` is
    what the file calls each row, empty where it has no names for them; ``unit`` that of the values."""

    names: tuple[str, ...]
    values: Array
    target: int = 0
    season: int = 0
    where: str = ""
    first_line: int = 2
    times: tuple[str, ...] = ()
    unit: str = ""

    def time(self, row: int) -> str:
        """What row ``row`` is called: its number, counted from 1, where the file has no name for it."""
        return self.times[row] if row < len(self.times) else str(row + 1)


@dataclass(frozen=True, slots=True)
class Cut:
    """All samples of a series in the order of time. ``x`` (N, window, columns) and ``y`` (N,) are standardized; ``last`` is the row
    of the last value that each sample reads, ``mean`` and ``deviation`` are of x's columns, ``shift`` and ``spread`` of y.
    ``parts`` are the samples of each split."""

    series: Series
    options: Options
    x: Array
    y: Array
    last: Array
    mean: Array
    deviation: Array
    shift: float
    spread: float
    parts: dict[str, slice]

    def truth(self, split: str) -> Array:
        """What came, (n,), in the series' own unit."""
        rows = self.last[self.parts[split]] + self.options["horizon"]
        found: Array = self.series.values[rows, self.series.target]
        return found

    def in_units(self, outputs: Array, split: str) -> Array:
        """A network's ``outputs`` (n,) or (n, 1) for the samples of ``split`` as values of the series in its own unit, (n,)."""
        predicted = np.asarray(outputs, np.float64).reshape(-1) * self.spread + self.shift
        return undone(predicted, self.series.values[self.last[self.parts[split]], self.series.target], self.options["transform"])


def undone(predicted: Array, known: Array, transform: str) -> Array:
    """Values (n,) of what is ``predicted`` (n,) in the terms of a transform, from the last ones ``known`` (n,)."""
    if transform == PLAIN:
        return predicted
    result: Array = known + predicted if transform == DIFFERENCE else known * np.exp(predicted)
    return result


def cut(series: Series, options: Options, validation: int, test: int) -> Cut:
    """Cut ``series`` so that the last ``test`` values are the test's, the ``validation`` before them validation's.

    Raises :class:`DataError` where too few are left to train on, or logarithms are asked for of what is not above 0.
    """
    window, horizon = options["window"], options["horizon"]
    count, columns = series.values.shape
    differs = int(options["transform"] != PLAIN)
    last = np.arange(window - 1 + differs, count - horizon)
    asked = last + horizon
    ends = count - test - validation, count - test
    borders = np.searchsorted(asked, ends)
    if borders[0] < 2:
        needs = window + differs + horizon + 1 + validation + test
        raise DataError(
            say("expected at least {needs:,} values for such windows and parts, got {count:,}.", needs=needs, count=count),
            where=series.where,
            remedy="Take a shorter window, or smaller parts for validation and test.",
            options=("window", "horizon", "validation", "test"),
        )
    if len(last) * window * columns * 4 > LARGEST:
        raise DataError(
            say("expected windows of at most {largest:,} bytes in all, got more.", largest=LARGEST),
            where=series.where,
            remedy="Take a shorter window.",
            options=("window",),
        )
    values = _logarithms(series) if options["transform"] == LOG else series.values
    read = np.diff(values, axis=0, prepend=values[:1]) if differs else values
    goal = values[asked, series.target] - (values[last, series.target] if differs else 0.0)
    known = read[differs : ends[0]]
    mean, deviation = known.mean(axis=0), _spread(known)
    shift, spread = float(goal[: borders[0]].mean()), float(_spread(goal[: borders[0], None])[0])
    windows = np.lib.stride_tricks.sliding_window_view((read - mean) / deviation, window, axis=0)[last - window + 1]
    edges = (0, *map(int, borders), len(last))
    parts = {name: slice(*ends) for name, ends in zip(SPLITS, itertools.pairwise(edges), strict=True)}
    return Cut(series, options, windows.swapaxes(1, 2), (goal - shift) / spread, last, mean, deviation, shift, spread, parts)


def _spread(values: Array) -> Array:
    """The deviation of each column; 1 where it does not vary."""
    deviation: Array = values.std(axis=0)
    return np.where(deviation > 0, deviation, 1.0)


def _logarithms(series: Series) -> Array:
    low = np.argwhere(series.values <= 0)
    if len(low):
        row, column = map(int, low[0])
        raise DataError(
            say(
                "expected values above 0 to take logarithms of, got {values:g} in {names!r}.",
                values=series.values[row, column],
                names=series.names[column],
            ),
            where=say("{where}, line {row}", where=series.where, row=row + series.first_line),
            remedy="Take plain values or differences.",
            options=("transform",),
        )
    logarithms: Array = np.log(series.values)
    return logarithms


def dataset(description: Description, made: Cut) -> Dataset:
    """The data set of a cut: x float32 (N, window, columns), y float32 (N, 1)."""
    train, validation, test = (frozen_split(made.x[part].astype(np.float32), made.y[part, None]) for part in made.parts.values())
    mean, deviation = made.mean.astype(np.float32), made.deviation.astype(np.float32)
    return Dataset(description, train, validation if len(validation) else train, test, mean=mean, deviation=deviation)


def described(names: tuple[str, ...], target: str, options: Options) -> Description:
    """A window of ``names``; one number, the ``target`` some steps ahead."""
    return Description((options["window"], len(names)), "regression", 1, feature_names=names, target_names=(target,))


def fields(window: int, transform: str) -> tuple[Field, ...]:
    """How a series is cut, with its own defaults."""
    return (
        Field("window", "int", window, "How many values are read, the last one included.", unit="steps", minimum=1, maximum=500),
        Field("horizon", "int", 1, "How many steps ahead is predicted.", unit="steps", minimum=1, maximum=200),
        Field(
            "transform",
            "choice",
            transform,
            "The values themselves; their differences, which takes out a trend; or differences of logarithms, for what grows by percent.",
            choices=TRANSFORMS,
        ),
    )
