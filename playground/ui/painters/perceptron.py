"""One neuron with few inputs, close up: weights, products, sum and activation, each with its number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from playground.anim.cursor import NEW_VALUE, Cursor
from playground.anim.scale import Scale
from playground.layers.functions import FUNCTIONS, written
from playground.ui.numbers import exact, number, scientific
from playground.ui.painters import reading, tools
from playground.ui.painters.activation import graph
from playground.ui.painters.base import Picture
from playground.ui.theme import Theme

MOST_INPUTS = 4
WIDTH = 540.0
PITCH = 80.0
BOX = QRectF(64, 14, 156, 52)
PRODUCT_X, PRODUCT_ROOM = 248.0, 80.0
"""Where a product begins, and how wide it may be: the way to the sum begins beside it."""
SUM_X = 392.0
SUM_RADIUS = 30.0
SUM_ROOM, NARROW, SUM_GAP = 92.0, 80.0, 8.0
"""What the sum's words may take of the width; beside ways that come from farther below; and the least between them and the output's."""
GRAPH = QSizeF(72, 60)
GRAPH_X = 452.0
SUBSCRIPT = "₁₂₃₄"
LARGEST = 18.0
"""px: where the card is drawn so small that numbers had to be larger than this, they would lie over each other, and are left out."""
CHANGE_SIZES = (16, 14, 12)
CHANGE_GAP = 24.0
"""Between the old value and the new one: an arrow with air around it."""


def fits(picture: Picture) -> bool:
    """Whether the node is one unit that takes the Input itself, of at most four features, and there is room for the close-up."""
    few = bool(picture.inputs) and len(picture.inputs[0]) == 1 and picture.inputs[0][0] <= MOST_INPUTS
    return few and picture.output == (1,) and picture.source_type == "Input" and not picture.compact


def _ways(value: float, signed: bool = False) -> list[str]:
    """A number as it may be written, with the most digits first: half a number is another one, so it loses digits rather than its end."""
    near = number(value, 2, signed, trim=True)
    bare = near.replace("0.", ".", 1) if abs(value) < 1 else near
    powers = [scientific(value, signed, digits) for digits in (2, 1)]
    return [exact(value, signed=signed, trim=True), near, *(min(bare, one, key=len) for one in powers)]


def _fitting(painter: QPainter, ways: Iterable[str], room: float, sizes: Sequence[float], weight: int = 400) -> tuple[str, float]:
    """The first of ``ways`` that ``room`` px hold and the largest of ``sizes`` for it, of those that can be read on the screen; else the
    last of both."""
    read = list(dict.fromkeys(min(tools.least(painter, size), max(size, LARGEST)) for size in sizes))
    tries = [(one, size) for one in ways for size in read]
    return next((one for one in tries if tools.width(one[0], one[1], weight) <= room), tries[-1])


@dataclass(frozen=True, slots=True)
class _Row:
    """One input's part in the sum: its weight before and after the update, and the input itself (1 for the bias)."""

    name: str
    index: int
    weight: float
    after: float | None
    x: float | None
    gradient: float | None


