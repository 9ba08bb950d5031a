"""One unit over the text: each symbol on the color of the unit's value there, line by line as one reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from playground.ui.canvas.unrolled import condition
from playground.ui.canvas.unrolled.board import FOOT, Board, View
from playground.ui.canvas.unrolled.painting import reading
from playground.ui.canvas.unrolled.reading import Strip, last_real
from playground.ui.canvas.unrolled.wording import NUMBER, fitting
from playground.ui.numbers import signed
from playground.ui.painters import stripes, tools
from playground.ui.theme import Theme

SIZE, MIDDLE_SIZE, LEAST_SIZE = 22.0, 18.0, 11.0
EDGE, TOP = 20.0, 40.0
NUMBERS, MOST_BARS, TALL_BARS, LEAST_BARS = 14.0, 220.0, 44.0, 12.0
"""Px for the numbers of steps below a line, and for the bars below these: only above tall ones letters
are larger than ``MIDDLE_SIZE``."""
GAP = 2.0
NUMBERED_FROM = 30.0
MANY = 4
"""From so many numbers at a step on, a cell has its step's number instead."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Letters of ``size`` px in cells ``wide`` by ``high``, ``columns`` of them a line, ``bars`` px for their values below; ``pitch`` from
    line to line."""

    size: float
    wide: float
    high: float
    columns: int
    bars: float
    pitch: float

    def cell(self, step: int) -> QRectF:
        line, column = divmod(step, self.columns)
        return QRectF(EDGE + column * self.wide, TOP + line * self.pitch, self.wide, self.high)


class Written(Board):
    """Cells of one width, as wide as the longest symbol needs, and as large as lets all of the text be seen."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, "unrolled_one_unit", parent)
        self.setAccessibleName(self.tr("The text, colored by one unit"))

    # -- where things are
    def _fits(self) -> Fit:
        """As large as lets all of the text be seen, with bars below each line that take what is left."""
        assert self.view is not None
        strip, room, high = self.view.strip, max(self.width() - 2 * EDGE, 40.0), self.height() - TOP - FOOT - 4
        size = SIZE
        while True:
            wide, cell = _cell_size(strip, size)
            columns = max(int(room // wide), 1)
            lines = -(-last_real(strip) // columns)
            bars = min(high / lines - cell - NUMBERS - 10, MOST_BARS)
            if size <= LEAST_SIZE or bars >= (LEAST_BARS if size <= MIDDLE_SIZE else TALL_BARS):
                bars = bars if bars >= LEAST_BARS else 0.0
                return Fit(size, wide, cell, columns, bars, cell + NUMBERS + (bars + 10 if bars else 0.0))
            size -= 1.0

    def cell(self, step: int) -> QRectF:
        """Where a step's symbol stands."""
        return self._fits().cell(step)

    @property
    def unit(self) -> int:
        """The unit on show: the selected one, else the first."""
        assert self.view is not None
        return self.view.strip.unit if self.view.strip.unit is not None else 0

    def entry_at(self, at: QPointF) -> tuple[int, int] | None:
        if self.view is None:
            return None
        fit = self._fits()
        column, line = int((at.x() - EDGE) // fit.wide), int((at.y() - TOP) // fit.pitch)
        step = line * fit.columns + column
        return (step, self.unit) if 0 <= column < fit.columns and line >= 0 and step < self.view.strip.steps else None

    # -- drawing
    def draw(self, painter: QPainter, view: View) -> None:
        theme, strip = self.theme, view.strip
        fit = self._fits()
        tools.text(painter, EDGE, 16, self.tr("unit {n}").format(n=self.unit + 1), theme.color("text"), 12, 600)
        x = EDGE + tools.width(self.tr("unit {n}").format(n=self.unit + 1), 12, 600) + 12
        words = self.tr("each symbol on the color of its value there · keys 1 to 9 or the list choose a unit")
        if strip.letters is None:
            names = strip.picture.data.feature_names if strip.picture.data is not None else ()
            features = strip.inputs.shape[1] if strip.inputs is not None else MANY
            read = ", ".join(names) if len(names) == features < MANY else self.tr("the input") if features < MANY else self.tr("the step")
            words = self.tr("in each cell {read}, below it the unit's value, which colors it").format(read=read)
        tools.text(painter, x, 16, words, theme.color("text3"), 10.5, room=self.width() - x - EDGE)
        holds = None if view.holds is None else view.holds[:, self.unit]
        for step in range(strip.steps):
            box = fit.cell(step)
            if box.bottom() > self.height() - FOOT or step >= -(-last_real(strip) // fit.columns) * fit.columns:
                break  # padding behind the last line of the text has none of its own
            padding = strip.mask is not None and strip.mask[step] == 0
            self._symbol(painter, view, step, box.adjusted(GAP / 2, 0, -GAP / 2, 0), fit.size, padding)
            if holds is not None and holds[step]:
                condition.bracket(painter, box.x() + 1, box.right() - 1, box.y() - 8, theme)
            if (strip.now is not None and strip.now[0] == step) or (strip.now is None and view.step == step):
                tools.ring(painter, box.adjusted(GAP / 2, 0, -GAP / 2, 0), theme.color("accent"), off=1, width=2, radius=3)
            if step % 10 == 9 or step % fit.columns == 0:
                tools.text(painter, box.center().x(), box.bottom() + 7, str(step + 1), theme.color("text3"), 10, align="center")
            if fit.bars and not padding and known_at(view, step, self.unit):
                self._bar(painter, view, step, QRectF(box.x(), box.bottom() + NUMBERS, box.width(), fit.bars))

    def _bar(self, painter: QPainter, view: View, step: int, box: QRectF) -> None:
        """The value as a length: up is plus, down is minus, from the line of zero; full at the scale's end."""
        assert view.row.values is not None
        value, scale, theme = float(view.row.values[step, self.unit]), view.row.scale, self.theme
        zero = box.center().y() if scale.signed else box.bottom()
        full = box.height() / 2 if scale.signed else box.height()
        if not np.isfinite(value):
            painter.fillRect(box, tools.hatch(theme, "nan"))
        elif scale.limit > 0:
            high = min(abs(value) / scale.limit, 1.0) * full
            bar = QRectF(box.x() + GAP, zero - high if value >= 0 else zero, box.width() - 2 * GAP, high)
            painter.fillRect(bar, tools.color_of(value, scale, theme))
            tools.frame(painter, bar, theme.color("line3")) if high >= 2 else None
        painter.fillRect(QRectF(box.x(), zero - 0.5, box.width(), 1), theme.color("line3"))

    def _symbol(self, painter: QPainter, view: View, step: int, box: QRectF, size: float, padding: bool) -> None:
        row, theme, strip = view.row, self.theme, view.strip
        known = known_at(view, step, self.unit)
        if padding or not known:
            stripes.waiting(painter, box, theme)
            ink = theme.color("off" if padding else "text2")
        else:
            assert row.values is not None
            color = tools.color_of(float(row.values[step, self.unit]), row.scale, theme)
            painter.fillRect(box, color)
            if row.scale.ramp == "err":
                painter.fillRect(box, tools.hatch(theme, "error"))
            ink = theme.ink(color.red(), color.green(), color.blue())
        middle = box.center()
        lines = words_of(strip, step, box.width() - 2)
        if padding:
            lines = ["·"]
        numbered = known and not padding and row.values is not None and box.width() >= NUMBERED_FROM and strip.letters is None
        letters = size if strip.letters is not None else NUMBER
        pitch = letters + 2
        lifted = 6 if numbered else 0
        for at, line in enumerate(lines):
            y = middle.y() - lifted + (at - (len(lines) - 1) / 2) * pitch
            tools.text(painter, middle.x(), y, line, ink, letters, 500, "center", room=box.width() - 2)
        if numbered:
            assert row.values is not None
            value = float(row.values[step, self.unit])
            told = "0.00" if abs(value) < 0.005 else signed(value, 2) if row.scale.signed else f"{value:.2f}"
            if tools.width(told, 10) <= box.width() - 2:
                tools.text(painter, middle.x(), box.bottom() - 8, told, ink, 10, align="center")


def known_at(view: View, step: int, unit: int) -> bool:
    """Whether there is a value, and a pass has come to it."""
    row = view.row
    return row.values is not None and (row.known is None or bool(row.known[step, unit]))


def words_of(strip: Strip, step: int, room: float) -> list[str]:
    """What is read at a step, in a line or a few of ``room`` px: the symbol, or up to three numbers; of more the step's own number."""
    if strip.letters is not None:
        return [strip.letters[step]]
    if strip.inputs is not None and strip.inputs.shape[1] < MANY:
        columns = (strip.inputs[:, at : at + 1] for at in range(strip.inputs.shape[1]))
        return [reading(column, step, room) or fitting(float(column[step, 0]), room) for column in columns]
    return [str(step + 1)]


def _cell_size(strip: Strip, size: float) -> tuple[float, float]:
    """Width and height of a cell whose letters are ``size`` px."""
    if strip.letters is not None:
        widest = max((tools.width(one, size, 500) for one in set(strip.letters)), default=size)
        return max(widest + 6 + GAP, size * 0.95), size + 12
    features = strip.inputs.shape[1] if strip.inputs is not None else 1
    return max(size * 2.4, 36.0), 14.0 + (13.0 * features if features < MANY else 14.0) + 4
