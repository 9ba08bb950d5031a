"""A recurrent node opened into its steps, over the canvas: it follows its card, the pass on show and training, and is moved by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QToolTip

from playground import turns
from playground.anim.cursor import Cursor
from playground.anim.time_cells import REVERSE, suffixes
from playground.document import edits
from playground.engine.live.snapshot import DRAWING
from playground.ui.canvas.unrolled import linking, painting, sight, way_back, wording
from playground.ui.canvas.unrolled.head import Head
from playground.ui.canvas.unrolled.layout import LEAST_PITCH, MOST_PITCH, PITCH, Layout
from playground.ui.canvas.unrolled.norm_curves import comparison
from playground.ui.canvas.unrolled.one_error import Errors
from playground.ui.canvas.unrolled.opening import Opening
from playground.ui.canvas.unrolled.pictures import Pictures
from playground.ui.canvas.unrolled.reading import Strip, read
from playground.ui.in_turn import InTurn
from playground.ui.painters import course, tools
from playground.ui.theme import Theme

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

LOW = 480
"""A strip of less px in height leaves the way back out while a condition is looked for."""
REACH = 14.0
"""How near to the bracket's handle a press has to be, px."""


class Unrolled(InTurn, QFrame):
    """Hidden until a node is unrolled. ``node`` is the one that is, ``""`` for none."""

    changed = Signal()
    """Another node is unrolled, or none any more."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self.setObjectName("unrolled")
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # nothing of the canvas below it need be drawn
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._view, self._theme = view, view.theme
        self.node, self.end = "", ""
        self.focus_row: int | None = None
        """The row that is shown by itself."""
        self.strip: Strip | None = None
        self.errors = Errors()
        self.rings: list[QRectF] = []
        """Where what the Explain panel lit was ringed when it was last painted."""
        self._pitch: float | None = None
        self._start = 0.0
        self._settled = True
        """Whether the steps on show were chosen: by a hand, a pass, or where the error turned out to be."""
        self._going: str | None = None
        """The direction at which a pass stands in the node."""
        self._tried: tuple[str, ...] | None = None
        """The user's own text, if that is on show."""
        self._held: str = ""
        """What the pressed button holds: ``"grip"`` (the scroll bar's), ``"bracket"``."""
        self._from = (0.0, 0.0)
        self._wanted: int | None = None
        """What the bracket is being dragged to."""
        self._build()
        self.set_theme(view.theme)
        self.hide()

    def _build(self) -> None:
        self.head = Head(self)
        self.pictures = Pictures(self, self._view)
        self.opening = Opening(self, self._view)
        self.head.ways.chosen.connect(lambda at: self._turn(REVERSE if at else ""))
        self.head.types.chosen.connect(lambda at: self._view.editor.swap_cell(self.node, self.head.cells[at]))
        self.head.fold.clicked.connect(self.fold)
        self._view.workbench.lit_changed.connect(self.update)

    # -- opening and following
    def open(self, node: str) -> bool:
        """Unroll ``node``; ``False`` where it does not go through time."""
        strip = read(self._view.scene_, node, self.end)
        if strip is None:
            return False
        self.node, self.focus_row, self._pitch, self._start, self._settled = node, None, None, 0.0, False
        self.follow()
        self.show()
        self.raise_()
        self.setFocus()
        self.changed.emit()
        self.opening.begin(node)
        return True

    def fold(self) -> None:
        """Back to the whole network."""
        if self.node:
            self.node, self.strip = "", None
            self.pictures.hits.forget()
            self.opening.stop()
            self.hide()
            self._view.setFocus()
            self.changed.emit()

    def needs(self) -> frozenset[str]:
        """The nodes that it shows values of: the worker has to trace them, wherever the canvas looks."""
        if not self.node:
            return frozenset()
        cards = self._view.scene_.cards
        ends = {id for id, card in cards.items() if card.facts.layer is not None and card.facts.layer.trace_kind in ("input", "output")}
        sources = {wire.source for wire in self._view.scene_.wires if wire.target == self.node}
        return frozenset(ends | sources | {self.node})

    def follow(self) -> None:
        """Show the present values; fold where the node has gone, or does not go through time any more."""
        if not self.node:
            return
        self.strip = read(self._view.scene_, self.node, self.end)
        if self.strip is None:
            self.fold()
            return
        present = course.present(self.strip.picture, self.strip.cursor)
        going, self._going = self._going, present[0] if present is not None else None
        if self._going not in (None, going, self.strip.end):  # the pass has come to the other direction
            self.strip = read(self._view.scene_, self.node, self._going or "") or self.strip
        self.end = self.strip.end
        if self.focus_row is not None and self.focus_row >= len(self.strip.rows):
            self.focus_row = None
        type = self._view.scene_.cards[self.node].node.type
        self.head.show_for(type, len(suffixes(self.strip.picture.fields)) > 1, self.end == REVERSE)
        self.pictures.show_strip(self.strip)
        hidden = bool(self._view.workbench.hidden)
        self.setVisible(not hidden)
        self._start = min(max(self._start, 0.0), self.layout_.last_start)
        trace = self.strip.picture.trace
        tried = self.strip.letters if trace is not None and trace.split == DRAWING else None
        if tried != self._tried:  # another letter was typed, or a sample is followed again
            self._tried, self._settled = tried, False
        if not self._settled:
            self._settle(self.strip)
        self.update()

    def _settle(self, strip: Strip) -> None:
        """Just opened: go where a pass stands, else where the error comes in. While no error is known, as of a text that is tried, to the
        last step that is read. A step of which Explain tells is in sight."""
        made = self.layout_
        if strip.cursor is not None:
            self._scroll_to(sight.of_pass(strip))
            if (step := sight.told(strip)) is not None:
                self.reveal(step)
        elif (step := self.errors.begin(strip, sight.room(made))) is not None:
            self._scroll_to(sight.of_error(strip, made, step))
        else:
            self._start = sight.of_end(strip, made)
        if strip.cursor is None and (chosen := self.chosen_step()) is not None:
            self.reveal(chosen)

    def moved(self, cursor: Cursor | None) -> None:
        """A frame of the pass: keep its step in sight."""
        if not self.node:
            return
        before = sight.told(self.strip)
        self.follow()
        if (step := sight.told(self.strip)) is not None and step != before:
            self.reveal(step)

    def reveal(self, step: int) -> None:
        """Bring a step into sight."""
        start = sight.with_step(self.strip, self.layout_, step)
        if start is not None:
            self._scroll_to(start)

    def _turn(self, end: str) -> None:
        self.end = end
        self.follow()

    @property
    def layout_(self) -> Layout:
        """Where everything stands now."""
        strip = self.strip
        steps = max(strip.steps, 1) if strip is not None else 1
        rows = 1 if self.focus_row is not None else len(strip.rows) if strip is not None else 1
        back, answers = strip is not None and bool(strip.norms), strip is not None and strip.answers is not None
        units, (top, side) = strip.units if strip is not None else 1, self.pictures.taken
        back &= not self.pictures.finding or self.height() >= LOW  # the rows that are looked through need the room
        made = Layout(self.width() - side, self.height(), rows, steps, units, PITCH, self._start, back, answers, top)
        return replace(made, pitch=self._pitch if self._pitch is not None else self._opening(made.room, steps))

    def _opening(self, room: float, steps: int) -> float:
        """The pitch that it opens with: all steps where they can stand apart, else as many whole ones as are legible."""
        fitting = room / steps
        return min(fitting, MOST_PITCH) if fitting >= 52 else room / max(round(room / PITCH), 1)

    def chosen_step(self) -> int | None:
        """The step that is explained because the user chose a cell of it."""
        cell = self._view.workbench.cell
        return cell[2][0] if cell is not None and cell[0] == self.node and len(cell[2]) == 2 else None

    def choose_unit(self, unit: int) -> None:
        """Select a unit, and the cell of it where one of another was chosen."""
        strip, step, cell = self.strip, self.chosen_step(), self._view.workbench.cell
        if strip is not None:
            entry = course.entry_of(strip.picture, strip.end, strip.steps - 1 if step is None else step, unit)
            same = (cell[0], cell[1], (cell[2][0], unit)) if cell is not None and step is not None else None
            self._view.workbench.select((self.node,), (self.node, entry), same)

    # -- by hand
    def _scroll_to(self, start: float) -> None:
        self._settled = True
        self._start = min(max(start, 0.0), self.layout_.last_start)
        self.update()

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Wider or narrower steps, about ``x``; as narrow as shows all of them."""
        made = self.layout_
        x = made.left + made.room / 2 if x is None else x
        fixed = (x - made.left) / made.pitch + made.start
        self._pitch = min(max(made.pitch * factor, min(made.room / made.steps, PITCH), LEAST_PITCH), MOST_PITCH)
        self._start = fixed - (x - made.left) / self._pitch
        self._scroll_to(self._start)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turns = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(1.2 ** (turns.y() / 120), event.position().x())
        else:
            by = turns.x() or turns.y()
            self._scroll_to(self._start - by / 120 * max(1.0, 60 / self.layout_.pitch))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus()
        at, made, strip = event.position(), self.layout_, self.strip
        if event.button() != Qt.MouseButton.LeftButton or strip is None:
            return
        if made.scrolls and made.scroll_bar.adjusted(0, -4, 0, 6).contains(at):
            self._held, self._from = "grip", (at.x(), self._start)
        elif made.back and (way_back.handle(strip, made, strip.truncate) - at).manhattanLength() <= REACH:
            self._held, self._wanted = "bracket", strip.truncate
        elif self.errors.press(strip, made, at):
            self.update()
        elif at.x() < made.left:
            self._choose_row(at, made)
        else:
            self._choose(at, made, strip)

    def _choose_row(self, at: QPointF, made: Layout) -> None:
        """A row's name shows it by itself, and all of them again."""
        for row in range(made.rows):
            if made.row(row).top() <= at.y() < made.row(row).bottom():
                self.focus_row = row if self.focus_row is None and made.rows > 1 else None
                self.follow()
                return

    def _choose(self, at: QPointF, made: Layout, strip: Strip) -> None:
        """Select the unit and the cell under the pointer: Explain tells how its number came about."""
        found = made.entry_at(at, strip.unit)
        if found is None:
            return
        row = self._row(found[0])
        unit = course.entry_of(strip.picture, strip.end, found[1], found[2])
        self._view.workbench.select((self.node,), (self.node, unit), (self.node, row.name, (found[1], found[2])))

    def _row(self, at: int) -> course.Row:
        assert self.strip is not None
        return self.strip.rows[self.focus_row if self.focus_row is not None else at]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at, made, strip = event.position(), self.layout_, self.strip
        if strip is None:
            return
        if self._held == "grip":
            free = made.scroll_bar.width() - made.scroll_grip.width()
            self._scroll_to(self._from[1] + (at.x() - self._from[0]) / max(free, 1.0) * made.last_start)
        elif self._held == "bracket":
            self._wanted = way_back.truncated_at(strip, made, at.x())
            self.update()
        else:
            near = made.back and (way_back.handle(strip, made, strip.truncate) - at).manhattanLength() <= REACH
            self.setCursor(Qt.CursorShape.SizeHorCursor if near else Qt.CursorShape.ArrowCursor)
            linking.point(self._view.workbench, linking.entry_at(strip, made, self.focus_row, at) if self.head.mode == "steps" else None)

    def leaveEvent(self, event: QEvent) -> None:
        linking.point(self._view.workbench, None)
        super().leaveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        held, self._held = self._held, ""
        if held == "bracket" and self.strip is not None and self._wanted != self.strip.truncate:
            self.truncate(self._wanted)
        self.update()

    def truncate(self, steps: int | None) -> None:
        """Let errors flow back so many steps at most; ``None``: all the way."""
        bench = self._view.workbench
        words = self.tr("Truncate after {n} steps").format(n=steps) if steps else self.tr("No truncation")
        bench.edit(words, edits.set_field(bench.document, self.node, "truncate", steps))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, strip = event.key(), self.strip
        if key == Qt.Key.Key_Escape:
            if self._held:
                self._held = ""
                self.update()
            elif self.pictures.step_back():
                pass
            elif self.focus_row is not None:
                self.focus_row = None
                self.follow()
            elif self._view.player.stepping.held or self._view.workbench.looking:
                self._view.player.stop()
            else:
                self.fold()
        elif strip is not None and Qt.Key.Key_1 <= key <= Qt.Key.Key_9 and key - Qt.Key.Key_1 < strip.units and not event.modifiers():
            self.choose_unit(key - Qt.Key.Key_1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1.25)
        elif key == Qt.Key.Key_Minus:
            self.zoom(0.8)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def tip(self, at: QPointF) -> str:
        """The number under the pointer and what it is; what can be done with what is there."""
        if self.strip is None:
            return ""
        told = way_back.tip(self.strip, self.layout_, at) or self.errors.tip(self.strip, self.layout_, at)
        return told or wording.tip(self.strip, self.layout_, self.focus_row, at)

    # -- drawing
    def texts(self) -> dict[str, str]:
        """What is printed, for tests with a real window."""
        if self.strip is None:
            return {}
        return {"unrolled_title": self._facts(self.strip)[0], "unrolled_comparison": comparison(self.strip, self.errors.read(self.strip))}

    def places(self) -> dict[str, tuple[int, int, int, int]]:
        """Where things are on the screen that a hand takes hold of."""
        if self.strip is None or not self.isVisible():
            return {}
        made = self.layout_
        found = {f"unrolled/row{at}": made.row(at) for at in range(made.rows)}
        if made.back:
            point = way_back.handle(self.strip, made, self.strip.truncate)
            found["unrolled/bracket"] = QRectF(point.x() - 5, point.y() - 9, 10, 18)
            found["unrolled/way_back"] = made.way_back
        corner = QPointF(self.mapToGlobal(QPoint(0, 0)))
        boxes = {name: box.translated(corner).toRect() for name, box in found.items()}
        return {name: (box.x(), box.y(), box.width(), box.height()) for name, box in boxes.items()}

    def _facts(self, strip: Strip) -> tuple[str, ...]:
        made = self.layout_ if self.head.mode == "steps" else None
        return wording.facts(strip, made, self._view.scene_.facts.nodes[strip.node].count)

    @turns.window
    def paintEvent(self, event: QPaintEvent) -> None:
        theme, strip = self._theme, self.strip
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), theme.color("canvas"))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(tools.pen(theme.color("line2")))
            painter.setBrush(theme.color("card"))
            painter.drawRoundedRect(box, 7, 7)
            if strip is None:
                return
            self.head.paint(painter, strip, self._facts(strip), theme)
            if self.head.mode != "steps":
                return
            made = self.layout_
            painting.paint(painter, strip, made, theme, self.focus_row, self.chosen_step(), self.pictures.wanted)
            self.rings = linking.ring(painter, strip, made, self.focus_row, self._view.workbench.lit, strip.picture.source, theme)
            if made.back:
                truncate = self._wanted if self._held == "bracket" else strip.truncate
                way_back.paint(painter, strip, made, theme, truncate, self.errors.read(strip))
            state = next((at for at in range(made.rows) if self._row(at).gate == "h"), None)
            self.opening.paint(painter, strip, made, theme, state)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.pictures.place()
        self.follow()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.head.set_theme(theme)
        self.pictures.set_theme(theme)
        self.update()
