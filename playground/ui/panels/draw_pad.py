"""The pad that one draws on: pen and eraser, by mouse, finger or stylus; pictures dropped on it or pasted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QEnterEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTouchEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.data.pictures import Manner
from playground.ui.painters import tools
from playground.ui.panels import draw_marks
from playground.ui.panels.draw_marks import Mark, Photo, Stroke
from playground.ui.theme import Theme

MOST_UNDO = 200
TOGETHER = Qt.ApplicationAttribute.AA_CompressHighFrequencyEvents
NEAREST = 0.2
"""Points of a stroke are at least so far apart, in pixels of the field."""


def picture_in(mime: QMimeData) -> Path | QImage | None:
    """The picture that is dropped or pasted: a file on this machine, or an image."""
    for url in mime.urls():
        if url.isLocalFile():
            return Path(url.toLocalFile())
    if mime.hasImage():
        image = mime.imageData()
        return image if isinstance(image, QImage) and not image.isNull() else None
    return None


class Pad(QWidget):
    """``drawn()``: what is on the pad has changed. ``turned(by)``: the wheel was, by so many notches. ``brought(source)``: a file or an
    image was dropped or pasted."""

    drawn = Signal()
    turned = Signal(int)
    brought = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("draw_pad")
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Drawing pad"))
        self._theme = theme
        self.manner: Manner | None = None
        self.marks: list[Mark] = []
        self._before: list[list[Mark]] = []
        self.width_ = 2.4
        self.erases = False
        self.words = self.tr("Draw here")
        self._stroke: Stroke | None = None
        self._together = QCoreApplication.testAttribute(TOGETHER)
        self._shown, self._ink = draw_marks.Layer(), draw_marks.Layer()
        self._pointer: QPointF | None = None
        self._dropping = False

    # -- what is on it
    @property
    def empty(self) -> bool:
        """Whether there is nothing on the pad, as far as it was not rubbed out."""
        return not self.marks

    @property
    def can_undo(self) -> bool:
        return bool(self._before)

    def ink(self) -> np.ndarray | None:
        """Ink from 0 to 1, float32 (C, h, w); ``None`` on an empty pad."""
        return None if self.manner is None or self.empty else draw_marks.ink_of(self.marks, self.manner.shape, self._ink)

    def set_manner(self, manner: Manner | None) -> None:
        """Draw for pictures of another kind; what is on the pad stays where it is of the same size."""
        if self.manner is None or manner is None or self.manner.shape != manner.shape:
            self.marks, self._before, self._stroke = [], [], None
        self.manner = manner
        self.update()

    def undo(self) -> None:
        """Take the last stroke back, or the last clearing."""
        if self._before:
            self.marks, self._stroke = self._before.pop(), None
            self._tell()

    def clear(self) -> None:
        """An empty pad; undo brings the drawing back."""
        if self.marks:
            self._remember()
            self.marks, self._stroke = [], None
            self._tell()

    def show_photo(self, ink: np.ndarray) -> None:
        """A picture from outside, uint8 (C, h, w), in place of what is there."""
        self._remember()
        self.marks, self._stroke = [Photo(ink)], None
        self._tell()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def _remember(self) -> None:
        self._before.append(list(self.marks))
        del self._before[:-MOST_UNDO]

    def _tell(self) -> None:
        self.update()
        self.drawn.emit()

    # -- size
    def sizeHint(self) -> QSize:
        return QSize(150, 150)

    @property
    def _scale(self) -> float:
        """px a pixel of the field."""
        if self.manner is None:
            return 1.0
        _, rows, columns = self.manner.shape
        return min((self.width() - 2) / columns, (self.height() - 2) / rows)

    def area(self) -> QRectF:
        """The field on the widget."""
        if self.manner is None:
            return QRectF(self.rect())
        _, rows, columns = self.manner.shape
        return QRectF(1, 1, columns * self._scale, rows * self._scale)

    # -- the hand
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.manner is None or event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._begin(event.position(), self.erases or event.button() == Qt.MouseButton.RightButton)

    def _begin(self, position: QPointF, erases: bool) -> None:
        self._remember()
        self._stroke = Stroke(self.width_ * (2 if erases else 1), erases)
        self.marks.append(self._stroke)
        self._add(position)

    def _touched(self, event: QTouchEvent) -> None:
        """The first finger draws as the mouse does; further ones are left out."""
        point = event.points()[0] if event.points() else None
        if point is None or self.manner is None:
            return
        place = self.mapFromGlobal(point.globalPosition())
        if event.type() == QEvent.Type.TouchBegin:
            self._begin(place, self.erases)
        elif self._stroke is not None:
            self._add(place)
        if event.type() in (QEvent.Type.TouchEnd, QEvent.Type.TouchCancel):
            self._stroke = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._pointer = event.position()
        if self._stroke is not None:
            self._add(event.position())
        else:
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._stroke is not None and not event.buttons():
            self._stroke = None
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel makes the pen wider or thinner."""
        if event.angleDelta().y():
            self.turned.emit(1 if event.angleDelta().y() > 0 else -1)
        event.accept()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Here each motion of the pointer counts: together, as elsewhere, those of a busy moment would make a straight line of a curve."""
        self._together = QCoreApplication.testAttribute(TOGETHER)
        QCoreApplication.setAttribute(TOGETHER, False)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        QCoreApplication.setAttribute(TOGETHER, self._together)
        self._pointer = None
        self.update()
        super().leaveEvent(event)

    def _add(self, position: QPointF) -> None:
        assert self._stroke is not None
        place = position - self.area().topLeft()
        x, y = place.x() / self._scale, place.y() / self._scale
        points = self._stroke.points
        if not points or abs(points[-1][0] - x) + abs(points[-1][1] - y) >= NEAREST:
            points.append((x, y))
            self._tell()

    def event(self, event: QEvent) -> bool:
        """Undo, paste and delete belong to the pad while it has the focus, as far as it can do them; so do fingers."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._meant(event):
            event.accept()
            return True
        if isinstance(event, QTouchEvent):
            self._touched(event)
            event.accept()
            return True
        return super().event(event)

    def _meant(self, event: QKeyEvent) -> str:
        if event.matches(QKeySequence.StandardKey.Undo) and self.can_undo:
            return "undo"
        if event.matches(QKeySequence.StandardKey.Paste):
            return "paste"
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not self.empty:
            return "clear"
        return ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        meant = self._meant(event)
        if meant == "undo":
            self.undo()
        elif meant == "clear":
            self.clear()
        elif meant == "paste":
            self.paste()
        else:
            super().keyPressEvent(event)

    def paste(self) -> None:
        """Take the clipboard's picture."""
        self.brought.emit(picture_in(QGuiApplication.clipboard().mimeData()))

    # -- pictures from outside
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        mime = event.mimeData()
        if self.manner is not None and (mime.hasImage() or any(url.isLocalFile() for url in mime.urls())):
            event.acceptProposedAction()
            self._dropping = True
            self.update()

    def dragLeaveEvent(self, event: QEvent) -> None:
        self._dropping = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        self._dropping = False
        event.acceptProposedAction()
        self.brought.emit(picture_in(event.mimeData()))
        self.update()

    # -- painting
    def colors(self) -> tuple[QColor, QColor]:
        """Paper and ink: the two ends of the gray ramp that the cards draw pictures with, or black and white where there is color."""
        assert self.manner is not None
        if self.manner.shape[0] == 3:
            low, high = QColor(Qt.GlobalColor.black), QColor(Qt.GlobalColor.white)
        else:
            ramp = self._theme.ramp("gray")
            low, high = QColor(*map(int, ramp[0])), QColor(*map(int, ramp[-1]))
        return (low, high) if self.manner.ink >= self.manner.paper else (high, low)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = self.area()
        if self.manner is None:
            painter.end()
            return
        paper, ink = self.colors()
        ratio = self.devicePixelRatioF()
        size = (area.size() * ratio).toSize()
        key = size.width(), size.height(), self._theme.name, self.manner
        empty = QImage(size, QImage.Format.Format_RGB32)
        painter.drawImage(area, self._shown.show(self.marks, empty, key, self._scale * ratio, ink, paper, self._photo))
        if self.empty:
            faint = QColor(ink)
            faint.setAlphaF(0.62)
            tools.text(painter, area.center().x(), area.center().y() - 8, self.words, faint, 12, align="center", room=area.width() - 12)
            words = self.tr("or drop a picture")
            tools.text(painter, area.center().x(), area.center().y() + 10, words, faint, 10.5, align="center", room=area.width() - 12)
        ring = theme.color("accent") if self._dropping or self.hasFocus() else theme.color("line3")
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(ring, 2 if self._dropping else 1))
        painter.drawRect(area.adjusted(0, 0, 0, 0))
        if self._pointer is not None and area.contains(self._pointer):
            radius = max(self.width_ * (2 if self.erases else 1) * self._scale / 2, 2.0)
            painter.setPen(QPen(theme.color("accent"), 1.4))
            painter.drawEllipse(self._pointer, radius, radius)
        painter.end()

    def _photo(self, photo: Photo) -> QImage:
        assert self.manner is not None
        bright = photo.ink if self.manner.ink >= self.manner.paper else 255 - photo.ink
        return draw_marks.image_of(bright, self._theme.color_table("gray"))
