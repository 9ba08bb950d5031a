"""What a chart draws, as plain data: which curves of a snapshot, smoothed how, in which colors, on which range. No widget."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from playground.engine.snapshot import Curve, Snapshot

LAYER_HUES = ("s3", "s4", "s1", "s2", "pos", "neg", "err", "err_neg")
DASHES = {"train": (), "validation": (4.0, 3.0), "test": (1.0, 3.0)}
MOST_LINES = 8
FLOOR = 1e-12


@dataclass(frozen=True, slots=True)
class Kind:
    """One chart: the ``prefix`` of its curves in a snapshot, and how its axis runs."""

    name: str
    prefix: str
    log: bool = False
    share: bool = False
    by_layer: bool = False


KINDS = (
    Kind("loss", "loss", log=True),
    Kind("accuracy", "accuracy", share=True),
    Kind("gradient", "gradient_norm", log=True, by_layer=True),
    Kind("weight", "weight_norm", by_layer=True),
    Kind("rate", "learning_rate"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One curve as drawn. ``label`` is the split or node id, ``run`` its run; ``old`` runs are drawn behind, in gray."""

    label: str
    run: int
    x: np.ndarray
    y: np.ndarray
    token: str
    dash: tuple[float, ...] = ()
    old: bool = False


def lines(snapshot: Snapshot, kind: Kind, smoothing: float = 0.0, hidden: frozenset[int] = frozenset()) -> list[Line]:
    """The lines of ``kind``, old runs first. ``hidden`` runs are left out; the present one never is."""
    drawn: list[Line] = []
    for past in snapshot.runs:
        if past.run not in hidden:
            drawn += _of_run(past.curves, kind, past.run, smoothing, old=True)
    return drawn + _of_run(snapshot.curves, kind, snapshot.run, smoothing, old=False)


def _of_run(curves: Mapping[str, Curve], kind: Kind, run: int, smoothing: float, old: bool) -> list[Line]:
    found = [(name, curve) for name, curve in curves.items() if name.split("/")[0] == kind.prefix and len(curve.steps)]
    if old and kind.by_layer:
        return []
    made = []
    for at, (name, curve) in enumerate(found[:MOST_LINES]):
        label = name.partition("/")[2] or kind.prefix
        token = LAYER_HUES[at % len(LAYER_HUES)] if kind.by_layer else "line3" if old else "s2"
        made.append(Line(label, run, curve.steps, smooth(curve.values, smoothing), token, DASHES.get(label, ()), old))
    return made


def smooth(values: np.ndarray, weight: float) -> np.ndarray:
    """Exponential moving average with ``weight`` on the past (0: as they are), bias-corrected as Adam's moments; what is not
    finite is passed through and leaves the average alone."""
    if weight <= 0 or not len(values):
        return values
    out, average, share = np.empty(len(values)), 0.0, 0.0
    for at, value in enumerate(values.tolist()):
        if math.isfinite(value):
            average, share = weight * average + (1 - weight) * value, weight * share + (1 - weight)
            out[at] = average / share
        else:
            out[at] = value
    return out


def value_range(drawn: list[Line], log: bool, share: bool, before: tuple[float, float] | None = None) -> tuple[float, float]:
    """The axis' ends (powers of ten where ``log``). They move in jumps, and outward only while ``before`` still holds all."""
    if share:
        lowest = min((float(np.nanmin(line.y)) for line in drawn if np.isfinite(line.y).any()), default=0.5)
        return (0.5 if lowest >= 0.5 else 0.0), 1.0
    parts = [line.y[np.isfinite(line.y)] for line in drawn]
    values = np.concatenate(parts) if parts else np.empty(0)
    if log:
        values = values[values > FLOOR]
        low, high = (values.min(), values.max()) if len(values) else (0.01, 1.0)
        wanted = (10.0 ** math.floor(math.log10(low)), 10.0 ** math.ceil(math.log10(max(high, low * 1.01))))
    else:
        high = max(float(values.max()), 0.0) if len(values) else 1.0
        low = min(float(values.min()), 0.0) if len(values) else 0.0
        wanted = (-round_up(-low) if low < 0 else 0.0, round_up(high) if high > 0 else 1.0)
    if before is None:
        return wanted
    return min(before[0], wanted[0]), max(before[1], wanted[1])


def round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9))


def last_step(drawn: list[Line]) -> int:
    """The right end of the x axis: the last step drawn, rounded up in jumps of 1, 2, 5 and ten."""
    last = max((int(line.x[-1]) for line in drawn if len(line.x)), default=0)
    if last <= 10:
        return 10
    power = 10 ** (len(str(last)) - 1)
    quarter = max(power // 4, 1)
    return -(-last // quarter) * quarter


def ticks(low: float, high: float, log: bool) -> list[float]:
    """At most four values to label, ends included where they fit."""
    if log:
        first, last = round(math.log10(low)), round(math.log10(high))
        every = max(1, math.ceil((last - first) / 3))
        return [10.0**power for power in range(first, last + 1, every)]
    return [low + (high - low) * part / 2 for part in range(3)]


def step_ticks(last: int, width: float) -> list[int]:
    """Steps to label on the x axis, about 90 px apart, the first being 0."""
    room = max(1, min(4, int(width // 90)))
    gap = last / room
    power = 10 ** math.floor(math.log10(gap)) if gap >= 1 else 1
    gap = next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= gap)
    gap = max(1, round(gap))
    return list(range(0, last + 1, gap))


def value_at(line: Line, step: float) -> tuple[int, float] | None:
    """The point of ``line`` nearest to ``step``: (step, value)."""
    if not len(line.x):
        return None
    at = int(np.searchsorted(line.x, step))
    near = min((index for index in (at - 1, at) if 0 <= index < len(line.x)), key=lambda index: abs(line.x[index] - step))
    return int(line.x[near]), float(line.y[near])
