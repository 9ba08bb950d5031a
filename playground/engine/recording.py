"""Recording: the trace of a sample as the training rows compute it, and what an update did to every parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground import kernels
from playground.data.spec import Dataset
from playground.engine.passes import Recorded
from playground.engine.program import augmenting
from playground.engine.program.lowering import Lowered
from playground.engine.program.optimizers import SLOTS, update_terms
from playground.engine.program.plan import Plan, Purpose
from playground.engine.program.resident import resident
from playground.engine.program.streams import Kept, lane_of
from playground.engine.trace import ParameterTrace, Trace, Update
from playground.engine.tracing import fixed, read_trace
from playground.errors import EngineError
from playground.kernels import Target
from playground.kernels.types import Dtype
from playground.sentences import say

TRACE = Purpose(wanted="everything", mode="sample")
BATCH = Purpose(wanted="everything", mode="training")


class Recorder:
    """Plans that run one sample in a lane of as many as the training has, from the same resident data, with the same kernels
    and the same dropout masks: so its numbers are those of the training step. A network whose samples hang on each other (batch
    norm) runs the step's whole batch again. The live arena is only read."""

    def __init__(self, dataset: Dataset, seed: int, dtype: Dtype) -> None:
        self._dataset, self._seed, self._dtype = dataset, seed, dtype
        self._plans: dict[tuple[int, str, Purpose], Plan] = {}

    def forget(self) -> None:
        """After a change of the network."""
        self._plans.clear()

    def plan(self, lowered: Lowered, lanes: int, split: str, purpose: Purpose = TRACE) -> Plan:
        """The plan for single samples of ``split``, or for batches of as many as there are lanes; made when first asked for."""
        isa = kernels.detect()
        if purpose is TRACE:  # one lane of a very wide batch is still one lane
            lanes = kernels.lanes_for(lanes, self._dtype, isa)
        key = (lanes, split, purpose)
        if key not in self._plans:
            target = Target(self._dtype, lanes, isa)
            augmentation = augmenting.settings_of() if split == "train" else None
            positions = 1 if purpose is TRACE else lanes
            samples = resident(lowered, self._dataset, split, positions=positions, augmentation=augmentation)
            self._plans[key] = Plan(lowered, target, purpose, self._seed, samples)
        return self._plans[key]

    def plans(self, lowered: Lowered, lanes: int) -> list[Plan]:
        """Those that steps of the training are shown with."""
        return [self.plan(lowered, lanes, "train", purpose) for purpose in ([TRACE, BATCH] if lowered.batchwise else [TRACE])]

    def trace(
        self,
        lowered: Lowered,
        lanes: int,
        parameters: NDArray[Any],
        split: str,
        index: int,
        step: int,
        dropout_rates: Mapping[str, float],
        augmentation: NDArray[np.float64] | None = None,
        carried: Kept | None = None,
    ) -> Trace:
        """Run sample ``index`` of ``split`` with a copy of ``parameters``, as training step ``step`` would: a picture of the training
        split is the one that this step sees. ``carried``: what it begins from, in a single lane, where layers are stateful."""
        samples = len(self._dataset.split(split))
        if not 0 <= index < samples:
            raise EngineError(
                say("{split} has samples 0 to {samples}, got {index}.", split=split, samples=samples - 1, index=index), where="sample"
            )
        plan = self.plan(lowered, lanes, split)
        self._run(plan, parameters, (index,), step, dropout_rates, augmentation, carried)
        return self._with_original(read_trace(plan, split, index, step), lowered, augmentation)

    def _with_original(self, trace: Trace, lowered: Lowered, augmentation: NDArray[np.float64] | None) -> Trace:
        """``trace`` with its picture as it was before augmentation, where that changed it; with the numbers of a table before they were
        standardized."""
        data = self._dataset
        if data.mean is not None and data.deviation is not None and data.split(trace.split).x.ndim == 2:
            return replace(trace, original=fixed(data.split(trace.split).x[trace.index] * data.deviation + data.mean))
        if trace.split != "train" or augmentation is None:
            return trace
        seen = trace.nodes[next(iter(lowered.inputs))].values["output"]
        found = augmenting.original(self._dataset, trace.index, seen, augmentation)
        return trace if found is None else replace(trace, original=fixed(found))

    @staticmethod
    def _run(
        plan: Plan,
        parameters: NDArray[Any],
        batch: Sequence[int],
        step: int,
        dropout_rates: Mapping[str, float],
        augmentation: NDArray[np.float64] | None,
        carried: Kept | None,
    ) -> None:
        assert plan.samples is not None
        plan.start_over(len(batch))
        for one, numbers in (carried or {}).items():
            if one in plan.carried:
                plan.carried[one][..., : numbers.shape[-1]] = numbers
        plan.samples.order[: len(batch)] = batch
        plan.parameters[:] = parameters
        plan.set_dropout_rates(dropout_rates)
        if plan.samples.augmentation is not None:
            plan.samples.augmentation[:] = augmenting.settings_of() if augmentation is None else augmentation
        control = plan.control
        control.step, control.batch, control.cursor, control.end = step, len(batch), 0, len(batch)
        plan.program.run(1)

    def replay(self, lowered: Lowered, plan: Plan, recorded: Recorded, position: int) -> Trace:
        """The trace of the sample at ``position`` in a recorded step's batch, with that step's update. ``plan`` is the training's."""
        before, index = recorded.before, recorded.batch[position]
        chance = recorded.dropout_rates, recorded.augmentation
        if not lowered.batchwise:
            own = lane_of(before.carried, position % len(recorded.batch))
            trace = self.trace(lowered, plan.lanes, before.parameters, "train", index, before.step, *chance, own)
            return self.with_update(trace, plan, recorded)
        lane, batched = position % len(recorded.batch), self.plan(lowered, plan.lanes, "train", BATCH)
        self._run(batched, before.parameters, recorded.batch, before.step, *chance, before.carried)
        batched.isolate(lane, len(recorded.batch))
        trace = self._with_original(read_trace(batched, "train", index, before.step, lane), lowered, recorded.augmentation)
        return self.with_update(trace, plan, recorded)

    def with_update(self, trace: Trace, plan: Plan, recorded: Recorded) -> Trace:
        """``trace`` with the update of a recorded step: what it was made from, its terms, weights after. ``plan`` is the training's."""
        training, layout = recorded.training, plan.layout
        slots = SLOTS[training.optimizer]
        parameters: dict[str, ParameterTrace] = {}
        for key, one in trace.parameters.items():
            placed = layout.placed[key]
            after = layout.one(recorded.parameters, key)
            if placed.frozen or recorded.diverged:
                parameters[key] = replace(one, after=fixed(after))
                continue
            gradient = layout.one(recorded.gradients, key)
            state = [layout.one(flat, key) for flat in recorded.before.states]
            terms = update_terms(training, recorded.rate, recorded.clip, placed.decays, one.before, after, gradient, state)
            parameters[key] = replace(
                one,
                terms={name: fixed(term) for name, term in terms.items()},
                after=fixed(after),
                batch_gradient=fixed(gradient),
                state={slot: fixed(array) for slot, array in zip(slots, state, strict=True)},
                state_after={slot: fixed(layout.one(flat, key)) for slot, flat in zip(slots, recorded.states, strict=True)},
            )
        update = Update(recorded.rate, recorded.clip, recorded.count, recorded.batch, training)
        return replace(trace, parameters=parameters, update=update)
