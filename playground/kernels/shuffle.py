"""The order of the samples: a permutation for each epoch, drawn from a key and the epoch's number alone."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from playground.errors import EngineError
from playground.kernels import compile as compiler
from playground.kernels.language import get_index, set_index
from playground.kernels.template import kernel
from playground.kernels.types import Dtype, Pointer

MULTIPLIER, INCREMENT = 6364136223846793005, 1442695040888963407
"""Knuth's generator MMIX, modulo 2^64; its high bits are used."""
SPACING = 0x1E3779B97F4A7C15


@kernel(lambda r: ([], [(Pointer("order", 0), r.epochs * r.samples)]))
def shuffle(memory: Any, order: int, samples: int, key: int, first: int, epochs: int) -> None:
    """order[e] = range(samples), shuffled (Durstenfeld 1964), for each of ``epochs`` epochs

    for e in range(epochs):
        for i in reversed(range(samples)): swap order[e, i] with order[e, random number from 0 to i]

    An epoch's numbers come from ``key`` and its own number, so that it does not matter with which others it is drawn.
    """
    for e in range(epochs):
        at = e * samples
        for i in range(samples):
            set_index(order, at + i, i)
        state = key + (first + e) * SPACING
        for _ in range(4):
            state = (state ^ ((state >> 29) & 0x7FFFFFFFF)) * MULTIPLIER + INCREMENT
        for k in range(samples - 1):
            i = samples - 1 - k
            state = state * MULTIPLIER + INCREMENT
            j = (((state >> 33) & 0x7FFFFFFF) * (i + 1)) >> 31
            held = get_index(order, at + i)
            set_index(order, at + i, get_index(order, at + j))
            set_index(order, at + j, held)


def fill_orders(order: np.ndarray, samples: int, key: int, first: int, epochs: int, dtype: Dtype, isa: str) -> None:
    """Write the orders of ``epochs`` epochs from number ``first`` into ``order`` (int32, at least epochs * samples).

    ``dtype`` and ``isa`` choose the cache folder; the permutations are the same for all.
    """
    if order.dtype != np.int32 or not order.flags.c_contiguous or order.size < epochs * samples or samples < 1:
        raise EngineError(f"{epochs} orders of {samples} samples do not fit an array of {order.size} {order.dtype}.")
    record = np.array([order.ctypes.data, samples, key, first, epochs], np.int64)
    call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(compiler.addresses([shuffle.name], dtype, isa)[shuffle.name])
    call(None, record.ctypes.data)
