"""The lens of a long weighted sum: a unit of Dense, or what comes back to one, whose products are too many for edges.

It looks at all that it reads, so there is no window: numbers and weights are laid out as the picture was before it was laid flat, else
as a block. From the account alone, as :mod:`~playground.ui.canvas.lens.reading`.
"""

from __future__ import annotations

import numpy as np

from playground.anim.account import Account, Equation, Place
from playground.engine.program.lowering import Lowered
from playground.engine.trace import Trace
from playground.layers import registry
from playground.ui.canvas.lens.reading import Lens, block, lens

EDGES = 16
"""Sums of so few, in layers of so few units, are edges on the canvas."""
MOST = 1024
"""Of more numbers than that none could be read, and painting them would take a tenth of a second."""
FLAT = ("copy", "dropout")
"""Operations that hand numbers on in the same order."""


def position(account: Account | None, trace: Trace | None, lowered: Lowered | None, passing: bool) -> Lens | None:
    """What the lens shows of the cell that ``account`` is of: a position of a window, or while a pass goes on a long sum."""
    found = lens(account, trace, lowered)
    if found is not None or account is None or trace is None or lowered is None or not passing:
        return found
    return long_sum(account, trace, lowered)


def long_sum(account: Account, trace: Trace, lowered: Lowered) -> Lens | None:
    """The lens of the first sum of products that is long enough for one; ``None`` where there is none."""
    through_time = {cell.operation for cell in registry.cells()}  # the canvas below is the strip's
    if account.phase not in ("forward", "backward") or any(one.name in through_time for one in lowered.forward):
        return None
    for at, equation in enumerate(account.equations):
        if equation.layout is None and equation.role in ("sum", "arriving") and len(equation.terms) > 1:
            return _made(account, equation, account.equations[at + 1 :], trace, lowered)
    return None


def _made(account: Account, equation: Equation, lines: tuple[Equation, ...], trace: Trace, lowered: Lowered) -> Lens | None:
    final, terms = (lines[-1] if lines else equation).result.place, equation.terms
    if final is None or len(final.index) != 1 or equation.result.place is None or any(len(one.factors) != 2 for one in terms[:2]):
        return None
    (weight, read), (other, _) = ((one.factors[0].place, one.factors[1].place) for one in terms[:2])
    if weight is None or other is None or read is None or weight.name != "weight" or len(weight.index) != 2 or len(read.index) != 1:
        return None
    row, numbers = _weights(trace, weight, other), _vector(trace, read.node, read.name, read.gradient)
    if row is None or numbers is None or row.size != numbers.size or not 0 <= len(terms) - row.size <= 1:
        return None
    target = _vector(trace, final.node, final.name, final.gradient)
    if target is None or not EDGES < max(row.size, target.size) <= MOST:
        return None
    order, made = _order(lowered, trace, read.node, read.gradient, row.size), block(target.size)
    if order is None or made is None:
        return None
    patch, kernel = numbers[order][None], row[order][None]
    products = np.array(equation.values[: row.size], np.float64)[order][None]
    rows, columns = order.shape
    return Lens(
        account.phase, account.node, equation, lines, (read.node, read.name, read.gradient), patch,
        (final.node, final.name, final.gradient), target.reshape(1, *made), (0, *divmod(final.index[0], made[1])), (0,),
        tuple(range(rows)), tuple(range(columns)), patch, kernel, products, products.sum(axis=(1, 2)),
        tuple(term.factors[0] for term in terms[row.size :]), order=order,
    )  # fmt: skip


def _weights(trace: Trace, first: Place, second: Place) -> np.ndarray | None:
    """The row or column of a matrix of weights that two entries begin: without asking for each of its hundreds of numbers."""
    traced = trace.parameters.get(f"{first.node}/{first.name}")
    if traced is None:
        return None
    found: np.ndarray = traced.before[first.index[0]] if first.index[0] == second.index[0] else traced.before[:, first.index[1]]
    return found


def _vector(trace: Trace, node: str, name: str, gradient: bool) -> np.ndarray | None:
    """A value of one row of numbers; where a node has no function, its sums are its output."""
    traced = trace.nodes.get(node)
    if traced is None:
        return None
    there = traced.gradients if gradient else traced.values
    found = there.get(name, there.get("output"))
    return found if found is not None and found.ndim == 1 else None


def _order(lowered: Lowered, trace: Trace, node: str, gradient: bool, count: int) -> np.ndarray | None:
    """Which number stands where (rows, columns): as in the pictures that they were, one map beside the other, else as a block."""
    computing = {one.node for one in lowered.forward if one.name not in FLAT}
    while not gradient and node not in computing and lowered.sources.get(node):
        node = lowered.sources[node][0]
        traced = trace.nodes.get(node)
        found = traced.values.get("output") if traced is not None else None
        maps = block(len(found)) if found is not None and found.ndim == 3 and found.size == count else None
        if found is not None and maps is not None:
            _, high, wide = found.shape
            there = np.arange(count).reshape(*maps, high, wide).transpose(0, 2, 1, 3)
            return there.reshape(maps[0] * high, maps[1] * wide)
    made = block(count)
    return np.arange(count).reshape(made) if made is not None else None
