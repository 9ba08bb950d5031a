"""The dock's right side: the view that fits the task, with its legend and its switch."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from playground import data, turns
from playground.anim.cursor import Cursor
from playground.data import Description
from playground.data.pictures import shape_of
from playground.document import Document
from playground.document.graph import function_of
from playground.engine.live.commands import Evaluate
from playground.engine.live.snapshot import Snapshot
from playground.errors import PlaygroundError
from playground.ui.answers import answers, old
from playground.ui.datasets import Datasets
from playground.ui.numbers import count
from playground.ui.panels.boundary import Boundary
from playground.ui.panels.chart_series import of_a_perceptron
from playground.ui.panels.controls import Elided
from playground.ui.panels.draw import DrawPage
from playground.ui.panels.embedding import EmbeddingPage
from playground.ui.panels.fitted import Fitted
from playground.ui.panels.lines import Borders, borders
from playground.ui.panels.task_legend import FittedLegend, Legend, LineLegend, Placeholder
from playground.ui.panels.task_pages import ClassesPage, NumbersPage, SeriesPage, kind_of, unit_of
from playground.ui.panels.task_rail import Rail
from playground.ui.panels.truth_table import TruthTable
from playground.ui.panels.try_text import TryTextPage
from playground.ui.style import look
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

MOST_TABLE_ROWS = 8
LEAST_WIDTH = 200
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


def _steps(document: Document) -> bool:
    """Whether the network is one neuron that says no or yes and nothing between."""
    functions = {function_of(document, node) for node in document.nodes}
    return of_a_perceptron(document) and "step" in functions


class TaskView(QWidget):
    """Boundary, classes with the worst predictions, fitted line, forecast, numbers, or a sentence where there is none of them."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("task")
        self._shown: tuple[str, int] = ("", -1)
        self._workbench, self._datasets = workbench, Datasets(self)
        self.boundary, self.fitted, self.table = Boundary(theme, self), Fitted(theme, self), TruthTable(theme, self)
        self.classes, self.series, self.numbers = ClassesPage(theme, self), SeriesPage(theme, self), NumbersPage(theme, self)
        self.confusion, self.gallery = self.classes.confusion, self.classes.gallery
        self._legend, self._line_legend = Legend(theme, self), LineLegend(theme, self)
        self._borders: Borders | None = None
        self._cursor: Cursor | None = None
        self._title = look(QLabel(self), "title")
        self._title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.when = Elided("caption", Qt.TextElideMode.ElideRight)
        self._note = FittedLegend(theme, self)
        self._few = False
        self._colors = self._switch()
        self._stack = QStackedWidget(self)
        head = self._page(self._title, self.when, spacing=8)
        self._plane = self._page(self.boundary, self._side(head, self._line_legend, self._legend, self.table, self._colors))
        self._line = self._page(self.fitted, self._note)
        self._words = Placeholder(theme, self)
        self._pages = {"": self._words, "plane": self._plane, "line": self._line}
        self._pages |= {"classes": self.classes, "series": self.series, "numbers": self.numbers}
        for page in self._pages.values():
            self._stack.addWidget(page)
        self.draw, self.embedding, self.rail = DrawPage(workbench, theme, self), EmbeddingPage(workbench, theme, self), Rail(theme, self)
        self.text = TryTextPage(workbench, theme, self)
        self._views = QStackedWidget(self)
        for page in (self._stack, self.draw, self.text, self.embedding):
            self._views.addWidget(page)
        self._views.setMinimumWidth(LEAST_WIDTH)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 14, 12, 12)
        layout.setSpacing(12)
        layout.addWidget(self.rail)
        layout.addWidget(self._views, 1)
        self.rail.chosen.connect(self.show_view)
        for source in (self.boundary, self.fitted, self.classes, self.series, self.numbers):
            source.chosen.connect(workbench.follow)
        self.series.asked.connect(lambda split: workbench.session.send(Evaluate(split)))
        self._datasets.loaded.connect(self._show_data)
        workbench.document_changed.connect(lambda before, after: self._document_changed())
        workbench.snapshot_changed.connect(self._show_snapshot)
        workbench.sample_changed.connect(self._show_sample)
        workbench.theme_changed.connect(self.set_theme)
        self._document_changed()

    def show_view(self, name: str) -> None:
        """Bring a view to the front: ``"task"``, ``"draw"``, ``"text"`` or ``"embedding"``; where it does not fit the data it says
        what it needs."""
        self.rail.show_views((*self._offered(), name))
        self.rail.choose(name)
        pages = {"task": self._stack, "draw": self.draw, "text": self.text, "embedding": self.embedding}
        shown, left = pages[name], self._views.currentWidget()
        focused = left is not shown and left.isAncestorOf(self.focusWidget()) if self.focusWidget() is not None else False
        self._views.setCurrentWidget(shown)
        if focused:
            self.rail.buttons[name].setFocus()
        self._make_widths()

    @property
    def view(self) -> str:
        """Which view is in front."""
        return {self.draw: "draw", self.text: "text", self.embedding: "embedding"}.get(self._views.currentWidget(), "task")

    def _offered(self) -> tuple[str, ...]:
        """The views that fit the document: drawing where samples are pictures, typing where they are symbols, an embedding where there are
        classes, one a sample, and a layer before the answer."""
        document, description = self._workbench.document, describe(self._workbench.document)
        if description is None or not document.nodes:
            return ("task",)
        draws = ("draw",) if shape_of(description) is not None else ()
        embeds = description.task == "classification" and not description.steps and not of_a_perceptron(document)
        types = ("text",) if description.tokens else ()
        return ("task", *draws, *types, *(("embedding",) if embeds else ()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The pictures are squares at the left; what explains them takes the rest."""
        super().resizeEvent(event)
        self._make_room()
        self._make_widths()

    def _make_widths(self) -> None:
        side, wide = max(80, self.height() - 26), self.width() - (self.rail.width() + 12 if self.rail.isVisibleTo(self) else 0)
        self.boundary.setFixedWidth(min(side, wide // 2))
        for page in (self.classes, self.series, self.numbers):
            page.make_widths(side, wide)
        self.fitted.setFixedWidth(min(round(side * 1.5), wide * 2 // 3))

    def _make_room(self) -> None:
        """In a low dock every row of a table or legend matters more than the switch of the colors."""
        least = LEAST_HEIGHT_FOR_ALL if self._few else LEAST_HEIGHT_FOR_SWITCH
        self._colors.setVisible(self.height() >= least and self._borders is None)
        low = self.height() < LEAST_HEIGHT_FOR_SWITCH
        self._line_legend.set_low(low)
        self._column.setSpacing(2 if low else 6)

    # -- building
    def _page(self, *parts: QWidget, spacing: int = 16) -> QWidget:
        page = QWidget(self)
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(spacing)
        for part in parts:
            row.addWidget(part, 1)
        return page

    def _side(self, *parts: QWidget) -> QWidget:
        side = QWidget(self)
        column = self._column = QVBoxLayout(side)
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
        for part in (
            self.boundary,
            self.classes,
            self.series,
            self.numbers,
            self.fitted,
            self.table,
            self._legend,
            self._line_legend,
            self._note,
            self._words,
            self.rail,
        ):
            part.set_theme(theme)

    # -- following the workbench
    def _document_changed(self) -> None:
        document = self._workbench.document
        description = describe(document)
        kind = kind_of(document, description)
        if description is None or not kind:
            self._words.show_words(
                self.tr("no data yet") if description is None else self.tr("no Output yet"),
                self.tr("With data and an Output, this shows the task: decision boundary, confusion, forecast or fitted line."),
            )
        elif kind == "classes":
            self.classes.show_task(description)
        elif kind == "numbers":
            self.numbers.show_task(description)
        self._stack.setCurrentWidget(self._pages[kind])
        self.show_view(self.view if self.view in self._offered() else "task")
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
        if dataset is not None or not document.data.name:  # while one is loaded the pad is left alone
            self.draw.show_data(dataset, document)
            self.text.show_data(dataset, document)
            self.embedding.show_data(dataset, document)
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

    @turns.window
    def _show_snapshot(self, snapshot: Snapshot) -> None:
        page = self._stack.currentWidget()
        if snapshot.trace is not None:  # a pass shows a sample of its own batch
            self._show_sample(snapshot.trace.split, snapshot.trace.index)
        if page is self._plane:
            self._show_borders(borders(self._workbench.document, snapshot, old=old(snapshot, self._cursor)))
            self.boundary.show_plane(answers(snapshot, self._cursor).plane, *self._range())
        if page is not self._words:
            self._show_evaluation()

    def follow_pass(self, cursor: Cursor | None) -> None:
        """Show the answers of the network that the pass ran in, from its update on those of the new one."""
        before, self._cursor, snapshot = self._cursor, cursor, self._workbench.snapshot
        if old(snapshot, before) != old(snapshot, cursor):
            self._show_snapshot(snapshot)

    def _show_borders(self, found: Borders | None) -> None:
        """A single neuron with a step has a line with a formula, and no shades to choose between."""
        description, stepping = describe(self._workbench.document), _steps(self._workbench.document)
        self._borders = found if stepping else None
        self.boundary.show_borders(self._borders)
        self._line_legend.show_borders(self._borders, *self.boundary.in_sight())
        self._make_room()
        if description is not None and description.task == "regression":
            self._title.setText(self.tr("Prediction over the plane"))
        elif stepping and description is not None:
            self._title.setText(self.tr("Where it answers {name}").format(name=description.classes[-1]))
        else:
            self._title.setText(self.tr("Decision boundary"))

    def _show_moment(self, snapshot: Snapshot) -> None:
        """Say which network answers here, where the canvas shows a pass of another one: after each step their answers differ a little."""
        shown = answers(snapshot, self._cursor)
        step = shown.step if shown.evaluation is None else shown.evaluation.step
        apart = snapshot.passed is not None and snapshot.trace is not None and snapshot.trace.step != step
        long, short = self.tr("after step {step}"), self.tr("step {step}")
        self.when.set_text(*(words.format(step=count(step)) if apart else "" for words in (long, short)))

    def _show_evaluation(self) -> None:
        document, evaluation = self._workbench.document, answers(self._workbench.snapshot, self._cursor).evaluation
        self._show_moment(self._workbench.snapshot)
        dataset = self._datasets.get(document.data)
        low, high = self._range()
        self.classes.show_evaluation(evaluation, dataset, (low + high) / 2, unit_of(document))
        self._make_widths()
        page = self._stack.currentWidget()
        if page is self.series:
            self.series.show_evaluation(evaluation)
        elif page is self.numbers:
            self.numbers.show_evaluation(evaluation, dataset)
        self.fitted.show_evaluation(evaluation, dataset)
        self.table.show_evaluation(evaluation, dataset, low, high)
        step = self.tr("at step {step}").format(step=count(evaluation.step)) if evaluation is not None else ""
        self._note.show_line(self.fitted.words(), step)

    def _show_sample(self, split: str, index: int) -> None:
        if (split, index) == self._shown:
            return
        self._shown = (split, index)
        self.boundary.show_sample(split, index)
        for page in (self.classes, self.series, self.numbers):
            page.show_sample(split, index)
        self.fitted.show_sample(split, index)
        self.table.show_sample(split, index)
