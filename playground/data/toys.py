"""Generated points in the plane, for classification and regression.

Formulas: circle, exclusive or, gauss, spiral, plane and multi-gauss are those of TensorFlow Playground (Smilkov et al. 2017,
``src/dataset.ts``), whose label +1 is class 1 here; moons and blobs are the usual ones. Everything lies in [-6, 6] x [-6, 6],
but for the tails of normal noise. U(a, b) is uniform, N(m, v) normal with variance v.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from playground.data.spec import Array, Dataset, DatasetType, Description, Extent, Options, Task, frozen_split
from playground.data.splits import SEED_FIELD, share_out, split_fields
from playground.fields import Field

Points = tuple[Array, Array]
Generator = np.random.Generator
Formula = Callable[[Generator, Options], Points]

GROUP = "Points in the plane"
EXTENT: Extent = (-6.0, 6.0, -6.0, 6.0)
RADIUS = 5.0


def _polar(radius: Array, angle: Array) -> Array:
    return np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)


def _halves(samples: int) -> tuple[int, int, Array]:
    """The first half's size, the second's, and the labels 1 (first half) and 0."""
    first = samples // 2
    return first, samples - first, (np.arange(samples) < first).astype(np.int32)


def circle(rng: Generator, options: Options) -> Points:
    """Half the radii U(0, 0.5 R), half U(0.7 R, R), R = 5. Class 1 lies within 0.5 R; noise moves the label's border only."""
    inner, outer, _ = _halves(options["samples"])
    radius = np.concatenate([rng.uniform(0, 0.5 * RADIUS, inner), rng.uniform(0.7 * RADIUS, RADIUS, outer)])
    x = _polar(radius, rng.uniform(0, 2 * np.pi, inner + outer))
    shifted = x + rng.uniform(-RADIUS, RADIUS, x.shape) * options["noise"]
    return x, (np.hypot(shifted[:, 0], shifted[:, 1]) < 0.5 * RADIUS).astype(np.int32)


def exclusive_or(rng: Generator, options: Options) -> Points:
    """U(-5, 5) squared, pushed 0.3 away from the axes. Class 1 where both coordinates (with noise) have the same sign."""
    x = rng.uniform(-RADIUS, RADIUS, (options["samples"], 2))
    x += np.where(x > 0, 0.3, -0.3)
    shifted = x + rng.uniform(-RADIUS, RADIUS, x.shape) * options["noise"]
    return x, (shifted[:, 0] * shifted[:, 1] >= 0).astype(np.int32)


def gauss(rng: Generator, options: Options) -> Points:
    """Class 1: N((2, 2), v), class 0: N((-2, -2), v), v = 0.5 + 7 noise."""
    first, second, y = _halves(options["samples"])
    deviation = np.sqrt(0.5 + 7 * options["noise"])
    return np.concatenate([rng.normal(2, deviation, (first, 2)), rng.normal(-2, deviation, (second, 2))]), y


def spiral(rng: Generator, options: Options) -> Points:
    """Two arms of 1.75 turns, half a turn apart: r = 5 i/n, angle = 1.75 * 2 pi i/n, plus U(-1, 1) noise. Lang & Witbrock 1988."""
    first, second, y = _halves(options["samples"])
    along = np.concatenate([np.arange(first) / first, np.arange(second) / second])
    x = _polar(RADIUS * along, 1.75 * 2 * np.pi * along + np.where(y == 1, 0.0, np.pi))
    return x + rng.uniform(-1, 1, x.shape) * options["noise"], y


def moons(rng: Generator, options: Options) -> Points:
    """(cos a, sin a) and (1 - cos b, 0.5 - sin b), a and b evenly on 0..pi, plus N(0, noise^2); then centered and times 3."""
    first, second, y = _halves(options["samples"])
    a, b = np.linspace(0, np.pi, first), np.linspace(0, np.pi, second)
    upper, lower = np.stack([np.cos(a), np.sin(a)], axis=1), np.stack([1 - np.cos(b), 0.5 - np.sin(b)], axis=1)
    x = np.concatenate([upper, lower])
    return (x + rng.normal(0, options["noise"], x.shape) - [0.5, 0.25]) * 3, y


def blobs(rng: Generator, options: Options) -> Points:
    """As many round clouds as classes, N(center, noise^2), their centers evenly on a circle of radius 4."""
    y = np.arange(options["samples"], dtype=np.int32) % options["classes"]
    centers = _polar(np.full(len(y), 4.0), 2 * np.pi * y / options["classes"])
    return centers + rng.normal(0, options["noise"], centers.shape), y


def rings(rng: Generator, options: Options) -> Points:
    """Rings about the origin: r = 5 (class + 0.5) / classes + N(0, noise^2), the angle uniform."""
    y = np.arange(options["samples"], dtype=np.int32) % options["classes"]
    radius = RADIUS * (y + 0.5) / options["classes"] + rng.normal(0, options["noise"], len(y))
    return _polar(radius, rng.uniform(0, 2 * np.pi, len(y))), y


