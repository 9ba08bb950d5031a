"""Try a text: what is typed goes through the network at once, in a sample's place, and every view shows it."""

from __future__ import annotations

import time

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from playground.data import Dataset
from playground.data.text.typed import typed
from playground.document import Document
from playground.engine.experiments.looked_through import Prefixes, PrefixesAsked
from playground.engine.live.commands import Draw, Experiment
from playground.engine.live.snapshot import Snapshot
from playground.ui.numbers import count
from playground.ui.panels.controls import Elided, label
from playground.ui.panels.try_picture import Answer, TryPicture
from playground.ui.theme import Theme
from playground.ui.workbench import FRAME_MILLISECONDS, Workbench

AGAIN = 0.5
"""Seconds between two questions to a network that answers once, while training goes on."""
BLANK, END = "_", "$"
"""What fills up a question, and what an answer ends with, where data have such."""
LOOKED_AT = 64
"""Training samples by which it is known how texts begin and what is asked."""


class TryTextPage(QWidget):
    """The text is followed until a sample is; a key, or a click into the field, sends it again."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("try_text")
        self._workbench, self._theme = workbench, theme
        self._dataset: Dataset | None = None
        self._numbers: list[int] = []
        self._following = False
        self._asked: tuple[object, ...] = (None,)
        self._when = 0.0
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(FRAME_MILLISECONDS)
        self._due.timeout.connect(self._send)
        self.field = QLineEdit()
        self.field.setObjectName("try_field")
        self.field.setPlaceholderText(self.tr("Type a text"))
        self.field.setAccessibleName(self.tr("A text of your own"))
        self.field.textEdited.connect(lambda _: self._due.start())
        self.field.returnPressed.connect(self._send)
        self.field.installEventFilter(self)
        self.picture = TryPicture(theme)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.picture)
        self._area = area
        self.note = Elided("caption")
        self.note.setObjectName("try_note")
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(label(self.tr("Try a text"), "title"))
        self.how = Elided("caption")
        self.how.set_text(self.tr("every letter runs through the network at once"))
        head.addWidget(self.how, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.field)
        column.addWidget(area, 1)
        column.addWidget(self.note)
        workbench.snapshot_changed.connect(self._show_snapshot)
        workbench.sample_changed.connect(lambda *_: self._left())
        workbench.theme_changed.connect(self.set_theme)
        self._show_nothing()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.picture.set_theme(theme)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn and self._numbers and self._workbench.drawing.x is None:
            self._due.start()
        return super().eventFilter(watched, event)

    # -- what it is for
    def show_data(self, dataset: Dataset | None, document: Document) -> None:
        """Read texts as ``dataset`` has them."""
        if dataset is self._dataset:
            return
        same = dataset is not None and self._dataset is not None and dataset.description == self._dataset.description
        self._dataset = dataset
        reads = dataset is not None and bool(dataset.description.tokens)
        self._following = dataset is not None and reads and _follows(dataset)
        self.field.setEnabled(reads)
        if not same:
            self._numbers = []
            self.field.clear()
            self._show_nothing()

    @property
    def letters(self) -> tuple[str, ...]:
        """The symbols that are sent."""
        return tuple(self._dataset.description.tokens[at] for at in self._numbers) if self._dataset is not None else ()

    def _send(self) -> None:
        """Let what is typed go through the network, once a frame at most."""
        self._due.stop()
        dataset = self._dataset
        if dataset is None or not dataset.description.tokens:
            return
        steps = dataset.description.input_shape[0]
        numbers, strange = typed(self.field.text(), dataset.description.tokens)
        begins = _begins(dataset)
        whole = [*begins, *numbers] if numbers and numbers[: len(begins)] != begins else numbers
        self._numbers = whole[-steps:]
        self._note(strange, len(whole), steps)
        if not self._numbers:
            if self._workbench.drawing.x is not None:
                self._workbench.follow(*self._workbench.sample)
            self._show_nothing()
            return
        x = np.zeros(steps, np.float32)
        if _filled_up(dataset):  # as the data write a question that is shorter than others
            x[steps - len(self._numbers) :] = self._numbers
            self._workbench.draw(Draw(x, None, None))
        else:
            x[: len(self._numbers)] = self._numbers
            self._workbench.draw(Draw(x, None, len(self._numbers) if len(self._numbers) < steps else None))
        if self.picture.answer.letters != self.letters:
            self.picture.show_answer(Answer(self.letters))
            bar = self._area.horizontalScrollBar()
            QTimer.singleShot(0, lambda: bar.setValue(bar.maximum()))

    def _note(self, strange: list[str], length: int, steps: int) -> None:
        """What of the text is not as it was typed."""
        told = []
        if strange:
            names = ", ".join(f"“{one}”" for one in dict.fromkeys(strange))
            told.append(self.tr("{symbols}: no symbol of this data").format(symbols=names))
        if length > steps:
            told.append(self.tr("the network reads {steps} steps: the last of {all}").format(steps=steps, all=count(length)))
        self.note.set_text(" · ".join(told))

    def _left(self) -> None:
        """A sample is followed: the text stays in the field."""
        if self.picture.answer.values is not None:
            self.picture.show_answer(Answer(self.letters))
        if self._numbers:
            self.note.set_text(self.tr("a sample is followed now: Enter sends the text again"))

    def _show_nothing(self) -> None:
        words = self.tr(
            "The network reads it letter by letter; its answer at each step stands over the letter. The cards, gates and units show it too."
        )
        if self._dataset is not None and not self._dataset.description.tokens:
            words = self.tr("This network reads no symbols. Choose a data set of texts, such as the hello detector or Alice.")
        self.picture.show_answer(Answer(()), words)
        self.how.set_text(self.tr("every letter runs through the network at once"))
        self.note.set_text("")

    # -- what comes back
    def _show_snapshot(self, snapshot: Snapshot) -> None:
        drawn, drawing, dataset = snapshot.drawn, self._workbench.drawing, self._dataset
        if dataset is None or drawn is None or drawing.x is None or not self._numbers or not dataset.description.tokens:
            return
        inputs = [drawn.nodes[node].values.get("output") for node in self._of_type("Input") if node in drawn.nodes]
        if not any(one is not None and np.array_equal(one, drawing.x) for one in inputs):
            return  # the answer to what was typed before
        values = next((drawn.nodes[node].values.get("output") for node in self._of_type("Output") if node in drawn.nodes), None)
        if values is not None:
            self.picture.show_answer(self._answer(np.asarray(values)))

    def _answer(self, values: np.ndarray) -> Answer:
        assert self._dataset is not None
        about, letters = self._dataset.description, self.letters
        steps = about.input_shape[0]
        loss = next((str(self._workbench.document.nodes[node].fields.get("loss", "")) for node in self._of_type("Output")), "")
        probability = about.task == "classification" and "squared" not in loss
        each = about.steps and values.ndim == 2 and values.shape[0] == steps
        made = values[: len(letters)] if each else values.reshape(-1, values.shape[-1])
        if not each and len(made) > 1:  # an answer as a text of its own: a row a symbol of it
            letters = tuple(about.classes[int(row.argmax())] if int(row.argmax()) < len(about.classes) else "?" for row in made)
            end = letters.index(END) + 1 if END in letters else len(letters)  # behind it nothing is ever asked for
            return Answer(letters[:end], made[:end], about.classes, None, probability)
        names = about.classes or about.target_names
        if not each:
            self.how.set_text(self.tr("had it ended at that letter; at the right, all of it"))
            return Answer(letters, self._prefixes(), names, made[0], probability)
        words = self.tr("every letter runs through the network at once")
        if about.task == "classification" and not probability:
            words = self.tr("numbers, no chances: the loss is a squared error")
        self.how.set_text(words)
        return Answer(letters, made, names, None, probability, self._following)

    def _prefixes(self) -> np.ndarray | None:
        """What the network would answer had the text ended at each letter: asked of the worker, and again when the weights on show are
        others."""
        snapshot, asked = self._workbench.snapshot, PrefixesAsked(tuple(self._numbers))
        moment = snapshot.moment
        of = (asked, *((moment.run, moment.step) if moment is not None else (snapshot.run, snapshot.step)), len(snapshot.events))
        late = asked != self._asked[0] or snapshot.phase != "training" or time.monotonic() - self._when >= AGAIN
        if of != self._asked and late:
            self._asked, self._when = of, time.monotonic()
            self._workbench.session.send(Experiment(asked))
        found = snapshot.lab.get("prefixes")
        return found.answers if isinstance(found, Prefixes) and found.asked == asked else None

    def _of_type(self, type: str) -> list[str]:
        return [id for id, placed in self._workbench.document.nodes.items() if placed.type == type]


def _filled_up(dataset: Dataset) -> bool:
    """Whether questions shorter than others have blanks before them, which are symbols like others."""
    about, first = dataset.description, np.asarray(dataset.train.x[:LOOKED_AT])[:, 0]
    return about.tokens[:1] == (BLANK,) and bool(about.output_steps) and bool((first == 0).any())


def _begins(dataset: Dataset) -> list[int]:
    """The symbol that every text begins with, where there is one: it stands before what is typed too."""
    first = np.asarray(dataset.train.x[:LOOKED_AT])[:, 0]
    return [int(first[0])] if len(first) > 1 and (first == first[0]).all() else []


def _follows(dataset: Dataset) -> bool:
    """Whether what is asked at each step is the symbol that follows."""
    x, y = np.asarray(dataset.train.x[:LOOKED_AT]), np.asarray(dataset.train.y[:LOOKED_AT])
    if not dataset.description.steps or x.ndim != 2 or x.shape != y.shape:
        return False
    asked = y[:, :-1] >= 0
    return bool(asked.any() and (y[:, :-1] == x[:, 1:])[asked].all())
