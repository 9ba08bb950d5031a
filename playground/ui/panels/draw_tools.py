"""The drawing pad's column of tools: pen, eraser, undo, clear, and what is rarer in a menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QAction, QIcon, QPixmap
from PySide6.QtWidgets import QButtonGroup, QMenu, QToolButton, QVBoxLayout, QWidget

from playground.data import Dataset
from playground.data.pictures import shape_of
from playground.document import Document
from playground.document.drawing import with_drawings
from playground.ui.dialogs.files import choose
from playground.ui.icons import icon
from playground.ui.panels import draw_marks
from playground.ui.panels.draw_files import FORMATS
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

SIDE = 26
LISTED = 12
"""Drawings that the menu lists, the latest."""


class Tools(QWidget):
    """``erasing(whether)``: pen or eraser was chosen. ``brought(path)``: a file was chosen. ``pasted()``: the clipboard is wanted."""

    erasing = Signal(bool)
    brought = Signal(object)
    pasted = Signal()

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workbench, self._theme = workbench, theme
        self._document = Document()
        self._dataset: Dataset | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        self._icons: list[tuple[QToolButton, str]] = []
        self.pen = self._button("pen", self.tr("Pen"))
        self.eraser = self._button("eraser", self.tr("Eraser; the right button erases too"))
        self.undo = self._button("undo", self.tr("Take the last stroke back (Ctrl+Z over the pad)"))
        self.clear = self._button("x", self.tr("Clear the pad (Delete)"), "clear")
        self.more = self._button("more", self.tr("Open or paste a picture; drawings in the data"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.more.setMenu(self._menu)
        group = QButtonGroup(self)
        for button in (self.pen, self.eraser):
            button.setCheckable(True)
            group.addButton(button)
        self.pen.setChecked(True)
        self.eraser.toggled.connect(self.erasing)
        for button, _ in self._icons:
            column.addWidget(button)
        column.addStretch(1)
        self.set_theme(theme)
        self.show_state(can_undo=False, empty=True)

    def _button(self, icon_name: str, tip: str, name: str = "") -> QToolButton:
        made = QToolButton(self)
        made.setObjectName(f"draw_{name or icon_name}")
        made.setFixedSize(SIDE, SIDE)
        made.setIconSize(QSize(16, 16))
        made.setToolTip(tip)
        made.setAccessibleName(tip)
        self._icons.append((made, icon_name))
        return made

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for button, name in self._icons:
            button.setIcon(icon(name, theme))

    def show_state(self, *, can_undo: bool, empty: bool) -> None:
        self.undo.setEnabled(can_undo)
        self.clear.setEnabled(not empty)

    def show_drawings(self, document: Document, dataset: Dataset | None) -> None:
        """The drawings that the data hold."""
        self._document, self._dataset = document, dataset

    # -- the menu
    def _fill(self) -> None:
        self._menu.clear()
        self._action("draw_open", self.tr("Open a picture…"), self._open)
        self._action("draw_paste", self.tr("Paste a picture"), self.pasted.emit)
        drawings = self._document.data.drawings
        self._menu.addSeparator()
        head = self._menu.addAction(self.tr("Drawings in the data: {count}").format(count=len(drawings)))
        head.setEnabled(False)
        if not drawings:
            return
        first = 0 if self._dataset is None else len(self._dataset.train) - len(drawings)
        for at in reversed(range(max(0, len(drawings) - LISTED), len(drawings))):
            words = self.tr("Follow drawing {number}: “{name}”").format(number=at + 1, name=self._name(drawings[at].label))
            action = self._action(f"draw_follow_{at}", words, partial(self._workbench.follow, "train", first + at))
            action.setIcon(self._thumbnail(first + at))
        self._menu.addSeparator()
        self._action("draw_remove_last", self.tr("Remove the last drawing"), lambda: self._keep(len(drawings) - 1))
        self._action("draw_remove_all", self.tr("Remove all drawings"), lambda: self._keep(0))

    def _action(self, name: str, words: str, call: Callable[[], object]) -> QAction:
        action = self._menu.addAction(words)
        action.setObjectName(name)
        action.triggered.connect(lambda *_: call())
        return action

    def _name(self, label: int) -> str:
        classes = self._dataset.description.classes if self._dataset is not None else ()
        return classes[label] if 0 <= label < len(classes) else str(label)

    def _thumbnail(self, index: int) -> QIcon:
        """The sample's first channel, small."""
        dataset = self._dataset
        shape = None if dataset is None else shape_of(dataset.description)
        if dataset is None or shape is None or not 0 <= index < len(dataset.train):
            return QIcon()
        values = dataset.train.x[index].reshape(shape).astype(float)
        low, high = float(values.min()), float(values.max())
        gray = ((values - low) / (high - low or 1.0) * 255).round().astype("uint8")
        colors = self._theme.color_table("gray") if shape[0] == 1 else None
        return QIcon(QPixmap.fromImage(draw_marks.image_of(gray, colors)))

    def _keep(self, count: int) -> None:
        document = self._workbench.document
        words = self.tr("Remove a drawing") if count else self.tr("Remove all drawings")
        self._workbench.edit(words, with_drawings(document, document.data.drawings[:count]))

    def _open(self) -> None:
        kinds = [(self.tr("Pictures ({patterns})").format(patterns=" ".join(f"*.{ending}" for ending in FORMATS)), FORMATS[0])]
        choose(self.window(), "draw_open_dialog", self.tr("Open a picture"), str(Path.home()), kinds, self.brought.emit)
