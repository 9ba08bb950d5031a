"""A page of the lab: the picture left; right the choices, the button, how far it is, the key and a sentence."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from playground.engine.changes import same_network
from playground.engine.experiments.lab import Asked, Found, Origin
from playground.engine.live import commands
from playground.engine.live.snapshot import Snapshot
from playground.ui.dialogs.matrix import parsed
from playground.ui.numbers import count
from playground.ui.panels.controls import Segments, label
from playground.ui.style import look, refresh
from playground.ui.theme import Theme
from playground.ui.wording import with_titles
from playground.ui.workbench import Workbench

SIDE, LABEL = 288, 104
DRAWN_SECONDS = 0.1
"""While an experiment goes on its picture is drawn so often."""
ORIGINS: tuple[Origin, Origin] = ("start", "now")


class Page(QWidget):
    """Follows the snapshots while it is visible. Subclasses say what to ask for (:meth:`question`) and show what is found."""

    kind = ""

    def __init__(self, workbench: Workbench, theme: Theme, picture: QWidget) -> None:
        super().__init__()
        self.setObjectName(f"lab_{self.kind}")
        self.workbench, self.theme = workbench, theme
        self.found: Found | None = None
        self._refusal: str | None = None
        self._shown = 0.0
        self._of = workbench.document
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 14)
        row.setSpacing(20)
        row.addWidget(picture, 1)
        side = QWidget()
        side.setFixedWidth(SIDE)
        row.addWidget(side)
        self.side = QVBoxLayout(side)
        self.side.setContentsMargins(0, 8, 0, 0)
        self.side.setSpacing(8)

    # -- building
    def row(self, words: str, *widgets: QWidget) -> QHBoxLayout:
        """A label and what belongs to it, as one row of the side."""
        line = QHBoxLayout()
        line.setSpacing(6)
        head = label(words, "label")
        head.setFixedWidth(LABEL)
        line.addWidget(head)
        for widget in widgets:
            line.addWidget(widget, 1)
        self.side.addLayout(line)
        return line

    def field(self, name: str, tip: str) -> QLineEdit:
        """A field for a number; Enter asks anew."""
        made = QLineEdit()
        made.setObjectName(f"lab_{self.kind}_{name}")
        made.setToolTip(tip)
        made.setFixedHeight(26)
        made.returnPressed.connect(self.ask)
        return made

    def origins(self) -> Segments:
        """The weights to begin at: those of step 0, or the present ones, in the order of :data:`ORIGINS`."""
        return Segments(
            [
                (f"lab_{self.kind}_start", self.tr("Step 0"), self.tr("Begin at the initial weights")),
                (f"lab_{self.kind}_now", self.tr("Now"), self.tr("Begin at the present weights")),
            ]
        )

    def add_controls(self, words: str) -> None:
        """The button that begins, the one that cancels, and the progress."""
        line = QHBoxLayout()
        line.setSpacing(8)
        self.begin = look(QPushButton(words), "primary")
        self.begin.setObjectName(f"lab_{self.kind}_begin")
        self.begin.setAutoDefault(False)
        self.begin.setToolTip(self.tr("Ask with these settings, of the weights as they are"))
        self.begin.clicked.connect(self.ask)
        self.stop = QPushButton(self.tr("Cancel"))
        self.stop.setObjectName(f"lab_{self.kind}_cancel")
        self.stop.setAutoDefault(False)
        self.stop.setToolTip(self.tr("Break it off; what is there stays"))
        self.stop.clicked.connect(lambda: self.workbench.session.send(commands.EndExperiment(self.kind)))
        line.addWidget(self.begin, 1)
        line.addWidget(self.stop)
        self.side.addLayout(line)
        self.progress = QProgressBar()
        self.progress.setObjectName(f"lab_{self.kind}_progress")
        self.progress.setTextVisible(False)
        keeping = self.progress.sizePolicy()
        keeping.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(keeping)
        self.side.addWidget(self.progress)
        self.stop.setEnabled(False)
        self.progress.setVisible(False)
        self.status = self.sentence("status", "caption")

    def sentence(self, name: str, kind: str = "sentence") -> QLabel:
        """A wrapped text of the side."""
        made = label("", kind)
        made.setObjectName(f"lab_{self.kind}_{name}")
        made.setWordWrap(True)
        made.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.side.addWidget(made)
        return made

    # -- asking
    def question(self) -> Asked | None:
        """What the choices ask for; ``None`` where they make no sense, with the reason said."""
        raise NotImplementedError

    def ask(self) -> None:
        """Begin, unless the network cannot train."""
        errors = [problem for problem in self.workbench.problems() if problem.severity == "error"]
        if errors:
            self.say(with_titles(str(errors[0]), self.workbench.document), bad=True)
            return
        asked = self.question()
        if asked is not None:
            self.say("")
            self._of = self.workbench.document
            self.workbench.session.send(commands.Experiment(asked))

    def number_in(self, field: QLineEdit, lowest: float = 0.0, whole: bool = False) -> float | None:
        """The field's number; ``None`` with the field marked where it holds none above ``lowest``."""
        value = parsed(field.text())
        good = value is not None and value > lowest and (not whole or value == int(value))
        field.setProperty("bad", not good)
        refresh(field)
        if not good:
            self.say(self.tr("“{text}” is not a number that fits here.").format(text=field.text()), bad=True)
        return value if good else None

    def say(self, words: str, bad: bool = False) -> None:
        """A line below the button."""
        look(self.status, "bad" if bad else "caption")
        refresh(self.status)
        self.status.setText(words)

    # -- following
    def take(self, snapshot: Snapshot) -> None:
        """Show what the snapshot has of this page, where it is new."""
        found, refusal = snapshot.lab.get(self.kind), snapshot.refused.get(self.kind)
        before, self._refusal = self._refusal, refusal
        if refusal is not None and refusal != before:
            self.refuse(with_titles(refusal, self.workbench.document))
        going = found is not None and found.state.running and self.found is not None
        if found is not self.found and not (going and time.monotonic() - self._shown < DRAWN_SECONDS):
            self.found, self._shown = found, time.monotonic()
            self.show_state()
            self.show_found()
        self.follow(snapshot)

    def refuse(self, words: str) -> None:
        """Nothing is found, for this reason."""
        self.say(words, bad=True)

    def show_state(self) -> None:
        """Progress, buttons and the line below them."""
        state = self.found.state if self.found is not None else None
        running = state is not None and state.running
        self.stop.setEnabled(running)
        self.progress.setVisible(running)
        if state is None:
            self.say("")
            return
        self.progress.setMaximum(max(state.total, 1))
        self.progress.setValue(state.done)
        if state.message:
            self.say(with_titles(state.message, self.workbench.document), bad=True)
        elif running:
            self.say(self.tr("{done} of {total}").format(done=count(state.done), total=count(state.total)))
        elif state.done < state.total:
            self.say(self.tr("canceled at {done} of {total}").format(done=count(state.done), total=count(state.total)))
        else:
            self.say(self.tr("made at step {step}, seed {seed}").format(step=count(state.step), seed=state.seed))

    def show_found(self) -> None:
        """Draw what is found; ``None`` where nothing is."""

    def follow(self, snapshot: Snapshot) -> None:
        """What follows the run itself."""

    def entered(self) -> None:
        """The page has come into sight."""

    def document_changed(self) -> None:
        """The document is another one."""

    def tell_age(self) -> None:
        """Say so where what is shown is of another network."""
        if self.found is not None and not self.found.state.running and not same_network(self._of, self.workbench.document):
            self.say(self.tr("This is of the network before your last change."))

    def set_theme(self, theme: Theme) -> None:
        """Colors of another theme."""
        self.theme = theme

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.document_changed()
        self.take(self.workbench.snapshot)
        self.tell_age()
        self.entered()
