"""How the timeline is drawn: axis, a track a branch with its fork, rings, marks, and the playhead."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from playground.engine.live.snapshot import Event
from playground.ui.icons import pixmap
from playground.ui.numbers import count, percent
from playground.ui.panels.branch_tracks import Track, epoch_ticks
from playground.ui.theme import Theme, font
from playground.ui.wording import declared

AXIS = 15
"""Room below the tracks for the steps."""
NAME_ROOM = 96
NAME_GAP, LONGEST_NAME = 12, 220
FIRST_SPAN = 20
BOW = 12
KNOB = 6
RING_GAP = 16
CLIP_GAP = 6
BEYOND = 12


def span(step: int) -> int:
    """The last step of the axis: the next 1, 2 or 5 times a power of ten that leaves some room. It grows in jumps."""
    wanted = max(FIRST_SPAN, round(step * 1.04))
    decade = 10 ** (len(str(wanted)) - 1)
    return next(factor * decade // 10 for factor in (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100) if factor * decade // 10 >= wanted)


def ticks(last: int) -> list[int]:
    """Round steps to print below the axis, at most nine of them."""
    for size in (10 ** np.arange(0, 12))[:, None] * np.array([1, 2, 5]):
        for pitch in size:
            if last / pitch <= 9:
                return list(range(0, last + 1, int(pitch)))
    return [0]


def named(names: Sequence[str], x: float, most: float, line: float, width: Callable[[str], float]) -> tuple[str, float]:
    """The first of ``names`` that, from ``x``, neither reaches beyond ``most`` nor is crossed by ``line``, and where it begins; else behind
    the line; else the last one there, cut."""
    beyond = x if line < x - 4 else max(x, line + 6)
    for name, at in ((name, at) for at in (x, beyond) for name in names):
        stop = at + width(name)
        if stop <= most and not at - 4 < line < stop + 4:
            return name, at
    return names[-1], beyond


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are: the axis from ``left`` over ``width`` px to step ``last``, a row (its middle) for each track."""

    left: float
    width: float
    height: float
    last: int
    rows: tuple[float, ...]

    def x(self, step: float) -> float:
        return self.left + step / self.last * self.width

    def step(self, x: float) -> float:
        return (x - self.left) / self.width * self.last

    def y(self, row: int) -> float:
        """The middle of a row; of one that is scrolled away, beyond the panel's edge."""
        if 0 <= row < len(self.rows):
            return self.rows[row]
        return -BEYOND if row < 0 else self.height + BEYOND

    def row_at(self, y: float) -> int:
        """The number of the row nearest to ``y``."""
        return min(range(len(self.rows)), key=lambda row: abs(self.rows[row] - y))


def layout(lanes: int, left: float, width: float, height: float, last: int) -> Layout:
    """``width`` and ``height`` are the panel's, ``last`` is the last step of any branch."""
    room = height - AXIS
    pitch = min(16.0, (room - 8) / lanes)
    first = room / 2 + 1 - pitch * (lanes - 1) / 2
    rows = tuple(round(first + pitch * row) + 0.5 for row in range(lanes))
    return Layout(left, max(40.0, width - left - NAME_ROOM - 16), height, span(last), rows)


