"""A recurrent node, folded: its gates and states through time, steps to the right and units down, with the loop from step to step."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.anim.time_cells import REVERSE
from playground.ui.numbers import number
from playground.ui.painters import course, stripes, tools
from playground.ui.painters.base import Picture
from playground.ui.painters.course import Row
from playground.ui.painters.gate_words import gate_words
from playground.ui.theme import Theme

WIDE, NARROW = 196.0, 120.0
"""Of a card with gates, and of a plain one."""
TALL, LOW = 214.0, 164.0
"""The body of an LSTM, whose rows are six, and of the others."""
TOP, BOTTOM = 9.0, 17.0
"""Px over the rows, and for the words below the loop: these grow on a card that is drawn small."""
LABELS, ARROWED, RIGHT = 27.0, 33.0, 12.0
"""Px for the letters before the rows, for those with an arrow behind them where it reads backward, and to the right."""
MOST_STEP, GAP = 22.0, 2.0
"""Px of a step where there are few (twelve fill a card at 11), and between steps."""
ROW_GAP = 3.0
LETTER = 12.0
"""Px between a row and its letter: the loop's arrow comes in there."""
LOOP, LOOP_ALONE = 5.5, 9.0
"""How far the loop runs from the pictures; of a row that is alone."""
MARK = 3.0
LOW_ROW = 40.0
"""Least height of a row that is alone, however few its units."""


