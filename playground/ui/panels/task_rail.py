"""The task view's rail: its own picture, drawing, typing, embedding, one below the other; only those that fit the data."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QToolButton, QVBoxLayout, QWidget

from playground.ui.icons import icon
from playground.ui.theme import Theme

SIDE = 28
NAMES = ("task", "draw", "text", "embedding")
ICONS = {"task": "matrix", "draw": "pen", "text": "text", "embedding": "cloud"}


class Rail(QWidget):
    """``chosen(name)`` when the user picks a view."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("task_rail")
        self.setFixedWidth(SIDE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        tips = {
            "task": self.tr("How well it does: the view of the task"),
            "draw": self.tr("Draw a picture and see what the network makes of it (D)"),
            "text": self.tr("Try a text: type one and see the answer at every letter"),
            "embedding": self.tr("Embedding: the samples as a layer sees them"),
        }
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QToolButton] = {}
        for at, name in enumerate(NAMES):
            button = QToolButton(self)
            button.setObjectName(f"task_tab/{name}")
            button.setCheckable(True)
            button.setFixedSize(SIDE, SIDE)
            button.setIconSize(QSize(16, 16))
            button.setToolTip(tips[name])
            button.setAccessibleName(tips[name])
            self._group.addButton(button, at)
            self.buttons[name] = button
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        column.addStretch(1)
        self._group.idClicked.connect(lambda at: self.chosen.emit(NAMES[at]))
        self.buttons["task"].setChecked(True)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        for name, button in self.buttons.items():
            button.setIcon(icon(ICONS[name], theme))

    def show_views(self, names: tuple[str, ...]) -> None:
        """Offer these views; a rail of one is not shown."""
        for name, button in self.buttons.items():
            button.setVisible(name in names)
        self.setVisible(len(names) > 1)

    def choose(self, name: str) -> None:
        """Show view ``name`` as the chosen one, without a signal."""
        self.buttons[name].setChecked(True)
