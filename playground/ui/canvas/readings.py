"""The numbers of a pass on the canvas: what each neuron answers, and the products (or gradients) on the edges of the one at hand.

All of them are the trace's. They appear when the stage's pulses have arrived and stand still.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from playground.anim.cursor import Cursor
from playground.anim.time_cells import TimeCells
from playground.engine.trace import Trace
from playground.ui.canvas import geometry
from playground.ui.canvas.edges import spread
from playground.ui.canvas.scene import CanvasScene
from playground.ui.numbers import number
from playground.ui.painters import placing, tools

TOKENS = {"forward": "pos", "loss": "err", "backward": "err", "update": "upd"}
"""The color of each phase."""
MOST = 16
SIZE = 10.5
HEIGHT = 15.0
APART = 4.0
"""How far a number on an edge keeps from the cards."""
LEGIBLE = 10.0
"""No number is smaller on the screen, px, however far the canvas is away ..."""
MOST_GROWN = 1.8
"""... unless it had to be drawn that many times larger than the network."""
ON_EDGE = 0.62
"""Where on an edge its number stands: past the middle, where the edges of one neuron have come apart from those of others."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A number at a place of the scene, in a color of the theme's tokens."""

    center: QPointF
    words: str
    ink: str
    border: str = ""
    grown: float = 1.0
    """How many times larger than the network it is drawn."""

    @property
    def box(self) -> QRectF:
        return geometry.around(self.center, _across(self.words, self.grown), HEIGHT * self.grown)


def legible(zoom: float) -> float:
    """How many times larger a number is drawn on a canvas seen at ``zoom``."""
    return min(max(LEGIBLE / (SIZE * zoom), 1.0), MOST_GROWN)


def _across(words: str, grown: float) -> float:
    return (tools.width(words, SIZE, 600) + 8) * grown


def chips(scene: CanvasScene, trace: Trace, cursor: Cursor, zoom: float = 1.0) -> list[Chip]:
    """The numbers to show at ``cursor``; legible where the canvas is seen at ``zoom``."""
    found: list[Chip] = []
    grown = legible(zoom)
    if cursor.stage.phase in ("forward", "loss"):
        for node in scene.cards:
            found += _answers(scene, trace, cursor, node, grown)
    if cursor.cell is not None and cursor.reached(cursor.stage.phase, cursor.stage.node):
        found += _on_edges(scene, trace, cursor, cursor.cell, grown)
    return found


def _answers(scene: CanvasScene, trace: Trace, cursor: Cursor, node: str, grown: float) -> list[Chip]:
    """A neuron's output below its picture of the plane; where there is no such picture the card prints the number itself. Of units that
    stand nearer to each other than their numbers are high, only that of the one at hand."""
    card, traced = scene.cards[node], trace.nodes.get(node)
    plane = card.picture.plane
    drawn = plane is not None and node in plane.neurons
    inner = card.facts.has_output and card.facts.inputs  # Input and Output print their numbers
    if traced is None or "output" not in traced.values or not drawn or not inner or card.has_input_rects():
        return []
    if not cursor.reached("forward", node):
        return []
    values = traced.values["output"].ravel()
    made: dict[int, Chip] = {}
    for unit in range(values.size if values.size <= MOST else 0):
        box = card.unit_rect(unit)
        if box is not None and cursor.cell_at("forward", node, unit) != "ahead":
            words, low = number(float(values[unit]), signed=True), box.bottom() - HEIGHT + HEIGHT * grown / 2
            made[unit] = Chip(QPointF(box.center().x(), low), words, "text", grown=grown)
    if any(one.box.intersects(other.box.adjusted(0, 1, 0, -1)) for one, other in pairwise(made.values())):
        return [chip for unit, chip in made.items() if (node, unit) == (cursor.stage.node, cursor.cell)]
    return list(made.values())


