"""Pictures of the examples for the start page: what a trained one shows, where such a picture ships, else the example's own data.

Made off the UI thread, for data must be read. A ``QImage`` may be painted off the UI thread; no widget is touched here.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter, QPolygonF

from playground import document as documents
from playground import paths
from playground.data import registry
from playground.data.files import opened
from playground.data.images import FILES, SIDE, mnist_folder
from playground.document import Document
from playground.errors import PlaygroundError
from playground.ui.canvas import sequence_thumbnail
from playground.ui.painters import tools
from playground.ui.theme import Theme

PIXELS = 224
IDX_HEAD = 16
DIGITS = 4
MOST_POINTS = 240
CLASS_TOKENS = ("neg", "pos", "s2", "s3", "s4")


def shipped(name: str, theme: Theme) -> Path:
    """Where a picture of the trained example ``name`` lies, if one ships (``tests/ui/example_pictures.py`` makes them)."""
    return paths.RESOURCES / "pictures" / "start" / f"{name}-{theme.name}.png"


class Batch:
    """Draws the thumbnails of some examples on a thread that ends when they are done. Results are taken, not sent: whoever wants them
    asks now and then, so nothing is called back that may be gone."""

    def __init__(self, documents: Mapping[str, Document], theme: Theme) -> None:
        self._documents, self._theme = dict(documents), theme
        self._made: queue.SimpleQueue[tuple[str, QImage | None, str]] = queue.SimpleQueue()
        self._left = len(self._documents)
        self._thread = threading.Thread(target=self._run, name="playground-thumbnails")
        self._thread.start()

    def _run(self) -> None:
        for name, document in self._documents.items():
            try:
                self._made.put((name, draw(name, document, self._theme), ""))
            except (PlaygroundError, OSError, ValueError) as error:
                self._made.put((name, None, str(error)))

    @property
    def done(self) -> bool:
        """Whether all have been taken."""
        return self._left == 0

    def take(self) -> list[tuple[str, QImage | None, str]]:
        """(name, picture or ``None``, why there is none) of each that was finished since the last call."""
        taken = []
        while not self._made.empty():
            taken.append(self._made.get_nowait())
        self._left -= len(taken)
        return taken


def draw(name: str, document: Document, theme: Theme) -> QImage:
    """The thumbnail, 224 x 224 px: shown at 112 it is sharp on any screen."""
    if (path := shipped(name, theme)).exists() and document == documents.example(name):  # of another one it would not be true
        return QImage(str(path)).convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    image = QImage(PIXELS, PIXELS, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(theme.color("field"))
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        data = document.data.name
        if data in ("mnist", "mnist-rows"):
            _pictures(painter, _first_digits(), theme)
        else:
            loaded = registry.load(data, **document.data.options)
            x = np.asarray(loaded.train.x, float)
            if sequence_thumbnail.is_sequence(loaded):
                sequence_thumbnail.draw(painter, loaded, theme, PIXELS)
            elif len(loaded.description.input_shape) == 3:
                _pictures(painter, x[:DIGITS, 0] / max(float(x[:DIGITS].max()), 1e-9), theme)
            else:
                _points(painter, x.reshape(len(x), -1), np.asarray(loaded.train.y), theme)
    return image


def _first_digits() -> np.ndarray:
    """The first test pictures of MNIST, 0..1, without reading the rest."""
    with opened(mnist_folder() / FILES[2], "") as stream:
        raw = stream.read(IDX_HEAD + DIGITS * SIDE * SIDE)
    return np.frombuffer(raw, np.uint8, offset=IDX_HEAD).reshape(DIGITS, SIDE, SIDE) / 255.0


def _pictures(painter: QPainter, pictures: np.ndarray, theme: Theme) -> None:
    """In the grays of the Input card: ink on paper in the light theme."""
    side, gap = (PIXELS - 3 * 12) // 2, 12
    for at, picture in enumerate(pictures[:DIGITS]):
        gray = np.ascontiguousarray(np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8))
        image = QImage(gray.data, gray.shape[1], gray.shape[0], gray.shape[1], QImage.Format.Format_Indexed8)
        image.setColorTable(theme.color_table("gray"))
        painter.drawImage(QRectF(gap + (at % 2) * (side + gap), gap + (at // 2) * (side + gap), side, side), image)


def _points(painter: QPainter, x: np.ndarray, y: np.ndarray, theme: Theme) -> None:
    """The first two features (or feature and target) as discs and diamonds by class."""
    regression = y.ndim == 2
    plane = np.column_stack([x[:, 0], y[:, 0] if regression else x[:, 1 % x.shape[1]]])[:MOST_POINTS]
    low, high = plane.min(axis=0), plane.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    few = len(plane) <= 16
    margin = 44.0 if few else 18.0
    places = margin + (plane - low) / span * (PIXELS - 2 * margin)
    radius = 11.0 if few else 5.0
    for (px, py), label in zip(places, y.ravel() if not regression else np.ones(len(y)), strict=False):
        middle = QPointF(px, PIXELS - py)
        painter.setPen(tools.pen(theme.color("field"), 1.5))
        painter.setBrush(theme.color(CLASS_TOKENS[int(label) % len(CLASS_TOKENS)]))
        if int(label) % 2:
            painter.drawEllipse(middle, radius, radius)
        else:
            painter.drawPolygon(QPolygonF([middle + QPointF(*p) * 1.25 * radius for p in ((0, -1), (1, 0), (0, 1), (-1, 0))]))
