"""Draw a digit: the pad with its tools, the picture that the network gets, its answer, and the way of a drawing into the data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSlider, QStackedWidget, QVBoxLayout, QWidget

from playground.data import Dataset
from playground.data.pictures import Manner, centered, shape_of, shrunk
from playground.document import Document
from playground.document.drawing import add_drawing
from playground.engine.live.commands import Draw
from playground.engine.live.snapshot import Snapshot
from playground.errors import PlaygroundError
from playground.ui.dialogs.messages import show_error
from playground.ui.painters.tools import widest, width
from playground.ui.panels import draw_files
from playground.ui.panels.controls import Switch, label
from playground.ui.panels.draw_answer import Answer
from playground.ui.panels.draw_manner import Measuring
from playground.ui.panels.draw_pad import Pad
from playground.ui.panels.draw_tools import Tools
from playground.ui.panels.task_legend import Placeholder
from playground.ui.style import look
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

FRAME_MILLISECONDS = 16
HIGH = 205
"""px from which on there is room for the sentence about centering."""
NARROW = 340
"""px of width below which the pad gives way."""
WIDE = 310
"""px beside the pad from which on there is room for the pen's slider: without, the wheel sets its width."""
THIN, THICK = 0.05, 0.16
"""The pen's width as a share of the field's side."""


