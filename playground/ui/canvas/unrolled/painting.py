"""Draws an unrolled node: tiles of what is read, a row a gate, the ribbon of the cell state, the arrows from step to step."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF, QRegion

from playground.anim.scale import Scale, greatest
from playground.anim.time_cells import REVERSE
from playground.ui.canvas.unrolled import answer_row, condition
from playground.ui.canvas.unrolled.condition import Wanted
from playground.ui.canvas.unrolled.layout import TILES_FROM, Layout
from playground.ui.canvas.unrolled.reading import Strip
from playground.ui.numbers import MINUS, short, signed
from playground.ui.painters import stripes, tools
from playground.ui.painters.course import Row
from playground.ui.painters.gate_words import gate_words
from playground.ui.theme import Theme

TILE, NUMBER_TILE = QRectF(0, 0, 32, 30), 40.0
MOST_READ = 2
"""So many numbers of a step are printed in its tile; of more there is the column alone."""


def paint(
    painter: QPainter, strip: Strip, layout: Layout, theme: Theme, focus: int | None, chosen: int | None, wanted: Wanted | None = None
) -> None:
    """All but the way back. ``focus`` is the row that is shown by itself, ``chosen`` the step that is explained; where ``wanted`` holds is
    marked."""
    rows = strip.rows if focus is None else (strip.rows[focus],)
    _column(painter, strip, layout, theme, chosen)
    _labels(painter, strip, rows, layout, theme)
    painter.save()
    painter.setClipRect(layout.sight)
    _tiles(painter, strip, layout, theme)
    columns = _columns(layout)
    for at, row in enumerate(rows):
        if columns is not None and row.gate != "c":
            painter.save()
            painter.setClipRegion(columns, Qt.ClipOperation.IntersectClip)
            _row(painter, strip, layout, theme, at, row)
            painter.restore()
        else:
            _row(painter, strip, layout, theme, at, row)
        if row.gate == "h":
            _arrows(painter, strip, layout, theme, at)
        holds = wanted.holds(row, strip.mask) if wanted is not None else None
        if holds is not None:
            condition.paint(painter, strip, layout, theme, at, holds)
    if layout.answers:
        answer_row.paint(painter, strip, layout, theme)
    painter.restore()
    _scroll(painter, layout, theme)


def _column(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, chosen: int | None) -> None:
    """The step at hand, or the one that is explained."""
    step = strip.now[0] if strip.now is not None else chosen
    if step is not None and step in layout.seen:
        box = QRectF(layout.x(step), layout.tiles.top(), max(layout.pitch, 3.0), layout.height - layout.tiles.top() - 18)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent_soft"))
        painter.drawRoundedRect(box.intersected(layout.sight), 4, 4)


def _labels(painter: QPainter, strip: Strip, rows: tuple[Row, ...], layout: Layout, theme: Theme) -> None:
    wide = layout.left >= 120
    middle = layout.tiles.center().y()
    tools.text(painter, 14, middle, QCoreApplication.translate("unrolled", "input"), theme.color("text2"), 12)
    tools.symbol(
        painter, 14 + tools.width(QCoreApplication.translate("unrolled", "input"), 12) + 8, middle, "x", "t", theme.color("text2"), 14
    )
    for at, row in enumerate(rows):
        box = layout.row(at)
        color = theme.color("err" if row.error else "text")
        size = min(max(box.height() * 0.5, 9.0), 15.0)
        sign = "∂" if row.error else ""
        if sign:
            tools.text(painter, 5, box.center().y(), sign, color, 12)
        tools.symbol(painter, 16, box.center().y(), row.gate, "t", color, size)
        if wide and box.height() >= 12:
            bold = 600 if row.gate == "c" else 400
            tools.text(painter, 42, box.center().y(), words(row.gate), theme.color("text2"), 12, bold, room=layout.left - 50)
    if layout.answers:
        answer_row.label(painter, strip, layout, theme)


def words(gate: str) -> str:
    """What a row is, in words."""
    return QCoreApplication.translate("unrolled", "output") if gate == "h" else gate_words(gate)


# -- the inputs
def _tiles(painter: QPainter, strip: Strip, layout: Layout, theme: Theme) -> None:
    if layout.pitch < TILES_FROM:
        _ticks(painter, layout, theme)
        return
    for step in layout.seen:
        padding = strip.mask is not None and strip.mask[step] == 0
        below = layout.pitch < 64  # the step's number stands below its tile, not beside it
        place = QPointF(layout.x(step + 0.5), layout.tiles.center().y() - (6 if below else 0))
        box = QRectF(TILE)
        read = strip.letters is None and strip.inputs is not None and strip.inputs.shape[1] <= MOST_READ
        box.setWidth(min(NUMBER_TILE if read else TILE.width(), layout.pitch - 3))
        box.setHeight(min(TILE.height(), layout.tiles.height() - (16 if below else 8)))
        box.moveCenter(place)
        if layout.pitch >= 22:
            painter.setPen(tools.pen(theme.color("line3" if strip.now is None or strip.now[0] != step else "text"), 1.0))
            painter.setBrush(theme.color("card"))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        tile(painter, strip, step, box, padding, theme)
        if not below:
            tools.text(painter, box.right() + 5, box.bottom() - 4, str(step + 1), theme.color("text3"), 10.5)
        elif layout.pitch >= 22 or step % 5 == 4 or step == 0:
            tools.text(painter, place.x(), layout.tiles.bottom() - 4, str(step + 1), theme.color("text3"), 10, align="center")


def tile(painter: QPainter, strip: Strip, step: int, box: QRectF, padding: bool, theme: Theme) -> None:
    """What is read at a step, in ``box``: its symbol, its number, or its numbers as a column."""
    ink = theme.color("off" if padding else "text")
    if strip.letters is not None:
        told = strip.letters[step] if not padding else "·"
        size = 14.0 if tools.width(told, 14, 600) <= box.width() - 2 and box.height() >= 18 else 10.5
        tools.text(painter, box.center().x(), box.center().y(), told, ink, size, 600, "center", room=max(box.width(), 8))
    elif strip.inputs is not None and strip.inputs.shape[1] == 1:
        told = reading(strip.inputs, step, box.width() - 4)
        if told:
            tools.text(painter, box.center().x(), box.center().y(), told, ink, 11, 500, "center")
        else:
            inner = box.adjusted(1, 1, -1, -1)
            painter.fillRect(inner, tools.color_of(float(strip.inputs[step, 0]), Scale(limit=greatest(strip.inputs), ramp="div"), theme))
    elif strip.inputs is not None:
        inner = box.adjusted(3, 3, -3, -3) if box.width() > 12 else box
        _column_of(painter, inner, strip.inputs, step, theme)
        if padding:
            painter.fillRect(inner, theme.color("card", 0.75))


def _column_of(painter: QPainter, box: QRectF, inputs: np.ndarray, step: int, theme: Theme) -> None:
    """The numbers (T, F) of a step, one above the other; printed where there are few and all of them have room."""
    scale, high = Scale(limit=greatest(inputs), ramp="div"), box.height() / inputs.shape[1]
    stripes.block(painter, box, np.asarray(inputs[step])[None, :], scale, theme)
    told = [reading(inputs[:, at : at + 1], step, box.width() - 2) for at in range(inputs.shape[1])] if high >= 11 else []
    if len(told) > MOST_READ or not all(told):
        return
    for at, words in enumerate(told):
        under = tools.color_of(float(inputs[step, at]), scale, theme)
        y = box.y() + (at + 0.5) * high
        tools.text(painter, box.center().x(), y, words, theme.ink(under.red(), under.green(), under.blue()), 10.5, 500, "center")


def reading(inputs: np.ndarray, step: int, room: float) -> str:
    """The number that is read, with as many decimals as there is room for in every tile; ``""`` where there is none."""
    limit, sign = max(greatest(inputs), 0.1), MINUS if np.nanmin(inputs, initial=0.0) < 0 else ""
    for decimals in (0,) if np.array_equal(inputs, np.rint(inputs)) else (2, 1):
        if tools.width(f"{sign}{limit:.{decimals}f}", 11, 500) <= room and limit >= 10.0**-decimals:
            told = f"{float(inputs[step, 0]):.{decimals}f}"
            return told.removeprefix("-") if not float(told) else told.replace("-", MINUS)
    return ""


def _ticks(painter: QPainter, layout: Layout, theme: Theme) -> None:
    """Numbers of steps, some way apart, where they are too narrow for tiles."""
    apart = next(by for by in (5, 10, 20, 50, 100, 200, 500, 1000, 10_000) if by * layout.pitch >= 34)
    for step in layout.seen:
        if (step + 1) % apart == 0 or step == 0:
            x = layout.x(step + 0.5)
            painter.fillRect(QRectF(x, layout.tiles.bottom() - 6, 1, 4), theme.color("line3"))
            tools.text(painter, x, layout.tiles.bottom() - 14, str(step + 1), theme.color("text3"), 10.5, align="center")


# -- the rows
def _columns(layout: Layout) -> QRegion | None:
    """What the pictures of the steps in sight have, with nothing between them; ``None`` where they touch."""
    if not layout.gap:
        return None
    found = QRegion()
    for step in layout.seen:
        found += layout.cell(0, step).toAlignedRect().adjusted(0, -int(layout.height), 0, int(layout.height))
    return found


def _row(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, at: int, row: Row) -> None:
    box, ribbon, seen = layout.row(at), row.gate == "c", layout.seen
    if row.values is None or not len(seen):
        stripes.waiting(painter, box, theme)
        return
    first, last = seen[0], seen[-1] + 1
    whole = QRectF(layout.x(first), box.y(), (last - first) * layout.pitch, box.height())
    values = row.values[first:last]
    come = None if row.known is None else row.known[first:last]
    if strip.unit is not None and layout.splits(strip.unit):
        _split(painter, strip, layout, theme, at, row, ribbon)
    else:
        stripes.block(painter, whole, values, row.scale, theme, 0.0, come)
        if strip.unit is not None:
            stripe = layout.unit_rect(box, strip.unit, None)
            tools.ring(painter, stripe, theme.color("accent"), off=0, width=1.2, radius=1)
    if strip.mask is not None:
        stripes.padded(painter, whole, strip.mask[first:last], theme)
    for unit in set(strip.off) - ({strip.unit} if strip.unit is not None and layout.splits(strip.unit) else set()):
        stripes.switched_off(painter, _across(whole, layout.unit_rect(box, unit, strip.unit)), 1, (0,), theme)
    if ribbon:
        tools.frame(painter, whole.intersected(box.adjusted(0, -1, 0, 1)), theme.color("line3"))
        _end(painter, strip, layout, theme, box)


def _across(whole: QRectF, stripe: QRectF) -> QRectF:
    """The part of a row that a unit's stripe takes of the steps in sight."""
    return QRectF(whole.x(), stripe.y(), whole.width(), stripe.height())


