"""Cells: every one has a name and a place, and the name leads back to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.anim.cells import Cells

SHAPES = st.lists(st.integers(1, 4), max_size=3).map(tuple)


@given(weight=SHAPES, bias=SHAPES)
def test_names_and_places_lead_back(weight: tuple[int, ...], bias: tuple[int, ...]) -> None:
    cells = Cells((("weight", weight), ("bias", bias)))
    assert len(list(cells)) == len(cells) == len(set(cells))
    for index, name in enumerate(cells):
        assert cells.find(*cells.place(index)) == index
        assert cells.named(name) == index


def test_a_bare_name_is_the_first_cell_of_its_part() -> None:
    cells = Cells((("weight", (2, 3)), ("bias", (2,))))
    assert cells[:] == ("weight[0,0]", "weight[0,1]", "weight[0,2]", "weight[1,0]", "weight[1,1]", "weight[1,2]", "bias[0]", "bias[1]")
    assert (cells.named("bias"), cells.named("weight[1,1]")) == (6, 4)
    assert Cells((("", (3,)),)).named("2") == 2


@pytest.mark.parametrize("name", ["", "weight[2,0]", "weight[0]", "gain", "3", "weight[", "bias[-1]"])
def test_what_there_is_not_is_none(name: str) -> None:
    assert Cells((("weight", (2, 3)), ("bias", (2,)))).named(name) is None


def test_a_million_cells_cost_nothing() -> None:
    cells = Cells((("", (1000, 1000)),))
    assert cells[-1] == "999,999"
    assert cells.named("999,999") == 999_999
    with pytest.raises(IndexError):
        cells.place(1_000_000)
