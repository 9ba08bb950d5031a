"""What a painter is: it draws one kind of trace, without a state of its own, from what it is handed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.data import Description
from playground.engine.live.snapshot import Plane
from playground.engine.trace import Trace
from playground.layers.spec import LayerType, Shape
from playground.ui.theme import Theme


@dataclass(frozen=True, slots=True)
class Picture:
    """All that a node's body is drawn from. Parameters are keyed by their own names (``"weight"``), arrays are read-only.
    ``source`` is the node on its first input wire, whose output the trace has too; ``source_type`` is that node's layer type."""

    node: str
    layer: LayerType | None
    fields: Mapping[str, Any]
    inputs: tuple[Shape, ...] = ()
    output: Shape | None = None
    trace: Trace | None = None
    parameters: Mapping[str, np.ndarray] = field(default_factory=dict)
    plane: Plane | None = None
    data: Description | None = None
    selected_unit: int | None = None
    compact: bool = False
    source: str = ""
    source_type: str = ""
    off: tuple[int, ...] = ()
    """Units that are switched off."""
    face: str = ""
    """Which of its pictures a card shows where it has several: ``"kernels"`` of a convolution, ``"original"`` of an augmented
    picture, else its values."""


class Painter(Protocol):
    """Found by a layer type's ``trace_kind`` in ``ui.painters.registry``. ``rect`` is the card's body, in card pixels.

    It may have more, each asked for by who needs it: ``chosen(picture)``, the painter that it hands on to; ``input_rect(rect, picture,
    index)``, where the edge from an input ends; ``place_rect(rect, picture, name, index)`` and ``covers(rect, picture, name, index)``
    (``ui.painters.placing``), where an entry of a value or parameter is drawn, and all that tells it; ``pixel_rect(rect, picture,
    index)``, where a pixel of pictures (C, H, W) is drawn, however small; ``turn_rect(rect, picture)``, where a click shows the other
    face of a card that has two (``other_face``, else the kernels); ``cell_at(rect, picture, point)`` and ``tip_at(rect, picture, cursor,
    point)``, the name and index of the entry drawn there and what a tooltip says of it, where several values of a node are drawn;
    ``clear_rect(rect, picture)`` and ``caption_rect(rect, picture)``, what is too fine to be hatched; ``prepare(picture, cursor)``, a call
    for another thread that works out what ``paint`` would keep the window for, or ``None`` where there is nothing of that kind (any more).
    """

    def size(self, picture: Picture) -> QSizeF:
        """The body's size in logical px; it depends on shapes and fields only, so that cards never jump."""
        ...

    def paint(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme) -> None:
        """Draw ``picture`` at ``cursor`` (``None``: no pass is shown). Everything shown comes from the picture."""
        ...

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        """Where a unit is drawn, so that edges and pulses can end there; ``None`` when it has no place of its own."""
        ...

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None: ...

    def tip(self, picture: Picture, unit: int | None) -> str:
        """The number under the pointer and what it means, as plain text for the tooltip."""
        ...