class PerceptronPainter:
    """What is ahead of the cursor is not drawn yet; in the update phase the old number is struck through once the new one is there."""

    def size(self, picture: Picture) -> QSizeF:
        return QSizeF(WIDTH, 16 + PITCH * self._count(picture))

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        if unit != 0:
            return None
        return QRectF(rect.x() + GRAPH_X, self._middle(rect, picture) - GRAPH.height() / 2, GRAPH.width(), GRAPH.height())

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        box = self.unit_rect(rect, picture, 0)
        circle = QPointF(rect.x() + SUM_X, self._middle(rect, picture)) - point
        return 0 if (box is not None and box.contains(point)) or math.hypot(circle.x(), circle.y()) <= SUM_RADIUS else None

    def input_rect(self, rect: QRectF, picture: Picture, index: int) -> QRectF | None:
        """The box of weight ``index``, where the edge from that input ends."""
        if not 0 <= index < picture.inputs[0][0]:
            return None
        return BOX.translated(rect.x(), rect.y() + 8 + index * PITCH)

    def place_rect(self, rect: QRectF, picture: Picture, name: str, index: tuple[int, ...]) -> QRectF | None:
        """Weights and bias in their rows, the sum below its circle, the output on its graph."""
        first, graph = self.input_rect(rect, picture, 0), self.unit_rect(rect, picture, 0)
        if first is None or graph is None:
            return None
        if name == "weight" and len(index) == 2:
            return first.translated(0, PITCH * index[1])
        if name == "bias":
            return first.translated(0, PITCH * picture.inputs[0][0])
        if name == "pre_activation":
            return QRectF(rect.x() + SUM_X - 44, graph.center().y() + SUM_RADIUS + 3, 88, 22)
        return graph if name == "output" else None

    def covers(self, rect: QRectF, picture: Picture, name: str, index: tuple[int, ...]) -> list[QRectF]:
        """The output is written below its graph too; of a parameter's box the number is covered, not the letter."""
        box = self.place_rect(rect, picture, name, index)
        if box is None:
            return []
        if name == "output":
            return [box, QRectF(box.center().x() - 50, box.bottom() + 4, 100, 20)]
        return [box.adjusted(box.width() * 0.3, 4, -4, -4) if name in ("weight", "bias") else box]

    def tip(self, picture: Picture, unit: int | None) -> str:
        z, y = self._value(picture, "pre_activation"), self._value(picture, "output")
        if z is None or y is None:
            return QCoreApplication.translate("painters", "one neuron: weighted sum, then {function}").format(
                function=written(reading.function(picture))
            )
        return QCoreApplication.translate("painters", "sum z = {z}, {function} gives {y}").format(
            z=exact(z, signed=True), function=written(reading.function(picture)), y=exact(y)
        )

    def paint(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme) -> None:
        rows = self._rows(picture)
        share = self._share(picture, cursor)
        terms = [row.weight * row.x for row in rows if row.x is not None]
        for place, row in enumerate(rows):
            top = rect.y() + 8 + place * PITCH
            self._weight(painter, BOX.translated(rect.x(), top), row, picture, cursor, theme)
            self._product(painter, rect, top + BOX.center().y(), row, share > 0.3, cursor, picture, theme)
        z = self._value(picture, "pre_activation")
        if z is None:
            z = self._value(picture, "output") if reading.function(picture) == "identity" else None
        if z is None and len(terms) == len(rows) and rows:
            z = sum(terms)
        self._sum(painter, rect, picture, z if share > 0.6 else None, theme)
        self._activation(painter, rect, picture, z if share > 0.85 else None, scale, theme)

    def _count(self, picture: Picture) -> int:
        return picture.inputs[0][0] + bool(picture.fields.get("bias", True))

    def _middle(self, rect: QRectF, picture: Picture) -> float:
        return rect.y() + 8 + PITCH * self._count(picture) / 2 - (8 if self._count(picture) > 1 else 0)

    def _value(self, picture: Picture, name: str) -> float | None:
        found = reading.value(picture, name)
        return float(np.ravel(found)[0]) if found is not None and found.size else None

    def _share(self, picture: Picture, cursor: Cursor | None) -> float:
        """How much of the forward stage has been shown, 0..1; all of it where no pass is shown."""
        if cursor is None or not cursor.stages:
            return 1.0
        state = cursor.at("forward", picture.node)
        return {"ahead": 0.0, "now": cursor.fraction, "done": 1.0}[state]

    def _rows(self, picture: Picture) -> list[_Row]:
        x = self._inputs(picture)
        rows = []
        for name, letter in (("weight", "w"), ("bias", "b")):
            traced = picture.trace.parameters.get(f"{picture.node}/{name}") if picture.trace else None
            now = traced.before if traced is not None else picture.parameters.get(name)
            if now is None:
                continue
            flat = np.ravel(now)
            after = np.ravel(traced.after) if traced is not None and traced.after is not None else None
            slope = np.ravel(traced.gradient) if traced is not None and traced.gradient is not None else None
            for index in range(flat.size):
                rows.append(
                    _Row(
                        letter,
                        index,
                        float(flat[index]),
                        None if after is None else float(after[index]),
                        1.0 if name == "bias" else None if x is None else float(x[index]),
                        None if slope is None else float(slope[index]),
                    )
                )
        return rows

    def _inputs(self, picture: Picture) -> np.ndarray | None:
        """The inputs of this sample."""
        found = reading.before(picture)
        return None if found is None else np.ravel(found)

    def _weight(self, painter: QPainter, box: QRectF, row: _Row, picture: Picture, cursor: Cursor | None, theme: Theme) -> None:
        name = "bias" if row.name == "b" else "weight"
        updating = cursor is not None and cursor.stage.phase == "update" and cursor.at("update", picture.node) != "ahead"
        state = "ahead"
        if updating and cursor is not None:
            state = cursor.at("update", picture.node)
            if state == "now" and cursor.cell is not None:
                place = (0,) if row.name == "b" else (0, row.index)
                cell = cursor.stage.cells.find(name, place)
                state = "ahead" if cell is None else cursor.cell_at("update", picture.node, cell)
        changed = row.after is not None and row.after != row.weight
        show_new = state == "done" or (state == "now" and cursor is not None and cursor.fraction >= NEW_VALUE)
        lit = updating and changed and state != "ahead"
        painter.setBrush(theme.color("card"))
        painter.setPen(tools.pen(theme.color("upd" if lit else "line2"), 2 if lit and state == "now" else 1.2 if lit else 1))
        painter.drawRoundedRect(box, 6, 6)
        y = box.center().y()
        index = "" if row.name == "b" else str(row.index + 1)
        left = box.x() + 12 + tools.symbol(painter, box.x() + 12, y, row.name, index, theme.color("text"), 18) + 12
        right = box.right() - 12
        if row.name == "b":
            self._one(painter, box, theme)
        if lit and show_new and row.after is not None:
            self._change(painter, left, right, y, row.weight, row.after, theme)
            return
        value = row.after if show_new and row.after is not None else row.weight
        words, size = _fitting(painter, _ways(value), right - left, (18, 16, 14), 600)
        across = tools.text(painter, left, y, words, theme.color("text"), size, 600)
        note, small = QCoreApplication.translate("painters", "stays"), tools.legible(painter, 10.5)
        if updating and state != "ahead" and not changed and across + 8 + tools.width(note, small) <= right - left:
            tools.text(painter, right, y, note, theme.color("text3"), small, align="right")

    def _change(self, painter: QPainter, left: float, right: float, y: float, before: float, after: float, theme: Theme) -> None:
        """The old value struck through, and the new one: beside it, or below it where both do not fit on a line."""
        old, new = exact(before, trim=True), exact(after, trim=True)
        read = [one for one in CHANGE_SIZES if not tools.too_small(painter, one)]
        fitting = (one for one in read if tools.width(old, one) + tools.width(new, one + 2, 600) + CHANGE_GAP <= right - left)
        size = next(fitting, None)
        above = y if size is not None else y - 12
        if size is None:
            old, smaller = _fitting(painter, _ways(before), right - left, CHANGE_SIZES[-1:], 500)
        across = tools.text(painter, left, above, old, theme.color("text3"), size or smaller, 500)
        painter.setPen(tools.pen(theme.color("text3"), 1.2))
        painter.drawLine(QPointF(left - 2, above), QPointF(left + across + 2, above))
        if size is None:
            new, larger = _fitting(painter, _ways(after), right - left, (CHANGE_SIZES[-1] + 3, CHANGE_SIZES[-1]), 600)
            tools.text(painter, left, y + 9, new, theme.color("upd"), larger, 600)
            return
        wide = tools.text(painter, right, y, new, theme.color("upd"), size + 2, 600, "right")
        tools.arrow(painter, QPointF(left + across + 6, y), QPointF(right - wide - 6, y), theme.color("upd"), 1.6)

    def _one(self, painter: QPainter, box: QRectF, theme: Theme) -> None:
        """The constant 1 that the bias is multiplied by."""
        center = QPointF(box.x() - 38, box.center().y())
        painter.setPen(tools.pen(theme.color("line3"), 1.4, (4.0, 3.0)))
        painter.drawLine(center + QPointF(15, 0), QPointF(box.x(), box.center().y()))
        painter.setPen(tools.pen(theme.color("line3"), 1.4))
        painter.setBrush(theme.color("head"))
        painter.drawEllipse(center, 14.0, 14.0)
        tools.text(painter, center.x(), center.y(), "1", theme.color("text2"), _fitting(painter, ["1"], 24, (13,))[1], 500, "center")

    def _product(
        self, painter: QPainter, rect: QRectF, y: float, row: _Row, known: bool, cursor: Cursor | None, picture: Picture, theme: Theme
    ) -> None:
        start, left = rect.x() + BOX.right(), rect.x() + PRODUCT_X
        tools.arrow(painter, QPointF(start, y), QPointF(left - 6, y), theme.color("wire"), 1.2)
        middle = self._middle(rect, picture)
        if row.x is None or not known:
            painter.fillRect(QRectF(left, y - 8, 44, 16), tools.hatch(theme, "waiting"))
            self._way(painter, rect, QPointF(left + 44, y), middle, theme)
            return
        ways = [f"{weight} × {x}" for weight, x in zip(_ways(row.weight), _ways(row.x), strict=True)]
        ways = [QCoreApplication.translate("painters", "bias")] if row.name == "b" else ways
        product = row.weight * row.x
        above = 112.0 if y <= middle else 92.0  # the way to the sum bends off below the words, or through them
        words, size = _fitting(painter, ways, above, (tools.legible(painter, 10.5), 10))
        wide = [32.0, tools.text(painter, left, y - 10, words, theme.color("text3"), size)]
        if not np.isfinite(product):
            tools.not_a_number(painter, QRectF(left, y, 48, 18), np.zeros((1, 1), bool), theme, exact(product))
        else:
            shown, size = _fitting(painter, _ways(product), PRODUCT_ROOM, (15, 14, 13, 12), 600)
            wide.append(tools.text(painter, left, y + 8, shown, tools.signed_color(product, theme), size, 600))
        self._way(painter, rect, QPointF(left + max(wide), y), middle, theme)
        if (
            row.gradient is not None
            and cursor is not None
            and cursor.stage.phase == "backward"
            and cursor.at("backward", picture.node) != "ahead"
        ):
            self._gradient(painter, QPointF(left, y + 25), row.gradient, theme)

    def _way(self, painter: QPainter, rect: QRectF, start: QPointF, middle: float, theme: Theme) -> None:
        """From a product's end to the sum."""
        bend, end = rect.x() + PRODUCT_X + PRODUCT_ROOM + 4, QPointF(rect.x() + SUM_X - SUM_RADIUS, middle)
        path = QPainterPath(QPointF(min(start.x() + 8, bend), start.y()))
        path.lineTo(bend, start.y())
        path.cubicTo(QPointF(bend + 20, start.y()), QPointF(end.x() - 20, middle), end)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(tools.pen(theme.color("wire"), 1.2))
        painter.drawPath(path)

    def _gradient(self, painter: QPainter, at: QPointF, value: float, theme: Theme) -> None:
        """The weight's gradient, beside the hollow diamond of the backward phase."""
        color = theme.color("err" if value > 0 else "err_neg" if value < 0 else "text3")
        painter.setPen(tools.pen(color, 1.6))
        painter.setBrush(theme.color("card"))
        middle = at + QPointF(5, 0)
        painter.drawPolygon([middle + QPointF(0, -5), middle + QPointF(5, 0), middle + QPointF(0, 5), middle + QPointF(-5, 0)])
        words, size = _fitting(painter, _ways(value, signed=True), PRODUCT_ROOM - 12, (tools.legible(painter, 12, 1.15), 10), 500)
        tools.text(painter, at.x() + 15, at.y(), words, color, size, 500)

    def _sum(self, painter: QPainter, rect: QRectF, picture: Picture, z: float | None, theme: Theme) -> None:
        center = QPointF(rect.x() + SUM_X, self._middle(rect, picture))
        painter.setPen(tools.pen(theme.color("text"), 1.8))
        painter.setBrush(theme.color("card"))
        painter.drawEllipse(center, SUM_RADIUS, SUM_RADIUS)
        tools.text(painter, center.x(), center.y(), "Σ", theme.color("text"), 20, 400, "center")
        words, size = self._sum_words(painter, picture, z)
        tools.text(painter, center.x(), center.y() + SUM_RADIUS + 14, words, theme.color("text"), size, 600, "center")
        painter.setPen(tools.pen(theme.color("wire"), 1.2))
        painter.drawLine(center + QPointF(SUM_RADIUS, 0), QPointF(rect.x() + GRAPH_X, center.y()))
        painter.drawLine(QPointF(rect.x() + GRAPH_X + GRAPH.width(), center.y()), QPointF(rect.right(), center.y()))

    def _sum_words(self, painter: QPainter, picture: Picture, z: float | None) -> tuple[str, float]:
        *near, last = ["z"] if z is None else _ways(z)
        ways = [*(f"z = {one}" for one in near), *near, last]  # rather its digits than its letter
        return _fitting(painter, ways, SUM_ROOM if self._count(picture) <= 2 else NARROW, (13, 12, 11, 10), 600)

    def _activation(self, painter: QPainter, rect: QRectF, picture: Picture, z: float | None, scale: Scale, theme: Theme) -> None:
        name = reading.function(picture)
        box = self.unit_rect(rect, picture, 0)
        if box is None or name not in FUNCTIONS:
            return
        low, high = graph(painter, box, name, theme)
        tools.frame(painter, box, theme.color("accent" if picture.selected_unit == 0 else "line3"), 4)
        output = self._value(picture, "output")
        if z is None or output is None:
            tools.text(
                painter,
                box.center().x(),
                box.bottom() + 14,
                written(name),
                theme.color("text3"),
                tools.legible(painter, 10.5),
                align="center",
                room=96,
            )
            return
        if math.isfinite(z) and math.isfinite(output):
            across = box.x() + (min(max(z, -4.0), 4.0) + 4) / 8 * box.width()
            up = box.bottom() - (min(max(output, low), high) - low) / (high - low) * box.height()
            painter.setPen(tools.pen(theme.color("text2"), 1))
            painter.setBrush(tools.color_of(output, scale, theme))
            painter.drawEllipse(QPointF(across, up), 4.5, 4.5)
        else:
            word = exact(z if math.isfinite(output) else output)
            tools.not_a_number(painter, box.adjusted(6, 18, -6, -18), np.zeros((1, 1), bool), theme, word)
        if name == "step":
            relation = "z > 0" if z > 0 else "z ≤ 0"
            ways = [QCoreApplication.translate("painters", "{relation}, so {y}").format(relation=relation, y=exact(output, trim=True))]
        else:
            ways = [] if name == "identity" else [f"{written(name)}(z) = {exact(output, trim=True)}"]
        ways += [f"y = {one}" for one in _ways(output)]  # the number is never cut: the graph says which function it is of
        total, bold = self._sum_words(painter, picture, z)
        half = tools.width(total, bold, 600) / 2  # the sum's words stand beside these
        room = min(96.0, 2 * (GRAPH_X + GRAPH.width() / 2 - SUM_X - half - SUM_GAP))
        words, size = _fitting(painter, ways, room, (tools.legible(painter, 10.5), 10))
        if tools.width(words, size) <= room:
            tools.text(painter, box.center().x(), box.bottom() + 14, words, theme.color("text2"), size, align="center", room=room)
