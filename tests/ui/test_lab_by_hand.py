"""The lab's graphs of functions and bars of weights, held against formulas and counts written here, on the screen's own pixels."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage

from playground.engine.experiments.lab import Penalties, State, Trained
from playground.layers.functions import FUNCTION_NAMES
from playground.ui.lab.function_picture import FunctionPicture, curves
from playground.ui.lab.penalty_page import PenaltyPicture
from playground.ui.theme import LIGHT

HAND: dict[str, Callable[[float], float]] = {
    "identity": lambda z: z,
    "step": lambda z: float(z > 0),
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": math.tanh,
    "relu": lambda z: max(z, 0.0),
    "leaky_relu": lambda z: z if z > 0 else 0.01 * z,
    "elu": lambda z: z if z > 0 else math.exp(z) - 1,
    "softplus": lambda z: math.log(1 + math.exp(z)),
    "gelu": lambda z: z / 2 * (1 + math.erf(z / math.sqrt(2))),
    "softmax": lambda z: math.exp(z) / (math.exp(z) + 1),  # against one other score of 0
}


def near(image: QImage, place: QPointF, color: str) -> bool:
    """Whether a pixel of this color is beside ``place``."""
    return any(
        max(abs(seen - wanted) for seen, wanted in zip(image.pixelColor(x, y).getRgb()[:3], LIGHT.color(color).getRgb()[:3], strict=True))
        < 90
        for x in range(round(place.x()) - 2, round(place.x()) + 3)
        for y in range(round(place.y()) - 2, round(place.y()) + 3)
    )


@pytest.mark.parametrize("name", FUNCTION_NAMES)
def test_a_function_and_its_derivative_are_drawn_as_their_formulas_say(qtbot, name: str) -> None:
    z, y, slope = curves(name, 4.0)
    assert y == pytest.approx([HAND[name](float(at)) for at in z], abs=1e-9)
    smooth = abs(z) > 1e-3  # at a kink there is no derivative
    naive = [(HAND[name](at + 1e-5) - HAND[name](at - 1e-5)) / 2e-5 for at in z[smooth].tolist()]
    if name == "step":  # its way back hands the error on, as the perceptron's rule does
        naive = [1.0] * len(naive)
    assert slope[smooth] == pytest.approx(naive, abs=1e-6)
    picture = FunctionPicture(LIGHT)
    qtbot.addWidget(picture)
    picture.resize(620, 480)
    picture.show_values(name, None, np.zeros(0))
    image = picture.grab().toImage()
    for at in (-3.1, -1.3, -0.4, 0.7, 1.9):
        place = picture.at(at, HAND[name](at))
        if picture.area().adjusted(3, 3, -3, -3).contains(place):
            assert near(image, place, "text"), (name, at)


def test_bars_of_weights_stand_where_their_weights_lie_and_as_high_as_there_are_many(qtbot) -> None:
    rng = np.random.default_rng(4)
    held = [rng.normal(size=60) * spread for spread in (0.6, 0.1, 0.3)]
    edges = [-2 + 4 * at / 41 for at in range(42)]
    counts = [np.array([sum(low <= one < high for one in some) for low, high in pairwise(edges)]) for some in held]
    trained = [Trained(kind, 0.1, 3, 0.5, None, counts[at], 1, 1.0) for at, kind in enumerate(("none", "l1", "l2"))]  # type: ignore[arg-type]
    picture = PenaltyPicture(LIGHT)
    qtbot.addWidget(picture)
    picture.resize(760, 480)
    picture.show_penalties(Penalties(State(0, 3, 3, False), 3, 2.0, 0.01, 60, tuple(trained)))
    image = picture.grab().toImage()
    top = picture.y_axis.high
    for part, some in enumerate(counts):
        box = picture.part(part)
        for index, many in enumerate(some.tolist()):
            value = (edges[index] + edges[index + 1]) / 2
            x = box.x() + (value + 2) / 4 * box.width()
            color = "text2" if abs(value) < 0.01 else "pos" if value > 0 else "neg"
            high = math.sqrt(many / top) * box.height()
            assert near(image, QPointF(x, box.bottom() - high + 4), color) == (many > 0), (part, index, many)
            assert not near(image, QPointF(x, box.bottom() - high - 6), color), (part, index, many)
