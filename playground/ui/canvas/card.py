"""A node's item: its card with header, live body and footer, its ports, and the states it can be in."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from playground.anim.cursor import Cursor
from playground.anim.scale import Scale
from playground.document import Node, Problem
from playground.layers.spec import format_shape
from playground.ui import icons
from playground.ui.canvas import footer, geometry, ports
from playground.ui.canvas.facts import Facts, NodeFacts
from playground.ui.canvas.measure import with_frame
from playground.ui.canvas.sprite import Darkroom, Sprite
from playground.ui.explain.places import Key
from playground.ui.numbers import count
from playground.ui.painters import placing, reading, registry, tools
from playground.ui.painters.base import Picture
from playground.ui.panels import node_figures
from playground.ui.theme import Theme
from playground.ui.wording import declared, with_titles

if TYPE_CHECKING:
    from playground.ui.canvas.scene import CanvasScene

BADGE = 18.0
CAPTIONS_FROM = 0.5
"""Below this zoom footers and facts are not drawn."""
SMALLEST_TITLE = 11.0
WORDS_FROM = 0.3
"""Below this zoom a card has no words at all: its tooltip has them."""
LEAST_RING = 1.5
"""Px on the screen that a ring or a border of state keeps, however small the card."""
LARGEST_GROWTH = 1.75
"""How much names may grow on a card that is drawn small, to keep their size on the screen."""


@dataclass(slots=True)
class CardState:
    """What is up with a card besides its values."""

    hover: bool = False
    selected: bool = False
    wanted: bool = False
    """A wire is being dragged that this card might take: its ports stand out."""
    computing: bool = False
    ahead: bool = False
    """The pass on show has not come here yet: what is drawn is the last one's."""
    nan: bool = False
    hidden_inputs: bool = False
    hidden_output: bool = False
    state_given: bool = False
    state_wired: bool = False
    """Whether a wire comes to the port of its state, and leaves it: without one these ports show under the pointer alone."""
    hot_port: tuple[str, int] | None = None
    dragged: QPointF | None = None


