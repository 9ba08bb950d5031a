"""All commands by name: type a few letters, press Enter."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from playground.ui.actions import Actions
from playground.ui.panels.controls import label
from playground.ui.theme import font

KEYS = Qt.ItemDataRole.UserRole + 1
KEYS_INSET = 10


class WithKeys(QStyledItemDelegate):
    """A command's name at the left, its keys at the right."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().paint(painter, option, index)
        painter.save()
        painter.setFont(font(11.5))
        painter.setPen(option.palette.color(QPalette.ColorRole.PlaceholderText))
        painter.drawText(
            option.rect.adjusted(0, 0, -KEYS_INSET, 0), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, index.data(KEYS)
        )
        painter.restore()


class CommandList(QDialog):
    """A search field over a list. The command runs after the list has closed."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("command_list")
        self.setWindowTitle(self.tr("All commands"))
        self.setFixedSize(440, 420)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        self.search = QLineEdit()
        self.search.setObjectName("command_search")
        self.search.setPlaceholderText(self.tr("Search commands"))
        self.search.setAccessibleName(self.tr("Search commands"))
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._run)
        self.search.installEventFilter(self)
        self.list = QListWidget()
        self.list.setObjectName("command_names")
        self.list.setUniformItemSizes(True)
        self.list.setItemDelegate(WithKeys(self.list))
        for command, action in actions:
            if command.name == "commands" or not action.isEnabled():
                continue
            keys = actions.keys_of(command)
            item = QListWidgetItem(f"{command.group}: {command.text}")
            item.setToolTip(command.tip)
            item.setData(Qt.ItemDataRole.UserRole, action)
            item.setData(KEYS, keys)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{item.text()} {keys}".strip())
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.list.itemClicked.connect(lambda _: self._run())
        self.nothing = label(self.tr("No command is called so. Layers, data and examples are found at the left (/)."), "caption")
        self.nothing.setObjectName("command_nothing")
        self.nothing.setWordWrap(True)
        self.nothing.hide()
        column.addWidget(self.search)
        column.addWidget(self.nothing)
        column.addWidget(self.list, 1)
        self.search.setFocus()

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        first = -1
        for row in range(self.list.count()):
            item = self.list.item(row)
            match = all(word in f"{item.text()} {item.toolTip()}".lower() for word in words)
            item.setHidden(not match)
            if match and first < 0:
                first = row
        self.list.setCurrentRow(first)
        self.nothing.setVisible(first < 0)

    def _run(self) -> None:
        item = self.list.currentItem()
        if item is not None and not item.isHidden():
            action: QAction = item.data(Qt.ItemDataRole.UserRole)
            self.accept()
            action.trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            rows = [row for row in range(self.list.count()) if not self.list.item(row).isHidden()]
            if rows:
                here = rows.index(self.list.currentRow()) if self.list.currentRow() in rows else 0
                self.list.setCurrentRow(rows[(here + (1 if event.key() == Qt.Key.Key_Down else -1)) % len(rows)])
            return True
        return super().eventFilter(watched, event)