@dataclass(slots=True)
class Picture:
    """Draws onto ``painter`` and remembers in ``hot`` what a pointer is told where. ``line``: where the playhead's line is to stand."""

    painter: QPainter
    theme: Theme
    layout: Layout
    back: str
    line: float
    hot: list[tuple[QRectF, str]] = field(default_factory=list)

    def axis(self, steps_per_epoch: int) -> None:
        """Steps below, a short tick for each epoch (or each tenth, hundredth ...) above them."""
        painter, theme, place = self.painter, self.theme, self.layout
        bottom = place.height - AXIS
        painter.setPen(QPen(theme.color("line2"), 1))
        painter.drawLine(QPointF(place.left, bottom + 0.5), QPointF(place.left + place.width, bottom + 0.5))
        painter.setPen(QPen(theme.color("line3"), 1))
        for step in epoch_ticks(steps_per_epoch, place.last, place.width):
            painter.drawLine(QPointF(place.x(step), bottom - 2.5), QPointF(place.x(step), bottom))
        painter.setFont(font(10))
        for tick in ticks(place.last):
            x = place.x(tick)
            painter.setPen(QPen(theme.color("line3"), 1))
            painter.drawLine(QPointF(x, bottom), QPointF(x, bottom + 3))
            painter.setPen(theme.color("text3"))
            painter.drawText(QRectF(x - 40, bottom + 2, 80, 12), Qt.AlignmentFlag.AlignCenter, count(tick))

    def track(self, track: Track, row: int, parent_row: int | None, words: str) -> None:
        """One branch: its line, out of its parent's where that is kept (its row may be scrolled away), its rings, marks and name."""
        painter, theme, place, y = self.painter, self.theme, self.layout, self.layout.rows[row]
        color = theme.color(track.token)
        pen = QPen(color, 3 if track.present else 2.4)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        start, end = place.x(track.start), place.x(track.end)
        path = QPainterPath(QPointF(start, y))
        if parent_row is not None:
            above = place.y(parent_row)
            path = QPainterPath(QPointF(start - BOW, above))
            path.cubicTo(QPointF(start - BOW / 3, above), QPointF(start - BOW * 2 / 3, y), QPointF(start, y))
        path.lineTo(QPointF(max(end, start + 0.5), y))
        painter.drawPath(path)
        self._clipped(track, y)
        painter.setPen(QPen(color, 1.2))
        painter.setBrush(theme.color(self.back))
        for step in self._apart(track.rings):
            painter.drawEllipse(QPointF(place.x(step), y), 2.4, 2.4)
            self.hot.append(
                (QRectF(place.x(step) - 4, y - 6, 8, 12), _t("{name}: step {step} is kept").format(name=words, step=count(step)))
            )
        for event in track.events:
            if event.kind != "best":
                self._event(event, place.x(event.step), y)
        if track.best is not None:
            self._best(track.best, place.x(track.best), y)
        end = max([end, *(place.x(event.step) + 2 for event in track.events)])  # a mark may stand beyond the end, as a divergence does
        self._called(track, words, end, y)

    def _called(self, track: Track, words: str, end: float, y: float) -> None:
        """The name behind the ``end`` and, where there is room, what the branch was forked for; the playhead's line crosses no word."""
        painter, place = self.painter, self.layout
        painter.setFont(font(10.5, 600 if track.present else 500))
        painter.setPen(self.theme.color(track.token))
        metrics = QFontMetricsF(painter.font())
        x, most = end + NAME_GAP, place.left + place.width + NAME_ROOM + NAME_GAP
        change = next((declared(event.text) for event in track.events if event.kind == "setting" and event.step == track.start > 0), "")
        names = (f"{words} · {change}", words) if change else (words,)
        shown, at = named(names, x, most, self.line, metrics.horizontalAdvance)
        shown = metrics.elidedText(shown, Qt.TextElideMode.ElideRight, max(48.0, min(most - at, LONGEST_NAME)))
        painter.drawText(QRectF(at, y - 8, LONGEST_NAME + 4, 16), Qt.AlignmentFlag.AlignVCenter, shown)

    def now(self, step: int, row: int, hollow: bool) -> None:
        """The end of the present branch; ``hollow`` while an earlier moment is shown."""
        painter, theme, x, y = self.painter, self.theme, self.layout.x(step), self.layout.y(row)
        if not hollow:
            self.playhead(step, row, "text")
            return
        painter.setPen(QPen(theme.color("text"), 1.5))
        painter.setBrush(theme.color(self.back))
        painter.drawEllipse(QPointF(x, y), 4, 4)
        self.hot.append((QRectF(x - 6, y - 8, 12, 16), _t("now: step {step}").format(step=count(step))))

    def playhead(self, step: int, row: int, token: str) -> None:
        """The line with its knob, on what is shown."""
        painter, theme, x, y = self.painter, self.theme, self.layout.x(step), self.layout.y(row)
        painter.setPen(QPen(theme.color(token), 1.5))
        painter.drawLine(QPointF(x, 3), QPointF(x, self.layout.height - AXIS))
        painter.setPen(QPen(theme.color(self.back), 2))
        painter.setBrush(theme.color(token))
        painter.drawEllipse(QPointF(x, y), KNOB, KNOB)
        words = _t("now: step {step}") if token == "text" else _t("on show: step {step}")
        self.hot.append((QRectF(x - 8, y - 8, 16, 16), words.format(step=count(step))))

    def _apart(self, steps: Sequence[int]) -> list[int]:
        """Those that can be told apart; a pointer snaps to the others too."""
        shown: list[int] = []
        for step in steps:
            if not shown or self.layout.x(step) - self.layout.x(shown[-1]) >= RING_GAP:
                shown.append(step)
        return shown

    def _clipped(self, track: Track, y: float) -> None:
        """A bar where gradients were clipped, the stronger the more of them."""
        painter, last = self.painter, -math.inf
        for step, share in track.clipped:
            x = self.layout.x(step)
            if x - last >= CLIP_GAP:
                painter.setPen(QPen(self.theme.color("err", 0.35 + 0.65 * share), 1.4))
                painter.drawLine(QPointF(x, y - 5), QPointF(x, y + 5))
                told = _t("about step {step}: {share} of the gradients clipped").format(step=count(step), share=percent(share))
                self.hot.append((QRectF(x - 3, y - 6, 6, 12), told))
                last = x

    def _best(self, step: int, x: float, y: float) -> None:
        painter, theme = self.painter, self.theme
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(self.back))
        painter.drawEllipse(QPointF(x, y), 7, 7)
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(QPointF(x - 7, y - 7), pixmap("star", theme.good, 14, ratio, filled=True))
        self.hot.append((QRectF(x - 7, y - 7, 14, 14), _t("step {step}: lowest validation loss").format(step=count(step))))

    def _event(self, event: Event, x: float, y: float) -> None:
        painter, theme = self.painter, self.theme
        painter.setPen(QPen(theme.color(self.back), 1.5))
        if event.kind == "diverged":
            painter.setBrush(theme.color("bad"))
            painter.drawPolygon(QPolygonF([QPointF(x, y - 6), QPointF(x + 6, y + 5), QPointF(x - 6, y + 5)]))
        elif event.kind == "stopped":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("text3"))
            painter.drawRect(QRectF(x - 1.5, y - 6, 3, 12))
        else:
            painter.setBrush(theme.color("warn"))
            painter.drawPolygon(QPolygonF([QPointF(x, y - 6), QPointF(x + 6, y), QPointF(x, y + 6), QPointF(x - 6, y)]))
        words = _t("step {step}: {what}").format(step=count(event.step), what=declared(event.text))
        self.hot.append((QRectF(x - 7, y - 7, 14, 14), words))


def _t(text: str) -> str:
    return QCoreApplication.translate("Timeline", text)
