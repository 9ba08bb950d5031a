"""A recurrent layer unrolled: rows, letters, norms and bracket are the trace's and the document's; a hand moves and edits them."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from playground.anim import stages
from playground.anim.cursor import Cursor
from playground.document import edits
from playground.engine.live.snapshot import DRAWING
from playground.engine.trace import NodeTrace, Trace
from playground.ui.canvas.unrolled import painting, reading, way_back, wording
from playground.ui.canvas.unrolled.layout import Layout
from playground.ui.canvas.unrolled.norm_curves import comparison, decades
from playground.ui.canvas.unrolled.one_error import Back
from playground.ui.canvas.unrolled.strip import Unrolled
from playground.ui.canvas.view import CanvasView
from playground.ui.painters import tools
from tests.ui import recurrent_support as support

STEPS, UNITS = support.STEPS, support.UNITS
Opened = Callable[..., tuple[CanvasView, Unrolled, str]]


@pytest.fixture
def unrolled(open_canvas: Callable[..., CanvasView]) -> Opened:
    """``unrolled("LSTM", truncate=3)``: a canvas with that layer, its trace and its strip."""

    def opened(type: str = "LSTM", size: tuple[int, int] = (1060, 628), **fields: object) -> tuple[CanvasView, Unrolled, str]:
        view = open_canvas("", size)
        document, layer = support.network(type, **fields)
        view.workbench.replace(document)
        feed(view, layer)
        strip = view.overlays.unrolled
        assert strip.open(layer)
        return view, strip, layer

    return opened


def feed(view: CanvasView, layer: str, **changed: np.ndarray) -> None:
    view.workbench.snapshot = support.snapshot(view.workbench.document, layer, changed=changed)
    view.workbench.snapshot_changed.emit(view.workbench.snapshot)


def pixels(strip: Unrolled) -> bytes:
    image = strip.grab().toImage()  # held while its bytes are read
    return bytes(image.constBits())


def hold(view: CanvasView, place: str) -> Cursor:
    view.player.hold(place)
    cursor = view.scene_.cursor_at
    assert cursor is not None
    return cursor


@pytest.mark.parametrize("type", ["LSTM", "GRU", "SimpleRNN"])
def test_its_rows_are_the_traces(unrolled: Opened, type: str) -> None:
    view, strip, layer = unrolled(type)
    assert strip.strip is not None
    values = view.workbench.snapshot.trace.nodes[layer].values  # type: ignore[union-attr]
    for row in strip.strip.rows:
        assert np.array_equal(row.values, values[row.gate])  # type: ignore[arg-type]
    before = pixels(strip)
    for row in strip.strip.rows:
        array = values[row.gate].copy()
        array[3, 2] = 1.0 - array[3, 2]
        feed(view, layer, **{row.gate: array})
        assert pixels(strip) != before


def test_the_norms_are_those_of_the_errors_and_come_with_the_pass(unrolled: Opened) -> None:
    view, strip, layer = unrolled()
    errors = view.workbench.snapshot.trace.nodes[layer].gradients  # type: ignore[union-attr]
    expected = {state: [float(np.sqrt((errors[state][t].astype(float) ** 2).sum())) for t in range(STEPS)] for state in "hc"}
    assert strip.strip is not None
    for state in "hc":
        assert strip.strip.norms[state] == pytest.approx(expected[state])
    hold(view, f"forward:{layer}:h[2,1]")
    assert np.isnan(strip.strip.norms["h"]).all()
    hold(view, f"backward:{layer}:pre_activation[3,{4 * UNITS - 1}]")
    assert strip.strip.now == (3, UNITS - 1)
    known = strip.strip.norms["h"]
    assert np.isnan(known[:3]).all()
    assert known[3:] == pytest.approx(expected["h"][3:])
    hold(view, f"update:{layer}")
    assert strip.strip.norms["h"] == pytest.approx(expected["h"])
    far, near = expected["h"][0], expected["h"][-1]
    assert ("weaker" if far < near else "stronger") in comparison(strip.strip, strip.errors.read(strip.strip))


def test_what_the_pass_has_not_come_to_is_not_told(unrolled: Opened) -> None:
    view, strip, layer = unrolled()
    values = view.workbench.snapshot.trace.nodes[layer].values  # type: ignore[union-attr]
    hold(view, f"forward:{layer}:h[2,1]")
    before = pixels(strip)
    for gate in "ifgoh":
        other = values[gate].copy()
        other[4, 1] = 1.0 - other[4, 1]
        feed(view, layer, **{gate: other})
        hold(view, f"forward:{layer}:h[2,1]")
        assert pixels(strip) == before
    made = strip.layout_
    assert "not computed yet" in strip.tip(QPointF(made.x(4.5), made.row(0).center().y()))


def test_what_is_unrolled_has_no_ring_behind_it(unrolled: Opened) -> None:
    view, strip, layer = unrolled()
    view.workbench.select((layer,))
    assert not view.scene_.cards[layer].state.selected
    strip.fold()
    assert view.scene_.cards[layer].state.selected


def test_all_tiles_of_a_series_have_numbers_of_as_many_decimals(qtbot) -> None:
    series = np.array([[-1.13], [0.5], [-0.001], [2.0]])
    rooms = tools.width("−2.00", 11, 500), tools.width("−2.0", 11, 500), 8.0  # by the font of this machine
    read = [[painting.reading(series, step, room) for step in range(4)] for room in rooms]
    assert read == [["−1.13", "0.50", "0.00", "2.00"], ["−1.1", "0.5", "0.0", "2.0"], [""] * 4]
    assert [painting.reading(np.array([[3.0], [12.0]]), step, 36.0) for step in (0, 1)] == ["3", "12"]


def test_pills_hold_whole_numbers_and_leave_arrows_room() -> None:
    for pitch in range(52, 100):  # as narrow as a strip opens with
        wide = way_back.pill_width(pitch)
        assert all(tools.width(told, 10.5, 600) <= wide - 4 for told in ("0.02", "2e−4"))
        assert pitch - wide - 6 >= 10
    assert way_back.pill_width(way_back.PILLS_FROM) < 26  # then arrows alone


def test_thickness_is_the_guides() -> None:
    norms = np.array([1e-11, 0.001, 0.01, np.nan])  # of the error that comes in at step 3, 0.1, 1e-9 and nothing are left
    assert way_back.thicknesses(norms, Back({"h": norms}, 2)) == pytest.approx([1.2, 9.4, 13.0, 1.2])
    assert way_back.thicknesses(norms[:3] * 1e-6, Back({}, None))[2] == 13.0  # of all together: of the largest
    assert decades({"h": np.array([0.02, 3.0])}) == (-2, 1)


def test_a_click_selects_the_unit_and_the_cell(unrolled: Opened, qtbot) -> None:  # type: ignore[no-untyped-def]
    view, strip, layer = unrolled(return_sequences=True)
    made = strip.layout_
    box = made.unit_rect(made.cell(1, 3), 2, None)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    assert view.workbench.unit == (layer, 3 * UNITS + 2)
    assert view.workbench.cell == (layer, "f", (3, 2))
    assert strip.strip is not None
    assert strip.strip.unit == 2
    QTest.keyClick(strip, Qt.Key.Key_1)
    assert view.workbench.cell == (layer, "f", (3, 0))


def test_the_bracket_edits_the_field_and_is_undone(unrolled: Opened) -> None:
    view, strip, layer = unrolled()
    bench = view.workbench
    made = strip.layout_
    assert strip.strip is not None
    start = way_back.handle(strip.strip, made, None).toPoint()
    goal = QPoint(round(made.x(STEPS - 2)), start.y())
    QTest.mousePress(strip, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(strip, goal)
    assert bench.document.nodes[layer].fields["truncate"] is None  # not while the hand still moves
    QTest.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=goal)
    assert bench.document.nodes[layer].fields["truncate"] == 2
    feed(view, layer)
    assert strip.strip is not None
    assert strip.strip.truncate == 2
    assert way_back.handle(strip.strip, strip.layout_, 2).x() == pytest.approx(strip.layout_.x(STEPS - 2))
    bench.undo_stack.undo()
    assert bench.document.nodes[layer].fields.get("truncate") is None


def test_swapping_the_cell_keeps_the_rest(unrolled: Opened) -> None:
    view, _, layer = unrolled(truncate=3, direction="backward")
    before = view.workbench.document
    view.editor.swap_cell(layer, "GRU")
    after = view.workbench.document
    assert after.nodes[layer].type == "GRU"
    assert after.nodes[layer].title == "gru1"
    assert {"units": UNITS, "truncate": 3, "direction": "backward"}.items() <= after.nodes[layer].fields.items()
    assert after.wires == before.wires
    assert {id: node for id, node in after.nodes.items() if id != layer} == {id: node for id, node in before.nodes.items() if id != layer}
    feed(view, layer)
    view.editor.swap_cell(layer, "LSTM")
    assert view.workbench.document.nodes[layer].title == ""
    view.workbench.undo_stack.undo()
    view.workbench.undo_stack.undo()
    assert view.workbench.document == before


def test_it_folds_when_its_node_goes_and_by_its_key(unrolled: Opened) -> None:
    view, strip, layer = unrolled()
    assert strip.isVisible()
    QTest.keyClick(strip, Qt.Key.Key_Escape)
    assert not strip.isVisible()
    view.workbench.select((layer,))
    view.overlays.toggle_unrolled()
    assert strip.node == layer
    view.workbench.edit("remove", edits.remove(view.workbench.document, layer))
    assert (strip.node, strip.isVisible()) == ("", False)
    view.overlays.toggle_unrolled()
    assert not strip.isVisible()


def test_the_worker_is_asked_for_what_it_shows(unrolled: Opened) -> None:
    _, strip, layer = unrolled()
    assert strip.needs() == {"input1", layer, "output1"}


def test_a_pass_scrolls_its_step_into_sight(open_canvas: Callable[..., CanvasView]) -> None:
    view = open_canvas("", (840, 510))
    document, layer = support.network("LSTM", steps=40)
    view.workbench.replace(document)
    view.workbench.snapshot = support.snapshot(document, layer, steps=40)
    view.workbench.snapshot_changed.emit(view.workbench.snapshot)
    strip = view.overlays.unrolled
    assert strip.open(layer)
    assert strip.layout_.scrolls
    assert 39 in strip.layout_.seen  # where the loss is
    assert 30 not in strip.layout_.seen
    hold(view, f"forward:{layer}:h[30,0]")
    assert 30 in strip.layout_.seen
    hold(view, f"backward:{layer}:pre_activation[12,0]")
    assert 12 in strip.layout_.seen
    assert 12 - strip.layout_.start > strip.layout_.start + strip.layout_.room / strip.layout_.pitch - 13  # with more of what comes next
    strip.fold()
    assert strip.open(layer)
    assert 12 in strip.layout_.seen  # where the pass stands
    hold(view, f"backward:{layer}")
    assert 39 in strip.layout_.seen, "at the whole node Explain tells of the largest error of what it hands on: the last state"
    strip.zoom(0.01)
    assert list(strip.layout_.seen) == list(range(40))
    assert not strip.layout_.scrolls


def test_of_a_text_that_is_tried_it_shows_the_end_and_follows_what_is_typed(
    open_canvas: Callable[..., CanvasView], monkeypatch: pytest.MonkeyPatch
) -> None:
    view = open_canvas("", (840, 510))
    document, layer = support.network("LSTM", steps=40, return_sequences=True)
    view.workbench.replace(document)
    snapshot = support.snapshot(document, layer, steps=40)
    strip = view.overlays.unrolled

    def feed(length: int, letters: str) -> None:
        mask = (np.arange(40) < length).astype(np.float32)
        monkeypatch.setattr(reading, "_letters", lambda *_: tuple(letters.ljust(40, "_")))
        nodes = {"input1": NodeTrace({**snapshot.trace.nodes["input1"].values, "mask": mask})}
        nodes[layer] = replace(snapshot.trace.nodes[layer], gradients={})
        trace = replace(snapshot.trace, split=DRAWING, nodes={**snapshot.trace.nodes, **nodes}, target=None)
        view.workbench.snapshot = replace(snapshot, trace=trace)
        view.workbench.snapshot_changed.emit(view.workbench.snapshot)

    feed(20, "a" * 20)
    assert strip.open(layer)
    for length in (3, 20, 21, 40):
        feed(length, "b" * length)
        assert length - 1 in strip.layout_.seen
        assert strip.layout_.start == max(length - len(strip.layout_.seen), 0)
    strip.reveal(0)
    feed(40, "b" * 40)
    assert strip.layout_.start == 0  # the same text stays where a hand moved it
    feed(39, "b" * 39)
    assert 38 in strip.layout_.seen


@pytest.mark.parametrize("step", [0, 17, 39])
def test_it_opens_where_the_error_is_and_stays_where_a_hand_moved_it(open_canvas: Callable[..., CanvasView], step: int) -> None:
    view = open_canvas("", (840, 510))
    document, layer = support.network("LSTM", steps=40, return_sequences=True)
    view.workbench.replace(document)
    came = np.zeros((40, support.UNITS), np.float32)
    came[5], came[step] = 0.1, 0.7
    snapshot = support.snapshot(document, layer, steps=40)
    traced = replace(snapshot.trace, nodes={**snapshot.trace.nodes, layer: replace(snapshot.trace.nodes[layer], gradients={})})
    errors = {**snapshot.trace.nodes[layer].gradients, "output": came}
    known = replace(traced, nodes={**traced.nodes, layer: replace(traced.nodes[layer], gradients=errors)})

    def feed(trace: Trace) -> None:
        view.workbench.snapshot = replace(snapshot, trace=trace)
        view.workbench.snapshot_changed.emit(view.workbench.snapshot)

    feed(traced)
    strip = view.overlays.unrolled
    assert strip.open(layer)
    assert 39 in strip.layout_.seen  # nothing is known of errors yet
    feed(known)
    assert strip.errors.start == step
    assert strip.layout_.start <= step <= strip.layout_.start + strip.layout_.room / strip.layout_.pitch - 1
    strip.reveal(0)
    strip.reveal(20)
    before = strip.layout_.start
    feed(replace(known))
    assert strip.layout_.start == before


@pytest.mark.parametrize("selected", [None, 0, 3, 7])
def test_units_are_found_where_they_are_drawn(selected: int | None) -> None:
    made = Layout(1000, 640, 6, 12, 8, 70.0, 0.0, True)
    for step in (0, 5, 11):
        box = made.cell(2, step)
        for unit in range(8):
            middle = made.unit_rect(box, unit, selected).center()
            assert made.entry_at(middle, selected) == (2, step, unit)


def test_a_hundred_steps_of_128_units_hold_the_frame(open_canvas: Callable[..., CanvasView]) -> None:
    """8 ms is the frame's budget; the bound here leaves room for a machine that does other things too."""
    view = open_canvas("", (1324, 692))
    document, layer = support.network("LSTM", steps=100, units=128)
    view.workbench.replace(document)
    rng = np.random.default_rng(0)
    snapshot = support.snapshot(document, layer)
    values = {name: rng.random((100, 128)).astype(np.float32) for name in "ifgoch"} | {"output": rng.random(128).astype(np.float32)}
    errors = {"h": values["h"], "c": values["c"], "pre_activation": rng.random((100, 512)).astype(np.float32)}
    assert snapshot.trace is not None
    node = replace(snapshot.trace.nodes[layer], values=values, gradients=errors)
    trace = replace(snapshot.trace, nodes={**snapshot.trace.nodes, layer: node})
    view.workbench.snapshot = replace(snapshot, trace=trace)
    view.workbench.snapshot_changed.emit(view.workbench.snapshot)
    strip = view.overlays.unrolled
    assert strip.open(layer)
    taken = []
    passed = stages.stages(document)
    for step in range(12):
        view.scene_.set_cursor(stages.find(passed, f"backward:{layer}:h[{90 - step},3]"))
        start = time.perf_counter()
        strip.follow()
        strip.repaint()
        taken.append(time.perf_counter() - start)
    assert statistics.median(taken) < 0.030


