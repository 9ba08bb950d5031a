"""Class colors: legible on the window's surfaces in both themes, and told apart."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PySide6.QtGui import QColor

from playground.anim.class_colors import class_color
from playground.ui.theme import THEMES


def luminance(color: QColor) -> float:
    """WCAG 2's relative luminance."""
    parts = np.array([color.redF(), color.greenF(), color.blueF()])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("classes", [2, 3, 10, 20])
def test_every_class_contrasts_with_its_ground(theme: str, classes: int) -> None:
    for at, ground in itertools.product(range(classes), ("panel", "canvas")):
        one, two = luminance(QColor(*class_color(theme, at, classes))), luminance(THEMES[theme].color(ground))
        assert (max(one, two) + 0.05) / (min(one, two) + 0.05) >= 3


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_ten_classes_are_ten_colors(theme: str) -> None:
    colors = np.array([class_color(theme, at, 10) for at in range(10)])
    apart = [np.abs(one - two).sum() for one, two in itertools.combinations(colors, 2)]
    assert min(apart) > 40
