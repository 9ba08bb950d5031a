"""What a pressed mouse button does on the canvas: one small object a gesture, made on press, ended on release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QApplication, QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from playground.layers.spec import format_shape
from playground.ui.canvas import geometry, wiring
from playground.ui.canvas.card import CardItem
from playground.ui.canvas.wiring import DraftWire, Offer
from playground.ui.painters import tools
from playground.ui.theme import Theme

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView


class Gesture(Protocol):
    """``point`` is in scene coordinates, ``at`` in view px."""

    def move(self, point: QPointF, at: QPointF) -> None: ...

    def release(self, point: QPointF, at: QPointF) -> None: ...

    def cancel(self) -> None: ...


class Pan:
    """The canvas follows the hand."""

    def __init__(self, view: CanvasView, at: QPointF) -> None:
        self._view, self._at = view, at
        view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def move(self, point: QPointF, at: QPointF) -> None:
        self._view.camera.pan(at - self._at)
        self._at = at

    def release(self, point: QPointF, at: QPointF) -> None:
        self._view.viewport().unsetCursor()

    def cancel(self) -> None:
        self._view.viewport().unsetCursor()


class Move:
    """Cards follow the hand in steps of 8 px; released, it is one undo step. Not moved, it is a click."""

    def __init__(self, view: CanvasView, card: CardItem, point: QPointF, at: QPointF, shift: bool) -> None:
        self._view, self._card, self._point, self._at, self._shift = view, card, point, at, shift
        self._moving = False
        selected = view.workbench.selected
        self._was_selected = card.id in selected
        if not self._was_selected:
            view.workbench.select((*selected, card.id) if shift else (card.id,))
        self._start = {id: QPointF(*view.workbench.document.nodes[id].position) for id in view.workbench.selected}

    def move(self, point: QPointF, at: QPointF) -> None:
        if not self._moving and (at - self._at).manhattanLength() < QApplication.startDragDistance() / 2:
            return
        self._moving = True
        offset = point - self._point
        for id, start in self._start.items():
            self._view.scene_.cards[id].setPos(QPointF(*geometry.snapped(start.x() + offset.x(), start.y() + offset.y())))
        self._view.scene_.reroute(set(self._start))

    def release(self, point: QPointF, at: QPointF) -> None:
        if self._moving:
            places = {id: self._view.scene_.cards[id].pos() for id in self._start}
            self._view.editor.move({id: (place.x(), place.y()) for id, place in places.items()})
            return
        workbench = self._view.workbench
        if self._shift:
            if self._was_selected:
                workbench.select(tuple(id for id in workbench.selected if id != self._card.id))
            return
        if self._card.turns_at(point - self._card.pos()):
            self._view.scene_.turn(self._card.id)
        unit = self._card.unit_at(point - self._card.pos())
        cell = self._card.cell_at(point - self._card.pos()) if unit is not None else None
        workbench.select((self._card.id,), (self._card.id, unit) if unit is not None else None, cell)

    def cancel(self) -> None:
        for id, start in self._start.items():
            self._view.scene_.cards[id].setPos(start)
        self._view.scene_.reroute(set(self._start))


class BandItem(QGraphicsItem):
    """The rubber band."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme, self.box = theme, QRectF()
        self.setZValue(20)

    def boundingRect(self) -> QRectF:
        return self.box.adjusted(-2, -2, 2, 2)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        pen = tools.pen(self.theme.color("accent"))
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(self.theme.color("accent", 0.12))
        painter.drawRect(self.box)


class Band:
    """Selects the cards that a rectangle touches; with shift it adds to what is selected."""

    def __init__(self, view: CanvasView, point: QPointF, shift: bool) -> None:
        self._view, self._start = view, point
        self._kept = view.workbench.selected if shift else ()
        self._item = BandItem(view.theme)
        view.scene_.addItem(self._item)

    def move(self, point: QPointF, at: QPointF) -> None:
        self._item.prepareGeometryChange()
        self._item.box = QRectF(self._start, point).normalized()
        self._item.update()
        touched = tuple(id for id, card in self._view.scene_.cards.items() if card.scene_card().intersects(self._item.box))
        self._view.workbench.select(self._kept + tuple(id for id in touched if id not in self._kept))

    def release(self, point: QPointF, at: QPointF) -> None:
        if self._item.box.isEmpty() and not self._kept:
            self._view.select_wire(None)
            self._view.workbench.select(())
        self.cancel()

    def cancel(self) -> None:
        self._view.scene_.removeItem(self._item)


