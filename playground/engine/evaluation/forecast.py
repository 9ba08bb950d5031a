"""A series' answers in its own unit, beside forecasts that take no network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from playground.data.series import forecasts
from playground.data.series.forecasts import Baseline
from playground.errors import PlaygroundError

if TYPE_CHECKING:
    from playground.document import DataSettings
    from playground.engine.evaluation.results import Metrics


@dataclass(frozen=True, slots=True)
class Forecast:
    """``answers`` (n,) for a part of the series called ``name``, and the ``truth`` (n,) that came, in its own ``unit`` and in the order of
    time; ``error`` is the root of their mean squared difference. ``times`` (n,): what the file calls each step. ``baselines`` are of the
    same steps. ``horizon``: how many steps ahead each answer looks."""

    name: str
    unit: str
    horizon: int
    times: tuple[str, ...]
    truth: np.ndarray
    answers: np.ndarray
    error: float
    baselines: tuple[Baseline, ...]


class Forecaster:
    """Makes forecasts of the evaluations of one data set after another; of each it reads the series once."""

    def __init__(self) -> None:
        self._settings: DataSettings | None = None
        self._parts: Mapping[str, forecasts.Part] = {}

    def of(self, settings: DataSettings, metrics: Metrics) -> Forecast | None:
        """What ``metrics`` foretell; ``None`` where the data are no series, or were evaluated otherwise."""
        if not forecasts.is_series(settings.name) or metrics.predictions is None:
            return None
        if settings != self._settings:
            self._settings, self._parts = settings, _parts(settings)
        part = self._parts.get(metrics.split)
        if part is None or not 0 < metrics.samples <= len(part.truth):
            return None
        rows = np.arange(metrics.samples) * len(part.truth) // metrics.samples  # those that an evaluation takes
        answers = part.in_units(metrics.predictions.reshape(metrics.samples, -1)[:, 0], rows)
        truth = part.truth[rows]
        known = tuple(replace(one, values=one.values[rows], error=forecasts.error(one.values[rows], truth)) for one in part.baselines)
        times = tuple(part.times[row] for row in rows)
        return Forecast(part.name, part.unit, part.horizon, times, truth, answers, forecasts.error(answers, truth), known)


def _parts(settings: DataSettings) -> dict[str, forecasts.Part]:
    options: dict[str, Any] = dict(settings.options)
    try:
        return forecasts.parts(forecasts.cut_of(settings.name, options))
    except PlaygroundError:  # the file has changed or is gone since the data were loaded: there is no forecast, the run goes on
        return {}
