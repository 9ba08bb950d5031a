"""Pictures at large pixels, with numbers where they fit: what an enlarged map shows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from playground.anim.scale import Scale
from playground.ui.numbers import short, signed
from playground.ui.painters import maps, mosaic, tools
from playground.ui.painters.input import paint_image
from playground.ui.painters.mosaic import Mosaic
from playground.ui.theme import Theme

CAPTION, INSET = 18.0, 10.0
STEP, MOST_ZOOM = 1.25, 24.0
FRAMED_FROM, CLEAR_FROM = 7.0, 16.0
WIDE = 48.0
"""Px of a cell that has room for three decimals."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Pictures (planes, rows, columns) side by side, what they are, and their scale."""

    title: str
    values: np.ndarray
    scale: Scale
    done: int | None = None
    """How many cells a pass by single numbers has come to; the others are not told."""
    framed: frozenset[tuple[int, int]] = frozenset()
    """Pixels (row, column) that won the window of a max pool behind: framed where cells are large enough."""
    won: np.ndarray | None = None
    """Of a max pool's own map where in its window each pixel's winner stood, as ``maps.winners`` has it: marked as on the card."""

    def known(self, place: tuple[int, int, int]) -> bool:
        """Whether the number may be told."""
        return self.done is None or int(np.ravel_multi_index(place, self.values.shape)) < self.done


def _words(value: float, scale: Scale, cell: float) -> str | None:
    """A number in a cell of ``cell`` px, in one format for all of a picture; ``None`` where none suits all."""
    if not 0.1 <= scale.limit < 100:
        return None
    words = signed(value, 3 if cell >= WIDE else 2) if value else "0"
    return words if scale.signed else words.lstrip("+")


class MapView(QWidget):
    """Draws the sheets of a box; the wheel enlarges about the pointer, dragging moves the picture. ``pointed(place)``: (plane, row,
    column) under the pointer, or ``None``."""

    pointed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.setMinimumHeight(80)
        self._theme = theme
        self.sheets: tuple[Sheet, ...] = ()
        self.selected: tuple[int, int, int] | None = None
        self._zoom, self._shift = 1.0, QPointF()
        self._grip: QPointF | None = None

    def show_sheets(self, sheets: tuple[Sheet, ...]) -> None:
        if not sheets or not self.sheets or sheets[0].values.shape != self.sheets[0].values.shape:
            self._zoom, self._shift = 1.0, QPointF()
        self.sheets = sheets
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def room(self, at: int) -> QRectF:
        """What sheet ``at`` has to itself."""
        wide = (self.width() - INSET * (len(self.sheets) - 1)) / max(len(self.sheets), 1)
        return QRectF(at * (wide + INSET), CAPTION, wide, self.height() - CAPTION)

    def layout_of(self, at: int) -> tuple[Mosaic, QPointF]:
        """The mosaic of a sheet's planes and its corner, zoom and shift taken in."""
        planes, rows, columns = self.sheets[at].values.shape
        room = self.room(at)
        made = mosaic.layout(planes, rows, columns, (room.width(), room.height()), max(room.width(), room.height()))
        made = Mosaic(made.maps, rows, columns, made.across, made.cell * self._zoom, made.gap)
        corner = QPointF(room.center().x() - made.size.width() / 2, room.center().y() - made.size.height() / 2)
        return made, corner + self._shift

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for at, sheet in enumerate(self.sheets):
                self._paint(painter, at, sheet)

    def _paint(self, painter: QPainter, at: int, sheet: Sheet) -> None:
        theme, room = self._theme, self.room(at)
        low, high = sheet.scale.ends()
        ends = f"{short(low)} … {short(high)}"
        tools.text(painter, room.right(), 8, ends, theme.color("text3"), 10.5, align="right")
        left = room.width() - tools.width(ends, 10.5) - 8
        tools.text(painter, room.x(), 8, sheet.title, theme.color("text2"), 11, room=left)
        made, corner = self.layout_of(at)
        painter.save()
        painter.setClipRect(room.adjusted(-1, -1, 1, 1), Qt.ClipOperation.IntersectClip)
        if sheet.scale.ramp == "gray" and len(sheet.values) == 3:
            paint_image(painter, made.map_rect(corner, 0), sheet.values, theme)
        else:
            mosaic.paint(painter, corner, made, sheet.values, sheet.scale, theme)
        if sheet.done is not None:
            ahead = np.arange(sheet.values.size).reshape(sheet.values.shape) >= sheet.done
            mosaic.veil(painter, corner, made, ahead, theme.color("card"))
        for plane in range(made.maps):
            tools.frame(painter, made.map_rect(corner, plane), theme.color("line3"))
        if made.cell >= tools.NUMBER_CELL.width():
            self._numbers(painter, made, corner, sheet, room)
        if made.cell >= FRAMED_FROM and len(sheet.values) == 1:
            ring = theme.color("text", 1.0 if made.cell >= CLEAR_FROM else 0.5)  # small cells show their own color first
            for row, column in sheet.framed:
                tools.ring(painter, made.cell_rect(corner, 0, row, column).adjusted(1, 1, -1, -1), ring, 0, 1.6, 1)
        if made.cell >= maps.MARKED_FROM:
            maps.mark_winners(painter, corner, made, sheet.won, theme)
        if self.selected is not None and self.selected[0] < made.maps:
            tools.ring(painter, made.cell_rect(corner, *self.selected), theme.color("accent"), off=0, width=2, radius=1)
        painter.restore()

    def _numbers(self, painter: QPainter, made: Mosaic, corner: QPointF, sheet: Sheet, room: QRectF) -> None:
        """The number of each cell in sight."""
        for plane in range(made.maps):
            box = made.map_rect(corner, plane)
            first = max(int((room.y() - box.y()) / made.cell), 0), max(int((room.x() - box.x()) / made.cell), 0)
            for row in range(first[0], min(made.rows, int((room.bottom() - box.y()) / made.cell) + 1)):
                for column in range(first[1], min(made.columns, int((room.right() - box.x()) / made.cell) + 1)):
                    if not sheet.known((plane, row, column)):
                        continue
                    cell = made.cell_rect(corner, plane, row, column).adjusted(0.5, 0.5, -0.5, -0.5)
                    value = float(sheet.values[plane, row, column])
                    tools.value_cell(painter, cell, value, sheet.scale, self._theme, 1, _words(value, sheet.scale, made.cell))

    def at(self, point: QPointF) -> tuple[int, int, int] | None:
        """(plane, row, column) of the first sheet that has a cell at ``point``."""
        for at in range(len(self.sheets)):
            if self.room(at).contains(point):
                made, corner = self.layout_of(at)
                return made.at(corner, point)
        return None

    # -- the pointer
    def wheelEvent(self, event: QWheelEvent) -> None:
        zoom = min(max(self._zoom * STEP ** (event.angleDelta().y() / 120), 1.0), MOST_ZOOM)
        for at in range(len(self.sheets)):
            room = self.room(at)
            if room.contains(event.position()):
                away = event.position() - room.center() - self._shift
                self._shift -= away * (zoom / self._zoom - 1)
        self._zoom = zoom
        if zoom == 1.0:
            self._shift = QPointF()
        self.update()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grip = event.position() - self._shift

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None and self._zoom > 1.0:
            self._shift = event.position() - self._grip
            self.update()
        self.pointed.emit(self.at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(None)
