"""The card of Attention: a weight is drawn where it is pointed at, the key's symbols stand above, and what is shown is the trace's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF

from playground.data import Description
from playground.engine.trace import NodeTrace
from playground.ui.painters import registry, tools
from playground.ui.painters.attention import AttentionPainter
from playground.ui.painters.base import Picture
from tests.ui.painting import picture, render

pytestmark = pytest.mark.usefixtures("qapp")
DATA = Description((4,), "classification", 3, ("a", "b", "c"), tokens=("a", "b", "c"), steps=True, output_steps=3)
WEIGHTS = np.array([[0.7, 0.1, 0.1, 0.1], [0.0, 0.0, 1.0, 0.0], [0.25, 0.25, 0.25, 0.25]])


def card(weights: np.ndarray = WEIGHTS, tokens: tuple[float, ...] = (2, 0, 1, 1)) -> Picture:
    shown = picture("Attention", (3, 5), values={"output": np.linspace(-1, 1, 15).reshape(3, 5), "weights": weights}, data=DATA)
    assert shown.trace is not None
    nodes = {**shown.trace.nodes, "input1": NodeTrace({"output": np.array(tokens)})}
    return replace(shown, inputs=((3, 5), (4, 5)), trace=replace(shown.trace, nodes=nodes))


def body(shown: Picture) -> QRectF:
    assert isinstance(registry.find(shown.layer), AttentionPainter)
    size = registry.find(shown.layer).size(shown)
    return QRectF(20, 30, size.width(), size.height())


def test_each_weight_is_found_where_it_is_drawn() -> None:
    shown = card()
    painter, rect = AttentionPainter(), body(card())
    for query, key in np.ndindex(3, 4):
        box = painter.place_rect(rect, shown, "weights", (query, key))
        assert box is not None
        assert rect.contains(box)
        assert painter.cell_at(rect, shown, box.center()) == ("weights", (query, key))
        assert painter.unit_at(rect, shown, box.center()) == query * 5
    for unit in range(15):
        place = painter.unit_rect(rect, shown, unit)
        assert place is not None
        assert painter.unit_at(rect, shown, place.center()) == unit
    assert painter.unit_at(rect, shown, QPointF(rect.x() + 1, rect.y() + 1)) is None


def test_the_symbols_that_are_looked_at_stand_above(monkeypatch: pytest.MonkeyPatch) -> None:
    words: list[str] = []
    real = tools.text
    monkeypatch.setattr(
        tools, "text", lambda painter, x, y, one, *rest, **named: (words.append(one), real(painter, x, y, one, *rest, **named))[1]
    )
    render(card())
    assert words[:4] == ["c", "a", "b", "b"]


def test_a_weight_is_told_with_its_steps_and_symbol() -> None:
    shown = card()
    painter, rect = AttentionPainter(), body(card())
    place = painter.place_rect(rect, shown, "weights", (0, 0))
    assert place is not None
    assert painter.tip_at(rect, shown, None, place.center()) == "step 1 looks at step 1 (c): 0.700"


def test_another_weight_is_another_picture() -> None:
    other = WEIGHTS.copy()
    other[1] = [1.0, 0.0, 0.0, 0.0]
    assert (render(card()) != render(card(other))).any()


def test_one_query_has_one_row() -> None:
    shown = picture("Attention", (5,), values={"output": np.ones(5), "weights": WEIGHTS[:1]}, data=DATA)
    shown = replace(shown, inputs=((5,), (4, 5)))
    painter, rect = AttentionPainter(), body(shown)
    box = painter.unit_rect(rect, shown, 4)
    assert box is not None
    assert painter.unit_at(rect, shown, box.center()) == 4
    assert painter.size(shown).height() < painter.size(card()).height()
    assert render(shown).any()
