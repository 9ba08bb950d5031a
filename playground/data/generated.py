"""Generated pictures: shapes and stripes, drawn by formulas, of one channel or in color. A color tells nothing of the class.

A shape is drawn by its signed distance d in pixels (I. Quilez, "2D distance functions"), coverage = clip(1/2 - d, 0, 1): an edge is
smooth over one pixel. Stripes are sine waves, 1/2 + 1/2 sin(2 pi (x cos a + y sin a) / length + phase). What a picture holds is drawn
by (seed, its number), noise included.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from playground.data.spec import Array, Dataset, DatasetType, Description, Options, frozen_split
from playground.data.splits import SEED_FIELD, share_out, split_fields
from playground.fields import Field

GROUP = "Images"
SHAPES = ("circle", "square", "triangle")
PIECE = 256
"""Pictures drawn at a time, which bounds the work space."""
CONTRAST = 0.35
"""How far ink and paper lie apart at least, of the way from black to white; in color the mean of the channels does."""

Drawer = Callable[[np.random.Generator, Array, int, Options], Array]
"""From random numbers, class numbers (n,) and the side to coverages (n, side, side) from 0 to 1."""


def _grid(side: int) -> tuple[Array, Array]:
    """Columns and rows of the pixels' centers, (1, side, side) each."""
    across, down = np.meshgrid(np.arange(side) + 0.5, np.arange(side) + 0.5)
    return across[None], down[None]


def shapes(rng: np.random.Generator, y: Array, side: int, options: Options) -> Array:
    """Circle, square or triangle, its radius a share of the side from ``smallest`` to ``largest``, anywhere within the picture and
    turned by any angle."""
    n = len(y)
    lowest, highest = sorted((options["smallest"], options["largest"]))
    radius = rng.uniform(lowest, highest, n) * side / 2
    room = np.maximum(side / 2 - radius, 0)
    across, down = (side / 2 + rng.uniform(-1, 1, n) * room for _ in range(2))
    angle = rng.uniform(0, 2 * np.pi, n) * bool(options["turned"])
    c, r = _grid(side)
    dx, dy = c - across[:, None, None], r - down[:, None, None]
    cos, sin = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    u, v, size = cos * dx + sin * dy, cos * dy - sin * dx, radius[:, None, None]
    kind = y[:, None, None]
    distance = np.where(kind == 0, np.hypot(u, v) - size, np.where(kind == 1, _square(u, v, size), _triangle(u, v, size)))
    filled: Array = np.clip(0.5 - distance, 0, 1)
    if options["filled"]:
        return filled
    line = max(1.0, side / 20)
    outline: Array = np.clip(0.5 + line / 2 - np.abs(distance + line / 2), 0, 1)
    return outline


def _square(u: Array, v: Array, radius: Array) -> Array:
    """Distance from a square whose corners lie on the circle of ``radius``."""
    half = radius / np.sqrt(2)
    outside: Array = np.maximum(np.abs(u) - half, np.abs(v) - half)
    return outside


def _triangle(u: Array, v: Array, radius: Array) -> Array:
    """Distance from a triangle of equal sides whose corners lie on the circle of ``radius``, one of them up."""
    sides = [u * np.sin(turn) + v * np.cos(turn) - radius / 2 for turn in (0, 2 * np.pi / 3, 4 * np.pi / 3)]
    outside: Array = np.maximum(np.maximum(sides[0], sides[1]), sides[2])
    return outside


def stripes(rng: np.random.Generator, y: Array, side: int, options: Options) -> Array:
    """Waves whose crests run at angle 180 degrees * class / classes, of a random length and phase."""
    n = len(y)
    angle = np.pi * y / options["kinds"] + np.pi / 2  # of the direction in which the wave goes
    length = rng.uniform(3, max(side / 3, 4), n)
    phase = rng.uniform(0, 2 * np.pi, n)
    c, r = _grid(side)
    along = (c * np.cos(angle)[:, None, None] - r * np.sin(angle)[:, None, None]) / length[:, None, None]  # rows count downwards
    waves: Array = 0.5 + 0.5 * np.sin(2 * np.pi * along + phase[:, None, None])
    return waves


