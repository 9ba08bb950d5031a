"""Pools, zero padding and upsampling: what a window gives, and where its error goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from playground.anim.account import Equation, Layout, Number, Term
from playground.anim.accounts import registry
from playground.anim.accounts.book import Index, role
from playground.anim.accounts.elementwise import same
from playground.anim.accounts.reading import MissingError, Reading
from playground.anim.accounts.registry import Made, Share, one, product
from playground.anim.accounts.sliding import Slide, inside, moving
from playground.engine.program.lowering import Operation
from playground.layers.spec import Value


def _window(slide: Slide, index: Index) -> tuple[list[Index], Layout]:
    """The entries under the window of an output entry, in reading order, and how they stand."""
    plane, row, column = slide.canonical(index)
    rows, columns = slide.under(row, column)
    entries = [slide.entry(plane, r, c) for _, r in inside(rows, slide.rows.size) for _, c in inside(columns, slide.columns.size)]
    return entries, slide.layout((plane,), rows, columns, slide.size)


def _running(reading: Reading, slide: Slide, x: Value, index: Index) -> tuple[str, str]:
    """The letters that run over a window, and the entry that they name: ``u,v`` and ``x_{1, u + 2, v + 4}``."""
    plane, row, column = slide.canonical(index)
    names = ("", "u") if slide.sequence else ("u", "v")
    places = [
        moving(window.start(at), 1, window.kernel, name)
        for window, at, name in zip((slide.rows, slide.columns), (row, column), names, strict=True)
    ]
    letters = ",".join(name for name, place in zip(names, places, strict=True) if isinstance(place, str))
    return letters, reading.symbol(x, slide.entry(plane, *places))


@registry.forward("max_pool")
def max_pool(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """a = the largest number under the window; of equals the first."""
    x = role(operation, "x")
    slide = Slide.of(x.shape, operation.options, made=value.shape)
    entries, layout = _window(slide, index)
    xs = reading.numbers(x)
    winner = _winner(reading, operation, slide, index, entries)
    letters, running = _running(reading, slide, x, index)
    symbols = rf"{result.symbol} = \max_{{{letters}}} {running}" if letters else f"{result.symbol} = {running}"
    place = int(layout.places[entries.index(winner)]) if winner in entries else None
    won = Layout(layout.planes, layout.rows, layout.columns, layout.size, winner=place)
    return Made((Equation("maximum", symbols, tuple(one(xs(at)) for at in entries), result, "max", (), won),))


def _winner(reading: Reading, operation: Operation, slide: Slide, index: Index, entries: Sequence[Index]) -> Index | None:
    """The entry that the trace names as the winner of a window; the largest one, where it holds no winners."""
    winners = operation.roles.get("winners")
    plane, _, _ = slide.canonical(index)
    try:
        if not isinstance(winners, Value):
            raise MissingError
        flat = float(reading.array(winners)[index])
    except MissingError:
        numbers = reading.array(role(operation, "x"))
        return max(entries, key=lambda at: float(numbers[at]), default=None)
    return slide.entry(plane, *divmod(int(flat), slide.columns.size)) if np.isfinite(flat) else None


def _readers(slide: Slide, index: Index) -> tuple[list[Index], Layout]:
    """The output entries whose window has entry ``index`` of the input, in reading order, and how they stand."""
    plane, row, column = slide.canonical(index)
    rows, columns = (tuple(at for _, at in window.readers(cell)) for window, cell in ((slide.rows, row), (slide.columns, column)))
    return [slide.answer(plane, r, c) for r in rows for c in columns], slide.layout((plane,), rows, columns, slide.made)


def _sum(reading: Reading, slide: Slide, dy: Value, plane: int, factor: str = "") -> str:
    letters: tuple[Any, Any] = (0, "r") if slide.sequence else ("r", "q")
    running = "r" if slide.sequence else "r,q"
    return rf"\sum_{{{running}}} {reading.symbol(dy, slide.answer(plane, *letters))}{factor.format(running)}"


@registry.backward("max_pool_backward", entrywise=False)
def max_pool_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dx = the errors of the windows in which x won; where another one did, nothing comes back."""
    dy, winners = role(operation, "dy"), role(operation, "winners")
    slide = Slide.of(value.shape, operation.options, made=role(operation, "dy").shape)
    plane, row, column = slide.canonical(index)
    readers, layout = _readers(slide, index)
    deltas, flat = reading.numbers(dy), reading.array(winners)
    terms = []
    for at in readers:
        won = flat[at] == row * slide.columns.size + column
        delta = deltas(at)
        there = Number(float(won), "1" if won else "0", about=reading.place(winners, at))
        terms.append(Term((delta, there), delta.value if won else 0.0))
    if not terms:
        return Share((), "0", (), layout)
    symbols = _sum(reading, slide, dy, plane, r"\, m_{{{}}}") if len(terms) > 1 else rf"{terms[0].factors[0].symbol} \cdot m"
    return Share(tuple(terms), symbols, (), layout)


