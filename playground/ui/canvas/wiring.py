"""Drawing a wire, by hand or by keys: what fits, what does not and why, and the wire that follows the pointer."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from playground import document as documents
from playground.document import Document, Problem
from playground.layers.spec import format_shape
from playground.ui.canvas import geometry
from playground.ui.canvas.scene import CanvasScene
from playground.ui.canvas.wire import NOT_FITTING, chip_width, draw_chip
from playground.ui.painters import tools
from playground.ui.theme import Theme
from playground.ui.wording import with_titles


@dataclass(frozen=True, slots=True)
class Offer:
    """A wire that could be drawn: both ends, and why it does not fit (``None``: it does)."""

    source: str
    target: str
    port: int
    problem: Problem | None


def offer(document: Document, scene: CanvasScene, source: str, target: str, port: int | None = None) -> Offer:
    """What a wire from ``source`` to ``target`` would be, by the rule that also checks documents."""
    problem = documents.can_connect(document, source, target, to_port=port)
    taken = {wire.to_port for wire in document.wires if wire.target == target}
    ports = max(scene.facts.nodes[target].ports, 1)
    if port is None:
        port = next((free for free in range(ports) if free not in taken), ports - 1)
    return Offer(source, target, port, problem)


def sentence(problem: Problem, scene: CanvasScene, made: Offer) -> str:
    """Both shapes and the remedy, in one line below the pointer."""
    words = problem.message
    given = scene.facts.nodes[made.source].output
    if given is not None and format_shape(given) not in words:
        words = QCoreApplication.translate("canvas", "{message} {source} gives {shape}.").format(
            message=words, source=made.source, shape=format_shape(given)
        )
    remedy = problem.remedy or (f"{problem.fix.label}." if problem.fix is not None else "")
    return with_titles(f"{words} {remedy}".strip(), scene.facts.document)


class DraftWire(QGraphicsItem):
    """The wire that is being drawn."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._start, self._end = QPointF(), QPointF()
        self._chip, self._words, self._bad = "", "", False
        self.setZValue(10)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def show_wire(self, start: QPointF, end: QPointF, chip: str = "", words: str = "", bad: bool = False) -> None:
        self.prepareGeometryChange()
        self._start, self._end, self._chip, self._words, self._bad = start, end, chip, words, bad
        self.update()

    def boundingRect(self) -> QRectF:
        box = geometry.curve(self._start, self._end).boundingRect().adjusted(-12, -14, 12, 14)
        if self._words:
            box = box.united(self._plate())
        return box.united(geometry.around((self._start + self._end) / 2, chip_width(self._chip) + 4, 24))

    def _plate(self) -> QRectF:
        return QRectF(self._end.x() - 20, self._end.y() + 16, tools.width(self._words, 12) + 20, 26)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        token = "bad" if self._bad else "accent"
        path = geometry.curve(self._start, self._end)
        painter.setPen(tools.pen(self.theme.color(token), 2, (6, 4) if self._bad else ()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)
        painter.setPen(tools.pen(self.theme.color(token), 1.5))
        painter.setBrush(self.theme.color("canvas"))
        painter.drawEllipse(geometry.around(self._end, geometry.PORT))
        chip = NOT_FITTING if self._bad else self._chip
        if chip:
            draw_chip(painter, path.pointAtPercent(0.5), chip, self.theme, token, token)
        if self._words:
            plate = self._plate()
            painter.setPen(tools.pen(self.theme.color(token)))
            painter.setBrush(self.theme.color("bad_soft" if self._bad else "panel"))
            painter.drawRoundedRect(plate.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
            tools.text(painter, plate.left() + 10, plate.center().y(), self._words, self.theme.color(token), 12)
