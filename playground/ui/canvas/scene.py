"""The canvas's scene: items for nodes, wires and weights, kept in step with documents (by their diff) and snapshots."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Set
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF
from PySide6.QtWidgets import QGraphicsScene

from playground.anim.account import Place
from playground.anim.cursor import Cursor, Stage
from playground.document import Document, Wire
from playground.engine.live.snapshot import Plane, Snapshot
from playground.engine.trace import Trace
from playground.ui.answers import answers, old
from playground.ui.canvas import facts, geometry, lanes
from playground.ui.canvas.bundles import Bundles
from playground.ui.canvas.card import CardItem
from playground.ui.canvas.edges import EdgeItem
from playground.ui.canvas.facts import Facts
from playground.ui.canvas.sprite import Darkroom
from playground.ui.canvas.wire import WireItem
from playground.ui.explain.places import edge_place
from playground.ui.in_turn import follow
from playground.ui.painters import reading
from playground.ui.painters.base import Picture
from playground.ui.theme import Theme

EXTENT = 40_000.0
Unit = tuple[str, int]


class CanvasScene(QGraphicsScene):
    """Holds the items; knows nothing of mouse, keys or commands."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(-EXTENT / 2, -EXTENT / 2, EXTENT, EXTENT, parent)
        self.theme = theme
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.facts = facts.of(Document())
        self.darkroom = Darkroom(self)
        self.cards: dict[str, CardItem] = {}
        self.wires: dict[Wire, WireItem] = {}
        self.edges: dict[Wire, EdgeItem] = {}
        self.bundles = Bundles(self)
        self.snapshot = Snapshot(serial=0, phase="empty")
        self.cursor_at: Cursor | None = None
        self.compact = False
        self._last_trace: Trace | None = None
        self._pass: tuple[Stage, ...] = ()
        self._turns: dict[str, int] = {}
        """At which stage of that pass each node is computed."""
        self._fed = time.monotonic()
        self._unrouted = set[str](), set[str]()
        """Nodes that were moved, and that changed, since the wires last followed an edit: a crowd's do in a turn to come."""
        self.chosen: Unit | None = None
        self.hovered: Unit | None = None

    # -- the document
    def show_document(self, document: Document) -> None:
        """Add, remove and update items until they show ``document``; whatever did not change is left alone."""
        before, self.facts = self.facts, facts.of(document)
        for id in [id for id in self.cards if id not in document.nodes]:
            self._remove_sprite(self.cards.pop(id))
        for wire in self.wires.keys() - set(document.wires):
            self.removeItem(self.wires.pop(wire))
            self.bundles.forget(wire)
            if wire in self.edges:
                self._remove_sprite(self.edges.pop(wire))
        moved, changed = self._unrouted
        moved |= {id for id in document.nodes if self._move_card(id, before)}
        changed |= {id for id in document.nodes if self._update_card(id, before)}
        for wire in document.wires:
            ends, told = {wire.source, wire.target}, before.bad_wires.get(wire) == self.facts.bad_wires.get(wire)
            known = wire in self.wires and told and not ends & changed
            if not known and ends <= self.cards.keys() and self._update_wire(wire):
                changed.add(wire.target)
        self.hide_bundled_ports()
        follow(self, self._route_late, len(moved | changed), "routes")

    def _route_late(self) -> None:
        self.reroute(*self._unrouted)
        self._unrouted = set(), set()

    def _remove_sprite(self, item: CardItem | EdgeItem) -> None:
        item.leave()
        self.removeItem(item)

    def _move_card(self, id: str, before: Facts) -> bool:
        """Where a card goes that is elsewhere than before; what it shows is another question."""
        card, old, node = self.cards.get(id), before.document.nodes.get(id), self.facts.document.nodes[id]
        if card is None or old is None or old.position == node.position:
            return False
        card.node = node
        card.setPos(QPointF(*node.position))
        return True

    def _update_card(self, id: str, before: Facts) -> bool:
        node, known = self.facts.document.nodes[id], self.facts.nodes[id]
        card, old = self.cards.get(id), before.document.nodes.get(id)
        if card is None:
            card = self.cards[id] = CardItem(id, self.theme, self.darkroom)
            self.addItem(card)
        elif old and before.nodes.get(id) == known and before.document.data == self.facts.document.data and facts.alike(old, node):
            return False
        card.describe(node, known, self._picture(id, compact=False))
        if self.compact:
            card.compact(self._picture(id))
        self._observe(card, 0.0)
        return True

    def _update_wire(self, wire: Wire) -> bool:
        """Returns whether its way or its words may be others than before."""
        item = self.wires.get(wire)
        fresh = item is None
        if item is None:
            item = self.wires[wire] = WireItem(wire, self.theme)
            self.addItem(item)
        parameter = self.facts.weights(wire)
        bundled = self._is_bundle(wire)
        changed = item.describe(
            self.facts.shape(wire),
            self.facts.bad_wires.get(wire),
            f"{parameter.shape[1]} → {parameter.shape[0]}" if bundled and parameter else "",
        )
        if parameter is None and wire in self.edges:
            self._remove_sprite(self.edges.pop(wire))
            item.set_weighted(False)
            return True
        if parameter is not None and wire not in self.edges:
            self.edges[wire] = EdgeItem(self.theme, self.darkroom)
            self.addItem(self.edges[wire])
            return True
        return fresh or changed

    def _is_bundle(self, wire: Wire) -> bool:
        source, target = self.cards[wire.source], self.cards[wire.target]
        return self.facts.bundled(wire) and source.unit_rect(0) is not None and target.input_rect(0, 0) is not None

    def hide_bundled_ports(self) -> None:
        """Edges end at the units: where they are all there is, ports only show up under the pointer."""
        incoming: dict[str, list[bool]] = {}
        outgoing: dict[str, list[bool]] = {}
        for wire, item in self.wires.items():
            incoming.setdefault(wire.target, []).append(item.weighted)
            outgoing.setdefault(wire.source, []).append(item.weighted)
        given, wired = {wire.target for wire in self.wires if wire.to_port}, {wire.source for wire in self.wires if wire.from_port}
        for id, card in self.cards.items():
            hidden = all(incoming.get(id, [False])), all(outgoing.get(id, [False]))
            states = id in given, id in wired
            if (*hidden, *states) != (card.state.hidden_inputs, card.state.hidden_output, card.state.state_given, card.state.state_wired):
                card.state.hidden_inputs, card.state.hidden_output = hidden
                card.state.state_given, card.state.state_wired = states
                card.refresh()

    def reroute(self, moved: Set[str], changed: Set[str] = frozenset()) -> None:
        """Let the wires of ``moved`` nodes follow them, and those of ``changed`` ones, of which the edges may end elsewhere too."""
        ends = {wire: self._ends(wire) for wire in self.wires}
        boxes = {id: card.scene_card() for id, card in self.cards.items()}
        routes, followed = lanes.routes(ends, boxes), []
        for (wire, item), (start, end), lane in zip(self.wires.items(), ends.values(), routes, strict=True):
            both = {wire.source, wire.target}
            if both & changed:
                self.bundles.forget(wire)
            elif not both & moved and lane == item.lane:
                continue
            header = min(boxes[wire.source].top(), boxes[wire.target].top()) + geometry.HEADER / 2
            item.route(start, end, header, lane)
            if wire in self.edges:
                followed.append(wire)
        self.bundles.place(*followed)

    def _ends(self, wire: Wire) -> tuple[QPointF, QPointF]:
        source, target = self.cards[wire.source], self.cards[wire.target]
        return source.pos() + source.output_port(wire.from_port), target.pos() + target.input_port(wire.to_port)

    # -- pictures
    def _picture(self, id: str, compact: bool | None = None) -> Picture:
        known, snapshot = self.facts.nodes[id], self.snapshot
        trace = snapshot.trace
        if trace is not None and self._last_trace is not None and self.cursor_at is not None and self._ahead(self.cursor_at, id):
            trace = replace(self._last_trace, parameters=trace.parameters)  # its values are the last pass's, its weights are not
        source = self.facts.first.get(id, "")
        return Picture(
            node=id,
            layer=known.layer,
            fields=known.fields,
            inputs=known.inputs,
            output=known.output,
            trace=trace if self._fits(trace, id) and (not source or self._fits(trace, source)) else None,
            parameters=self._parameters(id),
            plane=self._plane(id),
            data=self.facts.data,
            selected_unit=self.chosen[1] if self.chosen is not None and self.chosen[0] == id else None,
            compact=self.compact if compact is None else compact,
            source=source,
            source_type=self.facts.document.nodes[source].type if source in self.facts.document.nodes else "",
            off=self.facts.document.nodes[id].off,
            face="kernels" if self._updates(id) else self.cards[id].face,
        )

    def _updates(self, id: str) -> bool:
        """Whether the pass is at the update of the node's weights: then these are to be seen."""
        cursor = self.cursor_at
        return cursor is not None and cursor.stage.phase == "update" and cursor.stage.node == id

    def turn(self, id: str) -> None:
        """Show the other picture of a card that has two: the kernels in place of the maps, or these again."""
        card = self.cards[id]
        card.face = "" if card.face else getattr(card.painter, "other_face", "kernels")
        card.picture = self._picture(id)
        card.refresh(urgent=True)

    def _fits(self, trace: Trace | None, id: str) -> bool:
        """Whether the trace is of the node as it now is: just after an edit the worker's values are still those of the old one."""
        if trace is None:
            return False
        node = trace.nodes.get(id)
        output = node.values.get("output") if node is not None else None
        expected = {f"{id}/{parameter.name}": parameter.shape for parameter in self.facts.nodes[id].parameters}
        traced = {key: trace.parameters[key].before.shape for key in expected if key in trace.parameters}
        return (output is None or output.shape == self.facts.nodes[id].output) and all(traced[key] == expected[key] for key in traced)

    def _parameters(self, id: str) -> dict[str, np.ndarray]:
        found = {parameter.name: self.snapshot.parameters.get(f"{id}/{parameter.name}") for parameter in self.facts.nodes[id].parameters}
        shapes = {parameter.name: parameter.shape for parameter in self.facts.nodes[id].parameters}
        return {name: array for name, array in found.items() if array is not None and array.shape == shapes[name]}

    def _plane(self, id: str) -> Plane | None:
        plane, output = answers(self.snapshot, self.cursor_at).plane, self.facts.nodes[id].output
        if plane is None or id not in plane.neurons:
            return plane
        return plane if output is not None and plane.neurons[id].shape[0] == output[-1] else None

    def feed(self, snapshot: Snapshot) -> None:
        """Show the worker's latest values in every card and edge."""
        if snapshot.trace is not self.snapshot.trace:
            self._last_trace = self.snapshot.trace
        if set(self.snapshot.trace.nodes if self.snapshot.trace else ()) - set(self.cards):
            self._last_trace = None
        self.snapshot = snapshot
        now = time.monotonic()
        seconds = now - self._fed if snapshot.phase == "training" else math.inf  # at rest a range is that of the numbers shown
        self._fed = now
        bad = snapshot.divergence.node if snapshot.divergence is not None and snapshot.phase == "diverged" else ""
        for id, card in self.cards.items():
            card.picture = self._picture(id)
            card.state.nan = id == bad
            self._observe(card, seconds)
            card.refresh()
        self.bundles.place(*self.edges)

    def _observe(self, card: CardItem, seconds: float) -> None:
        card.scale.frozen = self.cursor_at is not None
        card.scale.observe(reading.seen(card.picture), seconds)

    def set_compact(self, compact: bool) -> None:
        """Draw smaller cards, where the window is small."""
        if compact == self.compact:
            return
        self.compact = compact
        for id, card in self.cards.items():
            card.describe(self.facts.document.nodes[id], self.facts.nodes[id], self._picture(id, compact=False))
            if compact:
                card.compact(self._picture(id))
        for wire in self.wires:
            self._update_wire(wire)
        self.hide_bundled_ports()
        self.reroute(set(), set(self.cards))

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        for sprite in (*self.cards.values(), *self.edges.values()):
            sprite.theme = theme
            sprite.refresh()
        for item in self.wires.values():
            item.theme = theme
            item.update()
        self.update()

    # -- the pass on show
    def set_cursor(self, cursor: Cursor | None) -> None:
        """Stand at ``cursor``; only cards whose picture that changes are painted again."""
        before, self.cursor_at = self.cursor_at, cursor
        turned = old(self.snapshot, before) != old(self.snapshot, cursor)  # what all neurons answer over the plane is another thing then
        moved = turned or before is None or cursor is None or before.index != cursor.index
        touched = set(self.cards) if turned else self._touched(before, cursor)
        for id, card in self.cards.items():
            card.cursor_at = cursor
            if id not in touched:
                continue
            card.state.computing = cursor is not None and cursor.stage.node == id
            ahead = cursor is not None and self._ahead(cursor, id)
            if ahead != card.state.ahead or moved:
                card.state.ahead = ahead
                card.picture = self._picture(id)
            card.scale.frozen = cursor is not None
            card.refresh()
        if moved:
            for wire, item in self.wires.items():
                lit = cursor is not None and not self._ahead(cursor, wire.target)
                backward = cursor is not None and cursor.stage.phase == "backward" and cursor.stage.node == wire.target
                if (lit, backward) != (item.lit, item.backward):
                    item.lit, item.backward = lit, backward
                    item.update()
        if before is None or cursor is None or (before.index, before.cell) != (cursor.index, cursor.cell):
            for wire in self.edges:
                self.bundles.focus(wire)
        if any(one is None or one.stage.phase == "update" for one in (before, cursor)) and before != cursor:  # weights are others there
            self.bundles.place(*(wire for wire in self.edges if wire.target in touched))

    def _touched(self, before: Cursor | None, cursor: Cursor | None) -> set[str]:
        """The nodes whose pictures differ between two cursors: all where the phase changes, else those passed on the way."""
        if before is None or cursor is None or before.stages != cursor.stages or before.stage.phase != cursor.stage.phase:
            return set(self.cards)
        first, last = sorted((before.index, cursor.index))
        return {before.stage.node, cursor.stage.node, *(stage.node for stage in cursor.stages[first : last + 1])}

    def _ahead(self, cursor: Cursor, id: str) -> bool:
        """Whether the pass has yet to compute ``id``."""
        if cursor.stages is not self._pass:
            self._pass = cursor.stages
            self._turns = {stage.node: at for at, stage in enumerate(cursor.stages) if stage.phase == "forward"}
        if cursor.stage.phase == "forward" and cursor.stage.node == id:
            return False
        return id not in self._turns or self._turns[id] > cursor.index

    # -- selection and hover
    def select(self, nodes: tuple[str, ...], unit: Unit | None) -> None:
        """Draw the rings of the selection, and the edges of the chosen unit."""
        before, self.chosen = self.chosen, unit
        for id, card in self.cards.items():
            touched = unit != before and id in {shown[0] for shown in (unit, before) if shown}
            if touched:
                card.picture = self._picture(id)
            if card.state.selected != (id in nodes) or touched:
                card.state.selected = id in nodes
                card.refresh()
        if unit != before:
            self.bundles.place(*self.edges)

    def hover_unit(self, unit: Unit | None) -> None:
        if unit != self.hovered:
            self.hovered = unit
            self.bundles.place(*self.edges)

    # -- asking
    def content(self, nodes: Iterator[str] | tuple[str, ...] = ()) -> QRectF:
        """The box around all cards, or around ``nodes``; empty where there is none."""
        box = QRectF()
        for id in tuple(nodes) or tuple(self.cards):
            box = box.united(self.cards[id].scene_card())
        return box

    def card_at(self, point: QPointF, reach: float = 0.0) -> CardItem | None:
        """The topmost card under ``point``, or with an edge within ``reach`` of it (its ports stick out)."""
        for card in reversed(self.cards.values()):
            if card.scene_card().adjusted(-reach, 0, reach, 0).contains(point):
                return card
        return None

    def port_at(self, point: QPointF) -> tuple[CardItem, str, int] | None:
        """The port nearest to ``point``, if one is within reach."""
        best: tuple[float, CardItem, str, int] | None = None
        for card in self.cards.values():
            if not card.scene_card().adjusted(-geometry.PORT_REACH, 0, geometry.PORT_REACH, 0).contains(point):
                continue
            port = card.port_at(point - card.pos())
            if port is None:
                continue
            place = card.pos() + (card.output_port(port[1]) if port[0] == "out" else card.input_port(port[1]))
            away = (place - point).manhattanLength()
            if best is None or away < best[0]:
                best = (away, card, *port)
        return best[1:] if best is not None else None

    def edge_at(self, point: QPointF) -> Place | None:
        """The weight whose edge runs under ``point``: the nearest within reach."""
        best: tuple[float, Place] | None = None
        for wire, item in self.edges.items():
            if not item.boundingRect().contains(point):
                continue
            at = item.nearest(point)
            if at is not None and (best is None or at[0] < best[0]):
                best = (at[0], edge_place(wire.target, int(item.edges.units[at[1]]), int(item.edges.sources[at[1]])))
        return best[1] if best is not None else None

    def wire_at(self, point: QPointF) -> WireItem | None:
        for item in reversed(self.wires.values()):
            if item.boundingRect().contains(point) and item.shape().contains(point):
                return item
        return None

    def full_sizes(self) -> Mapping[str, tuple[float, float]]:
        """Width and height of every card at full size, for layouts."""
        return {id: (card.full.width(), card.full.height()) for id, card in self.cards.items()}
