"""Evaluation: a split run through the inference rows in slices, between training steps; then counted."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from playground import kernels
from playground.data.spec import Dataset
from playground.engine.evaluation import answers
from playground.engine.evaluation.records import Worst
from playground.engine.evaluation.results import Metrics
from playground.engine.pacing import is_steady
from playground.engine.program.lowering import Lowered
from playground.engine.program.plan import Plan, Purpose
from playground.engine.program.resident import levels, resident
from playground.engine.program.sequences import counted_steps, first_wrong, mean_of_steps
from playground.engine.program.streams import in_streams, streams_of
from playground.kernels import Target
from playground.kernels.types import Dtype

if TYPE_CHECKING:
    from playground.engine.network import Network

BATCH = 128
WORST = 24
REST_SECONDS = 0.2
"""Evaluations at the ends of epochs are at least so far apart, where nothing hangs on them."""


class Evaluation:
    """The network on a split, or on ``limit`` samples spread evenly over it. Made once, run as often as asked.

    :meth:`begin` copies the weights, so that training may go on between slices and the figures are still of one moment.

    Of a network with stateful layers the split is read on as training reads it: its windows in streams, each beginning with the states
    that the one before ended with. There are at most ``streams.MOST_STREAMS``, of at least ``streams.FEWEST_WINDOWS`` windows each where
    the split has so many: a stream's first window begins without a past. A ``limit`` is not obeyed then.
    """

    def __init__(
        self, lowered: Lowered, dataset: Dataset, split: str, dtype: Dtype, limit: int | None = None, isa: str | None = None
    ) -> None:
        self.split = split
        self._lowered, self._dataset = lowered, dataset
        total = len(dataset.split(split))
        self._count = total if limit is None or lowered.carried else min(limit, total)
        samples = resident(lowered, dataset, split, self._count)
        self._rows = np.arange(self._count) * total // max(self._count, 1)
        batch = streams_of(self._count) if lowered.carried else min(BATCH, self._count)
        samples.order[:] = in_streams(self._count, batch) if lowered.carried else self._rows
        self._positions = np.argsort(samples.order)
        part = dataset.split(split)
        self._y = part.y[self._rows]
        classified = dataset.description.task == "classification"
        self._probable = classified and bool(lowered.loss.function)
        self._frequencies = answers.frequencies_of(dataset) if classified else None
        self._rare = answers.is_rare(dataset)
        self._counted = None
        if lowered.counted is not None:
            self._counted = counted_steps(lowered, self._y, None if part.lengths is None else part.lengths[self._rows])
        isa = isa or kernels.detect()
        target = Target(dtype, kernels.lanes_for(batch, dtype, isa), isa)
        self.plan = Plan(lowered, target, Purpose(scatter=True, carries=True), samples=samples)
        self._batch = batch if lowered.carried else target.lanes
        control = self.plan.control
        control.batch, control.end, control.cursor = self._batch, self._count, self._count
        self._step_seconds = 0.0

    @property
    def busy(self) -> bool:
        """Whether samples are left to run."""
        return bool(self.plan.control.cursor < self._count)

    def begin(self, parameters: NDArray[np.floating]) -> None:
        """Start over with a copy of these weights (a flat range of the same network)."""
        self.plan.parameters[:] = parameters
        self.plan.start_over(self._batch)
        self.plan.control.cursor = 0

    def advance(self, seconds: float) -> bool:
        """Run for about ``seconds``; whether all samples are done."""
        left = -(-(self._count - self.plan.control.cursor) // self._batch)
        steps = left if not self._step_seconds else max(1, min(left, int(seconds / self._step_seconds)))
        if not self._step_seconds:
            steps = 1
        start = time.perf_counter()
        self.plan.program.run(min(steps, left))
        self._step_seconds = (time.perf_counter() - start) / max(steps, 1)
        return not self.busy

    def finish(self) -> Metrics:
        """Run what is left and count."""
        while self.busy:
            self.advance(1.0)
        return self.metrics()

    def metrics(self) -> Metrics:
        """The figures of a finished evaluation; arrays are copies."""
        shape = self._lowered.prediction.shape
        predictions = self.plan.spaces["predictions"].reshape(self._count, *shape)[self._positions]
        losses = self.plan.spaces["losses"][self._positions]
        worst = np.argsort(-np.where(np.isnan(losses), np.inf, losses), kind="stable")[:WORST]
        loss = float(losses.mean(dtype=np.float64)) if self._counted is None else mean_of_steps(losses, self._counted)
        if self._dataset.description.task == "regression":
            flat, truth = predictions.reshape(self._count, -1), self._y.reshape(self._count, -1)
            picks = self._worst(worst, flat[:, 0], truth[:, 0], losses)
            told = None if self._counted is None else answers.of_values(self._rows, predictions, self._y, self._counted)
            taken = slice(None) if self._counted is None else self._counted
            wide = self._y.shape[-1]
            far = answers.deviation(
                predictions.reshape(self._y.shape)[taken].reshape(-1, wide), self._y[taken].reshape(-1, wide), self._dataset
            )
            return Metrics(self.split, self._count, loss, None, None, predictions, losses, picks, answers=told, deviation=far)
        guessed, truth = predicted_classes(self._lowered, predictions), self._y
        shown, told = (guessed, truth), None
        if self._counted is not None:
            known = (predictions, self._frequencies) if self._probable else (None, None)
            told = answers.of_classes(self._rows, guessed, truth, self._counted, *known)
            shown = first_wrong(guessed, truth, self._counted)
            guessed, truth = guessed[self._counted], truth[self._counted]
        classes = len(self._dataset.description.classes)
        confusion = np.zeros((classes, classes), np.int64)
        np.add.at(confusion, (truth, guessed), 1)
        accuracy = float((guessed == truth).mean())
        picks, f1 = self._worst(worst, *shown, losses), answers.f1(confusion) if self._rare else None
        return Metrics(self.split, self._count, loss, accuracy, confusion, predictions, losses, picks, f1, told)

    def _worst(self, rows: NDArray[Any], predicted: NDArray[Any], truth: NDArray[Any], losses: NDArray[Any]) -> tuple[Worst, ...]:
        return tuple(Worst(int(self._rows[i]), float(predicted[i]), float(truth[i]), float(losses[i])) for i in rows)


class Evaluations:
    """The evaluations of one network after another on a data set: each made when first asked for and run as often as wanted. One
    at a time may run in slices, with training between them."""

    def __init__(self, dataset: Dataset, dtype: Dtype) -> None:
        self._dataset, self._dtype = dataset, dtype
        self._made: dict[tuple[str, int | None], Evaluation] = {}
        self._ended_at = -math.inf
        self._aside: Evaluation | None = None
        self.running: Evaluation | None = None
        self.rare = answers.is_rare(dataset)

    def find(self, lowered: Lowered, split: str, limit: int | None = None) -> Evaluation:
        """That of ``split``, or of ``limit`` of its samples."""
        if (split, limit) not in self._made:
            self._made[split, limit] = Evaluation(lowered, self._dataset, split, self._dtype, limit)
        return self._made[split, limit]

    def now(self, lowered: Lowered, parameters: NDArray[np.floating], split: str, limit: int | None) -> Metrics:
        """Evaluate at one go. One that runs in slices on the same split starts over afterwards: its figures are still waited for."""
        evaluation = self.find(lowered, split, limit)
        under_way = evaluation.plan.parameters.copy() if self.running is evaluation else None
        evaluation.begin(parameters)
        metrics = evaluation.finish()
        if under_way is not None:
            evaluation.begin(under_way)
        return metrics

    def aside(self, network: Network, split: str, limit: int | None, seconds: float, afresh: bool) -> Metrics | None:
        """Evaluate ``network`` for about ``seconds``, with its weights of the first of these calls (``afresh``: of this one); the
        figures when all samples are done. Whatever :attr:`running` does is untouched."""
        if afresh or self._aside is None:
            found = self.find(network.lowered, split, limit)
            if found is self.running:  # as many samples, under a key of their own
                found = self.find(network.lowered, split, len(self._dataset.split(split)))
            self._aside = found
            found.begin(network.flat)
        if not self._aside.advance(seconds):
            return None
        metrics, self._aside = self._aside.metrics(), None
        return metrics

    def begin(self, lowered: Lowered, parameters: NDArray[np.floating]) -> None:
        """Begin to evaluate the validation split in slices."""
        self.running = self.find(lowered, "validation")
        self.running.begin(parameters)

    def slice(self, seconds: float) -> Metrics | None:
        """Go on with the one that runs, for about ``seconds``; its figures when it is done."""
        assert self.running is not None
        if not self.running.advance(seconds):
            return None
        metrics, self.running, self._ended_at = self.running.metrics(), None, time.monotonic()
        return metrics

    @property
    def rested(self) -> bool:
        """Whether the last one in slices ended a while ago."""
        return is_steady() or time.monotonic() - self._ended_at > REST_SECONDS

    def forget(self) -> None:
        """After a change of the network."""
        self._made.clear()
        self.running = self._aside = None


def predicted_classes(lowered: Lowered, predictions: NDArray[Any]) -> NDArray[np.int64]:
    """The class of each prediction (N, *shape): the largest output; of a single output, the side of the targets' midpoint. Where there
    is one at each step, (N, T)."""
    flat = predictions if lowered.counted is not None else predictions.reshape(len(predictions), -1)
    if flat.shape[-1] > 1:
        classes: NDArray[np.int64] = flat.argmax(axis=-1)
        return classes
    low, high = levels(lowered.fields[lowered.output])
    return (flat[..., 0] > (low + high) / 2).astype(np.int64)
