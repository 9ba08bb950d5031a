"""What the explain panel shows, as data: a sentence, and for each equation of a cell its title, formula, numbers, terms and picture."""

from __future__ import annotations

from dataclasses import dataclass

from playground.anim.account import Place
from playground.ui.explain.tokens import HIDDEN, Line, Places, plain


@dataclass(frozen=True, slots=True)
class Row:
    """One term. ``cells`` are printed, ``values`` are the same as numbers; ``size`` is the bar's (``None``: not to be told)."""

    label: str
    cells: tuple[str, ...]
    values: tuple[float, ...]
    size: float | None
    places: Places = ()
    marked: bool = False
    """The row that it is about: the true class."""


@dataclass(frozen=True, slots=True)
class Table:
    """Terms below one another, the last column with a bar. ``more`` says what was left out; ``unsigned``: bars are shares of 1."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    more: str = ""
    unsigned: bool = False
    tones: tuple[str, str] = ("pos", "neg")

    def text(self) -> str:
        """Columns parted by tabs."""
        lines = ["\t".join(("", *self.heads)), *("\t".join((row.label, *row.cells)) for row in self.rows)]
        return "\n".join([*lines, self.more] if self.more else lines)


@dataclass(frozen=True, slots=True)
class Cell:
    """A number of a grid, and what it stands for; ``hidden``: not to be told."""

    value: float
    places: Places = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """Numbers in rows and columns, colored on a ramp of their own; ``None`` where there is none."""

    name: str
    cells: tuple[tuple[Cell | None, ...], ...]
    ramp: str = "div"


@dataclass(frozen=True, slots=True)
class Grids:
    """A window's numbers, cell by cell: three grids are a product. ``winner`` (row, column) is the largest; ``spread`` are the rows
    and columns at which a stride leaves nothing."""

    grids: tuple[Grid, ...] = ()
    caption: str = ""
    winner: tuple[int, int] | None = None
    spread: tuple[tuple[bool, ...], tuple[bool, ...]] = ((), ())

    def text(self) -> str:
        """Each grid as lines of numbers parted by tabs."""
        parts = [self.caption] if self.caption else []
        for grid in self.grids:
            rows = ("\t".join(_told(cell) for cell in row) for row in grid.cells)
            parts.append("\n".join((grid.name, *rows)))
        return "\n".join(parts)


def _told(cell: Cell | None) -> str:
    return "" if cell is None else HIDDEN if cell.hidden else f"{cell.value:.4g}"


@dataclass(frozen=True, slots=True)
class Graph:
    """A function's little graph with the value as a dot and the slope as a tangent; ``words`` stand beside it."""

    function: str
    z: float
    y: float | None
    slope: float | None = None
    words: tuple[str, ...] = ()
    backward: bool = False
    """Whether it is the slope that it is about."""
    places: Places = ()
    """What argument and value stand for."""


@dataclass(frozen=True, slots=True)
class Move:
    """A number line: where a parameter was, and where it is now (``None``: not to be told)."""

    old: float
    new: float | None
    tone: str = "upd"
    reach: float = 0.0
    """How far the line goes to either side of zero; 0: as far as this move needs."""
    places: Places = ()


@dataclass(frozen=True, slots=True)
class Block:
    """One equation of the cell."""

    role: str
    title: str
    symbols: str
    line: Line = ()
    table: Table | None = None
    graph: Graph | None = None
    move: Move | None = None
    grids: Grids | None = None
    aside: bool = False
    """Not what the pass stands at: it stands back."""

    def text(self) -> str:
        """The numbers as plain text."""
        parts = [self.title, plain(self.line)]
        parts += [part.text() for part in (self.grids, self.table) if part is not None]
        if self.graph is not None:
            parts += self.graph.words
        return "\n".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Sheet:
    """``present`` is the equation that the pass stands at. ``dim``: a formula without numbers."""

    caption: str = ""
    sentence: str = ""
    blocks: tuple[Block, ...] = ()
    present: int = 0
    dim: bool = False
    lens: bool = False
    """Whether its equations are alike, so that they may stand side by side."""

    @property
    def places(self) -> tuple[Place, ...]:
        """What the numbers of its lines and tables stand for: of an update also the unit's other weights."""
        told = [token.places for block in self.blocks for chunk in block.line for token in chunk]
        told += [row.places for block in self.blocks if block.table is not None for row in block.table.rows]
        return tuple(dict.fromkeys(place for places in told for place in places))

    @property
    def asks(self) -> bool:
        """Whether something on it is hidden."""
        return any(token.text == HIDDEN for block in self.blocks for chunk in block.line for token in chunk)

    def text(self) -> str:
        """All of it as plain text, for the clipboard."""
        return "\n\n".join(part for part in (self.caption, self.sentence, *(block.text() for block in self.blocks)) if part)
