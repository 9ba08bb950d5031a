"""What lies over the canvas: it says what fits, and the network keeps clear of it."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QToolTip

from playground.anim.scale import Scale
from playground.engine.live.snapshot import Divergence
from playground.ui.canvas import geometry, wire
from playground.ui.canvas.camera import LARGEST_SMALL_FIT
from playground.ui.canvas.strip import HEIGHT
from playground.ui.painters import tools
from tests.ui.canvas_support import snapshot
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture
from tests.ui.test_stepping import press

LONG = "The numbers left the range at step 812, first in hidden1's weights. The rate 100 was too high: a lower one keeps them in range."


def diverge(view, words: str) -> None:  # type: ignore[no-untyped-def]
    bench = view.workbench
    shown = snapshot(bench.document, phase="diverged")
    bench.snapshot = dataclasses.replace(shown, divergence=Divergence(812, "dense1", "weight", words))
    bench.snapshot_changed.emit(bench.snapshot)


def test_a_long_sentence_takes_two_lines_and_the_network_moves_below(open_canvas) -> None:
    view = open_canvas("spiral")
    view.resize(840, 510)
    view.camera.reduced = True
    view.fit_all()
    strip = view.overlays.strip
    diverge(view, LONG)
    assert strip.height() > HEIGHT
    assert strip._words.text() == LONG
    top = min(view.mapFromScene(card.scene_card()).boundingRect().top() for card in view.scene_.cards.values())
    assert top >= strip.height()
    strip.dismiss()
    view.camera.reduced = True
    diverge(view, "Too far.")
    assert strip.height() == HEIGHT


def test_the_words_beside_the_phases_are_never_cut(open_canvas) -> None:
    view = open_canvas("spiral")
    for pace in ("fast", "watch"):
        view.workbench.set_pace(pace)
        sentences = view.overlays.phases._sentences()
        assert len(sentences) > 1
        assert [len(one) for one in sentences] == sorted((len(one) for one in sentences), reverse=True)


@pytest.mark.parametrize(("size", "most"), [((200.0, 100.0), LARGEST_SMALL_FIT), ((990.0, 400.0), 1.25)])
def test_small_networks_are_drawn_larger(open_canvas, size: tuple[float, float], most: float) -> None:
    view = open_canvas("spiral")
    view.resize(1324, 692)
    _, zoom = view.camera.fitting(QRectF(0, 0, *size))
    assert zoom == most


def test_the_legend_gives_way_to_a_card_that_is_moved_there(open_canvas) -> None:
    view = open_canvas("lenet5")
    legends = view.overlays.legends
    corner = view.mapToScene(legends.x() + 20, legends.y() + 10)
    assert legends._free(2.0, 132.0)
    view.editor.move({"dense1": (corner.x(), corner.y())})
    assert not legends._free(2.0, 132.0)
    view.camera.pan(QPointF(0, 400))
    assert legends._free(2.0, 132.0)


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize(("width", "whole"), [(840, True), (380, False)])
def test_the_weights_legend_keeps_clear_of_a_long_title(open_canvas, width: int, whole: bool) -> None:
    legends = open_canvas("diagonal").overlays.legends
    legends.resize(width, legends.height())
    shown = "Output of detectors (relu)", Scale(limit=2.8, ramp="seq", stretch=True)
    legends._shown, legends._has_edges = (lambda: shown), (lambda: True)
    needed = 2.0 + tools.width(legends._titled(*shown), 10.5)
    _, weights = legends._places()
    assert weights is not None
    assert (weights[0] > needed) == whole
    assert weights[0] + weights[1] <= width


def test_the_legend_tells_of_errors_in_the_backward_phase(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        window.workbench.set_pace("explain")
        legends = window.canvas.overlays.legends
        title, scale = legends._shown()
        assert "Error" not in title
        while window.canvas.scene_.cursor_at is None or window.canvas.scene_.cursor_at.stage.label != "backward:dense1":
            press(qtbot, window, Qt.Key.Key_Right)
        title, scale = legends._shown()
        assert (title, scale.ramp) == (f"Error at {window.canvas.scene_.cards['dense1'].title}", "err")
        errors = window.workbench.snapshot.trace.nodes["dense1"].gradients["pre_activation"]
        assert scale.limit == pytest.approx(abs(errors).max())


def test_a_wire_to_the_next_row_takes_the_lane_between_the_rows(open_canvas) -> None:
    view = open_canvas("modern")
    cards, wires = view.scene_.cards, view.scene_.wires
    back = [item for wire, item in wires.items() if cards[wire.source].scenePos().x() > cards[wire.target].scenePos().x()]
    assert len(back) == 1
    path = back[0].path
    start, end = path.pointAtPercent(0), path.pointAtPercent(1)
    for at in range(1, 100):
        point = path.pointAtPercent(at / 100)
        assert not any(card.scene_card().adjusted(1, 1, -1, -1).contains(point) for card in cards.values())
    boxes = [card.scene_card() for card in cards.values()]
    bottom = max(box.bottom() for box in boxes if box.top() < start.y() < box.bottom())
    top = min(box.top() for box in boxes if box.top() < end.y() < box.bottom())
    assert abs(path.pointAtPercent(0.5).y() - (bottom + top) / 2) < 1
    bounds = QRectF(start, end).normalized().adjusted(-geometry.BEND - 1, -1, geometry.BEND + 1, 1)
    assert bounds.contains(path.boundingRect())
    for other in wires.values():
        if other is not back[0]:
            assert other.path.elementCount() == 2  # ports of a row are level: straight lines


def test_the_wire_under_the_pointer_lies_over_its_cards(open_canvas, monkeypatch) -> None:
    view = open_canvas("spiral")
    items = view.scene_.wires.values()
    item = next(one for one in items if view.scene_.port_at(one.chip.center()) is None)
    other = next(one for one in items if one is not item)
    cards = [card.zValue() for card in view.scene_.cards.values()]
    assert item.zValue() < min(cards)
    view._hover.move(item.chip.center())
    assert item.hover
    assert item.zValue() > max(cards)
    assert other.zValue() < min(cards)
    told = []
    monkeypatch.setattr(QToolTip, "showText", lambda where, words, widget: told.append(words))
    view._hover.show_tip(view.mapFromScene(item.chip.center()), QPoint())
    assert told == ["input1 → hidden1: 2 → 8"]
    view._hover.leave()
    assert not item.hover
    assert item.zValue() < min(cards)


def test_the_words_beside_the_phases_leave_a_problem_s_badge_whole(open_canvas) -> None:
    view = open_canvas("spiral")
    view.editor.disconnect(view.workbench.document.wires[0])
    card = next(card for card in view.scene_.cards.values() if card.facts.error is not None)
    phases = view.overlays.phases
    view.camera.reduced = True

    def red(widget) -> int:  # type: ignore[no-untyped-def]
        box = view.mapFromScene(card.badge().translated(card.scenePos())).boundingRect()
        bad, image = view.theme.color("bad").rgb(), widget.grab(box).toImage()
        return sum(image.pixel(x, y) == bad for x in range(image.width()) for y in range(image.height()))

    over = view.mapToScene(phases.geometry().translated(24, 4).topLeft())
    view.camera.look(view.camera.center + card.badge().center() + card.scenePos() - over, view.camera.zoom)
    view.repaint()
    whole = red(view.viewport())
    assert whole > 100
    assert red(view) == whole


def test_a_wires_chip_is_clicked_where_it_is_drawn_however_small_the_canvas(open_canvas, monkeypatch) -> None:
    view = open_canvas("spiral")
    really = wire.draw_chip
    drawn: list[QRectF] = []
    monkeypatch.setattr(wire, "draw_chip", lambda *given: drawn.append(really(*given)) or drawn[-1])
    image = QImage(10, 10, QImage.Format.Format_RGB32)
    item = next(item for item in view.scene_.wires.values() if item.bundle)
    for zoom in (0.75, 1.0, 0.8):
        with QPainter(image) as painter:
            painter.scale(zoom, zoom)
            item.paint(painter, QStyleOptionGraphicsItem())
        box = drawn[-1]
        assert view.scene_.wire_at(box.bottomLeft() + QPointF(1, -1)) is item
        assert view.scene_.wire_at(box.topLeft() + QPointF(1, -2)) is None
