"""What training does to pictures by chance: its settings, and one picture as the next steps would see it, by the training's own kernel."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from playground.data import Dataset
from playground.document import AUGMENTATION_FIELDS, Augmentation, Document, edits
from playground.errors import PlaygroundError
from playground.fields import Field
from playground.ui import aside
from playground.ui.datasets import Datasets
from playground.ui.numbers import count
from playground.ui.painters import tools
from playground.ui.painters.input import paint_image
from playground.ui.panels import editors
from playground.ui.panels.controls import label
from playground.ui.theme import Theme
from playground.ui.wording import declared
from playground.ui.workbench import Workbench

COLUMNS, ROWS, GAP = 6, 4, 8
COUNT = COLUMNS * ROWS - 1  # the first place is the picture's own
MEASURED = 500
GENTLE = {"shift": 2.0, "rotate": 10.0, "scale": 0.1, "elastic": 1.5, "elastic_cells": 4}
"""What digits and photographs bear alike: about what LeNet-5's paper did to digits (LeCun et al. 1998, section III A)."""


def _made(document: Document, dataset: Dataset, index: int, first: int) -> np.ndarray | str:
    """The pictures, or what is wrong. Kernels may have to be compiled first: not on the window's thread."""
    from playground.engine.program.augmenting import preview  # it brings the kernels

    node = next((id for id, placed in document.nodes.items() if placed.type == "Input"), "input1")
    try:
        return preview(document, dataset, index, COUNT, document.training.seed, node, first)
    except PlaygroundError as error:
        return declared(str(error))


