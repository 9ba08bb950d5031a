"""The heading over a canvas that is compared: which moment it shows, how good that is, and which settings are its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from playground.ui.numbers import count, number, percent
from playground.ui.panels.controls import Elided, label
from playground.ui.style import look
from playground.ui.theme import Theme

HEIGHT, LOW = 50, 32
"""In two lines, and in one."""
DOT = 4.5


@dataclass(frozen=True, slots=True)
class Told:
    """What a heading says. Figures that are not known are ``None``; ``computing``: validation follows."""

    name: str
    token: str
    step: int
    loss: float | None
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    computing: bool
    settings: str
    tip: str


class Head(QWidget):
    """Name, step and buttons; figures and differing settings: below them or, where height is dear and width is not, between them."""

    def __init__(self, name: str, theme: Theme, buttons: Sequence[QPushButton] = ()) -> None:
        super().__init__()
        self.setObjectName(name)
        look(self, "panel")
        self._theme, self._token = theme, "s1"
        self._told: Told | None = None
        self.setFixedHeight(HEIGHT)
        self._column = column = QVBoxLayout(self)
        self._first, self._second = first, second = QHBoxLayout(), QHBoxLayout()
        first.setSpacing(8)
        first.addSpacing(14)
        first.addStrut(24)  # as high without buttons as with them
        self.title = Elided("title")
        self.title.setObjectName(f"{name}_title")
        self.title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.step = label("", "label")
        self.step.setObjectName(f"{name}_step")
        first.addWidget(self.title)
        first.addWidget(self.step)
        self._between = QHBoxLayout()
        first.addLayout(self._between, 1)
        for button in buttons:
            first.addWidget(button)
        second.setSpacing(12)
        self.figures = label("", "label")
        self.figures.setObjectName(f"{name}_figures")
        self.settings = Elided("caption", Qt.TextElideMode.ElideRight)
        self.settings.setObjectName(f"{name}_settings")
        self.settings.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        second.addWidget(self.figures)
        second.addWidget(self.settings, 1)
        column.addLayout(first)
        column.addLayout(second)
        self._low: bool | None = None
        self.set_low(False)

    def set_low(self, low: bool) -> None:
        """One line instead of two."""
        if low == self._low:
            return
        self._low = low
        before, after = (self._second, self._between) if low else (self._between, self._second)
        for widget, share in ((self.figures, 0), (self.settings, 1)):
            before.removeWidget(widget)
            after.addWidget(widget, share)
        self._between.setContentsMargins(10 if low else 0, 0, 8 if low else 0, 0)
        self._between.setSpacing(14)
        margin = 4 if low else 5
        self._column.setContentsMargins(12, margin, 8, margin)
        self._column.setSpacing(0 if low else 2)
        self.setFixedHeight(LOW if low else HEIGHT)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def tell(self, told: Told) -> None:
        """Say it; a run that trains says the same most of the time."""
        if told == self._told:
            return
        self._told = told
        if told.token != self._token:
            self._token = told.token
            self.update()
        if told.name != self.title.full_text():
            self.title.set_text(told.name)
        self.step.setText(self.tr("step {step}").format(step=count(told.step)))
        self.figures.setText(self._figures(told))
        if told.settings != self.settings.full_text():
            self.settings.set_text(told.settings)
        self.settings.setToolTip(told.tip)
        self.setAccessibleDescription(f"{told.name}, {self.step.text()}, {self.figures.text()}, {told.settings}")

    def _figures(self, told: Told) -> str:
        parts = [self.tr("loss {value}").format(value="–" if told.loss is None else number(told.loss))]
        if told.train_accuracy is not None:
            parts.append(self.tr("train {value}").format(value=percent(told.train_accuracy)))
        if told.computing:
            parts.append(self.tr("validation …"))
        elif told.validation_accuracy is not None:
            parts.append(self.tr("validation {value}").format(value=percent(told.validation_accuracy)))
        elif told.validation_loss is not None:
            parts.append(self.tr("validation {value}").format(value=number(told.validation_loss)))
        return "   ".join(parts)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self._theme.color("line"))
            painter.drawLine(QPointF(0, self.height() - 0.5), QPointF(self.width(), self.height() - 0.5))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color(self._token))
            painter.drawEllipse(QPointF(12 + DOT, self.title.geometry().center().y() + 0.5), DOT, DOT)
