"""A card's title: where it is drawn small and narrow, its letters are lighter before it is cut."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QImage, QPainter

from playground.ui.painters import tools

SMALL = 0.48
"""The zoom at which a network of cards as tall as Flatten's fits above a lens in the smallest window."""


def test_a_narrow_cards_title_is_lighter_before_it_is_cut(open_canvas, monkeypatch) -> None:
    card = open_canvas("mnist-mlp").scene_.cards["flatten1"]
    told: list[tuple[str, float, int, float]] = []

    def text(painter: QPainter, x: float, y: float, words: str, color: Any, size: float, weight: int = 400, *_: Any, **more: Any) -> float:
        if "room" in more:
            told.append((words, size, weight, more["room"]))
        return 0.0

    monkeypatch.setattr(tools, "text", text)
    image = QImage(200, 200, QImage.Format.Format_RGB32)
    for zoom, expected in ((SMALL, 400), (1.0, 600)):
        told.clear()
        with QPainter(image) as painter:
            painter.scale(zoom, zoom)
            card._header(painter, zoom)
        ((words, size, weight, room),) = told
        assert (words, weight) == ("flatten1", expected)
        assert tools.width(words, size, weight) <= room
        assert size * zoom >= tools.LEAST
