"""The marks that travel during a pass: forward discs, the loss ring, backward diamonds, update squares. All from one trace.

What a mark stands for: forward, this sample's ``w x`` on an edge (on a wire without edges: the root mean square of what it carries);
backward, the loss's derivative by what the edge carries, ``w dL/dz`` (on a wire: its norm); update, the old and the new weight.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from playground.anim.cursor import NEW_VALUE, Cursor
from playground.anim.scale import greatest
from playground.document import Wire
from playground.engine.trace import ParameterTrace, Trace
from playground.ui.canvas import geometry
from playground.ui.canvas.readings import legible
from playground.ui.canvas.scene import CanvasScene
from playground.ui.canvas.wire import LARGEST_GROWTH, LETTERS, chip_width, draw_chip
from playground.ui.explain.figures import USUAL_FIGURES
from playground.ui.numbers import number
from playground.ui.painters import placing, tools
from playground.ui.theme import Theme

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

MOST = 500
NUMBERS_FROM = 1.2
MOST_NUMBERS = 64
MOST_RINGS = 8
PART = 1 << 16
LOSS_GAP, LOSS_ROOM = 8.0, 200.0
"""Px between a card and the loss beside it, and room that it takes on either side at most."""
BUCKETS = 16
Form = Literal["disc", "diamond"]


@dataclass(frozen=True, slots=True)
class Marks:
    """The pulses of one stage. ``lines`` (n, 4) run as the pulses do; ``values`` (n,) are their numbers, ``radii`` (n,) px. Discs have
    their size and color by the ``largest`` value that any wire of the pass carries: a layer's pulses can be told from another's.

    Where ``wires`` is not ``None`` a pulse follows that wire's curve instead of its line.
    """

    form: Form
    lines: np.ndarray
    values: np.ndarray
    radii: np.ndarray
    largest: float
    wires: tuple[Wire | None, ...] = ()


def forward_radii(values: np.ndarray, largest: float) -> np.ndarray:
    """5 px and up to 6 more by the share of the largest value of the pass."""
    return 5.0 + 6.0 * np.clip(np.abs(values) / largest if largest > 0 else np.zeros_like(values), 0.0, 1.0)


def backward_radii(values: np.ndarray) -> np.ndarray:
    """11 + 3.2 log10 |gradient|, kept within 3 and 13 px."""
    with np.errstate(divide="ignore"):
        return np.clip(11.0 + 3.2 * np.log10(np.abs(values)), 3.0, 13.0)


def greatest_carried(scene: CanvasScene, trace: Trace) -> float:
    """The largest size of a number that a disc of this pass stands for, 0 where there is none."""
    found = [0.0]
    for wire, item in scene.wires.items():
        if wire.source in trace.nodes:
            edges = _on_edges(scene, trace, wire, backward=False) if item.bundle else None
            value = edges[1] if edges is not None else _on_wire(trace, wire, backward=False)
            found.append(greatest(np.asarray(0.0 if value is None else value)))
    return max(found)


def marks(scene: CanvasScene, trace: Trace, cursor: Cursor, largest: float | None = None) -> Marks | None:
    """The pulses of the cursor's stage, or ``None`` where it has none (Input, loss, update). At a single neuron: those of its edges.
    ``largest`` is the pass's :func:`greatest_carried`, where it is known already."""
    phase, node = cursor.stage.phase, cursor.stage.node
    if phase not in ("forward", "backward"):
        return None
    backward = phase == "backward"
    lines: list[Sequence[float]] = []
    values: list[float] = []
    wires: list[Wire | None] = []
    for wire in scene.wires:
        if wire.target != node or wire.source not in trace.nodes:
            continue
        found = _on_edges(scene, trace, wire, backward) if scene.wires[wire].bundle else None
        if found is not None:
            for line, value in zip(*_of_cell(scene, wire, found, cursor), strict=True):
                lines.append(line)
                values.append(value)
                wires.append(None)
        else:
            value = _on_wire(trace, wire, backward)
            if value is not None:
                start, end = scene.wires[wire].path.pointAtPercent(0), scene.wires[wire].path.pointAtPercent(1)
                lines.append((start.x(), start.y(), end.x(), end.y()))
                values.append(value)
                wires.append(wire)
    if not lines:
        return None
    numbers = np.array(values, float)
    order = np.argsort(-np.abs(np.nan_to_num(numbers)), kind="stable")[:MOST]
    numbers, places = numbers[order], np.array(lines, float)[order]
    if backward:
        places = places[:, [2, 3, 0, 1]]
    largest = greatest_carried(scene, trace) if largest is None else largest
    radii = backward_radii(numbers) if backward else forward_radii(numbers, largest)
    return Marks("diamond" if backward else "disc", places, numbers, radii, largest, tuple(wires[at] for at in order))


