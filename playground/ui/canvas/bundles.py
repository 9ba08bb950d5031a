"""The weights of a scene as edges: which of them are shown, where they run, and which unit's are in focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF

from playground.document import Wire
from playground.ui.canvas import edges
from playground.ui.canvas.edges import Edges
from playground.ui.painters import reading

if TYPE_CHECKING:
    from playground.ui.canvas.card import CardItem
    from playground.ui.canvas.scene import CanvasScene

Units = dict[tuple[str, int], QRectF | None]


def _unit(card: CardItem, unit: int, drawn: Units) -> QRectF | None:
    key = (card.id, unit)
    if key not in drawn:
        drawn[key] = card.unit_rect(unit)
    return drawn[key]


class Bundles:
    """What the edge items of ``scene`` show."""

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self._lines: dict[Wire, tuple[list[tuple[int, int]], np.ndarray]] = {}
        """The pairs of each wire on show, and where they run if both cards stand at the origin: so they follow a card at no cost."""

    def forget(self, wire: Wire) -> None:
        """Its ends may be elsewhere on its cards, or it is gone: where its edges run is worked out anew."""
        self._lines.pop(wire, None)

    def weight(self, wire: Wire) -> np.ndarray | None:
        """The matrix of ``wire``'s target as it stands at the cursor, (units, values)."""
        scene = self._scene
        card = scene.cards[wire.target]
        return reading.parameter(card.picture, "weight", scene.cursor_at) if scene.facts.weights(wire) is not None else None

    def lines(self, wire: Wire, pairs: list[tuple[int, int]], units: Units | None = None) -> np.ndarray:
        """Where the edges of these (unit, source) pairs run: float (n, 4). Ends without a place of their own are the ports. ``units``
        keeps where units are drawn, for the wires that come to the same card, or leave it."""
        scene, drawn = self._scene, {} if units is None else units
        source, target = scene.cards[wire.source], scene.cards[wire.target]
        start_port, end_port = source.pos() + source.output_port(wire.from_port), target.pos() + target.input_port(wire.to_port)
        starts: dict[int, tuple[float, float]] = {}
        for index in dict.fromkeys(index for _, index in pairs):
            box = _unit(source, index, drawn)
            starts[index] = (box.right(), box.center().y()) if box is not None else (start_port.x(), start_port.y())
        ends: dict[int, tuple[float, float]] = {}
        by_index = target.has_input_rects()
        for unit, index in {pair[by_index]: pair for pair in reversed(pairs)}.values():
            box = target.input_rect(unit, index) if by_index else _unit(target, unit, drawn)
            ends[index if by_index else unit] = (box.left(), box.center().y()) if box is not None else (end_port.x(), end_port.y())
        return np.array([(*starts[pair[1]], *ends[pair[by_index]]) for pair in pairs], float).reshape(-1, 4)

    def place(self, *wires: Wire) -> None:
        """Show the weights of ``wires`` as they stand, where their ends are."""
        drawn: Units = {}
        changed = [wire for wire in wires if self._place(wire, drawn)]
        if changed:
            self._scene.hide_bundled_ports()

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
        on_cards = kept[1] if kept is not None and kept[0] == pairs else self.lines(wire, pairs, drawn) - at
        lines, self._lines[wire] = on_cards + at, (pairs, on_cards)
        units, sources = (np.array([pair[k] for pair in pairs], int) for k in (0, 1))
        if not scene.wires[wire].bundle:
            item.chip_x = scene.wires[wire].chip.center().x()
        item.show_edges(Edges(lines, weight[units, sources] if pairs else np.zeros(0), units, sources))
        self.focus(wire)
        return changed

    def _pairs(self, wire: Wire, weight: np.ndarray) -> list[tuple[int, int]]:
        scene = self._scene
        if scene.wires[wire].bundle:
            return [(unit, source) for unit in range(weight.shape[0]) for source in range(weight.shape[1])]
        shown = scene.chosen or scene.hovered
        if shown is not None and shown[0] == wire.target and shown[1] < weight.shape[0]:
            return edges.strongest(weight, shown[1], incoming=True)
        if shown is not None and shown[0] == wire.source and shown[1] < weight.shape[1]:
            return edges.strongest(weight, shown[1], incoming=False)
        return []

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