def _split(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, at: int, row: Row, ribbon: bool) -> None:
    """The chosen unit's stripe stands out between those of the others, with its number in every step."""
    unit, seen = strip.unit, layout.seen
    assert unit is not None
    assert row.values is not None
    first, last = seen[0], seen[-1] + 1
    box = layout.row(at)
    stripe = layout.unit_rect(box, unit, unit)
    for low, high, top, bottom in ((0, unit, box.top(), stripe.top()), (unit + 1, strip.units, stripe.bottom(), box.bottom())):
        if high > low:
            part = QRectF(layout.x(first), top, (last - first) * layout.pitch, bottom - top)
            come = None if row.known is None else row.known[first:last, low:high]
            stripes.block(painter, part, row.values[first:last, low:high], row.scale, theme, 0.0, come)
    for step in seen:
        cell = layout.cell(at, step, ribbon)
        cell = QRectF(cell.x(), stripe.y(), cell.width(), stripe.height())
        if row.known is not None and not row.known[step, unit]:
            stripes.waiting(painter, cell, theme)
        else:
            value = float(row.values[step, unit])
            words = _number(value, row, cell.width())
            tools.value_cell(painter, cell, value, row.scale, theme, 0, words if unit not in strip.off else "")
            if unit in strip.off:
                _pale(painter, cell, words or short(value, row.scale.signed), theme)
        if strip.now == (step, unit) and _is_now(strip, row):
            tools.ring(painter, cell, theme.color("err" if row.error else "accent"), off=0.5, width=2, radius=2)


