"""What Conv2D and Conv1D share: a kernel slides over the input, one weighted sum at each place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from playground.errors import Fix, ShapeError
from playground.fields import Field
from playground.layers import geometry
from playground.layers.functions import FUNCTIONS
from playground.layers.geometry import Window
from playground.layers.initializers import INITIALIZER_FIELDS
from playground.layers.spec import Fields, LayerType, Lowering, Parameter, Shape, format_shape
from playground.sentences import listed, say

MOST_FILTERS = 4096
MOST_CELLS = 255
"""Most taps of a kernel, cells of a stride, of dilation and of padding along one axis."""


def _of_windows(name: str, kind: str, default: Any, help: str, label: str = "", minimum: int = 1) -> Field:
    return Field(name, kind, default, help, label, minimum, MOST_CELLS)


def fields(kind: str, axes: int, functions: tuple[str, ...]) -> tuple[Field, ...]:
    """The fields of a convolution whose sizes are of ``kind`` (``"pair"`` for pictures, ``"int"`` for sequences)."""
    both = " One number for both axes, or rows and columns: 3, 5." if axes == 2 else ""
    size = _of_windows("kernel_size", kind, 3, f"How many cells the kernel looks at.{both}")
    strides = _of_windows("strides", kind, 1, f"How far the kernel moves from one place to the next.{both}", "Stride")
    dilation = _of_windows(
        "dilation_rate", kind, 1, f"How far apart the cells lie that the kernel looks at; 1 is side by side.{both}", "Dilation"
    )
    return (
        Field("filters", "int", 8, "How many kernels, each making a map of its own.", minimum=1, maximum=MOST_FILTERS),
        size,
        strides,
        Field(
            "padding",
            "padding",
            "valid",
            "Zeros around the input. valid: none; same: as many as keep the size at stride 1 (an odd one goes behind); "
            "or a number of cells for each end.",
            minimum=0,
            maximum=MOST_CELLS,
            axes=axes,
        ),
        dilation,
        Field(
            "groups",
            "int",
            1,
            "Into how many groups channels and filters are split; a filter sees its own group only. As many as channels: depthwise.",
            minimum=1,
            maximum=MOST_FILTERS,
        ),
        Field("activation", "choice", "identity", "The function applied to each weighted sum.", choices=functions),
        Field("use_bias", "bool", True, "Whether each filter has a bias: a number added to all its sums.", label="Bias"),
        Field(
            "initial_bias",
            "float",
            0.0,
            "The number every bias starts from.",
            label="Bias starts at",
            minimum=-100.0,
            maximum=100.0,
            shown_when=("use_bias", (True,)),
        ),
        *INITIALIZER_FIELDS,
    )


class Convolution(LayerType):
    """``a = f(w * x + b)`` (cross-correlation, as everywhere in the field). A subclass says where the channels stand."""

    group = "Convolution"
    icon = "conv2d"
    trace_kind = "maps"
    function_field = "activation"

    def channels(self, shape: Shape) -> int:
        """How many numbers the input has at each place."""
        raise NotImplementedError

    def sizes(self, shape: Shape) -> Shape:
        """The lengths of the axes that the kernel slides along. Raises :class:`ShapeError` with a fix for an input of other axes."""
        raise NotImplementedError

    def windows(self, fields: Fields, inputs: Sequence[Shape]) -> tuple[Window, ...]:
        return geometry.windows(self.sizes(inputs[0]), fields["kernel_size"], fields["strides"], fields["padding"], fields["dilation_rate"])

    def places(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        """The lengths of the output along those axes. Raises :class:`ShapeError` where kernel or groups do not fit."""
        windows = self.windows(fields, inputs)
        _check_groups(self.channels(inputs[0]), fields["filters"], fields["groups"])
        return geometry.fitting(windows, say("kernel"), Fix("set_field", "Set the padding to same", fields=(("padding", "same"),)))

    def parameters(self, fields: Fields, inputs: Sequence[Shape]) -> tuple[Parameter, ...]:
        """Weight (filters, channels of a group, taps ...) and bias (filters). Fans as PyTorch and Keras count them: by the whole layer's
        filters, whatever the groups."""
        filters = fields["filters"]
        taps = tuple(window.kernel for window in self.windows(fields, inputs))
        shape = (filters, self.channels(inputs[0]) // fields["groups"], *taps)
        fan_in, fan_out = math.prod(shape[1:]), filters * math.prod(taps)
        weight = Parameter("weight", shape, fields["initializer"], fan_in, fan_out, initializer_scale=fields["initializer_scale"])
        bias = Parameter("bias", (filters,), "constant", fan_in, fan_out, decays=False, initializer_scale=fields["initial_bias"])
        return (weight, bias) if fields["use_bias"] else (weight,)

    def multiply_adds(self, fields: Fields, inputs: Sequence[Shape]) -> int:
        return math.prod(self.parameters(fields, inputs)[0].shape) * math.prod(self.places(fields, inputs))

    def lower(self, lowering: Lowering) -> None:
        (x,), y, fields = lowering.inputs, lowering.output, lowering.fields
        windows = self.windows(fields, [x.shape])
        options = {
            "stride": tuple(window.stride for window in windows),
            "dilation": tuple(window.dilation for window in windows),
            "padding": geometry.padding_option(windows),
            "groups": int(fields["groups"]),
        }
        weight = lowering.parameter("weight")
        bias = lowering.parameter("bias") if fields["use_bias"] else None
        z = lowering.value("pre_activation", y.shape)
        if fields["activation"] == "identity":
            lowering.alias(z, y)
        lowering.forward("conv", {"x": x, "weight": weight, "bias": bias, "y": z}, **options)
        if fields["activation"] != "identity":
            FUNCTIONS[fields["activation"]].lower(lowering, z, y)
        dz = lowering.gradient(z)
        made = {"dweight": lowering.gradient(weight), "dbias": lowering.gradient(bias) if bias else None}
        lowering.backward("conv_backward_weight", {"x": x, "dy": dz, **made}, **options)
        lowering.backward("conv_backward_input", {"weight": weight, "dy": dz, "dx": lowering.gradient(x)}, **options)

    def non_differentiable(self, fields: Fields) -> str:
        return FUNCTIONS[fields["activation"]].non_differentiable

    def facts(self, fields: Fields) -> str:
        """``"5×5"``, and what is not plain: ``"3×3 /2 same"``."""
        return listed([self.taps(fields), *_not_plain(fields)], " ")

    def taps(self, fields: Fields) -> str:
        """The kernel's size in words."""
        raise NotImplementedError


