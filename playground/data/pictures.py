"""Pictures from outside, made as a data set makes its own: which sets are of pictures, ink brought to their size, place and numbers.

MNIST was made so: a digit is scaled, its proportions kept, into a box of 20 x 20 pixels, by averaging; the box is then moved by whole
pixels so that its center of mass lies in the middle of the field of 28 x 28 (LeCun, Bottou, Bengio, Haffner 1998, section III A).
Box and middle of a set are measured on its own pictures: of MNIST 20 pixels, and 14.5, the middle of pixel 14 counted from 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from playground.data.spec import Array, Dataset, Description
from playground.turns import give_way

ROWS = {784: 28, 64: 8}
"""Rows of numbers that are pictures laid out in a line, and their side."""
MEASURED = 500
"""Samples that a set's manner is measured on."""
BRIGHT = 0.75
"""A margin above this share of the range is bright paper."""
FAINT = 0.1
"""Ink below this share of the darkest counts as paper."""


def picture_shape(shape: tuple[int, ...]) -> tuple[int, int, int] | None:
    """(channels, rows, columns) of a sample of ``shape``: of one or three channels, or a row of 784 or 64 numbers; else ``None``."""
    if len(shape) == 3 and shape[0] in (1, 3) and min(shape) > 0:
        return shape[0], shape[1], shape[2]
    if len(shape) == 1 and shape[0] in ROWS:
        return 1, ROWS[shape[0]], ROWS[shape[0]]
    return None


def shape_of(description: Description) -> tuple[int, int, int] | None:
    """The picture that a sample of this set is, ``None`` where it is none: a row of 64 tokens is not."""
    return None if description.tokens else picture_shape(description.input_shape)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a set's pictures are made. ``shape`` (C, H, W); ``paper`` and ``ink`` are the numbers of an empty and of a full pixel in the
    set's own scale (ink below paper: dark on bright); ``box`` the longer side of what is drawn, as a share of the field, ``middle``
    (down, across) where its center of mass lies, in pixels; ``whole``: its numbers are whole."""

    shape: tuple[int, int, int]
    paper: float
    ink: float
    box: float
    middle: tuple[float, float]
    whole: bool

    def numbers(self, picture: Array) -> Array:
        """``picture`` (C, H, W) of ink from 0 to 1 in the set's own numbers, and of its type: uint8 are whole."""
        values = self.paper + np.clip(picture, 0.0, 1.0) * (self.ink - self.paper)
        return np.round(values).astype(np.uint8) if self.whole else values.astype(np.float32)

    def ink_of(self, values: Array) -> Array:
        """The other way round: ink from 0 to 1 of the set's own ``values``."""
        spread = self.ink - self.paper
        shares: Array = np.clip((np.asarray(values, np.float64) - self.paper) / (spread if spread else 1.0), 0.0, 1.0)
        return shares


def manner_of(dataset: Dataset) -> Manner | None:
    """Measured on the first training samples: where their margins are bright, paper is the bright end and ink the dark one, else, and
    in color, the other way round; the box is the median longer side of the inked part. ``None`` where samples are no pictures."""
    shape = shape_of(dataset.description)
    if shape is None or not len(dataset.train):
        return None
    some = dataset.train.x[:MEASURED].reshape(-1, *shape)
    low, high = float(some.min()), float(some.max())
    edges = np.concatenate([some[..., 0, :], some[..., -1, :], some[..., :, 0], some[..., :, -1]], axis=-1)
    bright = shape[0] == 1 and float(np.median(edges)) > low + BRIGHT * (high - low)
    paper, ink = (high, low) if bright else (low, high)
    whole = dataset.train.x.dtype == np.uint8
    plain = Manner(shape, paper, ink, 1.0, (shape[1] / 2, shape[2] / 2), whole)
    inked = plain.ink_of(some).mean(axis=1)
    give_way()
    strong = inked > FAINT
    sides = np.maximum(_reach(strong.any(axis=2)) / shape[1], _reach(strong.any(axis=1)) / shape[2])
    drawn = sides > 0
    if not drawn.any():
        return plain
    give_way()
    middles = _mass(inked[drawn]).mean(axis=0)
    down, across = (float(np.round(2 * one) / 2) for one in middles)  # to half a pixel: the mean of a sample is no finer
    return replace(plain, box=float(np.median(sides[drawn])), middle=(down, across))


