"""What float32 may do to a convolution by 3 x 3 kernels when it is computed from tiles (Winograd; Lavin and Gray 2016, section 4.1).

A tile's results, 2 x 2, are put together from products of sums over all of its pixels, 4 x 4, so that each carries roundings of pixels
that are not under its own window: with zeros alone under it, it is near zero, not zero. The bound is that of a sum of products: half a
unit in the last place for each operation on the way, of what the absolute values come to.
"""

from __future__ import annotations

import numpy as np

from tests.anim.accounts.near import UNIT, Array

LEAST_MAPS = 8
PIXELS = np.array([[1, 0, 1, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 1, 0, 1]], float)
WEIGHTS = np.array([[2, 0, 0], [1, 1, 1], [1, 1, 1], [0, 0, 2]], float) / 2
RESULTS = np.array([[1, 1, 1, 0], [0, 1, 1, 1]], float)
"""Absolute values of the three transforms, of one axis."""
STEPS = 12
"""Operations on the way of a number, but for the adding up of products: 2 on pixels, 4 on weights, 1 product, 4 on results, a bias."""


def tiles(plane: Array, size: int) -> Array:
    """(tiles down, tiles across, planes, size, size): squares of ``plane`` (planes, rows, columns), two apart, zeros beyond its end."""
    down, across = (-(-(side - size + 2) // 2) for side in plane.shape[1:])
    wide = np.zeros((len(plane), 2 * down + size, 2 * across + size))
    wide[:, : plane.shape[1], : plane.shape[2]] = plane
    cut = [[wide[:, 2 * i : 2 * i + size, 2 * j : 2 * j + size] for j in range(across)] for i in range(down)]
    return np.array(cut).reshape(down, across, len(plane), size, size)


def of_results(x: Array, weight: Array) -> Array:
    """Bound of the error of ``weight`` (filters, channels, 3, 3) over ``x`` (channels, rows, columns), padding included."""
    rows, columns = x.shape[1] - 2, x.shape[2] - 2
    pixels = PIXELS @ tiles(np.abs(x), 4) @ PIXELS.T
    sums = np.einsum("fcij,abcij->abfij", WEIGHTS @ np.abs(weight) @ WEIGHTS.T, pixels)
    made = (RESULTS @ sums @ RESULTS.T).transpose(2, 0, 3, 1, 4)
    whole = made.reshape(len(weight), 2 * made.shape[1], 2 * made.shape[3])
    return (len(x) + STEPS) * UNIT * whole[:, :rows, :columns]


def of_weights(delta: Array, x: Array) -> Array:
    """Bound of the error of the gradients (filters, channels, 3, 3): ``delta`` (filters, rows, columns), ``x`` with its padding."""
    errors = RESULTS.T @ tiles(np.abs(delta), 2) @ RESULTS
    pixels = PIXELS @ tiles(np.abs(x), 4) @ PIXELS.T
    sums = np.einsum("abfij,abcij->fcij", errors, pixels)
    return (pixels.shape[0] * pixels.shape[1] + STEPS) * UNIT * (WEIGHTS.T @ sums @ WEIGHTS)
