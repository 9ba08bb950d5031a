"""Conv2D: kernels slide over a picture; each makes a map of how well every place matches it (LeCun et al. 1989)."""

from __future__ import annotations

from collections.abc import Sequence

from playground.layers import convolution, geometry
from playground.layers.functions import FUNCTION_NAMES, FUNCTIONS
from playground.layers.spec import Fields, Shape, format_shape

_FUNCTIONS = tuple(name for name in FUNCTION_NAMES if name != "softmax")  # over a row of pixels it would mean nothing
_NAMES = (("r", "u"), ("c", "v"))


class Conv2D(convolution.Convolution):
    """``a = f(w * x + b)`` of a picture (C, H, W) to maps (filters, H', W'), with weight (filters, C / groups, rows, columns)."""

    name = "Conv2D"
    summary = "Small kernels slide over a picture; each makes a map of where it matches."
    fields = convolution.fields("pair", 2, _FUNCTIONS)

    def channels(self, shape: Shape) -> int:
        return shape[0]

    def sizes(self, shape: Shape) -> Shape:
        return geometry.picture(shape, self.name)[1:]

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return (fields["filters"], *self.places(fields, inputs))

    def taps(self, fields: Fields) -> str:
        return format_shape(geometry.pair(fields["kernel_size"]))

    def formula(self, fields: Fields) -> str:
        strides, apart = geometry.pair(fields["strides"]), geometry.pair(fields["dilation_rate"])
        padding = (fields["padding"],) * 2 if isinstance(fields["padding"], str) else geometry.pair(fields["padding"])
        row, column = (convolution.place(*_NAMES[axis], strides[axis], apart[axis], padding[axis]) for axis in range(2))
        bias = " + b_o" if fields["use_bias"] else ""
        return FUNCTIONS[fields["activation"]].formula(rf"\sum_{{k,u,v}} w_{{o,k,u,v}}\, x_{{k,\,{row},\,{column}}}{bias}", "a_{o,r,c}")
