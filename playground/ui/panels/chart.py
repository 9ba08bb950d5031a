"""One chart: title and key in the head, curves below, event lines, a crosshair under the pointer."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from playground.engine.snapshot import Event, Snapshot
from playground.ui.painters import tools
from playground.ui.painters.numbers import count, number, percent
from playground.ui.panels import chart_series as series
from playground.ui.panels.chart_axes import Axes
from playground.ui.panels.chart_series import Line
from playground.ui.theme import Theme

HEAD = 24
AXIS_LEFT, AXIS_BOTTOM = 40, 20
MOST_EVENTS = 12


class _Axis(pg.AxisItem):
    """Words beside the curves; the grid lines are the chart's own, so there are no tick marks."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, showValues=True)
        self.setStyle(tickLength=0, tickTextOffset=5, hideOverlappingLabels=False)
        self.setTickFont(tools.font(10.5))
        (self.setWidth if orientation == "left" else self.setHeight)(AXIS_LEFT if orientation == "left" else AXIS_BOTTOM)


class Chart(QWidget):
    """Draws the lines of one kind. ``show_snapshot`` redraws; the range grows in jumps and is forgotten with a new run."""

    def __init__(self, kind: str, title: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind, self._title, self._theme = kind, title, theme
        self.setObjectName(f"chart_{kind}")
        self.setAccessibleName(title)
        self.axes = Axes(log=kind in series.LOG_KINDS, share=kind == "accuracy")
        self.smoothing = 0.0
        self.hidden: frozenset[int] = frozenset()
        self._snapshot: Snapshot | None = None
        self._run: int | None = None
        self._lines: list[Line] = []
        self._hover: float | None = None
        self._plot = pg.PlotWidget(parent=self, axisItems={"left": _Axis("left"), "bottom": _Axis("bottom")})
        self._plot.setObjectName(f"chart_{kind}_plot")
        self._plot.setMenuEnabled(False)
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.hideButtons()
        self._plot.setFrameShape(self._plot.Shape.NoFrame)
        self._plot.getPlotItem().setContentsMargins(0, 4, 8, 0)
        self._plot.viewport().setMouseTracking(True)
        self._plot.viewport().installEventFilter(self)
        self._grid = pg.PlotCurveItem(connect="pairs")
        self._plot.addItem(self._grid)
        self._curves: list[pg.PlotCurveItem] = []
        self._events: list[pg.InfiniteLine] = []
        self._cross = pg.InfiniteLine(angle=90)
        self._cross.setVisible(False)
        self._plot.addItem(self._cross, ignoreBounds=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, HEAD, 0, 0)
        layout.addWidget(self._plot)
        self.set_theme(theme)

    # -- what is shown
    def set_theme(self, theme: Theme) -> None:
        """Colors of another theme."""
        self._theme = theme
        self._plot.setBackground(theme.color("panel"))
        self._grid.setPen(_pen(theme.color("line")))
        self._cross.setPen(_pen(theme.color("text2")))
        for name in ("left", "bottom"):
            axis = self._plot.getAxis(name)
            axis.setTextPen(theme.color("text3"))
            axis.setPen(theme.color("line2") if name == "bottom" else None)
        self._redraw()

    def set_log(self, on: bool) -> None:
        """A logarithmic value axis, or an even one."""
        if on != self.axes.log:
            self.axes.log = on
            self.axes.reset()
            self._redraw()

    def set_view(self, smoothing: float, hidden: frozenset[int]) -> None:
        """How much to smooth (0: not at all), and which earlier runs to leave out."""
        self.smoothing, self.hidden = smoothing, hidden
        self._redraw()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the snapshot's curves."""
        if snapshot.run != self._run:
            self._run = snapshot.run
            self.axes.reset()
        self._snapshot = snapshot
        self._redraw()

    def title(self) -> str:
        """The title as printed, with the scale and the smoothing in words."""
        words = self._title
        if self.axes.log:
            words = self.tr("{title}, log scale").format(title=words)
        if self.smoothing:
            words = self.tr("{title}, smoothed {factor}").format(title=words, factor=number(self.smoothing, 2))
        return words

    def readout(self) -> str:
        """Step and values under the pointer, or ``""``."""
        if self._hover is None:
            return ""
        parts = []
        step = None
        for line in self._lines:
            found = series.value_at(line.curve, self._hover)
            if found is not None and line.run is None:
                step = found[0] if step is None else step
                value = percent(found[1]) if self.kind == "accuracy" and math.isfinite(found[1]) else number(found[1])
                parts.append(f"{self._name(line)} {value}".strip())
        return self.tr("step {step}: {values}").format(step=count(step), values=", ".join(parts)) if step is not None else ""

    def hover(self, step: float | None) -> None:
        """Put the crosshair at ``step``; ``None`` takes it away."""
        self._hover = step
        self._cross.setVisible(step is not None and bool(self._lines))
        if step is not None:
            self._cross.setValue(step)
        self.update()

    # -- drawing
    def _redraw(self) -> None:
        if self._snapshot is None:
            self._frame()
            return
        self._lines = series.lines(self._snapshot, self.kind, self.hidden)
        pixels = max(self._plot.width() - AXIS_LEFT, 50)
        last = max((float(line.curve.steps[-1]) for line in self._lines), default=0.0)
        self.axes.take_in(last, [line.curve.values for line in self._lines])
        while len(self._curves) < len(self._lines):
            curve = pg.PlotCurveItem(connect="finite")
            self._plot.addItem(curve)
            self._curves.append(curve)
        for item in self._curves[len(self._lines) :]:
            item.setVisible(False)
        for item, line in zip(self._curves, self._lines, strict=False):
            steps, values = series.thinned(line.curve.steps, series.smoothed(line.curve.values, self.smoothing), pixels)
            item.setPen(_pen(self._theme.color(line.token), (4.0, 3.0) if line.dashed else ()))
            item.setData(steps.astype(np.float64), self._drawn(values))
            item.setVisible(True)
        self._frame()
        self._mark(self._snapshot.events)
        self.update()

    def _drawn(self, values: np.ndarray) -> np.ndarray:
        """Values as placed on the axis; what has no place there is a gap."""
        values = np.where(np.isfinite(values), values, np.nan)
        return np.log10(np.where(values > 0, values, np.nan)) if self.axes.log else values

    def _frame(self) -> None:
        low, high = self.axes.ends()
        room = (high - low) * 0.04
        self._plot.setRange(xRange=(0, self.axes.right), yRange=(low - room, high + room), padding=0, disableAutoRange=True)
        ticks = self.axes.y_ticks()
        self._plot.getAxis("left").setTicks([ticks])
        self._plot.getAxis("bottom").setTicks([self.axes.x_ticks(self._plot.width() - AXIS_LEFT)])
        places = np.repeat([at for at, _ in ticks], 2)
        self._grid.setData(np.tile([0.0, self.axes.right], len(ticks)), places)

    def _mark(self, events: tuple[Event, ...]) -> None:
        shown = [event for event in events if event.kind != "best"][-MOST_EVENTS:]
        while len(self._events) < len(shown):
            line = pg.InfiniteLine(angle=90)
            self._plot.addItem(line, ignoreBounds=True)
            self._events.append(line)
        for line in self._events:
            line.setVisible(False)
        for line, event in zip(self._events, shown, strict=False):
            line.setPen(_pen(self._theme.color("warn"), (2.0, 3.0)))
            line.setValue(event.step)
            line.setVisible(True)

    def _name(self, line: Line) -> str:
        names = {"train": self.tr("train"), "validation": self.tr("validation")}
        return names.get(line.name, line.name)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, middle = self._theme, HEAD / 2 + 2
        left, right = AXIS_LEFT, self.width() - 8
        shown = self.readout()
        title = self._title if shown else self.title()
        across = left + tools.text(painter, left, middle, title, theme.color("text"), 11.5, 600, room=right - left)
        if shown:
            room = right - across - 12
            if room > 40:
                tools.text(painter, right, middle, shown, theme.color("text2"), 10.5, align="right", room=room)
        else:
            self._key(painter, across + 14, right, middle)
        painter.end()

    def _key(self, painter: QPainter, x: float, right: float, y: float) -> None:
        now = [line for line in self._lines if line.run is None and line.name]
        for line in now:
            words = self._name(line)
            if x + 22 + tools.width(words, 10.5) > right:
                break
            painter.setPen(tools.pen(self._theme.color(line.token), 1.4, (4.0, 3.0) if line.dashed else ()))
            painter.drawLine(QPointF(x, y), QPointF(x + 16, y))
            x += 20 + tools.text(painter, x + 20, y, words, self._theme.color("text2"), 10.5) + 10

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if watched is self._plot.viewport():
            if event.type() == QEvent.Type.MouseMove:
                at = self._plot.getPlotItem().getViewBox().mapSceneToView(event.position())  # type: ignore[attr-defined]
                self.hover(min(max(at.x(), 0.0), self.axes.right))
            elif event.type() == QEvent.Type.Leave:
                self.hover(None)
            elif event.type() == QEvent.Type.Resize:
                self._redraw()
            elif event.type() == QEvent.Type.Paint:
                self._plot.paintEvent(event)
                self._overlay()
                return True
        return super().eventFilter(watched, event)

    def _overlay(self) -> None:
        """Words over the curves: events, names of earlier runs, and what to do while there is nothing to show."""
        painter = QPainter(self._plot.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self._plot.getPlotItem().getViewBox()
        area = box.mapRectToScene(box.rect())
        theme = self._theme
        if not self._lines:
            words = self.tr("Press Train, or Space")
            tools.text(
                painter, area.center().x(), area.center().y(), words, theme.color("text3"), 12, align="center", room=area.width() - 8
            )
        taken: list[QRectF] = []
        for line in self._lines:
            if line.run is not None and not line.dashed:
                self._end_name(painter, area, line, taken)
        shown = [event for event in (self._snapshot.events if self._snapshot else ()) if event.kind != "best"][-MOST_EVENTS:]
        free = area.x()
        for event in shown:
            x = box.mapViewToScene(QPointF(event.step, 0)).x()
            wide = tools.width(event.text, 10.5)
            left = x - 4 - wide if x - 4 - wide >= free else x + 4
            if left >= free and left + wide <= area.right():
                tools.text(painter, left, area.y() + 7, event.text, theme.color("warn"), 10.5)
                free = max(left + wide, x) + 6
        painter.end()

    def _end_name(self, painter: QPainter, area: QRectF, line: Line, taken: list[QRectF]) -> None:
        drawn = self._drawn(line.curve.values[-1:])
        if not np.isfinite(drawn).all():
            return
        at = self._plot.getPlotItem().getViewBox().mapViewToScene(QPointF(float(line.curve.steps[-1]), float(drawn[0])))
        words = line.run_name or f"#{line.run}"
        wide = min(tools.width(words, 10), 90.0)
        place = QRectF(min(at.x() + 3, area.right() - wide), at.y() - 14, wide, 13)
        while any(place.intersects(other) for other in taken):
            place.translate(0, 13)
        taken.append(place)
        if area.contains(place.center()):
            tools.text(painter, place.x(), place.center().y(), words, self._theme.color("text3"), 10, room=wide)


def _pen(color: QColor, dash: tuple[float, ...] = ()) -> QPen:
    """A pen 1 px wide whatever the axes' units are."""
    made = tools.pen(color, 1.0, dash)
    made.setCosmetic(True)
    return made
