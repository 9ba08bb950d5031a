"""Editors of declared fields: one widget a kind. They hold text until it is a value that fits, and say why it is not."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from playground.document.optimizers import OPTIMIZERS
from playground.errors import FieldError
from playground.fields import PADDING_WORDS, Field, class_numbers, whole_numbers
from playground.layers.functions import written
from playground.ui.numbers import plain
from playground.ui.panels.controls import Chooser, Switch, label
from playground.ui.style import refresh
from playground.ui.theme import Theme
from playground.ui.wording import declared

PIXELS_A_NOTCH = 6


class _Mixed:
    """No value: of several nodes each has its own."""

    def __str__(self) -> str:
        return ""

    def __bool__(self) -> bool:
        return False


MIXED = _Mixed()


def parse(field: Field, text: str) -> Any:
    """The value that ``text`` means for ``field``, checked. Raises :class:`FieldError` with a sentence for the user."""
    text = text.strip().replace("\u2212", "-")
    if not text and field.optional:
        return None
    value: Any = text
    try:
        if field.kind == "int":
            value = int(text.replace(",", "").replace(" ", ""))
        elif field.kind == "float":
            value = float(text.replace(",", "."))
        elif field.kind == "padding" and text.lower() in PADDING_WORDS:
            value = text.lower()
        elif field.kind in ("shape", "pair", "padding"):
            value = whole_numbers(text)
        elif field.kind == "classes":
            value = class_numbers(text)
    except ValueError:
        value = text
    return field.check(value)


def moved(field: Field, value: Any, notches: int) -> Any:
    """The value of a number field, or all numbers of a pair, so many notches on; other values (words, none) as they are."""
    if isinstance(value, tuple) and field.kind != "classes":
        return tuple(int(stepped(field, number, notches)) for number in value)
    return stepped(field, value, notches) if isinstance(value, int | float) and not isinstance(value, bool) else value


def stepped(field: Field, value: float, notches: int) -> float | int:
    """``value`` moved by so many notches: by ones (whole numbers), or by the steps 1 2 5 10 of each decade (float); within bounds."""
    whole = field.kind != "float"
    if whole:
        moved: float = value + notches
    else:
        moved = value
        for _ in range(abs(notches)):
            moved = _decade(moved, up=notches > 0, floor=field.minimum)
    if field.minimum is not None:
        moved = max(moved, field.minimum)
    if field.maximum is not None:
        moved = min(moved, field.maximum)
    return int(moved) if whole else float(f"{moved:.6g}")


def _decade(value: float, up: bool, floor: float | None) -> float:
    if value == 0:
        return 1e-5 if up else (0.0 if floor is not None and floor >= 0 else -1e-5)
    if value < 0:
        return -_decade(-value, not up, 0.0)
    exponent = math.floor(math.log10(value) + 1e-9)
    lead = value / 10**exponent
    ladder = (1.0, 2.0, 5.0, 10.0) if up else (5.0, 2.0, 1.0, 0.5)
    for rung in ladder:
        if (up and rung > lead * (1 + 1e-9)) or (not up and rung < lead * (1 - 1e-9)):
            moved = rung * 10**exponent
            return 0.0 if not up and moved < 1e-5 and floor is not None and floor >= 0 else moved
    return value


class Editor(QWidget):
    """A label, an editor and room for a sentence below. ``committed(value, scrubbed)`` comes once for each finished change."""

    committed = Signal(object, bool)
    refused = Signal()
    """The value is, with a sentence below it."""
    stepped = False
    """Whether there is a next number to step to."""

    def __init__(self, field: Field, owner: str, theme: Theme, label_width: int) -> None:
        super().__init__()
        self.field, self._theme = field, theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(0)
        self.title = label(declared(field.title))
        row.addWidget(self.title)
        self.widget = self._make()
        self.widget.setObjectName(f"field/{owner}/{field.name}")
        self.widget.setAccessibleName(declared(field.title))
        self.widget.setAccessibleDescription(declared(field.help))
        row.addWidget(self.widget, 0 if isinstance(self.widget, Switch) else 1)
        self.unit: QLabel | None = None
        if field.unit:
            self.unit = label(declared(field.unit), "caption")
            self.unit.setContentsMargins(8, 0, 0, 0)
            row.addWidget(self.unit)
        if isinstance(self.widget, Switch):
            row.addStretch(1)
        column.addLayout(row)
        self.complaint = label("", "bad")
        self.complaint.setObjectName(f"complaint/{owner}/{field.name}")
        self.complaint.setWordWrap(True)
        self.complaint.hide()
        column.addWidget(self.complaint)
        self.set_label_width(label_width)
        tip = declared(field.help) + (f"<br><i>{self.tr('Works at once, also while training.')}</i>" if field.live else "")
        tip += f"<br><i>{self.tr('Up and Down, or Ctrl and the wheel, go to the next number.')}</i>" if self.stepped else ""
        for part in (self.title, self.widget):
            part.setToolTip(tip)
        self.widget.installEventFilter(self)

    def set_label_width(self, width: int) -> None:
        """Where the editor begins, and the sentence below it, in logical px."""
        self.title.setFixedWidth(width)
        self.complaint.setContentsMargins(width, 0, 0, 2)

    def show_value(self, value: Any) -> None:
        """Show the document's value; what the user is typing is left alone unless it differs from it by then."""
        raise NotImplementedError

    def give_up(self) -> None:
        """Take back what is typed and not committed."""

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme

    def _make(self) -> QWidget:
        raise NotImplementedError

    def complain(self, text: str) -> None:
        """Mark the value as refused, with the reason; an empty text takes the mark away."""
        self.complaint.setText(text)
        self.complaint.setVisible(bool(text))
        self.mark(bool(text))
        if text:
            self.refused.emit()

    def mark(self, bad: bool) -> None:
        """The mark alone, where what is wrong is said elsewhere."""
        if bool(self.widget.property("bad")) != bad:
            self.widget.setProperty("bad", bad)
            refresh(self.widget)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel:
            event.ignore()  # a wheel over a panel scrolls it, whatever has the focus: a turn more is too easily another network
            return True
        return super().eventFilter(watched, event)


