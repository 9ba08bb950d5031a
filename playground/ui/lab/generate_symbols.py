"""Symbols that a network wrote: shaded by their chances, and for the one looked at what else it could have been."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QWheelEvent

from playground.ui.lab import generate_bars as bars
from playground.ui.lab import generate_matrix as matrices
from playground.ui.lab.generate_bars import Choice
from playground.ui.lab.generate_layout import BLANK, LINE_END, Block, Cell, Layout, laid_out
from playground.ui.lab.generate_matrix import Matrix
from playground.ui.lab.plot import Plot
from playground.ui.numbers import percent
from playground.ui.painters import tools
from playground.ui.theme import Theme

EDGE, GAP = 8.0, 14.0
LISTED = 22.0
ANSWER = 280.0
"""What a line of the list takes at least."""
MARKS = ("▷", "■", "□")


@dataclass(frozen=True, slots=True)
class Listed:
    """One more sample: what was asked, what came, what is true, and whether that is the same."""

    asked: str
    said: str
    true: str
    right: bool
    chosen: bool


class SymbolsPicture(Plot):
    """The pointer or the arrow keys choose a place; without either it is the last one. A press keeps it."""

    picked = Signal(int)
    """A line of the list was pressed."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "lab_generate_symbols")
        self.setAccessibleName(self.tr("What the network wrote"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.blocks: tuple[Block, ...] = ()
        self.listed: tuple[Listed, ...] = ()
        self.matrix: Matrix | None = None
        self.missing = ""
        self._choice: Callable[[int], Choice | None] = lambda at: None
        self.kept: int | None = None
        self._hovered: int | None = None
        self._by_key = False
        self._layout: Layout | None = None
        self._scroll: float | None = None  # None: the end is in sight

    def show_symbols(
        self,
        blocks: tuple[Block, ...],
        choice: Callable[[int], Choice | None],
        listed: tuple[Listed, ...] = (),
        matrix: Matrix | None = None,
        missing: str = "",
    ) -> None:
        """``choice(index)`` tells of the asked block's place what could have stood there; ``missing`` is said where it tells nothing."""
        self.blocks, self._choice, self.listed, self.matrix = blocks, choice, listed, matrix
        self.missing = missing
        self._layout = None
        if self.kept is not None and self.kept >= self.length:
            self.kept = None
        self._hovered = None if self._hovered is None or self._hovered >= self.length else self._hovered
        self.renew()

    # -- what is looked at
    @property
    def length(self) -> int:
        """Places of the asked block that can be looked at."""
        asked = self.blocks[-1] if self.blocks else None
        if asked is None or not asked.asked:
            return 0
        return max((len(row.symbols) if row.old is None else row.old for row in asked.rows), default=0)

    @property
    def at(self) -> int | None:
        """The place looked at."""
        if self._hovered is not None:
            return self._hovered
        if self.kept is not None:
            return self.kept
        asked = (at for at in range(self.length - 1, -1, -1) if self._choice(at) is not None)
        return next(asked, self.length - 1 if self.length else None)

    @property
    def choice(self) -> Choice | None:
        """What could have stood there."""
        return None if self.at is None else self._choice(self.at)

    # -- places
    def area(self) -> QRectF:
        return QRectF(0, 0, self.width(), self.height())

    @property
    def bars_rect(self) -> QRectF:
        wide, high, top = self.width() - 2 * EDGE, bars.height(), self._lowest
        if self.listed:
            top = min(top, self.list_rect.bottom() + GAP)
        return QRectF(EDGE, top, wide * 0.58 if self.matrix is not None else min(wide, 640.0), high)

    @property
    def matrix_rect(self) -> QRectF:
        left = self.bars_rect.right() + 28
        return QRectF(left, self.bars_rect.y(), self.width() - EDGE - left, self.height() - 2 - self.bars_rect.y())

    @property
    def list_rect(self) -> QRectF:
        return QRectF(EDGE, self.text_rect.bottom() + GAP, self.width() - 2 * EDGE, self._listed_height)

    @property
    def text_rect(self) -> QRectF:
        room, wide = self._lowest - GAP - EDGE, self.width() - 2 * EDGE - 8
        if self.listed:
            room = min(room - self._listed_height - GAP, self._laid_in(wide).height)
        return QRectF(EDGE, EDGE, wide, max(room, 0.0))

    @property
    def _lowest(self) -> float:
        """Where the bars begin, unless what is above them ends earlier."""
        return self.height() - bars.height() - 2

    @property
    def _listed_height(self) -> float:
        return LISTED * math.ceil(len(self.listed) / self._across) + 18 if self.listed else 0.0

    @property
    def _across(self) -> int:
        return max(1, int((self.width() - 2 * EDGE) // ANSWER))

    def laid(self) -> Layout:
        """Where the symbols stand, before scrolling."""
        return self._laid_in(self.text_rect.width())

    def _laid_in(self, room: float) -> Layout:
        if self._layout is None:
            self._layout = laid_out(self.blocks, room, tools.width)
        return self._layout

    @property
    def scroll(self) -> float:
        """Px that the text is moved up."""
        most = max(0.0, self.laid().height - self.text_rect.height())
        if self._scroll is not None:
            return min(self._scroll, most)
        row = self.blocks[-1].rows[0] if self.blocks else None
        if row is None or row.old is None or not 0 < row.old < len(row.symbols):
            return most
        end = self.laid().cells[row.old].rect.bottom()  # what is left from before goes on behind it
        return min(max(end + GAP - self.text_rect.height(), 0.0), most)

    def cell_at(self, point: QPointF) -> Cell | None:
        """The asked block's symbol at ``point``."""
        rect = self.text_rect
        if not rect.contains(point):
            return None
        inside = QPointF(point.x() - rect.x(), point.y() - rect.y() + self.scroll)
        last = len(self.blocks) - 1
        return next((cell for cell in self.laid().cells if cell.block == last and cell.rect.contains(inside)), None)

    def place_of(self, index: int, row: int = 0) -> QRectF:
        """Where symbol ``index`` of the asked block is drawn."""
        last = len(self.blocks) - 1
        cell = next(cell for cell in self.laid().cells if (cell.block, cell.row, cell.index) == (last, row, index))
        return cell.rect.translated(self.text_rect.x(), self.text_rect.y() - self.scroll)

    def line_of_list(self, at: int) -> QRectF:
        rect, rows = self.list_rect, math.ceil(len(self.listed) / self._across)
        wide = rect.width() / self._across
        return QRectF(rect.x() + at // rows * wide, rect.y() + 18 + at % rows * LISTED, wide - 16, LISTED)

    # -- drawing
    def draw(self, painter: QPainter) -> None:
        rect, theme = self.text_rect, self.theme
        layout = self.laid()
        painter.save()
        painter.setClipRect(rect)
        painter.translate(rect.x(), rect.y() - self.scroll)
        top, bottom = self.scroll, self.scroll + rect.height()
        for block, row, y in layout.labels:
            label = self.blocks[block].rows[row].label
            if label and top - 20 < y < bottom + 20:
                faint = self.blocks[block].rows[row].faint
                tools.text(painter, 0, y, label, theme.color("text3" if faint else "text2"), 10.5)
        for cell in layout.cells:
            if cell.rect.bottom() > top and cell.rect.y() < bottom:
                self._draw_cell(painter, cell, layout)
        painter.restore()
        if layout.height > rect.height():
            share = rect.height() / layout.height
            bar = QRectF(rect.right() + 4, rect.y() + self.scroll / layout.height * rect.height(), 4, rect.height() * share)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("line2"))
            painter.drawRoundedRect(bar, 2, 2)
        self._draw_list(painter)

    def _draw_cell(self, painter: QPainter, cell: Cell, layout: Layout) -> None:
        theme, row = self.theme, self.blocks[cell.block].rows[cell.row]
        symbol, at = row.symbols[cell.index], cell.index
        chance = row.chances[at] if at < len(row.chances) else math.nan
        verdict = row.verdicts[at] if at < len(row.verdicts) else None
        old = row.old is not None and at >= row.old
        color = theme.color("off" if old else "text2" if row.faint else "text")
        if math.isfinite(chance) and not old:
            fill = bars.shade(chance, theme)
            box = cell.rect.adjusted(0, 2, 0, -3) if self.blocks[cell.block].runs else cell.rect.adjusted(1, 2, -1, -3)
            if row.faint:
                fill.setAlphaF(0.45)
            else:
                color = theme.ink(fill.red(), fill.green(), fill.blue())
            painter.fillRect(box, fill)
        shown = "" if symbol == BLANK else symbol
        if (symbol == LINE_END or symbol in MARKS) and not old and (row.faint or not math.isfinite(chance)):
            color = theme.color("text3")
        tools.text(painter, cell.rect.center().x(), cell.rect.center().y() - 0.5, shown, color, layout.size, align="center")
        if layout.large and math.isfinite(chance):
            tools.text(painter, cell.rect.center().x(), cell.rect.bottom() + 7, percent(chance), theme.color("text3"), 10.5, align="center")
        if verdict is False:
            painter.fillRect(QRectF(cell.rect.x() + 2, cell.rect.bottom() - 3, cell.rect.width() - 4, 2), theme.color("bad"))

    def _draw_list(self, painter: QPainter) -> None:
        theme = self.theme
        if not self.listed:
            return
        right = sum(one.right for one in self.listed)
        rect = self.list_rect
        words = self.tr("{right} of {all} right; press one to look at it").format(right=right, all=len(self.listed))
        tools.text(painter, rect.x(), rect.y() + 6, words, theme.color("text3"), 10.5)
        for at, one in enumerate(self.listed):
            line = self.line_of_list(at)
            if one.chosen:
                painter.fillRect(line, theme.color("accent_soft"))
            middle, x = line.center().y(), line.x() + 6
            half = (line.width() - 40) / 2
            tools.text(painter, x, middle, one.asked, theme.color("text2"), 12, room=half)
            x += min(tools.width(one.asked, 12), half) + 8
            tools.arrow(painter, QPointF(x, middle), QPointF(x + 12, middle), theme.color("text3"))
            x += 20
            x += tools.text(painter, x, middle, one.said, theme.color("text" if one.right else "bad"), 12, 600, room=half) + 8
            mark = QRectF(x, middle - 4, 8, 8)
            if one.right:
                tools.tick(painter, mark, theme.color("good"))
            else:
                tools.cross(painter, mark, theme.color("bad"))
                tools.text(painter, x + 14, middle, one.true, theme.color("text3"), 12, room=max(line.right() - x - 18, 10.0))

    def draw_over(self, painter: QPainter) -> None:
        rect, at, theme = self.text_rect, self.at, self.theme
        if at is not None:
            painter.save()
            painter.setClipRect(rect.adjusted(-4, -4, 4, 4))
            painter.translate(rect.x(), rect.y() - self.scroll)
            last = len(self.blocks) - 1
            boxes = [cell.rect for cell in self.laid().cells if cell.block == last and cell.index == at]
            if boxes:
                ring = boxes[0]
                for box in boxes[1:]:
                    ring = ring.united(box)
                tools.ring(painter, ring.adjusted(0, 2, 0, -3), theme.color("accent"), off=1, width=1.6, radius=3)
            painter.restore()
        if self._by_key and self.hasFocus():
            tools.frame(painter, rect.adjusted(-5, -5, 9, 5), theme.color("accent"), 4)
        bars.paint(painter, self.bars_rect, self.choice, theme, self._hint())
        if self.matrix is not None:
            matrices.paint(painter, self.matrix_rect, self.matrix, self.at, theme)
            if self.matrix.keys and self.at is not None:
                self._mark_input(painter, self.matrix, self.at)

    def _mark_input(self, painter: QPainter, matrix: Matrix, at: int) -> None:
        """Under each symbol of the input how much answer ``at`` looks at it."""
        painter.save()
        painter.setClipRect(self.text_rect)
        painter.translate(self.text_rect.x(), self.text_rect.y() - self.scroll)
        for cell in self.laid().cells:
            if (cell.block, cell.row) == (0, 0):
                matrices.mark(painter, cell.rect, matrix, at, cell.index, self.theme)
        painter.restore()

    def _hint(self) -> str:
        return self.missing if self.at is not None else self.tr("What the next symbol could be is shown here.")

    # -- pointer, wheel and keys
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        before, self._hovered = self._hovered, None if cell is None else min(cell.index, self.length - 1)
        over = any(self.line_of_list(at).contains(event.position()) for at in range(len(self.listed)))
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
        if self._hovered != before:
            self.update()

    def leaveEvent(self, event: object) -> None:
        self._hovered = None
        super().leaveEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for at in range(len(self.listed)):
            if self.line_of_list(at).contains(event.position()):
                self.picked.emit(at)
                return
        cell = self.cell_at(event.position())
        self.kept = None if cell is None else min(cell.index, self.length - 1)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._scroll_to(self.scroll - event.angleDelta().y() / 120 * 60)
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, at = event.key(), self.at
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if at is None or key not in (*moves, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Up, Qt.Key.Key_Down):
            super().keyPressEvent(event)
            return
        if key in moves:
            at = min(max(at + moves[key], 0), self.length - 1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            at = self._line_away(at, -1 if key == Qt.Key.Key_Up else 1)
        else:
            at = 0 if key == Qt.Key.Key_Home else self.length - 1
        self.kept, self._hovered = at, None
        place, rect = self.place_of(at), self.text_rect
        if place.y() < rect.y():
            self._scroll_to(self.scroll - (rect.y() - place.y()))
        elif place.bottom() > rect.bottom():
            self._scroll_to(self.scroll + place.bottom() - rect.bottom())
        self.update()

    def _line_away(self, at: int, way: int) -> int:
        """The symbol nearest above or below."""
        here = self.place_of(at).center()
        last = len(self.blocks) - 1
        cells = [cell for cell in self.laid().cells if cell.block == last and cell.row == 0 and cell.index < self.length]
        own = next(cell for cell in cells if cell.index == at).rect
        there = [cell for cell in cells if (cell.rect.y() - own.y()) * way > 1]
        if not there:
            return at
        line = min(there, key=lambda cell: abs(cell.rect.y() - own.y())).rect.y()
        x = here.x() - self.text_rect.x()
        return min((cell for cell in there if cell.rect.y() == line), key=lambda cell: abs(cell.rect.center().x() - x)).index

    def _scroll_to(self, top: float) -> None:
        most = max(0.0, self.laid().height - self.text_rect.height())
        self._scroll = None if top >= most else max(top, 0.0)
        self.renew()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._layout = None
        super().resizeEvent(event)
