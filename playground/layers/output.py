"""Output: what the network predicts, held against the truth. It has no parameters."""

from __future__ import annotations

from collections.abc import Sequence

from playground.errors import Fix, ShapeError
from playground.fields import Field
from playground.layers.spec import Fields, LayerType, Lowering, Shape, format_shape

LOSSES = ("softmax_cross_entropy", "binary_cross_entropy", "mean_squared_error", "half_squared_error")
SQUARED = ("mean_squared_error", "half_squared_error")
OWN_FUNCTION = {"softmax_cross_entropy": "softmax", "binary_cross_entropy": "sigmoid"}
"""Losses that apply a function to what they get: the prediction are its shares of 1, and targets are 0 and 1."""
OF_CLASSES = ("target_low", "target_high")
"""Fields that say which number stands for a class: where numbers are to be predicted, they have no effect."""

FORMULAS = {
    "softmax_cross_entropy": r"p_k = \frac{e^{z_k}}{\sum_j e^{z_j}} \quad L = -\ln p_t",
    "binary_cross_entropy": r"p = \frac{1}{1 + e^{-z}} \quad L = -\frac{1}{K}\sum_k t_k \ln p_k + (1 - t_k) \ln(1 - p_k)",
    "mean_squared_error": r"L = \frac{1}{K}\sum_k (a_k - t_k)^2",
    "half_squared_error": r"L = \frac{1}{2}\sum_k (a_k - t_k)^2",
}


class Output(LayerType):
    """Prediction, truth and loss of (K) or (T, K). The cross-entropies take raw sums and apply softmax or sigmoid themselves.

    Of a sequence there is a target at each step; the loss is the mean over those steps of the batch that have one and are real.
    """

    name = "Output"
    summary = "What the network predicts, the truth, and the loss between them."
    group = "Data"
    icon = "output"
    trace_kind = "output"
    has_output = False
    fields = (
        Field("loss", "choice", "softmax_cross_entropy", "How wrong a prediction is, as one number to make small.", choices=LOSSES),
        Field(
            "target_low",
            "float",
            0.0,
            "The target number for a class that is not the true one (0; the tutorial's 0.1; -1 with tanh).",
            label="Target, no",
            minimum=-10.0,
            maximum=10.0,
            shown_when=("loss", SQUARED),
        ),
        Field(
            "target_high",
            "float",
            1.0,
            "The target number for the true class (1; the tutorial's 0.9).",
            label="Target, yes",
            minimum=-10.0,
            maximum=10.0,
            shown_when=("loss", SQUARED),
        ),
    )

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        """The prediction's shape."""
        (shape,) = inputs
        if len(shape) > 2:
            raise ShapeError(
                f"gets {format_shape(shape)}, it wants one number row.",
                remedy="Insert Flatten before it.",
                fix=Fix("insert", "Insert Flatten", "Flatten"),
            )
        return shape

    def lower(self, lowering: Lowering) -> None:
        (x,), y, kind = lowering.inputs, lowering.output, lowering.fields["loss"]
        if kind == "softmax_cross_entropy":
            lowering.forward("softmax", {"x": x, "y": y})
        elif kind == "binary_cross_entropy":
            lowering.forward("map", {"x": x, "y": y}, function="sigmoid")
        else:
            lowering.alias(y, x)
        roles = {"x": x, "y": y, "target": lowering.target, "dx": lowering.gradient(x), "loss": lowering.value("loss", ())}
        if lowering.counted is not None:
            roles["counted"] = lowering.counted
            lowering.forward("count_steps", {"counted": lowering.counted})
        lowering.forward(
            "loss",
            roles,
            kind=kind,
            low=float(lowering.fields["target_low"]),
            high=float(lowering.fields["target_high"]),
        )

    def facts(self, fields: Fields) -> str:
        return str(fields["loss"]).replace("_", " ")

    def formula(self, fields: Fields) -> str:
        return FORMULAS[fields["loss"]]
