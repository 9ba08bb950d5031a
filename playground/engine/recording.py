"""Recording: the trace of a sample as the training rows compute it, and what an update did to every parameter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground import kernels
from playground.data.spec import Dataset
from playground.engine import augmenting
from playground.engine.lowering import Lowered
from playground.engine.optimizers import SLOTS, update_terms
from playground.engine.passes import Recorded
from playground.engine.plan import Plan, Purpose
from playground.engine.resident import resident
from playground.engine.trace import ParameterTrace, Trace, Update
from playground.engine.tracing import fixed, read_trace
from playground.errors import EngineError
from playground.kernels import Target
from playground.kernels.types import Dtype

TRACE = Purpose(wanted="everything", dropout=True)


class Recorder:
    """Plans that run one sample in a lane of as many as the training has, from the same resident data, with the same kernels
    and the same dropout masks: so its numbers are those of the training step. The live arena is only read."""

    def __init__(self, dataset: Dataset, seed: int, dtype: Dtype) -> None:
        self._dataset, self._seed, self._dtype = dataset, seed, dtype
        self._plans: dict[tuple[int, str], Plan] = {}

    def forget(self) -> None:
        """After a change of the network."""
        self._plans.clear()

    def plan(self, lowered: Lowered, lanes: int, split: str) -> Plan:
        """The plan for samples of ``split``, made when first asked for."""
        if (lanes, split) not in self._plans:
            target = Target(self._dtype, lanes, kernels.detect())
            augmentation = augmenting.settings_of() if split == "train" else None
            samples = resident(lowered, self._dataset, split, positions=1, augmentation=augmentation)
            self._plans[lanes, split] = Plan(lowered, target, TRACE, self._seed, samples)
        return self._plans[lanes, split]

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
    ) -> Trace:
        """Run sample ``index`` of ``split`` with a copy of ``parameters``, as training step ``step`` would: a picture of the training
        split is the one that this step sees."""
        samples = len(self._dataset.split(split))
        if not 0 <= index < samples:
            raise EngineError(f"{split} has samples 0 to {samples - 1}, got {index}.", where="sample")
        plan = self.plan(lowered, lanes, split)
        assert plan.samples is not None
        plan.samples.order[0] = index
        plan.parameters[:] = parameters
        plan.set_dropout_rates(dropout_rates)
        if plan.samples.augmentation is not None:
            plan.samples.augmentation[:] = augmenting.settings_of() if augmentation is None else augmentation
        control = plan.control
        control.step, control.batch, control.cursor, control.end = step, 1, 0, 1
        plan.program.run(1)
        return read_trace(plan, split, index, step)

    def replay(self, lowered: Lowered, plan: Plan, recorded: Recorded, position: int) -> Trace:
        """The trace of the sample at ``position`` in a recorded step's batch, with that step's update. ``plan`` is the training's."""
        before, index = recorded.before, recorded.batch[position]
        chance = recorded.dropout_rates, recorded.augmentation
        trace = self.trace(lowered, plan.lanes, before.parameters, "train", index, before.step, *chance)
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
