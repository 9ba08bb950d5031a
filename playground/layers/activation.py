"""Activation: a function applied to every number by itself (softmax: to each row as a whole)."""

from __future__ import annotations

from collections.abc import Sequence

from playground.fields import Field
from playground.layers.functions import FUNCTION_NAMES, FUNCTIONS, written
from playground.layers.spec import Fields, LayerType, Lowering, Shape


class Activation(LayerType):
    """``a = f(z)``, of any shape. Softmax runs over the last axis."""

    name = "Activation"
    summary = "A function applied to each number: ReLU, tanh, sigmoid ..."
    icon = "activation"
    trace_kind = "activation"
    function_field = "function"
    fields = (Field("function", "choice", "relu", "The function applied to each number.", choices=FUNCTION_NAMES),)

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return inputs[0]

    def lower(self, lowering: Lowering) -> None:
        FUNCTIONS[lowering.fields["function"]].lower(lowering, lowering.inputs[0], lowering.output)

    def non_differentiable(self, fields: Fields) -> str:
        return FUNCTIONS[fields["function"]].non_differentiable

    def facts(self, fields: Fields) -> str:
        return written(str(fields["function"]))

    def formula(self, fields: Fields) -> str:
        return FUNCTIONS[fields["function"]].formula("z", "a")