class TextEditor(Editor):
    """int, float, shape, pair, classes and text: typed. Numbers also by the keys Up and Down in the field, by the wheel over it with
    Ctrl (a wheel alone scrolls) and by dragging the label sideways."""

    def __init__(self, field: Field, owner: str, theme: Theme, label_width: int) -> None:
        self.stepped = field.kind not in ("shape", "classes", "text")
        super().__init__(field, owner, theme, label_width)
        self._value: Any = field.default
        self._grip: QPointF | None = None
        if self.stepped:
            self.title.setCursor(Qt.CursorShape.SizeHorCursor)
            self.title.installEventFilter(self)

    def _make(self) -> QWidget:
        return self._follow(QLineEdit())

    def _follow(self, edit: QLineEdit) -> QLineEdit:
        edit.editingFinished.connect(self._commit)
        edit.textEdited.connect(lambda _: self.complain(""))
        return edit

    @property
    def edit(self) -> QLineEdit:
        widget = self.widget
        assert isinstance(widget, QLineEdit)
        return widget

    def show_value(self, value: Any) -> None:
        changed = value is not self._value and value != self._value
        self._value = value
        empty = declared(self.field.empty) if self.field.optional else ""
        self.edit.setPlaceholderText(self.tr("mixed") if value is MIXED else empty)
        if changed or not (self.edit.hasFocus() or self.complaint.isVisible()) or not self.edit.text():
            self.edit.setText(plain(value))
            self.complain("")

    def give_up(self) -> None:
        self.edit.setText(plain(self._value))
        self.complain("")

    def _commit(self) -> None:
        if self._value is MIXED and not self.edit.text().strip():
            return
        try:
            value = parse(self.field, self.edit.text())
        except FieldError:
            shown = self.edit.text().strip() or self.tr("nothing")
            self.complain(
                self.tr("{field} wants {expected}; this is {value}.").format(
                    field=declared(self.field.title), expected=declared(self.field.expectation()), value=shown
                )
            )
            return
        self.complain("")
        if value != self._value:
            self._value = value
            self.committed.emit(value, False)
        self.edit.setText(plain(self._value))

    def _scrub(self, notches: int) -> None:
        if notches:
            value = moved(self.field, self._value, notches)
            if value != self._value:
                self._value = value
                self.edit.setText(plain(value))
                self.complain("")
                self.committed.emit(value, True)

    def _pressed(self, event: QKeyEvent) -> bool:
        """Up and Down: what is typed counts first; a list's keys stay the list's."""
        if event.key() not in (Qt.Key.Key_Up, Qt.Key.Key_Down) or not isinstance(self.widget, QLineEdit):
            return False
        self._commit()
        if self.complaint.isHidden():
            self._scrub(1 if event.key() == Qt.Key.Key_Up else -1)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.widget and self.stepped:
            turned = isinstance(event, QWheelEvent) and event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.angleDelta().y()
            if turned:
                self._scrub(1 if turned > 0 else -1)
                return True
            if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._pressed(event):
                return True
        if watched is self.title and isinstance(event, QMouseEvent):
            if event.type() == QEvent.Type.MouseButtonPress:
                self._grip = event.position()
            elif event.type() == QEvent.Type.MouseMove and self._grip is not None:
                notches = int((event.position().x() - self._grip.x()) / PIXELS_A_NOTCH)
                if notches:
                    self._grip = event.position()
                    self._scrub(notches)
            elif event.type() == QEvent.Type.MouseButtonRelease:
                self._grip = None
        return super().eventFilter(watched, event)


