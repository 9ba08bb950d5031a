"""A recurrent unit at one step, close up: its gates and states as bars in fixed order, beside how one of them came about."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from playground.anim.account import Account, Place
from playground.anim.cursor import Cursor
from playground.anim.time_cells import REVERSE, TimeCells
from playground.engine.trace import Trace
from playground.layers import registry
from playground.layers.recurrent import Recurrent
from playground.ui.explain import all_units, time_words
from playground.ui.explain.figures import Figures
from playground.ui.explain.places import Key
from playground.ui.explain.sheet import Block, Row, Sheet, Table
from playground.ui.explain.tokens import HIDDEN
from playground.ui.painters.gate_words import gate_words


def _tr(text: str) -> str:
    return QCoreApplication.translate("Explanation", text)


def with_close_up(
    shown: Sheet, account: Account, trace: Trace, cursor: Cursor, passed: Cursor | None, type: str, figures: Figures, hidden: frozenset[Key]
) -> Sheet:
    """``shown`` with the close-up of the cell's unit and step before it, and all units behind it; unchanged where the node does not go
    through time. ``passed`` is the pass on show: what it has not come to is not told."""
    cells, place, cell = cursor.stage.cells, account.result.place, registry.cell(type)
    if not isinstance(cells, TimeCells) or place is None or len(place.index) != 2 or cell is None or account.phase == "update":
        return shown
    made = block(account.node, place, trace, cells, passed, cell, figures, hidden, account.phase == "backward")
    backward = account.phase == "backward"
    others = None if backward else all_units.block(account.node, place, trace, cells, passed, type, figures, hidden)
    return replace(shown, blocks=(made, *shown.blocks, *([others] if others is not None else [])), present=shown.present + 1)


def block(
    node: str,
    place: Place,
    trace: Trace,
    cells: TimeCells,
    passed: Cursor | None,
    cell: Recurrent,
    figures: Figures,
    hidden: frozenset[Key],
    backward: bool,
) -> Block:
    """A row a gate and state; on the way back their errors."""
    end = REVERSE if place.name.endswith(REVERSE) else ""
    step, column = place.index
    mine, unit = time_words.gate_of(place.name, column, cells)
    rows = []
    traced = trace.nodes[node]
    for gate in cell.rows:
        name, at = gate + end, unit
        if backward and gate not in cell.states:
            name, at = f"pre_activation{end}", cell.gates.index(gate) * cells.units + unit
        found = (traced.gradients if backward else traced.values).get(name)
        if found is None or found.ndim != 2 or step >= found.shape[0] or at >= found.shape[1]:
            continue
        index = (step, at)
        value = float(found[index])
        secret = (node, name, index) in hidden or not _come(passed, node, name, index)
        rows.append(
            Row(
                f"{gate}  {gate_words(gate)}",
                (HIDDEN if secret else figures.one(value, signed=backward or gate not in cell.sigmoids),),
                (value,),
                None if secret else value,
                (Place(node, name, index, backward),),
                gate == mine,
            )
        )
    title = _tr("Unit {unit} at step {step}").format(unit=unit + 1, step=step + 1)
    if backward:
        title = _tr("Errors of unit {unit} at step {step}").format(unit=unit + 1, step=step + 1)
    tones = ("err", "err_neg") if backward else ("pos", "neg")
    return Block("close_up", title, "", table=Table((_tr("error") if backward else _tr("value"),), tuple(rows), tones=tones), aside=True)


def _come(passed: Cursor | None, node: str, name: str, index: tuple[int, ...]) -> bool:
    """Whether the pass on show has come to this number."""
    if passed is None or passed.cell is None or passed.stage.node != node:
        return True
    at = passed.stage.cells.find(name, index)
    return at is None or at <= passed.cell
