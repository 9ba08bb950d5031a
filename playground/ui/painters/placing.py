"""Where a number stands on a card: the place that is ringed when it is lit elsewhere, and what must be covered to hide it."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QRectF

from playground.ui.painters import matrix, neurons, perceptron
from playground.ui.painters.base import Painter, Picture
from playground.ui.painters.input import PIXELS, InputPainter
from playground.ui.painters.matrix import MatrixPainter
from playground.ui.painters.neurons import NeuronsPainter
from playground.ui.painters.one_number import NumberPainter
from playground.ui.painters.perceptron import PerceptronPainter

Index = tuple[int, ...]
LEAST = 5.0
"""A ring around less than this could not be seen."""


def place_rect(painter: Painter, body: QRectF, picture: Picture, name: str, index: Index) -> QRectF | None:
    """Where entry ``index`` of the value or parameter ``name`` is drawn, in the card's coordinates; ``None`` where it has no place of
    its own."""
    drawn = _chosen(painter, picture)
    if isinstance(drawn, PerceptronPainter):
        return _in_close_up(drawn, body, picture, name, index)
    if name == "weight":
        return _pixel(body, picture, index) if isinstance(drawn, MatrixPainter) and len(index) == 2 else None
    if name == "bias":
        return _bias(drawn, body, picture, index)
    if isinstance(drawn, InputPainter) and picture.output is not None and len(picture.output) == 3 and len(index) == 3:
        return _image_pixel(body, picture.output, index)
    unit = _flat(index, picture.output)
    return None if unit is None else drawn.unit_rect(body, picture, unit)


def covers(painter: Painter, body: QRectF, picture: Picture, name: str, index: Index) -> list[QRectF]:
    """All that tells the number: the place of a question mark first."""
    drawn = _chosen(painter, picture)
    if isinstance(drawn, PerceptronPainter):
        box = _in_close_up(drawn, body, picture, name, index)
        if name == "output" and box is not None:
            return [box, QRectF(box.center().x() - 50, box.bottom() + 4, 100, 20)]
        return [] if box is None else [box.adjusted(box.width() * 0.3, 4, -4, -4)] if name in ("weight", "bias") else [box]
    if isinstance(drawn, NumberPainter):
        return [body.adjusted(2, 2, -2, -2)]
    box = place_rect(painter, body, picture, name, index)
    if box is None or name == "weight":
        return []
    return [
        box if box.width() < body.width() * 0.8 and not _is_bar(box) else QRectF(box.x(), box.y(), body.right() - box.x() - 2, box.height())
    ]


def _is_bar(box: QRectF) -> bool:
    """Whether it is a bar whose number stands behind it."""
    return box.width() > 4 * box.height()


def _chosen(painter: Painter, picture: Picture) -> Painter:
    """The painter that draws: some hand on by the picture's shapes."""
    while (choose := getattr(painter, "chosen", None)) is not None:
        painter = choose(picture)
    return painter


def _flat(index: Index, shape: tuple[int, ...] | None) -> int | None:
    if shape is None or len(index) != len(shape) or any(at >= length for at, length in zip(index, shape, strict=True)):
        return 0 if not index else None
    return int(np.ravel_multi_index(index, shape)) if index else 0


def _in_close_up(drawn: PerceptronPainter, body: QRectF, picture: Picture, name: str, index: Index) -> QRectF | None:
    first, graph = drawn.input_rect(body, picture, 0), drawn.unit_rect(body, picture, 0)
    if first is None or graph is None:
        return None
    if name == "weight" and len(index) == 2:
        return first.translated(0, perceptron.PITCH * index[1])
    if name == "bias":
        return first.translated(0, perceptron.PITCH * picture.inputs[0][0])
    if name == "pre_activation":
        middle = graph.center().y() + perceptron.SUM_RADIUS + 14
        return QRectF(body.x() + perceptron.SUM_X - 44, middle - 11, 88, 22)
    return graph if name == "output" else None


def _bias(drawn: Painter, body: QRectF, picture: Picture, index: Index) -> QRectF | None:
    box = drawn.unit_rect(body, picture, index[0]) if len(index) == 1 else None
    if box is None or not isinstance(drawn, NeuronsPainter):
        return box
    return QRectF(box.x(), box.bottom() + 3, box.width(), 3)


def _pixel(body: QRectF, picture: Picture, index: Index) -> QRectF | None:
    """The pixel of the drawn matrix that the weight is in; at least large enough to be seen."""
    if not picture.inputs or not picture.inputs[0]:
        return None
    outputs, inputs = neurons.units(picture), picture.inputs[0][-1]
    high, wide = -(-outputs // int(matrix.MOST_HIGH)), -(-inputs // matrix.MATRIX_WIDE)
    rows, columns = math.ceil(outputs / high), math.ceil(inputs / wide)
    box = QRectF(body.x() + 12 + matrix.VECTOR_WIDE + 10, body.y() + matrix.TOP, matrix.MATRIX_WIDE, matrix.MOST_HIGH)
    across, down = box.width() / columns, box.height() / rows
    return _seen(QRectF(box.x() + index[1] // wide * across, box.y() + index[0] // high * down, across, down))


def _image_pixel(body: QRectF, shape: tuple[int, ...], index: Index) -> QRectF:
    _, rows, columns = shape
    unit = PIXELS / max(rows, columns)
    unit = float(int(unit)) if unit >= 1 else unit
    left = body.center().x() - columns * unit / 2
    return _seen(QRectF(left + index[2] * unit, body.y() + 14 + index[1] * unit, unit, unit))


def _seen(box: QRectF) -> QRectF:
    grow_x, grow_y = max(LEAST - box.width(), 0) / 2, max(LEAST - box.height(), 0) / 2
    return box.adjusted(-grow_x, -grow_y, grow_x, grow_y)
