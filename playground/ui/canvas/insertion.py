"""Where a card goes that is put between two others: into their row, with room made for it."""

from __future__ import annotations

import math
import statistics

from PySide6.QtCore import QPointF, QRectF

from playground.document import Document, Wire, edits
from playground.ui.canvas import facts, geometry
from playground.ui.canvas.measure import NEW_GAP, size_in

ROW = 2.0 * geometry.SNAP
"""Ports no further apart in height are of one row: the new card is level with the first of them."""


def in_row(before: Document, after: Document, wire: Wire, new: str) -> Document:
    """``after``, where ``new`` was inserted on ``wire``, with ``new`` level with its neighbors' ports and as far from one as from the
    other, at least as far as cards stand from each other elsewhere. What lies to the right makes room for that, and cards that have got
    another size than ``before`` keep the height of their ports. Where another card is in its place, it goes below that one."""
    was, now = facts.of(before), facts.of(after)
    places = {id: QPointF(*node.position) for id, node in after.nodes.items()}
    for id in before.nodes.keys() & after.nodes.keys():
        places[id].setY(places[id].y() + _middle(was, id) - _middle(now, id))
    source, target = (QRectF(places[id], size_in(now, id)) for id in (wire.source, wire.target))
    size = size_in(now, new)
    first, second = source.y() + _middle(now, wire.source), target.y() + _port(now, wire.target, wire.to_port)
    row = abs(first - second) <= ROW
    top = (first if row else (first + second) / 2) - _middle(now, new)
    room = target.left() - source.right()
    if room < 0:  # the target is of another row, or before the source: nothing is pushed aside
        places[new] = QPointF(*geometry.snapped(source.right() + NEW_GAP, 0)) + QPointF(0, first - _middle(now, new))
    else:
        gap = max((room - size.width()) / 2, _usual(before, was))
        left = geometry.snapped(source.right() + gap, 0)[0]
        gap = left - source.right()
        lack = left + size.width() + gap - target.left()
        if lack > geometry.SNAP:
            shift = math.ceil(lack / geometry.SNAP) * geometry.SNAP
            for id, place in places.items():
                if id != new and place.x() >= target.left():
                    place.setX(place.x() + shift)
        places[new] = QPointF(left, top)
    others = [QRectF(place, size_in(now, id)) for id, place in places.items() if id != new]
    while met := [box.bottom() for box in others if box.intersects(QRectF(places[new], size))]:
        places[new].setY(math.ceil((max(met) + geometry.ROW_GAP) / geometry.SNAP) * geometry.SNAP)
    return edits.move(after, {id: (place.x(), place.y()) for id, place in places.items()})


def _usual(document: Document, known: facts.Facts) -> float:
    """How far apart cards stand here that are wired."""
    rights = {wire.source: document.nodes[wire.source].position[0] + size_in(known, wire.source).width() for wire in document.wires}
    rooms = [document.nodes[wire.target].position[0] - rights[wire.source] for wire in document.wires]
    rooms = [room for room in rooms if room > 0]
    return min(max(statistics.median(rooms), geometry.CLOSE_GAP), NEW_GAP) if rooms else NEW_GAP


def _middle(known: facts.Facts, id: str) -> float:
    """How far below its card's top the middle of a body lies, where its output is."""
    return geometry.port_heights(QRectF(QPointF(), size_in(known, id)), 1, known.nodes[id].footer)[0]


def _port(known: facts.Facts, id: str, port: int) -> float:
    """How far below its card's top an input lies."""
    node = known.nodes[id]
    ports = 1 if node.has_state else max(node.ports, port + 1)  # a state's port lies below the sequence's, which has the middle
    return geometry.port_heights(QRectF(QPointF(), size_in(known, id)), ports, node.footer)[min(port, ports - 1)]