def test_a_state_port_is_wired_by_hand_and_goes_to_a_state_alone(open_canvas: Callable[..., CanvasView]) -> None:
    """Encoder and decoder: the square port of one dragged to the square port of the other."""
    view = open_canvas("")
    document, layer = support.network("LSTM")
    document, other = edits.add_node(document, "LSTM", units=UNITS, position=(180, 320))
    document = edits.connect(document, "input1", other)
    view.workbench.replace(document)
    view.fit_all(animated=False)
    source, target = view.scene_.cards[layer], view.scene_.cards[other]
    assert source.port_at(source.output_port(1)) == ("out", 1)
    assert source.facts.state == (2, UNITS)
    start, end = (
        view.mapFromScene(card.pos() + place) for card, place in ((source, source.output_port(1)), (target, target.input_port(1)))
    )
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view.viewport(), end)
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=end)
    wire = view.workbench.document.wires[-1]
    assert (wire.source, wire.target, wire.from_port, wire.to_port) == (layer, other, 1, 1)
    assert view.scene_.facts.shape(wire) == (2, UNITS)
    item = view.scene_.wires[wire]
    assert item.path.pointAtPercent(0) == source.pos() + source.output_port(1)
    assert item.path.pointAtPercent(1) == target.pos() + target.input_port(1)


def test_a_unit_that_is_switched_off_is_pale_and_its_number_stays(unrolled: Opened) -> None:
    view, strip, layer = unrolled()
    view.workbench.select((layer,), (layer, 1))
    before = pixels(strip)
    view.workbench.replace(edits.switch_off(view.workbench.document, layer, 1))
    view.workbench.select((layer,), (layer, 1))
    feed(view, layer)
    assert strip.strip is not None
    assert (strip.strip.off, strip.strip.unit) == ((1,), 1)
    assert pixels(strip) != before
    assert "unit 2 selected, switched off" in wording.facts(strip.strip, None, 96)[0]
    told = wording.value(strip.strip, strip.strip.rows[0], 2, 1)
    assert told.startswith(wording.gate_name(strip.strip.rows[0]))
    assert told.endswith("unit 2 is switched off: it answers 0, also to its own layer, and learns nothing")
    assert "switched off" not in wording.value(strip.strip, strip.strip.rows[0], 2, 0)
