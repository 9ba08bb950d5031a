"""Pictures for painter tests, and what a painter makes of them, as pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from playground import fields as declared
from playground.anim.cursor import Cursor
from playground.data import Description
from playground.engine.live.snapshot import Plane
from playground.engine.trace import NodeTrace, ParameterTrace, Trace
from playground.layers import registry as layers
from playground.layers.spec import Shape
from playground.ui.painters import reading, registry
from playground.ui.painters.base import Picture
from playground.ui.theme import DARK, Theme

DIGITS = Description((1, 28, 28), "classification", 10, tuple("0123456789"))
PLANE = Description((2,), "classification", 1, ("0", "1"), ("x1", "x2"))


def picture(
    layer: str,
    output: Shape,
    inputs: tuple[Shape, ...] = (),
    values: Mapping[str, Any] | None = None,
    *,
    gradients: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    traced: Mapping[str, ParameterTrace] | None = None,
    source: Any = None,
    plane: Plane | None = None,
    data: Description | None = None,
    target: Any = None,
    sample_loss: float | None = None,
    selected: int | None = None,
    compact: bool = False,
    **fields: Any,
) -> Picture:
    """A picture of node ``n1`` with these values in its trace."""
    kind = layers.get(layer)
    nodes = {"n1": NodeTrace(arrays(values), arrays(gradients))}
    if source is not None:
        nodes["input1"] = NodeTrace({"output": np.asarray(source, np.float32)})
    trace = Trace("train", 3, nodes, traced or {}, None if target is None else np.asarray(target), sample_loss)
    complete = declared.complete(kind.fields, fields)
    return Picture("n1", kind, complete, inputs, output, trace, arrays(parameters), plane, data, selected, compact, "input1", "Input")


def arrays(values: Mapping[str, Any] | None) -> dict[str, np.ndarray]:
    return {name: np.asarray(value, np.float32) for name, value in (values or {}).items()}


def render(shown: Picture, cursor: Cursor | None = None, theme: Theme = DARK) -> np.ndarray:
    """What the painter draws, uint8 (height, width, 4), on a card's ground; rows are BGRA."""
    painter = registry.find(shown.layer)
    size = painter.size(shown)
    image = QImage(size.toSize(), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(theme.color("card"))
    scale = reading.scale_for(shown)
    scale.observe(reading.seen(shown))
    with QPainter(image) as brush:
        brush.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.paint(brush, QRectF(0, 0, size.width(), size.height()), shown, cursor, scale, theme)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return pixels[:, : image.width()].copy()


def count(pixels: np.ndarray, color: str) -> int:
    """How many pixels have exactly this ``#RRGGBB``."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return int(np.sum((pixels[..., 0] == blue) & (pixels[..., 1] == green) & (pixels[..., 2] == red)))
