"""Drawing a wire, by hand or by keys: what fits, what does not and why, and the wire that follows the pointer."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView, QStyleOptionGraphicsItem, QWidget

from playground import document as documents
from playground.document import Document, Problem
from playground.layers.spec import format_shape
from playground.ui.canvas import geometry
from playground.ui.canvas.scene import CanvasScene
from playground.ui.canvas.wire import NOT_FITTING, chip_width, draw_chip
from playground.ui.painters import tools
from playground.ui.theme import Theme
from playground.ui.wording import declared, with_titles

PLATE_WIDE = 340.0
"""Px after which a sentence beside the pointer is wrapped."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A wire that could be drawn: both ends, and why it does not fit (``None``: it does)."""

    source: str
    target: str
    port: int
    problem: Problem | None
    from_port: int = 0


def offer(document: Document, scene: CanvasScene, source: str, target: str, port: int | None = None, from_port: int = 0) -> Offer:
    """What a wire from ``source`` to ``target`` would be, by the rule that also checks documents. A state goes to a state."""
    if port is None and scene.facts.nodes[target].has_state:
        port = from_port
    problem = documents.can_connect(document, source, target, to_port=port, from_port=from_port)
    taken = {wire.to_port for wire in document.wires if wire.target == target}
    ports = max(scene.facts.nodes[target].ports, 1)
    if port is None:
        port = next((free for free in range(ports) if free not in taken), ports - 1)
    return Offer(source, target, port, problem, from_port)


def sentence(problem: Problem, scene: CanvasScene, made: Offer) -> str:
    """Both shapes and the remedy, in one line below the pointer."""
    words = declared(problem.message)
    given = scene.facts.nodes[made.source].state if made.from_port else scene.facts.nodes[made.source].output
    if given is not None and format_shape(given) not in words:
        words = QCoreApplication.translate("canvas", "{message} {source} gives {shape}.").format(
            message=words, source=made.source, shape=format_shape(given)
        )
    remedy = declared(problem.remedy) or (f"{declared(problem.fix.label)}." if problem.fix is not None else "")
    return with_titles(f"{words} {remedy}".strip(), scene.facts.document)


class Plate(QGraphicsItem):
    """A sentence beside the pointer: as large on the screen at any zoom, wrapped, and never beyond the canvas."""

    def __init__(self, theme: Theme, parent: QGraphicsItem) -> None:
        super().__init__(parent)
        self.theme = theme
        self._words, self._bad, self._box = "", False, QRectF()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def say(self, words: str, bad: bool, at: QPointF, view: QGraphicsView | None) -> None:
        """Stand below ``at`` (scene coordinates), or above it where there is no room below."""
        self.prepareGeometryChange()
        self._words, self._bad = words, bad
        self.setPos(at)
        if not words:
            self._box = QRectF()
            return
        room = QRectF(view.viewport().rect()) if view is not None else QRectF(0, 0, 4 * PLATE_WIDE, 4 * PLATE_WIDE)
        lines = tools.metrics(12).boundingRect(QRectF(0, 0, PLATE_WIDE, 400), Qt.TextFlag.TextWordWrap, words)
        wide, high = lines.width() + 22, lines.height() + 12
        pointer = QPointF(view.mapFromScene(at)) if view is not None else QPointF()
        left = min(max(pointer.x() - 20, 8.0), max(room.width() - wide - 8, 8.0))
        top = pointer.y() + 16 if pointer.y() + 16 + high <= room.height() - 8 else pointer.y() - 16 - high
        self._box = QRectF(left - pointer.x(), top - pointer.y(), wide, high)

    def boundingRect(self) -> QRectF:
        return self._box

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if not self._words:
            return
        token = "bad" if self._bad else "accent"
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(tools.pen(self.theme.color(token)))
        painter.setBrush(self.theme.color("bad_soft" if self._bad else "panel"))
        painter.drawRoundedRect(self._box.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.setFont(tools.font(12))
        painter.setPen(self.theme.color(token))
        painter.drawText(self._box.adjusted(10, 6, -10, -5), Qt.TextFlag.TextWordWrap, self._words)


class DraftWire(QGraphicsItem):
    """The wire that is being drawn."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._start, self._end = QPointF(), QPointF()
        self._chip, self._bad = "", False
        self._zoom = 1.0
        self._plate = Plate(theme, self)
        self.setZValue(10)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def show_wire(self, start: QPointF, end: QPointF, chip: str = "", words: str = "", bad: bool = False) -> None:
        self.prepareGeometryChange()
        views = self.scene().views() if self.scene() is not None else []
        self._zoom = min(views[0].transform().m11(), 1.0) if views else 1.0
        self._start, self._end, self._chip, self._bad = start, end, NOT_FITTING if bad else chip, bad
        self._plate.say(words, bad, end, views[0] if views else None)
        self.update()

    def boundingRect(self) -> QRectF:
        box = geometry.curve(self._start, self._end).boundingRect().adjusted(-12, -14, 12, 14)
        chip = geometry.around((self._start + self._end) / 2, (chip_width(self._chip) + 4) / self._zoom, 24 / self._zoom)
        return box.united(chip)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        token = "bad" if self._bad else "accent"
        path = geometry.curve(self._start, self._end)
        painter.setPen(tools.pen(self.theme.color(token), 2 / self._zoom, (6 / self._zoom, 4 / self._zoom) if self._bad else ()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        painter.setPen(tools.pen(self.theme.color(token), 1.5))
        painter.setBrush(self.theme.color("canvas"))
        painter.drawEllipse(geometry.around(self._end, geometry.PORT))
        if self._chip:
            at = painter.worldTransform()
            painter.translate(path.pointAtPercent(0.5))
            painter.scale(1 / self._zoom, 1 / self._zoom)  # the shape is to be read, however small the cards are
            draw_chip(painter, QPointF(0, 0), self._chip, self.theme, token, token)
            painter.setWorldTransform(at)
