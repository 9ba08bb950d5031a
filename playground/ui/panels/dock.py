"""The dock below the canvas: charts left, the task's own view right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from playground.ui.panels.charts import Charts
from playground.ui.panels.task_view import TaskView
from playground.ui.style import look
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

TASK_SHARE = 0.36
LEAST, OPENED = 120, 220
"""px: below the first the dock is shut, and it opens with the second."""


class Dock(QWidget):
    """A splitter whose two sides can be dragged; the task's side keeps about a third."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dock")
        look(self, "panel")
        self.charts, self.task = Charts(workbench, theme, self), TaskView(workbench, theme, self)
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.setObjectName("dock/splitter")
        self._splitter.setHandleWidth(1)
        self._splitter.addWidget(self.charts)
        self._splitter.addWidget(self.task)
        self._splitter.setStretchFactor(0, 1)
        self._moved = False
        self._splitter.splitterMoved.connect(self._splitter_moved)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._splitter)

    def show_view(self, name: str) -> None:
        """Bring a view of the task to the front; a dock that is snapped shut opens."""
        above = self.parentWidget()
        if isinstance(above, QSplitter) and self.height() < LEAST:
            above.setSizes([max(above.height() - OPENED, LEAST), OPENED])
        self.task.show_view(name)

    def _splitter_moved(self) -> None:
        self._moved = True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._moved:
            task = max(300, min(round(self.width() * TASK_SHARE), 2 * self.height() + 120))
            self._splitter.setSizes([self.width() - task, task])
