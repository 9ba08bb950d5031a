"""Output of one number: the answer, the truth, how far apart they are, and the loss with its numbers."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.layers import losses
from playground.ui.numbers import canceled, exact, number
from playground.ui.painters import reading, tools
from playground.ui.painters.base import Picture
from playground.ui.panels import plane_picture
from playground.ui.theme import Theme

NUMBER = QSizeF(208, 160)
ERROR_ROW = 22.0  # added for a loss whose slope is the plain difference

LOSS_AT = 138.0
"""The middle of the line with the loss, from the top."""


class NumberPainter:
    """Thumbnail of the answer over the plane (where there is one), y and target, a bar with the target's triangle, the loss."""

    def size(self, picture: Picture) -> QSizeF:
        return NUMBER + QSizeF(0, self._error_row(picture))

    def _error_row(self, picture: Picture) -> float:
        loss = losses.find(picture.fields.get("loss"))
        return ERROR_ROW if loss is not None and loss.plain_slope else 0.0

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        return QRectF(rect.x() + 14, rect.y() + 12, 40, 40) if unit == 0 else None

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        box = self.unit_rect(rect, picture, 0)
        return 0 if box is not None and box.contains(point) else None

    def place_rect(self, rect: QRectF, picture: Picture, name: str, index: tuple[int, ...]) -> QRectF | None:
        """The answer's thumbnail; target and loss in their lines."""
        if name in ("target", "loss"):
            left, middle = (68.0, 42.0) if name == "target" else (10.0, LOSS_AT + self._error_row(picture))
            return QRectF(rect.x() + left, rect.y() + middle - 10, rect.width() - 8 - left, 20)
        return self.unit_rect(rect, picture, index[0] if index else 0)

    def covers(self, rect: QRectF, picture: Picture, name: str, index: tuple[int, ...]) -> list[QRectF]:
        """All of it tells the one number."""
        return [rect.adjusted(2, 2, -2, -2)]

    def tip(self, picture: Picture, unit: int | None) -> str:
        y, target = self._one(reading.value(picture)), self._target(picture)
        if y is None:
            return QCoreApplication.translate("painters", "the network's answer and the truth")
        if target is None:
            return QCoreApplication.translate("painters", "answer {y}").format(y=number(y))
        return QCoreApplication.translate("painters", "answer {y}, target {target}").format(y=number(y), target=number(target))

    def paint(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme) -> None:
        y, target = self._one(reading.value(picture)), self._target(picture)
        known = reading.loss_known(picture, cursor)
        probability = scale.fixed and not scale.signed
        scale = scale if probability else Scale(limit=max(scale.limit, abs(target or 0.0), 1.0), ramp="div")
        self._thumbnail(painter, rect, picture, y, scale, theme)
        scale_signed = not probability and float(picture.fields.get("target_low", 0.0)) < 0
        left, right = rect.x() + 72, rect.right() - 14
        small = tools.legible(painter, 10.5)
        for row, (words, shown) in enumerate(
            (
                (QCoreApplication.translate("painters", "y"), y),
                (QCoreApplication.translate("painters", "target"), target if known else None),
            )
        ):
            middle = rect.y() + 22 + row * 20
            tools.text(painter, left, middle, words, theme.color("text2"), max(12.0, small))
            if shown is not None and not math.isfinite(shown):
                tools.not_a_number(painter, QRectF(right - 56, middle - 9, 56, 18), np.zeros((1, 1), bool), theme, number(shown))
            else:
                whole = shown is not None and _is_whole(shown)
                signed, room = scale_signed and shown is not None and self._is_small(shown), right - left - tools.width(words, 12) - 8
                tries = [(digits, size) for digits in (3, 2) for size in (15, 13, 12)]
                told = [("–" if shown is None else exact(shown, digits, signed, trim=row == 1 or whole), size) for digits, size in tries]
                text, size = next((one for one in told if tools.width(one[0], one[1], 600) <= room), told[-1])
                tools.text(painter, right, middle, text, theme.color("text"), size, 600, "right", room=room)
        painter.fillRect(QRectF(rect.x() + 8, rect.y() + 62, rect.width() - 16, 1), theme.color("line"))
        if self._error_row(picture):
            self._error(painter, rect, picture, y, target if known else None, theme)
            rect = rect.translated(0, ERROR_ROW)
        tools.text(
            painter,
            rect.x() + 14,
            rect.y() + 75,
            QCoreApplication.translate("painters", "This sample"),
            theme.color("text2"),
            small,
            500,
        )
        verdict = self._right(picture, y) if known and y is not None and math.isfinite(y) else None
        if verdict is not None and not self._error_row(picture):
            self._verdict(painter, rect, verdict, theme)
        if picture.trace is not None:
            tools.text(painter, right, rect.y() + 75, f"#{picture.trace.index}", theme.color("text3"), small, align="right")
        box = QRectF(rect.x() + 14, rect.y() + 93, rect.width() - 28, 10)
        self._bar(painter, box, y, target if known else None, scale, theme, verdict)
        self._loss(painter, rect, picture, y, target, known, theme)

    def _error(self, painter: QPainter, rect: QRectF, picture: Picture, y: float | None, target: float | None, theme: Theme) -> None:
        """The difference that the update is made from; with a class as target also whether the answer is on its side."""
        middle, right = rect.y() + 76, rect.right() - 14
        tools.text(painter, rect.x() + 14, middle, "t − y", theme.color("text2"), max(12.0, tools.legible(painter, 10.5)))
        if y is None or target is None or not math.isfinite(y):
            tools.text(painter, right, middle, "–", theme.color("text3"), 12, align="right")
            return
        words = exact(target - y, signed=self._is_small(target - y), trim=_is_whole(target - y))
        verdict = self._right(picture, y)
        if verdict is None:
            tools.text(painter, right, middle, words, theme.color("text"), 13, 600, "right")
            return
        token, wide = "good" if verdict else "bad", tools.width(words, 13, 600)
        chip = QRectF(right - wide - 32, middle - 10, wide + 32, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(f"{token}_soft"))
        painter.drawRoundedRect(chip, 4, 4)
        (tools.tick if verdict else tools.cross)(painter, QRectF(chip.x() + 9, middle - 4, 8, 8), theme.color(token))
        tools.text(painter, chip.right() - 8, middle, words, theme.color(token), 13, 600, "right")

    def _verdict(self, painter: QPainter, rect: QRectF, right: bool, theme: Theme) -> None:
        """Whether the answer is on the true class's side, in a word beside "This sample"."""
        token, middle = "good" if right else "bad", rect.y() + 75
        words = QCoreApplication.translate("painters", "right") if right else QCoreApplication.translate("painters", "wrong")
        size = tools.legible(painter, 10.5)
        left = rect.x() + 22 + tools.width(QCoreApplication.translate("painters", "This sample"), size, 500)
        (tools.tick if right else tools.cross)(painter, QRectF(left, middle - 4, 8, 8), theme.color(token), 1.8)
        tools.text(painter, left + 13, middle, words, theme.color(token), size, 500)

    def _right(self, picture: Picture, y: float) -> bool | None:
        """Whether the answer is on the true class's side of the middle; ``None`` where the target is a number."""
        target = picture.trace.target if picture.trace is not None else None
        if target is None or picture.data is None or picture.data.task != "classification":
            return None
        truth = self._target(picture)
        middle = (float(picture.fields.get("target_low", 0.0)) + float(picture.fields.get("target_high", 1.0))) / 2
        return truth is not None and (y > middle) == (truth > middle)

    def _is_small(self, value: float) -> bool:
        return abs(value) < 100

    def _bar(
        self, painter: QPainter, bar: QRectF, y: float | None, target: float | None, scale: Scale, theme: Theme, right: bool | None
    ) -> None:
        """``right``: on whose side of the middle the answer is; ``None`` where nobody says, or not yet."""
        low, high = scale.ends()
        painter.fillRect(bar, theme.color("field"))
        tools.frame(painter, bar, theme.color("line2"))
        zero = bar.x() + (0 - low) / (high - low) * bar.width()
        if y is None:
            painter.fillRect(bar, tools.hatch(theme, "waiting"))
        elif not math.isfinite(y):
            painter.fillRect(bar, tools.hatch(theme, "nan"))
        else:
            end = bar.x() + (min(max(y, low), high) - low) / (high - low) * bar.width()
            color = theme.color({True: "good", False: "bad", None: "text3"}[right]) if low == 0 else tools.signed_color(y, theme)
            painter.fillRect(QRectF(min(zero, end), bar.y(), abs(end - zero), bar.height()), color)
            if right is False:
                tools.frame(painter, bar, theme.color("bad"))
        painter.fillRect(QRectF(zero - 0.5, bar.y() - 2, 1, bar.height() + 4), theme.color("text2"))
        if target is not None and math.isfinite(target):
            at = bar.x() + (min(max(target, low), high) - low) / (high - low) * bar.width()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("text"))
            painter.drawPolygon(QPolygonF([QPointF(at - 4.5, bar.y() - 8), QPointF(at + 4.5, bar.y() - 8), QPointF(at, bar.y() - 1)]))
        ends = ((bar.x(), number(low, 2, trim=True), "left"), (bar.right(), number(high, 2, signed=low < 0, trim=True), "right"))
        for x, words, align in ends:
            tools.text(painter, x, bar.bottom() + 11, words, theme.color("text3"), tools.legible(painter, 10.5), align=align)
        if low < 0:
            tools.text(painter, zero, bar.bottom() + 11, "0", theme.color("text3"), tools.legible(painter, 10.5), align="center")

    def _loss(
        self, painter: QPainter, rect: QRectF, picture: Picture, y: float | None, target: float | None, known: bool, theme: Theme
    ) -> None:
        middle, right = rect.y() + LOSS_AT, rect.right() - 14
        small = tools.legible(painter, 10.5)
        name, size = QCoreApplication.translate("painters", "loss"), max(12.0, small)
        tools.text(painter, rect.x() + 14, middle, name, theme.color("text2"), size)
        loss = picture.trace.loss if picture.trace is not None and known else None
        if loss is None or y is None:
            tools.text(painter, right, middle, "–", theme.color("text3"), 12, align="right")
            return
        across = tools.text(painter, right, middle, exact(loss), theme.color("text"), 13, 600, "right")
        start = rect.x() + 14 + max(30.0, tools.width(name, size) + 6)
        room = right - across - start - 6
        for words in (self._arithmetic(picture, y, target, 3), self._arithmetic(picture, y, target, 2)):
            if words and tools.width(words, 10.5) <= room:
                grown = max(10.5, min(small, int(2 * 10.5 * room / tools.width(words, 10.5)) / 2))
                tools.text(painter, start, middle, words, theme.color("text3"), grown)
                break

    def _arithmetic(self, picture: Picture, y: float, target: float | None, digits: int) -> str:
        """The loss with its numbers, to so many digits; ``""`` where one line does not say it."""
        if target is None:
            return ""
        if "squared" in str(kind := picture.fields.get("loss")):  # a small error is told by the digits that do not cancel
            digits += canceled((y, -target))
        minus = f"+ {exact(-target, digits, trim=True)}" if target < 0 else f"− {exact(target, digits, trim=True)}"
        own = exact(y, digits, trim=_is_whole(y))  # else as wide from one moment to the next
        if kind == "half_squared_error":
            return f"½({own} {minus})²"
        if kind == "mean_squared_error":
            return f"({own} {minus})²"
        if kind == "binary_cross_entropy":
            return f"−ln {own}" if target >= 0.5 else f"−ln(1 − {own})"
        return ""

    def _thumbnail(self, painter: QPainter, rect: QRectF, picture: Picture, y: float | None, scale: Scale, theme: Theme) -> None:
        box = self.unit_rect(rect, picture, 0)
        assert box is not None
        boundary = picture.plane.boundary if picture.plane is not None else None
        if boundary is not None and boundary.shape[0] == 1:
            painter.save()
            painter.setClipPath(tools.rounded(box, 4), Qt.ClipOperation.IntersectClip)
            over, scale = self._over(boundary[0], picture, scale)
            tools.cells(painter, box, np.flipud(over), scale, theme, smooth=True)
            painter.restore()
        elif y is None:
            painter.fillRect(box, tools.hatch(theme, "waiting"))
        else:
            tools.value_cell(painter, box, y, scale, theme, radius=4)
        tools.frame(painter, box, theme.color("line3"), 4)

    def _over(self, boundary: np.ndarray, picture: Picture, scale: Scale) -> tuple[np.ndarray, Scale]:
        """The answers over the plane and their scale, that of the decision boundary: from target to target about the middle between
        them; of a step a no has no color. A regression has the bar's."""
        if picture.data is not None and picture.data.task == "regression":
            return boundary, scale
        low, high = self._ends(picture)
        if plane_picture.is_hard(boundary, low, high):
            return np.where(boundary >= high, plane_picture.HARD, 0.0), Scale(limit=1.0, ramp="div")
        middle, reach = plane_picture.levels(low, high)
        return boundary - middle, Scale(limit=reach, ramp="div")

    def _ends(self, picture: Picture) -> tuple[float, float]:
        """The targets of a no and of a yes."""
        if "squared" not in str(picture.fields.get("loss", "")):
            return 0.0, 1.0
        return float(picture.fields.get("target_low", 0.0)), float(picture.fields.get("target_high", 1.0))

    def _one(self, values: np.ndarray | None) -> float | None:
        return float(np.ravel(values)[0]) if values is not None and values.size else None

    def _target(self, picture: Picture) -> float | None:
        target = self._one(picture.trace.target) if picture.trace is not None else None
        if target is None or picture.trace is None or picture.trace.target is None:
            return None
        if np.issubdtype(np.asarray(picture.trace.target).dtype, np.integer):
            low, high = self._ends(picture)
            return high if target else low
        return target


def _is_whole(value: float) -> bool:
    """A step answers 1, not 1.00."""
    return value.is_integer()
