"""The last lines of a card: the shape of what it gives, what it learns, what a cell of it sees of the input, and what that costs."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from playground.document import Node
from playground.layers.spec import format_shape
from playground.ui.canvas import geometry
from playground.ui.canvas.facts import Facts, NodeFacts
from playground.ui.numbers import count, rounded
from playground.ui.painters import tools
from playground.ui.theme import Theme

SIZE, LARGEST_GROWTH = 10.5, 1.35
"""Px of the letters, and how much they may grow on a card that is drawn small."""
INSET, NARROW, GAP = 10.0, 6.0, 8.0


def paint(painter: QPainter, card: QRectF, known: NodeFacts, facts: Facts | None, node: Node, theme: Theme, zoom: float) -> None:
    """Draw the footer of ``card``; ``facts`` are the whole document's."""
    middle = card.bottom() - known.footer + geometry.FOOTER / 2
    size = round(2 * SIZE * min(max(1 / zoom, 1.0), LARGEST_GROWTH)) / 2
    if known.layer is None:
        words = QCoreApplication.translate("canvas", 'type "{name}"').format(name=node.type)
    else:
        words = format_shape(known.output) if known.output is not None else "?"
    ways = (count(known.count),) if known.count else _total(known, facts)
    if tools.too_small(painter, size):  # then the shape alone, where it can be read
        size = tools.least(painter, SIZE)
        if size <= geometry.FOOTER - 3 and tools.width(words, size) <= card.width() - 2 * NARROW:
            tools.text(painter, card.left() + NARROW, card.bottom() - known.footer / 2, words, theme.color("text3"), size)
        return
    told = next((one for one in ways if tools.width(one, size) + tools.width(words, size) <= card.width() - 28), ways[-1])
    _line(painter, card, middle, words, told, theme, size)
    if known.sees:
        seen = QCoreApplication.translate("canvas", "sees {cells}").format(cells=known.sees)
        costs = [_cost(written) for written in (count(known.products), rounded(known.products))] if known.products else []
        steps = round(2 * (size - tools.least(painter, SIZE))) + 1
        sizes = [size - step / 2 for step in range(steps)]  # rather the rounded cost in larger letters
        tries = [(cost, size) for cost in costs] + [(cost, one) for one in sizes for cost in costs[-1:]] + [("", size)]
        room = card.width() - 2 * INSET - GAP
        cost, size = next((cost, one) for cost, one in tries if not cost or tools.width(seen, one) + tools.width(cost, one) <= room)
        _line(painter, card, middle + geometry.LINE, seen, cost, theme, size)


def _line(painter: QPainter, card: QRectF, middle: float, left: str, right: str, theme: Theme, size: float) -> None:
    edge = card.right() - INSET
    if right:
        edge -= tools.text(painter, edge, middle, right, theme.color("text3"), size, align="right") + GAP
    tools.text(painter, card.left() + INSET, middle, left, theme.color("text3"), size, room=edge - card.left() - INSET)


def _cost(number: str) -> str:
    return QCoreApplication.translate("canvas", "{n} MACs", "multiply-adds").format(n=number)


def _total(known: NodeFacts, facts: Facts | None) -> tuple[str, ...]:
    """What the whole network learns, said where it ends, and in fewer words; never without: it is not this card's own."""
    total = sum(one.count for one in facts.nodes.values()) if facts is not None else 0
    if known.layer is None or known.layer.trace_kind != "output" or not total:
        return ("",)
    long, short = QCoreApplication.translate("canvas", "{n} parameters in all"), QCoreApplication.translate("canvas", "{n} in all")
    return long.format(n=count(total)), short.format(n=count(total)), ""
