"""The bar on top: files, undo, the document's name, train and step, pace, and the numbers of the run."""

from __future__ import annotations

import math

from PySide6.QtCore import QElapsedTimer, QSize, Qt
from PySide6.QtGui import QAction, QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QSlider, QSpacerItem, QToolButton, QWidget

from playground.data.text.symbols import WORDS
from playground.engine.live.snapshot import Moment, Snapshot
from playground.ui import pace as paces
from playground.ui.actions import Actions
from playground.ui.explain.tokens import HIDDEN
from playground.ui.geometry import MEDIUM, Geometry
from playground.ui.icons import icon
from playground.ui.numbers import count, measure, number, percent
from playground.ui.panels.controls import Elided, Segments, label, rule
from playground.ui.panels.readout import NOTHING, Readout
from playground.ui.panels.task_pages import unit_of
from playground.ui.panels.veil import tells_loss
from playground.ui.style import look, refresh
from playground.ui.theme import Theme, font
from playground.ui.workbench import Workbench

READOUT_MILLISECONDS = 100
STEPS, FEWER, SMALL = "8,888,888", "88,888", "8.8×10⁻⁸"


NAME_SLACK, NAME_GIVES = 64, 80
"""px that the transport gives way to a long name, where there is room; that the name's place gives way to the pace, where there is not."""


