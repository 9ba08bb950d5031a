"""What the timeline tells: plain records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from playground.document.model import Document


@dataclass(frozen=True, slots=True)
class Event:
    """A mark on the curves. ``kind``: setting, best, diverged, stopped, restart, weights."""

    step: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A whole series in at most 512 points, each the mean of as many values: ``steps`` int64 (n,), ``values`` float64 (n,)."""

    steps: np.ndarray
    values: np.ndarray


@dataclass(frozen=True, slots=True)
class RunCurves:
    """A branch that is not the present one. ``parent`` and ``forked_at`` say where it grew out of (``None``: it began at step 0; its
    curves begin after the fork), ``step`` where it ends, ``best_step`` where its validation loss was lowest. ``checkpoints`` are the
    steps that can be shown; ``document`` is what it trains, ``None`` where its weights are not kept any more,
    so that it cannot be made the present one."""

    run: int
    name: str
    curves: Mapping[str, Curve] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    parent: int | None = None
    forked_at: int = 0
    step: int = 0
    checkpoints: tuple[int, ...] = ()
    best_step: int | None = None
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A kept moment that is shown instead of the present weights: the figures as they were at it. ``computing``: what needs a whole
    split is of an earlier picture and follows. ``document`` is what was trained then,
    ``seed`` what its chance came from."""

    run: int
    step: int
    epoch: int
    loss: float | None
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float
    computing: bool
    document: Document
    seed: int = 0
    validation_f1: float | None = None
