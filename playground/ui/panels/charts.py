"""The row of charts, and its menu: which charts, smoothing, log axis, earlier runs."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QTimer
from PySide6.QtGui import QAction, QHelpEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QToolTip, QWidget

from playground import turns
from playground.engine.live.commands import NameRun, RemoveRun
from playground.engine.live.snapshot import RunCurves, Snapshot
from playground.ui.dialogs.ask import Ask
from playground.ui.panels import chart_series as series
from playground.ui.panels.chart import Chart
from playground.ui.panels.chart_mistakes import MistakesChart
from playground.ui.panels.chart_norms import NormChart
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

REFRESH_MILLISECONDS = 80
LEAST_WIDE = 210
MENU_SIDE = 24
TITLE_HIGH = 24
USUAL = frozenset({"loss", "accuracy", "gradient_norm"})
OF_RARE = frozenset({"loss", "f1", "gradient_norm"})
"""Where a yes is rare, always saying no looks good by its accuracy."""
OF_A_PERCEPTRON = frozenset({"mistakes", "parameter", "loss"})
OWN: dict[str, type[Chart]] = {"mistakes": MistakesChart, "gradient_norm": NormChart}
SMOOTHING = (None, 0.0, 0.6, 0.9, 0.98)


class Charts(QWidget):
    """Two to four charts side by side, as many as fit. Curves are redrawn at most 12 times a second."""

    def __init__(self, workbench: Workbench, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("charts")
        self._workbench = workbench
        self._snapshot: Snapshot | None = None
        self._hidden: frozenset[int] = frozenset()
        self._removed: frozenset[int] = frozenset()
        self._smoothing: float | None = None
        self._wanted = {"": set(USUAL), "rare": set(OF_RARE), "perceptron": set(OF_A_PERCEPTRON)}
        self._perceptron = False
        self._clock = QElapsedTimer()
        self._clock.start()
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.timeout.connect(self._draw)
        titles = {
            "mistakes": self.tr("Mistakes"),
            "parameter": self.tr("Weights and bias"),
            "loss": self.tr("Loss"),
            "accuracy": self.tr("Accuracy"),
            "f1": self.tr("F1 score"),
            "gradient_norm": self.tr("Gradient norm"),
            "weight_norm": self.tr("Weight norm"),
            "learning_rate": self.tr("Learning rate"),
        }
        self._titles = titles
        self._tips = {
            "mistakes": self.tr("How many samples of a round were answered wrongly."),
            "parameter": self.tr("Each weight and the bias after every step."),
            "loss": self.tr("How far the answers are from the truth: what training makes small."),
            "accuracy": self.tr("The share of right answers: of the steps' batches (train), and of samples never trained on (validation)."),
            "f1": self.tr("How well rare yeses are found: 1 where all are and nothing else is."),
            "gradient_norm": self.tr(
                "The length of each layer's gradient: how hard the loss pulls at its weights. Earlier runs are faint."
            ),
            "weight_norm": self.tr("The length of each layer's weights, all taken as one arrow. Earlier runs are faint."),
            "learning_rate": self.tr("How far each update moves along the gradient."),
        }
        self.charts = {kind: OWN.get(kind, Chart)(kind, titles[kind], theme, self) for kind in series.KINDS}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 8, 4, 4)
        layout.setSpacing(8)
        for chart in self.charts.values():
            chart.setAccessibleName(titles[chart.kind])
            chart.setAccessibleDescription(self._tips[chart.kind])
            chart.installEventFilter(self)
            layout.addWidget(chart, 1)
        self._button = QToolButton(self)
        self._button.setObjectName("charts_menu")
        self._button.setText("⋯")
        self._button.setAutoRaise(True)
        self._button.setToolTip(self.tr("Which charts, smoothing, log axis, earlier runs"))
        self._button.setAccessibleName(self._button.toolTip())
        self._button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self._button)
        self.menu.setObjectName("charts_menu_list")
        self.menu.aboutToShow.connect(self._fill_menu)
        self._button.setMenu(self.menu)
        self._arrange()
        workbench.snapshot_changed.connect(self.show_snapshot)
        workbench.theme_changed.connect(self.set_theme)
        workbench.document_changed.connect(lambda *_: self._document_changed())
        self._document_changed()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Over its title a chart is explained; below it, the pointer reads values."""
        if isinstance(event, QHelpEvent) and isinstance(watched, Chart) and event.y() < TITLE_HIGH:
            QToolTip.showText(event.globalPos(), self._tips[watched.kind], watched)
            return True
        return super().eventFilter(watched, event)

    def set_theme(self, theme: Theme) -> None:
        for chart in self.charts.values():
            chart.set_theme(theme)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Take a snapshot; it is drawn now, or when the next redraw is due."""
        self._snapshot = snapshot
        if not self._late.isActive():
            self._late.start(max(0, REFRESH_MILLISECONDS - int(self._clock.elapsed())))

    def _document_changed(self) -> None:
        """Let the keys call the nodes as their cards do; a single neuron has charts of its own."""
        document = self._workbench.document
        titles = {id: node.title for id, node in document.nodes.items() if node.title}
        for chart in self.charts.values():
            chart.titles = titles
            chart.update()
        mistakes = self.charts["mistakes"]
        assert isinstance(mistakes, MistakesChart)
        mistakes.single = document.training.batch_size == 1
        self._perceptron = series.of_a_perceptron(document)
        self._arrange()

    def set_smoothing(self, factor: float | None) -> None:
        """Smooth all curves by an exponential moving average; 0 is off, ``None`` smooths those that are noisy."""
        self._smoothing = factor
        self._apply()

    def set_run_shown(self, run: int, shown: bool) -> None:
        """Show an earlier run's curves, or leave them out."""
        self._hidden = self._hidden - {run} if shown else self._hidden | {run}
        self._apply()

    def remove_run(self, run: int) -> None:
        """Take an earlier run off the charts for good."""
        self._removed |= {run}
        self._workbench.session.send(RemoveRun(run))
        self._apply()

    def rename_run(self, run: int, name: str) -> None:
        """Give an earlier run a name of the user's; an empty one changes nothing."""
        if name.strip():
            self._workbench.session.send(NameRun(run, name.strip()))

    def set_wanted(self, kind: str, on: bool) -> None:
        """Whether this chart is in the row."""
        wanted = self._wanted[self._sort]
        (wanted.add if on else wanted.discard)(kind)
        self._arrange()

    def visible_kinds(self) -> list[str]:
        """The charts in the row, left to right."""
        return [kind for kind, chart in self.charts.items() if not chart.isHidden()]

    def _apply(self) -> None:
        for chart in self.charts.values():
            chart.set_view(self._smoothing, self._hidden | self._removed)

    @turns.window
    def _draw(self) -> None:
        self._clock.restart()
        self._arrange()
        if self._snapshot is not None:
            for chart in self.charts.values():
                if not chart.isHidden():
                    chart.show_snapshot(self._snapshot)

    @property
    def _close_up(self) -> bool:
        """Whether there is, or will be after a step, a curve of every single weight."""
        snapshot = self._snapshot
        if not self._perceptron or snapshot is None or not snapshot.step:
            return self._perceptron
        return any(name.startswith("parameter/") for name in snapshot.curves)

    @property
    def _sort(self) -> str:
        """Which charts are usual here."""
        if self._close_up:
            return "perceptron"
        return "rare" if self._snapshot is not None and self._snapshot.rare else ""

    def _kinds(self) -> list[str]:
        """The charts that this network and this task have numbers for."""
        without = set() if self._close_up else {"mistakes", "parameter"}
        if self._snapshot is not None and not self._snapshot.has_accuracy:
            without |= {"accuracy", "mistakes"}
        if self._snapshot is None or not self._snapshot.rare:
            without.add("f1")
        return [kind for kind in series.KINDS if kind not in without]

    def _arrange(self) -> None:
        """Show the wanted charts that there are numbers for, as many as fit; at least the loss."""
        kinds = [kind for kind in self._kinds() if kind in self._wanted[self._sort]]
        room = max(1, (self.width() - 20) // (LEAST_WIDE + 8))
        shown = set(kinds[:room] or ["loss"])
        for kind, chart in self.charts.items():
            if chart.isHidden() == (kind in shown):
                chart.setVisible(kind in shown)
                if kind in shown and self._snapshot is not None:
                    chart.show_snapshot(self._snapshot)
            chart.head_room = MENU_SIDE if kinds and kind == kinds[:room][-1] else 0.0

    def _fill_menu(self) -> None:
        self.menu.clear()
        for kind in self._kinds():
            self._check(self.menu, self._titles[kind], kind in self._wanted[self._sort], partial(self.set_wanted, kind))
        self.menu.addSeparator()
        loss = self.charts["loss"]
        self._check(self.menu, self.tr("Loss on a log scale"), loss.wants_log, loss.set_log)
        smooth = self.menu.addMenu(self.tr("Smoothing"))
        for factor in SMOOTHING:
            words = self.tr("Where noisy") if factor is None else f"{factor:g}" if factor else self.tr("Off")
            self._check(smooth, words, factor == self._smoothing, lambda _on, factor=factor: self.set_smoothing(factor))
        runs = [run for run in (self._snapshot.runs if self._snapshot else ()) if run.run not in self._removed]
        listed = self.menu.addMenu(self.tr("Earlier runs"))
        listed.setEnabled(bool(runs))
        for run in runs:
            self._check(listed, run.name, run.run not in self._hidden, partial(self.set_run_shown, run.run))
        if runs:
            listed.addSeparator()
        for run in runs:
            listed.addAction(self.tr("Rename {name}…").format(name=run.name)).triggered.connect(partial(self._ask_name, run))
        for run in runs:
            listed.addAction(self.tr("Delete {name}").format(name=run.name)).triggered.connect(partial(self._remove, run.run))

    def _ask_name(self, run: RunCurves, checked: bool = False) -> None:
        Ask(self, self.tr("Rename the branch"), run.name, partial(self.rename_run, run.run), name="run_name").open()

    def _remove(self, run: int, checked: bool = False) -> None:
        self.remove_run(run)

    def _check(self, menu: QMenu, words: str, on: bool, then: object) -> QAction:
        action = menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(on)
        action.toggled.connect(then)
        return action

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
        self._button.setGeometry(self.width() - MENU_SIDE - 6, 4, MENU_SIDE, MENU_SIDE)
        self._button.raise_()