@registry.reaches("max_pool_backward")
def reached_by_max(reading: Reading, operation: Operation, index: Index) -> Sequence[tuple[Value, Index]]:
    """The winner of the window."""
    dx = role(operation, "dx")
    slide = Slide.of(dx.shape, operation.options, made=role(operation, "dy").shape)
    flat = float(reading.array(role(operation, "winners"))[index])
    if not np.isfinite(flat):
        return ()
    return ((dx, slide.entry(slide.canonical(index)[0], *divmod(int(flat), slide.columns.size))),)


def _share(slide: Slide, index: Index) -> Number:
    """1 / the number of cells under the window of an output entry; padding does not count."""
    count = len(_window(slide, index)[0])
    return Number(1 / count, rf"\frac{{1}}{{{count}}}")


@registry.forward("mean_pool")
def mean_pool(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """a = the mean of the numbers under the window, padding left out."""
    x = role(operation, "x")
    slide = Slide.of(x.shape, operation.options, made=value.shape)
    entries, layout = _window(slide, index)
    xs = reading.numbers(x)
    letters, running = _running(reading, slide, x, index)
    right = rf"{_share(slide, index).symbol} \sum_{{{letters}}} {running}" if letters else running
    count = Number(float(len(entries)), str(len(entries)))
    return Made(
        (Equation("average", f"{result.symbol} = {right}", tuple(one(xs(at)) for at in entries), result, "divide", (count,), layout),)
    )


@registry.backward("mean_pool_backward", entrywise=False)
def mean_pool_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dx = of each window that has x its share of the error: one n-th of it."""
    dy = role(operation, "dy")
    slide = Slide.of(value.shape, operation.options, made=role(operation, "dy").shape)
    readers, layout = _readers(slide, index)
    deltas = reading.numbers(dy)
    terms = tuple(product(deltas(at), _share(slide, at)) for at in readers)
    if not terms:
        return Share((), "0", (), layout)
    shares = {term.factors[1].symbol for term in terms}
    factor = rf"\, {shares.pop()}" if len(shares) == 1 else r"\, \frac{1}{n}"
    if len(terms) == 1:
        return Share(terms, rf"{terms[0].factors[0].symbol} \cdot {terms[0].factors[1].symbol}", (), layout)
    return Share(terms, _sum(reading, slide, dy, slide.canonical(index)[0]) + factor, (), layout)


@registry.reaches("mean_pool_backward")
def reached_by_mean(reading: Reading, operation: Operation, index: Index) -> Sequence[tuple[Value, Index]]:
    """All cells of the window."""
    dx = role(operation, "dx")
    return [(dx, at) for at in _window(Slide.of(dx.shape, operation.options, made=role(operation, "dy").shape), index)[0]]


@registry.forward("pad")
def pad(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """The number at the same place of the picture, or the 0 of the edge."""
    x = role(operation, "x")
    entries, _ = _window(Slide.of(x.shape, operation.options), index)
    return same(reading, x, entries[0], result) if entries else Made((Equation("edge", f"{result.symbol} = 0", (), result),))


@registry.backward("pad_backward", entrywise=False)
def pad_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """The error at the place that the number went to."""
    readers, _ = _readers(Slide.of(value.shape, operation.options, made=role(operation, "dy").shape), index)
    number = reading.number(role(operation, "dy"), readers[0])
    return Share((one(number),), number.symbol)


@registry.reaches("pad_backward")
def reached_by_pad(reading: Reading, operation: Operation, index: Index) -> Sequence[tuple[Value, Index]]:
    """The place that the number came from; the edge's error goes nowhere."""
    return reached_by_mean(reading, operation, index)


@registry.forward("upsample")
def upsample(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """The number of the cell that is repeated here."""
    x = role(operation, "x")
    return same(reading, x, _source(Slide.of(x.shape, operation.options), index), result)


@registry.backward("upsample_backward", entrywise=False)
def upsample_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dx = the errors of all its copies, added up."""
    dy = role(operation, "dy")
    slide = Slide.of(value.shape, operation.options, made=role(operation, "dy").shape)
    readers, layout = _readers(slide, index)
    deltas = reading.numbers(dy)
    return Share(tuple(one(deltas(at)) for at in readers), _sum(reading, slide, dy, slide.canonical(index)[0]), (), layout)


@registry.reaches("upsample_backward")
def reached_by_upsample(reading: Reading, operation: Operation, index: Index) -> Sequence[tuple[Value, Index]]:
    """The cell that was repeated."""
    dx = role(operation, "dx")
    return ((dx, _source(Slide.of(dx.shape, operation.options, made=role(operation, "dy").shape), index)),)


def _source(slide: Slide, index: Index) -> Index:
    plane, row, column = slide.canonical(index)
    return slide.entry(plane, slide.rows.reads(row)[0][1], slide.columns.reads(column)[0][1])
