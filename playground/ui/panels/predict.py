"""Predict, then look: a field for the result of the cell at hand, told right or wrong with the difference."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from playground.ui.explain.figures import Figures, parsed
from playground.ui.icons import icon
from playground.ui.panels.controls import label
from playground.ui.style import look, refresh
from playground.ui.theme import Theme

CLOSE = 0.01
"""A guess within this share of the number is right."""
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Verdict:
    """``how`` it was right: ``digits`` (it is the number as shown), ``last`` (one unit of the last digit off), ``percent`` (within 1 %),
    or ``""`` where it was wrong. ``off`` is guess less number."""

    how: str
    off: float

    @property
    def right(self) -> bool:
        return bool(self.how)


def judge(guess: float, value: float, figures: Figures) -> Verdict:
    """Whether ``guess`` is ``value``, as far as ``figures`` show it."""
    off = guess - value
    if figures.one(guess) == figures.one(value):
        return Verdict("digits", off)
    shown = parsed(figures.one(value))
    if shown is not None and abs(guess - shown) <= figures.last(value) * (1 + ROUNDING):
        return Verdict("last", off)
    if abs(off) <= CLOSE * abs(value):
        return Verdict("percent", off)
    return Verdict("", off)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Predict", text)


def said(verdict: Verdict, value: float, figures: Figures) -> str:
    """The verdict in words, with the number."""
    number, off = figures.one(value), figures.one(verdict.off, signed=True)
    return {
        "digits": _tr("Right: {number}."),
        "last": _tr("Right to one unit of the last digit: it is {number}, you were {off} off."),
        "percent": _tr("Right within 1 %: it is {number}, you were {off} off."),
        "": _tr("No: it is {number}, you were {off} off."),
    }[verdict.how].format(number=number, off=off)


class _Field(QLineEdit):
    """A line for a number; Esc leaves, and P, which asked for it: no number has one."""

    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers()
        if event.key() == Qt.Key.Key_Escape or (event.key() == Qt.Key.Key_P and plain):
            self.left.emit()
            return
        super().keyPressEvent(event)


class Predict(QWidget):
    """``answered(verdict)``: the user has said a number. ``onward()``: Enter after that. ``left()``: no more questions."""

    answered = Signal(object)
    onward = Signal()
    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("predict")
        look(self, "panel")
        self._theme = theme
        self._value = math.nan
        self._figures = Figures()
        self._open = False
        self.verdict: Verdict | None = None
        self.streak = 0
        self._question = label(self.tr("It comes to"), "label")
        self.field = _Field()
        self.field.setObjectName("predict_field")
        self.field.setAccessibleName(self.tr("Your number"))
        self.field.setToolTip(self.tr("Work the result out and type it. Enter checks it; Esc or P leaves."))
        self.field.setPlaceholderText("?")
        self.field.setMinimumWidth(60)
        self.check = QPushButton(self.tr("Check"))
        self.check.setObjectName("predict_check")
        self.check.setToolTip(self.tr("Tell me whether it is right (Enter)"))
        self._count = label("", "caption")
        self._count.setObjectName("predict_streak")
        self._mark = QLabel()
        self._mark.setFixedSize(QSize(16, 16))
        self._words = label("", "sentence")
        self._words.setObjectName("predict_verdict")
        self._words.setWordWrap(True)
        asks = QHBoxLayout()
        asks.setSpacing(8)
        for part in (self._question, self.field, self.check):
            asks.addWidget(part, 1 if part is self.field else 0)
        told = QHBoxLayout()
        told.setSpacing(6)
        told.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        told.addWidget(self._words, 1)
        told.addWidget(self._count, 0, Qt.AlignmentFlag.AlignTop)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(6)
        self._column.addLayout(asks)
        self._column.addLayout(told)
        self.field.returnPressed.connect(self._entered)
        self.field.left.connect(self.left)
        self.field.textEdited.connect(lambda _: self._mark_bad(False))
        self.check.clicked.connect(self._entered)
        self._focus = QTimer(self, singleShot=True, interval=0)
        self._focus.timeout.connect(lambda: self.field.setFocus(Qt.FocusReason.OtherFocusReason) if self.isVisible() else None)
        self._tell("")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._tell(self._words.text())

    def set_inset(self, inset: int) -> None:
        self._column.setContentsMargins(inset, 8, inset, 8)

    @property
    def asking(self) -> bool:
        """Whether a question waits for its answer."""
        return self._open

    def begin(self) -> None:
        """The first question of a round."""
        self.streak = 0
        self._show_streak()

    def ask(self, value: float, figures: Figures, take_focus: bool) -> None:
        """Ask for ``value``; nothing that a screen reader or a tooltip tells has it before the answer."""
        self._value, self._figures, self._open, self.verdict = value, figures, True, None
        self.field.clear()
        self.field.setReadOnly(False)
        self.check.setText(self.tr("Check"))
        self._mark_bad(False)
        self._tell("")
        if take_focus:
            self._focus.start()

    def nothing(self, words: str) -> None:
        """There is nothing to ask here."""
        self._open, self.verdict = False, None
        self.field.clear()
        self.field.setReadOnly(True)
        self._tell(words)

    def set_figures(self, figures: Figures) -> None:
        """Other digits: the verdict is about those."""
        self._figures = figures
        if self.verdict is not None:
            self._tell(said(self.verdict, self._value, figures))

    def _entered(self) -> None:
        if not self._open:
            self.onward.emit()
            return
        guess = parsed(self.field.text())
        if guess is None:
            self._mark_bad(True)
            self._words.setText(self.tr("Type a number, such as 0.25 or −3."))
            return
        self._open = False
        self.verdict = judge(guess, self._value, self._figures)
        self.streak = self.streak + 1 if self.verdict.right else 0
        self.field.setReadOnly(True)
        self.check.setText(self.tr("Next"))
        self._tell(said(self.verdict, self._value, self._figures))
        self._show_streak()
        self.answered.emit(self.verdict)

    def _tell(self, words: str) -> None:
        self._words.setText(words)
        right = self.verdict is not None and self.verdict.right
        self._mark.setVisible(self.verdict is not None)
        if self.verdict is not None:
            self._mark.setPixmap(icon("check" if right else "x", self._theme, "good" if right else "bad", 16).pixmap(16, 16))
            self._mark.setAccessibleName(self.tr("right") if right else self.tr("wrong"))

    def _show_streak(self) -> None:
        self._count.setText(self.tr("{count} in a row").format(count=self.streak) if self.streak else "")

    def _mark_bad(self, bad: bool) -> None:
        if self.field.property("bad") != bad:
            self.field.setProperty("bad", bad)
            refresh(self.field)
