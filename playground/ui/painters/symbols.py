"""Symbols: a sample that is a text or another row of tokens, written out in reading order, each symbol at its own step."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.ui.numbers import count
from playground.ui.painters import reading, tools
from playground.ui.painters.base import Picture
from playground.ui.theme import Theme

WIDE, LINE, MOST_LINES = 156.0, 18.0, 8
"""What a line of symbols takes at most, its height, and how many lines there are; of longer samples the beginning is shown."""
NARROWEST, WIDEST = 13.0, 76.0
EDGE, TOP, FOOT = 12.0, 8.0, 26.0
SIZE = 11.5
REST = "…"
FAR_EAST = 0x2E80
"""From this code point on letters are as wide as high."""
MEASURED = 40
"""Names of a vocabulary of thousands that are measured, the longest ones: Chinese characters are all as wide."""


@lru_cache(maxsize=16)
def widest(tokens: tuple[str, ...]) -> float:
    """A cell's width for these symbols: Latin letters take the least, Chinese ones and words what they need."""
    asked = sorted((name for name in tokens if len(name) > 1 or ord(name) > FAR_EAST), key=len)[-MEASURED:]
    longest = max((tools.width(name, SIZE) for name in asked), default=0.0)
    return min(max(longest + 5, NARROWEST), WIDEST)


class SymbolsPainter:
    """Cells of one width, as wide as the longest symbol needs; words that are longer are cut short. Padded steps are blank."""

    def size(self, picture: Picture) -> QSizeF:
        columns, lines, wide = self._grid(picture)
        return QSizeF(2 * EDGE + columns * wide, TOP + lines * LINE + FOOT)

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        columns, lines, wide = self._grid(picture)
        if not 0 <= unit < min(self._steps(picture), columns * lines - self._cut(picture)):
            return None
        return self._cell(rect, unit, columns, wide)

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        columns, _, wide = self._grid(picture)
        column, line = int((point.x() - rect.x() - EDGE) // wide), int((point.y() - rect.y() - TOP) // LINE)
        unit = line * columns + column
        return unit if 0 <= column < columns and line >= 0 and self.unit_rect(rect, picture, unit) is not None else None

    def tip(self, picture: Picture, unit: int | None) -> str:
        values = reading.value(picture)
        if unit is None or values is None or not 0 <= unit < values.size:
            return QCoreApplication.translate("painters", "{n} symbols").format(n=count(self._steps(picture)))
        words = QCoreApplication.translate("painters", "step {step}: {symbol} (number {number})")
        return words.format(step=unit + 1, symbol=self.symbol(picture, float(values[unit])) or "?", number=f"{values[unit]:g}")

    @staticmethod
    def symbol(picture: Picture, value: float) -> str:
        """The name of token ``value``; ``""`` where there is none."""
        tokens = picture.data.tokens if picture.data is not None else ()
        return tokens[int(value)] if np.isfinite(value) and 0 <= value < len(tokens) else ""

    def paint(
        self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme, words: str = ""
    ) -> None:
        """``words`` stand below: which sample it is."""
        columns, lines, wide = self._grid(picture)
        values = reading.value(picture)
        mask = reading.value(picture, "mask")
        shown = min(self._steps(picture), columns * lines)
        cut = self._cut(picture)
        for unit in range(shown):
            cell = self._cell(rect, unit, columns, wide)
            if cut and unit == shown - 1:
                tools.text(painter, cell.center().x(), cell.center().y(), REST, theme.color("text3"), SIZE, align="center", always=True)
                continue
            real = mask is None or np.ravel(mask)[unit] != 0
            if values is None or reading.waits(picture, cursor, unit):
                painter.fillRect(cell.adjusted(0.5, 1, -0.5, -1), tools.hatch(theme, "waiting"))
            elif real:
                painter.fillRect(cell.adjusted(0.5, 1, -0.5, -1), theme.color("field"))
                name = self.symbol(picture, float(np.ravel(values)[unit]))
                ink, room = theme.color("text"), wide - 2
                tools.text(painter, cell.center().x(), cell.center().y(), name, ink, SIZE, align="center", room=room, always=True)
            if unit == picture.selected_unit:
                tools.ring(painter, cell, theme.color("accent"), off=0, width=1.5, radius=3)
        tools.text(painter, rect.x() + EDGE, rect.bottom() - 12, words, theme.color("text3"), 10.5, room=rect.width() - 2 * EDGE)

    def _cell(self, rect: QRectF, unit: int, columns: int, wide: float) -> QRectF:
        return QRectF(rect.x() + EDGE + unit % columns * wide, rect.y() + TOP + unit // columns * LINE, wide, LINE)

    def _steps(self, picture: Picture) -> int:
        return picture.output[0] if picture.output else 0

    def _cut(self, picture: Picture) -> int:
        """1 where the last cell stands for all that has no room."""
        columns, lines, _ = self._grid(picture)
        return int(self._steps(picture) > columns * lines)

    def _grid(self, picture: Picture) -> tuple[int, int, float]:
        """Columns, lines, and a cell's width."""
        wide = widest(picture.data.tokens if picture.data is not None else ())
        steps = max(self._steps(picture), 1)
        columns = max(min(int(WIDE // wide), steps), 5 if wide < WIDEST / 2 else 1)
        return columns, min(-(-steps // columns), MOST_LINES), wide
