"""The card of one number: its lines."""

from __future__ import annotations

import numpy as np
import pytest

from playground.engine.live.snapshot import Plane
from playground.ui.painters import tools
from playground.ui.panels.boundary import Boundary
from playground.ui.theme import DARK
from tests.ui.painting import PLANE, picture, render


@pytest.mark.parametrize(
    ("y", "difference", "arithmetic"),
    [(-0.81, "−0.190", "½(−0.810 + 1)²"), (-1.0, "0", "½(−1 + 1)²"), (-0.8123, "−0.188", "½(−0.812 + 1)²")],
)
def test_a_number_has_as_many_digits_from_one_moment_to_the_next(
    monkeypatch: pytest.MonkeyPatch, y: float, difference: str, arithmetic: str
) -> None:
    told: list[str] = []
    monkeypatch.setattr(tools, "text", lambda painter, x, at, words, *rest, **more: told.append(words) or tools.width(words))
    fields = {"loss": "half_squared_error", "target_low": -1.0, "target_high": 1.0}
    render(picture("Output", (1,), ((1,),), {"output": [y]}, data=PLANE, target=[-1.0], sample_loss=(y + 1) ** 2 / 2, **fields))
    assert {difference, arithmetic} <= set(told)


@pytest.mark.parametrize(
    ("over", "loss", "targets"),
    [
        (np.linspace(-0.3, 0.2, 900), "half_squared_error", (-1.0, 1.0)),
        (np.linspace(0.4, 0.55, 900), "binary_cross_entropy", (0.0, 1.0)),
        (np.repeat([0.0, 1.0], 450), "half_squared_error", (0.0, 1.0)),
    ],
)
def test_the_answer_over_the_plane_looks_as_on_the_decision_boundary(qtbot, over: np.ndarray, loss: str, targets) -> None:
    plane = Plane((-5, 5, -5, 5), {}, over.reshape(1, 30, 30).astype(np.float32))
    fields = {"loss": loss, "target_low": targets[0], "target_high": targets[1]}
    card = render(picture("Output", (1,), ((1,),), {"output": [0.1]}, data=PLANE, plane=plane, **fields))
    boundary = Boundary(DARK)  # on paper it is paler, for the marks upon it
    qtbot.addWidget(boundary)
    boundary.show_plane(plane, *targets)
    assert boundary._image is not None
    for row in (5, 12, 24):
        color = boundary._image.pixelColor(15, row)
        found = card[12 + round(40 * (row + 0.5) / 30), 34, :3].astype(int)
        assert np.abs(found - (color.blue(), color.green(), color.red())).max() <= 6
