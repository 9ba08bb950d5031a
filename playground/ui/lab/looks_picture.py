"""What a unit looks for: the picture that gradient ascent makes for it, its strongest samples, and the other units to choose from."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter

from playground.engine.experiments.lab import Preferred, Strongest
from playground.ui.lab import pixels
from playground.ui.lab.plot import Plot
from playground.ui.numbers import count, number
from playground.ui.painters import tools
from playground.ui.theme import Theme

EDGE, GAP, HEAD, LINE = 16.0, 14.0, 40.0, 18.0
BIG = 0.52
"""Share of the width that the preferred picture takes at most."""
SMALL, SMALL_GAP, MOST_ROWS = 40.0, 6.0, 3
RANKS = 9


class LooksPicture(Plot):
    """``unit_chosen(unit)`` when one of the row below is clicked, ``sample_chosen(index)`` for a sample of the training split."""

    unit_chosen = Signal(int)
    sample_chosen = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "lab_strongest_picture")
        self.preferred: Preferred | None = None
        self.strongest: Strongest | None = None
        self.unit, self.title, self.words = 0, "", ""
        self.names: tuple[str, ...] = ()
        self.setAccessibleName(self.tr("What a unit looks for"))

    def show_found(
        self, preferred: Preferred | None, strongest: Strongest | None, unit: int, title: str, names: tuple[str, ...], words: str
    ) -> None:
        """Of ``unit``, called ``title``; ``names`` of the units where they have any; ``words`` say why there is nothing."""
        same = preferred is self.preferred and strongest is self.strongest
        if not same or (unit, title, names, words) != (self.unit, self.title, self.names, self.words):
            self.preferred, self.strongest, self.unit, self.title, self.names, self.words = preferred, strongest, unit, title, names, words
            self.renew()

    # -- places
    def area(self) -> QRectF:
        return QRectF(0, 0, self.width(), self.height())

    def _across(self) -> int:
        return max(1, int((self.width() - 2 * EDGE + SMALL_GAP) // (SMALL + SMALL_GAP)))

    def _units(self) -> int:
        """How many units stand below to be chosen from."""
        return 0 if self.strongest is None else min(len(self.strongest.samples), MOST_ROWS * self._across())

    def foot(self) -> float:
        """Where the row of units begins."""
        rows = -(-self._units() // self._across()) if self._units() else 0
        return self.height() - EDGE - rows * (SMALL + LINE)

    def big(self) -> QRectF:
        """Where the preferred picture stands."""
        room = QRectF(EDGE, EDGE + HEAD, (self.width() - 2 * EDGE) * BIG, self.foot() - 2 * HEAD - EDGE - 2 * LINE)
        rows, columns = self.preferred.picture.shape[1:] if self.preferred is not None else (1, 1)
        place = pixels.fitted(room, rows, columns)
        return QRectF(EDGE, place.y(), max(place.width(), 40.0), max(place.height(), 40.0))

    def ranks(self) -> list[QRectF]:
        """Where the strongest samples stand, the first first."""
        if self.strongest is None:
            return []
        big, shown = self.big(), min(self.strongest.samples.shape[1], RANKS)
        rows, columns = self.strongest.patches.shape[3:]
        left = big.right() + 2 * GAP
        wide, high = self.width() - EDGE - left, big.height()
        best: list[QRectF] = []
        for across in range(1, shown + 1):
            down = -(-shown // across)
            room = QRectF(0, 0, (wide - GAP * (across - 1)) / across, (high - GAP * (down - 1)) / down - LINE)
            if min(room.width(), room.height()) < 8:
                continue
            place = pixels.fitted(room, rows, columns)
            if not best or place.width() > best[0].width():
                best = [
                    QRectF(
                        round(left + (at % across) * (place.width() + GAP)),
                        round(big.y() + (at // across) * (place.height() + LINE + GAP)),
                        place.width(),
                        place.height(),
                    )
                    for at in range(shown)
                ]
        return best

    def unit_boxes(self) -> list[QRectF]:
        """Where the units to choose from stand."""
        top, across = self.foot(), self._across()
        return [
            QRectF(EDGE + (at % across) * (SMALL + SMALL_GAP), top + (at // across) * (SMALL + LINE), SMALL, SMALL)
            for at in range(self._units())
        ]

    # -- drawing
    def draw(self, painter: QPainter) -> None:
        theme, preferred, strongest = self.theme, self.preferred, self.strongest
        if strongest is None and preferred is None:
            self.nothing(painter, self.words)
            return
        big = self.big()
        if preferred is not None:
            tools.text(painter, big.x(), big.y() - 26, self.title, theme.color("text"), 12.5, 600)
            said = self.tr("gradient ascent on the input")
            tools.text(painter, big.x(), big.y() - 10, said, theme.color("text3"), 10.5, room=big.width())
            pixels.draw(painter, big, pixels.image(preferred.picture, preferred.low, preferred.high, self.theme))
            tools.frame(painter, big, theme.color("line2"))
            if len(preferred.answers):
                words = self.tr("answers {first} at the start, {last} after {n} steps").format(
                    first=number(float(preferred.answers[0])), last=number(float(preferred.answers[-1])), n=count(preferred.state.done)
                )
                tools.text(painter, big.x(), big.bottom() + 14, words, theme.color("text2"), 11, room=(self.width() - 2 * EDGE) * BIG)
        if strongest is not None:
            self._draw_ranks(painter, strongest)
            self._draw_units(painter, strongest)

    def _draw_ranks(self, painter: QPainter, found: Strongest) -> None:
        theme, boxes = self.theme, self.ranks()
        if not boxes:
            return
        top = self.tr("Strongest patches") if len(found.shape) == 3 else self.tr("Strongest pictures")
        tools.text(painter, boxes[0].x(), boxes[0].y() - 26, top, theme.color("text"), 12.5, 600)
        words = self.tr("of {n} training samples").format(n=count(found.seen))
        tools.text(painter, boxes[0].x(), boxes[0].y() - 10, words, theme.color("text3"), 10.5)
        for at, box in enumerate(boxes):
            if self.unit < len(found.samples) and found.samples[self.unit, at] >= 0:
                pixels.draw(painter, box, self._patch(found, self.unit, at))
                answer = number(float(found.answers[self.unit, at]))
                tools.text(painter, box.center().x(), box.bottom() + 10, answer, theme.color("text2"), 10.5, align="center")
            tools.frame(painter, box, theme.color("line2"))

    def _draw_units(self, painter: QPainter, found: Strongest) -> None:
        theme, boxes = self.theme, self.unit_boxes()
        if not boxes:
            return
        words = self.tr("Each unit by its strongest; click one")
        if len(boxes) < len(found.samples):
            words += self.tr(" ({n} of {all})").format(n=count(len(boxes)), all=count(len(found.samples)))
        tools.text(painter, EDGE, boxes[0].y() - 14, words, theme.color("text3"), 10.5)
        rows, columns = found.patches.shape[3:]
        for unit, box in enumerate(boxes):
            if found.samples[unit, 0] >= 0:
                pixels.draw(painter, pixels.fitted(box, rows, columns), self._patch(found, unit, 0))
            if unit == self.unit:
                tools.ring(painter, box, theme.color("accent"), 1.5, 2, 3)
            name = self.names[unit] if unit < len(self.names) else str(unit + 1)
            color = theme.color("text" if unit == self.unit else "text3")
            tools.text(painter, box.center().x(), box.bottom() + 11, name, color, 10, align="center", room=SMALL)

    def _patch(self, found: Strongest, unit: int, rank: int) -> QImage:
        return pixels.image(np.asarray(found.patches[unit, rank]), found.low, found.high, self.theme)

    def draw_over(self, painter: QPainter) -> None:
        found = self.strongest
        if self.pointer is None or found is None or self.unit >= len(found.samples):
            return
        for at, box in enumerate(self.ranks()):
            if box.contains(self.pointer) and found.samples[self.unit, at] >= 0:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                tools.ring(painter, box, self.theme.color("accent"), 1.5, 2, 3)
                lines = [
                    self.tr("training sample {n}").format(n=count(int(found.samples[self.unit, at]))),
                    self.tr("answer {value}").format(value=number(float(found.answers[self.unit, at]))),
                    self.tr("click: follow it through the network"),
                ]
                self.chip(painter, QPointF(self.pointer), lines)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.strongest
        if found is not None and event.button() == Qt.MouseButton.LeftButton:
            for unit, box in enumerate(self.unit_boxes()):
                if box.adjusted(-2, -2, 2, LINE - 4).contains(event.position()):
                    self.unit_chosen.emit(unit)
                    return
            for at, box in enumerate(self.ranks()):
                if box.contains(event.position()) and self.unit < len(found.samples) and found.samples[self.unit, at] >= 0:
                    self.sample_chosen.emit(int(found.samples[self.unit, at]))
                    return
        super().mousePressEvent(event)