class WireDrag:
    """A wire from an output port to an input port, or the other way round. A wire that ends at the pressed port is taken off it: let go
    over another port it goes there, over nothing it is removed."""

    def __init__(self, view: CanvasView, card: CardItem, side: str, index: int) -> None:
        self._view = view
        self._taken = next((wire for wire in view.scene_.wires if side == "in" and (wire.target, wire.to_port) == (card.id, index)), None)
        if self._taken is not None:
            card, side, index = view.scene_.cards[self._taken.source], "out", self._taken.from_port
            view.scene_.wires[self._taken].setVisible(False)
        self._side, self._index, self._card = side, index, card
        self._offer: Offer | None = None
        self._target: CardItem | None = None
        self._draft = DraftWire(view.theme)
        view.scene_.addItem(self._draft)
        place = card.output_port(index) if side == "out" else card.input_port(index)
        self._place = card.pos() + place
        self._mark(True)

    def _mark(self, wanted: bool) -> None:
        for card in self._view.scene_.cards.values():
            able = card.facts.has_output if self._side == "in" else card.facts.ports > 0
            shown = wanted and able and card is not self._card
            if shown != card.state.wanted or card.state.hot_port is not None:
                card.state.wanted, card.state.hot_port = shown, None
                card.refresh()

    def move(self, point: QPointF, at: QPointF) -> None:
        scene = self._view.scene_
        found = scene.port_at(point)
        wanted = "in" if self._side == "out" else "out"
        over, port = (found[0], found[2]) if found is not None and found[1] == wanted else (scene.card_at(point, 12), None)
        self._offer = None
        if over is None or over is self._card or (wanted == "out" and not over.facts.has_output):
            self._aim(None)
            self._show(point)
            return
        source, target = (self._card.id, over.id) if self._side == "out" else (over.id, self._card.id)
        if self._side == "out":
            to_port, from_port = port, self._index
        else:
            states = scene.facts.nodes[source].has_state and scene.facts.nodes[target].has_state
            to_port, from_port = self._index, (self._index if states else 0) if port is None else port
        made = wiring.offer(self._view.workbench.document, scene, source, target, to_port, from_port)
        self._offer = made
        self._aim(over, (wanted, made.port if wanted == "in" else made.from_port))
        if over.facts.ports == 0 and wanted == "in":
            end = point
        else:
            end = over.pos() + (over.output_port(made.from_port) if wanted == "out" else over.input_port(made.port))
        if made.problem is None:
            shape = scene.facts.nodes[source].state if from_port else scene.facts.nodes[source].output
            self._show(end, chip=format_shape(shape) if shape is not None else "?")
        else:
            self._show(end, words=wiring.sentence(made.problem, scene, made), bad=True)

    def _aim(self, card: CardItem | None, port: tuple[str, int] | None = None) -> None:
        """Light the port that the wire would go to."""
        before, self._target = self._target, card
        for touched, shown in ((before, None), (card, port)):
            if touched is not None and not (touched is before is card and shown is None) and touched.state.hot_port != shown:
                touched.state.hot_port = shown
                touched.refresh(urgent=True)

    def _show(self, end: QPointF, chip: str = "", words: str = "", bad: bool = False) -> None:
        start = self._place
        if self._side == "in":
            start, end = end, start
        self._draft.show_wire(start, end, chip, words, bad)

    def release(self, point: QPointF, at: QPointF) -> None:
        self.move(point, at)
        made, taken = self._offer, self._taken
        self.cancel()
        if taken is not None and made is not None and (made.target, made.port) == (taken.target, taken.to_port):
            return
        if made is not None:
            self._view.finish_wire(made, taken)
        elif taken is not None:
            self._view.editor.disconnect(taken)

    def cancel(self) -> None:
        if self._taken is not None and self._taken in self._view.scene_.wires:
            self._view.scene_.wires[self._taken].setVisible(True)
        self._mark(False)
        self._view.scene_.removeItem(self._draft)
