"""A window's terms as small grids: what lies under it, the kernel, the products, of one channel at a time; and what each channel adds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QCoreApplication

from playground.anim.account import Equation, Layout, Number, Place, Term
from playground.ui.explain.figures import Figures
from playground.ui.explain.hiding import Hidden
from playground.ui.explain.places import Key, key
from playground.ui.explain.sheet import Cell, Grid, Grids, Row, Table
from playground.ui.explain.terms import SHOWN, biggest
from playground.ui.numbers import count

MOST_CELLS = 1024
"""Of a larger plane (errors that slide over a large picture) the biggest terms are told, as of any long sum."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


def laid_out(equation: Equation) -> bool:
    """Whether the terms are shown as grids: they stand in a plane of more than one cell, and of not too many."""
    layout = equation.layout
    return layout is not None and len(equation.terms) > 0 and 1 < layout.shape[1] * layout.shape[2] <= MOST_CELLS


def grids(
    equation: Equation, hidden: Hidden, lit: frozenset[Key] = frozenset(), backward: bool = False, inputs: frozenset[str] = frozenset()
) -> Grids:
    """The grids of the channel that adds most, or of the one with a place that is ``lit``. ``inputs`` are the Input nodes."""
    layout = equation.layout
    assert layout is not None
    places, (planes, high, wide) = layout.places, layout.shape
    each = len(places) // planes if planes else 0
    plane = _plane(equation, each, lit)
    terms = [equation.terms[at] for at in range(plane * each, (plane + 1) * each)]
    spots = places[plane * each : (plane + 1) * each] - plane * high * wide
    two = bool(terms) and len(terms[0].factors) > 1
    drawn: list[Grid] = []
    for name, which in _columns(layout, equation.role, two):
        cells: list[Cell | None] = [None] * (high * wide)
        for spot, term in zip(spots, terms, strict=True):
            cells[spot] = _cell(term, which, hidden)
        if which == 0 and layout.kernel is not None:
            for spot, value in enumerate(layout.kernel[plane].ravel()):
                cells[spot] = cells[spot] or Cell(float(value))
        ramp = _ramp(cells, backward, inputs)
        drawn.append(Grid(name, tuple(tuple(cells[row * wide : (row + 1) * wide]) for row in range(high)), ramp))
    spread = tuple(row is None for row in layout.rows), tuple(column is None for column in layout.columns)
    caption = _tr("channel {n} of {of}").format(n=layout.planes[plane] + 1, of=count(planes)) if planes > 1 else ""
    if planes > 1 and equation.role in ("arriving", "passed"):
        caption = _tr("from map {n}, one of {of}").format(n=layout.planes[plane] + 1, of=count(planes))
    winner = None if layout.winner is None else divmod(layout.winner, wide)
    return Grids(tuple(drawn), caption, winner, spread)


def channels(equation: Equation, figures: Figures, tones: tuple[str, str]) -> Table | None:
    """What each channel adds, in their order; of many those that add most. ``None`` where there is one. Pointing at one shows it."""
    layout = equation.layout
    if layout is None or len(layout.planes) < 2 or not laid_out(equation):
        return None
    sums = equation.subtotals
    shown = sorted(biggest(sums, SHOWN)) if len(sums) > SHOWN else list(range(len(sums)))
    each = len(layout.places) // len(sums)
    printed = figures.column([float(sums[at]) for at in shown])
    backward = equation.role in ("arriving", "passed")
    name = _tr("map {n}") if backward else _tr("channel {n}")
    rows = [
        Row(
            name.format(n=layout.planes[at] + 1),
            (words,),
            (float(sums[at]),),
            float(sums[at]),
            (place,) if (place := _read(equation.terms[at * each]).place) is not None else (),
        )
        for at, words in zip(shown, printed, strict=True)
    ]
    more = ""
    if len(sums) > len(shown):
        rest = float(sums.sum() - sums[shown].sum())
        more = _tr("and {count} more: {sum}").format(count=count(len(sums) - len(shown)), sum=figures.one(rest, signed=True))
    return Table((_tr("adds"),), tuple(rows), more, tones=tones)


