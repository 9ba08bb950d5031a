"""Where the curves of a study run, in px, and their picture: what is done is drawn once, however often the rest is."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from playground.engine.live.snapshot import Curve
from playground.ui.numbers import number
from playground.ui.painters import tools
from playground.ui.panels.chart_axes import Axes, Tick
from playground.ui.panels.chart_series import smoothed, thinned

SMOOTHING = 0.9
DECADES = 2.0
"""A log axis over more decades than that is ticked by these alone."""
MANY = 24
"""More curves than that get a point each second px: they hide one another anyway."""


@dataclass(frozen=True, slots=True)
class _Known:
    """A curve, its values as drawn (exponents of ten on a log axis), and the finite ends of these as they are."""

    curve: Curve
    values: np.ndarray
    low: float
    high: float


class Lines:
    """``places[point]`` are the px (n, 2) of a point's curve within ``area``, ``axes`` and ``ticks`` the axes around them."""

    def __init__(self) -> None:
        self.axes, self.ticks = Axes(), [(0.0, "0")]
        self.places: dict[int, np.ndarray] = {}
        self._known: dict[int, _Known] = {}
        self._painted: set[int] = set()
        self._picture: QPixmap | None = None
        self._key: Hashable = None
        self._look: Hashable = None

    def lay(self, curves: Mapping[int, Curve], kind: str, area: QRectF) -> None:
        """Lay out these curves, all of ``kind`` (``"loss/train"``): loss on a log axis. Only what is new is computed."""
        if any(at not in curves or self._known[at].curve is not curves[at] for at in self._painted):
            self._key = None  # another study: what is drawn of the last one has to go
        for at, curve in curves.items():
            known = self._known.get(at)
            if known is None or known.curve is not curve:
                self._known[at] = _known(curve, smooth=kind == "loss/train", log=kind.startswith("loss"))
                self.places.pop(at, None)
        self._known = {at: self._known[at] for at in curves}
        self.axes, self.ticks = self._axes(kind)
        key = kind, area.getRect(), self.axes.right, self.axes.low, self.axes.high, len(curves) > MANY
        if key != self._key:
            self._key, self._picture = key, None
            self._painted.clear()
            self.places.clear()
        for at in curves:
            if at not in self.places:
                self.places[at] = self._line(self._known[at], area, pixels=round(area.width()) // (2 if len(curves) > MANY else 1))

    def picture(self, size: QSize, ratio: float, settled: set[int], color: Callable[[int], QColor], look: Hashable) -> QPixmap:
        """The ``settled`` curves in their colors; ``look`` tells one theme from another. The others are the caller's to draw."""
        wanted = size * ratio
        if self._picture is None or self._picture.size() != wanted or self._look != look:
            self._picture, self._look = QPixmap(wanted), look
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
            self._painted.clear()
        with QPainter(self._picture) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for at in sorted((settled & self.places.keys()) - self._painted):
                draw(painter, self.places[at], color(at), 1.0)
                self._painted.add(at)
        return self._picture

    def _axes(self, kind: str) -> tuple[Axes, list[Tick]]:
        known = [one for one in self._known.values() if len(one.curve.steps)]
        axes = Axes(log=kind.startswith("loss"), share=kind.startswith("accuracy"))
        ends = np.array([[one.low, one.high] for one in known]).ravel()
        last = max((float(one.curve.steps[-1]) for one in known), default=0.0)
        axes.take_in(last, [ends])
        if len(known) > 1 and last > 0:  # the first has come to its end, and the others go no further: no room is kept for more
            axes.right = last
        return axes, _tightened(axes, ends)

    def _line(self, known: _Known, area: QRectF, pixels: int) -> np.ndarray:
        low, high = self.axes.ends()
        steps, values = thinned(known.curve.steps, known.values, pixels)
        kept = np.isfinite(values)
        x = area.x() + steps[kept] / self.axes.right * area.width()
        y = area.bottom() - (values[kept] - low) / (high - low) * area.height()
        return np.column_stack([x, y])


def draw(painter: QPainter, line: np.ndarray, color: QColor, width: float) -> None:
    """One curve; a dot where it has a single point."""
    painter.setPen(tools.pen(color, width))
    if len(line) > 1:
        painter.drawPolyline(tools.polygon(line))
    elif len(line):
        painter.drawEllipse(QPointF(*line[0].tolist()), 1.5, 1.5)


def _known(curve: Curve, smooth: bool, log: bool) -> _Known:
    values = smoothed(curve.values, SMOOTHING if smooth else 0.0)
    finite = values[np.isfinite(values) & (values > 0)] if log else values[np.isfinite(values)]
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = np.log10(values) if log else values
    ends = (float(finite.min()), float(finite.max())) if len(finite) else (math.nan, math.nan)
    return _Known(curve, drawn, *ends)


def _tightened(axes: Axes, ends: np.ndarray) -> list[Tick]:
    """Close a log axis in on its curves, at ends of one digit: they lie close together, and are what is compared. Its ticks."""
    ends = ends[np.isfinite(ends)]
    if not axes.log or not len(ends):
        return axes.y_ticks(4)
    axes.low, axes.high = _digit(float(ends.min()), math.floor), _digit(float(ends.max()), math.ceil)
    if axes.high <= axes.low:
        axes.high = axes.low * 2
    low, high = axes.ends()
    apart = (high - low) / 5
    digits = (1, 2, 5) if high - low <= DECADES else (1,)
    places = [power + math.log10(digit) for power in range(math.floor(low), math.ceil(high)) for digit in digits]
    ticks = [low]
    for place in (*(place for place in places if place <= high - apart), high):
        if place >= ticks[-1] + apart:
            ticks.append(place)
    return [(place, number(10.0**place, 1)) for place in ticks]


def _digit(value: float, way: Callable[[float], int]) -> float:
    """``value`` rounded ``way`` to one digit."""
    power = 10.0 ** math.floor(math.log10(value))
    return way(round(value / power, 6)) * power
