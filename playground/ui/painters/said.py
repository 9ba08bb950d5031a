"""Output of a language model: the text that was asked for, each symbol on the color of its chance, and what was said instead."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.ui.painters import reading, tools
from playground.ui.painters.answers import AnswersPainter
from playground.ui.painters.base import Picture
from playground.ui.painters.sequence import EDGE, FOOT, TOP, waiting
from playground.ui.painters.symbols import MOST_LINES, REST, SIZE, WIDE, widest
from playground.ui.theme import Theme

MANY = 40
"""From so many classes on a row each is too thin to be told from the next."""
UPPER, LOWER = 17.0, 11.0
"""Heights of the symbol that was asked for and of what was said instead."""
SMALL = 9.0


def is_text(picture: Picture) -> bool:
    """Whether each step's answer is one of many symbols."""
    names = picture.data.classes if picture.data is not None else ()
    return len(names) >= MANY and picture.output is not None and picture.output[1:] == (len(names),)


class SaidPainter(AnswersPainter):
    """In reading order, a cell a step. Before the truth is known each cell has what is said. A unit (a class at a step) is its step's."""

    def size(self, picture: Picture) -> QSizeF:
        columns, lines, wide = self._grid(picture)
        return QSizeF(2 * EDGE + columns * wide, TOP + lines * (UPPER + LOWER) + FOOT)

    def box(self, rect: QRectF, picture: Picture) -> QRectF:
        columns, lines, wide = self._grid(picture)
        return QRectF(rect.x() + EDGE, rect.y() + TOP, columns * wide, lines * (UPPER + LOWER))

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        steps, width = self._shape(picture)
        columns, lines, wide = self._grid(picture)
        step = unit // width
        if not 0 <= step < min(steps, columns * lines - self._cut(picture)):
            return None
        box = self.box(rect, picture)
        return QRectF(box.x() + step % columns * wide, box.y() + step // columns * (UPPER + LOWER), wide, UPPER + LOWER)

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        """Of the step there: the class that is asked for, or else the one that is said."""
        columns, _, wide = self._grid(picture)
        box, width = self.box(rect, picture), self._shape(picture)[1]
        if not box.contains(point):
            return None
        column = min(int((point.x() - box.x()) / wide), columns - 1)
        step = int((point.y() - box.y()) / (UPPER + LOWER)) * columns + column
        if self.unit_rect(rect, picture, step * width) is None:
            return None
        values, targets = self._values(picture), self._targets(picture)
        if targets is not None and targets[step, 0] >= 0:
            return step * width + int(targets[step, 0])
        return step * width + (0 if values is None else int(np.nan_to_num(values[step]).argmax()))

    def paint(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme) -> None:
        values, known = self._values(picture), reading.loss_known(picture, cursor)
        targets, counts = self._targets(picture) if known else None, self._counts(picture)
        ahead = waiting(picture, cursor)
        steps, width = self._shape(picture)
        for step in range(steps):
            cell = self.unit_rect(rect, picture, step * width)
            if cell is None:
                self._rest(painter, rect, picture, step, theme)
                break
            if values is None or (ahead is not None and ahead[step].any()):
                painter.fillRect(cell.adjusted(0.5, 1, -0.5, -1), tools.hatch(theme, "waiting"))
            elif counts[step]:
                self._cell(painter, cell, picture, values[step], None if targets is None else int(targets[step, 0]), scale, theme)
        if picture.selected_unit is not None and (chosen := self.unit_rect(rect, picture, picture.selected_unit)) is not None:
            tools.ring(painter, chosen, theme.color("accent"), off=0, width=1.5, radius=3)
        self._footer(painter, rect, picture, self._right(picture, values, targets, counts), known, theme)

    def _cell(
        self, painter: QPainter, cell: QRectF, picture: Picture, chances: np.ndarray, truth: int | None, scale: Scale, theme: Theme
    ) -> None:
        best = int(np.nan_to_num(chances).argmax())
        asked = best if truth is None else truth
        upper = QRectF(cell.x() + 0.5, cell.y() + 1, cell.width() - 1, UPPER - 1)
        color = tools.color_of(float(chances[asked]), scale, theme)
        painter.fillRect(upper, color)
        if not np.isfinite(chances[asked]):
            painter.fillRect(upper, tools.hatch(theme, "nan"))
        ink = theme.ink(color.red(), color.green(), color.blue())
        middle, room = cell.center().x(), cell.width() - 1
        tools.text(painter, middle, upper.center().y(), self._name(picture, asked), ink, SIZE, align="center", room=room)
        if truth is not None and best != truth:
            y = cell.y() + UPPER + LOWER / 2 - 0.5
            tools.text(painter, middle, y, self._name(picture, best), theme.color("bad"), SMALL, 600, "center", room=room)

    def _rest(self, painter: QPainter, rect: QRectF, picture: Picture, step: int, theme: Theme) -> None:
        """The last cell stands for all steps that have no room."""
        columns, _, wide = self._grid(picture)
        box = self.box(rect, picture)
        x, y = box.x() + (step % columns + 0.5) * wide, box.y() + step // columns * (UPPER + LOWER) + UPPER / 2
        tools.text(painter, x, y, REST, theme.color("text3"), SIZE, align="center")

    def _cut(self, picture: Picture) -> int:
        columns, lines, _ = self._grid(picture)
        return int(self._shape(picture)[0] > columns * lines)

    def _grid(self, picture: Picture) -> tuple[int, int, float]:
        """Columns, lines, and a cell's width."""
        wide = widest(picture.data.classes if picture.data is not None else ())
        steps = self._shape(picture)[0]
        columns = max(min(int(WIDE // wide), steps), 2)
        return columns, min(-(-steps // columns), MOST_LINES), wide
