"""How the lens is drawn: from left to right what is looked at, patch x kernel = products, their sum, and the pixel that it makes."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from playground.anim.account import Number
from playground.anim.scale import Scale, greatest
from playground.layers.functions import FUNCTIONS
from playground.ui.canvas.lens_data import Lens
from playground.ui.canvas.lens_layout import CAPTION, INSET, SIGN, Parts
from playground.ui.explain.figures import USUAL_FIGURES, Figures
from playground.ui.explain.hiding import Hidden
from playground.ui.explain.tokens import HIDDEN
from playground.ui.numbers import count, short
from playground.ui.painters import tools
from playground.ui.theme import Theme

BAR = 14.0
LINE = 24.0


def _tr(text: str) -> str:
    return QCoreApplication.translate("lens", text)


@dataclass(frozen=True, slots=True)
class Look:
    """How it is to be drawn. ``plane`` is the channel on show (a position), ``added`` how many of them are added up; ``done`` how many
    cells of the target are computed (``None``: all). ``hot`` (row, column) of the grids is under the pointer."""

    theme: Theme
    title: str
    source_title: str
    target_title: str
    source_scale: Scale
    target_scale: Scale
    plane: int = 0
    added: int = 1
    done: int | None = None
    figures: Figures = USUAL_FIGURES
    hidden: Hidden = field(default_factory=Hidden)
    hot: tuple[int, int] | None = None
    note: str = ""


class LensPicture:
    """Draws one position; everything it says is of ``shown``."""

    def __init__(self, painter: QPainter, shown: Lens, parts: Parts, look: Look) -> None:
        self.p, self.shown, self.parts, self.look = painter, shown, parts, look
        self.error = shown.phase == "backward"

    def paint(self, width: float) -> None:
        theme = self.look.theme
        x = INSET + tools.text(self.p, INSET, 20, self.look.title, theme.color("text"), 12, 600) + 10
        tools.text(self.p, x, 20, self._sentence(), theme.color("text3"), 11.5, room=width - x - 44)
        self._source()
        self._grids()
        if self.parts.bar.height() > 0:
            self._bar()
        if self.parts.channels.height() > 0:
            self._channels()
        self._column()
        self._target()

    def _sentence(self) -> str:
        shown = self.shown
        many = int(np.isfinite(shown.products).sum()) or shown.patch.size
        if shown.kind == "max":
            return _tr("the largest of the {n} numbers under the window goes on").format(n=count(many))
        if shown.kind == "mean":
            return _tr("the mean of the {n} numbers under the window goes on").format(n=count(many))
        if shown.kind == "errors":
            return _tr("the errors of the windows that it was in come back to it")
        if shown.turned:
            return _tr("each sum that it went into sends its error back, times the weight it had: the kernel lies turned on the errors")
        return _tr("the kernel stands on {n} numbers; each product is shown, their sum is one pixel of the map").format(n=count(many))

    # -- pictures
    def _caption(self, x: float, y: float, words: str, right: float | None = None, beside: str = "") -> None:
        theme = self.look.theme
        room = None if right is None else right - x - (tools.width(beside, 10.5) + 6 if beside else 0)
        tools.text(self.p, x, y, words, theme.color("text2"), 11, room=room)
        if beside and right is not None:
            tools.text(self.p, right, y, beside, theme.color("text3"), 10.5, align="right")

    def _source(self) -> None:
        shown, box, theme = self.shown, self.parts.source, self.look.theme
        plane = shown.planes[self.look.plane]
        values = shown.source[plane]
        beside = _tr("{n} of {of}").format(n=plane + 1, of=count(shown.source.shape[0])) if shown.source.shape[0] > 1 else ""
        self._caption(box.x(), box.y() - CAPTION / 2, self.look.source_title, max(box.right(), box.x() + 110), beside)
        tools.cells(self.p, box, values, self.look.source_scale, theme)
        tools.frame(self.p, box, theme.color("line3"))
        cell_x, cell_y = box.width() / values.shape[1], box.height() / values.shape[0]
        known = [at for at in shown.rows if at is not None], [at for at in shown.columns if at is not None]
        if known[0] and known[1]:
            top, left = min(known[0]), min(known[1])
            ring = QRectF(
                box.x() + left * cell_x, box.y() + top * cell_y, (max(known[1]) - left + 1) * cell_x, (max(known[0]) - top + 1) * cell_y
            )
            self._wedge(ring)
            self._window(ring, top, left, cell_x, cell_y)
        tools.text(self.p, box.x(), box.bottom() + 12, self.look.note, theme.color("text3"), 10.5, room=max(box.width() + 20, 130))

    def _window(self, ring: QRectF, top: int, left: int, cell_x: float, cell_y: float) -> None:
        accent = self.look.theme.color("accent")
        self.p.setPen(tools.pen(self.look.theme.color("accent", 0.75)))
        self.p.setBrush(self.look.theme.color("accent", 0.18))
        for row, y in enumerate(self.shown.rows):
            for column, x in enumerate(self.shown.columns):
                if y is None or x is None or min(cell_x, cell_y) < 3:
                    continue
                cell = QRectF(ring.x() + (x - left) * cell_x, ring.y() + (y - top) * cell_y, cell_x, cell_y)
                self.p.drawRect(cell.adjusted(0.5, 0.5, -0.5, -0.5))
                if self.look.hot == (row, column) or self._wins(row, column):
                    tools.ring(self.p, cell, self.look.theme.color("text"), off=0, width=2, radius=1)
        tools.ring(self.p, ring, accent, off=0, width=2, radius=1)

    def _wedge(self, ring: QRectF) -> None:
        """From the window to the patch."""
        patch = self.parts.grids[0]
        self.p.setPen(tools.pen(self.look.theme.color("accent", 0.8)))
        self.p.drawLine(ring.topRight(), patch.topLeft() + QPointF(-3, 0))
        self.p.drawLine(ring.bottomRight(), patch.bottomLeft() + QPointF(-3, 0))

    def _wins(self, row: int, column: int) -> bool:
        winner = self.shown.winner
        return winner is not None and divmod(winner, len(self.shown.columns)) == (row, column)

    def _target(self) -> None:
        shown, box, theme = self.shown, self.parts.target, self.look.theme
        plane, row, column = shown.index
        values = shown.target[plane]
        rows, columns = values.shape
        at = count(row * columns + column + 1)
        words = _tr("{at} of {of}").format(at=at, of=count(values.size))
        self._caption(
            box.x(), box.y() - CAPTION / 2, self.look.target_title, max(box.right(), box.x() + 96), words if box.width() > 150 else ""
        )
        tools.cells(self.p, box, values, self.look.target_scale, theme)
        cell_x, cell_y = box.width() / columns, box.height() / rows
        own = QRectF(box.x() + column * cell_x, box.y() + row * cell_y, cell_x, cell_y)
        if self.look.done is not None:
            self._ahead(box, self.look.done - plane * values.size, columns, cell_x, cell_y)
        if self.look.hidden.hides(shown.final):
            self.p.fillRect(own, theme.color("card"))
        tools.frame(self.p, box, theme.color("line3"))
        tools.ring(self.p, own, theme.color("accent"), off=1, width=2, radius=2)
        low, high = self.look.target_scale.ends()
        words = f"{short(low)} … {short(high)}" + (_tr(" · √ stretch on") if self.look.target_scale.stretch else "")
        tools.text(self.p, box.x(), box.bottom() + 12, words, theme.color("text3"), 10.5, room=max(box.width(), 96))
        start = QPointF(self.parts.column.right() - 4, self._final_box().center().y())
        middle = (start.x() + box.x()) / 2
        self.p.setPen(tools.pen(theme.color("accent"), 1.4))
        self.p.drawLine(start, QPointF(middle, start.y()))
        self.p.drawLine(QPointF(middle, start.y()), QPointF(middle, own.center().y()))
        self.p.drawLine(QPointF(middle, own.center().y()), QPointF(own.left() - 2, own.center().y()))

    def _ahead(self, box: QRectF, done: int, columns: int, cell_x: float, cell_y: float) -> None:
        """What is not computed yet is hatched and says so."""
        row, column = divmod(max(done, 0), columns)
        theme = self.look.theme
        boxes = [QRectF(box.x() + column * cell_x, box.y() + row * cell_y, box.width() - column * cell_x, cell_y)]
        below = box.y() + (row + 1) * cell_y
        boxes.append(QRectF(box.x(), below, box.width(), max(box.bottom() - below, 0.0)))
        for part in boxes:
            part = part.intersected(box)
            if not part.isEmpty():
                self.p.fillRect(part, theme.color("card"))
                self.p.fillRect(part, tools.hatch(theme, "waiting"))
        if boxes[1].height() > 26 and box.width() > 100:
            words = _tr("not computed yet")
            plate = QRectF(box.x() + 4, box.bottom() - 20, tools.width(words, 10.5) + 8, 16)
            self.p.fillRect(plate, theme.color("panel"))
            tools.text(self.p, plate.x() + 4, plate.center().y(), words, theme.color("text3"), 10.5)

    # -- patch x kernel = products
    def _grids(self) -> None:
        shown, plane, theme = self.shown, self.look.plane, self.look.theme
        error = Scale(limit=greatest(shown.products), ramp="err")
        drawn: list[tuple[str, np.ndarray, Scale]] = [
            (_tr("Patch") if not self.error else _tr("Errors"), shown.patch[plane], self.look.source_scale)
        ]
        if shown.kernel is not None:
            weights = Scale(limit=greatest(shown.kernel), ramp="div")
            made = error if self.error else Scale(limit=greatest(shown.products), ramp="div")
            name = _tr("Kernel, turned") if shown.turned else _tr("Kernel")
            drawn += [(name, shown.kernel[plane], weights), (_tr("Products"), shown.products[plane], made)]
        for at, (name, values, scale) in enumerate(drawn):
            box = self.parts.grids[at]
            ends = "" if not at else f"± {short(scale.limit)}"
            self._caption(
                box.x(),
                box.y() - CAPTION / 2,
                name,
                box.right(),
                ends if tools.width(name, 11) + tools.width(ends, 10.5) + 8 < box.width() else "",
            )
            self._grid(at, values, scale)
            if at:
                sign = "×" if at == 1 else "="
                tools.text(self.p, box.x() - SIGN / 2, box.center().y(), sign, theme.color("text2"), 14, align="center")

    def _grid(self, grid: int, values: np.ndarray, scale: Scale) -> None:
        theme, box = self.look.theme, self.parts.grids[grid]
        known = np.isfinite(self.shown.products[self.look.plane])
        if not self.parts.numbered:
            tools.cells(self.p, box, np.where(known, np.nan_to_num(values), 0.0), scale, theme)
            tools.frame(self.p, box, theme.color("line3"))
        rows, columns = values.shape
        for row in range(rows):
            for column in range(columns):
                cell = self.parts.grid_cell(grid, row, column)
                if not known[row, column] and grid != 1:
                    self._padding(cell, grid, row, column)
                elif self.parts.numbered:
                    tools.value_cell(self.p, cell.adjusted(0.5, 0.5, -0.5, -0.5), float(values[row, column]), scale, theme, 1)
                if self.look.hot == (row, column):
                    tools.ring(self.p, cell, theme.color("accent"), off=0, width=2, radius=2)
                elif self._wins(row, column):
                    tools.ring(self.p, cell, theme.color("text"), off=0, width=2, radius=2)

    def _padding(self, cell: QRectF, grid: int, row: int, column: int) -> None:
        """Where there is no number: a zero that padding puts there, or nothing at all between errors that a stride has spread."""
        theme = self.look.theme
        inner = cell.adjusted(0.5, 0.5, -0.5, -0.5)
        self.p.fillRect(inner, theme.color("field"))
        spread = self.shown.rows[row] is None or self.shown.columns[column] is None
        if not spread:
            self.p.fillRect(inner, tools.hatch(theme, "waiting"))
        if self.parts.numbered:
            words = "" if spread else "0"
            plate = QRectF(0, 0, 12, 13)
            plate.moveCenter(cell.center())
            if words:
                self.p.fillRect(plate, theme.color("field"))
            tools.text(self.p, cell.center().x(), cell.center().y(), words, theme.color("text3"), 10.5, align="center")

    # -- the sum
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
        words = _tr("Sum of the {n} products").format(n=count(terms.size)) if shown.kernel is not None else _tr("Sum of the errors")
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
        used = 0.0
        if minus.size:
            used = tools.text(
                self.p, line.x(), y, self.look.figures.one(float(minus.sum()), signed=True), theme.color(self._color(-1)), 10.5
            )
        if plus.size:
            tools.text(
                self.p,
                line.right(),
                y,
                self.look.figures.one(float(plus.sum()), signed=True),
                theme.color(self._color(1)),
                10.5,
                align="right",
            )
        if line.x() + used + 6 < zero < line.right() - 40:
            tools.text(self.p, zero, y, "0", theme.color("text3"), 10.5, align="center")
        if not self.look.hidden:
            total = float(terms.sum())
            at = zero + total / reach * line.width()
            told = self.look.figures.one(total, signed=True)
            wide = tools.width(told, 11, 600)
            left = min(max(at - wide / 2, line.x() + tools.width(words, 11, 500) + 10), line.right() - wide)
            tools.text(self.p, left, box.y() + 7, told, theme.color("text"), 11, 600)
            self.p.setPen(Qt.PenStyle.NoPen)
            self.p.setBrush(theme.color("text"))
            self.p.drawPolygon([QPointF(at - 4, line.y() - 5), QPointF(at + 4, line.y() - 5), QPointF(at, line.y())])

    def channel_rect(self, at: int) -> QRectF:
        """Where the bar of a channel's sum stands."""
        return channel_rect(self.parts, len(self.shown.planes), at)

    def _channels(self) -> None:
        """What each channel adds, one by one: those added up so far are solid, the one on show is ringed."""
        shown, theme, box = self.shown, self.look.theme, self.parts.channels
        reach = float(np.abs(np.nan_to_num(shown.subtotals)).max()) or 1.0
        words = _tr("channels, {n} of {of} added").format(n=self.look.added, of=len(shown.planes))
        tools.text(self.p, box.x(), box.y() + 6, words, theme.color("text2"), 11, 500)
        for at, value in enumerate(shown.subtotals):
            cell = self.channel_rect(at)
            self.p.fillRect(cell, theme.color("field"))
            middle = cell.center().y()
            if at < self.look.added and not self.look.hidden:
                long = float(value) / reach * cell.height() / 2
                self.p.fillRect(
                    QRectF(cell.x() + 1, min(middle, middle - long), cell.width() - 2, abs(long)), theme.color(self._color(float(value)))
                )
                if cell.width() >= 40:
                    told = short(float(value), signed=True)
                    plate = QRectF(cell.center().x() - tools.width(told, 10) / 2 - 2, middle - 6.5, tools.width(told, 10) + 4, 13)
                    self.p.fillRect(plate, theme.color("field", 0.8))
                    tools.text(self.p, cell.center().x(), middle, told, theme.color("text"), 10, 500, "center")
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
            return [(_tr("largest"), shown.result, True)]
        if shown.kind == "mean":
            total = float(sum(term.value for term in shown.equation.terms))
            return [(_tr("sum"), total, False), (_tr("÷ {n}").format(n=len(shown.equation.terms)), 1.0 / len(shown.equation.terms), False)]
        subtotal = float(np.nansum(shown.subtotals[: self.look.added]))
        many = len(shown.planes) > 1
        words = _tr("sum of {n}").format(n=self.look.added) if many else _tr("sum")
        lines: list[tuple[str, Number | float, bool]] = [(words, subtotal, True)]
        if self.look.added < len(shown.planes):
            return lines
        lines += [(_tr("+ bias"), constant, False) for constant in shown.rest]
        letter = _tr("error") if self.error else "z"
        if shown.rest or not many:
            lines.append((letter, shown.result, True))
        for equation in shown.lines:
            if equation.role == "error":
                lines += [(_tr("× slope"), factor, False) for factor in equation.terms[0].factors[1:2]]
            name = FUNCTIONS[equation.function].title if equation.function in FUNCTIONS else ""
            lines.append((f"{name}(z)" if name else _tr("error at z"), equation.result, True))
        return lines

    def _column(self) -> None:
        theme, box = self.look.theme, self.parts.column
        right, y = box.right() - 14, box.y() + 8
        for words, given, asked in self._lines():
            value = given.value if isinstance(given, Number) else given
            secret = self.look.hidden.hides(given) if isinstance(given, Number) else bool(self.look.hidden) and asked
            told = HIDDEN if secret else self.look.figures.one(value, signed=True)
            strong = asked
            tools.text(self.p, right, y, told, theme.color("text" if strong else "text2"), 12, 600 if strong else 400, "right")
            tools.text(self.p, box.x() + 8, y, words, theme.color("text2"), 11.5, room=right - box.x() - 16 - tools.width(told, 12, 600))
            y += LINE
            if words == _tr("+ bias"):
                self.p.fillRect(QRectF(box.x() + 8, y - LINE / 2, right - box.x() - 8, 1), theme.color("line2"))
        final = self._final_box()
        if self.look.hidden.hides(self.shown.final) or self.look.added < len(self.shown.planes):
            self.p.setPen(tools.pen(theme.color("line3"), 1, (3, 3)))
            self.p.setBrush(Qt.BrushStyle.NoBrush)
            self.p.drawRoundedRect(final, 3, 3)
            tools.text(
                self.p, final.center().x(), final.center().y(), HIDDEN if self.look.hidden else "…", theme.color("text2"), 12, 600, "center"
            )
        else:
            words = self.look.figures.one(self.shown.final.value)
            tools.value_cell(self.p, final, self.shown.final.value, self.look.target_scale, theme, 3, words)
            tools.frame(self.p, final, theme.color("line3"), 3)

    def _final_box(self) -> QRectF:
        box = self.parts.column
        return QRectF(box.x() + 8, box.y() + LINE * len(self._lines()) + 6, box.width() - 22, 28)


def channel_rect(parts: Parts, channels: int, at: int) -> QRectF:
    """Where channel ``at`` of so many stands in the strip below the grids."""
    box = parts.channels
    gap = 3.0 if channels <= 32 else 0.0
    wide = min((box.width() + gap) / channels - gap, 64.0)
    return QRectF(box.x() + at * (wide + gap), box.y() + 15, wide, box.height() - 15)