def _of_cell(scene: CanvasScene, wire: Wire, found: tuple[np.ndarray, np.ndarray], cursor: Cursor) -> tuple[np.ndarray, np.ndarray]:
    """The lines and values of the neuron at the cursor; of all where the stage goes as a whole."""
    if cursor.cell is None:
        return found
    own = scene.edges[wire].edges.units == cursor.cell
    return found[0][own], found[1][own]


def _on_edges(scene: CanvasScene, trace: Trace, wire: Wire, backward: bool) -> tuple[np.ndarray, np.ndarray] | None:
    """Lines and values of each weight's edge; beyond the range of a number they are infinite."""
    traced = trace.parameters.get(f"{wire.target}/weight")
    edge = scene.edges.get(wire)
    if traced is None or edge is None or not len(edge.edges):
        return None
    weight, units, sources = traced.before, edge.edges.units, edge.edges.sources
    if backward:
        gradients = trace.nodes[wire.target].gradients if wire.target in trace.nodes else {}
        slope = gradients.get("pre_activation", gradients.get("output"))
        if slope is None or slope.shape != weight.shape[:1]:
            return None
        with np.errstate(over="ignore", invalid="ignore"):
            return edge.edges.lines, weight[units, sources] * slope[units]
    x = trace.nodes[wire.source].values.get("output")
    if x is None or x.shape != weight.shape[1:]:
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        return edge.edges.lines, weight[units, sources] * x[sources]


def _on_wire(trace: Trace, wire: Wire, backward: bool) -> float | None:
    """One number for all that a wire carries: root mean square forward, norm of the gradient backward."""
    node = trace.nodes[wire.source]
    carried = node.gradients.get("output") if backward else node.values.get("output")
    if carried is None:
        return None
    flat = np.asarray(carried, np.float64).ravel()
    if flat.size == 1:
        return float(flat[0])
    with np.errstate(over="ignore"):
        return float(np.linalg.norm(flat)) if backward else float(np.sqrt(np.mean(flat**2)))


