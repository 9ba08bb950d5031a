"""What evaluation finds: plain records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from playground.engine.evaluation.answers import Answers, Deviation
from playground.engine.evaluation.forecast import Forecast


@dataclass(frozen=True, slots=True)
class Worst:
    """A prediction far off: ``index`` in its split, what was predicted, what was true, the sample's loss."""

    index: int
    predicted: float
    target: float
    loss: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The net on a whole split at ``step``. ``confusion[true, predicted]`` counts, classification only. ``f1`` where a yes is rare,
    ``answers`` where there is a target at each step, ``deviation`` of numbers, ``forecast`` of a series."""

    split: str
    step: int
    loss: float
    accuracy: float | None
    confusion: np.ndarray | None = None
    predictions: np.ndarray | None = None
    worst: tuple[Worst, ...] = ()
    f1: float | None = None
    answers: Answers | None = None
    forecast: Forecast | None = None
    deviation: Deviation | None = None


@dataclass(frozen=True, slots=True)
class Plane:
    """Outputs over the input plane of a two-feature problem.

    ``extent`` (x0, x1, y0, y1) in the data's units; ``neurons[node id]`` float32 (units, n, n), row 0 at the smallest
    y; ``boundary`` float32 (outputs, m, m), the prediction itself.
    """

    extent: tuple[float, float, float, float]
    neurons: Mapping[str, np.ndarray] = field(default_factory=dict)
    boundary: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Cloud:
    """Samples of ``split`` as ``node`` sees them at ``step``: ``points`` float64 (N, 2) in the plane in which its outputs vary most,
    turned to lie as they lay before; ``share`` of their variance is in it. ``indices`` int64, ``labels`` (true classes) and
    ``predicted`` (N,)."""

    node: str
    split: str
    step: int
    indices: np.ndarray
    points: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray
    share: float


@dataclass(frozen=True, slots=True)
class Clipping:
    """The limits of a gradient's ``norm`` and of its entries (``value``); ``None``: none. They hold for ``under`` steps; of the last
    ``steps`` of these, ``clipped`` were clipped, the last one ``ago`` steps ago (0: just now; ``None``: none was)."""

    norm: float | None
    value: float | None
    clipped: int = 0
    steps: int = 0
    under: int = 0
    ago: int | None = None
