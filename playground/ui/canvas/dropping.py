"""Drops from the palette: a layer on the canvas or onto a wire, a data set, an example; and from outside: a file or a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPointF, QRectF, Qt
from PySide6.QtGui import QDragMoveEvent, QDropEvent, QPainter

from playground.ui.canvas.wire import WireItem
from playground.ui.painters import tools

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

LAYER = "application/x-playground-layer"
DATA = "application/x-playground-data"
EXAMPLE = "application/x-playground-example"
FILE = "text/uri-list"
FRAME_INSET = 8.0


def carried(mime: QMimeData) -> tuple[str, str] | None:
    """Which of the four kinds a drag carries, and its name; of a file its path."""
    for kind in (LAYER, DATA, EXAMPLE):
        if mime.hasFormat(kind):
            return kind, bytes(mime.data(kind).data()).decode("utf-8")
    return next(((FILE, url.toLocalFile()) for url in mime.urls() if url.isLocalFile()), None)


class Dropping:
    """Says where a drop would go while it hovers, and does it."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view
        self._active = False
        self._wire: WireItem | None = None

    def enter(self, event: QDragMoveEvent) -> None:
        if carried(event.mimeData()) is None:
            event.ignore()
            return
        self._set_active(True)
        event.acceptProposedAction()

    def move(self, event: QDragMoveEvent, at: QPointF) -> None:
        """``at`` is in px of the viewport."""
        what = carried(event.mimeData())
        if what is None:
            event.ignore()
            return
        self._aim(self._wire_under(at) if what[0] == LAYER else None)
        event.acceptProposedAction()

    def leave(self) -> None:
        self._aim(None)
        self._set_active(False)

    def drop(self, event: QDropEvent, at: QPointF) -> None:
        what = carried(event.mimeData())
        if what is None:
            event.ignore()
            return
        kind, name = what
        point = self._view.mapToScene(at.toPoint())
        wire = self._wire_under(at) if kind == LAYER else None
        self.leave()
        event.acceptProposedAction()
        if kind == LAYER:
            self._view.editor.add(name, point, wire.wire if wire is not None else None)
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)
        elif kind == DATA:
            self._view.editor.use_data(name)
        elif kind == FILE:
            self._view.workbench.files_dropped.emit(name)
        else:
            self._view.workbench.example_wanted.emit(name)

    def _wire_under(self, at: QPointF) -> WireItem | None:
        scene, point = self._view.scene_, QPointF(self._view.mapToScene(at.toPoint()))
        found = scene.wire_at(point)
        if found is not None or scene.card_at(point) is not None:
            return found
        for wire, item in scene.edges.items():  # where weights are drawn, all that lies between the two cards is the wire
            lines = item.edges.lines
            if wire in scene.wires and len(lines):
                ends = lines.reshape(-1, 2)
                if QRectF(QPointF(*ends.min(axis=0)), QPointF(*ends.max(axis=0))).contains(point):
                    return scene.wires[wire]
        return None

    def _aim(self, wire: WireItem | None) -> None:
        if wire is not self._wire:
            for item, on in ((self._wire, False), (wire, True)):
                if item is not None:
                    item.drop_target = on
                    item.update()
            self._wire = wire

    def _set_active(self, active: bool) -> None:
        self._active = active
        self._view.viewport().update()

    def paint(self, painter: QPainter) -> None:
        """The dashed accent frame inside the canvas's edges."""
        if not self._active:
            return
        painter.save()
        painter.resetTransform()
        i = FRAME_INSET
        painter.setPen(tools.pen(self._view.theme.color("accent"), 1.5, (6, 4)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self._view.viewport().rect()).adjusted(i, i, -i, -i), 8, 8)
        painter.restore()
