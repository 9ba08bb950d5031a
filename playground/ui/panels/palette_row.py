"""One row of the palette: a layer, a data set or an example, to drag, click or add by Enter."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QDrag, QEnterEvent, QFocusEvent, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from playground import data
from playground.ui.icons import pixmap
from playground.ui.theme import Theme, font

MIME = {"layer": "application/x-playground-layer", "data": "application/x-playground-data", "example": "application/x-playground-example"}


ROOMY = 184
"""px of a row that has room for the names of examples: in a narrower one all of them are smaller alike."""
SMALLER = (11.5, 10.5)
"""px that the name of a layer or a data set is written in before it loses its middle: it is the word for it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row stands for. ``kind`` is a key of :data:`MIME`, ``name`` the payload; ``group`` has a heading over its first."""

    kind: str
    name: str
    title: str
    summary: str
    icon: str
    group: str = ""


class Row(QWidget):
    """One thing that can be dragged to the canvas."""

    activated = Signal(object)
    pressed = Signal(object)
    moved = Signal(object, int)
    """An arrow key: from this row, so many rows down."""

    def __init__(self, entry: Entry, theme: Theme, rail: bool = False) -> None:
        super().__init__()
        self.entry, self._theme, self._rail = entry, theme, rail
        self._hover = self._in_use = False
        self._missing = 0
        self._press: QPoint | None = None
        place = "example/" if entry.kind == "example" else ""  # a data set and an example may bear one name
        self.setObjectName(f"palette/{place}{entry.name}" if not rail else f"rail/{entry.name}")
        self.set_stop(False)
        self.setFixedHeight(32 if rail else 26)
        self.setAccessibleName(entry.title)
        self.look_for_files()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def look_for_files(self) -> None:
        """Say of a data set whether it has to be downloaded first."""
        self._missing = data.missing(self.entry.name) if self.entry.kind == "data" else 0
        words = self.entry.summary
        if self._missing:
            size = round(self._missing / 1_000_000)
            words += "<br>" + self.tr("Not on this machine yet: Enter or a click offers to download it ({size} MB).").format(size=size)
        self.setToolTip(f"<b>{self.entry.title}</b><br>{words}")
        self.setAccessibleDescription(words.replace("<br>", " "))
        self.update()

    def set_stop(self, stop: bool) -> None:
        """Whether Tab stops here. It does at one row of a section: its others are for the arrow keys, not 130 times Tab."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if stop else Qt.FocusPolicy.ClickFocus)

    def set_in_use(self, in_use: bool) -> None:
        self._in_use = in_use
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(6, 0, -6, 0)
        if self._in_use or self._hover or self.hasFocus():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_soft" if self._in_use else "raised"))
            painter.drawRoundedRect(box, 5, 5)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 5, 5)
        tint = theme.accent if self._in_use else theme.text2
        symbol = pixmap("download" if self._missing else self.entry.icon, tint, 15, self.devicePixelRatioF())
        x = (self.width() - 15) / 2 if self._rail else 18
        painter.drawPixmap(QPoint(round(x), round((self.height() - 15) / 2)), symbol)
        if not self._rail:
            self._write(painter)
        painter.end()

    def _write(self, painter: QPainter) -> None:
        note = self.tr("in use") if self._in_use else self._does() if self._hover else ""
        right = self.width() - (14 if note else 8)
        if note:
            painter.setFont(font(10.5, 500 if self._in_use else 400))
            painter.setPen(self._theme.color("accent" if self._in_use else "text3"))
            width = painter.fontMetrics().horizontalAdvance(note)
            painter.drawText(QRectF(right - width, 0, width + 1, self.height()), Qt.AlignmentFlag.AlignVCenter, note)
            right -= width + 8
        painter.setFont(font(12.5 if self.entry.kind != "example" or self.width() >= ROOMY else 11))
        painter.setPen(self._theme.color("text"))
        for size in SMALLER if self.entry.kind != "example" else ():
            if QFontMetricsF(painter.font()).horizontalAdvance(self.entry.title) > right - 42:  # elided where it is a tenth of a px longer
                painter.setFont(font(size))
        text = painter.fontMetrics().elidedText(self.entry.title, Qt.TextElideMode.ElideMiddle, right - 42)
        painter.drawText(QRectF(42, 0, right - 42, self.height()), Qt.AlignmentFlag.AlignVCenter, text)

    def _does(self) -> str:
        """What the hand over a row may do: a layer is dragged, a click does the rest."""
        return {"layer": self.tr("drag"), "data": self.tr("use"), "example": self.tr("open")}[self.entry.kind]

    # -- the hand
    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = False
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._press = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None or (event.position().toPoint() - self._press).manhattanLength() < QApplication.startDragDistance():
            return
        self._press = None
        drag = QDrag(self)
        drag.setMimeData(self.mime())
        drag.setPixmap(self._drag_picture())
        drag.setHotSpot(QPoint(14, 14))
        drag.exec(Qt.DropAction.CopyAction)
        self._hover = False
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._press is not None:
            self._press = None
            self.pressed.emit(self.entry)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._press = None
        if self.entry.kind == "layer":  # data and examples have already taken the first click
            self.activated.emit(self.entry)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activated.emit(self.entry)
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.moved.emit(self, 1 if key == Qt.Key.Key_Down else -1)
        else:
            super().keyPressEvent(event)

    def mime(self) -> QMimeData:
        """What a drag carries."""
        made = QMimeData()
        made.setData(MIME[self.entry.kind], self.entry.name.encode())
        return made

    def _drag_picture(self) -> QPixmap:
        scale = self.devicePixelRatioF()
        made = QPixmap(round(132 * scale), round(28 * scale))
        made.setDevicePixelRatio(scale)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("accent"), 1))
        painter.setBrush(self._theme.color("head"))
        painter.drawRoundedRect(QRectF(0.5, 0.5, 131, 27), 7, 7)
        painter.drawPixmap(QPoint(8, 6), pixmap(self.entry.icon, self._theme.text2, 15, scale))
        painter.setPen(self._theme.color("text"))
        painter.setFont(font(12, 600))
        painter.drawText(QRectF(30, 0, 98, 28), Qt.AlignmentFlag.AlignVCenter, self.entry.title)
        painter.end()
        return made
