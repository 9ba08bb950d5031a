"""Stepping by hand: every place is met, in order, and the way back is the way there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.anim.stages import stages
from playground.anim.walk import Spot, Walk
from playground.document import example

XOR = stages(example("xor"))


def places(walk: Walk, grain: str) -> list[Spot]:
    spot, found = walk.start(grain), []
    while spot is not None:
        found.append(spot)
        spot = walk.on(spot, grain)
    return found


def key(spot: Spot) -> tuple[int, str, int | None]:
    return spot.position, spot.cursor.stage.label, spot.cursor.cell


def test_cells_of_each_sample_then_the_update_once() -> None:
    walk = Walk(XOR, 2)
    found = places(walk, "cell")
    inner = [stage for stage in XOR if stage.phase != "update"]
    update = [stage for stage in XOR if stage.phase == "update"]
    assert len(found) == 2 * sum(max(1, len(stage.cells)) for stage in inner) + sum(len(stage.cells) for stage in update)
    assert [spot.position for spot in found if spot.cursor.stage.phase == "update"] == [1] * sum(len(stage.cells) for stage in update)
    assert found[-1].cursor.stage.phase == "update"


@pytest.mark.parametrize("grain", ["cell", "node"])
@pytest.mark.parametrize("samples", [1, 3])
def test_the_way_back_is_the_way_there(grain: str, samples: int) -> None:
    walk = Walk(XOR, samples)
    there = places(walk, grain)
    spot, back = walk.end(grain), []
    while spot is not None:
        back.append(spot)
        spot = walk.back(spot, grain)
    assert [key(spot) for spot in reversed(back)] == [key(spot) for spot in there]


def test_samples_end_with_their_backward_and_the_last_with_the_update() -> None:
    found = places(Walk(XOR, 3), "sample")
    assert [key(spot) for spot in found] == [(0, "backward:dense1", None), (1, "backward:dense1", None), (2, XOR[-1].label, None)]


def test_a_batch_is_one_step() -> None:
    walk = Walk(XOR, 3)
    assert [spot.position for spot in places(walk, "batch")] in ([2], [0, 2])
    end = walk.end("batch")
    assert end is not None
    assert walk.on(end, "batch") is None
    assert walk.back(end, "batch") is None


@given(grains=st.lists(st.tuples(st.sampled_from(["cell", "node", "sample", "batch"]), st.booleans()), max_size=30))
def test_any_mixture_of_grains_goes_the_right_way(grains: list[tuple[str, bool]]) -> None:
    walk = Walk(XOR, 4)
    order = {key(spot): at for at, spot in enumerate(places(walk, "cell"))}
    spot = walk.start("cell")
    assert spot is not None
    for grain, on in grains:
        moved = walk.on(spot, grain) if on else walk.back(spot, grain)
        if moved is None:
            continue

        def place(one: Spot) -> int:
            cells = len(one.cursor.stage.cells)
            cell = one.cursor.cell if one.cursor.cell is not None or not cells else cells - 1
            return order[one.position, one.cursor.stage.label, cell]

        assert (place(moved) > place(spot)) if on else (place(moved) < place(spot))
        spot = moved


def test_nothing_to_walk_through() -> None:
    walk = Walk((), 1)
    assert walk.start("cell") is None
    assert walk.end("node") is None
