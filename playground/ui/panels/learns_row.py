"""The inspector's switch that freezes what a node, or several, have learned."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from playground.document import Document
from playground.ui.panels.controls import Switch, label
from playground.ui.theme import Theme


class LearnsRow(QWidget):
    """``frozen(nodes, on)`` when the user turns it. ``owner`` goes into the switch's object name."""

    frozen = Signal(tuple, bool)

    def __init__(self, nodes: tuple[str, ...], owner: str, theme: Theme, label_width: int) -> None:
        super().__init__()
        self._nodes = nodes
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        title = label(self.tr("Learns"))
        title.setFixedWidth(label_width)
        self.switch, self._word = Switch(theme), label("", "label")
        self.switch.setObjectName(f"field/{owner}/learns")
        self.switch.setAccessibleName(self.tr("Learns"))
        self.switch.setToolTip(self.tr("Off: its numbers are frozen, and stay as they are while the rest trains"))
        self.switch.clicked.connect(lambda on: self.frozen.emit(nodes, not on))
        for widget in (title, self.switch, self._word):
            row.addWidget(widget)
        row.addStretch(1)

    def show_document(self, document: Document) -> None:
        """On where all of them learn."""
        frozen = {document.nodes[node].frozen for node in self._nodes if node in document.nodes}
        self.switch.setChecked(frozen == {False})
        self._word.setText(self.tr("mixed") if len(frozen) > 1 else self.tr("frozen") if True in frozen else self.tr("on"))

    def set_theme(self, theme: Theme) -> None:
        self.switch.set_theme(theme)