def checkerboard(rng: Generator, options: Options) -> Points:
    """U(-5, 5) squared on a board of cells x cells; class 1 where row + column (seen with noise) is even."""
    cells = options["cells"]
    x = rng.uniform(-RADIUS, RADIUS, (options["samples"], 2))
    shifted = x + rng.uniform(-1, 1, x.shape) * options["noise"]
    cell = np.clip(np.floor((shifted + RADIUS) * cells / (2 * RADIUS)), 0, cells - 1)
    return x, (cell.sum(axis=1) % 2 == 0).astype(np.int32)


def plane(rng: Generator, options: Options) -> Points:
    """A slanted plane: (x1 + x2) / 10 over U(-6, 6) squared, each coordinate seen with noise U(-6, 6)."""
    x = rng.uniform(-6, 6, (options["samples"], 2))
    return x, (x + rng.uniform(-6, 6, x.shape) * options["noise"]).sum(axis=1, keepdims=True) / 10


HILLS = ((-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1))


def multigauss(rng: Generator, options: Options) -> Points:
    """Six cones, three up and three down: sign * clip(1 - distance/2, 0, 1), the one largest in size counts."""
    x = rng.uniform(-6, 6, (options["samples"], 2))
    seen = x + rng.uniform(-6, 6, x.shape) * options["noise"]
    heights = np.stack([s * np.clip(1 - np.hypot(seen[:, 0] - cx, seen[:, 1] - cy) / 2, 0, 1) for cx, cy, s in HILLS], axis=1)
    strongest = np.abs(heights).argmax(axis=1)[:, None]
    return x, np.take_along_axis(heights, strongest, axis=1)


def _describe(task: Task, options: Options) -> Description:
    if task == "regression":
        return Description((2,), task, 1, feature_names=("x1", "x2"), target_names=("y",))
    count = options.get("classes", 2)
    return Description((2,), task, 1 if count == 2 else count, classes=tuple(map(str, range(count))), feature_names=("x1", "x2"))


def _load(formula: Formula, task: Task, options: Options) -> Dataset:
    rng = np.random.Generator(np.random.PCG64(options["seed"]))
    x, y = formula(rng, options)
    parts = share_out(y, options["validation"], options["test"], rng)
    train, validation, test = (frozen_split(x[part], y[part]) for part in parts)
    return Dataset(_describe(task, options), train, validation, test, extent=EXTENT)


def _samples(default: int) -> Field:
    return Field("samples", "int", default, "How many points, all parts together.", minimum=20, maximum=100_000)


def _noise(default: float, help: str) -> Field:
    return Field("noise", "float", default, help, minimum=0.0, maximum=0.5)


def _classes(default: int, most: int) -> Field:
    return Field("classes", "int", default, "How many classes.", minimum=2, maximum=most)


def _toy(name: str, title: str, summary: str, formula: Formula, *own: Field, task: Task = "classification") -> DatasetType:
    fields = (*own, *split_fields(0.25, 0.25), SEED_FIELD)
    return DatasetType(name, title, summary, GROUP, task, partial(_describe, task), partial(_load, formula, task), fields)


_POINT_NOISE = "How far each point strays."
_LABEL_NOISE = "How far the border between the classes is blurred."
_CELLS = Field("cells", "int", 4, "Cells along each side.", minimum=2, maximum=8)

TOYS = (
    _toy("circle", "Circle", "A disk inside a ring: no straight line parts them.", circle, _samples(500), _noise(0.0, _LABEL_NOISE)),
    _toy(
        "xor2d",
        "XOR points",
        "XOR as clouds of points: opposite quarters belong together.",
        exclusive_or,
        _samples(500),
        _noise(0.0, _LABEL_NOISE),
    ),
    _toy("gauss", "Gauss", "Two round clouds; one neuron is enough.", gauss, _samples(500), _noise(0.0, "How wide the clouds are.")),
    _toy("spiral", "Spiral", "Two arms wound around each other: the hard one.", spiral, _samples(500), _noise(0.0, _POINT_NOISE)),
    _toy("moons", "Moons", "Two interlocking half-moons.", moons, _samples(500), _noise(0.1, _POINT_NOISE)),
    _toy("blobs", "Blobs", "Several round clouds, one a class.", blobs, _samples(500), _classes(3, 10), _noise(0.5, _POINT_NOISE)),
    _toy("rings", "Rings", "Rings within rings, one a class.", rings, _samples(600), _classes(3, 6), _noise(0.15, _POINT_NOISE)),
    _toy(
        "checkerboard",
        "Checkerboard",
        "Black and white cells; needs many points.",
        checkerboard,
        _samples(4000),
        _CELLS,
        _noise(0.0, _LABEL_NOISE),
    ),
    _toy("plane", "Plane", "A slope to fit: regression.", plane, _samples(1200), _noise(0.0, _POINT_NOISE), task="regression"),
    _toy(
        "multigauss",
        "Hills",
        "Three hills and three hollows to fit: regression.",
        multigauss,
        _samples(1200),
        _noise(0.0, _POINT_NOISE),
        task="regression",
    ),
)
