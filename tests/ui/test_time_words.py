"""Words for the places of a layer that goes through time."""

from __future__ import annotations

import pytest

from playground.anim import time_cells
from playground.layers import registry
from playground.ui.explain import time_words


@pytest.mark.parametrize(("type", "gates"), [("SimpleRNN", "h"), ("GRU", "zrn"), ("LSTM", "ifgo")])
def test_a_column_of_the_sums_is_a_gates_unit(type: str, gates: str) -> None:
    cell = registry.cell(type)
    assert cell is not None
    for made in (time_cells.forward, time_cells.backward):
        cells = made(cell, {"units": 3}, 4, (4, 3))
        assert [time_words.gate_of("pre_activation", column, cells) for column in range(3 * len(gates))] == [
            (gate, unit) for gate in gates for unit in range(3)
        ]
