"""What is said instead of what, most often first: a table of predicted and true ones for more classes than a table holds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from playground.data import Description
from playground.data.text.symbols import WORDS
from playground.engine.evaluation.answers import Mistake, mistakes
from playground.engine.live.snapshot import Evaluation
from playground.ui.numbers import count, number
from playground.ui.painters import tools
from playground.ui.painters.symbols import SIZE, widest
from playground.ui.panels.drawn import Drawn, Scrolled
from playground.ui.theme import Theme

HEAD, ROW, TILE = 52.0, 18.0, 15.0
NUMBER, WIDEST_NAME = 40.0, 76.0
WANTED = 218
"""Px across that the list likes to have."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How good a language model is: ``bits`` a step, and those that guessing by frequency alone would take; ``unit`` is what the text
    is cut into."""

    bits: float
    chance: float
    unit: str


class Mistakes(Scrolled, Drawn):
    """``chosen(true, said)`` when a mistake is clicked; (-1, -1) when the chosen one is clicked again."""

    chosen = Signal(int, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "mistakes", parent)
        self.setAccessibleName(self.tr("Most frequent mistakes"))
        self._evaluation: Evaluation | None = None
        self._classes: tuple[str, ...] = ()
        self._rows: tuple[Mistake, ...] = ()
        self._asked = 0
        self._judged: Judged | None = None
        self._cell: tuple[int, int] | None = None
        self._hovered = -1

    def show_evaluation(self, evaluation: Evaluation | None, description: Description | None, unit: str) -> None:
        """List the mistakes of ``evaluation``; ``unit`` is what its text is cut into, ``""`` where it is none."""
        classes = description.classes if description is not None else ()
        if evaluation is self._evaluation and classes == self._classes:
            return
        if classes != self._classes:
            self._cell = None
        self._evaluation, self._classes = evaluation, classes
        self._rows, self._asked, self._judged = (), 0, None
        if evaluation is not None and evaluation.confusion is not None:
            self._asked = int(evaluation.confusion.sum())
            if evaluation.answers is not None:
                self._rows, chance = evaluation.answers.mistakes, evaluation.answers.chance
                if chance is not None and unit:
                    self._judged = Judged(evaluation.loss / math.log(2), chance, unit)
            else:
                self._rows = _of_matrix(evaluation)
        self._scroll(0)
        self.update()

    # -- words
    def head(self) -> tuple[str, str]:
        """The figure to go by, and what to hold it against."""
        if self._judged is not None:
            words = self.tr("{bits} bits a word") if self._judged.unit == WORDS else self.tr("{bits} bits a character")
            return words.format(bits=number(self._judged.bits, 3)), self.tr("by frequency alone {bits}").format(
                bits=number(self._judged.chance, 3)
            )
        if self._evaluation is None or self._evaluation.accuracy is None:
            return self.tr("Most frequent mistakes"), ""
        wrong = number(100 * (1 - self._evaluation.accuracy), 3, trim=True)
        return self.tr("{share} % wrong").format(share=wrong), self.tr("of {count} answers").format(count=count(self._asked))

    def _name(self, label: int) -> str:
        return self._classes[label] if label < len(self._classes) else str(label)

    # -- geometry
    @property
    def _seen(self) -> int:
        return max(1, int((self.height() - HEAD) // ROW))

    def row_rect(self, at: int) -> QRectF:
        """Where the mistake ``at`` stands."""
        return QRectF(0, HEAD + (at - self._first) * ROW, self.width(), ROW)

    def _shown(self) -> range:
        return range(self._first, min(self._first + self._seen, len(self._rows)))

    def scrollable(self) -> int:
        return len(self._rows) - self._seen

    @property
    def _name_wide(self) -> float:
        return min(max(widest(self._classes), 20.0), WIDEST_NAME)

    def places(self) -> dict[str, tuple[int, int, int, int]]:
        """Where the rows stand on the screen, for tests with a real window."""
        corner, found = self.mapToGlobal(QPoint(0, 0)), {}
        for place, at in enumerate(self._shown()):
            rect = self.row_rect(at).toRect()
            found[f"mistakes/{place}"] = (corner.x() + rect.x(), corner.y() + rect.y(), rect.width(), rect.height())
        return found

    # -- painting
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        title, note = self.head()
        tools.text(painter, 0, 8, title, theme.color("text"), 12, 600, room=self.width())
        tools.text(painter, 0, 24, note, theme.color("text3"), 10.5, room=self.width())
        if not self._rows:
            words = (
                self.tr("No mistake.")
                if self._evaluation is not None
                else self.tr("After the first evaluation, what it mistakes for what.")
            )
            tools.paragraph(painter, QRectF(0, 38, self.width(), 40), words, theme.color("text3"), 10.5)
            painter.end()
            return
        wide, middle = self._name_wide, HEAD - 9
        tools.text(painter, wide / 2, middle, self.tr("true"), theme.color("text3"), 10.5, align="center")
        tools.text(painter, 1.5 * wide + 16, middle, self.tr("said"), theme.color("text3"), 10.5, align="center")
        tools.text(painter, self.width() - 6.0, middle, self.tr("of all"), theme.color("text3"), 10.5, align="right")
        for at in self._shown():
            self._paint_row(painter, at)
        if len(self._rows) > self._seen:
            whole = self.height() - HEAD - 2.0
            length = max(whole * self._seen / len(self._rows), 12)
            painter.fillRect(
                QRectF(self.width() - 2, HEAD + (whole - length) * self._first / (len(self._rows) - self._seen), 2, length),
                theme.color("line3"),
            )
        painter.end()

    def _paint_row(self, painter: QPainter, at: int) -> None:
        theme, one, rect, wide = self._theme, self._rows[at], self.row_rect(at), self._name_wide
        y = rect.center().y()
        if self._cell == (one.true, one.said) or at == self._hovered:
            painter.fillRect(rect, theme.color("accent_soft" if self._cell == (one.true, one.said) else "raised"))
        tools.text(painter, wide / 2, y, self._name(one.true), theme.color("text"), SIZE, align="center", room=wide)
        tools.text(painter, wide + 8, y, "→", theme.color("text3"), 10.5, align="center")
        tools.text(painter, 1.5 * wide + 16, y, self._name(one.said), theme.color("bad"), SIZE, 600, "center", room=wide)
        left = 2 * wide + 24
        room = self.width() - left - NUMBER - 8
        if room > 4:
            share = one.count / max(self._rows[0].count, 1)
            painter.fillRect(QRectF(left, y - TILE / 4, room, TILE / 2), theme.color("field"))
            painter.fillRect(QRectF(left, y - TILE / 4, max(room * share, 1), TILE / 2), theme.color("bad"))
        tools.text(painter, self.width() - 6.0, y, self._share(one), theme.color("text2"), 10.5, align="right")

    def _share(self, one: Mistake) -> str:
        return f"{number(100 * one.count / max(self._asked, 1), 2)} %"

    # -- the pointer
    def tip(self, position: QPointF) -> str:
        """What the pointer says at ``position``."""
        at = self._at(position)
        if at is None or self._evaluation is None or self._evaluation.confusion is None:
            return ""
        one = self._rows[at]
        cases = int(self._evaluation.confusion[one.true].sum())
        words = self.tr("expected {true}, said {said}: {share} of all answers\n{count} of the {cases} times that it was {true}").format(
            true=self._name(one.true), said=self._name(one.said), share=self._share(one), count=count(one.count), cases=count(cases)
        )
        return words + "\n" + self.tr("Click to see where.")

    def _at(self, position: QPointF) -> int | None:
        return next((at for at in self._shown() if self.row_rect(at).contains(position)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self._at(event.position())
        if at is not None:
            cell = self._rows[at].true, self._rows[at].said
            self._cell = None if cell == self._cell else cell
            self.chosen.emit(*(self._cell or (-1, -1)))
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._at(event.position())
        if (at if at is not None else -1) != self._hovered:
            self._hovered = at if at is not None else -1
            self.update()
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()
        super().leaveEvent(event)


def _of_matrix(evaluation: Evaluation) -> tuple[Mistake, ...]:
    """The most frequent mistakes of a confusion matrix."""
    assert evaluation.confusion is not None
    true, said = (evaluation.confusion * (1 - np.eye(len(evaluation.confusion), dtype=np.int64))).nonzero()
    cases = evaluation.confusion[true, said]
    return mistakes(np.repeat(true, cases), np.repeat(said, cases))
