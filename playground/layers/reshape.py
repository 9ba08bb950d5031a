"""Reshape: the same numbers in another shape."""

from __future__ import annotations

import math
from collections.abc import Sequence

from playground.errors import Fix, ShapeError
from playground.fields import Field
from playground.layers.spec import Fields, LayerType, Lowering, Shape, format_shape
from playground.sentences import say


class Reshape(LayerType):
    """Any shape to any other with as many numbers, in reading order: nothing is computed and nothing copied."""

    name = "Reshape"
    summary = "Gives the same numbers another shape, such as 784 to 1×28×28."
    group = "Shape"
    icon = "reshape"
    fields = (Field("shape", "shape", (1,), "The new shape of one sample; it must hold as many numbers as come in."),)

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        shape, values = tuple(fields["shape"]), math.prod(inputs[0])
        if math.prod(shape) != values:
            raise ShapeError(
                say(
                    "gets {inputs} ({values} numbers), but its shape {shape} holds {shape2}.",
                    inputs=format_shape(inputs[0]),
                    values=values,
                    shape=format_shape(shape),
                    shape2=math.prod(shape),
                ),
                remedy=say("Choose a shape that holds {values} numbers.", values=values),
                fix=Fix("set_field", say("Set the shape to {values}", values=values), fields=(("shape", (values,)),)),
            )
        return shape

    def lower(self, lowering: Lowering) -> None:
        lowering.alias(lowering.output, lowering.inputs[0])

    def facts(self, fields: Fields) -> str:
        return format_shape(tuple(fields["shape"]))

    def formula(self, fields: Fields) -> str:
        return r"a = x \quad \text{(in reading order)}"
