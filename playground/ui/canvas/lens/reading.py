"""What the lens shows of one position of a window: all of it from the account of the cell and the trace, nothing computed anew."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from playground.anim.account import Account, Equation, Number, Place
from playground.engine.program.lowering import Lowered
from playground.engine.trace import Trace

Key = tuple[str, str, bool]
"""Node, name of the value in the trace, and whether it is the loss's derivative by it."""


MOST_LONG = 4.0
"""A block of cells is at most so many times as wide as it is high."""


@dataclass(frozen=True, slots=True)
class Lens:
    """One position. ``source`` and ``target`` are whole values (planes, rows, columns), ``index`` is the target's entry.

    ``patch`` and ``products`` (planes, rows, columns) are not a number where there is no term: on padding, or between errors that a
    stride has spread. ``kernel`` has the same shape, or is ``None`` (a pool). ``lines`` are the equations after the sum.
    """

    phase: str
    node: str
    equation: Equation
    lines: tuple[Equation, ...]
    source_key: Key
    source: np.ndarray
    target_key: Key
    target: np.ndarray
    index: tuple[int, int, int]
    planes: tuple[int, ...]
    rows: tuple[int | None, ...]
    columns: tuple[int | None, ...]
    patch: np.ndarray
    kernel: np.ndarray | None
    products: np.ndarray
    subtotals: np.ndarray
    rest: tuple[Number, ...]
    """What is added to the products: a bias."""
    turned: bool = False
    winner: int | None = None
    edges: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Cells of padding around the source: top, bottom, left, right."""
    order: np.ndarray | None = None
    """Where there is no window: which number of the row that is read stands where (rows, columns). The patch is all of ``source``, and
    ``target`` a row of numbers laid out in reading order."""

    @property
    def unit(self) -> int | None:
        """Which number of a row the target's entry is; ``None`` where the target are pictures."""
        place = self.final.place
        return place.index[0] if place is not None and len(place.index) == 1 else None

    @property
    def whole(self) -> bool:
        """Whether the patch is all that is read."""
        return self.order is not None

    @property
    def kind(self) -> str:
        """``sum`` of products, ``max`` or ``mean`` of a window, or ``errors``: those that arrive through a window."""
        if self.equation.function == "max":
            return "max"
        if self.equation.function == "divide":
            return "mean"
        return "sum" if self.kernel is not None else "errors"

    @property
    def result(self) -> Number:
        """What the window gives, before a function is applied to it."""
        return self.equation.result

    @property
    def final(self) -> Number:
        """What the position comes to in the end."""
        return self.lines[-1].result if self.lines else self.equation.result

    @property
    def lost(self) -> np.ndarray:
        """Where an error is that does not come back: another one won that window."""
        if self.kind != "errors":
            return np.zeros(self.patch.shape, bool)
        found: np.ndarray = (self.products == 0) & (np.nan_to_num(self.patch) != 0)
        return found

    @property
    def largest(self) -> int:
        """The plane (as a position among ``planes``) that adds most."""
        return int(np.argmax(np.abs(np.nan_to_num(self.subtotals)))) if len(self.subtotals) else 0

    def place(self, plane: int, row: int, column: int) -> Place | None:
        """Where the number under a tap stands on the canvas; ``None`` on padding."""
        if self.whole:
            return self._factor(row, column, 1)
        y, x = self.rows[row], self.columns[column]
        _, high, wide = self.source.shape
        if y is None or x is None or not (0 <= y < high and 0 <= x < wide):
            return None
        node, name, gradient = self.source_key
        return Place(node, name, (self.planes[plane], y, x), gradient)

    def weight_place(self, plane: int, row: int, column: int) -> Place | None:
        """The same of the kernel's number that it is multiplied by."""
        if self.whole:
            return self._factor(row, column, 0)
        at = self._term(plane, row, column)
        factors = self.equation.terms[at].factors if at is not None else ()
        return next((f.place for f in factors if f.place is not None and f.place.name == "weight" and not f.place.gradient), None)

    def _factor(self, row: int, column: int, factor: int) -> Place | None:
        return None if self.order is None else self.equation.terms[int(self.order[row, column])].factors[factor].place

    def _term(self, plane: int, row: int, column: int) -> int | None:
        if self.equation.layout is None or not math.isfinite(self.products[plane, row, column]):
            return None
        flat = int(np.ravel_multi_index((plane, row, column), self.patch.shape))
        return int(np.searchsorted(self.equation.layout.places, flat))


