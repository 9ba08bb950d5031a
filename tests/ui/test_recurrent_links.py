"""Single gates of a recurrent layer and the numbers of the Explain panel light each other, on the card and on the unrolled strip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from playground.anim.account import Place
from playground.engine.network import Network
from playground.ui.canvas.view import CanvasView
from playground.ui.explain.places import keys
from playground.ui.painters.recurrent import RecurrentPainter
from playground.ui.panels.explain import Explain
from playground.ui.theme import DARK
from tests.ui import recurrent_support as support

STEP, UNIT = 3, 2
Opened = Callable[..., tuple[CanvasView, Explain, str]]


@pytest.fixture
def opened(open_canvas, qtbot) -> Iterator[Opened]:
    panels: list[Explain] = []

    def opening(type: str = "LSTM", **fields: object) -> tuple[CanvasView, Explain, str]:
        view = open_canvas("")
        document, layer = support.network(type, **fields)
        view.workbench.replace(document)
        x = np.random.default_rng(0).normal(size=(fields.get("steps", support.STEPS), support.FEATURES))
        traced = Network(document, seed=1).trace(x, np.ones(1))
        view.workbench.snapshot = replace(support.snapshot(document, layer), trace=traced)
        view.scene_.feed(view.workbench.snapshot)
        panels.append(Explain(view.workbench, DARK))
        qtbot.addWidget(panels[-1])
        return view, panels[-1], layer

    yield opening
    for panel in panels:
        panel.close_jobs()


def cell(view: CanvasView, layer: str, gate: str) -> QPointF:
    """Where a gate at ``STEP`` of ``UNIT`` is drawn on the folded card, in scene coordinates."""
    card = view.scene_.cards[layer]
    assert isinstance(card.painter, RecurrentPainter)
    box = card.painter.place_rect(card.body, card.picture, gate, (STEP, UNIT))
    assert box is not None
    return box.translated(card.pos()).center()


@pytest.mark.parametrize(("type", "gates"), [("LSTM", "ifgoch"), ("GRU", "zrnh"), ("SimpleRNN", "h")])
def test_the_very_gate_under_the_pointer_is_explained(opened: Opened, type: str, gates: str) -> None:
    view, panel, layer = opened(type)
    for gate in gates:
        view._hover.move(cell(view, layer, gate))
        made = panel.account
        assert made is not None
        assert (made.node, made.result.place) == (layer, Place(layer, gate, (STEP, UNIT)))


def test_a_gate_under_the_pointer_rings_its_number_in_the_account_of_the_state(opened: Opened) -> None:
    view, panel, layer = opened()
    view.workbench.select((layer,), (layer, UNIT), (layer, "c", (STEP, UNIT)))
    made = panel.account
    assert made is not None
    for gate in "ifg":
        view._hover.move(cell(view, layer, gate))
        assert panel.account is made  # what is chosen stays
        assert (layer, gate, (STEP, UNIT)) in keys(view.workbench.lit)
    view._hover.leave()
    assert view.workbench.lit == ()


def test_a_number_of_the_panel_rings_its_gate_on_the_card(opened: Opened) -> None:
    view, panel, layer = opened()
    for gate in "ifo":
        panel.point((Place(layer, gate, (STEP, UNIT)),))
        assert [ring.center() for ring in view.lights.rings] == [cell(view, layer, gate)]
    panel.point(())
    assert view.lights.rings == []


def move(strip, at: QPointF) -> None:
    none = Qt.MouseButton.NoButton
    QApplication.sendEvent(strip, QMouseEvent(QEvent.Type.MouseMove, at, strip.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier))


def test_the_strip_tells_and_rings_single_gates_too(opened: Opened) -> None:
    view, panel, layer = opened()
    strip = view.overlays.unrolled
    assert strip.open(layer)
    made = strip.layout_
    assert strip.strip is not None
    row = [one.gate for one in strip.strip.rows].index("f")
    place = made.unit_rect(made.cell(row, STEP), UNIT, None)
    move(strip, place.center())
    told = panel.account
    assert told is not None
    assert told.result.place == Place(layer, "f", (STEP, UNIT))
    QApplication.sendEvent(strip, QEvent(QEvent.Type.Leave))
    assert view.workbench.pointed is None
    panel.point((Place(layer, "f", (STEP, UNIT)),))
    strip.grab()
    assert strip.rings == [place]
    move(strip, place.center())  # nothing is chosen: what is pointed to is explained, not lit
    strip.focus_row = row
    panel.point((Place(layer, "i", (STEP, UNIT)),))
    strip.grab()
    assert strip.rings == []  # its row is not on show


def test_the_strip_opens_at_the_step_of_which_the_panel_tells(opened: Opened) -> None:
    view, _, layer = opened(steps=40)
    strip = view.overlays.unrolled
    for step in (1, 38):
        view.workbench.select((layer,), (layer, UNIT), (layer, "c", (step, UNIT)))
        assert strip.open(layer)
        assert strip.layout_.whole(step)
