"""Multiply: the product of several inputs, number by number (a gate)."""

from __future__ import annotations

from collections.abc import Sequence

from playground.layers.merge import same_shape
from playground.layers.spec import Fields, LayerType, Lowering, Shape


class Multiply(LayerType):
    """``a = x1 · x2 · ...``, all of one shape."""

    name = "Multiply"
    summary = "Multiplies several inputs of one shape, number by number: one can gate another."
    group = "Merge"
    icon = "multiply"
    inputs = (2, None)

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return same_shape(inputs, "multiplies")

    def lower(self, lowering: Lowering) -> None:
        xs, y = list(lowering.inputs), lowering.output
        lowering.forward("product", {"xs": xs, "y": y})
        lowering.backward("product_backward", {"xs": xs, "dy": lowering.gradient(y), "dxs": [lowering.gradient(x) for x in xs]})

    def formula(self, fields: Fields) -> str:
        return r"a = \prod_k x^{(k)}"