class CardItem(Sprite):
    """One node. It follows what the scene tells it; it never changes the document by itself."""

    scale: Scale
    """How its numbers become colors. Qt's own ``scale()``, how large an item is drawn, is 1 of every card."""

    def __init__(self, id: str, theme: Theme, darkroom: Darkroom) -> None:
        super().__init__(theme, darkroom)
        self.id = id
        self.state = CardState()
        self.node = Node(type="")
        self.facts = NodeFacts(None, {})
        self.picture = Picture(id, None, {})
        self.cursor_at: Cursor | None = None
        self.scale = Scale()
        self.painter = registry.find(None)
        self.full = with_frame(self.painter.size(self.picture))
        self.card = QRectF(QPointF(0, 0), self.full)
        self.face = ""
        """Which of its pictures is turned up (``Picture.face``)."""
        self.defect = False
        """Whether its painter failed: said once in the log, and on the card's tooltip."""
        self.setZValue(2)

    # -- what it shows
    def describe(self, node: Node, facts: NodeFacts, picture: Picture) -> None:
        """Take in the node as it now is; place and size follow."""
        if (node.type, node.fields, facts.output) != (self.node.type, self.node.fields, self.facts.output):
            self.scale = reading.scale_for(picture)
        self.node, self.facts, self.picture = node, facts, picture
        self.painter = registry.find(facts.layer)
        self.prepareGeometryChange()
        self.full = with_frame(self.painter.size(picture), facts.footer)
        self.card = QRectF(QPointF(0, 0), self.full)
        self.setPos(QPointF(*node.position))
        self.refresh()

    def compact(self, picture: Picture) -> None:
        """Draw a smaller card about the middle of the full one, so that neighbors stay aligned."""
        self.prepareGeometryChange()
        small = with_frame(self.painter.size(picture), self.facts.footer)
        self.picture = picture
        self.card = geometry.around(QRectF(QPointF(0, 0), self.full).center(), small.width(), small.height())
        self.refresh()

    @property
    def title(self) -> str:
        return self.node.title or self.id

    # -- where things are, in item coordinates
    @property
    def body(self) -> QRectF:
        return self.card.adjusted(0, geometry.HEADER, 0, -self.facts.footer)

    def input_port(self, index: int) -> QPointF:
        if self.facts.has_state:
            return QPointF(self.card.left(), self._state_height() if index else geometry.port_heights(self.card, 1, self.facts.footer)[0])
        heights = geometry.port_heights(self.card, max(self.facts.ports, index + 1), self.facts.footer)
        return QPointF(self.card.left(), heights[index])

    def _state_height(self) -> float:
        """Where the ports of the state lie: below those of the sequence."""
        return self.body.bottom() - geometry.PORT

    def output_port(self, index: int = 0) -> QPointF:
        """In a close-up it is level with the unit, where the drawn sum ends."""
        if index:
            return QPointF(self.card.right(), self._state_height())
        height = geometry.port_heights(self.card, 1, self.facts.footer)[0]
        unit = self.unit_rect(0) if self.facts.output == (1,) else None
        if unit is not None and unit != self.input_rect(0, 0):
            height = unit.center().y() - self.pos().y()
        return QPointF(self.card.right(), height)

    def scene_card(self) -> QRectF:
        return self.card.translated(self.pos())

    def port_at(self, point: QPointF, reach: float = geometry.PORT_REACH) -> tuple[str, int] | None:
        """``("in", 0)``, ``("out", 0)`` or ``None``: the port within reach of ``point`` (item coordinates)."""
        best: tuple[float, tuple[str, int]] | None = None
        places = [(("in", index), self.input_port(index)) for index in range(self.facts.ports)]
        if self.facts.has_output:
            places.append((("out", 0), self.output_port()))
        if self.facts.has_state:
            places.append((("out", 1), self.output_port(1)))
        for port, place in places:
            away = QPointF(place - point).manhattanLength()
            if away <= reach / 2 + 2 and (best is None or away < best[0]):
                best = (away, port)
        return best[1] if best else None

    def unit_at(self, point: QPointF) -> int | None:
        return self.painter.unit_at(self.body, self.picture, point) if self.body.contains(point) and self.facts.output else None

    def cell_at(self, point: QPointF) -> Key | None:
        """The entry of which value is drawn at ``point``, where the painter draws several values of a node."""
        found = self._own("cell_at", point)
        return None if found is None else (self.id, *found)

    def _own(self, name: str, *given: Any) -> Any:
        """What the painter's own method ``name`` says, where it has one and the node's shape is known; else ``None``."""
        finder = getattr(placing.chosen(self.painter, self.picture), name, None)
        return finder(self.body, self.picture, *given) if finder is not None and self.facts.output is not None else None

    def turns_at(self, point: QPointF) -> bool:
        """Whether a click at ``point`` shows the card's other picture."""
        box = self._own("turn_rect")
        return box is not None and box.contains(point)

    def unit_rect(self, unit: int) -> QRectF | None:
        """Where a unit is drawn, in scene coordinates."""
        if self.facts.output is None:
            return None
        box = self.painter.unit_rect(self.body, self.picture, unit)
        return box.translated(self.pos()) if box is not None else None

    def input_rect(self, unit: int, index: int) -> QRectF | None:
        """Where the edge from input ``index`` to ``unit`` ends, in scene coordinates."""
        finder = getattr(self.painter, "input_rect", None)
        box = finder(self.body, self.picture, index) if finder is not None and self.facts.output is not None else None
        return box.translated(self.pos()) if box is not None else self.unit_rect(unit)

    def has_input_rects(self) -> bool:
        """Whether the edges that come in end at places by input (a close-up's rows) instead of by unit."""
        finder = getattr(self.painter, "input_rect", None)
        return finder is not None and self.facts.output is not None and finder(self.body, self.picture, 0) is not None

    def tip(self, point: QPointF) -> str:
        """The tooltip for what lies at ``point``."""
        problem = self.facts.error
        said = self._said(problem)
        if self.defect:
            return QCoreApplication.translate(
                "canvas", "{node} cannot be drawn: this is a defect of the program. Training is not touched by it."
            ).format(node=self.title)
        if problem is not None and self.badge().adjusted(-3, -3, 3, 3).contains(point):
            return said
        port = self.port_at(point, 16)
        if port is not None:
            return ports.tip(self, *port)
        if self.body.contains(point):
            unit = self.unit_at(point)
            words = self._own("tip_at", self.cursor_at, point) or self.painter.tip(reading.told(self.picture, self.cursor_at, unit), unit)
            if unit is not None and words and self.facts.layer is not None and self.facts.layer.trace_kind not in ("input", "output"):
                words = f"{self.title}, {words}"  # "neuron 7" is one of many
            if self.turns_at(point):
                words = QCoreApplication.translate("canvas", "Click: the other picture of this card, its maps or its kernels.")
                if self.facts.layer is not None and self.facts.layer.trace_kind == "input":
                    words = QCoreApplication.translate("canvas", "Click: the picture as it is in the data, or as training changed it.")
            return words if problem is None else f"{said}\n\n{words}".strip()
        figures = self._figures()
        return said or (f"{self.title} · {self.node.type}\n{figures}" if figures else self.accessible())

    def _figures(self) -> str:
        """What it makes of what it gets: shapes, multiply-adds, the receptive field."""
        facts = self._surveyed()
        return node_figures.words(facts.document, self.id) if facts is not None and self.id in facts.nodes else ""

    def _surveyed(self) -> Facts | None:
        """Of the whole document; ``None`` of a card that lies in no scene."""
        scene = cast("CanvasScene | None", self.scene())
        return scene.facts if scene is not None else None

    def _said(self, problem: Problem | None) -> str:
        """The problem in words that name nodes as their cards do."""
        if problem is None:
            return ""
        facts = self._surveyed()
        return with_titles(str(problem), facts.document) if facts is not None else declared(str(problem))

    def accessible(self) -> str:
        """``"dense1, Dense, 120 units, 48,120 parameters"``."""
        parts = [self.title, self.node.type]
        units = self.facts.fields.get("units")
        if units is not None:
            parts.append(QCoreApplication.translate("canvas", "{n} units").format(n=count(int(units))))
        elif self.facts.output is not None:
            parts.append(format_shape(self.facts.output))
        if self.facts.count:
            parts.append(QCoreApplication.translate("canvas", "{n} parameters").format(n=count(self.facts.count)))
        if self.facts.error is not None:
            parts.append(self._said(self.facts.error))
        return ", ".join(parts)

    # -- how it is drawn
    def boundingRect(self) -> QRectF:
        m = geometry.MARGIN
        return self.card.adjusted(-m, -m, m, m)

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addRect(self.card)
        return path

    def draw_blank(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("card"))
        painter.drawRoundedRect(self.card, geometry.RADIUS, geometry.RADIUS)

    def preparation(self) -> Callable[[], object] | None:
        prepare = getattr(placing.chosen(self.painter, self.picture), "prepare", None)
        with suppress(Exception):  # painting it will tell
            return prepare(self.picture, self.cursor_at) if prepare is not None and self.prepares else None
        return None

    def draw(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        zoom = painter.worldTransform().m11()
        self._frame(painter)
        if zoom >= WORDS_FROM:
            self._header(painter, zoom)
        self._body(painter)
        if zoom >= CAPTIONS_FROM:
            footer.paint(painter, self.card, self.facts, self._surveyed(), self.node, self.theme, zoom)
        self._border(painter, zoom)
        ports.paint(painter, self)
        if self.facts.error is not None:
            self._draw_badge(painter)

    def _frame(self, painter: QPainter) -> None:
        unknown = self.facts.layer is None
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("panel" if unknown else "card"))
        painter.drawRoundedRect(self.card, geometry.RADIUS, geometry.RADIUS)
        if unknown:
            return
        painter.save()
        painter.setClipRect(QRectF(self.card.left(), self.card.top(), self.card.width(), geometry.HEADER))
        painter.setBrush(self.theme.color("raised" if self.state.hover else "head"))
        painter.drawRoundedRect(self.card, geometry.RADIUS, geometry.RADIUS)
        painter.restore()
        painter.setPen(tools.pen(self.theme.color("line")))
        y = self.card.top() + geometry.HEADER - 0.5
        painter.drawLine(QPointF(self.card.left() + 1, y), QPointF(self.card.right() - 1, y))
        y = self.card.bottom() - self.facts.footer + 0.5
        painter.drawLine(QPointF(self.card.left() + 1, y), QPointF(self.card.right() - 1, y))

    def _header(self, painter: QPainter, zoom: float) -> None:
        theme, left, middle = self.theme, self.card.left(), self.card.top() + geometry.HEADER / 2
        unknown = self.facts.layer is None
        ratio = 2.0 if zoom > 1.05 else 1.0
        least = tools.least(painter, SMALLEST_TITLE)
        narrowest = tools.width(self.title, least, 600)
        crowded = self.node.frozen and narrowest > self.card.width() - 52
        room = least == SMALLEST_TITLE or narrowest <= self.card.width() - 34  # of a card drawn small rather the name than the icon
        icon = zoom >= CAPTIONS_FROM and (crowded or room)
        if icon:
            name = "lock" if crowded else "help" if unknown else self.facts.layer.icon
            painter.drawPixmap(
                QPointF(left + 8, middle - 7.5), icons.pixmap(name, theme.text2, 15, ratio * painter.device().devicePixelRatioF())
            )
        right = self.card.right() - 10
        if self.node.frozen and not (crowded and icon):
            right -= 14
            painter.drawPixmap(QPointF(right, middle - 7), icons.pixmap("lock", theme.text2, 14, ratio))
            right -= 4
        size = round(24 * min(max(1 / zoom, 1.0), LARGEST_GROWTH)) / 2
        start = left + (28 if icon else 6)
        while size > least and tools.width(self.title, size, 600) > right + 4 - start:
            size -= 0.5
        weight = 600 if tools.width(self.title, size, 600) <= right + 4 - start else 400  # rather a lighter name than one cut short
        title_width = tools.width(self.title, size, weight)
        fact = "" if unknown or self.facts.layer.trace_kind == "input" else declared(self.facts.layer.facts(self.facts.fields))
        if fact and not tools.too_small(painter, 11) and title_width + tools.width(fact, 11) + 14 <= right - left - 28:
            tools.text(painter, right, middle, fact, theme.color("text3"), 11, align="right")
            right -= tools.width(fact, 11) + 8
        tools.text(painter, start, middle, self.title, theme.color("text2" if unknown else "text"), size, weight, room=right + 4 - start)

    def _body(self, painter: QPainter) -> None:
        body = self.body
        painter.save()
        painter.setClipRect(body.adjusted(1, 0, -1, 0), Qt.ClipOperation.IntersectClip)
        try:
            self.painter.paint(painter, body, self.picture, self.cursor_at, self.scale, self.theme)
        except Exception:  # an error that leaves a paint event ends the program: the user's work is worth more than a picture
            if not self.defect:
                logging.getLogger(__name__).exception("%s cannot be drawn", self.id)
            self.defect = True
            painter.fillRect(body, tools.hatch(self.theme, "waiting"))
        if self.node.frozen:
            self._hatch_frozen(painter, body)
        if self.state.ahead:
            painter.fillRect(body, self.theme.color("canvas", 0.22))
        if self.state.nan:
            tools.not_a_number(painter, body.adjusted(10, 8, -10, -8), np.zeros((1, 1), bool), self.theme, "NaN or ∞")
        painter.restore()

    def _hatch_frozen(self, painter: QPainter, body: QRectF) -> None:
        """Over all of the body; not over small pictures and words, of which nothing would be left."""
        path = QPainterPath()
        path.addRect(body)
        for name in ("clear_rect", "caption_rect"):
            finder = getattr(placing.chosen(self.painter, self.picture), name, None)
            if finder is not None and self.facts.output is not None:
                hole = QPainterPath()
                hole.addRect(finder(body, self.picture))
                path -= hole
        if self.picture.plane is not None and self.id in self.picture.plane.neurons:
            for unit in range(len(self.picture.plane.neurons[self.id])):
                if (box := self.painter.unit_rect(body, self.picture, unit)) is not None:
                    hole = QPainterPath()
                    hole.addRect(box)
                    path -= hole
        painter.fillPath(path, tools.hatch(self.theme, "frozen", painter.worldTransform().m11()))

    def _border(self, painter: QPainter, zoom: float) -> None:
        theme, state = self.theme, self.state
        thick = min(max(LEAST_RING / zoom, 2.0), geometry.MARGIN - 6.0)
        thin = 1.0 if zoom >= CAPTIONS_FROM else 1 / zoom  # a card that is drawn small keeps its outline
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.facts.layer is None:
            painter.setPen(tools.pen(theme.color("line3"), 1, (4, 3)))
        elif self.facts.error is not None or state.nan:
            painter.setPen(tools.pen(theme.color("bad"), thick))
        else:
            painter.setPen(tools.pen(theme.color("text2" if state.computing else "line2"), thin))
        painter.drawRoundedRect(self.card.adjusted(0.5, 0.5, -0.5, -0.5), geometry.RADIUS, geometry.RADIUS)
        if state.selected:
            tools.ring(painter, self.card, theme.color("accent"), off=2, width=thick, radius=9)

    def badge(self) -> QRectF:
        """Where the sign of a problem is."""
        return geometry.around(self.card.topRight(), BADGE)

    def _draw_badge(self, painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.theme.color("bad"))
        painter.drawEllipse(self.badge())
        tools.text(painter, self.card.right(), self.card.top(), "!", self.theme.color("canvas"), 12, 600, "center", always=True)
