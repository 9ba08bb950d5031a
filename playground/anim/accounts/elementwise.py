"""Operations that work number by number, and those that only move numbers."""

from __future__ import annotations

from playground.anim.account import Equation, Number
from playground.anim.accounts import registry
from playground.anim.accounts.book import Index, role, roles
from playground.anim.accounts.reading import MissingError, Reading
from playground.anim.accounts.registry import Made, Share, one, product
from playground.anim.accounts.slopes import slope_at
from playground.engine.program.lowering import Operation
from playground.layers.functions import FUNCTIONS
from playground.layers.spec import Value


def slope_of(reading: Reading, operation: Operation, index: Index) -> Number:
    """f'(z) of a ``map`` or ``map_backward`` at ``index`` of its x."""
    x, y = role(operation, "x"), role(operation, "y")
    at = reading.at(x, index, y)
    slope = slope_at(operation.options["function"], reading.array(x)[index], reading.array(y)[at])
    return Number(slope, f"f'({reading.symbol(x, index)})", about=reading.place(x, index))


@registry.forward("map")
def map_forward(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """a = f(z), with the slope at hand."""
    x, name = role(operation, "x"), str(operation.options["function"])
    at = reading.at(value, index, x)
    z = reading.number(x, at)
    formula = FUNCTIONS[name].latex.replace("-(Z)", "-Z").replace(r"\,(Z)", r"\,Z")  # z is short: no brackets
    symbols = f"{result.symbol} = {formula.replace('Z', z.symbol)}"
    equation = Equation("activation", symbols, (one(z),), result, name, (slope_of(reading, operation, at),))
    return Made((equation,), ((x, at),))


@registry.backward("map_backward")
def map_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dz = dL/da f'(z)."""
    dy = reading.number(role(operation, "dy"), reading.at(value, index, role(operation, "dy")))
    x = role(operation, "x")
    at = reading.at(value, index, x)
    slope = slope_of(reading, operation, at)
    return Share((product(dy, slope),), rf"{dy.symbol} \cdot {slope.symbol}", (reading.number(x, at),))


@registry.forward("copy")
def copy_forward(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """The same number."""
    x = role(operation, "x")
    return same(reading, x, reading.at(value, index, x), result)


@registry.backward("copy")
def copy_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """The same number."""
    x = reading.number(role(operation, "x"), reading.at(value, index, role(operation, "x")))
    return Share((one(x),), x.symbol)


def same(reading: Reading, source: Value, at: Index, result: Number, role: str = "same") -> Made:
    """``result`` is entry ``at`` of ``source``, at another place."""
    number = reading.number(source, at)
    return Made((Equation(role, f"{result.symbol} = {number.symbol}", (one(number),), result),), ((source, at),))


@registry.forward("sum")
def sum_forward(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """a = x1 + x2 + ..."""
    xs = [(x, reading.at(value, index, x)) for x in roles(operation, "xs")]
    numbers = [reading.number(x, at) for x, at in xs]
    symbols = f"{result.symbol} = {' + '.join(number.symbol for number in numbers)}"
    return Made((Equation("total", symbols, tuple(one(number) for number in numbers), result),), tuple(xs))


@registry.backward("sum")
def sum_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """Errors added up; one that is in no trace (a direction's share) is told by what it is the sum of."""
    shares = [_share_of(reading, x, reading.at(value, index, x)) for x in roles(operation, "xs")]
    terms = registry.joined([share.terms for share in shares], lambda term: term.value)
    return Share(terms, " + ".join(share.symbols for share in shares))


def _share_of(reading: Reading, x: Value, at: Index) -> Share:
    try:
        number = reading.number(x, at)
    except MissingError:
        writer = reading.book.writer(x)
        function = registry.BACKWARD.get(writer.operation.name) if writer is not None else None
        if writer is None or function is None:
            raise
        return function(reading, writer.operation, writer.value, reading.at(x, at, writer.value)).undivided
    return Share((one(number),), number.symbol)


@registry.forward("product")
def product_forward(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """a = x1 x2 ..."""
    xs = [(x, reading.at(value, index, x)) for x in roles(operation, "xs")]
    numbers = [reading.number(x, at) for x, at in xs]
    symbols = f"{result.symbol} = " + r" \cdot ".join(number.symbol for number in numbers)
    return Made((Equation("product", symbols, (product(*numbers),), result),), tuple(xs))


@registry.backward("product_backward")
def product_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dx_i = dL/da times all other factors."""
    dy, xs, dxs = role(operation, "dy"), roles(operation, "xs"), roles(operation, "dxs")
    own = dxs.index(value)
    factors = [reading.number(dy, reading.at(value, index, dy))]
    factors += [reading.number(x, reading.at(value, index, x)) for port, x in enumerate(xs) if port != own]
    return Share((product(*factors),), r" \cdot ".join(factor.symbol for factor in factors))


@registry.forward("dropout")
def dropout_forward(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """a = m x, with m = 0 or 1 / (1 - rate)."""
    mask, x = role(operation, "mask"), role(operation, "x")
    at = reading.at(value, index, x)
    m, number = reading.number(mask, reading.at(value, index, mask)), reading.number(x, at)
    symbols = rf"{result.symbol} = {m.symbol} \cdot {number.symbol}"
    return Made((Equation("dropout", symbols, (product(m, number),), result),), ((x, at),))


@registry.backward("dropout_backward")
def dropout_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dx = m dL/da."""
    mask, dy = role(operation, "mask"), role(operation, "dy")
    m, error = reading.number(mask, reading.at(value, index, mask)), reading.number(dy, reading.at(value, index, dy))
    return Share((product(m, error),), rf"{m.symbol} \cdot {error.symbol}")


@registry.forward("concatenate")
def concatenate_forward(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """Entry by entry, one input after the other."""
    x, at = part_at(operation, roles(operation, "xs"), index)
    return same(reading, x, at, result)


@registry.backward("split", entrywise=False)
def split_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """The error of the entry that this one became."""
    whole = reading.number(role(operation, "y"), _of_whole(operation, value, index))
    return Share((one(whole),), whole.symbol)


@registry.forward("split")
def split_forward(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """An entry of the whole that this one is a part of: a state's row that comes in, h before c."""
    whole = role(operation, "y")
    seen = reading.seen(whole)
    return same(reading, seen, reading.at(whole, _of_whole(operation, value, index), seen), result)


@registry.backward("concatenate", entrywise=False)
def concatenate_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """The error of the part that this entry went to."""
    x, at = part_at(operation, roles(operation, "xs"), index)
    number = reading.number(x, at)
    return Share((one(number),), number.symbol)


def _of_whole(operation: Operation, part: Value, index: Index) -> Index:
    """Where entry ``index`` of one of the parts lies in the whole."""
    xs, axis = roles(operation, "xs"), int(operation.options["axis"])
    before = sum(x.shape[axis] for x in xs[: xs.index(part)])
    return (*index[:axis], index[axis] + before, *index[axis + 1 :])


def part_at(operation: Operation, xs: tuple[Value, ...], index: Index) -> tuple[Value, Index]:
    """Which of the joined values entry ``index`` of the whole lies in, and where in it."""
    axis = int(operation.options["axis"])
    at = index[axis]
    for x in xs:
        if at < x.shape[axis]:
            return x, (*index[:axis], at, *index[axis + 1 :])
        at -= x.shape[axis]
    raise IndexError("there is no such entry")


@registry.forward("silence")
def silence_forward(reading: Reading, operation: Operation, value: Value, index: Index, result: Number) -> Made:
    """a = x, or 0 where the unit is switched off."""
    if index[operation.options["axis"]] in operation.options["off"]:
        return Made((Equation("off", f"{result.symbol} = 0", (), result),), ())
    return same(reading, role(operation, "x"), index, result)


@registry.backward("silence")
def silence_backward(reading: Reading, operation: Operation, value: Value, index: Index) -> Share:
    """dL/dx = dL/da, or 0 where the unit is switched off."""
    if index[operation.options["axis"]] in operation.options["off"]:
        return Share((), "0")
    number = reading.number(role(operation, "x"), index)
    return Share((one(number),), number.symbol)
