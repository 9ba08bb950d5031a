"""The learning-rate finder: the rate raised step by step by equal factors, and the loss that follows (L. N. Smith, 2015)."""

from __future__ import annotations

import math
from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from playground.engine.experiments.base import Experiment, evaluated, fixed, learning_alone, weights_at
from playground.engine.experiments.lab import Rates, RatesAsked
from playground.engine.preparing import ProgressReport
from playground.engine.run import Run
from playground.errors import EngineError
from playground.sentences import say

Numbers = NDArray[np.float64]

SAMPLES = 1000
BLOWN_UP = 4.0
"""So many times its lowest value ends the test: the network is far from where it began."""
SETTLED = 10
LEAST_FALL = 0.02
"""Share of its first value that the loss has to fall by for a rate to be suggested."""
ROUND = (1.0, 2.0, 3.0, 5.0, 10.0)


class RateFinder(Experiment):
    """On a copy of the weights, with the run's optimizer (its memory empty) and batch size. A batch's own loss is mostly chance,
    so before each step the loss of many samples is taken as well; by that a rate is suggested."""

    def __init__(self, run: Run, asked: RatesAsked, progress: ProgressReport) -> None:
        super().__init__(run, progress)
        if not (0 < asked.low < asked.high < math.inf and asked.steps >= 2 * SETTLED):
            raise EngineError(
                say("cannot raise a rate from {low:g} to {high:g} in {steps} steps.", low=asked.low, high=asked.high, steps=asked.steps),
                where="learning rate",
                remedy=say("Give the lower end first, above 0, and {settled} steps or more.", settled=2 * SETTLED),
            )
        self.asked, self.total = asked, asked.steps
        self._weights = weights_at(run, asked.origin)
        self._losses: list[float] = []
        self._means: list[float] = []

    @property
    def rates(self) -> Numbers:
        """Of all steps that are to be made."""
        return np.geomspace(self.asked.low, self.asked.high, self.asked.steps)

    def work(self) -> Iterator[bool]:
        self._losses, self._means, self.done, self.total = [], [], 0, self.asked.steps
        trainer = self.trainer(learning_alone(self.dataset), self._weights)
        yield True
        for rate in self.rates.tolist():
            trainer.set_training(msgspec.structs.replace(trainer.document.training, learning_rate=rate))
            mean = (yield from evaluated(trainer, "train", SAMPLES)).loss
            losses = trainer.advance(0.001, steps=1).losses.tolist()
            if trainer.divergence is not None or not all(map(math.isfinite, losses)):
                self.message = say("At rate {rate:.2g} the numbers left the range.", rate=rate)
                return
            self._losses += losses
            self._means.append(mean)
            self.done += 1
            yield True
            if blown_up(np.array(self._means)):
                self.total = self.done
                return

    def found(self) -> Rates:
        losses, means = np.array(self._losses, np.float64), np.array(self._means, np.float64)
        rates = self.rates[: len(losses)]
        index = steepest(rates, means) if not self.running else None
        training = self.document.training
        return Rates(
            state=self.state,
            rates=fixed(rates),
            losses=fixed(losses),
            means=fixed(means),
            samples=min(SAMPLES, len(self.dataset.train)),
            suggestion=None if index is None else rounded(float(rates[index])),
            index=-1 if index is None else index,
            optimizer=training.optimizer,
            batch=min(training.batch_size, len(self.dataset.train)),
        )


def blown_up(means: Numbers) -> bool:
    """Whether the loss is several times its lowest."""
    return len(means) > SETTLED and bool(means[-1] > BLOWN_UP * means[:-1].min())


def steepest(rates: Numbers, means: Numbers) -> int | None:
    """Where, up to its lowest point, the loss falls most steeply over the logarithm of the rate, measured from half a decade before to
    half a decade after; ``None`` where it hardly falls."""
    if len(means) <= 2 * SETTLED:
        return None
    lowest, half = int(np.argmin(means)), max(1, round(0.5 / math.log10(rates[1] / rates[0])))
    places = np.arange(half, min(lowest, len(means) - 1 - half) + 1)
    if not len(places) or means[0] - means[lowest] < LEAST_FALL * abs(means[0]):
        return None
    return int(places[np.argmin(means[places + half] - means[places - half])])


def rounded(rate: float) -> float:
    """The nearest of 1, 2, 3, 5 times a power of ten, by factor."""
    power = 10.0 ** math.floor(math.log10(rate))
    nearest = min(ROUND, key=lambda step: abs(math.log(rate / (step * power))))
    return float(f"{nearest * power:.1g}")