def _pale(painter: QPainter, cell: QRectF, words: str, theme: Theme) -> None:
    """A cell of a unit that is switched off, and its number, which can still be read."""
    painter.fillRect(cell, theme.color("card", 0.7))
    if tools.width(words, 11, 500) <= cell.width() - 3:
        tools.text(painter, cell.center().x(), cell.center().y(), words, theme.color("text2"), 11, 500, "center")


def _number(value: float, row: Row, room: float) -> str | None:
    """With two decimals, where that suits the whole row; ``None``: as short as it can be said."""
    if row.error or not 0.1 <= row.scale.limit < 100 or room < 34:
        return None
    if abs(value) < 0.005:  # what others have behind their two decimals counts as little here
        return "0.00"
    return signed(value, 2) if row.scale.signed else f"{value:.2f}"


def _is_now(strip: Strip, row: Row) -> bool:
    """Whether the cell at which the pass stands is one of this row."""
    place = strip.cursor.place if strip.cursor is not None else None
    if place is None or not place[1]:
        return False
    name, first = row.place
    return place[0] == name and first <= place[1][1] < first + strip.units


def _arrows(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, at: int) -> None:
    """From the state of a step to the step that reads it, in the gap between them; on the way back against it."""
    if layout.gap < 8:
        return
    back = strip.phase == "backward" and strip.rows[0].error
    falling = (strip.end == REVERSE) != back
    y = layout.row(at).center().y()
    for step in layout.seen:
        if step + 1 >= strip.steps:
            continue
        left, right = layout.x(step + 1) - layout.gap / 2 + 1, layout.x(step + 1) + layout.gap / 2 - 1
        start, end = (QPointF(right, y), QPointF(left, y)) if falling else (QPointF(left, y), QPointF(right, y))
        lit = strip.now is not None and strip.now[0] == (step if falling else step + 1)
        tools.arrow(painter, start, end, theme.color("err" if back else "accent" if lit else "wire"), 1.8 if lit else 1.2)


