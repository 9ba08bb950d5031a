"""The sum of the lens: the products laid end to end, what each channel adds, and the lines from the sum to the pixel."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from playground.anim.account import Number
from playground.anim.scale import Scale, greatest
from playground.layers.functions import FUNCTIONS
from playground.ui.canvas.lens.layout import Parts
from playground.ui.canvas.lens.look import Look, grid_words, in_units, tr, unit_of
from playground.ui.canvas.lens.reading import Lens
from playground.ui.explain.tokens import HIDDEN
from playground.ui.numbers import count
from playground.ui.painters import tools

BAR = 14.0
LINE = 24.0


class LensSum:
    """Draws the right half of one position."""

    def __init__(self, painter: QPainter, shown: Lens, parts: Parts, look: Look) -> None:
        self.p, self.shown, self.parts, self.look = painter, shown, parts, look
        self.error = shown.phase != "forward"
        self.written: dict[str, str] = {}
        """The column of lines and the pixel, as drawn."""

    def paint(self) -> None:
        if self.parts.bar.height() > 0:
            self._bar()
        if self.parts.channels.height() > 0:
            self._channels()
        self._column()

    def _color(self, value: float) -> str:
        if self.error:
            return "err" if value >= 0 else "err_neg"
        return "pos" if value >= 0 else "neg"

    def _bar(self) -> None:
        """The products laid end to end: plus to the right of zero, minus to the left; a mark where they end up together."""
        shown, theme, box = self.shown, self.look.theme, self.parts.bar
        terms = shown.products[self.look.plane]
        terms = terms[np.isfinite(terms)]
        plus, minus = np.sort(terms[terms > 0])[::-1], np.sort(terms[terms < 0])
        reach = float(plus.sum() - minus.sum()) or 1.0
        words = tr("Sum of the {n} products").format(n=count(terms.size)) if shown.kernel is not None else tr("Sum of the errors")
        total = float(terms.sum())
        told = self.look.figures.one(total, signed=True)
        if shown.kernel is None and tools.width(words, 11, 500) + 10 + tools.width(told, 11, 600) > box.width():
            words = tr("Sum")  # of the errors whose grid stands above it
        self.written["bar"] = words
        tools.text(self.p, box.x(), box.y() + 7, words, theme.color("text2"), 11, 500)
        line = QRectF(box.x(), box.y() + 18, box.width(), BAR)
        zero = line.x() - float(minus.sum()) / reach * line.width()
        self.p.fillRect(line, theme.color("field"))
        for values, way in ((plus, 1.0), (minus, -1.0)):
            x = zero
            for value in values:
                wide = abs(float(value)) / reach * line.width()
                part = QRectF(x if way > 0 else x - wide, line.y(), wide, line.height())
                scale = Scale(limit=greatest(shown.products), ramp="err" if self.error else "div")
                self.p.fillRect(part, tools.color_of(float(value), scale, theme))
                if wide > 3:
                    self.p.fillRect(QRectF(part.right() - 0.5, part.y(), 1, part.height()), theme.color("panel"))
                x += way * wide
        self.p.fillRect(QRectF(zero - 0.5, line.y() - 3, 1, line.height() + 6), theme.color("text"))
        y = line.bottom() + 8
        used = rest = 0.0
        if minus.size:
            words_minus = self.look.figures.one(float(minus.sum()), signed=True)
            used = tools.text(self.p, line.x(), y, words_minus, theme.color(self._color(-1)), 10.5)
        if plus.size:
            words_plus = self.look.figures.one(float(plus.sum()), signed=True)
            rest = tools.text(self.p, line.right(), y, words_plus, theme.color(self._color(1)), 10.5, align="right")
        if line.x() + used + 9 < zero < line.right() - rest - 9:
            tools.text(self.p, zero, y, "0", theme.color("text3"), 10.5, align="center")
        if not self.look.hidden:
            at = zero + total / reach * line.width()
            wide = tools.width(told, 11, 600)
            left = min(max(at - wide / 2, line.x() + tools.width(words, 11, 500) + 10), line.right() - wide)
            tools.text(self.p, left, box.y() + 7, told, theme.color("text"), 11, 600)
            self.p.setPen(Qt.PenStyle.NoPen)
            self.p.setBrush(theme.color("text"))
            self.p.drawPolygon([QPointF(at - 4, line.y() - 5), QPointF(at + 4, line.y() - 5), QPointF(at, line.y())])

    def _channels(self) -> None:
        """What each channel adds, one by one: those added up so far are solid, the one on show is ringed."""
        shown, theme, box = self.shown, self.look.theme, self.parts.channels
        reach = float(np.abs(np.nan_to_num(shown.subtotals)).max()) or 1.0
        words = tr("channels, {n} of {of} added").format(n=self.look.added, of=len(shown.planes))
        if unit_of(reach) != 1:
            words += f" · {in_units(unit_of(reach))}"
        tools.text(self.p, box.x(), box.y() + 6, words, theme.color("text2"), 11, 500)
        told, _ = grid_words(shown.subtotals.tolist(), reach, channel_rect(self.parts, len(shown.planes), 0).width(), (10.0,))
        for at, value in enumerate(shown.subtotals):
            cell = channel_rect(self.parts, len(shown.planes), at)
            self.p.fillRect(cell, theme.color("field"))
            middle = cell.center().y()
            if at < self.look.added and not self.look.hidden:
                long = float(value) / reach * cell.height() / 2
                self.p.fillRect(
                    QRectF(cell.x() + 1, min(middle, middle - long), cell.width() - 2, abs(long)), theme.color(self._color(float(value)))
                )
                tools.text(self.p, cell.center().x(), cell.bottom() + 8, told[at], theme.color("text2"), 10, 500, "center")
            elif not self.look.hidden:
                self.p.fillRect(cell, tools.hatch(theme, "waiting"))
            self.p.fillRect(QRectF(cell.x(), middle - 0.5, cell.width(), 1), theme.color("line3"))
            if at == self.look.plane:
                tools.ring(self.p, cell, theme.color("accent"), off=0.5, width=1.6, radius=2)

    # -- the column of lines
    def _lines(self) -> list[tuple[str, Number | float, bool]]:
        """Words, number, and whether it is a result that a question asks for."""
        shown = self.shown
        if shown.kind == "max":
            return [(tr("largest"), shown.result, True)]
        if shown.phase == "update":
            return [(tr("gradient"), shown.result, True)]
        if shown.kind == "mean":
            total = float(sum(term.value for term in shown.equation.terms))
            return [(tr("sum"), total, False), (tr("÷ {n}").format(n=len(shown.equation.terms)), shown.result, True)]
        subtotal = float(np.nansum(shown.subtotals[: self.look.added]))
        many = len(shown.planes) > 1
        words = tr("sum of {n}").format(n=self.look.added) if many else tr("sum")
        told = tools.width(self.look.figures.one(subtotal, signed=True), 12, 600)
        if tools.width(words, 11.5) + told + 22 > self.parts.column.width():  # the strip of channels says how many
            words = tr("sum")
        lines: list[tuple[str, Number | float, bool]] = [(words, subtotal, True)]
        if self.look.added < len(shown.planes):
            return lines
        lines += [(tr("+ bias"), constant, False) for constant in shown.rest]
        letter = tr("error") if self.error else "z"
        if shown.rest or not many:
            lines.append((letter, shown.result, True))
        for equation in shown.lines:
            if equation.role == "error":
                lines += [(tr("× slope"), factor, False) for factor in equation.terms[0].factors[1:2]]
            name = FUNCTIONS[equation.function].title if equation.function in FUNCTIONS else ""
            lines.append((f"{name}(z)" if name else tr("error at z"), equation.result, True))
        return lines

    def _column(self) -> None:
        theme, box = self.look.theme, self.parts.column
        right, y = box.right() - 14, box.y() + 8
        for words, given, asked in self._lines():
            value = given.value if isinstance(given, Number) else given
            secret = self.look.hidden.hides(given) if isinstance(given, Number) else bool(self.look.hidden) and asked
            told = HIDDEN if secret else self.look.figures.one(value, signed=True)
            self.written[f"line/{words}"] = told
            strong = asked
            tools.text(self.p, right, y, told, theme.color("text" if strong else "text2"), 12, 600 if strong else 400, "right")
            room = right - box.x() - 8 - tools.width(told, 12, 600)
            names = (words, "a" if words.endswith("(z)") else "at z" if words == tr("error at z") else words)  # none is cut
            name = names[tools.width(words, 11.5) > room]
            self.written[f"name/{words}"] = name
            tools.text(self.p, box.x() + 4, y, name, theme.color("text2"), 11.5, room=room)
            y += LINE
            if words == tr("+ bias"):
                self.p.fillRect(QRectF(box.x() + 8, y - LINE / 2, right - box.x() - 8, 1), theme.color("line2"))
        final = self.final_box()
        if self.look.hidden.hides(self.shown.final) or self.look.added < len(self.shown.planes):
            self.p.setPen(tools.pen(theme.color("line3"), 1, (3, 3)))
            self.p.setBrush(Qt.BrushStyle.NoBrush)
            self.p.drawRoundedRect(final, 3, 3)
            tools.text(
                self.p, final.center().x(), final.center().y(), HIDDEN if self.look.hidden else "…", theme.color("text2"), 12, 600, "center"
            )
        else:
            self.written["pixel"] = words = self.look.figures.one(self.shown.final.value)
            tools.value_cell(self.p, final, self.shown.final.value, self.look.target_scale, theme, 3, words)
            tools.frame(self.p, final, theme.color("line3"), 3)

    def final_box(self) -> QRectF:
        """Where the pixel's number stands."""
        box = self.parts.column
        return QRectF(box.x() + 8, box.y() + LINE * len(self._lines()) + 6, box.width() - 22, 28)


def channel_rect(parts: Parts, channels: int, at: int) -> QRectF:
    """Where channel ``at`` of so many stands in the strip below the grids."""
    box = parts.channels
    gap = 3.0 if channels <= 32 else 0.0
    wide = min((box.width() + gap) / channels - gap, 64.0)
    return QRectF(box.x() + at * (wide + gap), box.y() + 15, wide, box.height() - 30)