def _on_edges(scene: CanvasScene, trace: Trace, cursor: Cursor, unit: int, grown: float) -> list[Chip]:
    """What the edges into the neuron at hand carry: forward its products, backward the gradients of its weights."""
    node = cursor.stage.node
    traced = trace.parameters.get(f"{node}/weight")
    if traced is None or cursor.stage.phase not in ("forward", "backward"):
        return []
    made: list[Chip] = []
    for wire, item in scene.edges.items():
        if wire.target != node or not len(item.edges) or scene.cards[node].has_input_rects():
            continue
        own = np.flatnonzero(item.edges.units == unit)
        lines, sources = item.edges.lines[own], item.edges.sources[own]
        if cursor.stage.phase == "backward":
            if traced.gradient is None:
                continue
            values = traced.gradient[unit, sources]
        else:
            source = trace.nodes.get(wire.source)
            if source is None or "output" not in source.values:
                continue
            values = traced.before[unit, sources].astype(np.float64) * source.values["output"].ravel()[sources]  # as Explain has them
        places = lines[:, :2] + (lines[:, 2:] - lines[:, :2]) * ON_EDGE
        order = np.argsort(places[:, 1], kind="stable")
        words = [number(float(value), signed=True) for value in values]
        widest = max((_across(one, grown) for one in words), default=0.0)
        for at, y in zip(order, spread(places[order, 1], (HEIGHT + 1) * grown), strict=True):
            value = float(values[at])
            ink = ("err" if value >= 0 else "err_neg") if cursor.stage.phase == "backward" else "pos" if value >= 0 else "neg"
            x = _between(scene, wire.source, node, float(places[at, 0]), widest)
            made.append(Chip(QPointF(x, float(y)), words[at], ink, "line2", grown))
    return made


def _between(scene: CanvasScene, source: str, target: str, x: float, across: float) -> float:
    """``x``, moved so that what is ``across`` wide lies over neither card, or over both alike where there is not so much room."""
    low, high = scene.cards[source].scene_card().right() + APART + across / 2, scene.cards[target].scene_card().left() - APART - across / 2
    return min(max(x, low), high) if low <= high else (low + high) / 2


class Readings(QGraphicsItem):
    """All chips in one item above the pulses."""

    def __init__(self, scene: CanvasScene) -> None:
        super().__init__()
        self._canvas = scene
        self.theme = scene.theme
        self._chips: list[Chip] = []
        self._ring: tuple[QRectF, str] | None = None
        self._box = QRectF()
        self.by_steps = False
        """Whether the pass goes by whole steps in time, so that none of a step's numbers is the one at hand."""
        self._at: tuple[Trace | None, Cursor | None] = (None, None)
        self.setZValue(7)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def show_pass(self, trace: Trace | None, cursor: Cursor | None) -> None:
        """The numbers of ``trace`` at ``cursor``; ``None`` shows none."""
        self._at = (trace, cursor)
        made = chips(self._canvas, trace, cursor, self._zoom()) if trace is not None and cursor is not None else []
        ring = self._at_hand(cursor) if trace is not None and cursor is not None else None
        if (made, ring) == (self._chips, self._ring):
            return
        geometry.leave(self)
        self._chips, self._ring = made, ring
        self._box = ring[0].adjusted(-4, -4, 4, 4) if ring is not None else QRectF()
        for chip in made:
            self._box = self._box.united(chip.box)
        self.update()

    def zoomed(self) -> None:
        """The canvas is seen from another distance."""
        self.show_pass(*self._at)

    def _zoom(self) -> float:
        return next((view.transform().m11() for view in self._canvas.views()), 1.0)

    def _at_hand(self, cursor: Cursor) -> tuple[QRectF, str] | None:
        """The neuron at the cursor, and the color of its phase."""
        card = self._canvas.cards.get(cursor.stage.node)
        if card is None or cursor.cell is None or cursor.stage.phase == "update":
            return None
        if isinstance(cursor.stage.cells, TimeCells) and self.by_steps:
            return None
        part, index = cursor.stage.cells.place(cursor.cell)
        if part:
            drawn = placing.place_rect(card.painter, card.body, card.picture, part, index)
            box = None if drawn is None else placing.seen(drawn).translated(card.pos())
        else:
            box = card.unit_rect(cursor.cell - (cursor.stage.cells.of_unit(0) or 0))
        return None if box is None else (box, TOKENS[cursor.stage.phase])

    def boundingRect(self) -> QRectF:
        return self._box

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._ring is not None:
            tools.ring(painter, self._ring[0], self.theme.color(self._ring[1]), off=1, width=2, radius=4)
        for chip in self._chips:
            box = chip.box
            painter.setPen(tools.pen(self.theme.color(chip.border)) if chip.border else Qt.PenStyle.NoPen)
            painter.setBrush(self.theme.color("canvas", 1.0 if chip.border else 0.82))
            painter.drawRoundedRect(box, 3, 3)
            size = SIZE * chip.grown
            tools.text(painter, box.center().x(), box.center().y(), chip.words, self.theme.color(chip.ink), size, 600, "center")
