"""The legends at the canvas's lower left: the scale of the neurons' outputs with its ends, and what an edge's width and form mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from playground import turns
from playground.anim.attention_cells import INNER
from playground.anim.scale import Scale, greatest
from playground.layers import registry
from playground.layers.functions import written
from playground.ui.canvas import edges
from playground.ui.canvas.card import CardItem
from playground.ui.numbers import short
from playground.ui.painters import reading, tools
from playground.ui.theme import Theme

if TYPE_CHECKING:
    from playground.ui.canvas.view import CanvasView

HEIGHT = 42
BAR, SIZE = 132.0, 10.5
SAMPLES = (-5.0, -2.5, -0.5, 0.5, 2.5, 5.0)
PITCH, LINE = 33.0, 22.0


class Legends(QWidget):
    """Of the selected node's outputs (else the first one's with neurons), in the backward phase of the errors at the node that the pass
    is at, and of the weights where there are edges."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self.setObjectName("canvas_legends")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._view, self._theme = view, view.theme
        self.resize(QSize(400, HEIGHT))
        self._said: tuple[object, ...] = ()
        view.player.moved.connect(lambda _: self.refresh())
        view.camera.changed.connect(self.refresh)
        view.workbench.document_changed.connect(lambda *_: self.refresh())

    @turns.window
    def refresh(self) -> None:
        """Paint again, if what it says has changed."""
        shown = self._shown()
        free = tuple(place is not None and self._free(*place) for place in self._places())
        said = (shown[0], shown[1].ends(), shown[1].ramp) if shown is not None else (), self._has_edges(), free
        if said != self._said:
            self._said = said
            self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def _shown(self) -> tuple[str, Scale] | None:
        """The title of what is told, and its scale."""
        scene = self._view.scene_
        cursor = scene.cursor_at
        if cursor is not None and cursor.stage.phase == "backward" and cursor.stage.node in scene.cards:
            card = scene.cards[cursor.stage.node]
            part = "" if cursor.place is None else cursor.place[0]
            inner = reading.gradient(card.picture, part) if part in INNER else None
            if inner is not None:
                return self.tr("Error at {node}").format(node=card.title), Scale(limit=greatest(inner), ramp="err")
            error = reading.shown(card.picture, cursor, card.scale)
            if error is not None and error.what == "gradient":
                return self.tr("Error at {node}").format(node=card.title), error.scale
        chosen = self._card()
        if chosen is None:
            return None
        function, title = reading.function(chosen.picture), self.tr("Output of {node}").format(node=chosen.title)
        cell = registry.cell(chosen.node.type)
        if cell is not None and cell.memory != "h":
            return self.tr("Cell state of {node}").format(node=chosen.title), chosen.scale
        return (f"{title} ({written(function)})" if function != "identity" else title), chosen.scale

    def _card(self) -> CardItem | None:
        scene = self._view.scene_
        chosen = [scene.cards[id] for id in self._view.workbench.selected if id in scene.cards]
        for card in (*chosen, *(scene.cards[id] for id in scene.facts.order if scene.facts.nodes[id].parameters)):
            if card.facts.layer is not None and card.facts.output is not None and card.scale.limit > 0:
                return card
        return None

    def _has_edges(self) -> bool:
        return any(len(item.edges) for item in self._view.scene_.edges.values())

    @turns.window
    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            shown, (scale, weights) = self._shown(), self._places()
            if shown is not None and scale is not None and self._free(*scale):
                self._scale(painter, scale[0], *shown)
            if weights is not None and self._free(*weights):
                self._weights(painter, weights[0])

    def _places(self) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
        """From where and how far the scale and the weights' legend go; ``None`` for what there is not."""
        shown, across = self._shown(), PITCH * len(SAMPLES)
        scale = (2.0, BAR) if shown is not None else None
        x = BAR + 36.0 if shown is not None else 2.0
        if shown is not None:  # rather further to the right than a title cut off
            x = max(x, min(2.0 + tools.width(self._titled(*shown), SIZE) + 20.0, self.width() - across))
        return scale, (x, across) if self._has_edges() and x + across <= self.width() else None

    def _titled(self, title: str, scale: Scale) -> str:
        return title + self.tr(" · √ stretch on") if scale.stretch else title

    def _free(self, x: float, across: float) -> bool:
        """Whether no card lies there: the network may have been given the legends' room, or moved into it by hand."""
        view = self._view
        box = QRectF(self.x() + x - 4, self.y(), across + 8, self.height())
        there = view.mapToScene(box.toRect()).boundingRect()
        return not any(card.scene_card().intersects(there) for card in view.scene_.cards.values())

    def _scale(self, painter: QPainter, x: float, title: str, scale: Scale) -> None:
        theme, weights = self._theme, self._places()[1]
        room = (weights[0] if weights is not None else self.width()) - x - 12
        tools.text(painter, x, 6, self._titled(title, scale), theme.color("text3"), SIZE, room=room)
        bar = QRectF(x, 16, BAR, 6)
        ramp = Scale(limit=1.0, ramp=scale.ramp, stretch=scale.stretch)
        values = np.linspace(-1.0 if scale.signed else 0.0, 1.0, 128, dtype=np.float32)[None]
        tools.cells(painter, bar, values, ramp, theme, smooth=True)
        tools.frame(painter, bar, theme.color("line2"), 2)
        low, high = scale.ends()
        tools.text(painter, x, 33, short(low, signed=True), theme.color("text2"), 10.5)
        tools.text(painter, x + BAR, 33, short(high, signed=scale.signed), theme.color("text2"), 10.5, align="right")
        if scale.signed:
            tools.text(painter, x + BAR / 2, 33, "0", theme.color("text3"), 10.5, align="center")
            painter.fillRect(QRectF(x + BAR / 2 - 0.5, 14, 1, 10), theme.color("text3"))

    def _weights(self, painter: QPainter, x: float) -> None:
        tools.text(painter, x, 6, self.tr("Weight"), self._theme.color("text3"), 10.5)
        for at, weight in enumerate(SAMPLES):
            left = x + at * PITCH
            line = [QLineF(QPointF(left, 19), QPointF(left + LINE, 19))]
            painter.setPen(Qt.PenStyle.NoPen)
            edges.draw_line(painter, line, abs(weight) / edges.FULL, weight < 0, self._theme)
            tools.text(painter, left + LINE / 2, 33, short(weight), self._theme.color("text2"), 10.5, align="center")
