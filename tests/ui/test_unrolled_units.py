"""An unrolled node's other pictures: all units under the text, one unit as colored text; a condition marked, and found in the data."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.engine.experiments.lab import State
from playground.engine.experiments.looked_through import Condition, ConditionAsked
from playground.engine.live import commands
from playground.engine.trace import NodeTrace
from playground.layers import registry
from playground.ui.canvas.unrolled.condition import Wanted, runs
from playground.ui.canvas.unrolled.shares import Shares, shares
from playground.ui.canvas.unrolled.strip import Unrolled
from playground.ui.canvas.unrolled.wording import facts
from playground.ui.canvas.view import CanvasView
from playground.ui.painters import tools
from playground.ui.window import Window
from tests.ui import recurrent_support as support
from tests.ui.shell_support import running_window

STEPS, UNITS = support.STEPS, support.UNITS
Opened = Callable[..., tuple[CanvasView, Unrolled, str]]


@pytest.fixture
def unrolled(open_canvas: Callable[..., CanvasView]) -> Opened:
    """``unrolled("LSTM", "units")``: a canvas with that layer, unrolled, in that picture."""

    def opened(type: str = "LSTM", mode: str = "units", **fields: object) -> tuple[CanvasView, Unrolled, str]:
        view = open_canvas("", (1060, 628))
        document, layer = support.network(type, **fields)
        view.workbench.replace(document)
        feed(view, layer)
        strip = view.overlays.unrolled
        assert strip.open(layer)
        show(strip, mode)
        return view, strip, layer

    return opened


def feed(view: CanvasView, layer: str, mask: np.ndarray | None = None, **changed: np.ndarray) -> None:
    made = support.snapshot(view.workbench.document, layer, changed=changed)
    if mask is not None:
        assert made.trace is not None
        read = made.trace.nodes["input1"]
        nodes = {**made.trace.nodes, "input1": NodeTrace({**read.values, "mask": mask})}
        made = replace(made, trace=replace(made.trace, nodes=nodes))
    view.workbench.snapshot = made
    view.workbench.snapshot_changed.emit(made)


def values(view: CanvasView, layer: str) -> dict[str, np.ndarray]:
    return view.workbench.snapshot.trace.nodes[layer].values  # type: ignore[union-attr, return-value]


def show(strip: Unrolled, mode: str) -> None:
    strip.head.modes.group.button(("steps", "units", "text").index(mode)).click()


def find(strip: Unrolled, gate: str, unit: int | None, below: bool, value: float) -> None:
    if not strip.pictures.finding:
        strip.head.finder.click()
    tool = strip.pictures.tools
    tool.choose_gate(gate)
    tool.side.setCurrentIndex(0 if below else 1)
    tool.value.setText(str(value))
    tool.value.returnPressed.emit()
    tool._pick_unit(0 if unit is None else unit + 1)


def pixels(widget: QWidget) -> bytes:
    image = widget.grab().toImage()  # held while its bytes are read
    return bytes(image.constBits())


def color_at(widget: QWidget, point: QPointF) -> QColor:
    image = widget.grab().toImage()
    ratio = image.devicePixelRatio()
    return QColor(image.pixel(int(point.x() * ratio), int(point.y() * ratio)))


# -- all units
@pytest.mark.parametrize(("type", "gate"), [("LSTM", "f"), ("LSTM", "c"), ("GRU", "z"), ("SimpleRNN", "h")])
def test_every_cell_has_the_color_of_the_traces_number(unrolled: Opened, type: str, gate: str) -> None:
    view, strip, layer = unrolled(type)
    strip.pictures.tools.choose_gate(gate)
    units, found = strip.pictures.units, values(view, layer)[gate]
    assert units.view is not None
    row = next(row for row in strip.strip.rows if row.gate == gate)  # type: ignore[union-attr]
    for step in range(STEPS):
        for unit in range(UNITS):
            box = units.cell(step, unit)
            expected = tools.color_of(float(found[step, unit]), row.scale, view.theme)
            corner = color_at(units, box.topLeft() + QPointF(3, 3)) if (step + unit) % 5 == 0 else expected  # a few of them
            assert max(abs(corner.red() - expected.red()), abs(corner.green() - expected.green())) <= 2
            assert units.entry_at(box.center()) == (step, unit)


@pytest.mark.parametrize(
    ("units", "steps", "told"), [(1, 1, "1 unit · 12 parameters · 1 step"), (2, 3, "2 units · 12 parameters · 3 steps")]
)
def test_one_unit_is_not_units(units: int, steps: int, told: str) -> None:
    assert facts(SimpleNamespace(units=units, steps=steps, unit=None, off=()), None, 12)[0] == told


def test_units_are_sorted_by_activity_and_by_peak(unrolled: Opened) -> None:
    _, strip, _ = unrolled()
    units, tool = strip.pictures.units, strip.pictures.tools
    tool.choose_gate("h")
    row = next(row for row in strip.strip.rows if row.gate == "h")  # type: ignore[union-attr]
    assert row.values is not None
    means = [sum(abs(float(row.values[t, u])) for t in range(STEPS)) / STEPS for u in range(UNITS)]
    peaks = [max(range(STEPS), key=lambda t, u=u: abs(float(row.values[t, u]))) for u in range(UNITS)]  # type: ignore[misc, index]
    assert units.order.tolist() == list(range(UNITS))
    tool.order.setCurrentIndex(1)
    tool.changed.emit()
    assert units.order.tolist() == sorted(range(UNITS), key=lambda u: -means[u])
    tool.order.setCurrentIndex(2)
    tool.changed.emit()
    assert [peaks[u] for u in units.order] == sorted(peaks)
    first = int(units.order[0])
    assert units.entry_at(units.cell(2, 0).center()) == (2, first)


def test_a_click_selects_unit_and_cell_of_the_row_on_show(unrolled: Opened) -> None:
    view, strip, layer = unrolled("LSTM", return_sequences=True)
    strip.pictures.tools.choose_gate("o")
    QTest.mouseClick(strip.pictures.units, Qt.MouseButton.LeftButton, pos=strip.pictures.units.cell(3, 2).center().toPoint())
    assert view.workbench.cell == (layer, "o", (3, 2))
    assert view.workbench.unit == (layer, 3 * UNITS + 2)
    assert strip.strip is not None
    assert strip.strip.unit == 2


def test_what_a_pass_has_not_come_to_is_not_told_and_not_sorted_by(unrolled: Opened) -> None:
    view, strip, layer = unrolled()
    tool, units = strip.pictures.tools, strip.pictures.units
    tool.choose_gate("h")
    tool.order.setCurrentIndex(1)
    view.player.hold(f"forward:{layer}:h[2,1]")
    cursor: Cursor | None = view.scene_.cursor_at
    assert cursor is not None
    find(strip, "h", None, False, -2.0)
    assert units.view is not None
    assert units.order.tolist() == list(range(UNITS))
    assert units.view.holds is not None
    assert units.view.holds[:2].all()
    assert units.view.holds[2].tolist() == [True, True, False, False]
    assert not units.view.holds[3:].any()
    assert "not computed yet" in units.tip(units.cell(4, 1).center())
    pictures = [pixels(units)]
    show(strip, "text")
    pictures.append(pixels(strip.pictures.written))
    other = values(view, layer)["h"].copy()
    other[4:] = 0.9 - other[4:]
    show(strip, "units")
    feed(view, layer, h=other)
    view.player.hold(f"forward:{layer}:h[2,1]")
    assert pixels(units) == pictures[0]
    show(strip, "text")
    assert pixels(strip.pictures.written) == pictures[1]


def test_a_hundred_steps_of_128_units_hold_the_frame(open_canvas: Callable[..., CanvasView]) -> None:
    """8 ms is the frame's budget; the bound here leaves room for a machine that does other things too."""
    view = open_canvas("", (1324, 692))
    document, layer = support.network("LSTM", steps=100, units=128)
    view.workbench.replace(document)
    rng = np.random.default_rng(0)
    made = {name: rng.random((100, 128)).astype(np.float32) for name in "ifgoch"} | {"output": rng.random(128).astype(np.float32)}
    snapshot = support.snapshot(document, layer)
    assert snapshot.trace is not None
    trace = replace(snapshot.trace, nodes={**snapshot.trace.nodes, layer: replace(snapshot.trace.nodes[layer], values=made)})
    view.workbench.snapshot = replace(snapshot, trace=trace)
    view.workbench.snapshot_changed.emit(view.workbench.snapshot)
    strip = view.overlays.unrolled
    assert strip.open(layer)
    strip.choose_unit(5)
    for mode in ("units", "text"):
        show(strip, mode)
        find(strip, "f", None, True, 0.5)
        board = strip.pictures.units if mode == "units" else strip.pictures.written
        taken = []
        for _ in range(8):
            start = time.thread_time()
            strip.follow()
            board.grab()
            taken.append(time.thread_time() - start)
        assert statistics.median(taken) < 0.030


