"""The weights of a scene as edges: which of them are shown, where they run, and which unit's are in focus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from playground.document import Wire
from playground.ui.canvas import edges
from playground.ui.canvas.edges import Edges
from playground.ui.canvas.geometry import PORT_HOVER
from playground.ui.in_turn import CROWD, queue
from playground.ui.painters import reading

if TYPE_CHECKING:
    from playground.ui.canvas.card import CardItem
    from playground.ui.canvas.scene import CanvasScene

Pairs = tuple[np.ndarray, np.ndarray]
"""Units and sources, int (n,) each: which of both an edge joins."""
Units = dict[tuple[str, int], tuple[float, float, float] | None]
"""By card and number, where units are drawn: left, right and middle."""


CHIPS_OFF = 4.0
"""Px between a card and the weights printed beside it."""
NO_PAIRS = (np.zeros(0, int), np.zeros(0, int))


@cache
def _all(units: int, sources: int) -> Pairs:
    """Every edge of a matrix of this size."""
    return np.repeat(np.arange(units), sources), np.tile(np.arange(sources), units)


def _paired(pairs: Sequence[tuple[int, int]]) -> Pairs:
    units, sources = np.array(pairs, int).reshape(-1, 2).T
    return units, sources


def _unit(card: CardItem, unit: int, drawn: Units) -> tuple[float, float, float] | None:
    key = (card.id, unit)
    if key not in drawn:
        box = card.unit_rect(unit)
        drawn[key] = None if box is None else (box.left(), box.right(), box.center().y())
    return drawn[key]


def _points(numbers: np.ndarray, point: Callable[[int], tuple[float, float]]) -> np.ndarray:
    """The points of these numbers, float (n, 2); each number's is asked for once."""
    wanted = numbers.tolist()
    found = {number: point(number) for number in set(wanted)}
    return np.array([found[number] for number in wanted], float).reshape(-1, 2)


