"""Maps: pictures (C, H, W) as a mosaic on one scale, or the filters that make them; in the backward pass their errors and gradients."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF
from PySide6.QtGui import QImage, QPainter

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.layers.pooling import Pool
from playground.ui.numbers import count, number
from playground.ui.painters import filters, mosaic, placing, reading, tools
from playground.ui.painters.base import Picture
from playground.ui.painters.mosaic import Mosaic
from playground.ui.theme import Theme

HEIGHT, TOP, ROOM = 164.0, 8.0, 136.0
WIDTHS = {1: 144.0, 2: 144.0, 4: 178.0}
"""Of a card with so many maps side by side; of one with more: what they take."""
MOST_WIDE = 224.0
LARGE, MIDDLE, POOLED, ALONE = 46.0, 34.0, 30.0, 112.0
"""The side of a map, px: of up to 8, of up to 16, of those that a pool has made smaller, of a single one."""
POOLED_ROOM, LEAST_POOLED = 96.0, 108.0
"""What pooled maps take at most, and how wide their card is at least: its name has to be read."""
MARKED_FROM = 8.0
"""From so many px of the screen a cell on a max pool's winners are marked."""
LEAST_BAR = 12.0


def shape(picture: Picture) -> tuple[int, int, int]:
    """(maps, rows, columns) of the node's output."""
    assert picture.output is not None
    maps, rows, columns = picture.output
    return maps, rows, columns


def is_maps(picture: Picture) -> bool:
    """Whether the node's output is pictures: a strip says more of single numbers."""
    return picture.output is not None and len(picture.output) == 3 and picture.output[1] * picture.output[2] > 1


def map_of(picture: Picture, unit: int) -> int:
    """The map that a pixel is of."""
    _, rows, columns = shape(picture)
    return unit // (rows * columns)


def neuron(picture: Picture, unit: int) -> int:
    """What is switched off with a unit: of pictures its whole map, of a sequence the unit at all steps, else the unit itself."""
    if is_maps(picture):
        return map_of(picture, unit)
    return unit % picture.output[1] if picture.output is not None and len(picture.output) == 2 else unit


def layout(picture: Picture) -> Mosaic:
    """Where the maps stand: up to 8 in two columns, up to 16 in four, more as large as they fit."""
    maps, rows, columns = shape(picture)
    if is_pooled(picture):
        across, most, room = (1, 64.0, 64.0) if maps == 1 else (2, POOLED, 64.0) if maps <= 8 else (4, POOLED, POOLED_ROOM)
        if maps <= 16:
            return mosaic.layout(maps, rows, columns, (room, ROOM), most, across)
    if maps == 1:
        return mosaic.layout(1, rows, columns, (ALONE, ROOM), ALONE, 1)
    if maps <= 8:
        return mosaic.layout(maps, rows, columns, (WIDTHS[2] - 24, ROOM), LARGE, 2)
    if maps <= 16:
        return mosaic.layout(maps, rows, columns, (WIDTHS[4] - 24, ROOM), MIDDLE, 4)
    return mosaic.layout(maps, rows, columns, (MOST_WIDE, ROOM), MIDDLE)


def is_pooled(picture: Picture) -> bool:
    """Whether the node has no weights and makes pictures smaller: its maps are drawn smaller than those that it got."""
    before = picture.inputs[0] if picture.inputs else ()
    smaller = len(before) == 3 and picture.output is not None and picture.output[0] == before[0] and picture.output[1] < before[1]
    return smaller and "filters" not in picture.fields


def winners(picture: Picture) -> np.ndarray | None:
    """Where in its window each number of a max pool's output stood: (maps, rows, columns, 2), row and column as shares of the window;
    ``None`` where the node is none. Not a number where nothing won."""
    won = reading.value(picture, "winners")
    if won is None or won.shape != picture.output or not isinstance(picture.layer, Pool) or not picture.inputs:
        return None
    made = np.empty((*won.shape, 2), np.float32)
    places = np.divmod(won, picture.inputs[0][2])
    for axis, window in enumerate(picture.layer.windows(picture.fields, picture.inputs)):
        starts = np.array([window.start(at) for at in range(won.shape[1 + axis])], np.float32)
        starts = starts[:, None] if axis == 0 else starts
        made[..., axis] = (places[axis] - starts + 0.5) / window.kernel
    return made


