"""OneHot: a symbol becomes a row with one 1, at its number."""

from __future__ import annotations

from collections.abc import Sequence

from playground.layers import tokens
from playground.layers.spec import Fields, LayerType, Lowering, Shape


class OneHot(LayerType):
    """``a_tk = 1 where k = x_t, else 0``: tokens (T) to (T, symbols). Nothing is learned, and no error goes back."""

    name = "OneHot"
    summary = "Each symbol becomes a row of zeros with a single 1, at its number."
    group = "Sequence"
    icon = "onehot"
    fields = (tokens.VOCABULARY,)

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return (tokens.steps_of(inputs), tokens.symbols(fields))

    def lower(self, lowering: Lowering) -> None:
        lowering.forward("one_hot", {"x": lowering.inputs[0], "y": lowering.output})

    def formula(self, fields: Fields) -> str:
        return r"a_{t,k} = [\, k = x_t \,]"
