"""Where words stand in a chart: none over another, off the curves where there is room."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from playground.ui.painters import tools

PLATE = 14.0
"""px that a line of words is high."""
MOST_ROWS = 4
NEAR = 60.0
"""px: no words stand between lines that lie within this."""
OLD_VALUE = re.compile(r"\S+ → ")
HALO = 1.2
"""px around letters that nothing behind them is seen in."""
AROUND = [(across * HALO, down * HALO) for across in (-1, 0, 1) for down in (-1, 0, 1) if across or down]


def write(painter: QPainter, place: QRectF, words: str, color: QColor, ground: QColor, size: float = 10.5) -> None:
    """``words`` in a ``place`` of :class:`Marks`. Each letter has its halo of ``ground``: a plate would hide the curves behind it, too."""
    for across, down, ink in [*((*by, ground) for by in AROUND), (0.0, 0.0, color)]:
        tools.text(painter, place.x() + 2 + across, place.center().y() + down, words, ink, size, room=place.width() - 4)


def points_in(place: QRectF, curves: Sequence[np.ndarray]) -> int:
    """How many points of the ``curves`` (pixels, (n, 2)) lie in ``place``."""
    left, top, right, bottom = place.left(), place.top(), place.right(), place.bottom()
    pairs = (points.T for points in curves)
    return sum(int(np.count_nonzero((x >= left) & (x <= right) & (y >= top) & (y <= bottom))) for x, y in pairs)


def _groups(places: Sequence[float]) -> list[tuple[float, float]]:
    """For each of the ``places``, which rise, the first and the last of those that no words stand between: they lie within ``NEAR``."""
    ends = [0]
    for at, place in enumerate(places):
        if place - places[ends[-1]] >= NEAR:
            ends.append(at)
    return [(places[start], places[end - 1]) for start, end in pairwise([*ends, len(places)]) for _ in range(start, end)]


class Marks:
    """The words of one drawing of a chart. ``area`` is the plot's, ``curves`` are the pixels (n, 2) of what is drawn in it."""

    def __init__(self, area: QRectF, curves: Sequence[np.ndarray] = ()) -> None:
        self.area = area
        self.curves = [np.asfortranarray(np.concatenate(curves))] if curves else []  # as one: they are searched for each place
        self.taken: list[QRectF] = []
        """Words."""
        self.lines: list[QRectF] = []
        """Straight lines that words keep off where they can."""

    def rule(self, line: QRectF) -> None:
        """A straight line is drawn here."""
        self.lines.append(line)

    def place(self, choices: Iterable[QRectF], most: float = math.inf) -> QRectF | None:
        """Of the ``choices`` within the plot that lie over no words, the first one over the fewest lines and points of curves; it is
        taken from now on. ``None`` where there is no such place, over ``most`` lines."""
        best, least = None, (most + 1, 0.0)
        for one in filter(self._free, choices):
            over = sum(one.intersects(line) for line in self.lines), points_in(one, self.curves)
            if over < least:
                best, least = one, over
            if over == (0, 0):
                break
        if best is not None:
            self.taken.append(best)
        return best

    def beside(self, changes: Sequence[tuple[str, float]]) -> Iterator[tuple[QRectF, str]]:
        """Places of the words of changes, each with its line's x, in their order: row below row from the top, or at the foot where
        curves run there. Where lines are near each other, beside them all; where there is no room beside them, without the old value
        (``"rate 0.1 → 0.2"``); and how many more there are that have no place at all."""
        tops = [*(self.area.y() + row * PLATE for row in range(MOST_ROWS)), self.area.bottom() - PLATE]
        untold: list[tuple[float, float]] = []
        begun = False
        for (words, _), (first, last) in zip(changes, _groups([x for _, x in changes]), strict=True):
            brief = OLD_VALUE.sub("", words)
            for told, most in ((words, 0), (brief, 0), (brief, math.inf)):
                if (place := self.place(self._sides(told, first, last, tops), most)) is not None:
                    yield place, told
                    begun = True
                    break
            else:
                untold.append((first, last))
        for first, last in sorted(set(untold)) if begun else ():
            told = f"+{untold.count((first, last))}"
            if (place := self.place(self._sides(told, first, last, tops, among=True))) is not None:
                yield place, told

    def _sides(self, words: str, first: float, last: float, tops: Sequence[float], among: bool = False) -> list[QRectF]:
        """Places at both sides of lines, or ``among`` them too."""
        wide = tools.width(words, 10.5) + 4
        inside = np.arange(first, last, PLATE).tolist() if among else []
        return [QRectF(left, top, wide, PLATE) for top in tops for left in (first - 3 - wide, last + 3, *inside)]

    def at_end(self, x: float, y: float, wide: float) -> QRectF | None:
        """A place for words ``wide`` px long near the end of a curve."""
        left = min(x + 3, self.area.right() - wide - 2)
        steps = sorted(range(-12, 13), key=lambda by: (abs(by), by > 0))
        top = min(max(y - PLATE, self.area.top()), self.area.bottom() - PLATE)
        return self.place(QRectF(left - 2, top + by * PLATE / 2, wide + 4, PLATE) for by in steps)

    def nearest(self, choices: Iterable[QRectF]) -> QRectF | None:
        """The first of the ``choices`` within the plot that lies over no words, whatever else it covers; taken from now on."""
        found = next((one for one in choices if self._free(one)), None)
        if found is not None:
            self.taken.append(found)
        return found

    def rows(self, wide: float, centered: bool = False) -> list[QRectF]:
        """Every place of a line of words ``wide`` px long: at both sides (or ``centered``), row below row; nearest to the middle first
        where centered."""
        area = self.area
        tops = np.arange(area.top(), area.bottom() - PLATE + 1, PLATE / 2).tolist()
        if centered:
            left = area.center().x() - wide / 2
            middle = area.center().y() - PLATE / 2
            return [QRectF(left, top, wide, PLATE) for top in (middle, *sorted(tops, key=lambda top: abs(top - middle)))]
        return [QRectF(left, top, wide, PLATE) for top in tops for left in (area.right() - wide, area.left() + 2)]

    def _free(self, place: QRectF) -> bool:
        inside = self.area.contains(place.adjusted(1, 1, -1, -1))
        return inside and not any(place.intersects(other) for other in self.taken)
