"""The course below the start page's cards: a button a chapter, in order, which opens the list of examples there."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from playground import document as documents
from playground.ui.painters import tools
from playground.ui.theme import Theme

HEIGHT = 52
GAP = 8
AIR = 16
"""Beside what its words need, all buttons share the row alike."""
RIM = 4
"""What a button leaves free around it for the ring of the focus, as the cards do."""


def chapters() -> dict[str, list[str]]:
    """The chapters that there are examples of, in order, with the titles of these."""
    found: dict[str, list[str]] = {}
    for name in documents.example_names():
        found.setdefault(documents.chapter(name), []).append(documents.example(name).title or name)
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


class Chapter(QAbstractButton):
    """Its number in the course, and its title."""

    def __init__(self, number: int, chapter: str, titles: list[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.chapter, self._number = chapter, number
        self.setObjectName(f"chapter/{chapter}")
        self._theme: Theme | None = None
        self._hover = False
        self.setAccessibleName(self.tr("Chapter {number}: {chapter}").format(number=number, chapter=chapter))
        self.setToolTip("\n".join(titles))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        return QSize(round(tools.width(self.chapter, 12, 500)) + 20 + 2 * RIM, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, HEIGHT)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover = True
        self.update()

    def leaveEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        self._hover = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._theme is None:
            return
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = QRectF(self.rect()).adjusted(RIM, RIM, -RIM, -RIM)
            painter.setPen(tools.pen(theme.color("line3" if self._hover else "line2")))
            painter.setBrush(theme.color("raised" if self._hover or self.isDown() else "card"))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
            if self.hasFocus():
                tools.ring(painter, box, theme.color("accent"), off=1, width=2, radius=8)
            room = box.width() - 18
            tools.text(painter, box.left() + 10, box.top() + 13, str(self._number), theme.color("text3"), 10.5)
            tools.text(painter, box.left() + 10, box.top() + 30, self.chapter, theme.color("text"), 12, 500, room=room)
