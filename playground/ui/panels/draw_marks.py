"""What lies on the drawing pad: strokes of pen and eraser and pictures from outside, and the ink that they make."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

RASTER = 140
"""The longer side of the ink's raster, px: five for each pixel of a field of 28."""


@dataclass(slots=True)
class Stroke:
    """A line of the pen, or of the eraser: points in pixels of the field, and how wide it is there."""

    width: float
    erases: bool = False
    points: list[tuple[float, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture from outside that fills the field: ink uint8 (C, h, w)."""

    ink: np.ndarray


Mark = Stroke | Photo


def image_of(ink: np.ndarray, colors: list[int] | None = None) -> QImage:
    """``ink`` uint8 (1 or 3, h, w) as an image that owns its pixels; of one channel in ``colors``, if given, else gray."""
    channels, high, wide = ink.shape
    if channels == 1:
        plane = np.ascontiguousarray(ink[0])
        image = QImage(plane.data, wide, high, wide, QImage.Format.Format_Indexed8 if colors else QImage.Format.Format_Grayscale8)
        if colors:
            image.setColorTable(colors)
        return image.copy()
    packed = np.ascontiguousarray(np.moveaxis(ink, 0, -1))
    return QImage(packed.data, wide, high, 3 * wide, QImage.Format.Format_RGB888).copy()


def pixels_of(image: QImage) -> np.ndarray:
    """The other way round: uint8 (1 or 3, h, w) of a gray or colored image."""
    gray = image.format() == QImage.Format.Format_Grayscale8
    image = image if gray else image.convertToFormat(QImage.Format.Format_RGB888)
    channels = 1 if gray else 3
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return np.moveaxis(rows[:, : channels * image.width()].reshape(image.height(), image.width(), channels), -1, 0).copy()


def paint_stroke(painter: QPainter, stroke: Stroke, scale: float, color: QColor) -> None:
    """A line with round ends; of a single point a dot."""
    pen = QPen(color, max(stroke.width * scale, 1.0), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    places = [QPointF(x * scale, y * scale) for x, y in stroke.points]
    if len(places) == 1:
        painter.drawPoint(places[0])
    else:
        painter.drawPolyline(QPolygonF(places))


def ink_of(marks: list[Mark], shape: tuple[int, int, int]) -> np.ndarray:
    """What is on the pad as ink from 0 to 1: float32 (C, h, w), finer than the field ``shape`` (C, H, W) is."""
    channels, rows, columns = shape
    scale = max(1, RASTER // max(rows, columns))
    image = QImage(columns * scale, rows * scale, QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    for mark in marks:
        if isinstance(mark, Photo):
            painter.drawImage(image.rect(), image_of(mark.ink))
        else:
            paint_stroke(painter, mark, scale, QColor(Qt.GlobalColor.black if mark.erases else Qt.GlobalColor.white))
    painter.end()
    return pixels_of(image).astype(np.float32) / np.float32(255)
