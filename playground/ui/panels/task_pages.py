"""The pages of the task view: which one fits a document's task, and those of classes, series and numbers."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from playground import data
from playground.data import Dataset, Description
from playground.data.series.forecasts import is_series
from playground.data.text import GROUP as TEXT
from playground.document import Document
from playground.engine.live.snapshot import Evaluation
from playground.ui.panels import strip_rows
from playground.ui.panels.confusion import Confusion
from playground.ui.panels.courses import Courses, StepErrors
from playground.ui.panels.forecast import ForecastPlot, ForecastSide
from playground.ui.panels.gallery import Gallery
from playground.ui.panels.mistakes import WANTED, Mistakes
from playground.ui.panels.scatter import Far, Scatter
from playground.ui.panels.strips import Strips
from playground.ui.theme import Theme

MOST_CLASSES, MOST_SYMBOLS = 100, 20
"""Of a table of predicted and true ones; names of symbols are told apart only where they have room. Of more, mistakes are listed."""


def kind_of(document: Document, description: Description | None) -> str:
    """Which page fits: ``"plane"``, ``"classes"``, ``"line"``, ``"series"``, ``"numbers"``, or ``""``: nothing can be shown yet."""
    if description is None or not document.nodes:
        return ""
    if description.is_plane:
        return "plane"
    if description.task == "classification":
        return "classes"
    if description.input_shape == (1,):
        return "line"
    return "series" if is_series(document.data.name) else "numbers"


def unit_of(document: Document) -> str:
    """What the document's text is cut into, characters or words; ``""`` where it learns from none."""
    name = document.data.name
    if name not in data.names() or (name != "text" and data.get(name).group != TEXT):
        return ""
    default = next(field.default for field in data.get(name).fields if field.name == "unit")
    return str(document.data.options.get("unit", default))


class Page(QWidget):
    """Parts side by side. ``chosen(split, index)`` when one of their samples is clicked."""

    chosen = Signal(str, int)

    def _lay(self, *parts: QWidget, spacing: int = 16) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(spacing)
        for part in parts:
            row.addWidget(part, 1)


class ClassesPage(Page):
    """Predicted and true classes, or where these are many the most frequent mistakes; beside them the worst samples."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.confusion, self.mistakes = Confusion(theme, self), Mistakes(theme, self)
        self.gallery, self.strips = Gallery(theme, self), Strips(theme, self)
        self._lay(self.confusion, self.mistakes, self.gallery, self.strips)
        for source in (self.gallery, self.strips):
            source.chosen.connect(self.chosen)
        for left in (self.confusion, self.mistakes):
            left.chosen.connect(self.gallery.show_cell)
            left.chosen.connect(self.strips.show_cell)

    def show_task(self, description: Description) -> None:
        """Bring those parts that fit."""
        many = len(description.classes) > (MOST_SYMBOLS if description.tokens else MOST_CLASSES)
        self.confusion.setVisible(not many)
        self.mistakes.setVisible(many)
        rows = strip_rows.fits(description)
        self.gallery.setVisible(not rows)
        self.strips.setVisible(rows)

    def show_evaluation(self, evaluation: Evaluation | None, dataset: Dataset | None, middle: float, unit: str) -> None:
        description = dataset.description if dataset is not None else None
        self.confusion.show_evaluation(evaluation, description.classes if description is not None else ())
        self.gallery.show_evaluation(evaluation, dataset, middle)
        if description is None:  # what another data set had is not this one's
            self.mistakes.show_evaluation(None, None, "")
            self.strips.show_evaluation(None, None)
        elif description.task == "classification":
            if not self.mistakes.isHidden():
                self.mistakes.show_evaluation(evaluation, description, unit)
            if not self.strips.isHidden():
                self.strips.show_evaluation(evaluation, dataset)

    def show_sample(self, split: str, index: int) -> None:
        self.gallery.show_sample(split, index)
        self.strips.show_sample(split, index)

    def make_widths(self, side: int, wide: int) -> None:
        most, head, wanted = wide * 54 // 100, self.confusion.head_width(), self.confusion.wanted_width(side)
        self.confusion.setFixedWidth(min(max(wanted, head) if head <= most else wanted, most))
        self.mistakes.setFixedWidth(min(WANTED, wide * 46 // 100))

    def set_theme(self, theme: Theme) -> None:
        for part in (self.confusion, self.mistakes, self.gallery, self.strips):
            part.set_theme(theme)


class SeriesPage(Page):
    """A forecast and what came. ``asked(split)``: another part of the series is to be looked at."""

    asked = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot, self.side = ForecastPlot(theme, self), ForecastSide(theme, self)
        self._lay(self.plot, self.side)
        self.plot.chosen.connect(self.chosen)
        self.side.asked.connect(self.asked)
        self.side.table.pointed.connect(self.plot.show_baseline)

    def show_evaluation(self, evaluation: Evaluation | None) -> None:
        self.plot.show_evaluation(evaluation)
        self.side.show_evaluation(evaluation)

    def show_sample(self, split: str, index: int) -> None:
        self.plot.show_sample(split, index)

    def make_widths(self, side: int, wide: int) -> None:
        self.plot.setFixedWidth(max(wide - 16 - min(max(wide * 38 // 100, 150), 200), 120))

    def set_theme(self, theme: Theme) -> None:
        self.plot.set_theme(theme)
        self.side.set_theme(theme)


class NumbersPage(Page):
    """Numbers predicted: of each sample one beside the true one, or of sequences the course of the worst and the error by step."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scatter, self.far = Scatter(theme, self), Far(theme, self)
        self.errors, self.courses = StepErrors(theme, self), Courses(theme, self)
        self._lay(self.scatter, self.far, self.errors, self.courses)
        for source in (self.scatter, self.courses):
            source.chosen.connect(self.chosen)

    def show_task(self, description: Description) -> None:
        """Bring those parts that fit."""
        for part in (self.scatter, self.far):
            part.setVisible(not description.steps)
        for part in (self.errors, self.courses):
            part.setVisible(description.steps)

    def show_evaluation(self, evaluation: Evaluation | None, dataset: Dataset | None) -> None:
        self.scatter.show_evaluation(evaluation, dataset)
        self.far.show_evaluation(evaluation)
        self.errors.show_evaluation(evaluation)
        self.courses.show_evaluation(evaluation, dataset)

    def show_sample(self, split: str, index: int) -> None:
        self.scatter.show_sample(split, index)
        self.courses.show_sample(split, index)

    def make_widths(self, side: int, wide: int) -> None:
        self.scatter.setFixedWidth(min(side + 14, wide * 55 // 100))
        self.errors.setFixedWidth(wide * 48 // 100)

    def set_theme(self, theme: Theme) -> None:
        for part in (self.scatter, self.far, self.errors, self.courses):
            part.set_theme(theme)
