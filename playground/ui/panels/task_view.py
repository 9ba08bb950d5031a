"""The dock's right side: the view that fits the task, with its legend and its switch."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from playground import data
from playground.data import Description
from playground.document import Document
from playground.engine.snapshot import Snapshot
from playground.errors import PlaygroundError
from playground.ui.datasets import Datasets
from playground.ui.numbers import number
from playground.ui.panels import marks, plane_picture
from playground.ui.panels.boundary import Boundary
from playground.ui.panels.confusion import Confusion
from playground.ui.panels.fitted import Fitted
from playground.ui.panels.gallery import Gallery
from playground.ui.panels.truth_table import TruthTable
from playground.ui.style import look
from playground.ui.theme import Theme, font
from playground.ui.workbench import Workbench

MOST_TABLE_ROWS = 8
LEGEND_HEIGHT = 20
LEAST_HEIGHT_FOR_ALL = 205
LEAST_HEIGHT_FOR_SWITCH = 160


def targets(document: Document) -> tuple[float, float]:
    """What the network should give for a no and for a yes: the Output's own bounds, 0 and 1 for the cross-entropies."""
    for node in document.nodes.values():
        if node.type == "Output" and "squared" in str(node.fields.get("loss", "")):
            return float(node.fields.get("target_low", 0.0)), float(node.fields.get("target_high", 1.0))
    return 0.0, 1.0


def describe(document: Document) -> Description | None:
    """The document's data set, if it names one that exists."""
    try:
        return data.describe(document.data.name, **document.data.options) if document.data.name else None
    except PlaygroundError:
        return None