# -- one unit
def test_text_is_on_the_colors_of_the_chosen_unit(unrolled: Opened) -> None:
    view, strip, layer = unrolled("LSTM", "text")
    strip.pictures.tools.choose_gate("g")
    written = strip.pictures.written
    QTest.keyClick(strip, Qt.Key.Key_3)
    assert written.unit == 2
    for step in (0, 3, 5):
        expected = tools.color_of(float(values(view, layer)["g"][step, 2]), Scale(1.0, "div"), view.theme)
        found = color_at(written, written.cell(step).topLeft() + QPointF(3, 2))
        assert max(abs(found.red() - expected.red()), abs(found.blue() - expected.blue())) <= 2
    assert written.entry_at(written.cell(4).center()) == (4, 2)
    told = written.tip(written.cell(4).center())
    assert "step 5, unit 3" in told


# -- a condition
@pytest.mark.parametrize(("unit", "below", "value"), [(1, True, 0.4), (None, False, 0.75), (0, False, 2.0)])
def test_it_holds_where_a_loop_says_so(unrolled: Opened, unit: int | None, below: bool, value: float) -> None:
    view, strip, layer = unrolled("GRU", "steps")
    find(strip, "z", unit, below, value)
    wanted = strip.pictures.wanted
    assert wanted == Wanted("z", unit, below, value)
    row = next(row for row in strip.strip.rows if row.gate == "z")  # type: ignore[union-attr]
    holds = wanted.holds(row, None)
    found = values(view, layer)["z"]
    expected = [
        [(unit is None or u == unit) and (found[t, u] < value if below else found[t, u] > value) for u in range(UNITS)]
        for t in range(STEPS)
    ]
    assert holds is not None
    assert holds.tolist() == expected
    assert wanted.holds(next(row for row in strip.strip.rows if row.gate == "h"), None) is None  # type: ignore[union-attr]
    steps = sum(any(row) for row in expected)
    assert strip.pictures.tools.told.full_text() == f"holds at {steps} of {STEPS} steps here"


