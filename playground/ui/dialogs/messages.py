"""The window's own message boxes, 440 px wide: what happened, what is safe, what to do; details only on request."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from playground.errors import PlaygroundError
from playground.ui.panels.controls import label
from playground.ui.style import look
from playground.ui.wording import declared

WIDTH = 440


class Message(QDialog):
    """A title, sentences and buttons. ``answered`` holds the name of the button that was pressed (``""``: closed)."""

    def __init__(
        self,
        parent: QWidget,
        title: str,
        sentences: Sequence[str],
        buttons: Sequence[tuple[str, str]],
        details: str = "",
        name: str = "message",
    ) -> None:
        """``buttons``: (object name, text), the first is the one that Enter presses."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setWindowTitle(title)
        self.answered = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(8)
        head = label(title, "document")
        head.setWordWrap(True)
        head.setFixedWidth(WIDTH - 48)
        column.addWidget(head)
        for sentence in sentences:
            if sentence:
                text: QLabel = label(sentence, "sentence")
                text.setWordWrap(True)
                text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                column.addWidget(text)
        self._details = QPlainTextEdit(details)
        self._details.setReadOnly(True)
        self._details.setFixedSize(WIDTH - 48, 160)
        self._details.hide()
        column.addWidget(self._details)
        column.addSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        if details:
            more = QPushButton(self.tr("Details"))
            more.setObjectName("details")
            more.setAutoDefault(False)
            more.clicked.connect(self._toggle_details)
            row.addWidget(more)
        row.addStretch(1)
        for index, (button_name, text) in reversed(list(enumerate(buttons))):
            button = QPushButton(text)
            button.setObjectName(button_name)
            button.setDefault(index == 0)
            button.setAutoDefault(index == 0)
            if index == 0:
                look(button, "primary")
            button.clicked.connect(lambda _=False, answer=button_name: self._answer(answer))
            row.addWidget(button)
        column.addLayout(row)
        column.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        first = self.findChild(QPushButton, buttons[0][0])
        if first is not None:
            first.setFocus()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def _answer(self, answer: str) -> None:
        self.answered = answer
        self.accept()

    def _toggle_details(self) -> None:
        self._details.setVisible(self._details.isHidden())

    def ask(self, then: Callable[[str], object]) -> None:
        """Show the box over its window without blocking; ``then`` gets the name of the button."""
        self.finished.connect(lambda _: then(self.answered))
        self.open()


def show_error(parent: QWidget, what: str, error: Exception, safe: str, todo: str = "") -> Message:
    """Tell of a failure. ``what`` happened, in a few words; the rest of the sentences come from the error."""
    if isinstance(error, PlaygroundError):
        message = declared(error.message)
        sentences = [f"{declared(error.where)}: {message}" if error.where else message, safe, declared(error.remedy) or todo]
        details = ""
    else:
        sentences = [QCoreApplication.translate("Message", "The program met something it did not expect."), safe, todo]
        details = "".join(traceback.format_exception(error))
    box = Message(parent, what, sentences, [("close", QCoreApplication.translate("Message", "Close"))], details, "error_dialog")
    box.open()
    return box
