"""Editors of names that another field of the same owner holds: the columns of a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QComboBox, QMenu, QPushButton, QWidget

from playground.fields import named, names_in
from playground.ui.panels.controls import Chooser
from playground.ui.panels.editors import Editor
from playground.ui.style import look
from playground.ui.wording import declared

LONGEST = 24
"""Letters of a list of names on its button."""


class NameEditor(Editor):
    """One of the names that another field has; none of them is the default."""

    def _make(self) -> QWidget:
        box = Chooser()
        box.activated.connect(lambda index: self.committed.emit(box.itemData(index), False))
        return box

    def show_names(self, names: Sequence[str]) -> None:
        """What there is to choose from."""
        box = self.widget
        assert isinstance(box, QComboBox)
        if [box.itemData(at) for at in range(1, box.count())] != list(names):
            box.clear()
            box.addItem(declared(self.field.empty), "")
            for name in names:
                box.addItem(name, name)

    def show_value(self, value: Any) -> None:
        box = self.widget
        assert isinstance(box, QComboBox)
        box.setCurrentIndex(box.findData(value))


class NamesEditor(Editor):
    """Some of the names that another field has, in a list that stays open while they are chosen; none of them is the default."""

    def _make(self) -> QWidget:
        button = look(QPushButton(), "list")
        self._menu = StayingMenu(button)
        self._names: tuple[str, ...] = ()
        self._menu.aboutToHide.connect(self._take)
        button.clicked.connect(lambda *_: self._menu.popup(button.mapToGlobal(button.rect().bottomLeft())))
        return button

    def show_names(self, names: Sequence[str]) -> None:
        """What there is to choose from."""
        if tuple(names) != self._names:
            self._names = tuple(names)
            self._menu.clear()
            for name in names:
                self._menu.addAction(name.replace("&", "&&")).setCheckable(True)

    def show_value(self, value: Any) -> None:
        self._value = str(value)
        chosen = set(names_in(self._value))
        for name, action in zip(self._names, self._menu.actions(), strict=True):
            action.setChecked(not chosen or name in chosen)
        button = self.widget
        assert isinstance(button, QPushButton)
        words = ", ".join(name for name in self._names if name in chosen) or declared(self.field.empty)
        button.setText((words if len(words) <= LONGEST else words[: LONGEST - 1] + "…").replace("&", "&&"))

    def _take(self) -> None:
        chosen = [name for name, action in zip(self._names, self._menu.actions(), strict=True) if action.isChecked()]
        value = "" if len(chosen) in (0, len(self._names)) else named(chosen)
        if value == self._value:
            self.show_value(value)  # nothing checked stands for all
        else:
            self.committed.emit(value, False)


class StayingMenu(QMenu):
    """A menu that a click on a mark leaves open."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        action = self.activeAction()
        if action is not None and action.isCheckable():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)
