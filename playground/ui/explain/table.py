"""The terms of an equation below one another: label, factors, product and a signed bar. Each row lights what it stands for."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground import turns
from playground.ui.explain.figures import CHOICES, Figures
from playground.ui.explain.places import Key, keys
from playground.ui.explain.sheet import Row, Table
from playground.ui.painters import tools
from playground.ui.theme import Theme

ROW = 18
LEAST_BAR = 44.0
FITS = ((10.0, 11.5), (7.0, 11.5), (6.0, 10.5), (5.0, 10.0))
"""Gaps before the columns and the size of their letters, px: the first at which all of them fit. A number is never cut."""
GAP = FITS[0][0]
NONE = Table((), ())


@dataclass(frozen=True, slots=True)
class Columns:
    """Room for the labels, the size of the numbers, what is printed of each row, and the columns' right edges."""

    label: float
    size: float
    cells: list[tuple[str, ...]]
    edges: list[float]


def _cells(row: Row, digits: int) -> tuple[str, ...]:
    """What is printed of ``row``: where ``digits`` is not 0, numbers with a power of ten have at most so many figures."""
    if not digits or len(row.values) != len(row.cells):
        return row.cells
    told = [Figures(digits).one(value, signed=True) if "×" in cell else cell for cell, value in zip(row.cells, row.values, strict=True)]
    return tuple(min(cell, other, key=len) for cell, other in zip(row.cells, told, strict=True))


class TermTable(QWidget):
    """Columns are as wide as their longest number; the bar takes what is left."""

    pointed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("terms")
        self._theme = theme
        self.table = NONE
        self._lit: frozenset[Key] = frozenset()
        self._over = -1
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_table(self, table: Table) -> None:
        if table == self.table:
            return
        tall = self.sizeHint().height()
        self.table = table
        if tall != self.sizeHint().height():
            self.setFixedHeight(self.sizeHint().height())
        self.setAccessibleDescription(table.text())
        self.update()

    def light(self, lit: frozenset[Key]) -> None:
        """Ring the rows that stand for one of these places."""
        if lit != self._lit:
            self._lit = lit
            self.update()

    def ringed(self) -> list[Row]:
        """The rows that are ringed now."""
        return [row for row in self.table.rows if keys(row.places) & self._lit]

    def ringed_boxes(self) -> list[QRectF]:
        """Where they stand."""
        return [self.row_rect(at) for at, row in enumerate(self.table.rows) if keys(row.places) & self._lit]

    def row_rect(self, index: int) -> QRectF:
        return QRectF(0, ROW * (index + self._headed), self.width(), ROW)

    def sizeHint(self) -> QSize:
        rows = len(self.table.rows) + self._headed + bool(self.table.more)
        return QSize(200, rows * ROW + 2 if self.table.rows else 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    @property
    def _headed(self) -> int:
        return int(any(self.table.heads))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = int(event.position().y() // ROW) - self._headed
        over = over if 0 <= over < len(self.table.rows) else -1
        if over != self._over:
            self._over = over
            self.pointed.emit(self.table.rows[over].places if over >= 0 else ())
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = -1
        self.pointed.emit(())
        self.update()

    # -- drawing
    @turns.window
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, table = QPainter(self), self._theme, self.table
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        columns = self.columns()
        if self._headed:
            for head, edge in zip(table.heads, columns.edges, strict=True):
                tools.text(painter, edge, ROW / 2, head, theme.color("text3"), min(columns.size, 10.5), align="right")
        largest = max((abs(row.size) for row in table.rows if row.size is not None and math.isfinite(row.size)), default=0.0)
        for index, row in enumerate(table.rows):
            box = self.row_rect(index)
            if index == self._over:
                painter.fillRect(box, theme.color("raised"))
            self._row(painter, box, row, columns, columns.cells[index], largest)
            if keys(row.places) & self._lit:
                painter.setPen(QPen(theme.color("accent"), 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box.adjusted(0.75, 0.75, -0.75, -0.75), 4, 4)
        if table.more:
            y = (len(table.rows) + self._headed + 0.5) * ROW
            tools.text(painter, 4, y, table.more, theme.color("text2"), 11, room=self.width() - 8.0)
        painter.end()

    def columns(self) -> Columns:
        """The first choice of gaps, letters and figures at which the numbers fit beside the labels; the last one where none does."""
        label = min(max((tools.width(row.label, 11, 600 if row.marked else 400) for row in self.table.rows), default=0.0), 84.0)
        for digits in (0, *range(max(CHOICES) - 1, 1, -1)):
            cells = [_cells(row, digits) for row in self.table.rows]
            for gap, size in FITS:
                found = Columns(label, size, cells, self._edges(cells, 4 + label, gap, size))
                if not found.edges or found.edges[-1] <= self.width() - 4:
                    return found
        return found

    def _edges(self, cells: list[tuple[str, ...]], x: float, gap: float, size: float) -> list[float]:
        """The right edges of the columns of numbers; ``x``: where the labels end."""
        heads, edges = self.table.heads, list[float]()
        for column, head in enumerate(heads):
            weight = 600 if column == len(heads) - 1 else 400
            wide = max((tools.width(row[column], size, weight) for row in cells), default=0.0)
            x += gap + max(wide, tools.width(head, min(size, 10.5)))
            edges.append(x)
        spare = self.width() - x - GAP - max(LEAST_BAR, self.width() * 0.36)
        if spare > 0 and edges:  # wide panels give the columns air
            share = min(spare / len(edges), 24.0)
            edges = [edge + share * (at + 1) for at, edge in enumerate(edges)]
        return edges

    def _row(self, painter: QPainter, box: QRectF, row: Row, columns: Columns, cells: tuple[str, ...], largest: float) -> None:
        theme, middle, edges = self._theme, box.center().y(), columns.edges
        weight = 600 if row.marked else 400
        tools.text(painter, 4, middle, row.label, theme.color("text" if row.marked else "text3"), 11, weight, room=columns.label + 2)
        for column, (words, edge) in enumerate(zip(cells, edges, strict=True)):
            last = column == len(edges) - 1
            tools.text(painter, edge, middle, words, theme.color("text" if last else "text2"), columns.size, 600 if last else 400, "right")
        start, end = (edges[-1] if edges else 0.0) + GAP, float(self.width()) - 4
        if end - start >= 12 and row.size is not None and math.isfinite(row.size):
            self._bar(painter, QRectF(start, box.y() + 4, end - start, ROW - 8), row.size, largest)

    def _bar(self, painter: QPainter, room: QRectF, size: float, largest: float) -> None:
        theme = self._theme
        if self.table.unsigned:
            painter.fillRect(QRectF(room.x(), room.y(), room.width() * min(max(size, 0.0), 1.0), room.height()), theme.color("good"))
            painter.fillRect(QRectF(room.x(), room.y() - 3, 1, room.height() + 6), theme.color("line3"))
            return
        middle = room.center().x()
        if largest > 0:
            reach = room.width() / 2 * min(abs(size) / largest, 1.0)
            bar = QRectF(middle if size > 0 else middle - reach, room.y(), reach, room.height())
            painter.fillRect(bar, theme.color(self.table.tones[0 if size > 0 else 1]))
        painter.setPen(QPen(theme.color("line3"), 1))
        painter.drawLine(QPointF(middle, room.y() - 4), QPointF(middle, room.bottom() + 4))