class TrainingBar(QWidget):
    """Everything about the run that must be at hand."""

    def __init__(self, workbench: Workbench, theme: Theme, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_bar")
        look(self, "panel")
        self._workbench, self._theme, self._actions = workbench, theme, actions
        self._icons: list[tuple[QToolButton, str]] = []
        self._clock = QElapsedTimer()
        self._clock.start()
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 0, 0)
        row.setSpacing(0)
        self._left = self._make_left()
        row.addWidget(self._left)
        self._make_transport(row)
        row.addStretch(1)
        self._make_readouts(row)
        workbench.snapshot_changed.connect(self._take)
        workbench.hidden_changed.connect(lambda: self.show_snapshot(workbench.snapshot))
        workbench.pass_changed.connect(self._show_what_train_does)
        workbench.pace_changed.connect(self._show_pace)
        workbench.grain_changed.connect(self._show_grain)
        workbench.document_changed.connect(lambda *_: self._show_name())
        actions.changed.connect(self._show_name)
        self.set_geometry(MEDIUM)
        self.set_theme(theme)
        self._show_pace()
        self._show_name()
        self.show_snapshot(workbench.snapshot)

    # -- parts
    def _make_left(self) -> QWidget:
        left = QWidget()
        row = QHBoxLayout(left)
        row.setContentsMargins(0, 0, 12, 0)
        row.setSpacing(0)
        self.menu = self._button("menu", "menu_button", self.tr("Menu"))
        self.menu.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row.addWidget(self.menu)
        row.addWidget(self._divider())
        self._files = []
        for name in ("new", "open", "save"):
            button = self._action_button(name)
            self._files.append(button)
            row.addWidget(button)
        row.addWidget(self._divider())
        row.addWidget(self._action_button("undo"))
        row.addWidget(self._action_button("redo"))
        row.addSpacing(10)
        self.name = Elided("document")
        self.name.setObjectName("document_name")
        row.addWidget(self.name)
        self.dot = QLabel("●")
        self.dot.setObjectName("unsaved_dot")
        self.dot.setToolTip(self.tr("Unsaved changes"))
        self.dot.setAccessibleName(self.tr("Unsaved changes"))
        look(self.dot, "caption")
        row.addSpacing(8)
        row.addWidget(self.dot)
        row.addStretch(1)
        return left

    def _make_transport(self, row: QHBoxLayout) -> None:
        self.rewind = self._action_button("rewind")
        self.train = look(QPushButton(), "primary")
        self.train.setObjectName("train")
        self.train.setFixedHeight(30)
        self.train.clicked.connect(self._actions["train"].trigger)
        self.step = look(QToolButton(), "step")
        self.step.setObjectName("step")
        self.step.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.step.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.step.setFixedHeight(30)
        self.step.clicked.connect(lambda: self._workbench.step())
        grains = QMenu(self.step)
        for grain, (word, help) in self._grains().items():
            choice = QAction(self.tr("1 {grain}: {help}").format(grain=word, help=help), grains)
            choice.setObjectName(f"grain_{grain}")
            choice.triggered.connect(lambda _=False, grain=grain: self._workbench.set_grain(grain))
            grains.addAction(choice)
        grains.aboutToShow.connect(lambda: self._offer(grains))
        self.step.setMenu(grains)
        self.pace_label = label(self.tr("Pace"), "caption")
        self.segments = Segments(
            [
                ("pace_explain", self.tr("Explain"), self.tr("Explain: one stage at a time, every number shown (Alt+1)")),
                ("pace_watch", self.tr("Watch"), self.tr("Watch: one pass at a time, as pulses along the wires (Alt+2)")),
                (
                    "pace_fast",
                    self.tr("Fast"),
                    self.tr("Fast: no pulses; pictures and curves follow the weights (Alt+3); ] goes faster still, [ slower"),
                ),
            ]
        )
        self.segments.setObjectName("pace")
        self.segments.chosen.connect(lambda index: self._workbench.set_pace(paces.NAMES[index]))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setObjectName("pace_slider")
        self.slider.setAccessibleName(self.tr("Pace"))
        self.slider.setRange(0, len(paces.SCALE) - 1)
        self.slider.setPageStep(1)
        self.slider.setFixedSize(84, 30)
        self.slider.setToolTip(self.tr("Slower to the left, faster to the right ( [ and ] )"))
        self.slider.valueChanged.connect(lambda value: self._workbench.set_pace(paces.SCALE[value]))
        self.meaning = label("", "label")
        self.meaning.setObjectName("pace_meaning")
        words = max(
            (QFontMetrics(font(12)).horizontalAdvance(pace.words(grain)) for pace in paces.SCALE for grain in ("cell", "node")), default=0
        )
        self.meaning.setFixedWidth(words + 4)
        for widget, gap in (
            (self.rewind, 4),
            (self.train, 6),
            (self.step, 18),
            (self.pace_label, 10),
            (self.segments, 12),
            (self.slider, 10),
            (self.meaning, 0),
        ):
            row.addWidget(widget)
            spacer = QSpacerItem(gap, 0)
            row.addItem(spacer)
            if widget is self.step:
                self._apart = spacer
        self._show_grain()

    def _make_readouts(self, row: QHBoxLayout) -> None:
        row.addWidget(self._divider())
        self._readouts = QHBoxLayout()
        self._readouts.setContentsMargins(8, 0, 16, 0)
        self.readouts = {
            "step": Readout("step", self.tr("step"), STEPS, self.tr("Updates of the weights so far")),
            "epoch": Readout("epoch", self.tr("epoch"), "88,888", self.tr("Times that all training samples were seen")),
            "loss": Readout("loss", self.tr("loss"), SMALL, self.tr("Training loss: how wrong it is, as a mean over the last steps")),
            "train": Readout(
                "train", self.tr("train accuracy"), "100.0%", self.tr("Share of right answers in the last batches, each before its update")
            ),
            "validation": Readout(
                "validation", self.tr("validation"), "100.0%", self.tr("Share of samples it never trained on that it gets right")
            ),
        }
        for readout in self.readouts.values():
            self._readouts.addWidget(readout)
        row.addLayout(self._readouts)

    def _button(self, symbol: str, name: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFixedSize(30, 30)
        button.setIconSize(QSize(16, 16))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._icons.append((button, symbol))
        return button

    def _action_button(self, name: str) -> QToolButton:
        action = self._actions[name]
        button = self._button(name, name, action.toolTip())
        button.clicked.connect(action.trigger)

        def follow() -> None:
            button.setEnabled(action.isEnabled())
            button.setToolTip(action.toolTip())

        action.changed.connect(follow)
        follow()
        return button

    def _divider(self) -> QFrame:
        line = rule("rule-vertical")
        line.setFixedHeight(20)
        holder = line
        holder.setContentsMargins(3, 0, 3, 0)
        return holder

    # -- what is shown
    def set_geometry(self, geometry: Geometry) -> None:
        """Take the sizes of a layout: a compact one leaves out the slider, new and open, and the epoch."""
        self.setFixedHeight(geometry.bar)
        self._transport, self._slack = geometry.transport - 8, 0 if geometry.tabs else NAME_SLACK
        for widget in (self.readouts["epoch"], *self._files[:2]):
            widget.setVisible(not geometry.compact)
        right = self.readouts["train"]
        right.set_caption(self.tr("train") if geometry.tabs else self.tr("train accuracy"), right.toolTip())
        self.train.setFixedWidth(max(84 if geometry.compact else 92, self._widest_train()))
        self._readouts.setSpacing(8 if geometry.tabs else 12 if geometry.compact else 18)
        self._apart.changeSize(10 if geometry.tabs else 18, 0)
        self.readouts["step"].set_template(FEWER if geometry.tabs else STEPS)
        self._compact = geometry.compact
        self._show_grain()
        self._show_name()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        for button, symbol in self._icons:
            button.setIcon(icon(symbol, theme))
        self.step.setIcon(icon("step", theme, "text"))
        self._show_running(self._workbench.running or self._workbench.playing)

    _compact = False
    _transport, _slack = MEDIUM.transport - 8, NAME_SLACK

    def _grains(self) -> dict[str, tuple[str, str]]:
        """What one step by hand may be: the word, and what it does."""
        return {
            "cell": (self.tr("cell"), self.tr("one number, such as a neuron's sum or a weight's update")),
            "time": (self.tr("step in time"), self.tr("one step of a recurrent layer, all its units; of others the node")),
            "node": (self.tr("node"), self.tr("all numbers of a node in this phase")),
            "sample": (self.tr("sample"), self.tr("forward, loss and backward of one sample")),
            "batch": (self.tr("batch"), self.tr("all samples of a batch, and the update")),
            "epoch": (self.tr("epoch"), self.tr("to the end of the epoch")),
        }

    def _offer(self, grains: QMenu) -> None:
        """The menu leaves out what this network has none of."""
        there = self._workbench.grains()
        for choice in grains.actions():
            choice.setVisible(choice.objectName().removeprefix("grain_") in there)

    def _show_grain(self) -> None:
        word, help = self._grains()[self._workbench.grain]
        self.step.setText(word if self._compact else self.tr("1 {grain}").format(grain=word))
        widest = max(
            QFontMetrics(font(12, 500)).horizontalAdvance(self.step.text().replace(word, one)) for one, _ in self._grains().values()
        )
        self.step.setFixedWidth(widest + 62)  # of the widest word: nothing beside it moves when the grain changes
        tip = self.tr("One {grain} on (→), or back (←): {help}. With Shift the next larger grain.").format(grain=word, help=help)
        self.step.setToolTip(tip)
        self.step.setAccessibleName(tip)
        self.meaning.setText(self._workbench.pace_setting.words(self._workbench.grain))

    def _show_pace(self) -> None:
        setting = self._workbench.pace_setting
        self.segments.choose(paces.NAMES.index(setting.name))
        self.slider.blockSignals(True)
        self.slider.setValue(paces.position(setting))
        self.slider.blockSignals(False)
        self.meaning.setText(setting.words(self._workbench.grain))

    def _show_name(self) -> None:
        self.name.set_text(self._actions.document_title())
        self.dot.setVisible(self._actions.unsaved())
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _widths(self) -> list[int]:
        return [0 if readout.isHidden() else readout.minimumWidth() for readout in self.readouts.values()]

    def _fit(self) -> None:
        """Show of the pace what there is room for beside the numbers; the name takes what is left, and gives way last."""
        for layout in (self._readouts, self._row):  # where a readout grew: an inner layout keeps its old size until there is time
            layout.invalidate()
        self._numbers = self._widths()
        parts = {part: part.minimumWidth() or part.sizeHint().width() for part in (self.slider, self.pace_label, self.meaning)}
        taken = self._left.minimumWidth() + sum(width for part, width in parts.items() if not part.isHidden())
        left = self._transport - NAME_GIVES
        spare = self.width() - (self._row.minimumSize().width() - taken) - left - self._kept_free()
        for part, width in parts.items():
            fits = not self._compact and width <= spare
            part.setVisible(fits)
            spare -= width if fits else 0
        wanted = min(max(self._left.sizeHint().width(), self._transport), self._transport + self._slack)
        self._left.setFixedWidth(max(min(wanted, left + spare), 0))

    def _kept_free(self) -> int:
        """px that a classification's figures would take beyond those of a regression: what stands left of them stays where it is."""
        train, last = self.readouts["train"], self.readouts["validation"]
        if not train.isHidden():
            return 0
        return train.minimumWidth() + self._readouts.spacing() + last.width_under(self.tr("validation")) - last.minimumWidth()

    def _show_running(self, running: bool) -> None:
        text = self.tr("Pause") if running else self.tr("Train")
        self.train.setText(" " + text)
        self.train.setIcon(icon("pause" if running else "play", self._theme, "on_accent", filled=not running))
        self.train.setToolTip(self.tr("{action} (Space)").format(action=text))
        self.train.setAccessibleName(text)

    def _widest_train(self) -> int:
        """px of its button with the longer of its words: it must not grow when it is pressed."""
        words, widths = self.train.text(), []
        for text in (self.tr("Pause"), self.tr("Train")):
            self.train.setText(" " + text)
            widths.append(self.train.sizeHint().width())
        self.train.setText(words)
        return max(widths)

    def _take(self, snapshot: Snapshot) -> None:
        if self._clock.elapsed() >= READOUT_MILLISECONDS or snapshot.phase != "training":
            self._clock.restart()
            self.show_snapshot(snapshot)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the pass on show from here too: whoever clicked a pace has the focus on this bar."""
        if event.key() == Qt.Key.Key_Escape and (self._workbench.held or self._workbench.looking):
            self._workbench.leave_wanted.emit()
            return
        super().keyPressEvent(event)

    def _judged_by(self, snapshot: Snapshot) -> tuple[str, str]:
        """What the last readout is called, and what it tells."""
        if not snapshot.has_accuracy:
            return self.tr("validation loss"), self.tr("The loss on samples it never trained on")
        if snapshot.rare:
            return self.tr("F1, validation"), self.tr(
                "F1 score on samples it never trained on: 2 hits / (2 hits + false alarms + misses). A yes is so rare here that always"
                " saying no would have a high accuracy."
            )
        return self.tr("validation"), self.tr("Share of samples it never trained on that it gets right")

    def _judgment(self, snapshot: Snapshot, shown: Snapshot | Moment) -> str:
        if not snapshot.has_accuracy:
            return measure(shown.validation_loss)
        if snapshot.rare:
            return "" if shown.validation_f1 is None else f"{shown.validation_f1:.3f}"
        return percent(shown.validation_accuracy)

    def _about_loss(self, loss: float | None) -> str:
        """What the loss is; of a language model in bits as well."""
        words, unit = self.tr("Training loss: how wrong it is, as a mean over the last steps"), unit_of(self._workbench.document)
        if not unit or loss is None or tells_loss(self._workbench.hidden):
            return words
        bits = self.tr("{bits} bits a word") if unit == WORDS else self.tr("{bits} bits a character")
        return f"{words}\n{bits.format(bits=number(loss / math.log(2), 3))}"

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Print the run's numbers."""
        started = snapshot.step > 0
        shown = snapshot.moment or snapshot  # of an earlier moment: its own figures
        classified = snapshot.has_accuracy
        self.readouts["train"].setVisible(classified)
        judged, told = self._judged_by(snapshot)
        when = self.tr("As last checked: at an epoch's end, or since training stands.")
        self.readouts["validation"].set_caption(judged, f"{told}\n{when}")
        self.readouts["loss"].setToolTip(self._about_loss(shown.loss))
        numbers = {
            "step": count(shown.step) if started else NOTHING,
            "epoch": count(shown.epoch) if started else NOTHING,
            "loss": HIDDEN if tells_loss(self._workbench.hidden) else measure(shown.loss),
            "train": percent(shown.train_accuracy),
            "validation": self._judgment(snapshot, shown),
        }
        for name, text in numbers.items():
            self.readouts[name].show_value(text or NOTHING)
        if self._widths() != self._numbers:
            self._fit()
        self._show_what_train_does()

    def _show_what_train_does(self) -> None:
        running = self._workbench.snapshot.phase == "training" or self._workbench.playing
        if running != self.train.property("running"):
            self.train.setProperty("running", running)
            self._show_running(running)
            refresh(self.train)
