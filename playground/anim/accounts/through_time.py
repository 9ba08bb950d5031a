"""Recurrent layers: how a gate's sum, a gate and a state at a step came about, in symbols and the trace's numbers.

The formulas are those of the layers (``layers/lstm.py``, ``layers/gru.py``, ``layers/simple_rnn.py``). s is a gate's sum, h' and c' the
states before the step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.anim.account import Equation, Lazy, Number, Place, Term
from playground.anim.accounts.book import Index
from playground.anim.accounts.reading import MissingError, Reading
from playground.anim.accounts.registry import one, product
from playground.anim.time_cells import REVERSE, suffixes
from playground.layers import registry
from playground.layers.spec import Value

Array = NDArray[np.float64]
OPERATIONS = {cell.operation: cell for cell in registry.cells()}


class Way:
    """One direction of a recurrent node through a trace: its numbers by gate, step and unit."""

    def __init__(self, reading: Reading, node: str, end: str) -> None:
        operation = next(
            (
                one
                for one in reading.lowered.forward
                if one.node == node and one.name in OPERATIONS and bool(one.options.get("reverse")) == (end == REVERSE)
            ),
            None,
        )
        traced = reading.trace.nodes.get(node)
        if operation is None or traced is None:
            raise MissingError
        self.reading, self.node, self.end, self.operation, self.traced = reading, node, end, operation, traced
        self._kept: dict[tuple[str, str], Array] = {}
        self.cell = OPERATIONS[operation.name]
        self.type = self.cell.name
        self.fields = reading.lowered.fields[node]
        self.steps, self.units = self.value("h").shape
        self.reverse = end == REVERSE
        self.sums_of = self.cell.gates
        sums = traced.values.get("pre_activation" + end)
        if sums is not None and sums.shape != (self.steps, len(self.sums_of) * self.units):
            raise MissingError  # the trace is of another cell in this place: the worker is an edit behind

    # -- numbers of the trace
    def value(self, name: str) -> Array:
        """(T, columns) of a value of this direction."""
        return self._wide(("value", name), self.traced.values.get(name + self.end))

    def error(self, name: str) -> Array:
        """The loss's derivative by it."""
        return self._wide(("error", name), self.traced.gradients.get(name + self.end))

    def parameter(self, name: str) -> Array:
        key = f"{self.node}/{name}{self.end}"
        found = self.reading.trace.parameters.get(key)
        if found is not None and ("parameter", name) not in self._kept:
            shape = next((one.parameter.shape for one in self.reading.lowered.parameters if one.key == key), None)
            found = found if found.before.shape == shape else None
        return self._wide(("parameter", name), None if found is None else found.before)

    def _wide(self, key: tuple[str, str], found: NDArray[Any] | None) -> Array:
        """``found`` in double precision, made once."""
        if found is None:
            raise MissingError
        if key not in self._kept:
            self._kept[key] = np.asarray(found, np.float64)
        return self._kept[key]

    def letter(self, gate: str) -> str:
        return f"{gate}^{{\\leftarrow}}" if self.reverse and len(suffixes(self.fields)) > 1 else gate

    def symbol(self, gate: str, step: int, unit: int | str) -> str:
        return f"{self.letter(gate)}_{{{step + 1},{unit if isinstance(unit, str) else unit + 1}}}"

    def number(self, gate: str, step: int, unit: int) -> Number:
        """A gate or state."""
        place = Place(self.node, gate + self.end, (step, unit))
        return Number(float(self.value(gate)[step, unit]), self.symbol(gate, step, unit), place)

    def sum_(self, gate: str, step: int, unit: int) -> Number:
        """The sum that a gate's function is applied to."""
        column = self.sums_of.index(gate) * self.units + unit
        symbol = f"s^{{{gate}}}_{{{step + 1},{unit + 1}}}" if len(self.sums_of) > 1 else f"s_{{{step + 1},{unit + 1}}}"
        return Number(
            float(self.value("pre_activation")[step, column]), symbol, Place(self.node, f"pre_activation{self.end}", (step, column))
        )

    def weight(self, name: str, letter: str, row: int, column: int) -> Number:
        value = float(self.parameter(name)[row, column])
        return Number(value, f"{letter}_{{{row + 1},{column + 1}}}", Place(self.node, name + self.end, (row, column)))

    def bias(self, name: str, letter: str, row: int) -> Number:
        return Number(float(self.parameter(name)[row]), f"{letter}_{{{row + 1}}}", Place(self.node, name + self.end, (row,)))

    # -- steps
    def before(self, step: int) -> int | None:
        """The step whose state this one reads; ``None`` for the first that is taken."""
        found = step + 1 if self.reverse else step - 1
        return found if 0 <= found < self.steps else None

    def after(self, step: int) -> int | None:
        """The step that reads this one's state; ``None`` for the last."""
        found = step - 1 if self.reverse else step + 1
        return found if 0 <= found < self.steps else None

    def real(self, step: int) -> bool:
        """Whether the step is no padding."""
        mask = self.operation.roles.get("mask")
        traced = self.reading.trace.nodes.get(mask.node) if isinstance(mask, Value) else None
        found = traced.values.get(mask.name) if traced is not None and isinstance(mask, Value) else None
        return found is None or bool(found[step] != 0)

    def states_before(self, name: str, step: int) -> Callable[[int], Number] | None:
        """The states h or c that the step reads, by unit; ``None`` where they are zeros."""
        earlier = self.before(step)
        if earlier is not None:
            return lambda unit: self.number(name, earlier, unit)
        start = self.operation.roles.get(f"initial_{name}")
        if not isinstance(start, Value):
            return None
        if len(self.reading.lowered.sources[self.node]) > 1:
            return self._given(name)
        if self.fields.get("stateful"):
            begun = self._wide(("start", name), self.traced.values.get(start.name))
            return lambda unit: Number(float(begun[unit]), f"{self.letter(name)}_{{0,{unit + 1}}}", Place(self.node, start.name, (unit,)))
        values = self.parameter(f"initial_{name}")
        return lambda unit: Number(
            float(values[unit]), f"{self.letter(name)}_{{0,{unit + 1}}}", Place(self.node, f"initial_{name}{self.end}", (unit,))
        )

    def _given(self, name: str) -> Callable[[int], Number]:
        """The last state of the node that is wired to the state port."""
        source = self.reading.lowered.sources[self.node][1]
        ends = suffixes(self.reading.lowered.fields[source])
        end = ends[min(suffixes(self.fields).index(self.end), len(ends) - 1)]
        traced = self.reading.trace.nodes.get(source)
        found = traced.values.get(name + end) if traced is not None else None
        if found is None:
            raise MissingError
        last = 0 if end == REVERSE else len(found) - 1
        return lambda unit: Number(
            float(found[last, unit]), f"{self.letter(name)}_{{0,{unit + 1}}}", Place(source, name + end, (last, unit))
        )


