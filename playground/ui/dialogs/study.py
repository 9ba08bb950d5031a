"""Try several: other starts of the network, or other values of one or two of its fields, trained in the background."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from playground.engine import commands, sweep
from playground.engine.snapshot import Snapshot, Studied
from playground.engine.sweep import Axis
from playground.errors import PlaygroundError
from playground.ui.branching import Branching
from playground.ui.dialogs.study_fields import Swept, swept
from playground.ui.dialogs.study_picture import StudyPicture, best
from playground.ui.numbers import number
from playground.ui.panels.controls import Segments, label
from playground.ui.style import look
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

FORM = 264
STARTS, EPOCHS, VALUES, DRAWS = 8, 20, 5, 12


class _FieldRow(QWidget):
    """A field to vary, its ends, how many values, and whether they are spaced by equal factors."""

    def __init__(self, name: str, fields: list[Swept], optional: bool) -> None:
        super().__init__()
        self._fields = fields
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        self.field = QComboBox()
        self.field.setObjectName(f"{name}_field")
        self.field.setAccessibleName(self.tr("Field to vary"))
        self._offset = 1 if optional else 0
        self.field.addItems([*([self.tr("no second field")] if optional else []), *(one.title for one in fields)])
        grid.addWidget(self.field, 0, 0, 1, 4)
        self.edits = []
        for column, (part, words) in enumerate((("low", self.tr("from")), ("high", self.tr("to")), ("count", self.tr("values")))):
            grid.addWidget(label(words, "caption"), 1, column)
            edit = QLineEdit()
            edit.setObjectName(f"{name}_{part}")
            edit.setAccessibleName(words)
            grid.addWidget(edit, 2, column)
            self.edits.append(edit)
        self.log = QCheckBox(self.tr("equal factors"))
        self.log.setObjectName(f"{name}_log")
        self.log.setToolTip(self.tr("Space the values by equal factors: 0.001, 0.01, 0.1"))
        grid.addWidget(self.log, 3, 0, 1, 4)
        self.field.currentIndexChanged.connect(self._propose)
        self._propose()

    @property
    def chosen(self) -> Swept | None:
        at = self.field.currentIndex() - self._offset
        return self._fields[at] if 0 <= at < len(self._fields) else None

    def _propose(self) -> None:
        one = self.chosen
        for edit in (*self.edits, self.log):
            edit.setEnabled(one is not None)
        if one is not None:
            values = (number(one.low, 3, trim=True), number(one.high, 3, trim=True), str(VALUES))
            for edit, text in zip(self.edits, values, strict=True):
                edit.setText(text.replace(",", ""))
            self.log.setChecked(one.log)

    def axis(self) -> Axis | None:
        """Raises ``ValueError`` where a number is none."""
        one = self.chosen
        if one is None:
            return None
        low, high = (float(edit.text().replace("−", "-")) for edit in self.edits[:2])
        return Axis(one.path, low=low, high=high, count=int(self.edits[2].text()), log=self.log.isChecked())


class StudyWindow(QDialog):
    """Stays open beside the window: training may go on meanwhile, and each point opens as a branch."""

    def __init__(self, workbench: Workbench, theme: Theme, branching: Branching, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("study_window")
        self.setWindowTitle(self.tr("Try several"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(820, 540)
        self._workbench, self._branching = workbench, branching
        self._fields = swept(workbench.document)
        self._titles = {one.path: one.title for one in self._fields}
        self.picture = StudyPicture(theme, lambda path: self._titles.get(path, path))
        self.picture.on_choice = self._tell
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 16, 20, 16)
        row.setSpacing(20)
        row.addLayout(self._form())
        right = QVBoxLayout()
        right.addWidget(self.picture, 1)
        end = QHBoxLayout()
        self._told = label("", "sentence")
        self._told.setObjectName("study_told")
        self._told.setWordWrap(True)
        end.addWidget(self._told, 1)
        self.open_button = QPushButton(self.tr("Open as a branch"))
        self.open_button.setObjectName("study_open")
        self.open_button.setAutoDefault(False)
        self.open_button.clicked.connect(self._open)
        end.addWidget(self.open_button)
        right.addLayout(end)
        row.addLayout(right, 1)
        workbench.snapshot_changed.connect(self._take)
        workbench.theme_changed.connect(self.picture.set_theme)
        self._take(workbench.snapshot)

    def _form(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        self.kind = Segments(
            [
                ("study_starts", self.tr("Starts"), self.tr("The same network and settings from other initial weights")),
                ("study_grid", self.tr("Grid"), self.tr("Every combination of the values of one or two fields")),
                ("study_random", self.tr("Random"), self.tr("Values drawn by chance within the ends")),
            ]
        )
        self.kind.choose(0)
        self.kind.chosen.connect(lambda _: self._arrange())
        column.addWidget(self.kind)
        self.first, self.second = _FieldRow("first", self._fields, False), _FieldRow("second", self._fields, True)
        column.addWidget(self.first)
        column.addWidget(self.second)
        grid = QGridLayout()
        grid.setSpacing(6)
        self.count, self.epochs = QLineEdit(str(STARTS)), QLineEdit(str(EPOCHS))
        self._count_label = label(self.tr("Starts"))
        for at, (name, words, edit) in enumerate(
            (("study_count", self._count_label, self.count), ("study_epochs", label(self.tr("Epochs each")), self.epochs))
        ):
            edit.setObjectName(name)
            edit.setAccessibleName(words.text())
            grid.addWidget(words, at, 0)
            grid.addWidget(edit, at, 1)
        column.addLayout(grid)
        self._wrong = label("", "bad")
        self._wrong.setObjectName("study_wrong")
        self._wrong.setWordWrap(True)
        column.addWidget(self._wrong)
        column.addStretch(1)
        self._done = label("", "caption")
        column.addWidget(self._done)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        column.addWidget(self._bar)
        self.go = QPushButton(self.tr("Try"))
        self.go.setObjectName("study_go")
        look(self.go, "primary")
        self.go.clicked.connect(self._go)
        column.addWidget(self.go)
        for widget in (self.kind, self.first, self.second, self._wrong, self._bar, self.go):
            widget.setFixedWidth(FORM)
        self._arrange()
        return column

    def _arrange(self) -> None:
        """Show what this kind of study asks for."""
        at = self.kind.group.checkedId()
        for row in (self.first, self.second):
            row.setVisible(at > 0)
            row.edits[2].setVisible(at == 1)
        self.count.setVisible(at != 1)
        self._count_label.setVisible(at != 1)
        self._count_label.setText(self.tr("Starts") if at == 0 else self.tr("Points"))
        with QSignalBlocker(self.count):
            self.count.setText(str(STARTS if at == 0 else DRAWS))

    # -- starting and stopping
    def _go(self) -> None:
        study = self._workbench.snapshot.study
        if study is not None and study.running:
            self._workbench.session.send(commands.CancelStudy())
            return
        errors = [problem for problem in self._workbench.problems() if problem.severity == "error"]
        if errors:
            self._wrong.setText(str(errors[0]))
            return
        try:
            self._workbench.session.send(self._command())
        except PlaygroundError as error:
            self._wrong.setText(str(error))
        except ValueError:
            self._wrong.setText(self.tr("A number is missing, or is none."))
        else:
            self._wrong.setText("")

    def _command(self) -> commands.Study | commands.Restarts:
        """Raises :class:`PlaygroundError` and ``ValueError`` where the form asks for nothing that can be tried."""
        document, epochs, at = self._workbench.document, int(self.epochs.text()), self.kind.group.checkedId()
        if epochs < 1:
            raise ValueError(epochs)
        if at == 0:
            sweep.restarts(document, 0, int(self.count.text()))  # refuses too many here, where it can be said
            return commands.Restarts(int(self.count.text()), epochs)
        axes = [axis for axis in (self.first.axis(), self.second.axis()) if axis is not None]
        seed = document.training.seed
        paths = tuple(axis.path for axis in axes)
        if at == 1:
            return commands.Study(sweep.grid(document, axes, seed), epochs, "grid", paths)
        return commands.Study(sweep.random(document, axes, int(self.count.text()), draw=seed, seed=seed), epochs, "random", paths)

    # -- what comes of it
    def _take(self, snapshot: Snapshot) -> None:
        study = snapshot.study
        if study is not self.picture.study:
            self.picture.show_study(study)
            if self.picture.chosen is None and study is not None and not study.running and best(study) is not None:
                self.picture.choose(best(study))
            self._tell()
        self._progress(study)

    def _progress(self, study: Studied | None) -> None:
        running = study is not None and study.running
        self.go.setText(self.tr("Cancel") if running else self.tr("Try"))
        self._bar.setVisible(running)
        if study is None:
            self._done.setText("")
            return
        self._bar.setRange(0, len(study.points))
        self._bar.setValue(study.done)
        self._done.setText(self.tr("{done} of {total} tried").format(done=study.done, total=len(study.points)))

    def _tell(self) -> None:
        at, study = self.picture.chosen, self.picture.study
        there = study is not None and at is not None and at < len(study.points)
        self._told.setText(self.picture.told(at) if there and at is not None else "")
        self.open_button.setEnabled(there and study is not None and at is not None and study.points[at].state == "done")

    def _open(self) -> None:
        at, study = self.picture.chosen, self.picture.study
        if study is not None and at is not None:
            self._branching.open_point(at, self.picture.place(at)[:60], study.points[at].document)

    def closeEvent(self, event: QCloseEvent) -> None:
        """A study that nobody looks at ends; what was opened as a branch stays."""
        self._workbench.snapshot_changed.disconnect(self._take)
        self._workbench.theme_changed.disconnect(self.picture.set_theme)
        self._workbench.session.send(commands.CancelStudy(forget=True))
        super().closeEvent(event)
