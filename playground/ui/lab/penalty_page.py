"""L1 and L2: the same start trained without a penalty and with each; how the weights lie about zero, side by side."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QPushButton

from playground.document import edits
from playground.engine.experiments.lab import Asked, Penalties, PenaltiesAsked, Trained
from playground.ui.lab.page import Page
from playground.ui.lab.plot import Plot
from playground.ui.numbers import count, measure, percent, plain
from playground.ui.painters import tools
from playground.ui.panels.chart_axes import Axes, round_up
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

GAP = 30.0
FOOT = 72.0
STRENGTH = 0.001
TICKS = [step * 10**power for power in range(7) for step in (1, 2, 5)]
TICK = 24.0


class PenaltyPicture(Plot):
    """Three histograms on one scale, in the colors of the weights."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "lab_penalties_picture")
        self.found: Penalties | None = None
        self.setAccessibleName(self.tr("Weights without a penalty, with L1, with L2"))

    def show_penalties(self, found: Penalties | None) -> None:
        self.found = found
        if found is not None:
            self.x_axis = Axes(low=-found.limit, high=found.limit)
            tallest = max((int(one.counts.max()) for one in found.trained), default=1)
            self.y_axis = Axes(low=0.0, high=round_up(max(tallest, 4)))
        self.renew()

    def title(self, one: Trained) -> str:
        """The penalty in words."""
        return {
            "none": self.tr("No penalty"),
            "l1": self.tr("L1 {strength}").format(strength=plain(one.strength)),
            "l2": self.tr("L2 {strength}").format(strength=plain(one.strength)),
        }[one.penalty]

    def part(self, index: int) -> QRectF:
        """Where the bars of a training are drawn."""
        area = self.area().adjusted(-24, 0, 0, -FOOT + 22)
        width = (area.width() - 2 * GAP) / 3
        return QRectF(area.x() + index * (width + GAP), area.y(), width, area.height())

    def height_of(self, held: float, box: QRectF) -> float:
        """How high a bar of so many weights is: by the root, so that the few beside the many at zero are seen."""
        return (held / self.y_axis.high) ** 0.5 * box.height()

    def draw(self, painter: QPainter) -> None:
        if self.found is None:
            self.nothing(painter, self.tr("Press Train all three"))
            return
        words = self.tr("across: a weight's value; up: how many weights have it, √ scale")
        tools.text(painter, self.part(0).x(), self.part(0).bottom() + 28, words, self.theme.color("text3"), 10.5)
        for index, one in enumerate(self.found.trained):
            self._part(painter, one, self.part(index), index == 0)

    def _part(self, painter: QPainter, one: Trained, box: QRectF, first: bool) -> None:
        found, theme = self.found, self.theme
        assert found is not None
        tools.text(painter, box.x(), box.y() - 14, self.title(one), theme.color("text"), 12, 600)
        words = self.tr("left the range") if one.diverged else self.tr("epoch {n}").format(n=count(one.epoch))
        tools.text(painter, box.right(), box.y() - 14, words, theme.color("text3"), 10.5, align="right")
        last = box.bottom()
        for place in [0, *(tick for tick in TICKS if tick <= self.y_axis.high)]:
            y = round(box.bottom() - self.height_of(place, box)) + 0.5
            if place and last - y < TICK:
                continue
            last = y
            painter.setPen(tools.pen(theme.color("line")))
            painter.drawLine(QPointF(box.x(), y), QPointF(box.right(), y))
            if first:
                tools.text(painter, box.x() - 6, y, count(place), theme.color("text3"), 10.5, align="right")
        bins = len(one.counts)
        width = box.width() / bins
        painter.setPen(Qt.PenStyle.NoPen)
        for index, held in enumerate(one.counts.tolist()):
            if held:
                high = max(2.0, self.height_of(held, box))
                painter.setBrush(theme.color("text2" if index == bins // 2 else "pos" if index > bins // 2 else "neg"))
                painter.drawRect(QRectF(box.x() + index * width + 0.5, box.bottom() - high, max(width - 1, 1), high))
        painter.setPen(tools.pen(theme.color("line3")))
        painter.drawLine(QPointF(box.x(), box.bottom() + 0.5), QPointF(box.right(), box.bottom() + 0.5))
        limit = plain(float(f"{found.limit:.3g}"))
        for x, words, align in (
            (box.x(), f"\u2212{limit}", "left"),
            (box.center().x(), "0", "center"),
            (box.right(), f"+{limit}", "right"),
        ):
            tools.text(painter, x, box.bottom() + 12, words, theme.color("text3"), 10.5, align=align)
        share = self.tr("{near} of {all} within ±{limit}").format(near=count(one.near), all=count(found.weights), limit=plain(found.near))
        tools.text(painter, box.x(), box.bottom() + 46, share, theme.color("text"), 12, 600, room=box.width())
        loss = self.tr("loss {loss}").format(loss=measure(one.loss))
        if one.validation is not None:
            loss += self.tr(", validation {loss}").format(loss=measure(one.validation))
        tools.text(painter, box.x(), box.bottom() + 64, loss, theme.color("text2"), 11, room=box.width())

    def draw_over(self, painter: QPainter) -> None:
        found = self.found
        if self.pointer is None or found is None:
            return
        for index, one in enumerate(found.trained):
            box = self.part(index)
            if box.contains(self.pointer):
                bins = len(one.counts)
                at = min(int((self.pointer.x() - box.x()) / box.width() * bins), bins - 1)
                low, high = (found.limit * (2 * edge / bins - 1) for edge in (at, at + 1))
                ends = f"{low:+.3g} … {high:+.3g}".replace("-", "\u2212")
                held = self.tr("{n} weights, {share}").format(
                    n=count(int(one.counts[at])), share=percent(int(one.counts[at]) / max(found.weights, 1))
                )
                self.chip(painter, self.pointer, [held, ends])


class PenaltyPage(Page):
    """Strengths and length can be chosen; what works is taken over with one click."""

    kind = "penalties"

    def __init__(self, workbench: Workbench, theme: Theme) -> None:
        self.picture = PenaltyPicture(theme)
        super().__init__(workbench, theme, self.picture)
        self.l1 = self.field("l1", self.tr("Strength of L1: each step pulls each weight towards 0 by this, times the rate"))
        self.l2 = self.field("l2", self.tr("Strength of L2: each step pulls each weight towards 0 by this share of itself, times the rate"))
        self.epochs = self.field("epochs", self.tr("How long each is trained"))
        for field in (self.l1, self.l2):
            field.setText(plain(STRENGTH))
        self.epochs.setPlaceholderText(self.tr("fitting"))
        self.row(self.tr("L1, L2"), self.l1, self.l2)
        self.row(self.tr("Epochs"), self.epochs)
        self.add_controls(self.tr("Train all three"))
        self.words = self.sentence("words")
        self.words.setText(
            self.tr(
                "Three copies of the network start from the weights of step 0 and see the same batches. L1 pulls every weight by the same"
                " force, down to 0. L2 pulls in proportion to the weight: large ones shrink, small ones hardly feel it. A high rate, or an"
                " optimizer that scales each step, can hide the difference. Biases are not penalized and not counted."
            )
        )
        self.uses: dict[str, QPushButton] = {}
        for name, words in (("l1", self.tr("Use this L1")), ("l2", self.tr("Use this L2"))):
            button = QPushButton(words)
            button.setObjectName(f"lab_penalties_use_{name}")
            button.setAutoDefault(False)
            button.setToolTip(self.tr("Set it in the training settings; undo takes it back"))
            button.clicked.connect(lambda _=False, name=name: self._use(name))
            self.uses[name] = button
            self.side.addWidget(button)
        self.side.addStretch(1)

    def question(self) -> Asked | None:
        epochs = self.number_in(self.epochs, whole=True) if self.epochs.text().strip() else 0.0
        l1, l2 = self.number_in(self.l1, -1e-12), self.number_in(self.l2, -1e-12)
        if l1 is None or l2 is None or epochs is None:
            return None
        return PenaltiesAsked(max(l1, 0.0), max(l2, 0.0), int(epochs) or None)

    def entered(self) -> None:
        if self.found is None:
            self.ask()

    def show_found(self) -> None:
        found = self.found if isinstance(self.found, Penalties) else None
        self.picture.show_penalties(found)
        if found is not None:
            self.epochs.setPlaceholderText(str(found.epochs))

    def _use(self, name: str) -> None:
        strength = self.number_in(self.l1 if name == "l1" else self.l2, -1e-12)
        if strength is not None:
            settings = {"l1": max(strength, 0.0), "l2": 0.0} if name == "l1" else {"l1": 0.0, "l2": max(strength, 0.0)}
            words = self.tr("{penalty} {strength}").format(penalty=name.upper(), strength=plain(strength))
            self.workbench.edit(words, edits.set_training(self.workbench.document, **settings))

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.picture.set_theme(theme)
