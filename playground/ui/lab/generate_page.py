"""Generation: a text written on, a series that runs free, sequences answered by sequences; while it trains, and at any moment."""

from __future__ import annotations

import math
import time

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QGuiApplication, QPainter
from PySide6.QtWidgets import QPushButton, QStackedWidget

from playground.document import Document
from playground.document.graph import described
from playground.engine.changes import same_network
from playground.engine.experiments.generated import Aligned, FreeRun, Generated
from playground.engine.experiments.lab import Asked, Found
from playground.engine.live.snapshot import Snapshot
from playground.ui.lab import generate_told as told
from playground.ui.lab.generate_choices import Choices
from playground.ui.lab.generate_series import SeriesPicture
from playground.ui.lab.generate_symbols import SymbolsPicture
from playground.ui.lab.page import Page
from playground.ui.lab.plot import Plot
from playground.ui.note_words import named
from playground.ui.numbers import count, number, percent
from playground.ui.painters import tools
from playground.ui.theme import Theme
from playground.ui.wording import declared, with_titles
from playground.ui.workbench import Workbench

WAIT = 1.5
SHARE = 0.1
"""While it trains it is asked anew after so many seconds at least, and so that this share of the time at most goes into it."""


WORDS = 460.0
"""Px of a line of what is said where nothing can be shown."""


class Nothing(Plot):
    """A sentence or two, where there is nothing to show."""

    words = ""

    def draw(self, painter: QPainter) -> None:
        area = self.area()
        tools.frame(painter, area, self.theme.color("line2"))
        wide = min(area.width() - 32, WORDS)
        box = QRectF(area.center().x() - wide / 2, area.center().y() - 48, wide, 112)
        tools.paragraph(painter, box, self.words, self.theme.color("text2"), 12.5)


