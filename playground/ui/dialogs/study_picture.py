"""What a study found: the curves of all points over one another and their scores, both by the figure that is chosen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from playground.engine.live.snapshot import Studied
from playground.ui.dialogs import study_scores as scores
from playground.ui.dialogs.study_curves import StudyCurves
from playground.ui.dialogs.study_map import StudyMap
from playground.ui.dialogs.study_scores import METRICS, Metric
from playground.ui.panels.controls import label
from playground.ui.theme import Theme
from playground.ui.wording import declared

CURVE = {
    "loss": "loss/train",
    "validation_loss": "loss/validation",
    "train_accuracy": "accuracy/train",
    "validation_accuracy": "accuracy/validation",
}


class StudyPicture(QWidget):
    """``chosen`` is the point that is told of beside it; ``on_choice`` is called when the user takes another."""

    def __init__(self, theme: Theme, titles: Callable[[str], str]) -> None:
        super().__init__()
        self.setObjectName("study_picture")
        self._titles = titles
        self.study: Studied | None = None
        self.chosen: int | None = None
        self.on_choice: Callable[[], object] = lambda: None
        self.curves, self.map = StudyCurves(theme), StudyMap(theme)
        for part in (self.curves, self.map):
            part.tell, part.on_hover, part.on_choice = self.told, self._hover, self.choose
        self.curve_box, self.metric_box = QComboBox(), QComboBox()
        head = QHBoxLayout()
        head.setSpacing(8)
        for name, words, box in (("curve", self.tr("Curves"), self.curve_box), ("metric", self.tr("Scores"), self.metric_box)):
            box.setObjectName(f"study_{name}")
            box.setAccessibleName(words)
            box.activated.connect(lambda _: self._renew())
            head.addWidget(label(words))
            head.addWidget(box)
            head.addSpacing(8)
        head.addStretch(1)
        there = QWidget()
        column = QVBoxLayout(there)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addLayout(head)
        column.addWidget(self.curves, 4)
        column.addWidget(self.map, 5)
        nothing = label(self.tr("Nothing tried yet. The curves of all points and their scores will stand here."), "sentence")
        nothing.setWordWrap(True)
        nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(nothing)
        self._stack.addWidget(there)

    def set_theme(self, theme: Theme) -> None:
        self.curves.set_theme(theme)
        self.map.set_theme(theme)

    @property
    def scored_by(self) -> Metric:
        """What the points are compared by."""
        found = self.metric_box.currentData()
        return found if isinstance(found, Metric) else METRICS[0]

    def best(self) -> int | None:
        return None if self.study is None else scores.best(self.study, self.scored_by)

    def show_study(self, study: Studied | None) -> None:
        if study is None or self.study is None or len(study.points) != len(self.study.points) or study.axes != self.study.axes:
            self.chosen = self.curves.hovered = self.map.hovered = None
        self.study = study
        self._stack.setCurrentIndex(0 if study is None else 1)
        self._offer()
        self._renew()

    def choose(self, at: int | None) -> None:
        self.chosen = self.curves.chosen = self.map.chosen = at
        self.curves.update()
        self.map.update()
        self.on_choice()

    def _hover(self, at: int | None) -> None:
        if at != self.curves.hovered:
            self.curves.hovered = self.map.hovered = at
            self.curves.update()
            self.map.update()

    def _offer(self) -> None:
        """The figures that there are, for curves and scores."""
        metrics = scores.offered(self.study)
        for box in (self.curve_box, self.metric_box):
            if tuple(box.itemData(at) for at in range(box.count())) != metrics:
                before = box.currentData()
                box.clear()
                for metric in metrics:
                    box.addItem(scores.title(metric).capitalize(), metric)
                wanted = before if before in metrics else METRICS[2] if box is self.curve_box else metrics[0]
                box.setCurrentIndex(metrics.index(wanted) if wanted in metrics else 0)

    def _renew(self) -> None:
        study, curves = self.study, self.curves
        shown = self.curve_box.currentData() or METRICS[2]
        curves.study, curves.kind, curves.chosen = study, CURVE[shown.name], self.chosen
        curves.title = scores.title(shown).capitalize()
        if not shown.share:
            curves.title = self.tr("{title}, log scale").format(title=curves.title)
        if shown.name == "loss":
            curves.title = self.tr("{title}, smoothed").format(title=curves.title)
        curves.axis_title = self._titles(study.axes[0]) if study is not None and study.axes else ""
        curves.best = self.best()
        curves.update()
        self.map.chosen = self.chosen
        self.map.show_study(study, self.scored_by, self.headings())
        if study is not None and not study.running:
            self.map.setAccessibleDescription("\n".join(self.told(at) for at in scores.order(study, self.scored_by)))
        self.on_choice()

    # -- words
    def headings(self) -> list[str]:
        """What was varied."""
        axes = self.study.axes if self.study is not None else ()
        return [self._titles(axis) for axis in axes] or [self.tr("seed")]

    def place(self, at: int) -> str:
        """What was tried at the point: ``"learning rate 0.01, hidden1 units 4"``."""
        assert self.study is not None
        names = [title.replace(":", "") for title in self.headings()]
        return ", ".join(f"{name} {scores.words(value)}" for name, value in zip(names, self.study.points[at].values, strict=True))

    def told(self, at: int) -> str:
        """The point in a sentence."""
        assert self.study is not None
        point, place = self.study.points[at], self.place(at)
        if point.state in ("diverged", "failed"):
            return f"{place}: {declared(point.message) or scores.state_words(point)}"
        found = [metric for metric in METRICS if scores.score(point, metric) is not None]
        if not found:
            return f"{place}: {scores.state_words(point)}"
        first = sorted(found, key=lambda metric: metric != self.scored_by)
        figures = [f"{scores.title(metric)} {scores.printed(getattr(point, metric.name), metric)}" for metric in first]
        return f"{place}: {', '.join(figures[:3])}"
