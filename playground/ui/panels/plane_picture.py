"""Predictions over the plane as one image: signed for one output, the winning class for several."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from playground.anim import ramps
from playground.ui.panels import marks
from playground.ui.theme import Theme

LIGHT_REACH = 1.6
"""On paper the ends of ``div`` are as dark as the marks that lie on them: there the targets take its paler part."""


def reach_of(theme: Theme) -> float:
    """How far the scale's ends lie beyond the targets, as a factor."""
    return 1.0 if theme.name == "dark" else LIGHT_REACH


def scale_entries(theme: Theme) -> bytes:
    """The color table's entries from one target to the other, for a legend: 256 of them."""
    return np.round(127.5 + np.linspace(-127.5, 127.5, 256) / reach_of(theme)).astype(np.uint8).tobytes()


HARD = 0.4
"""Where on the scale's arm a yes of a step is painted: pale enough for the marks upon it."""


def is_hard(values: np.ndarray, low: float, high: float) -> bool:
    """Whether the answers are those of a step, a plain no (0) or yes: then a no has no color at all."""
    return low == 0.0 and bool(np.isin(values, (low, high)).all())


def hard_image(values: np.ndarray, high: float, theme: Theme) -> QImage:
    """``values`` (rows, columns) of 0 and ``high``, row 0 at the bottom: the ground of ``div`` and a pale plus."""
    return _indexed(np.where(np.asarray(values) >= high, np.float32(HARD), np.float32(0.0)), 1.0, theme)


def levels(low: float, high: float) -> tuple[float, float]:
    """The middle between the two targets, where the answer turns, and half the way between them."""
    return (low + high) / 2, abs(high - low) / 2 or 1.0


def signed_image(values: np.ndarray, middle: float, reach: float, theme: Theme, two_colors: bool = False) -> QImage:
    """``values`` (rows, columns), row 0 at the bottom, on ``div`` about ``middle``; an image that owns its bytes."""
    centered = np.asarray(values, np.float32) - np.float32(middle)
    if two_colors:
        centered = np.where(np.isfinite(centered), np.sign(centered) * np.float32(0.75 * reach), np.nan)
    return _indexed(centered, reach * reach_of(theme), theme)


def _indexed(values: np.ndarray, limit: float, theme: Theme) -> QImage:
    entries = np.ascontiguousarray(ramps.indices(values, "div", limit)[::-1])
    rows, columns = entries.shape
    image = QImage(entries.data, columns, rows, columns, QImage.Format.Format_Indexed8)
    image.setColorTable(theme.color_table("div"))
    return image.convertToFormat(QImage.Format.Format_RGB32)


def winner_image(values: np.ndarray, theme: Theme, two_colors: bool = False) -> QImage:
    """``values`` (classes, rows, columns): the winning class's color, paler where it wins by little."""
    classes = len(values)
    winner = np.nan_to_num(values).argmax(axis=0)
    colors = np.array([marks.area_color(label, classes, theme).getRgb()[:3] for label in range(classes)], np.float32)
    ground = np.array(theme.color("canvas").getRgb()[:3], np.float32)
    ordered = np.sort(np.nan_to_num(values), axis=0)
    margin = np.clip(ordered[-1] - ordered[-2], 0, 1) if classes > 1 else np.ones(winner.shape)
    share = np.full(winner.shape, 0.6) if two_colors else 0.2 + 0.55 * margin
    mixed = (ground + (colors[winner] - ground) * share[..., None])[::-1]
    pixels = np.zeros((*winner.shape, 4), np.uint8)
    pixels[..., :3] = np.round(mixed[..., ::-1])
    pixels[..., 3] = 255
    pixels = np.ascontiguousarray(pixels)
    return QImage(pixels.data, winner.shape[1], winner.shape[0], winner.shape[1] * 4, QImage.Format.Format_RGB32).copy()
