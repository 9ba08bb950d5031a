"""A search field over a list: type a few letters, press Enter. Keys go up and down the list while the field has the focus."""

from __future__ import annotations

import re

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from playground.ui.panels.controls import label

HEADING = Qt.ItemDataRole.UserRole + 8
"""Set on a row that is a heading: shown while one of the rows below it is, and never chosen."""

PLACE = Qt.ItemDataRole.UserRole + 9
"""The row at which an item stands while nothing is typed."""


class SearchList(QDialog):
    """Whoever uses it fills ``list``, calls :meth:`ready` and takes what is chosen in :meth:`chosen`, after the dialog has closed."""

    def __init__(self, name: str, searched: str, nothing: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(f"{name}_list")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        self.search = QLineEdit()
        self.search.setObjectName(f"{name}_search")
        self.search.setPlaceholderText(searched)
        self.search.setAccessibleName(searched)
        self.search.setToolTip(self.tr("Type a part of a name; ↑ and ↓ choose, Enter takes it"))
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._run)
        self.search.installEventFilter(self)
        self.list = QListWidget()
        self.list.setObjectName(f"{name}_names")
        self.list.setToolTip(self.tr("A click takes it"))
        self.list.itemClicked.connect(lambda _: self._run())
        self.nothing = label(nothing, "caption")
        self.nothing.setObjectName(f"{name}_nothing")
        self.nothing.setWordWrap(True)
        self.nothing.hide()
        column.addWidget(self.search)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        self.search.setFocus()

    def chosen(self, item: QListWidgetItem) -> None:
        """Do what the row stands for."""
        raise NotImplementedError

    def words(self, item: QListWidgetItem) -> str:
        """What a row is found by."""
        return f"{item.text()} {item.toolTip()}"

    def ready(self) -> None:
        """All rows are there."""
        for row in range(self.list.count()):
            self.list.item(row).setData(PLACE, row)
        self._filter("")

    def _rows(self) -> list[int]:
        """The rows that can be chosen now."""
        items = [(row, self.list.item(row)) for row in range(self.list.count())]
        return [row for row, item in items if not item.isHidden() and not item.data(HEADING)]

    def _order(self, wanted: list[str]) -> None:
        """What is found by its name comes before what is found by words that are not seen. Rows below headings stay there."""
        items = [self.list.item(row) for row in range(self.list.count())]
        if any(item.data(HEADING) for item in items):
            return
        taken = [self.list.takeItem(0) for _ in items]
        for item in sorted(taken, key=lambda item: (_rank(item.text().lower(), wanted), item.data(PLACE))):
            self.list.addItem(item)

    def _filter(self, text: str) -> None:
        wanted = text.lower().split()
        self._order(wanted)
        heading: QListWidgetItem | None = None
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.data(HEADING):
                heading = item
                item.setHidden(True)
                continue
            match = all(word in self.words(item).lower() for word in wanted)
            item.setHidden(not match)
            if match and heading is not None:
                heading.setHidden(False)
        rows = self._rows()
        self.list.setCurrentRow(rows[0] if rows else -1)
        self.list.scrollToTop()
        self.nothing.setVisible(not rows)

    def _run(self) -> None:
        item = self.list.currentItem()
        if item is not None and self.list.currentRow() in self._rows():
            self.accept()
            self.chosen(item)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            rows = self._rows()
            if rows:
                here = rows.index(self.list.currentRow()) if self.list.currentRow() in rows else 0
                self.list.setCurrentRow(rows[(here + (1 if event.key() == Qt.Key.Key_Down else -1)) % len(rows)])
            return True
        return super().eventFilter(watched, event)


def _rank(name: str, wanted: list[str]) -> int:
    """0 where a row's name has all that is typed at the start of words, 1 anywhere, 2 where other words have it."""
    if all(re.search(rf"\b{re.escape(word)}", name) for word in wanted):
        return 0
    return 1 if all(word in name for word in wanted) else 2
