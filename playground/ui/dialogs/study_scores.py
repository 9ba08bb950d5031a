"""How the points of a study compare: by which figure, which is the best, where each lies on a color scale. Without Qt's widgets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication

from playground.engine.live.snapshot import Studied, Tried
from playground.ui.numbers import number, percent
from playground.ui.panels.editors import readable

FAINTEST = 0.3
"""The share of the ramp below which a line would hardly stand out from its ground."""
LOG_FROM = 20.0
"""Values that span this factor lie by their logarithms."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of a point, by its name in :class:`Tried`."""

    name: str
    more_is_better: bool = False

    @property
    def share(self) -> bool:
        """Whether it is a share of right answers, and no loss."""
        return self.more_is_better


METRICS = (Metric("validation_loss"), Metric("validation_accuracy", True), Metric("loss"), Metric("train_accuracy", True))


def title(metric: Metric) -> str:
    """The metric in words."""
    return {
        "validation_loss": QCoreApplication.translate("study", "validation loss"),
        "validation_accuracy": QCoreApplication.translate("study", "validation accuracy"),
        "loss": QCoreApplication.translate("study", "training loss"),
        "train_accuracy": QCoreApplication.translate("study", "training accuracy"),
    }[metric.name]


def offered(study: Studied | None) -> tuple[Metric, ...]:
    """The metrics that any point has; before there are figures, the two losses."""
    points = study.points if study is not None else ()
    found = tuple(metric for metric in METRICS if any(getattr(point, metric.name) is not None for point in points))
    return found or (METRICS[0], METRICS[2])


def score(point: Tried, metric: Metric) -> float | None:
    """The figure of a point that is done; ``None`` where there is none, or it is no number."""
    value = getattr(point, metric.name)
    return value if value is not None and math.isfinite(value) and point.state == "done" else None


def order(study: Studied, metric: Metric) -> list[int]:
    """The points, the best first, those without a score last."""
    sign = -1.0 if metric.more_is_better else 1.0
    scores = [score(point, metric) for point in study.points]
    return sorted(range(len(scores)), key=lambda at: (scores[at] is None, sign * (scores[at] or 0.0), at))


def best(study: Studied, metric: Metric = METRICS[0]) -> int | None:
    """The point with the best score."""
    first = order(study, metric)[:1]
    return first[0] if first and score(study.points[first[0]], metric) is not None else None


def printed(value: float, metric: Metric, digits: int = 3) -> str:
    """A score as the window prints it."""
    return percent(value) if metric.share else number(value, digits)


def words(value: object) -> str:
    """A tried value as a label, as the inspector writes it: ``"0.003"``, ``"16"``, ``"tanh"``, ``"AdamW"``."""
    if isinstance(value, bool):
        return QCoreApplication.translate("study", "on") if value else QCoreApplication.translate("study", "off")
    return number(value, 4, trim=True) if isinstance(value, float) else readable(str(value))


def columns(study: Studied) -> tuple[list[object], list[object]] | None:
    """The values of both axes of a grid; ``None`` where there is no grid of two fields."""
    if len(study.axes) != 2 or study.kind != "grid":
        return None
    return tuple(list(dict.fromkeys(point.values[place] for point in study.points)) for place in (0, 1))  # type: ignore[return-value]


def spread(values: Sequence[object]) -> list[float]:
    """Where each value lies among all of them, 0..1: by size (by its logarithm where they span decades), words in their order."""
    if not values:
        return []
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        known = list(dict.fromkeys(values))
        return [known.index(value) / max(len(known) - 1, 1) for value in values]
    numbers = np.array(values, float)
    if numbers.min() > 0 and numbers.max() / numbers.min() >= LOG_FROM:
        numbers = np.log(numbers)
    low, high = float(numbers.min()), float(numbers.max())
    return ((numbers - low) / (high - low)).tolist() if high > low else [0.5] * len(values)


def shares(study: Studied, metric: Metric) -> list[float | None]:
    """Where each point's score lies between the lowest and the highest, 0..1; losses by their logarithms."""
    scores = [score(point, metric) for point in study.points]
    known = [value for value in scores if value is not None]
    if not known:
        return [None] * len(scores)
    log = not metric.share and min(known) > 0
    placed = [None if value is None else math.log(value) if log else value for value in scores]
    there = [value for value in placed if value is not None]
    low, high = min(there), max(there)
    return [None if value is None else (value - low) / (high - low) if high > low else 0.5 for value in placed]


def state_words(point: Tried) -> str:
    """Why a point has no score."""
    return {
        "waiting": QCoreApplication.translate("study", "waiting"),
        "running": QCoreApplication.translate("study", "training …"),
        "diverged": QCoreApplication.translate("study", "diverged"),
        "failed": QCoreApplication.translate("study", "cannot train"),
    }.get(point.state, QCoreApplication.translate("study", "not a number"))
