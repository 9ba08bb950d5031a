"""The counter-based random numbers of dropout, in Python's integers."""

from __future__ import annotations

M32, M64 = 2**32 - 1, 2**64 - 1


def mix32(h: int) -> int:
    """lowbias32."""
    h = (h ^ (h >> 16)) * 0x7FEB352D & M32
    h = (h ^ (h >> 15)) * 0x846CA68B & M32
    return h ^ (h >> 16)


def stream_of(key: int, step: int) -> int:
    """splitmix64 of key + step * golden ratio."""
    z = (key + step * 0x9E3779B97F4A7C15) & M64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 & M64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB & M64
    return z ^ (z >> 31)


def uniform(key: int, step: int, sample: int, element: int) -> float:
    """The number in [0, 1) that decides one element of one sample's mask."""
    seed = mix32(mix32(sample) ^ (stream_of(key, step) & M32))
    return (mix32((seed + element * 0x9E3779B9) & M32) >> 8) * 2.0**-24
