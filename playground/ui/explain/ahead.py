"""The formulas of a pass, typeset before it comes to them: none then comes in late, and nothing moves when it does."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence

from PySide6.QtCore import QObject, QTimer

from playground import turns
from playground.anim.cursor import Cursor, Stage
from playground.anim.time_cells import TimeCells
from playground.ui.formula import Formulas
from playground.ui.theme import INK

TICK_MILLISECONDS = 15
LONGER = (0, 9, 99, 999)
"""Where a number that counts from 1 gets another digit, and with it a formula that is typeset by itself."""
MOST_CELLS = 16
"""Of a part of a stage."""
Symbols = Callable[[Cursor], Iterable[str]]


def whole_steps(stage: Stage) -> list[int | None]:
    """At what a pass stands that goes through a stage as a whole, or through its steps in time; ``None`` is the cell with most to tell."""
    if not isinstance(stage.cells, TimeCells):
        return [None]
    strides = stage.cells.strides
    return [strides[at] for at in (0, 1, *LONGER[1:], len(strides) - 1) if at < len(strides)]


def single_cells(stage: Stage) -> list[int]:
    """Cells of a stage whose formulas differ in more than digits: of each part those where its numbers get longer; of one that goes
    through time those of its second step too, which has one before it."""
    cells = stage.cells
    found = set()
    for part, shape in cells.parts:
        axes = [[at for at in LONGER if at < length] for length in shape]
        if isinstance(cells, TimeCells) and shape and shape[0] > 1:
            axes[0] = sorted({*axes[0], 1, shape[0] - 1})
        for place in itertools.islice(itertools.product(*axes), MOST_CELLS):
            cell = cells.find(part, place)
            if cell is not None:
                found.add(cell)
    return sorted(found)


class Ahead(QObject):
    """One formula at a time, in the order of a pass; what is asked for meanwhile goes first."""

    def __init__(self, formulas: Formulas, symbols: Symbols, size: float, parent: QObject | None = None) -> None:
        """``symbols`` are the formulas of what is explained at a cursor, typeset at ``size``."""
        super().__init__(parent)
        self._formulas, self._symbols, self._size = formulas, symbols, size
        self._cursors: Iterator[Cursor] = iter(())
        self._waiting: list[str] = []
        self._timer = QTimer(self, interval=TICK_MILLISECONDS)
        self._timer.timeout.connect(self._tick)

    @property
    def active(self) -> bool:
        """Whether there is something left to look at."""
        return self._timer.isActive()

    def begin(self, stages: Sequence[Stage], single: bool) -> None:
        """Another pass: what is left of the last one is not wanted any more. ``single``: it goes cell by cell; else single cells come
        after all else, for another sample's largest number may have a longer index."""
        passed = tuple(stages)
        whole = (Cursor(at, stage, cell, 0.0, passed) for at, stage in enumerate(passed) for cell in whole_steps(stage))
        wanted = (at for at, stage in enumerate(passed) if single or not isinstance(stage.cells, TimeCells))
        cells = (Cursor(at, passed[at], cell, 0.0, passed) for at in wanted for cell in single_cells(passed[at]))
        self._waiting.clear()
        self._cursors = itertools.chain(cells, whole) if single else itertools.chain(whole, cells)
        self._timer.start()

    def stop(self) -> None:
        """No more of it."""
        self._timer.stop()

    @turns.window
    def _tick(self) -> None:
        if self._formulas.busy:
            return
        if not self._waiting:
            cursor = next(self._cursors, None)
            if cursor is None:
                self._timer.stop()
                return
            self._waiting = [latex for latex in self._symbols(cursor) if not self._formulas.kept(latex, self._size)]
        if self._waiting:
            self._formulas.ask(self._waiting.pop(0), self._size, INK, lambda _: None)
