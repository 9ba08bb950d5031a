"""The confusion matrix: a row a true class, a column a predicted one; a click chooses a cell."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from playground.anim import ramps
from playground.engine.live.snapshot import Evaluation
from playground.ui.numbers import count, number, rounded
from playground.ui.painters import tools
from playground.ui.panels.drawn import Drawn
from playground.ui.theme import Theme, font

LEAST_SIDE, MOST_SIDE, TOP = 34, 74, 32
HEAD = 8.0
"""The middle of the head's line, px from the top: that of the gallery's title beside it."""
LEAST_SHADE = 44
"""The entry of the ramp at which the cells that are not empty begin."""
LEAST_NAMED = 10.0
"""Below this side of a cell, px, only every other class is named."""
CLEAR = 3.0
"""Px between the ink of a dash and the row below."""
HEAD_GAP = 8.0
HEADS = ((10.5, 0.0), (10.5, 0.4), (10.0, 0.0), (10.0, 0.5))
"""Sizes of the letters over the columns, px, and how much closer than usual these stand."""
WIDEST = 1.9
"""A cell may be so many times as wide as high, where its class's name needs it."""


def lifted(ink: QRectF, centered: float, side: float) -> float:
    """Px by which a name whose ``ink`` (about its baseline, px) is a mere dash or dot stands higher, so that it keeps clear of the row
    below: an underscore would be read as that row's. ``centered``: ascent less descent; ``side``: a row's height, px."""
    flat = ink.height() < side / 3
    return max((side + centered) / 2 + ink.bottom() - (side - CLEAR), 0.0) if flat else 0.0


