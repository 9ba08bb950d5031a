"""Samples and random targets that gradients are checked with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.data import registry as data
from playground.document.model import Document
from playground.engine.program.lowering import Lowered
from playground.layers.spec import Value

Array = NDArray[Any]
WITHOUT = 0.2
"""The share of steps that get no target, where there is one at each."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What ``Network.gradients`` is asked."""

    x: Mapping[str, Array]
    target: Array
    lengths: Array | None


def draw(document: Document, lowered: Lowered, rng: np.random.Generator, count: int, lengths: bool) -> Asked:
    """``count`` samples of the data set where it has enough, else random ones; random targets. Without data, with ``lengths`` sequences
    end anywhere."""
    symbols = _symbols(lowered)
    x = {
        node: rng.integers(0, symbols[value], (count, *value.shape)) if value in symbols else rng.standard_normal((count, *value.shape))
        for node, value in lowered.inputs.items()
    }
    steps = max((value.shape[0] for value in lowered.inputs.values() if len(value.shape) <= 2), default=0)
    long = rng.integers(1, steps + 1, count) if lengths and steps else None
    if document.data.name:
        dataset = data.load(document.data.name, **document.data.options)
        part = dataset.train
        if len(part) >= count:
            picked = rng.choice(len(part), count, replace=False)
            given = part.x[picked].astype(np.float64) * dataset.scale + dataset.offset
            x = {node: given if value.shape == given.shape[1:] else x[node] for node, value in lowered.inputs.items()}
            long = None if part.lengths is None else part.lengths[picked]
    return Asked(x, _targets(lowered, rng, count), long)


def has_lengths(document: Document) -> bool:
    """Whether the document's data set has sequences of several lengths."""
    return bool(document.data.name) and data.load(document.data.name, **document.data.options).train.lengths is not None


def _targets(lowered: Lowered, rng: np.random.Generator, count: int) -> Array:
    wanted, prediction = lowered.loss.target, lowered.prediction.shape
    if wanted == "class":
        classes = rng.integers(0, prediction[-1], (count, *prediction[:-1]))
        if lowered.counted is not None:
            classes[:, 1:][rng.random(classes[:, 1:].shape) < WITHOUT] = -1
        return classes
    if wanted == "share":
        return rng.uniform(0.0, 1.0, (count, *prediction))
    return rng.standard_normal((count, *prediction))


def _symbols(lowered: Lowered) -> dict[Value, int]:
    """How many symbols there are, by the Input's value that holds their numbers."""
    found: dict[Value, int] = {}
    inputs = {lowered(value): value for value in lowered.inputs.values()}
    for operation in lowered.forward:
        if operation.name in ("embedding", "one_hot"):
            (x,), (rows,) = operation.values(("x",)), operation.values(("weight",) if operation.name == "embedding" else ("y",))
            if lowered(x) in inputs:
                found[inputs[lowered(x)]] = rows.shape[0 if operation.name == "embedding" else 1]
    return found
