"""Last: of a sequence the last step that is real."""

from __future__ import annotations

from collections.abc import Sequence

from playground.layers import geometry
from playground.layers.spec import Fields, LayerType, Lowering, Shape


class Last(LayerType):
    """(T, F) to (F): ``a = x_T``; where samples have lengths, the step that each ends with."""

    name = "Last"
    summary = "Keeps the last step of a sequence and lets all others go."
    group = "Sequence"
    icon = "last"

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return geometry.sequence(inputs[0], self.name)[1:]

    def lower(self, lowering: Lowering) -> None:
        (x,), y, mask = lowering.inputs, lowering.output, lowering.masks[0]
        lowering.forward("last", {"x": x, "mask": mask, "y": y})
        lowering.backward("last_backward", {"mask": mask, "dy": lowering.gradient(y), "dx": lowering.gradient(x)})

    def formula(self, fields: Fields) -> str:
        return r"a = x_T"