def mark_winners(painter: QPainter, corner: QPointF, made: Mosaic, won: np.ndarray | None, theme: Theme) -> None:
    """A dot in each pooled pixel where in its window the largest number stood."""
    if won is None:
        return
    painter.setPen(tools.pen(theme.color("canvas"), made.cell * 0.04))
    painter.setBrush(theme.color("text"))
    radius = made.cell * 0.11
    for at in range(made.maps):
        for row in range(made.rows):
            for column in range(made.columns):
                y, x = won[at, row, column]
                if np.isfinite(y):
                    box = made.cell_rect(corner, at, row, column)
                    painter.drawEllipse(QPointF(box.x() + x * box.width(), box.y() + y * box.height()), radius, radius)


@lru_cache(maxsize=16)
def _ramp(theme: Theme, ramp: str, stretch: bool) -> QImage:
    """The ramp from its low end to its high one, 40 x 1."""
    scale = Scale(1.0, ramp, stretch)
    values = np.linspace(-1.0 if scale.signed else 0.0, 1.0, 40, dtype=np.float32)[None]
    entries = np.ascontiguousarray(scale.indices(values))  # the image lies over this array until it is converted
    return tools.indexed(entries, theme, ramp).convertToFormat(QImage.Format.Format_RGB32)


class MapsPainter:
    """Live feature maps; with the face ``"kernels"`` the node's filters in the same order."""

    def size(self, picture: Picture) -> QSizeF:
        made = self.layout(picture)
        if is_pooled(picture) and made.maps <= 16:
            return QSizeF(max(made.size.width() + 24, LEAST_POOLED), HEIGHT)
        return QSizeF(max(WIDTHS.get(made.across, 0.0), made.size.width() + 24), HEIGHT)

    def layout(self, picture: Picture) -> Mosaic:
        """Where the maps stand within the mosaic."""
        return layout(picture)

    def room(self, rect: QRectF) -> QRectF:
        """What maps and scale have to themselves."""
        return rect

    # -- where things are
    def corner(self, rect: QRectF, made: Mosaic) -> QPointF:
        """The mosaic's top left corner in the body ``rect``."""
        room = self.room(rect)
        middle = (room.y() + TOP + room.bottom() - (HEIGHT - TOP - ROOM)) / 2
        return QPointF(round(room.center().x() - made.size.width() / 2), round(middle - made.size.height() / 2))

    def map_rect(self, rect: QRectF, picture: Picture, at: int) -> QRectF | None:
        """Where map ``at`` is drawn; ``None`` where it is not."""
        made = self.layout(picture)
        return made.map_rect(self.corner(rect, made), at) if 0 <= at < made.maps else None

    def pixel_rect(self, rect: QRectF, picture: Picture, index: tuple[int, int, int]) -> QRectF | None:
        """Where a pixel (map, row, column) is drawn, however small."""
        made = self.layout(picture)
        if picture.face == "kernels" or not 0 <= index[0] < made.maps:
            return None
        return made.cell_rect(self.corner(rect, made), *index)

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        maps, rows, columns = shape(picture)
        at, pixel = divmod(unit, rows * columns)
        made = self.layout(picture)
        if not 0 <= at < min(maps, made.maps):
            return None
        return made.cell_rect(self.corner(rect, made), at, *divmod(pixel, columns))

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        made = self.layout(picture)
        found = made.at(self.corner(rect, made), point)
        if found is None:
            return None
        return int(np.ravel_multi_index(found, shape(picture)))

    def place_rect(self, rect: QRectF, picture: Picture, name: str, index: tuple[int, ...]) -> QRectF | None:
        """A pixel of the output (or of a value of its shape), large enough to be seen; of a filter or a bias the map that it makes."""
        if name in ("weight", "bias"):
            at = filters.place(self._filters_room(rect), picture, index) if picture.face == "kernels" else None
            return at or (self.map_rect(rect, picture, index[0]) if index else None)
        if picture.output is None or len(index) != 3 or any(at >= size for at, size in zip(index, shape(picture), strict=True)):
            return None
        box = self.unit_rect(rect, picture, int(np.ravel_multi_index(index, shape(picture))))
        return None if box is None else placing.seen(box)

    def turn_rect(self, rect: QRectF, picture: Picture) -> QRectF | None:
        """The line below the pictures of a node that has filters."""
        return self.caption_rect(rect, picture) if filters.has(picture) else None

    def caption_rect(self, rect: QRectF, picture: Picture) -> QRectF:
        """The line below the pictures."""
        rect = self.room(rect)
        return QRectF(rect.x() + 4, rect.bottom() - 18, rect.width() - 8, 18)

    def clear_rect(self, rect: QRectF, picture: Picture) -> QRectF:
        """All maps (or filters) and the scale: no hatch is laid over them."""
        made = self.layout(picture)
        box = QRectF(self.corner(rect, made), made.size)
        if picture.face == "kernels":
            box = self._filters_room(rect)
        return box.adjusted(-4, -4, 4, self.room(rect).bottom() - box.bottom())

    # -- what is said
    def tip(self, picture: Picture, unit: int | None) -> str:
        maps, rows, columns = shape(picture)
        if unit is None or unit >= maps * rows * columns:
            return QCoreApplication.translate("painters", "{n} maps of {rows} × {columns}").format(
                n=count(maps), rows=rows, columns=columns
            )
        at, row, column = (int(i) for i in np.unravel_index(unit, (maps, rows, columns)))
        if at in picture.off:
            return QCoreApplication.translate("painters", "map {n} is switched off: it is 0 and learns nothing").format(n=at + 1)
        lines = [
            QCoreApplication.translate("painters", "map {n} of {of} · row {row}, column {column}").format(
                n=at + 1, of=count(maps), row=row + 1, column=column + 1
            )
        ]
        for name, words in (
            ("pre_activation", QCoreApplication.translate("painters", "sum z {value}")),
            ("output", QCoreApplication.translate("painters", "output {value}")),
        ):
            values = reading.value(picture, name)
            if values is not None and values.shape == picture.output:
                lines.append(words.format(value=number(float(values[at, row, column]), signed=True)))
        slope = reading.gradient(picture)
        if slope is not None and slope.shape == picture.output:
            words = QCoreApplication.translate("painters", "gradient {value}")
            lines.append(words.format(value=number(float(slope[at, row, column]), signed=True)))
        return "\n".join(lines)

    # -- how it is drawn
    def paint(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme) -> None:
        if picture.face == "kernels" and filters.has(picture):
            shown_filters = filters.paint(painter, self._filters_room(rect), picture, cursor, theme)
            if shown_filters is not None:
                self._caption(painter, rect, shown_filters, theme, QCoreApplication.translate("painters", "kernels ▾"))
            return
        made = self.layout(picture)
        corner = self.corner(rect, made)
        shown = reading.shown(picture, cursor, scale)
        if shown is None:
            for at in range(made.maps):
                painter.fillRect(made.map_rect(corner, at), tools.hatch(theme, "waiting"))
        else:
            mosaic.paint(painter, corner, made, shown.values, shown.scale, theme)
            mask = reading.value(picture, "mask")
            if mask is not None and mask.shape == picture.output:  # what Dropout turned off is not a zero
                mosaic.veil(painter, corner, made, mask == 0, theme.color("card"))
            if made.cell * painter.worldTransform().m11() >= MARKED_FROM:
                mark_winners(painter, corner, made, winners(picture), theme)
            self._waiting(painter, corner, made, picture, cursor, theme)
            maps = picture.output[0] if picture.output else 0
            left = QCoreApplication.translate("painters", "{n} of {of}").format(n=made.maps, of=count(maps)) if maps > made.maps else ""
            if mask is not None:
                left = QCoreApplication.translate("painters", "{n} off").format(n=count(int(np.sum(mask == 0))))
            if not left and filters.has(picture):
                left = QCoreApplication.translate("painters", "maps ▾")
            self._caption(painter, rect, shown.scale, theme, left)
        for at in picture.off:
            box = self.map_rect(rect, picture, at)
            if box is not None:
                painter.fillRect(box, theme.color("card", 0.7))
                tools.cross(painter, box.adjusted(*(side * box.width() * 0.28 for side in (1, 1, -1, -1))), theme.color("text2"), 2)
        if picture.selected_unit is not None:
            box = self.map_rect(rect, picture, picture.selected_unit // (made.rows * made.columns))
            if box is not None:
                tools.ring(painter, box, theme.color("accent"), off=1.5 if made.gap >= 4 else 0.5, radius=2)

    def _filters_room(self, rect: QRectF) -> QRectF:
        return QRectF(rect.x() + 12, rect.y() + TOP, rect.width() - 24, ROOM)

    def _waiting(self, painter: QPainter, corner: QPointF, made: Mosaic, picture: Picture, cursor: Cursor | None, theme: Theme) -> None:
        """Hatch the pixels that a pass by single numbers has yet to come to: the rest of a row, the rows below, the maps behind."""
        if cursor is None or cursor.cell is None or not reading.waits(picture, cursor, cursor.cell + 1):
            return
        at, pixel = divmod(cursor.cell, made.rows * made.columns)
        row, column = divmod(pixel, made.columns)
        boxes = [made.map_rect(corner, behind) for behind in range(at + 1, made.maps)]
        if at < made.maps:
            box = made.map_rect(corner, at)
            below = box.y() + (row + 1) * made.cell
            boxes.append(QRectF(box.x(), below, box.width(), box.bottom() - below))
            right = box.x() + (column + 1) * made.cell
            boxes.append(QRectF(right, below - made.cell, box.right() - right, made.cell))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # whole pixels: half of one would tell its color
        for box in boxes:
            painter.fillRect(box, theme.color("card"))
            painter.fillRect(box, tools.hatch(theme, "waiting"))
        painter.restore()

    def _caption(self, painter: QPainter, rect: QRectF, scale: Scale, theme: Theme, words: str = "") -> None:
        """The scale with its ends: ``0 ▂▂▂ 3.24``."""
        size = tools.legible(painter, 10)
        if tools.too_small(painter, size) or scale.limit <= 0:
            return
        low, high = scale.ends()
        y = self.room(rect).bottom() - 9
        first, last = number(low, 3, trim=True), number(high, 3, trim=True)
        wide = tools.width(first, size) + tools.width(last, size) + 8
        bar = min(40.0, rect.width() - wide - 16)
        if bar < LEAST_BAR:  # then words alone
            ends = f"± {number(high, 2, trim=True)}" if scale.signed else f"{first} … {last}"
            tools.text(painter, rect.center().x(), y, ends, theme.color("text3"), size, align="center")
            return
        told = tools.width(words, size) + 10 if words else 0.0
        if words and wide + bar + told <= rect.width() - 12:
            tools.text(painter, rect.x() + 10, y, words, theme.color("text3"), size)
            left = rect.right() - 10 - wide - bar
        else:
            left = rect.center().x() - (wide + bar) / 2
        x = left + tools.text(painter, left, y, first, theme.color("text3"), size) + 4
        painter.drawImage(QRectF(x, y - 2, bar, 4), _ramp(theme, scale.ramp, scale.stretch))
        tools.text(painter, x + bar + 4, y, last, theme.color("text3"), size)
