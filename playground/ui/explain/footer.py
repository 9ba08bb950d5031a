"""The line below the sheet: predict first, and how many figures."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from playground.ui.explain.figures import CHOICES
from playground.ui.icons import beside
from playground.ui.panels.controls import label
from playground.ui.style import look
from playground.ui.theme import Theme


class Footer(QWidget):
    """``predict`` is the toggle; ``digits_chosen(n)`` when the user picks."""

    digits_chosen = Signal(int)

    def __init__(self, theme: Theme, digits: int) -> None:
        super().__init__()
        self.setObjectName("explain_footer")
        look(self, "panel")
        self.predict = QPushButton(self.tr("Predict first"))
        look(self.predict, "toggle")
        self.predict.setObjectName("predict_toggle")
        self.predict.setCheckable(True)
        self.predict.setToolTip(self.tr("Hide the result and work it out yourself (P)"))
        self._row = QHBoxLayout(self)
        self._row.setSpacing(2)
        self._row.addWidget(self.predict)
        self._row.addStretch(1)
        words = label(self.tr("figures"), "caption")
        self._row.addWidget(words)
        self._row.addSpacing(4)
        self._group = QButtonGroup(self)
        for choice in CHOICES:
            button = QPushButton(str(choice))
            look(button, "digit")
            button.setObjectName(f"digits_{choice}")
            button.setCheckable(True)
            button.setToolTip(self.tr("Print numbers with {count} significant figures").format(count=choice))
            button.setAccessibleName(button.toolTip())
            button.setFixedWidth(24)
            self._group.addButton(button, choice)
            self._row.addWidget(button)
        self._group.button(digits if digits in CHOICES else CHOICES[1]).setChecked(True)
        self._group.idClicked.connect(self.digits_chosen)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        beside(self.predict, "eye", theme, size=14)

    def set_inset(self, inset: int) -> None:
        self._row.setContentsMargins(inset - 6, 3, inset - 4, 3)