def _reach(marked: Array) -> Array:
    """From the first to the last mark of each row of ``marked`` (N, length): how many places, 0 without a mark."""
    length = marked.shape[1]
    reach: Array = np.where(marked.any(axis=1), length - marked[:, ::-1].argmax(axis=1) - marked.argmax(axis=1), 0)
    return reach


def shrunk(ink: Array, rows: int, columns: int) -> Array:
    """``ink`` (..., h, w) as it lies, averaged to (..., rows, columns)."""
    high, wide = ink.shape[-2:]
    return _averaged(ink, _spans(0.0, high / rows, rows), _spans(0.0, wide / columns, columns))


def centered(ink: Array, manner: Manner) -> Array:
    """``ink`` (..., h, w) as a picture (..., H, W) in the set's manner: scaled so that the longer side of its inked part is the box, and
    moved by whole pixels until its center of mass is where the set has it; less far where it would leave the field. Empty ink stays
    empty. Of several channels the strongest counts."""
    _, rows, columns = manner.shape
    whole: Array = ink.reshape(-1, *ink.shape[-2:]).max(axis=0)
    strong: Array = np.greater(whole, FAINT * max(float(whole.max(initial=0.0)), 1e-9))
    if not np.any(strong):
        return np.zeros((*ink.shape[:-2], rows, columns), ink.dtype)
    ends = _ends(np.any(strong, axis=1)), _ends(np.any(strong, axis=0))
    step = max((last - first) / (manner.box * count) for (first, last), count in zip(ends, (rows, columns), strict=True))
    spans = []
    for (first, last), count, mass, middle in zip(ends, (rows, columns), _mass(whole), manner.middle, strict=True):
        most = count - (last - first) / step
        before = min(max(round(middle - (mass - first) / step), 0), max(int(most + 1e-6), 0))
        spans.append(_spans(first - before * step, step, count))
    return _averaged(ink, *spans)


def _mass(ink: Array) -> Array:
    """(..., 2): down and across, the centers of mass of ``ink`` (..., h, w), in pixels from its corner."""
    total = np.maximum(ink.sum(axis=(-2, -1)), 1e-9)
    sums = [ink.sum(axis=axis) @ (np.arange(ink.shape[other]) + 0.5) for axis, other in ((-1, -2), (-2, -1))]
    middles: Array = np.stack(sums, axis=-1) / total[..., None]
    return middles


def _ends(marked: Array) -> tuple[int, int]:
    places = np.flatnonzero(marked)
    return int(places[0]), int(places[-1]) + 1


def _spans(begin: float, step: float, count: int) -> Array:
    """Edges of ``count`` pixels of the picture, in pixels of the ink: (count + 1,)."""
    return begin + step * np.arange(count + 1)


def _averaged(ink: Array, down: Array, across: Array) -> Array:
    """The mean ink over each pixel whose edges are given; what lies outside the ink is paper."""
    mean: Array = _overlaps(down, ink.shape[-2]) @ ink @ _overlaps(across, ink.shape[-1]).T
    return np.clip(mean, 0.0, 1.0)


def _overlaps(edges: Array, length: int) -> Array:
    """(pixels, length): the share of each new pixel that lies over each old one."""
    old = np.arange(length)
    over = np.minimum(edges[1:, None], old + 1) - np.maximum(edges[:-1, None], old)
    shares: Array = np.clip(over, 0.0, None) / (edges[1:] - edges[:-1])[:, None]
    return shares
