"""What a press, a double click and the context menu mean, by what lies under the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent

from playground.ui.canvas import menus
from playground.ui.canvas.gestures import Band, Gesture, Move, WireDrag
from playground.ui.painters import course, maps

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView


def pressed(view: CanvasView, point: QPointF, event: QMouseEvent) -> Gesture | None:
    """The gesture that begins with the left button at ``point`` (scene coordinates); on a wire it is selected and none begins."""
    shift = bool(event.modifiers() & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier))
    port, card = view.scene_.port_at(point), view.scene_.card_at(point)
    if port is not None:
        return WireDrag(view, *port)
    if card is not None:
        view.select_wire(None)
        return Move(view, card, point, event.position(), shift)
    wire = view.scene_.wire_at(point)
    if wire is None:
        return Band(view, point, shift)
    view.select_wire(wire.wire)
    return None


def open_weights(view: CanvasView, event: QMouseEvent, at: QPointF, point: QPointF) -> bool:
    """Open the weights of the unit or the edge that was double-clicked at ``at`` (view px), or enlarge the map; whether there is one.
    ``point`` is where in the scene it was."""
    if event.button() != Qt.MouseButton.LeftButton:
        return False
    card = view.scene_.card_at(point)
    if card is not None:
        if course.has(card.picture) and card.body.contains(point - card.pos()):
            return view.overlays.unrolled.open(card.id)
        unit = card.unit_at(point - card.pos())
        if unit is not None and maps.is_maps(card.picture):
            return view.overlays.maps.open(card.id, maps.map_of(card.picture, unit), at)
        return unit is not None and view.overlays.weights.show_unit(card.id, unit, at)
    edge = view.scene_.edge_at(point)
    if edge is None or len(edge.index) != 2:
        return False
    view.overlays.weights.show_edge(edge.node, edge.index[0], edge.index[1], at)
    return True


def open_menu(view: CanvasView, event: QContextMenuEvent) -> None:
    """The menu of what is under the pointer, or by the keyboard of the selection."""
    bench, point = view.workbench, view.mapToScene(event.pos())
    if event.reason() == QContextMenuEvent.Reason.Keyboard and bench.selected:
        card = view.scene_.cards[bench.selected[-1]]
        menus.of_nodes(view).exec(view.viewport().mapToGlobal(view.mapFromScene(card.scene_card().center())))
        return
    card, wire = view.scene_.card_at(point), view.scene_.wire_at(point)
    if card is not None:
        unit = card.unit_at(point - card.pos())
        if card.id not in bench.selected or (unit is not None and len(bench.selected) == 1):
            bench.select((card.id,), None if unit is None else (card.id, unit))
        menu = menus.of_nodes(view)
    elif wire is not None:
        view.select_wire(wire.wire)
        menu = menus.of_wire(view, wire.wire)
    else:
        menu = menus.of_canvas(view, point)
    menu.exec(event.globalPos())