class GeneratePage(Page):
    """Which choices there are depends on what the network generates; each of them asks anew."""

    kind = "generate"

    def __init__(self, workbench: Workbench, theme: Theme) -> None:
        self.stack = QStackedWidget()
        super().__init__(workbench, theme, self.stack)
        self.symbols, self.series = SymbolsPicture(theme), SeriesPicture(theme)
        self.nothing = Nothing(theme, "lab_generate_nothing")
        for picture in (self.nothing, self.symbols, self.series):
            self.stack.addWidget(picture)
        self._before: Generated | None = None
        self._last: Found | None = None  # it stays where a question is refused
        self._shown_of = Document()
        self._data = workbench.document.data
        self._seen: int | None = None
        self._asked_for: tuple[object, ...] = ()
        self._asked_at = 0.0
        self.choices = Choices(self, theme)
        self.choices.changed.connect(self._changed)
        self.choices.fed.connect(self._fed)
        self.add_controls(self.tr("Write"))
        self.figures = self.sentence("figures")
        self.copy = QPushButton(self.tr("Copy the text"))
        self.copy.setObjectName("lab_generate_copy")
        self.copy.setAutoDefault(False)
        self.copy.clicked.connect(self._copy)
        self.side.addWidget(self.copy)
        self.words = self.sentence("words")
        self.side.addStretch(1)
        self.symbols.picked.connect(self._pick)
        self.series.dragged.connect(self._drag)
        workbench.sample_changed.connect(self._sample_changed)
        self._show_choices()

    # -- asking
    def _reads_symbols(self) -> bool:
        """Whether it may be a text, as far as the document tells."""
        about = described(self.workbench.document)
        return about is not None and bool(about.tokens) and about.steps and not about.output_steps

    def question(self) -> Asked:
        return self.choices.question(self._reads_symbols(), self._seen)

    def ask(self) -> None:
        self._asked_for, self._asked_at = self._moment(self.workbench.snapshot), time.monotonic()
        super().ask()

    def _changed(self) -> None:
        if self.isVisible():
            self.ask()

    def _fed(self) -> None:
        self._show_choices()
        if isinstance(self._last, FreeRun) and self.found is self._last:  # both forecasts are there
            self.show_found()
        else:
            self.ask()

    def _show_choices(self) -> None:
        found = self._last
        self.choices.show_for(found, self._reads_symbols())
        text = isinstance(found, Generated)
        self.copy.setVisible(text and not self.choices.forced)
        self.begin.setText(self.tr("Write") if text else self.tr("Forecast") if isinstance(found, FreeRun) else self.tr("Ask again"))

    def _pick(self, at: int) -> None:
        if isinstance(self.found, Aligned):
            self.workbench.follow(self.found.asked.split, int(self.found.samples[at]))

    def _sample_changed(self, split: str, index: int) -> None:
        """The sample that the canvas follows is asked about, where it is one that training has not seen."""
        if self.isVisible() and self.choices.choose_sample(split, index) and not self.choices.start.isVisible():
            self.ask()

    def _drag(self, seen: int) -> None:
        found = self.found
        if isinstance(found, FreeRun) and found.windows:  # another sample's window ends there
            self.choices.index.set_value(found.asked.index + seen - found.seen)
        else:
            self._seen = seen
            self.ask()

    def _copy(self) -> None:
        if isinstance(self.found, Generated):
            QGuiApplication.clipboard().setText(told.text_of(self.found))

    # -- following
    def entered(self) -> None:
        self.choices.choose_sample(*self.workbench.sample)
        self.ask()

    def document_changed(self) -> None:
        document = self.workbench.document
        if document.data != self._data:
            self._data, self._seen = document.data, None
            self.choices.begin_anew()
        if not same_network(self._of, document):
            self._asked_for = ()  # it is asked anew, whatever the step is
        self._show_choices()

    def _moment(self, snapshot: Snapshot) -> tuple[object, ...]:
        """Whose weights are shown."""
        moment = snapshot.moment
        return (snapshot.run, snapshot.step) if moment is None else (moment.run, moment.step, "kept")

    def follow(self, snapshot: Snapshot) -> None:
        if self.found is None and self._refusal and not same_network(self._shown_of, self.workbench.document):
            self._show_nothing(with_titles(self._refusal, self.workbench.document))
        ready = snapshot.phase not in ("empty", "preparing", "unready", "failed")
        writing = self.found is not None and self.found.state.running
        if not ready or writing or self._moment(snapshot) == self._asked_for:
            return
        if snapshot.phase == "training":
            took = getattr(self.found, "seconds", 0.0)
            if not self.choices.live.isChecked() or time.monotonic() - self._asked_at < max(WAIT, took / SHARE):
                return
        self.ask()

    def show_state(self) -> None:
        if self.found is None:  # refused: the reason stays
            self.stop.setEnabled(False)
            self.progress.hide()
            return
        super().show_state()
        if self.workbench.snapshot.phase == "training":
            self.progress.hide()  # it would come and go all the time

    def show_found(self) -> None:
        found = self.found
        self._last = found or self._last
        self._show_choices()
        if isinstance(found, Generated):
            self._show_text(found)
        elif isinstance(found, FreeRun):
            self._show_series(found)
        elif isinstance(found, Aligned):
            self._show_aligned(found)
        if found is not None:
            self._shown_of = self._of
            self.choices.index.set_highest(max(found.of - 1, 0))

    def _show_nothing(self, words: str) -> None:
        self._last, self.nothing.words = None, words
        self._show_choices()
        self.nothing.renew()
        self.show_state()
        self.stack.setCurrentWidget(self.nothing)
        self.figures.setText("")
        self.words.setText("")

    def _show_text(self, found: Generated) -> None:
        along = found.forced is not None
        forced = along and self.choices.forced
        given = self.tr("This symbol was given: the network was not asked for it.")
        self.symbols.show_symbols(told.blocks_of(found, self._before, forced), lambda at: told.choice_of(found, at, forced), missing=given)
        self.stack.setCurrentWidget(self.symbols)
        if not found.state.running:
            self._before = found
            self.symbols.setAccessibleDescription(told.text_of(found))
        if along and found.forced is not None:
            self.figures.setText(
                "\n".join(
                    self.tr("{name}: {right} right, {bits} bits a symbol").format(name=name, right=_share(right), bits=_number(bits, 3))
                    for name, (right, bits) in (
                        (self.tr("Reads the truth"), found.judged(found.forced)),
                        (self.tr("Reads its own"), found.judged(found.free)),
                    )
                )
            )
            self.words.setText(
                self.tr(
                    "Teacher forcing: it reads what really came before, as in training. Free running: after the first {given} symbols it"
                    " reads what it wrote itself; once it strays, nobody leads it back. Bits: the mean of −log₂ of the truth's chance. Red"
                    " lines: not the truth."
                ).format(given=count(found.given))
            )
            return
        written = len(found.free.symbols) - found.given
        words = self.tr("{n} symbols written").format(n=count(written)) if written != 1 else self.tr("1 symbol written")
        if found.ended:
            words += self.tr(", up to its end mark")
        if written > 0:
            mean = -np.log2(found.free.chances[found.given :].astype(float)).mean()
            words += self.tr("; {bits} bits each for the network itself").format(bits=_number(float(mean), 3))
        self.figures.setText(words + ".")
        self.words.setText(
            self.tr(
                "Each symbol is drawn from the network's chances for the next one, then read again; it reads the last {context} at most."
                " The color behind a symbol tells how sure the network was of it, by the scale of chances. A temperature below 1 sharpens"
                " the chances, one above 1 evens them out; the strokes on the bars are the chances then."
            ).format(context=count(found.context))
        )

    def _show_series(self, found: FreeRun) -> None:
        self.series.show_series(found, self.choices.forced and found.free is not None)
        self.stack.setCurrentWidget(self.series)
        lines = [self.tr("Error over {n} steps, root of the mean square:").format(n=count(found.judged))]
        unit = f" {found.unit}" if found.unit else ""
        lines.append(self.tr("reads the truth: {error}").format(error=_number(found.forced_error) + unit))
        if found.free is not None:
            lines.append(self.tr("reads its own output: {error}").format(error=_number(found.free_error) + unit))
        lines.append(self.tr("the last value again: {error}").format(error=_number(found.naive_error) + unit))
        self.figures.setText("\n".join(lines))
        words = declared(found.why) or self.tr(
            "Teacher forcing: each next value from the true ones before it. Free running: behind the dashed line it reads its own"
            " answers, so that errors add up."
        )
        self.words.setText(words + " " + self.tr("The dashed line can be dragged."))

    def _show_aligned(self, found: Aligned) -> None:
        node = named(found.node, self.workbench.document) if found.node in self.workbench.document.nodes else found.node
        title = self.tr("{node}: what each answer looks at").format(node=node)
        self.symbols.show_symbols(
            told.aligned_blocks(found),
            lambda at: told.aligned_choice(found, at),
            told.listed(found),
            told.matrix_of(found, title),
            self.tr("Nothing is asked at this step."),
        )
        self.stack.setCurrentWidget(self.symbols)
        asked = found.truth >= 0
        right = (found.answers == found.truth)[asked].mean() if asked.any() else math.nan
        self.figures.setText(
            self.tr("Sample {sample} of {split}; of {n} samples {right} of all symbols are right.").format(
                sample=count(found.asked.index), split=found.asked.split, n=count(len(found.samples)), right=_share(float(right))
            )
        )
        self.words.setText(
            self.tr(
                "The input above, what belongs to it below, and the network's answer, each symbol on the color of its chance. This network"
                " does not read its answers, so teacher forcing and free running are the same."
            )
        )

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.choices.live.set_theme(theme)
        for picture in (self.nothing, self.symbols, self.series):
            picture.set_theme(theme)


def _share(value: float) -> str:
    return percent(value) if math.isfinite(value) else "…"


def _number(value: float, digits: int = 4) -> str:
    return number(value, digits) if math.isfinite(value) else "…"
