"""Weights as edges: what is said by form stays so where they are dimmed, and their chips keep off the card they come from."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QImage, QPainter

from playground.ui.canvas.edges import EdgeItem, Edges
from playground.ui.canvas.sprite import Darkroom
from playground.ui.painters import tools
from playground.ui.theme import DARK


def item(*weights: float) -> EdgeItem:
    """Level edges, one below the other, each to a unit of its own."""
    made = EdgeItem(DARK, Darkroom())
    count = len(weights)
    lines = np.array([(0.0, 20.0 + 40 * at, 200.0, 20.0 + 40 * at) for at in range(count)])
    made.show_edges(Edges(lines, np.array(weights), np.arange(count), np.zeros(count, int)))
    return made


def drawn(made: EdgeItem) -> QImage:
    image = QImage(200, 40 * len(made.edges), QImage.Format.Format_RGB32)
    image.fill(DARK.color("canvas"))
    with QPainter(image) as painter:
        made.draw(painter)
    return image


def test_a_dimmed_minus_is_still_hollow(qapp) -> None:
    made = item(-4.0, 1.0)
    bright = drawn(made)
    made.focus(1, None, False)
    dimmed = drawn(made)
    assert QColor(dimmed.pixel(100, 20)) == QColor(bright.pixel(100, 20)) == DARK.color("card")
    rim = [QColor(image.pixel(100, 17)) for image in (dimmed, bright)]
    assert rim[0].red() < rim[1].red()


def test_chips_keep_off_the_card_that_the_edges_come_from(qapp, monkeypatch) -> None:
    made = item(-4.0, 1.0)
    made.chips_from = 120.0
    made.focus(None, 0, True)
    told: dict[str, float] = {}
    monkeypatch.setattr(tools, "text", lambda painter, x, y, words, *rest: told.update({words: x - tools.width(words, 10.5, 500) / 2}))
    drawn(made)
    assert set(told) == {"−4.00", "+1.00"}
    assert min(told.values()) >= 120.0


def test_chips_keep_off_the_port_that_the_edges_go_to(qapp, monkeypatch) -> None:
    made = item(-4.0, 1.0)
    made.chips_from, made.chips_to, made.chip_x = 20.0, 90.0, 120.0
    made.focus(None, 0, True)
    told: dict[str, tuple[float, float]] = {}

    def text(painter: QPainter, x: float, y: float, words: str, *rest: object) -> None:
        half = tools.width(words, 10.5, 500) / 2
        told[words] = x - half, x + half

    monkeypatch.setattr(tools, "text", text)
    drawn(made)
    assert set(told) == {"−4.00", "+1.00"}
    assert max(right for _, right in told.values()) <= 90.0
    made.chips_from = 60.0
    image = drawn(made)
    for left, right in told.values():
        assert abs((left + right) / 2 - 75.0) < 0.01, "between close cards, in the middle"
    bare = item(-4.0, 1.0)
    bare.focus(None, 0, False)
    assert image.copy(90, 0, 100, 80) == drawn(bare).copy(90, 0, 100, 80), "nothing lies over the port"
