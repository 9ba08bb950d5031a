"""One number of the run, under its name."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QVBoxLayout, QWidget

from playground.ui.panels.controls import label
from playground.ui.theme import font

NOTHING = "—"


class Readout(QWidget):
    """A caption over a value. Its width is that of a template, so that nothing jumps while digits change."""

    def __init__(self, name: str, caption: str, template: str, tip: str) -> None:
        super().__init__()
        self.setObjectName(f"readout_{name}")
        self.setToolTip(tip)
        self._caption, self._template = caption, template
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        self._title = label(caption, "caption")
        self.value = label(NOTHING, "value")
        self.value.setObjectName(f"readout_{name}_value")
        column.addStretch(1)
        column.addWidget(self._title)
        column.addWidget(self.value)
        column.addStretch(1)
        self._fit()

    def show_value(self, text: str) -> None:
        if text != self.value.text():
            self.value.setText(text)
            self.set_template(self._template)

    def set_template(self, template: str) -> None:
        """Leave room for ``template``, or for what is there already and two digits more where that is wider; shorter figures keep it."""
        text = self.value.text()
        self._template = template if _wide(template) >= _wide(text) else f"{text}88"
        self._fit()

    def set_caption(self, caption: str, tip: str) -> None:
        """Tell another number of the run, under another name."""
        if (caption, tip) != (self._caption, self.toolTip()):
            self._caption = caption
            self._title.setText(caption)
            self.setToolTip(tip)
            self._fit()

    def width_under(self, caption: str) -> int:
        """px that it takes under ``caption``."""
        return max(_wide(self._template), QFontMetrics(font(11)).horizontalAdvance(caption)) + 4

    def _fit(self) -> None:
        self.setFixedWidth(self.width_under(self._caption))


def _wide(text: str) -> int:
    """Of a value, in px."""
    return QFontMetrics(font(15, 600)).horizontalAdvance(text)
