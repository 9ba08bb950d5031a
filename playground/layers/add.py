"""Add: the sum of several inputs, number by number (the skip connection of residual networks)."""

from __future__ import annotations

from collections.abc import Sequence

from playground.layers.merge import same_shape
from playground.layers.spec import Fields, LayerType, Lowering, Shape


class Add(LayerType):
    """``a = x1 + x2 + ...``, all of one shape."""

    name = "Add"
    summary = "Adds several inputs of one shape, number by number."
    group = "Merge"
    icon = "add"
    inputs = (2, None)

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return same_shape(inputs, "adds")

    def lower(self, lowering: Lowering) -> None:
        lowering.forward("sum", {"xs": list(lowering.inputs), "y": lowering.output})
        for x in lowering.inputs:
            lowering.backward("copy", {"x": lowering.gradient(lowering.output), "y": lowering.gradient(x)})

    def formula(self, fields: Fields) -> str:
        return r"a = \sum_k x^{(k)}"
