"""The second canvas of a comparison: the same cards with another moment's numbers. To look at, not to edit."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QTransform, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsView, QWidget

from playground.anim.cursor import Cursor
from playground.document import Document
from playground.engine.live.snapshot import Beside, Snapshot
from playground.engine.timeline.branches import adopted
from playground.ui.canvas.camera import hide_bars
from playground.ui.canvas.dots import dots
from playground.ui.canvas.hover import Hover
from playground.ui.canvas.lights import Lights
from playground.ui.canvas.pulses import PulseItem
from playground.ui.canvas.readings import Readings
from playground.ui.canvas.scene import CanvasScene
from playground.ui.canvas.view import CanvasView
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

PLAIN_BELOW = 0.5
"""Below this zoom the dots are left out, as on the first canvas."""


class SideView(QGraphicsView):
    """Follows the first canvas in all but its numbers: camera, cursor, selection, lights. Dragged or zoomed, it moves both."""

    def __init__(self, workbench: Workbench, theme: Theme, main: CanvasView, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench, self.theme, self._main = workbench, theme, main
        self.setObjectName("canvas_beside")
        self.viewport().setObjectName("canvas_beside_viewport")
        self.setAccessibleName(self.tr("Canvas of the compared moment"))
        self.scene_ = CanvasScene(theme, self)
        self.setScene(self.scene_)
        self.scene_.darkroom.sight = self.visible
        self.pulses, self.readings, self.lights = PulseItem(self.scene_), Readings(self.scene_), Lights(self.scene_)
        for item in (self.pulses, self.readings, self.lights):
            self.scene_.addItem(item)
        self._hover = Hover(self)
        self._beside: Beside | None = None
        self._documents: tuple[Document, Document] | None = None
        self._zoom = 0.0
        self._pressed: QPointF | None = None
        self._dots = dots(theme)
        self._set_up()

    def _set_up(self) -> None:
        hide_bars(self)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # all that keys do is done on the first canvas
        self.setMinimumSize(240, 120)

    def set_theme(self, theme: Theme) -> None:
        """Take other colors."""
        self.theme, self._dots = theme, dots(theme)
        self.scene_.set_theme(theme)
        for item in (self.pulses, self.readings, self.lights):
            item.theme = theme
            item.update()
        self.viewport().update()

    # -- what is shown
    def show_beside(self, beside: Beside) -> None:
        """Show this moment's numbers; nothing is drawn anew where they are those already shown."""
        before, self._beside = self._beside, beside
        self.show_document()
        if before is None or not _same_values(before, beside):
            self.scene_.feed(Snapshot(0, "paused", trace=beside.trace, parameters=beside.parameters, plane=beside.plane))
            self.share_scales()
            self.set_cursor(self._main.scene_.cursor_at)
            self.light()

    def show_document(self) -> None:
        """The moment's network, its nodes where the first canvas has them."""
        if self._beside is None:
            return
        here, there = self.workbench.document, self._beside.moment.document
        if self._documents is not None and self._documents[0] is here and self._documents[1] is there:
            return
        self._documents = here, there
        self.scene_.show_document(adopted(here, there))
        self.scene_.set_compact(self._main.scene_.compact)
        self.share_scales()
        self.select()

    def share_scales(self) -> None:
        """One scale for a node's two cards, wide enough for both: else the same color would mean different numbers."""
        for id, card in self.scene_.cards.items():
            other = self._main.scene_.cards.get(id)
            if other is None or card.scale is other.scale or card.scale.ramp != other.scale.ramp or card.scale.fixed:
                continue
            grown = card.scale.limit > other.scale.limit
            other.scale.limit = max(card.scale.limit, other.scale.limit)
            card.scale = other.scale
            card.refresh()
            if grown:
                other.refresh()

    def set_cursor(self, cursor: Cursor | None) -> None:
        """Stand where the first canvas stands, in the pass of the same sample with this moment's weights."""
        cursor = self._fitting(cursor)
        trace = self._beside.trace if self._beside is not None else None
        self.scene_.set_cursor(cursor)
        self.pulses.show_pass(trace, cursor)
        self.readings.show_pass(trace if self.workbench.pace == "explain" else None, cursor)

    def _fitting(self, cursor: Cursor | None) -> Cursor | None:
        """The cursor as far as this network has its place: another number of units has other cells."""
        if cursor is None or cursor.stage.node not in self.scene_.cards:
            return None
        return cursor if cursor.cell is None or self._alike(cursor.stage.node) else replace(cursor, cell=None)

    def _alike(self, node: str) -> bool:
        mine, other = self.scene_.facts.nodes.get(node), self._main.scene_.facts.nodes.get(node)
        return mine is not None and other is not None and (mine.output, mine.parameters) == (other.output, other.parameters)

    def light(self) -> None:
        """Ring what is lit, cover what is asked for."""
        hidden = self.workbench.hidden
        self.lights.show_places(self.workbench.lit, self.workbench.covered)
        for item in (self.pulses, self.readings):
            item.setVisible(not hidden)
        for edge in self.scene_.edges.values():
            edge.tell(not any(name == "weight" for _, name, _ in hidden))

    def select(self) -> None:
        """The workbench's selection, as far as its nodes are here."""
        unit = self.workbench.unit
        self.scene_.select(self.workbench.selected, unit if unit is not None and self._has(*unit) else None)

    def hover(self, node: str, unit: int | None) -> None:
        """The pointer is over this node or unit, here or on the first canvas."""
        for id, card in self.scene_.cards.items():
            if card.state.hover != (id == node):
                card.state.hover = id == node
                card.refresh(urgent=True)
        self.scene_.hover_unit((node, unit) if unit is not None and self._has(node, unit) else None)

    def _has(self, node: str, unit: int) -> bool:
        known = self.scene_.facts.nodes.get(node)
        return known is not None and bool(known.output) and unit < (known.output or (0,))[-1]

    # -- the camera is the first canvas's
    def look(self) -> None:
        """Look where the first canvas looks, as large."""
        camera = self._main.camera
        self.scene_.set_compact(self._main.scene_.compact)
        self.setTransform(QTransform.fromScale(camera.zoom, camera.zoom))
        self.centerOn(camera.center)
        self.scene_.darkroom.moved(zoomed=camera.zoom != self._zoom)
        self._zoom = camera.zoom

    def visible(self) -> QRectF:
        """What can be seen, in scene coordinates."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def resizeEvent(self, event: QEvent) -> None:
        self.look()

    def paintEvent(self, event: QPaintEvent) -> None:
        self.scene_.darkroom.begin_frame()
        super().paintEvent(event)

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        if self._zoom < PLAIN_BELOW:
            painter.fillRect(rect, self.theme.color("canvas"))
        else:
            painter.fillRect(rect, self._dots)

    # -- the pointer
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            return
        point = self.mapToScene(event.position().toPoint())
        card = self.scene_.card_at(point) if event.button() == Qt.MouseButton.LeftButton else None
        if card is None:
            self._pressed = event.position()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif card.id in self.workbench.document.nodes:
            unit = card.unit_at(point - card.pos())
            self.workbench.select((card.id,), (card.id, unit) if unit is not None else None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is not None:
            self._main.camera.pan(event.position() - self._pressed)
            self._pressed = event.position()
        else:
            self._hover.move(self.mapToScene(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed = None
        self.viewport().unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """As on the first canvas, about the same place of it."""
        off = event.position() - QRectF(self.viewport().rect()).center()
        self._main.camera.wheel(event, QRectF(self._main.viewport().rect()).center() + off)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover.leave()
        super().leaveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._hover.show_tip(event.pos(), event.globalPos())
            return True
        if event.type() == QEvent.Type.Leave:
            self.leaveEvent(event)
        return super().viewportEvent(event)


def _same_values(one: Beside, two: Beside) -> bool:
    return one.trace is two.trace and one.parameters is two.parameters and one.plane is two.plane
