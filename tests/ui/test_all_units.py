"""All units at a step, in the Explain panel: kept, written and read out are those of the trace."""

from __future__ import annotations

import numpy as np
import pytest

from playground.anim import stages
from playground.anim.account import Place
from playground.anim.accounts.cell_types.lstm import LSTMFormulas
from playground.anim.cursor import Cursor
from playground.anim.time_cells import TimeCells, forward
from playground.engine.trace import Trace
from playground.layers import registry
from playground.ui.explain import all_units
from playground.ui.explain.figures import Figures
from playground.ui.explain.tokens import HIDDEN
from tests.ui import recurrent_support as support

STEPS, UNITS = support.STEPS, support.UNITS


def made(type: str, passed: Cursor | None = None, hidden: frozenset[object] = frozenset()):  # type: ignore[no-untyped-def]
    _, node = support.node(type)
    trace = Trace("train", 0, {"cell": node}, {})
    cell = registry.cell(type)
    assert cell is not None
    cells = forward(cell, {"units": UNITS}, STEPS, (UNITS,))
    place = Place("cell", "c" if type == "LSTM" else "h", (2, 1))
    return node, all_units.block("cell", place, trace, cells, passed, type, Figures(3), hidden)  # type: ignore[arg-type]


def test_of_an_lstm_kept_and_written_come_to_the_cell() -> None:
    node, block = made("LSTM")
    assert block is not None
    v = {name: np.asarray(array, float) for name, array in node.values.items()}
    numbers = np.array([row.values for row in block.table.rows])
    assert numbers[:, 0] == pytest.approx(v["f"][2] * v["c"][1], abs=1e-6)
    assert numbers[:, 1] == pytest.approx(v["i"][2] * v["g"][2], abs=1e-6)
    assert numbers[:, :2].sum(axis=1) == pytest.approx(v["c"][2], abs=1e-6)
    assert numbers[:, 3] == pytest.approx(v["h"][2])
    assert [row.marked for row in block.table.rows] == [False, True, False, False]


def test_of_a_gru_they_come_to_the_state() -> None:
    node, block = made("GRU")
    assert block is not None
    numbers = np.array([row.values for row in block.table.rows])
    assert numbers[:, :2].sum(axis=1) == pytest.approx(np.asarray(node.values["h"][2], float), abs=1e-6)
    assert made("SimpleRNN")[1] is None


def test_at_the_first_step_there_is_nothing_to_keep() -> None:
    _, node = support.node("LSTM")
    parts = LSTMFormulas().shares(node.values, "", 0)
    assert parts is not None
    assert parts["kept"] == pytest.approx(np.zeros(UNITS), abs=1e-6)


def test_what_is_asked_or_has_not_come_is_not_told() -> None:
    _, block = made("LSTM", hidden=frozenset({("cell", "c", (2, 3))}))
    assert block is not None
    assert block.table.rows[3].cells[:3] == (HIDDEN,) * 3
    assert HIDDEN not in block.table.rows[2].cells
    document, layer = support.network("LSTM")
    cursor = stages.find(stages.stages(document), f"forward:{layer}:c[2,1]")
    assert isinstance(cursor.stage.cells, TimeCells)
    _, node = support.node("LSTM")
    later = all_units.block(
        layer, Place(layer, "c", (2, 1)), Trace("train", 0, {layer: node}, {}), cursor.stage.cells, cursor, "LSTM", Figures(3), frozenset()
    )
    assert later is not None
    assert [HIDDEN in row.cells[:3] for row in later.table.rows] == [False, False, True, True]
    assert later.table.rows[1].cells[3] == HIDDEN  # h comes after c
    assert later.table.rows[1].size is None
