"""The embedding's page: the cloud of a layer, the choice of the layer, and the sample under the pointer."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from playground.data import Dataset
from playground.data.pictures import shape_of
from playground.document import Document
from playground.engine.evaluation.embedding import last_hidden
from playground.engine.live import commands
from playground.engine.live.snapshot import Cloud, Snapshot
from playground.ui.note_words import named
from playground.ui.numbers import count, number, percent
from playground.ui.painters import tools
from playground.ui.painters.input import paint_image, split_name
from playground.ui.panels.controls import label
from playground.ui.panels.embedding_picture import CloudPicture
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

SIDE = 152
PREVIEW = 56.0
MOST_VALUES = 4
"""Numbers of a sample that are no picture which are told."""


class EmbeddingPage(QWidget):
    """Asks for the embedding while it is seen, and only then."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("embedding")
        self._workbench, self._theme = workbench, theme
        self._dataset: Dataset | None = None
        self._listed: list[tuple[str, str]] = []
        self.picture, self.sample = CloudPicture(theme, self), Sample(theme, self)
        self.layers = QComboBox()
        self.layers.setObjectName("embedding_layer")
        self.layers.setToolTip(self.tr("The layer whose outputs are shown"))
        self.layers.setAccessibleName(self.tr("Layer of the embedding"))
        self.layers.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.layers.currentIndexChanged.connect(lambda _: self._ask())
        self.words = label("", "caption")
        self.words.setObjectName("embedding_words")
        self.words.setWordWrap(True)
        side = QWidget()
        side.setFixedWidth(SIDE)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addWidget(self.layers)
        column.addWidget(self.words)
        column.addWidget(self.sample, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.picture, 1)
        row.addWidget(side)
        self.picture.chosen.connect(workbench.follow)
        self.picture.hovered.connect(self._hover)
        workbench.snapshot_changed.connect(self._show_snapshot)
        workbench.theme_changed.connect(self.set_theme)
        workbench.sample_changed.connect(self.picture.show_sample)
        self.picture.show_sample(*workbench.sample)

    def show_data(self, dataset: Dataset | None, document: Document) -> None:
        """The layers of ``document`` to choose from; the samples of ``dataset`` to name the points by."""
        self._dataset = dataset
        last = last_hidden(document)
        listed = [("", self.tr("Last hidden layer"))] if last else []
        listed += [(node, named(node, document)) for node, placed in document.nodes.items() if placed.type != "Output"]
        if listed == self._listed:
            return
        chosen = self.layers.currentData()
        self._listed = listed
        self.layers.blockSignals(True)
        self.layers.clear()
        for node, words in listed:
            self.layers.addItem(words, node)
        self.layers.setCurrentIndex(max(self.layers.findData(chosen), 0))
        self.layers.blockSignals(False)
        self._ask()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.picture.set_theme(theme)
        self.sample.set_theme(theme)

    # -- asking
    def _ask(self) -> None:
        if self.isVisible():
            chosen = self.layers.currentData()
            self._workbench.session.send(commands.Embed(chosen if isinstance(chosen, str) else ""))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask()
        self._show_snapshot(self._workbench.snapshot)

    def hideEvent(self, event: QHideEvent) -> None:
        self._workbench.session.send(commands.Embed(None))
        super().hideEvent(event)

    # -- showing
    def _show_snapshot(self, snapshot: Snapshot) -> None:
        if not self.isVisible():
            return
        cloud = snapshot.cloud
        if snapshot.trace is not None:
            self.picture.show_sample(snapshot.trace.split, snapshot.trace.index)
        if cloud is self.picture.cloud and cloud is not None:
            return
        classes = self._dataset.description.classes if self._dataset is not None else ()
        self.picture.show_cloud(cloud, classes)
        self.words.setText(self._told(cloud))

    def _told(self, cloud: Cloud | None) -> str:
        if cloud is None:
            return ""
        wrong = int((cloud.predicted != cloud.labels).sum())
        words = self.tr("{share} of the variance of {samples} {split} samples").format(
            share=percent(cloud.share), samples=count(len(cloud.points)), split=split_name(cloud.split)
        )
        return words + "; " + self.tr("{wrong} ringed: wrong").format(wrong=count(wrong))

    def _hover(self, at: int) -> None:
        cloud = self.picture.cloud
        if cloud is None or at < 0:
            self.sample.show_sample(None, "", "")
            return
        index, true, said = int(cloud.indices[at]), int(cloud.labels[at]), int(cloud.predicted[at])
        names = self.picture.name(true), self.picture.name(said)
        head = f"{split_name(cloud.split)} #{index}"
        words = self.tr("{name}, rightly said").format(name=names[0]) if true == said else f"{names[0]} → {names[1]}"
        part = self._dataset.split(cloud.split) if self._dataset is not None else None
        values = None
        if part is not None and self._dataset is not None and index < len(part):
            values = part.x[index].astype(np.float32) * np.float32(self._dataset.scale) + np.float32(self._dataset.offset)
            shape = shape_of(self._dataset.description)
            values = values.reshape(shape) if shape is not None else values
        self.sample.show_sample(values, head, words)


class Sample(QWidget):
    """The sample under the pointer: its picture, or its first numbers, and what it is and was taken for."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.values: np.ndarray | None = None
        self.head, self.words = "", ""

    def show_sample(self, values: np.ndarray | None, head: str, words: str) -> None:
        self.values, self.head, self.words = values, head, words
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.values is None:
            words = self.tr("Point at a sample; a click follows it through the network.")
            tools.paragraph(painter, QRectF(0, 0, self.width(), self.height()), words, theme.color("text3"), 10.5)
            painter.end()
            return
        left = 0.0
        if self.values.ndim == 3:
            _, rows, columns = self.values.shape
            unit = max(min(PREVIEW, self.height() - 2.0) / max(rows, columns), 0.5)
            box = QRectF(0.5, 0.5, columns * unit, rows * unit)
            paint_image(painter, box, self.values, theme)
            tools.frame(painter, box, theme.color("line3"))
            left = box.right() + 8
        room = self.width() - left
        tools.text(painter, left, 8, self.head, theme.color("text3"), 10.5, room=room)
        tools.text(painter, left, 24, self.words, theme.color("text"), 12, 600, room=room)
        if self.values.ndim != 3:
            told = ", ".join(number(float(value), 2) for value in np.ravel(self.values)[:MOST_VALUES])
            tools.text(painter, left, 40, told, theme.color("text2"), 10.5, room=room)
        painter.end()
