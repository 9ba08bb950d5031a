"""Which painter draws which trace kind. A kind without a painter of its own is a strip of values, of pictures a mosaic."""

from __future__ import annotations

from playground.layers.spec import LayerType
from playground.ui.painters.activation import ActivationPainter
from playground.ui.painters.attention import AttentionPainter
from playground.ui.painters.base import Painter
from playground.ui.painters.dense import DensePainter
from playground.ui.painters.input import InputPainter
from playground.ui.painters.output import OutputPainter
from playground.ui.painters.recurrent import RecurrentPainter
from playground.ui.painters.unknown import UnknownPainter
from playground.ui.painters.values import ValuesPainter

_VALUES = ValuesPainter()
_UNKNOWN = UnknownPainter()
_PAINTERS: dict[str, Painter] = {
    "input": InputPainter(),
    "dense": DensePainter(),
    "activation": ValuesPainter(ActivationPainter()),
    "output": OutputPainter(),
    "strip": _VALUES,
    "maps": _VALUES,
    "recurrent": RecurrentPainter(),
    "attention": AttentionPainter(),
}


def find(layer: LayerType | None) -> Painter:
    """The painter for a layer type; for one that this version does not know (``None``) a card of words."""
    return _UNKNOWN if layer is None else _PAINTERS.get(layer.trace_kind, _VALUES)
