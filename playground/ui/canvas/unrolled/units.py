"""All units at once under the text: a row a unit, a column a step, every cell in the color of its value."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QWidget

from playground.ui.canvas.unrolled import condition, painting
from playground.ui.canvas.unrolled.board import FOOT, Board, View, activity, ordered
from playground.ui.canvas.unrolled.layout import LEAST_PITCH, MOST_PITCH, Layout
from playground.ui.numbers import number, short
from playground.ui.painters import stripes, tools
from playground.ui.theme import Theme

TOP = 44.0
LETTERS = 10.0
LABELS, ACTIVITY = 58.0, 70.0
OPENING, WIDEST, MOST_HIGH = 10.0, 52.0, 48.0
"""Px of a step at least where it opens, and at most; of a unit at most."""
NUMBERED = (34.0, 14.0)
NAMED_FROM = 9.5


class Units(Board):
    """The wheel moves through time, with Ctrl it makes steps wider or narrower. ``order`` says how units are sorted."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "unrolled_all_units", parent)
        self.order = np.zeros(0, int)
        self._pitch: float | None = None
        self._start = 0.0
        self._held: tuple[float, float] | None = None
        self.setAccessibleName(self.tr("All units under the text"))

    def show_view(self, view: View | None) -> None:
        if view is not None:
            if self.view is None or self.view.strip.steps != view.strip.steps:
                self._pitch, self._start = None, 0.0
            self.order = ordered(view)
        super().show_view(view)
        self._start = min(max(self._start, 0.0), self.across.last_start)

    # -- where things are
    @property
    def across(self) -> Layout:
        """The steps from left to right, as the strip has them."""
        steps = max(self.view.strip.steps, 1) if self.view is not None else 1
        room = max(self.width() - LABELS - ACTIVITY - 16, 40.0)
        pitch = self._pitch if self._pitch is not None else min(max(room / steps, OPENING), WIDEST)
        return Layout(self.width(), self.height(), 1, steps, 1, pitch, self._start, False, labels=LABELS, right=ACTIVITY + 16)

    @property
    def grid(self) -> QRectF:
        """All cells in sight."""
        units = max(len(self.order), 1)
        made = self.across
        high = min(self.height() - TOP - FOOT - 12, units * MOST_HIGH)
        return QRectF(made.left, TOP, min(made.room, made.steps * made.pitch), max(high, 8.0))

    @property
    def high(self) -> float:
        """Px of a unit's row."""
        return self.grid.height() / max(len(self.order), 1)

    def unit_rect(self, place: int) -> QRectF:
        """The row at a place from the top, whichever unit stands there."""
        grid, high = self.grid, self.high
        return QRectF(grid.x(), grid.y() + place * high, grid.width(), high)

    def cell(self, step: int, place: int) -> QRectF:
        row, made = self.unit_rect(place), self.across
        return QRectF(made.x(step), row.y(), made.pitch, row.height())

    def entry_at(self, at: QPointF) -> tuple[int, int] | None:
        grid = self.grid
        step = self.across.step_at(at.x())
        place = int((at.y() - grid.y()) / grid.height() * len(self.order)) if len(self.order) else -1
        if step is None or not grid.contains(at) or not 0 <= place < len(self.order):
            return None
        return step, int(self.order[place])

    def reveal(self, step: int) -> None:
        """Bring a step into sight."""
        made = self.across
        if made.scrolls and not made.start <= step <= made.start + made.room / made.pitch - 1:
            self._scroll_to(step - made.room / made.pitch / 2)

    # -- by hand
    def _scroll_to(self, start: float) -> None:
        self._start = min(max(start, 0.0), self.across.last_start)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        made, turns = self.across, event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            x = event.position().x()
            fixed = (x - made.left) / made.pitch + made.start
            least = max(min(made.room / made.steps, OPENING), LEAST_PITCH)
            self._pitch = min(max(made.pitch * 1.2 ** (turns.y() / 120), least), MOST_PITCH)
            self._scroll_to(fixed - (x - made.left) / self._pitch)
        else:
            self._scroll_to(self._start - (turns.x() or turns.y()) / 120 * max(1.0, 60 / made.pitch))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        made = self.across
        if made.scrolls and made.scroll_bar.adjusted(0, -4, 0, 6).contains(event.position()):
            self._held = event.position().x(), self._start
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            made = self.across
            free = made.scroll_bar.width() - made.scroll_grip.width()
            self._scroll_to(self._held[1] + (event.position().x() - self._held[0]) / max(free, 1.0) * made.last_start)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None

    # -- drawing
    def draw(self, painter: QPainter, view: View) -> None:
        self._names(painter, view)
        self._activity(painter, view)
        painter.save()
        painter.setClipRect(self.grid.adjusted(0, -TOP, 1, 2))
        self._letters(painter, view)
        self._cells(painter, view)
        painter.restore()
        made = self.across
        if made.scrolls:
            painter.setPen(Qt.PenStyle.NoPen)
            for box, color in ((self._bar(made.scroll_bar), "field"), (self._bar(made.scroll_grip), "line3")):
                painter.setBrush(self.theme.color(color))
                painter.drawRoundedRect(box, 4, 4)

    def _bar(self, box: QRectF) -> QRectF:
        return box.translated(0, self.grid.bottom() + 4 - self.across.scroll_bar.y())

    def _letters(self, painter: QPainter, view: View) -> None:
        made, theme = self.across, self.theme
        number_y = TOP - 6
        apart = next(by for by in (1, 5, 10, 20, 50, 100, 1000, 10_000) if by * made.pitch >= 26)
        for step in made.seen:
            x = made.x(step + 0.5)
            padding = view.strip.mask is not None and view.strip.mask[step] == 0
            if made.pitch >= NAMED_FROM:
                box = QRectF(made.x(step) + 0.5, LETTERS, made.pitch - 1, 18)
                painting.tile(painter, view.strip, step, box, padding, theme)
            if (step + 1) % apart == 0 or (step == 0 and apart > 1):
                tools.text(painter, x, number_y, str(step + 1), theme.color("text3"), 10, align="center")

    def _names(self, painter: QPainter, view: View) -> None:
        theme, high, top = self.theme, self.high, self.grid.y()
        found = np.flatnonzero(self.order == view.strip.unit) if view.strip.unit is not None else ()
        near = int(found[0]) if len(found) else None
        tools.text(painter, LABELS - 8, LETTERS + 9, self.tr("unit"), theme.color("text3"), 10.5, align="right")
        apart = max(1, int(np.ceil(NAMED_FROM / max(high, 0.1))))
        for place, unit in enumerate(self.order):
            chosen = place == near
            if not chosen and (place % apart or (near is not None and abs(place - near) < apart)):
                continue  # two names would touch
            y, color = top + (place + 0.5) * high, theme.color("text" if chosen else "text3")
            tools.text(painter, LABELS - 8, y, str(int(unit) + 1), color, 10.5, 600 if chosen else 400, "right")
            if chosen:
                painter.fillRect(QRectF(4, y - 1, 12, 2), theme.color("accent"))

    def _activity(self, painter: QPainter, view: View) -> None:
        """Beside each unit how active it is: the length of the bar is the mean size."""
        size, theme, grid, high = activity(view), self.theme, self.grid, self.high
        x = grid.right() + 8
        if size is None or not np.isfinite(size).all():
            return
        most = max(float(size.max()), 1e-12)
        tools.text(painter, x, LETTERS + 9, self.tr("mean |{of}|").format(of=view.row.gate), theme.color("text3"), 10.5)
        tools.text(painter, x, TOP - 7, "0", theme.color("text3"), 10)
        tools.text(painter, x + ACTIVITY - 14, TOP - 7, short(most), theme.color("text3"), 10, align="right")
        plain, chosen = theme.color("line3"), theme.color("text2")
        for place, unit in enumerate(self.order.tolist()):
            y = grid.y() + place * high + min(1.0, high * 0.15)
            box = QRectF(x, y, (ACTIVITY - 14) * float(size[unit]) / most, max(high - 2, 0.8))
            painter.fillRect(box, chosen if unit == view.strip.unit else plain)

    def _cells(self, painter: QPainter, view: View) -> None:
        made, row, theme, seen = self.across, view.row, self.theme, self.across.seen
        grid = self.grid
        if row.values is None or not len(seen):
            stripes.waiting(painter, grid, theme)
            return
        first, last = seen.start, seen.stop
        whole = QRectF(made.x(first), grid.y(), (last - first) * made.pitch, grid.height())
        values = np.asarray(row.values)[first:last, self.order]
        come = None if row.known is None else row.known[first:last, self.order]
        stripes.block(painter, whole, values, row.scale, theme, 0.0, come)
        high = self.high
        if made.pitch >= NUMBERED[0] and high >= NUMBERED[1]:
            self._numbers(painter, view)
        elif made.pitch >= 12 and high >= 12 and row.known is None:
            self._lines(painter, whole)
        if view.strip.mask is not None:
            stripes.padded(painter, whole, view.strip.mask[first:last], theme)
        for unit in view.strip.off:
            place = np.flatnonzero(self.order == unit)
            if len(place):
                row_of = self.unit_rect(int(place[0]))
                stripes.switched_off(painter, QRectF(whole.x(), row_of.y(), whole.width(), row_of.height()), 1, (0,), theme)
        self._marks(painter, view)
        if view.strip.unit is not None:
            place = int(np.flatnonzero(self.order == view.strip.unit)[0])
            tools.ring(painter, self.unit_rect(place), theme.color("accent"), off=0, width=1.5, radius=1)
        step = view.strip.now[0] if view.strip.now is not None else view.step
        if step is not None and step in seen:
            column = QRectF(made.x(step), LETTERS, made.pitch, grid.bottom() - LETTERS)
            tools.ring(painter, column, theme.color("accent"), off=0, width=1.5, radius=2)

    def _lines(self, painter: QPainter, whole: QRectF) -> None:
        """Cells that are large stand apart."""
        painter.setPen(tools.pen(self.theme.color("card"), 1.0))
        top, high = self.grid.y(), self.high
        for place in range(1, len(self.order)):
            y = top + place * high
            painter.drawLine(QPointF(whole.x(), y), QPointF(whole.right(), y))

    def _numbers(self, painter: QPainter, view: View) -> None:
        row, made = view.row, self.across
        assert row.values is not None
        for step in made.seen:
            for place, unit in enumerate(self.order):
                if row.known is None or row.known[step, unit]:
                    value = float(row.values[step, unit])
                    box = self.cell(step, place).adjusted(0.5, 0.5, -0.5, -0.5)
                    tools.value_cell(painter, box, value, row.scale, self.theme, 1, number(value, 2, row.scale.signed))

    def _marks(self, painter: QPainter, view: View) -> None:
        if view.holds is None:
            return
        made, seen = self.across, self.across.seen
        for first, last in condition.runs(view.holds.any(axis=1)):
            if last > seen.start and first < seen.stop:
                condition.bracket(painter, made.x(first) + 0.5, made.x(last) - 0.5, 1.0, self.theme)
        high, top = self.high, self.grid.y()
        if high >= condition.FRAMED_FROM and made.pitch >= condition.FRAMED_FROM:
            for place, unit in enumerate(self.order):
                for first, last in condition.runs(view.holds[:, unit]):
                    if last > seen.start and first < seen.stop:
                        box = QRectF(made.x(first), top + place * high, made.pitch * (last - first), high)
                        condition.frame_of(painter, box, self.theme)
