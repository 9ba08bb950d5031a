"""Batch norm and layer norm by plain loops, from the definitions. x is a whole batch: (N, F), (N, T, F) or (N, C, H, W)."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

Array = np.ndarray
Index = tuple[int, ...]


def channel_of(at: Index) -> int:
    """The channel of an entry (sample first): the map of a picture, else the feature."""
    return at[1] if len(at) == 4 else at[-1]


def channels_of(x: Array) -> int:
    return x.shape[1] if x.ndim == 4 else x.shape[-1]


def entries(x: Array, channel: int) -> list[Index]:
    """All entries of a channel, of all samples."""
    return [at for at in np.ndindex(x.shape) if channel_of(at) == channel]


def statistics(x: Array, places: list[Index]) -> tuple[float, float]:
    """Mean and biased variance over some entries."""
    mean = sum(float(x[at]) for at in places) / len(places)
    return mean, sum((float(x[at]) - mean) ** 2 for at in places) / len(places)


def batch_norm(x: Array, weight: Array, bias: Array, epsilon: float) -> tuple[Array, Array, Array, Array]:
    """(y, normalized, mean, variance): each channel by its statistics over the batch."""
    y, normalized = np.zeros(x.shape), np.zeros(x.shape)
    means, variances = np.zeros(channels_of(x)), np.zeros(channels_of(x))
    for c in range(channels_of(x)):
        places = entries(x, c)
        means[c], variances[c] = statistics(x, places)
        for at in places:
            normalized[at] = (x[at] - means[c]) / math.sqrt(variances[c] + epsilon)
            y[at] = weight[c] * normalized[at] + bias[c]
    return y, normalized, means, variances


def running_norm(x: Array, weight: Array, bias: Array, mean: Array, variance: Array, epsilon: float) -> tuple[Array, Array]:
    """(y, normalized) by given statistics."""
    normalized = np.zeros(x.shape)
    y = np.zeros(x.shape)
    for at in np.ndindex(x.shape):
        c = channel_of(at)
        normalized[at] = (x[at] - mean[c]) / math.sqrt(variance[c] + epsilon)
        y[at] = weight[c] * normalized[at] + bias[c]
    return y, normalized


def running_statistics(kept: float, found: float, momentum: float, unbiased: float = 1.0) -> float:
    """One step of a running mean, or with ``unbiased`` = n / (n - 1) of a running variance."""
    return (1 - momentum) * kept + momentum * unbiased * found


def weight_gradients(dy: Array, normalized: Array) -> tuple[Array, Array]:
    """(dweight, dbias)."""
    dweight, dbias = np.zeros(channels_of(dy)), np.zeros(channels_of(dy))
    for at in np.ndindex(dy.shape):
        dweight[channel_of(at)] += float(dy[at]) * float(normalized[at])
        dbias[channel_of(at)] += float(dy[at])
    return dweight, dbias


def through_statistics(x: Array, g: Array, groups: Iterator[list[Index]], epsilon: float) -> Array:
    """dx of normalized = (x - mean) / sqrt(variance + epsilon) over each group, where g is the derivative by ``normalized``.

    The derivative of each normalized number by each number of its group, entry by entry:
    d normalized_i / d x_j = ((i == j) - 1 / n - normalized_i * normalized_j / n) / sqrt(variance + epsilon).
    """
    dx = np.zeros(x.shape)
    for places in groups:
        mean, variance = statistics(x, places)
        deviation, n = math.sqrt(variance + epsilon), len(places)
        normalized = [(float(x[at]) - mean) / deviation for at in places]
        for j, to in enumerate(places):
            for i, at in enumerate(places):
                dx[to] += float(g[at]) * ((i == j) - 1 / n - normalized[i] * normalized[j] / n) / deviation
    return dx


def batch_norm_backward_input(x: Array, dy: Array, weight: Array, epsilon: float) -> Array:
    """The error's way back through the weight and the batch's statistics."""
    g = np.array([float(dy[at]) * weight[channel_of(at)] for at in np.ndindex(dy.shape)]).reshape(dy.shape)
    return through_statistics(x, g, (entries(x, c) for c in range(channels_of(x))), epsilon)


def places_of(x: Array) -> Iterator[list[Index]]:
    """For each sample and place its entries, channel after channel."""
    for sample in range(len(x)):
        if x.ndim == 2:
            yield [(sample, f) for f in range(x.shape[1])]
        elif x.ndim == 3:
            yield from ([(sample, t, f) for f in range(x.shape[2])] for t in range(x.shape[1]))
        else:
            yield from ([(sample, c, h, w) for c in range(x.shape[1])] for h in range(x.shape[2]) for w in range(x.shape[3]))


def layer_norm(x: Array, weight: Array, bias: Array, epsilon: float) -> tuple[Array, Array, list[float], list[float]]:
    """(y, normalized, mean and variance of each place of each sample, in reading order)."""
    y, normalized = np.zeros(x.shape), np.zeros(x.shape)
    means, variances = [], []
    for places in places_of(x):
        mean, variance = statistics(x, places)
        means.append(mean)
        variances.append(variance)
        for at in places:
            normalized[at] = (x[at] - mean) / math.sqrt(variance + epsilon)
            y[at] = weight[channel_of(at)] * normalized[at] + bias[channel_of(at)]
    return y, normalized, means, variances


def layer_norm_backward_input(x: Array, dy: Array, weight: Array, epsilon: float) -> Array:
    """The error's way back through the weight and each place's statistics."""
    g = np.array([float(dy[at]) * weight[channel_of(at)] for at in np.ndindex(dy.shape)]).reshape(dy.shape)
    return through_statistics(x, g, places_of(x), epsilon)
