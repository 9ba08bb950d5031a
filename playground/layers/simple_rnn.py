"""SimpleRNN: each step's state is a function of the input and of the state before (Elman 1990)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground.fields import Field
from playground.layers.functions import FUNCTIONS, written
from playground.layers.kinks import kinked
from playground.layers.recurrent import COMMON, DRAWN, UNITS, Recurrent
from playground.layers.spec import Fields, Lowering
from playground.layers.way import Way
from playground.sentences import listed

ACTIVATIONS = ("tanh", "relu", "sigmoid", "identity")


class SimpleRNN(Recurrent):
    """``h_t = f(W x_t + U h_(t-1) + b)``, with W ``weight_input`` (units, features) and U ``weight_hidden`` (units, units)."""

    name = "SimpleRNN"
    summary = "Reads a sequence step by step; each unit's state depends on the input and on all states before."
    icon = "rnn"
    operation = "recurrent"
    function_field = "activation"
    fields = (
        UNITS,
        Field("activation", "choice", "tanh", "The function applied to each weighted sum.", choices=ACTIVATIONS),
        *COMMON,
        *DRAWN,
    )

    def forward(self, lowering: Lowering, way: Way) -> None:
        roles = {"sums": way.sums, "weight_hidden": way.parameter("weight_hidden"), "mask": way.mask, **way.starts, **way.states}
        lowering.forward(self.operation, roles, function=lowering.fields["activation"], **way.options)

    def backward(self, lowering: Lowering, way: Way) -> None:
        weight = way.parameter("weight_hidden")
        roles = {**way.states, "weight_hidden": weight, **way.errors}
        lowering.backward(self.operation_back, roles, function=lowering.fields["activation"], **way.back)
        learned = {**way.states, **way.starts, "dsums": way.dsums, "dweight_hidden": lowering.gradient(weight)}
        lowering.backward("recurrent_backward_weight", learned, **way.options)

    def facts(self, fields: Fields) -> str:
        return listed(filter(None, [written(str(fields["activation"])), super().facts(fields)]))

    def formula(self, fields: Fields) -> str:
        return FUNCTIONS[fields["activation"]].formula(r"W x_t + U h_{t-1} + b", "h_t")


@kinked("recurrent", "sums")
def _sides(values: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
    return values["sums"] > 0 if options["function"] == "relu" else ()
