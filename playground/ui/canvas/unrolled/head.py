"""The head of an unrolled node: what it is, which picture of it is shown, its directions, its cell type, the way back."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from playground.layers import registry
from playground.ui import icons
from playground.ui.canvas.unrolled.layout import HEAD
from playground.ui.canvas.unrolled.reading import Strip
from playground.ui.painters import tools
from playground.ui.panels.controls import Segments
from playground.ui.theme import Theme

MODES = ("steps", "units", "text")
TYPES_FROM = 700.0
"""So wide a strip has room for the cell types in its head too."""


class Head(QWidget):
    """``modes``, ``ways`` and ``types`` are segments, ``find`` and ``fold`` buttons; the strip connects them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("unrolled_head")
        self.modes = Segments(
            [
                ("unrolled_steps", self.tr("Steps"), self.tr("Every gate and state, step by step")),
                ("unrolled_units", self.tr("All units"), self.tr("A gate or state of all units at once, lined up under what is read")),
                ("unrolled_text", self.tr("One unit"), self.tr("What is read, colored by the value of one unit")),
            ]
        )
        self.modes.choose(0)
        self.ways = Segments(
            [
                ("unrolled_ltr", "→", self.tr("The direction that reads from the first step to the last")),
                ("unrolled_rtl", "←", self.tr("The direction that reads from the last step to the first")),
            ]
        )
        self.ways.choose(0)
        self.cells = tuple(cell.name for cell in registry.cells())
        self.types = Segments([(f"cell_{type}", type, self.tr("Swap the cell, and keep the rest")) for type in self.cells])
        self.finder = self._button(
            "unrolled_find", self.tr("Find where a unit does something: mark the steps, list them all over the data (Ctrl+F)")
        )
        self.finder.setCheckable(True)
        self.finder.setShortcut("Ctrl+F")
        self.fold = self._button("unrolled_fold", self.tr("Fold (U)"))
        self.fold.setAccessibleName(self.tr("Fold"))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 6, 0)
        row.setSpacing(8)
        row.addStretch(1)
        for part in (self.modes, self.ways, self.types, self.finder, self.fold):
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
        for segments in (self.modes, self.ways, self.types):
            segments.setFixedHeight(26)
            for button in segments.group.buttons():
                button.setFixedHeight(22)
        self.setFixedHeight(round(HEAD))

    def _button(self, name: str, tip: str) -> QToolButton:
        made = QToolButton()
        made.setObjectName(name)
        made.setFixedSize(24, 24)
        made.setToolTip(tip)
        made.setAccessibleName(tip)
        return made

    @property
    def mode(self) -> str:
        """Which picture is chosen."""
        return MODES[max(self.modes.group.checkedId(), 0)]

    def show_for(self, type: str, both: bool, reverse: bool) -> None:
        """The parts that fit a node of ``type``; ``both``: it has two directions."""
        self.ways.setVisible(both)
        self.ways.choose(int(reverse))
        self.types.setVisible(type in self.cells and self.width() >= TYPES_FROM)
        if type in self.cells:
            self.types.choose(self.cells.index(type))

    def set_theme(self, theme: Theme) -> None:
        self.finder.setIcon(icons.icon("search", theme))
        self.fold.setIcon(icons.icon("x", theme))

    def paint(self, painter: QPainter, strip: Strip, facts: tuple[str, ...], theme: Theme) -> None:
        """What stands behind the buttons, painted by the strip; of ``facts`` the first that has room."""
        wide = self.width()
        painter.save()
        painter.setClipRect(QRectF(1, 1, wide - 2, HEAD - 2))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("head"))
        painter.drawRoundedRect(QRectF(0.5, 0.5, wide - 1, HEAD + 10), 7, 7)
        painter.restore()
        painter.setPen(tools.pen(theme.color("line")))
        painter.drawLine(QPointF(1, HEAD - 0.5), QPointF(wide - 1, HEAD - 0.5))
        layer = strip.picture.layer
        if layer is not None:
            painter.drawPixmap(QPointF(10, HEAD / 2 - 7.5), icons.pixmap(layer.icon, theme.text2, 15, self.devicePixelRatioF()))
        title = tools.text(painter, 30, HEAD / 2, strip.title, theme.color("text"), 12, 600)
        taken = [part.x() for part in (self.modes, self.ways, self.types, self.finder, self.fold) if part.isVisible()]
        room = min(taken, default=wide) - 30 - title - 24
        told = next((one for one in facts if tools.width(one, 11) <= room), facts[-1])
        tools.text(painter, 30 + title + 12, HEAD / 2, told, theme.color("text3"), 11, room=max(room, 20))
