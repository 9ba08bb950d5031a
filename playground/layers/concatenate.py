"""Concatenate: several inputs side by side."""

from __future__ import annotations

from collections.abc import Sequence

from playground.errors import ShapeError
from playground.fields import Field
from playground.layers.spec import Fields, LayerType, Lowering, Shape, format_shape
from playground.sentences import listed, say


class Concatenate(LayerType):
    """Joins inputs along one axis; all other axes must agree. Left open, the axis is the features' or the channels'."""

    name = "Concatenate"
    summary = "Lays several inputs side by side: features after features, channels after channels."
    group = "Merge"
    icon = "concatenate"
    inputs = (2, None)
    fields = (
        Field(
            "axis",
            "int",
            None,
            "The axis of a sample's shape to join along, from 0. Left open: features of rows and sequences, channels of pictures.",
            minimum=0,
            maximum=7,
            optional=True,
        ),
    )

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        first, axis = inputs[0], join_axis(fields, inputs[0])
        if axis >= len(first):
            raise ShapeError(
                say(
                    "joins along axis {axis}, but {first} has only axes 0 to {last}.",
                    axis=axis,
                    first=format_shape(first),
                    last=len(first) - 1,
                )
            )
        for shape in inputs[1:]:
            if len(shape) != len(first) or any(a != b for i, (a, b) in enumerate(zip(shape, first, strict=True)) if i != axis):
                raise ShapeError(
                    say(
                        "joins along axis {axis}, so all other sizes must agree; it gets {inputs}.",
                        axis=axis,
                        inputs=listed(map(format_shape, inputs), say(" and ")),
                    ),
                    remedy="Insert Flatten or Reshape before it, or change the layers' sizes.",
                )
        return (*first[:axis], sum(shape[axis] for shape in inputs), *first[axis + 1 :])

    def lower(self, lowering: Lowering) -> None:
        xs, y = list(lowering.inputs), lowering.output
        axis = join_axis(lowering.fields, y.shape)
        lowering.forward("concatenate", {"xs": xs, "y": y}, axis=axis)
        lowering.backward("split", {"y": lowering.gradient(y), "xs": [lowering.gradient(x) for x in xs]}, axis=axis)

    def formula(self, fields: Fields) -> str:
        return r"a = [\, x^{(1)},\; x^{(2)},\; \ldots \,]"


def join_axis(fields: Fields, shape: Shape) -> int:
    """The axis that ``fields`` names, or by default the features of (F) and (T, F), the channels of (C, H, W)."""
    if fields["axis"] is not None:
        return int(fields["axis"])
    return 1 if len(shape) == 2 else 0
