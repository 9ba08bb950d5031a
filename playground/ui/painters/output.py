"""Output: the prediction held against the truth, as a bar a class, as one number, or at each step."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.ui.painters import reading
from playground.ui.painters.answers import AnswersPainter
from playground.ui.painters.base import Painter, Picture
from playground.ui.painters.classes import ClassesPainter
from playground.ui.painters.one_number import NumberPainter
from playground.ui.painters.said import SaidPainter, is_text
from playground.ui.painters.sequence import is_sequence
from playground.ui.painters.strip import StripPainter
from playground.ui.theme import Theme


def is_classes(picture: Picture) -> bool:
    """Whether the outputs stand for one class each."""
    return reading.outputs(picture) > 1 and bool(picture.data is None or picture.data.task == "classification")


class OutputPainter:
    """Hands on to the card for classes, for one number, for answers at each step, or (several numbers) to a strip."""

    def __init__(self) -> None:
        self._classes, self._number, self._strip = ClassesPainter(), NumberPainter(), StripPainter()
        self._answers, self._said = AnswersPainter(), SaidPainter()

    def chosen(self, picture: Picture) -> Painter:
        if is_sequence(picture):
            return self._said if is_text(picture) else self._answers
        if reading.outputs(picture) == 1:
            return self._number
        if picture.output is not None and len(picture.output) == 1 and is_classes(picture):
            return self._classes
        return self._strip

    def size(self, picture: Picture) -> QSizeF:
        return self.chosen(picture).size(picture)

    def paint(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme) -> None:
        self.chosen(picture).paint(painter, rect, picture, cursor, scale, theme)

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        return self.chosen(picture).unit_rect(rect, picture, unit)

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        return self.chosen(picture).unit_at(rect, picture, point)

    def tip(self, picture: Picture, unit: int | None) -> str:
        return self.chosen(picture).tip(picture, unit)
