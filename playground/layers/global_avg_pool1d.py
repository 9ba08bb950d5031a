"""GlobalAvgPool1D: the mean over all steps of a sequence."""

from __future__ import annotations

from collections.abc import Sequence

from playground.layers import geometry
from playground.layers.spec import Fields, LayerType, Lowering, Shape


class GlobalAvgPool1D(LayerType):
    """(T, F) to (F): the mean of each feature over the steps that are real."""

    name = "GlobalAvgPool1D"
    summary = "One number for each feature of a sequence: its mean over all steps."
    group = "Sequence"
    icon = "globalavgpool"

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return geometry.sequence(inputs[0], self.name)[1:]

    def lower(self, lowering: Lowering) -> None:
        (x,), y, mask = lowering.inputs, lowering.output, lowering.masks[0]
        lowering.forward("mean_time", {"x": x, "mask": mask, "y": y})
        lowering.backward("mean_time_backward", {"mask": mask, "dy": lowering.gradient(y), "dx": lowering.gradient(x)})

    def formula(self, fields: Fields) -> str:
        return r"a_k = \frac{1}{T} \sum_t x_{t,k}"
