"""Covers a part of the dock that would tell the number a learner is asked for."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from playground.document import Document
from playground.ui.explain.places import Key
from playground.ui.painters import tools
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

Tells = Callable[[Document, frozenset[Key]], bool]
PARAMETERS = ("weight", "bias")
LOSS = "loss"


def tells_loss(hidden: frozenset[Key]) -> bool:
    """After the first step of one sample the run's loss is that sample's."""
    return any(name == LOSS for _, name, _ in hidden)


def tells_weights(document: Document, hidden: frozenset[Key]) -> bool:
    """Charts of a perceptron's weights tell them; and the loss's curve tells the loss."""
    return tells_loss(hidden) or any(name in PARAMETERS for _, name, _ in hidden)


def tells_answers(document: Document, hidden: frozenset[Key]) -> bool:
    """The task's view tells what the network answers, and (by its line) the weights."""
    return tells_weights(document, hidden) or any(node in document.nodes and document.nodes[node].type == "Output" for node, _, _ in hidden)


class Veil(QWidget):
    """Lies over ``covered`` while ``tells`` says that it would give the answer away."""

    def __init__(self, workbench: Workbench, theme: Theme, covered: QWidget, tells: Tells) -> None:
        super().__init__(covered)
        self.setObjectName("veil")
        self._workbench, self._theme, self._covered, self._tells = workbench, theme, covered, tells
        self.setAccessibleName(self.tr("Hidden while you work the number out"))
        covered.installEventFilter(self)
        workbench.hidden_changed.connect(self._follow)
        workbench.theme_changed.connect(self._dress)
        self.hide()

    def _dress(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def _follow(self) -> None:
        wanted = self._tells(self._workbench.document, self._workbench.hidden)
        if wanted:
            self.setGeometry(self._covered.rect())
            self.raise_()
        self.setVisible(wanted)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._covered.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.color("panel"))
        middle = self.rect().center()
        words, color = self.accessibleName(), self._theme.color("text3")
        tools.text(painter, middle.x(), middle.y(), words, color, 12, align="center", room=self.width() - 24.0)
        painter.end()
