"""All examples by the chapters of the course, with what each shows; found by name, chapter, data or layer."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QAbstractItemView, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from playground import data
from playground import document as documents
from playground.document import Document
from playground.ui.dialogs.messages import show_error
from playground.ui.dialogs.search_list import HEADING, SearchList
from playground.ui.theme import font
from playground.ui.wording import declared, sentence_case
from playground.ui.workbench import Workbench

NAME = Qt.ItemDataRole.UserRole
DATA = Qt.ItemDataRole.UserRole + 1
SUMMARY = Qt.ItemDataRole.UserRole + 2
FOUND_BY = Qt.ItemDataRole.UserRole + 3
ROW, HEAD = 44, 30
INSET = 10


class TwoLines(QStyledItemDelegate):
    """A title with its data at the right, and below it one sentence; a heading is one line alone."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        if index.data(HEADING):
            return QSize(0, HEAD)
        return QSize(0, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        painter.save()
        inner, palette = option.rect.adjusted(INSET, 0, -INSET, 0), option.palette
        strong, weak = palette.color(QPalette.ColorRole.Text), palette.color(QPalette.ColorRole.PlaceholderText)
        if index.data(HEADING):
            painter.setFont(font(11.5, 600))
            painter.setPen(weak)
            painter.drawText(inner.adjusted(0, 0, 0, -5), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, index.data())
            painter.restore()
            return
        style = option.widget.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget)
        top = QRect(inner.left(), inner.top() + 5, inner.width(), 18)
        below = QRect(inner.left(), inner.top() + 23, inner.width(), 16)
        given = str(index.data(DATA))
        self._line(painter, top, given, 11, 400, weak, Qt.AlignmentFlag.AlignRight)
        room = top.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance(given) - 12, 0)
        self._line(painter, room, str(index.data()), 12.5, 500, strong, Qt.AlignmentFlag.AlignLeft)
        self._line(painter, below, str(index.data(SUMMARY)), 11.5, 400, weak, Qt.AlignmentFlag.AlignLeft)
        painter.restore()

    @staticmethod
    def _line(painter: QPainter, box: QRect, words: str, size: float, weight: int, ink: object, side: Qt.AlignmentFlag) -> None:
        painter.setFont(font(size, weight))
        painter.setPen(ink)
        words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, words)


class ExampleList(SearchList):
    """One list of all examples under the headings of their chapters, from ``chapter`` on in sight; the one that is chosen opens."""

    def __init__(self, workbench: Workbench, parent: QWidget, chapter: str = "") -> None:
        super().__init__("example", self.tr("Search examples"), self.tr("No example of that name, chapter, data or layer."), parent)
        self.setWindowTitle(self.tr("All examples"))
        self.setFixedSize(560, 560)
        self._workbench = workbench
        self.list.setItemDelegate(TwoLines(self.list))
        readable, self._damaged = documents.examples(), documents.damaged_examples()
        heading = ""
        for name in documents.example_names():
            if documents.chapter(name) != heading:
                heading = documents.chapter(name)
                self._head(heading)
            if name in readable:
                self._add(name, heading, readable[name])
            else:
                self._row(name, name, heading, self.tr("damaged"), sentence_case(declared(self._damaged[name].message)))
        self.ready()
        if chapter:
            self._reveal(chapter)

    def _reveal(self, chapter: str) -> None:
        """The chapter's heading uppermost, its first example chosen."""
        rows = range(self.list.count() - 1)
        at = next((row for row in rows if self.list.item(row).data(HEADING) and self.list.item(row).text() == chapter), None)
        if at is not None:
            self.list.setCurrentRow(at + 1)
            self.list.scrollToItem(self.list.item(at), QAbstractItemView.ScrollHint.PositionAtTop)

    def _head(self, chapter: str) -> None:
        item = QListWidgetItem(declared(chapter))
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setData(HEADING, True)
        self.list.addItem(item)

    def _add(self, name: str, chapter: str, shown: Document) -> None:
        given = declared(data.get(shown.data.name).title) if shown.data.name else ""
        summary = declared(shown.summary)
        layers = " ".join(sorted({node.type for node in shown.nodes.values()}))
        self._row(name, declared(shown.title) or name, chapter, given, summary, layers)

    def _row(self, name: str, title: str, chapter: str, given: str, summary: str, found_by: str = "") -> None:
        item = QListWidgetItem(title)
        item.setData(NAME, name)
        item.setData(DATA, given)
        item.setData(SUMMARY, summary)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.text()}, {chapter}. {summary}")
        item.setToolTip(summary)
        item.setData(FOUND_BY, f"{item.text()} {name} {chapter} {given} {found_by} {summary}")
        self.list.addItem(item)

    def words(self, item: QListWidgetItem) -> str:
        return str(item.data(FOUND_BY))

    def chosen(self, item: QListWidgetItem) -> None:
        name = str(item.data(NAME))
        if name in self._damaged:
            safe = self.tr("What is on the screen is as it was.")
            show_error(self.parentWidget(), self.tr("The example could not be opened."), self._damaged[name], safe)
        else:
            self._workbench.example_wanted.emit(name)