class DrawPage(QWidget):
    """While something is on the pad and nothing else is followed, it is what goes through the network."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("draw")
        self._workbench, self._theme = workbench, theme
        self._dataset: Dataset | None = None
        self._manner: Manner | None = None
        self._picture: np.ndarray | None = None
        self._names: tuple[str, ...] = ()
        self._reader, self._measuring = draw_files.Reader(self), Measuring(self)
        self.pad, self.answer, self.tools = Pad(theme, self), Answer(theme, self), Tools(workbench, theme, self)
        self._lacking = Placeholder(theme, self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._lacking)
        self._stack.addWidget(self._make_page())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(FRAME_MILLISECONDS)
        self._due.timeout.connect(self._send)
        self.pad.drawn.connect(self._drawn)
        self.pad.brought.connect(self._bring)
        self.pad.turned.connect(lambda by: self.pen.setValue(self.pen.value() + by))
        self.tools.brought.connect(self._bring)
        self.tools.erasing.connect(self._use)
        self.tools.undo.clicked.connect(self.pad.undo)
        self.tools.clear.clicked.connect(self.pad.clear)
        self.tools.pasted.connect(self.pad.paste)
        self._reader.come.connect(self._come)
        self._measuring.measured.connect(self._measured)
        workbench.snapshot_changed.connect(self._show_snapshot)
        workbench.sample_changed.connect(lambda *_: self._left())
        workbench.theme_changed.connect(self.set_theme)
        self._show_manner()

    def _make_page(self) -> QWidget:
        page = QWidget(self)
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(self.pad)
        row.addWidget(self.tools)
        side = QVBoxLayout()
        side.setContentsMargins(4, 0, 0, 0)
        side.setSpacing(6)
        side.addWidget(self.answer, 1)
        self.why = label("", "caption")
        self.why.setObjectName("draw_why")
        self.why.setWordWrap(True)
        side.addWidget(self.why)
        self.pen = QSlider(Qt.Orientation.Horizontal)
        self.pen.setObjectName("draw_width")
        self.pen.setRange(0, 20)
        self.pen.setValue(5)
        self.pen.setMinimumWidth(36)
        self.pen.setMaximumWidth(84)
        self.pen.setToolTip(self.tr("How wide the pen is; over the pad the wheel does it too"))
        self.pen.setAccessibleName(self.tr("Width of the pen"))
        self.pen.valueChanged.connect(lambda _: self._use())
        self.centers = Switch(self._theme)
        self.centers.setObjectName("draw_center")
        self.centers.setChecked(True)
        self.centers.setAccessibleName(self.tr("Scale and center the drawing"))
        self.centers.toggled.connect(lambda _: self._drawn())
        self._centered = label(self.tr("Center"), "caption")
        self.label = QComboBox()
        self.label.setObjectName("draw_label")
        self.label.setToolTip(self.tr("What you have drawn: then the network's answer is judged, and the drawing can be added to the data"))
        self.label.setAccessibleName(self.tr("What is drawn"))
        self.label.currentIndexChanged.connect(lambda _: self._drawn())
        self.add = QPushButton(self.tr("Add"))
        self.add.setObjectName("draw_add")
        self.add.setToolTip(self.tr("Add the drawing, as the network gets it, to the training samples"))
        self.add.clicked.connect(self._add)
        self.add.setEnabled(False)  # until there is a drawing
        self.add.setFixedWidth(round(width(self.add.text(), 12)) + 26)
        self.again = look(QPushButton(self.tr("Send it through again")), "link")
        self.again.setObjectName("draw_again")
        self.again.clicked.connect(self._send)
        self.again.hide()
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        for widget in (self.pen, self.centers, self._centered):
            line.addWidget(widget)
        line.addStretch(1)
        line.addWidget(self.again)
        line.addWidget(self.label)
        line.addWidget(self.add)
        side.addLayout(line)
        row.addLayout(side, 1)
        return page

    # -- what it is for
    def show_data(self, dataset: Dataset | None, document: Document) -> None:
        """Draw pictures as ``dataset`` has them."""
        self.tools.show_drawings(document, dataset)
        if dataset is self._dataset:
            return
        self._dataset = dataset
        names = () if dataset is None else dataset.description.classes
        if names != self._names:
            self._names = names
            self.label.blockSignals(True)
            self.label.clear()
            self.label.addItem(self.tr("It is …"), None)
            for at, name in enumerate(names):
                self.label.addItem(name, at)
            self.label.blockSignals(False)
            self.label.setFixedWidth(round(min(widest((self.tr("It is …"), *names), 12) + 32, 110)))
        digits = names == tuple(map(str, range(10)))
        self.pad.words = self.tr("Draw a digit here") if digits else self.tr("Draw here")
        self._measuring.measure(dataset)

    def _measured(self, dataset: Dataset | None, manner: Manner | None) -> None:
        if dataset is self._dataset:
            if manner is not None and (self._manner is None or self._manner.shape != manner.shape):
                self.centers.setChecked(manner.shape[0] == 1)  # pictures in color are seldom ink on paper
            self._manner = manner
            self._show_manner()

    def _show_manner(self) -> None:
        manner, dataset = self._manner, self._dataset
        self.pad.set_manner(manner)
        if manner is None:
            if dataset is None:
                words = self.tr("Choose a data set of pictures, such as MNIST, and draw what the network is to read.")
            else:
                words = self.tr(
                    "Drawing needs an Input that takes a picture: 1×H×W, 3×H×W, or a row of 784 or 64 numbers. This one takes {shape}."
                ).format(shape="×".join(map(str, dataset.description.input_shape)))
            if dataset is None or shape_of(dataset.description) is None:
                self._lacking.show_words(self.tr("no picture"), words)
                self._stack.setCurrentIndex(0)
            return
        self._stack.setCurrentIndex(1)
        box, field = round(manner.box * max(manner.shape[1:])), max(manner.shape[1:])
        told = self.tr(
            "The pictures of this data set are scaled to {box} of {field} pixels and moved to the middle. A network that learned "
            "from these alone is lost with others: turn it off, and draw small or in a corner."
        )
        if box >= field:
            told = self.tr(
                "The pictures of this data set reach from edge to edge of their {field} pixels. A network that learned "
                "from these alone is lost with others: turn it off, and draw small or in a corner."
            )
        told = told.format(box=box, field=field)
        self.why.setText(told)
        for part in (self.centers, self._centered, self.answer):
            part.setToolTip(told)
        self._use()
        self._make_widths()
        self._drawn()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_widths()

    def _make_widths(self) -> None:
        shape = (1, 1, 1) if self._manner is None else self._manner.shape
        share = 42 if self.width() >= NARROW else 34
        self.pad.setFixedWidth(max(80, min(round(self.height() * shape[2] / shape[1]), self.width() * share // 100)))
        beside = self.width() - self.pad.width() - self.tools.width() - 24
        line = self.centers.width() + self.label.width() + self.add.width() + round(width(self._centered.text(), 11)) + 14
        self._centered.setVisible(beside >= line)
        self.why.setVisible(self.height() >= HIGH)
        self.pen.setVisible(self.width() - self.pad.width() >= WIDE)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for part in (self.pad, self.answer, self.tools, self.centers, self._lacking):
            part.set_theme(theme)

    # -- drawing
    def _use(self, erasing: bool | None = None) -> None:
        """The tool and the width at hand."""
        if erasing is not None:
            self.pad.erases = erasing
        side = max(self._manner.shape[1:]) if self._manner is not None else 28
        self.pad.width_ = side * (THIN + (THICK - THIN) * self.pen.value() / self.pen.maximum())
        self.pad.update()

    def _drawn(self) -> None:
        if not self._due.isActive():
            self._due.start()

    @property
    def picture(self) -> np.ndarray | None:
        """What is on the pad as ink from 0 to 1 in the data set's size (C, H, W); ``None`` without ink."""
        ink = self.pad.ink()
        if ink is None or self._manner is None or not ink.any():
            return None
        made = centered(ink, self._manner) if self.centers.isChecked() else shrunk(ink, *self._manner.shape[1:])
        return made if made.any() else None

    @property
    def _truth(self) -> int | None:
        chosen = self.label.currentData()
        return chosen if isinstance(chosen, int) else None

    def _send(self) -> None:
        """Let what is on the pad go through the network, once a frame at most."""
        self._due.stop()
        manner, dataset = self._manner, self._dataset
        self._picture = self.picture
        self.tools.show_state(can_undo=self.pad.can_undo, empty=self.pad.empty)
        self.again.hide()
        if manner is None or dataset is None:
            return
        shown = None
        if self._picture is not None:
            raw = manner.numbers(self._picture)
            shown = raw.astype(np.float32) * np.float32(dataset.scale) + np.float32(dataset.offset)
            self._workbench.draw(Draw(np.ascontiguousarray(shown.reshape(dataset.description.input_shape)), self._truth))
        elif self._workbench.drawing.x is not None:
            self._workbench.draw(Draw())
            self._workbench.follow(*self._workbench.sample)
        self._show_picture(shown)
        self._show_add()
        if self._picture is None:
            self.answer.show_answer(None, self._names, None)

    def _show_picture(self, shown: np.ndarray | None) -> None:
        assert self._manner is not None
        _, rows, columns = self._manner.shape
        how = self.tr("centered") if self.centers.isChecked() else self.tr("as it lies")
        self.answer.show_picture(shown, self._manner.shape, f"{rows}×{columns}, {how}")

    def _show_add(self) -> None:
        classified = self._dataset is not None and self._dataset.description.task == "classification"
        self.add.setEnabled(self._picture is not None and self._truth is not None)
        self.add.setVisible(classified)
        self.label.setVisible(classified)

    def _left(self) -> None:
        """A sample is followed: the drawing stays on the pad, and can be sent again."""
        self.answer.show_answer(None, self._names, None)
        self.again.setVisible(self._picture is not None)

    def _show_snapshot(self, snapshot: Snapshot) -> None:
        drawn = snapshot.drawn
        if drawn is None or self._workbench.drawing.x is None or self._manner is None:
            if self.answer.values is not None:
                self.answer.show_answer(None, self._names, None)
            return
        output = next((node for node in drawn.nodes if self._is_output(node)), None)
        values = drawn.nodes[output].values.get("output") if output is not None else None
        flat = None if values is None else np.ravel(values)
        if flat is not None and flat.size == 1 and len(self._names) == 2:
            flat = np.array([1 - flat[0], flat[0]])
        self.answer.show_answer(flat, self._names, self._truth)

    def _is_output(self, node: str) -> bool:
        placed = self._workbench.document.nodes.get(node)
        return placed is not None and placed.type == "Output"

    # -- into the data
    def _add(self) -> None:
        if self._picture is None or self._truth is None:
            return
        try:
            after = add_drawing(self._workbench.document, self._picture, self._truth)
        except PlaygroundError as error:
            show_error(self.window(), self.tr("The drawing was not added."), error, self.tr("It is still on the pad."))
            return
        self._workbench.edit(self.tr("Add a drawing"), after)
        total = len(after.data.drawings)
        self._workbench.notice.emit(
            self.tr("Drawing {total} is a training sample now: train on, and it is learned too.").format(total=total)
        )
        self.label.setCurrentIndex(0)
        self.pad.clear()

    # -- pictures from outside
    def _bring(self, source: Path | QImage | None) -> None:
        if self._manner is None:
            return
        if source is None:
            self._workbench.notice.emit(self.tr("There is no picture in it. Copy or drop a picture, or a picture's file."))
        else:
            self._reader.read(source, self._manner)

    def _come(self, found: np.ndarray | PlaygroundError, manner: Manner) -> None:
        if isinstance(found, PlaygroundError):
            show_error(self.window(), self.tr("The picture could not be taken."), found, self.tr("The pad is as it was."))
        elif self._manner is not None and manner.shape == self._manner.shape:
            self.pad.show_photo(found)
