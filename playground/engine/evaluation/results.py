"""What training and evaluation hand back: plain frozen records."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from playground.engine.evaluation.answers import Answers, Deviation
from playground.engine.evaluation.records import Worst
from playground.engine.program.results import NOTHING

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Result:
    """The figures that ``train --json`` prints.

    ``loss`` is the mean of the last epoch's training losses (of the last 100 steps if less than an epoch ran). Accuracies are
    ``None`` for regression and for splits that do not exist, F1 scores where a yes is not rare as well. ``seconds`` is the wall
    clock's, shuffling and bookkeeping included, compiling and evaluation left out; ``samples_per_second`` goes by it. ``stopped``
    says why the run ended: ``""`` (done as asked), ``"early_stopping"`` or ``"diverged"``.
    """

    steps: int
    epochs: int
    loss: float
    train_accuracy: float | None
    validation_accuracy: float | None
    test_accuracy: float | None
    seconds: float
    samples_per_second: float
    train_loss: float | None = None
    validation_loss: float | None = None
    test_loss: float | None = None
    train_f1: float | None = None
    validation_f1: float | None = None
    test_f1: float | None = None
    stopped: str = ""
    message: str = ""

    @classmethod
    def of(cls, found: Mapping[str, Metrics], **figures: Any) -> Result:
        """A result with the accuracies and losses of these evaluations, by split, and ``figures`` for the rest."""
        for split in SPLITS:
            figures[f"{split}_accuracy"] = found[split].accuracy if split in found else None
            figures[f"{split}_loss"] = found[split].loss if split in found else None
            figures[f"{split}_f1"] = found[split].f1 if split in found else None
        return cls(**figures)


@dataclass(frozen=True, slots=True)
class Metrics:
    """The net on a split (or its first samples): ``predictions`` float (N, *shape), ``losses`` float (N,), ``confusion[true,
    predicted]`` for classification, ``worst`` the largest losses first. ``f1`` where a yes is rare, ``answers`` where there is a target
    at each step, ``deviation`` of numbers."""

    split: str
    samples: int
    loss: float
    accuracy: float | None
    confusion: np.ndarray | None = None
    predictions: np.ndarray | None = None
    losses: np.ndarray | None = None
    worst: tuple[Worst, ...] = ()
    f1: float | None = None
    answers: Answers | None = None
    deviation: Deviation | None = None

    def plain(self) -> dict[str, Any]:
        """The figures without the arrays, for a project's history."""
        return {"samples": self.samples, "loss": self.loss, "accuracy": self.accuracy, "f1": self.f1}

    @classmethod
    def of_plain(cls, split: str, data: object) -> Metrics | None:
        """What :meth:`plain` gave; ``None`` where there was nothing. JSON writes what is not a number as null."""
        if not isinstance(data, Mapping) or "loss" not in data:
            return None
        loss, accuracy, f1 = data["loss"], data.get("accuracy"), data.get("f1")
        return cls(
            split,
            int(data.get("samples", 0)),
            math.nan if loss is None else float(loss),
            None if accuracy is None else float(accuracy),
            f1=None if f1 is None else float(f1),
        )


@dataclass(frozen=True, slots=True)
class Progress:
    """What one call of ``Trainer.advance`` did. The arrays have one entry a training step (``accuracies`` none for regression,
    ``clipped`` none where no gradient ever is, ``sizes`` are what is clipped, ``"norm"`` and ``"largest"`` entry, where there is a
    limit); ``steps`` counts from 1.

    ``metrics`` holds evaluations that ended in this call, by split; ``busy`` says that an evaluation is under way; ``finished``
    that the run is over; ``best`` that early stopping saw a new lowest loss.
    """

    steps: np.ndarray = field(default_factory=lambda: NOTHING)
    losses: np.ndarray = field(default_factory=lambda: NOTHING)
    accuracies: np.ndarray = field(default_factory=lambda: NOTHING)
    rates: np.ndarray = field(default_factory=lambda: NOTHING)
    clipped: np.ndarray = field(default_factory=lambda: NOTHING)
    sizes: Mapping[str, np.ndarray] = field(default_factory=dict)
    epoch_ended: bool = False
    metrics: dict[str, Metrics] = field(default_factory=dict)
    busy: bool = False
    finished: bool = False
    best: bool = False
