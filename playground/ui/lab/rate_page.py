"""Learning-rate finder: the loss while the rate is raised, the rate that is suggested, and a button that takes it."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QPushButton

from playground.document import edits
from playground.engine.experiments.lab import Asked, Rates, RatesAsked
from playground.engine.live.snapshot import Snapshot
from playground.ui.lab.page import ORIGINS, Page
from playground.ui.lab.plot import Plot
from playground.ui.numbers import count, measure, number, plain
from playground.ui.painters import tools
from playground.ui.panels.chart_axes import Axes, round_down, round_up
from playground.ui.panels.editors import readable
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench

EVENT = (2.0, 3.0)


class RatePicture(Plot):
    """Dots: each batch's loss. Line: the loss of many samples."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "lab_rates_picture")
        self.found: Rates | None = None
        self.present = 0.0
        self.x_title = self.tr("learning rate, log scale")
        self.setAccessibleName(self.tr("Loss against learning rate"))

    def show_rates(self, found: Rates | None, present: float) -> None:
        """``present`` is the document's rate."""
        if found is self.found and present == self.present:
            return
        self.found, self.present = found, present
        if found is not None and len(found.means):
            low, high = float(found.means.min()), float(found.means.max())
            log = low > 0
            self.x_axis = Axes(log=True, low=1e-6, high=10.0)
            self.y_axis = Axes(log=log, low=round_down(low) if log else 0.0, high=round_up(max(high, low * 1.1, 1e-9)))
            self.y_title = self.tr("loss, log scale") if log else self.tr("loss")
        self.renew()

    def draw(self, painter: QPainter) -> None:
        found, theme, area = self.found, self.theme, self.area()
        if found is None or not len(found.means):
            self.nothing(painter, self.tr("Press Find the rate"))
            return
        self.frame(painter)
        painter.save()
        painter.setClipRect(area)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("text3"))
        for rate, loss in zip(found.rates.tolist(), found.losses.tolist(), strict=True):
            painter.drawEllipse(self.at(rate, loss), 1.7, 1.7)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(tools.pen(theme.color("s2"), 2.0))
        places = [self.at(rate, mean) for rate, mean in zip(found.rates.tolist(), found.means.tolist(), strict=True)]
        painter.drawPolyline(places)
        painter.restore()
        tools.frame(painter, area, theme.color("line2"))
        self._marks(painter, found)
        self._key(painter, found)

    def _marks(self, painter: QPainter, found: Rates) -> None:
        area, theme = self.area(), self.theme
        if self.x_axis.low <= self.present <= self.x_axis.high:
            x = round(self.at(self.present, 1.0).x()) + 0.5
            painter.setPen(tools.pen(theme.color("text2"), 1.0))
            painter.drawLine(QPointF(x, area.bottom() - 14), QPointF(x, area.bottom()))
            words = self.tr("now {rate}").format(rate=plain(self.present))
            half = tools.width(words, 10.5) / 2 + 4
            mark = self.at(float(found.rates[found.index]), 1.0).x() if found.suggestion is not None else -half
            if abs(mark - x) < half:  # beside the dotted line, not across it
                x = mark - half if x <= mark else mark + half
            tools.text(painter, x, area.bottom() - 21, words, theme.color("text2"), 10.5, align="center")
        if found.suggestion is not None and 0 <= found.index < len(found.means):
            place = self.at(float(found.rates[found.index]), float(found.means[found.index]))
            painter.setPen(tools.pen(theme.color("warn"), 1.2, EVENT))
            painter.drawLine(QPointF(place.x(), area.y()), QPointF(place.x(), area.bottom()))
            painter.setPen(tools.pen(theme.color("panel"), 1.5))
            painter.setBrush(theme.color("warn"))
            painter.drawEllipse(place, 5, 5)
            words = self.tr("steepest descent: {rate}").format(rate=plain(found.suggestion))
            tools.text(painter, place.x() + 8, area.y() + 12, words, theme.color("warn"), 11, 500)

    def _key(self, painter: QPainter, found: Rates) -> None:
        x, y, theme = self.area().x() + tools.width(self.y_title, 11, 500) + 24, self.area().y() - 14, self.theme
        painter.setPen(tools.pen(theme.color("s2"), 2.0))
        painter.drawLine(QPointF(x, y), QPointF(x + 18, y))
        x += (
            24
            + tools.text(painter, x + 24, y, self.tr("{n} training samples").format(n=count(found.samples)), theme.color("text2"), 11)
            + 14
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("text3"))
        painter.drawEllipse(QPointF(x + 2, y), 1.7, 1.7)
        words = self.tr("each batch of {n}").format(n=count(found.batch))
        tools.text(painter, x + 10, y, words, theme.color("text2"), 11, room=max(self.area().right() - x - 10, 1))

    def draw_over(self, painter: QPainter) -> None:
        found = self.found
        if self.pointer is None or found is None or not len(found.means):
            return
        rate, _ = self.values(self.pointer)
        at = int(np.argmin(np.abs(np.log(found.rates) - math.log(rate))))
        place = self.at(float(found.rates[at]), float(found.means[at]))
        painter.setPen(tools.pen(self.theme.color("panel"), 1.5))
        painter.setBrush(self.theme.color("s2"))
        painter.drawEllipse(place, 4.5, 4.5)
        lines = [
            self.tr("rate {rate}: loss {loss}").format(rate=number(float(found.rates[at]), 2), loss=measure(float(found.means[at]))),
            self.tr("step {step}, its batch {loss}").format(step=count(at + 1), loss=measure(float(found.losses[at]))),
        ]
        self.chip(painter, place, lines)


