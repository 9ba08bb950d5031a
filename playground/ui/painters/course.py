"""A recurrent node's values through time, read from a picture: rows of gates, which steps are known, which are padding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.anim import time_cells
from playground.anim.cursor import Cursor
from playground.anim.scale import Scale, greatest
from playground.anim.time_cells import REVERSE, TimeCells
from playground.layers.recurrent import Recurrent
from playground.layers.way import switched_off
from playground.ui.painters import reading
from playground.ui.painters.base import Picture


@dataclass(frozen=True, slots=True)
class Row:
    """One row: ``values`` (T, U) of ``gate`` in the direction that ``end`` names. ``known`` (T, U) is false where a pass has not come
    yet, ``None`` where all is known; ``place`` is the value's name in the trace and the column of its unit 0."""

    gate: str
    end: str
    values: np.ndarray | None
    scale: Scale
    known: np.ndarray | None
    place: tuple[str, int]
    error: bool = False

    @property
    def name(self) -> str:
        return self.gate + self.end


def has(picture: Picture) -> bool:
    """Whether the node goes through time: it has units and reads steps."""
    return cell_of(picture) is not None and steps(picture) > 0


def cell_of(picture: Picture) -> Recurrent | None:
    return picture.layer if isinstance(picture.layer, Recurrent) else None


def steps(picture: Picture) -> int:
    """T; 0 where the input's shape is not known."""
    given = picture.inputs[0] if picture.inputs else ()
    return given[0] if len(given) in (1, 2) else 0


def units(picture: Picture) -> int:
    return int(picture.fields.get("units", 1))


def off(picture: Picture, end: str) -> tuple[int, ...]:
    """The units of a direction that are switched off."""
    return switched_off(picture.fields, picture.off, end) if picture.off and cell_of(picture) is not None else ()


def gates(picture: Picture) -> tuple[str, ...]:
    """The rows of one direction, in order."""
    cell = cell_of(picture)
    return cell.rows if cell is not None else ("h",)


def names(picture: Picture) -> tuple[tuple[str, str], ...]:
    """Gate and direction of every row, from top to bottom."""
    return tuple((gate, end) for end in time_cells.suffixes(picture.fields) for gate in gates(picture))


def is_back(picture: Picture, cursor: Cursor | None) -> bool:
    """Whether errors are to be shown: the pass is at the node's backward stage or past it."""
    return cursor is not None and cursor.stage.phase == "backward" and cursor.at("backward", picture.node) != "ahead"


def rows(picture: Picture, cursor: Cursor | None, scale: Scale) -> list[Row]:
    """What is shown at ``cursor``, from top to bottom: values, on the way back errors. ``scale`` is the node's own (of an LSTM: c's)."""
    back = is_back(picture, cursor)
    made = []
    for gate, end in names(picture):
        found = error(picture, gate, end) if back else value(picture, gate, end)
        place = error_place(picture, gate, end) if back else (gate + end, 0)
        if found is not None and found.shape != (steps(picture), units(picture)):
            found = None  # the trace is of the node as it was before an edit
        shade = Scale(limit=greatest(found) if found is not None else 0.0, ramp="err") if back else scale_of(picture, gate, scale)
        made.append(Row(gate, end, found, shade, known(picture, cursor, place), place, back))
    return made


def scale_of(picture: Picture, gate: str, scale: Scale) -> Scale:
    """Gates are shares of 1, candidates and states lie within ±1; a cell state has no end, nor has a state behind a ReLU."""
    cell = cell_of(picture)
    if cell is not None and gate in cell.sigmoids:
        return Scale(limit=1.0, ramp="seq", fixed=True)
    return scale if cell is None or gate == cell.states[-1] else Scale(limit=1.0, ramp="div", fixed=True)


def value(picture: Picture, gate: str, end: str) -> np.ndarray | None:
    """(T, U) of a gate or state; ``None`` where the trace has none."""
    return reading.value(picture, gate + end)


def error(picture: Picture, gate: str, end: str) -> np.ndarray | None:
    """The loss's derivative by a state with all that flows back into it, or by the sum of a gate: (T, U)."""
    name, column = error_place(picture, gate, end)
    found = reading.gradient(picture, name)
    if found is None or found.ndim != 2:
        return None
    return found[:, column : column + units(picture)]


def error_place(picture: Picture, gate: str, end: str) -> tuple[str, int]:
    """Name and first column of the value whose gradient is a row's error."""
    cell = cell_of(picture)
    if cell is None or gate in cell.states:
        return gate + end, 0
    return f"pre_activation{end}", cell.gates.index(gate) * units(picture)


