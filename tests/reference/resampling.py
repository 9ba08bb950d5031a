"""Padding and upsampling of one sample by plain loops: x is (C, H, W), or (T, F) along T."""

from __future__ import annotations

import numpy as np

Array = np.ndarray
Sizes = tuple[int, ...]


def pad(x: Array, padding: Sizes) -> Array:
    """Zeros before and behind each axis but the channels' (the features')."""
    if x.ndim == 2:
        before, after = padding
        y = np.zeros((before + len(x) + after, x.shape[1]))
        for t in range(len(x)):
            y[before + t] = x[t]
        return y
    top, bottom, left, right = padding
    y = np.zeros((len(x), top + x.shape[1] + bottom, left + x.shape[2] + right))
    for p, r, c in np.ndindex(x.shape):
        y[p, top + r, left + c] = x[p, r, c]
    return y


def pad_backward(dy: Array, shape: Sizes, padding: Sizes) -> Array:
    """Each entry of x went to one place: that place's error comes back."""
    dx = np.zeros(shape)
    for at in np.ndindex(shape):
        dx[at] = dy[at[0] + padding[0], at[1]] if len(shape) == 2 else dy[at[0], at[1] + padding[0], at[2] + padding[2]]
    return dx


def source(at: Sizes, factor: Sizes) -> Sizes:
    """The entry of x that entry ``at`` of the upsampled y repeats."""
    return (at[0] // factor[0], at[1]) if len(at) == 2 else (at[0], at[1] // factor[0], at[2] // factor[1])


def upsample(x: Array, factor: Sizes) -> Array:
    """Each cell becomes factor[0] rows of factor[1] cells (factor[0] steps)."""
    shape = (x.shape[0] * factor[0], x.shape[1]) if x.ndim == 2 else (len(x), x.shape[1] * factor[0], x.shape[2] * factor[1])
    y = np.zeros(shape)
    for at in np.ndindex(shape):
        y[at] = x[source(at, factor)]
    return y


def upsample_backward(dy: Array, shape: Sizes, factor: Sizes) -> Array:
    """The errors of all that repeat a cell add up."""
    dx = np.zeros(shape)
    for at in np.ndindex(dy.shape):
        dx[source(at, factor)] += dy[at]
    return dx
