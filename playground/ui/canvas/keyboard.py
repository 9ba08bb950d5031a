"""The canvas by keys: walk along the wires, move, wire, look."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from playground.document import Document
from playground.layers.spec import format_shape
from playground.ui.canvas import wiring
from playground.ui.canvas.wiring import DraftWire

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Keyboard(QObject):
    """Keys of the guide's section 11 that belong to the canvas. The window's shortcuts come first."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self._draft: DraftWire | None = None
        self._source = ""
        view.workbench.document_changed.connect(self._document_changed)

    def press(self, event: QKeyEvent) -> bool:
        """Do what the key says; ``False`` where it says nothing here."""
        editor, camera, key = self._view.editor, self._view.camera, event.key()
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        for sequence, action in (
            (QKeySequence.StandardKey.Copy, editor.copy),
            (QKeySequence.StandardKey.Cut, editor.cut),
            (QKeySequence.StandardKey.Paste, editor.paste),
            (QKeySequence.StandardKey.SelectAll, editor.select_all),
            (QKeySequence.StandardKey.Delete, editor.remove),
            (QKeySequence.StandardKey.Undo, self._view.workbench.undo_stack.undo),
            (QKeySequence.StandardKey.Redo, self._view.workbench.undo_stack.redo),
            (QKeySequence.StandardKey.ZoomIn, lambda: camera.step(1)),
            (QKeySequence.StandardKey.ZoomOut, lambda: camera.step(-1)),
        ):
            if event.matches(sequence):
                action()
                return True
        if control:
            if key in _ARROWS:
                editor.nudge(*_ARROWS[key])
            elif key == Qt.Key.Key_D:
                editor.duplicate()
            elif key == Qt.Key.Key_0:
                camera.actual()
            else:
                return False
            return True
        if key == Qt.Key.Key_F:
            self._view.fit_selection() if shift else self._view.fit_all()
        elif key == Qt.Key.Key_Backspace:
            editor.remove()
        elif key == Qt.Key.Key_W:
            self.start_wiring()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or (key == Qt.Key.Key_Space and not self._view.workbench.document.nodes):
            return self._view.hasFocus() and self._enter()
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            return self._choose(key - Qt.Key.Key_1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._draft is None and self._view.workbench.unit is not None:
            return self._choose(self._view.workbench.unit[1] + (1 if key == Qt.Key.Key_Down else -1))
        elif key == Qt.Key.Key_Escape:
            self._escape()
        else:
            return self._draft is not None and key in _ARROWS and self.walk(key in (Qt.Key.Key_Right, Qt.Key.Key_Down))
        return True

    def _enter(self) -> bool:
        """Draw the begun wire; else open the default example, or go into the selected node: to the fields of its form."""
        if self._draft is not None:
            self._finish()
        elif not self._view.workbench.document.nodes:
            self._view.overlays.start.open_default()
        elif len(self._view.workbench.selected) == 1:
            self._view.form_wanted.emit()
        return True

    def _choose(self, unit: int) -> bool:
        """Choose a unit of the one selected node, from 0; ``False`` where none of that number is drawn."""
        selected = self._view.workbench.selected
        card = self._view.scene_.cards.get(selected[0]) if len(selected) == 1 else None
        if card is None or card.facts.output is None or not 0 <= unit < math.prod(card.facts.output) or card.unit_rect(unit) is None:
            return False
        self._view.workbench.select(selected, (card.id, unit))
        return True

    def _escape(self) -> None:
        """Out of wiring, then of the pass on show, then of the unit, then of the node."""
        workbench = self._view.workbench
        if self._draft is not None:
            self.end()
        elif self._view.player.stepping.held or workbench.looking:
            self._view.player.stop()
        elif workbench.unit is not None:
            workbench.select(workbench.selected)
        else:
            self._view.select_wire(None)
            workbench.select(())

    def walk(self, forward: bool) -> bool:
        """Select the next node along the wires; ``False`` at the end, where the focus goes on to the next panel."""
        scene, workbench = self._view.scene_, self._view.workbench
        order = [*scene.facts.order, *(id for id in scene.cards if id not in scene.facts.order)]
        if not order:
            return False
        if not workbench.selected:
            at = 0 if forward else len(order) - 1
        else:
            at = order.index(workbench.selected[-1]) + (1 if forward else -1)
            if self._draft is not None:
                at %= len(order)
        if not 0 <= at < len(order):
            workbench.select(())
            self._view.setAccessibleDescription("")
            return False
        workbench.select((order[at],))
        card = scene.cards[order[at]]
        self._view.setAccessibleDescription(card.accessible())
        if not self._view.camera.visible().contains(card.scene_card()):
            self._view.camera.look(card.scene_card().center(), self._view.camera.zoom, animated=True)
        self._preview()
        return True

    def start_wiring(self) -> None:
        """Begin a wire at the selected node."""
        workbench = self._view.workbench
        if len(workbench.selected) != 1:
            workbench.notice.emit(self.tr("Select the node that the wire starts from, then press W."))
            return
        card = self._view.scene_.cards[workbench.selected[0]]
        if not card.facts.has_output:
            workbench.notice.emit(self.tr("{node} gives nothing on: an Output ends the network.").format(node=card.title))
            return
        self.end()
        self._source = card.id
        self._draft = DraftWire(self._view.theme)
        self._view.scene_.addItem(self._draft)
        self._preview()
        workbench.notice.emit(
            self.tr("Wire from {node}: Tab to the node it goes to, Enter draws it, Esc does not.").format(node=card.title)
        )

    def _preview(self) -> None:
        if self._draft is None:
            return
        scene, selected = self._view.scene_, self._view.workbench.selected
        start = scene.cards[self._source].pos() + scene.cards[self._source].output_port()
        if not selected or selected[0] == self._source:
            self._draft.show_wire(start, start + QPointF(48, 0))
            return
        target = scene.cards[selected[0]]
        made = wiring.offer(self._view.workbench.document, scene, self._source, target.id)
        end = target.pos() + target.input_port(made.port)
        if made.problem is not None:
            self._draft.show_wire(start, end, words=wiring.sentence(made.problem, scene, made), bad=True)
        else:
            shape = scene.facts.nodes[self._source].output
            self._draft.show_wire(start, end, chip=format_shape(shape) if shape is not None else "?")

    def _finish(self) -> None:
        selected, source = self._view.workbench.selected, self._source
        if not selected or selected[0] == source:
            return
        made = wiring.offer(self._view.workbench.document, self._view.scene_, source, selected[0])
        self.end()
        self._view.finish_wire(made)

    def _document_changed(self, before: Document, after: Document) -> None:
        """A wire begun at a node that is gone is given up."""
        if self._draft is not None and self._source not in after.nodes:
            self.end()

    def end(self) -> None:
        """Give the begun wire up."""
        if self._draft is not None:
            self._view.scene_.removeItem(self._draft)
            self._draft = None
