"""Forward and backward: from the operations that lead to a node's number to its account."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from playground.anim.account import Equation, Lazy, Number, Place
from playground.anim.accounts.book import WIRE, Index, Writer, moved, port_of, role, roles
from playground.anim.accounts.elementwise import part_at, same
from playground.anim.accounts.reading import MissingError, Reading
from playground.anim.accounts.registry import BACKWARD, ENTRYWISE, FORWARD, GRADIENTS, REACHES, Made, Share, joined, one
from playground.engine.program.lowering import Operation, gradient_of
from playground.kernels.operations import writes_of
from playground.layers.spec import Value

FEW = 8
"""Of more errors passed on than so many none is made before it is asked for."""


def forward(reading: Reading, node: str, index: Index) -> tuple[Equation, ...]:
    """How entry ``index`` of the output came about: the equations of the node's operations that lead to it, in order."""
    return _explained(reading, node, reading.book.output(node), index, set())


def inner(reading: Reading, node: str, value: Value, index: Index) -> tuple[Equation, ...]:
    """How an entry of a value within the node came about."""
    return _explained(reading, node, value, index, set())


def inner_error(reading: Reading, value: Value, index: Index) -> tuple[Equation, ...]:
    """How the loss's derivative by an entry of a value within the node came about."""
    error = gradient_of(value)
    result, writer = reading.number(error, index), reading.book.writer(error)
    function = BACKWARD.get(writer.operation.name) if writer is not None else None
    if writer is None or function is None:
        return (alone(result),)
    try:
        share = function(reading, writer.operation, writer.value, reading.at(error, index, writer.value))
    except MissingError:
        return (alone(result),)
    return (Equation(share.role, f"{result.symbol} = {share.symbols}", share.terms, result, share.function, share.sides, share.layout),)


def inner_passed(reading: Reading, node: str, value: Value, index: Index) -> tuple[Equation, ...]:
    """What goes on through an input port where the error of this entry is the last of those that are added up for it."""
    error, found = gradient_of(value), []
    for operation in reading.book.own[node]:
        if operation.name == "sum" and reading.book.same(roles(operation, "xs")[-1], error):
            through = role(operation, "y")
            if port_of(through) is not None:
                found.append(_passed(reading, operation, through, reading.at(value, index, through)))
    return tuple(found)


def _explained(reading: Reading, node: str, value: Value, index: Index, seen: set[tuple[Value, Index]]) -> tuple[Equation, ...]:
    seen.add((value, index))
    result = reading.number(value, index)
    writer = reading.book.writer(value)
    try:
        made = _made(reading, node, value, index, result, writer)
    except MissingError:
        return (alone(result),)
    before: list[Equation] = []
    for read, at in made.reads:
        source = reading.book.writer(read)
        mine = source is not None and source.operation.node == node and port_of(read) is None
        if mine and (read, at) not in seen:
            before += _explained(reading, node, read, at, seen)
    return (*before, *made.equations)


def _made(reading: Reading, node: str, value: Value, index: Index, result: Number, writer: Writer | None) -> Made:
    if writer is not None and writer.operation.node == node:
        function = FORWARD.get(writer.operation.name)
        if function is not None:
            at = reading.at(value, index, writer.value)
            return function(reading, writer.operation, writer.value, at, result)
        return Made((alone(result),))
    for port, source in enumerate(reading.lowered.sources[node]):
        given = reading.book.output(source)
        if reading.book.same(given, value):
            wire = Value(node, f"{WIRE}{port}", given.shape)
            return same(reading, wire, moved(index, value.shape, given.shape), result)
    return Made((alone(result),))


def alone(number: Number) -> Equation:
    """A number of which no more is known than what it is."""
    return Equation("value", f"{number.symbol}", (one(number),), number)


def backward(reading: Reading, node: str, index: Index) -> tuple[tuple[Equation, ...], Sequence[Equation]]:
    """The chain rule at entry ``index`` of the output: what arrives, what the node's own operations make of it; and what this error
    makes in turn: gradients of parameters, or the error passed on."""
    output = reading.book.output(node)
    output_error = gradient_of(output)
    result = reading.number(output_error, index)
    sums = reading.lowered.named[node].get("pre_activation")
    if sums is not None and reading.book.same(sums, output):
        result = replace(result, symbol=reading.symbol(gradient_of(sums), index))  # an identity's error is that of its sum
    equations = [_arriving(reading, node, index, result)]
    made: list[Sequence[Equation]] = []
    reached = {reading.lowered(output_error): (output_error, index)}
    for operation in reading.book.own[node]:
        read = next((reached[key] for value in _read(operation) if (key := reading.lowered(value)) in reached), None)
        if read is None:
            continue
        if operation.name in GRADIENTS:
            made.append(GRADIENTS[operation.name](reading, operation, reading.at(*read, role(operation, "dy"))))
            continue
        written = _written(reading, operation, *read)
        if len(written) > FEW and all(port_of(value) is not None for value, _ in written):
            made.append(_passed_on(reading, operation, written))
            continue
        for value, entry in written:
            try:
                if port_of(value) is not None:
                    made.append((_passed(reading, operation, value, entry),))
                elif reading.lowered(value) not in reached:
                    equations.append(_error(reading, operation, value, entry))
                    reached[reading.lowered(value)] = (value, entry)
            except MissingError:
                continue  # a number on this way is not shown: what is known of the others is told
    if not reading.book.own[node]:
        made.append(_handed_through(reading, node, output, index, result))
    return tuple(equations), joined(made, lambda equation: equation.result.value)


