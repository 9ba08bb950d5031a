"""The folded card of a recurrent layer: every number that it shows is the trace's, and what a pass has not come to is not told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRectF

from playground import fields as declared
from playground.anim import time_cells
from playground.anim.cursor import Cursor, Stage
from playground.anim.scale import Scale
from playground.engine.trace import NodeTrace, Trace
from playground.layers import registry as layers
from playground.ui.numbers import number
from playground.ui.painters import course, maps, placing, reading, registry
from playground.ui.painters.base import Picture
from playground.ui.theme import DARK, LIGHT
from tests.ui import recurrent_support as support
from tests.ui.painting import render

pytestmark = pytest.mark.usefixtures("qapp")
STEPS, UNITS = support.STEPS, support.UNITS
TYPES = ("LSTM", "GRU", "SimpleRNN")


def picture(type: str, changed: Mapping[str, Any] | None = None, selected: int | None = None, **fields: Any) -> Picture:
    kind = layers.get(type)
    x, traced = support.node(type, sequences=True)
    made = {name: np.asarray(value, np.float32) for name, value in (changed or {}).items()}
    nodes = {"n1": NodeTrace({**traced.values, **made}, traced.gradients), "input1": NodeTrace({"output": x.astype(np.float32)})}
    complete = declared.complete(kind.fields, {"units": UNITS, "return_sequences": True, **fields})
    wide = UNITS * (2 if fields.get("direction") == "both" else 1)
    trace = Trace("train", 0, nodes, {})
    return Picture("n1", kind, complete, ((STEPS, 3),), (STEPS, wide), trace, selected_unit=selected, source="input1", source_type="Input")


def at(shown: Picture, phase: str, name: str, index: tuple[int, int]) -> Cursor:
    """The cursor at a cell of the node's stage."""
    cell = course.cell_of(shown)
    assert cell is not None
    assert shown.output is not None
    make = time_cells.forward if phase == "forward" else time_cells.backward
    cells = make(cell, shown.fields, STEPS, shown.output)
    stage = Stage(phase, "n1", cells)  # type: ignore[arg-type]
    return Cursor(0, stage, cells.find(name, index), 1.0, (stage,))


def body(shown: Picture) -> QRectF:
    size = registry.find(shown.layer).size(shown)
    return QRectF(0, 0, size.width(), size.height())


def changed_box(before: np.ndarray, after: np.ndarray) -> QRectF:
    rows, columns = np.nonzero((before != after).any(axis=2))
    return QRectF(columns.min(), rows.min(), columns.max() - columns.min() + 1, rows.max() - rows.min() + 1)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("type", TYPES)
def test_one_number_changes_its_own_cell_alone(type: str, theme: Any) -> None:
    shown = picture(type)
    for gate in course.gates(shown):
        array = np.array(reading.value(shown, gate))
        array[2, 1] = -array[2, 1] if gate not in "ifozr" else 1.0 - array[2, 1]
        other = picture(type, {gate: array})
        place = placing.place_rect(registry.find(shown.layer), body(shown), shown, gate, (2, 1))
        assert place is not None
        assert place.adjusted(-2, -2, 2, 2).contains(changed_box(render(shown, theme=theme), render(other, theme=theme)))


@pytest.mark.parametrize("type", TYPES)
def test_the_pointer_reads_the_trace(type: str) -> None:
    shown = picture(type)
    painter = registry.find(shown.layer)
    for gate in course.gates(shown):
        for step, unit in ((0, 0), (3, 2), (STEPS - 1, UNITS - 1)):
            place = placing.place_rect(painter, body(shown), shown, gate, (step, unit))
            assert place is not None
            assert painter.cell_at(body(shown), shown, place.center()) == (gate, (step, unit))  # type: ignore[attr-defined]
            assert painter.unit_at(body(shown), shown, place.center()) == step * UNITS + unit
            told = painter.tip_at(body(shown), shown, None, place.center())  # type: ignore[attr-defined]
            value = float(np.asarray(reading.value(shown, gate))[step, unit])
            assert told.endswith(number(value, signed=gate not in "ifozr"))


