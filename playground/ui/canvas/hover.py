"""What the pointer is over, and the tooltip for it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPoint, QPointF, QRectF, Qt
from PySide6.QtWidgets import QToolTip

from playground.anim.account import Place
from playground.ui.canvas.card import CardItem
from playground.ui.canvas.lights import place_rect
from playground.ui.explain.places import stands_at
from playground.ui.painters import placing
from playground.ui.painters.base import Picture
from playground.ui.wording import with_titles

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView
    from playground.ui.compare.side import SideView


def size(box: QRectF) -> float:
    """The area of ``box``."""
    return box.width() * box.height()


def _unit_size(card: CardItem, at: QPointF) -> float:
    """The area of the ring around the unit that is drawn at a point of ``card``; where none is, any is smaller."""
    number = card.unit_at(at) if not card.face else None  # its other picture is not of units
    if number is None:
        return math.inf
    unit = card.unit_rect(number)
    if unit is None:
        return placing.LEAST**2  # a pixel of a picture
    return size(placing.seen(unit)) if unit.contains(at + card.pos()) else math.inf


class Hover:
    """Lights the card, wire or unit under the pointer and tells the workbench."""

    def __init__(self, view: CanvasView | SideView) -> None:
        self._view = view
        self._card: CardItem | None = None
        self._unit: tuple[str, int] | None = None
        self._edge: Place | None = None
        self._point = QPointF()
        self._boxes: tuple[tuple[Place, ...], Picture | None, tuple[object, ...], list[tuple[QRectF, Place]]] = ((), None, (), [])
        """Where these places are drawn on the card under the pointer, with that picture."""

    def move(self, point: QPointF) -> None:
        """The pointer is at ``point`` (scene coordinates)."""
        scene = self._view.scene_
        port = scene.port_at(point)
        card = port[0] if port is not None else scene.card_at(point)
        if card is not self._card:
            self.forget()
            self._card = card
            if card is not None:
                card.state.hover = True
                card.refresh(urgent=True)
        wire = scene.wire_at(point) if card is None else None
        for item in scene.wires.values():
            item.set_hover(item is wire)
        number = card.unit_at(point - card.pos()) if card is not None else None
        self._light_edge(scene.edge_at(point) if number is None and port is None else None)
        self._show_unit((card.id, number) if card is not None and number is not None else None)
        self._point, self._view.workbench.drawn_here = point, self.drawn_here
        self._view.workbench.pointed = card.cell_at(point - card.pos()) if card is not None and number is not None else None
        self._view.workbench.hover_changed.emit(card.id if card is not None else "", number)
        self._view.viewport().setCursor(Qt.CursorShape.CrossCursor if port is not None else Qt.CursorShape.ArrowCursor)

    def drawn_here(self, places: tuple[Place, ...]) -> tuple[Place, ...]:
        """Those of ``places`` whose own spot is under the pointer: the nearest, where rings are larger than what they are around. What a
        unit is only a part of (of a filter the map that it makes) is not meant where the unit is."""
        card, point = self._card, self._point
        if card is None:
            return ()
        drawn = card.id, card.body, card.face
        if self._boxes[0] is not places or self._boxes[1] is not card.picture or self._boxes[2] != drawn:
            mine = [place for place in places if place.node == card.id]
            boxes = ((place_rect(card, stands_at(place.name), place.index), place) for place in mine)
            self._boxes = places, card.picture, drawn, [(box.translated(-card.pos()), place) for box, place in boxes if box is not None]
        at = point - card.pos()
        found = [(box, place) for box, place in self._boxes[3] if box.contains(at) and size(box) <= _unit_size(card, at) + 1.0]
        away = [(box.center() - at).manhattanLength() for box, _ in found]
        return tuple(place for (_, place), far in zip(found, away, strict=True) if far <= min(away) + 0.01)

    def _light_edge(self, place: Place | None) -> None:
        """Light the weight whose edge is under the pointer, and put the last one out."""
        if place != self._edge:
            self._edge = place
            self._view.workbench.light(() if place is None else (place,))

    def _show_unit(self, unit: tuple[str, int] | None) -> None:
        if unit != self._unit:
            self._unit = unit
            self._view.scene_.hover_unit(unit)

    def forget(self) -> None:
        """Dim the lit card; its item may be about to go."""
        if self._card is not None:
            self._card.state.hover = False
            self._card.refresh(urgent=True)
            self._card = None

    def leave(self) -> None:
        """The pointer left the canvas."""
        self.forget()
        for item in self._view.scene_.wires.values():
            item.set_hover(False)
        self._light_edge(None)
        self._show_unit(None)
        self._view.workbench.pointed, self._view.workbench.drawn_here = None, lambda places: ()
        self._view.workbench.hover_changed.emit("", None)

    def show_tip(self, at: QPoint, where: QPoint) -> None:
        """The tooltip for what lies at ``at`` (view px), shown at ``where`` on the screen."""
        point = self._view.mapToScene(at)
        port = self._view.scene_.port_at(point)
        card = port[0] if port is not None else self._view.scene_.card_at(point, 10)
        wire = self._view.scene_.wire_at(point)
        words = card.tip(point - card.pos()) if card is not None else ""
        if card is None and wire is not None:
            words = with_titles(wire.tip(), self._view.scene_.facts.document)
        if card is not None and any(node == card.id for node, _, _ in self._view.workbench.hidden):
            words = QCoreApplication.translate("canvas", "This number is asked for in Explain: work it out first.")
        QToolTip.showText(where, words, self._view.viewport())
