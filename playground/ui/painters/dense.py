"""Dense: a column of neurons, the close-up of a perceptron, or vector and matrix, by the number of units; of a sequence its steps."""

from __future__ import annotations

from PySide6.QtCore import QRectF

from playground.ui.painters import neurons, perceptron
from playground.ui.painters.base import Painter, Picture
from playground.ui.painters.handing import HandingPainter
from playground.ui.painters.matrix import MatrixPainter
from playground.ui.painters.neurons import NeuronsPainter
from playground.ui.painters.perceptron import PerceptronPainter
from playground.ui.painters.sequence import SequencePainter


class DensePainter(HandingPainter):
    """Hands on to the painter that suits the node's shapes."""

    def __init__(self) -> None:
        self._neurons, self._matrix, self._close = NeuronsPainter(), MatrixPainter(), PerceptronPainter()
        self._sequence = SequencePainter()

    def chosen(self, picture: Picture) -> Painter:
        """The painter for this picture's shapes."""
        if picture.output is not None and len(picture.output) > 1:
            return self._sequence
        if perceptron.fits(picture):
            return self._close
        return self._neurons if neurons.units(picture) <= neurons.MOST else self._matrix

    def input_rect(self, rect: QRectF, picture: Picture, index: int) -> QRectF | None:
        """Where the edge from input ``index`` ends, if that is another place than the unit itself (the close-up's rows)."""
        return self._close.input_rect(rect, picture, index) if self.chosen(picture) is self._close else None
