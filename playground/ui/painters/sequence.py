"""A sequence of values (T, F): steps to the right and features down, as recurrent cards have them; few features as a bar a step."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.ui.numbers import count, number
from playground.ui.painters import course, reading, stripes, tools
from playground.ui.painters.base import Picture
from playground.ui.theme import Theme

WIDE, EDGE, TOP, FOOT = 172.0, 12.0, 10.0, 26.0
BAR_ROW, ROW, HIGHEST = 44.0, 14.0, 132.0
MOST_BARS = 2
"""Up to so many features are bars over and under a line of zero."""
MOST_LISTED = 4096
"""Of more values than that, a pass that goes by single numbers shows whole steps."""


def is_sequence(picture: Picture) -> bool:
    """Whether the node's output is numbers at each of several steps."""
    return picture.output is not None and len(picture.output) == 2


def waiting(picture: Picture, cursor: Cursor | None) -> np.ndarray | None:
    """Bool (T, F): which values a pass by single numbers has not come to; ``None`` where all are known."""
    if picture.output is None or cursor is None or cursor.cell is None or cursor.stage.node != picture.node:
        return None
    if cursor.stage.phase not in ("forward", "backward"):
        return None
    steps, features = picture.output
    if steps * features > MOST_LISTED:
        ahead = [[reading.waits(picture, cursor, step * features + features - 1)] for step in range(steps)]
        return np.repeat(np.array(ahead), features, axis=1)
    return np.array([reading.waits(picture, cursor, unit) for unit in range(steps * features)]).reshape(steps, features)


class SequencePainter:
    """Padded steps are faded and hatched, as they are on recurrent cards. Units are counted as they lie in memory: step by step."""

    def size(self, picture: Picture) -> QSizeF:
        return QSizeF(WIDE + 2 * EDGE, TOP + self._high(picture) + FOOT)

    def unit_rect(self, rect: QRectF, picture: Picture, unit: int) -> QRectF | None:
        if not is_sequence(picture) or not 0 <= unit < math.prod(picture.output or ()):
            return None
        steps, features = self._shape(picture)
        box = self.box(rect, picture)
        wide, high = box.width() / steps, box.height() / features
        return QRectF(box.x() + unit // features * wide, box.y() + unit % features * high, wide, high)

    def unit_at(self, rect: QRectF, picture: Picture, point: QPointF) -> int | None:
        box = self.box(rect, picture)
        if not is_sequence(picture) or not box.contains(point):
            return None
        steps, features = self._shape(picture)
        step = min(int((point.x() - box.x()) / box.width() * steps), steps - 1)
        return step * features + min(int((point.y() - box.y()) / box.height() * features), features - 1)

    def tip(self, picture: Picture, unit: int | None) -> str:
        steps, features = self._shape(picture)
        values = reading.value(picture)
        if unit is None or values is None or values.shape != (steps, features) or not 0 <= unit < values.size:
            words = QCoreApplication.translate("painters", "{steps} steps to the right, {features} values down")
            return words.format(steps=count(steps), features=count(features))
        step, feature = divmod(unit, features)
        words = QCoreApplication.translate("painters", "step {step}, {feature}: {value}")
        return words.format(step=step + 1, feature=self.feature(picture, feature), value=number(float(values[step, feature]), signed=True))

    def feature(self, picture: Picture, feature: int) -> str:
        """What a row is called: a column of the data at an Input, else its number."""
        names = picture.data.feature_names if picture.data is not None and picture.layer is not None else ()
        if picture.layer is not None and picture.layer.trace_kind == "input" and len(names) == self._shape(picture)[1]:
            return names[feature]
        return QCoreApplication.translate("painters", "value {n}").format(n=count(feature + 1))

    def paint(
        self, painter: QPainter, rect: QRectF, picture: Picture, cursor: Cursor | None, scale: Scale, theme: Theme, words: str = ""
    ) -> None:
        """``words`` stand below instead of what lies where."""
        steps, features = self._shape(picture)
        box = self.box(rect, picture)
        shown = reading.shown(picture, cursor, scale)
        if shown is None or shown.values.shape != (steps, features):
            painter.fillRect(box, tools.hatch(theme, "waiting"))
        elif features <= MOST_BARS:
            self._bars(painter, box, shown.values, shown.scale, waiting(picture, cursor), theme)
        else:
            ahead = waiting(picture, cursor)
            gap = 1.0 if box.width() / steps >= 6 else 0.0
            stripes.block(painter, box, shown.values, shown.scale, theme, gap, known=None if ahead is None else ~ahead)
        dropped = reading.value(picture, "mask")
        if dropped is not None and dropped.shape == (steps, features):  # what Dropout turned off is not a zero
            tools.marked(painter, box, dropped.T == 0, theme.color("card"))
        stripes.padded(painter, box, course.mask(picture, steps), theme)
        if picture.selected_unit is not None and (chosen := self.unit_rect(rect, picture, picture.selected_unit)) is not None:
            tools.ring(painter, chosen, theme.color("accent"), off=1, radius=2)
        both = QCoreApplication.translate("painters", "steps →  values ↓")  # one value a step is a bar: nothing goes down
        words = words or (both if features > 1 else QCoreApplication.translate("painters", "steps →"))
        tools.text(painter, rect.x() + EDGE, rect.bottom() - 12, words, theme.color("text3"), 10.5, room=rect.width() - 2 * EDGE)

    def box(self, rect: QRectF, picture: Picture) -> QRectF:
        """Where the values are drawn in the body ``rect``."""
        return QRectF(rect.x() + (rect.width() - WIDE) / 2, rect.y() + TOP, WIDE, self._high(picture))

    def _shape(self, picture: Picture) -> tuple[int, int]:
        steps, features = (*(picture.output or ()), 1, 1)[:2]
        return max(steps, 1), max(features, 1)

    def _high(self, picture: Picture) -> float:
        features = self._shape(picture)[1]
        return features * BAR_ROW if features <= MOST_BARS else min(max(features * ROW, 2 * BAR_ROW), HIGHEST)

    def _bars(self, painter: QPainter, box: QRectF, values: np.ndarray, scale: Scale, ahead: np.ndarray | None, theme: Theme) -> None:
        """A bar a step, from the line of zero; on a scale of one sign from the bottom."""
        steps, features = values.shape
        signed = scale.signed or bool((values < 0).any())
        limit = scale.limit if scale.limit > 0 else 1.0
        wide, high = box.width() / steps, box.height() / features
        gap = 1.0 if wide >= 4 else 0.0
        for feature in range(features):
            row = QRectF(box.x(), box.y() + feature * high + 2, box.width(), high - 4)
            painter.fillRect(row, theme.color("field"))
            zero = row.center().y() if signed else row.bottom()
            reach = row.height() / (2 if signed else 1)
            for step in range(steps):
                slot = QRectF(row.x() + step * wide, row.y(), wide - gap, row.height())
                value = float(values[step, feature])
                if ahead is not None and ahead[step, feature]:
                    painter.fillRect(slot, tools.hatch(theme, "waiting"))
                elif not math.isfinite(value):
                    painter.fillRect(slot, tools.hatch(theme, "nan"))
                else:
                    off = max(min(value / limit, 1.0), -1.0) * reach
                    painter.fillRect(QRectF(slot.x(), min(zero, zero - off), slot.width(), abs(off)), tools.color_of(value, scale, theme))
            painter.fillRect(QRectF(row.x(), zero - 0.5, row.width(), 1), theme.color("text3"))
