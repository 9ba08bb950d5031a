"""Thumbnails of sequences: texts as lines of symbols, numbers as curves, rows of many numbers as pictures. May run off the UI thread."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from playground.anim.scale import Scale
from playground.data import Dataset
from playground.ui.painters import tools
from playground.ui.theme import Theme, font

LINES, ACROSS, MARGIN = 6, 8, 14.0
CURVES = 2
TONES = ("pos", "neg")
PICTURE = 8
"""From so many features on, steps and features together are a picture."""


def is_sequence(dataset: Dataset) -> bool:
    """Whether samples are sequences: tokens, or numbers step by step."""
    about = dataset.description
    return bool(about.tokens) or len(about.input_shape) == 2


def draw(painter: QPainter, dataset: Dataset, theme: Theme, side: float) -> None:
    """Into the square of ``side`` pixels."""
    if dataset.description.tokens:
        _lines(painter, dataset, theme, side)
    elif dataset.description.input_shape[1] >= PICTURE:
        box = QRectF(MARGIN, MARGIN, side - 2 * MARGIN, side - 2 * MARGIN)
        scale = Scale(limit=max(float(np.abs(dataset.train.x[0]).max()), 1e-6), ramp="gray")
        tools.cells(painter, box, np.abs(dataset.train.x[0].astype(np.float32)), scale, theme)
    else:
        _curves(painter, dataset, theme, side)


def _lines(painter: QPainter, dataset: Dataset, theme: Theme, side: float) -> None:
    """The beginning of some samples, or where samples are long one after the other of one."""
    tokens, train = dataset.description.tokens, dataset.train
    if dataset.description.input_shape[0] >= LINES * ACROSS:
        rows = [train.x[len(train) // 2, line * ACROSS : (line + 1) * ACROSS] for line in range(LINES)]
    else:
        ends = train.lengths if train.lengths is not None else np.full(len(train), train.x.shape[1])
        rows = [train.x[row, : min(ends[row], ACROSS)] for row in range(min(LINES, len(train)))]
    cell = (side - 2 * MARGIN) / ACROSS
    pitch = (side - 2 * MARGIN) / LINES
    for line, row in enumerate(rows):
        painter.setPen(theme.color("text" if line % 2 == 0 else "text2"))
        for at, number in enumerate(row):
            name = tokens[int(number)]
            painter.setFont(font(cell * 0.75 if len(name) == 1 else cell * 0.55))
            box = QRectF(MARGIN + at * cell - 3, MARGIN + line * pitch, cell + 6, pitch)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)


def _curves(painter: QPainter, dataset: Dataset, theme: Theme, side: float) -> None:
    """The first features of the first sample over its steps."""
    sample = dataset.train.x[0].astype(float)
    low, high = float(sample.min()), float(sample.max())
    span = high - low or 1.0
    for feature in range(min(sample.shape[1], CURVES)):
        values = sample[:, feature]
        across = MARGIN + np.arange(len(values)) / max(len(values) - 1, 1) * (side - 2 * MARGIN)
        up = side - MARGIN - 20 - (values - low) / span * (side - 2 * MARGIN - 40)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(tools.pen(theme.color(TONES[feature]), 4.0))
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(across, up, strict=True)]))