def known(picture: Picture, cursor: Cursor | None, place: tuple[str, int]) -> np.ndarray | None:
    """Bool (T, U): which entries a pass that goes by cells has come to; ``None`` where all are known."""
    if cursor is None or cursor.cell is None or cursor.stage.node != picture.node or cursor.stage.phase not in ("forward", "backward"):
        return None
    cells = cursor.stage.cells
    if not isinstance(cells, TimeCells):
        return None
    orders = cells.orders(*place)
    if orders is None or orders.shape != (steps(picture), units(picture)):
        return None
    come: np.ndarray = orders <= cursor.cell
    return come


def present(picture: Picture, cursor: Cursor | None) -> tuple[str, int, int] | None:
    """Direction, step and unit at which the pass stands within this node; ``None`` where it is elsewhere."""
    if cursor is None or cursor.cell is None or cursor.stage.node != picture.node or not isinstance(cursor.stage.cells, TimeCells):
        return None
    name, (step, column) = cursor.stage.cells.place(cursor.cell)
    return REVERSE if name.endswith(REVERSE) else "", step, column % max(units(picture), 1)


def mask(picture: Picture, length: int | None = None) -> np.ndarray | None:
    """(T,) with 0 at padded steps; ``None`` where all steps are real. T is ``length``, by default that of the node's input."""
    if picture.trace is None:
        return None
    for node in (picture.node, picture.source, *(id for id in picture.trace.nodes if id.startswith("input"))):
        traced = picture.trace.nodes.get(node)
        found = traced.values.get("mask") if traced is not None else None
        if found is not None and found.shape == (steps(picture) if length is None else length,):
            return None if np.all(found != 0) else found
    return None


def unit_of(picture: Picture, unit: int | None) -> tuple[str, int | None, int] | None:
    """Direction, step (``None``: of the last one) and unit that an entry of the output is of."""
    output = picture.output
    if unit is None or not output or not units(picture):
        return None
    step, column = divmod(unit, output[-1])
    second, column = divmod(column, units(picture))
    ends = time_cells.suffixes(picture.fields)
    return (ends[min(second, len(ends) - 1)], step if len(output) == 2 else None, column)


def entry_of(picture: Picture, end: str, step: int, unit: int) -> int:
    """The entry of the output, in reading order, that a cell of the state goes into."""
    wide = picture.output[-1] if picture.output else units(picture)
    second = time_cells.suffixes(picture.fields).index(end) * units(picture)
    column = (second if second < wide else 0) + unit
    return step * wide + column if picture.output is not None and len(picture.output) == 2 else column


def row_of(picture: Picture, name: str, index: tuple[int, ...]) -> tuple[str, str, int, int] | None:
    """Gate, direction, step and unit of the row's cell that holds entry ``index`` of the value ``name``: of a gate's sum that of the gate,
    of the output that of the state it is. ``None`` where no row has it."""
    wide = units(picture)
    if name == "output" and picture.output is not None and len(index) == len(picture.output):
        found = unit_of(picture, int(np.ravel_multi_index(index, picture.output, mode="clip")))
        if found is None:
            return None
        end, step, column = found
        return "h", end, (0 if end == REVERSE else steps(picture) - 1) if step is None else step, column
    if len(index) != 2 or not 0 <= index[0] < steps(picture) or not wide:
        return None
    end = REVERSE if name.endswith(REVERSE) else ""
    plain, (step, column) = name.removesuffix(REVERSE), index
    cell = cell_of(picture)
    if plain == "pre_activation" and cell is not None:
        plain, column = cell.gates[min(column // wide, len(cell.gates) - 1)], column % wide
    return (plain, end, step, column) if (plain, end) in names(picture) and column < wide else None


def norms(picture: Picture, state: str, end: str) -> np.ndarray | None:
    """(T,): the length of the loss's derivative by a state at each step."""
    found = error(picture, state, end)
    return None if found is None else np.sqrt(np.sum(np.asarray(found, np.float64) ** 2, axis=1))


def cuts(picture: Picture) -> tuple[int, ...]:
    """The steps (in the order in which a direction takes them) from which nothing flows on to the step before: T-k, T-2k ..."""
    every = picture.fields.get("truncate")
    if not every:
        return ()
    return tuple(range(steps(picture) - int(every), 0, -int(every)))
