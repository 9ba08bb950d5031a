"""F1: what the thing in focus is, and the keys that work."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from playground.layers import registry
from playground.ui.actions import Actions
from playground.ui.canvas.view import CanvasView
from playground.ui.dialogs.help_legend import Legend
from playground.ui.panels.controls import label, rule
from playground.ui.theme import Theme
from playground.ui.wording import declared

KEYS, LETTERS = 92, 38
"""px of the column of keys; about so many letters of an explanation fit a line."""


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
    """Explain what has the focus: on the canvas, the selected node, and what the colors and forms there mean."""
    focus, subject = QApplication.focusWidget(), None
    on_canvas = focus is not None and (focus is canvas or canvas.isAncestorOf(focus))
    if focus is canvas and canvas.workbench.selected:
        node = canvas.workbench.selected[-1]
        kind = registry.find(canvas.workbench.document.nodes[node].type)
        subject = (canvas.scene_.cards[node].accessible(), declared(kind.summary) if kind is not None else "")
    Help(actions, focus, parent, subject, canvas.theme if on_canvas else None).open()


class Help(QDialog):
    """Two columns of keys below the explanation."""

    def __init__(
        self, actions: Actions, focus: QWidget | None, parent: QWidget, subject: tuple[str, str] | None = None, theme: Theme | None = None
    ) -> None:
        """``subject`` (a name and a sentence) is explained in place of the widget in focus: the selected node. With the canvas's
        ``theme`` its colors and forms are explained too."""
        super().__init__(parent)
        self.setObjectName("help")
        self.setWindowTitle(self.tr("Explain this"))
        self.setFixedSize(800, 600)
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
        parts = QVBoxLayout(inside)
        parts.setContentsMargins(0, 4, 8, 4)
        if theme is not None:
            parts.addWidget(label(self.tr("Colors and forms"), "title"))
            parts.addWidget(Legend(theme))
            parts.addWidget(rule())
        columns = QHBoxLayout()
        columns.setContentsMargins(0, 4, 0, 0)
        columns.setSpacing(28)
        parts.addLayout(columns, 1)
        self._fill(columns, actions)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        column.addWidget(area, 1)
        close = QPushButton(self.tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        column.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)

    def _groups(self, actions: Actions) -> list[tuple[str, list[tuple[str, str]]]]:
        """Keys and what they do, by the commands' groups."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for command, _ in actions:
            if command.keys:
                groups.setdefault(command.group, []).append((actions.keys_of(command), command.tip))
        groups[self.tr("Canvas")] = [
            ("Tab", self.tr("Next node along the wires; Shift+Tab back")),
            ("Ctrl ←↑→↓", self.tr("Move the selected nodes by 8")),
            ("W", self.tr("Wire from the selected node: choose the other one, then Enter")),
            ("Enter", self.tr("Into the form of the selected node, Esc back; elsewhere, press the button in focus")),
            ("1-9", self.tr("Choose a neuron of the selected node; ↑ and ↓ the one before, the one after")),
            ("Esc", self.tr("Out of the neuron, then of the node")),
        ]
        return list(groups.items())

    def _fill(self, columns: QHBoxLayout, actions: Actions) -> None:
        """Two columns of about the same height, each with lines of its own: a long explanation leaves no gap beside it."""
        groups = self._groups(actions)
        heights = [2.0 + sum(1.0 + 0.7 * (len(tip) // LETTERS) for _, tip in rows) for _, rows in groups]
        sides: tuple[list[int], list[int]] = ([], [])
        for at in range(len(groups)):
            left = not sides[1] and sum(heights[:at]) + heights[at] / 2 <= sum(heights) / 2
            sides[0 if left else 1].append(at)
        for side in sides:
            grid = QGridLayout()
            grid.setHorizontalSpacing(12)
            grid.setVerticalSpacing(5)
            grid.setColumnMinimumWidth(0, KEYS)
            grid.setColumnStretch(1, 1)
            for at in side:
                group, rows = groups[at]
                head = label(group, "title")
                head.setContentsMargins(0, 0 if at == side[0] else 10, 0, 2)
                grid.addWidget(head, grid.rowCount(), 0, 1, 2)
                for keys, words in rows:
                    self._line(grid, keys, words)
            grid.setRowStretch(grid.rowCount(), 1)
            columns.addLayout(grid, 1)

    @staticmethod
    def _line(grid: QGridLayout, keys: str, words: str) -> None:
        key: QLabel = label(keys, "key")
        key.setFixedHeight(18)
        tip = label(words, "label")
        tip.setWordWrap(True)
        tip.setContentsMargins(0, 1, 0, 0)
        row = grid.rowCount()
        grid.addWidget(key, row, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        grid.addWidget(tip, row, 1, Qt.AlignmentFlag.AlignTop)