class Legend(QWidget):
    """Marks and words of the boundary, and the color bar with its ends."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._description: Description | None = None
        self._targets = (0.0, 1.0)
        self._validation = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(150, LEGEND_HEIGHT * 4)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_task(self, description: Description | None, low: float, high: float, validation: bool) -> None:
        self._description, self._targets, self._validation = description, (low, high), validation
        self.update()

    def _rows(self) -> list[tuple[str, str, int]]:
        """(form, words, class): what there is to explain."""
        if self._description is None:
            return []
        if self._description.task == "regression":
            return [("value", self.tr("training sample, its target as color"), 0), ("ring", self.tr("shown sample"), 0)]
        classes = self._description.classes
        rows = [("class", self.tr("train, class %s") % name, label) for label, name in reversed(list(enumerate(classes[:5])))]
        if self._validation:
            rows.append(("hollow", self.tr("validation"), 1))
        rows.append(("ring", self.tr("shown sample"), 0))
        if len(classes) <= 2:
            rows.append(("line", self.tr("output = %s") % number(sum(self._targets) / 2, 2, trim=True), 0))
        return rows

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(11))
        classes = max(len(self._description.classes), 2) if self._description else 2
        y = 0.0
        for form, words, label in self._rows():
            if y + LEGEND_HEIGHT > self.height() - 30:
                break
            middle = QRectF(0, y, 14, LEGEND_HEIGHT).center()
            if form in ("class", "hollow"):
                marks.draw(painter, middle, 4, label, classes, theme, hollow=form == "hollow")
            elif form == "ring":
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.color("text"), 1.5))
                painter.drawEllipse(middle, 5, 5)
            elif form == "value":
                painter.setPen(QPen(theme.color("rim"), 0.7))
                painter.setBrush(theme.color("pos"))
                painter.drawEllipse(middle, 3, 3)
            else:
                painter.setPen(QPen(theme.color("text2"), 1.25))
                painter.drawLine(middle.x() - 6, middle.y(), middle.x() + 6, middle.y())
            painter.setPen(theme.color("text2"))
            painter.drawText(QRectF(22, y, self.width() - 22, LEGEND_HEIGHT), Qt.AlignmentFlag.AlignVCenter, words)
            y += LEGEND_HEIGHT
        if classes <= 2 and self._description is not None:
            self._paint_scale(painter)
        painter.end()

    def _paint_scale(self, painter: QPainter) -> None:
        theme, wide = self._theme, min(140, self.width())
        top = self.height() - 26
        entries = plane_picture.scale_entries(theme)
        image = QImage(entries, 256, 1, 256, QImage.Format.Format_Indexed8)
        image.setColorTable(theme.color_table("div"))
        painter.drawImage(QRectF(0, top, wide, 6), image)
        painter.setFont(font(10.5))
        painter.setPen(theme.color("text3"))
        low, high = self._targets
        flag, box = Qt.AlignmentFlag, QRectF(0, top + 8, wide, 16)
        painter.drawText(box, flag.AlignLeft, number(low, 2, signed=low < 0, trim=True))
        painter.drawText(box, flag.AlignHCenter, number((low + high) / 2, 2, trim=True))
        painter.drawText(box, flag.AlignRight, number(high, 2, signed=low < 0, trim=True))


class TaskView(QWidget):
    """Boundary, confusion with the worst predictions, fitted line, or a sentence where there is none of them."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("task")
        self._shown: tuple[str, int] = ("", -1)
        self._workbench, self._datasets = workbench, Datasets(self)
        self.boundary, self.confusion = Boundary(theme, self), Confusion(theme, self)
        self.gallery, self.fitted, self.table = Gallery(theme, self), Fitted(theme, self), TruthTable(theme, self)
        self._legend = Legend(theme, self)
        self._title = look(QLabel(self), "title")
        self._title.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._note = look(QLabel(self), "caption")
        self._note.setWordWrap(True)
        self._few = False
        self._colors = self._switch()
        self._stack = QStackedWidget(self)
        self._plane = self._page(self.boundary, self._side(self._title, self._legend, self.table, self._colors))
        self._matrix = self._page(self.confusion, self.gallery)
        self._line = self._page(self.fitted, self._note)
        self._words = look(QLabel(self), "caption")
        self._words.setWordWrap(True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for page in (self._words, self._plane, self._matrix, self._line):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 12, 12)
        layout.addWidget(self._stack)
        for source in (self.boundary, self.gallery):
            source.chosen.connect(workbench.follow)
        self.confusion.chosen.connect(self.gallery.show_cell)
        self._datasets.loaded.connect(self._show_data)
        workbench.document_changed.connect(lambda before, after: self._document_changed())
        workbench.snapshot_changed.connect(self._show_snapshot)
        workbench.sample_changed.connect(self._show_sample)
        workbench.theme_changed.connect(self.set_theme)
        self._document_changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The pictures are squares at the left; what explains them takes the rest."""
        super().resizeEvent(event)
        self._make_room()
        side = max(80, self.height() - 26)
        self.boundary.setFixedWidth(min(side, self.width() // 2))
        self.confusion.setFixedWidth(min(side + 6, self.width() // 2))
        self.fitted.setFixedWidth(min(round(side * 1.5), self.width() * 2 // 3))

    def _make_room(self) -> None:
        """In a low dock every row of a table or legend matters more than the switch of the colors."""
        least = LEAST_HEIGHT_FOR_ALL if self._few else LEAST_HEIGHT_FOR_SWITCH
        self._colors.setVisible(self.height() >= least)

    # -- building
    def _page(self, *parts: QWidget) -> QWidget:
        page = QWidget(self)
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        for part in parts:
            row.addWidget(part, 1)
        return page

    def _side(self, *parts: QWidget) -> QWidget:
        side = QWidget(self)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for part in parts:
            column.addWidget(part)
        return side

    def _switch(self) -> QWidget:
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        segments = look(QWidget(holder), "segments")
        inner = QHBoxLayout(segments)
        inner.setContentsMargins(2, 2, 2, 2)
        inner.setSpacing(0)
        group = QButtonGroup(self)
        for at, words in enumerate((self.tr("Smooth"), self.tr("Two colors"))):
            button = QPushButton(words, segments)
            button.setCheckable(True)
            button.setChecked(at == 0)
            button.setObjectName(f"boundary/{('smooth', 'two')[at]}")
            button.setToolTip((self.tr("Show how sure the network is"), self.tr("Show only which side wins"))[at])
            look(button, "segment")
            group.addButton(button, at)
            inner.addWidget(button)
        group.idClicked.connect(lambda at: self.boundary.set_two_colors(at == 1))
        row.addWidget(segments, 0, Qt.AlignmentFlag.AlignBottom)
        row.addStretch(1)
        return holder

    def set_theme(self, theme: Theme) -> None:
        for part in (self.boundary, self.confusion, self.gallery, self.fitted, self.table, self._legend):
            part.set_theme(theme)

    # -- following the workbench
    def _document_changed(self) -> None:
        document = self._workbench.document
        description = describe(document)
        if description is None or not document.nodes:
            self._words.setText(self.tr("With data and an Output, this shows the task:\ndecision boundary, confusion or fitted line."))
            self._stack.setCurrentWidget(self._words)
        elif description.is_plane:
            self._title.setText(self.tr("Prediction over the plane") if description.task == "regression" else self.tr("Decision boundary"))
            self._stack.setCurrentWidget(self._plane)
        elif description.task == "classification":
            self._stack.setCurrentWidget(self._matrix)
        elif description.input_shape == (1,):
            self._stack.setCurrentWidget(self._line)
        else:
            self._words.setText(self.tr("Regression: see the loss on the left."))
            self._stack.setCurrentWidget(self._words)
        self._show_data()
        self._show_snapshot(self._workbench.snapshot)

    def _range(self) -> tuple[float, float]:
        """The ends of the answers' scale: a no and a yes; in regression the targets' range, even about zero where it has both signs."""
        dataset = self._datasets.get(self._workbench.document.data)
        if dataset is None or dataset.description.task != "regression" or not len(dataset.train):
            return targets(self._workbench.document)
        low, high = float(dataset.train.y.min()), float(dataset.train.y.max())
        most = max(-low, high)
        return (-most, most) if low < 0 < high else (low, high)

    def _show_data(self) -> None:
        document = self._workbench.document
        dataset = self._datasets.get(document.data)
        self.boundary.show_data(dataset)
        few = dataset is not None and len(dataset.train) <= MOST_TABLE_ROWS and dataset.description.is_plane
        self.table.setVisible(few)
        self._legend.setVisible(not few)
        self._few = few
        self._make_room()
        alone = dataset is not None and dataset.validation is dataset.train
        self._legend.show_task(describe(document), *self._range(), validation=not alone)
        self._shown = ("", -1)
        self._show_sample(*self._workbench.sample)
        self._show_evaluation()

    def _show_snapshot(self, snapshot: Snapshot) -> None:
        page = self._stack.currentWidget()
        if snapshot.trace is not None:  # a pass shows a sample of its own batch
            self._show_sample(snapshot.trace.split, snapshot.trace.index)
        if page is self._plane:
            self.boundary.show_plane(snapshot.plane, *self._range())
        if page is not self._words:
            self._show_evaluation()

    def _show_evaluation(self) -> None:
        document, evaluation = self._workbench.document, self._workbench.snapshot.evaluation
        dataset = self._datasets.get(document.data)
        classes = dataset.description.classes if dataset is not None else ()
        self.confusion.show_evaluation(evaluation, classes)
        low, high = self._range()
        self.gallery.show_evaluation(evaluation, dataset, (low + high) / 2)
        self.fitted.show_evaluation(evaluation, dataset)
        self.table.show_evaluation(evaluation, dataset, low, high)
        if evaluation is not None:
            self._note.setText(self.tr("Points: the data. Line: the network's answers at step %s.") % f"{evaluation.step:,}")
        else:
            self._note.setText(self.tr("Points: the data. The line comes with the first answers."))

    def _show_sample(self, split: str, index: int) -> None:
        if (split, index) == self._shown:
            return
        self._shown = (split, index)
        self.boundary.show_sample(split, index)
        self.gallery.show_sample(split, index)
        self.table.show_sample(split, index)