def kernel_gradients(values: np.ndarray, shape: tuple[int, ...], filter: int, node: str) -> Grids:
    """The gradients of a filter's kernel (channels, rows, columns), or (features, taps) of a sequence's, as one grid: of the channel
    with the largest."""
    planes = values.reshape(shape if len(shape) == 3 else (1, *shape))
    plane = int(np.argmax(np.nan_to_num(np.abs(planes)).max((1, 2))))

    def place(row: int, column: int) -> Place:
        index = (filter, plane, row, column) if len(shape) == 3 else (filter, row, column)
        return Place(node, "weight", index, True)

    cells = tuple(
        tuple(Cell(float(value), (place(row, column),)) for column, value in enumerate(line)) for row, line in enumerate(planes[plane])
    )
    caption = _tr("channel {n} of {of}").format(n=plane + 1, of=count(len(planes))) if len(planes) > 1 else ""
    return Grids((Grid(_tr("Gradients of the kernel"), cells, "err"),), caption)


def _columns(layout: Layout, role: str, two: bool) -> list[tuple[str, int]]:
    """The grids' names, and which factor each shows: -1 is what the term comes to."""
    if layout.kernel is not None:
        if role == "gradient":
            return [(_tr("Patches"), 1), (_tr("Errors"), 0), (_tr("Products"), -1)]
        kernel = _tr("Kernel, turned") if layout.turned else _tr("Kernel")
        return [(_tr("Errors") if layout.turned else _tr("Patch"), 1), (kernel, 0), (_tr("Products"), -1)]
    if role in ("maximum", "average"):
        return [(_tr("Window"), 0)]
    return [(_tr("Errors"), 0), (_tr("What comes back"), -1)] if two else [(_tr("Errors"), 0)]


def _cell(term: Term, which: int, hidden: Hidden) -> Cell:
    if which < 0:
        asked = any(hidden.hides(factor) for factor in term.factors)
        return Cell(term.value, tuple(factor.linked for factor in term.factors if factor.linked is not None), asked)
    factor = term.factors[which]
    return Cell(factor.value, (factor.linked,) if factor.linked is not None else (), hidden.hides(factor))


def _ramp(cells: Sequence[Cell | None], backward: bool, inputs: frozenset[str]) -> str:
    """Errors have a ramp of their own; what never falls below 0 is bright where it is large, and of an input's picture gray."""
    known = [cell for cell in cells if cell is not None]
    if backward and any(place.gradient for cell in known for place in cell.places):
        return "err"
    parameters = any(place.name == "weight" for cell in known for place in cell.places)
    if parameters or any(cell.value < 0 for cell in known):
        return "div"
    return "gray" if any(place.node in inputs for cell in known for place in cell.places) else "seq"


def _plane(equation: Equation, each: int, lit: frozenset[Key]) -> int:
    """Which channel is on show."""
    layout = equation.layout
    assert layout is not None
    if len(layout.planes) < 2:
        return 0
    for node, _, index in lit:
        for at, plane in enumerate(layout.planes):
            if each and len(index) == 3 and _read(equation.terms[at * each]).place is not None:
                own = _read(equation.terms[at * each]).place
                if own is not None and own.node == node and index[0] == plane:
                    return at
    return int(np.argmax(np.nan_to_num(np.abs(equation.subtotals))))


def _read(term: Term) -> Number:
    """The number that lies under the window."""
    return term.factors[-1] if len(term.factors) > 1 and term.factors[-1].place is not None else term.factors[0]


def is_lit(cell: Cell | None, lit: frozenset[Key]) -> bool:
    """Whether one of the cell's places is lit."""
    return cell is not None and any(key(place) in lit for place in cell.places)
