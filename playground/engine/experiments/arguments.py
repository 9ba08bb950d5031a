"""What goes into the activation function of a node, and which of it belongs to a unit: a neuron, a map, a feature at every step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from playground.layers.way import REVERSE

V = TypeVar("V")


def sums(values: Mapping[str, V]) -> list[V]:
    """Those that ``values`` of a node, by name, holds: two where it reads in both directions; none where a function is all that it is."""
    return [values[name] for name in ("pre_activation", f"pre_activation{REVERSE}") if name in values]


def channel(shape: Sequence[int], unit: int) -> int:
    """Which neuron of (F), map of (C, H, W) or feature of (T, F) entry ``unit`` of an output of ``shape`` belongs to."""
    return unit // math.prod(shape[1:]) if len(shape) == 3 else unit % shape[-1]


def of_unit(sums: Sequence[NDArray[np.floating]], shape: Sequence[int], unit: int) -> list[NDArray[np.floating]]:
    """What of ``sums`` (..., of a sample) makes that neuron, map or feature; of two directions side by side the one whose it is."""
    at = channel(shape, unit)
    if len(shape) == 3:
        return [one[..., at, :, :] for one in sums]
    width = sums[0].shape[-1]
    return [one[..., at % width] for one in (sums if shape[-1] == width else [sums[at // width]])]


def real(one: NDArray[np.floating], lengths: NDArray[np.integer] | None, steps: int) -> NDArray[np.floating]:
    """``one`` (N, steps, ...) without what stands behind each sequence's ``lengths`` (N,): (numbers, ...). Anything else as it is."""
    if lengths is None or one.ndim < 2 or one.shape[1] != steps:
        return one
    return one[np.arange(steps) < lengths[:, None]]
