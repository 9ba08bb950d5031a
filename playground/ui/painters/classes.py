"""Output with one number a class: a bar each, the true class bold, a tick or a cross at the answer."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.ui.numbers import count, number
from playground.ui.painters import reading, tools
from playground.ui.painters.base import Picture
from playground.ui.painters.input import true_class
from playground.ui.theme import Theme

CLASSES_WIDTH, BAR_WIDTH, BESIDE = 222.0, 76.0, 68.0
"""The widest card, the narrowest bar, and what its number and mark take behind it."""
PITCH = 15.2
GROWTH = 1.2
"""How much larger the words are at most where the card is drawn small: rows and the room beside the bars hold no more."""
LOSS = QSizeF(66, 16)
"""The room of the loss in the last line."""
MOST_BARS = 12
BEST = 9


class ClassesPainter:
    """A bar a class. Above 12 classes the best 9 and the true one, in their order of size."""

    def size(self, picture: Picture) -> QSizeF:
        rows = min(reading.outputs(picture), MOST_BARS if reading.outputs(picture) <= MOST_BARS else BEST + 1)
        wide = min(self._left(picture) + BAR_WIDTH + BESIDE, CLASSES_WIDTH)
        return QSizeF(wide, max(10 + PITCH * rows + 24, 84.0))

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        listed = self._listed(picture)
        return self._bar(rect, picture, listed.index(unit)) if unit in listed else None

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        listed = self._listed(picture)
        row = int((point.y() - rect.y() - 8) // PITCH)
        return listed[row] if 0 <= row < len(listed) and rect.contains(point) else None

    def place_rect(self, rect: QRectF, picture: Picture, name: str, index: tuple[int, ...]) -> QRectF | None:
        """A class's bar, of a target that is a class number that of the class; the loss stands below."""
        if name == "loss":
            return QRectF(rect.right() - LOSS.width() - 4, rect.bottom() - 12 - LOSS.height() / 2, LOSS.width(), LOSS.height())
        unit = self._truth(picture) if name == "target" and not index else index[0] if len(index) == 1 else None
        return None if unit is None else self.unit_rect(rect, picture, unit)

    def tip(self, picture: Picture, unit: int | None) -> str:
        output = reading.value(picture)
        if unit is None or output is None:
            return QCoreApplication.translate("painters", "one bar a class; the true class is bold")
        return f"{self._name(picture, unit)}: {number(float(np.ravel(output)[unit]))}"

    def paint(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme) -> None:
        shown = reading.value(picture)
        values = np.ravel(shown) if shown is not None else None
        truth = self._truth(picture) if reading.loss_known(picture, cursor) else None
        best = int(np.argmax(values)) if values is not None and np.isfinite(values).all() else None
        limit = scale.limit if scale.limit > 0 else 1.0
        signed = scale.signed
        bounds = self._bounds(picture)
        if bounds is not None and bounds[0] >= 0 and (values is None or not (values < 0).any()):
            limit, signed = max(limit, bounds[1]), False  # from no to yes: nothing lies left of zero
        small = tools.legible(painter, 10.5, GROWTH)
        for row, unit in enumerate(self._listed(picture)):
            bar = self._bar(rect, picture, row)
            bold = unit == truth
            color, weight = theme.color("text" if bold else "text3"), 600 if bold else 400
            name, name_room = self._name(picture, unit), bar.x() - rect.x() - 16
            size = small if tools.width(name, small, weight) <= name_room else 10.5
            if unit == (best if truth is None else truth) and tools.too_small(painter, size):  # the only name that is drawn then
                size, name_room = tools.least(painter, size), name_room + 6
            tools.text(painter, bar.x() - 6, bar.center().y(), name, color, size, weight, "right", name_room)
            painter.fillRect(bar, theme.color("field"))
            if values is None:
                painter.fillRect(bar, tools.hatch(theme, "waiting"))
                continue
            value = float(values[unit])
            self._fill(painter, bar, value, limit, signed, theme)
            if bold and bounds is not None and not signed:
                aim = round(bar.x() + bounds[1] / limit * bar.width()) - 1.0
                painter.fillRect(QRectF(aim, bar.y() - 2, 2, bar.height() + 4), theme.color("text"))
            wrong = truth is not None and unit == best and best != truth
            if wrong:
                tools.frame(painter, bar, theme.color("bad"))
            if truth is not None and unit == best:
                mark = QRectF(bar.right() + 5, bar.center().y() - 4, 8, 8)
                (tools.cross if wrong else tools.tick)(painter, mark, theme.color("bad" if wrong else "good"), 1.8)
            tools.text(painter, rect.right() - 8, bar.center().y(), self._number(value), color, small, weight, "right")
            if unit == picture.selected_unit:
                tools.ring(painter, bar, theme.color("accent"), off=1, radius=3)
        self._footer(painter, rect, picture, best, truth, cursor, theme)

    def _footer(
        self, painter: QPainter, rect: QRectF, picture: Picture, best: int | None, truth: int | None, cursor: Cursor | None, theme: Theme
    ) -> None:
        y, small = rect.bottom() - 12, tools.legible(painter, 10.5, GROWTH)
        painter.fillRect(QRectF(rect.x() + 8, y - 12, rect.width() - 16, 1), theme.color("line"))
        if best is not None and truth is not None:
            said = (
                QCoreApplication.translate("painters", "right: {best}")
                if best == truth
                else QCoreApplication.translate("painters", "says {best}")
            )
            color = theme.color("good" if best == truth else "bad")
            words = said.format(best=self._name(picture, best))
            room = rect.width() - 100
            size = small if tools.width(words, small, 500) <= room else 10.5
            if tools.too_small(painter, size):  # then alone in its line
                size, room = min(tools.least(painter, size), 20.0), rect.width() - 20
            tools.text(painter, rect.x() + 12, y, words, color, size, 500, room=room)
        loss = picture.trace.loss if picture.trace is not None and reading.loss_known(picture, cursor) else None
        if loss is not None:
            across = tools.text(painter, rect.right() - 8, y, number(loss), theme.color("text"), small, 600, "right")
            words = QCoreApplication.translate("painters", "loss")
            tools.text(painter, rect.right() - 14 - across, y, words, theme.color("text3"), small, align="right")

    def _fill(self, painter: QPainter, bar: QRectF, value: float, limit: float, signed: bool, theme: Theme) -> None:
        if not math.isfinite(value):
            tools.not_a_number(painter, bar, np.zeros((1, 1), bool), theme)
            painter.fillRect(bar, tools.hatch(theme, "nan"))
            return
        if signed:
            tools.signed_bar(painter, bar, value, limit, theme)
            return
        length = min(max(value / limit, 0.0), 1.0) * bar.width()
        painter.fillRect(QRectF(bar.x(), bar.y(), length, bar.height()), theme.color("good"))
        painter.fillRect(QRectF(bar.x(), bar.y(), 1, bar.height()), theme.color("text2"))

    def _bounds(self, picture: Picture) -> tuple[float, float] | None:
        """The targets of a no and of a yes, where the loss compares with targets."""
        if "squared" not in str(picture.fields.get("loss", "")):
            return None
        return float(picture.fields.get("target_low", 0.0)), float(picture.fields.get("target_high", 1.0))

    def _number(self, value: float) -> str:
        if math.isfinite(value) and 0 <= value <= 1:
            return f"{value:.2f}"
        return number(value)

    def _bar(self, rect: QRectF, picture: Picture, row: int) -> QRectF:
        left = self._left(picture)
        return QRectF(rect.x() + left, rect.y() + 8 + round(row * PITCH + 2.5), rect.width() - left - BESIDE, 10)

    def _left(self, picture: Picture) -> float:
        """What the names take before the bars."""
        longest = max((tools.width(self._name(picture, unit), 10.5, 600) for unit in self._every(picture)), default=10)
        return min(max(longest + 18, 28), 96.0)

    def _every(self, picture: Picture) -> range:
        return range(min(reading.outputs(picture), MOST_BARS))

    def _listed(self, picture: Picture) -> list[int]:
        total = reading.outputs(picture)
        if total <= MOST_BARS:
            return list(range(total))
        shown = reading.value(picture)
        if shown is None:
            return list(range(BEST + 1))
        order = [int(unit) for unit in np.argsort(-np.nan_to_num(np.ravel(shown), nan=-np.inf), kind="stable")]
        truth = self._truth(picture)
        best = order[: BEST + 1]
        return best if truth is None or truth in best else [*order[:BEST], truth]

    def _truth(self, picture: Picture) -> int | None:
        if picture.trace is None or picture.trace.target is None:
            return None
        return true_class(picture.trace.target, max(reading.outputs(picture), 3))

    def _name(self, picture: Picture, unit: int) -> str:
        classes = picture.data.classes if picture.data is not None else ()
        return classes[unit] if unit < len(classes) else count(unit)
