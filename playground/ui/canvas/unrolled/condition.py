"""A condition on the units of an unrolled node ("f of unit 4 below 0.2"): where it holds in the sequence on show, and the marks there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QPainter

from playground.ui.canvas.unrolled.layout import Layout
from playground.ui.canvas.unrolled.reading import Strip
from playground.ui.numbers import number
from playground.ui.painters import tools
from playground.ui.painters.course import Row
from playground.ui.theme import Theme

THICK = 3.0
FRAMED_FROM = 4.0
"""A unit's stripe of so many px is framed where it holds; of thinner ones the bracket alone tells the step."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """``gate`` of ``unit`` (``None``: of any) ``below`` or else above ``value``."""

    gate: str
    unit: int | None
    below: bool
    value: float

    def holds(self, row: Row, mask: np.ndarray | None) -> np.ndarray | None:
        """Bool (T, U): where it holds among what ``row`` has and a pass has come to; padding never does. ``None`` for another row, or
        one that shows errors: the condition is on values."""
        if row.gate != self.gate or row.error or row.values is None:
            return None
        found: np.ndarray = row.values < self.value if self.below else row.values > self.value
        if row.known is not None:
            found = found & row.known
        if mask is not None:
            found = found & (mask != 0)[:, None]
        if self.unit is not None:
            found = found & (np.arange(found.shape[1]) == self.unit)
        return found

    def words(self) -> str:
        """``"f of unit 4 < 0.2"``."""
        sign = "<" if self.below else ">"
        told = number(self.value, trim=True)
        if self.unit is None:
            return QCoreApplication.translate("unrolled", "{gate} of any unit {sign} {value}").format(gate=self.gate, sign=sign, value=told)
        words = QCoreApplication.translate("unrolled", "{gate} of unit {unit} {sign} {value}")
        return words.format(gate=self.gate, unit=self.unit + 1, sign=sign, value=told)


def runs(steps: np.ndarray) -> list[tuple[int, int]]:
    """First and last (exclusive) of each run of true entries of ``steps`` (T,)."""
    edges = np.diff(np.pad(steps, 1).astype(np.int8))
    return list(zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True))


def bracket(painter: QPainter, left: float, right: float, y: float, theme: Theme) -> None:
    """A thick bar with its ends turned down: form, not hue, says that the condition holds below it."""
    ink = theme.color("text")
    painter.fillRect(QRectF(left, y, max(right - left, 3.0), THICK), ink)
    if right - left >= 8:
        for x in (left, right - 2):
            painter.fillRect(QRectF(x, y, 2.0, THICK + 4), ink)


def paint(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, at: int, holds: np.ndarray) -> None:
    """Marks on row ``at``: a bracket over the inputs at which it holds, and a frame around each unit for which it does."""
    seen = layout.seen
    if not len(seen):
        return
    steps = holds.any(axis=1)
    painter.save()
    painter.setClipRect(layout.sight)
    gap = layout.gap / 2
    for first, last in runs(steps):
        if last > seen.start and first < seen.stop:
            bracket(painter, layout.x(first) + gap, layout.x(last) - gap, layout.tiles.top() + 1, theme)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for step in seen:
        box = layout.cell(at, step)
        for unit in np.flatnonzero(holds[step]):
            stripe = layout.unit_rect(box, int(unit), strip.unit)
            if stripe.height() >= FRAMED_FROM and stripe.width() >= FRAMED_FROM:
                frame_of(painter, stripe, theme)
    painter.restore()


def frame_of(painter: QPainter, box: QRectF, theme: Theme) -> None:
    """A double frame, dark and light, so that it stands out on every color of a scale."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inner = box.adjusted(0.75, 0.75, -0.75, -0.75)
    painter.setPen(tools.pen(theme.color("text"), 1.5))
    painter.drawRect(inner)
    if box.height() >= 9 and box.width() >= 9:
        painter.setPen(tools.pen(theme.color("card"), 1.0))
        painter.drawRect(inner.adjusted(1.25, 1.25, -1.25, -1.25))
