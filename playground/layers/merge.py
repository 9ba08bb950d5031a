"""What Add and Multiply share: several wires of one shape."""

from __future__ import annotations

from collections.abc import Sequence

from playground.errors import ShapeError
from playground.layers.spec import Shape, format_shape
from playground.sentences import listed, say


def same_shape(inputs: Sequence[Shape], verb: str) -> Shape:
    """The shape all ``inputs`` have; raise :class:`ShapeError` that names them where they differ."""
    if any(shape != inputs[0] for shape in inputs):
        raise ShapeError(
            say(
                "{verb} number by number, so all wires must bring one shape; it gets {inputs}.",
                verb=verb,
                inputs=listed(map(format_shape, inputs), say(" and ")),
            ),
            remedy="Give the layers before it as many units or filters.",
        )
    return inputs[0]
