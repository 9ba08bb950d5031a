"""What BatchNorm and LayerNorm share: a weight and a bias a feature (a map), for numbers brought to mean 0 and variance 1."""

from __future__ import annotations

import math
from collections.abc import Sequence

from playground.errors import ShapeError
from playground.fields import Field
from playground.layers.spec import Fields, LayerType, Parameter, Shape, format_shape
from playground.sentences import say

EPSILON = Field(
    "epsilon",
    "float",
    1e-5,
    "A small number added to the variance, so that nothing is divided by 0.",
    minimum=1e-8,
    maximum=1.0,
    live=True,
)


class Normalization(LayerType):
    """A normalization of (F), (T, F) or (C, H, W); its parameters are named as PyTorch names them."""

    group = "Normalization"
    trace_kind = "maps"

    def channels(self, shape: Shape) -> int:
        """How many features or maps there are. Raises :class:`ShapeError` where that cannot be told."""
        if len(shape) not in (1, 2, 3):
            raise ShapeError(
                say("gets {shape}; {name} wants a row F, a sequence T×F or a picture C×H×W.", shape=format_shape(shape), name=self.name),
                remedy="Insert Flatten or Reshape before it.",
            )
        return shape[0] if len(shape) == 3 else shape[-1]

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        self.channels(inputs[0])
        return inputs[0]

    def parameters(self, fields: Fields, inputs: Sequence[Shape]) -> tuple[Parameter, ...]:
        """Neither decays: L1 and L2 are for weights that inputs are multiplied by."""
        shape = (self.channels(inputs[0]),)
        return Parameter("weight", shape, "constant", decays=False), Parameter("bias", shape, "zeros", decays=False)

    def multiply_adds(self, fields: Fields, inputs: Sequence[Shape]) -> int:
        return math.prod(inputs[0])

    def formula(self, fields: Fields) -> str:
        return r"a_k = w_k\, \frac{x_k - \mu}{\sqrt{\sigma^2 + \epsilon}} + b_k"
