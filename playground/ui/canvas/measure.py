"""How large a node's card is, before there is an item for it."""

from __future__ import annotations

from PySide6.QtCore import QSizeF

from playground.document import Document
from playground.ui.canvas import facts, geometry
from playground.ui.painters import registry
from playground.ui.painters.base import Picture

NARROWEST = 84.0


def with_frame(body: QSizeF) -> QSizeF:
    """A body's size with header and footer around it."""
    return QSizeF(max(body.width(), NARROWEST), body.height() + geometry.HEADER + geometry.FOOTER)


def card_size(document: Document, id: str) -> QSizeF:
    """The full size of the card of node ``id``."""
    known = facts.of(document)
    node = known.nodes[id]
    source = next((wire.source for wire in document.wires if wire.target == id and wire.to_port == 0), "")
    kind = document.nodes[source].type if source in document.nodes else ""
    picture = Picture(id, node.layer, node.fields, node.inputs, node.output, data=known.data, source=source, source_type=kind)
    return with_frame(registry.find(node.layer).size(picture))
