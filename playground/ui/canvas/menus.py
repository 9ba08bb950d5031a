"""Context menus of nodes, wires and the canvas."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPointF
from PySide6.QtWidgets import QMenu

from playground.document import Wire
from playground.layers import registry
from playground.ui.dialogs.ask import Ask
from playground.ui.painters import course, maps
from playground.ui.wording import declared

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView


def of_nodes(view: CanvasView) -> QMenu:
    """What can be done with the selected nodes."""
    editor, selected, menu = view.editor, view.workbench.selected, _menu(view)
    chosen = [view.scene_.facts.nodes[id] for id in selected]
    several = len(selected) > 1
    if not several:
        for problem in chosen[0].problems:
            if problem.fix is not None and problem.fix.action != "set_data":
                menu.addAction(declared(problem.fix.label), lambda problem=problem: editor.fix(problem))
        if menu.actions():
            menu.addSeparator()
        menu.addAction(_t("Rename…"), lambda: _rename(view, selected[0]))
        wiring = menu.addAction(_t("Wire from here\tW"), view.start_wiring)
        wiring.setEnabled(chosen[0].has_output)
    if not several and chosen[0].count and any(key.partition("/")[0] == selected[0] for key in view.workbench.snapshot.parameters):
        menu.addAction(_t("Set weights…"), lambda: view.edit_matrix(selected[0]))
    unit = view.workbench.unit
    if not several and unit is not None and unit[0] == selected[0] and maps.is_maps(view.scene_.cards[unit[0]].picture):
        number = maps.neuron(view.scene_.cards[unit[0]].picture, unit[1])
        menu.addAction(_t("Enlarge map {n}").format(n=number + 1), lambda: _enlarge(view, unit[0], unit[1]))
    if not several and unit is not None and unit[0] == selected[0] and view.scene_.facts.nodes[unit[0]].ports:
        picture = view.scene_.cards[unit[0]].picture
        number = maps.neuron(picture, unit[1])
        off = number in view.workbench.document.nodes[unit[0]].off
        words = _t("Switch neuron {n} on") if off else _t("Switch neuron {n} off")
        if maps.is_maps(picture):
            words = _t("Switch map {n} on") if off else _t("Switch map {n} off")
        menu.addAction(words.format(n=number + 1), editor.switch_off)
    if not several and course.has(view.scene_.cards[selected[0]].picture):
        _through_time(view, menu, selected[0])
    if any(node.count for node in chosen):
        frozen = all(view.workbench.document.nodes[id].frozen for id in selected if view.scene_.facts.nodes[id].count)
        menu.addAction(_t("Let learn") if frozen else _t("Freeze weights"), editor.freeze)
    if menu.actions() and not menu.actions()[-1].isSeparator():
        menu.addSeparator()
    menu.addAction(_t("Cut\tCtrl+X"), editor.cut)
    menu.addAction(_t("Copy\tCtrl+C"), editor.copy)
    menu.addAction(_t("Duplicate\tCtrl+D"), editor.duplicate)
    menu.addAction(_t("Remove\tDel"), editor.remove)
    menu.addSeparator()
    if several:
        align = menu.addMenu(_t("Align"))
        for edge, words in (
            ("left", _t("Left edges")),
            ("center", _t("Centers in a column")),
            ("right", _t("Right edges")),
            ("top", _t("Top edges")),
            ("middle", _t("Middles in a row")),
            ("bottom", _t("Bottom edges")),
        ):
            align.addAction(words, lambda edge=edge: editor.align(edge))
        if len(selected) > 2:
            align.addSeparator()
            align.addAction(_t("Equal gaps across"), lambda: editor.distribute("x"))
            align.addAction(_t("Equal gaps down"), lambda: editor.distribute("y"))
    menu.addAction(_t("Fit selection\tShift+F"), view.fit_selection)
    return menu


def of_wire(view: CanvasView, wire: Wire) -> QMenu:
    """What can be done with a wire."""
    menu = _menu(view)
    problem = view.scene_.facts.bad_wires.get(wire)
    if problem is not None and problem.fix is not None and problem.fix.action != "remove_wire":
        menu.addAction(declared(problem.fix.label), lambda: view.editor.fix(problem))
        menu.addSeparator()
    insert = menu.addMenu(_t("Insert"))
    place = view.scene_.wires[wire].chip.center()
    for layer in registry.types():
        if layer.has_output and layer.inputs[1] != 0:
            insert.addAction(layer.name, lambda layer=layer: view.editor.add(layer.name, place, wire))
    menu.addAction(_t("Remove wire\tDel"), lambda: view.editor.disconnect(wire))
    return menu


def of_canvas(view: CanvasView, point: QPointF) -> QMenu:
    """What can be done where there is nothing."""
    menu = _menu(view)
    add = menu.addMenu(_t("Add"))
    for layer in registry.types():
        add.addAction(layer.name, lambda layer=layer: view.editor.add(layer.name, point))
    menu.addSeparator()
    menu.addAction(_t("Paste\tCtrl+V"), view.editor.paste)
    menu.addAction(_t("Select all\tCtrl+A"), view.editor.select_all)
    menu.addAction(_t("Tidy"), view.editor.tidy)
    menu.addSeparator()
    menu.addAction(_t("Fit all\tF"), view.fit_all)
    menu.addAction(_t("100 %\tCtrl+0"), view.camera.actual)
    return menu


def _menu(view: CanvasView) -> QMenu:
    menu = QMenu(view)
    menu.setObjectName("canvas_menu")
    menu.aboutToHide.connect(menu.deleteLater)
    return menu


def _through_time(view: CanvasView, menu: QMenu, id: str) -> None:
    """What can be done with a recurrent layer."""
    menu.addAction(_t("Unroll in time\tU"), lambda: view.overlays.unrolled.open(id))
    cells, present = menu.addMenu(_t("Cell")), view.workbench.document.nodes[id].type
    for cell in registry.cells():
        action = cells.addAction(cell.name, lambda type=cell.name: view.editor.swap_cell(id, type))
        action.setCheckable(True)
        action.setChecked(cell.name == present)


def _enlarge(view: CanvasView, id: str, unit: int) -> None:
    card = view.scene_.cards[id]
    place = card.unit_rect(unit) or card.scene_card()
    view.overlays.maps.open(id, maps.neuron(card.picture, unit), QPointF(view.mapFromScene(place.center())))


def _rename(view: CanvasView, id: str) -> None:
    title = view.workbench.document.nodes[id].title
    Ask(view, _t("Title of {node}").format(node=id), title, partial(view.editor.set_title, id), name="node_title").open()


def _t(words: str) -> str:
    return QCoreApplication.translate("canvas", words)
