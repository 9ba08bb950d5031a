"""The lens over the lower canvas: the update of a small unit, its parameters side by side, where the canvas has room to spare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from playground.ui.canvas.camera import ROW_BELOW
from playground.ui.explain.blocks import BlockView
from playground.ui.explain.places import keys
from playground.ui.explain.sheet import Sheet
from playground.ui.formula import Formulas
from playground.ui.painters import tools
from playground.ui.panels.controls import label
from playground.ui.style import look
from playground.ui.theme import Theme

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

SMALLEST = (760, 440)
"""A canvas that is less wide or high, px, has no room to spare."""
EDGE, CLEAR, HEAD, INSET, APART = 4, 4, 8, 12, 16


class LensCard(QFrame):
    """Shows sheets that may stand side by side (:attr:`Sheet.lens`), unless it would cover a node. It takes no clicks but its numbers'.
    The camera keeps its room from then on until no pass is to be seen, so that the network does not move with every pass.

    ``opened(shown)``: it appeared or went. ``pointed(places)``: the pointer is over numbers that stand for these places.
    """

    opened = Signal(bool)
    pointed = Signal(object)

    def __init__(self, view: CanvasView, formulas: Formulas) -> None:
        super().__init__(view)
        self.setObjectName("update_lens")
        self._view, self._theme, self._formulas = view, view.theme, formulas
        self._sheet = Sheet()
        self._kept = 0.0
        """The room that the camera keeps for it, px."""
        self.blocks: list[BlockView] = []
        head = QHBoxLayout()
        head.setSpacing(8)
        self._title = label(self.tr("Update"), "title")
        self._rule = label(self.tr("old value + learning rate × error × input = new value"), "caption")
        head.addWidget(self._title)
        head.addWidget(self._rule, 1)
        self._row = QHBoxLayout()
        self._row.setSpacing(2 * APART)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(EDGE + APART, INSET, APART, INSET)
        whole.setSpacing(HEAD)
        whole.addLayout(head)
        whole.addLayout(self._row)
        view.camera.changed.connect(self._place)
        view.viewport().installEventFilter(self)
        view.workbench.lit_changed.connect(self._light)
        view.workbench.theme_changed.connect(self.set_theme)
        self.set_theme(view.theme)
        self.hide()

    def show_sheet(self, sheet: Sheet) -> None:
        """Take in what the panel explains; a sheet that is not for the lens puts it away."""
        self._sheet = sheet
        if sheet.lens and self._roomy():
            while len(self.blocks) < len(sheet.blocks):
                made = BlockView(self._theme, self._formulas)
                made.pointed.connect(self.pointed)
                column = look(QWidget(), "")
                stack = QVBoxLayout(column)
                stack.setContentsMargins(0, 0, 0, 0)
                stack.addWidget(made)
                stack.addStretch(1)
                self._row.addWidget(column, 1)
                self.blocks.append(made)
            many = len(sheet.blocks)
            wide = (self._wide() - EDGE - 2 * APART - (many - 1) * self._row.spacing()) // many
            for at, view in enumerate(self.blocks):
                column = view.parentWidget()
                if column is not None:
                    column.setVisible(at < many)
                if at < many:
                    view.numbers.resize(wide, view.numbers.height())  # while hidden the layout does not: how tall is it to be?
                    view.show_block(sheet.blocks[at], sheet.dim)
                    view.title.hide()  # its formula says whose it is
            self._light()
        self._keep_room()
        self._place()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._title.setStyleSheet(f"color: {theme.upd}")
        for block in self.blocks:
            block.set_theme(theme)
        self.update()

    def _roomy(self) -> bool:
        port = self._view.viewport()
        return port.width() >= SMALLEST[0] and port.height() >= SMALLEST[1]

    def _wide(self) -> int:
        return self._view.viewport().width() - self._view.overlays.zoom.width() - 3 * INSET

    def _high(self) -> int:
        # not the layout's hint: while hidden it knows the columns as they were made
        tallest = max((block.sizeHint().height() for block in self.blocks[: len(self._sheet.blocks)]), default=0)
        return 2 * INSET + self._title.sizeHint().height() + HEAD + tallest

    def _keep_room(self) -> None:
        """Have the network fitted in above it, where it can still be read there."""
        view, camera = self._view, self._view.camera
        goes_on = view.scene_.cursor_at is not None or view.workbench.running
        wanted = self._roomy() and (self._sheet.lens or (self._kept > 0 and goes_on and view.workbench.pace == "explain"))
        room = 0.0 if not wanted else float(self._high() + INSET + APART) if self._sheet.lens else self._kept
        if 0 < room <= self._kept or room == self._kept:
            return
        before, content = camera.below, view.scene_.content()
        camera.kept[self.objectName()] = room
        if room and camera.fitting(content)[1] < ROW_BELOW:
            camera.kept[self.objectName()] = room = 0.0
        self._kept = room
        if camera.below != before and camera.fitted:
            camera.fit(content)

    def _place(self) -> None:
        """At the lower left, beside the zoom box; away while a node lies there."""
        view, high = self._view, self._high()
        box = QRectF(INSET, view.viewport().height() - high - INSET, self._wide(), high)
        nodes = QRectF()
        for card in view.scene_.cards.values():
            nodes = nodes.united(card.scene_card())
        covered = view.mapFromScene(nodes).boundingRect().toRectF()
        shown = self._sheet.lens and self._roomy() and not box.intersects(covered.adjusted(0, -APART, 0, CLEAR))
        if shown and box.toRect() != self.geometry():
            self.setGeometry(box.toRect())
        if shown != self.isVisibleTo(view):
            self.setVisible(shown)
            view.overlays.legends.setVisible(not shown)
            self.opened.emit(shown)

    def _light(self) -> None:
        lit = keys(self._view.workbench.lit)
        for block in self.blocks:
            block.light(lit)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            self._keep_room()
            self._place()  # a formula came in, or a line of numbers wrapped
        return done

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._keep_room()
            self._place()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            box = self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(tools.pen(self._theme.color("line2")))
            painter.setBrush(self._theme.color("panel"))
            painter.drawRoundedRect(box, 7, 7)
            painter.setClipRect(QRectF(0, 0, EDGE, self.height()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("upd"))
            painter.drawRoundedRect(self.rect().toRectF(), 7, 7)
            painter.setClipping(False)
            painter.setPen(tools.pen(self._theme.color("line")))
            for block in self.blocks[1 : len(self._sheet.blocks)]:
                column = block.parentWidget()
                if column is not None:
                    x = column.x() - APART + 0.5
                    painter.drawLine(QPointF(x, column.y()), QPointF(x, column.geometry().bottom()))
