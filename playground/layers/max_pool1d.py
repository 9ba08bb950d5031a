"""MaxPool1D: the largest number of each stretch of a sequence."""

from __future__ import annotations

from collections.abc import Sequence

from playground.layers import geometry, pooling
from playground.layers.convolution import place
from playground.layers.spec import Fields, Shape


class MaxPool1D(pooling.Pool):
    """(T, F) to (T', F): each feature by itself, along the steps."""

    name = "MaxPool1D"
    summary = "Keeps each feature's largest number of every stretch of steps: a shorter sequence."
    icon = "maxpool1d"
    fields = pooling.fields("int", 1)
    operation = "max_pool"

    def sizes(self, shape: Shape) -> Shape:
        return geometry.sequence(shape, self.name)[:1]

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        places = self.places(fields, inputs)
        return (*places, inputs[0][1])

    def taps(self, fields: Fields) -> str:
        return str(fields["pool_size"])

    def formula(self, fields: Fields) -> str:
        at = place("t", "u", pooling.strides(fields), 1, fields["padding"])
        return rf"a_{{t,k}} = \max_u\, x_{{{at},\,k}}"
