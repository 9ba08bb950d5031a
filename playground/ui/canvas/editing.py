"""What a user can do to the network on the canvas. Each method is one undoable step through ``Workbench.edit``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from PySide6.QtCore import QObject, QPointF, QRectF, Signal
from PySide6.QtWidgets import QApplication

from playground.data import registry as data
from playground.document import Document, Problem, Wire, codec, edits, layout, swapping
from playground.errors import Fix, PlaygroundError
from playground.layers import registry
from playground.ui.canvas import geometry
from playground.ui.canvas.insertion import in_row
from playground.ui.canvas.measure import NEW_GAP, card_size, with_other_data, with_room
from playground.ui.canvas.scene import CanvasScene
from playground.ui.note_words import named
from playground.ui.painters import maps
from playground.ui.wording import declared
from playground.ui.workbench import Workbench


class Editor(QObject):
    """Edits by way of the workbench; the scene tells sizes. Refusals go to the status line."""

    grown = Signal()
    """Nodes are where no hand put them: one was put between others, or all were laid out."""

    def __init__(self, workbench: Workbench, scene: CanvasScene, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.workbench, self.scene = workbench, scene
        self.wire: Wire | None = None
        """The selected wire, if one is selected instead of nodes."""
        self._pastes = 0
        workbench.laid_out = with_other_data

    @property
    def document(self) -> Document:
        return self.workbench.document

    def _do(self, text: str, make: Callable[[], Document]) -> bool:
        """Make the edit; a rule that forbids it is said in the status line, and nothing changes."""
        try:
            self.workbench.edit(text, make())
        except PlaygroundError as error:
            self.workbench.notice.emit(declared(str(error)))
            return False
        return True

    def _added(self, text: str, made: Document, nodes: tuple[str, ...]) -> None:
        self.workbench.edit(text, made)
        self.workbench.select(nodes)

    # -- adding
    def add(self, type: str, center: QPointF | None = None, wire: Wire | None = None) -> str | None:
        """Place a layer with its middle at ``center``: on ``wire``, or by itself, or (without a center) after the selection, wired."""
        layer = registry.find(type)
        try:
            made, id = edits.add_node(self.document, type)
            on_wire = wire is not None and layer is not None and layer.has_output and layer.inputs[1] != 0
            least = self.scene.cards[wire.source].scene_card().right() + NEW_GAP if on_wire and wire is not None else None
            made = self._centered(made, id, center or self._after_selection(), least)
            if center is None:
                made = self._clear_of_others(made, id)
            if on_wire and wire is not None:
                made = edits.disconnect(made, wire.source, wire.target, wire.from_port, wire.to_port)
                made = edits.connect(made, wire.source, id, from_port=wire.from_port)
                made = edits.connect(made, id, wire.target, to_port=wire.to_port)
                made = with_room(made, id, wire.target)
            elif center is None and len(self.workbench.selected) == 1:
                made = self._wired(made, self.workbench.selected[0], id)
        except PlaygroundError as error:
            self.workbench.notice.emit(declared(str(error)))
            return None
        self._added(self.tr("Add {type}").format(type=type), made, (id,))
        if on_wire or center is None:
            self.grown.emit()
        return id

    def _wired(self, document: Document, source: str, target: str) -> Document:
        try:
            return edits.connect(document, source, target)
        except PlaygroundError:
            return document  # an Input after an Output has nothing to be wired to: it just stands there

    def _after_selection(self) -> QPointF:
        """Where a layer goes that nobody placed: right of the selected node, else right of them all."""
        chosen = self.workbench.selected[-1] if self.workbench.selected else None
        card = self.scene.cards.get(chosen) if chosen else None
        if card is None:
            box = self.scene.content()
            if box.isEmpty():
                return QPointF(0, 0)
            return QPointF(box.right() + NEW_GAP + 60, box.center().y())
        box = card.scene_card()
        return QPointF(box.right() + NEW_GAP + 60, box.center().y())

    def _clear_of_others(self, document: Document, id: str) -> Document:
        """Move a card that nobody placed down until it lies on no other: hidden ones are thought to be lost."""
        size, (x, y) = card_size(document, id), document.nodes[id].position
        others = [card.scene_card().adjusted(0, -geometry.DOTS, 0, geometry.DOTS) for card in self.scene.cards.values()]
        while under := [box.bottom() for box in others if box.intersects(QRectF(QPointF(x, y), size))]:
            y = max(under)
        return edits.move(document, {id: geometry.snapped(x, y)})

    def _centered(self, document: Document, id: str, center: QPointF, least: float | None = None) -> Document:
        """Put the middle of ``id`` at ``center``, its left edge no further left than ``least``."""
        size = card_size(document, id)
        left = center.x() - size.width() / 2
        if least is not None:
            left = max(left, least)
        return edits.move(document, {id: geometry.snapped(left, center.y() - size.height() / 2)})

    def use_data(self, name: str) -> None:
        """Choose a data set with its default options."""
        title = declared(data.get(name).title)
        self._do(self.tr("Use {name}").format(name=title), lambda: edits.set_data(self.document, name))

    # -- wires
    def connect(self, source: str, target: str, port: int | None, instead: Wire | None = None, from_port: int = 0) -> bool:
        """Draw a wire; one that is at the port already gives way, and so does ``instead``."""

        def made() -> Document:
            document = self.document
            if instead is not None:
                document = edits.disconnect(document, instead.source, instead.target, instead.from_port, instead.to_port)
            return edits.connect(document, source, target, from_port, port, replace=True)

        return self._do(self.tr("Wire"), made)

    def disconnect(self, wire: Wire) -> None:
        self._do(self.tr("Remove wire"), lambda: edits.disconnect(self.document, wire.source, wire.target, wire.from_port, wire.to_port))

    def fix(self, problem: Problem) -> bool:
        """Do what the problem's fix offers; a node that it inserts stands in the row of those beside it. Which data set, the user says."""
        fix, wire = problem.fix, problem.wire
        if fix is not None and fix.action == "set_data" and not dict(fix.fields).get("name"):
            self.workbench.data_wanted.emit()
            return False
        if fix is not None and fix.action == "insert" and wire is not None and wire in self.document.wires:
            return self._insert(fix, lambda: (self.document, wire))
        return self._do(declared(fix.label) if fix is not None else self.tr("Fix"), lambda: edits.apply_fix(self.document, problem))

    def insert_between(self, problem: Problem, source: str, target: str, port: int) -> None:
        """The fix of a refused wire: a node between both ends."""

        def wired() -> tuple[Document, Wire]:
            made = edits.connect(self.document, source, target, to_port=port, replace=True)
            return made, made.wires[-1]

        if problem.fix is not None:
            self._insert(problem.fix, wired)

    def _insert(self, fix: Fix, wired: Callable[[], tuple[Document, Wire]]) -> bool:
        """Put the fix's node on a wire of a document that has it."""
        try:
            document, wire = wired()
            made, id = edits.insert(document, wire, fix.layer_type, **dict(fix.fields))
            made = in_row(self.document, made, wire, id)
        except PlaygroundError as error:
            self.workbench.notice.emit(declared(str(error)))
            return False
        self._added(declared(fix.label), made, (id,))
        self.grown.emit()
        return True

    # -- the selection
    def remove(self) -> None:
        """Take the selected nodes and their wires away, or the selected wire."""
        if self.wire is not None:
            wire, self.wire = self.wire, None
            self.disconnect(wire)
        elif self.workbench.selected:
            words = self.tr("Remove {n}").format(n=", ".join(named(id, self.document) for id in self.workbench.selected))
            self._do(words, lambda: edits.remove(self.document, *self.workbench.selected))

    def copy(self) -> None:
        """Put the selected nodes on the clipboard, as the text of a document: it can be pasted into another window, or a letter."""
        if self.workbench.selected:
            fragment = edits.copy(self.document, self.workbench.selected)
            QApplication.clipboard().setText(codec.encode(fragment).decode())
            self._pastes = 0

    def cut(self) -> None:
        self.copy()
        self.remove()

    def paste(self) -> None:
        """Add what was copied, each time a little further off."""
        text = QApplication.clipboard().text()
        if not text.lstrip().startswith("{"):
            self.workbench.notice.emit(self.tr("There are no nodes on the clipboard."))
            return
        try:
            fragment = codec.decode(text.encode(), self.tr("the clipboard"))
        except PlaygroundError as error:
            self.workbench.notice.emit(declared(str(error)))
            return
        self._pastes += 1
        made, nodes = edits.paste(self.document, fragment, (32.0 * self._pastes, 32.0 * self._pastes))
        self._added(self.tr("Paste"), made, nodes)

    def duplicate(self) -> None:
        if self.workbench.selected:
            made, nodes = edits.duplicate(self.document, self.workbench.selected)
            self._added(self.tr("Duplicate"), made, nodes)

    def select_all(self) -> None:
        self.workbench.select(tuple(self.document.nodes))

    def freeze(self) -> None:
        """Freeze the selected nodes, or free them where all are frozen."""
        nodes = [id for id in self.workbench.selected if self.scene.facts.nodes[id].count]
        if not nodes:
            self.workbench.notice.emit(self.tr("Select nodes with weights first: there is nothing to freeze."))
        else:
            frozen = not all(self.document.nodes[id].frozen for id in nodes)
            self._do(self.tr("Freeze") if frozen else self.tr("Let learn"), lambda: edits.freeze(self.document, nodes, frozen))

    def switch_off(self) -> None:
        """Let the chosen neuron answer 0, or as it would again."""
        unit = self.workbench.unit
        if unit is None or unit[0] not in self.document.nodes:
            self.workbench.notice.emit(self.tr("Choose a neuron first, by a click: then it can be switched off."))
            return
        node, number = unit[0], maps.neuron(self.scene.cards[unit[0]].picture, unit[1])
        off = number not in self.document.nodes[node].off
        words = self.tr("Switch neuron {n} off") if off else self.tr("Switch neuron {n} on")
        if maps.is_maps(self.scene.cards[node].picture):
            words = self.tr("Switch map {n} off") if off else self.tr("Switch map {n} on")
        self._do(words.format(n=number + 1), lambda: edits.switch_off(self.document, node, number, off))

    def swap_cell(self, node: str, type: str) -> None:
        """Put another recurrent cell in the place of one; all else stays."""
        if node in self.document.nodes and self.document.nodes[node].type != type:
            self._do(self.tr("Swap the cell for {type}").format(type=type), lambda: swapping.swap_cell(self.document, node, type))

    # -- places
    def move(self, places: Mapping[str, tuple[float, float]], merge: str = "") -> None:
        if places:
            self.workbench.edit(self.tr("Move"), edits.move(self.document, places), merge)

    def nudge(self, dx: int, dy: int) -> None:
        """Move the selection by whole steps of the grid."""
        places = {id: self.document.nodes[id].position for id in self.workbench.selected}
        self.move({id: (x + dx * geometry.SNAP, y + dy * geometry.SNAP) for id, (x, y) in places.items()}, merge="nudge")

    def align(self, edge: layout.Edge) -> None:
        self._arrange(self.tr("Align"), 2, lambda places, sizes: layout.align(places, sizes, edge))

    def distribute(self, axis: Literal["x", "y"]) -> None:
        self._arrange(self.tr("Distribute"), 3, lambda places, sizes: layout.distribute(places, sizes, axis))

    def _arrange(self, text: str, least: int, rule: Callable[[Any, Any], dict[str, tuple[float, float]]]) -> None:
        chosen = self.workbench.selected
        if len(chosen) < least:
            self.workbench.notice.emit(self.tr("{what}: select at least {n} nodes first.").format(what=text, n=least))
            return
        sizes = self.scene.full_sizes()
        places = rule({id: self.document.nodes[id].position for id in chosen}, {id: sizes[id] for id in chosen})
        self.workbench.edit(text, edits.move(self.document, {id: geometry.snapped(*place) for id, place in places.items()}))

    def tidy(self) -> None:
        """Lay all nodes out in layers from left to right."""
        if self.document.nodes:
            long = len(self.document.nodes) > geometry.SHORT and not self.scene.edges
            gap = geometry.CLOSE_GAP if long else geometry.COLUMN_GAP
            places = layout.tidy(self.document, self.scene.full_sizes(), (gap, geometry.ROW_GAP))
            self.workbench.edit(self.tr("Tidy"), edits.move(self.document, places))
            self.grown.emit()

    def halve_rate(self, back: int | None = None) -> None:
        """After a divergence: half the rate, from the moment kept at step ``back``, or from the start."""
        document = self.workbench.own_document
        halved = edits.set_training(document, learning_rate=document.training.learning_rate / 2)
        self.workbench.mend(self.tr("Halve the rate"), halved, back)

    def set_title(self, id: str, title: str) -> None:
        self._do(self.tr("Rename"), lambda: edits.set_title(self.document, id, title))
