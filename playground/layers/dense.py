"""Dense: every unit takes a weighted sum of all inputs, adds its bias and applies the activation."""

from __future__ import annotations

from collections.abc import Sequence

from playground.errors import Fix, ShapeError
from playground.fields import Field
from playground.layers.functions import FUNCTION_NAMES, FUNCTIONS, written
from playground.layers.initializers import INITIALIZER_FIELDS
from playground.layers.spec import Fields, LayerType, Lowering, Parameter, Shape, format_shape
from playground.sentences import say


class Dense(LayerType):
    """``a = f(W x + b)``, with W (units, features). Takes (F) or (T, F); over T the same weights are used at each step."""

    name = "Dense"
    summary = "Every unit: weighted sum of all inputs, plus a bias, through an activation."
    icon = "dense"
    trace_kind = "dense"
    function_field = "activation"
    fields = (
        Field("units", "int", 8, "How many neurons, each with its own weights and bias.", minimum=1, maximum=8192),
        Field("activation", "choice", "identity", "The function applied to each weighted sum.", choices=FUNCTION_NAMES),
        Field("bias", "bool", True, "Whether each neuron has a bias: a number added to its sum."),
        Field(
            "initial_bias",
            "float",
            0.0,
            "The number every bias starts from.",
            label="Bias starts at",
            minimum=-100.0,
            maximum=100.0,
            shown_when=("bias", (True,)),
        ),
        *INITIALIZER_FIELDS,
    )

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        (shape,) = inputs
        if len(shape) not in (1, 2):
            raise ShapeError(
                say("gets {shape}, it wants one number row (or a sequence of rows, T×F).", shape=format_shape(shape)),
                remedy="Insert Flatten before it.",
                fix=Fix("insert", "Insert Flatten", "Flatten"),
            )
        return (*shape[:-1], fields["units"])

    def parameters(self, fields: Fields, inputs: Sequence[Shape]) -> tuple[Parameter, ...]:
        features, units = inputs[0][-1], fields["units"]
        weight = Parameter(
            "weight", (units, features), fields["initializer"], features, units, initializer_scale=fields["initializer_scale"]
        )
        bias = Parameter("bias", (units,), "constant", features, units, decays=False, initializer_scale=fields["initial_bias"])
        return (weight, bias) if fields["bias"] else (weight,)

    def multiply_adds(self, fields: Fields, inputs: Sequence[Shape]) -> int:
        steps = inputs[0][0] if len(inputs[0]) == 2 else 1
        return steps * inputs[0][-1] * int(fields["units"])

    def lower(self, lowering: Lowering) -> None:
        (x,), y = lowering.inputs, lowering.output
        function = lowering.fields["activation"]
        weight = lowering.parameter("weight")
        bias = lowering.parameter("bias") if lowering.fields["bias"] else None
        z = lowering.value("pre_activation", y.shape)
        if function == "identity":
            lowering.alias(z, y)
        lowering.forward("affine", {"x": x, "weight": weight, "bias": bias, "y": z})
        if function != "identity":
            FUNCTIONS[function].lower(lowering, z, y)
        dz = lowering.gradient(z)
        lowering.backward(
            "affine_backward_weight",
            {"x": x, "dy": dz, "dweight": lowering.gradient(weight), "dbias": lowering.gradient(bias) if bias else None},
        )
        lowering.backward("affine_backward_input", {"weight": weight, "dy": dz, "dx": lowering.gradient(x)})

    def non_differentiable(self, fields: Fields) -> str:
        return FUNCTIONS[fields["activation"]].non_differentiable

    def facts(self, fields: Fields) -> str:
        return written(str(fields["activation"]))

    def formula(self, fields: Fields) -> str:
        return FUNCTIONS[fields["activation"]].formula(r"\sum_i w_{ji} x_i + b_j", "a_j")
