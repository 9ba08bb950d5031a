"""What to try: other starts of the same document, or other values of one or two of its fields."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from playground.document.model import Document
from playground.document.paths import holds_whole, set_path
from playground.errors import EngineError
from playground.sentences import say

MOST_POINTS = 400


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to try: ``document`` from the weights of ``seed``. ``values`` are those of the axes, in their order."""

    document: Document
    seed: int
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """A field to vary, by its path (``training.learning_rate``, ``nodes.dense1.units``, ``data.options.noise``): the given ``values``,
    or ``count`` of them from ``low`` to ``high``, ``log`` spaced by equal factors. Whole-number fields get whole numbers, each once."""

    path: str
    values: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 1.0
    count: int = 5
    log: bool = False


def restarts(document: Document, first_seed: int, count: int) -> tuple[Point, ...]:
    """``count`` starts of ``document`` with the weights, orders and masks of ``first_seed`` and the following seeds."""
    _refuse_many(count)
    return tuple(Point(document, first_seed + number, (first_seed + number,)) for number in range(count))


def grid(document: Document, axes: Sequence[Axis], seed: int) -> tuple[Point, ...]:
    """Every combination of the axes' values, the last axis running fastest, all from the same seed.

    Raises :class:`~playground.errors.PlaygroundError` on a path that leads nowhere, a value that does not fit its field, ends
    that have no logarithm, and more than :data:`MOST_POINTS` points.
    """
    columns = [_values(document, axis) for axis in _checked(axes)]
    _refuse_many(math.prod(len(column) for column in columns))
    return tuple(_point(document, axes, values, seed) for values in itertools.product(*columns))


def random(document: Document, axes: Sequence[Axis], count: int, draw: int, seed: int) -> tuple[Point, ...]:
    """``count`` points with each axis drawn by itself, evenly (of its logarithm, where it is ``log``); ``draw`` seeds the drawing."""
    _refuse_many(count)
    rng = np.random.default_rng(draw)
    columns = [_drawn(document, axis, count, rng) for axis in _checked(axes)]
    return tuple(_point(document, axes, values, seed) for values in zip(*columns, strict=True))


def _point(document: Document, axes: Sequence[Axis], values: tuple[Any, ...], seed: int) -> Point:
    for axis, value in zip(axes, values, strict=True):
        document = set_path(document, axis.path, value)
    return Point(document, seed, values)


def _values(document: Document, axis: Axis) -> list[Any]:
    if axis.values:
        return list(axis.values)
    low, high = _ends(axis)
    spread = np.array([low]) if axis.count == 1 else np.geomspace(low, high, axis.count) if axis.log else np.linspace(low, high, axis.count)
    return _fitting(document, axis, spread)


def _drawn(document: Document, axis: Axis, count: int, rng: np.random.Generator) -> list[Any]:
    if axis.values:
        return [axis.values[int(at)] for at in rng.integers(0, len(axis.values), count)]
    low, high = _ends(axis)
    shares = rng.random(count)
    spread = low * (high / low) ** shares if axis.log else low + (high - low) * shares
    return _rounded(document, axis, spread)


def _ends(axis: Axis) -> tuple[float, float]:
    low, high = float(axis.low), float(axis.high)
    if axis.count < 1 or not (math.isfinite(low) and math.isfinite(high)) or low > high:
        raise EngineError(
            say("cannot take {count} values from {low:g} to {high:g}.", count=axis.count, low=low, high=high),
            where=axis.path,
            remedy="Give the lower end first.",
        )
    if axis.log and low <= 0:
        raise EngineError(say("{low:g} has no logarithm.", low=low), where=axis.path, remedy="Begin above 0, or space the values evenly.")
    return low, high


def _rounded(document: Document, axis: Axis, spread: np.ndarray) -> list[Any]:
    """Whole numbers for a field that holds one; others at three digits, so that a heat map's labels are what was trained."""
    if holds_whole(document, axis.path):
        return [round(value) for value in spread.tolist()]
    return [min(max(float(f"{value:.3g}"), axis.low), axis.high) for value in spread.tolist()]


def _fitting(document: Document, axis: Axis, spread: np.ndarray) -> list[Any]:
    return list(dict.fromkeys(_rounded(document, axis, spread)))


def _checked(axes: Sequence[Axis]) -> Sequence[Axis]:
    if not 1 <= len(axes) <= 2 or len({axis.path for axis in axes}) < len(axes):
        raise EngineError(
            say("one or two different fields can be varied, got {axes}.", axes=len(axes)), where="sweep", remedy="Choose one or two."
        )
    return axes


def _refuse_many(count: int) -> None:
    if not 1 <= count <= MOST_POINTS:
        raise EngineError(
            say("{count} points; from 1 to {most_points} can be tried at a time.", count=count, most_points=MOST_POINTS),
            where="sweep",
            remedy="Take fewer values.",
        )