def test_over_the_text_it_is_on_the_unit_that_is_shown(unrolled: Opened) -> None:
    view, strip, layer = unrolled("GRU", "text")
    find(strip, "z", None, False, 0.5)
    assert strip.pictures.wanted == Wanted("z", 0, False, 0.5)
    assert strip.pictures.tools.unit.currentText() == "unit 1"
    steps = int((values(view, layer)["z"][:, 0] > 0.5).sum())
    assert strip.pictures.tools.told.full_text() == f"holds at {steps} of {STEPS} steps here"
    strip.head.modes.choose(0)
    strip.follow()
    assert strip.pictures.wanted == Wanted("z", None, False, 0.5)


def test_padding_does_not_hold(unrolled: Opened) -> None:
    view, strip, layer = unrolled("SimpleRNN", "steps")
    mask = np.array([1, 1, 1, 1, 0, 0], np.float32)
    feed(view, layer, mask)
    find(strip, "h", None, False, -3.0)
    assert strip.strip is not None
    assert strip.strip.mask is not None
    holds = strip.pictures.wanted.holds(strip.strip.rows[0], strip.strip.mask)  # type: ignore[union-attr]
    assert holds is not None
    assert holds.any(axis=1).tolist() == [True] * 4 + [False] * 2
    assert strip.pictures.tools.told.full_text() == "holds at 4 of 4 steps here"


