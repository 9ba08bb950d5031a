"""What a health note says, and what it offers to do: a pure edit of the document, or a moment to go back to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from playground.document import edits
from playground.document.graph import function_field, function_of
from playground.document.model import Document
from playground.engine.timeline.records import Curve
from playground.errors import PlaygroundError
from playground.layers import registry
from playground.layers.functions import FUNCTIONS

Kind = Literal[
    "diverged",
    "exploding",
    "vanishing",
    "dead",
    "saturated",
    "one_line",
    "linear",
    "rate_high",
    "rate_low",
    "plain_descent",
    "overfitting",
    "unscaled",
]
RemedyKind = Literal[
    "go_back",
    "new_start",
    "rate",
    "adam",
    "clip",
    "activation",
    "activations",
    "initializer",
    "hidden_layer",
    "scale_inputs",
    "early_stopping",
    "dropout",
    "l2",
    "fewer_units",
]

RISEN = 2.0
"""A loss that is so many times a run's first one is that of ruined weights: no batch's own chance doubles the loss of fresh weights, and
what diverges passes this on its way to infinity whatever it is."""
OF_THE_RUN = ("go_back", "new_start")
"""Remedies that give the run other weights."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """``value`` is the new rate, units, function ... that the kind asks for; ``go_back`` has the step there, ``new_start`` draws other
    weights."""

    kind: RemedyKind
    node: str = ""
    value: float | str | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """``evidence`` are the numbers that the sentence of ``kind`` is made of, by name; ``node`` where it is, or ``""``."""

    kind: Kind
    node: str = ""
    step: int = 0
    evidence: Mapping[str, float] = field(default_factory=dict)
    remedies: tuple[Remedy, ...] = ()

    @property
    def back(self) -> int | None:
        """The step that it offers to go back to."""
        return next((round(float(one.value or 0)) for one in self.remedies if one.kind == "go_back"), None)


def unspoiled(moments: Sequence[int], curves: Mapping[str, Curve], start: float | None = None) -> list[int]:
    """Those of the kept ``moments`` (steps, from the first to the last) at which the loss had not risen yet, else the first: a run that
    diverges has ruined its weights some steps before they are no numbers. ``start`` is the loss that the run began with (``None``: the
    curve's first point, in a long run a mean over many steps)."""
    curve = curves.get("loss/train")
    if curve is None or not len(curve.values):
        return list(moments)
    next_steps = np.searchsorted(curve.steps, np.asarray(moments, np.int64) + 1)  # they begin with the weights of the moment
    losses = curve.values[np.minimum(next_steps, len(curve.values) - 1)]
    most = RISEN * float(curve.values[0] if start is None else start)
    return [moment for moment, loss in zip(moments, losses.tolist(), strict=True) if loss <= most] or list(moments[:1])


def scaled(document: Document) -> bool:
    """Whether the data set has a switch for the scale of its inputs, and it is off."""
    return document.data.options.get("standardize") is False


def helps(document: Document, remedy: Remedy) -> bool:
    """Whether the remedy can be applied and changes anything: an initializer may be the right one already, a rate at its limit."""
    if remedy.kind in OF_THE_RUN:
        return True
    try:
        return apply(document, remedy) != document
    except PlaygroundError:
        return False


def apply(document: Document, remedy: Remedy) -> Document:
    """``document`` with the remedy. Those :data:`OF_THE_RUN` change no document: the run does it."""
    node, value = remedy.node, remedy.value
    number = float(value) if isinstance(value, (int, float)) else 0.0
    match remedy.kind:
        case "rate":
            return edits.set_training(document, learning_rate=float(f"{number:.3g}"))
        case "adam":
            return edits.set_training(document, optimizer="adam", learning_rate=number)
        case "clip":
            return edits.set_training(document, clip_norm=number)
        case "l2":
            return edits.set_training(document, l2=number)
        case "early_stopping":
            return edits.set_training(document, early_stopping=True)
        case "activation":
            return _with_function(document, node, str(value))
        case "activations":
            for hidden in _bent(document):
                document = _with_function(document, hidden, str(value))
            return document
        case "initializer":
            for dense in [node] if node else [one for one in document.nodes if _is_drawn(document, one)]:
                document = _initialized(document, dense)
            return document
        case "hidden_layer":
            return _hidden(document, node, int(number))
        case "dropout":
            return _dropout(document, node, number)
        case "fewer_units":
            return edits.set_field(document, node, "units", int(number))
        case "scale_inputs":
            return edits.set_data(document, document.data.name, **{**document.data.options, "standardize": True})
        case _:
            return document


def _with_function(document: Document, node: str, function: str) -> Document:
    return edits.set_field(document, node, function_field(document, node), function)


def _bent(document: Document) -> list[str]:
    """Hidden nodes with tanh or sigmoid, whose slopes shrink what goes back through them."""
    last = {wire.source for wire in document.wires if document.nodes[wire.target].type == "Output"}
    return [node for node in document.nodes if node not in last and function_of(document, node) in ("tanh", "sigmoid")]


def _initialized(document: Document, node: str) -> Document:
    """The initializer that suits what the node's sums go through: He for ReLU and its kin, else Xavier."""
    if not _is_drawn(document, node):
        sources = [wire.source for wire in document.wires if wire.target == node]
        return _initialized(document, sources[0]) if sources and _is_drawn(document, sources[0]) else document
    function = FUNCTIONS.get(function_of(document, node), FUNCTIONS["identity"])
    return edits.set_field(document, node, "initializer", function.initializer)


def _is_drawn(document: Document, node: str) -> bool:
    """Whether the node's weights start by an initializer that a field names."""
    layer = registry.find(document.nodes[node].type)
    return layer is not None and any(field.name == "initializer" for field in layer.fields)


def _hidden(document: Document, node: str, units: int) -> Document:
    """A layer of ``units`` tanh neurons in front of ``node``."""
    wire = next(wire for wire in document.wires if wire.target == node)
    document, _ = edits.insert(document, wire, "Dense", units=units, activation="tanh")
    return document


def _dropout(document: Document, node: str, rate: float) -> Document:
    wire = next(wire for wire in document.wires if wire.source == node and not wire.from_port)
    document, _ = edits.insert(document, wire, "Dropout", rate=rate)
    return document
