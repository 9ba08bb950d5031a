"""The window's menu: rows of commands, each of which is an action of its own, and the files opened lately."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from playground.ui.actions import Actions
from playground.ui.settings import Settings

THEMES = ("system", "dark", "light")
EDIT = (
    *("undo", "redo", "", "cut", "copy", "paste", "duplicate", "delete", "select_all", ""),
    *("freeze", "freeze_before", "new_head", "switch_off"),
)
RUN = (
    *("train", "rewind", "new_start", "", "explain_sample", "send_back", "predict", "", "compare", "compare_end", "study", "sweep", ""),
    *("draw", "try_text", "embedding", "", "gradients"),
)
ARRANGE = (
    *("tidy", "", "align_top", "align", "align_bottom", ""),
    *("align_left", "align_center", "align_right", "", "gaps_across", "gaps_down"),
)
LAB = ("lab_surface", "lab_values", "lab_penalties", "lab_masks", "lab_rates", "", "lab_why", "lab_looks", "", "lab_generate")
VIEW = ("fit", "fit_selection", "zoom_in", "zoom_out", "zoom_100", "", "palette", "reset_layout")


class MainMenu(QMenu):
    """Made once. ``open_file`` opens a file of the list of recent ones."""

    def __init__(self, actions: Actions, settings: Settings, open_file: Callable[[Path], object], theme: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("menu")
        self._actions, self._settings, self._open_file = actions, settings, open_file
        self._fill(self, ("new", "open", "examples", "own_data", "augment"))
        self._recent = self.addMenu(self.tr("Open recent"))
        self._recent.aboutToShow.connect(self._fill_recent)
        self._fill(self, ("save", "save_as", "export", "load_weights", "fetch", "cancel", ""))
        self._fill(self.addMenu(self.tr("Edit")), EDIT)
        self._fill(self.addMenu(self.tr("Run")), RUN)
        self._fill(self.addMenu(self.tr("Arrange")), ARRANGE)
        self._fill(self.addMenu(self.tr("View")), VIEW)
        self._fill(self.addMenu(self.tr("Lab")), LAB)
        self.addSeparator()
        themes, group = self.addMenu(self.tr("Theme")), QActionGroup(self)
        for name in THEMES:
            action = actions[f"theme_{name}"]
            action.setCheckable(True)
            action.setChecked(name == theme)
            group.addAction(action)
            themes.addAction(action)
        self._fill(self, ("motion", "", "commands", "help", "", "quit"))

    def _fill(self, menu: QMenu, names: Sequence[str]) -> None:
        for name in names:
            menu.addAction(self._actions[name]) if name else menu.addSeparator()

    def _fill_recent(self) -> None:
        self._recent.clear()
        paths = self._settings.recent()
        for path in paths:
            action = QAction(str(path), self._recent)
            action.triggered.connect(lambda _=False, path=path: self._open_file(path))
            self._recent.addAction(action)
        if not paths:
            self._recent.addAction(self.tr("No recent files")).setEnabled(False)