class RecurrentPainter:
    """Rows in fixed order (i f g o c h, z r n h, or h), the cell state as one ribbon without gaps. Long sequences become a heat map."""

    def size(self, picture: Picture) -> QSizeF:
        several = len(course.names(picture))
        if several == 1:
            return QSizeF(NARROW, LOW)
        return QSizeF(WIDE, TALL if several > 4 else LOW)

    # -- where things are
    def grid(self, rect: QRectF, picture: Picture) -> tuple[QRectF, float, float, float]:
        """The box of all rows, a row's height and pitch, and the gap between steps."""
        names, steps = course.names(picture), max(course.steps(picture), 1)
        several = len(names)
        left = 18.0 if several == 1 else ARROWED if names[-1][1] == REVERSE else LABELS
        right = RIGHT if several > 1 else 18.0
        top = TOP if several > 1 else 22.0
        room = QRectF(rect.x() + left, rect.y() + top, rect.width() - left - right, rect.height() - top - BOTTOM - LOOP)
        pitch = min(MOST_STEP + GAP, (room.width() + GAP) / steps)
        gap = GAP if pitch >= 8 else 1.0 if pitch >= 5 else 0.0
        wide = min(pitch * steps - gap, room.width())
        if several == 1:  # alone it stands in the middle, as high as its units ask for
            high = min(max(7.0 * course.units(picture), LOW_ROW), room.height() - 26)
            return QRectF(room.center().x() - wide / 2, room.y() + (room.height() - 26 - high) / 2 + 4, wide, high), high, high, gap
        row = (room.height() + ROW_GAP) / several
        return QRectF(room.x(), room.y(), wide, room.height()), row - ROW_GAP, row, gap

    def row_rect(self, rect: QRectF, picture: Picture, at: int) -> QRectF:
        """Where row ``at`` is drawn."""
        box, high, pitch, _ = self.grid(rect, picture)
        return QRectF(box.x(), box.y() + at * pitch, box.width(), high)

    def cell_rect(self, rect: QRectF, picture: Picture, at: int, step: int, unit: int) -> QRectF:
        """Where a unit of row ``at`` is drawn at a step."""
        box = self.row_rect(rect, picture, at)
        wide, high = box.width() / course.steps(picture), box.height() / course.units(picture)
        return QRectF(box.x() + step * wide, box.y() + unit * high, wide, high)

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        found = course.unit_of(picture, unit)
        if found is None or not course.steps(picture) or picture.output is None or not 0 <= unit < math.prod(picture.output):
            return None
        end, step, column = found
        if step is None:
            step = 0 if end == REVERSE else course.steps(picture) - 1
        return self.cell_rect(rect, picture, course.names(picture).index(("h", end)), step, column)

    def entry_at(self, rect: QRectF, picture: Picture, point: QPointF) -> tuple[int, int, int] | None:
        """Row, step and unit under the pointer."""
        if not course.steps(picture):
            return None
        for at in range(len(course.names(picture))):
            box = self.row_rect(rect, picture, at)
            if box.contains(point):
                step = int((point.x() - box.x()) / box.width() * course.steps(picture))
                unit = int((point.y() - box.y()) / box.height() * course.units(picture))
                return at, min(step, course.steps(picture) - 1), min(unit, course.units(picture) - 1)
        return None

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        found = self.entry_at(rect, picture, point)
        return None if found is None else course.entry_of(picture, course.names(picture)[found[0]][1], *found[1:])

    def cell_at(self, rect: QRectF, picture: Picture, point: QPointF) -> tuple[str, tuple[int, int]] | None:
        """The value under the pointer, and its step and unit."""
        found = self.entry_at(rect, picture, point)
        return None if found is None else ("".join(course.names(picture)[found[0]]), found[1:])

    def place_rect(self, rect: QRectF, picture: Picture, name: str, index: tuple[int, ...]) -> QRectF | None:
        """A gate's or state's cell, that of its sum too; of the output where its state is drawn."""
        found = course.row_of(picture, name, index)
        if found is None:
            return None
        gate, end, step, unit = found
        return self.cell_rect(rect, picture, course.names(picture).index((gate, end)), step, unit)

    # -- what it says
    def tip(self, picture: Picture, unit: int | None) -> str:
        return QCoreApplication.translate(
            "painters", "{steps} steps to the right, {units} units down. Double-click or U: one step after the other"
        ).format(steps=course.steps(picture), units=course.units(picture))

    def tip_at(self, rect: QRectF, picture: Picture, cursor: Cursor | None, point: QPointF) -> str:
        """The number under the pointer."""
        found = self.entry_at(rect, picture, point)
        if found is None:
            return ""
        at, step, unit = found
        row = course.rows(picture, cursor, Scale())[at]
        if row.values is None:
            return ""
        place = QCoreApplication.translate("painters", "step {step}, unit {unit}").format(step=step + 1, unit=unit + 1)
        if row.known is not None and not row.known[step, unit]:
            told = QCoreApplication.translate("painters", "not computed yet")
        else:
            told = number(float(row.values[step, unit]), signed=row.scale.signed)
        name = gate_name(row)
        if unit in course.off(picture, row.end):
            return f"{name}, {place}: {told}\n{switched_off(unit)}"
        padding = course.mask(picture)
        more = (
            "\n" + QCoreApplication.translate("painters", "padding: the state is carried on")
            if padding is not None and not padding[step]
            else ""
        )
        return f"{name}, {place}: {told}{more}"

    # -- drawing
    def paint(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme) -> None:
        box, _, _, gap = self.grid(rect, picture)
        if not course.steps(picture):
            stripes.waiting(painter, box, theme)
            return
        mask, several = course.mask(picture), len(course.names(picture)) > 1
        self._loop(painter, rect, picture, theme)
        for at, row in enumerate(course.rows(picture, cursor, scale)):
            place = self.row_rect(rect, picture, at)
            ribbon = row.gate == "c"
            if row.values is None:
                stripes.waiting(painter, place, theme)
            else:
                stripes.block(painter, place, row.values, row.scale, theme, 0.0 if ribbon else gap, row.known)
                stripes.padded(painter, place, mask, theme)
                stripes.switched_off(painter, place, course.units(picture), course.off(picture, row.end), theme)
            if ribbon:
                tools.frame(painter, place, theme.color("line3"))
            if several:
                self._label(painter, place, row, theme)
        self._selected(painter, rect, picture, theme)
        self._foot(painter, rect, picture, cursor, theme)

    def _label(self, painter: QPainter, place: QRectF, row: Row, theme: Theme) -> None:
        if place.height() >= 9:
            arrow = "" if not row.end else "←"
            tools.symbol(
                painter, place.x() - LETTER, place.center().y(), row.gate, arrow, theme.color("text2"), min(13, place.height()), "right"
            )

    def loop(self, rect: QRectF, picture: Picture) -> list[QPointF]:
        """From the state's end back to its beginning: what a step makes, the next one reads."""
        names = course.names(picture)
        at = names.index(("h", names[-1][1]))
        first = self.row_rect(rect, picture, 0) if len(names) == 1 else self.row_rect(rect, picture, at)
        alone = len(names) == 1
        off = LOOP_ALONE if alone else LOOP
        right, left = first.right() + off, first.x() - off
        y = first.y() - off if alone else first.bottom() + off
        start, end = QPointF(first.right() + 1, first.center().y()), QPointF(first.x() - 1, first.center().y())
        if names[-1][1] == REVERSE:
            start, end, right, left = end, start, left, right
        return [start, QPointF(right, start.y()), QPointF(right, y), QPointF(left, y), QPointF(left, end.y()), end]

    def _loop(self, painter: QPainter, rect: QRectF, picture: Picture, theme: Theme) -> None:
        path = self.loop(rect, picture)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(tools.pen(theme.color("wire"), 1.2))
        painter.drawPolyline(QPolygonF(path[:-1]))
        tools.arrow(painter, path[-2], path[-1], theme.color("wire"), 1.2)

    def _selected(self, painter: QPainter, rect: QRectF, picture: Picture, theme: Theme) -> None:
        """The chosen unit in every row of its direction: a tick on either side of its stripe, a frame where that can be seen."""
        found = course.unit_of(picture, picture.selected_unit)
        if found is None:
            return
        end, _, unit = found
        color = theme.color("accent")
        for at, (_, way) in enumerate(course.names(picture)):
            if way != end:
                continue
            place = self.row_rect(rect, picture, at)
            high = place.height() / course.units(picture)
            stripe = QRectF(place.x(), place.y() + unit * high, place.width(), high)
            if high >= 3:
                tools.ring(painter, stripe, color, off=0, width=1.2, radius=1)
            for x in (place.x() - 6, place.right() + 2):
                painter.fillRect(QRectF(x, stripe.center().y() - 1.5, 4, 3), color)

    def _foot(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, theme: Theme) -> None:
        """The step at hand as a bar below the rows; in words what lies where, or which error is shown."""
        box, _, _, _ = self.grid(rect, picture)
        now = course.present(picture, cursor)
        if now is not None:
            wide = box.width() / course.steps(picture)
            y = box.bottom() + ((LOOP - MARK) / 2 if len(course.names(picture)) > 1 else 5)  # between the rows and the loop
            token = "err" if course.is_back(picture, cursor) else "accent"
            painter.fillRect(QRectF(box.x() + now[1] * wide, y, max(wide, 3.0), MARK), theme.color(token))
        middle, words = rect.bottom() - 7.0, QCoreApplication.translate("painters", "steps →  units ↓")
        if course.is_back(picture, cursor):
            words = QCoreApplication.translate("painters", "errors: ∂L by each")
            if tools.width(words, tools.legible(painter, 10)) > rect.width() - 12:
                words = QCoreApplication.translate("painters", "∂L by each")
        elif now is not None:
            words = QCoreApplication.translate("painters", "step {n} of {all}").format(n=now[1] + 1, all=course.steps(picture))
        elif len(course.gates(picture)) > 4 and course.value(picture, "c", course.names(picture)[-1][1]) is not None:
            words += f"   c ±{number(self._limit(picture), 2)}"
        size = tools.legible(painter, 10)
        tools.text(painter, rect.center().x(), middle, words, theme.color("text3"), size, align="center", room=rect.width() - 12)

    def _limit(self, picture: Picture) -> float:
        found = [course.value(picture, "c", end) for gate, end in course.names(picture) if gate == "c"]
        return max((float(np.nanmax(np.abs(one))) for one in found if one is not None and one.size), default=0.0)


def switched_off(unit: int) -> str:
    """What is said of a unit that is."""
    off = QCoreApplication.translate("painters", "unit {n} is switched off: it answers 0, also to its own layer, and learns nothing")
    return off.format(n=unit + 1)


def gate_name(row: Row) -> str:
    """What a row is called in words."""
    words = gate_words(row.gate)
    words = f"{words} {row.gate}" if words != row.gate else words
    if row.error:
        words = QCoreApplication.translate("painters", "error of {what}").format(what=words)
    return f"{words} ←" if row.end else words