def _end(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, box: QRectF) -> None:
    """The ribbon goes on: an open head where it leaves."""
    back = strip.rows[0].error
    falling = (strip.end == REVERSE) != back
    right = min(layout.x(strip.steps), layout.left + layout.room)
    x, way = (layout.x(0) - 3, -1) if falling else (right + 3, 1)
    if falling and layout.start > 0:
        x = layout.left - 3
    y, tall = box.center().y(), min(box.height() / 3, 8.0)
    painter.setPen(tools.pen(theme.color("err" if back else "text2"), 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF([QPointF(x, y - tall), QPointF(x + way * 7, y), QPointF(x, y + tall)]))


def _scroll(painter: QPainter, layout: Layout, theme: Theme) -> None:
    if not layout.scrolls:
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("field"))
    painter.drawRoundedRect(layout.scroll_bar, 4, 4)
    painter.setBrush(theme.color("line3"))
    painter.drawRoundedRect(layout.scroll_grip, 4, 4)
    first, last = layout.seen[0] + 1, layout.seen[-1] + 1
    told = QCoreApplication.translate("unrolled", "{first} to {last} of {all}").format(first=first, last=last, all=layout.steps)
    tools.text(
        painter, layout.left - 10, layout.scroll_bar.center().y(), told, theme.color("text3"), 10.5, align="right", room=layout.left - 14
    )
