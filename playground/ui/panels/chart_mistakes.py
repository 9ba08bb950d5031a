"""The mistakes of every round as bars, the round that is under way as an outline."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from playground.engine.live.snapshot import Snapshot
from playground.ui.numbers import count, number
from playground.ui.painters import tools
from playground.ui.panels.chart import ROOM, Chart
from playground.ui.panels.chart_key import Head
from playground.ui.panels.chart_series import Line

SLOTS = (8, 16, 32)
"""Places for bars: as many as there are rounds, in jumps; beyond the last a bar is the mean of several rounds."""
TOPS = (1, 2, 4, 6, 8, 10)
FULL = 0.86
"""How high the tallest bar may be, as a share of the axis: its number stands above it."""
QUIET = 2
"""Rounds without a mistake that are shown after the last one with any, before the rest is told in words."""
WIDEST = 26.0


@dataclass(frozen=True, slots=True)
class Bar:
    """Rounds ``first`` to ``last`` (from 1) with ``wrong`` mistakes in each, on average; ``open``: not at its end yet."""

    first: int
    last: int
    wrong: float
    open: bool = False


def bars(snapshot: Snapshot | None, single: bool) -> list[Bar]:
    """What the curves of ``snapshot`` say of its rounds. ``single``: a step is one sample, so the open round can be counted too."""
    if snapshot is None or not snapshot.steps_per_epoch:
        return []
    every, curve = snapshot.steps_per_epoch, snapshot.curves.get("mistakes/train")
    steps = curve.steps if curve is not None else np.zeros(0, np.int64)
    values = curve.values if curve is not None else np.zeros(0)
    wrong = np.flatnonzero(values)
    end = max(SLOTS[0], int(wrong[-1]) + 1 + QUIET if len(wrong) else 0)
    quiet = len(steps) > end
    steps, values = steps[:end], values[:end]
    group = 1
    while -(-len(steps) // group) > SLOTS[-1]:
        group *= 2
    made, before = [], _unknown(steps, every)
    for start in range(0, len(steps), group):
        last = max(round(int(steps[start : start + group][-1]) / every), before + 1)
        made.append(Bar(before + 1, last, float(values[start : start + group].mean())))
        before = last
    hits = snapshot.curves.get("accuracy/train")
    if single and not quiet and hits is not None and (not made or made[-1].first == made[-1].last):
        ended = int(steps[-1]) if len(steps) else 0
        rest = hits.values[hits.steps > ended]
        if len(rest) == snapshot.step - ended < every and len(rest) and np.isin(rest, (0.0, 1.0)).all():
            made.append(Bar(before + 1, before + 1, float(np.sum(rest == 0.0)), open=True))
    return made


def _unknown(steps: np.ndarray, every: int) -> int:
    """How many rounds there were before the first that is known: a file may have been trained where no curves were kept."""
    if not len(steps):
        return 0
    apart = round(int(steps[1] - steps[0]) / every) if len(steps) > 1 else 1
    return max(round(int(steps[0]) / every) - max(apart, 1), 0)


class MistakesChart(Chart):
    """A chart of rounds instead of steps. ``single`` says whether each step is one sample."""

    single = True
    _bars: tuple[Bar, ...] = ()

    @property
    def shown(self) -> tuple[Bar, ...]:
        """The bars, left to right."""
        return self._bars

    def title(self) -> str:
        """What a bar is, in words, and whether the mistakes have ended."""
        widest = self._widest()
        words = self.tr("Mistakes in each round")
        if widest > 1:
            words = self.tr("Mistakes in a round, mean of {count}").format(count=widest)
        last = self._last_wrong()
        return self.tr("{title}: none after {round}").format(title=words, round=count(last)) if last else words

    def _head(self, room: float) -> Head:
        """The title, and where it does not fit what of it says most."""
        last, widest, titles = self._last_wrong(), self._widest(), [self.title()]
        if last:
            titles.append(self.tr("Mistakes: none after {round}").format(round=count(last)))
        elif widest > 1:
            titles.append(self.tr("Mistakes, mean of {count}").format(count=widest))
        titles.append(self._title)
        return Head(next((one for one in titles if tools.width(one, 11.5, 600) <= room), titles[-1]), [], 0.0)

    def _widest(self) -> int:
        """How many rounds a bar is the mean of, at most."""
        return max((bar.last - bar.first + 1 for bar in self._bars), default=1)

    def _last_wrong(self) -> int:
        """The last round with a mistake, where they have ended; else 0."""
        last = next((bar.last for bar in reversed(self._bars) if bar.wrong), 0)
        return last if self._bars and self._ended() - last > QUIET else 0

    def _ended(self) -> int:
        """How many whole rounds there were."""
        curve = self._snapshot.curves.get("mistakes/train") if self._snapshot is not None else None
        if self._snapshot is None or curve is None or not self._snapshot.steps_per_epoch:
            return 0
        return round(int(curve.steps[-1]) / self._snapshot.steps_per_epoch)

    def readout(self, names: str = "whole") -> str:
        """Round and mistakes under the pointer, or ``""``."""
        if self._hover is None or not self._bars:
            return ""
        at = int(self._hover / self.axes.right * self._slots())
        if not 0 <= at < len(self._bars):
            return ""
        bar = self._bars[at]
        rounds = count(bar.first) if bar.first == bar.last else f"{count(bar.first)}–{count(bar.last)}"
        return self.tr("round {round}: {wrong}").format(round=rounds, wrong=number(bar.wrong, 3, trim=True))

    def bar_rect(self, at: int) -> QRectF:
        """Where bar ``at`` is drawn."""
        area, pitch = self.area(), self.area().width() / self._slots()
        wide = min(pitch * 0.68, WIDEST)
        top = self._height(self._bars[at].wrong)
        return QRectF(area.x() + (at + 0.5) * pitch - wide / 2, top, wide, max(area.bottom() - top, 0.0))

    def _take_in(self) -> None:
        self.lines: list[Line] = []
        self._bars = tuple(bars(self._snapshot, self.single))
        self._renew()

    def _slots(self) -> int:
        return next((slots for slots in SLOTS if slots >= len(self._bars)), max(len(self._bars), 1))

    def _top(self) -> int:
        most = max((bar.wrong for bar in self._bars), default=3.0)
        power = 1
        while most > TOPS[-1] * power:
            power *= 10
        return next(top * power for top in (*TOPS, 20) if FULL * top * power >= most)

    def _height(self, wrong: float) -> float:
        area = self.area()
        return area.bottom() - wrong / self._top() * (area.height() - ROOM)

    def _frame(self, painter: QPainter) -> None:
        area, theme, top = self.area(), self._theme, self._top()
        for value in (0, top / 2, top):
            y = round(self._height(value)) + 0.5
            painter.setPen(tools.pen(theme.color("line2" if value == 0 else "line")))
            painter.drawLine(QPointF(area.x(), y), QPointF(area.right(), y))
            if value == int(value):
                tools.text(painter, area.x() - 6, y, count(int(value)), theme.color("text3"), 10.5, align="right")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_bars(painter)

    def _paint_bars(self, painter: QPainter) -> None:
        area, theme = self.area(), self._theme
        pitch, color = area.width() / self._slots(), theme.color("s2")
        free = 0.0
        for at, bar in enumerate(self._bars):
            rect = self.bar_rect(at)
            if rect.height() >= 1.5:
                painter.setPen(tools.pen(color, 1.5))
                painter.setBrush(theme.color("panel") if bar.open else color)
                painter.drawRoundedRect(rect.adjusted(0.75, 0.75, -0.75, 0), 2, 2)
            words, middle = number(bar.wrong, 2, trim=True), rect.center().x()
            if tools.width(words, 10.5, 600) <= pitch - 2:
                tools.text(painter, middle, rect.top() - 8, words, theme.color("text"), 10.5, 600, "center")
        unknown = self._bars[0].first - 1 if self._bars else 0
        for at in range(self._slots() if len(self._bars) <= SLOTS[0] else len(self._bars)):
            last = self._bars[at].last if at < len(self._bars) else at + 1 + unknown
            words = self.tr("round {number}").format(number=1) if at == 0 and last == 1 else count(last)
            wide = tools.width(words, 10.5)
            middle = area.x() + (at + 0.5) * pitch
            left = middle - wide / 2 if at or last > 1 else middle - wide + tools.width("1", 10.5) / 2
            if left >= free and left + wide <= self.width():
                now = at < len(self._bars) and self._bars[at].open
                tools.text(painter, left, area.bottom() + 10, words, theme.color("text" if now else "text3"), 10.5, 600 if now else 400)
                free = left + wide + 6

    def _cross(self, painter: QPainter) -> None:
        at = int((self._hover or 0.0) / self.axes.right * self._slots())
        painter.setPen(tools.pen(self._theme.color("text2"), 1.5))
        painter.drawRoundedRect(self.bar_rect(at).adjusted(-2, -2, 2, 0), 3, 3)

    def _nothing(self) -> bool:
        return not self._bars
