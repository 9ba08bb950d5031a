"""A layer type that this version does not know: its name, and that it is kept."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.ui.painters import tools
from playground.ui.painters.base import Picture
from playground.ui.theme import Theme

LARGEST = 13.0
"""px of letters that the card holds."""


class UnknownPainter:
    """Words only: there is nothing to show of what is not known."""

    def size(self, picture: Picture) -> QSizeF:
        return QSizeF(176, 64)

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        return None

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        return None

    def tip(self, picture: Picture, unit: int | None) -> str:
        return QCoreApplication.translate("painters", "This version has no such layer type. The node is kept and saved unchanged.")

    def paint(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme) -> None:
        lines = (
            QCoreApplication.translate("painters", "not in this version"),
            QCoreApplication.translate("painters", "kept and saved as is"),
        )
        size = min(tools.least(painter, 11), LARGEST)
        for row, words in enumerate(lines):
            tools.text(painter, rect.x() + 12, rect.y() + 24 + 18 * row, words, theme.color("text3"), size, room=rect.width() - 20)
