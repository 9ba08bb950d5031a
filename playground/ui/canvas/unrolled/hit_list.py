"""The list of hits: a line each, what is read around it on the colors of the unit's values, the hit framed, its value at the right."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from playground.anim.scale import Scale
from playground.engine.experiments.looked_through import Condition
from playground.ui.canvas.unrolled import condition
from playground.ui.canvas.unrolled.condition import Wanted
from playground.ui.canvas.unrolled.reading import VISIBLE
from playground.ui.canvas.unrolled.wording import NUMBER, fitting
from playground.ui.numbers import count, number
from playground.ui.painters import stripes, tools
from playground.ui.theme import Theme

LINE, TALL = 26, 42
NUMBERS, UNIT = 52.0, 26.0
LETTER, FIGURE, MOST = 15.0, 34.0, 76.0
SIGNS = frozenset(VISIBLE.values())
"""Drawn smaller where they are wider than letters."""
SIZE = 12.0


class HitList(QWidget):
    """``chosen(hit)`` by a click, or by Enter on the line that the arrow keys chose."""

    chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("unrolled_hit_list")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Where the condition holds in the data"))
        self.theme = theme
        self.found: Condition | None = None
        self.at = -1
        self._hovered = -1
        self._scale, self._tokens = Scale(1.0), tuple[str, ...]()
        self._wanted: Wanted | None = None
        self._wide = LETTER

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def show_found(self, found: Condition, scale: Scale, tokens: tuple[str, ...], wanted: Wanted) -> None:
        if found is self.found and tokens == self._tokens and scale.limit == self._scale.limit:
            return
        if self.found is None or self.found.asked != found.asked:
            self.at = -1
        self.found, self._tokens, self._wanted = found, tokens, wanted
        self._scale = Scale(limit=scale.limit, ramp=scale.ramp)
        letters = {self._letter(float(one)) for one in np.unique(found.read[np.isfinite(found.read)])} if tokens else set()
        widest = max((tools.width(one, SIZE, 500) + 3 for one in letters - SIGNS), default=LETTER)
        self._wide = min(max(widest, LETTER), MOST) if tokens else FIGURE
        self.setMinimumHeight(round(self.line * len(found.samples)) + 2)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self.minimumHeight())

    @property
    def line(self) -> int:
        """Height of a line: numbers of several features stand one below the other."""
        return TALL if self.found is not None and not self._tokens and self.found.read.shape[2] > 1 else LINE

    @property
    def _any(self) -> bool:
        return self._wanted is not None and self._wanted.unit is None

    def reach(self) -> int:
        """How many steps before and after the hit there is room for."""
        room = self.width() - NUMBERS - (UNIT if self._any else 0) - 4
        most = (self.found.around.shape[1] - 1) // 2 if self.found is not None else 0
        return min(max(int((room / self._wide - 1) // 2), 0), most)

    def cell(self, hit: int, by: int) -> QRectF:
        """Where the step stands that is ``by`` from the hit's."""
        left = 2 + (UNIT if self._any else 0) + (self.reach() + by) * self._wide
        return QRectF(left, hit * self.line + 4, self._wide, self.line - 6)

    def hit_at(self, y: float) -> int:
        hits = len(self.found.samples) if self.found is not None else 0
        return int(y // self.line) if 0 <= y < hits * self.line else -1

    # -- by hand
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus()
        hit = self.hit_at(event.position().y())
        if hit >= 0:
            self._choose(hit)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hit = self.hit_at(event.position().y())
        if hit != self._hovered:
            self._hovered = hit
            self.setCursor(Qt.CursorShape.PointingHandCursor if hit >= 0 else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        hits = len(self.found.samples) if self.found is not None else 0
        by = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if by and hits:
            self._choose(min(max(self.at + by, 0), hits - 1))
        else:
            super().keyPressEvent(event)

    def _choose(self, hit: int) -> None:
        self.at = hit
        self.update()
        self.chosen.emit(hit)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip(self.hit_at(event.pos().y())), self)
            return True
        return super().event(event)

    def tip(self, hit: int) -> str:
        """Where a hit is."""
        found = self.found
        if found is None or hit < 0:
            return ""
        first, last = int(found.starts[hit]) + 1, int(found.stops[hit])
        steps = self.tr("step {n}").format(n=first) if first == last else self.tr("steps {a} to {b}").format(a=first, b=last)
        told = self.tr("sample {n}, {steps}; furthest at step {at}, unit {unit}: {value}\nClick: follow it there")
        sample, value = count(int(found.samples[hit])), number(float(found.values[hit]), signed=self._scale.signed)
        return told.format(n=sample, steps=steps, at=int(found.steps[hit]) + 1, unit=int(found.units[hit]) + 1, value=value)

    def nowhere(self, found: Condition) -> str:
        """That there are no hits, and how near it comes."""
        words = self.tr("It holds nowhere in these samples: the smallest value is {value}.")
        if not found.asked.below:
            words = self.tr("It holds nowhere in these samples: the largest value is {value}.")
        return words.format(value=number(found.furthest, signed=self._scale.signed))

    # -- drawing
    def paintEvent(self, event: QPaintEvent) -> None:
        found = self.found
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if found is None or not len(found.samples):
                if found is not None and not found.state.running:
                    tools.paragraph(painter, QRectF(2, 4, self.width() - 4, 80), self.nowhere(found), self.theme.color("text2"), 12)
                return
            first, last = event.rect().top() // self.line, event.rect().bottom() // self.line + 1
            for hit in range(first, min(last, len(found.samples))):
                self._line(painter, found, hit)

    def _line(self, painter: QPainter, found: Condition, hit: int) -> None:
        theme, top, reach = self.theme, hit * self.line, self.reach()
        if hit in (self.at, self._hovered):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_soft" if hit == self.at else "raised"))
            painter.drawRoundedRect(QRectF(0, top + 1, self.width() - 1, self.line - 1), 3, 3)
        middle = top + self.line / 2 + 1
        if self._any:
            tools.text(painter, UNIT - 4, middle, str(int(found.units[hit]) + 1), theme.color("text3"), 10.5, align="right")
        center = (found.around.shape[1] - 1) // 2
        for by in range(-reach, reach + 1):
            value = float(found.around[hit, center + by])
            if np.isfinite(value) or by == 0:
                self._cell(painter, found, hit, by, value)
        told = number(float(found.values[hit]), 3, signed=self._scale.signed)
        tools.text(painter, self.width() - 4, middle, told, theme.color("text"), 11, 500, "right")

    def _cell(self, painter: QPainter, found: Condition, hit: int, by: int, value: float) -> None:
        theme, box = self.theme, self.cell(hit, by)
        color = tools.color_of(value, self._scale, theme)
        painter.fillRect(box.adjusted(0.5, 0, -0.5, 0), color)
        ink = theme.ink(color.red(), color.green(), color.blue())
        read = found.read[hit, (found.around.shape[1] - 1) // 2 + by]
        if self._tokens and len(read) == 1 and np.isfinite(read[0]):
            told = self._letter(float(read[0]))
            size = SIZE if told not in SIGNS else 10.0
            tools.text(
                painter, box.center().x(), box.center().y(), told, ink, size, 600 if by == 0 else 400, "center", room=box.width() + 2
            )
        elif not 0 < len(read) <= 3:
            step = str(int(found.steps[hit]) + by + 1)
            tools.text(painter, box.center().x(), box.center().y(), step, ink, 10.5, 400, "center")
            if len(read) > 3:
                stripes.block(painter, QRectF(box.x() + 1, box.y() + 1, 7, box.height() - 2), read[None], Scale(limit=1.0), theme)
        else:
            pitch = 13.0
            for at, one in enumerate(read):
                y = box.center().y() + (at - (len(read) - 1) / 2) * pitch
                tools.text(painter, box.center().x(), y, fitting(float(one), box.width()), ink, NUMBER, 500 if by == 0 else 400, "center")
        wanted = self._wanted
        if by == 0:
            condition.frame_of(painter, box.adjusted(-1, -2, 1, 2), theme)
        elif wanted is not None and (value < wanted.value if wanted.below else value > wanted.value):
            painter.fillRect(QRectF(box.x(), box.bottom(), box.width(), 2), theme.color("text"))

    def _letter(self, value: float) -> str:
        at = int(value)
        return VISIBLE.get(self._tokens[at], self._tokens[at]) if 0 <= at < len(self._tokens) else "?"
