"""How large a node's card is, before there is an item for it, and the room that an inserted one needs."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF

from playground.document import Document, edits
from playground.ui.canvas import facts, geometry
from playground.ui.painters import registry
from playground.ui.painters.base import Picture

NARROWEST = 84.0
NEW_GAP = 72.0  # px between a new card and its neighbor
LEAST_GAP = 40.0


def with_frame(body: QSizeF, footer: float = geometry.FOOTER) -> QSizeF:
    """A body's size with header and footer around it."""
    return QSizeF(max(body.width(), NARROWEST), body.height() + geometry.HEADER + footer)


def card_size(document: Document, id: str) -> QSizeF:
    """The full size of the card of node ``id``."""
    return size_in(facts.of(document), id)


def size_in(known: facts.Facts, id: str) -> QSizeF:
    """:func:`card_size` in a document that is surveyed already."""
    document, node = known.document, known.nodes[id]
    source = known.first.get(id, "")
    kind = document.nodes[source].type if source in document.nodes else ""
    picture = Picture(id, node.layer, node.fields, node.inputs, node.output, data=known.data, source=source, source_type=kind)
    return with_frame(registry.find(node.layer).size(picture), node.footer)


def with_room(document: Document, new: str, target: str) -> Document:
    """Push ``target`` and all that lies right of it aside, where the inserted card ``new`` would lie on it."""
    right = document.nodes[new].position[0] + card_size(document, new).width() + NEW_GAP
    lack = right - document.nodes[target].position[0]
    if lack <= 0:
        return document
    edge, shift = document.nodes[target].position[0], geometry.snapped(lack + geometry.SNAP, 0)[0]
    places = {
        id: (node.position[0] + shift, node.position[1]) for id, node in document.nodes.items() if node.position[0] >= edge and id != new
    }
    return edits.move(document, places)


def between(document: Document, source: str, new: str, target: str) -> Document:
    """Place ``new``, inserted on the wire from ``source`` to ``target``, beside ``source`` at its middle, with room on both sides."""
    first, size, (x, y) = card_size(document, source), card_size(document, new), document.nodes[source].position
    place = geometry.snapped(x + first.width() + NEW_GAP, y + (first.height() - size.height()) / 2)
    return with_room(edits.move(document, {new: place}), new, target)


def with_other_data(before: Document, after: Document) -> Document:
    """Other data make cards larger or smaller: each keeps the height of its middle, so that wires stay level, and where one would come to
    lie on another, that one is pushed to the right."""
    old, new = _boxes(before), _boxes(after)
    for id, box in new.items():
        if id in old:
            box.translate(0, (old[id].height() - box.height()) / 2)
    placed: dict[str, QRectF] = {}
    for id, box in sorted(new.items(), key=lambda item: item[1].x()):
        for other, there in placed.items():
            if box.intersects(there) and id in old and other in old and not old[id].intersects(old[other]):
                gap = min(max(old[id].left() - old[other].right(), LEAST_GAP), NEW_GAP)
                box.moveLeft(geometry.snapped(there.right() + gap + geometry.SNAP / 2, 0)[0])
        placed[id] = box
    moved = {id: (box.x(), box.y()) for id, box in placed.items() if after.nodes[id].position != (box.x(), box.y())}
    return edits.move(after, moved) if moved else after  # as it is, it is surveyed already


def _boxes(document: Document) -> dict[str, QRectF]:
    """Where all cards lie. The document is surveyed once: for each card anew, a hundred of them took the window 700 ms."""
    known = facts.of(document)
    return {id: QRectF(QPointF(*node.position), size_in(known, id)) for id, node in document.nodes.items()}
