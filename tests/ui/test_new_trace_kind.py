"""A trace kind of its own, painter and all: it draws, follows a pass by cells, hides what is asked, is lit from Explain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QImage, QPainter

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.document import edits
from playground.layers import registry as types
from playground.layers.spec import Fields, LayerType, Lowering, Shape
from playground.ui.painters import reading, registry
from playground.ui.painters.base import Picture
from playground.ui.theme import Theme
from playground.ui.window import Window
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")
INK = QColor("#12fe34")


class Double(LayerType):
    name = "Double"
    summary = "Takes its input twice."
    trace_kind = "bars"

    def output_shape(self, fields: Fields, inputs: Sequence[Shape]) -> Shape:
        return inputs[0]

    def lower(self, lowering: Lowering) -> None:
        (x,), y = lowering.inputs, lowering.output
        lowering.forward("sum", {"xs": [x, x], "y": y})
        lowering.backward("sum", {"xs": [lowering.gradient(y)] * 2, "y": lowering.gradient(x)})


class BarsPainter:
    """A bar a unit, as long as its value; those that a pass has not come to have none."""

    def size(self, picture: Picture) -> QSizeF:
        return QSizeF(120, 164)

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        units = int(np.prod(picture.output or (0,)))
        return QRectF(rect.x() + 10, rect.y() + 10 + 16 * unit, 100, 12) if 0 <= unit < units else None

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        boxes = (self.unit_rect(rect, picture, unit) for unit in range(int(np.prod(picture.output or (0,)))))
        return next((unit for unit, box in enumerate(boxes) if box is not None and box.contains(point)), None)

    def tip(self, picture: Picture, unit: int | None) -> str:
        return ""

    def paint(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme) -> None:
        shown = reading.shown(picture, cursor, scale)
        for unit, value in enumerate(np.ravel(shown.values) if shown is not None else ()):
            box = self.unit_rect(rect, picture, unit)
            if box is not None and not reading.waits(picture, cursor, unit):
                painter.fillRect(QRectF(box.x(), box.y(), max(100 * min(abs(float(value)) / 2, 1.0), 2), 12), INK)


@pytest.fixture
def window(qtbot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    """The spiral example with the new type behind its first Dense, trained a little, at the slow pace."""
    monkeypatch.setitem(registry._PAINTERS, "bars", BarsPainter())
    with types.registered(Double()), running_window(qtbot, "spiral") as shown:
        bench = shown.workbench
        wire = next(wire for wire in bench.document.wires if wire.source == "dense1")
        bench.edit("insert", edits.insert(bench.document, wire, "Double")[0])
        bench.train()
        qtbot.waitUntil(lambda: bench.snapshot.step > 20, timeout=60_000)
        bench.pause()
        qtbot.waitUntil(lambda: bench.snapshot.phase == "paused" and bench.snapshot.trace is not None, timeout=10_000)
        qtbot.waitUntil(lambda: "double1" in bench.snapshot.trace.nodes, timeout=10_000)
        bench.set_pace("explain")
        yield shown


def inked(window: Window, unit: int) -> bool:
    """Whether the unit's bar is painted at the cursor, on the card as the window shows it."""
    view = window.canvas
    card = view.scene_.cards["double1"]
    image = view.viewport().grab().toImage()
    ratio = image.devicePixelRatio()
    box = card.unit_rect(unit)
    assert box is not None
    spot = view.mapFromScene(QPointF(box.x() + 1, box.center().y()))
    near = [image.pixelColor(round((spot.x() + dx) * ratio), round(spot.y() * ratio)) for dx in range(3)]
    return any(color.green() > 150 and color.red() < 120 and color.blue() < 120 for color in near)


def test_it_draws_and_follows_the_cells_of_a_pass(window: Window) -> None:
    view = window.canvas
    assert isinstance(registry.find(types.get("Double")), BarsPainter)
    assert all(inked(window, unit) for unit in range(8))
    view.player.hold("forward:double1:3")
    assert [inked(window, unit) for unit in (1, 6)] == [True, False]
    told = window.explain.account
    assert told is not None
    assert (told.node, told.cell) == ("double1", 3)


def test_it_hides_the_answer_until_it_is_given(window: Window) -> None:
    view, panel = window.canvas, window.explain
    view.player.hold("forward:double1:3")
    panel.set_predicting(True)
    assert ("double1", "output", (3,)) in view.workbench.hidden
    box = view.scene_.cards["double1"].unit_rect(3)
    assert box is not None
    assert any(cover[0].contains(box) for cover in view.lights.covers)
    panel.set_predicting(False)
    assert not view.lights.covers


def test_its_unit_is_lit_from_explain_and_answers_the_pointer(window: Window) -> None:
    view, panel = window.canvas, window.explain
    view.player.hold("forward:double1:3")
    assert panel.account is not None
    place = panel.account.result.place
    assert place is not None
    window.workbench.light((place,))
    card = view.scene_.cards["double1"]
    box = card.unit_rect(3)
    assert box is not None
    assert box in view.lights.rings
    assert card.unit_at(card.mapFromScene(box.center())) == 3


def test_a_strip_does_not_tell_what_a_pass_has_yet_to_come_to(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    """The painter of all kinds without one: cells ahead look the same, whatever their values are."""
    view = window.canvas
    monkeypatch.delitem(registry._PAINTERS, "bars")
    card = view.scene_.cards["double1"]
    card.painter = registry.find(types.get("Double"))
    view.player.hold("forward:double1:3")
    trace = window.workbench.snapshot.trace
    assert trace is not None
    assert card.cursor_at is not None

    def drawn(unit: int, value: float) -> bytes:
        output = trace.nodes["double1"].values["output"].copy()
        output[unit] = value
        node = replace(trace.nodes["double1"], values={**trace.nodes["double1"].values, "output": output})
        picture = replace(card.picture, trace=replace(trace, nodes={**trace.nodes, "double1": node}))
        image = QImage(200, 200, QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        card.painter.paint(painter, QRectF(0, 0, 200, 200), picture, card.cursor_at, Scale(limit=1.0), window.theme)
        painter.end()
        return bytes(image.constBits())

    assert drawn(2, 0.9) != drawn(2, -0.9)
    assert drawn(6, 0.9) == drawn(6, -0.9)
