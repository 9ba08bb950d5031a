"""What lies on the drawing pad: strokes of pen and eraser and pictures from outside, and the ink that they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

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
PhotoImage = Callable[[Photo], QImage]


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


class Layer:
    """Marks drawn into an image that is kept: of a stroke that grows only what is new is drawn. (A long line at one go costs a second
    and more where it crosses itself often.)"""

    def __init__(self) -> None:
        self.image = QImage()
        self._drawn: list[tuple[Mark, int]] = []
        self._key: object = None

    def show(self, marks: list[Mark], image: QImage, key: object, scale: float, ink: QColor, paper: QColor, photo: PhotoImage) -> QImage:
        """All ``marks``, ``scale`` px a pixel of the field, on an image like the empty ``image``; another ``key`` draws all anew."""
        kept = self._drawn[: len(marks)]
        grown = len(self._drawn) <= len(marks) and all(one is two for (one, _), two in zip(kept, marks, strict=False))
        grown = grown and all(isinstance(one, Photo) or count <= len(one.points) for one, count in kept)
        if key != self._key or not grown:
            self.image, self._drawn, self._key = image, [], key
            self.image.fill(paper)
        painter = QPainter(self.image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for at, mark in enumerate(marks):
            before = self._drawn[at][1] if at < len(self._drawn) else 0
            if isinstance(mark, Stroke):
                if before < len(mark.points):
                    _paint(painter, mark, before, scale, paper if mark.erases else ink)
                count = len(mark.points)
            else:
                if not before:
                    painter.drawImage(self.image.rect(), photo(mark))
                count = 1
            self._drawn[at : at + 1] = [(mark, count)]
        painter.end()
        return self.image


def _paint(painter: QPainter, stroke: Stroke, first: int, scale: float, color: QColor) -> None:
    """The line from the point before ``first`` on, with round ends; of a single point a dot."""
    pen = QPen(color, max(stroke.width * scale, 1.0), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    places = [QPointF(x * scale, y * scale) for x, y in stroke.points[max(first - 1, 0) :]]
    if len(places) == 1:
        painter.drawPoint(places[0])
    for one, two in pairwise(places):
        painter.drawLine(one, two)


def ink_of(marks: list[Mark], shape: tuple[int, int, int], layer: Layer) -> np.ndarray:
    """What is on the pad as ink from 0 to 1: float32 (C, h, w), finer than the field ``shape`` (C, H, W) is."""
    channels, rows, columns = shape
    scale = max(1, RASTER // max(rows, columns))
    empty = QImage(columns * scale, rows * scale, QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB32)
    white, black = QColor(Qt.GlobalColor.white), QColor(Qt.GlobalColor.black)
    image = layer.show(marks, empty, shape, scale, white, black, lambda photo: image_of(photo.ink))
    return pixels_of(image).astype(np.float32) / np.float32(255)