def split(name: str) -> tuple[str, str]:
    """A value's plain name, and the direction."""
    return name.removesuffix(REVERSE), REVERSE if name.endswith(REVERSE) else ""


def goes_through_time(reading: Reading, node: str) -> bool:
    return any(operation.node == node and operation.name in OPERATIONS for operation in reading.lowered.forward)


def forward(reading: Reading, node: str, name: str, index: Index) -> tuple[Equation, ...]:
    """How a gate or state came about. Raises :class:`MissingError`."""
    plain, end = split(name)
    way = Way(reading, node, end)
    step, unit = index
    if plain not in way.cell.rows or unit >= way.units:
        raise MissingError
    if plain in way.cell.states and not way.real(step):
        return (_carried(way, plain, step, unit),)
    if plain == "c":
        return (_kept(way, step, unit),)
    if plain != "h":
        return _gate(way, plain, step, unit)
    if way.type == "LSTM":
        return (_kept(way, step, unit), *_read_out(way, step, unit))
    return (_mixed(way, step, unit),) if way.type == "GRU" else _gate(way, "h", step, unit)


def _carried(way: Way, name: str, step: int, unit: int) -> Equation:
    """A padded step: the state stays."""
    result, old = way.number(name, step, unit), way.states_before(name, step)
    return Equation("carried", f"{result.symbol} = {way.letter(name)}'", (one(old(unit)),) if old is not None else (), result)


# -- gates
def _gate(way: Way, gate: str, step: int, unit: int) -> tuple[Equation, ...]:
    made, total = _sum(way, gate, step, unit), way.sum_(gate, step, unit)
    function = way.cell.function(gate, way.fields)
    result = way.number(gate, step, unit)
    written = {"sigmoid": r"\sigma", "tanh": r"\tanh", "relu": r"\mathrm{relu}"}.get(function, "")
    return made, Equation("activation", f"{result.symbol} = {written}({total.symbol})", (one(total),), result, function)


def _sum(way: Way, gate: str, step: int, unit: int) -> Equation:
    """s = sum_k W_k x_k + sum_k U_k h'_k + b, for the row of the gate's unit."""
    result = way.sum_(gate, step, unit)
    row = way.sums_of.index(gate) * way.units + unit
    source = way.reading.lowered.sources[way.node][0]
    traced = way.reading.trace.nodes.get(source)
    if traced is None or "output" not in traced.values:
        raise MissingError
    xs = np.asarray(traced.values["output"], np.float64).reshape(way.steps, -1)[step]
    values = [way.parameter("weight_input")[row] * xs]
    symbols = rf"{result.symbol} = \sum_k w_{{{row + 1},k}}\, x_{{{step + 1},k}}"
    inner = _inner_state(way, gate, step)
    if inner is not None:
        states = np.array([inner(k).value for k in range(way.units)])
        values.append(way.parameter("weight_hidden")[row] * states)
        letter = inner(0).symbol.partition("_")[0]
        symbols += rf" + \sum_k u_{{{row + 1},k}}\, {letter}_{{k}}"
    more = _beside(way, gate, step, unit)
    values.append(np.array([term.value for term in more]))
    symbols += "".join(" + " + r"\, ".join(factor.symbol for factor in term.factors) for term in more)

    def term(at: int) -> Term:
        if at < len(xs):
            x = Number(float(xs[at]), f"x_{{{step + 1},{at + 1}}}", Place(source, "output", (step, at)))
            return product(way.weight("weight_input", "w", row, at), x)
        at -= len(xs)
        if inner is None:
            return more[at]
        return product(way.weight("weight_hidden", "u", row, at), inner(at)) if at < way.units else more[at - way.units]

    return Equation("sum", symbols, Lazy(np.concatenate(values), term), result)


