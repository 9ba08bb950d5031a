"""How far the camera looks: all of a network is fitted in, and by hand one comes no farther than that."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF

from playground.ui.canvas.camera import SMALLEST
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
