"""One direction of a recurrent node through a trace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from playground.anim.account import Number, Place
from playground.anim.accounts import latex, lettering
from playground.anim.accounts.reading import MissingError, Reading
from playground.anim.time_cells import REVERSE, suffixes
from playground.layers import registry
from playground.layers.spec import Value

Array = NDArray[np.float64]


class Way:
    """Its numbers by gate, step and unit; ``off`` are units that are switched off. Raises :class:`MissingError` where ``node`` is no
    recurrent cell, or the trace lacks it."""

    def __init__(self, reading: Reading, node: str, end: str) -> None:
        cell, traced = registry.cell(reading.lowered.types[node]), reading.trace.nodes.get(node)
        own = [one for one in reading.lowered.forward if cell is not None and one.node == node and one.name == cell.operation]
        operation = next((one for one in own if bool(one.options.get("reverse")) == (end == REVERSE)), None)
        if cell is None or operation is None or traced is None:
            raise MissingError
        self.reading, self.node, self.end, self.cell, self.operation, self.traced = reading, node, end, cell, operation, traced
        self._kept: dict[tuple[str, str], Array] = {}
        self.fields = reading.lowered.fields[node]
        self.steps, self.units = self.value("h").shape
        self.reverse = end == REVERSE
        self.off = frozenset[int](operation.options.get("off", ()))
        self.sums_of = cell.gates
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

    def derivative(self, name: str, step: int, unit: int) -> Number:
        """The loss's derivative by a state."""
        place = Place(self.node, name + self.end, (step, unit), gradient=True)
        return Number(float(self.error(name)[step, unit]), latex.slope(self.symbol(name, step, unit)), place)

    def delta(self, gate: str, step: int, unit: int) -> Number:
        """The error of a gate's sum."""
        column = self.sums_of.index(gate) * self.units + unit
        symbol = self._entry("pre_activation", (step, column), r"\delta")
        place = Place(self.node, f"pre_activation{self.end}", (step, column), gradient=True)
        return Number(float(self.error("pre_activation")[step, column]), symbol, place)

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
        symbol, place = self._entry("pre_activation", (step, column), "s"), Place(self.node, f"pre_activation{self.end}", (step, column))
        return Number(float(self.value("pre_activation")[step, column]), symbol, place)

    def weight(self, name: str, *index: int) -> Number:
        """An entry of a parameter."""
        return Number(float(self.parameter(name)[index]), self._entry(name, index), Place(self.node, name + self.end, index))

    def row(self, name: str, row: int) -> str:
        """The symbol of entry k of a row of weights."""
        return self._entry(name, (row, "k"))

    def _entry(self, name: str, index: Sequence[int | str], letter: str = "") -> str:
        return lettering.entry(self.cell, self.fields, name + self.end, index, letter)

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
        given = self._started(name, start)
        off = Place(self.node, start.name)
        return lambda unit: (
            Number(0.0, f"{self.letter(name)}_{{0,{unit + 1}}}", replace(off, index=(unit,))) if unit in self.off else given(unit)
        )

    def _started(self, name: str, start: Value) -> Callable[[int], Number]:
        """The states before the first step, as they were given."""
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