class PaddingEditor(TextEditor):
    """A word out of two, or numbers: a list to choose from whose text can be typed."""

    def _make(self) -> QWidget:
        box = QComboBox()
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for word in (*PADDING_WORDS, "1", "2"):
            box.addItem(word)
        box.activated.connect(lambda _: self._commit())
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        edit = box.lineEdit()
        assert edit is not None
        self._follow(edit)
        return box

    @property
    def edit(self) -> QLineEdit:
        assert isinstance(self.widget, QComboBox)
        edit = self.widget.lineEdit()
        assert edit is not None
        return edit


class ChoiceEditor(Editor):
    """One of a few words."""

    def _make(self) -> QWidget:
        box = Chooser()
        for choice in self.field.choices:
            box.addItem(readable(choice), choice)
        box.activated.connect(lambda index: self.committed.emit(box.itemData(index), False))
        return box

    def show_value(self, value: Any) -> None:
        box = self.widget
        assert isinstance(box, QComboBox)
        box.setPlaceholderText(self.tr("mixed") if value is MIXED else "")
        box.setCurrentIndex(-1 if value is MIXED else box.findData(value))


class BoolEditor(Editor):
    """On or off."""

    def _make(self) -> QWidget:
        switch = Switch(self._theme)
        switch.clicked.connect(lambda on: self.committed.emit(bool(on), False))
        return switch

    def show_value(self, value: Any) -> None:
        switch = self.widget
        assert isinstance(switch, Switch)
        switch.setChecked(bool(value))

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        switch = self.widget
        assert isinstance(switch, Switch)
        switch.set_theme(theme)


def readable(choice: str) -> str:
    """A choice as people write it."""
    if choice in OPTIMIZERS:
        return OPTIMIZERS[choice].title
    return declared(written(choice))


KINDS: dict[str, type[Editor]] = {
    "int": TextEditor,
    "float": TextEditor,
    "shape": TextEditor,
    "pair": TextEditor,
    "padding": PaddingEditor,
    "classes": TextEditor,
    "text": TextEditor,
    "choice": ChoiceEditor,
    "bool": BoolEditor,
}


def make(field: Field, owner: str, theme: Theme, label_width: int = 112) -> Editor:
    """The editor for a field. ``owner`` (a node id, ``"training"``, ``"data"``) goes into the object names."""
    if field.of:
        from playground.ui.panels.name_editors import NameEditor, NamesEditor  # they are editors themselves

        return (NamesEditor if field.several else NameEditor)(field, owner, theme, label_width)
    return KINDS[field.kind](field, owner, theme, label_width)