def lens(account: Account | None, trace: Trace | None, lowered: Lowered | None) -> Lens | None:
    """The lens of the cell that ``account`` is of; ``None`` where it is not made through a window over pictures."""
    if account is None or trace is None or lowered is None:
        return None
    for at, equation in enumerate(account.equations):
        if equation.layout is not None and len(equation.terms) and equation.result.place is not None:
            lines = account.equations[at + 1 :] if account.phase != "update" else ()  # there the optimizer's rule
            made = _made(account, equation, lines, trace)
            if made is not None:
                return replace(made, edges=_edges(lowered, made)) if account.phase == "forward" else made
    return None


def _edges(lowered: Lowered, made: Lens) -> tuple[int, int, int, int]:
    """The padding that the node's window may stand on."""
    for operation in lowered.forward:
        padding = operation.options.get("padding", ())
        if operation.node == made.node and len(padding) == 4:
            top, bottom, left, right = (int(cells) for cells in padding)
            return top, bottom, left, right
    return 0, 0, 0, 0


def _made(account: Account, equation: Equation, lines: tuple[Equation, ...], trace: Trace) -> Lens | None:
    layout = equation.layout
    assert layout is not None
    first = next((factor.place for factor in equation.terms[0].factors[::-1] if _on_picture(factor, trace)), None)
    final = (lines[-1] if lines else equation).result.place
    if first is None or final is None:
        return None
    source_key, target_key = (first.node, first.name, first.gradient), (final.node, final.name, final.gradient)
    source, target = values(trace, source_key), values(trace, target_key) if account.phase != "update" else _gradients(trace, final)
    index = final.index[-3:]
    if target is None and len(final.index) == 1 and final.node in trace.nodes:  # a global pool's: one number of a row
        target = in_block(trace.nodes[final.node].values.get(final.name) if not final.gradient else None)
        index = (0, *divmod(final.index[0], target.shape[2])) if target is not None else index
    places, terms = layout.places, equation.values
    if source is None or source.shape[1:] != layout.size or len(places) > len(terms):
        return None
    if target is None:
        return None
    patch, products = np.full(layout.shape, np.nan), np.full(layout.shape, np.nan)
    products.flat[places] = terms[: len(places)]
    planes, down, across = np.unravel_index(places, layout.shape)
    rows = np.array([-1 if row is None else row for row in layout.rows])
    columns = np.array([-1 if column is None else column for column in layout.columns])
    patch[planes, down, across] = source[np.array(layout.planes)[planes], rows[down], columns[across]]
    rest = tuple(factor for at in range(len(places), len(terms)) for factor in equation.terms[at].factors[:1])
    plane, row, column = index
    return Lens(
        account.phase, account.node, equation, lines, source_key, source, target_key, target, (plane, row, column), layout.planes,
        layout.rows, layout.columns, patch, layout.kernel, products, equation.subtotals, rest, layout.turned, layout.winner,
    )  # fmt: skip


def block(count: int) -> tuple[int, int] | None:
    """Rows and columns of a block of exactly ``count`` cells, as square as can be; ``None`` where it would be a line."""
    rows = next((rows for rows in range(math.isqrt(count), 0, -1) if count % rows == 0), 0)
    return (rows, count // rows) if rows and count <= MOST_LONG * rows * rows else None


def in_block(row: np.ndarray | None) -> np.ndarray | None:
    """A row of numbers as one plane (1, rows, columns)."""
    made = block(row.size) if row is not None and row.ndim == 1 else None
    return row.reshape(1, *made) if row is not None and made is not None else None


def _gradients(trace: Trace, place: Place) -> np.ndarray | None:
    """This sample's gradients of the kernel (channels, rows, columns) that the weight at ``place`` is of."""
    traced = trace.parameters.get(f"{place.node}/{place.name}")
    if traced is None or traced.gradient is None or len(place.index) != 4:
        return None
    found: np.ndarray = traced.gradient[place.index[0]]
    return found


def _on_picture(factor: Number, trace: Trace) -> bool:
    """Whether the number is an entry of a value (C, H, W), and not of a parameter."""
    place = factor.place
    if place is None or len(place.index) != 3:
        return False
    return values(trace, (place.node, place.name, place.gradient)) is not None


def values(trace: Trace, key: Key) -> np.ndarray | None:
    """A value (planes, rows, columns) of the trace, or the loss's derivative by it; ``None`` where it has none of that shape."""
    node, name, gradient = key
    traced = trace.nodes.get(node)
    found = None if traced is None else (traced.gradients if gradient else traced.values).get(name)
    return found if found is not None and found.ndim == 3 else None
