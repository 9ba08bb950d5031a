"""Where a condition on a unit holds ("forget gate below 0.2"), over the sequences of a split: what a unit does, told by what it meets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from playground.engine.experiments.base import Experiment, fixed
from playground.engine.experiments.looked_through import Condition, ConditionAsked
from playground.engine.experiments.vision import seen
from playground.engine.program.sequences import real_steps
from playground.engine.program.streams import in_streams, streams_of
from playground.errors import EngineError
from playground.sentences import say
from playground.turns import give_way

if TYPE_CHECKING:  # at run time they would bring numba
    from playground.engine.network import Network
    from playground.engine.preparing import ProgressReport
    from playground.engine.program.lowering import Lowered
    from playground.engine.run import Run

BATCH = 16
"""Sequences at a time: a slice of 128 units over 100 steps takes about 10 ms."""
REACH = 12
"""Steps before and after a hit whose values are told as well."""
FEATURES = 64
"""Of wider inputs what is read is not told."""


class ConditionExperiment(Experiment):
    """At the weights on show (a kept moment's where one is shown), outside training mode.

    A step at which it holds belongs to a *hit*: steps of one sequence, one after another, without one between them at which it does not.
    Padding neither holds nor counts. Of ``unit`` ``None`` it holds where it does for any unit, and that which goes furthest is told.
    Stateful layers read the windows of the split on, as an evaluation does, from the first one.
    """

    def __init__(self, run: Run, asked: ConditionAsked, progress: ProgressReport) -> None:
        super().__init__(run, progress)
        self.dataset, self.step = run.sight.dataset, run.sight.step_count
        self._network = on_show(run)
        lowered = self._network.lowered
        self.asked = asked
        self._shape = _shape(lowered, asked)
        self._sample = next(iter(lowered.inputs.values())).shape
        self._alike = self._sample[:1] == self._shape[:1]
        wide = self._sample[1] if len(self._sample) == 2 else 1
        self._features = wide if self._alike and len(self._sample) <= 2 and len(lowered.inputs) == 1 and wide <= FEATURES else 0
        self._part = self.dataset.split(asked.split)
        count = self.total = min(len(self._part), max(asked.most, 0))
        self._on = bool(lowered.carried) and self.dataset.description.continued
        self._batch = streams_of(count) if self._on else BATCH
        self._indices = in_streams(count, self._batch) if self._on else np.arange(count) * len(self._part) // max(count, 1)
        self._counts = np.zeros((2, self._shape[0]), np.int64)
        tokens = len(self.dataset.description.tokens) if self._reads_tokens(lowered) else 0
        self._symbols = np.zeros((2, tokens), np.int64)
        self._hits: list[tuple[NDArray[Any], ...]] = []
        self._furthest = np.nan

    def work(self) -> Iterator[bool]:
        from playground.engine.network import FORWARD_ON
        from playground.kernels import compile

        network, lengths = self._network, self._part.lengths
        plan = network.plan(replace(FORWARD_ON, masked=lengths is not None and bool(network.lowered.masks)), self._batch)
        compile.prepare(plan.names, "float32", network.instruction_set, self.progress)
        yield True
        self._counts[:], self._symbols[:], self._hits, self._furthest, self.done = 0, 0, [], np.nan, 0
        states: dict[str, NDArray[Any]] = {}
        for begin in range(0, len(self._indices), self._batch):
            chosen = self._indices[begin : begin + self._batch]
            x = seen(self.dataset, self._part.x[chosen]).reshape(len(chosen), *self._sample)
            own = None if lengths is None else lengths[chosen]
            begun = {key: one[: len(chosen)] for key, one in states.items()} if self._on else None
            values, states = network.values(x, self.asked.node, self.asked.gate, own, begun)
            real = real_steps(own if self._alike else None, len(chosen), self._shape[0])
            self._take(values, real, chosen, x)
            self.done += len(chosen)
            yield True

    def _take(self, values: NDArray[Any], real: NDArray[np.bool_], chosen: NDArray[Any], x: NDArray[Any]) -> None:
        """Count and keep the hits among ``values`` (n, T, U) of the samples ``chosen``."""
        give_way()
        unit, below = self.asked.unit, self.asked.below
        if unit is None:
            of = (values.argmin(axis=2) if below else values.argmax(axis=2)).astype(np.int64)
        else:
            of = np.full(values.shape[:2], unit, np.int64)
        told = np.take_along_axis(values, of[..., None], axis=2)[..., 0]
        self._furthest = (np.fmin if below else np.fmax)(self._furthest, told[real].min() if below else told[real].max())
        holds = real & (told < self.asked.value if below else told > self.asked.value)
        self._counts += [holds.sum(axis=0), real.sum(axis=0)]
        if self._symbols.size:
            numbers = x.astype(np.int64)
            for row, where in enumerate((holds, real)):
                self._symbols[row] += np.bincount(numbers[where], minlength=self._symbols.shape[1])[: self._symbols.shape[1]]
        edges = np.diff(np.pad(holds, ((0, 0), (1, 1))).astype(np.int8), axis=1)
        rows, starts = np.nonzero(edges == 1)
        stops = np.nonzero(edges == -1)[1]
        if not len(rows):
            return
        further = np.where(holds, told if below else -told, np.inf)
        at = np.array([start + further[row, start:stop].argmin() for row, start, stop in zip(rows, starts, stops, strict=True)])
        units = of[rows, at]
        around = np.full((len(rows), 2 * REACH + 1), np.nan, np.float32)
        places = at[:, None] + np.arange(-REACH, REACH + 1)
        inside = (places >= 0) & (places < self._shape[0])
        inside[inside] = real[np.broadcast_to(rows[:, None], places.shape)[inside], places[inside]]
        hit, column = np.nonzero(inside)
        around[hit, column] = values[rows[hit], places[hit, column], units[hit]]
        read = np.full((*around.shape, self._features), np.nan, np.float32)
        read[hit, column] = x.reshape(len(x), len(values[0]), -1)[rows[hit], places[hit, column]] if self._features else 0
        self._hits.append((chosen[rows], starts, stops, at, units, told[rows, at], around, read))
        self._thin()

    def _thin(self) -> None:
        """Keep the hits that go furthest; of equals those that came first."""
        columns = [np.concatenate(column) for column in zip(*self._hits, strict=True)]
        order = np.argsort(columns[5] if self.asked.below else -columns[5], kind="stable")[: self.asked.hits]
        self._hits = [tuple(column[order] for column in columns)]

    def _reads_tokens(self, lowered: Lowered) -> bool:
        return self._alike and len(self._sample) == 1 and bool(self.dataset.description.tokens) and len(lowered.inputs) == 1

    def found(self) -> Condition:
        long = 2 * REACH + 1
        shapes = ((0,), (0, long), (0, long, self._features))
        none: tuple[NDArray[Any], ...] = (*[np.zeros(0, np.int64)] * 5, *(np.zeros(shape, np.float32) for shape in shapes))
        samples, starts, stops, steps, units, values, around, read = self._hits[0] if self._hits else none
        return Condition(
            state=self.state,
            asked=self.asked,
            samples=fixed(samples),
            starts=fixed(starts),
            stops=fixed(stops),
            steps=fixed(steps),
            units=fixed(units),
            values=fixed(values),
            around=fixed(around),
            read=fixed(read),
            holds=fixed(self._counts[0]),
            real=fixed(self._counts[1]),
            symbol_holds=fixed(self._symbols[0]),
            symbol_real=fixed(self._symbols[1]),
            furthest=float(self._furthest),
            seen=self.done,
            of=len(self._part),
        )


def on_show(run: Run) -> Network:
    """A network of its own with the weights on show: the present ones, or a kept moment's."""
    from playground.engine.network import Network

    sight = run.sight
    network = Network(sight.network.document, "float32", run.trainer.seed, lowered=sight.network.lowered)
    network.set_parameters(sight.network.parameters)
    network.step = sight.step_count
    return network


def _shape(lowered: Lowered, asked: ConditionAsked) -> tuple[int, int]:
    """(T, U) of the value that is asked about. Raises :class:`~playground.errors.EngineError` where there is none."""
    if asked.node not in lowered.named:
        raise EngineError("is not in the network.", where=asked.node or "node", remedy="Select one of its recurrent layers.")
    part, value = lowered.parts.get(asked.node, {}).get(asked.gate), lowered.named[asked.node].get(asked.gate)
    shape = (part.value.shape[0], part.stop - part.start) if part is not None else value.shape if value is not None else ()
    if len(shape) != 2:
        raise EngineError(
            say("it has no value {gate!r} of units at each step.", gate=asked.gate), where=asked.node, remedy="Take a gate or a state."
        )
    if asked.unit is not None and not 0 <= asked.unit < shape[1]:
        raise EngineError(say("expected a unit from 1 to {shape}, got {unit}.", shape=shape[1], unit=asked.unit + 1), where=asked.node)
    if not np.isfinite(asked.value):
        raise EngineError(say("expected a number to compare with, got {value}.", value=asked.value), where="condition")
    if asked.hits < 1:
        raise EngineError(say("expected at least one hit to keep, got {hits}.", hits=asked.hits), where="condition")
    return shape
