"""The course below the start page's cards: a button a chapter, in order, which opens the list of examples there."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QWidget

from playground import document as documents
from playground.ui.canvas.start_button import RIM, StartButton
from playground.ui.painters import tools
from playground.ui.theme import Theme

HEIGHT = 52
GAP = 8
AIR = 16
"""Beside what its words need, all buttons share the row alike."""


def chapters() -> dict[str, list[str]]:
    """The chapters that there are examples of, in order, with the titles of these."""
    found: dict[str, list[str]] = {}
    for name, shown in documents.examples().items():
        found.setdefault(documents.chapter(name), []).append(shown.title or name)
    return found


class Chapters(QWidget):
    """All chapters side by side; ``wanted(chapter)`` when one is pressed."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("chapters")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP - RIM)
        self.buttons = [Chapter(at, title, shown, self) for at, (title, shown) in enumerate(chapters().items(), 1)]
        for button in self.buttons:
            button.clicked.connect(lambda checked=False, chapter=button.chapter: self.wanted.emit(chapter))
            row.addWidget(button, button.sizeHint().width() + AIR)

    def set_theme(self, theme: Theme) -> None:
        for button in self.buttons:
            button.set_theme(theme)


class Chapter(StartButton):
    """Its number in the course, and its title."""

    def __init__(self, number: int, chapter: str, titles: list[str], parent: QWidget) -> None:
        super().__init__(f"chapter/{chapter}", parent)
        self.chapter, self._number = chapter, number
        self.setAccessibleName(self.tr("Chapter {number}: {chapter}").format(number=number, chapter=chapter))
        self.setToolTip("\n".join(titles))

    def sizeHint(self) -> QSize:
        return QSize(round(tools.width(self.chapter, 12, 500)) + 20 + 2 * RIM, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, HEIGHT)

    def draw(self, painter: QPainter, box: QRectF, theme: Theme) -> None:
        room = box.width() - 18
        tools.text(painter, box.left() + 10, box.top() + 13, str(self._number), theme.color("text3"), 10.5)
        tools.text(painter, box.left() + 10, box.top() + 30, self.chapter, theme.color("text"), 12, 500, room=room)