class Grid(QWidget):
    """The picture itself, then as the next steps see it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("augmented")
        self._theme = theme
        self.pictures: np.ndarray | None = None
        self.words = ""
        self.limits = (0.0, 1.0)
        self.setMinimumSize(COLUMNS * 60, ROWS * 60)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_pictures(self, pictures: np.ndarray | None, limits: tuple[float, float], words: str = "") -> None:
        """``pictures`` (N, C, H, W), the first one as it is; ``limits``: the numbers of black and white. Without any, ``words``."""
        self.pictures, self.limits, self.words = pictures, limits, words
        self.update()

    def tile_rect(self, at: int) -> QRectF:
        """Where picture ``at`` is drawn."""
        side = int(min((self.width() - 2 - GAP * (COLUMNS - 1)) / COLUMNS, (self.height() - 2 - GAP * (ROWS - 1)) / ROWS))
        row, column = divmod(at, COLUMNS)
        return QRectF(1 + column * (side + GAP), 1 + row * (side + GAP), side, side)  # a pixel for the frames

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        if self.pictures is None:
            tools.paragraph(painter, QRectF(self.rect()).adjusted(8, 8, -8, -8), self.words, theme.color("text3"))
        else:
            low, high = self.limits
            for at, picture in enumerate(self.pictures[: COLUMNS * ROWS]):
                tile = self.tile_rect(at)
                _, rows, columns = picture.shape
                unit = tile.width() / max(rows, columns)
                box = QRectF(0, 0, columns * unit, rows * unit)
                box.moveCenter(tile.center())
                paint_image(painter, box, np.clip(picture, low, high) - low, theme)
                tools.frame(painter, box, theme.color("accent" if at == 0 else "line3"))
        painter.end()


class AugmentationWindow(QDialog):
    """Stays open beside the training: every change is an edit of the document, and takes hold at the next step."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("augmentation")
        self.setWindowTitle(self.tr("Augment pictures"))
        self.setModal(False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(900, 520)
        self._workbench, self._theme = workbench, theme
        self._datasets = Datasets(self)
        self._serial = 0
        split, index = workbench.sample
        self._index = index if split == "train" else 0
        self._first = workbench.snapshot.step
        self._editors: dict[str, editors.Editor] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        words = label(
            self.tr(
                "In every training step each picture is changed at random, so that the net never sees the same one twice. Seed, step and"
                " sample decide how: the same run repeats to the bit. Validation and test see the pictures as they are."
            ),
            "sentence",
        )
        words.setWordWrap(True)
        column.addWidget(words)
        middle = QHBoxLayout()
        middle.setSpacing(24)
        middle.addWidget(self._form())
        middle.addLayout(self._pictures(), 1)
        column.addLayout(middle, 1)
        workbench.document_changed.connect(self._document_changed)
        workbench.theme_changed.connect(self.set_theme)
        self._datasets.loaded.connect(self._refresh)
        self._fill()
        self._refresh()

    @classmethod
    def open_for(cls, workbench: Workbench, theme: Theme, parent: QWidget) -> AugmentationWindow:
        """The one window there is, or a new one."""
        there = next((child for child in parent.findChildren(cls) if child.isVisible()), None)
        shown = there or cls(workbench, theme, parent)
        shown.show()
        shown.raise_()
        return shown

    def _form(self) -> QWidget:
        form = QWidget()
        form.setFixedWidth(262)
        column = QVBoxLayout(form)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for field in AUGMENTATION_FIELDS:
            editor = editors.make(field, "augmentation", self._theme, 104)
            editor.committed.connect(lambda value, scrubbed, field=field: self._set(field, value, scrubbed))
            column.addWidget(editor)
            self._editors[field.name] = editor
        column.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(8)
        for name, text, tip, values in (
            ("augment_gentle", self.tr("Gentle"), self.tr("A little of what digits and photographs bear alike"), GENTLE),
            ("augment_off", self.tr("Off"), self.tr("Pictures as they are"), {}),
        ):
            row.addWidget(self._button(name, text, tip, lambda values=values, text=text: self._preset(text, values)))
        row.addStretch(1)
        column.addLayout(row)
        return form

    def _pictures(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        self.caption = label("", "caption")
        self.caption.setObjectName("augmented_caption")
        column.addWidget(self.caption)
        self.grid = Grid(self._theme)
        column.addWidget(self.grid, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self._button("augment_other", self.tr("Another picture"), self.tr("The next training picture"), self._other))
        row.addWidget(self._button("augment_later", self.tr("Later steps"), self.tr("The steps after those shown"), self._later))
        column.addLayout(row)
        return column

    def _button(self, name: str, text: str, tip: str, call: Any) -> QPushButton:
        made = QPushButton(text)
        made.setObjectName(name)
        made.setToolTip(tip)
        made.setAutoDefault(False)
        made.clicked.connect(lambda *_: call())
        return made

    # -- edits
    def _set(self, field: Field, value: Any, scrubbed: bool) -> None:
        after = edits.set_augmentation(self._workbench.document, **{field.name: value})
        text = self.tr("Augmentation: {field}").format(field=field.title.lower())
        self._workbench.edit(text, after, merge=f"augmentation/{field.name}" if scrubbed else "")

    def _preset(self, text: str, values: dict[str, Any]) -> None:
        plain = Augmentation()
        whole = {field.name: values.get(field.name, getattr(plain, field.name)) for field in AUGMENTATION_FIELDS}
        text = self.tr("Augmentation: {field}").format(field=text.lower())
        self._workbench.edit(text, edits.set_augmentation(self._workbench.document, **whole))

    def _other(self) -> None:
        dataset = self._datasets.get(self._workbench.document.data)
        if dataset is not None and len(dataset.train):
            self._index = (self._index + 1) % len(dataset.train)
            self._refresh()

    def _later(self) -> None:
        self._first += COUNT
        self._refresh()

    # -- showing
    def _document_changed(self, before: Document, after: Document) -> None:
        if before.data != after.data:
            self._index = 0
        if (before.augmentation, before.data, before.training.seed) != (after.augmentation, after.data, after.training.seed):
            self._fill()
            self._refresh()

    def _fill(self) -> None:
        for name, editor in self._editors.items():
            editor.show_value(getattr(self._workbench.document.augmentation, name))

    def _refresh(self) -> None:
        """Ask for the pictures; what is shown stays until they come."""
        document = self._workbench.document
        dataset = self._datasets.get(document.data)
        self._serial += 1
        if dataset is None:
            words = self.tr("The pictures are on their way.") if document.data.name else self.tr("No data set is chosen.")
            self.grid.show_pictures(None, (0.0, 1.0), words)
        elif len(dataset.description.input_shape) != 3 or not len(dataset.train):
            self.grid.show_pictures(None, (0.0, 1.0), self.tr("This data set is not of pictures: training leaves it as it is."))
        else:
            self._index = min(self._index, len(dataset.train) - 1)
            made = partial(_made, document, dataset, self._index, self._first)
            aside.run(self, made, partial(self._arrived, self._serial))
            return
        self.caption.setText("")

    def _arrived(self, serial: int, pictures: np.ndarray | str) -> None:
        dataset = self._datasets.get(self._workbench.document.data)
        if serial != self._serial or dataset is None:
            return  # a later one follows
        if isinstance(pictures, str):
            self.grid.show_pictures(None, (0.0, 1.0), pictures)
            return
        some = dataset.train.x[:MEASURED]
        limits = [float(end) * dataset.scale + dataset.offset for end in (some.min(), some.max())]
        own = dataset.train.x[self._index].astype(np.float32) * np.float32(dataset.scale) + np.float32(dataset.offset)
        self.grid.show_pictures(np.concatenate([own[None], pictures]), (limits[0], max(limits[1], limits[0] + 1e-6)))
        words = self.tr("Training picture {index} as it is, then as steps {first} to {last} would see it")
        shown = words.format(index=count(self._index), first=count(self._first + 1), last=count(self._first + COUNT))
        self.caption.setText(shown)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.grid.set_theme(theme)
        for editor in self._editors.values():
            editor.set_theme(theme)
