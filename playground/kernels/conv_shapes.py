"""What a convolution's shapes and options mean: one description for pictures (C, H, W) and sequences (T, F), checked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playground.errors import EngineError
from playground.kernels.operations import Options
from playground.kernels.types import Region, Shape, padded


@dataclass(frozen=True, slots=True)
class Axis:
    """Rows or columns of a convolution: output ``o`` reads inputs ``o * stride - before + tap * dilation`` for its taps."""

    taps: int
    inputs: int
    outputs: int
    stride: int
    dilation: int
    before: int

    @property
    def first(self) -> int:
        """Input of output 0's tap 0; negative where it lies in the padding."""
        return -self.before

    @property
    def reach(self) -> int:
        """Inputs from the first to behind the last that any output reads, padding included."""
        return (self.outputs - 1) * self.stride + (self.taps - 1) * self.dilation + 1

    @property
    def leaves(self) -> bool:
        """Whether any output reads padding."""
        return self.before > 0 or self.reach - self.before > self.inputs


@dataclass(frozen=True, slots=True)
class Steps:
    """Elements between neighbors of a value, for one lane: ``channel``, ``row``, ``pixel``."""

    channel: int
    row: int
    pixel: int


@dataclass(frozen=True, slots=True)
class Shapes:
    """A convolution: ``groups`` of ``filters`` over ``channels`` each; ``rows`` and ``columns``; how x and y lie in memory."""

    groups: int
    filters: int
    channels: int
    rows: Axis
    columns: Axis
    x: Steps
    y: Steps

    @property
    def plane(self) -> int:
        """Taps of one channel."""
        return self.rows.taps * self.columns.taps

    @property
    def depth(self) -> int:
        """Weights of one filter."""
        return self.channels * self.plane

    @property
    def stride(self) -> int:
        """Elements from one filter's weights to the next one's."""
        return padded(self.depth)

    @property
    def pixels(self) -> int:
        """Outputs of one filter."""
        return self.rows.outputs * self.columns.outputs


def shapes_of(name: str, x: Region, weight: Shape, y: Region, options: Options) -> Shapes:
    """The description of operation ``name``; :class:`~playground.errors.EngineError` where shapes and options do not fit.

    Two-dimensional values are sequences (steps, features), taken as pictures one row high, channels innermost.
    """
    rank = len(weight) - 2
    if rank not in (1, 2) or len(x.shape) != rank + 1 or len(y.shape) != rank + 1:
        raise EngineError(f"operation '{name}' got x {x.shape}, y {y.shape} for weights {weight}.")
    groups = int(options.get("groups", 1))
    strides = _numbers(name, options, "stride", rank, 1)
    dilations = _numbers(name, options, "dilation", rank, 1)
    padding = _numbers(name, options, "padding", 2 * rank, 0)
    if groups < 1 or min(strides) < 1 or min(dilations) < 1 or min(padding) < 0:
        raise EngineError(f"operation '{name}' got groups {groups}, stride {strides}, dilation {dilations}, padding {padding}.")
    if rank == 1:
        (steps, inputs), (out_steps, outputs) = x.shape, y.shape
        sizes = [(1, 1), (steps, out_steps)]
        strides, dilations, padding = (1, *strides), (1, *dilations), (0, 0, *padding)
        x_steps, y_steps = Steps(1, 0, inputs), Steps(1, 0, outputs)
    else:
        (inputs, height, width), (outputs, out_height, out_width) = x.shape, y.shape
        sizes = [(height, out_height), (width, out_width)]
        x_steps, y_steps = Steps(height * width, width, 1), Steps(out_height * out_width, out_width, 1)
    taps = (1, *weight[2:]) if rank == 1 else weight[2:]
    axes = []
    for i, (size, out_size) in enumerate(sizes):
        before, after = padding[2 * i : 2 * i + 2]
        axis = Axis(taps[i], size, out_size, strides[i], dilations[i], before)
        room = size + before + after - (taps[i] - 1) * dilations[i] - 1
        if min(taps[i], size, out_size) < 1 or room < 0 or room // strides[i] + 1 != out_size:
            how = f"stride {strides}, dilation {dilations}, padding {padding}"
            raise EngineError(f"operation '{name}' got x {x.shape}, y {y.shape} for weights {weight}, {how}.")
        axes.append(axis)
    filters, channels = weight[:2]
    if channels * groups != inputs or filters != outputs or filters % groups:
        raise EngineError(f"operation '{name}' got x {x.shape}, y {y.shape} for weights {weight} in {groups} groups.")
    return Shapes(groups, filters // groups, channels, axes[0], axes[1], x_steps, y_steps)


def _numbers(name: str, options: Options, option: str, count: int, default: int) -> tuple[int, ...]:
    given: Any = options.get(option, (default,) * count)
    if not isinstance(given, Sequence) or len(given) != count:
        raise EngineError(f"operation '{name}' wants {count} numbers as {option}, got {given!r}.")
    return tuple(int(number) for number in given)
