"""RepeatVector: a row of numbers becomes a sequence that has it at every step."""

from __future__ import annotations

from collections.abc import Sequence

from playground.errors import Fix, ShapeError
from playground.fields import Field
from playground.layers.spec import Fields, LayerType, Lowering, Shape, format_shape
from playground.sentences import say


class RepeatVector(LayerType):
    """(F) to (steps, F): ``a_t = x``. What an encoder found is laid before a decoder at every step."""

    name = "RepeatVector"
    summary = "Repeats a row of numbers at every step of a new sequence."
    group = "Sequence"
    icon = "repeat"
    fields = (Field("steps", "int", 8, "How many steps the sequence gets.", minimum=1, maximum=4096),)

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        (shape,) = inputs
        if len(shape) != 1:
            last = len(shape) == 2
            raise ShapeError(
                say("gets {shape}, it wants one row of numbers.", shape=format_shape(shape)),
                remedy="Insert Last before it." if last else "Insert Flatten before it.",
                fix=Fix("insert", "Insert Last", "Last") if last else Fix("insert", "Insert Flatten", "Flatten"),
            )
        return (fields["steps"], *shape)

    def lower(self, lowering: Lowering) -> None:
        (x,), y = lowering.inputs, lowering.output
        lowering.forward("repeat", {"x": x, "y": y})
        lowering.backward("repeat_backward", {"dy": lowering.gradient(y), "dx": lowering.gradient(x)})

    def facts(self, fields: Fields) -> str:
        return say("{steps} times", steps=fields["steps"])

    def formula(self, fields: Fields) -> str:
        return r"a_t = x"