def _colored(rng: np.random.Generator, coverage: Array, options: Options) -> Array:
    """Ink over paper with noise, uint8 (n, C, side, side). Gray is bright on black; in color both are random, and apart."""
    n = len(coverage)
    if options["color"]:
        ink, paper = rng.uniform(0, 1, (2, n, 3))
        apart = ink.mean(axis=1) - paper.mean(axis=1)
        near = np.abs(apart) < CONTRAST
        toward = np.where(apart < 0, 0.0, 1.0)[:, None]
        ink = np.where(near[:, None], 0.3 * ink + 0.7 * toward, ink)
        paper = np.where(near[:, None], 0.3 * paper + 0.7 * (1 - toward), paper)
    else:
        ink, paper = np.ones((n, 1)), np.zeros((n, 1))
    cover = coverage[:, None]
    pictures = paper[:, :, None, None] * (1 - cover) + ink[:, :, None, None] * cover
    pictures += rng.normal(0, 1, pictures.shape) * options["noise"]
    pixels: Array = np.round(np.clip(pictures, 0, 1) * 255).astype(np.uint8)
    return pixels


def _load(draw: Drawer, describe: Callable[[Options], Description], options: Options) -> Dataset:
    description = describe(options)
    count, side = options["samples"], options["size"]
    y = (np.arange(count) % len(description.classes)).astype(np.int32)
    x = np.empty((count, *description.input_shape), np.uint8)
    for number, first in enumerate(range(0, count, PIECE)):
        rng = np.random.Generator(np.random.PCG64([options["seed"], number]))
        labels = np.arange(first, first + PIECE) % len(description.classes)  # a whole piece, whatever is taken: draws hang on no count
        x[first : first + PIECE] = _colored(rng, draw(rng, labels, side, options), options)[: count - first]
    parts = share_out(y, options["validation"], options["test"], np.random.Generator(np.random.PCG64(options["seed"])))
    train, validation, test = (frozen_split(x[part], y[part]) for part in parts)
    return Dataset(description, train, validation, test, scale=1 / 255)


def _described(classes: tuple[str, ...], options: Options) -> Description:
    shape = (3 if options["color"] else 1, options["size"], options["size"])
    return Description(shape, "classification", 1 if len(classes) == 2 else len(classes), classes=classes)


def _describe_shapes(options: Options) -> Description:
    return _described(SHAPES, options)


def _describe_stripes(options: Options) -> Description:
    kinds = options["kinds"]
    return _described(tuple(f"{180 * kind / kinds:.4g}°" for kind in range(kinds)), options)


def _fields(noise: float) -> tuple[Field, ...]:
    return (
        Field("samples", "int", 3000, "How many pictures, all parts together.", minimum=60, maximum=20_000),
        Field("size", "int", 28, "Rows and columns of each picture.", unit="pixels", minimum=8, maximum=64),
        Field("color", "bool", False, "Three channels: each picture has a random color of its own, and so has its ground."),
        Field(
            "noise",
            "float",
            noise,
            "How far each pixel strays from what was drawn, of the way from black to white.",
            minimum=0.0,
            maximum=1.0,
        ),
    )


def _share(name: str, default: float, help: str) -> Field:
    return Field(name, "float", default, help, minimum=0.1, maximum=1.0)


OWN_SHAPES = (
    _share("smallest", 0.4, "The smallest shape's width, as a share of the picture's."),
    _share("largest", 0.9, "The largest shape's width, as a share of the picture's."),
    Field("turned", "bool", True, "Whether squares and triangles are turned by any angle."),
    Field("filled", "bool", True, "Filled shapes, or outlines alone."),
)
OWN_STRIPES = (Field("kinds", "int", 4, "How many angles, evenly over half a turn.", label="Angles", minimum=2, maximum=12),)
SPLITS = (*split_fields(0.15, 0.15), SEED_FIELD)

GENERATED = (
    DatasetType(
        "shapes",
        "Shapes",
        "Circles, squares and triangles, gray or in color, made on the spot.",
        GROUP,
        "classification",
        _describe_shapes,
        partial(_load, shapes, _describe_shapes),
        (*_fields(0.1), *OWN_SHAPES, *SPLITS),
    ),
    DatasetType(
        "stripes",
        "Stripes",
        "Textures: stripes at several angles, gray or in color, made on the spot.",
        GROUP,
        "classification",
        _describe_stripes,
        partial(_load, stripes, _describe_stripes),
        (*_fields(0.2), *OWN_STRIPES, *SPLITS),
    ),
)