def _inner_state(way: Way, gate: str, step: int) -> Callable[[int], Number] | None:
    """What the recurrent weights of a gate multiply: the old state; of a GRU's candidate what the reset leaves of it, or nothing (the
    reset comes behind the product)."""
    if way.type == "GRU" and gate == "n":
        if way.fields["form"] == "pytorch":
            return None
        values = way.value("reset_state")
        return lambda unit: Number(
            float(values[step, unit]), f"(r h')_{{{unit + 1}}}", Place(way.node, f"reset_state{way.end}", (step, unit))
        )
    return way.states_before("h", step)


def _beside(way: Way, gate: str, step: int, unit: int) -> list[Term]:
    """What is added to the products: the bias, a peephole, of PyTorch's candidate what the reset lets through."""
    row = way.sums_of.index(gate) * way.units + unit
    terms = [one(way.bias("bias", "b", row))]
    if way.type == "LSTM" and way.fields["peepholes"] and gate != "g":
        cells = (lambda at: _new_cell(way, step, at)) if gate == "o" else way.states_before("c", step)
        if cells is not None:
            terms.insert(0, product(way.weight("peephole", "p", "ifo".index(gate), unit), cells(unit)))
    if way.type == "GRU" and gate == "n" and way.fields["form"] == "pytorch":
        hidden = Number(
            float(way.value("hidden_sum")[step, unit]), f"(U h' + b')_{{{unit + 1}}}", Place(way.node, f"hidden_sum{way.end}", (step, unit))
        )
        terms.insert(0, product(way.number("r", step, unit), hidden))
    return terms


def _new_cell(way: Way, step: int, unit: int) -> Number:
    """The cell that the peephole of the output gate reads: of a padded step, whose state stays, the one that would have come."""
    if way.real(step):
        return way.number("c", step, unit)
    old = way.states_before("c", step)
    value = way.number("i", step, unit).value * way.number("g", step, unit).value
    if old is not None:
        value += way.number("f", step, unit).value * old(unit).value
    return Number(value, rf"(f\, c' + i\, g)_{{{step + 1},{unit + 1}}}")


# -- states
def _kept(way: Way, step: int, unit: int) -> Equation:
    """c = f c' + i g: what is kept, what is written."""
    result, old = way.number("c", step, unit), way.states_before("c", step)
    terms = [product(way.number("i", step, unit), way.number("g", step, unit))]
    if old is not None:
        terms.insert(0, product(way.number("f", step, unit), old(unit)))
    symbols = " + ".join(r"\, ".join(factor.symbol for factor in term.factors) for term in terms)
    return Equation("kept_and_written", f"{result.symbol} = {symbols}", tuple(terms), result)


def squashed(way: Way, step: int, unit: int) -> Number:
    """tanh(c): what of the cell can be read."""
    cell = way.number("c", step, unit)
    return Number(float(np.tanh(cell.value)), rf"\tanh {cell.symbol}")


def _read_out(way: Way, step: int, unit: int) -> tuple[Equation, ...]:
    """h = o tanh(c)."""
    cell, seen, result = way.number("c", step, unit), squashed(way, step, unit), way.number("h", step, unit)
    gate = way.number("o", step, unit)
    return (
        Equation("squashed", rf"\tanh {cell.symbol}", (one(cell),), seen, "tanh"),
        Equation("read_out", rf"{result.symbol} = {gate.symbol}\, {seen.symbol}", (product(gate, seen),), result),
    )


def rest(number: Number) -> Number:
    """1 less a gate."""
    return Number(1.0 - number.value, f"(1 - {number.symbol})", number.place)


def shares(way: Way, step: int, unit: int) -> tuple[Number, Number]:
    """Of a GRU, the shares of the old state and of the candidate in the new state: z is the candidate's in the tutorial's form, the old
    state's in PyTorch's."""
    z = way.number("z", step, unit)
    return (z, rest(z)) if way.fields["form"] == "pytorch" else (rest(z), z)


def _mixed(way: Way, step: int, unit: int) -> Equation:
    """h = (1 - z) h' + z n, or the other way round."""
    result, old = way.number("h", step, unit), way.states_before("h", step)
    kept, new = shares(way, step, unit)
    terms = [product(new, way.number("n", step, unit))]
    if old is not None:
        terms.insert(0, product(kept, old(unit)))
    symbols = " + ".join(r"\, ".join(factor.symbol for factor in term.factors) for term in terms)
    return Equation("mixed", f"{result.symbol} = {symbols}", tuple(terms), result)
