"""Documents for tests, and strategies that draw edits."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from playground.document import Document, edits
from playground.errors import PlaygroundError
from playground.layers import registry

CHOICES = ("add", "add", "connect", "connect", "connect", "remove", "disconnect", "paste", "field", "move", "freeze")
TYPES = tuple(layer.name for layer in registry.types())


def chain(*types: str | tuple[str, dict[str, Any]], data: str = "") -> Document:
    """The types, wired one after the other; a pair brings fields."""
    document, before = Document(), ""
    for given in types:
        type, fields = (given, {}) if isinstance(given, str) else given
        document, node = edits.add_node(document, type, **fields)
        if before:
            document = edits.connect(document, before, node)
        before = node
    return edits.set_data(document, data) if data else document


def mnist_mlp() -> Document:
    return chain("Input", "Flatten", ("Dense", {"units": 32, "activation": "relu"}), ("Dense", {"units": 10}), "Output", data="mnist")


@st.composite
def edited(draw: st.DrawFn, document: Document) -> Document:
    """One random edit of ``document``; the document itself where the edit is refused."""
    nodes = sorted(document.nodes) or ["dense1"]
    node, other = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
    choice = draw(
        st.sampled_from(("add", "add", "connect", "connect", "connect", "remove", "disconnect", "paste", "field", "move", "freeze"))
    )
    try:
        if choice == "add":
            return edits.add_node(document, draw(st.sampled_from(TYPES)))[0]
        if choice == "connect":
            return edits.connect(document, node, other, to_port=draw(st.sampled_from((None, None, 0, 1))), replace=draw(st.booleans()))
        if choice == "remove":
            return edits.remove(document, node)
        if choice == "disconnect":
            return edits.disconnect(document, node, other)
        if choice == "paste":
            return edits.duplicate(document, {node, other})[0]
        if choice == "field":
            return edits.set_field(document, node, "units", draw(st.integers(-3, 12)))
        if choice == "move":
            return edits.move(document, {node: draw(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)))})
        return edits.freeze(document, [node], draw(st.booleans()))
    except PlaygroundError:
        return document


@st.composite
def documents(draw: st.DrawFn, most: int = 20) -> Document:
    document = Document(title=draw(st.text(max_size=8)))
    for _ in range(draw(st.integers(0, most))):
        document = draw(edited(document))
    return document
