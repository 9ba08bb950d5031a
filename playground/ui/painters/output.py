"""Output: the prediction held against the truth, as a bar a class, as one number, or at each step."""

from __future__ import annotations

from playground.ui.painters import reading
from playground.ui.painters.answers import AnswersPainter
from playground.ui.painters.base import Painter, Picture
from playground.ui.painters.classes import ClassesPainter
from playground.ui.painters.handing import HandingPainter
from playground.ui.painters.one_number import NumberPainter
from playground.ui.painters.said import SaidPainter, is_text
from playground.ui.painters.sequence import is_sequence
from playground.ui.painters.strip import StripPainter


def is_classes(picture: Picture) -> bool:
    """Whether the outputs stand for one class each."""
    return reading.outputs(picture) > 1 and bool(picture.data is None or picture.data.task == "classification")


class OutputPainter(HandingPainter):
    """Hands on to the card for classes, for one number, for answers at each step, or (several numbers) to a strip."""

    def __init__(self) -> None:
        self._classes, self._number, self._strip = ClassesPainter(), NumberPainter(), StripPainter()
        self._answers, self._said = AnswersPainter(), SaidPainter()

    def chosen(self, picture: Picture) -> Painter:
        if is_sequence(picture):
            return self._said if is_text(picture) else self._answers
        if reading.outputs(picture) == 1:
            return self._number
        if (picture.output is None or len(picture.output) == 1) and is_classes(picture):
            return self._classes
        return self._strip
