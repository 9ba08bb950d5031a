"""What is remembered of a network with a handful of weights: every weight step by step, and the mistakes of every round."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from playground.engine.evaluation.results import Progress
from playground.engine.network import Network
from playground.engine.timeline.curves import Curves

if TYPE_CHECKING:  # at run time the trainer is imported when the first one is made: it brings numba
    from playground.engine.trainer import Trainer

MOST_WEIGHTS = 8


def fits(network: Network) -> bool:
    """Whether the network is a perceptron or a linear unit, or no larger than one."""
    return 0 < sum(math.prod(one.parameter.shape) for one in network.lowered.parameters) <= MOST_WEIGHTS


class Closeup:
    """Writes the curves ``parameter/<node>/<name>/<index>`` (its value after the step) and ``mistakes/train`` (wrong answers of a
    round, a whole pass through the training samples, at its last step). Networks that :func:`fits` refuses have neither."""

    def __init__(self) -> None:
        self._at = (-1, 0, 0)  # step, steps left of the round, batch size: where the last call ended
        self._round: int | None = None
        self._stride = 1

    def portion(self, trainer: Trainer, steps: int | None) -> int | None:
        """How many steps the next call may make, of the ``steps`` that are wanted (``None``: as many as there is time for): up to the
        next one of which the weights are kept. That is each one at first; the longer the run, the fewer."""
        if not fits(trainer.network):
            return steps
        most = self._stride - trainer.step_count % self._stride
        return most if steps is None else min(steps, most)

    def before(self, trainer: Trainer, curves: Curves) -> None:
        """Note where the run stands before a call of ``trainer``, and the weights it starts from."""
        if not fits(trainer.network):
            return
        at = _place(trainer)
        if at != self._at:  # another run, a jump in it, another batch size: a round that was cut is not told
            self._at, self._round = at, None
        if trainer.steps_left == trainer.steps_per_epoch:
            self._round = 0
        for name, value in _weights(trainer.network):
            if name not in curves:
                curves.keep(name, trainer.step_count, value)
            self._stride = curves.stride(name)

    def after(self, trainer: Trainer, progress: Progress, curves: Curves) -> None:
        """Append what the call brought."""
        if not len(progress.steps) or not fits(trainer.network):
            return
        for name, value in _weights(trainer.network):
            curves.keep(name, trainer.step_count, value)
        if len(progress.accuracies) and not np.isnan(progress.accuracies).any():  # a regression has no right and wrong
            self._count(trainer, progress, curves)
        self._at = _place(trainer)

    def _count(self, trainer: Trainer, progress: Progress, curves: Curves) -> None:
        samples, every = len(trainer.dataset.train), trainer.steps_per_epoch
        _, left, batch = self._at
        for step, share in zip(progress.steps.tolist(), progress.accuracies.tolist(), strict=True):
            if self._round is not None:
                size = min(batch, samples - (every - left) * batch)  # the last batch of a round may be smaller
                self._round += round((1.0 - share) * size)
            left -= 1
            if left == 0:
                if self._round is not None:
                    curves.add("mistakes/train", step, self._round)
                left, self._round = every, 0


def _place(trainer: Trainer) -> tuple[int, int, int]:
    return trainer.step_count, trainer.steps_left, min(trainer.document.training.batch_size, len(trainer.dataset.train))


def _weights(network: Network) -> list[tuple[str, float]]:
    return [
        (f"parameter/{key}/{index}", float(value))
        for key, array in network.parameters.items()
        for index, value in enumerate(np.ravel(array).tolist())
    ]
