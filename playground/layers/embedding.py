"""Embedding: each symbol has a row of numbers of its own, which is learned (Bengio et al. 2003)."""

from __future__ import annotations

from collections.abc import Sequence

from playground.fields import Field
from playground.layers import tokens
from playground.layers.initializers import INITIALIZER_FIELDS
from playground.layers.spec import Fields, LayerType, Lowering, Parameter, Shape
from playground.sentences import say


class Embedding(LayerType):
    """``a_t = E[x_t]``: tokens (T) to rows (T, size), with ``weight`` (symbols, size)."""

    name = "Embedding"
    summary = "Each symbol becomes a row of numbers of its own, learned with the rest."
    group = "Sequence"
    icon = "embedding"
    fields = (
        Field("size", "int", 16, "How many numbers stand for a symbol.", minimum=1, maximum=4096),
        tokens.VOCABULARY,
        *INITIALIZER_FIELDS,
    )

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        steps = tokens.steps_of(inputs)
        tokens.symbols(fields)
        return (steps, fields["size"])

    def parameters(self, fields: Fields, inputs: Sequence[Shape]) -> tuple[Parameter, ...]:
        symbols, size = tokens.symbols(fields), fields["size"]
        drawn = {"initializer": fields["initializer"], "initializer_scale": fields["initializer_scale"]}
        return (Parameter("weight", (symbols, size), fan_in=symbols, fan_out=size, **drawn),)

    def lower(self, lowering: Lowering) -> None:
        (x,), y, weight = lowering.inputs, lowering.output, lowering.parameter("weight")
        lowering.forward("embedding", {"x": x, "weight": weight, "y": y})
        lowering.backward("embedding_backward_weight", {"x": x, "dy": lowering.gradient(y), "dweight": lowering.gradient(weight)})

    def facts(self, fields: Fields) -> str:
        return say("{vocabulary} symbols", vocabulary=fields["vocabulary"]) if fields["vocabulary"] else ""

    def formula(self, fields: Fields) -> str:
        return r"a_{t,k} = E_{x_t,\,k}"