class Bundles:
    """What the edge items of ``scene`` show."""

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self._lines: dict[Wire, tuple[Pairs, np.ndarray]] = {}
        """The pairs of each wire on show, and where they run if both cards stand at the origin: so they follow a card at no cost."""

        self._late: dict[Wire, None] = {}
        """Wires of a crowd whose edges are placed in turns to come."""

    def forget(self, wire: Wire) -> None:
        """Its ends may be elsewhere on its cards, or it is gone: where its edges run is worked out anew."""
        self._lines.pop(wire, None)

    def weight(self, wire: Wire) -> np.ndarray | None:
        """The matrix of ``wire``'s target as it stands at the cursor, (units, values)."""
        scene = self._scene
        card = scene.cards[wire.target]
        return reading.parameter(card.picture, "weight", scene.cursor_at) if scene.facts.weights(wire) is not None else None

    def lines(self, wire: Wire, pairs: Sequence[tuple[int, int]]) -> np.ndarray:
        """Where the edges of these (unit, source) pairs run: float (n, 4). Ends without a place of their own are the ports."""
        return self._lines_of(wire, _paired(pairs), {})

    def _lines_of(self, wire: Wire, pairs: Pairs, drawn: Units) -> np.ndarray:
        """:meth:`lines`; ``drawn`` keeps where units are drawn, for the wires that come to the same card, or leave it."""
        source, target = self._scene.cards[wire.source], self._scene.cards[wire.target]
        units, sources = pairs

        def start(index: int) -> tuple[float, float]:
            place = _unit(source, index, drawn)
            return place[1:] if place is not None else (source.pos() + source.output_port(wire.from_port)).toTuple()

        def end(unit: int) -> tuple[float, float]:
            place = _unit(target, unit, drawn)
            return (place[0], place[2]) if place is not None else (target.pos() + target.input_port(wire.to_port)).toTuple()

        def row(index: int) -> tuple[float, float]:
            box = target.input_rect(int(units[sources == index][0]), index)
            return (box.left(), box.center().y()) if box is not None else (target.pos() + target.input_port(wire.to_port)).toTuple()

        ends = _points(sources, row) if target.has_input_rects() else _points(units, end)
        return np.hstack((_points(sources, start), ends))

    def place(self, *wires: Wire) -> None:
        """Show the weights of ``wires`` as they stand, where their ends are: where that is to be worked out anew, of a crowd, those beyond
        it in turns to come."""
        anew = [wire for wire in wires if wire not in self._lines]
        late = dict.fromkeys(anew[CROWD:])
        drawn: Units = {}
        changed = [wire for wire in wires if wire not in late and self._place(wire, drawn)]
        if changed:
            self._scene.hide_bundled_ports()
        if late:
            self._late |= late
            queue().ask(self._scene, self._place_late, "edges")

    def _place_late(self) -> bool:
        late, self._late = [wire for wire in self._late if wire in self._scene.edges], {}
        self.place(*late)
        return bool(late)

    def _place(self, wire: Wire, drawn: Units) -> bool:
        """Returns whether edges have come in the curve's place, or the curve again."""
        scene = self._scene
        item, weight = scene.edges[wire], self.weight(wire)
        expected = scene.facts.weights(wire)
        known = weight is not None and expected is not None and weight.shape == expected.shape
        changed = scene.wires[wire].set_weighted(known and scene.wires[wire].bundle)
        if weight is None or not known:
            item.show_edges(edges.NONE)
            return changed
        pairs = self._pairs(wire, weight)
        kept = self._lines.get(wire)
        start, end = scene.cards[wire.source].pos(), scene.cards[wire.target].pos()
        at = np.array([start.x(), start.y(), end.x(), end.y()])
        same = kept is not None and (kept[0] is pairs or all(map(np.array_equal, kept[0], pairs)))
        on_cards = kept[1] if kept is not None and same else self._lines_of(wire, pairs, drawn) - at
        lines, self._lines[wire] = on_cards + at, (pairs, on_cards)
        units, sources = pairs
        item.chips_from = scene.cards[wire.source].scene_card().right() + CHIPS_OFF
        item.chips_to = scene.cards[wire.target].scene_card().left() - PORT_HOVER / 2
        if not scene.wires[wire].bundle:
            item.chip_x = scene.wires[wire].chip.center().x()
        item.show_edges(Edges(lines, weight[units, sources], units, sources))
        self.focus(wire)
        return changed

    def _pairs(self, wire: Wire, weight: np.ndarray) -> Pairs:
        scene = self._scene
        if scene.wires[wire].bundle:
            return _all(*weight.shape)
        shown = scene.chosen or scene.hovered
        if shown is not None and shown[0] == wire.target and shown[1] < weight.shape[0]:
            return _paired(edges.strongest(weight, shown[1], incoming=True))
        if shown is not None and shown[0] == wire.source and shown[1] < weight.shape[1]:
            return _paired(edges.strongest(weight, shown[1], incoming=False))
        return NO_PAIRS

    def _at_hand(self) -> tuple[str, int] | None:
        """The neuron whose number the pass is at, where it goes number by number."""
        scene = self._scene
        cursor = scene.cursor_at
        if cursor is None or cursor.place is None:
            return None
        part, place = cursor.place
        unit = cursor.cell if not part else place[0] if place else None
        return None if unit is None else (cursor.stage.node, unit)

    def focus(self, wire: Wire) -> None:
        """Bring to the fore the edges of the neuron that the pass is at, else of the hovered one, else of the chosen one."""
        scene = self._scene
        item = scene.edges[wire]
        hovered = None if scene.hovered == scene.chosen else scene.hovered
        for shown, chips in ((self._at_hand(), False), (hovered, False), (scene.chosen, True)):
            if shown is None:
                continue
            if shown[0] == wire.target:
                item.focus(shown[1], None, chips)
                return
            if shown[0] == wire.source:
                item.focus(None, shown[1], chips and not any(other.target == shown[0] for other in scene.edges))
                return
        item.focus(None, None, False)
