"""What is done with whole sequences: the last step, the mean and the largest over time, rows repeated; tokens and their rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from playground.anim.account import Equation, Number, Term
from playground.anim.accounts import registry
from playground.anim.accounts.book import Index, role
from playground.anim.accounts.elementwise import same
from playground.anim.accounts.reading import MissingError, Reading
from playground.anim.accounts.registry import Made, Share, one, product
from playground.engine.program.lowering import Operation
from playground.layers.spec import Value


def real_steps(reading: Reading, operation: Operation, steps: int) -> list[int]:
    """The steps that are real: all, where the trace has no mask."""
    mask = operation.roles.get("mask")
    try:
        shown = reading.array(mask) if isinstance(mask, Value) else np.ones(steps)
    except MissingError:
        shown = np.ones(steps)
    return [t for t in range(steps) if shown[t]]


@registry.forward("last")
def last(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """The number of the last step that is real; of a backward direction, which ends there, the first."""
    x = role(operation, "x")
    step = 0 if operation.options.get("reverse") else real_steps(reading, operation, x.shape[0])[-1]
    return same(reading, x, (step, *index), result)


@registry.backward("last_backward", entrywise=False)
def last_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """The error goes to the last step; nothing comes back to others."""
    if index[0] != real_steps(reading, operation, value.shape[0])[-1]:
        return Share((), "0")
    number = reading.number(role(operation, "dy"), index[1:])
    return Share((one(number),), number.symbol)


@registry.reaches("last_backward")
def reached_by_last(reading: Reading, operation: Operation, index: Index) -> Sequence[tuple[Value, Index]]:
    """The last step that is real."""
    dx = role(operation, "dx")
    return ((dx, (real_steps(reading, operation, dx.shape[0])[-1], *index)),)


@registry.forward("mean_time")
def mean_time(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """a = the mean over the steps that are real."""
    x = role(operation, "x")
    steps, xs = real_steps(reading, operation, x.shape[0]), reading.numbers(x)
    symbols = rf"{result.symbol} = \frac{{1}}{{{len(steps)}}} \sum_t {reading.symbol(x, ('t', *index))}"
    count = Number(float(len(steps)), str(len(steps)))
    return Made((Equation("average", symbols, tuple(one(xs((t, *index))) for t in steps), result, "divide", (count,)),))


@registry.backward("mean_time_backward", entrywise=False)
def mean_time_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dx = one n-th of the error, n steps being real."""
    steps = real_steps(reading, operation, value.shape[0])
    if index[0] not in steps:
        return Share((), "0")
    number = reading.number(role(operation, "dy"), index[1:])
    share = Number(1 / len(steps), rf"\frac{{1}}{{{len(steps)}}}")
    return Share((product(number, share),), rf"{number.symbol} \cdot {share.symbol}")


@registry.reaches("mean_time_backward")
def reached_by_mean(reading: Reading, operation: Operation, index: Index) -> Sequence[tuple[Value, Index]]:
    """All steps that are real."""
    dx = role(operation, "dx")
    return [(dx, (t, *index)) for t in real_steps(reading, operation, dx.shape[0])]


