"""A button of the start page: a box with rounded corners that the pointer raises and the focus rings."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from playground.ui.painters import tools
from playground.ui.theme import Theme

RIM = 4
"""What a button leaves free around its box for the ring of the focus."""


class StartButton(QAbstractButton):
    """Draws its box; what stands in it is drawn by :meth:`draw`."""

    ringed = False
    """Whether it is ringed without the focus too: the one to begin with."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._theme: Theme | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_theme(self, theme: Theme) -> None:
        """Colors of another theme."""
        self._theme = theme
        self.update()

    def draw(self, painter: QPainter, box: QRectF, theme: Theme) -> None:
        """Draw what stands in ``box``."""
        raise NotImplementedError

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._theme is None:
            return
        theme, hover = self._theme, self.underMouse()
        with QPainter(self) as painter:
            painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
            box = QRectF(self.rect()).adjusted(RIM, RIM, -RIM, -RIM)
            painter.setPen(tools.pen(theme.color("line3" if hover else "line2")))
            painter.setBrush(theme.color("raised" if hover or self.isDown() else "card"))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
            if self.hasFocus() or self.ringed:
                tools.ring(painter, box, theme.color("accent"), off=1 if self.hasFocus() else 0, width=2, radius=8)
            self.draw(painter, box, theme)
