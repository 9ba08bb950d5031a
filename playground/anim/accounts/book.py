"""The book of a network: which operation writes which value, who reads a node's output. Made once a network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from playground.engine.program.lowering import GRADIENT, Lowered, Operation, gradient_of
from playground.kernels.operations import writes_of
from playground.layers.spec import Shape, Value

Index = tuple[int, ...]
WIRE = "input "
"""How the value of an input port is called: ``"input 0"``."""
_KEPT = 4


@dataclass(frozen=True, slots=True)
class Writer:
    """An operation, and the value (as it names it) that it writes."""

    operation: Operation
    value: Value


@dataclass(frozen=True, slots=True)
class Book:
    """``writers`` by canonical value; ``readers[node]`` are the input ports that its output is wired to, as values; ``own[node]`` its
    operations of the backward pass, in order (a fork's sum left out). ``sums`` are values that a function is applied to: z in
    formulas."""

    lowered: Lowered
    writers: Mapping[Value, Writer]
    readers: Mapping[str, tuple[Value, ...]]
    own: Mapping[str, tuple[Operation, ...]]
    sums: frozenset[Value]

    def writer(self, value: Value) -> Writer | None:
        """Who writes the memory of ``value``; ``None`` for data, and for a gradient that nothing depends on."""
        return self.writers.get(self.lowered(value))

    def same(self, a: Value, b: Value) -> bool:
        """Whether two values are the same numbers, perhaps in other shapes."""
        return self.lowered(a) == self.lowered(b)

    def is_fork(self, operation: Operation) -> bool:
        """Whether ``operation`` adds up the shares of the wires that leave its node."""
        return _is_fork(self.lowered, operation)

    def function(self, node: str) -> str:
        """The function that makes the output of ``node`` from its sums; ``"identity"`` where none does."""
        writer = self.writer(self.output(node))
        if writer is not None and writer.operation.name == "silence":
            writer = self.writer(role(writer.operation, "x"))
        if writer is None or writer.operation.node != node or writer.operation.name not in ("map", "softmax"):
            return "identity"
        return str(writer.operation.options.get("function", writer.operation.name))

    def output(self, node: str) -> Value:
        """The output of ``node``."""
        return self.lowered.named[node]["output"]


def book(lowered: Lowered) -> Book:
    """The book of ``lowered`` in its mode, of a whole network as one sample goes through it; those of the last few are kept."""
    lowered = lowered if lowered.mode is not None else lowered.within("sample")
    for kept in _books:
        if kept.lowered is lowered:
            return kept
    made = _made(lowered)
    _books.insert(0, made)
    del _books[_KEPT:]
    return made


_books: list[Book] = []


def _made(lowered: Lowered) -> Book:
    writers: dict[Value, Writer] = {}
    own: dict[str, list[Operation]] = {node: [] for node in lowered.order}
    for operation in (*lowered.forward, *lowered.backward):
        for value in operation.values(writes_of(operation.name)):
            writers[lowered(value)] = Writer(operation, value)
    for operation in lowered.backward:
        if not _is_fork(lowered, operation):
            own[operation.node].append(operation)
    readers: dict[str, list[Value]] = {node: [] for node in lowered.order}
    for node, sources in lowered.sources.items():
        for port, (source, from_port) in enumerate(zip(sources, lowered.from_ports[node], strict=True)):
            if from_port:
                continue  # a state's reader
            readers[source].append(Value(node, f"{WIRE}{port}", lowered.named[source]["output"].shape))
    return Book(
        lowered,
        writers,
        {node: tuple(ports) for node, ports in readers.items()},
        {node: tuple(operations) for node, operations in own.items()},
        frozenset(role(operation, "x") for operation in lowered.forward if operation.name in ("map", "softmax")),
    )


def _is_fork(lowered: Lowered, operation: Operation) -> bool:
    return operation.name == "sum" and operation.roles["y"] == gradient_of(lowered.named[operation.node]["output"])


def port_of(value: Value) -> int | None:
    """The input port that a value, or an error, is of; ``None`` of a node's own, also where that is called "input gate"."""
    name = value.name.removeprefix(GRADIENT)
    number = name.removeprefix(WIRE)
    return int(number) if number != name and number.isdecimal() else None


def role(operation: Operation, name: str) -> Value:
    """The one value that ``operation`` has in a role."""
    value = operation.roles[name]
    assert isinstance(value, Value)
    return value


def roles(operation: Operation, name: str) -> tuple[Value, ...]:
    """The values of a role that has several."""
    values = operation.roles[name]
    assert isinstance(values, tuple)
    return values


def moved(index: Index, shape: Shape, to: Shape) -> Index:
    """The entry of shape ``to`` at the same place in reading order."""
    if shape == to:
        return index
    flat = int(np.ravel_multi_index(index, shape)) if shape else 0
    return tuple(int(at) for at in np.unravel_index(flat, to)) if to else ()
