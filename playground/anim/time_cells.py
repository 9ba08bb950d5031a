"""The cells of a layer that goes through time: step by step, within a step unit by unit, of a unit its gates in their fixed order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.anim.cells import Cells, Shape
from playground.layers import way
from playground.layers.recurrent import Recurrent

REVERSE = way.REVERSE
"""What the values of the direction that reads from the right are called by."""
Slot = tuple[str, int]
"""A value's name, and the column of it that unit 0 has."""


@dataclass(frozen=True, slots=True)
class Run:
    """One direction on its way: its ``slots`` of a unit in order, and whether it goes from the last step to the first."""

    slots: tuple[Slot, ...]
    falling: bool = False


@dataclass(frozen=True, slots=True)
class TimeCells(Cells):
    """``parts`` are the values (T, columns) that the cells are entries of, called ``"f[3,4]"`` (step, unit). ``output`` is the
    node's output, whose entries a user calls its units; ``gates`` are those whose sums lie side by side in ``pre_activation``."""

    runs: tuple[Run, ...] = ()
    steps: int = 0
    units: int = 0
    output: Shape = ()
    gates: tuple[str, ...] = ()

    def __len__(self) -> int:
        return sum(len(run.slots) for run in self.runs) * self.steps * self.units

    def place(self, index: int) -> tuple[str, tuple[int, ...]]:
        """The value that cell ``index`` is of, and (step, column). Raises IndexError beyond the last one."""
        if index < 0:
            index += len(self)
        for run in self.runs:
            size = len(run.slots) * self.steps * self.units
            if 0 <= index < size:
                order, rest = divmod(index, len(run.slots) * self.units)
                unit, slot = divmod(rest, len(run.slots))
                name, column = run.slots[slot]
                return name, (self.steps - 1 - order if run.falling else order, column + unit)
            index -= size
        raise IndexError("there is no such cell")

    def find(self, part: str, place: tuple[int, ...]) -> int | None:
        """The index of a cell; ``None`` where there is none. Of an empty ``place`` the first that comes of that value; one number
        alone without a name is an entry of the output."""
        if not part:
            return self.of_unit(place[0]) if len(place) == 1 else self.find("h", place)
        start = 0
        for run in self.runs:
            for slot, (name, column) in enumerate(run.slots):
                if name == part and not place:
                    return start + slot
                if name == part and len(place) == 2 and 0 <= place[0] < self.steps and 0 <= place[1] - column < self.units:
                    order = self.steps - 1 - place[0] if run.falling else place[0]
                    return start + (order * self.units + place[1] - column) * len(run.slots) + slot
            start += len(run.slots) * self.steps * self.units
        return None

    def of_unit(self, unit: int) -> int | None:
        """The cell of the state ``h`` that entry ``unit`` of the output, in reading order, comes from."""
        wide = self.output[-1] if self.output else 0
        if not wide or not 0 <= unit < int(np.prod(self.output)):
            return None
        step, column = divmod(unit, wide)
        second, column = divmod(column, self.units)
        names = [name for name in dict(self.parts) if name in ("h", "h" + REVERSE)]
        if second >= len(names):
            return None
        name = names[second]
        if len(self.output) < 2:
            step = 0 if name.endswith(REVERSE) else self.steps - 1
        return self.find(name, (step, column))

    # -- whole steps
    @property
    def strides(self) -> tuple[int, ...]:
        """The last cell of each step, in the order in which they are gone through: a direction after the other."""
        ends: list[int] = []
        start = 0
        for run in self.runs:
            wide = len(run.slots) * self.units
            ends += [start + wide * (step + 1) - 1 for step in range(self.steps)]
            start += wide * self.steps
        return tuple(ends)

    def stride(self, index: int) -> int:
        """Which of :attr:`strides` cell ``index`` belongs to."""
        done = 0
        for run in self.runs:
            wide = len(run.slots) * self.units
            if index < wide * self.steps:
                return done + index // wide
            index -= wide * self.steps
            done += self.steps
        return max(done - 1, 0)

    def orders(self, part: str, column: int = 0) -> NDArray[Any] | None:
        """int64 (T, U): the cell of each entry of ``part`` from ``column`` on; ``None`` where it has no cells."""
        return _orders(self, part, column)


@lru_cache(maxsize=256)
def _orders(cells: TimeCells, part: str, column: int) -> NDArray[Any] | None:
    start = cells.find(part, (0, column))
    if start is None:
        return None
    of_step = cells.find(part, (1, column)) if cells.steps > 1 else start
    of_unit = cells.find(part, (0, column + 1)) if cells.units > 1 else start
    assert of_step is not None
    assert of_unit is not None
    steps, units = np.arange(cells.steps)[:, None], np.arange(cells.units)[None, :]
    made = start + (of_step - start) * steps + (of_unit - start) * units
    made.flags.writeable = False
    return made


def suffixes(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """By what the values of each direction of a recurrent node end: ``""``, ``"_reverse"`` or both."""
    direction = fields.get("direction", "forward")
    return ("", REVERSE) if direction == "both" else (REVERSE,) if direction == "backward" else ("",)


def forward(cell: Recurrent, fields: Mapping[str, Any], steps: int, output: Shape) -> TimeCells:
    """The cells of a recurrent node's forward stage: from the first step that each direction takes to its last one."""
    units = int(fields["units"])
    ends = suffixes(fields)
    runs = tuple(Run(tuple((name + end, 0) for name in cell.rows), end == REVERSE) for end in ends)
    parts = tuple((name + end, (steps, units)) for end in ends for name in cell.rows)
    return TimeCells(parts, runs, steps, units, output, cell.gates)


def backward(cell: Recurrent, fields: Mapping[str, Any], steps: int, output: Shape) -> TimeCells:
    """The cells of its backward stage, against the forward one's way: the total error of each state, then those of the gates' sums."""
    units, gates = int(fields["units"]), cell.gates
    ends = suffixes(fields)[::-1]
    runs, parts = [], []
    for end in ends:
        stacked = tuple((f"pre_activation{end}", gate * units) for gate in range(len(gates)))
        runs.append(Run((*((name + end, 0) for name in cell.states), *stacked), end != REVERSE))
        parts += [(name + end, (steps, units)) for name in cell.states]
        parts.append((f"pre_activation{end}", (steps, len(gates) * units)))
    return TimeCells(tuple(parts), tuple(runs), steps, units, output, gates)
