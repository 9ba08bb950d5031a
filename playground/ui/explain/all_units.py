"""All units of a recurrent layer at one step: what each keeps of its state, what is written to it, what is read out."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication

from playground.anim.account import Place
from playground.anim.accounts import cell_types
from playground.anim.cursor import Cursor
from playground.anim.time_cells import REVERSE, TimeCells
from playground.engine.trace import Trace
from playground.layers import registry
from playground.ui.explain.figures import Figures
from playground.ui.explain.places import Key
from playground.ui.explain.sheet import Block, Row, Table
from playground.ui.explain.terms import biggest
from playground.ui.explain.tokens import HIDDEN
from playground.ui.numbers import count

SHOWN = 16
"""Units that have a row; of more, those with the largest state."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


def block(
    node: str, place: Place, trace: Trace, cells: TimeCells, passed: Cursor | None, type: str, figures: Figures, hidden: frozenset[Key]
) -> Block | None:
    """A row a unit, that of ``place`` marked; what a pass has not come to is not told."""
    end = REVERSE if place.name.endswith(REVERSE) else ""
    step, unit = place.index[0], place.index[1] % max(cells.units, 1)
    cell, formulas = registry.cell(type), cell_types.find(type)
    made = formulas.shares(trace.nodes[node].values, end, step) if formulas is not None else None
    if cell is None or made is None or cells.units < 2:
        return None
    state = cell.memory
    still = ~np.any(trace.nodes[node].values[state + end], axis=0)  # switched off: what its gates would write is not written
    made = {name: np.where(still, 0.0, numbers) for name, numbers in made.items()}
    order = sorted(biggest(made[state], SHOWN)) if cells.units > SHOWN else list(range(cells.units))
    if unit not in order:
        order = sorted([*order[:-1], unit])
    printed = {name: figures.column([float(numbers[at]) for at in order]) for name, numbers in made.items()}
    rows = []
    for row, at in enumerate(order):
        index = (step, at)
        known = {name: _told(node, name if name in cell.states else state, end, index, passed, hidden) for name in made}
        told = tuple(printed[name][row] if known[name] else HIDDEN for name in made)
        values = tuple(float(made[name][at]) for name in made)
        places = tuple(Place(node, name + end, index) for name in reversed(cell.states) if name in made)
        rows.append(Row(count(at + 1), told, values, values[-1] if known["h"] else None, places, at == unit))
    more = _tr("and {count} more units").format(count=count(cells.units - len(order))) if len(order) < cells.units else ""
    heads = {"kept": _tr("kept"), "written": _tr("written"), "c": "c", "h": _tr("read out") if state != "h" else "h"}
    title = _tr("All units at step {step}").format(step=step + 1)
    return Block("all_units", title, "", table=Table(tuple(heads[name] for name in made), tuple(rows), more), aside=True)


def _told(node: str, name: str, end: str, index: tuple[int, int], passed: Cursor | None, hidden: frozenset[Key]) -> bool:
    """Whether the number may be told: it is not asked for, and the pass on show has come to it."""
    if (node, name + end, index) in hidden:
        return False
    if passed is None or passed.cell is None or passed.stage.node != node or passed.stage.phase != "forward":
        return True
    at = passed.stage.cells.find(name + end, index)
    return at is None or at <= passed.cell
