"""The focus of a form that is built anew: an arrow in a list that does so must not send the next key to the canvas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QWidget

from playground.ui.panels.editors import Editor

Key: TypeAlias = tuple[str, str]
WALKED = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


class FocusKeeper(QObject):
    """Knows which editor the keys are in, and gives the focus to its successor. One that was only clicked loses it, as before: Space
    trains, whatever the mouse did last."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._by_keys = False

    def watch(self, editor: Editor) -> None:
        """See what ``editor`` is used with."""
        editor.widget.installEventFilter(self)

    def focused(self, editors: Mapping[Key, Editor]) -> Key | None:
        """The key of the editor whose focus is to be kept."""
        if not self._by_keys:
            return None
        return next((key for key, editor in editors.items() if _has_focus(editor.widget)), None)

    def give_back(self, editors: Mapping[Key, Editor], key: Key | None, within: QWidget) -> None:
        """Give the focus to the editor that now has ``key``, if there is one in ``within`` that does not have it yet."""
        editor = editors.get(key) if key is not None else None
        if editor is None or _has_focus(editor.widget):
            return
        above: QWidget | None = editor
        while above is not None and above is not within and above.parentWidget() is not None:
            if above.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide) and above.isHidden():
                return
            above.show()  # what a layout has just got is shown a little later
            above = above.parentWidget()
        editor.widget.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress or (isinstance(event, QFocusEvent) and event.gotFocus() and event.reason() in WALKED):
            self._by_keys = True
        elif event.type() == QEvent.Type.MouseButtonPress:
            self._by_keys = False
        return super().eventFilter(watched, event)


def _has_focus(widget: QWidget) -> bool:
    focus = widget.window().focusWidget()
    return focus is not None and (focus is widget or widget.isAncestorOf(focus))
