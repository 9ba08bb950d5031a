"""Losses: what one entry of the prediction adds, the loss as a whole, and its derivative by the entry's score."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from playground.anim.account import Equation, Lazy, Number, Place, Term
from playground.anim.accounts import latex, registry
from playground.anim.accounts.book import Index, role
from playground.anim.accounts.reading import Array, Reading
from playground.anim.accounts.registry import Share, one, product
from playground.anim.accounts.softmax import Powers
from playground.engine.program.lowering import Operation
from playground.layers.spec import Value


@dataclass(frozen=True, slots=True)
class Parts:
    """A loss taken apart: ``contributions`` of all entries (in the prediction's shape), how one came about, and the formulas."""

    contributions: Array
    contribution: Callable[[Index], tuple[Equation, ...]]
    derivative: Callable[[Index], Share]
    symbols: str


@registry.backward("loss", entrywise=False)
def loss_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """The loss's derivative by what Output gets."""
    return parts(reading, operation).derivative(index)


def equations(reading: Reading, operation: Operation, index: Index) -> tuple[Equation, ...]:
    """The contribution of entry ``index``, the loss, its derivative by the entry's score."""
    made = parts(reading, operation)
    dx = role(operation, "dx")
    shape = made.contributions.shape

    def term(flat: int) -> Term:
        at = tuple(int(i) for i in np.unravel_index(flat, shape))
        return one(Number(float(made.contributions[at]), f"\\ell{latex.subscript(at)}", about=reading.place(role(operation, "y"), at)))

    loss = reading.number(role(operation, "loss"), ())
    whole = Equation("loss", made.symbols, Lazy(made.contributions.reshape(-1), term), loss)
    share = made.derivative(index)
    derivative = reading.number(dx, index)
    symbol = latex.slope(reading.symbol(_scored(reading, operation), index))
    derivative = Number(derivative.value, symbol, derivative.place)
    return (
        *made.contribution(index),
        whole,
        Equation("derivative", f"{symbol} = {share.symbols}", share.terms, derivative, "", share.sides),
    )


def parts(reading: Reading, operation: Operation) -> Parts:
    """The loss of ``operation`` taken apart by its kind. Of a sequence only steps whose target counts have a part in it."""
    made = _PARTS[operation.options["kind"]](reading, operation)
    counted = _counted(reading, operation)
    if counted is None:
        return made

    def contribution(index: Index) -> tuple[Equation, ...]:
        if counted[index[0]]:
            return made.contribution(index)
        nothing = Number(0.0, f"\\ell{latex.subscript(index)}", about=reading.place(role(operation, "y"), index))
        return (Equation("contribution", f"{nothing.symbol} = 0", (), nothing),)

    def derivative(index: Index) -> Share:
        return made.derivative(index) if counted[index[0]] else Share((), "0")

    return Parts(np.where(counted[:, None], made.contributions, 0.0), contribution, derivative, made.symbols)


def _counted(reading: Reading, operation: Operation) -> Array | None:
    """Which steps of a sequence count; ``None`` where there is one target."""
    counted = operation.roles.get("counted")
    return reading.array(counted) > 0 if isinstance(counted, Value) else None


def _steps(reading: Reading, operation: Operation) -> int:
    """How many targets the sample's loss is the mean over."""
    y, counted = role(operation, "y"), _counted(reading, operation)
    if counted is not None:
        return max(1, int(counted.sum()))
    return y.size // y.shape[-1] if y.shape else 1


def _scored(reading: Reading, operation: Operation) -> Value:
    """What formulas of the derivative call what Output gets: a score z, or for squared errors the prediction itself."""
    x = role(operation, "x")
    return x if x in reading.book.sums else role(operation, "y")


def _share(numerator: int, denominator: int) -> tuple[Number, ...]:
    """The constant in front of every entry; none where it is 1."""
    if numerator == denominator:
        return ()
    symbol = rf"\frac{{{numerator}}}{{{denominator}}}" if denominator > 1 else str(numerator)
    return (Number(numerator / denominator, symbol),)


def _front(share: tuple[Number, ...]) -> str:
    return rf"{share[0].symbol}\, " if share else ""


def _target(reading: Reading, operation: Operation, index: Index) -> Number:
    target = role(operation, "target")
    array = reading.array(target)
    return Number(float(array[index]), f"t{latex.subscript(index)}", Place(target.node, "target", index))


def _squared(reading: Reading, operation: Operation) -> Parts:
    """l_k = c d_k^2 with d_k = t_k - a_k and c = 1/2 or 1/K: how far the answer must go, as cards and the perceptron rule have it. The
    slope of that, which goes back, is c' (a_k - t_k): the error has the other sign."""
    y = role(operation, "y")
    difference: Array = reading.array(role(operation, "target")).astype(np.float64) - reading.array(y)
    steps = _steps(reading, operation)
    half = operation.options["kind"] == "half_squared_error"
    share = _share(1, 2 * steps if half else steps * y.shape[-1])
    slope = _share(1, steps) if half else _share(2, steps * y.shape[-1])
    factor = share[0].value if share else 1.0
    given = reading.array(y).dtype.type  # as exact as the pass had them: else a sum of one number is not that number

    def gap(index: Index) -> Number:
        return Number(float(difference[index]), f"d{latex.subscript(index)}", about=reading.place(y, index))

    def contribution(index: Index) -> tuple[Equation, ...]:
        a, t, d = reading.number(y, index), _target(reading, operation, index), gap(index)
        term = product(*share, d, d)
        squared = Number(float(given(term.value)), f"\\ell{latex.subscript(index)}", about=a.place)
        return (
            Equation("difference", f"{d.symbol} = {t.symbol} - {a.symbol}", (one(t), one(a, -1)), d),
            Equation("contribution", rf"{squared.symbol} = {_front(share)}{d.symbol}^2", (term,), squared),
        )

    def derivative(index: Index) -> Share:
        a, t = reading.number(y, index), _target(reading, operation, index)
        inner = f"{a.symbol} - {t.symbol}"
        return Share((product(*slope, a), product(*slope, t, sign=-1)), f"{_front(slope)}({inner})" if slope else inner)

    return Parts(given(factor * difference**2).astype(np.float64), contribution, derivative, r"L = \sum_k \ell_k")


def _binary_cross_entropy(reading: Reading, operation: Operation) -> Parts:
    """l_k = -1/K (t_k ln p_k + (1 - t_k) ln(1 - p_k)), the logarithms from the scores: 1 - p may have been rounded to 0."""
    x, y = role(operation, "x"), role(operation, "y")
    z: Array = reading.array(x).astype(np.float64)
    t: Array = reading.array(role(operation, "target")).astype(np.float64)
    yes, no = -np.logaddexp(0.0, -z), -np.logaddexp(0.0, z)
    share = _share(1, _steps(reading, operation) * y.shape[-1])
    factor = share[0].value if share else 1.0

    def contribution(index: Index) -> tuple[Equation, ...]:
        goal, p, there = _target(reading, operation, index), reading.symbol(y, index), reading.place(y, index)
        rest = Number(1.0 - goal.value, f"(1 - {goal.symbol})", goal.place)
        terms = (
            product(*share, goal, Number(float(yes[index]), rf"\ln {p}", about=there), sign=-1),
            product(*share, rest, Number(float(no[index]), rf"\ln(1 - {p})", about=there), sign=-1),
        )
        result = Number(float(contributions[index]), f"\\ell{latex.subscript(index)}", about=there)
        inner = rf"{goal.symbol} \ln {p} + (1 - {goal.symbol}) \ln(1 - {p})"
        return (Equation("contribution", f"{result.symbol} = -{_front(share)}({inner})", terms, result),)

    def derivative(index: Index) -> Share:
        p, goal = reading.number(y, index), _target(reading, operation, index)
        inner = f"{p.symbol} - {goal.symbol}"
        return Share((product(*share, p), product(*share, goal, sign=-1)), f"{_front(share)}({inner})" if share else inner)

    contributions: Array = -factor * (t * yes + (1.0 - t) * no)
    return Parts(contributions, contribution, derivative, r"L = \sum_k \ell_k")


def _logarithms(powers: Powers, likeliest: float) -> Array:
    """ln p of all classes of one row."""
    if not 0 < likeliest <= 1:
        return powers.logarithms
    found: Array = powers.z - powers.top + math.log(likeliest)
    return found


def _softmax_cross_entropy(reading: Reading, operation: Operation) -> Parts:
    """l_k = -t_k ln p_k, with t_k 1 for the true class and 0 for all others; of a sequence the mean over its steps.

    As the kernel has it, ln p_k = z_k - m + ln p_m with the largest score's p as the trace holds it: near 1 it is rounded, and so is the
    loss. Taken from the scores alone, terms would not come to the sum."""
    x, y, target = role(operation, "x"), role(operation, "y"), role(operation, "target")
    steps = _steps(reading, operation)
    rows = [tuple(int(i) for i in row) for row in np.ndindex(*y.shape[:-1])]
    likeliest = {row: float(reading.array(y)[row].max()) for row in rows}
    logarithms = {row: _logarithms(Powers(reading, x, row), likeliest[row]) for row in rows}
    true = {row: int(reading.array(target)[row]) for row in rows}
    share = _share(1, steps)
    factor = share[0].value if share else 1.0
    contributions = np.zeros(y.shape)
    for row in rows:
        contributions[(*row, true[row])] = -factor * logarithms[row][true[row]]

    def goal(index: Index) -> Number:
        row, k = index[:-1], index[-1]
        return Number(float(true[row] == k), f"t{latex.subscript(index)}", Place(target.node, "target", row))

    def contribution(index: Index) -> tuple[Equation, ...]:
        t, p, there = goal(index), reading.symbol(y, index), reading.place(y, index)
        logarithm = Number(float(logarithms[index[:-1]][index[-1]]), rf"\ln {p}", about=there)
        result = Number(float(contributions[index]), f"\\ell{latex.subscript(index)}", about=there)
        symbols = rf"{result.symbol} = -{_front(share)}{t.symbol} \ln {p}"
        return (Equation("contribution", symbols, (product(*share, t, logarithm, sign=-1),), result),)

    def derivative(index: Index) -> Share:
        p, t = reading.number(y, index), goal(index)
        inner = f"{p.symbol} - {t.symbol}"
        return Share((product(*share, p), product(*share, t, sign=-1)), f"{_front(share)}({inner})" if share else inner)

    return Parts(contributions, contribution, derivative, r"L = \sum_k \ell_k")


_PARTS: dict[str, Callable[[Reading, Operation], Parts]] = {
    "softmax_cross_entropy": _softmax_cross_entropy,
    "binary_cross_entropy": _binary_cross_entropy,
    "mean_squared_error": _squared,
    "half_squared_error": _squared,
}
"""A row for each loss of ``layers.losses``."""
