"""The form of a study: starts, a grid or random values; which fields, which values; how many trainings that makes, and how long."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QCompleter, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from playground.document import Document
from playground.engine.experiments import sweep
from playground.engine.experiments.sweep import Axis, Point
from playground.engine.live import commands
from playground.errors import PlaygroundError
from playground.ui.dialogs import study_fields as fields
from playground.ui.dialogs import study_scores as scores
from playground.ui.dialogs.study_fields import Swept
from playground.ui.numbers import number
from playground.ui.panels.controls import Segments, label
from playground.ui.style import refresh
from playground.ui.wheel import Passing
from playground.ui.wording import declared

STARTS, EPOCHS, VALUES, DRAWS = 8, 20, 5, 12
KINDS = ("starts", "grid", "random")
MOST_EPOCHS = 100_000
LARGEST_SEED = 2**31 - 1


class FieldRow(QWidget):
    """A field to vary, found by typing a part of its name; its ends, how many values and how they are spaced, or a list of one's own."""

    changed = Signal()

    def __init__(self, name: str, swept: list[Swept], optional: bool) -> None:
        super().__init__()
        self._optional, self._fields, self._proposed = optional, swept, ""
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        self.field = QComboBox()
        self.field.setObjectName(f"{name}_field")
        self.field.setAccessibleName(self.tr("Field to vary"))
        self.field.setToolTip(self.tr("Choose a field, or type a part of its name"))
        self.field.setEditable(True)
        self.field.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        Passing(self.field)
        completer = self.field.completer()
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._none = self.tr("no second field")
        grid.addWidget(self.field, 0, 0, 1, 3)
        self.edits: list[QLineEdit] = []
        self._captions = []
        tips = (self.tr("The smallest value"), self.tr("The largest value"), self.tr("How many values, the ends among them"))
        for column, (part, words) in enumerate((("low", self.tr("from")), ("high", self.tr("to")), ("count", self.tr("values")))):
            self._captions.append(label(words, "caption"))
            grid.addWidget(self._captions[-1], 1, column)
            self.edits.append(self._edit(f"{name}_{part}", words))
            self.edits[-1].setToolTip(tips[column])
            grid.addWidget(self.edits[-1], 2, column)
        self.log = QCheckBox(self.tr("equal factors"))
        self.log.setObjectName(f"{name}_log")
        self.log.setToolTip(self.tr("Space the values by equal factors: 0.001, 0.01, 0.1"))
        self.log.toggled.connect(lambda _: self.changed.emit())
        grid.addWidget(self.log, 3, 0, 1, 3)
        self.own = self._edit(f"{name}_own", self.tr("Values of your own"))
        self.own.setToolTip(self.tr("These values instead of a range, parted by commas"))
        self.own.textChanged.connect(lambda _: self._arrange())
        self.own.setPlaceholderText(self.tr("or values of your own: 1, 2, 5"))
        grid.addWidget(self.own, 4, 0, 1, 3)
        self.wrong = label("", "bad")
        self.wrong.setObjectName(f"{name}_wrong")
        self.wrong.setWordWrap(True)
        self.wrong.hide()
        grid.addWidget(self.wrong, 5, 0, 1, 3)
        self._count_wanted = True
        self.offer(swept)
        self.field.lineEdit().textChanged.connect(lambda _: self._named())

    def _edit(self, name: str, words: str) -> QLineEdit:
        edit = QLineEdit()
        edit.setObjectName(name)
        edit.setAccessibleName(words)
        edit.textChanged.connect(lambda _: self.changed.emit())
        return edit

    def offer(self, swept: list[Swept]) -> None:
        """The fields of another document; the chosen one stays, where it is there."""
        before = self.chosen.path if self.field.count() and self.chosen is not None else None
        self._fields = swept
        paths = [one.path for one in swept]
        with QSignalBlocker(self.field.lineEdit()):
            self.field.clear()
            self.field.addItems([*([self._none] if self._optional else []), *(one.title for one in swept)])
            if before in paths:
                self.field.setCurrentIndex(paths.index(before) + self._optional)
        if before not in paths:
            self._propose()

    @property
    def chosen(self) -> Swept | None:
        """The field; ``None`` where there is none of the name that stands there."""
        text = self.field.currentText().strip().lower()
        return next((one for one in self._fields if one.title.lower() == text), None)

    def want_count(self, wanted: bool) -> None:
        """Whether the form asks for how many values: a grid does."""
        self._count_wanted = wanted
        self._arrange()

    def _named(self) -> None:
        """Another name stands there: of a field, or a part of one that is still being typed."""
        one = self.chosen
        if one is not None and one.path != self._proposed:
            self._propose()
            return
        self._arrange()
        self.changed.emit()

    def _propose(self) -> None:
        one = self.chosen
        self._proposed = one.path if one is not None else ""
        if one is not None:
            for edit, text in zip(self.edits, (number(one.low, 3, trim=True), number(one.high, 3, trim=True), str(VALUES)), strict=True):
                edit.setText(text.replace(",", ""))
            self.log.setChecked(one.log)
            self.own.setText(", ".join(map(scores.words, one.choices)))
            self.own.setCursorPosition(0)
        self._arrange()
        self.changed.emit()

    def _arrange(self) -> None:
        one = self.chosen
        asked = self.field.currentText() != self._none  # of no second field there is nothing to say
        numeric = one is None or not one.choices
        ranged = one is not None and not self.own.text().strip()  # values of one's own go before the range
        for place, (caption, edit) in enumerate(zip(self._captions, self.edits, strict=True)):
            for widget in (caption, edit):
                widget.setVisible(asked and numeric and (place < 2 or self._count_wanted))
                widget.setEnabled(ranged)
        self.log.setVisible(asked and numeric)
        self.own.setVisible(asked)
        self.log.setEnabled(ranged)
        self.own.setEnabled(one is not None)

    def axis(self) -> Axis | None:
        """Raises :class:`PlaygroundError` with a sentence on the first thing that is wrong."""
        one, text = self.chosen, self.field.currentText().strip()
        if one is None:
            if self._optional and text in ("", self._none):
                return None
            raise PlaygroundError(self.tr("There is no field “{text}” here. Choose one of the list.").format(text=text))
        low, high, count = (edit.text() for edit in self.edits)
        return fields.axis(one, low, high, count if self._count_wanted else "1", self.log.isChecked(), self.own.text())

    def complain(self, text: str) -> None:
        self.wrong.setText(text)
        self.wrong.setVisible(bool(text))


