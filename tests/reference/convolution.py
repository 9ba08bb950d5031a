"""Naive convolution and its gradients in float64, one sample at a time, straight from the formulas: index by index, no kernel code."""

from __future__ import annotations

import itertools
from functools import lru_cache

import numpy as np

Array = np.ndarray
Places = tuple[int, ...]


@lru_cache(8)
def pairs(shape: Places, kernel: Places, out: Places, stride: Places, dilation: Places, padding: Places) -> list[tuple[Places, ...]]:
    """All (output place, tap, input place) of one plane that lie within the input. Any number of axes. They are the same for each filter,
    and for each sample: written down once."""
    found = []
    for place in itertools.product(*map(range, out)):
        for tap in itertools.product(*map(range, kernel)):
            read = tuple(o * s + k * d - p for o, k, s, d, p in zip(place, tap, stride, dilation, padding[::2], strict=True))
            if all(0 <= i < n for i, n in zip(read, shape, strict=True)):
                found.append((place, tap, read))
    return found


def out_shape(shape: Places, kernel: Places, stride: Places, dilation: Places, padding: Places) -> Places:
    """(n + before + after - (k - 1) d - 1) // s + 1 of each axis."""
    return tuple(
        (n + padding[2 * i] + padding[2 * i + 1] - (kernel[i] - 1) * dilation[i] - 1) // stride[i] + 1 for i, n in enumerate(shape)
    )


def first_channels(x: Array) -> Array:
    """(T, F) as (F, T); (C, H, W) as it is."""
    return x.T if x.ndim == 2 else x


def conv(x: Array, weight: Array, bias: Array | None, stride: Places, dilation: Places, padding: Places, groups: int) -> Array:
    """y[f, o] = b[f] + sum over c, k of w[f, c, k] x[group's c, o s + k d - p]."""
    x = first_channels(x).astype(float)
    filters, channels = weight.shape[:2]
    out = out_shape(x.shape[1:], weight.shape[2:], stride, dilation, padding)
    y = np.zeros((filters, *out))
    for f in range(filters):
        y[f] = 0.0 if bias is None else float(bias[f])
        first = f // (filters // groups) * channels
        for place, tap, read in pairs(x.shape[1:], weight.shape[2:], out, stride, dilation, padding):
            for c in range(channels):
                y[f, *place] += float(weight[f, c, *tap]) * x[first + c, *read]
    return y.T if y.ndim == 2 else y


def conv_backward_input(weight: Array, dy: Array, shape: Places, stride: Places, dilation: Places, padding: Places, groups: int) -> Array:
    """dx[c, i] = sum over f, o, k with i = o s + k d - p of w[f, c, k] dy[f, o]; ``shape`` is x's, channels first."""
    dy = first_channels(dy).astype(float)
    filters, channels = weight.shape[:2]
    dx = np.zeros(shape)
    for f in range(filters):
        first = f // (filters // groups) * channels
        for place, tap, read in pairs(shape[1:], weight.shape[2:], dy.shape[1:], stride, dilation, padding):
            for c in range(channels):
                dx[first + c, *read] += float(weight[f, c, *tap]) * dy[f, *place]
    return dx.T if dx.ndim == 2 else dx


def conv_backward_weight(
    xs: Array, dys: Array, shape: Places, stride: Places, dilation: Places, padding: Places, groups: int
) -> tuple[Array, Array]:
    """Sums over samples: dw[f, c, k] = sum over o of dy[f, o] x[group's c, o s + k d - p], db[f] = sum over o of dy[f, o]."""
    filters, channels = shape[:2]
    xs, dys = (np.stack([first_channels(one) for one in many]).astype(float) for many in (xs, dys))
    dweight, dbias = np.zeros(shape), np.zeros(filters)
    for f in range(filters):
        dbias[f] = dys[:, f].sum()
        first = f // (filters // groups) * channels
        for place, tap, read in pairs(xs.shape[2:], shape[2:], dys.shape[2:], stride, dilation, padding):
            for c in range(channels):
                dweight[f, c, *tap] += sum((dys[:, f, *place] * xs[:, first + c, *read]).tolist())
    return dweight, dbias
