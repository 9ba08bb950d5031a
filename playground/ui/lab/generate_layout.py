"""Where symbols stand: rows of them one under another, wrapped into lines as text is. Without painting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from PySide6.QtCore import QRectF

BLANK, LINE_END = "␣", "⏎"
FAR_EAST = 0x2E80
"""From this code point on letters are as wide as high, and a line may end after each."""
SIZE, FAR_EAST_SIZE = 15.0, 20.0
ROW, FAR_EAST_ROW = 24.0, 32.0
LINE_GAP = 8.0
"""Between one line of several rows and the next one."""
LABEL = 12.0
NARROWEST = 18.0
"""Of a cell that stands in a column."""
LARGE_SIZE, LARGE_ROW, LARGE_CELL, FIGURE = 21.0, 38.0, 46.0, 16.0
"""Columns that all fit into one line so are drawn large, with the chances as figures below them."""


@dataclass(frozen=True, slots=True)
class Row:
    """``symbols`` as they are shown, ``""`` where there is none; each with its ``chances`` (empty: none are known) and its ``verdicts``,
    ``True`` right, ``False`` wrong, ``None`` neither. ``faint``: it is not what is looked at. ``old``: from this place on it is left
    over from before."""

    label: str
    symbols: Sequence[str]
    chances: Sequence[float] = ()
    verdicts: Sequence[bool | None] = ()
    faint: bool = False
    old: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Rows whose symbols at the same place stand in one column; one row alone runs as text does. Only what is ``asked`` about has chances
    to look at."""

    rows: tuple[Row, ...]
    asked: bool = True

    @property
    def runs(self) -> bool:
        return len(self.rows) == 1 and self.asked

    @property
    def length(self) -> int:
        return max((len(row.symbols) for row in self.rows), default=0)


@dataclass(frozen=True, slots=True)
class Cell:
    """Symbol ``index`` of a row of a block."""

    block: int
    row: int
    index: int
    rect: QRectF


@dataclass(frozen=True, slots=True)
class Layout:
    """All cells, where labels stand (block, row, middle of the line's left end), how high it all is, and the letters' size; ``large``
    where there is room below a symbol for its chance."""

    cells: tuple[Cell, ...]
    labels: tuple[tuple[int, int, float], ...]
    height: float
    size: float
    large: bool


def laid_out(blocks: Sequence[Block], room: float, width: Callable[[str, float], float]) -> Layout:
    """The blocks one under another in ``room`` px; ``width(symbol, size)`` is what a symbol takes."""
    far = any(ord(symbol[0]) >= FAR_EAST for block in blocks for row in block.rows for symbol in row.symbols if symbol)
    size, high = (FAR_EAST_SIZE, FAR_EAST_ROW) if far else (SIZE, ROW)
    names = [row.label for block in blocks for row in block.rows if row.label]
    left = max((width(name, 10.5) for name in names), default=0.0) + (LABEL if names else 0.0)
    large = bool(blocks) and not any(block.runs or left + block.length * LARGE_CELL > room for block in blocks)
    if large:
        size, high = LARGE_SIZE, LARGE_ROW
    cells: list[Cell] = []
    labels: list[tuple[int, int, float]] = []
    y = 0.0
    for number, block in enumerate(blocks):
        wide = _widths(block, lambda symbol: width(symbol, size), LARGE_CELL if large else NARROWEST)
        for begin, end in lines_of(block, wide, room - left):
            for row, one in enumerate(block.rows):
                x = left
                labels.append((number, row, y + high / 2))
                for at in range(begin, end):
                    if at < len(one.symbols):
                        cells.append(Cell(number, row, at, QRectF(x, y, wide[at], high)))
                    x += wide[at]
                y += high + (FIGURE if large and one.chances else 0.0)
            y += 0.0 if block.runs else LINE_GAP
        y += LINE_GAP
    return Layout(tuple(cells), tuple(labels), y, size, large)


def lines_of(block: Block, wide: Sequence[float], room: float) -> list[tuple[int, int]]:
    """From which symbol to which (exclusive) each line goes. Running text breaks behind a blank where it can, and at its line ends."""
    found, begin, at, x = [], 0, 0, 0.0
    symbols = block.rows[0].symbols if block.runs else ()
    while at < len(wide):
        if x + wide[at] > room and at > begin:
            end = at
            if block.runs:
                blanks = [place for place in range(begin, at) if symbols[place] == BLANK]
                end = blanks[-1] + 1 if blanks and ord(symbols[at][:1] or " ") < FAR_EAST else at
            found.append((begin, end))
            begin, at, x = end, end, 0.0
            continue
        x += wide[at]
        at += 1
        if block.runs and symbols[at - 1] == LINE_END:
            found.append((begin, at))
            begin, x = at, 0.0
    if begin < len(wide):
        found.append((begin, len(wide)))
    return found


def _widths(block: Block, width: Callable[[str], float], narrowest: float) -> list[float]:
    """What each column takes; each symbol is measured once."""
    known: dict[str, float] = {symbol: width(symbol) for row in block.rows for symbol in set(row.symbols)}
    if block.runs:
        return [known[symbol] + (8.0 if len(symbol) > 1 else 1.0) for symbol in block.rows[0].symbols]
    columns = zip_longest(*([known[symbol] for symbol in row.symbols] for row in block.rows), fillvalue=0.0)
    return [max(*column, narrowest - 6.0) + 6.0 for column in columns]
