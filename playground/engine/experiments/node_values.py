"""What goes into a node's activation function, over training samples; and the masks that a Dropout drew for the last batches."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from playground.document.graph import function_of, sources
from playground.engine import changes
from playground.engine.experiments import arguments
from playground.engine.experiments.base import Experiment, fixed, learning_alone
from playground.engine.experiments.lab import Masks, MasksAsked, Values, ValuesAsked
from playground.engine.experiments.penalties import nice
from playground.engine.program import schedules
from playground.engine.program.lowering import lower
from playground.engine.state import State as Saved
from playground.errors import EngineError
from playground.layers.functions import FUNCTIONS

if TYPE_CHECKING:  # at run time they would bring numba
    from playground.engine.preparing import ProgressReport
    from playground.engine.program.plan import Plan
    from playground.engine.run import Run

SAMPLES = 256
BINS = 61
SLOPES = 5000
"""Values at most whose slopes are averaged."""
UNITS = 64


class ValuesExperiment(Experiment):
    """A copy of the present weights on :data:`SAMPLES` samples, in training mode."""

    def __init__(self, run: Run, asked: ValuesAsked, progress: ProgressReport) -> None:
        super().__init__(run, progress)
        node = asked.node
        self._function = function_of(self.document, node)
        if self._function not in FUNCTIONS:
            raise EngineError("has no activation function.", where=node or "node", remedy="Select a Dense or an Activation.")
        self.asked, self.total = asked, 1
        self._weights = run.trainer.network.parameters
        self._values: NDArray[Any] | None = None
        self._found: Values | None = None

    def work(self) -> Iterator[bool]:
        from playground.engine.network import GRADIENTS, Network
        from playground.kernels import compile

        few = learning_alone(self.dataset, SAMPLES)
        lowered = lower(changes.shaped(self.document, few))
        node = self.asked.node
        named = lowered.named[node]
        before = arguments.sums(named) or [lowered.named[sources(self.document, node)[0]]["output"]]
        network = Network(self.document, self.document.training.precision, self.seed, lowered=lowered)
        network.set_parameters(self._weights)
        network.step = self.step
        plan = network.plan(GRADIENTS, len(few.train))
        compile.prepare(plan.names, plan.target.dtype, plan.target.isa, self.progress)
        yield True
        seen: list[list[NDArray[Any]]] = [[] for _ in before]

        def look(plan: Plan, count: int) -> None:
            for parts, value in zip(seen, before, strict=True):
                parts.append(np.moveaxis(plan.value(value)[..., :count], -1, 0).copy())

        x = few.train.x.astype(np.float32) * np.float32(few.scale) + np.float32(few.offset)
        network.loss(x, few.train.y, look, few.train.lengths)
        yield True
        shape, unit, of_all = named["output"].shape, self.asked.unit, [np.concatenate(parts) for parts in seen]
        if unit is not None and 0 <= unit < math.prod(shape):
            of_all = arguments.of_unit(of_all, shape, unit)
        steps = x.shape[1]
        flat = np.concatenate([arguments.real(one, few.train.lengths, steps).ravel() for one in of_all]).astype(np.float64)
        self._found = self._counted(flat, len(few.train))
        self.done = 1

    def _counted(self, flat: NDArray[np.float64], samples: int) -> Values:
        finite = flat[np.isfinite(flat)]
        function = FUNCTIONS[self._function]
        some = finite[np.linspace(0, len(finite) - 1, min(len(finite), SLOPES)).astype(int)].tolist() if len(finite) else []
        limit = max(nice(float(np.quantile(np.abs(finite), 0.995))) if len(finite) else 1.0, 4.0)
        return Values(
            state=self.state,
            node=self.asked.node,
            unit=self.asked.unit,
            function=self._function,
            counts=fixed(np.histogram(np.clip(finite, -limit, limit), BINS, (-limit, limit))[0]),
            limit=limit,
            samples=samples,
            slope=sum(map(function.slope, some)) / max(len(some), 1),
            on=sum(function.value(one) > 0 for one in some) / max(len(some), 1),
            lowest=float(finite.min(initial=np.inf)),
            highest=float(finite.max(initial=-np.inf)),
        )

    def found(self) -> Values | None:
        return None if self._found is None else replace(self._found, state=self.state)


class MasksExperiment(Experiment):
    """The last steps made again on a copy at rate 0: a mask hangs on the seed, the step and the sample alone, so these are the very
    masks that were drawn. Steps before the last change of a setting are left out: their batches may have been others."""

    def __init__(self, run: Run, asked: MasksAsked, progress: ProgressReport) -> None:
        super().__init__(run, progress)
        self.asked = asked
        if asked.node not in self.document.nodes or self.document.nodes[asked.node].type != changes.DROPOUT:
            raise EngineError("is no Dropout.", where=asked.node or "node", remedy="Add a Dropout, or select one.")
        self._state = run.trainer.state()
        changed = [event.step for event in run.history.events if event.kind == "setting"]
        back = max(0, min(asked.steps, self.step - max(changed, default=0)))
        self.total = back
        self._rows: list[NDArray[Any]] = []
        self._samples: list[int] = []
        self._units = 0

    def work(self) -> Iterator[bool]:
        self._rows, self._samples, self.done = [], [], 0
        if not self.total:
            return
        trainer = self.trainer(self.dataset, self._state.weights, learning_rate=0.0)
        trainer.restore(Saved(self._state.weights, counters=self._counters()))
        yield True
        while trainer.step_count < self.step and trainer.divergence is None:
            trace = trainer.record(position=0)
            mask = np.ravel(trace.nodes[self.asked.node].values["mask"])
            self._units = mask.size
            self._rows.append(mask[:UNITS] != 0)
            self._samples.append(trace.index)
            self.done += 1
            yield True

    def _counters(self) -> dict[str, int]:
        """Where the run stood so many steps ago."""
        counters, samples = self._state.counters, len(self.dataset.train)
        batch = min(self.document.training.batch_size, samples)
        an_epoch = schedules.steps_per_epoch(samples, batch)
        steps = int(counters["epoch"]) * an_epoch + -(-int(counters["position"]) // batch) - self.total
        epoch, within = divmod(max(steps, 0), an_epoch)
        shuffled = int(counters["shuffled"]) if epoch == counters["epoch"] else int(self.document.training.shuffle)
        return {"step": self.step - self.total, "epoch": epoch, "position": within * batch, "shuffled": shuffled}

    def found(self) -> Masks:
        count = len(self._rows)
        return Masks(
            state=self.state,
            node=self.asked.node,
            rate=changes.dropout_rates(self.document)[self.asked.node],
            steps=np.arange(self.step - self.total + 1, self.step - self.total + 1 + count),
            sample=np.array(self._samples, np.int64),
            kept=fixed(np.array(self._rows, bool)) if count else np.zeros((0, 0), bool),
            units=self._units,
        )
