"""F1: what the thing in focus is, and the keys that work."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QGridLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from playground.layers import registry
from playground.ui.actions import Actions
from playground.ui.canvas.view import CanvasView
from playground.ui.panels.controls import label, rule


def explanation_of(widget: QWidget | None) -> tuple[str, str]:
    """The name of a widget (or of the nearest named one around it) and what its tooltip says, as plain text."""
    while widget is not None:
        words = re.sub(r"<br\s*/?>", "\n", widget.toolTip())
        words = re.sub(r"<[^>]+>", "", words).strip()
        if widget.accessibleName() or words:
            return widget.accessibleName(), words or widget.accessibleDescription()
        widget = widget.parentWidget()
    return "", ""


def open_help(actions: Actions, canvas: CanvasView, parent: QWidget) -> None:
    """Explain what has the focus: on the canvas, the selected node."""
    focus, subject = QApplication.focusWidget(), None
    if focus is canvas and canvas.workbench.selected:
        node = canvas.workbench.selected[-1]
        kind = registry.find(canvas.workbench.document.nodes[node].type)
        subject = (canvas.scene_.cards[node].accessible(), kind.summary if kind is not None else "")
    Help(actions, focus, parent, subject).open()


class Help(QDialog):
    """Two columns of keys below the explanation."""

    def __init__(self, actions: Actions, focus: QWidget | None, parent: QWidget, subject: tuple[str, str] | None = None) -> None:
        """``subject`` (a name and a sentence) is explained in place of the widget in focus: the selected node."""
        super().__init__(parent)
        self.setObjectName("help")
        self.setWindowTitle(self.tr("Explain this"))
        self.setFixedSize(640, 520)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        name, words = subject or explanation_of(focus)
        if name or words:
            column.addWidget(label(name or self.tr("In focus"), "document"))
            sentence = label(words if words != name else "", "sentence")
            sentence.setObjectName("help_sentence")
            sentence.setWordWrap(True)
            sentence.setVisible(bool(sentence.text()))
            column.addWidget(sentence)
            column.addWidget(rule())
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 4, 8, 4)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(5)
        self._fill(grid, actions)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        column.addWidget(area, 1)
        close = QPushButton(self.tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)

    def _fill(self, grid: QGridLayout, actions: Actions) -> None:
        rows: list[tuple[str, str, str]] = [
            (command.group, actions.keys_of(command), command.tip) for command, _ in actions if command.keys
        ]
        canvas = self.tr("Canvas")
        rows += [
            (canvas, "Tab", self.tr("Next node along the wires; Shift+Tab back")),
            (canvas, "Ctrl ←↑→↓", self.tr("Move the selected nodes by 8")),
            (canvas, "W", self.tr("Wire from the selected node: choose the other one, then Enter")),
            (canvas, "Esc", self.tr("Out of the neuron, then of the node")),
        ]
        group, line, half, side = "", 0, 0, 0
        half = (len(rows) + len({row[0] for row in rows})) // 2 + 1
        for row in rows:
            if row[0] != group:
                if line >= half and side == 0:
                    line, side = 0, 1
                group = row[0]
                grid.addWidget(label(group, "title"), line, side * 3, 1, 2)
                line += 1
            key: QLabel = label(row[1], "key")
            key.setFixedHeight(18)
            grid.addWidget(key, line, side * 3, Qt.AlignmentFlag.AlignLeft)
            tip = label(row[2], "label")
            tip.setWordWrap(True)
            grid.addWidget(tip, line, side * 3 + 1)
            line += 1
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(4, 1)
        grid.setRowStretch(grid.rowCount(), 1)
