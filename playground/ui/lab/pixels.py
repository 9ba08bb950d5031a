"""Pictures and heat over them: numbers of a network's input as an image."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter

from playground.ui.numbers import number
from playground.ui.painters import tools
from playground.ui.theme import Theme

VEIL = 0.85
"""Opacity of the hottest pixel over the picture."""
LEGEND = 8.0


def image(picture: np.ndarray, low: float, high: float, theme: Theme) -> QImage:
    """``picture`` (C, H, W) from ``low`` to ``high``: of three channels in its own colors, else the mean over the channels in the
    theme's gray, as the cards have it (on light paper ink is dark)."""
    shares = np.clip((np.asarray(picture, np.float64) - low) / (high - low if high > low else 1.0), 0.0, 1.0)
    if len(shares) == 3:
        pixels = np.moveaxis(np.round(255 * np.nan_to_num(shares)).astype(np.uint8), 0, -1)
    else:
        pixels = theme.ramp("gray")[np.round(255 * np.nan_to_num(shares.mean(axis=0))).astype(np.uint8)]
    pixels = np.ascontiguousarray(pixels, dtype=np.uint8)
    rows, columns = pixels.shape[:2]
    return QImage(pixels.data, columns, rows, 3 * columns, QImage.Format.Format_RGB888).copy()


def heat(values: np.ndarray, limit: float, theme: Theme, ramp: str) -> QImage:
    """``values`` (H, W) on ``ramp``, the more opaque the larger: nothing at zero. Not-a-number is left out."""
    share = np.clip(np.nan_to_num(np.asarray(values, np.float64)) / (limit if limit > 0 else 1.0), -1.0, 1.0)
    entries = np.round(255 * (share / 2 + 0.5 if ramp == "div" else np.maximum(share, 0.0))).astype(np.uint8)
    colors = theme.ramp(ramp)[entries]
    opacity = np.round(255 * VEIL * np.abs(share if ramp == "div" else np.maximum(share, 0.0)) ** 0.7).astype(np.uint8)
    pixels = np.ascontiguousarray(np.dstack([colors, opacity]).astype(np.uint8))
    rows, columns = pixels.shape[:2]
    return QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).copy()


def fitted(box: QRectF, rows: int, columns: int) -> QRectF:
    """The largest place for a picture within ``box``, at its top in the middle."""
    cell = min(box.width() / columns, box.height() / rows)
    wide, high = columns * cell, rows * cell
    return QRectF(round(box.center().x() - wide / 2), round(box.y()), round(wide), round(high))


def draw(painter: QPainter, place: QRectF, picture: QImage, smooth: bool = False) -> None:
    """Draw ``picture`` into ``place``, its pixels as squares unless ``smooth``."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.drawImage(place, picture)
    painter.restore()


def legend(painter: QPainter, place: QRectF, low: float, high: float, theme: Theme, ramp: str) -> None:
    """A bar of the ramp with its ends, in the line of text at ``place``."""
    ends = number(low, signed=ramp == "div"), number(high, signed=ramp == "div")
    left, right = (tools.width(words, 10.5) for words in ends)
    middle = place.center().y()
    bar = QRectF(place.x() + left + 6, middle - LEGEND / 2, max(place.width() - left - right - 12, 8.0), LEGEND)
    colors = theme.ramp(ramp)
    shading = QLinearGradient(QPointF(bar.left(), 0), QPointF(bar.right(), 0))
    for step in range(9):
        shading.setColorAt(step / 8, QColor(*(int(part) for part in colors[round(255 * step / 8)])))
    painter.fillRect(bar, shading)
    tools.text(painter, place.x(), middle, ends[0], theme.color("text3"), 10.5)
    tools.text(painter, place.right(), middle, ends[1], theme.color("text3"), 10.5, align="right")
