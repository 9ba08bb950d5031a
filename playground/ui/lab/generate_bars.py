"""What the next symbol could have been: a bar a symbol, the one that was taken marked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from playground.ui.lab import pixels
from playground.ui.numbers import percent
from playground.ui.painters import tools
from playground.ui.theme import Theme

PITCH, BAR, HEAD = 18.0, 11.0, 30.0
SYMBOL, FIGURES, LEGEND = 74.0, 52.0, 112.0
ROWS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A symbol, the network's ``chance`` for it, what it was at the temperature (``drawn``; not-a-number: as it is), whether it was
    ``taken`` and whether it is what really came."""

    symbol: str
    chance: float
    drawn: float = math.nan
    taken: bool = False
    true: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One step: what was read before it, and the ``bars``, the likeliest first."""

    title: str
    bars: tuple[Bar, ...]


def height() -> float:
    """Of all bars with their head."""
    return HEAD + ROWS * PITCH + 4


def shade(chance: float, theme: Theme) -> QColor:
    """A chance as a color of data."""
    return QColor(_shade(round(255 * min(max(chance, 0.0), 1.0)), theme))


@lru_cache(maxsize=512)
def _shade(entry: int, theme: Theme) -> QColor:
    return QColor(*(int(part) for part in theme.ramp("seq")[entry]))


def paint(painter: QPainter, rect: QRectF, choice: Choice | None, theme: Theme, nothing: str) -> None:
    """The bars in ``rect``; ``nothing`` says what is to be done where no step is chosen."""
    painter.setPen(tools.pen(theme.color("line2")))
    painter.drawLine(QPointF(rect.x(), round(rect.y()) + 0.5), QPointF(rect.right(), round(rect.y()) + 0.5))
    y = rect.y() + 16
    if choice is None:
        tools.text(painter, rect.x(), y, nothing, theme.color("text3"), 11, room=rect.width())
        return
    legend = QRectF(rect.right() - LEGEND, y - 8, LEGEND, 16)
    tools.text(painter, rect.x(), y, choice.title, theme.color("text2"), 11.5, room=rect.width() - LEGEND - 90)
    pixels.legend(painter, legend, 0.0, 100.0, theme, "seq")
    words = QCoreApplication.translate("generate", "chance in %")
    tools.text(painter, legend.x() - 8, y, words, theme.color("text3"), 10.5, align="right")
    left, room = rect.x() + SYMBOL, rect.width() - SYMBOL - FIGURES
    marks = 116.0
    room = max(room - marks, 40.0)
    for at, bar in enumerate(choice.bars):
        middle = rect.y() + HEAD + at * PITCH + PITCH / 2
        line = QRectF(left, middle - BAR / 2, room, BAR)
        tools.text(
            painter, left - 10, middle, bar.symbol, theme.color("text"), 13, 600 if bar.taken else 400, align="right", room=SYMBOL - 14
        )
        painter.fillRect(line, theme.color("field"))
        painter.fillRect(QRectF(line.x(), line.y(), room * min(max(bar.chance, 0.0), 1.0), BAR), shade(max(bar.chance, 0.25), theme))
        if math.isfinite(bar.drawn):
            x = line.x() + room * bar.drawn
            painter.setPen(tools.pen(theme.color("text"), 1.6))
            painter.drawLine(QPointF(x, line.y() - 2), QPointF(x, line.bottom() + 2))
        if bar.taken:
            tools.ring(painter, line, theme.color("accent"), off=1, width=1.4, radius=3)
        tools.text(painter, line.right() + FIGURES - 6, middle, percent(bar.chance), theme.color("text2"), 11, align="right")
        words = _marks(bar)
        if words:
            good = bar.true and bar.taken
            color = theme.color("good" if good else "text2")
            x = line.right() + FIGURES + 4
            if bar.true:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                tools.tick(painter, QRectF(x, middle - 4, 9, 8), theme.color("good"))
                x += 14
            tools.text(painter, x, middle, words, color, 11, room=marks - 20)


def _marks(bar: Bar) -> str:
    if bar.taken and bar.true:
        return QCoreApplication.translate("generate", "chosen, true")
    if bar.taken:
        return QCoreApplication.translate("generate", "chosen")
    return QCoreApplication.translate("generate", "true") if bar.true else ""
