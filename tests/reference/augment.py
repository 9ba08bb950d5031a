"""Augmentation in plain loops, from the formulas that stand in the kernel's description."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from tests.reference.random import M32, mix32, stream_of

Array = np.ndarray


def numbers(key: int, step: int, sample: int, first: int, count: int) -> Array:
    """``count`` random numbers of a sample from number ``first`` on."""
    seed = mix32(mix32(sample) ^ (stream_of(key, step) & M32))
    return np.array([(mix32((seed + i * 0x9E3779B9) & M32) >> 8) * 2.0**-24 for i in range(first, first + count)])


def spline(t: float) -> tuple[float, float, float, float]:
    """The four cubic B-splines that are not 0 in a cell, at ``t`` of it."""
    return (1 - t) ** 3 / 6, (3 * t**3 - 6 * t**2 + 4) / 6, (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6, t**3 / 6


def displacement(points: Array, cells: int, height: int, width: int) -> Array:
    """The spline with control ``points`` (cells + 3, cells + 3) at every pixel's center."""
    result = np.zeros((height, width))
    for r in range(height):
        for c in range(width):
            across, down = (c + 0.5) * cells / width, (r + 0.5) * cells / height
            for j, wj in enumerate(spline(down % 1)):
                for k, wk in enumerate(spline(across % 1)):
                    result[r, c] += wj * wk * points[int(down) + j, int(across) + k]
    return result


def pixel(plane: Array, x: float, y: float, blank: float, edge: bool) -> float:
    """A plane at column x, row y, between the four pixels around."""
    height, width = plane.shape

    def at(r: int, c: int) -> float:
        if edge:
            return float(plane[min(max(r, 0), height - 1), min(max(c, 0), width - 1)])
        return float(plane[r, c]) if 0 <= r < height and 0 <= c < width else blank

    r, c = math.floor(y), math.floor(x)
    fy, fx = y - r, x - c
    return (1 - fy) * ((1 - fx) * at(r, c) + fx * at(r, c + 1)) + fy * ((1 - fx) * at(r + 1, c) + fx * at(r + 1, c + 1))


def augmented(picture: Array, settings: Mapping[str, float], key: int, step: int, sample: int, blank: float = 0.0) -> Array:
    """``picture`` (C, H, W) as training step ``step`` sees it. ``settings`` by the kernel's names in lower case; rotate in radians."""
    channels, height, width = picture.shape
    s = {
        name: float(settings.get(name, 0.0))
        for name in ("shift", "rotate", "scale", "flip_across", "flip_down", "elastic", "noise", "erase", "erase_size", "edge")
    }
    cells = int(settings.get("cells", 1))
    u = numbers(key, step, sample, 0, 16)
    dx = dy = np.zeros((height, width))
    if s["elastic"]:
        knots = cells + 3
        points = s["elastic"] * (2 * numbers(key, step, sample, 16, 2 * knots * knots) - 1).reshape(2, knots, knots)
        dx, dy = (displacement(one, cells, height, width) for one in points)
    tx, ty = s["shift"] * (2 * u[0] - 1), s["shift"] * (2 * u[1] - 1)
    angle, size = s["rotate"] * (2 * u[2] - 1), 1 + s["scale"] * (2 * u[3] - 1)
    mx, my = (-1 if s["flip_across"] and u[4] < 0.5 else 1), (-1 if s["flip_down"] and u[5] < 0.5 else 1)
    mr, mc = (height - 1) / 2, (width - 1) / 2
    result = np.zeros(picture.shape)
    for r in range(height):
        for c in range(width):
            p, q = (c - mc - tx) / size, (r - mr - ty) / size
            sx = mc + mx * (math.cos(angle) * p + math.sin(angle) * q) + dx[r, c]
            sy = mr + my * (math.cos(angle) * q - math.sin(angle) * p) + dy[r, c]
            for channel in range(channels):
                result[channel, r, c] = pixel(picture[channel], sx, sy, blank, bool(s["edge"]))
    if s["noise"]:
        count = picture.size
        one, two = numbers(key, step, sample, 1024, count), numbers(key, step, sample, 1024 + count, count)
        result += s["noise"] * (np.sqrt(-2 * np.log(1 - one)) * np.cos(2 * math.pi * two)).reshape(picture.shape)
    if u[6] < s["erase"]:
        tall = min(height, 1 + math.floor(u[7] * s["erase_size"] * height))
        broad = min(width, 1 + math.floor(u[8] * s["erase_size"] * width))
        top, left = math.floor(u[9] * (height - tall + 1)), math.floor(u[10] * (width - broad + 1))
        result[:, top : top + tall, left : left + broad] = blank
    return result
