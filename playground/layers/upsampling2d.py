"""UpSampling2D: each cell of a map becomes a block of cells."""

from __future__ import annotations

from collections.abc import Sequence

from playground.fields import Field
from playground.layers import geometry
from playground.layers.convolution import written
from playground.layers.geometry import Window
from playground.layers.spec import Fields, LayerType, Lowering, Shape, format_shape

MOST = 64


class UpSampling2D(LayerType):
    """(C, H, W) to (C, rows * H, columns * W), by the nearest cell; backward, the errors of a block add up."""

    name = "UpSampling2D"
    summary = "Makes maps larger: each cell becomes a block of equal cells."
    group = "Shape"
    icon = "upsampling"
    trace_kind = "maps"
    fields = (
        Field(
            "size",
            "pair",
            2,
            "How many cells each becomes along an axis. One number for both axes, or rows and columns: 2, 3.",
            minimum=1,
            maximum=MOST,
        ),
    )

    def windows(self, fields: Fields, inputs: Sequence[Shape]) -> tuple[Window, ...]:
        sizes = geometry.picture(inputs[0], self.name)[1:]
        return tuple(Window(size, factor=factor) for size, factor in zip(sizes, geometry.pair(fields["size"]), strict=True))

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        rows, columns = self.windows(fields, inputs)
        return (inputs[0][0], rows.length, columns.length)

    def lower(self, lowering: Lowering) -> None:
        (x,), y = lowering.inputs, lowering.output
        factor = geometry.pair(lowering.fields["size"])
        lowering.forward("upsample", {"x": x, "y": y}, factor=factor)
        lowering.backward("upsample_backward", {"dy": lowering.gradient(y), "dx": lowering.gradient(x)}, factor=factor)

    def facts(self, fields: Fields) -> str:
        size = fields["size"]
        return f"×{size}" if isinstance(size, int) else format_shape(size)

    def formula(self, fields: Fields) -> str:
        rows, columns = (
            name if factor == 1 else rf"\lceil {name} / {written(factor)} \rceil"
            for name, factor in zip("rc", geometry.pair(fields["size"]), strict=True)
        )
        return rf"a_{{k,r,c}} = x_{{k,\,{rows},\,{columns}}}"