def _not_plain(fields: Fields) -> list[str]:
    """What sets a convolution apart from one that moves by 1, unpadded, over all channels."""
    said = []
    if fields["strides"] != 1:
        said.append(f"/{written(fields['strides'])}")
    if fields["padding"] not in ("valid", 0):
        said.append(fields["padding"] if isinstance(fields["padding"], str) else f"+{written(fields['padding'])}")
    if fields["dilation_rate"] != 1:
        said.append(say("dilated {rate}", rate=written(fields["dilation_rate"])))
    return said


def written(value: int | tuple[int, int]) -> str:
    """A ``pair``'s value: ``"2"``, ``"2×1"``."""
    return str(value) if isinstance(value, int) else format_shape(value)


def place(at: str, tap: str, stride: int, apart: int, padding: str | int) -> str:
    """Where a tap falls, in LaTeX: ``2r + u - 3``. All indices count from 1; the cells of a ``same`` padding are p."""
    constant = 1 - stride - apart - (padding if isinstance(padding, int) else 0)
    moved = f"{stride if stride > 1 else ''}{at} + {apart if apart > 1 else ''}{tap}"
    shifted = f" {'-' if constant < 0 else '+'} {abs(constant)}" if constant else ""
    return f"{moved}{shifted}{' - p' if padding == 'same' else ''}"


def _check_groups(channels: int, filters: int, groups: int) -> None:
    if channels % groups:
        common = math.gcd(channels, filters)
        best = max(count for count in range(1, min(common, groups) + 1) if common % count == 0)
        raise ShapeError(
            say("splits {channels} channels into {groups} groups, which does not come out even.", channels=channels, groups=groups),
            remedy=say("Choose groups that divide the {channels} channels and the {filters} filters.", channels=channels, filters=filters),
            fix=Fix("set_field", say("Set groups to {best}", best=best), fields=(("groups", best),)),
        )
    if filters % groups:
        most = min(-(-filters // groups) * groups, MOST_FILTERS // groups * groups)
        raise ShapeError(
            say("splits {filters} filters into {groups} groups, which does not come out even.", filters=filters, groups=groups),
            remedy=say("Choose as many filters as a multiple of {groups}.", groups=groups),
            fix=Fix("set_field", say("Set filters to {most}", most=most), fields=(("filters", most),)),
        )
