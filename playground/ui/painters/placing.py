"""Where a number stands on a card: the place that is ringed when it is lit elsewhere, and what must be covered to hide it.

A painter that draws more than units says it by a ``place_rect`` (and ``covers``) of its own; of any other a unit's place is its output's.
"""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QRectF

from playground.ui.painters.base import Painter, Picture

Index = tuple[int, ...]
LEAST = 5.0
"""A ring around less than this could not be seen."""


def place_rect(painter: Painter, body: QRectF, picture: Picture, name: str, index: Index) -> QRectF | None:
    """Where entry ``index`` of the value or parameter ``name`` is drawn, in the card's coordinates; ``None`` where it has no place of
    its own."""
    drawn = chosen(painter, picture)
    own = getattr(drawn, "place_rect", None)
    if own is not None:
        found: QRectF | None = own(body, picture, name, index)
        return found
    if name in ("weight", "loss"):  # of the whole answer, not of the first of its numbers
        return None
    unit = index[0] if name == "bias" and len(index) == 1 else _flat(index, picture.output) if name != "bias" else None
    return None if unit is None else drawn.unit_rect(body, picture, unit)


def covers(painter: Painter, body: QRectF, picture: Picture, name: str, index: Index) -> list[QRectF]:
    """All that tells the number: the place of a question mark first."""
    own = getattr(chosen(painter, picture), "covers", None)
    if own is not None:
        found: list[QRectF] = own(body, picture, name, index)
        return found
    box = place_rect(painter, body, picture, name, index)
    if box is None or name == "weight":
        return []
    return [
        box if box.width() < body.width() * 0.8 and not _is_bar(box) else QRectF(box.x(), box.y(), body.right() - box.x() - 2, box.height())
    ]


def chosen(painter: Painter, picture: Picture) -> Painter:
    """The painter that draws: some hand on by the picture's shapes."""
    while (choose := getattr(painter, "chosen", None)) is not None:
        painter = choose(picture)
    return painter


def seen(box: QRectF) -> QRectF:
    """``box``, at least large enough for a ring that can be seen."""
    grow_x, grow_y = max(LEAST - box.width(), 0) / 2, max(LEAST - box.height(), 0) / 2
    return box.adjusted(-grow_x, -grow_y, grow_x, grow_y)


def _is_bar(box: QRectF) -> bool:
    """Whether it is a bar whose number stands behind it."""
    return box.width() > 4 * box.height()


def _flat(index: Index, shape: tuple[int, ...] | None) -> int | None:
    if shape is None or len(index) != len(shape) or any(at >= length for at, length in zip(index, shape, strict=True)):
        return 0 if not index and (shape is None or math.prod(shape) == 1) else None
    return int(np.ravel_multi_index(index, shape)) if index else 0