class StudyForm(QWidget):
    """``changed`` is emitted with every letter. :meth:`command` is what the form asks for."""

    changed = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document
        swept = fields.swept(document)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        self.kind = Segments(
            [
                ("study_starts", self.tr("Starts"), self.tr("The same network and settings from other initial weights")),
                ("study_grid", self.tr("Grid"), self.tr("Every combination of the values of one or two fields")),
                ("study_random", self.tr("Random"), self.tr("Values drawn by chance within the ends")),
            ]
        )
        column.addWidget(self.kind)
        self.first, self.second = FieldRow("first", swept, False), FieldRow("second", swept, True)
        column.addWidget(self.first)
        column.addWidget(self.second)
        grid = QGridLayout()
        grid.setSpacing(6)
        self.count, self.epochs, self.seed = (QLineEdit(str(text)) for text in (STARTS, EPOCHS, document.training.seed))
        self._names = [label(words) for words in (self.tr("Starts"), self.tr("Epochs each"), self.tr("Seed"))]
        for at, (name, edit) in enumerate((("study_count", self.count), ("study_epochs", self.epochs), ("study_seed", self.seed))):
            edit.setObjectName(name)
            edit.setAccessibleName(self._names[at].text())
            edit.textChanged.connect(lambda _: self.changed.emit())
            grid.addWidget(self._names[at], at, 0)
            grid.addWidget(edit, at, 1)
        self.count.setToolTip(self.tr("From how many initial weights to train"))
        self.epochs.setToolTip(self.tr("How long each of them is trained"))
        self.seed.setToolTip(self.tr("Of the initial weights and orders, the same for all; random values are drawn from it too"))
        column.addLayout(grid)
        self.wrong = label("", "bad")
        self.wrong.setObjectName("study_wrong")
        self.wrong.setWordWrap(True)
        column.addWidget(self.wrong)
        column.addStretch(1)
        for row in (self.first, self.second):
            row.changed.connect(self.changed)
        self.kind.chosen.connect(lambda _: self._arrange())
        self.choose("starts")

    @property
    def asked(self) -> str:
        """``"starts"``, ``"grid"`` or ``"random"``."""
        return KINDS[max(self.kind.group.checkedId(), 0)]

    def choose(self, kind: str) -> None:
        """Ask for this kind of study."""
        self.kind.choose(KINDS.index(kind))
        self._arrange()

    def show_document(self, document: Document) -> None:
        """Offer another document's fields."""
        self.document = document
        for row in (self.first, self.second):
            row.offer(fields.swept(document))
        self.changed.emit()

    def _arrange(self) -> None:
        """Show what this kind of study asks for."""
        asked = self.asked
        for row in (self.first, self.second):
            row.setVisible(asked != "starts")
            row.want_count(asked == "grid")
        for widget in (self.count, self._names[0]):
            widget.setVisible(asked != "grid")
        for widget in (self.seed, self._names[2]):
            widget.setVisible(asked != "starts")
        self._names[0].setText(self.tr("Starts") if asked == "starts" else self.tr("Points"))
        if asked != "grid":
            self.count.setText(str(STARTS if asked == "starts" else DRAWS))
        self.changed.emit()

    def points(self) -> tuple[Point, ...]:
        """What would be trained; of starts, as many of this document. Raises :class:`PlaygroundError` as :meth:`command` does."""
        if self.asked == "starts":
            return sweep.restarts(self.document, 0, self._number(self.count))
        axes = [axis for axis in (row.axis() for row in (self.first, self.second)) if axis is not None]
        seed = fields.whole(self._names[2].text(), self.seed.text(), LARGEST_SEED, 0)
        if self.asked == "grid":
            return sweep.grid(self.document, axes, seed)
        return sweep.random(self.document, axes, self._number(self.count), draw=seed, seed=seed)

    def length(self) -> int:
        """How many epochs each is trained. Raises :class:`PlaygroundError`."""
        return fields.whole(self._names[1].text(), self.epochs.text(), MOST_EPOCHS)

    def command(self) -> commands.Study | commands.Restarts:
        """Raises :class:`PlaygroundError` with a sentence where the form asks for nothing that can be tried."""
        points, epochs = self.points(), self.length()
        if self.asked == "starts":
            return commands.Restarts(len(points), epochs)
        paths = [axis.path for row in (self.first, self.second) if (axis := row.axis()) is not None]
        return commands.Study(points, epochs, self.asked, tuple(paths))

    def _number(self, edit: QLineEdit) -> int:
        return fields.whole(self._names[0].text(), edit.text(), sweep.MOST_POINTS)

    def judge(self) -> bool:
        """Say what is wrong, each thing beside what it is about; whether nothing is."""
        good = True
        for row in (self.first, self.second):
            words = ""
            if self.asked != "starts":
                try:
                    row.axis()
                except PlaygroundError as error:
                    words = declared(error.message)
            row.complain(words)
            good = good and not words
        words = ""
        if good:
            try:
                self.command()
            except PlaygroundError as error:
                words = declared(str(error))
        if words != self.wrong.text():
            self.wrong.setText(words)
            refresh(self.wrong)
        return good and not words
