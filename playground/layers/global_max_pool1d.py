"""GlobalMaxPool1D: the largest over all steps of a sequence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from playground.layers import geometry
from playground.layers.kinks import kinked
from playground.layers.spec import Fields, LayerType, Lowering, Shape


class GlobalMaxPool1D(LayerType):
    """(T, F) to (F): the largest number of each feature over the steps that are real."""

    name = "GlobalMaxPool1D"
    summary = "One number for each feature of a sequence: the largest of all steps."
    group = "Sequence"
    icon = "globalmaxpool"

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return geometry.sequence(inputs[0], self.name)[1:]

    def lower(self, lowering: Lowering) -> None:
        (x,), y, mask = lowering.inputs, lowering.output, lowering.masks[0]
        winners = lowering.value("winners", y.shape)
        lowering.forward("max_time", {"x": x, "mask": mask, "y": y, "winners": winners})
        lowering.backward("max_time_backward", {"winners": winners, "dy": lowering.gradient(y), "dx": lowering.gradient(x)})

    def formula(self, fields: Fields) -> str:
        return r"a_k = \max_t\, x_{t,k}"


@kinked("max_time", "winners")
def _winners(values: Any, options: Any) -> Any:
    """The largest is another one beyond a tie."""
    return values["winners"]