@lru_cache(maxsize=512)
def sprite(theme: Theme, form: Form, bucket: int, radius: int, ratio: float) -> QPixmap:
    """A pulse, ready to be drawn. ``bucket`` is its color: -16 ... 16 on the signed ramp."""
    side = 2 * radius + 6
    made = QPixmap(math.ceil(side * ratio), math.ceil(side * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    middle = QPointF(side / 2, side / 2)
    with QPainter(made) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if form == "disc":
            color = QColor.fromRgb(theme.color_table("div")[round((bucket / BUCKETS / 2 + 0.5) * 255)])
            painter.setPen(tools.pen(theme.color("canvas"), 1.5))
            painter.setBrush(color)
            painter.drawEllipse(middle, radius, radius)
        else:
            painter.setPen(tools.pen(theme.color("err" if bucket >= 0 else "err_neg"), 2))
            painter.setBrush(theme.color("canvas"))
            r = float(radius)
            painter.drawPolygon(QPolygonF([middle + QPointF(*p) for p in ((0, -r), (r, 0), (0, r), (-r, 0))]))
    return made


def beside_strip(card: QRectF, chip: QSizeF, clear: QRectF) -> QPointF:
    """The middle of the loss's chip: above its card; where the phases lie there, at its right, or left of it where the canvas ends."""
    above = QPointF(card.center().x(), card.top() - 16)
    if above.y() - chip.height() / 2 >= clear.top():
        return above
    away = card.width() / 2 + LOSS_GAP + chip.width() / 2
    right = card.right() + LOSS_GAP + chip.width() <= clear.right()
    return QPointF(card.center().x() + (away if right else -away), max(card.top(), clear.top()) + chip.height() / 2)


class PulseItem(QGraphicsItem):
    """Everything of a pass that moves, in one item above the cards."""

    def __init__(self, scene: CanvasScene) -> None:
        super().__init__()
        self._canvas = scene
        self.theme = scene.theme
        self._marks: Marks | None = None
        self._places = np.zeros((0, 2))
        self._cursor: Cursor | None = None
        self._trace: Trace | None = None
        self._largest = 0.0
        self._change: tuple[ParameterTrace, tuple[int, ...]] | None = None
        self._box = QRectF()
        self.setZValue(6)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def show_pass(self, trace: Trace | None, cursor: Cursor | None) -> None:
        """Stand at ``cursor`` of ``trace``; ``None`` shows nothing."""
        before, changed = self._cursor, trace is not self._trace
        self._trace, self._cursor = trace, cursor
        if trace is None or cursor is None:
            self._marks = None
        elif before is None or (before.index, before.cell) != (cursor.index, cursor.cell) or self._marks is None or changed:
            self._largest = greatest_carried(self._canvas, trace) if changed else self._largest
            self._marks = marks(self._canvas, trace, cursor, self._largest)
        geometry.leave(self)
        self._box = self._place()
        self.update()

    def _place(self) -> QRectF:
        cursor = self._cursor
        if cursor is None:
            return QRectF()
        if self._marks is not None:
            if cursor.travel >= 1.0:
                return QRectF()
            lines = self._marks.lines
            self._places = lines[:, :2] + (lines[:, 2:] - lines[:, :2]) * cursor.travel
            share = 1 - cursor.travel if self._marks.form == "diamond" else cursor.travel
            for at, wire in enumerate(self._marks.wires):
                if wire is not None and wire in self._canvas.wires:
                    point = self._canvas.wires[wire].path.pointAtPercent(share)
                    self._places[at] = point.x(), point.y()
            low, high = self._places.min(axis=0), self._places.max(axis=0)
            return QRectF(QPointF(*low), QPointF(*high)).adjusted(-60, -36, 60, 24)
        if cursor.stage.phase == "loss":
            return self._canvas.cards[cursor.stage.node].scene_card().adjusted(-LOSS_ROOM, -40, LOSS_ROOM, 40)
        if cursor.stage.phase == "update":
            box = QRectF()
            for place, _, _ in self._rings():
                box = box.united(geometry.around(place, 190, 80))
            return box
        return QRectF()

    def boundingRect(self) -> QRectF:
        return self._box

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        cursor = self._cursor
        if cursor is None or self._trace is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        zoom = painter.worldTransform().m11()
        if self._marks is not None:
            self._draw_marks(painter, zoom, self._marks)
        elif cursor.stage.phase == "loss":
            self._draw_loss(painter, cursor, self._trace)
        elif cursor.stage.phase == "update":
            self._draw_update(painter, cursor)

    def _draw_marks(self, painter: QPainter, zoom: float, marks: Marks) -> None:
        if self._cursor is None or self._cursor.travel >= 1.0:
            return
        ratio = painter.device().devicePixelRatioF() * (2.0 if zoom > 1.1 else 1.0)
        finite = np.nan_to_num(marks.values)
        buckets = np.round(np.clip(finite / (marks.largest or 1.0), -1.0, 1.0) * BUCKETS).astype(int)
        for at in range(len(self._places) - 1, -1, -1):
            radius = round(float(marks.radii[at]))
            form_bucket = int(buckets[at]) if marks.form == "disc" else (1 if finite[at] >= 0 else -1)
            pixmap = sprite(self.theme, marks.form, form_bucket, radius, ratio)
            x, y = float(self._places[at][0]), float(self._places[at][1])
            painter.drawPixmap(QPointF(x - radius - 3, y - radius - 3), pixmap)
        if zoom >= NUMBERS_FROM and len(self._places) <= MOST_NUMBERS:
            self._draw_numbers(painter, marks)

    def _draw_numbers(self, painter: QPainter, marks: Marks) -> None:
        """Each pulse's number above it, the largest first; one that would lie over another waits until they part."""
        taken: list[QRectF] = []
        for (x, y), value in zip(self._places, marks.values, strict=True):
            words = number(float(value), signed=True)
            box = geometry.around(QPointF(float(x), float(y) - 15), tools.width(words, 10.5, 500) + 4, 13)
            if not any(box.intersects(other) for other in taken):
                taken.append(box)
                tools.text(painter, box.center().x(), box.center().y(), words, self.theme.color("text"), 10.5, 500, "center")

    def _draw_loss(self, painter: QPainter, cursor: Cursor, trace: Trace) -> None:
        card = self._canvas.cards[cursor.stage.node].scene_card()
        words = "" if trace.loss is None else f"L = {number(trace.loss)}"
        size = tools.legible(painter, LETTERS, LARGEST_GROWTH)
        place = beside_strip(card, QSizeF(chip_width(words, size), geometry.CHIP * size / LETTERS), self._clear())
        share = min(cursor.fraction / 0.25, 1.0)
        if share < 1.0:
            painter.setPen(tools.pen(self.theme.color("err"), 3))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawArc(geometry.around(place, 24), 90 * 16, -round(share * 360 * 16))
        elif words:
            draw_chip(painter, place, words, self.theme, "err", "text")

    def _clear(self) -> QRectF:
        """What is seen of the scene below the strip of the phases."""
        view = cast("CanvasView", self._canvas.views()[0])
        seen = view.viewport().rect()
        seen.setTop(view.overlays.phases.geometry().bottom() + 1)
        return view.mapToScene(seen).boundingRect()

    def _rings(self) -> list[tuple[QPointF, float, float]]:
        """Where the stage's update shows: (place, old, new) of the edges that change most; for a matrix, of its largest change. At a
        single weight: of that one."""
        cursor, trace = self._cursor, self._trace
        if cursor is None or trace is None or cursor.stage.phase != "update":
            return []
        node = cursor.stage.node
        traced = trace.parameters.get(f"{node}/weight")
        if traced is None or traced.after is None:
            return []
        part, at_cell = cursor.place or ("weight", None)
        if part != "weight":
            return []
        found: list[tuple[QPointF, float, float]] = []
        for wire, item in self._canvas.wires.items():
            if wire.target != node:
                continue
            edge = self._canvas.edges.get(wire)
            if item.bundle and edge is not None and len(edge.edges):
                if self._canvas.cards[node].input_rect(0, 0) != self._canvas.cards[node].unit_rect(0):
                    continue  # the close-up shows its own update
                units, sources = edge.edges.units, edge.edges.sources
                change = np.nan_to_num(np.abs(traced.after[units, sources] - traced.before[units, sources]))
                largest = np.argsort(-change, kind="stable")[:MOST_RINGS]
                if at_cell is not None:
                    largest = np.flatnonzero((units == at_cell[0]) & (sources == at_cell[1]))
                for at in largest:
                    line, unit, source = edge.edges.lines[at], units[at], sources[at]
                    place = QPointF(*(line[:2] + (line[2:] - line[:2]) * 0.5))
                    found.append((place, float(traced.before[unit, source]), float(traced.after[unit, source])))
            else:
                at = at_cell if at_cell is not None else self._moves_most(traced)
                place = self._beside(node, at) or item.chip.center() + QPointF(0, 30)
                found.append((place, float(traced.before[at]), float(traced.after[at])))
        return found

    def _moves_most(self, traced: ParameterTrace) -> tuple[int, ...]:
        """The entry that changes most: found once, not at each frame, and in parts that fit the cache."""
        if self._change is None or self._change[0] is not traced:
            assert traced.after is not None
            before, after, at, most = traced.before.reshape(-1), traced.after.reshape(-1), 0, -1.0
            for start in range(0, before.size, PART):
                change = np.nan_to_num(np.abs(after[start : start + PART] - before[start : start + PART]))
                largest = int(change.argmax())
                if change[largest] > most:
                    at, most = start + largest, float(change[largest])
            self._change = traced, tuple(int(n) for n in np.unravel_index(at, traced.before.shape))
        return self._change[1]

    def _beside(self, node: str, index: tuple[int, ...]) -> QPointF | None:
        """Below a weight of a kernel that is drawn on its card."""
        card = self._canvas.cards[node]
        box = placing.place_rect(card.painter, card.body, card.picture, "weight", index) if len(index) == 4 else None
        off = 20.0 * legible(self._canvas.views()[0].transform().m11())  # clear of the footer's words, however large it is drawn
        return None if box is None else card.pos() + QPointF(box.center().x(), card.card.bottom() + off)

    def _draw_update(self, painter: QPainter, cursor: Cursor) -> None:
        color = self.theme.color("upd")
        rings = self._rings()
        for place, old, new in rings:
            if len(rings) > 3:
                painter.setPen(tools.pen(color, 2))
                painter.setBrush(self.theme.color("canvas"))
                painter.drawRect(geometry.around(place, 12, 10))
                continue
            self._draw_change(painter, place, *USUAL_FIGURES.pair(old, new), cursor.fraction >= NEW_VALUE)

    def _draw_change(self, painter: QPainter, place: QPointF, old: str, new: str, told: bool) -> None:
        """The old value, struck through once the new one stands below it: on a ground of its own, for it lies over edges and cards."""
        color, dim = self.theme.color("upd"), self.theme.color("text2")
        across = tools.width(old, 10.5)
        box = geometry.around(QPointF(), max(across, tools.width(new, 10.5, 600)) + 24, 34)
        painter.save()
        painter.translate(place)
        grown = legible(painter.worldTransform().m11())
        painter.scale(grown, grown)
        painter.setPen(tools.pen(color, 2))
        painter.setBrush(self.theme.color("canvas"))
        painter.drawRect(box)
        right, above, below = box.right() - 5, -7.5, 7.5
        tools.text(painter, right, above, old, dim, 10.5, align="right")
        if told:
            painter.setPen(tools.pen(dim, 1.2))
            painter.drawLine(QPointF(right - across - 2, above), QPointF(right + 2, above))
            tools.text(painter, right, below, new, color, 10.5, 600, "right")
        tools.arrow(painter, QPointF(box.left() + 4, below), QPointF(box.left() + 13, below), color)
        painter.restore()
