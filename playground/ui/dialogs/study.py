"""Try several: other starts of the network, or other values of one or two of its fields, trained in the background."""

from __future__ import annotations

import time

from PySide6.QtCore import QElapsedTimer, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QProgressBar, QPushButton, QScrollArea, QVBoxLayout, QWidget

from playground.document import Document
from playground.engine.live import commands
from playground.engine.live.snapshot import Snapshot, Studied
from playground.errors import PlaygroundError
from playground.ui.branching import Branching
from playground.ui.dialogs import study_fields as fields
from playground.ui.dialogs.study_form import StudyForm
from playground.ui.dialogs.study_picture import StudyPicture
from playground.ui.numbers import count
from playground.ui.panels.controls import label
from playground.ui.settings import Settings
from playground.ui.style import look
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

FORM = 264
SIZE = (960, 640)
KEPT = "dialog/study"
LONGEST_NAME = 60
PICTURE_MILLISECONDS = 150
SLOWEST, FASTEST = 0.05, 20.0
"""How far a measured time may correct the guess of the next one."""


class StudyWindow(QDialog):
    """Stays open beside the window: training may go on meanwhile, and each point opens as a branch."""

    def __init__(self, workbench: Workbench, theme: Theme, branching: Branching, parent: QWidget) -> None:
        super().__init__(parent)
        self._ended = False
        self.setObjectName("study_window")
        self.setWindowTitle(self.tr("Try several"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._settings = Settings()
        size = self._settings.numbers(KEPT)
        self.resize(*(size if len(size) == 2 else SIZE))
        self._workbench, self._branching = workbench, branching
        self._titles: dict[str, str] = {}
        self._correction = 1.0
        self._shown = QElapsedTimer()
        self._begun: tuple[float, float] | None = None
        """When the study under way was asked for, and how long it was guessed to take."""
        self.picture = StudyPicture(theme, lambda path: self._titles.get(path, path))
        self.form = StudyForm(workbench.document)
        self._name_fields()
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 16, 20, 16)
        row.setSpacing(20)
        row.addLayout(self._left())
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(self.picture, 1)
        right.addLayout(self._end())
        row.addLayout(right, 1)
        self.picture.on_choice = self._tell
        self.form.changed.connect(self._estimate)
        workbench.snapshot_changed.connect(self._take)
        workbench.document_changed.connect(self._document_changed)
        workbench.theme_changed.connect(self.picture.set_theme)
        self._estimate()
        self._tell()
        self._take(workbench.snapshot)

    def _left(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(self.form)
        area.setFixedWidth(FORM + 12)
        self.form.setFixedWidth(FORM)
        column.addWidget(area, 1)
        self.estimate = label("", "label")
        self.estimate.setObjectName("study_estimate")
        self.estimate.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setObjectName("study_progress")
        self.bar.setTextVisible(False)
        self.go = QPushButton(self.tr("Try"))
        self.go.setObjectName("study_go")
        self.go.setToolTip(self.tr("Train them all in the background, beside the present run"))
        look(self.go, "primary")
        self.go.clicked.connect(self._go)
        for widget in (self.estimate, self.bar, self.go):
            widget.setFixedWidth(FORM)
            column.addWidget(widget)
        return column

    def _end(self) -> QHBoxLayout:
        end = QHBoxLayout()
        end.setSpacing(8)
        self.told = label("", "sentence")
        self.told.setObjectName("study_told")
        self.told.setWordWrap(True)
        end.addWidget(self.told, 1)
        self.both_button = QPushButton(self.tr("Open and compare"))
        self.both_button.setObjectName("study_compare")
        self.both_button.setToolTip(self.tr("Make it the present branch, with the one that is left on a second canvas beside it"))
        self.open_button = QPushButton(self.tr("Open as a branch"))
        self.open_button.setObjectName("study_open")
        self.open_button.setToolTip(self.tr("Make the chosen one the present branch: its weights, its curves"))
        for button, compare in ((self.both_button, True), (self.open_button, False)):
            button.setAutoDefault(False)
            button.clicked.connect(lambda _=False, compare=compare: self._open(compare))
            end.addWidget(button)
        return end

    def ask_for(self, kind: str) -> None:
        """Show the form of ``"starts"``, ``"grid"`` or ``"random"``."""
        self.form.choose(kind)

    def _name_fields(self) -> None:
        self._titles |= {one.path: one.title for one in fields.swept(self.form.document)}

    def _document_changed(self, before: Document, after: Document) -> None:
        self.form.show_document(after)
        self._name_fields()

    # -- starting and stopping
    def _go(self) -> None:
        if self._running:
            self._workbench.session.send(commands.CancelStudy())
            return
        errors = [problem for problem in self._workbench.problems() if problem.severity == "error"]
        if errors:
            self.form.wrong.setText(str(errors[0]))
        elif self.form.judge():
            self._begun = time.monotonic(), self._guess()
            self._workbench.session.send(self.form.command())

    @property
    def _running(self) -> bool:
        study = self._workbench.snapshot.study
        return study is not None and study.running

    def _guess(self) -> float:
        """Seconds that what the form asks for may take. Raises :class:`PlaygroundError`."""
        snapshot = self._workbench.snapshot
        samples = snapshot.steps_per_epoch * min(self.form.document.training.batch_size, 10**6)
        return self._correction * fields.guess((point.document for point in self.form.points()), self.form.length(), samples)

    def _estimate(self) -> None:
        """How many trainings, and about how long."""
        if self._running:
            return
        try:
            points, epochs = len(self.form.points()), self.form.length()
            words = self.tr("1 training of {epochs} epochs") if points == 1 else self.tr("{points} trainings of {epochs} epochs each")
            self.estimate.setText(f"{words.format(points=count(points), epochs=count(epochs))}, {fields.duration(self._guess())}")
        except PlaygroundError:
            self.estimate.setText("")
        else:
            self.form.judge()

    # -- what comes of it
    def _take(self, snapshot: Snapshot) -> None:
        study = snapshot.study
        if study is not None and study.running and self._shown.isValid() and self._shown.elapsed() < PICTURE_MILLISECONDS:
            return  # the next snapshot comes in a moment, and so many curves take their time
        if study is not self.picture.study:
            self._shown.restart() if self._shown.isValid() else self._shown.start()
            self.picture.show_study(study)
            if self.picture.chosen is None and study is not None and not study.running and self.picture.best() is not None:
                self.picture.choose(self.picture.best())
            self._tell()
        self._progress(study)

    def _progress(self, study: Studied | None) -> None:
        running = study is not None and study.running
        self.go.setText(self.tr("Cancel") if running else self.tr("Try"))
        self.bar.setVisible(running)
        if study is None:
            return
        self.bar.setRange(0, len(study.points))
        self.bar.setValue(study.done)
        if not running:
            self._measure(study)
            return
        words = self.tr("{done} of {total} tried").format(done=study.done, total=len(study.points))
        if self._begun is not None and study.done:
            left = (time.monotonic() - self._begun[0]) / study.done * (len(study.points) - study.done)
            words = self.tr("{words}, {time} left").format(words=words, time=fields.duration(left))
        self.estimate.setText(words)

    def _measure(self, study: Studied) -> None:
        """The study has ended: correct the next guess by how long this one took."""
        if self._begun is None:
            return
        (begun, guessed), self._begun = self._begun, None
        if study.done == len(study.points) and guessed > 0:
            took = (time.monotonic() - begun) / guessed
            self._correction = min(max(self._correction * took, SLOWEST), FASTEST)
        self._estimate()

    def _tell(self) -> None:
        at, study = self.picture.chosen, self.picture.study
        there = study is not None and at is not None and at < len(study.points)
        self.told.setText(self.picture.told(at) if there and at is not None else "")
        done = there and study is not None and at is not None and study.points[at].state == "done"
        self.open_button.setEnabled(done)
        self.open_button.setText(self.tr("Keep this one") if study is not None and not study.axes else self.tr("Open as a branch"))
        self.both_button.setEnabled(done and self._workbench.snapshot.step > 0)

    def _open(self, compare: bool) -> None:
        at, study = self.picture.chosen, self.picture.study
        if study is None or at is None:
            return
        left = self._workbench.snapshot.run
        self._branching.open_point(at, self.picture.place(at)[:LONGEST_NAME], study.points[at].document)
        if compare:
            self._branching.compare(left)

    def done(self, result: int) -> None:
        """Closed, by Escape too: a study that nobody looks at ends; what was opened as a branch stays."""
        self._settings.put(KEPT, [self.width(), self.height()])
        if not self._ended:  # a dialog may be closed again before it is deleted
            self._ended = True
            bench = self._workbench
            bench.snapshot_changed.disconnect(self._take)
            bench.document_changed.disconnect(self._document_changed)
            bench.theme_changed.disconnect(self.picture.set_theme)
            bench.session.send(commands.CancelStudy(forget=True))
        super().done(result)
