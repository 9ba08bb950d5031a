"""What the network makes of a text of the user's own: its answer at each step as bars over the letters, or the one at the end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from playground.anim.scale import Scale, greatest
from playground.ui.numbers import number, percent, short
from playground.ui.painters import tools
from playground.ui.theme import Theme

PITCH, WIDEST = 15.0, 34.0
LETTERS, NAMES = 20.0, 18.0
END = 168.0
"""Px for the answer at the end, right of the letters."""
LINE, MOST_LISTED, TOLD = 18.0, 6, 5
NUMBER_FROM = 0.05
"""A bar so long, of 1, has its number, if there is room."""


@dataclass(frozen=True, slots=True)
class Answer:
    """``letters`` of the text; ``values`` (n, K) at each step, or, of a network that answers once, what it would say had the text ended
    there; ``end`` (K,) is the one answer of such a network. ``names`` of the K classes; of a single number that is a probability the two
    of no and yes, of others none. ``following``: the classes are what the next letter may be."""

    letters: tuple[str, ...]
    values: np.ndarray | None = None
    names: tuple[str, ...] = ()
    end: np.ndarray | None = None
    probability: bool = True
    following: bool = False

    def best(self, step: int) -> int:
        """The surest class of a step."""
        assert self.values is not None
        return int(np.argmax(self.values[step]))

    def came(self, step: int) -> bool:
        """Whether the surest next letter is the one that follows in the text."""
        own = self.following and step + 1 < len(self.letters) and self.values is not None
        return own and self.names[self.best(step)] == self.letters[step + 1]


class TryPicture(QWidget):
    """Bars stand from 0 to 1, or, of numbers that are no probabilities, to the largest, up for plus and down for minus."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("try_picture")
        self.setAccessibleName(self.tr("The network's answers to your text"))
        self.theme = theme
        self.answer = Answer(())
        self.words = ""

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def show_answer(self, answer: Answer, words: str = "") -> None:
        """``words`` stand there while there is no text."""
        self.answer, self.words = answer, words
        self.setMinimumWidth(round(len(answer.letters) * self.least + (END if answer.end is not None else 0) + 8) if answer.letters else 0)
        self.setAccessibleDescription(self._told())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.minimumWidth(), 90)

    @property
    def least(self) -> float:
        """Px of a letter at least."""
        return max((tools.width(one, 12, 500) + 2 for one in self.answer.letters), default=PITCH) if self.answer.letters else PITCH

    @property
    def pitch(self) -> float:
        room = self.width() - 8 - (END if self.answer.end is not None else 0)
        return min(max(room / max(len(self.answer.letters), 1), self.least), max(WIDEST, self.least))

    def bar(self, step: int) -> QRectF:
        """Where the bar of a step may stand, as high as can be."""
        pitch = self.pitch
        return QRectF(4 + step * pitch + pitch * 0.1, NAMES, pitch * 0.8, max(self.height() - NAMES - LETTERS, 8.0))

    def _told(self) -> str:
        if self.answer.values is None:
            return ""
        told = [f"{letter}: {number(float(row.max()), 2)}" for letter, row in zip(self.answer.letters, self.answer.values, strict=False)]
        return ", ".join(told)

    def texts(self) -> dict[str, str]:
        """What is answered, for tests with a real window."""
        return {"try_answer": self._told()}

    # -- the number under the pointer
    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def tip(self, at: QPointF) -> str:
        """The answers of the step under a point, the surest first."""
        answer, step = self.answer, int((at.x() - 4) // self.pitch)
        if answer.values is None or not 0 <= step < len(answer.values) or not np.isfinite(answer.values[step]).all():
            return ""
        head = self.tr("after “{letter}”, step {n}").format(letter=answer.letters[step], n=step + 1)
        if answer.end is not None:
            head = self.tr("had the text ended with “{letter}”, step {n}").format(letter=answer.letters[step], n=step + 1)
        return "\n".join([head, *(f"{name}  {told}" for name, told, _ in self._listed(answer.values[step], TOLD))])

    def _listed(self, given: np.ndarray, most: int) -> list[tuple[str, str, float]]:
        """Name, number in words, and share of the bar, of the surest of an answer's numbers (K,)."""
        answer, row = self.answer, np.asarray(given, np.float64)
        if len(row) == 1 and len(answer.names) == 2 and answer.probability:
            row = np.array([1 - row[0], row[0]])
        if len(row) == 1 or not answer.probability:
            most_ = max(float(np.abs(row).max()), 1e-12)
            return [(answer.names[at] if at < len(answer.names) else "", number(float(v)), float(v) / most_) for at, v in enumerate(row)][
                :most
            ]
        order = np.argsort(-row, kind="stable")[:most]
        return [(answer.names[at] if at < len(answer.names) else str(at), percent(float(row[at])), float(row[at])) for at in order]

    # -- drawing
    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            answer, theme = self.answer, self.theme
            if not answer.letters:
                tools.paragraph(painter, QRectF(2, 10, self.width() - 4, self.height() - 10), self.words, theme.color("text3"), 12)
                return
            pitch, ground = self.pitch, self.height() - LETTERS
            painter.fillRect(QRectF(2, ground, pitch * len(answer.letters) + 4, 1), theme.color("line3"))
            for step, letter in enumerate(answer.letters):
                x = 4 + (step + 0.5) * pitch
                tools.text(painter, x, ground + 11, letter, theme.color("text"), 12, 500, "center", room=pitch)
            if answer.values is not None:
                self._bars(painter)
            if answer.end is not None:
                self._end(painter, 4 + pitch * len(answer.letters) + 16, answer.end)

    def _bars(self, painter: QPainter) -> None:
        answer, theme = self.answer, self.theme
        assert answer.values is not None
        several = answer.values.shape[1] > 1
        limit = 1.0 if answer.probability else max(greatest(answer.values), 1e-12)
        signed = not answer.probability and bool((answer.values < 0).any())
        numbered = self._numbered(limit)
        for step in range(len(answer.letters)):
            if not np.isfinite(answer.values[step]).all():
                self._no_number(painter, step)
                continue
            best = answer.best(step)
            value, box = float(answer.values[step, best]), self.bar(step)
            high = box.height() / 2 if signed else box.height()
            zero = box.bottom() - (high if signed else 0)
            long = min(abs(value) / limit, 1.0) * high
            top = zero - long if value >= 0 else zero
            color = tools.signed_color(value, theme) if signed else tools.color_of(value, Scale(limit=limit, ramp="seq"), theme)
            painter.fillRect(QRectF(box.x(), top, box.width(), max(long, 1.0)), color)
            if long >= 3:
                tools.frame(painter, QRectF(box.x(), top, box.width(), long), theme.color("line3"))
            if several:
                hit = answer.came(step)
                name = answer.names[best] if best < len(answer.names) else str(best)
                ink = theme.color("text" if hit or not answer.following else "text2")
                tools.text(painter, box.center().x(), top - 8, name, ink, 11, 600 if hit else 400, "center", room=self.pitch)
                if hit:  # it comes indeed: a second sign beside the weight of the letter
                    painter.fillRect(QRectF(box.center().x() - 4, top - 2, 8, 1.5), theme.color("good"))
            elif step in numbered:
                tools.text(painter, box.center().x(), top - 8, number(value, 2), theme.color("text"), 11, 600, "center")

    def _no_number(self, painter: QPainter, step: int) -> None:
        """Not known yet where the text might have ended, else not a number at all."""
        box = self.bar(step)
        waits = self.answer.end is not None and bool(np.isfinite(self.answer.end).all())
        painter.fillRect(QRectF(box.x(), box.bottom() - 12, box.width(), 12), tools.hatch(self.theme, "waiting" if waits else "nan"))

    def _numbered(self, limit: float) -> set[int]:
        """The steps whose number stands over their bar: the longest bars first, as many as do not touch."""
        answer, pitch, kept = self.answer, self.pitch, list[int]()
        assert answer.values is not None
        for step in np.argsort(-np.abs(answer.values[: len(answer.letters), 0]), kind="stable").tolist():
            value = float(answer.values[step, 0])
            if not np.isfinite(value):
                continue
            wide = tools.width(number(value, 2), 11, 600) + 4
            if abs(value) >= NUMBER_FROM * limit and all(abs(step - other) * pitch >= wide for other in kept):
                kept.append(step)
        return set(kept)

    def _end(self, painter: QPainter, x: float, end: np.ndarray) -> None:
        """The answer to the whole text: its surest classes as bars, or its numbers."""
        theme = self.theme
        room = self.width() - x - 4
        if not np.isfinite(end).all():
            tools.text(painter, x, self.height() / 2, "NaN", theme.color("bad"), 12, 600)
            return
        rows = self._listed(end, max(min(int((self.height() - 4) // LINE), MOST_LISTED), 1))
        top = max((self.height() - LINE * len(rows)) / 2, 2.0)
        for at, (name, told, share) in enumerate(rows):
            y, first = top + LINE * (at + 0.5), at == 0
            wide = min(max(tools.width(name, 12, 600) for name, _, _ in rows), room * 0.4) if any(name for name, _, _ in rows) else 0.0
            ink = theme.color("text" if first else "text2")
            tools.text(painter, x, y, name, ink, 12, 600 if first else 400, room=room * 0.4)
            bar = QRectF(x + wide + 6, y - 5, room - wide - 6 - 48, 10)
            painter.fillRect(bar, theme.color("field"))
            color = tools.signed_color(share, theme) if share < 0 else tools.color_of(abs(share), Scale(1.0, "seq"), theme)
            painter.fillRect(QRectF(bar.x(), bar.y(), bar.width() * min(abs(share), 1.0), bar.height()), color)
            tools.frame(painter, bar, theme.color("line2"))
            tools.text(painter, x + room, y, told if told else short(share), ink, 12, 600 if first else 400, "right")
