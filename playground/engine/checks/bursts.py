"""Gradients that burst: norms of single steps, those between two looks as well, which a loss that jumps gives away.

At full speed a small network makes thousands of steps between two samples of its norms, and a burst of three (a batch of outliers,
a cliff of the loss) falls between them. Each step's loss is known, though. Where it jumps, the call is run again up to that step,
which gives the same numbers to the bit, and its norms are measured then.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from playground.engine.evaluation.results import Progress
from playground.engine.pacing import Pacer

if TYPE_CHECKING:
    from playground.engine.trainer import Trainer

EXPLODED, LEAST = 100.0, 10.0
"""A gradient norm so many times the median of those before it, and above the second number, has exploded (Pascanu et al. 2013) ..."""
MOVED, BEYOND = 0.05, 100.0
"""... where its step moved the node's weights by this share of their norm, or it is so many times that norm (which Adam remembers for
long). With batches of a few samples, norms a hundred times the median come by themselves, and do no harm."""
FEWEST, KEPT = 4, 64
"""So many norms say what is usual: what begins high and falls has not exploded."""
JUMP, MEMORY = 3.0, 64.0
"""A loss so many times the mean of the steps before has jumped; about so many steps count for that mean at least."""
Seen = tuple[int, Mapping[str, float], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Burst:
    """The gradient of a node had ``norm`` at ``step``; ``usual`` is the median of those measured before, at steps not sought out."""

    step: int
    norm: float
    usual: float


class Bursts:
    """Watches the calls of one run. ``found`` is the worst of each node since it was told to forget."""

    def __init__(self) -> None:
        self.found: dict[str, Burst] = {}
        self._norms: dict[str, deque[float]] = {}
        self._loss: float | None = None
        self._looked = 0.0
        self._pace = Pacer(0.25, 0.01)

    def forget(self) -> None:
        """Other weights: what is usual has to be seen anew."""
        self.found, self._norms, self._loss, self._looked = {}, {}, None, 0.0

    def answered(self) -> None:
        """The user has changed a setting: what was before that is told no longer."""
        self.found = {}

    def take(self, trainer: Trainer, norms: Mapping[str, float]) -> None:
        """Norms of each node's gradient at the last step: judged, and usual from now on."""
        self._judge(trainer, trainer.step_count, norms)
        self._remember(norms)

    def watch(self, trainer: Trainer, progress: Progress) -> list[Seen]:
        """After a call of ``trainer``: steps of it whose gradients have exploded, each with its norms of gradients and of weights."""
        losses, usual = progress.losses, self._loss
        if not len(losses) or trainer.divergence is not None:
            return []
        highest, mean = float(losses.max()), float(losses.mean())
        self._loss = mean if usual is None else usual + min(1.0, len(losses) / MEMORY) * (min(mean, JUMP * usual) - usual)
        if usual is None or highest <= JUMP * usual or not (self._pace.due or highest > 2.0 * self._looked):
            return []
        self._looked = highest
        found: list[Seen] = []
        with self._pace.job():
            first = int(np.argmax(losses > JUMP * usual))
            self._get_used(trainer, progress.steps[:first])
            for at in sorted({max(first - 1, 0), first, int(np.argmax(losses))}):  # what threw it lies before the jump
                step = int(progress.steps[at])
                gradients, weights = _norms(trainer, step)
                if self._judge(trainer, step, gradients):
                    found.append((step, gradients, weights))
        return found

    def _get_used(self, trainer: Trainer, steps: NDArray[np.int64]) -> None:
        """To norms at some of these ``steps``, where the run is so young that too few are known."""
        if len(steps) >= FEWEST and any(len(before) < FEWEST for before in self._norms.values() or ((),)):
            for step in steps[np.linspace(0, len(steps) - 1, FEWEST, dtype=int)].tolist():
                self._remember(_norms(trainer, step)[0])

    def _remember(self, norms: Mapping[str, float]) -> None:
        for node, norm in norms.items():
            self._norms.setdefault(node, deque(maxlen=KEPT)).append(norm)

    def _judge(self, trainer: Trainer, step: int, norms: Mapping[str, float]) -> bool:
        """Whether one of them has exploded."""
        usual = {node: float(np.median(before)) for node, before in self._norms.items() if len(before) >= FEWEST}
        high = [node for node in norms if norms[node] > max(EXPLODED * usual.get(node, math.inf), LEAST)]
        sizes, moves = _moves(trainer, step) if high else ({}, {})
        exploded = [node for node in high if moves[node] > MOVED * sizes[node] or norms[node] > BEYOND * sizes[node]]
        for node in exploded:
            if node not in self.found or norms[node] > self.found[node].norm:
                self.found = {**self.found, node: Burst(step, norms[node], usual[node])}
        return bool(exploded)


def _norms(trainer: Trainer, step: int) -> tuple[dict[str, float], dict[str, float]]:
    """Of each node's gradient at ``step``, one of the last call, and of its weights after it."""
    with trainer.again(step) as plan:
        return plan.layout.norms(plan.gradients), plan.layout.norms(plan.parameters)


def _moves(trainer: Trainer, step: int) -> tuple[dict[str, float], dict[str, float]]:
    """The norm of each node's weights before ``step``, one of the last call, and of what they moved by it."""
    with trainer.again(step - 1) as plan:
        before = plan.parameters.copy()
        sizes = plan.layout.norms(before)
    with trainer.again(step) as plan:
        return sizes, plan.layout.norms(plan.parameters - before)
