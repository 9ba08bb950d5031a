"""The ports of a card: circles for what goes through the network, squares for a state; how they are drawn and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QPointF, Qt
from PySide6.QtGui import QPainter

from playground.layers.spec import format_shape
from playground.ui.canvas import geometry
from playground.ui.painters import tools

if TYPE_CHECKING:
    from playground.ui.canvas.card import CardItem


def paint(painter: QPainter, card: CardItem) -> None:
    """All ports that show now: those under the pointer's card, those that a wire might go to, those that no edge stands for. The ports of
    a state show where a wire is at them."""
    facts, state = card.facts, card.state
    shown = state.hover or state.wanted
    bad = facts.error.port if facts.error is not None and facts.error.port is not None else -1
    for index in range(facts.ports):
        of_state = facts.has_state and index == 1
        if shown or index == bad or (state.state_given if of_state else not state.hidden_inputs):
            reads = state.computing and (of_state or index < len(facts.inputs))  # not the spare one of an Add
            _port(painter, card, card.input_port(index), state.hot_port == ("in", index), index == bad, reads, of_state)
    if facts.has_output and (shown or not state.hidden_output):
        _port(painter, card, card.output_port(), state.hot_port == ("out", 0))
    if facts.has_state and (shown or state.state_wired):
        _port(painter, card, card.output_port(1), state.hot_port == ("out", 1), square=True)


def _port(
    painter: QPainter, card: CardItem, place: QPointF, hot: bool, bad: bool = False, filled: bool = False, square: bool = False
) -> None:
    """A circle, or the square of a state."""
    bright = card.state.hover or card.state.wanted or hot
    token = "bad" if bad else "accent" if hot else "text" if bright or filled else "wire"
    color = card.theme.color(token)
    size = geometry.PORT_HOVER if bright else geometry.PORT
    draw = painter.drawRect if square else painter.drawEllipse
    painter.setPen(tools.pen(color, 1.5))
    painter.setBrush(color if filled else card.theme.color("card"))
    draw(geometry.around(place, size - 1.5 - 2 * square))
    if not filled:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        draw(geometry.around(place, 5 if bright else 4))


def tip(card: CardItem, side: str, index: int) -> str:
    """What goes in or out there."""
    facts = card.facts
    if facts.has_state and index == 1:
        shape = format_shape(facts.state) if facts.state else "?"
        if side == "in":
            words = QCoreApplication.translate("canvas", "State that {node} starts from: {shape}. Without a wire it starts from zeros.")
        else:
            words = QCoreApplication.translate("canvas", "State of {node} after its last step: {shape}. Drag to the state port of another.")
        return words.format(node=card.title, shape=shape)
    if side == "out":
        shape = format_shape(facts.output) if facts.output else "?"
        return QCoreApplication.translate("canvas", "Output of {node}: {shape}. Drag from here to draw a wire.").format(
            node=card.title, shape=shape
        )
    words = QCoreApplication.translate("canvas", "Input {n} of {node}").format(n=index + 1, node=card.title)
    if index < len(facts.inputs):
        words += ": " + format_shape(facts.inputs[index])
    return words
