"""The status line: the keys that work now, notices, and what the machine is doing."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from playground import turns
from playground.engine.live.snapshot import Snapshot
from playground.layers import registry
from playground.ui import pace as paces
from playground.ui.actions import Actions
from playground.ui.geometry import MEDIUM, Geometry
from playground.ui.jobs import Work
from playground.ui.numbers import count, plain
from playground.ui.panels.controls import Elided, label
from playground.ui.panels.editors import readable
from playground.ui.style import look
from playground.ui.theme import Theme
from playground.ui.wording import declared
from playground.ui.workbench import Workbench

NOTICE_MILLISECONDS = 6000
REFRESH_MILLISECONDS = 500
BAR_PARTS = 1000
INSTRUCTION_SETS = {"avx512": "AVX-512", "avx2": "AVX2"}


class StatusLine(QWidget):
    """One line at the bottom; refreshed twice a second."""

    def __init__(self, workbench: Workbench, theme: Theme, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status_line")
        look(self, "window")
        self._workbench, self._actions = workbench, actions
        self._saved: float | None = None
        self._jobs: list[Work] = []
        self._hints: list[tuple[str, str]] = []
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(6)
        self._keys = QHBoxLayout()
        self._keys.setSpacing(6)
        row.addLayout(self._keys)
        self.notice = Elided("caption")
        self.notice.setObjectName("notice")
        self.notice.hide()
        row.addWidget(self.notice, 1)
        row.addStretch(1)
        self.work = label("", "caption")
        self.work.setObjectName("work")
        self.progress = QProgressBar()
        self.progress.setObjectName("work_progress")
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(120)
        self.cancel = look(QPushButton(self.tr("Cancel")), "status")
        self.cancel.setObjectName("work_cancel")
        self.cancel.setToolTip(actions["cancel"].toolTip())
        self.cancel.clicked.connect(actions["cancel"].trigger)
        self.facts = label("", "caption")
        self.facts.setObjectName("facts")
        for widget in (self.work, self.progress, self.cancel, self.facts):
            row.addWidget(widget)
        self.progress.hide()
        self.cancel.hide()
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MILLISECONDS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self._silence = QTimer(self)
        self._silence.setSingleShot(True)
        self._silence.timeout.connect(self._quiet)
        workbench.notice.connect(self.say)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.refresh)
        workbench.selection_changed.connect(lambda: self._soon.start(0))
        workbench.grain_changed.connect(lambda _: self._soon.start(0))
        workbench.pass_changed.connect(lambda: self._soon.start(0))
        workbench.pace_changed.connect(lambda _: self._soon.start(0))
        workbench.document_changed.connect(lambda *_: self._soon.start(0))
        self.set_geometry(MEDIUM)
        self.set_theme(theme)
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Nothing here is painted by hand."""

    def set_geometry(self, geometry: Geometry) -> None:
        self.setFixedHeight(geometry.status)
        self._compact = geometry.compact
        self._show_keys()

    _compact = False

    def say(self, text: str) -> None:
        """Show a sentence for a while, in place of the keys."""
        self._toggle_keys(False)
        self.notice.set_text(text)
        self.notice.setVisible(True)
        self._silence.start(NOTICE_MILLISECONDS)

    def show_jobs(self, shown: list[Work]) -> None:
        """Say what is under way in the background, how far it is, and offer to cancel it."""
        self._jobs = shown
        self._show_work(self._workbench.snapshot)

    def saved(self) -> None:
        """The project has just been saved."""
        self._saved = time.monotonic()
        self.refresh()

    def forget_saved(self) -> None:
        """Another document is shown, which was not saved yet."""
        self._saved = None

    def _quiet(self) -> None:
        self.notice.hide()
        self._toggle_keys(True)

    def _toggle_keys(self, shown: bool) -> None:
        for index in range(self._keys.count()):
            widget = self._keys.itemAt(index).widget()
            if widget is not None:
                widget.setVisible(shown)

    # -- what works now
    def _show_keys(self) -> None:
        document, snapshot = self._workbench.document, self._workbench.snapshot
        bench = self._workbench
        running, held = snapshot.phase == "training", False
        if not document.nodes:
            hints = [("/", self.tr("search layers")), ("Ctrl K", self.tr("all commands")), ("F1", self.tr("explain"))]
        else:
            held = bench.held
            goes_on = held and not bench.looking
            hints = [("Space", self.tr("pause") if running or bench.playing else self.tr("play on") if goes_on else self.tr("train"))]
            if not running:
                grain = self._workbench.grain
                hints += [("→", self._next(grain)), ("Shift →", self._next(self._workbench.larger(grain)))]
            elif self._workbench.pace_setting != paces.SCALE[-1]:
                hints.append(("]", self.tr("faster")))
            if held:
                hints += [("←", self.tr("back")), ("Esc", self.tr("whole network")), ("P", self.tr("predict"))]
            elif self._workbench.unit is not None:
                hints += [("X", self.tr("switch off or on")), ("Esc", self.tr("the whole node"))]
            elif self._workbench.selected:
                if any(registry.cell(document.nodes[id].type) for id in self._workbench.selected if id in document.nodes):
                    hints.append(("U", self.tr("unroll in time")))
                hints.append(("Delete", self.tr("remove")))
            elif not running and not bench.playing:
                hints.append(("E", self.tr("explain this sample")))
            hints += [("F", self.tr("fit")), ("Ctrl K", self.tr("all commands"))]
        hints = hints[: 4 + held if self._compact else 5 + held]
        if hints == self._hints:
            return
        self._hints = hints
        while self._keys.count():
            widget = self._keys.takeAt(0).widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for key, words in hints:
            cap = label(key, "key")
            cap.setFixedHeight(16)
            self._keys.addWidget(cap)
            text: QLabel = label(words, "caption")
            text.setContentsMargins(0, 0, 10, 0)
            self._keys.addWidget(text)
        self._toggle_keys(not self.notice.isVisible())

    def _next(self, grain: str) -> str:
        return {
            "cell": self.tr("next number"),
            "time": self.tr("next step in time"),
            "node": self.tr("next node"),
            "sample": self.tr("to the sample's end"),
            "batch": self.tr("one batch"),
            "epoch": self.tr("one epoch"),
        }[grain]

    @turns.window
    def refresh(self) -> None:
        """Print what the machine does."""
        self._show_keys()
        snapshot = self._workbench.snapshot
        self._show_work(snapshot)
        training = self._workbench.document.training
        parts = []
        if not self._compact:
            parts.append(training.precision)
            if snapshot.instruction_set:
                parts.append(INSTRUCTION_SETS.get(snapshot.instruction_set.lower(), snapshot.instruction_set))
        rate = snapshot.learning_rate if snapshot.learning_rate is not None else training.learning_rate
        optimizer = readable(training.optimizer)
        parts.append(self.tr("{optimizer}, rate {rate}").format(optimizer=optimizer, rate=plain(float(f"{rate:.4g}"))))
        parts.append(self.tr("batch {size}").format(size=count(training.batch_size)))
        speed = round(float(f"{snapshot.samples_per_second:.2g}"))
        if snapshot.phase == "training" and self._workbench.pace == "fast" and speed:  # passes that are played keep the steps waiting
            parts.append(self.tr("1 sample/s") if speed == 1 else self.tr("{speed} samples/s").format(speed=count(speed)))
        if not self._compact:
            parts.append(self._saved_words())
        self.facts.setText(" · ".join(part for part in parts if part))

    def _saved_words(self) -> str:
        if self._saved is None:
            return ""
        seconds = time.monotonic() - self._saved
        if seconds < 10:
            return self.tr("saved just now")
        if seconds < 90:
            return self.tr("saved {seconds} s ago").format(seconds=int(seconds // 10 * 10))
        return self.tr("saved {minutes} min ago").format(minutes=int(seconds // 60))

    def _show_work(self, snapshot: Snapshot) -> None:
        job = self._jobs[0] if self._jobs else None
        busy = snapshot.phase == "preparing" or snapshot.progress is not None
        progress = job.progress if job is not None else snapshot.progress
        self.work.setVisible(busy or job is not None)
        self.cancel.setVisible(job is not None)
        self.progress.setVisible(progress is not None)
        if progress is not None:
            done, of = progress
            self.progress.setMaximum(BAR_PARTS)
            self.progress.setValue(BAR_PARTS * done // max(of, 1))
        if job is not None:
            more = self.tr(" and {count} more").format(count=len(self._jobs) - 1) if len(self._jobs) > 1 else ""
            self.work.setText(job.title + more)
        elif snapshot.progress is not None:
            done, of = snapshot.progress
            self.work.setText(declared(snapshot.message) or self.tr("preparing {done} of {of} kernels").format(done=done, of=of))
        elif busy:
            self.work.setText(declared(snapshot.message) or self.tr("preparing"))
