"""Input: where a sample enters the network."""

from __future__ import annotations

from collections.abc import Sequence

from playground.errors import Fix, ShapeError
from playground.fields import Field
from playground.layers.spec import Fields, LayerType, Lowering, Shape, format_shape


class Input(LayerType):
    """One sample, as the data set gives it. The engine fills its output; nothing is computed here."""

    name = "Input"
    summary = "Where a sample enters: a picture, a point, a row of a table."
    group = "Data"
    icon = "input"
    trace_kind = "input"
    inputs = (0, 0)
    fields = (
        Field(
            "shape",
            "shape",
            None,
            "Shape of one sample. Left open, it is the data set's.",
            optional=True,
        ),
    )

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        if fields["shape"] is None:
            raise ShapeError(
                "Input has no shape yet.",
                remedy="Choose a data set, or give the shape of one sample.",
                fix=Fix("set_data", "Choose a data set"),
            )
        return tuple(fields["shape"])

    def lower(self, lowering: Lowering) -> None:
        """Nothing: the plan gathers the batch straight into the output."""

    def facts(self, fields: Fields) -> str:
        return format_shape(tuple(fields["shape"])) if fields["shape"] else ""

    def formula(self, fields: Fields) -> str:
        return r"a = x"
