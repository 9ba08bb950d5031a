"""The pictures of the lens: from left to right what is looked at, patch x kernel = products, and the picture that the position is in."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from playground.anim.scale import Scale, greatest
from playground.ui.canvas.lens.channel_sums import LensSum
from playground.ui.canvas.lens.layout import CAPTION, INSET, SIGN, Parts
from playground.ui.canvas.lens.look import Look, grid_words, in_units, tr, unit_of
from playground.ui.canvas.lens.reading import Lens
from playground.ui.numbers import count, short
from playground.ui.painters import tools

GRIDS = ("patch", "kernel", "products")
ALONE = 160.0
"""What a patch without a kernel has for its caption, however few cells it is of: so wide is the bar of its sum."""
ROOMY = 12.0
"""Px of a cell from which on its ring has a second line."""
CELL_MARGIN = 1.5
"""Px that a number leaves of its cell, both sides together: in the least cell with numbers two decimals and a minus have room."""
MOST_TAPS = 100
"""A window of more cells is a ring alone: their borders would hide the picture."""


class LensPicture:
    """Draws one position; everything it says is of ``shown``."""

    def __init__(self, painter: QPainter, shown: Lens, parts: Parts, look: Look) -> None:
        self.p, self.shown, self.parts, self.look = painter, shown, parts, look
        self.error = shown.phase == "backward"
        self._sum = LensSum(painter, shown, parts, look)
        self._written: dict[str, str] = {}

    def paint(self, width: float) -> dict[str, str]:
        """Draw it all. What was written where, by name: ``lens/title``, ``lens/patch/1,2`` (row, column from 0), ``lens/line/sum`` ..."""
        theme = self.look.theme
        x = INSET + tools.text(self.p, INSET, 20, self.look.title, theme.color("text"), 12, 600) + 10
        tools.text(self.p, x, 20, self._sentence(), theme.color("text3"), 11.5, room=width - x - 44)
        if not self.shown.whole:
            self._source()
        self._grids()
        self._sum.paint()
        self._target()
        named = {"title": self.look.title, "sentence": self._sentence(), "note": self.look.note, **self._written, **self._sum.written}
        return {f"lens/{name}": words for name, words in named.items()}

    def _sentence(self) -> str:
        shown = self.shown
        many = int(np.isfinite(shown.products).sum()) or shown.patch.size
        if shown.kind == "max":
            return tr("the largest of the {n} numbers under the window goes on").format(n=count(many))
        if shown.kind == "mean":
            return tr("the mean of the {n} numbers under the window goes on").format(n=count(many))
        if shown.kind == "errors":
            lost = tr("the errors of the windows that it won come back to it; in those crossed out another one won")
            return lost if shown.lost.any() else tr("the errors of the windows that it was in come back to it")
        if shown.whole and self.error:
            return tr("the errors of all {n} sums that it went into, each times its weight there").format(n=count(many))
        if shown.whole:
            return tr("each of the {n} numbers times its weight; what comes out is one number of the layer").format(n=count(many))
        if shown.phase == "update":
            return tr("the errors of its map lie where this weight met the input; the sum of the {n} products is its gradient").format(
                n=count(many)
            )
        if shown.turned:
            return tr("the errors of all sums that it went into, times its weight in each: the kernel lies turned on them")
        return tr("the kernel stands on {n} numbers; each product is shown, their sum is one pixel of the map").format(n=count(many))

    # -- pictures
    def _caption(self, x: float, y: float, words: str, right: float | None = None, beside: str = "") -> None:
        theme = self.look.theme
        room = None if right is None else right - x - (tools.width(beside, 10.5) + 6 if beside else 0)
        tools.text(self.p, x, y, words, theme.color("text2"), 11, room=room)
        if beside and right is not None:
            tools.text(self.p, right, y, beside, theme.color("text3"), 10.5, align="right")

    def _named(self, box: QRectF, titles: tuple[str, ...], beside: str) -> str:
        """The first of ``titles`` that has room above a picture, and ``beside`` where there is room for both: a name that is cut off
        says nothing, and the lens's title says what it is of."""
        title = next((words for words in titles if tools.width(words, 11) <= box.width()), titles[-1])
        fits = tools.width(title, 11) + tools.width(beside, 10.5) + 8 <= box.width()
        self._caption(box.x(), box.y() - CAPTION / 2, title, box.right(), beside if fits else "")
        return title

    def _source(self) -> None:
        shown, whole, theme = self.shown, self.parts.source, self.look.theme
        box = self.parts.picture(shown)
        plane = shown.planes[self.look.plane]
        values = shown.source[plane]
        beside = tr("{n} of {of}").format(n=plane + 1, of=count(shown.source.shape[0])) if shown.source.shape[0] > 1 else ""
        self._written["source title"] = self._named(whole, self.look.source_titles, beside)
        if whole != box:
            self.p.fillRect(whole, tools.hatch(theme, "waiting"))
            tools.frame(self.p, whole, theme.color("line2"))
        tools.cells(self.p, box, values, self.look.source_scale, theme)
        tools.frame(self.p, box, theme.color("line3"))
        cell_x, cell_y = box.width() / values.shape[1], box.height() / values.shape[0]
        known = [at for at in shown.rows if at is not None], [at for at in shown.columns if at is not None]
        if known[0] and known[1]:
            top, left = min(known[0]), min(known[1])
            ring = QRectF(
                box.x() + left * cell_x, box.y() + top * cell_y, (max(known[1]) - left + 1) * cell_x, (max(known[0]) - top + 1) * cell_y
            )
            seen = ring.intersected(whole)
            self._wedge(seen)
            self.p.save()
            self.p.setClipRect(whole.adjusted(-3, -3, 3, 3))
            self._window(ring, top, left, cell_x, cell_y)
            self.p.restore()
        self._note(whole)

    def _note(self, whole: QRectF) -> None:
        """Below the picture, where the position is: a line a part where one has no room for both."""
        room = whole.width() + 8
        parts = [self.look.note] if tools.width(self.look.note, 10.5) <= room else self.look.note.split(", ")
        for at, words in enumerate(parts):
            tools.text(self.p, whole.x(), whole.bottom() + 12 + 13 * at, words, self.look.theme.color("text3"), 10.5, room=room)

    def _window(self, ring: QRectF, top: int, left: int, cell_x: float, cell_y: float) -> None:
        accent = self.look.theme.color("accent")
        self.p.setPen(tools.pen(self.look.theme.color("accent", 0.75)))
        self.p.setBrush(self.look.theme.color("accent", 0.18))
        ringed = []
        for row, y in enumerate(self.shown.rows):
            for column, x in enumerate(self.shown.columns):
                if y is None or x is None or min(cell_x, cell_y) < 3 or len(self.shown.rows) * len(self.shown.columns) > MOST_TAPS:
                    continue
                cell = QRectF(ring.x() + (x - left) * cell_x, ring.y() + (y - top) * cell_y, cell_x, cell_y)
                self.p.drawRect(cell.adjusted(0.5, 0.5, -0.5, -0.5))
                if self.look.hot == (row, column) or self._wins(row, column):
                    ringed.append(cell)
        for cell in ringed:  # after all cells: a ring has a pen of its own
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
        words = tr("{at} of {of}").format(at=at, of=count(values.size))
        self._written["target title"] = self._named(box, self.look.target_titles, words)
        tools.cells(self.p, box, values, self.look.target_scale, theme)
        cell_x, cell_y = box.width() / columns, box.height() / rows
        own = QRectF(box.x() + column * cell_x, box.y() + row * cell_y, cell_x, cell_y)
        if self.look.done is not None:
            self._ahead(box, self.look.done - plane * values.size, columns, cell_x, cell_y)
        if self.look.hidden.hides(shown.final):
            self.p.fillRect(own, theme.color("card"))
        tools.frame(self.p, box, theme.color("line3"))
        tools.ring(self.p, own, theme.color("accent"), off=1, width=2, radius=2)
        if min(cell_x, cell_y) >= ROOMY:  # its neighbors' color may be the ring's
            tools.ring(self.p, own, theme.color("card"), off=-0.5, width=1.5, radius=1)
        low, high = self.look.target_scale.ends()
        words = f"± {short(high)}" if self.look.target_scale.signed else f"{short(low)} … {short(high)}"
        stretched = tr(" · √ stretch on")
        if self.look.target_scale.stretch and tools.width(words + stretched, 10.5) <= box.width():
            words += stretched
        tools.text(self.p, box.x(), box.bottom() + 12, words, theme.color("text3"), 10.5, room=box.width())
        start = QPointF(self.parts.column.right() - 4, self._sum.final_box().center().y())
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
        self.p.save()
        self.p.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # whole pixels: half of one would tell its color
        for part in boxes:
            part = part.intersected(box)
            if not part.isEmpty():
                self.p.fillRect(part, theme.color("card"))
                self.p.fillRect(part, tools.hatch(theme, "waiting"))
        self.p.restore()
        if boxes[1].height() > 26 and box.width() > 100:
            words = tr("not computed yet")
            plate = QRectF(box.x() + 4, box.bottom() - 20, tools.width(words, 10.5) + 8, 16)
            self.p.fillRect(plate, theme.color("panel"))
            tools.text(self.p, plate.x() + 4, plate.center().y(), words, theme.color("text3"), 10.5)

    # -- patch x kernel = products
    def _grids(self) -> None:
        shown, plane, theme = self.shown, self.look.plane, self.look.theme
        error, gradient = Scale(limit=greatest(shown.products), ramp="err"), shown.phase == "update"
        drawn: list[tuple[str, np.ndarray, Scale]] = [
            (tr("Patch") if not self.error else tr("Errors"), shown.patch[plane], self.look.source_scale)
        ]
        if shown.whole:
            drawn = [(self.look.source_titles[0], *drawn[0][1:])]
        if shown.kernel is not None:
            weights = Scale(limit=greatest(shown.kernel), ramp="err" if gradient else "div")
            made = error if self.error or gradient else Scale(limit=greatest(shown.products), ramp="div")
            name = tr("Weights") if shown.whole else tr("Kernel, turned") if shown.turned else tr("Kernel")
            name = tr("Errors of the map") if gradient else name
            drawn += [(name, shown.kernel[plane], weights), (tr("Products"), shown.products[plane], made)]
        for at, (name, values, scale) in enumerate(drawn):
            box = self.parts.grids[at]
            ends = "" if not at or scale.limit <= 0 else f"± {short(scale.limit)}"
            scaled = self.parts.numbered and unit_of(scale.limit) != 1
            if scaled:  # then it has to be said
                ends, name = in_units(unit_of(scale.limit)), name.partition(",")[0]
            room = max(box.width(), ALONE if len(drawn) == 1 else 0.0)
            beside = ends if scaled or tools.width(name, 11) + tools.width(ends, 10.5) + 8 < room else ""
            self._caption(box.x(), box.y() - CAPTION / 2, name, box.x() + room, beside)
            self._written[GRIDS[at]] = beside
            self._grid(at, values, scale)
            if at:
                sign = "×" if at == 1 else "="
                tools.text(self.p, box.x() - SIGN / 2, box.center().y(), sign, theme.color("text2"), 14, align="center")

    def _grid(self, grid: int, values: np.ndarray, scale: Scale) -> None:
        theme, box = self.look.theme, self.parts.grids[grid]
        known = np.isfinite(self.shown.products[self.look.plane])
        if not self.parts.numbered:
            tools.cells(self.p, box, np.where(known, np.nan_to_num(values), 0.0), scale, theme)
        rows, columns = values.shape
        tools.frame(self.p, box, theme.color("line2"))
        said = known | (grid == 1)
        told: dict[tuple[int, int], str] = {}
        size = 0.0
        if self.parts.numbered:
            words, size = grid_words(values[said].tolist(), scale.limit, self.parts.cell[0] - 1 - CELL_MARGIN)
            told = dict(zip(map(tuple, np.argwhere(said).tolist()), words, strict=True))
        for row in range(rows):
            for column in range(columns):
                cell = self.parts.grid_cell(grid, row, column)
                if not said[row, column]:
                    self._padding(cell, grid, row, column)
                elif self.parts.numbered:
                    inner, value = cell.adjusted(0.5, 0.5, -0.5, -0.5), float(values[row, column])
                    tools.value_cell(self.p, inner, value, scale, theme, 1, told[row, column], size)
                    self._written[f"{GRIDS[grid]}/{row},{column}"] = told[row, column]
                if self.shown.lost[self.look.plane, row, column]:
                    self.p.fillRect(cell, theme.color("panel", 0.6))
                    self._crossed(cell.adjusted(4, 4, -4, -4))
        for row, column in np.ndindex(values.shape):  # after all cells: they would cover half of a ring
            cell = self.parts.grid_cell(grid, row, column)
            if self.look.hot == (row, column):
                tools.ring(self.p, cell, theme.color("accent"), off=0, width=2, radius=2)
            elif self._wins(row, column):
                tools.ring(self.p, cell, theme.color("text"), off=0, width=2, radius=2)
                tools.ring(self.p, cell, theme.color("panel"), off=-2, width=2, radius=1)  # the winner's color may be the ring's
                self._written["winner"] = f"{row},{column}"

    def _crossed(self, cell: QRectF) -> None:
        """A cross that leaves the number in its middle to be read."""
        self.p.setPen(tools.pen(self.look.theme.color("text2"), 1.4))
        share = 0.3 if self.parts.numbered else 0.5
        for start, end in (
            (cell.topLeft(), cell.bottomRight()),
            (cell.bottomRight(), cell.topLeft()),
            (cell.topRight(), cell.bottomLeft()),
            (cell.bottomLeft(), cell.topRight()),
        ):
            self.p.drawLine(start, start + (end - start) * share)

    def _padding(self, cell: QRectF, grid: int, row: int, column: int) -> None:
        """Where there is no number: a zero that padding puts there, or nothing at all between errors that a stride has spread."""
        theme = self.look.theme
        inner = cell.adjusted(0.5, 0.5, -0.5, -0.5)
        self.p.fillRect(inner, theme.color("field"))
        spread = self.shown.rows[row] is None or self.shown.columns[column] is None
        if spread:
            tools.frame(self.p, inner.adjusted(0.5, 0.5, -0.5, -0.5), theme.color("line"))
        else:
            self.p.fillRect(inner, tools.hatch(theme, "waiting"))
        if self.parts.numbered:
            words = "" if spread else "0"
            plate = QRectF(0, 0, 12, 13)
            plate.moveCenter(cell.center())
            if words:
                self.p.fillRect(plate, theme.color("field"))
            tools.text(self.p, cell.center().x(), cell.center().y(), words, theme.color("text3"), 10.5, align="center")
