"""Output: what the network predicts, held against the truth. It has no parameters."""

from __future__ import annotations

from collections.abc import Sequence

from playground.errors import Fix, ShapeError
from playground.fields import Field
from playground.layers import losses
from playground.layers.losses import LOSSES
from playground.layers.spec import Fields, LayerType, Lowering, Shape, format_shape
from playground.sentences import say

NUMBERS = tuple(name for name in LOSSES if losses.get(name).target == "number")
OF_CLASSES = ("target_low", "target_high")
"""Fields that say which number stands for a class: where numbers are to be predicted, they have no effect."""


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
            shown_when=("loss", NUMBERS),
        ),
        Field(
            "target_high",
            "float",
            1.0,
            "The target number for the true class (1; the tutorial's 0.9).",
            label="Target, yes",
            minimum=-10.0,
            maximum=10.0,
            shown_when=("loss", NUMBERS),
        ),
    )

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        """The prediction's shape."""
        (shape,) = inputs
        if len(shape) > 2:
            raise ShapeError(
                say("gets {shape}, it wants one number row.", shape=format_shape(shape)),
                remedy="Insert Flatten before it.",
                fix=Fix("insert", "Insert Flatten", "Flatten"),
            )
        return shape

    def lower(self, lowering: Lowering) -> None:
        (x,), y, loss = lowering.inputs, lowering.output, losses.get(lowering.fields["loss"])
        if loss.function == "softmax":
            lowering.forward("softmax", {"x": x, "y": y})
        elif loss.function:
            lowering.forward("map", {"x": x, "y": y}, function=loss.function)
        else:
            lowering.alias(y, x)
        roles = {"x": x, "y": y, "target": lowering.target, "dx": lowering.gradient(x), "loss": lowering.value("loss", ())}
        if lowering.counted is not None:
            roles["counted"] = lowering.counted
            lowering.forward("count_steps", {"counted": lowering.counted})
        lowering.forward(
            "loss",
            roles,
            kind=loss.name,
            low=float(lowering.fields["target_low"]),
            high=float(lowering.fields["target_high"]),
        )

    def facts(self, fields: Fields) -> str:
        return losses.get(fields["loss"]).words

    def formula(self, fields: Fields) -> str:
        return losses.get(fields["loss"]).formula
