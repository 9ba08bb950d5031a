"""How far the camera looks: all of a network is fitted in, and by hand one comes no farther than that."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF

from playground.document import edits
from playground.ui.canvas.camera import FIT_TOP, SMALLEST
from tests.ui.canvas_support import crowd


@pytest.fixture
def fitted(open_canvas):
    """A canvas with a chain of 100 nodes, tidied and fitted in."""
    view = open_canvas()
    view.workbench.replace(crowd(100))
    view.editor.tidy()
    view.fit_all()
    return view


def test_all_of_a_long_chain_is_fitted_in(fitted) -> None:
    assert fitted.camera.zoom < SMALLEST
    assert fitted.camera.visible().contains(fitted.scene_.content())


def test_by_hand_one_zooms_from_a_small_fit_and_back_without_a_jump(fitted) -> None:
    camera = fitted.camera
    small, middle = camera.zoom, QPointF(fitted.viewport().rect().center())
    camera.zoom_at(middle, 0.5)
    assert camera.zoom == small, "no farther out than all"
    camera.zoom_at(middle, 1.1)
    assert camera.zoom == pytest.approx(small * 1.1)
    camera.step(1)
    assert camera.zoom == pytest.approx(small * 1.1 * 1.2)
    for _ in range(3):
        camera.step(-1)
    assert camera.zoom == small


def test_by_hand_a_short_network_keeps_its_floor(open_canvas) -> None:
    view = open_canvas("spiral")
    view.fit_all()
    for _ in range(30):
        view.camera.step(-1)
    assert view.camera.zoom == SMALLEST


def test_an_undo_that_leaves_nothing_in_sight_shows_the_network(open_canvas) -> None:
    view = open_canvas("spiral")
    bench, camera, content = view.workbench, view.camera, view.scene_.content()
    camera.reduced = True
    far = {node: (placed.position[0] + 9000.0, placed.position[1]) for node, placed in bench.document.nodes.items()}
    bench.edit("far", edits.move(bench.document, far))
    assert camera.visible().contains(view.scene_.content())
    bench.edit("one", edits.move(bench.document, {"input1": (0.0, 0.0)}))  # the others are still there to be seen
    assert not camera.visible().intersects(content)
    camera.pan(QPointF(60, 0))
    there = camera.center
    bench.undo_stack.undo()
    assert camera.center == there, "something is in sight"
    bench.edit("rate", edits.set_training(bench.document, learning_rate=0.5))
    camera.look(QPointF(-5000, 0), 1.0)
    bench.undo_stack.undo()
    assert camera.center == QPointF(-5000, 0), "no card changed"
    bench.undo_stack.undo()
    assert camera.visible().contains(content)


def test_under_a_lens_one_zooms_about_the_middle_of_what_is_free(open_canvas) -> None:
    view = open_canvas("spiral")
    camera = view.camera
    camera.reduced = True
    camera.kept["lens"] = view.viewport().height() / 2
    view.fit_all()
    middle = view.scene_.content().center()
    for change in (lambda: camera.step(5), camera.actual, lambda: camera.step(-2)):
        change()
        at = view.mapFromScene(middle)
        assert abs(at.x() - view.viewport().width() / 2) <= 1
        assert abs(at.y() - (FIT_TOP + view.viewport().height() / 2) / 2) <= 1
