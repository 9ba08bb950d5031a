"""Small random networks with forks and merges, small data sets, random trainings, for accounts."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from playground.data.spec import Dataset
from playground.document import Document, edits, shapes
from playground.document.optimizers import OPTIMIZERS
from playground.layers.functions import FUNCTION_NAMES
from playground.layers.losses import LOSSES
from tests.engine.build import classes, numbers


@st.composite
def networks(draw: st.DrawFn) -> Document:
    """An Input of three numbers or of a sequence of two such, up to seven nodes that read any of those before, an Output."""
    sequence = draw(st.booleans())
    document, last = edits.add_node(Document(), "Input", shape=(2, 3) if sequence else (3,))
    there = [last]
    for _ in range(draw(st.integers(1, 7))):
        document, last = _grown(draw, document, there, draw(st.integers(1, 4)))
        there.append(last)
    loss = draw(st.sampled_from(LOSSES))
    if len(shapes(document)[last]) != 1 or loss == "softmax_cross_entropy":
        document, last = _after(document, [last], "Flatten")
    document, last = _after(document, [last], "Dense", units=3 if loss == "softmax_cross_entropy" else draw(st.integers(1, 3)))
    document, _ = _after(document, [last], "Output", loss=loss)
    return document


def _grown(draw: st.DrawFn, document: Document, there: list[str], units: int) -> tuple[Document, str]:
    """One more node behind the latest, or behind it and an earlier one of its shape."""
    known, last = shapes(document), there[-1]
    alike = [node for node in there if known[node] == known[last]]
    type = draw(st.sampled_from(("Dense", "Dense", "Activation", "Dropout", "Flatten", "Reshape", "Add", "Multiply", "Concatenate")))
    function = draw(st.sampled_from(FUNCTION_NAMES))
    if type in ("Add", "Multiply", "Concatenate"):
        return _after(document, [last, draw(st.sampled_from(alike))], type)
    if type == "Dense":
        return _after(document, [last], type, units=units, activation=function, bias=draw(st.booleans()), initial_bias=0.1)
    size = int(np.prod(known[last]))
    fields: dict[str, Any] = {
        "Activation": {"function": function},
        "Dropout": {"rate": 0.4},
        "Flatten": {},
        "Reshape": {"shape": (size,) if len(known[last]) > 1 else (1, size)},
    }[type]
    return _after(document, [last], type, **fields)


def _after(document: Document, sources: list[str], type: str, **fields: Any) -> tuple[Document, str]:
    document, node = edits.add_node(document, type, **fields)
    for source in sources:
        document = edits.connect(document, source, node)
    return document, node


@st.composite
def trainings(draw: st.DrawFn) -> dict[str, Any]:
    """Fields of a training: any optimizer, with or without decay, clipping, several samples a batch."""
    return {
        "optimizer": draw(st.sampled_from(tuple(OPTIMIZERS))),
        "learning_rate": draw(st.sampled_from((0.01, 0.1))),
        "momentum": draw(st.sampled_from((0.5, 0.9))),
        "l1": draw(st.sampled_from((0.0, 0.003))),
        "l2": draw(st.sampled_from((0.0, 0.02))),
        "clip_norm": draw(st.sampled_from((None, 0.3))),
        "batch_size": draw(st.sampled_from((1, 3))),
    }


def data_for(document: Document, seed: int = 0) -> Dataset:
    """Nine samples that fit ``document``."""
    rng, known = np.random.default_rng(seed), shapes(document)
    (source,) = (node for node, placed in document.nodes.items() if placed.type == "Input")
    (output,) = (node for node, placed in document.nodes.items() if placed.type == "Output")
    x = rng.standard_normal((9, *known[source])).astype(np.float32)
    count = int(np.prod(known[output]))
    if "cross_entropy" in document.nodes[output].fields["loss"]:
        return classes(x, rng.integers(0, max(2, count), 9), max(2, count))
    return numbers(x, rng.standard_normal((9, count)))
