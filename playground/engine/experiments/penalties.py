"""L1 against L2: the same start trained without a penalty and with each, and how the weights come to lie about zero."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from playground.engine.experiments.base import Experiment, fixed, weights_at
from playground.engine.experiments.lab import Penalties, PenaltiesAsked, Penalty, Trained
from playground.engine.pacing import Pacer
from playground.errors import EngineError

if TYPE_CHECKING:  # at run time they would bring numba
    from playground.engine.preparing import ProgressReport
    from playground.engine.run import Run
    from playground.engine.trainer import Trainer

BINS = 41
NEAR = 0.01
SLICE_SECONDS = 0.004
SAMPLES_SEEN = 100_000
NICE = (1.0, 2.0, 5.0, 10.0)


class PenaltyExperiment(Experiment):
    """The three take turns, an epoch's share each, so that they are seen side by side at the same age."""

    def __init__(self, run: Run, asked: PenaltiesAsked, progress: ProgressReport) -> None:
        super().__init__(run, progress)
        if not (asked.l1 >= 0 and asked.l2 >= 0 and (asked.epochs is None or asked.epochs >= 1)):
            raise EngineError("penalties and epochs cannot be negative.", where="penalties", remedy="Take 0.01, and 1 epoch or more.")
        self._start = weights_at(run, "start")
        placed = run.trainer.network.layout.placed
        self._keys = [key for key in self._start if placed[key].decays and not placed[key].frozen]
        if not self._keys:
            raise EngineError("there are no weights that learn.", where="penalties", remedy="Add a Dense, or let a frozen node learn.")
        self.epochs = asked.epochs or epochs_for(len(self.dataset.train))
        self._strengths: dict[Penalty, tuple[float, float]] = {"none": (0.0, 0.0), "l1": (asked.l1, 0.0), "l2": (0.0, asked.l2)}
        self._trainers: dict[Penalty, Trainer] = {}
        self._validation: dict[Penalty, float] = {}
        self._pace = Pacer(0.1, 0.1)
        self._shown: Penalties | None = None
        self.total = 3 * self.epochs

    def work(self) -> Iterator[bool]:
        self._trainers.clear()
        self._validation.clear()
        for name, (l1, l2) in self._strengths.items():
            trainer = self.trainer(self.dataset, self._start, l1=l1, l2=l2)
            trainer.epoch_limit = self.epochs
            self._trainers[name] = trainer
            yield True
        busy = dict(self._trainers)
        while busy:
            name = min(busy, key=lambda one: (busy[one].epoch, busy[one].step_count))
            trainer = busy[name]
            progress = trainer.advance(SLICE_SECONDS, trainer.steps_left)
            found = progress.metrics.get("validation")
            if found is not None and self.dataset.held_out:
                self._validation[name] = found.loss
            if trainer.finished and not progress.busy:
                del busy[name]
            self.done = sum(self.epochs if one not in busy else made.epoch for one, made in self._trainers.items())
            yield True

    def found(self) -> Penalties | None:
        if self._trainers and (self._shown is None or self._shown.state.running) and (self._pace.due or not self.running):
            with self._pace.job():
                self._shown = self._look()
        return self._shown

    def _look(self) -> Penalties:
        weights = {name: self._weights(trainer) for name, trainer in self._trainers.items()}
        limit = nice(max(float(np.abs(one).max(initial=0.0)) for one in weights.values()))
        trained = []
        for name, trainer in self._trainers.items():
            values, (l1, l2) = weights[name], self._strengths[name]
            shown = max(1, min(100, trainer.steps_per_epoch))
            trained.append(
                Trained(
                    penalty=name,
                    strength=max(l1, l2),
                    epoch=trainer.epoch,
                    loss=trainer.recent.loss(shown),
                    validation=self._validation.get(name),
                    counts=fixed(np.histogram(values, BINS, (-limit, limit))[0]),
                    near=int((np.abs(values) <= NEAR).sum()),
                    largest=float(np.abs(values).max(initial=0.0)),
                    diverged=trainer.divergence is not None,
                )
            )
        return Penalties(self.state, self.epochs, limit, NEAR, sum(self._start[key].size for key in self._keys), tuple(trained))

    def _weights(self, trainer: Trainer) -> np.ndarray:
        parameters = trainer.network.parameters
        return np.concatenate([np.ravel(parameters[key]) for key in self._keys]).astype(np.float64)


def epochs_for(samples: int) -> int:
    """How many epochs show what a penalty does, without a long wait."""
    return max(2, min(200, SAMPLES_SEEN // max(samples, 1)))


def nice(largest: float) -> float:
    """The next of 1, 2, 5 times a power of ten: an axis that does not tremble."""
    if not 0 < largest < np.inf:
        return 1.0
    power = 10.0 ** np.floor(np.log10(largest))
    return float(next(step * power for step in NICE if largest <= step * power * (1 + 1e-9)))
