"""What a study tells: plain records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from playground.document.model import Document
from playground.engine.timeline.records import Curve

PointState = Literal["waiting", "running", "done", "diverged", "failed"]


@dataclass(frozen=True, slots=True)
class Tried:
    """A point of a study: what was tried and what came out, so far where it runs. ``values`` stand in the order of the study's axes
    (of restarts: the seed). ``message`` says why it failed. ``kept``: it opens with the weights that it ended with; else from its
    start. Losses and accuracies are of its last steps and of the whole validation split."""

    values: tuple[Any, ...]
    seed: int
    document: Document
    state: PointState
    message: str
    curves: Mapping[str, Curve]
    loss: float | None
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    kept: bool


@dataclass(frozen=True, slots=True)
class Studied:
    """A study: ``kind`` (``"restarts"``, ``"grid"``, ``"random"``), the paths of the varied fields, how many ``points`` are ``done``, and
    whether it is ``running``."""

    kind: str
    axes: tuple[str, ...]
    epochs: int
    done: int
    running: bool
    points: tuple[Tried, ...]
