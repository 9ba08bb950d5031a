"""A painter that hands on to another, which it chooses by the picture's shapes."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.ui.painters.base import Painter, Picture
from playground.ui.theme import Theme


class HandingPainter:
    """Does what :meth:`chosen` does."""

    def chosen(self, picture: Picture) -> Painter:
        raise NotImplementedError

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
