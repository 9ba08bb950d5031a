"""Conv1D: kernels slide along a sequence; each makes a row of how well every stretch matches it."""

from __future__ import annotations

from collections.abc import Sequence

from playground.layers import convolution, geometry
from playground.layers.functions import FUNCTION_NAMES, FUNCTIONS
from playground.layers.spec import Fields, Shape


class Conv1D(convolution.Convolution):
    """``a = f(w * x + b)`` of a sequence (T, F) to (T', filters), with weight (filters, F / groups, taps)."""

    name = "Conv1D"
    summary = "Small kernels slide along a sequence; each tells where its pattern stands."
    icon = "conv1d"
    fields = convolution.fields("int", 1, FUNCTION_NAMES)

    def channels(self, shape: Shape) -> int:
        return shape[1]

    def sizes(self, shape: Shape) -> Shape:
        return geometry.sequence(shape, self.name)[:1]

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return (*self.places(fields, inputs), fields["filters"])

    def taps(self, fields: Fields) -> str:
        return str(fields["kernel_size"])

    def formula(self, fields: Fields) -> str:
        at = convolution.place("t", "u", fields["strides"], fields["dilation_rate"], fields["padding"])
        bias = " + b_o" if fields["use_bias"] else ""
        return FUNCTIONS[fields["activation"]].formula(rf"\sum_{{k,u}} w_{{o,k,u}}\, x_{{{at},\,k}}{bias}", "a_{t,o}")
