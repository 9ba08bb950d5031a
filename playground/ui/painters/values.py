"""Values of a layer type without a painter of its own: pictures as a mosaic, sequences step by step, all else as a strip."""

from __future__ import annotations

from playground.ui.painters import maps, statistics
from playground.ui.painters.base import Painter, Picture
from playground.ui.painters.handing import HandingPainter
from playground.ui.painters.maps import MapsPainter
from playground.ui.painters.sequence import SequencePainter, is_sequence
from playground.ui.painters.statistics import NormalizedMapsPainter, NormalizedStripPainter
from playground.ui.painters.strip import StripPainter


class ValuesPainter(HandingPainter):
    """Hands on by the shape of the node's output; ``other`` draws single rows of numbers (by default a strip does)."""

    def __init__(self, other: Painter | None = None) -> None:
        self._maps, self._sequence, self._other = MapsPainter(), SequencePainter(), other or StripPainter()
        self._normalized_maps, self._normalized = NormalizedMapsPainter(), NormalizedStripPainter()

    def chosen(self, picture: Picture) -> Painter:
        """The painter for this picture's shape."""
        if statistics.has(picture):
            return self._normalized_maps if maps.is_maps(picture) else self._normalized
        if maps.is_maps(picture):
            return self._maps
        return self._sequence if is_sequence(picture) else self._other
