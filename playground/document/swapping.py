"""Another cell in a recurrent node's place: its type changes, all else stays."""

from __future__ import annotations

import re

import msgspec

from playground import fields as declared
from playground.document.model import Document, Node
from playground.errors import DocumentError
from playground.layers import registry
from playground.layers.recurrent import Recurrent
from playground.sentences import say

OWN_TITLE = re.compile(rf"({'|'.join(cell.name.lower() for cell in registry.cells())})[0-9]+")
"""A title that only says the type and a number: it follows the type."""


def own_title(node: Node) -> str:
    """The title that the user gave it; ``""`` where it has none, or one that only says its type."""
    return "" if OWN_TITLE.fullmatch(node.title) else node.title


def swap_cell(document: Document, node: str, type: str) -> Document:
    """``node`` as a layer of ``type``, both recurrent. Its id, place, wires, and every field that both types have stay; the weights of
    other nodes are not touched. A node without a title of the user's own is called by its new type.

    Raises :class:`~playground.errors.DocumentError` where there is no such node, or one of both is no recurrent type.
    """
    placed = document.nodes.get(node)
    if placed is None:
        raise DocumentError(say("there is no node {node!r}; there are {nodes}.", node=node, nodes=", ".join(document.nodes) or say("none")))
    before, after = registry.cell(placed.type), registry.get(type)
    if before is None or not isinstance(after, Recurrent):
        raise DocumentError(
            say("{node} is a {type}: only recurrent cells can be swapped, for one another.", node=node, type=placed.type),
            where=node,
            remedy=say("Take one of {cells}.", cells=", ".join(cell.name for cell in registry.cells())),
        )
    if after.name == placed.type:
        return document
    known = {field.name: field for field in after.fields}
    kept = {name: known[name].check(value, node) for name, value in placed.fields.items() if name in known}
    title = own_title(placed)
    if not title:
        number = re.search(r"[0-9]*$", node)
        own = f"{after.name.lower()}{number[0] if number else ''}"
        title = "" if own == node else own
    swapped = msgspec.structs.replace(placed, type=after.name, fields=declared.complete(after.fields, kept), title=title, initial={})
    return msgspec.structs.replace(document, nodes=document.nodes | {node: swapped})
