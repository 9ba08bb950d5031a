"""Health notes over the canvas: a chip that counts them, and the list it opens, each with its evidence and its remedies."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from playground.engine.checks import remedies
from playground.engine.checks.remedies import Note, Remedy
from playground.engine.live import commands
from playground.engine.live.snapshot import Snapshot
from playground.errors import PlaygroundError
from playground.ui import icons, note_words
from playground.ui.going import Go
from playground.ui.painters import tools
from playground.ui.panels.controls import label, rule
from playground.ui.style import look
from playground.ui.theme import Theme
from playground.ui.wording import declared

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

WIDTH = 360
TALLEST = 420
STUCK = ("saturated", "dead", "vanishing")
"""Where the present weights hardly learn any more, whatever is changed: training starts again from step 0."""


class NotesChip(QPushButton):
    """How many notes there are; it opens their list. Hidden where there are none."""

    changed = Signal()

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self.setObjectName("notes_chip")
        self.setCheckable(True)
        self.setFixedHeight(26)
        self._view, self._theme = view, view.theme
        self.notes: tuple[Note, ...] = ()
        self.list = NotesList(view, self)
        self.toggled.connect(self._toggled)
        view.workbench.started.connect(lambda: self.setChecked(False))  # the list lies over cards: what begins is to be seen there
        view.workbench.pace_changed.connect(lambda _: self.setChecked(False))
        view.workbench.pass_changed.connect(self._pass_changed)
        self.setToolTip(self.tr("What goes wrong in this run, how one sees it, and what helps"))
        self.set_theme(view.theme)
        self.hide()

    def snapshot_changed(self, snapshot: Snapshot) -> None:
        """Show the notes of the run; what was already said is not said anew while a pointer is over it."""
        if snapshot.notes == self.notes:
            return
        self.notes = snapshot.notes
        shown = bool(self.notes)
        self.setText(self.tr("1 note") if len(self.notes) == 1 else self.tr("{n} notes").format(n=len(self.notes)))
        self.setAccessibleName(self.text())
        if shown != self.isVisibleTo(self._view):
            self.setVisible(shown)
            self.changed.emit()
        if not shown:
            self.setChecked(False)
        elif self.isChecked() and not self.list.underMouse():
            self.list.fill(self.notes)

    def _pass_changed(self) -> None:
        """One that is walked through or looked at shuts the list; those of a run go by while it is read."""
        bench = self._view.workbench
        if (bench.playing or bench.held) and not bench.running:
            self.setChecked(False)

    def _toggled(self, opened: bool) -> None:
        if opened:
            self.list.fill(self.notes)
            self.list.show()
            self.list.raise_()
            self.list.setFocus()
        else:
            self.list.hide()
        self.changed.emit()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.setIcon(icons.icon("warn", theme, "warn"))
        self.list.set_theme(theme)

    def sizeHint(self) -> QSize:
        return QSize(math.ceil(tools.width(self.text(), 12, 500)) + 44, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(tools.pen(self._theme.color("warn"), 2 if self.hasFocus() or self.isChecked() else 1))
            painter.setBrush(self._theme.color("warn_soft"))
            painter.drawRoundedRect(self.rect().toRectF().adjusted(1, 1, -1, -1), 5, 5)
            painter.drawPixmap(9, 6, icons.pixmap("warn", self._theme.warn, 14, self.devicePixelRatioF()))
            tools.text(painter, 29, self.height() / 2, self.text(), self._theme.color("text"), 12, 500)


class NotesList(QFrame):
    """The notes, one below the other."""

    def __init__(self, view: CanvasView, chip: NotesChip) -> None:
        super().__init__(view)
        self.setObjectName("notes_list")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._view, self._chip, self._theme = view, chip, view.theme
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 1, 1, 1)
        whole.addWidget(self._area)
        self.hide()

    def fill(self, notes: tuple[Note, ...]) -> None:
        """Show ``notes``."""
        inside = look(QWidget(), "panel")
        column = QVBoxLayout(inside)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(6)
        for index, note in enumerate(notes):
            if index:
                column.addSpacing(4)
                column.addWidget(rule("rule"))
            column.addWidget(self._note(note, index))
        column.addStretch(1)
        self._area.setWidget(inside)
        inside.setFixedWidth(WIDTH - 16)
        inside.adjustSize()
        self.setFixedSize(WIDTH, min(inside.sizeHint().height() + 6, TALLEST, max(self._view.height() - 90, 120)))
        self._chip.changed.emit()

    def _note(self, note: Note, index: int) -> QWidget:
        document = self._view.workbench.document
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        head = QHBoxLayout()
        head.setSpacing(7)
        sign = QLabel()
        sign.setPixmap(icons.pixmap("warn", self._theme.warn, 14, self.devicePixelRatioF()))
        head.addWidget(sign)
        title = label(note_words.title(note, document), "title")
        title.setObjectName(f"note_title/{index}")
        head.addWidget(title, 1)
        column.addLayout(head)
        words = label(note_words.sentence(note, document), "sentence")
        words.setObjectName(f"note_sentence/{index}")
        words.setWordWrap(True)
        words.setFixedWidth(WIDTH - 46)
        column.addWidget(words)
        row = QHBoxLayout()
        row.setSpacing(6)
        left = WIDTH - 46
        for remedy in note.remedies:
            button = self._button(note, remedy, index)
            left -= button.sizeHint().width() + row.spacing()
            if left < 0 and row.count():
                row.addStretch(1)
                column.addLayout(row)
                row = QHBoxLayout()
                row.setSpacing(6)
                left = WIDTH - 46 - button.sizeHint().width() - row.spacing()
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        return made

    def _button(self, note: Note, remedy: Remedy, index: int) -> QPushButton:
        button = QPushButton(note_words.remedy(remedy, self._view.workbench.document))
        button.setObjectName(f"remedy/{index}/{remedy.kind}")
        tips = {
            "go_back": self.tr("Go on from there with the settings on screen, on a new branch; undo comes back"),
            "new_start": self.tr("Other initial weights, as a new branch from step 0; undo comes back"),
        }
        if note.kind == "diverged" and remedy.kind != "go_back":  # the weights of now are ruined
            tips[remedy.kind] = self.tr("{back}, and on with it; undo comes back").format(back=note_words.way_back(note.back))
        button.setToolTip(tips.get(remedy.kind, self.tr("Do it; undo takes it back")))
        button.clicked.connect(lambda: self._help(note, remedy))
        button.ensurePolished()  # dressed, it says how wide it is
        return button

    def _help(self, note: Note, remedy: Remedy) -> None:
        workbench = self._view.workbench
        if remedy.kind == "go_back":
            workbench.go_back(note_words.remedy(remedy, workbench.document), round(float(remedy.value or 0)))
        elif note.kind == "diverged":
            workbench.mend(note_words.remedy(remedy, workbench.document), remedies.apply(workbench.own_document, remedy), note.back)
        elif remedy.kind == "new_start":
            words = note_words.remedy(remedy, workbench.document)
            workbench.undo_stack.push(Go(workbench, words, (commands.NewStart(),), workbench.own_document))
        else:
            try:
                workbench.edit(note_words.remedy(remedy, workbench.document), remedies.apply(workbench.document, remedy))
            except PlaygroundError as error:
                workbench.notice.emit(declared(str(error)))
                return
            if note.kind in STUCK and workbench.snapshot.step:
                workbench.notice.emit(self.tr("Rewind to start again with it: these weights are stuck."))
        if note.node in workbench.document.nodes:
            workbench.select((note.node,))
        self._chip.setChecked(False)
        self._view.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._chip.setChecked(False)
            self._view.setFocus()
            return
        super().keyPressEvent(event)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()
        if self.isVisible():
            self.fill(self._chip.notes)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(tools.pen(self._theme.color("line2")))
            painter.setBrush(self._theme.color("panel"))
            painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
