"""Small networks and data sets for the engine's tests."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.data.spec import Dataset, Description, frozen_split
from playground.document import Document, edits

Layer = tuple[str, dict[str, Any]]


def dense(units: int, activation: str = "identity", **fields: Any) -> Layer:
    return "Dense", {"units": units, "activation": activation, **fields}


def chain(shape: tuple[int, ...], *layers: Layer, loss: str = "half_squared_error", **output: Any) -> Document:
    """Input, the layers one after another, Output."""
    document, last = edits.add_node(Document(), "Input", shape=shape)
    for type, fields in (*layers, ("Output", {"loss": loss, **output})):
        document, node = edits.add_node(document, type, **fields)
        document, last = edits.connect(document, last, node), node
    return document


def between(shape: tuple[int, ...], *layers: Layer) -> Document:
    """The layers, given ``shape``, with weights before and after them: so the gradient by their input is checked, too."""
    before = (dense(math.prod(shape), "tanh"), ("Reshape", {"shape": shape}))
    return chain((4,), *before, *layers, ("Flatten", {}), dense(2), loss="half_squared_error")


def classes(x: NDArray[Any], y: NDArray[Any], count: int = 2, scale: float = 1.0) -> Dataset:
    """A classification set: all three splits are the same samples."""
    part = frozen_split(np.asarray(x), np.asarray(y, np.int32))
    return Dataset(Description(part.x.shape[1:], "classification", count, tuple(map(str, range(count)))), part, part, part, scale=scale)


def numbers(x: NDArray[Any], y: NDArray[Any], scale: float = 1.0) -> Dataset:
    """A regression set: all three splits are the same samples."""
    part = frozen_split(np.asarray(x), np.asarray(y, np.float32).reshape(len(x), -1))
    return Dataset(Description(part.x.shape[1:], "regression", part.y.shape[1]), part, part, part, scale=scale)


def blobs(samples: int = 50, features: int = 4, count: int = 3, seed: int = 0) -> Dataset:
    """Random samples around a center for each class."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, count, samples)
    centers = 2.0 * rng.standard_normal((count, features))
    return classes((centers[y] + rng.standard_normal((samples, features))).astype(np.float32), y, count)


def same(a: dict[str, NDArray[Any]], b: dict[str, NDArray[Any]]) -> bool:
    """Whether two sets of parameters are equal to the bit."""
    return a.keys() == b.keys() and all(a[key].tobytes() == b[key].tobytes() for key in a)
