"""The rows around a network's operations: its samples come in before them, answers go out and the optimizer's step is made after."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playground import kernels
from playground.document.model import Training
from playground.engine.program import augmenting
from playground.engine.program.arena import ParameterLayout
from playground.engine.program.lowering import Lowered, Operation
from playground.engine.program.purpose import Purpose
from playground.engine.program.resident import Resident
from playground.kernels import Region, Row, Target
from playground.layers.spec import Value


def augments(purpose: Purpose, samples: Resident | None) -> bool:
    """Whether pictures are changed by chance: not where the network is used."""
    return purpose.mode != "inference" and samples is not None and samples.augmentation is not None


def merged(lowered: Lowered, purpose: Purpose, operations: Sequence[Operation]) -> dict[str, Operation]:
    """The operations that compute a parameter's gradient and make its step in one go, by its key. That spares writing and reading
    the gradient, which takes a tenth of 784-300-10's time. It is for plain SGD, and where nothing must be known of all
    gradients, or of further micro-batches, before the first weight may change."""
    training = purpose.update
    if training is None or purpose.accumulate or purpose.norms:
        return {}
    clips = training.clip_norm is not None or training.clip_value is not None
    if training.optimizer != "sgd" or clips or training.l1 or training.l2:
        return {}
    learning = {lowered(p.gradient): p.key for p in lowered.parameters if not p.frozen}
    return {
        learning[gradient]: operation
        for operation in operations
        if operation.name == "affine_backward_weight"
        for gradient in map(lowered, operation.values(("dweight",)))
        if gradient in learning and all(len(x.shape) == 1 for x in operation.values(("x",)))
    }


@dataclass(frozen=True, slots=True)
class Around:
    """Makes them, from what a plan has laid out: ``flat`` are the ranges of parameters, gradients and the optimizer's state, ``x_rows``
    the inputs' batches a row a sample, ``one`` and ``space`` give the region of a value and of a whole space; ``checked`` hands rows back
    once they keep to their regions, and takes the node to be named where they do not."""

    lowered: Lowered
    target: Target
    purpose: Purpose
    samples: Resident | None
    seed: int
    masks: tuple[Value, ...]
    layout: ParameterLayout
    flat: Sequence[Region]
    x_rows: Mapping[Value, Region]
    scratch: Region
    one: Callable[[Value], Region]
    space: Callable[[str], Region]
    checked: Callable[[list[Row], str], list[Row]]

    # -- before
    def gather(self) -> list[Row]:
        if self.samples is None:
            return []
        held, rows = self.samples, []
        for node, value in self.lowered.inputs.items():
            roles = {
                "data": self.space("data"),
                "order": self.space("order"),
                "x": self.one(value),
                "x_rows": self.x_rows.get(self.lowered(value)),
                "scratch": self.scratch,
            }
            options = {"dtype": held.x.dtype.name, "scale": held.scale, "offset": held.offset}
            if augments(self.purpose, held):
                roles["augmentation"] = self.space("augmentation")
                options["key"] = augmenting.key_of(self.seed, node)
            rows += self.checked(kernels.expand("gather", roles, options, self.target), node)
        for mask in self.masks:
            roles = {"lengths": self.space("lengths"), "order": self.space("order"), "mask": self.one(mask)}
            rows += self.checked(kernels.expand("gather_mask", roles, {}, self.target), mask.node)
        return rows + self.gather_target()

    def gather_target(self) -> list[Row]:
        held, counted = self.samples, self.lowered.counted
        assert held is not None
        roles: dict[str, Region | None] = {
            "data": self.space("targets"),
            "order": self.space("order"),
            "target": self.one(self.lowered.target),
        }
        options = {"encoding": held.encoding, "low": held.low, "high": held.high}
        name = "gather_target"
        if counted is not None:
            told = held.lengths is not None and self.lowered.target_mask is not None
            roles |= {"counted": self.one(counted), "lengths": self.space("lengths") if told else None}
            name = "gather_steps"
        return self.checked(kernels.expand(name, roles, options, self.target), self.lowered.output)

    # -- after
    def scatter(self) -> list[Row]:
        if not self.purpose.scatter:
            return []
        rows: list[Row] = []
        loss = self.lowered.named[self.lowered.output]["loss"]
        for value, space in ((self.lowered.prediction, "predictions"), (loss, "losses")):
            rows += kernels.expand("scatter", {"y": self.one(value), "output": self.space(space)}, {}, self.target)
        return self.checked(rows, self.lowered.output)

    def _range(self, flat: Region, start: int, extent: int) -> Region:
        return Region("arena", flat.start + start, extent, (extent,))

    def norms(self) -> list[Row]:
        """Of gradients, where they are asked for or clipped."""
        update = self.purpose.update
        clips = update is not None and (update.clip_norm is not None or update.clip_value is not None)
        if not self.purpose.norms and not clips:
            return []
        rows: list[Row] = []
        for span in self.layout.spans():
            rows += kernels.expand("norm", {"gradient": self._range(self.flat[1], span.start, span.extent)}, {}, self.target)
        if update is not None and update.clip_norm is not None:
            rows += kernels.expand("clip", {}, {"most": update.clip_norm}, self.target)
        if update is not None and update.clip_value is not None:
            for span in self.layout.spans():
                rows += kernels.expand("largest", {"gradient": self._range(self.flat[1], span.start, span.extent)}, {}, self.target)
        return self.checked(rows, "update")

    def update(self, training: Training, without: Collection[str]) -> list[Row]:
        """The optimizer's step of all parameters but those of these keys."""
        names = ("momentum", "beta1", "beta2", "alpha", "epsilon", "weight_decay", "l1", "l2", "optimizer", "clip_value")
        options: dict[str, Any] = {name: getattr(training, name) for name in names}
        rows: list[Row] = []
        for span in self.layout.spans(without=without):
            parameter, gradient, *state = (self._range(flat, span.start, span.extent) for flat in self.flat)
            roles = {"parameter": parameter, "gradient": gradient, "state": state}
            rows += kernels.expand("update", roles, {**options, "decays": span.decays}, self.target)
        return self.checked(rows, "update")
