"""The sheet as it is shown: the sentence, then the equations of a cell below one another; the present one is kept in sight."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication, QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from playground.ui.explain.blocks import BlockView
from playground.ui.explain.places import Key
from playground.ui.explain.sheet import Sheet
from playground.ui.explain.table import ROW
from playground.ui.formula import Formulas
from playground.ui.geometry import Geometry
from playground.ui.panels.controls import label, rule
from playground.ui.theme import Theme

AIR = 12
SENTENCE_LINES = 2
SPARE = 10
"""Blocks that stand ready: an update by Adam has nine equations, and to make them all at once costs 40 ms."""
SPARE_MILLISECONDS = 40


class SheetView(QWidget):
    """The sentence stands still; below it the equations scroll. Keeps as many blocks as a cell ever had, and shows those that the
    present one needs; a few more are made one by one while nothing happens."""

    pointed = Signal(object)

    def __init__(self, theme: Theme, formulas: Formulas) -> None:
        super().__init__()
        self._theme, self._formulas = theme, formulas
        self.sheet = Sheet()
        self.blocks: list[BlockView] = []
        self._lit: frozenset[Key] = frozenset()
        self._where: tuple[object, int] | None = None
        self.sentence = label("", "sentence")
        self.sentence.setObjectName("explain_sentence")
        self.sentence.setWordWrap(True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._compact = False
        self._tallest = 0
        """How tall the sentences of this pass have been, px."""
        inside = QWidget()
        self._below = 8
        self._column = QVBoxLayout(inside)
        self._column.addStretch(1)
        self.area = QScrollArea()
        self.area.setObjectName("explain_scroll")
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # its room is always kept: lines that fit without it and not beside it would have it come and go until the stack is full
        self.area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.sentence)
        whole.addSpacing(6)
        self._rule = rule()
        whole.addWidget(self._rule)
        whole.addWidget(self.area, 1)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.copy = self.addAction(self.tr("Copy as text"))
        self.copy.setObjectName("explain_copy")
        self.copy.triggered.connect(lambda: QApplication.clipboard().setText(self.sheet.text()))
        self._following = True
        """Whether the present equation is kept in sight while formulas come in; no more once the user scrolls."""
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._reveal)
        bar = self.area.verticalScrollBar()
        bar.rangeChanged.connect(lambda low, high: bar.setEnabled(high > low))
        bar.rangeChanged.connect(lambda *_: self._later.start() if self._following else None)
        bar.actionTriggered.connect(lambda _: self._let_go())
        self._ring = QTimer(self, singleShot=True, interval=0)
        self._ring.timeout.connect(self._show_ringed)
        self._spare = QTimer(self, singleShot=True, interval=SPARE_MILLISECONDS)
        self._spare.timeout.connect(self._add_spare)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for block in self.blocks:
            block.set_theme(theme)

    def set_geometry(self, geometry: Geometry) -> None:
        self.sentence.setContentsMargins(geometry.inset, 2, geometry.inset, 0)
        self._tallest, self._compact = 0, geometry.compact
        self._column.setContentsMargins(geometry.inset, 8, geometry.inset, self._below)
        self._column.setSpacing(8 if geometry.compact else AIR)

    def show_sheet(self, sheet: Sheet, where: object) -> None:
        """``where`` is the cell that it is of: where that changes, its present equation is brought into sight."""
        moved = (where, sheet.present) != self._where
        self.sheet, self._where = sheet, (where, sheet.present)
        self.sentence.setText(sheet.sentence)
        self._steady(where is not None)
        for part in (self.sentence, self._rule):
            part.setVisible(bool(sheet.sentence))
        while len(self.blocks) < len(sheet.blocks):
            self._add_block()
        if len(self.blocks) < SPARE:
            self._spare.start()
        for at, view in enumerate(self.blocks):
            view.setVisible(at < len(sheet.blocks))
            if at < len(sheet.blocks):
                view.show_block(sheet.blocks[at], sheet.dim, self._compact)
                view.light(self._lit)
        self.setAccessibleDescription(sheet.text())
        self._lay_out()
        if moved:
            self._following = True
            self._reveal()
            self._later.start()

    def _lay_out(self) -> None:
        """Put everything in its place now: what is laid out in its turn is painted once where the last cell's equations stood, or a
        formula that came late over the numbers below it."""
        if not self.isVisible():
            return
        inside, viewport = self.area.widget(), self.area.viewport()
        for widget in (self, *self.shown(), inside):
            QCoreApplication.sendPostedEvents(widget, QEvent.Type.LayoutRequest.value)
        self._column.activate()
        inside.resize(viewport.width(), max(viewport.height(), self._column.totalHeightForWidth(viewport.width())))

    def _steady(self, of_cell: bool) -> None:
        """Two lines at least, and as many as any cell's sentence before took: the equations stay where they are from cell to cell."""
        font, margins = self.sentence.fontMetrics(), self.sentence.contentsMargins()
        room = QRect(0, 0, self.width() - margins.left() - margins.right(), 1000)
        text = font.boundingRect(room, Qt.TextFlag.TextWordWrap, self.sentence.text()).height()
        wanted = max(text, SENTENCE_LINES * font.lineSpacing()) + margins.top() + margins.bottom()
        if of_cell:
            self._tallest = max(wanted, self._tallest)
        self.sentence.setMinimumHeight(max(wanted, self._tallest))

    def _add_block(self) -> None:
        made = BlockView(self._theme, self._formulas)
        made.hide()
        made.pointed.connect(self.pointed)
        made.formula.grown.connect(self._lay_out)
        self._column.insertWidget(self._column.count() - 1, made)
        made.prepare()
        self.blocks.append(made)

    def _add_spare(self) -> None:
        self._add_block()
        if len(self.blocks) < SPARE:
            self._spare.start()

    def light(self, lit: frozenset[Key]) -> None:
        """Ring the numbers of these places."""
        if lit and lit != self._lit:
            self._ring.start()  # what is folded may have to be unfolded first
        self._lit = lit
        for block in self.blocks:
            block.light(lit)

    def shown(self) -> list[BlockView]:
        """The blocks in use."""
        return self.blocks[: len(self.sheet.blocks)]

    def _show_ringed(self) -> None:
        """Have something that is ringed in sight: what is pointed to on the canvas would light up where nobody sees it."""
        bar, room = self.area.verticalScrollBar(), self.area.viewport().height()
        boxes = [box.translated(block.pos()) for block in self.shown() for box in block.ringed_boxes()]
        if not boxes or any(bar.value() <= box.top() and box.bottom() <= bar.value() + room for box in boxes):
            return
        first = boxes[0]
        self._let_go()
        bar.setValue(math.floor(first.top() - AIR) if first.top() < bar.value() else math.ceil(first.bottom() + AIR - room))

    def _let_go(self) -> None:
        self._following = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._tallest = 0
            self._steady(self._where is not None and self._where[0] is not None)
        if self._following:
            self._later.start()

    def _reveal(self) -> None:
        """The present equation in sight, with as much before it as there is room for."""
        blocks = self.shown()
        if not blocks:
            return
        block = blocks[min(self.sheet.present, len(blocks) - 1)]
        bottom = block.geometry().bottom() + AIR
        top = 0 if self.sheet.present == 0 else block.geometry().top() - AIR
        room = self.area.viewport().height()
        wanted = max(0, min(_uncut(blocks, bottom - room), top))
        below = self._below + max(0, wanted + room - (blocks[-1].geometry().bottom() + 1 + self._below))
        margins = self._column.contentsMargins()
        if margins.bottom() != below:  # there may have to be air below the last equation to go up so far
            margins.setBottom(below)
            self._column.setContentsMargins(margins)
            self._lay_out()
        self.area.verticalScrollBar().setValue(wanted)


def _uncut(blocks: list[BlockView], least: int) -> int:
    """``least`` or a little more: where the upper edge cuts neither a row in two nor an equation off its title. Of an equation with a
    table that may be the table's head: its terms tell more than nothing does."""
    for block in blocks:
        if not block.y() < least < block.geometry().bottom():
            continue
        table = block.terms
        if table is not None and table.isVisible():
            above = block.y() + table.y()
            return above + max(math.ceil((least - above) / ROW), 0) * ROW
        return block.geometry().bottom() + 1
    return least
