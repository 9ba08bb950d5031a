"""The gradient's norm, by layer; where gradients are clipped a gauge: the whole norm, its limit in words, a tick at each clipped batch."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from playground.engine.live.snapshot import Clipping
from playground.ui.numbers import count, number
from playground.ui.painters import tools
from playground.ui.panels import chart_series as series
from playground.ui.panels.chart import ROOM, Chart
from playground.ui.panels.chart_marks import PLATE, Marks, write

WITHIN = 2.0
"""Powers of ten that a limit may lie from the curves and still have its place on the axis."""
LIMIT = (2.0, 2.5)
TICK, SHORT = 4.5, 2.0
"""Half a tick's height, px: where all batches about a point were clipped, and where hardly one was."""


class NormChart(Chart):
    """As any chart; ``limits`` are what gradients are clipped at: with a place on the axis, or in words alone."""

    @property
    def clipping(self) -> Clipping | None:
        return self._snapshot.clipping if self._snapshot is not None else None

    @property
    def limits(self) -> list[tuple[float, str]]:
        """Each limit of now and what is said of it."""
        clipping = self.clipping
        if clipping is None:
            return []
        found = []
        if clipping.norm is not None:
            found.append((clipping.norm, self.tr("clip at {limit}").format(limit=number(clipping.norm, 2, trim=True))))
        if clipping.value is not None:
            found.append((clipping.value, self.tr("clip entries at {limit}").format(limit=number(clipping.value, 2, trim=True))))
        limit, words = found[0]
        told = next((told for told in self.reached(clipping) if self._fits(f"{words}: {told}")), "")
        return [(limit, f"{words}: {told}" if told else words), *found[1:]]

    def _fits(self, words: str) -> bool:
        return tools.width(words, 10.5) + 6 <= self.area().width()

    def reached(self, clipping: Clipping) -> tuple[str, str]:
        """How often, in words and in fewer of them: of the last steps, else when at last, else never."""
        if clipping.clipped:
            numbers = {"n": count(clipping.clipped), "all": count(clipping.steps)}
            return self.tr("reached in {n} of the last {all} batches").format(**numbers), self.tr("in {n} of {all} batches").format(
                **numbers
            )
        if clipping.ago is not None and self._snapshot is not None:
            last = count(self._snapshot.step - clipping.ago)
            return self.tr("last reached at step {n}").format(n=last), self.tr("last at step {n}").format(n=last)
        told = self.tr("never reached") if clipping.steps else self.tr("no batch yet")
        return told, told

    def _ticks(self) -> tuple[np.ndarray, np.ndarray]:
        """The steps about which these limits clipped gradients, and of how many batches there: shares."""
        curve = self._snapshot.curves.get("clipped") if self._snapshot is not None else None
        if curve is None or self.clipping is None or self._snapshot is None:
            return np.zeros(0, np.int64), np.zeros(0)
        hot = (curve.values > 0) & (curve.steps > self._snapshot.step - self.clipping.under)
        return curve.steps[hot], curve.values[hot]

    def _take_in(self) -> None:
        super()._take_in()
        shown = [np.array([limit]) for limit, _ in self.limits if self._near(limit)]
        if shown:
            self.axes.take_in(0.0, shown)

    def _near(self, limit: float) -> bool:
        """Whether the axis may grow as far as the limit without pressing the curves flat."""
        finite = [line.curve.values[np.isfinite(line.curve.values) & (line.curve.values > 0)] for line in self.lines]
        known = np.concatenate(finite) if finite else np.zeros(0)
        if not known.size:
            return True
        return bool(known.min() / 10**WITHIN <= limit <= known.max() * 10**WITHIN)

    def show_snapshot(self, snapshot: object) -> None:  # the limits are the document's, and may change while no curve does
        before = self.clipping
        super().show_snapshot(snapshot)
        if before != self.clipping:
            limits = (before.norm, before.value) if before is not None else None
            now = (self.clipping.norm, self.clipping.value) if self.clipping is not None else None
            if limits != now:
                self._rescale()
            else:
                self._renew()

    def _own(self) -> list[series.Line]:
        """The layers first: their hues must be told, where there is no room for all."""
        return sorted(super()._own(), key=lambda line: line.name in (series.WHOLE, series.LARGEST))

    # -- drawing
    def _events(self, painter: QPainter, marks: Marks) -> None:
        super()._events(painter, marks)
        shown = [(limit, words, *self._line(painter, limit, at == 0, marks)) for at, (limit, words) in enumerate(self.limits)]
        for _, words, y, arrow in shown:
            self._tell_limit(painter, words + arrow, y, marks)

    def _line(self, painter: QPainter, limit: float, first: bool, marks: Marks) -> tuple[float, str]:
        """A dashed line with its ticks at the limit, or off the axis an arrow that says where it is: its place, and the arrow."""
        area = self.area()
        exact = float(self.at(np.zeros(1), self._drawn(np.array([limit])))[0, 1])
        inside = area.top() <= exact <= area.bottom() and math.isfinite(exact)
        y = round(min(max(exact, area.top() + 1), area.bottom() - 1)) + 0.5
        if inside:
            painter.setPen(tools.pen(self._theme.color("err"), 1.2, LIMIT))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            marks.rule(QRectF(area.left(), y - 1, area.width(), 2))
        if first:
            self._mark(painter, y)
        return y, "" if inside else " ↑" if exact < area.top() else " ↓"

    def _tell_limit(self, painter: QPainter, words: str, y: float, marks: Marks) -> None:
        """The words of a limit at ``y``: beside it, where the fewest points of the curves lie; else as near as there is room."""
        area, color = self.area(), self._theme.color("err")
        wide = min(tools.width(words, 10.5) + 6, area.width())
        sides = (area.right() - wide, area.left() + 2)
        beside = [QRectF(left, top, wide, PLATE) for top in (y + ROOM, y - ROOM - PLATE) for left in sides]
        place = marks.place(beside) or marks.nearest(sorted(marks.rows(wide), key=lambda one: abs(one.center().y() - y)))
        if place is not None:
            write(painter, place, words, color, self._theme.color("panel"))

    def _mark(self, painter: QPainter, y: float) -> None:
        """A tick at each clipped batch; where a point of the curve is of many batches, the taller the more of them."""
        area, (steps, shares) = self.area(), self._ticks()
        painter.setPen(tools.pen(self._theme.color("err"), 1.2))
        x = area.x() + steps / self.axes.right * area.width()
        pixels: dict[int, float] = {}
        for place, share in zip(x.tolist(), shares.tolist(), strict=True):
            pixels[round(place)] = max(pixels.get(round(place), 0.0), share)
        for at, share in pixels.items():
            half = SHORT + (TICK - SHORT) * share
            painter.drawLine(QPointF(at + 0.5, y - half), QPointF(at + 0.5, y + half))

    def _name(self, line: series.Line) -> str:
        names = {series.WHOLE: self.tr("all"), series.LARGEST: self.tr("max")}
        return names.get(line.name) or super()._name(line)