class RatePage(Page):
    """One press finds, a second one uses."""

    kind = "rates"

    def __init__(self, workbench: Workbench, theme: Theme) -> None:
        self.picture = RatePicture(theme)
        super().__init__(workbench, theme, self.picture)
        self._origin = 1
        self.origin = self.origins()
        self.origin.choose(self._origin)
        self.origin.chosen.connect(self._set_origin)
        self.row(self.tr("Begin at"), self.origin)
        self.add_controls(self.tr("Find the rate"))
        self.verdict = self.sentence("verdict")
        self.use = QPushButton()
        self.use.setObjectName("lab_rates_use")
        self.use.setAutoDefault(False)
        self.use.setToolTip(self.tr("Set the learning rate; undo takes it back"))
        self.use.clicked.connect(self._use)
        self.use.hide()
        self.side.addWidget(self.use)
        self.words = self.sentence("words")
        self.side.addStretch(1)

    def question(self) -> Asked | None:
        return RatesAsked(origin=ORIGINS[self._origin])

    def _set_origin(self, index: int) -> None:
        self._origin = index
        self.ask()

    def entered(self) -> None:
        if self.found is None:
            self.ask()

    def show_found(self) -> None:
        found = self.found if isinstance(self.found, Rates) else None
        self.picture.show_rates(found, self.workbench.document.training.learning_rate)
        suggestion = found.suggestion if found is not None else None
        present = self.workbench.document.training.learning_rate
        self.use.setVisible(suggestion is not None and suggestion != present)
        if found is None or found.state.running:
            self.verdict.setText("")
            return
        if suggestion is None:
            self.verdict.setText(
                self.tr("From here the loss hardly falls at any rate: these weights are trained, or stuck. Try it from step 0.")
            )
        else:
            self.use.setText(self.tr("Use {rate}").format(rate=plain(suggestion)))
            same = self.tr("It is the present rate.") if suggestion == present else ""
            words = self.tr("At about {rate} the loss falls most steeply.").format(rate=plain(suggestion))
            self.verdict.setText(f"{words} {same}".strip())
        if found.state.done == found.state.total < RatesAsked().steps:
            ended = self.tr("It ended at {rate}: the loss was four times its lowest.").format(rate=number(float(found.rates[-1]), 2))
            self.verdict.setText(f"{self.verdict.text()} {ended}")
        self.words.setText(
            self.tr(
                "A copy of the network, with {optimizer} and batches of {batch}, takes {n} steps while the rate rises from 10⁻⁶ by equal"
                " factors. Too low, nothing moves; too high, the loss climbs. The steepest part between is where a step gains most"
                " (L. N. Smith, 2015). Your run is not touched."
            ).format(optimizer=readable(found.optimizer), batch=count(found.batch), n=count(RatesAsked().steps))
        )

    def follow(self, snapshot: Snapshot) -> None:
        if self.picture.present != self.workbench.document.training.learning_rate:
            self.show_found()

    def document_changed(self) -> None:
        self.show_found()

    def _use(self) -> None:
        if isinstance(self.found, Rates) and self.found.suggestion is not None:
            rate = self.found.suggestion
            document = edits.set_training(self.workbench.document, learning_rate=rate)
            self.workbench.edit(self.tr("learning rate {rate}").format(rate=plain(rate)), document)
            self.show_found()

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.picture.set_theme(theme)
