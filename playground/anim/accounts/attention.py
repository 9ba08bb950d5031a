"""Attention: matches, what is taken by their softmax, and the way back from the answer's error to those of query, key and value.

Forward ``z_ij = q_i k_j / sqrt F``, ``a_i = sum_j alpha_ij v_j``. Back, the error of a weight is how much of the answer's error lies along
the value that it lets in (``dalpha_ij = da_i v_j``), softmax makes it that of the match (:mod:`.softmax`), and a match's error goes to the
two steps that were multiplied (Vaswani et al. 2017, equation 1, differentiated). i counts steps of the query, j of the key, f features.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from playground.anim.account import Equation, Lazy, Number, Term
from playground.anim.accounts import registry
from playground.anim.accounts.book import Index, role
from playground.anim.accounts.reading import Array, Reading
from playground.anim.accounts.registry import Made, Share, product
from playground.anim.accounts.sequences import real_steps
from playground.engine.program.lowering import GRADIENT, Operation
from playground.layers.spec import Value

ROOT = r"\sqrt{F}"


class Rows:
    """A sequence (T, F) that an operation reads; a single row that it knows as one step is called and placed as the trace has it."""

    def __init__(self, reading: Reading, value: Value) -> None:
        self._reading, self._shape, self._seen = reading, value.shape, reading.seen(value)
        self._number = reading.numbers(self._seen)
        self.array: Array = reading.array(self._seen).reshape(value.shape).astype(np.float64)

    def number(self, step: int, feature: int) -> Number:
        return self._number((step, feature)[-len(self._seen.shape) :])

    def symbol(self, step: int | str, feature: int | str) -> str:
        return self._reading.symbol(self._seen, (step, feature)[-len(self._seen.shape) :])


@dataclass(frozen=True, slots=True)
class Sum:
    """Products added up, and what that is divided by, if anything."""

    terms: Lazy[Term]
    symbols: str
    sides: tuple[Number, ...]

    @property
    def function(self) -> str:
        return "divide" if self.sides else ""


def _divided(operation: Operation, terms: Lazy[Term], running: str, symbols: tuple[str, str]) -> Sum:
    scale, right = float(operation.options.get("scale", 1.0)), rf"\sum_{running} {symbols[0]}\, {symbols[1]}"
    if scale == 1.0:
        return Sum(terms, right, ())
    return Sum(terms, rf"\frac{{1}}{{{ROOT}}} {right}", (Number(1 / scale, ROOT),))


# -- forward
@registry.forward("products")
def products(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """The match of a step of the query with one of the key; a step that is not real has none."""
    if index[1] not in real_steps(reading, operation, value.shape[1]):
        never = rf"-10^{{{round(math.log10(-result.value))}}}" if result.value < 0 else f"{result.value:g}"
        return Made((Equation("padded", f"{result.symbol} = {never}", (), result),))
    made = _products(reading, operation, index)
    return Made((Equation("match", f"{result.symbol} = {made.symbols}", made.terms, result, made.function, made.sides),))


@registry.forward("mix")
def mix(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """The mean of the value's steps, weighted by how well they match; before it how the largest of the weights came about."""
    weights = role(operation, "weights")
    i = index[0] if len(index) == 2 else 0
    made = _mixed(reading, operation, index if len(index) == 2 else (0, *index))
    most = int(np.argmax(np.nan_to_num(reading.array(weights)[i])))
    return Made((Equation("sum", f"{result.symbol} = {made.symbols}", made.terms, result),), ((weights, (i, most)),))


# -- back
@registry.backward("products", entrywise=False)
def products_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dalpha_ij = sum_f dL/da_if v_jf: also of a step that is not real, whose weight of 0 then stops it."""
    made = _products(reading, operation, index)
    return Share(made.terms, made.symbols, made.sides, role="error_of_weight", function=made.function)


@registry.backward("mix", entrywise=False)
def mix_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dv_jf = sum_i alpha_ij dL/da_if; dL/dq_if = sum_j dL/dz_ij k_jf / sqrt F; dL/dk_jf = sum_i dL/dz_ij q_if / sqrt F."""
    made = _mixed(reading, operation, index)
    return Share(made.terms, made.symbols, made.sides, role=f"error_of_{value.name.removeprefix(GRADIENT)}", function=made.function)


def _products(reading: Reading, operation: Operation, index: Index) -> Sum:
    """sum_f a_if b_jf."""
    (i, j), left, right = index, Rows(reading, role(operation, "a")), Rows(reading, role(operation, "b"))
    terms = Lazy(left.array[i] * right.array[j], lambda f: product(left.number(i, f), right.number(j, f)))
    return _divided(operation, terms, "f", (left.symbol(i, "f"), right.symbol(j, "f")))


def _mixed(reading: Reading, operation: Operation, index: Index) -> Sum:
    """sum_j w_ij x_jf; transposed, sum_i w_ij x_if."""
    weights, x, transposed = role(operation, "weights"), Rows(reading, role(operation, "x")), bool(operation.options.get("transposed"))
    (own, feature), shares, table = index, reading.numbers(weights), reading.array(weights).astype(np.float64)
    values = (table[:, own] if transposed else table[own]) * x.array[:, feature]

    def pair(other: int) -> Index:
        return (other, own) if transposed else (own, other)

    terms = Lazy(values, lambda other: product(shares(pair(other)), x.number(other, feature)))
    running = "i" if transposed else "j"
    symbol = reading.symbol(weights, ("i", own) if transposed else (own, "j"))
    return _divided(operation, terms, running, (symbol, x.symbol(running, feature)))
