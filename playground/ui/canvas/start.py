"""The empty canvas: start from an example, or drag a layer here. It is also the first thing a newcomer sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, QTimer
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QImage,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from playground import document as documents
from playground.data import get
from playground.document import Document
from playground.ui import style
from playground.ui.canvas import thumbnails
from playground.ui.canvas.facts import of
from playground.ui.canvas.start_button import RIM, StartButton
from playground.ui.canvas.start_chapters import Chapters
from playground.ui.dialogs.examples import ExampleList
from playground.ui.numbers import count
from playground.ui.painters import tools
from playground.ui.theme import Theme
from playground.ui.wording import declared

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

CARDS = ("and", "spiral", "lenet5", "hello")
DEFAULT = "spiral"
WIDEST = 900
SHORT_BELOW = 560
LEAST_FOR_CHAPTERS = 470
"""In a lower canvas the course is found behind "All examples" alone."""
THUMBNAILS_AFTER_MILLISECONDS = 100
"""The window is painted first; where it opens with a project, there is no start page any more by then."""
POLL_MILLISECONDS = 30
TITLES = (14, 13, 12)
"""px of the title: the largest that holds all of it."""
PICTURE = 0.32
"""How much of a card's width its picture takes at most."""


class StartPage(QWidget):
    """Heading, sentence, four cards, the chapters of the course, and the list of all examples. A drop anywhere goes to the canvas
    below."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self.setObjectName("start_page")
        self.setAcceptDrops(True)
        self._view, self._theme = view, view.theme
        self._batch: thumbnails.Batch | None = None
        self._polling = QTimer(self, interval=POLL_MILLISECONDS)
        self._polling.timeout.connect(self._take_thumbnails)
        self._later = QTimer(self, singleShot=True, interval=THUMBNAILS_AFTER_MILLISECONDS)
        self._later.timeout.connect(self._draw_thumbnails)
        self._drawn_for = ""
        self._heading = QLabel(self.tr("Start from an example"), self)
        style.look(self._heading, "heading")
        self._sentence = QLabel(
            self.tr("Or drag layers here and build your own. Everything that moves on the screen is a real number."), self
        )
        self._sentence.setWordWrap(True)
        style.look(self._sentence, "sentence")
        there = documents.examples()
        names = [name for name in CARDS if name in there] or list(there)[:4]
        self.cards = {name: ExampleCard(name, there[name], name == DEFAULT, self) for name in names}
        grid = QGridLayout()
        grid.setSpacing(16)
        for at, card in enumerate(self.cards.values()):
            card.clicked.connect(lambda checked=False, name=card.name: view.workbench.example_wanted.emit(name))
            grid.addWidget(card, at // 2, at % 2)
        self._all = QPushButton(self.tr("All examples"), self)
        self._all.setObjectName("all_examples")
        self._all.setToolTip(self.tr("All examples by chapter, with a search"))
        style.look(self._all, "link")
        self._all.clicked.connect(lambda: ExampleList(view.workbench, self.window()).open())
        self._chapters = Chapters(self)
        self._chapters.wanted.connect(lambda chapter: ExampleList(view.workbench, self.window(), chapter).open())
        self._course = QLabel(self.tr("From the perceptron to text, chapter by chapter"), self)
        style.look(self._course, "title")
        last = QHBoxLayout()
        last.addWidget(self._course)
        last.addStretch(1)
        last.addWidget(self._all)
        for words in (self._heading, self._sentence, self._course):
            words.setContentsMargins(RIM, 0, 0, 0)  # flush with what the cards paint
        inner = QWidget(self)
        inner.setMaximumWidth(WIDEST)
        inner.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 0, 24, 0)
        column.setSpacing(8)
        column.addWidget(self._heading)
        column.addWidget(self._sentence)
        column.addSpacing(12)
        column.addLayout(grid)
        column.addLayout(last)
        column.addWidget(self._chapters)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 8, 16, 40)
        outer.addStretch(2)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(inner, 20)
        row.addStretch(1)
        outer.addLayout(row)
        outer.addStretch(3)

    def open_default(self) -> None:
        """Open the example that the ring marks, as Enter does."""
        if DEFAULT in self.cards:
            self.cards[DEFAULT].click()

    # -- what is dropped on the page is dropped on the canvas
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._view.dropping.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._view.dropping.move(event, event.position() + QPointF(self.pos()))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._view.dropping.leave()

    def dropEvent(self, event: QDropEvent) -> None:
        self._view.dropping.drop(event, event.position() + QPointF(self.pos()))

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for card in self.cards.values():
            card.set_theme(theme)
        self._chapters.set_theme(theme)
        self._draw_thumbnails()

    def showEvent(self, event) -> None:  # type: ignore[no-untyped-def]
        super().showEvent(event)
        self._later.start()

    def _draw_thumbnails(self) -> None:
        if self._drawn_for == self._theme.name or not self.isVisible():
            return
        self._drawn_for = self._theme.name
        self._batch = thumbnails.Batch({card.name: card.document for card in self.cards.values()}, self._theme)
        self._polling.start()

    def _take_thumbnails(self) -> None:
        if self._batch is None:
            return
        for name, picture, why in self._batch.take():
            self.cards[name].set_picture(picture) if picture is not None else self.cards[name].setToolTip(why)
        if self._batch.done:
            self._polling.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for card in self.cards.values():
            card.set_small(self.height() < SHORT_BELOW or self.width() < 760)
        for part in (self._course, self._chapters):
            part.setVisible(self.height() >= LEAST_FOR_CHAPTERS)


class ExampleCard(StartButton):
    """One example: thumbnail, title, size, one sentence."""

    def __init__(self, name: str, document: Document, default: bool, parent: QWidget) -> None:
        super().__init__(f"example/{name}", parent)
        self.name, self.document, self.ringed = name, document, default
        self._picture: QImage | None = None
        self._small = False
        counted = sum(node.count for node in of(document).nodes.values())
        self._facts = self.tr("{data} · {n} parameters").format(data=declared(get(document.data.name).title), n=count(counted))
        self.setAccessibleName(f"{declared(document.title)}. {declared(document.summary)}")
        self.setToolTip(self.tr("Open {title}, ready to train").format(title=declared(document.title)))

    def sizeHint(self) -> QSize:
        return QSize(420, 120 if self._small else 136)

    def minimumSizeHint(self) -> QSize:
        return QSize(260, self.sizeHint().height())

    def set_small(self, small: bool) -> None:
        if small != self._small:
            self._small = small
            self.updateGeometry()

    def set_picture(self, image: QImage) -> None:
        self._picture = image
        self.update()

    def draw(self, painter: QPainter, box: QRectF, theme: Theme) -> None:
        side = min(box.height() - 24, box.width() * PICTURE)
        picture = QRectF(box.left() + 12, box.top() + 12, side, side)
        painter.fillRect(picture, theme.color("field"))
        if self._picture is not None:
            painter.drawImage(picture, self._picture)
        tools.frame(painter, picture, theme.color("line3"), 2)
        left = picture.right() + 16
        room = box.right() - left - 12
        title = declared(self.document.title)
        size = next((size for size in TITLES if tools.width(title, size, 600) <= room), TITLES[-1])
        tools.text(painter, left, box.top() + 24, title, theme.color("text"), size, 600, room=room)
        tools.text(painter, left, box.top() + 46, self._facts, theme.color("text3"), 11, room=room)
        words = QRectF(left, box.top() + 58, room, box.height() - 60)
        tools.paragraph(painter, words, declared(self.document.summary), theme.color("text2"), 12.5)
