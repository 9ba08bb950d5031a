"""Pools of one sample by plain loops, from the definitions: x is (C, H, W), or (T, F) with windows along T."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

Array = np.ndarray
Sizes = tuple[int, ...]


def places(window: int, stride: int, padding: tuple[int, int], size: int) -> list[list[int]]:
    """For each output along one axis the places of its window that exist: floor((size + padding - window) / stride) + 1 outputs."""
    count = (size + sum(padding) - window) // stride + 1
    return [[p for p in range(i * stride - padding[0], i * stride - padding[0] + window) if 0 <= p < size] for i in range(count)]


def windows(shape: Sizes, size: Sizes, stride: Sizes, padding: Sizes) -> tuple[Sizes, Iterator[tuple[Sizes, list[Sizes]]]]:
    """The output's shape; and for each of its entries the input's entries that it is made of, in reading order."""
    if len(shape) == 2:
        steps = places(size[0], stride[0], (padding[0], padding[1]), shape[0])
        made = (((i, f), [(t, f) for t in steps[i]]) for i in range(len(steps)) for f in range(shape[1]))
        return (len(steps), shape[1]), made
    rows = places(size[0], stride[0], (padding[0], padding[1]), shape[1])
    columns = places(size[1], stride[1], (padding[2], padding[3]), shape[2])
    every = (
        ((p, i, j), [(p, r, c) for r in rows[i] for c in columns[j]])
        for p in range(shape[0])
        for i in range(len(rows))
        for j in range(len(columns))
    )
    return (shape[0], len(rows), len(columns)), every


def number(entry: Sizes, shape: Sizes) -> int:
    """How winners name an entry: its step in a sequence, its row * W + column in a picture."""
    return entry[0] if len(shape) == 2 else entry[1] * shape[2] + entry[2]


def max_pool(x: Array, size: Sizes, stride: Sizes, padding: Sizes) -> tuple[Array, Array]:
    """(largest numbers, winners): the first of equals; a number that is not one wins over all."""
    shape, made = windows(x.shape, size, stride, padding)
    y, winners = np.zeros(shape), np.zeros(shape)
    for at, entries in made:
        best = entries[0]
        for entry in entries:
            if x[entry] > x[best] or (math.isnan(x[entry]) and not math.isnan(x[best])):
                best = entry
        y[at], winners[at] = x[best], number(best, x.shape)
    return y, winners


def max_pool_backward(x: Array, dy: Array, size: Sizes, stride: Sizes, padding: Sizes) -> Array:
    """Each output's error goes to its winner alone."""
    _, winners = max_pool(x, size, stride, padding)
    _, made = windows(x.shape, size, stride, padding)
    dx = np.zeros(x.shape)
    for at, entries in made:
        for entry in entries:
            if number(entry, x.shape) == winners[at]:
                dx[entry] += dy[at]
    return dx


def mean_pool(x: Array, size: Sizes, stride: Sizes, padding: Sizes) -> Array:
    """The mean of the places inside."""
    shape, made = windows(x.shape, size, stride, padding)
    y = np.zeros(shape)
    for at, entries in made:
        for entry in entries:
            y[at] += float(x[entry]) / len(entries)
    return y


def mean_pool_backward(dy: Array, shape: Sizes, size: Sizes, stride: Sizes, padding: Sizes) -> Array:
    """Each output's error, divided equally among the places inside."""
    _, made = windows(shape, size, stride, padding)
    dx = np.zeros(shape)
    for at, entries in made:
        for entry in entries:
            dx[entry] += float(dy[at]) / len(entries)
    return dx
