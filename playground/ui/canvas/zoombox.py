"""The zoom box at the canvas's lower right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from playground.ui import icons
from playground.ui.painters import tools
from playground.ui.theme import Theme, font

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView


class ZoomBox(QWidget):
    """Minus, the zoom (pressed: 100 %), plus, fit."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self.setObjectName("canvas_zoom")
        self._theme = view.theme
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 1, 2, 1)
        row.setSpacing(0)
        self._buttons: dict[str, QToolButton] = {}
        for name, words, action in (
            ("minus", self.tr("Zoom out"), lambda: view.camera.step(-1)),
            ("percent", self.tr("Zoom to 100 % (Ctrl+0)"), view.camera.actual),
            ("plus", self.tr("Zoom in"), lambda: view.camera.step(1)),
            ("fit", self.tr("Fit the whole network (F)"), view.fit_all),
        ):
            button = QToolButton(self)
            button.setObjectName(f"canvas_zoom_{name}")
            button.setToolTip(words)
            button.setAccessibleName(words)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setFixedSize(52 if name == "percent" else 28, 26)
            button.clicked.connect(action)
            row.addWidget(button)
            self._buttons[name] = button
        self._buttons["percent"].setFont(font(12, 500))
        self.setFixedHeight(28)

    def show_zoom(self, zoom: float) -> None:
        self._buttons["percent"].setText(f"{round(zoom * 100)}%")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for name in ("minus", "plus", "fit"):
            self._buttons[name].setIcon(icons.icon(name, theme))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(tools.pen(self._theme.color("line2")))
            painter.setBrush(self._theme.color("panel"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
            x = self._buttons["fit"].x() - 0.5
            painter.drawLine(int(x), 5, int(x), self.height() - 6)
