"""A small map of the network, shown while it is larger than the view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from playground.ui.painters import tools
from playground.ui.theme import Theme

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

WIDTH, HEIGHT, INSET = 136, 84, 6
APART = 12


class MiniMap(QWidget):
    """Cards as boxes, the view as a frame; press or drag to look elsewhere."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self.setObjectName("canvas_map")
        self.setToolTip(self.tr("Map of the network: press or drag to look elsewhere"))
        self.setAccessibleName(self.tr("Map of the network"))
        self.setFixedSize(WIDTH, HEIGHT)
        self._view, self._theme = view, view.theme
        self.hide()

    def looked(self) -> None:
        """Show up where part of the network is out of sight."""
        camera, content = self._view.camera, self._view.scene_.content()
        row = camera.fitted and bool(camera.row)  # a lens has it fill what is free
        self.setVisible(not content.isEmpty() and not row and not camera.visible().adjusted(-1, -1, 1, 1).contains(content))
        self.update()

    def place(self) -> None:
        """At the lower right of what is free, above the zoom box."""
        port, camera, zoom = self._view.viewport(), self._view.camera, self._view.overlays.zoom
        bottom = port.height() - max(round(camera.below), zoom.height() + APART) if camera.tight else zoom.y()
        self.move(port.width() - WIDTH - APART, bottom - HEIGHT - APART)

    def _mapping(self) -> tuple[QPointF, float]:
        """Scene point at the map's middle, and map px a scene px."""
        box = self._view.scene_.content().united(self._view.camera.above_lens())
        return box.center(), min((WIDTH - 2 * INSET) / max(box.width(), 1), (HEIGHT - 2 * INSET) / max(box.height(), 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            camera, (center, scale) = self._view.camera, self._mapping()
            wanted = center + (event.position() - QPointF(WIDTH / 2, HEIGHT / 2)) / scale
            camera.look(wanted + camera.center - camera.above_lens().center(), camera.zoom)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(tools.pen(theme.color("line2")))
            painter.setBrush(theme.color("panel"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
            center, scale = self._mapping()
            middle = QPointF(WIDTH / 2, HEIGHT / 2)

            def to_map(box: QRectF) -> QRectF:
                return QRectF((box.topLeft() - center) * scale + middle, box.size() * scale)

            painter.setPen(Qt.PenStyle.NoPen)
            selected = set(self._view.workbench.selected)
            for id, card in self._view.scene_.cards.items():
                token = "bad" if card.facts.error is not None else "text" if id in selected else "line3"
                painter.setBrush(theme.color(token))
                painter.drawRect(to_map(card.scene_card()))
            painter.setBrush(theme.color("accent", 0.10))
            painter.setPen(tools.pen(theme.color("accent"), 1.5))
            painter.drawRect(to_map(self._view.camera.above_lens()).intersected(QRectF(self.rect()).adjusted(2, 2, -2, -2)))
