"""Softmax: shares of a whole, forward and backward."""

from __future__ import annotations

import numpy as np

from playground.anim.account import Equation, Lazy, Number, Place, Term
from playground.anim.accounts import latex, registry
from playground.anim.accounts.book import Index, role
from playground.anim.accounts.reading import Array, Reading
from playground.anim.accounts.registry import Made, Share, one
from playground.engine.program.lowering import Operation
from playground.layers.spec import Value


class Powers:
    """The powers e^(z - m) of one row of scores, m the largest: what softmax adds up, and the cross-entropy's logarithms."""

    def __init__(self, reading: Reading, x: Value, row: Index) -> None:
        self._reading, self._x = reading, x
        self.z: Array = reading.array(x)[row].astype(np.float64)
        self.scores = reading.numbers(x)
        self._node = x.node
        self.row = row
        self.top = float(self.z.max())
        self.powers: Array = np.exp(self.z - self.top)
        self.total = float(self.powers.sum())
        self.logarithms: Array = self.z - self.top - np.log(self.total)

    def _symbol(self, k: int | str) -> str:
        return self._reading.symbol(self._x, (*self.row, k))

    def power(self, k: int) -> Number:
        """u_k = e^(z_k - m)."""
        return Number(float(self.powers[k]), f"u{latex.subscript((*self.row, k))}", about=self._score(k).place)

    def _score(self, k: int) -> Number:
        return self.scores((*self.row, k))

    def equations(self, k: int) -> tuple[Equation, Equation, Equation]:
        """The largest score, the power of score ``k``, the sum of all powers."""
        z, m = self._symbol("k"), Number(self.top, "m", self._score(int(np.argmax(self.z))).place)
        terms = Lazy(self.z, lambda i: one(self._score(i)))
        largest = Equation("largest", rf"m = \max_k {z}", terms, m, "max")
        power = self.power(k)
        powered = Equation("power", f"{power.symbol} = e^{{{self._symbol(k)} - m}}", (one(self._score(k)), one(m, -1)), power, "exp")
        whole = Equation(
            "denominator", rf"s = \sum_k u{latex.subscript((*self.row, 'k'))}", Lazy(self.powers, lambda i: one(self.power(i))), self.sum
        )
        return largest, powered, whole

    @property
    def sum(self) -> Number:
        """What all powers add up to."""
        return Number(self.total, "s", about=Place(self._node, ""))


@registry.forward("softmax")
def softmax(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """a_j = u_j / sum_k u_k, with u_k = e^(z_k - m)."""
    x = role(operation, "x")
    powers = Powers(reading, x, index[:-1])
    own = powers.power(index[-1])
    symbols = rf"{result.symbol} = \frac{{{own.symbol}}}{{s}}"
    divided = Equation("softmax", symbols, (one(own),), result, "divide", (powers.sum,))
    return Made((*powers.equations(index[-1]), divided), ((x, index),))


@registry.backward("softmax_backward")
def softmax_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dz_j = sum_k dL/da_k a_k ([k = j] - a_j): the last two factors are da_k/dz_j."""
    y, dy = role(operation, "y"), role(operation, "dy")
    row, own = index[:-1], index[-1]
    a: Array = reading.array(y)[row].astype(np.float64)
    slopes = a * ((np.arange(len(a)) == own) - a[own])
    values = slopes * reading.array(dy)[row].astype(np.float64)
    errors, shares = reading.numbers(dy), reading.numbers(y)
    mine = shares(index)
    rest, taken = (Number(at - mine.value, f"({front}- {mine.symbol})", mine.place) for at, front in ((1.0, "1 "), (0.0, "")))

    def term(k: int) -> Term:
        return Term((errors((*row, k)), shares((*row, k)), rest if k == own else taken), float(values[k]))

    symbols = rf"\sum_k {reading.symbol(dy, (*row, 'k'))}\, {reading.symbol(y, (*row, 'k'))}\, ([k = {own + 1}] - {mine.symbol})"
    return Share(Lazy(values, term), symbols, role="through_softmax")
