"""Every command of the window (:mod:`playground.ui.command_table`): one QAction each, with its shortcut. Menu, keys, buttons and the
command list all use these."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from playground import turns
from playground.anim.walk import GRAINS
from playground.ui import pace as paces
from playground.ui.command_table import Command, table
from playground.ui.workbench import Workbench


class Files(Protocol):
    """What the actions need of the projects: the name to print, and whether there is something to save."""

    def title(self) -> str: ...

    def unsaved(self) -> bool: ...


class Actions(QObject):
    """The actions by name. ``changed`` is emitted when the document's name or its saved state may have changed."""

    changed = Signal()

    def __init__(self, workbench: Workbench, files: Files, window: QWidget) -> None:
        super().__init__(window)
        self._workbench, self._files, self._window = workbench, files, window
        self._actions: dict[str, QAction] = {}
        self._commands: dict[str, Command] = {}
        for command in table():
            action = QAction(command.text, window)
            action.setObjectName(f"action_{command.name}")
            action.setShortcuts([QKeySequence(key) for key in command.keys])
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            keys = f" ({self.keys_of(command)})" if command.keys else ""
            action.setToolTip(command.tip + keys)
            action.setStatusTip(command.tip)
            window.addAction(action)
            self._actions[command.name], self._commands[command.name] = action, command
        self._wire_workbench()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __iter__(self) -> Iterator[tuple[Command, QAction]]:
        """Commands that do something now, with their actions, in the order of the list under F1."""
        return ((command, self._actions[name]) for name, command in self._commands.items() if self._actions[name].isVisible())

    def connect(self, name: str, call: Callable[[], object]) -> None:
        """Let action ``name`` do ``call``."""
        self._actions[name].triggered.connect(turns.window(lambda *_: call()))

    def hide(self, name: str) -> None:
        """Take a command away that nothing stands behind."""
        self._actions[name].setVisible(False)
        self._actions[name].setEnabled(False)

    def document_title(self) -> str:
        return self._files.title()

    def unsaved(self) -> bool:
        return self._files.unsaved()

    @staticmethod
    def keys_of(command: Command) -> str:
        """The first shortcut as a reader knows it."""
        text = QKeySequence(command.keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if command.keys else ""
        return {"Right": "→", "Left": "←", "Shift+Right": "Shift+→", "Shift+Left": "Shift+←"}.get(text, text)

    def release_plain_keys(self, focus: QWidget | None, walked: bool = False) -> None:
        """Bare keys (Space, letters, digits) belong to a text field or an open list while it has the focus. A button that Tab
        ``walked`` to has Space; one that was clicked has not: Space trains, whatever the mouse did last."""
        typing = isinstance(focus, QLineEdit | QPlainTextEdit | QComboBox) or (
            isinstance(focus, QAbstractItemView) and focus.window() is not self._window
        )
        for name, command in self._commands.items():
            if command.plain:
                taken = typing or (walked and isinstance(focus, QAbstractButton) and "Space" in command.keys)
                self._actions[name].setShortcuts([] if taken else [QKeySequence(key) for key in command.keys])

    def _wire_workbench(self) -> None:
        workbench, stack = self._workbench, self._workbench.undo_stack
        self.connect("train", workbench.toggle)
        for name, by, larger in (("step_on", 1, False), ("step_back", -1, False), ("leap_on", 1, True), ("leap_back", -1, True)):
            self.connect(name, lambda by=by, larger=larger: workbench.step(by=by, larger=larger))
        for grain in GRAINS:
            self.connect(f"grain_{grain}", lambda grain=grain: workbench.set_grain(grain))
        self.connect("explain_sample", lambda: workbench.look("forward"))
        self.connect("send_back", lambda: workbench.look("backward"))
        self.connect("rewind", workbench.rewind)
        self.connect("undo", stack.undo)
        self.connect("redo", stack.redo)
        for name in paces.NAMES:
            self.connect(name, lambda name=name: workbench.set_pace(name))
        self.connect("slower", lambda: self._shift_pace(-1))
        self.connect("faster", lambda: self._shift_pace(+1))
        self.connect("sample_before", lambda: self._shift_sample(-1))
        self.connect("sample_after", lambda: self._shift_sample(+1))
        stack.canUndoChanged.connect(self._actions["undo"].setEnabled)
        stack.canRedoChanged.connect(self._actions["redo"].setEnabled)
        stack.undoTextChanged.connect(self._name_undo)  # bound, so that they end with this object
        stack.redoTextChanged.connect(self._name_redo)
        self._actions["undo"].setEnabled(False)
        self._actions["redo"].setEnabled(False)
        self._actions["compare_end"].setEnabled(False)
        self._actions["cancel"].setEnabled(False)  # while it is, Esc belongs to what has the focus
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)

    def _focus_moved(self, _: QWidget | None, now: QWidget | None) -> None:
        self.release_plain_keys(now)

    def _name_undo(self, text: str) -> None:
        self._name_step("undo", text)

    def _name_redo(self, text: str) -> None:
        self._name_step("redo", text)

    def _name_step(self, name: str, text: str) -> None:
        command = self._commands[name]
        self._actions[name].setToolTip(
            f"{command.text}: {text} ({self.keys_of(command)})" if text else f"{command.tip} ({self.keys_of(command)})"
        )

    def _shift_pace(self, by: int) -> None:
        place = min(max(paces.position(self._workbench.pace_setting) + by, 0), len(paces.SCALE) - 1)
        self._workbench.set_pace(paces.SCALE[place])

    def _shift_sample(self, by: int) -> None:
        split, index = self._workbench.sample
        self._workbench.follow(split, max(index + by, 0))
