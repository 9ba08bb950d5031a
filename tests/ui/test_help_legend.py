"""F1 on the canvas explains its colors and forms, drawn in the theme's own colors."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QDialog, QLabel

from playground.ui.dialogs import help_legend
from playground.ui.dialogs.help import open_help
from playground.ui.dialogs.help_legend import HIGH, WIDE, Legend, Sample
from playground.ui.theme import DARK, LIGHT, Theme, _luminance
from tests.ui.shell_support import running_window


def pixels(sample: Sample) -> np.ndarray:
    image = sample.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[:, :, 2::-1].astype(int)


def has(sample: Sample, color: QColor) -> bool:
    wanted = np.array([color.red(), color.green(), color.blue()])
    return bool((np.abs(pixels(sample) - wanted).sum(axis=2) < 12).any())


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_samples_are_in_the_theme_s_colors(qtbot, theme: Theme) -> None:
    legend = Legend(theme)
    qtbot.addWidget(legend)
    samples = legend.findChildren(Sample)
    ramps = [[QColor(*theme.ramp(name)[end].tolist()) for end in ends] for name, ends in (("div", (0, -1)), ("seq", (0, -1)))]
    for sample, (low, high) in zip(samples, ramps, strict=False):
        assert has(sample, low)
        assert has(sample, high)
        row = pixels(sample)[sample.height() // 2]
        ends = [np.abs(row - np.array([c.red(), c.green(), c.blue()])).sum(axis=1).argmin() for c in (low, high)]
        assert ends[0] < ends[1], "minus is at the left"
    tokens = ("nan_a", "nan_b", "err", "upd", "accent", "bad")
    missing = [token for token in tokens if not any(has(sample, theme.color(token)) for sample in samples)]
    assert not missing
    assert len({sample.grab().toImage().convertToFormat(QImage.Format.Format_RGB32).bits().tobytes() for sample in samples}) == len(samples)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_the_frozen_card_s_lines_are_seen_and_its_picture_is_clear(qtbot, theme: Theme) -> None:
    legend = Legend(theme)
    qtbot.addWidget(legend)
    frozen = next(sample for sample in legend.findChildren(Sample) if sample._draw is help_legend._frozen)
    rows = pixels(frozen)
    luminance = [_luminance(*color) for color in rows[HIGH // 2, 12:24]]  # left of the picture
    assert (max(luminance) + 0.05) / (min(luminance) + 0.05) > 1.15
    picture = rows[HIGH // 2 - 4 : HIGH // 2 + 4, WIDE // 2 - 4 : WIDE // 2 + 4].reshape(-1, 3)
    assert len(np.unique(picture, axis=0)) == 1, "one cell, no line across"


def test_f1_shows_it_on_the_canvas_and_not_elsewhere(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        for focused, wanted in ((window.canvas, True), (window.palette_.search, False)):
            window.activateWindow()
            focused.setFocus()
            qtbot.waitUntil(focused.hasFocus)
            open_help(window.actions_, window.canvas, window)
            box = window.findChild(QDialog, "help")
            assert bool(box.findChildren(Legend)) is wanted
            words = " ".join(label.text() for label in box.findChildren(QLabel))
            assert ("orange is minus" in words) is wanted
            box.close()
            qtbot.waitUntil(lambda: window.findChild(QDialog, "help") is None)
