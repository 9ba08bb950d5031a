"""Which cell is explained: that of the pass on show, or the unit under the pointer, or the selected one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from playground import data
from playground.anim import stages
from playground.anim.cursor import PHASES, Cursor, Phase, Stage
from playground.anim.time_cells import REVERSE, TimeCells
from playground.data import Description
from playground.document import Document
from playground.engine import changes
from playground.engine.program.lowering import Lowered, lower
from playground.engine.trace import Trace
from playground.errors import PlaygroundError
from playground.ui.explain.places import Key

Asked = tuple[str, int | None]
"""A node, and perhaps a unit of it."""
PIECE = 1 << 16


class Subjects:
    """Stages and operations of the present document, and what is known of its data; made once a document."""

    def __init__(self) -> None:
        self._document: Document | None = None
        self.lowered: Lowered | None = None
        self.description: Description | None = None
        self.stages: tuple[Stage, ...] = ()

    def take(self, document: Document) -> None:
        """``document`` is the present one. One that cannot be computed has formulas, but no numbers."""
        before, self._document = self._document, document
        if document is before or (before is not None and changes.same_network(before, document)):
            return
        try:
            self.lowered = lower(document)
            self.stages = stages.stages(document)
        except PlaygroundError:
            self.lowered, self.stages = None, ()
        try:
            self.description = data.describe(document.data.name, **document.data.options) if document.data.name else None
        except PlaygroundError:
            self.description = None

    def cursor(self, trace: Trace, passed: Cursor | None, asked: Asked | None) -> Cursor | None:
        """The cursor at the cell to explain, within the pass on show if there is one; ``None`` where the node has no such cell, or the
        pass has not come to it yet."""
        if passed is not None and (asked is None or asked == (passed.stage.node, None)):
            return self._at(passed, trace, None)
        if asked is None:
            return None
        node, unit = asked
        if passed is None:
            phase: Phase = "loss" if self._is_output(node) and unit is None and trace.target is not None else "forward"
            found = self._find(self.stages, phase, node)
            whole = None if phase == "loss" else self._meant(node, trace)
            return None if found is None else self._at(found, trace, whole if unit is None else unit)
        for phase in reversed(PHASES):
            found = self._find(passed.stages, phase, node)
            if found is not None and found.index <= passed.index:
                return self._at(found if found.index < passed.index else replace(passed, cell=None), trace, unit)
        return None

    def _meant(self, node: str, trace: Trace) -> int:
        """The unit of a node that is asked for as a whole: of the Output the answer, else the first."""
        traced = trace.nodes.get(node) if self._is_output(node) else None
        output = None if traced is None else traced.values.get("output")
        return 0 if output is None or not output.size else int(np.argmax(np.nan_to_num(output)))

    def _is_output(self, node: str) -> bool:
        return self.lowered is not None and node == self.lowered.output

    def _find(self, passed: tuple[Stage, ...], phase: Phase, node: str) -> Cursor | None:
        for index, stage in enumerate(passed):
            if stage.phase == phase and stage.node == node:
                return Cursor(index, stage, None, 1.0, passed)
        return None

    def _at(self, cursor: Cursor, trace: Trace, unit: int | None) -> Cursor | None:
        """``cursor`` at the cell of ``unit``; where none is asked for at its own, or at the one with most to tell."""
        stage = cursor.stage
        if cursor.cell is not None and unit is None:
            return cursor
        if not len(stage.cells):
            return None
        if isinstance(stage.cells, TimeCells):
            cell = stage.cells.of_unit(strongest(stage, trace) if unit is None else unit)
        else:
            cell = _telling(stage, trace, unit) if stage.phase == "update" or unit is None else stage.cells.of_unit(unit)
        return replace(cursor, cell=cell) if cell is not None and 0 <= cell < len(stage.cells) else None

    def at(self, cursor: Cursor | None, cell: Key | None) -> Cursor | None:
        """``cursor`` at the ``cell`` that was chosen (an entry of any value), where its stage has that one."""
        if cursor is None or cell is None or cell[0] != cursor.stage.node:
            return cursor
        cells = cursor.stage.cells
        found = _cell_of(cells, cell[1], cell[2]) if isinstance(cells, TimeCells) else cells.find(cell[1], cell[2])
        return cursor if found is None else replace(cursor, cell=found)

    def beside(self, cursor: Cursor | None, unit: Asked | None, cell: Key | None) -> Cursor | None:
        """``cursor``, that stands at a whole step in time, at the chosen unit (and gate) of that step."""
        if cursor is None or cursor.cell is None or not isinstance(cursor.stage.cells, TimeCells):
            return cursor
        if unit is None or unit[1] is None or unit[0] != cursor.stage.node:
            return cursor
        cells = cursor.stage.cells
        name, (step, _) = cells.place(cursor.cell)
        start = cells.of_unit(unit[1])
        if start is None:
            return cursor
        mine, (_, column) = cells.place(start)
        wanted = cell[1] if cell is not None and cell[0] == unit[0] else mine
        if mine.endswith(REVERSE) != name.endswith(REVERSE):
            return cursor
        found = _cell_of(cells, wanted, (step, column))
        return cursor if found is None else replace(cursor, cell=found)


def _cell_of(cells: TimeCells, name: str, index: tuple[int, ...]) -> int | None:
    """The cell of an entry of a gate or state; on the way back of a gate that of its sum."""
    found = cells.find(name, index)
    if found is not None or len(index) != 2:
        return found
    end = REVERSE if name.endswith(REVERSE) else ""
    plain, stacked = name.removesuffix(REVERSE), f"pre_activation{end}"
    if plain not in cells.gates:
        return None
    return cells.find(stacked, (index[0], cells.gates.index(plain) * cells.units + index[1]))


def _telling(stage: Stage, trace: Trace, unit: int | None) -> int:
    """The cell with the largest number: of an update, the weight (of ``unit``) that changes most; of the loss, the true class."""
    if stage.phase == "update":
        best, most = 0, -1.0
        for name, shape in stage.cells.parts:
            traced = trace.parameters.get(f"{stage.node}/{name}")
            if traced is None or traced.after is None or traced.before.shape != shape or not traced.before.size:
                continue
            before, after = (array.reshape(shape[0], -1) for array in (traced.before, traced.after))
            row = unit if unit is not None and unit < shape[0] else _most_changed(before, after)
            change = np.nan_to_num(np.abs(after[row] - before[row]))
            column = int(np.argmax(change))
            if change[column] > most:
                found = stage.cells.find(name, tuple(int(i) for i in np.unravel_index(row * len(change) + column, shape)))
                best, most = found or 0, float(change[column])
        return best
    if stage.phase == "loss" and trace.target is not None and np.asarray(trace.target).size == 1 and len(stage.cells) > 1:
        return min(max(int(np.ravel(trace.target)[0]), 0), len(stage.cells) - 1)
    if stage.phase == "loss" and trace.target is not None and (worst := _worst(stage, trace)) is not None:
        return worst
    return strongest(stage, trace)


def _most_changed(before: np.ndarray, after: np.ndarray) -> int:
    """The row of two matrices with the largest change; what is not a number is passed over. A few rows at a time, which stay in the
    cache: of twelve million weights the whole took 90 ms."""
    most = np.zeros(len(before), before.dtype)
    pitch = max(PIECE // before.shape[1], 1)
    for at in range(0, len(before), pitch):
        piece = slice(at, at + pitch)
        change = np.subtract(after[piece], before[piece])
        np.fmax.reduce(np.abs(change, out=change), axis=1, out=most[piece], initial=0)
    return int(np.argmax(most))


def _worst(stage: Stage, trace: Trace) -> int | None:
    """Of an answer at each step: the true class, or the value, of the step that is furthest off."""
    traced = trace.nodes.get(stage.node)
    output = None if traced is None else traced.values.get("output")
    if traced is None or output is None or output.ndim != 2 or output.size != len(stage.cells):
        return None
    steps, width = output.shape
    target = np.asarray(trace.target)
    if target.shape == output.shape:
        column, far = np.abs(output - target).argmax(axis=1), np.abs(output - target).max(axis=1)
    elif target.size == steps and width > 1:
        column = np.clip(np.ravel(target).astype(int), 0, width - 1)
        far = 1 - output[np.arange(steps), column]
    elif target.size == steps:
        column, far = np.zeros(steps, int), np.abs(output[:, 0] - np.ravel(target))
    else:
        return None
    counted = traced.values.get("counted")
    asked = np.ones(steps, bool) if counted is None or counted.shape != (steps,) else counted != 0
    step = int(np.argmax(np.where(asked, np.nan_to_num(far), -1.0)))
    return step * width + int(column[step])


def strongest(stage: Stage, trace: Trace) -> int:
    """The entry of the output with the largest number, or error."""
    traced_node = trace.nodes.get(stage.node)
    table = None if traced_node is None else (traced_node.gradients if stage.phase == "backward" else traced_node.values)
    values = None if table is None else table.get("output")
    if values is None or not values.size:
        return 0
    unit = int(np.argmax(np.nan_to_num(np.abs(values))))
    if isinstance(stage.cells, TimeCells):
        return unit
    fits = dict(stage.cells.parts).get("") == values.shape
    return (stage.cells.of_unit(unit) or 0) if fits else 0
