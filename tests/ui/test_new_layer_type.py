"""A layer type that exists only here goes from palette to wire, training, picture, explanation and file, with no other edit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLineEdit

from playground.document import edits
from playground.engine.checks.gradient_check import check_gradients
from playground.fields import Field
from playground.layers import registry
from playground.layers.spec import Fields, LayerType, Lowering, Shape
from playground.ui.canvas.dropping import LAYER
from playground.ui.explain.tokens import plain
from playground.ui.panels.palette import entries
from playground.ui.window import Window
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture
from tests.ui.test_canvas_editing import drag, drop, in_port, out_port

pytestmark = pytest.mark.usefixtures("state")


class Repeat(LayerType):
    """``a = k x``: the input taken k times."""

    name = "Repeat"
    summary = "Takes its input several times over."
    icon = "no-such-icon"
    fields = (Field("times", "int", 2, "How often the input is taken.", minimum=2, maximum=4),)

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return inputs[0]

    def lower(self, lowering: Lowering) -> None:
        (x,), y, times = lowering.inputs, lowering.output, lowering.fields["times"]
        lowering.forward("sum", {"xs": [x] * times, "y": y})
        lowering.backward("sum", {"xs": [lowering.gradient(y)] * times, "y": lowering.gradient(x)})

    def facts(self, fields: Fields) -> str:
        return f"times {fields['times']}"

    def formula(self, fields: Fields) -> str:
        return rf"a = {fields['times']} x"


@pytest.fixture(autouse=True)
def repeat() -> Iterator[LayerType]:
    with registry.registered(Repeat()) as layer:
        yield layer


@pytest.fixture
def window(qtbot) -> Iterator[Window]:
    """The spiral example, whose second Dense has lost its input."""
    with running_window(qtbot, "spiral") as shown:
        bench = shown.workbench
        bench.edit("cut", edits.disconnect(bench.document, "dense1", "dense2"))
        yield shown


def test_it_stands_with_its_group_though_its_row_is_the_registrys_last() -> None:
    assert registry.types()[-1].name == "Repeat"
    names = [entry.name for entry in entries()["layer"]]
    assert names.index("Dense") < names.index("Repeat") < names.index("Conv2D")
    for rows in entries().values():
        headings = [group for group, _ in groupby(row.group for row in rows)]
        assert len(headings) == len(set(headings)), "a heading stands over all of its rows"


def place_and_wire(window: Window) -> None:
    """By drop and by drags, as a hand does it; three times, by the inspector."""
    view, bench = window.canvas, window.workbench
    row = next(row for row in window.palette_.rows if row.entry.name == "Repeat")
    assert row.entry.summary == Repeat.summary
    assert drop(view, LAYER, bytes(row.mime().data(LAYER).data()).decode(), QPoint(view.viewport().width() // 2, 40))
    assert bench.document.nodes["repeat1"].type == "Repeat"
    drag(view, out_port(view, "dense1"), in_port(view, "repeat1"))
    drag(view, out_port(view, "repeat1"), in_port(view, "dense2"))
    assert {("dense1", "repeat1"), ("repeat1", "dense2")} <= {(wire.source, wire.target) for wire in bench.document.wires}
    bench.select(("repeat1",))
    times = window.findChild(QLineEdit, "field/repeat1/times")
    times.setText("3")
    times.editingFinished.emit()
    assert bench.document.nodes["repeat1"].fields["times"] == 3


def test_from_palette_to_training_picture_and_file(qtbot, window: Window, tmp_path: Path) -> None:
    place_and_wire(window)
    view, bench = window.canvas, window.workbench
    assert not bench.problems()
    bench.train()
    qtbot.waitUntil(lambda: bench.snapshot.step > 200, timeout=60_000)
    bench.pause()
    qtbot.waitUntil(lambda: bench.snapshot.phase == "paused" and bench.snapshot.trace is not None, timeout=10_000)
    values = bench.snapshot.trace.nodes
    assert np.any(values["dense1"].values["output"])
    np.testing.assert_allclose(values["repeat1"].values["output"], 3 * values["dense1"].values["output"], rtol=1e-6)
    assert bench.snapshot.curves["loss/train"].values[-1] < bench.snapshot.curves["loss/train"].values[0]

    before, after = picture(window, with_trace=False), picture(window, with_trace=True)
    assert np.any(before != after), "the card shows the pass's values"

    bench.select(("repeat1",), ("repeat1", 0))
    assert window.explain.sentence.text() == Repeat.summary
    (told,) = window.explain.sheet.blocks
    assert told.symbols == "a = 3 x"
    once, thrice = (window.explain.figures.one(float(values[node].values["output"][0])) for node in ("dense1", "repeat1"))
    assert plain(told.line).count(once.lstrip("−")) == 3
    assert plain(told.line).endswith(f"= {thrice}")

    path = tmp_path / "repeat.playground"
    window.projects._write(path, None)
    qtbot.waitUntil(lambda: not window.projects.unsaved(), timeout=10_000)
    kept, step = bench.document, bench.snapshot.step
    window.projects.new()
    assert not bench.document.nodes
    window.projects.open(path)
    qtbot.waitUntil(lambda: bench.snapshot.step == step and bench.document.nodes == kept.nodes, timeout=20_000)
    assert bench.document.nodes["repeat1"].fields == {"times": 3}
    assert "repeat1" in view.scene_.cards


def test_its_gradient_is_right(window: Window) -> None:
    place_and_wire(window)
    assert check_gradients(window.workbench.document).passed


def picture(window: Window, with_trace: bool) -> np.ndarray:
    """The card's pixels, (height, 4 * width)."""
    bench, view = window.workbench, window.canvas
    view.scene_.feed(bench.snapshot if with_trace else replace(bench.snapshot, trace=None, plane=None))
    box = view.mapFromScene(view.scene_.cards["repeat1"].scene_card()).boundingRect()
    image = view.viewport().grab(box).toImage()
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())[:, : 4 * image.width()].copy()