def _read(operation: Operation) -> tuple[Value, ...]:
    writes = writes_of(operation.name)
    return tuple(operation.values([name for name in operation.roles if name not in writes]))


def _written(reading: Reading, operation: Operation, current: Value, at: Index) -> list[tuple[Value, Index]]:
    """The entries that ``operation`` writes from entry ``at`` of ``current``."""
    written = tuple(operation.values(writes_of(operation.name)))
    if operation.name == "split":
        return [part_at(operation, written, at)]
    if operation.name in REACHES:
        return list(REACHES[operation.name](reading, operation, reading.at(current, at, role(operation, "dy"))))
    if operation.name in ENTRYWISE:
        return [(value, reading.at(current, at, value)) for value in written]
    return []


def _error(reading: Reading, operation: Operation, value: Value, index: Index) -> Equation:
    """The error at a value within the node, from the one that its operation read."""
    share, result = BACKWARD[operation.name](reading, operation, value, index), reading.number(value, index)
    return Equation("error", f"{result.symbol} = {share.symbols}", share.terms, result, share.function, share.sides, share.layout)


def _passed(reading: Reading, operation: Operation, value: Value, index: Index) -> Equation:
    """The error that goes on through an input port. At a fork the trace holds only the sum of such shares: then it is computed."""
    share = BACKWARD[operation.name](reading, operation, value, index)
    symbol = reading.symbol(value, index)
    try:
        result = reading.number(value, index)
    except MissingError:
        result = Number(sum(term.value for term in share.undivided.terms), symbol, about=_whole(reading, value, index))
    return Equation("passed", f"{symbol} = {share.symbols}", share.terms, result, share.function, share.sides, share.layout)


def _whole(reading: Reading, share: Value, index: Index) -> Place:
    """What a fork's share of an error is of: the error that all of them add up to."""
    port = port_of(share)
    node = share.node if port is None else reading.lowered.sources[share.node][port]
    return Place(node, "output", index, gradient=True)


def _passed_on(reading: Reading, operation: Operation, written: Sequence[tuple[Value, Index]]) -> Sequence[Equation]:
    """The errors that go on to many entries at once (a mean of all), made when they are asked for where the trace has their numbers."""
    try:
        values = [reading.number(value, entry).value for value, entry in written]
    except MissingError:
        return tuple(_passed(reading, operation, value, entry) for value, entry in written)
    return Lazy(np.array(values), lambda at: _passed(reading, operation, *written[at]))


def _handed_through(reading: Reading, node: str, output: Value, index: Index, result: Number) -> tuple[Equation, ...]:
    """Of a node that computes nothing (Flatten): the same error, at another place."""
    made = []
    for port, source in enumerate(reading.lowered.sources[node]):
        wire = Value(node, f"{WIRE}{port}", reading.book.output(source).shape)
        if reading.book.same(wire, output):
            at = moved(index, output.shape, wire.shape)
            symbol = reading.symbol(gradient_of(wire), at)
            try:
                there = reading.number(gradient_of(wire), at)
            except MissingError:
                there = Number(result.value, symbol, about=_whole(reading, gradient_of(wire), at))
            made.append(Equation("passed", f"{symbol} = {result.symbol}", (one(result),), there))
    return tuple(made)


def arriving(reading: Reading, node: str, index: Index) -> Equation:
    """How the error of entry ``index`` of the node's output came about. Raises :class:`MissingError`."""
    return _arriving(reading, node, index, reading.number(gradient_of(reading.book.output(node)), index))


def _arriving(reading: Reading, node: str, index: Index, result: Number) -> Equation:
    """dL/da = the sum of what comes back through every wire."""
    try:
        shares = [share.undivided for port in reading.book.readers[node] if (share := _through(reading, port, index)) is not None]
    except MissingError:
        shares = []
    if not shares:
        return alone(result)
    symbols = f"{result.symbol} = {' + '.join(share.symbols for share in shares)}"
    sides = tuple(side for share in shares for side in share.sides)
    layout = shares[0].layout if len(shares) == 1 else None
    return Equation("arriving", symbols, joined([share.terms for share in shares], lambda term: term.value), result, "", sides, layout)


def _through(reading: Reading, port: Value, index: Index) -> Share | None:
    """What comes back through one wire; ``None`` where the loss does not depend on it."""
    book, share = reading.book, gradient_of(port)
    writer = book.writer(share)
    if writer is None:
        return None
    if writer.operation.node != port.node or book.is_fork(writer.operation):
        further = book.output(port.node)
        number = reading.number(gradient_of(further), moved(index, port.shape, further.shape))
        return Share((one(number),), number.symbol)
    function = BACKWARD.get(writer.operation.name)
    if function is None:
        raise MissingError
    return function(reading, writer.operation, writer.value, index)
