"""How the lab names a number that the network learns: hidden1 · w₃,₁ (unit 3, from input 1), hidden1 · b₂."""

from __future__ import annotations

from playground.document import Document
from playground.engine.experiments.lab import Coordinate
from playground.ui.note_words import named

SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
LETTERS = {"weight": "w", "bias": "b"}


def symbol(coordinate: Coordinate) -> str:
    """``"w₃,₁"``, counted from 1 as the cards count."""
    name = coordinate.key.partition("/")[2]
    places = ",".join(str(at + 1) for at in coordinate.index).translate(SUBSCRIPT)
    return f"{LETTERS.get(name, name)}{places}"


def parameter(key: str, document: Document) -> str:
    """The parameter with its node's title before it: ``"hidden1 · w"``."""
    node, _, name = key.partition("/")
    return f"{named(node, document)} · {LETTERS.get(name, name)}"


def label(coordinate: Coordinate, document: Document) -> str:
    """The symbol with its node's title before it."""
    return f"{named(coordinate.key.partition('/')[0], document)} · {symbol(coordinate)}"
