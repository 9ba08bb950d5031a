"""Of real passes: every number that is told lights what it stands for, and what is pointed to on the canvas rings its number."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication

from playground.ui.canvas.hover import Hover
from playground.ui.canvas.lights import Lights
from playground.ui.canvas.view import CanvasView
from playground.ui.panels.explain import Explain
from tests.ui.linked_numbers import hover, hover_strip, open_pass, walk

Opened = tuple[CanvasView, Explain]
QUICK = ["and", "xor", "iris", "one-conv", "adding-lstm", "copy"]
"""A perceptron, small networks, a convolution, an LSTM, a GRU."""
LONG = ["spiral", "digits", "mnist-mlp", "lenet5", "residual", "modern", "shifted-cnn", "reversal", "alice", "quatrains"]
CONSTANTS = re.compile(
    r"""
    [0-9]+ | \\frac\{[0-9]+\}\{([0-9]+|\\sqrt\{F\})\} | \\sqrt\{F\} |  # how many there are
    \\eta | \\mu | \\alpha | \\epsilon | \\rho | \\lambda(_[12])? | \\beta_[12] | g_\{\\max\} |  # hyperparameters
    \(1[ ]-[ ]\\(alpha|rho|beta_[12])\) | 1[ ]-[ ]\\beta_[12]\^\{[0-9]+\} |  # and what is left of them
    c  # what a whole gradient is shortened by
    """,
    re.VERBOSE,
)
"""Symbols of numbers that stand for nothing on the canvas."""


@pytest.fixture
def opened(open_canvas, explain_beside) -> Callable[[str], Opened]:
    def opening(name: str) -> Opened:
        view = open_canvas(name)
        return view, open_pass(view, explain_beside)

    return opening


def lights_up(opened: Callable[[str], Opened], name: str, cells: int) -> None:
    tally = walk(*opened(name), cells)
    print(f"{name}: {tally.cells} cells, {tally.walked} numbers, {len(tally.dark)} dark, {tally.constant.total()} constants")
    assert tally.walked > 50
    assert not tally.dark
    assert not [symbol for symbol in tally.constant if not CONSTANTS.fullmatch(symbol)]


def rings(opened: Callable[[str], Opened], name: str, cells: int, terms: int = 12) -> None:
    """Where several numbers share a pixel, or a spot, any of them may be ringed. A map is of its pixels: who points to it means one of
    them, not its filter."""
    view, panel = opened(name)
    pointed = hover(view, panel, cells, terms)
    print(f"{name}: {pointed.walked} terms pointed to, {len(pointed.deaf)} without a ring")
    assert pointed.walked > 30
    assert not pointed.deaf


@pytest.mark.parametrize("name", QUICK)
def test_every_number_lights_something(opened: Callable[[str], Opened], name: str) -> None:
    lights_up(opened, name, 6)


@pytest.mark.parametrize("name", QUICK)
def test_every_term_that_is_drawn_rings_its_row(opened: Callable[[str], Opened], name: str) -> None:
    rings(opened, name, 1, terms=6)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*QUICK, *LONG])
def test_every_number_of_many_cells_lights_something(opened: Callable[[str], Opened], name: str) -> None:
    lights_up(opened, name, 40)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*QUICK, *LONG])
def test_every_term_of_many_cells_rings_its_row(opened: Callable[[str], Opened], name: str) -> None:
    rings(opened, name, 8)


@pytest.mark.parametrize(
    ("name", "cells"),
    [("adding-lstm", 3), ("copy", 3), *(pytest.param(name, 12, marks=pytest.mark.slow) for name in ("adding-lstm", "copy", "reversal"))],
)
def test_every_gate_of_an_unrolled_strip_rings_its_row(opened: Callable[[str], Opened], name: str, cells: int) -> None:
    pointed = hover_strip(*opened(name), cells)
    print(f"{name}: {pointed.walked} terms pointed to on the strip, {len(pointed.deaf)} without a ring")
    assert pointed.walked > 10
    assert not pointed.deaf


def test_a_number_that_lights_nothing_is_counted(opened: Callable[[str], Opened], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Lights, "_card", lambda lights, node: None)
    assert walk(*opened("adding-lstm"), 1).dark, "a recurrent weight is drawn nowhere"


def test_a_number_that_lights_another_card_is_counted(opened: Callable[[str], Opened], monkeypatch: pytest.MonkeyPatch) -> None:
    card = Lights._card
    monkeypatch.setattr(Lights, "_card", lambda lights, node: card(lights, "input1"))
    assert walk(*opened("adding-lstm"), 1).dark


def test_a_term_without_a_ring_is_counted(opened: Callable[[str], Opened], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hover, "drawn_here", lambda pointer, places: ())
    assert hover(*opened("xor"), 1).deaf, "a neuron's bias is no unit"


def ringed(panel: Explain) -> list[str]:
    tables = [block.terms for block in panel.view.shown() if block.terms is not None and block.isVisibleTo(panel)]
    return [row.label for table in tables for row in table.ringed()]


def at_unit(view: CanvasView, node: str, unit: int) -> None:
    box = view.scene_.cards[node].unit_rect(unit)
    assert box is not None
    view._hover.move(box.center())


def test_a_neuron_rings_the_gradient_that_an_error_makes_with_it(opened: Callable[[str], Opened]) -> None:
    """Of hundreds of inputs the table prints the largest."""
    view, panel = opened("mnist-mlp")
    view.player.hold("backward:dense2:0")
    (table,) = [block.table for block in panel.sheet.blocks if block.role == "made"]
    assert table is not None
    row = next(row for row in table.rows if row.places)
    at_unit(view, "dense1", int(row.label) - 1)
    assert row.label in ringed(panel)


def test_a_class_rings_its_row_of_the_loss(opened: Callable[[str], Opened]) -> None:
    view, panel = opened("iris")
    view.player.hold("forward:output1:0")
    cell, caption = panel.account, panel.sheet.caption
    for one in (1, 2, 0):
        at_unit(view, "output1", one)
        assert panel.account == cell
        assert panel.sheet.caption == caption
        assert ringed(panel)


def test_a_neurons_answer_rings_the_answer_of_the_perceptron_rule(opened: Callable[[str], Opened]) -> None:
    """What it is made of is on its card, too, and in no number of the rule."""
    view, panel = opened("and")
    view.player.hold("update:dense1:weight[0,0]")
    assert panel.sheet.lens
    at_unit(view, "dense1", 0)
    assert any(place.node == "output1" and place.name == "output" for place in view.workbench.lit)


def test_where_the_pointer_came_from_makes_no_difference(opened: Callable[[str], Opened]) -> None:
    view, panel = opened("spiral")
    view.player.hold("forward:dense2:3")
    at_unit(view, "dense1", 4)
    straight = ringed(panel)
    at_unit(view, "dense2", 5)
    assert panel.account is not None
    assert panel.account.cell == 5, "a unit that has no number here is told of itself"
    at_unit(view, "dense1", 4)
    assert ringed(panel) == straight == ["5"]


def test_pictures_beside_a_formula_light_what_they_show(opened: Callable[[str], Opened]) -> None:
    view, panel = opened("spiral")
    view.player.hold("forward:dense2:3")
    graph = next(block.graph for block in panel.view.shown() if block.graph is not None and block.graph.isVisibleTo(panel))
    QApplication.sendEvent(graph, QEnterEvent(QPointF(1, 1), QPointF(1, 1), QPointF(1, 1)))
    assert view.scene_.cards["dense2"].unit_rect(3) in view.lights.rings
    QApplication.sendEvent(graph, QEvent(QEvent.Type.Leave))
    assert not view.lights.rings
    view.player.hold("update:dense2:weight[3,4]")
    block = panel.view.shown()[-1]
    assert block.move_ is not None
    QApplication.sendEvent(block.move_, QEnterEvent(QPointF(1, 1), QPointF(1, 1), QPointF(1, 1)))
    ((line, _),) = view.lights.lines
    wire = next(wire for wire in view.scene_.edges if wire.target == "dense2")
    assert [line.x1(), line.y1(), line.x2(), line.y2()] == pytest.approx(view.scene_.bundles.lines(wire, [(3, 4)])[0].tolist())
    struck = [token for chunk in panel.sheet.blocks[-1].line for token in chunk if token.struck]
    assert struck
    assert all(token.places for token in struck)
