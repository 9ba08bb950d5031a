"""The head of a chart: as much of its title and of the names in its key as fits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from playground.ui.painters import tools
from playground.ui.theme import Theme

KEY = 28.0
"""px of a key's sample of line, with the gaps around it."""
SMALL_KEY = 22.0
BARE = 6.0
"""Where there is no room for samples of line: the gap between names, which are then written in their lines' colors."""

GAP = 8.0
"""Between title and key."""


class Head(NamedTuple):
    """What is printed: the title, the key's names, and px for a key's sample."""

    title: str
    names: list[str]
    key: float


def initials(names: list[str]) -> list[str]:
    """``h1 h2 o`` for ``hidden1 hidden2 output``; where that does not tell them apart, their places: ``1 2 3``."""
    short = [name if len(name) <= 3 else name[:1] + name[len(name.rstrip("0123456789")) :] for name in names]
    return short if len(set(short)) == len(short) else [str(place) for place in range(1, len(names) + 1)]


def fitting(titles: Sequence[str], names: list[str], few: list[str], room: float) -> Head:
    """The longest head that fits into ``room`` px: ``titles`` from the longest to the shortest of four, names whole or ``few``."""
    full, short, shorter, shortest = titles
    choices = (
        Head(full, names, KEY),
        Head(short, names, KEY),
        Head(full, few, KEY),
        Head(short, few, KEY),
        Head(short, few, SMALL_KEY),
        Head(shorter, few, SMALL_KEY),
        Head(short, few, BARE),
        Head(shorter, few, BARE),
        Head(shortest, few, BARE),
    )
    return next((choice for choice in choices if _wide(choice) <= room), Head("", few, BARE))  # a title says less than a nameless curve


def write_key(
    painter: QPainter, keyed: Sequence[tuple[str, str, tuple[float, ...]]], key: float, x: float, right: float, y: float, theme: Theme
) -> None:
    """Each name, its line's color and dash, beside its sample of ``key`` px, from ``x`` as far as ``right``."""
    for words, token, dash in keyed:
        sample = 0.0 if key == BARE else key - 8
        if x + sample + tools.width(words, 10.5, weight(key)) > right:
            break
        if sample:
            painter.setPen(tools.pen(theme.color(token), 1.4, dash))
            painter.drawLine(QPointF(x, y), QPointF(x + sample - 4, y))
        ink = theme.color("text2" if sample else token)
        x += sample + tools.text(painter, x + sample, y, words, ink, 10.5, weight(key)) + (8 if sample else BARE)


def _wide(head: Head) -> float:
    names = sum(tools.width(name, 10.5, weight(head.key)) + head.key for name in head.names)
    return tools.width(head.title, 11.5, 600) + names + (GAP - BARE if head.key == BARE else 0.0)


def weight(key: float) -> int:
    """How bold a name is written beside a sample of ``key`` px."""
    return 600 if key == BARE else 400