def shaded(shares: np.ndarray) -> np.ndarray:
    """Entries of the ramp ``seq`` for shares of a class. What ever happened stands off from what never did, also where it was once in a
    thousand and its cell has no room for the number."""
    entries = ramps.indices(shares, "seq", 1.0, stretch=True).astype(int)
    return np.where(shares > 0, LEAST_SHADE + entries * (ramps.ENTRIES - 1 - LEAST_SHADE) // (ramps.ENTRIES - 1), 0)


class Confusion(Drawn):
    """``chosen(true, predicted)`` when a cell is clicked; (-1, -1) when the chosen one is clicked again."""

    chosen = Signal(int, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "confusion", parent)
        self.setAccessibleName(self.tr("Confusion matrix"))
        self._evaluation: Evaluation | None = None
        self._classes: tuple[str, ...] = ()
        self._cell = (-1, -1)

    def show_evaluation(self, evaluation: Evaluation | None, classes: tuple[str, ...]) -> None:
        if evaluation is not self._evaluation or classes != self._classes:
            if classes != self._classes:
                self._cell = (-1, -1)
            self._evaluation, self._classes = evaluation, classes
            self.update()

    @property
    def matrix(self) -> np.ndarray | None:
        return self._evaluation.confusion if self._evaluation is not None else None

    def _names_wide(self) -> int:
        """Room for the classes' names at the left: as wide as the longest, within limits."""
        longest = tools.widest(self._classes)
        return math.ceil(min(max(longest + 10, LEAST_SIDE), MOST_SIDE))

    def wanted_width(self, height: int) -> int:
        """The width at which, ``height`` high, every class's name stands over its column; square cells where names are short."""
        side = (height - TOP - 4) / max(len(self._classes), 2)
        longest = tools.widest(self._classes)
        needed = longest + 6 if max(map(len, self._classes), default=0) > 2 else 0.0  # digits find room over every other column
        return round(self._names_wide() + 4 + max(len(self._classes), 2) * min(max(side, needed), WIDEST * side))

    def _cells(self) -> tuple[QPointF, QSizeF, int]:
        """The first cell's corner, a cell's size, and how many classes there are."""
        classes = len(self.matrix) if self.matrix is not None else max(len(self._classes), 2)
        wide = self._names_wide()
        across, down = (self.width() - wide - 4) / classes, (self.height() - TOP - 4) / classes
        down = min(down, across)
        named = max(map(len, self._classes), default=0) > 2
        return QPointF(wide, TOP), QSizeF(min(across, WIDEST * down) if named else down, down), classes

    def cell_rect(self, true: int, predicted: int) -> QRectF:
        corner, size, _ = self._cells()
        return QRectF(corner.x() + predicted * size.width(), corner.y() + true * size.height(), size.width(), size.height())

    def _name(self, label: int) -> str:
        return self._classes[label] if label < len(self._classes) else str(label)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        corner, size, classes = self._cells()
        side, across = size.height(), size.width()
        matrix = self.matrix
        shares = None if matrix is None else matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
        entries = None if shares is None else shaded(shares)
        painter.setFont(font(10.5))
        middle = Qt.AlignmentFlag.AlignCenter
        shades = {} if entries is None else {entry: theme.ramp("seq")[entry].tolist() for entry in np.unique(entries).tolist()}
        for true in range(classes):
            for predicted in range(classes):
                cell = QRectF(corner.x() + predicted * across + 0.5, corner.y() + true * side + 0.5, across - 1, side - 1)
                if matrix is None or entries is None:
                    painter.fillRect(cell, theme.color("field"))
                    continue
                shade = shades[int(entries[true, predicted])]
                painter.fillRect(cell, QColor(*shade))
                if side >= 17 and matrix[true, predicted]:
                    painter.setPen(theme.ink(*shade))
                    _write(painter, cell, int(matrix[true, predicted]), 10.5 if side >= 24 else 10)
        tools.frame(
            painter, QRectF(corner, QSizeF(across * classes, side * classes)), theme.color("line2")
        )  # what is 0 is nearly the panel's
        painter.setFont(font(10.5))
        painter.setPen(theme.color("text2"))
        metrics, wide = painter.fontMetrics(), self._names_wide()
        for label in range(0, classes, 1 if side >= LEAST_NAMED else 2):
            name = metrics.elidedText(self._name(label), Qt.TextElideMode.ElideRight, wide - 8)
            lift = lifted(metrics.tightBoundingRect(name).toRectF(), metrics.ascent() - metrics.descent(), side)
            painter.drawText(
                QRectF(0, corner.y() + label * side - 4 - lift, wide - 6, side + 8),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                name,
            )
        letters, room = self.head_letters(across)
        painter.setFont(letters)
        for label in range(0, classes, 1 if side >= LEAST_NAMED else 2):
            name = room.elidedText(self._name(label), Qt.TextElideMode.ElideRight, max(int(across), 8))
            painter.drawText(QRectF(corner.x() + label * across, TOP - 15, across, 14), middle, name)
        self._paint_head(painter)
        if self._cell != (-1, -1):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRect(self.cell_rect(*self._cell).adjusted(1, 1, -1, -1))
        painter.end()

    def head_letters(self, across: float) -> tuple[QFont, QFontMetricsF]:
        """In which the classes' names stand over columns ``across`` px wide: the first that holds all; else the usual."""
        choices = [_letters(*choice) for choice in HEADS]
        fits = (one for one in choices if all(one[1].horizontalAdvance(name) <= across - 2 for name in self._classes))
        return next(fits, choices[0])

    def _splits(self) -> dict[str, str]:
        return {"validation": self.tr("validation"), "test": self.tr("test"), "train": self.tr("training")}

    def _split(self) -> str:
        """Of which part of the data it is, in a word; empty before the first evaluation."""
        return self._splits().get(self._evaluation.split, "") if self._evaluation is not None else ""

    def title(self) -> str:
        """What it is, and of which part of the data."""
        split = self._split()
        return self.tr("Confusion, {split}").format(split=split) if split else self.tr("Confusion")

    def _sides(self) -> str:
        return self.tr("true ↓  predicted →")

    def head_width(self) -> int:
        """The width at which the head says of which part of the data it is, whichever that is, beside which side is which."""
        words = tools.width(self.tr("Confusion"), 11.5, 600) + tools.widest(tuple(self._splits().values()))
        return math.ceil(words + 2 * HEAD_GAP + tools.width(self._sides(), 10.5))

    def _paint_head(self, painter: QPainter) -> None:
        """The title and which side is which, in the line of the gallery's title. The sides stand in any case, each by what it names: over
        a few wide columns it would be read as theirs."""
        theme, sides, title, x = self._theme, self._sides(), self.tr("Confusion"), 0.0
        left = self.width() - tools.width(sides, 10.5) - HEAD_GAP
        if tools.width(title, 11.5, 600) <= left:
            x = tools.text(painter, 0, HEAD, title, theme.color("text"), 11.5, 600) + HEAD_GAP
        if x and x + tools.width(self._split(), 10.5) <= left:
            x += tools.text(painter, x, HEAD, self._split(), theme.color("text2"), 10.5) + HEAD_GAP if self._split() else 0.0
        tools.text(painter, x, HEAD, sides, theme.color("text3"), 10.5)

    def places(self) -> dict[str, tuple[int, int, int, int]]:
        """Where the cells stand on the screen, for tests with a real window."""
        labels = range(self._cells()[2])
        return self.on_screen({f"confusion/{true}/{said}": self.cell_rect(true, said) for true in labels for said in labels})

    def _at(self, position: QPointF) -> tuple[int, int] | None:
        corner, size, classes = self._cells()
        column, row = int((position.x() - corner.x()) // size.width()), int((position.y() - corner.y()) // size.height())
        return (row, column) if 0 <= row < classes and 0 <= column < classes else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self._at(event.position())
        if cell is not None:
            self._cell = (-1, -1) if cell == self._cell else cell
            self.chosen.emit(*self._cell)
            self.update()

    def tip(self, position: QPointF) -> str:
        cell, matrix = self._at(position), self.matrix
        if matrix is not None and position.y() < 2 * HEAD:
            return self.title()  # the head has not always room for all of it
        if cell is None or matrix is None:
            return ""
        true, predicted = cell
        total, cases = int(matrix[true].sum()), int(matrix[true, predicted])
        share = number(100 * cases / total, 3, trim=True) if total else "0"
        return self.tr("true %s, predicted %s: %s of %s (%s %%)") % (
            self._name(true),
            self._name(predicted),
            count(cases),
            count(total),
            share,
        )


@lru_cache(maxsize=8)
def _letters(size: float, closer: float) -> tuple[QFont, QFontMetricsF]:
    made = font(size)
    made.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, -closer)
    return made, QFontMetricsF(made)


def _write(painter: QPainter, cell: QRectF, held: int, size: float) -> None:
    """A count in its cell, its letters close where they must be; rounded before it is left out."""
    for words in (count(held), rounded(held)):
        for closer in (0.0, 0.6):
            letters, metrics = _letters(size, closer)
            if metrics.horizontalAdvance(words) + closer <= cell.width():
                painter.setFont(letters)
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, words)
                return
