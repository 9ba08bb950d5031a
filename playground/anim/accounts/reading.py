"""Reading a trace by the values of operations: the number at an entry, its place on the canvas, what formulas call it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.anim.account import Number, Place
from playground.anim.accounts import latex, lettering
from playground.anim.accounts.book import WIRE, Book, Index, book, moved, port_of
from playground.anim.time_cells import REVERSE
from playground.engine.program.lowering import GRADIENT, Lowered, gradient_of
from playground.engine.trace import Trace
from playground.layers import registry
from playground.layers.spec import Value

Array = NDArray[Any]


class MissingError(Exception):
    """The trace does not hold this value: it was not visible, or is of another network."""


class Reading:
    """A trace, read by the network that it is of, for the account of a number of ``node``."""

    def __init__(self, lowered: Lowered, trace: Trace, node: str, titles: Mapping[str, str]) -> None:
        self.lowered, self.trace, self.node, self._titles = lowered, trace, node, titles
        self.book: Book = book(lowered)

    # -- where a value stands in the trace
    def _home(self, value: Value) -> tuple[str, str, bool]:
        """(node, name in the trace, whether the loss's derivative by it). What comes in at a port is the output of its source."""
        node, name, gradient = value.node, value.name, False
        if name.startswith(GRADIENT):
            name, gradient = name.removeprefix(GRADIENT), True
        port = port_of(value)
        if port is not None:
            name = "state" if self.lowered.from_ports[node][port] else "output"
            node = self.lowered.sources[node][port]
            if name == "output" and gradient and not self.book.same(value, gradient_of(self.book.output(node))):
                raise MissingError  # one share of a fork
        return node, name, gradient

    def array(self, value: Value) -> Array:
        """The numbers of ``value``, in its shape. Raises :class:`MissingError`."""
        node, name, gradient = self._home(value)
        if f"{node}/{name}" in self.trace.parameters:
            parameter = self.trace.parameters[f"{node}/{name}"]
            return _fitting(parameter.gradient if gradient else parameter.before, value)
        if value == self.lowered.target:
            wanted = value.shape[:-1] if self.lowered.loss.target == "class" else value.shape
            if self.trace.target is None or np.shape(self.trace.target) != wanted:  # after an edit: still of the loss before
                raise MissingError
            return np.asarray(self.trace.target)
        traced = self.trace.nodes.get(node)
        if traced is None:
            raise MissingError
        return _fitting((traced.gradients if gradient else traced.values).get(name), value)

    def seen(self, value: Value) -> Value:
        """``value``; where the trace does not name it, one of its node, or what comes in there, that holds the same numbers in another
        shape."""
        error = value.name.startswith(GRADIENT)
        named = self.lowered.named[value.node]
        if value.name.removeprefix(GRADIENT) in named or port_of(value) is not None:
            return value
        ports = zip(self.lowered.sources[value.node], self.lowered.from_ports[value.node], strict=True)
        wires = [
            Value(value.node, f"{WIRE}{port}", self.lowered.named[source]["state" if from_port else "output"].shape)
            for port, (source, from_port) in enumerate(ports)
        ]
        known = (gradient_of(one) if error else one for one in (*named.values(), *wires))
        return next((one for one in known if self.book.same(one, value)), value)

    def place(self, value: Value, index: Index) -> Place:
        """Where entry ``index`` of ``value`` stands on the canvas."""
        node, name, gradient = self._home(value)
        return Place(node, name, index, gradient)

    def number(self, value: Value, index: Index) -> Number:
        """Entry ``index`` of ``value``. Raises :class:`MissingError`."""
        return self.numbers(value)(index)

    def numbers(self, value: Value) -> Callable[[Index], Number]:
        """The same for many entries, all that they share looked up once."""
        array, written = self.array(value), self._written(value)
        node, name, gradient = self._home(value)

        def number(index: Index) -> Number:
            return Number(float(array[index]), written(index), Place(node, name, index, gradient))

        return number

    # -- what formulas call it
    def symbol(self, value: Value, index: Sequence[int | str]) -> str:
        """``z_{3}``, ``\\delta_{3}``: what formulas call the entry; another node's bears its node's name. Running indices are letters."""
        return self._written(value)(index)

    def _written(self, value: Value) -> Callable[[Sequence[int | str]], str]:
        """The symbol of an entry, by its index."""
        if value.name.startswith(GRADIENT):
            inner = Value(value.node, value.name.removeprefix(GRADIENT), value.shape)
            if inner.name.removesuffix(REVERSE) == "pre_activation":
                return self._lettered(inner, r"\delta")
            made = self._written(inner)
            return lambda index: f"{latex.SLOPE}{made(index)}}}"
        if port_of(value) is not None and value.node != self.node:
            return self._written(self.book.output(self._home(value)[0]))
        return self._lettered(value)

    def _lettered(self, value: Value, letter: str = "") -> Callable[[Sequence[int | str]], str]:
        """The same of a value that is no error; of a recurrent node's own by its gates and directions."""
        title = "" if value.node in (self.node, self.lowered.output) else latex.upright(self._titles.get(value.node, ""), value.node)
        cell = registry.cell(self.lowered.types[value.node])
        if cell is not None and port_of(value) is None and value.name != "output":
            fields = self.lowered.fields[value.node]
            return lambda index: lettering.entry(cell, fields, value.name, index, letter, title)
        commas = letter != "" or f"{value.node}/{value.name}" not in self.trace.parameters
        head = (letter or self.letter(value)) + latex.above(title)
        return lambda index: head + latex.subscript(index, commas)

    def letter(self, value: Value) -> str:
        """The letter of a value: x comes in (x with a number where several do), z goes into a function, a goes out, p is a predicted
        chance."""
        if value in self.book.sums:
            return "z"
        port = port_of(value)
        if port is not None:
            ports = len(self.lowered.sources[value.node])
            return "x" if ports == 1 else f"x^{{({port + 1})}}"
        if value.name == "output":
            chance = value.node == self.lowered.output and bool(self.lowered.loss.function)
            return "p" if chance else "a"
        return latex.named(value.name)

    def at(self, value: Value, index: Index, other: Value) -> Index:
        """The entry of ``other``, which is of the same size, that stands where ``index`` stands in ``value``."""
        return moved(index, value.shape, other.shape)


def _fitting(array: Array | None, value: Value) -> Array:
    if array is None or array.shape != value.shape:
        raise MissingError
    return array
