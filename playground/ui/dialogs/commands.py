"""All commands by name: type a few letters, press Enter."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QAction, QPainter, QPalette
from PySide6.QtWidgets import QListWidgetItem, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from playground.ui.actions import Actions
from playground.ui.dialogs.search_list import SearchList
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


class CommandList(SearchList):
    """The command runs after the list has closed."""

    def __init__(self, actions: Actions, parent: QWidget) -> None:
        nothing = self.tr("No command is called so. Layers, data and examples are found at the left (/).")
        super().__init__("command", self.tr("Search commands"), nothing, parent)
        self.setWindowTitle(self.tr("All commands"))
        self.setFixedSize(440, 420)
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
        self.ready()

    def chosen(self, item: QListWidgetItem) -> None:
        action: QAction = item.data(Qt.ItemDataRole.UserRole)
        action.trigger()
