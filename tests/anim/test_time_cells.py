"""Cells of a layer that goes through time: every one has a name that leads back, and they come step by step, in a fixed order."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.anim import time_cells
from playground.anim.clock import PassClock
from playground.anim.stages import find, stages
from playground.anim.time_cells import TimeCells
from playground.anim.walk import Walk
from playground.document import Document, edits
from playground.layers import registry

CELLS = {cell.name: cell for cell in registry.cells()}
WAYS = st.sampled_from(["forward", "backward", "both"])


def made(type: str, direction: str, phase: str, steps: int = 3, units: int = 2, output: tuple[int, ...] | None = None) -> TimeCells:
    wide = units * (2 if direction == "both" else 1)
    make = time_cells.forward if phase == "forward" else time_cells.backward
    return make(CELLS[type], {"units": units, "direction": direction}, steps, (steps, wide) if output is None else output)


@given(
    type=st.sampled_from(sorted(CELLS)),
    way=WAYS,
    phase=st.sampled_from(["forward", "backward"]),
    steps=st.integers(1, 4),
    units=st.integers(1, 3),
)
def test_names_and_places_lead_back(type: str, way: str, phase: str, steps: int, units: int) -> None:
    cells = made(type, way, phase, steps, units)
    assert len(list(cells)) == len(cells) == len(set(cells))
    for index, name in enumerate(cells):
        assert cells.find(*cells.place(index)) == index
        assert cells.named(name) == index
    assert len(cells) == sum(math.prod(shape) for _, shape in cells.parts)


def test_forward_goes_step_by_step_unit_by_unit_gate_by_gate() -> None:
    cells = made("LSTM", "forward", "forward")
    assert cells[:7] == ("i[0,0]", "f[0,0]", "g[0,0]", "o[0,0]", "c[0,0]", "h[0,0]", "i[0,1]")
    assert cells[11:13] == ("h[0,1]", "i[1,0]")
    assert made("GRU", "forward", "forward")[:4] == ("z[0,0]", "r[0,0]", "n[0,0]", "h[0,0]")


def test_backward_goes_from_the_last_step_to_the_first() -> None:
    cells = made("LSTM", "forward", "backward")
    stacked = tuple(f"pre_activation[2,{column}]" for column in (0, 2, 4, 6))
    assert cells[:6] == ("h[2,0]", "c[2,0]", *stacked)
    assert cells[-1] == "pre_activation[0,7]"


def test_the_direction_from_the_right_goes_the_other_way() -> None:
    cells = made("SimpleRNN", "both", "forward")
    assert tuple(cells) == (
        *(f"h[{t},{u}]" for t in range(3) for u in range(2)),
        *(f"h_reverse[{t},{u}]" for t in (2, 1, 0) for u in range(2)),
    )
    assert made("SimpleRNN", "both", "backward")[0] == "h_reverse[0,0]"


@pytest.mark.parametrize("phase", ["forward", "backward"])
def test_orders_are_the_cells_of_whole_values(phase: str) -> None:
    cells = made("LSTM", "both", phase)
    for name, column in (("h", 0), ("c_reverse", 0), *((("pre_activation", 4),) if phase == "backward" else (("f", 0),))):
        orders = cells.orders(name, column)
        assert orders is not None
        assert [[cells.find(name, (t, column + u)) for u in range(2)] for t in range(3)] == orders.tolist()
    assert cells.orders("nothing") is None


def test_a_unit_of_the_output_is_the_state_it_comes_from() -> None:
    whole, last = made("LSTM", "both", "forward"), made("LSTM", "both", "forward", output=(4,))
    assert [whole[whole.of_unit(unit) or 0] for unit in (0, 5, 11)] == ["h[0,0]", "h[1,1]", "h_reverse[2,1]"]
    assert [last[last.of_unit(unit) or 0] for unit in range(4)] == ["h[2,0]", "h[2,1]", "h_reverse[0,0]", "h_reverse[0,1]"]
    assert last.of_unit(4) is None
    assert whole.named("5") == whole.named("h[1,1]")


def network(type: str = "LSTM", **fields: object) -> Document:
    document, given = edits.add_node(Document(), "Input", shape=(5, 3))
    document, layer = edits.add_node(document, type, units=2, **fields)
    document = edits.connect(document, given, layer)
    document, dense = edits.add_node(document, "Dense", units=1)
    document = edits.connect(document, layer, dense)
    document, output = edits.add_node(document, "Output", loss="mean_squared_error")
    return edits.connect(document, dense, output)


def test_a_step_by_time_is_a_step_of_all_units_and_elsewhere_a_node() -> None:
    walk = Walk(stages(network()), 1)
    spot, labels = walk.start("time"), []
    while spot is not None:
        labels.append((spot.cursor.stage.label, spot.cursor.place))
        spot = walk.on(spot, "time")
    forward = [place for label, place in labels if label == "forward:lstm1"]
    assert [place and (place[0], place[1]) for place in forward] == [("h", (t, 1)) for t in range(5)]
    back = [place for label, place in labels if label == "backward:lstm1"]
    assert [place and place[1][0] for place in back] == [4, 3, 2, 1, 0]
    assert [place for label, place in labels if label == "forward:dense1"] == [None]
    spot, there = walk.end("time"), []
    while spot is not None:
        there.append((spot.cursor.stage.label, spot.cursor.place))
        spot = walk.back(spot, "time")
    assert there[::-1] == labels


def test_from_the_middle_of_a_step_time_ends_that_step() -> None:
    passed = stages(network())
    cursor = find(passed, "forward:lstm1:f[2,0]")
    walk = Walk(passed, 1)
    spot = walk.on(type(walk.start("cell"))(0, cursor), "time")  # type: ignore[misc]
    assert spot is not None
    assert spot.cursor.place == ("h", (2, 1))


def test_played_it_goes_through_time() -> None:
    passed = stages(network("GRU", direction="both"))
    clock = PassClock(passed)
    places = [
        cursor.place for at in np.arange(0, clock.duration, 0.05) if (cursor := clock.cursor(at)) and cursor.stage.label == "forward:gru1"
    ]
    steps = list(dict.fromkeys((place[0], place[1][0]) for place in places if place is not None))
    assert steps == [*(("h", t) for t in range(5)), *(("h_reverse", t) for t in (4, 3, 2, 1, 0))]


def test_cells_know_whose_sums_lie_side_by_side() -> None:
    """By their own type: another cell with as many gates would have other names."""
    for type, gates in (("SimpleRNN", ("h",)), ("GRU", ("z", "r", "n")), ("LSTM", ("i", "f", "g", "o"))):
        for made in (time_cells.forward, time_cells.backward):
            cells = made(CELLS[type], {"units": 3}, 4, (4, 3))
            assert cells.gates == gates
