"""All over the data: where the condition holds, the furthest first, each with what is read around it; and which symbols it goes with."""

from __future__ import annotations

import time

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from playground.anim.scale import Scale
from playground.engine.experiments.looked_through import Condition, ConditionAsked
from playground.engine.live import commands
from playground.engine.live.snapshot import Snapshot
from playground.ui.canvas.unrolled.condition import Wanted
from playground.ui.canvas.unrolled.hit_list import HitList
from playground.ui.canvas.unrolled.shares import Shares
from playground.ui.numbers import count
from playground.ui.panels.controls import label
from playground.ui.theme import Theme
from playground.ui.wording import declared, with_titles
from playground.ui.workbench import Workbench

WIDE, NARROW = 320, 264
AGAIN = 2.0
"""Seconds between two looks through the data while training goes on."""
ROOMY = 440
"""From so many px on there is room for where in the sequence it holds, too; without symbols always."""
SPLITS = ("validation", "test", "train")


class Hits(QWidget):
    """Asks the worker, and again when the weights on show are others. ``chosen(sample, step, unit)`` when a hit is clicked."""

    chosen = Signal(int, int, int)

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("unrolled_hits")
        self._workbench, self._theme = workbench, theme
        self.found: Condition | None = None
        self._asked: ConditionAsked | None = None
        self._of: tuple[object, ...] = ()
        self._when = 0.0
        self._tokens: tuple[str, ...] = ()
        self.split = QComboBox()
        self.split.setObjectName("unrolled_split")
        self.split.addItems([self.tr("validation"), self.tr("test"), self.tr("training")])
        self.split.setAccessibleName(self.tr("Part of the data"))
        self.split.setFixedWidth(104)
        self.told = label("", "caption")
        self.told.setObjectName("unrolled_hits_told")
        self.told.setWordWrap(True)
        self.list = HitList(theme)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.list)
        self.shares = Shares(theme)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label(self.tr("In the data"), "title"))
        head.addStretch(1)
        head.addWidget(self.split)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 6, 8, 8)
        column.setSpacing(6)
        column.addLayout(head)
        column.addWidget(self.told)
        column.addWidget(self.shares)
        column.addWidget(area, 1)
        self.list.chosen.connect(self._choose)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.list.set_theme(theme)
        self.shares.set_theme(theme)
        self.update()

    # -- asking
    def show_wanted(self, node: str, end: str, wanted: Wanted | None, scale: Scale, tokens: tuple[str, ...]) -> None:
        """Look for ``wanted`` in the direction ``end`` of ``node``."""
        self._tokens = tokens
        if wanted is None:
            self.told.setText(self.tr("What is to be compared with is no number."))
            return
        split = SPLITS[max(self.split.currentIndex(), 0)]
        asked = ConditionAsked(node, wanted.gate + end, wanted.unit, wanted.below, wanted.value, split)
        snapshot = self._workbench.snapshot
        of = _weights(snapshot)
        # while numbers are looked at and training goes on, they follow it at a pace that leaves training its time
        going = self.found is not None and self.found.state.running
        due = asked == self._asked and of != self._of and not going and time.monotonic() - self._when >= AGAIN
        still = asked == self._asked and of != self._of and snapshot.phase != "training"
        if asked != self._asked or due or still:
            self._asked, self._of, self._when = asked, of, time.monotonic()
            self._workbench.session.send(commands.Experiment(asked))
            if self.found is None or self.found.asked != asked:
                self.told.setText(self.tr("looking through the data …"))
        found = snapshot.lab.get("condition")
        refusal = snapshot.refused.get("condition")
        if isinstance(found, Condition) and found.asked == asked:
            self.found = found
            self._tell(found)
            self.list.show_found(found, scale, tokens, wanted)
            self.shares.show_found(found, tokens, self.height() >= ROOMY)
        elif refusal:
            self.told.setText(with_titles(refusal, self._workbench.document))

    def forget(self) -> None:
        """Nobody looks any more."""
        if self._asked is not None:
            self._workbench.session.send(commands.EndExperiment("condition", forget=True))
        self._asked, self.found = None, None

    def _choose(self, hit: int) -> None:
        if self.found is not None and hit < len(self.found.samples):
            self._workbench.follow(self.found.asked.split, int(self.found.samples[hit]))
            self.chosen.emit(int(self.found.samples[hit]), int(self.found.steps[hit]), int(self.found.units[hit]))

    def _tell(self, found: Condition) -> None:
        holds, real = int(found.holds.sum()), int(found.real.sum())
        share = f"{100 * holds / real:.1f} %" if real else "0 %"
        words = self.tr("holds at {holds} of {real} steps ({share}) of {seen} samples · at training step {step}")
        told = words.format(holds=count(holds), real=count(real), share=share, seen=count(found.seen), step=count(found.state.step))
        if found.state.running:
            told += " …"
        if found.state.message:
            told = declared(found.state.message)
        self.told.setText(told)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect().adjusted(0, 0, -1, -1), self._theme.color("card"))
            painter.fillRect(QRect(0, 0, 1, self.height()), self._theme.color("line"))


def _weights(snapshot: Snapshot) -> tuple[object, ...]:
    """Which weights are on show."""
    moment = snapshot.moment
    shown = (moment.run, moment.step) if moment is not None else (snapshot.run, snapshot.step)
    return (*shown, snapshot.project, len(snapshot.events))
