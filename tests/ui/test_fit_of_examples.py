"""The examples that a newcomer opens first are legible in the smallest usual window."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtGui import QColor, QPainter

from playground.ui.canvas.camera import LEGIBLE
from playground.ui.painters import tools
from tests.ui.canvas_support import snapshot


@pytest.mark.parametrize("name", ["spiral", "mnist-mlp", "xor", "iris", "moons"])
def test_in_a_window_of_1280_by_800_captions_and_footers_have_their_size(open_canvas, name: str) -> None:
    view = open_canvas(name, size=(840, 510))  # what such a window leaves its canvas
    assert view.camera.zoom >= LEGIBLE


@pytest.mark.parametrize("name", ["and", "salary", "digits", "mnist-mlp", "lenet5"])
def test_what_is_drawn_small_has_no_words_that_nobody_can_read(open_canvas, qtbot, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    view = open_canvas(name, size=(840, 510))
    assert view.camera.zoom <= LEGIBLE + 0.01
    drawn: dict[str, float] = {}
    text = tools.text

    def noted(painter: QPainter, x: float, y: float, words: str, color: QColor, size: float = 10.5, *rest: Any, **more: Any) -> float:
        across = text(painter, x, y, words, color, size, *rest, **more)
        if across:
            drawn[words] = min(size * tools.zoom(painter), drawn.get(words, 99.0))
        return across

    monkeypatch.setattr(tools, "text", noted)
    shown = snapshot(view.workbench.document)
    view.workbench.snapshot = shown
    view.scene_.feed(shown)
    view.grab()
    assert min(drawn.values()) >= tools.LEAST
    assert {card.title for card in view.scene_.cards.values()} <= drawn.keys()  # names keep their size
