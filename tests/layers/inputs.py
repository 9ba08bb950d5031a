"""What a layer type takes, found by asking it: a new type needs no row for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playground import fields as declared
from playground.errors import ShapeError
from playground.layers.spec import LayerType, Shape

SHAPES: tuple[Shape, ...] = ((5,), (5, 3), (2, 6, 5))
"""A row of numbers, a sequence, pictures."""


def taken(layer: LayerType, fields: Mapping[str, Any]) -> Shape:
    """The first of SHAPES that ``layer`` does not refuse."""
    found = all_taken(layer, fields)
    assert found, f"{layer.name} takes none of {SHAPES}: give it a row of its own"
    return found[0]


def all_taken(layer: LayerType, fields: Mapping[str, Any]) -> list[Shape]:
    """Those of SHAPES that ``layer`` does not refuse."""
    complete, found = declared.complete(layer.fields, fields), []
    for shape in SHAPES:
        try:
            layer.output_shape(complete, (shape,))
        except ShapeError:
            continue
        found.append(shape)
    return found
