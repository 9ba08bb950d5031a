"""Which samples each unit of a node answers most to, and where in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from playground.document.receptive import Field, receptive_field
from playground.engine.experiments import vision
from playground.engine.experiments.base import Experiment, fixed
from playground.engine.experiments.lab import Strongest, StrongestAsked
from playground.errors import EngineError
from playground.sentences import say

if TYPE_CHECKING:  # at run time they would bring numba
    from playground.engine.preparing import ProgressReport
    from playground.engine.run import Run

BATCH = 64
MOST = 20_000
"""Samples of the training split that are looked through at most, spread evenly over it."""
UNITS = 512
"""Units at most that are looked after, the first ones."""


class StrongestExperiment(Experiment):
    """At the present weights, outside training mode. One pass serves all units of the node."""

    def __init__(self, run: Run, asked: StrongestAsked, progress: ProgressReport) -> None:
        super().__init__(run, progress)
        self._network = vision.copied(run)
        lowered = self._network.lowered
        self._picture = vision.shape_of(lowered)
        if asked.node not in lowered.named:
            raise EngineError("is not in the network.", where=asked.node or "node", remedy="Select one of its nodes.")
        self._sample = next(iter(lowered.inputs.values())).shape
        self._shape = lowered.named[asked.node]["output"].shape
        if not 1 <= asked.count <= 64:
            raise EngineError(say("expected 1 to 64 samples a unit, got {count}.", count=asked.count), where="count")
        self.asked = asked
        self._low, self._high = vision.ends(self.dataset)
        count = len(self.dataset.train)
        self._indices = np.arange(min(count, MOST)) * count // min(count, MOST)
        self.total = len(self._indices)
        units = min(self._shape[0] if len(self._shape) == 3 else self._shape[-1], UNITS)
        self._best = np.full((units, asked.count), -np.inf, np.float32)
        self._samples = np.full((units, asked.count), -1, np.int64)
        self._places = np.zeros((units, asked.count), np.int64)
        self._field = (receptive_field(self.document, asked.node) if len(self._shape) == 3 else None) or Field.whole(self._picture[1:])

    def work(self) -> Iterator[bool]:
        from playground.engine.network import FORWARD
        from playground.kernels import compile

        plan = self._network.plan(FORWARD, BATCH)
        compile.prepare(plan.names, plan.target.dtype, plan.target.isa, self.progress)
        yield True
        self._best[:], self._samples[:], self.done = -np.inf, -1, 0
        for begin in range(0, len(self._indices), BATCH):
            chosen = self._indices[begin : begin + BATCH]
            x = vision.seen(self.dataset, self.dataset.train.x[chosen]).reshape(len(chosen), *self._sample)
            answers, places = peaks(self._network.probe(x, [self.asked.node])[self.asked.node], len(self._best))
            self._keep(answers, places, chosen)
            self.done += len(chosen)
            yield True

    def found(self) -> Strongest:
        return Strongest(
            state=self.state,
            asked=self.asked,
            shape=self._shape,
            answers=fixed(self._best),
            samples=fixed(self._samples),
            places=fixed(self._places),
            patches=fixed(self._patches()),
            low=self._low,
            high=self._high,
            seen=self.done,
            of=len(self.dataset.train),
        )

    def _keep(self, answers: NDArray[Any], places: NDArray[Any], chosen: NDArray[Any]) -> None:
        """Merge the answers (n, units) of the samples ``chosen`` with the best so far."""
        count = self.asked.count
        best = np.concatenate([self._best, answers.T], axis=1)
        samples = np.concatenate([self._samples, np.broadcast_to(chosen, answers.T.shape)], axis=1)
        where = np.concatenate([self._places, places.T], axis=1)
        order = np.argsort(-best, axis=1, kind="stable")[:, :count]  # stable: of equals, the sample that came first
        self._best, self._samples, self._places = (np.take_along_axis(one, order, axis=1) for one in (best, samples, where))

    def _patches(self) -> NDArray[np.float32]:
        rows, columns = self._field.rows, self._field.columns
        found = np.zeros((*self._samples.shape, self._picture[0], rows, columns), np.float32)
        width = self._shape[2] if len(self._shape) == 3 else 1
        for unit, rank in np.argwhere(self._samples >= 0):
            picture = vision.seen(self.dataset, self.dataset.train.x[self._samples[unit, rank]]).reshape(self._picture)
            row, column = divmod(int(self._places[unit, rank]), width)
            found[unit, rank] = self._field.patch(picture, row, column)
        return found


def peaks(values: NDArray[Any], units: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """For values (n, C, H, W) or (n, F): the largest number of each of the first ``units`` units, and where in its map it is, flat."""
    maps = values.reshape(len(values), values.shape[1], -1) if values.ndim == 4 else values.reshape(len(values), -1, values.shape[-1])
    if values.ndim != 4:
        maps = np.moveaxis(maps, 1, -1)
    maps = maps[:, :units]
    places = maps.argmax(axis=2)
    return np.take_along_axis(maps, places[..., None], axis=2)[..., 0].astype(np.float32), places