@registry.forward("max_time")
def max_time(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """a = the largest over the steps that are real."""
    x = role(operation, "x")
    xs = reading.numbers(x)
    terms = tuple(one(xs((t, *index))) for t in real_steps(reading, operation, x.shape[0]))
    symbols = rf"{result.symbol} = \max_t {reading.symbol(x, ('t', *index))}"
    return Made((Equation("maximum", symbols, terms, result, "max"),))


@registry.backward("max_time_backward", entrywise=False)
def max_time_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dx = the error, where x was the largest; nothing comes back to others."""
    number = reading.number(role(operation, "dy"), index[1:])
    winners = role(operation, "winners")
    won = reading.array(winners)[index[1:]] == index[0]
    there = Number(float(won), "1" if won else "0", about=reading.place(winners, index[1:]))
    term = Term((number, there), number.value if won else 0.0)
    return Share((term,), rf"{number.symbol} \cdot m")


@registry.reaches("max_time_backward")
def reached_by_max(reading: Reading, operation: Operation, index: Index) -> Sequence[tuple[Value, Index]]:
    """The step that won."""
    winner = float(reading.array(role(operation, "winners"))[index])
    return ((role(operation, "dx"), (int(winner), *index)),) if np.isfinite(winner) else ()


@registry.forward("repeat")
def repeat(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """The same number at every step."""
    return same(reading, role(operation, "x"), index[1:], result)


@registry.backward("repeat_backward", entrywise=False)
def repeat_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dx = the errors of all steps, added up."""
    dy = role(operation, "dy")
    errors = reading.numbers(dy)
    return Share(tuple(one(errors((t, *index))) for t in range(dy.shape[0])), rf"\sum_t {reading.symbol(dy, ('t', *index))}")


@registry.reaches("repeat_backward")
def reached_by_repeat(reading: Reading, operation: Operation, index: Index) -> Sequence[tuple[Value, Index]]:
    """The number that was repeated."""
    return ((role(operation, "dx"), index[1:]),)


# -- tokens
def _symbol_at(reading: Reading, x: Value, symbols: int, step: int) -> int | None:
    """The number of the symbol at ``step``; ``None`` where it is none."""
    token = float(reading.array(x)[step])
    return int(token) if 0 <= token < symbols else None


@registry.forward("embedding")
def embedding(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """The entry of the symbol's row."""
    x, weight = role(operation, "x"), role(operation, "weight")
    found = _symbol_at(reading, x, weight.shape[0], index[0])
    if found is None:
        return Made((Equation("edge", f"{result.symbol} = 0", (), result),))
    return same(reading, weight, (found, index[1]), result, "looked_up")


@registry.gradients("embedding_backward_weight")
def embedding_gradients(reading: Reading, operation: Operation, index: Index) -> Sequence[Equation]:
    """The gradient of the entry that this error goes to."""
    dweight = role(operation, "dweight")
    found = _symbol_at(reading, role(operation, "x"), dweight.shape[0], index[0])
    return () if found is None else (embedding_gradient(reading, operation, dweight, (found, index[1])),)


@registry.gradient_of("embedding_backward_weight")
def embedding_gradient(reading: Reading, operation: Operation, value: Value, index: Index) -> Equation:
    """dL/dE_vk = the errors of all steps with symbol v, added up."""
    x, dy, dweight = role(operation, "x"), role(operation, "dy"), role(operation, "dweight")
    symbol, column = index
    steps = [t for t in range(x.shape[0]) if _symbol_at(reading, x, dweight.shape[0], t) == symbol]
    errors, result = reading.numbers(dy), reading.number(dweight, index)
    right = rf"\sum_{{t:\, x_t = {symbol}}} {reading.symbol(dy, ('t', column))}" if steps else "0"
    return Equation("gradient", f"{result.symbol} = {right}", tuple(one(errors((t, column))) for t in steps), result)


@registry.forward("one_hot")
def one_hot(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """1 at the symbol's number, 0 elsewhere."""
    token = reading.number(role(operation, "x"), index[:1])
    symbols = rf"{result.symbol} = [\, {token.symbol} = {index[1]} \,]"
    hit = Number(result.value, "1" if result.value else "0", about=token.place)
    return Made((Equation("marked", symbols, (one(hit),), result, "", (token,)),))


# -- a learned start
@registry.forward("spread")
def spread(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """The parameter's own number."""
    return same(reading, role(operation, "weight"), index, result, "learned")


@registry.gradients("spread_backward_weight")
def spread_gradients(reading: Reading, operation: Operation, index: Index) -> Sequence[Equation]:
    """The gradient of the entry at the same place."""
    return (spread_gradient(reading, operation, role(operation, "dweight"), index),)


@registry.gradient_of("spread_backward_weight")
def spread_gradient(reading: Reading, operation: Operation, value: Value, index: Index) -> Equation:
    """dL/dw = the error of the state before the first step."""
    error, result = reading.number(role(operation, "dy"), index), reading.number(role(operation, "dweight"), index)
    return Equation("gradient", f"{result.symbol} = {error.symbol}", (one(error),), result)
