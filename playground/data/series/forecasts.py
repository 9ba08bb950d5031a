"""How good a forecast is, in the series' own unit, and what it takes to be better than nothing: naive, seasonal and linear forecasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from playground import fields
from playground.data.series import own, shipped
from playground.data.series.cutting import Cut, undone
from playground.data.spec import SPLITS, Array
from playground.errors import DataError
from playground.sentences import say


@dataclass(frozen=True, slots=True)
class Baseline:
    """A forecast without a network: ``values`` (n,) and their ``error``, the root of the mean squared error, in the series' own unit."""

    name: str
    values: Array
    error: float


@dataclass(frozen=True, slots=True)
class Part:
    """What judging a network on one part of a series takes, without its windows: ``known`` (n,) the last value that each sample reads,
    ``truth`` (n,) what came ``horizon`` steps later at ``times``, both in the series' own ``unit``; ``baselines`` of the same samples."""

    name: str
    unit: str
    horizon: int
    transform: str
    shift: float
    spread: float
    known: Array
    truth: Array
    times: tuple[str, ...]
    baselines: tuple[Baseline, ...]

    def in_units(self, outputs: Array, rows: Array) -> Array:
        """A network's ``outputs`` (m,) for samples ``rows`` (m,) in the series' own unit."""
        return undone(np.asarray(outputs, np.float64) * self.spread + self.shift, self.known[rows], self.transform)


def parts(cut: Cut) -> dict[str, Part]:
    """The parts that have samples, by name."""
    series, horizon = cut.series, cut.options["horizon"]
    found = {}
    for split in SPLITS:
        last = cut.last[cut.parts[split]]
        if len(last):
            found[split] = Part(
                series.names[series.target],
                series.unit,
                horizon,
                cut.options["transform"],
                cut.shift,
                cut.spread,
                series.values[last, series.target],
                cut.truth(split),
                tuple(series.time(int(row)) for row in last + horizon),
                baselines(cut, split),
            )
    return found


def is_series(name: str) -> bool:
    """Whether data set ``name`` is a series, so that the rest of this module knows it."""
    return name in shipped.KNOWN or name == "csv"


def cut_of(name: str, options: dict[str, Any]) -> Cut:
    """The series of data set ``name`` as its options cut it. Raises :class:`DataError` where it is no series."""
    if name in shipped.KNOWN:
        kind = next(kind for kind in shipped.SERIES if kind.name == name)
        return shipped.KNOWN[name].cut(fields.complete(kind.fields, options, name))
    if name == "csv":
        return own.cut_of(fields.complete(own.FIELDS, options, name), named=True)
    raise DataError(say("{name!r} is no series.", name=name), where="data")


def error(predicted: Array, truth: Array) -> float:
    """The root of the mean squared error."""
    return float(np.sqrt(np.mean((np.asarray(predicted, np.float64).reshape(-1) - truth) ** 2)))


def baselines(cut: Cut, split: str = "test") -> tuple[Baseline, ...]:
    """The last known value again; the value of the last season at the same place; an autoregression, the best linear forecast from
    the same window (least squares with a constant on the training part, in the terms of the chosen transform)."""
    truth, values = cut.truth(split), cut.series.values[:, cut.series.target]
    last, horizon, season = cut.last[cut.parts[split]], cut.options["horizon"], cut.series.season
    found = [Baseline("naive", values[last], error(values[last], truth))]
    if season:
        back = last + horizon - season * -(-horizon // season)
        again = values[np.maximum(back, 0)]
        found.append(Baseline("seasonal", again, error(again, truth)))
    linear = cut.in_units(_rows(cut, split) @ _least_squares(cut), split)
    found.append(Baseline("linear AR", linear, error(linear, truth)))
    return tuple(found)


def _rows(cut: Cut, split: str) -> Array:
    part = cut.x[cut.parts[split]]
    return np.concatenate([part.reshape(len(part), -1), np.ones((len(part), 1))], axis=1)


def _least_squares(cut: Cut) -> Array:
    weights: Array = np.linalg.lstsq(_rows(cut, "train"), cut.y[cut.parts["train"]], rcond=None)[0]
    return weights


def free_run(cut: Cut, outputs: Any, split: str = "test", steps: int | None = None) -> Array:
    """Forecast ``steps`` values on end from the beginning of ``split``, each from those before it, (steps,) in the series' own unit.

    ``outputs`` maps windows (1, window, 1) to what the network gives. For series of one column and horizon 1; else a
    :class:`DataError`.
    """
    if cut.x.shape[2] != 1 or cut.options["horizon"] != 1:
        raise DataError("only a series of one column can go on by itself, one step at a time.", where="data")
    part = cut.parts[split]
    window = cut.x[part.start].astype(np.float32)[None]
    plain = cut.options["transform"] == "values"
    value = float(cut.series.values[cut.last[part.start], cut.series.target])
    found = []
    for _ in range(part.stop - part.start if steps is None else steps):
        change = float(np.asarray(outputs(window)).reshape(-1)[0]) * cut.spread + cut.shift
        value = change if plain else value + change if cut.options["transform"] == "difference" else value * float(np.exp(change))
        found.append(value)
        following = np.float32((change - cut.mean[0]) / cut.deviation[0])
        window = np.concatenate([window[:, 1:], [[[following]]]], axis=1).astype(np.float32)
    return np.array(found)
