"""Weighted sums: forward, the error handed back, the gradients of weights and biases."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from playground.anim.account import Equation, Lazy, Number, Term
from playground.anim.accounts import registry
from playground.anim.accounts.book import Index, role
from playground.anim.accounts.reading import Reading
from playground.anim.accounts.registry import Made, Share, one
from playground.engine.program.lowering import Operation
from playground.layers.spec import Value


@registry.forward("affine")
def affine(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """z_j = sum_i w_ji x_i + b_j; of a sequence, at each step t."""
    x, weight, bias = role(operation, "x"), role(operation, "weight"), operation.roles.get("bias")
    step, unit = index[:-1], index[-1]
    weights, xs = reading.numbers(weight), reading.numbers(x)
    row = reading.array(weight)[unit].astype(np.float64)
    values = row * reading.array(x)[step].astype(np.float64)
    symbols = rf"{result.symbol} = \sum_i {reading.symbol(weight, (unit, 'i'))}\, {reading.symbol(x, (*step, 'i'))}"
    if isinstance(bias, Value):
        constant = reading.number(bias, (unit,))
        values = np.append(values, constant.value)
        symbols += f" + {constant.symbol}"

    def term(i: int) -> Term:
        return Term((weights((unit, i)), xs((*step, i))), float(values[i])) if i < len(row) else one(constant)

    return Made((Equation("sum", symbols, Lazy(values, term), result),))


@registry.backward("affine_backward_input", entrywise=False)
def affine_backward_input(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dx_i = sum_k w_ki delta_k."""
    weight, dy = role(operation, "weight"), role(operation, "dy")
    step, feature = index[:-1], index[-1]
    weights, errors = reading.numbers(weight), reading.numbers(dy)
    values = reading.array(weight)[:, feature].astype(np.float64) * reading.array(dy)[step].astype(np.float64)

    def term(k: int) -> Term:
        return Term((weights((k, feature)), errors((*step, k))), float(values[k]))

    return Share(Lazy(values, term), rf"\sum_k {reading.symbol(weight, ('k', feature))}\, {reading.symbol(dy, (*step, 'k'))}")


@registry.gradients("affine_backward_weight")
def affine_backward_weight(reading: Reading, operation: Operation, index: Index) -> Sequence[Equation]:
    """dL/dw_ji = delta_j x_i for all i, dL/db_j = delta_j; of a sequence, summed over its steps."""
    dweight, dbias = role(operation, "dweight"), operation.roles.get("dbias")
    unit = index[-1]
    made = reading.array(dweight)[unit]
    features = len(made)
    values = np.append(made, reading.array(dbias)[unit]) if isinstance(dbias, Value) else made

    def equation(i: int) -> Equation:
        if i < features:
            return weight_gradient(reading, operation, (unit, i))
        return bias_gradient(reading, operation, (unit,))

    return Lazy(values, equation)


@registry.gradient_of("affine_backward_weight")
def parameter_gradient(reading: Reading, operation: Operation, value: Value, index: Index) -> Equation:
    """The sample's gradient of one weight or bias."""
    return (bias_gradient if value == operation.roles.get("dbias") else weight_gradient)(reading, operation, index)


def weight_gradient(reading: Reading, operation: Operation, index: Index) -> Equation:
    """The sample's gradient of weight ``index`` = (unit, input)."""
    x, dy, dweight = role(operation, "x"), role(operation, "dy"), role(operation, "dweight")
    unit, feature = index
    errors, xs = reading.numbers(dy), reading.numbers(x)
    result = reading.number(dweight, index)
    d = reading.array(dy).reshape(-1, dy.shape[-1])[:, unit].astype(np.float64)
    v = reading.array(x).reshape(-1, x.shape[-1])[:, feature].astype(np.float64)

    def term(t: int) -> Term:
        step = (t,) if len(x.shape) == 2 else ()
        return Term((errors((*step, unit)), xs((*step, feature))), float(d[t] * v[t]))

    if len(x.shape) == 2:
        right = rf"\sum_t {reading.symbol(dy, ('t', unit))}\, {reading.symbol(x, ('t', feature))}"
    else:
        right = rf"{reading.symbol(dy, (unit,))}\, {reading.symbol(x, (feature,))}"
    return Equation("gradient", f"{result.symbol} = {right}", Lazy(d * v, term), result)


def bias_gradient(reading: Reading, operation: Operation, index: Index) -> Equation:
    """The sample's gradient of bias ``index`` = (unit,)."""
    dy, dbias = role(operation, "dy"), role(operation, "dbias")
    (unit,) = index
    errors = reading.numbers(dy)
    result = reading.number(dbias, index)
    sequence = len(dy.shape) == 2
    steps = [(t, unit) for t in range(dy.shape[0])] if sequence else [(unit,)]
    right = rf"\sum_t {reading.symbol(dy, ('t', unit))}" if sequence else reading.symbol(dy, (unit,))
    return Equation("gradient", f"{result.symbol} = {right}", tuple(one(errors(step)) for step in steps), result)
