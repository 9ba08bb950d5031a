"""A recurrent cell that exists only here goes from training through its steps to an exchange, by what it declares and no other edit."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from playground.anim import time_flow
from playground.anim.accounts import account, cell_types
from playground.anim.stages import find, stages
from playground.anim.time_cells import TimeCells
from playground.document import Document, edits
from playground.document.swapping import swap_cell
from playground.engine import Network
from playground.engine.checks.gradient_check import check_gradients
from playground.engine.program.lowering import lower
from playground.layers import registry
from playground.layers.gru import GRU
from playground.layers.recurrent import Recurrent
from tests.anim.accounts.test_through_time import CASES

STEPS, UNITS = 4, 3


class Mixer(GRU):
    """A type of its own that is made of the steps of another one."""

    name = "Mixer"
    summary = "A recurrent layer that mixes old and new."


@pytest.fixture
def mixer() -> Iterator[Recurrent]:
    with registry.registered(Mixer()) as layer:
        assert isinstance(layer, Recurrent)
        yield layer


def document(type: str) -> Document:
    made, given = edits.add_node(Document(), "Input", shape=(STEPS, 2))
    made, cell = edits.add_node(made, type, id="cell", units=UNITS)
    made = edits.connect(made, given, cell)
    made, output = edits.add_node(made, "Output", loss="mean_squared_error")
    return edits.connect(made, cell, output)


def test_it_is_one_of_the_cells(mixer: Recurrent) -> None:
    names = [cell.name for cell in registry.cells()]
    assert names.index("SimpleRNN") < names.index("Mixer") < names.index("LSTM")  # by the number of their gates
    made = swap_cell(document("LSTM"), "cell", "Mixer")
    assert made.nodes["cell"].type == "Mixer"
    assert swap_cell(made, "cell", "GRU").nodes["cell"].type == "GRU"


def test_it_learns_and_goes_by_its_own_rows(mixer: Recurrent) -> None:
    made = document("Mixer")
    assert check_gradients(made).passed
    cells = next(stage.cells for stage in stages(made) if stage.label == "forward:cell")
    assert isinstance(cells, TimeCells)
    assert cells[:4] == ("z[0,0]", "r[0,0]", "n[0,0]", "h[0,0]")


def test_those_that_ship_are_told_gate_by_gate() -> None:
    """And have a case among those that are held against the trace."""
    assert all(cell_types.find(cell.name) for cell in registry.cells())
    assert {type for type, _ in CASES.values()} == {cell.name for cell in registry.cells()}


def test_without_formulas_its_numbers_are_told_as_they_are(mixer: Recurrent) -> None:
    made = document("Mixer")
    trace = Network(made, dtype="float64", seed=1).trace(np.ones((STEPS, 2)), np.zeros(UNITS))
    for cell in ("h", "z"):
        told = account(lower(made), trace, find(stages(made), f"forward:cell:{cell}[2,1]"))
        assert told is not None
        assert [one.role for one in told.equations] == ["value"]
        assert told.result.value == pytest.approx(trace.nodes["cell"].values[cell][2, 1])
    fields = made.nodes["cell"].fields
    assert time_flow.send_back("Mixer", fields, trace.nodes["cell"], {}, "", STEPS - 1) is None


def test_with_formulas_it_is_told_as_the_cell_it_is_like(mixer: Recurrent, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its type, not by its operation, which another type has too."""
    monkeypatch.setitem(cell_types._ROWS, "Mixer", cell_types._ROWS["GRU"])
    made = document("Mixer")
    trace = Network(made, dtype="float64", seed=1).trace(np.ones((STEPS, 2)), np.zeros(UNITS))
    told = account(lower(made), trace, find(stages(made), "forward:cell:h[2,1]"))
    assert told is not None
    (mixed,) = told.equations
    assert mixed.role == "mixed"
    assert sum(term.value for term in mixed.terms) == pytest.approx(trace.nodes["cell"].values["h"][2, 1])
