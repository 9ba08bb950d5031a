"""The canvas widget: shows the workbench's document, takes mouse, keys and drops, and holds the overlays around the scene."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QFrame, QGraphicsView, QWidget

from playground import turns
from playground.document import Document, Problem, Wire, another
from playground.engine.live import commands
from playground.engine.live.snapshot import Snapshot
from playground.ui.canvas import clicks, places
from playground.ui.canvas.camera import Camera, hide_bars
from playground.ui.canvas.dots import dots
from playground.ui.canvas.dropping import Dropping
from playground.ui.canvas.editing import Editor
from playground.ui.canvas.feeding import Feeding
from playground.ui.canvas.gestures import Gesture, Pan
from playground.ui.canvas.hover import Hover
from playground.ui.canvas.keyboard import Keyboard
from playground.ui.canvas.lights import Lights
from playground.ui.canvas.overlays import Overlays
from playground.ui.canvas.player import Player
from playground.ui.canvas.scene import CanvasScene
from playground.ui.canvas.sizing import Sizing
from playground.ui.canvas.wiring import Offer, sentence
from playground.ui.dialogs.matrix import MatrixDialog
from playground.ui.in_turn import CROWD
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

FINE_GRID, COARSE_GRID = 40, 10
FINE_BOUNDARY, COARSE_BOUNDARY = 120, 60


class CanvasView(QGraphicsView):
    """The canvas. ``editor`` is what it can do to the document, ``camera`` where it looks, ``player`` the pass on show."""

    form_wanted = Signal()
    """Enter on a node: to its form."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workbench, self.theme = workbench, theme
        self.setObjectName("canvas")
        self.viewport().setObjectName("canvas_viewport")
        self.setAccessibleName(self.tr("Canvas"))
        self.scene_ = CanvasScene(theme, self)
        self.setScene(self.scene_)
        self.camera, self.sizing = Camera(self), Sizing(self)
        self.scene_.darkroom.sight = self.camera.visible
        self.editor = Editor(workbench, self.scene_, self)
        self.player = Player(workbench, self.scene_, self)
        self.lights = Lights(self.scene_)
        self.scene_.addItem(self.lights)
        self.overlays = Overlays(self)
        self.dropping = Dropping(self)
        self._keyboard = Keyboard(self)
        self._gesture: Gesture | None = None
        self._pressed = (0, QPointF(), QPointF())
        """When and where the button went down last: on the view, and in the scene as it then lay."""
        self._hover = Hover(self)
        self._space = False
        self._watched: commands.Watch | None = None
        self._set_up()
        self._feeding = Feeding(self)
        self._zoom = 0.0
        self._watching = QTimer(self, singleShot=True, interval=120)
        self._watching.timeout.connect(self._watch)
        self.camera.changed.connect(self._looked)
        self.editor.grown.connect(self._keep_in_sight)
        workbench.document_changed.connect(self._show_document)
        workbench.snapshot_changed.connect(self._show_snapshot)
        workbench.selection_changed.connect(self._show_selection)
        workbench.lit_changed.connect(self._light)
        workbench.hidden_changed.connect(self._light)
        self.player.moved.connect(lambda _: self._light())
        self.player.moved.connect(self.overlays.unrolled.moved)
        workbench.leave_wanted.connect(self.player.stop)
        self.overlays.unrolled.changed.connect(self._watching.start)
        self.overlays.unrolled.changed.connect(self._show_selection)  # unrolled it needs no ring: that would look out from behind
        workbench.theme_changed.connect(self.set_theme)
        workbench.motion_changed.connect(self._set_motion)
        workbench.problem_shown.connect(self.overlays.show_problem)
        self._set_motion(workbench.reduced_motion)
        self.set_theme(theme)
        self._show_document(Document(), workbench.document)

    def _set_up(self) -> None:
        hide_bars(self)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.SmartViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setAcceptDrops(True)
        self.viewport().setAcceptDrops(True)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 200)

    # -- following the workbench
    def set_theme(self, theme: Theme) -> None:
        """Take other colors."""
        self.theme = theme
        self._dots = dots(theme)
        self.scene_.set_theme(theme)
        self.player.set_theme(theme)
        self.lights.theme = theme
        self.lights.update()
        self.overlays.set_theme(theme)
        self.viewport().update()

    def _set_motion(self, reduced: bool) -> None:
        self.camera.reduced = reduced

    def _show_document(self, before: Document, after: Document) -> None:
        self._hover.forget()
        if self._gesture is not None and set(before.nodes) - set(after.nodes):
            self._gesture.cancel()
            self._gesture = None
        self.scene_.show_document(after)
        self.scene_.set_compact(self.sizing.wants_compact(self.viewport().height()))
        if self.editor.wire is not None and self.editor.wire not in after.wires:
            self.editor.wire = None
        self._show_selection()
        self.overlays.document_changed()
        if another(before, after) and len(after.nodes) > 1:
            self.open_view(after)
        elif not before.nodes and after.nodes:
            self.camera.fitted = False  # the first node stays where it was dropped
        elif [n.position for n in before.nodes.values()] != [n.position for n in after.nodes.values()] and not self._in_sight():
            self.fit_all()  # an undo goes back to where cards were, the eye may be elsewhere
        self._watching.start()
        self.viewport().update()
        if another(before, after) or len(after.nodes) > CROWD:
            self._feeding.hold(anyway=True)

    def open_view(self, document: Document) -> None:
        """Look where the document was last looked at, else at all of it."""
        view = document.view
        if view.center is not None and view.zoom is not None:
            self.camera.look(QPointF(*view.center), view.zoom)
        else:
            self.fit_all(animated=False)

    def _show_snapshot(self, snapshot: Snapshot) -> None:
        self.overlays.snapshot_changed(snapshot)
        if self.player.stepping.busy and not self.player.active:
            self._feeding.now()
            self.player.stepping.take(snapshot)
            return
        if self.player.takes(snapshot):
            self._feeding.now()
            self.player.play(snapshot)
            return
        if self.player.active:
            return
        if snapshot.phase == "training" or len(self.scene_.cards) > CROWD:
            self._feeding.soon()
        elif not snapshot.pictures_as(self.scene_.snapshot):  # a study goes on, say, of which the canvas shows nothing
            self._feeding.now()
            self._feeding.hold()

    def feed(self) -> None:
        """Show the present values."""
        phase = self.scene_.snapshot.phase
        self.scene_.feed(self.workbench.snapshot)
        self.overlays.values_changed()
        self.workbench.pictured = self.workbench.snapshot
        self.workbench.pictured_changed.emit()
        if phase != self.workbench.snapshot.phase:
            self._watch()

    def _show_selection(self) -> None:
        if self.workbench.selected and self.editor.wire is not None:
            self.select_wire(None)
        self.scene_.select(tuple(id for id in self.workbench.selected if id != self.overlays.unrolled.node), self.workbench.unit)
        self.overlays.values_changed()

    def _light(self) -> None:
        """Ring what is lit; cover what is asked for, and leave out the numbers that ride on pulses and edges meanwhile."""
        hidden = self.workbench.hidden
        self.lights.show_places(self.workbench.lit, self.workbench.covered)
        for item in (self.player.pulses, self.player.readings):
            item.setVisible(not hidden)
        for edge in self.scene_.edges.values():
            edge.tell(not any(name == "weight" for _, name, _ in hidden))

    def select_wire(self, wire: Wire | None) -> None:
        """Select a wire (instead of nodes)."""
        self.editor.wire = wire
        if wire is not None:
            self.workbench.select(())
        for other, item in self.scene_.wires.items():
            if item.selected != (other == wire):
                item.selected = other == wire
                item.update()

    def _watch(self) -> None:
        """Tell the worker what can be seen, so that it computes nothing else."""
        nodes = self.overlays.unrolled.needs() | self._in_sight()
        coarse = self.workbench.snapshot.phase == "training" and self.workbench.pace == "fast"
        watch = commands.Watch(nodes, COARSE_GRID if coarse else FINE_GRID, COARSE_BOUNDARY if coarse else FINE_BOUNDARY)
        if watch != self._watched:
            self._watched = watch
            self.workbench.session.send(watch)

    # -- looking
    def fit_all(self, animated: bool = True) -> None:
        """Show the whole network."""
        self.camera.fit(self.scene_.content(), animated)

    def fit_selection(self) -> None:
        if self.workbench.selected:
            self.camera.fit(self.scene_.content(self.workbench.selected), whole=False)

    def _looked(self) -> None:
        zoomed = self.camera.zoom != self._zoom
        self.scene_.darkroom.moved(zoomed=zoomed)
        self._zoom = self.camera.zoom
        if zoomed:
            self.player.readings.zoomed()
        self.overlays.looked()
        self._watching.start()

    @turns.window
    def paintEvent(self, event: QPaintEvent) -> None:
        self.scene_.darkroom.begin_frame()
        super().paintEvent(event)

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        if self.camera.zoom < 0.5:
            painter.fillRect(rect, self.theme.color("canvas"))
        else:
            painter.fillRect(rect, self._dots)

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        self.dropping.paint(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setUpdatesEnabled(True)  # of another size Qt keeps no pixels: nothing can be held
        self.scene_.darkroom.resized()
        self.overlays.place()
        self.sizing.changed()

    # -- wires
    def finish_wire(self, made: Offer, instead: Wire | None = None) -> None:
        """Draw the wire if it fits (``instead`` of another); else say why not and offer the remedy."""
        if made.problem is None:
            self.overlays.strip.dismiss()
            self.editor.connect(made.source, made.target, made.port, instead, made.from_port)
            return
        self.overlays.show_refusal(sentence(made.problem, self.scene_, made), made)

    def show_problem(self, problem: Problem | None) -> None:
        self.overlays.show_problem(problem)

    # -- mouse
    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        point = self.mapToScene(at.toPoint())
        if self._gesture is not None:
            return
        if event.button() == Qt.MouseButton.MiddleButton or (event.button() == Qt.MouseButton.LeftButton and self._space):
            self._gesture = Pan(self, at)
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._keyboard.end()
        self._pressed, self._gesture = (event.timestamp(), at, point), clicks.pressed(self, point, event)

    @turns.window
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        point = self.mapToScene(at.toPoint())
        if self._gesture is not None:
            self._gesture.move(point, at)
        else:
            self._hover.move(point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._gesture is not None and event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            gesture, self._gesture = self._gesture, None
            gesture.release(self.mapToScene(event.position().toPoint()), event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        point = self.just_pressed(event, event.position())
        if not clicks.open_weights(self, event, event.position(), self.mapToScene(event.position().toPoint()) if point is None else point):
            self.mousePressEvent(event)

    def just_pressed(self, event: QMouseEvent, at: QPointF) -> QPointF | None:
        """Where in the scene a double click at ``at`` (view px) began, ``None`` if elsewhere: a card that is selected may have moved since,
        or lie under a lens now."""
        when, where, point = self._pressed
        near = (at - where).manhattanLength() <= QApplication.startDragDistance()
        return point if near and event.timestamp() - when <= QApplication.doubleClickInterval() else None

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        clicks.open_menu(self, event)

    def edit_matrix(self, node: str) -> None:
        """Open the table of all weights of ``node``."""
        self.overlays.weights.put_away()
        MatrixDialog(self.workbench, self.theme, node, self.scene_.cards[node].title, self.window()).open()

    @turns.window
    def wheelEvent(self, event: QWheelEvent) -> None:
        self.camera.wheel(event, event.position())

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

    # -- keys and drops: each has its own file
    @turns.window
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._gesture is not None:
            self._gesture.cancel()
            self._gesture = None
        elif not self._keyboard.press(event):
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Space held down turns the pointer into a hand; tapped, it is the window's shortcut (train or pause). On the start page it
        is the canvas's own: there is nothing to train, and an example stands ringed."""
        kinds = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyRelease)
        if isinstance(event, QKeyEvent) and event.type() in kinds and event.key() == Qt.Key.Key_Space:
            pressed = event.type() == QEvent.Type.ShortcutOverride
            self._space = pressed and bool(self.workbench.document.nodes)
            if pressed and not self._space:
                event.accept()
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._space = False
        super().focusOutEvent(event)

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab walks along the wires while the canvas has the focus, and leaves at either end."""
        return (self.hasFocus() and self._keyboard.walk(next)) or super().focusNextPrevChild(next)

    def start_wiring(self) -> None:
        """Wire from the selected node by keys: then choose a node and press Enter."""
        self._keyboard.start_wiring()

    def add_layer(self, type: str) -> str | None:
        """Add a layer after the selection (palette's Enter and double click)."""
        return self.editor.add(type)

    def _in_sight(self) -> frozenset[str]:
        """The nodes of which anything can be seen."""
        seen = self.camera.visible()
        return frozenset(id for id, card in self.scene_.cards.items() if card.scene_card().intersects(seen))

    def _keep_in_sight(self) -> None:
        if not self.camera.visible().contains(self.scene_.content()):
            self.fit_all()

    def dragEnterEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self.dropping.enter(event)

    def dragMoveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self.dropping.move(event, event.position())

    def dragLeaveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self.dropping.leave()

    def dropEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self.dropping.drop(event, event.position())

    def places(self) -> dict[str, tuple[int, int, int, int]]:
        """Global rectangles of nodes, ports and units by name, for tests and screen readers."""
        return places.of(self)
