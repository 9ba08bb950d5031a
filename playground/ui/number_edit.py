"""A number to type, to turn by the wheel and to drag sideways: for weights, which know no bounds and no unit."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from playground.ui.numbers import signed
from playground.ui.style import refresh

PIXELS_A_NOTCH = 4
NOTCH, FINE = 0.1, 0.01


class NumberEdit(QLineEdit):
    """``changed(value, scrubbed)`` comes with each new number. A wheel notch or 4 px of dragging is 0.1, with Shift 0.01."""

    changed = Signal(float, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = 0.0
        self._grip: QPointF | None = None
        self._dragged = False
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFixedHeight(26)
        self.setToolTip(self.tr("Type a number, turn the wheel or drag sideways (0.1 a notch; with Shift 0.01)"))
        self.editingFinished.connect(self._commit)
        self.textEdited.connect(lambda _: self._mark(False))

    @property
    def value(self) -> float:
        return self._value

    def show_value(self, value: float) -> None:
        """Show ``value``; what is being typed is left alone."""
        if self.hasFocus() and self.isModified():
            return
        self._value = value
        text = f"{value:.6g}".replace("-", "\u2212") if self.hasFocus() else signed(value, 4)
        if text != self.text():
            self.setText(text)

    def _commit(self) -> None:
        if not self.isModified():
            return
        try:
            value = float(self.text().strip().replace("\u2212", "-").replace(",", "."))
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self._mark(True)
            return
        self.setModified(False)
        self._mark(False)
        self._set(value, False)

    def _mark(self, bad: bool) -> None:
        if bool(self.property("bad")) != bad:
            self.setProperty("bad", bad)
            refresh(self)
            if bad:
                self.setAccessibleDescription(self.tr("This is not a number."))

    def _set(self, value: float, scrubbed: bool) -> None:
        self._value = value
        self.setText(f"{value:.6g}".replace("-", "\u2212"))
        self.changed.emit(value, scrubbed)

    def scrub(self, notches: int, fine: bool = False) -> None:
        """So many notches up or down."""
        step = FINE if fine else NOTCH
        self.setModified(False)
        self._mark(False)
        self._set(round(self._value + notches * step, 6), True)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y() or event.angleDelta().x()  # with Shift some systems turn it sideways
        if turned:
            self.scrub(1 if turned > 0 else -1, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grip, self._dragged = event.position(), False
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            notches = int((event.position().x() - self._grip.x()) / PIXELS_A_NOTCH)
            if notches:
                self._grip, self._dragged = event.position(), True
                self.scrub(notches, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
            return
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        super().mouseReleaseEvent(event)
        if not self._dragged:
            self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._commit()
            self.scrub(1 if event.key() == Qt.Key.Key_Up else -1, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
            return
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.setModified(False)
            self._mark(False)
            self.show_value(self._value)
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.setModified(False)
        self._mark(False)
        self.show_value(self._value)
