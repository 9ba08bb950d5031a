"""Flatten: the same numbers in one row."""

from __future__ import annotations

import math
from collections.abc import Sequence

from playground.layers.spec import Fields, LayerType, Lowering, Shape


class Flatten(LayerType):
    """(C, H, W) or any shape to (C·H·W), in reading order: nothing is computed and nothing copied."""

    name = "Flatten"
    summary = "Lays a picture or any block of numbers out in one row."
    group = "Shape"
    icon = "flatten"

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return (math.prod(inputs[0]),)

    def lower(self, lowering: Lowering) -> None:
        lowering.alias(lowering.output, lowering.inputs[0])

    def formula(self, fields: Fields) -> str:
        return r"a_{(c H + h) W + w} = x_{c,h,w}"
