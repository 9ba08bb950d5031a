"""A study: several documents or starts trained in the background one after another, their curves and scores side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from playground.document import check
from playground.engine.evaluation.readouts import SHOWN
from playground.engine.evaluation.results import Metrics
from playground.engine.experiments.studied import PointState, Studied, Tried
from playground.engine.experiments.sweep import Point
from playground.engine.timeline.branches import Branch
from playground.engine.timeline.checkpoints import Checkpoint, Checkpoints
from playground.errors import EngineError, PlaygroundError
from playground.sentences import say

if TYPE_CHECKING:  # at run time it would bring numba
    from playground.engine.trainer import Trainer

STATE_BYTES = 64 * 2**20
"""Of final weights that a study keeps. Points beyond it open from their start: the same seed gives the same run."""
FIGURES = ("recent",)

Make = Callable[[Point], "Trainer"]
"""A trainer for a point, compiled."""


@dataclass(slots=True)
class _Try:
    point: Point
    branch: Branch
    state: PointState = "waiting"
    message: str = ""
    loss: float | None = None
    train_accuracy: float | None = None
    validation: Metrics | None = None
    shown: Tried | None = field(default=None, repr=False)

    @property
    def score(self) -> float:
        """What orders the points, lowest first: the validation loss, without a validation split the training loss."""
        value = self.loss if self.validation is None else self.validation.loss
        return math.inf if value is None or not math.isfinite(value) else value


class Study:
    """Trains each of ``points`` for ``epochs`` epochs, in slices, one trainer at a time. A point that cannot train or diverges says
    so and does not stop the others. ``kind`` and ``axes`` (paths of the varied fields) are for the window alone."""

    def __init__(self, points: Sequence[Point], epochs: int, kind: str, axes: Sequence[str], make: Make) -> None:
        if epochs < 1:
            raise EngineError(say("{epochs} epochs; at least 1 is needed.", epochs=epochs), where="study")
        self.kind, self.epochs, self._axes, self._make = kind, epochs, tuple(axes), make
        self._tries = [_Try(point, Branch(0, document=point.document)) for point in points]
        self._at = 0
        self._trainer: Trainer | None = None
        self._judging = False  # the weights at the end of a point are being evaluated
        self.canceled = False

    @property
    def running(self) -> bool:
        """Whether points are left to train."""
        return not self.canceled and self._at < len(self._tries)

    def cancel(self) -> None:
        """Train no more; what is done stays."""
        self.canceled, self._trainer = True, None
        for one in self._tries:
            if one.state == "running":
                one.state, one.branch, one.shown = "waiting", Branch(0, document=one.point.document), None

    def advance(self, seconds: float) -> None:
        """Train the point at hand for about ``seconds``, or set it up."""
        if not self.running:
            return
        one = self._tries[self._at]
        one.shown = None
        try:
            if self._trainer is None:
                one.state = "running"
                self._trainer = self._begun(one.point)
                return
            progress = self._trainer.advance(seconds)
        except PlaygroundError as error:
            self._end(one, "failed", str(error))
            return
        one.branch.absorb(progress, self._trainer.step_count)
        one.validation = progress.metrics.get("validation", one.validation)
        one.loss = self._trainer.recent.loss(max(1, min(SHOWN, self._trainer.steps_per_epoch)))
        one.train_accuracy = self._trainer.recent.hits(max(1, min(SHOWN, self._trainer.steps_per_epoch)))
        if self._trainer.divergence is not None:
            self._end(one, "diverged", self._trainer.divergence.text)
        elif self._trainer.finished and not progress.busy:
            if len(self._trainer.dataset.validation):
                metrics = self._trainer.evaluations.aside(self._trainer.network, "validation", None, seconds, not self._judging)
                self._judging = metrics is None
                if metrics is None:
                    return
                one.validation = metrics
            self._keep(one, self._trainer)
            self._end(one, "done")

    def opened(self, index: int, name: str = "") -> Branch:
        """The point as a branch of its own: with its curves and its last weights, or from its start where these were not kept.

        Raises :class:`~playground.errors.PlaygroundError` where there is no such point, or it cannot be trained.
        """
        if not 0 <= index < len(self._tries):
            raise EngineError(say("there are points 0 to {tries}, got {index}.", tries=len(self._tries) - 1, index=index), where="study")
        one = self._tries[index]
        if len(one.branch.checkpoints):
            return replace(one.branch, name=name, checkpoints=Checkpoints(one.branch.checkpoints))
        trainer = self._begun(one.point)
        return Branch(0, name, document=one.point.document, checkpoints=Checkpoints([_checkpoint(one.point, trainer)]))

    def shown(self) -> Studied:
        """For the snapshot."""
        done = sum(one.state not in ("waiting", "running") for one in self._tries)
        return Studied(self.kind, self._axes, self.epochs, done, self.running, tuple(self._picture(one) for one in self._tries))

    # -- inner parts
    def _begun(self, point: Point) -> Trainer:
        problems = [problem for problem in check(point.document) if problem.severity == "error"]
        if problems:
            raise EngineError(str(problems[0]), where="study", remedy="Change the values that are tried.")
        trainer = self._make(point)
        trainer.epoch_limit = self.epochs
        return trainer

    def _keep(self, one: _Try, trainer: Trainer) -> None:
        one.branch.checkpoints.add(_checkpoint(one.point, trainer))
        kept = sorted((each for each in self._tries if len(each.branch.checkpoints)), key=lambda each: each.score)
        while kept and sum(each.branch.checkpoints.nbytes for each in kept) > STATE_BYTES:
            worst = kept.pop()
            worst.branch.checkpoints.clear()
            worst.shown = None

    def _end(self, one: _Try, state: PointState, message: str = "") -> None:
        one.state, one.message, one.shown = state, message, None
        self._trainer, self._judging = None, False
        self._at += 1

    @staticmethod
    def _picture(one: _Try) -> Tried:
        if one.shown is None:
            validation = one.validation
            one.shown = Tried(
                one.point.values,
                one.point.seed,
                one.point.document,
                one.state,
                one.message,
                one.branch.curves.snapshot(),
                one.loss,
                one.train_accuracy,
                None if validation is None else validation.loss,
                None if validation is None else validation.accuracy,
                len(one.branch.checkpoints) > 0,
            )
        return one.shown


def _checkpoint(point: Point, trainer: Trainer) -> Checkpoint:
    state = trainer.state()
    return Checkpoint(trainer.step_count, point.document, replace(state, history={name: state.history[name] for name in FIGURES}))
