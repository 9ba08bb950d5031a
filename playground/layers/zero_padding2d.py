"""ZeroPadding2D: zeros around each map."""

from __future__ import annotations

from collections.abc import Sequence

from playground.fields import Field
from playground.layers import geometry
from playground.layers.convolution import MOST_CELLS
from playground.layers.geometry import Window
from playground.layers.spec import Fields, LayerType, Lowering, Shape

ENDS = ("top", "bottom", "left", "right")
_HELP = {
    "top": "Rows of zeros above each map.",
    "bottom": "Rows of zeros below each map.",
    "left": "Columns of zeros left of each map.",
    "right": "Columns of zeros right of each map.",
}


class ZeroPadding2D(LayerType):
    """(C, H, W) to (C, top + H + bottom, left + W + right). Keras's ``padding=((top, bottom), (left, right))``."""

    name = "ZeroPadding2D"
    summary = "Lays zeros around each map, as many at each side as wanted."
    group = "Shape"
    icon = "zeropadding"
    trace_kind = "maps"
    fields = tuple(Field(end, "int", 1, _HELP[end], minimum=0, maximum=MOST_CELLS) for end in ENDS)

    def windows(self, fields: Fields, inputs: Sequence[Shape]) -> tuple[Window, ...]:
        rows, columns = geometry.picture(inputs[0], self.name)[1:]
        top, bottom, left, right = (fields[end] for end in ENDS)
        return Window(rows, before=top, after=bottom), Window(columns, before=left, after=right)

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        rows, columns = self.windows(fields, inputs)
        return (inputs[0][0], rows.length, columns.length)

    def lower(self, lowering: Lowering) -> None:
        (x,), y = lowering.inputs, lowering.output
        padding = tuple(int(lowering.fields[end]) for end in ENDS)
        lowering.forward("pad", {"x": x, "y": y}, padding=padding)
        lowering.backward("pad_backward", {"dy": lowering.gradient(y), "dx": lowering.gradient(x)}, padding=padding)

    def facts(self, fields: Fields) -> str:
        """``"+1"``; where sides differ, rows then columns: ``"+0/1 × 2/2"``."""
        top, bottom, left, right = (fields[end] for end in ENDS)
        return f"+{top}" if top == bottom == left == right else f"+{top}/{bottom} × {left}/{right}"

    def formula(self, fields: Fields) -> str:
        row, column = _moved("r", fields["top"]), _moved("c", fields["left"])
        return rf"a_{{k,r,c}} = \begin{{cases}} x_{{k,\,{row},\,{column}}} & \text{{inside}} \\ 0 & \text{{else}} \end{{cases}}"


def _moved(name: str, by: int) -> str:
    return f"{name} - {by}" if by else name
