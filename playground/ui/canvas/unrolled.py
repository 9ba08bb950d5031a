"""A recurrent node opened into its steps, over the canvas: it follows its card, the pass on show and training, and is moved by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QToolTip

from playground.anim.cursor import Cursor
from playground.anim.time_cells import REVERSE, TYPES, suffixes
from playground.document import edits
from playground.ui import icons
from playground.ui.canvas import unrolled_back, unrolled_paint
from playground.ui.canvas.unrolled_data import Strip, read
from playground.ui.canvas.unrolled_layout import HEAD, LEAST_PITCH, MOST_PITCH, PITCH, Layout
from playground.ui.numbers import count, number
from playground.ui.painters import course, tools
from playground.ui.painters.recurrent import gate_name
from playground.ui.panels.controls import Segments
from playground.ui.theme import Theme

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

REACH = 14.0
"""How near to the bracket's handle a press has to be, px."""


class Unrolled(QFrame):
    """Hidden until a node is unrolled. ``node`` is the one that is, ``""`` for none."""

    changed = Signal()
    """Another node is unrolled, or none any more."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self.setObjectName("unrolled")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._view, self._theme = view, view.theme
        self.node, self.end = "", ""
        self.focus_row: int | None = None
        """The row that is shown by itself."""
        self.strip: Strip | None = None
        self._pitch: float | None = None
        self._start = 0.0
        self._held: str = ""
        """What the pressed button holds: ``"grip"`` (the scroll bar's), ``"bracket"``."""
        self._from = (0.0, 0.0)
        self._wanted: int | None = None
        """What the bracket is being dragged to."""
        self._build()
        self.set_theme(view.theme)
        self.hide()

    def _build(self) -> None:
        self._ways = Segments(
            [
                ("unrolled_ltr", "→", self.tr("The direction that reads from the first step to the last")),
                ("unrolled_rtl", "←", self.tr("The direction that reads from the last step to the first")),
            ]
        )
        self._ways.choose(0)
        self._ways.chosen.connect(lambda at: self._turn(REVERSE if at else ""))
        self._types = Segments([(f"cell_{type}", type, self.tr("Swap the cell, and keep the rest")) for type in TYPES])
        self._types.chosen.connect(lambda at: self._view.editor.swap_cell(self.node, TYPES[at]))
        self._fold = QToolButton()
        self._fold.setFixedSize(24, 24)
        self._fold.setToolTip(self.tr("Fold (U)"))
        self._fold.setAccessibleName(self.tr("Fold"))
        self._fold.setObjectName("unrolled_fold")
        self._fold.clicked.connect(self.fold)
        head = QHBoxLayout(self)
        head.setContentsMargins(8, 2, 6, 0)
        head.setSpacing(8)
        head.addStretch(1)
        for part in (self._ways, self._types, self._fold):
            head.addWidget(part, 0, Qt.AlignmentFlag.AlignTop)

    # -- opening and following
    def open(self, node: str) -> bool:
        """Unroll ``node``; ``False`` where it does not go through time."""
        strip = read(self._view.scene_, node, self.end)
        if strip is None:
            return False
        self.node, self.focus_row, self._pitch, self._start = node, None, None, 0.0
        self.follow()
        self.show()
        self.raise_()
        self.setFocus()
        self.changed.emit()
        return True

    def fold(self) -> None:
        """Back to the whole network."""
        if self.node:
            self.node, self.strip = "", None
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
        self.end = self.strip.end
        if self.focus_row is not None and self.focus_row >= len(self.strip.rows):
            self.focus_row = None
        both = len(suffixes(self.strip.picture.fields)) > 1
        self._ways.setVisible(both)
        self._ways.choose(int(self.end == REVERSE))
        type = self._view.scene_.cards[self.node].node.type
        self._types.setVisible(type in TYPES and self.width() >= 560)
        if type in TYPES:
            self._types.choose(TYPES.index(type))
        hidden = bool(self._view.workbench.hidden)
        self.setVisible(not hidden)
        self._start = min(max(self._start, 0.0), self.layout_.last_start)
        self.update()

    def moved(self, cursor: Cursor | None) -> None:
        """A frame of the pass: keep its step in sight."""
        if not self.node:
            return
        before = self.strip.now if self.strip is not None else None
        self.follow()
        if self.strip is not None and self.strip.now is not None and self.strip.now != before:
            self._reveal(self.strip.now[0])

    def _reveal(self, step: int) -> None:
        made = self.layout_
        if made.scrolls and not made.start <= step <= made.start + made.room / made.pitch - 1:
            ahead = made.room / made.pitch * (0.25 if self.strip is not None and self.strip.phase == "forward" else 0.75)
            self._scroll_to(step - ahead)

    def _turn(self, end: str) -> None:
        self.end = end
        self.follow()

    @property
    def layout_(self) -> Layout:
        """Where everything stands now."""
        strip = self.strip
        steps = max(strip.steps, 1) if strip is not None else 1
        rows = 1 if self.focus_row is not None else len(strip.rows) if strip is not None else 1
        made = Layout(
            self.width(),
            self.height(),
            rows,
            steps,
            strip.units if strip is not None else 1,
            PITCH,
            self._start,
            strip is not None and bool(strip.norms),
            strip is not None and strip.answers is not None,
        )
        pitch = self._pitch if self._pitch is not None else self._opening(made.room, steps)
        return Layout(made.width, made.height, rows, steps, made.units, pitch, self._start, made.back, made.answers)

    def _opening(self, room: float, steps: int) -> float:
        """The pitch that it opens with: all steps where they can stand apart, else as many as are legible."""
        fitting = room / steps
        return min(fitting, PITCH * 1.25) if fitting >= 52 else PITCH

    def chosen_step(self) -> int | None:
        """The step that is explained because the user chose a cell of it."""
        cell = self._view.workbench.cell
        return cell[2][0] if cell is not None and cell[0] == self.node and len(cell[2]) == 2 else None

    # -- by hand
    def _scroll_to(self, start: float) -> None:
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
        elif made.back and (unrolled_back.handle(strip, made, strip.truncate) - at).manhattanLength() <= REACH:
            self._held, self._wanted = "bracket", strip.truncate
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
            self._wanted = unrolled_back.truncated_at(strip, made, at.x())
            self.update()
        else:
            near = made.back and (unrolled_back.handle(strip, made, strip.truncate) - at).manhattanLength() <= REACH
            self.setCursor(Qt.CursorShape.SizeHorCursor if near else Qt.CursorShape.ArrowCursor)

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
            elif self.focus_row is not None:
                self.focus_row = None
                self.follow()
            elif self._view.player.stepping.held:
                self._view.player.stop()
            else:
                self.fold()
        elif strip is not None and Qt.Key.Key_1 <= key <= Qt.Key.Key_9 and key - Qt.Key.Key_1 < strip.units and not event.modifiers():
            step = self.chosen_step()
            unit = course.entry_of(strip.picture, strip.end, strip.steps - 1 if step is None else step, key - Qt.Key.Key_1)
            cell = self._view.workbench.cell
            same = (cell[0], cell[1], (cell[2][0], key - Qt.Key.Key_1)) if cell is not None and step is not None else None
            self._view.workbench.select((self.node,), (self.node, unit), same)
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
        made, strip = self.layout_, self.strip
        if strip is None:
            return ""
        found = made.entry_at(at, strip.unit)
        if found is not None:
            row = self._row(found[0])
            place = self.tr("step {step}, unit {unit}").format(step=found[1] + 1, unit=found[2] + 1)
            if row.values is None or (row.known is not None and not row.known[found[1:]]):
                return f"{gate_name(row)}, {place}: " + self.tr("not computed yet")
            told = number(float(row.values[found[1:]]), signed=row.scale.signed)
            padding = strip.mask is not None and strip.mask[found[1]] == 0
            return f"{gate_name(row)}, {place}: {told}" + ("\n" + self.tr("padding: the state is carried on") if padding else "")
        if at.x() < made.left and made.tiles.bottom() < at.y() < made.rows_bottom:
            return self.tr("Click: this row by itself, or all of them")
        if made.back and made.way_back.contains(at):
            return self._back_tip(strip, made.step_at(at.x()))
        return self.tr("The wheel moves through time, with Ctrl it makes steps wider or narrower")

    def _back_tip(self, strip: Strip, step: int | None) -> str:
        if step is None:
            return ""
        told = [f"‖∂L/∂{state}‖ = {number(float(norms[step]))}" for state, norms in strip.norms.items()]
        return self.tr("step {n}").format(n=step + 1) + ": " + ", ".join(told)

    # -- drawing
    def texts(self) -> dict[str, str]:
        """What is printed, for tests with a real window."""
        if self.strip is None:
            return {}
        return {"unrolled_title": self._facts(self.strip), "unrolled_comparison": unrolled_back.comparison(self.strip)}

    def places(self) -> dict[str, QRectF]:
        """Where things are that a hand takes hold of, in its own px."""
        if self.strip is None or not self.isVisible():
            return {}
        made = self.layout_
        found = {f"unrolled/row{at}": made.row(at) for at in range(made.rows)}
        if made.back:
            point = unrolled_back.handle(self.strip, made, self.strip.truncate)
            found["unrolled/bracket"] = QRectF(point.x() - 5, point.y() - 9, 10, 18)
        return found

    def _facts(self, strip: Strip) -> str:
        made = self.layout_
        parts = [
            self.tr("{n} units").format(n=count(strip.units)),
            self.tr("{n} parameters").format(n=count(self._view.scene_.facts.nodes[strip.node].count)),
            self.tr("shown: {n} of {all} steps").format(n=len(made.seen), all=strip.steps),
        ]
        if strip.unit is not None:
            parts.append(self.tr("unit {n} selected").format(n=strip.unit + 1))
        return " · ".join(parts)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, strip = self._theme, self.strip
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(tools.pen(theme.color("line2")))
            painter.setBrush(theme.color("card"))
            painter.drawRoundedRect(box, 7, 7)
            if strip is None:
                return
            self._paint_head(painter, strip)
            made = self.layout_
            unrolled_paint.paint(painter, strip, made, theme, self.focus_row, self.chosen_step())
            if made.back:
                unrolled_back.paint(painter, strip, made, theme, self._wanted if self._held == "bracket" else strip.truncate)

    def _paint_head(self, painter: QPainter, strip: Strip) -> None:
        theme = self._theme
        painter.save()
        painter.setClipRect(QRectF(1, 1, self.width() - 2, HEAD - 2))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("head"))
        painter.drawRoundedRect(QRectF(0.5, 0.5, self.width() - 1, HEAD + 10), 7, 7)
        painter.restore()
        painter.setPen(tools.pen(theme.color("line")))
        painter.drawLine(QPointF(1, HEAD - 0.5), QPointF(self.width() - 1, HEAD - 0.5))
        layer = strip.picture.layer
        if layer is not None:
            painter.drawPixmap(QPointF(10, HEAD / 2 - 7.5), icons.pixmap(layer.icon, theme.text2, 15, self.devicePixelRatioF()))
        wide = tools.text(painter, 30, HEAD / 2, strip.title, theme.color("text"), 12, 600)
        taken = [part.x() for part in (self._ways, self._types, self._fold) if part.isVisible()]
        room = min(taken, default=self.width()) - 30 - wide - 24
        tools.text(painter, 30 + wide + 12, HEAD / 2, self._facts(strip), theme.color("text3"), 11, room=max(room, 20))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.follow()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._fold.setIcon(icons.icon("x", theme))
        self.update()
