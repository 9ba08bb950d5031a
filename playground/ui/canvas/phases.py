"""The words at the canvas's top: which phase of the pass is on show, or that this pace shows none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF, QRegion
from PySide6.QtWidgets import QWidget

from playground import turns
from playground.anim.cursor import Cursor
from playground.anim.time_cells import TimeCells
from playground.engine.live.snapshot import DRAWING, Snapshot
from playground.engine.trace import Trace
from playground.layers import registry
from playground.ui.canvas import geometry
from playground.ui.canvas.readings import TOKENS
from playground.ui.explain import attention_words, time_words, window_words
from playground.ui.numbers import count
from playground.ui.painters import tools
from playground.ui.painters.input import split_name
from playground.ui.theme import Theme

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView


class PhaseStrip(QWidget):
    """Forward, Loss, Backward, Update: each with its form, the present one lit. It takes no clicks."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self.setObjectName("canvas_phases")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._view, self._theme = view, view.theme
        self._cursor: Cursor | None = None
        self._phase = ""
        self._moment: tuple[int, int] | None = None
        view.player.moved.connect(self._show_cursor)
        view.workbench.pace_changed.connect(lambda pace: self.update())
        view.workbench.pictured_changed.connect(self._tell)

    def names(self) -> dict[str, str]:
        return {"forward": self.tr("Forward"), "loss": self.tr("Loss"), "backward": self.tr("Backward"), "update": self.tr("Update")}

    def _show_cursor(self, cursor: Cursor | None) -> None:
        before, self._cursor = self._cursor, cursor
        if cursor is None or before is None or (cursor.index, cursor.cell) != (before.index, before.cell):
            self.update()
        self._tell()  # the same place in the next pass is told by its step alone

    def _tell(self) -> None:
        if (words := self._sentence()) != self.accessibleName():
            self.setAccessibleName(words)
            self.update()

    def snapshot_changed(self, snapshot: Snapshot) -> None:
        moment = None if snapshot.moment is None else (snapshot.moment.run, snapshot.moment.step)
        if (snapshot.phase, moment) != (self._phase, self._moment):
            self._phase, self._moment = snapshot.phase, moment
            self.update()

    def _sentence(self) -> str:
        """What is said beside the phases."""
        return self._sentences()[0]

    def _sentences(self) -> list[str]:
        """The same at several lengths, the longest first: the first that fits is printed."""
        bench = self._view.workbench
        moment = bench.snapshot.moment
        if bench.visiting and moment is not None:
            step = count(moment.step)
            looked = self.tr("the network of step {step}: resume or fork there to change it").format(step=step)
            return [looked, self.tr("the network of step {step}").format(step=step)]
        if bench.pace == "fast":
            return [self.tr("no pulses at this pace: pictures and curves follow the weights"), self.tr("no pulses at this pace")]
        if self._cursor is None and self._phase == "training":
            return [self.tr("the next pass is on its way")]
        passed = bench.told.passed
        if self._cursor is None and passed is not None:  # its numbers are not those of the weights that it left
            words = self.tr("the pass of step {step}, from before its update").format(step=count(passed.step))
            return [f"{words} · {self.tr('press Train, or Space')}", words, self.tr("pass of step {step}").format(step=count(passed.step))]
        if self._cursor is None:
            return [self.tr("press Train, or Space: one pass is shown at a time"), self.tr("press Train, or Space"), self.tr("press Space")]
        words = self._place(self._cursor)
        return [" · ".join(words[:most]) for most in range(len(words), 0, -1)]

    def _place(self, cursor: Cursor) -> list[str]:
        """Where the pass stands: node and cell, sample of the batch, stage."""
        view = self._view
        node, passed = cursor.stage.node, view.workbench.told.passed
        title = view.scene_.cards[node].title if node in view.scene_.cards else node
        words = [title]
        if cursor.place is not None:
            part, place = cursor.place
            words = [f"{title}, {self._cell(part, place, node)}"]
            pictured = window_words.parameter(part, place, cursor.stage.cells) if part else window_words.place(place)
            if pictured and len(place) > (2 if part else 1):
                words = [f"{title}, {pictured}"]
            if cursor.stage.phase != "update" and (inner := attention_words.place(part, place)):
                words = [f"{title}, {inner}"]
            placed = view.workbench.document.nodes.get(node)
            cell = registry.cell(placed.type) if placed is not None else None
            if cell is not None and cursor.stage.phase == "update":
                words = [f"{title}, {time_words.parameter(part, place, cell, cursor.stage.cells)}"]
            if isinstance(cursor.stage.cells, TimeCells):
                whole = view.workbench.grain != "cell"
                told = time_words.step(place, cursor.stage.cells) if whole else time_words.place(part, place, cursor.stage.cells)
                words = [f"{title}, {told}"]
        trace = view.workbench.told.trace
        if view.workbench.looking and trace is not None:
            words.append(self._sample(trace))
            words.append(self.tr("nothing is trained"))
        elif passed is not None:
            words.append(self.tr("step {step}").format(step=count(passed.step)))
            if len(passed.batch) > 1:
                words.append(self.tr("sample {n} of {all}").format(n=passed.position + 1, all=len(passed.batch)))
        if cursor.stage.phase == "forward" and view.workbench.pace == "explain":
            words.append(self.tr("dimmed nodes show the pass before"))
        words.append(self.tr("stage {n} of {all}").format(n=cursor.index + 1, all=len(cursor.stages)))
        return words

    def _sample(self, trace: Trace) -> str:
        """The sample that is looked at, as its card calls it."""
        return self.tr("your own") if trace.split == DRAWING else f"{split_name(trace.split)} #{trace.index}"

    def _cell(self, part: str, place: tuple[int, ...], node: str) -> str:
        """What a cell is called: as the Explain panel calls it."""
        placed = self._view.workbench.document.nodes.get(node)
        if part == "weight" and len(place) == 2 and placed is not None and placed.type == "Embedding":
            return self.tr("row {row}, number {number}").format(row=place[0] + 1, number=place[1] + 1)
        if part == "weight" and len(place) == 2:
            return self.tr("neuron {number}, weight {input}").format(number=place[0] + 1, input=place[1] + 1)
        if part == "bias" and len(place) == 1 and self._neurons(node):
            return self.tr("bias of neuron {number}").format(number=place[0] + 1)
        return f"{self._part(part, node)} {','.join(str(at + 1) for at in place)}".strip()

    def _part(self, part: str, node: str) -> str:
        """What a number is called."""
        words = {"": self.tr("neuron") if self._neurons(node) else self.tr("number"), "weight": self.tr("weight"), "bias": self.tr("bias")}
        return words.get(part, part)

    def _neurons(self, node: str) -> bool:
        placed = self._view.workbench.document.nodes.get(node)
        return placed is not None and registry.has_neurons(placed.type)

    def texts(self) -> dict[str, str]:
        """What is printed, for tests with a real window."""
        phase = self._cursor.stage.phase if self._cursor is not None else ""
        return {"pass_phase": self.names().get(phase, ""), "pass_place": self._sentence()}

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    @turns.window
    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setClipRegion(self._clear_of_badges())
            x = self._plain_chip(painter, self.tr("Fast")) if self._view.workbench.pace == "fast" else self._phases(painter)
            room = self.width() - x - 14
            sentences = self._sentences()
            words = next((one for one in sentences if tools.width(one, 12) <= room), sentences[-1])
            plate = min(tools.width(words, 12) + 12, room)
            painter.fillRect(QRectF(x + 8, 4, plate, self.height() - 8), self._theme.color("canvas", 0.85))
            tools.text(painter, x + 14, self.height() / 2, words, self._theme.color("text2"), 12, room=room)

    def _clear_of_badges(self) -> QRegion:
        """All but where cards below say that something is wrong with them."""
        view, clear = self._view, QRegion(self.rect())
        for card in view.scene_.cards.values():
            if card.facts.error is not None:
                box = view.mapFromScene(card.badge().translated(card.scenePos())).boundingRect().translated(-self.pos())
                clear -= QRegion(box.adjusted(-1, -1, 1, 1), QRegion.RegionType.Ellipse)
        return clear

    def _plain_chip(self, painter: QPainter, words: str) -> float:
        width = tools.width(words, 12, 600) + 18
        painter.setPen(tools.pen(self._theme.color("line2")))
        painter.setBrush(self._theme.color("raised"))
        painter.drawRoundedRect(QRectF(0.5, 2.5, width, 23), 4, 4)
        tools.text(painter, width / 2, self.height() / 2, words, self._theme.color("text"), 12, 600, "center")
        return width

    def _phases(self, painter: QPainter) -> float:
        x = 0.5
        for phase, words in self.names().items():
            lit = self._cursor is not None and self._cursor.stage.phase == phase
            width = tools.width(words, 12, 600) + 36
            box = QRectF(x, 1.5, width, 25)
            color = self._theme.color(TOKENS[phase]) if lit else self._theme.color("text3")
            painter.setPen(tools.pen(color if lit else self._theme.color("line2"), 2 if lit else 1))
            painter.setBrush(self._theme.color("card" if lit else "panel"))
            painter.drawRoundedRect(box, 5, 5)
            self._form(painter, phase, QPointF(x + 15, self.height() / 2), color)
            tools.text(painter, x + 27, self.height() / 2, words, color if lit else self._theme.color("text2"), 12, 600 if lit else 500)
            x += width + 6
        return x - 6

    def _form(self, painter: QPainter, phase: str, at: QPointF, color) -> None:  # type: ignore[no-untyped-def]
        painter.setPen(tools.pen(color, 1.6))
        painter.setBrush(color if phase == "forward" else Qt.BrushStyle.NoBrush)
        if phase in ("forward", "loss"):
            painter.drawEllipse(geometry.around(at, 9))
            if phase == "loss":
                painter.drawPoint(at)
        elif phase == "backward":
            painter.drawPolygon(QPolygonF([at + QPointF(*p) for p in ((0, -5.5), (5.5, 0), (0, 5.5), (-5.5, 0))]))
        else:
            painter.drawRect(geometry.around(at, 9))
