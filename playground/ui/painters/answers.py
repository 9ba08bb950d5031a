"""Output with an answer at each step: chances or values through time, with the truth at the same steps, and how many are right."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.ui.numbers import count, number
from playground.ui.painters import course, reading, stripes, tools
from playground.ui.painters.base import Picture
from playground.ui.painters.sequence import EDGE, FOOT, MOST_BARS, TOP, WIDE, waiting
from playground.ui.theme import Theme

CLASS_ROW, LEAST, HIGHEST = 9.0, 44.0, 112.0
LETTERS, MARKS, GAP = 15.0, 6.0, 3.0
"""Heights of a row of symbols and of one of colors alone, where steps are too narrow for symbols."""
NARROWEST, SIZE = 9.0, 10.5
CURVE = 64.0

UNASKED = 0.65
"""How much of a step is covered at which no answer is asked for."""


class AnswersPainter:
    """Classes: above, what is answered at each step, in the color of right or wrong; the chance of each class, the true one framed;
    below, the truth. One number a step: the answer as bars (a chance) or as a line with the truth as dots."""

    def size(self, picture: Picture) -> QSizeF:
        return QSizeF(WIDE + 2 * EDGE, TOP + 2 * self._row(picture) + self._high(picture) + FOOT)

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        steps, width = self._shape(picture)
        if not 0 <= unit < steps * width:
            return None
        box = self.box(rect, picture)
        wide, high = box.width() / steps, box.height() / width
        return QRectF(box.x() + unit // width * wide, box.y() + unit % width * high, wide, high)

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        steps, width = self._shape(picture)
        box = self.box(rect, picture)
        if not box.contains(point):
            return None
        step = min(int((point.x() - box.x()) / box.width() * steps), steps - 1)
        return step * width + min(int((point.y() - box.y()) / box.height() * width), width - 1)

    def tip(self, picture: Picture, unit: int | None) -> str:
        steps, width = self._shape(picture)
        values, targets = self._values(picture), self._targets(picture)
        if unit is None or values is None or not 0 <= unit < steps * width:
            return QCoreApplication.translate("painters", "an answer at each of {n} steps").format(n=count(steps))
        step, at = divmod(unit, width)
        words = QCoreApplication.translate("painters", "step {step}").format(step=step + 1)
        words += f"\n{self._name(picture, at) or QCoreApplication.translate('painters', 'answer')}: {number(float(values[step, at]))}"
        if targets is None or not self._counts(picture)[step]:
            return words + "\n" + QCoreApplication.translate("painters", "no answer is asked here")
        truth = self._name(picture, int(targets[step, 0])) if self._classes(picture) else number(float(targets[step, at]))
        return words + "\n" + QCoreApplication.translate("painters", "truth: {truth}").format(truth=truth)

    def paint(self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme) -> None:
        values, box = self._values(picture), self.box(rect, picture)
        known = reading.loss_known(picture, cursor)
        targets = self._targets(picture) if known else None
        counts = self._counts(picture)
        if values is None:
            painter.fillRect(box, tools.hatch(theme, "waiting"))
        elif self._classes(picture):
            self._chances(painter, box, picture, cursor, values, targets, counts, scale, theme)
        else:
            for row in range(values.shape[1]):
                high = box.height() / values.shape[1]
                part = QRectF(box.x(), box.y() + row * high + 1, box.width(), high - 2)
                self._course(painter, part, picture, values[:, row], None if targets is None else targets[:, row], counts, scale, theme)
        stripes.padded(painter, box, course.mask(picture, self._shape(picture)[0]), theme)
        if picture.selected_unit is not None and (chosen := self.unit_rect(rect, picture, picture.selected_unit)) is not None:
            tools.ring(painter, chosen, theme.color("accent"), off=1, radius=2)
        self._footer(painter, rect, picture, self._right(picture, values, targets, counts), known, theme)

    def box(self, rect: QRectF, picture: Picture) -> QRectF:
        """Where chances or values are drawn in the body ``rect``."""
        return QRectF(rect.x() + (rect.width() - WIDE) / 2, rect.y() + TOP + self._row(picture), WIDE, self._high(picture))

    # -- what there is
    def _shape(self, picture: Picture) -> tuple[int, int]:
        steps, width = (*(picture.output or ()), 1, 1)[:2]
        return max(steps, 1), max(width, 1)

    def _classes(self, picture: Picture) -> bool:
        return self._shape(picture)[1] > 1 and bool(picture.data is None or picture.data.task == "classification")

    def _values(self, picture: Picture) -> np.ndarray | None:
        found = reading.value(picture)
        return found if found is not None and found.shape == self._shape(picture) else None

    def _targets(self, picture: Picture) -> np.ndarray | None:
        """(T, 1) class numbers, or (T, K) values as the loss compares them."""
        given = picture.trace.target if picture.trace is not None else None
        if given is None:
            return None
        steps, width = self._shape(picture)
        if given.shape == (steps, width):
            return given.argmax(axis=1)[:, None] if self._classes(picture) else given
        return np.reshape(given, (steps, -1)) if given.size == steps else None

    def _counts(self, picture: Picture) -> np.ndarray:
        """Bool (T,): at which steps an answer is asked; of a text of the user's own, where nobody asks, which steps are real."""
        steps = self._shape(picture)[0]
        found = reading.value(picture, "counted")
        if found is None:
            found = course.mask(picture, steps)
        return np.ones(steps, bool) if found is None or found.shape != (steps,) else found != 0

    def _right(self, picture: Picture, values: np.ndarray | None, targets: np.ndarray | None, counts: np.ndarray) -> np.ndarray | None:
        """Bool (T,): whether each answer is the true class; ``None`` where nobody says."""
        if values is None or targets is None or picture.data is None or picture.data.task != "classification":
            return None
        if self._classes(picture):
            return (values.argmax(axis=1) == targets[:, 0])[counts]
        middle = self._middle(picture)
        return ((values[:, 0] > middle) == (targets[:, 0] > middle))[counts]

    def _middle(self, picture: Picture) -> float:
        if "squared" not in str(picture.fields.get("loss", "")):
            return 0.5
        return (float(picture.fields.get("target_low", 0.0)) + float(picture.fields.get("target_high", 1.0))) / 2

    def _name(self, picture: Picture, unit: int) -> str:
        names = picture.data.classes if picture.data is not None else ()
        return names[unit] if self._classes(picture) and 0 <= unit < len(names) else ""

    # -- sizes
    def _row(self, picture: Picture) -> float:
        """The height of the row above and of that below: symbols where a step has room for them."""
        if not self._classes(picture):
            return 0.0
        return GAP + (LETTERS if self._has_letters(picture) else MARKS)

    def _has_letters(self, picture: Picture) -> bool:
        names = picture.data.classes if picture.data is not None else ()
        room = WIDE / self._shape(picture)[0]
        return bool(names) and room >= NARROWEST and max(tools.width(name, SIZE) for name in names[:200]) <= room

    def _high(self, picture: Picture) -> float:
        width = self._shape(picture)[1]
        if self._classes(picture):
            return min(max(width * CLASS_ROW, LEAST), HIGHEST)
        return CURVE * min(width, MOST_BARS)

    # -- painting
    def _chances(
        self, painter: QPainter, box: QRectF, picture: Picture, cursor: Cursor | None, values: np.ndarray,
        targets: np.ndarray | None, counts: np.ndarray, scale: Scale, theme: Theme,
    ) -> None:  # fmt: skip
        steps, width = values.shape
        ahead = waiting(picture, cursor)
        stripes.block(painter, box, values, scale, theme, 1.0 if box.width() / steps >= 6 else 0.0, None if ahead is None else ~ahead)
        wide, high, row = box.width() / steps, box.height() / width, self._row(picture) - GAP
        letters = self._has_letters(picture)
        for step in range(steps):
            left = box.x() + step * wide
            if not counts[step]:
                if counts.any():  # what nobody asks for here stands back behind what counts
                    painter.fillRect(QRectF(left, box.y(), wide, box.height()), theme.color("card", UNASKED))
                continue
            best = int(values[step].argmax())
            truth = int(targets[step, 0]) if targets is not None else None
            token = "text3" if truth is None else "good" if best == truth else "bad"
            above, below = QRectF(left, box.y() - GAP - row, wide, row), QRectF(left, box.bottom() + GAP, wide, row)
            if letters:
                middle = above.center().x()
                named = self._name(picture, best)
                tools.text(painter, middle, above.center().y(), named, theme.color(token), SIZE, 600, "center", always=True)
                if truth is not None:
                    named = self._name(picture, truth)
                    tools.text(painter, middle, below.center().y(), named, theme.color("text2"), SIZE, align="center", always=True)
            else:
                painter.fillRect(above.adjusted(0.3, 0, -0.3, 0), theme.color(token))
                if token == "bad":  # told apart without color
                    painter.fillRect(QRectF(left, above.y(), wide, 1.5), theme.color("text"))
            if truth is not None and high >= 3 and wide >= 3:
                tools.frame(painter, QRectF(left, box.y() + truth * high, wide, high), theme.color("text"))

    def _course(
        self, painter: QPainter, row: QRectF, picture: Picture, values: np.ndarray, targets: np.ndarray | None,
        counts: np.ndarray, scale: Scale, theme: Theme,
    ) -> None:  # fmt: skip
        """One number a step: a chance as bars from 0 to 1, a value as a line; the truth as dots."""
        painter.fillRect(row, theme.color("field"))
        steps, wide = len(values), row.width() / len(values)
        shown = [values[np.isfinite(values)]] + ([] if targets is None else [targets[counts]])
        low, high = (0.0, 1.0) if scale.fixed else _ends(np.concatenate(shown))

        def y_of(value: float) -> float:
            return row.bottom() - 3 - (min(max(value, low), high) - low) / (high - low) * (row.height() - 6)

        judged = picture.data is not None and picture.data.task == "classification"
        middle, points = self._middle(picture), []
        for step in range(steps):
            value, x = float(values[step]), row.x() + step * wide
            if not np.isfinite(value):
                painter.fillRect(QRectF(x, row.y(), wide, row.height()), tools.hatch(theme, "nan"))
                continue
            points.append(QPointF(x + wide / 2, y_of(value)))
            if judged:
                right = None if targets is None or not counts[step] else (value > middle) == (targets[step] > middle)
                color = theme.color({True: "good", False: "bad", None: "text3"}[right])
                painter.fillRect(QRectF(x + 0.3, y_of(value), max(wide - 0.6, 0.8), row.bottom() - y_of(value)), color)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if not judged:
            painter.setPen(tools.pen(theme.color("accent"), 1.6))
            painter.drawPolyline(QPolygonF(points))
        if targets is None:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("text"))
        radius = 1.6 if wide >= 4 else 1.1
        for step in np.flatnonzero(counts & np.isfinite(targets)):
            if not judged or targets[step] > middle:  # of yes and no, yes alone is worth a dot
                painter.drawEllipse(QPointF(row.x() + (step + 0.5) * wide, y_of(float(targets[step]))), radius, radius)

    def _footer(self, painter: QPainter, rect: QRectF, picture: Picture, right: np.ndarray | None, known: bool, theme: Theme) -> None:
        y = rect.bottom() - 12
        if right is not None:
            every = bool(right.all())
            words = QCoreApplication.translate("painters", "{n} of {of} right").format(n=count(int(right.sum())), of=count(len(right)))
            tools.text(painter, rect.x() + EDGE, y, words, theme.color("good" if every else "text2"), 10.5, 500, room=96)
        elif picture.data is not None and picture.data.task == "regression":
            words = QCoreApplication.translate("painters", "dots: truth")
            tools.text(painter, rect.x() + EDGE, y, words, theme.color("text3"), 10.5, room=96)
        loss = picture.trace.loss if picture.trace is not None and known else None
        if loss is not None:
            across = tools.text(painter, rect.right() - EDGE, y, number(loss), theme.color("text"), 10.5, 600, "right")
            words = QCoreApplication.translate("painters", "loss")
            tools.text(painter, rect.right() - EDGE - 6 - across, y, words, theme.color("text3"), 10.5, align="right", room=40)


def _ends(values: np.ndarray) -> tuple[float, float]:
    """What a row reaches from and to: all values, apart where they are one."""
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    return (low, high) if high > low else (low - 0.5, high + 0.5)
