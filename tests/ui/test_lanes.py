"""Wires around the cards in their way."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF

from playground.document import edits
from playground.ui.canvas import geometry
from playground.ui.in_turn import queue
from tests.ui.canvas_support import skipping


def test_a_wire_leads_around_the_cards_in_its_way() -> None:
    """On the nearer side, clear of whatever lies along it there; straight where nothing is in its way."""
    start, end, clear = QPointF(0, 50), QPointF(900, 50), geometry.CLEAR
    low, high = QRectF(200, 20, 90, 200), QRectF(400, -130, 90, 160)
    assert geometry.around_cards(start, end, [low]) == 20 - clear
    assert geometry.around_cards(start, end, [low.translated(0, -160)]) == 60 + clear
    assert geometry.around_cards(start, end, [low, high.translated(0, -50)]) == 220 + clear  # over it the other card is in the way
    assert geometry.around_cards(start, end, [high.translated(0, -300), low.translated(0, 300)]) is None
    assert geometry.around_cards(start, end, [low.translated(2000, 0)]) is None
    assert geometry.curve(start, end, 20 - clear).pointAtPercent(0.5).y() == pytest.approx(20 - clear)


def test_a_skip_is_seen_to_pass_by(open_canvas, qtbot) -> None:
    """Clear of two layers that it has nothing to do with, as long as they are in its way."""
    view = open_canvas()
    view.workbench.replace(skipping())
    qtbot.waitUntil(lambda: not queue().busy)
    scene = view.scene_
    (skip,) = [item for wire, item in scene.wires.items() if (wire.source, wire.target) == ("dense1", "add1")]

    def behind() -> list[str]:
        points = [skip.path.pointAtPercent(at / 200) for at in range(201)]
        return [id for id in ("dense2", "dense3") if any(scene.cards[id].scene_card().contains(point) for point in points)]

    assert skip.lane is not None
    assert not behind()
    away = {"dense2": (600.0, 900.0), "dense3": (900.0, 900.0)}
    view.workbench.edit("move", edits.move(view.workbench.document, away))
    assert skip.lane is None
    assert not behind()
    view.workbench.undo_stack.undo()
    assert skip.lane is not None
    assert not behind()