def test_marks_change_with_the_condition(unrolled: Opened) -> None:
    _, strip, _ = unrolled("LSTM", "steps")
    seen = []
    for below, value in ((True, 2.0), (True, -2.0), (False, 0.5)):
        find(strip, "f", 1, below, value)
        seen.append(pixels(strip))
    assert len(set(seen)) == 3


def test_escape_goes_back_one_thing_at_a_time(unrolled: Opened) -> None:
    _, strip, _ = unrolled("LSTM", "units")
    find(strip, "f", 1, True, 0.4)
    QTest.keyClick(strip.pictures.tools.value, Qt.Key.Key_Escape)
    assert (strip.pictures.finding, strip.head.mode) == (False, "units")
    QTest.keyClick(strip, Qt.Key.Key_Escape)
    assert (strip.head.mode, strip.isVisible(), strip.pictures.units.isVisible()) == ("steps", True, False)
    QTest.keyClick(strip, Qt.Key.Key_Escape)
    assert not strip.isVisible()


def test_runs() -> None:
    assert runs(np.array([True, True, False, True])) == [(0, 2), (3, 4)]
    assert runs(np.zeros(3, bool)) == []


def test_a_new_condition_is_asked_of_the_worker_and_forgotten_with_the_strip(unrolled: Opened) -> None:
    view, strip, layer = unrolled("LSTM", "steps")
    session = view.workbench.session
    find(strip, "o", 2, False, 0.75)
    asked = [command.asked for command in session.of(commands.Experiment)]  # type: ignore[attr-defined]
    assert asked[-1] == ConditionAsked(layer, "o", 2, False, 0.75, "validation")
    before = len(asked)
    feed(view, layer)
    assert len(session.of(commands.Experiment)) == before  # type: ignore[attr-defined]  # the same weights are not looked at again
    view.workbench.snapshot = replace(view.workbench.snapshot, step=9)
    view.workbench.snapshot_changed.emit(view.workbench.snapshot)
    assert len(session.of(commands.Experiment)) == before + 1  # type: ignore[attr-defined]
    strip.fold()
    assert session.of(commands.EndExperiment)[-1] == commands.EndExperiment("condition", forget=True)  # type: ignore[attr-defined]


def test_symbols_and_steps_are_told_by_their_share(open_canvas: Callable[..., CanvasView], qtbot) -> None:  # type: ignore[no-untyped-def]
    asked, none = ConditionAsked("lstm1", "f"), np.zeros(0)
    read = {"symbol_holds": np.array([5, 30, 0, 1]), "symbol_real": np.array([50, 40, 9, 1])}
    counts = {"holds": np.array([3, 0, 6]), "real": np.array([12, 12, 8])}
    names = ("samples", "starts", "stops", "steps", "units", "values", "around", "read")
    found = Condition(State(1, 1, 1, False), asked, **dict.fromkeys(names, none), **counts, **read, furthest=0.0, seen=1, of=1)
    assert shares(found, (" ", "b", "c", "d")) == [("b", 0.75, 40), ("␣", 0.1, 50)]
    assert shares(found, ()) == []
    shown = Shares(open_canvas("").theme)
    qtbot.addWidget(shown)
    shown.resize(240, 200)
    shown.show_found(found, (" ", "b", "c", "d"), roomy=True)
    assert shown.steps.tolist() == [0.25, 0.0, 0.75]
    image = shown.grab().toImage()
    foot = [image.pixelColor(int(shown.bar(step).center().x()), int(shown.bar(step).bottom()) - 2) for step in range(3)]
    assert foot[0] == foot[2] != foot[1]
    shown.show_found(found, (" ", "b", "c", "d"), roomy=False)
    assert not len(shown.steps)


