"""The examples that a newcomer opens first are legible in the smallest usual window."""

from __future__ import annotations

import pytest

from playground.ui.canvas.camera import LEGIBLE


@pytest.mark.parametrize("name", ["spiral", "mnist-mlp", "xor", "iris", "moons"])
def test_in_a_window_of_1280_by_800_captions_and_footers_have_their_size(open_canvas, name: str) -> None:
    view = open_canvas(name, size=(840, 510))  # what such a window leaves its canvas
    assert view.camera.zoom >= LEGIBLE
