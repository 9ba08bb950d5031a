"""What is lit on the canvas, and what is hidden: rings around numbers that the panel points to, edges at full strength, question marks.

One item above the cards. It draws nothing of its own: places come from the workbench, where they are from the painters."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from playground.anim.account import Place
from playground.ui.canvas import geometry
from playground.ui.canvas.card import CardItem
from playground.ui.canvas.edges import FULL, draw_line
from playground.ui.canvas.scene import CanvasScene
from playground.ui.explain.places import Key, key, stands_at
from playground.ui.painters import placing, tools

EDGE_RING = 3.0


def place_rect(card: CardItem, name: str, index: tuple[int, ...]) -> QRectF | None:
    """Where a number is drawn on ``card``, in scene coordinates; ``None`` where it has no place of its own there."""
    if card.facts.output is None or not name:
        return None
    box = placing.place_rect(card.painter, card.body, card.picture, name, index)
    return None if box is None else box.translated(card.pos())


class Lights(QGraphicsItem):
    """Rings, edges and question marks, told by :meth:`show_places`."""

    def __init__(self, scene: CanvasScene) -> None:
        super().__init__()
        self._canvas = scene
        self.theme = scene.theme
        self.rings: list[QRectF] = []
        self.lines: list[tuple[QLineF, float]] = []
        """Edges, each with its weight."""
        self.covers: list[list[QRectF]] = []
        """Of each hidden number: what covers it, the one with the question mark first."""
        self._box = QRectF()
        self.setZValue(6.5)  # above pulses, below the numbers that ride on edges
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def show_places(self, lit: tuple[Place, ...], hidden: frozenset[Key]) -> None:
        """Light ``lit`` and cover ``hidden``, as the cards now stand."""
        rings: list[QRectF] = []
        lines: list[tuple[QLineF, float]] = []
        for node, name, index in dict.fromkeys(map(key, lit)):
            name = stands_at(name)
            edge = self._edge(node, name, index)
            if edge is not None and edge not in lines:
                lines.append(edge)
            ring = self._rect(node, name, index) or (self._card(node) if edge is None else None)
            if ring is not None and ring not in rings:
                rings.append(ring)
        covers = [found for node, name, index in sorted(hidden) if (found := self._covers(node, name, index))]
        if (rings, lines, covers) == (self.rings, self.lines, self.covers):
            return
        geometry.leave(self)
        self.rings, self.lines, self.covers = rings, lines, covers
        boxes = [*rings, *(box for found in covers for box in found)]
        boxes += [QRectF(line.p1(), line.p2()).normalized() for line, _ in lines]
        self._box = QRectF()
        for box in boxes:
            self._box = self._box.united(box.adjusted(-12, -12, 12, 12))
        self.update()

    def _rect(self, node: str, name: str, index: tuple[int, ...]) -> QRectF | None:
        card = self._canvas.cards.get(node)
        return None if card is None else place_rect(card, name, index)

    def _card(self, node: str) -> QRectF | None:
        """The card of a number that is drawn nowhere (a recurrent weight, a batch's mean): at least whose it is can be seen."""
        card = self._canvas.cards.get(node)
        return None if card is None or card.facts.output is None else card.scene_card()

    def _covers(self, node: str, name: str, index: tuple[int, ...]) -> list[QRectF]:
        card = self._canvas.cards.get(node)
        if card is None or card.facts.output is None:
            return []
        return [box.translated(card.pos()) for box in placing.covers(card.painter, card.body, card.picture, name, index)]

    def _edge(self, node: str, name: str, index: tuple[int, ...]) -> tuple[QLineF, float] | None:
        """The edge of a weight, drawn or not at the moment."""
        if name != "weight" or len(index) != 2:
            return None
        for wire in self._canvas.edges:
            weight = self._canvas.bundles.weight(wire) if wire.target == node else None
            if weight is not None and index[0] < weight.shape[0] and index[1] < weight.shape[1]:
                line = self._canvas.bundles.lines(wire, [index])[0]
                return QLineF(*map(float, line)), float(weight[index])
        return None

    def boundingRect(self) -> QRectF:
        return self._box

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for line, weight in self.lines:
            share = min(abs(weight) / FULL, 1.0) if weight == weight else 0.0
            painter.setPen(tools.pen(self.theme.color("accent"), 1.0 + 7.0 * share + 2 * EDGE_RING))
            painter.drawLine(line)
            painter.setPen(tools.pen(self.theme.color("canvas"), 1.0 + 7.0 * share + EDGE_RING))
            painter.drawLine(line)
            draw_line(painter, [line], max(share, 0.04), weight < 0, self.theme)
        for ring in self.rings:
            tools.ring(painter, ring, self.theme.color("accent"), off=1.5, width=2, radius=4)
        for first, *others in self.covers:
            self._cover(painter, first)
            for box in others:
                painter.fillRect(box, self.theme.color("card"))

    def _cover(self, painter: QPainter, box: QRectF) -> None:
        painter.setPen(tools.pen(self.theme.color("accent"), 1.2))
        painter.setBrush(self.theme.color("card"))
        painter.drawRoundedRect(box.adjusted(-0.5, -0.5, 0.5, 0.5), 4, 4)
        size = min(max(box.height() * 0.7, 8.0), 18.0)
        if box.height() >= 8:
            tools.text(painter, box.center().x(), box.center().y(), "?", self.theme.color("accent"), round(2 * size) / 2, 600, "center")