# -- the real thing
@pytest.fixture
def window(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    monkeypatch.setenv("PLAYGROUND_STATE", str(tmp_path / "state"))
    with running_window(qtbot, "hello", (1280, 800)) as shown:
        shown.workbench.session.send(commands.Step("batch", 30))
        qtbot.waitUntil(lambda: shown.workbench.snapshot.step >= 30, timeout=60_000)
        yield shown


def test_hits_moments_and_texts_with_the_real_worker(window: Window, qtbot) -> None:
    bench, strip = window.workbench, window.canvas.overlays.unrolled
    node = next(id for id, placed in bench.document.nodes.items() if registry.cell(placed.type))
    assert strip.open(node)
    qtbot.waitUntil(lambda: strip.strip is not None and strip.strip.letters is not None)
    find(strip, "h", 4, False, 0.3)
    hits = strip.pictures.hits
    qtbot.waitUntil(lambda: hits.found is not None and not hits.found.state.running, timeout=60_000)
    found = hits.found
    assert found is not None
    assert (found.state.step, found.state.message) == (30, "")
    assert found.seen == found.of > 100
    assert len(found.samples) > 20
    QTest.mouseClick(hits.list, Qt.MouseButton.LeftButton, pos=QPoint(20, hits.list.line * 2 + 5))
    sample, step = int(found.samples[2]), int(found.steps[2])
    assert bench.sample == ("validation", sample)
    assert bench.cell == (node, "h", (step, 4))
    qtbot.waitUntil(lambda: bench.snapshot.trace is not None and (bench.snapshot.trace.split, bench.snapshot.trace.index) == bench.sample)
    shown = bench.snapshot.trace.nodes[node].values["h"]  # type: ignore[union-attr]
    assert float(shown[step, 4]) == pytest.approx(float(found.values[2]), abs=1e-5)
    assert strip.strip.letters[step] == hits.list._letter(float(found.read[2, (found.read.shape[1] - 1) // 2, 0]))  # type: ignore[index, union-attr]
    bench.session.send(commands.ShowMoment(bench.snapshot.run, 0))
    qtbot.waitUntil(lambda: hits.found is not None and hits.found.state.step == 0 and not hits.found.state.running, timeout=60_000)
    assert not np.array_equal(hits.found.values, found.values)  # type: ignore[union-attr]
    # a text of one's own, through the same worker: every view shows it, padding and all
    window.dock.show_view("text")
    page = window.dock.task.text
    qtbot.waitUntil(lambda: page._dataset is not None)
    QTest.keyClicks(page.field, "say hello")
    qtbot.waitUntil(lambda: page.picture.answer.values is not None and len(page.picture.answer.letters) == 9, timeout=60_000)
    qtbot.waitUntil(lambda: strip.strip is not None and strip.strip.mask is not None)
    assert strip.strip.letters[:9] == tuple("say␣hello")  # type: ignore[index, union-attr]
    assert strip.strip.mask.tolist() == [1.0] * 9 + [0.0] * (strip.strip.steps - 9)  # type: ignore[union-attr]
    output = next(id for id, placed in bench.document.nodes.items() if placed.type == "Output")
    answers = bench.snapshot.drawn.nodes[output].values["output"]  # type: ignore[union-attr]
    assert page.picture.answer.values == pytest.approx(answers[:9])
    assert np.array_equal(strip.strip.rows[-1].values, bench.snapshot.drawn.nodes[node].values["h"])  # type: ignore[arg-type, union-attr]
