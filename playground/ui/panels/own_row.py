"""Rows of the inspector that open a window: which files of the user's own are read, and what training does to pictures."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from playground.document import AUGMENTATION_FIELDS
from playground.ui.panels.controls import label
from playground.ui.workbench import Workbench

LONGEST = 22
CHANGES = ("shift", "rotate", "scale", "flip", "elastic", "noise", "erase")


class _ButtonRow(QWidget):
    """A title, and a button whose words follow the document."""

    def __init__(self, workbench: Workbench, label_width: int, name: str) -> None:
        super().__init__()
        self._workbench = workbench
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.title, self.button = label(""), QPushButton()
        self.title.setFixedWidth(label_width)
        self.button.setObjectName(name)
        row.addWidget(self.title)
        row.addWidget(self.button, 1)
        workbench.document_changed.connect(self._show)

    def _show(self, *_: object) -> None:
        raise NotImplementedError


class OwnRow(_ButtonRow):
    """The folder's or the file's name on a button."""

    def __init__(self, workbench: Workbench, label_width: int) -> None:
        super().__init__(workbench, label_width, "field/data/path")
        self.title.setText(self.tr("Files"))
        self.button.setAccessibleName(self.tr("Files"))
        self.button.clicked.connect(lambda *_: workbench.files_wanted.emit())
        self._show()

    def _show(self, *_: object) -> None:
        path = str(self._workbench.document.data.options.get("path", ""))
        name = Path(path).name or self.tr("none chosen")
        self.button.setText((name if len(name) <= LONGEST else name[: LONGEST - 1]) + "…")
        self.button.setToolTip(self.tr("{path}<br>Choose other files, or read these again").format(path=path))


class AugmentationRow(_ButtonRow):
    """What training does to pictures, in a word on a button that opens its window."""

    def __init__(self, workbench: Workbench, label_width: int) -> None:
        super().__init__(workbench, label_width, "field/augmentation")
        self.title.setText(self.tr("Augment"))
        self.button.setAccessibleName(self.tr("Augment pictures"))
        self.button.setToolTip(self.tr("Move, turn, bend, mirror or partly blank the training pictures at random"))
        self.button.clicked.connect(lambda *_: workbench.augmentation_wanted.emit())
        self._show()

    def _show(self, *_: object) -> None:
        chosen = self._workbench.document.augmentation
        named = [field for field in AUGMENTATION_FIELDS if field.name in CHANGES]
        parts = [field.title.lower() for field in named if getattr(chosen, field.name) not in (0, "none")]
        words = ", ".join(parts[:2]) + (f" +{len(parts) - 2}" if len(parts) > 2 else "") if parts else self.tr("off")
        self.button.setText(words + "…")