@pytest.mark.parametrize("phase", ["forward", "backward"])
@pytest.mark.parametrize("type", TYPES)
def test_what_a_pass_has_not_come_to_is_not_told(type: str, phase: str) -> None:
    shown = picture(type)
    cursor = at(shown, phase, "h", (2, 1))
    rows = course.rows(shown, cursor, Scale(limit=1.0))
    cells = cursor.stage.cells
    for row in rows:
        assert row.known is not None
        for step in range(STEPS):
            for unit in range(UNITS):
                name, column = row.place
                cell = cells.find(name, (step, column + unit))
                assert cell is not None
                assert row.known[step, unit] == (cell <= (cursor.cell or 0))
    ahead, done = ((4, 0), (1, 0)) if phase == "forward" else ((0, 0), (4, 0))
    assert rows[-1].values is not None
    assert not rows[-1].known[ahead]  # type: ignore[index]
    assert rows[-1].known[done]  # type: ignore[index]
    if phase == "forward":
        array = np.array(reading.value(shown, "h"))
        array[ahead] = -array[ahead]
        assert np.array_equal(render(picture(type, {"h": array}), cursor), render(shown, cursor))


def test_errors_take_the_place_of_values_on_the_way_back() -> None:
    shown = picture("LSTM")
    rows = {row.gate: row for row in course.rows(shown, at(shown, "backward", "pre_activation", (0, 15)), Scale(limit=1.0))}
    assert all(row.error and row.scale.ramp == "err" for row in rows.values())
    sums = np.asarray(reading.gradient(shown, "pre_activation"))
    assert np.array_equal(rows["g"].values, sums[:, 2 * UNITS : 3 * UNITS])  # type: ignore[arg-type]
    assert np.array_equal(rows["c"].values, reading.gradient(shown, "c"))  # type: ignore[arg-type]


def test_padded_steps_fade() -> None:
    mask = np.array([1, 1, 1, 1, 0, 0])
    plain, padded = picture("LSTM"), picture("LSTM", {"mask": mask})
    box = changed_box(render(plain), render(padded))
    edge = placing.place_rect(registry.find(plain.layer), body(plain), plain, "h", (4, 0))
    assert edge is not None
    assert box.left() >= edge.left() - 2
    told = registry.find(plain.layer).tip_at(body(padded), padded, None, edge.center())  # type: ignore[attr-defined]
    assert "padding" in told


def test_both_directions_have_rows_of_their_own_and_a_unit_is_in_one() -> None:
    values = support.node("LSTM")[1].values
    other = {f"{name}_reverse": values[name][::-1] for name in "ifgoch"}
    shown = picture("LSTM", other, direction="both")
    assert [gate + end for gate, end in course.names(shown)] == [*"ifgoch", *(f"{gate}_reverse" for gate in "ifgoch")]
    assert course.unit_of(shown, 2 * UNITS * 3 + UNITS + 1) == ("_reverse", 3, 1)
    assert course.entry_of(shown, "_reverse", 3, 1) == 2 * UNITS * 3 + UNITS + 1


@pytest.mark.parametrize("units", [4, 128])
def test_a_long_sequence_is_a_heat_map_that_fits_the_card(units: int) -> None:
    rng = np.random.default_rng(0)
    kind = layers.get("LSTM")
    values = {name: rng.random((100, units)).astype(np.float32) for name in "ifgoch"}
    trace = Trace("train", 0, {"n1": NodeTrace(values)}, {})
    complete = declared.complete(kind.fields, {"units": units})
    shown = Picture("n1", kind, complete, ((100, 3),), (units,), trace)
    painter = registry.find(kind)
    for name, index in (("i", (0, 0)), ("h", (99, units - 1))):
        place = placing.place_rect(painter, body(shown), shown, name, index)
        assert place is not None
        assert body(shown).contains(place)
    assert render(shown).any()


@pytest.mark.parametrize("type", TYPES)
def test_a_unit_that_is_switched_off_is_pale_in_every_row_and_said_to_be(type: str) -> None:
    """Its stripes alone look other than before; of two directions side by side those of one."""
    shown = picture(type)
    off = replace(shown, off=(1,))
    before, after = (render(one, theme=LIGHT) for one in (shown, off))
    painter = registry.find(shown.layer)
    for row in range(len(course.names(shown))):
        stripes = [painter.cell_rect(body(shown), shown, row, 0, unit).center().y() for unit in range(UNITS)]  # type: ignore[attr-defined]
        differs = (before != after).any(axis=(1, 2))
        assert [bool(differs[int(y)]) for y in stripes] == [False, True, False, False]
    point = painter.cell_rect(body(shown), shown, 0, 2, 1).center()  # type: ignore[attr-defined]
    assert "unit 2 is switched off" in painter.tip_at(body(shown), off, None, point)  # type: ignore[attr-defined]
    assert "switched off" not in painter.tip_at(body(shown), shown, None, point)  # type: ignore[attr-defined]
    both = replace(picture(type, direction="both"), off=(1, UNITS + 3))
    assert (course.off(both, ""), course.off(both, "_reverse")) == ((1,), (3,))
    assert [maps.neuron(shown, unit) for unit in (1, 3 * UNITS + 1)] == [1, 1]
