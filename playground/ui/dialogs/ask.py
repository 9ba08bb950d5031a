"""One thing to be typed: what for, a field, and a sentence below where what stands there does not fit."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from playground.ui.panels.controls import label
from playground.ui.style import look, refresh

WIDTH = 400


class Ask(QDialog):
    """``taken(text)`` is called with what was typed, without blanks at its ends, once ``wrong(text)`` has nothing against it (``""``)."""

    def __init__(
        self,
        parent: QWidget,
        title: str,
        text: str,
        taken: Callable[[str], object],
        *,
        name: str,
        sentence: str = "",
        verb: str = "",
        wrong: Callable[[str], str] = lambda text: "",
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(WIDTH)
        self._taken, self._wrong = taken, wrong
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(8)
        column.addWidget(label(title, "document"))
        if sentence:
            words = label(sentence, "sentence")
            words.setWordWrap(True)
            column.addWidget(words)
        self.field = QLineEdit(text)
        self.field.setObjectName(f"{name}_field")
        self.field.setAccessibleName(title)
        self.field.selectAll()
        self.field.textEdited.connect(lambda _: self._complain(""))
        column.addWidget(self.field)
        self.complaint = label("", "bad")
        self.complaint.setWordWrap(True)
        keeping = self.complaint.sizePolicy()
        keeping.setRetainSizeWhenHidden(True)
        self.complaint.setSizePolicy(keeping)
        column.addWidget(self.complaint)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        cancel = QPushButton(self.tr("Cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self.take = look(QPushButton(verb or self.tr("Rename")), "primary")
        self.take.setObjectName(f"{name}_take")
        self.take.setDefault(True)
        self.take.clicked.connect(self.accept)
        row.addWidget(cancel)
        row.addWidget(self.take)
        column.addLayout(row)
        self.field.setFocus()

    def accept(self) -> None:
        text = self.field.text().strip()
        complaint = self._wrong(text)
        self._complain(complaint)
        if not complaint:
            super().accept()
            self._taken(text)

    def _complain(self, words: str) -> None:
        self.complaint.setText(words)
        self.field.setProperty("bad", bool(words))
        refresh(self.field)
