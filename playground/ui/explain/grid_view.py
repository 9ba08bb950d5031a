"""The grids of a window: patch x kernel = products, as large as the panel lets them be. Each cell lights what it stands for."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.anim.scale import Scale
from playground.ui.canvas.lens.look import cell_words
from playground.ui.explain.grids import is_lit
from playground.ui.explain.places import Key
from playground.ui.explain.sheet import Cell, Grid, Grids
from playground.ui.explain.tokens import HIDDEN
from playground.ui.painters import tools
from playground.ui.theme import Theme

HEAD, CAPTION, SIGN, GAP = 16.0, 14.0, 14.0, 6.0
LARGEST = (30.0, 24.0)
NUMBERS = (22.0, 14.0)
"""A cell smaller than this has no number in it."""
TALLEST = 150.0


class GridView(QWidget):
    """As many grids in a row as leave room for numbers; the others below. Where no number has room, the colors tell."""

    pointed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("grids")
        self._theme = theme
        self.grids = Grids()
        self._lit: frozenset[Key] = frozenset()
        self._over: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_grids(self, shown: Grids) -> None:
        if shown == self.grids:
            return
        self.grids = shown
        self.setAccessibleDescription(shown.text())
        self._fit()
        self.update()

    def light(self, lit: frozenset[Key]) -> None:
        """Ring the cells that stand for one of these places."""
        if lit != self._lit:
            self._lit = lit
            self.update()

    def ringed(self) -> list[Cell]:
        """The cells that are ringed now."""
        return [cell for grid in self.grids.grids for row in grid.cells for cell in row if cell is not None and is_lit(cell, self._lit)]

    # -- where they stand
    def _columns(self) -> int:
        """How many grids stand side by side."""
        count, wide = len(self.grids.grids), self._wide()
        for columns in range(count, 0, -1):
            room = (self.width() - (columns - 1) * SIGN) / columns / wide
            if room >= NUMBERS[0] or columns == 1:
                return columns
        return 1

    def _wide(self) -> int:
        return max((len(grid.cells[0]) for grid in self.grids.grids), default=1)

    def _layout(self) -> tuple[int, tuple[float, float]]:
        """How many in a row, and the size of a cell."""
        if not self.grids.grids:
            return 1, (0.0, 0.0)
        high, wide, count = len(self.grids.grids[0].cells), self._wide(), len(self.grids.grids)
        columns = self._columns()
        if (self.width() - (columns - 1) * SIGN) / columns / wide < NUMBERS[0]:  # no numbers anyway: all in one row
            columns = count
        cell = min((self.width() - (columns - 1) * SIGN) / columns / wide, LARGEST[0])
        tall = min(cell * 0.8, LARGEST[1]) if cell >= NUMBERS[0] else min(cell, TALLEST / high)
        return columns, (cell if cell >= NUMBERS[0] else tall, tall)

    def grid_rect(self, index: int) -> QRectF:
        """Where grid ``index`` stands."""
        columns, (wide, tall) = self._layout()
        grid = self.grids.grids[index]
        across, down = wide * self._wide() + SIGN, tall * len(grid.cells) + HEAD + GAP
        row, column = divmod(index, columns)
        return QRectF(column * across, self._top() + row * down + HEAD, wide * len(grid.cells[0]), tall * len(grid.cells))

    def cell_rect(self, grid: int, row: int, column: int) -> QRectF:
        """Where a cell stands."""
        box, (_, (wide, tall)) = self.grid_rect(grid), self._layout()
        return QRectF(box.x() + column * wide, box.y() + row * tall, wide, tall)

    def _top(self) -> float:
        return CAPTION if self.grids.caption else 0.0

    def sizeHint(self) -> QSize:
        if not self.grids.grids:
            return QSize(200, 0)
        return QSize(200, math.ceil(self.grid_rect(len(self.grids.grids) - 1).bottom()) + 3)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def _fit(self) -> None:
        if self.height() != self.sizeHint().height():
            self.setFixedHeight(self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # -- the pointer
    def cell_at(self, point: QPointF) -> tuple[int, int, int] | None:
        """(grid, row, column) under ``point``."""
        _, (wide, tall) = self._layout()
        for index in range(len(self.grids.grids)):
            box = self.grid_rect(index)
            if box.contains(point) and wide > 0 and tall > 0:
                grid = self.grids.grids[index]
                row = min(int((point.y() - box.y()) / tall), len(grid.cells) - 1)
                return index, row, min(int((point.x() - box.x()) / wide), len(grid.cells[0]) - 1)
        return None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self.cell_at(event.position())
        over = None if found is None else (found[1], found[2])
        if over != self._over:
            self._over = over
            cell = None if found is None else self.grids.grids[found[0]].cells[found[1]][found[2]]
            self.pointed.emit(cell.places if cell is not None else ())
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._over = None
        self.pointed.emit(())
        self.update()

    # -- drawing
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.grids.caption:
            tools.text(painter, 0, CAPTION / 2, self.grids.caption, theme.color("text3"), 10.5, room=self.width())
        columns, _ = self._layout()
        for index, grid in enumerate(self.grids.grids):
            box = self.grid_rect(index)
            last = index + 1 == len(self.grids.grids) or (index + 1) % columns == 0  # nothing stands to the right of it
            room = self.width() - box.x() if last else max(box.width() + SIGN - 2, 60)
            tools.text(painter, box.x(), box.y() - HEAD / 2, grid.name, theme.color("text2"), 10.5, room=room)
            if index % columns and len(self.grids.grids) == 3:
                sign = "×" if index == 1 else "="
                tools.text(painter, box.x() - SIGN / 2, box.center().y(), sign, theme.color("text2"), 12, align="center")
            self._grid(painter, index, grid)
        painter.end()

    def _grid(self, painter: QPainter, index: int, grid: Grid) -> None:
        theme = self._theme
        _, (wide, tall) = self._layout()
        numbered = wide >= NUMBERS[0] and tall >= NUMBERS[1]
        scale = Scale(limit=max((abs(c.value) for row in grid.cells for c in row if c is not None and math.isfinite(c.value)), default=0.0))
        scale.ramp = grid.ramp
        if not numbered:
            values = [[0.0 if cell is None or cell.hidden else cell.value for cell in row] for row in grid.cells]
            tools.cells(painter, self.grid_rect(index), np.array(values), scale, theme)
        for row, cells in enumerate(grid.cells):
            for column, cell in enumerate(cells):
                box = self.cell_rect(index, row, column)
                if cell is None or cell.hidden:
                    self._empty(painter, box, row, column, cell, numbered)
                elif numbered:
                    self._number(painter, box.adjusted(0.5, 0.5, -0.5, -0.5), cell.value, scale)
                if is_lit(cell, self._lit) or self._over == (row, column):
                    tools.ring(painter, box, theme.color("accent"), off=0, width=1.5, radius=2)
                elif self.grids.winner == (row, column):
                    tools.ring(painter, box, theme.color("text"), off=0, width=2, radius=2)
        if not numbered:
            tools.frame(painter, self.grid_rect(index), theme.color("line3"))

    def _number(self, painter: QPainter, inner: QRectF, value: float, scale: Scale) -> None:
        """A cell with its number, small where the panel is narrow."""
        if inner.width() >= tools.NUMBER_CELL.width() or not math.isfinite(value):
            tools.value_cell(painter, inner, value, scale, self._theme, 1, cell_words(value, scale.limit, inner.width() - 3))
            return
        words = cell_words(value, scale.limit, inner.width() + 1)
        color = tools.color_of(value, scale, self._theme)
        painter.fillRect(inner, color)
        ink = self._theme.ink(color.red(), color.green(), color.blue())
        tools.text(painter, inner.center().x(), inner.center().y(), words, ink, 9, 500, "center")

    def _empty(self, painter: QPainter, box: QRectF, row: int, column: int, cell: Cell | None, numbered: bool) -> None:
        """A zero of the padding, nothing where a stride has spread errors, or what is asked for."""
        theme, inner = self._theme, box.adjusted(0.5, 0.5, -0.5, -0.5)
        if min(inner.width(), inner.height()) < 2:
            return
        painter.fillRect(inner, theme.color("field"))
        spread = self.grids.spread[0][row] or self.grids.spread[1][column] if self.grids.spread[0] else False
        words = HIDDEN if cell is not None else "" if spread else "0"
        if not spread and cell is None:
            painter.fillRect(inner, tools.hatch(theme, "waiting"))
        if numbered and words:
            plate = QRectF(0, 0, 11, 12)
            plate.moveCenter(box.center())
            painter.fillRect(plate, theme.color("field"))
            tools.text(painter, box.center().x(), box.center().y(), words, theme.color("text3"), 10, align="center")
