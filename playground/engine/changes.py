"""What of a document a run hangs on, and what may change while it goes on."""

from __future__ import annotations

from playground import fields as declared
from playground.data.spec import Dataset
from playground.document import edits
from playground.document.graph import fields_of, filled
from playground.document.model import Document, Node
from playground.layers import registry

DROPOUT = "Dropout"


def shaped(document: Document, dataset: Dataset) -> Document:
    """``document`` with the data set's shape in every Input, and its number of symbols in every vocabulary, that leaves it open."""
    for node, placed in document.nodes.items():
        layer = registry.find(placed.type)
        fields = declared.defaults(layer.fields if layer is not None else ()) | placed.fields
        for name, value in filled(placed.type, fields, dataset.description).items():
            if value != fields[name]:
                document = edits.set_field(document, node, name, value)
    return document


def structure(document: Document) -> object:
    """All of a document that the weights, the data and the rows hang on: equal for documents that differ in live fields, or in
    drawings added to the data, alone."""
    nodes = {
        node: (placed.type, {n: v for n, v in placed.fields.items() if n not in _live(placed)}, placed.off)
        for node, placed in document.nodes.items()
    }
    return nodes, document.wires, samples(document), document.training.precision, document.training.seed


def samples(document: Document) -> tuple[str, dict[str, object]]:
    """The data set without the drawings that the user added to it: these do not make it another one."""
    return document.data.name, document.data.options


def computes_the_same(before: Document, after: Document) -> bool:
    """Whether only titles, positions and the view differ: nothing to do."""
    same_settings = (before.training, before.augmentation) == (after.training, after.augmentation)
    return same_settings and same_network(before, after)


def same_network(before: Document, after: Document) -> bool:
    """Whether nodes (titles and places aside), wires and data are the same: what one computes, the other does."""
    if (before.wires, before.data) != (after.wires, after.data) or list(before.nodes) != list(after.nodes):
        return False
    return all(
        (one.type, one.fields, one.frozen, one.off) == (two.type, two.fields, two.frozen, two.off)
        for one, two in zip(before.nodes.values(), after.nodes.values(), strict=True)
    )


def frozen_nodes(document: Document) -> frozenset[str]:
    """Nodes that do not learn."""
    return frozenset(node for node, placed in document.nodes.items() if placed.frozen)


def dropout_rates(document: Document) -> dict[str, float]:
    """The rate of every Dropout."""
    return {node: float(fields_of(document, node)["rate"]) for node, placed in document.nodes.items() if placed.type == DROPOUT}


def _live(placed: Node) -> frozenset[str]:
    """Fields that a plan takes while it runs: the control block has room for dropout rates alone. A change of any other field
    builds the plan anew and keeps the weights."""
    return frozenset({"rate"} if placed.type == DROPOUT else ())
