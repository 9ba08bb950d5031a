"""The timeline: a track for each run, with checkpoints, changed settings and the best step. It shows; it does not yet steer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from playground.engine.snapshot import Curve, Event, Snapshot
from playground.ui.geometry import MEDIUM, Geometry
from playground.ui.icons import pixmap
from playground.ui.numbers import count
from playground.ui.style import look
from playground.ui.theme import Theme, font
from playground.ui.workbench import Workbench

REFRESH_MILLISECONDS = 100
RUNS_SHOWN = 2
FIRST_SPAN = 20


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


class Timeline(QWidget):
    """Painted whole at most ten times a second while training."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline")
        look(self, "panel")
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Timeline"))
        self._workbench, self._theme = workbench, theme
        self._snapshot = workbench.snapshot
        self._hot: list[tuple[QRectF, str]] = []
        self._clock = QElapsedTimer()
        self._clock.start()
        workbench.snapshot_changed.connect(self._take)
        self.set_geometry(MEDIUM)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def set_geometry(self, geometry: Geometry) -> None:
        self.setFixedHeight(geometry.timeline)
        self._left = 176 if geometry.compact else 232
        self._inset = 16
        self.update()

    def _take(self, snapshot: Snapshot) -> None:
        if self._clock.elapsed() >= REFRESH_MILLISECONDS or snapshot.phase != "training":
            self._clock.restart()
            self._snapshot = snapshot
            self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            words = next((text for box, text in reversed(self._hot) if box.contains(QPointF(event.pos()))), "")
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    # -- painting
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme, snapshot = QPainter(self), self._theme, self._snapshot
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.color("panel"))
        painter.setPen(theme.color("line2"))
        painter.drawLine(QPointF(0, 0.5), QPointF(self.width(), 0.5))
        self._hot = []
        painter.setFont(font(12, 600))
        painter.setPen(theme.color("text"))
        painter.drawText(QRectF(self._inset, 8, self._left - 24, 18), Qt.AlignmentFlag.AlignVCenter, self.tr("Timeline"))
        painter.setFont(font(11))
        painter.setPen(theme.color("text3"))
        painter.drawText(QRectF(self._inset, 27, self._left - 24, 16), Qt.AlignmentFlag.AlignVCenter, self._summary(snapshot))
        if snapshot.step > 0 or snapshot.runs:
            self._tracks(painter, snapshot)
        painter.end()

    def _summary(self, snapshot: Snapshot) -> str:
        if snapshot.step == 0 and not snapshot.runs:
            return self.tr("nothing trained yet")
        parts = []
        if snapshot.runs:
            parts.append(self.tr("{count} runs").format(count=len(snapshot.runs) + 1))
        if snapshot.checkpoints:
            number = len(snapshot.checkpoints)
            parts.append(self.tr("1 checkpoint") if number == 1 else self.tr("{count} checkpoints").format(count=number))
        return " · ".join(parts) or self.tr("{count} steps").format(count=count(snapshot.step))

    def _tracks(self, painter: QPainter, snapshot: Snapshot) -> None:
        theme = self._theme
        earlier = [(run.name, self._length(run.curves, run.events), run.events) for run in snapshot.runs[-(RUNS_SHOWN - 1) :]]
        last = span(max([snapshot.step, *(length for _, length, _ in earlier)]))
        width = self.width() - self._left - 96
        rows = [15.0, 31.0] if earlier else [23.0]

        def place(step: float) -> float:
            return self._left + step / last * width

        painter.setFont(font(10))
        for tick in ticks(last):
            x = place(tick)
            painter.setPen(theme.color("line3"))
            painter.drawLine(QPointF(x, self.height() - 15), QPointF(x, self.height() - 12))
            painter.setPen(theme.color("text3"))
            painter.drawText(QRectF(x - 40, self.height() - 13, 80, 12), Qt.AlignmentFlag.AlignCenter, count(tick))
        for name, length, events in earlier:
            self._track(painter, name, rows[0], place, length, "text3", (), events)
        self._track(painter, self._name(snapshot), rows[-1], place, snapshot.step, "s2", snapshot.checkpoints, snapshot.events)
        x, y = place(snapshot.step), rows[-1]
        painter.setPen(QPen(theme.color("text"), 1.5))
        painter.drawLine(QPointF(x, 5), QPointF(x, self.height() - 16))
        painter.setPen(QPen(theme.color("panel"), 2))
        painter.setBrush(theme.color("text"))
        painter.drawEllipse(QPointF(x, y), 6, 6)
        self._hot.append((QRectF(x - 8, y - 8, 16, 16), self.tr("now: step {step}").format(step=count(snapshot.step))))

    def _name(self, snapshot: Snapshot) -> str:
        name = snapshot.run_name
        return self.tr("{run} · now").format(run=name) if name and snapshot.runs else self.tr("now")

    @staticmethod
    def _length(curves: Mapping[str, Curve], events: Sequence[Event]) -> int:
        ends = [int(curve.steps[-1]) for curve in curves.values() if len(curve.steps)]
        return max([*ends, *(event.step for event in events), 1])

    def _track(
        self,
        painter: QPainter,
        name: str,
        y: float,
        place: Callable[[float], float],
        length: int,
        token: str,
        checkpoints: Sequence[int],
        events: Sequence[Event],
    ) -> None:
        theme = self._theme
        pen = QPen(theme.color(token), 3)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(QPointF(place(0), y), QPointF(place(length), y))
        painter.setPen(QPen(theme.color(token), 1.2))
        painter.setBrush(theme.color("panel"))
        for step in checkpoints:
            painter.drawEllipse(QPointF(place(step), y), 2.4, 2.4)
            self._hot.append((QRectF(place(step) - 4, y - 6, 8, 12), self.tr("checkpoint at step {step}").format(step=count(step))))
        for event in events:
            self._mark(painter, event, place(event.step), y)
        painter.setFont(font(10.5, 500))
        painter.setPen(theme.color(token))
        end = max(place(length), *(place(event.step) for event in events), 0.0)  # a mark may stand at the end, as a divergence does
        painter.drawText(QRectF(end + 14, y - 8, 160, 16), Qt.AlignmentFlag.AlignVCenter, name)

    def _mark(self, painter: QPainter, event: Event, x: float, y: float) -> None:
        theme = self._theme
        if event.kind == "best":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("panel"))
            painter.drawEllipse(QPointF(x, y), 8, 8)
            painter.drawPixmap(QPointF(x - 7, y - 7), pixmap("star", theme.good, 14, self.devicePixelRatioF(), filled=True))
        elif event.kind == "diverged":
            painter.setPen(QPen(theme.color("panel"), 1.5))
            painter.setBrush(theme.color("bad"))
            painter.drawPolygon(QPolygonF([QPointF(x, y - 6), QPointF(x + 6, y + 5), QPointF(x - 6, y + 5)]))
        else:
            painter.setPen(QPen(theme.color("panel"), 1.5))
            painter.setBrush(theme.color("warn"))
            painter.drawPolygon(QPolygonF([QPointF(x, y - 6), QPointF(x + 6, y), QPointF(x, y + 6), QPointF(x - 6, y)]))
        self._hot.append((QRectF(x - 7, y - 7, 14, 14), self.tr("step {step}: {what}").format(step=count(event.step), what=event.text)))
