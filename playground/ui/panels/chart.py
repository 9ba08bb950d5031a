"""One chart: title and key in the head, curves below, event lines, a crosshair under the pointer."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QWidget

from playground import turns
from playground.engine.live.snapshot import Curve, Snapshot
from playground.ui.in_turn import InTurn
from playground.ui.numbers import count, number, percent
from playground.ui.painters import tools
from playground.ui.panels import chart_series as series
from playground.ui.panels.chart_axes import Axes, Tick
from playground.ui.panels.chart_key import GAP, Head, fitting, initials, write_key
from playground.ui.panels.chart_marks import Marks, write
from playground.ui.panels.chart_series import Line
from playground.ui.theme import Theme

HEAD = 28
LEFT, RIGHT, BOTTOM = 46, 10, 22
ROOM = 5
TICK = 20.0  # px that a tick of the value axis needs
MOST_EVENTS = 12
REACH = 5.0  # px from a curve within which the pointer is on it
VALIDATION = (4.0, 3.0)
EVENT = (2.0, 3.0)
FAINT = 0.26
"""How much of a smoothed curve's own numbers is seen behind it."""


def _moment_step(snapshot: Snapshot) -> int | None:
    return None if snapshot.moment is None else snapshot.moment.step


class Chart(InTurn, QWidget):
    """Draws the lines of one kind. The range grows in jumps and is forgotten with a new run.

    The curves are kept as one picture; moving the pointer lays the crosshair over it and draws no curve anew.
    """

    def __init__(self, kind: str, title: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind, self._title, self._theme = kind, title, theme
        self.setObjectName(f"chart_{kind}")
        self.setAccessibleName(title)
        self.setMouseTracking(True)
        self.setMinimumSize(120, 90)
        self.wants_log = kind in series.LOG_KINDS
        self.axes = Axes(log=kind in series.LOG_KINDS, share=kind == "accuracy")
        self.head_room = 0.0  # px at the right of the title row that are somebody else's
        self.smoothing: float | None = None
        self.hidden: frozenset[int] = frozenset()
        self.lines: list[Line] = []
        self.titles: dict[str, str] = {}
        """What the cards call the nodes, by id."""
        self._snapshot: Snapshot | None = None
        self._hover: float | None = None
        self._asked: int | None = None
        """The earlier run whose curve the pointer is on."""
        self._picture: QPixmap | None = None
        self._trends = series.Trends()

    def sizeHint(self) -> QSize:
        return QSize(272, 200)

    # -- what is shown
    def set_theme(self, theme: Theme) -> None:
        """Colors of another theme."""
        self._theme = theme
        self._renew()

    def set_log(self, on: bool) -> None:
        """A logarithmic value axis, or an even one."""
        if on != self.wants_log:
            self.wants_log = on
            self._rescale()

    def set_view(self, smoothing: float | None, hidden: frozenset[int]) -> None:
        """How much to smooth (0: not at all; ``None``: as :func:`chart_series.calm` does), and which earlier runs to leave out."""
        self.smoothing, self.hidden = smoothing, hidden
        self._rescale()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the snapshot's curves; nothing is done where they are those already drawn."""
        old, self._snapshot = self._snapshot, snapshot
        if old is None or snapshot.run != old.run or self._coarser(old, snapshot):
            self._rescale()
        elif snapshot.curves is not old.curves or snapshot.events != old.events or snapshot.runs is not old.runs:
            self._take_in()
        if old is not None and _moment_step(old) != _moment_step(snapshot):
            self.update()

    def _coarser(self, old: Snapshot, new: Snapshot) -> bool:
        """Whether a curve that was full has halved its points: what stood out may have gone into means, and leaves its room."""
        curves = (name for name in new.curves if name.partition("/")[0] == self.kind and name in old.curves)
        return any(new.curves[name].steps[:1].sum() > old.curves[name].steps[:1].sum() for name in curves)

    def _rescale(self) -> None:
        self.axes.reset()
        self._take_in()

    def _take_in(self) -> None:
        self._trends.forget()
        self.lines = series.lines(self._snapshot, self.kind, self.hidden) if self._snapshot is not None else []
        log = self.wants_log and not series.needs_zero(self.lines, self.kind)
        if log != self.axes.log:
            self.axes.log = log
            self.axes.reset()
        last = max((float(line.curve.steps[-1]) for line in self.lines), default=0.0)
        self.axes.take_in(max(last, series.last_step(self._snapshot, self.hidden)), [line.curve.values for line in self.lines])
        self._renew()

    def _renew(self) -> None:
        self._picture = None
        self.update()

    def title(self) -> str:
        """The title as printed, with the scale and the smoothing in words."""
        words = self._title
        if self.axes.log:
            words = self.tr("{title}, log scale").format(title=words)
        if self.smoothing:
            words = self.tr("{title}, smoothed {factor}").format(title=words, factor=number(self.smoothing, 2))
        return words

    def readout(self, names: str = "whole") -> str:
        """Step and values under the pointer, or ``""``; with ``"short"`` names as in a narrow key, with ``""`` in the key's order. A curve
        that has no point at that step (a validation has one an epoch) tells its nearest one, and of which step that is."""
        own = [(line, found) for line in self._told() if (found := series.value_at(line.curve, self._hover)) is not None]
        called = [self._name(line) for line, _ in own]
        called = initials(called) if names == "short" and self.kind != "parameter" else called
        parts, step = [], own[0][1][0] if own else 0
        for name, (_, (at, value)) in zip(called, own, strict=True):
            told = percent(value) if self.kind == "accuracy" and math.isfinite(value) else number(value)
            words = self.tr("{value} at {step}").format(value=told, step=count(at)) if at != step else told
            parts.append(f"{name} {words}".strip() if names else words)
        words = self.tr("step {step}: {values}") if names == "whole" or (not names and self._asked is None) else "{step}: {values}"
        run = f"{own[0][0].called} · " if own and self._asked is not None else ""
        return run + words.format(step=count(step), values=", ".join(parts)) if own else ""

    def hover(self, step: float | None, y: float = math.nan) -> None:
        """Put the crosshair at ``step``; ``None`` takes it away. An earlier run whose curve is at ``y`` px there is told of by name."""
        self._hover = step
        away = [(abs(at.y() - y), line.run) for line in self.lines if (at := self._point(line, self._seen(line))) is not None]
        self._asked = min((one for one in away if one[0] <= REACH), key=lambda one: one[0], default=(0.0, None))[1]
        self.update()

    # -- geometry
    def area(self) -> QRectF:
        """Where curves are drawn: the bottom and top of the range lie a little inside."""
        left = max(LEFT, tools.widest(tuple(words for _, words in self._values()), 10.5) + 8)  # a number that is cut is another one
        return QRectF(left, HEAD, max(self.width() - left - RIGHT, 1), max(self.height() - HEAD - BOTTOM, 1))

    def _values(self) -> list[Tick]:
        return self.axes.y_ticks(max(2, min(5, int((self.height() - HEAD - BOTTOM) // TICK))))

    def at(self, steps: np.ndarray, drawn: np.ndarray) -> np.ndarray:
        """Pixels (n, 2) of ``steps`` and of values as placed on the axis (exponents of ten on a log axis)."""
        area, (low, high) = self.area(), self.axes.ends()
        x = area.x() + np.asarray(steps, np.float64) / self.axes.right * area.width()
        y = area.bottom() - ROOM - (np.asarray(drawn, np.float64) - low) / (high - low) * (area.height() - 2 * ROOM)
        return np.column_stack([x, y])

    def _drawn(self, values: np.ndarray) -> np.ndarray:
        """Values as placed on the axis; what has no place there is a gap."""
        values = np.where(np.isfinite(values), values, np.nan)
        return np.log10(np.where(values > 0, values, np.nan)) if self.axes.log else values

    # -- drawing
    @turns.window
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None:
            self._picture = self._draw()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._moment(painter)
        right = self.width() - RIGHT
        if self.readout():
            self._cross(painter)
            self._tell(painter, right - self.head_room)
        else:
            self._title_row(painter, right - self.head_room)
        painter.end()

    def _moment(self, painter: QPainter) -> None:
        """Where the earlier moment lies that every view shows."""
        moment = self._snapshot.moment if self._snapshot is not None else None
        if moment is not None and moment.step <= self.axes.right:
            area, color = self.area(), self._theme.color("accent")
            x = round(area.x() + moment.step / self.axes.right * area.width()) + 0.5
            painter.setPen(tools.pen(color, 1.5))
            painter.drawLine(QPointF(x, area.y()), QPointF(x, area.bottom()))
            painter.setBrush(color)
            painter.drawEllipse(QPointF(x, area.bottom()), 2.5, 2.5)

    def _title_row(self, painter: QPainter, right: float) -> None:
        middle, (title, names, key) = HEAD / 2 - 3, self._head(right - LEFT - 2)
        across = tools.text(painter, LEFT, middle, title, self._theme.color("text"), 11.5, 600, room=right - LEFT)
        keyed = [(words, line.token, VALIDATION if line.dashed else ()) for words, line in zip(names, self._keyed(), strict=True)]
        write_key(painter, keyed, key, LEFT + across + GAP, right, middle, self._theme)

    def _tell(self, painter: QPainter, right: float) -> None:
        """The numbers under the pointer beside the title; where they do not fit, in its place, their names as long as there is room."""
        middle, room = HEAD / 2 - 3, right - LEFT
        across = tools.width(self._title, 11.5, 600) + 12
        named, short = self.readout(), self.readout("short")
        beside = across + tools.width(short, 10.5) <= room
        if beside:
            tools.text(painter, LEFT, middle, self._title, self._theme.color("text"), 11.5, 600)
            room -= across
        words = next((one for one in (named, short) if tools.width(one, 10.5) <= room), self.readout(""))
        tools.text(painter, right, middle, words, self._theme.color("text2"), 10.5, align="right", room=max(room, 1))

    def _draw(self) -> QPixmap:
        """Axes, curves, events and names: all that changes only with the numbers."""
        ratio = self.devicePixelRatioF()
        picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(self._theme.color("panel"))
        painter = QPainter(picture)
        self._frame(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self.area()
        painter.save()
        painter.setClipRect(area.adjusted(0, 0, 1, 0))
        marks = Marks(area, [*self._noise(painter), *(self._curve(painter, line) for line in self.lines)])
        self._events(painter, marks)
        painter.restore()
        for line in series.end_names(self.lines):
            self._end_name(painter, line, marks)
        if self._nothing():
            self._say_why(painter, marks)
        painter.end()
        return picture

    def _nothing(self) -> bool:
        return not self.lines

    def _frame(self, painter: QPainter) -> None:
        area, theme = self.area(), self._theme
        for place, words in self._values():
            y = round(float(self.at(np.zeros(1), np.array([place]))[0, 1])) + 0.5
            painter.setPen(tools.pen(theme.color("line")))
            painter.drawLine(QPointF(area.x(), y), QPointF(area.right(), y))
            tools.text(painter, area.x() - 6, y, words, theme.color("text3"), 10.5, align="right")
        free = 0.0
        for place, words in [(0.0, self.tr("step 0")), *self.axes.x_ticks(area.width())[1:]]:
            wide = tools.width(words, 10.5)
            x = area.x() + place / self.axes.right * area.width()
            left = min(x - wide / 2, self.width() - 2 - wide)
            if left >= free:
                tools.text(painter, left, area.bottom() + 10, words, theme.color("text3"), 10.5)
                free = left + wide + 10

    def _curve(self, painter: QPainter, line: Line) -> np.ndarray:
        """Draw one curve; its points in pixels."""
        values = self._seen(line)
        strong = values is not line.curve.values or self.kind == "parameter" or (line.dashed and line.run is None)
        return self._stroke(painter, line, values, 1.4 if strong else 1.0)

    def _noise(self, painter: QPainter) -> list[np.ndarray]:
        """Draw the numbers that smoothed curves are made of, faintly behind them all; their points in pixels."""
        own = [line for line in self._own() if self._seen(line) is not line.curve.values and not series.of_few_levels(line.curve.values)]
        return [self._stroke(painter, line, line.curve.values, 1.0, FAINT) for line in own]

    def _seen(self, line: Line) -> np.ndarray:
        """The values of a line as drawn: smoothed where that is wished, or of use."""
        if self.smoothing is not None:
            return series.smoothed(line.curve.values, self.smoothing)
        return self._trends.of(line.curve, self.kind, self.axes.log)

    def _stroke(self, painter: QPainter, line: Line, values: np.ndarray, wide: float, strength: float = 1.0) -> np.ndarray:
        pixels = max(round(self.area().width()), 50)
        steps, values = series.thinned(line.curve.steps, values, pixels)
        drawn = self._drawn(values)
        if self.kind == "parameter" and len(steps) <= pixels:
            steps, drawn = series.stairs(steps, drawn)
        places = self.at(steps, drawn)
        painter.setPen(tools.pen(self._theme.color(line.token, strength * line.strength), wide, VALIDATION if line.dashed else ()))
        edges = np.flatnonzero(np.diff(np.isfinite(drawn).astype(np.int8), prepend=0, append=0))
        for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if end - start == 1:
                x, y = places[start].tolist()
                painter.setBrush(self._theme.color(line.token))
                painter.drawEllipse(QPointF(x, y), 1.5, 1.5)
                painter.setBrush(Qt.BrushStyle.NoBrush)
            else:
                painter.drawPolyline(tools.polygon(places[start:end]))
        return places

    def _events(self, painter: QPainter, marks: Marks) -> None:
        """A line where something was changed, and words beside it that tell what."""
        area, theme = self.area(), self._theme
        events = series.happened(self._snapshot)[-MOST_EVENTS:]
        places = [round(area.x() + event.step / self.axes.right * area.width()) + 0.5 for event in events]
        painter.setPen(tools.pen(theme.color("warn"), 1.0, EVENT))
        for x in places:
            painter.drawLine(QPointF(x, area.y()), QPointF(x, area.bottom()))
            marks.rule(QRectF(x - 1, area.y(), 2, area.height()))
        for place, words in marks.beside([(event.text, x) for event, x in zip(events, places, strict=True)]):
            write(painter, place, words, theme.color("warn"), theme.color("panel"))

    def _end_name(self, painter: QPainter, line: Line, marks: Marks) -> None:
        """The name of an earlier branch near its curve's end: in its hue, where it hides the fewest curves."""
        drawn = self._drawn(self._seen(line))
        finite = np.flatnonzero(np.isfinite(drawn))  # one that diverged ends before its last numbers
        if not len(finite):
            return
        x, y = self.at(line.curve.steps[finite[-1:]], drawn[finite[-1:]])[0].tolist()
        place = marks.at_end(x, y, min(tools.width(line.called, 10), 90.0))
        if place is not None:
            write(painter, place, line.called, self._theme.color(line.ink), self._theme.color("panel"), 10)

    def _say_why(self, painter: QPainter, marks: Marks) -> None:
        """Why there is no curve yet; without a network there is nothing to press either."""
        if (snapshot := self._snapshot) is not None and snapshot.phase == "empty":
            return
        begun = snapshot is not None and snapshot.step > (snapshot.forked_at if snapshot.parent is not None else 0)
        later = self.tr("After the first epoch") if not snapshot or not snapshot.epoch else self.tr("From the next step on")
        words = later if begun else self.tr("Press Train, or Space")
        wide = min(tools.width(words, 12) + 16, self.area().width())
        place = marks.place(marks.rows(wide, centered=True))
        if place is not None:
            painter.fillRect(place.adjusted(0, -2, 0, 2), self._theme.color("panel"))
            x, y = place.center().x(), place.center().y()
            tools.text(painter, x, y, words, self._theme.color("text3"), 12, align="center", room=wide - 8)

    def _cross(self, painter: QPainter) -> None:
        area, theme = self.area(), self._theme
        now = self._told()
        for line in now:
            at = self._point(line, line.curve.values if self._asked is None else self._seen(line))
            if at is None:
                continue
            if line is now[0]:
                painter.setPen(tools.pen(theme.color("text2")))
                painter.drawLine(QPointF(round(at.x()) + 0.5, area.y()), QPointF(round(at.x()) + 0.5, area.bottom()))
            painter.setPen(tools.pen(theme.color("panel"), 1.5))
            painter.setBrush(theme.color(line.token))
            painter.drawEllipse(at, 3.5, 3.5)

    def _point(self, line: Line, values: np.ndarray) -> QPointF | None:
        """Where the pointer's step is on a line with these values, if there."""
        found = series.value_at(Curve(line.curve.steps, values), self._hover)
        drawn = self._drawn(np.array([np.nan if found is None else found[1]]))
        return QPointF(*self.at(np.array([found[0]]), drawn)[0].tolist()) if found is not None and np.isfinite(drawn).all() else None

    def _name(self, line: Line) -> str:
        names = {"train": self.tr("train"), "validation": self.tr("validation")}
        return names.get(line.name) or self.titles.get(line.name) or line.name

    def _own(self) -> list[Line]:
        """The present branch's lines, as the key names them."""
        return [line for line in self.lines if line.run is None]

    def _told(self) -> list[Line]:
        """The lines that the numbers under the pointer are of."""
        return self._own() if self._asked is None else [line for line in self.lines if line.run == self._asked]

    def _keyed(self) -> list[Line]:
        return [line for line in self._own() if line.name]

    def _head(self, room: float) -> Head:
        """Title and key as long as they fit side by side, else shorter ones."""
        full = self.title()
        short = full.replace(self.tr(" scale"), "")
        names = [self._name(line) for line in self._keyed()]
        few = names if self.kind == "parameter" else initials(names)
        word = self._title.partition(" ")[0]
        return fitting((full, short, short.replace(self._title, word), word), names, few, room)

    # -- the pointer
    def resizeEvent(self, event: QResizeEvent) -> None:
        self._picture = None
        super().resizeEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        area = self.area()
        inside = area.adjusted(0, -HEAD, 0, BOTTOM).contains(event.position())
        across = min(max((event.position().x() - area.x()) / area.width(), 0.0), 1.0)
        self.hover(across * self.axes.right if inside else None, event.position().y())

    def leaveEvent(self, event: QEvent) -> None:
        self.hover(None)
        super().leaveEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.LanguageChange):
            self._renew()
        super().changeEvent(event)
