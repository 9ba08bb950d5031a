"""What the two pictures of a unit's activity share: the row they show, the scale with its ends, clicks, tips, the marks of a condition."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from playground import turns
from playground.anim.scale import Scale
from playground.ui.canvas.unrolled import wording
from playground.ui.canvas.unrolled.reading import Strip
from playground.ui.in_turn import InTurn
from playground.ui.numbers import number, short
from playground.ui.painters import tools
from playground.ui.painters.course import Row
from playground.ui.painters.recurrent import gate_name
from playground.ui.theme import Theme

FOOT = 26.0
RAMP = 120.0


@dataclass(frozen=True, slots=True)
class View:
    """What is on show: a ``row`` of the ``strip``, the ``step`` that is explained, where the condition ``holds`` (T, U), how units are in
    ``order``: by number, activity or peak."""

    strip: Strip
    row: Row
    step: int | None = None
    holds: np.ndarray | None = None
    order: str = "number"


class Board(InTurn, QWidget):
    """``chosen(step, unit)`` when a cell is clicked."""

    chosen = Signal(int, int)

    def __init__(self, theme: Theme, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setMouseTracking(True)
        self.theme = theme
        self.view: View | None = None
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def show_view(self, view: View | None) -> None:
        """Show these values; ``None``: there are none."""
        self.view = view
        self.update()

    def entry_at(self, at: QPointF) -> tuple[int, int] | None:
        """Step and unit under a point."""
        raise NotImplementedError

    def draw(self, painter: QPainter, view: View) -> None:
        """All but the scale."""
        raise NotImplementedError

    @turns.window
    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), self.theme.color("card"))
            if self.view is not None:
                self.draw(painter, self.view)
                legend(painter, self.width() - 16, self.height() - FOOT / 2, self.view.row, self.theme)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self.entry_at(event.position()) if event.button() == Qt.MouseButton.LeftButton else None
        if found is not None:
            self.chosen.emit(*found)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def tip(self, at: QPointF) -> str:
        """The number under the pointer, where it stands and what is read there."""
        found, view = self.entry_at(at), self.view
        if found is None or view is None:
            return ""
        told = wording.value(view.strip, view.row, *found)
        letters, inputs = view.strip.letters, view.strip.inputs
        if letters is not None:
            return f"“{letters[found[0]]}”  {told}"
        if inputs is None or inputs.shape[1] > 3:
            return told
        return f"{', '.join(number(float(one)) for one in inputs[found[0]])}: {told}"


def real(view: View) -> np.ndarray:
    """Bool (T,): which steps are no padding."""
    mask = view.strip.mask
    return np.ones(view.strip.steps, bool) if mask is None else mask != 0


def activity(view: View) -> np.ndarray | None:
    """(U,): the mean size of each unit's value over the steps that are real; ``None`` where a pass is still under way, which must not
    be foretold."""
    row = view.row
    if row.values is None or (row.known is not None and not row.known.all()):
        return None
    found: np.ndarray = np.abs(np.asarray(row.values, np.float64))[real(view)].mean(axis=0)
    return found


def ordered(view: View) -> np.ndarray:
    """(U,): the units from top to bottom. By activity the most active comes first; by peak those whose size peaks first."""
    units, size = np.arange(view.strip.units), activity(view)
    if size is None or view.order == "number" or not np.isfinite(size).all():
        return units
    if view.order == "activity":
        return np.argsort(-size, kind="stable")
    values = np.abs(np.asarray(view.row.values, np.float64))
    values[~real(view)] = -1.0
    return np.argsort(values.argmax(axis=0), kind="stable")


def legend(painter: QPainter, right: float, y: float, row: Row, theme: Theme) -> None:
    """The row's scale with its ends, its right end at ``right``."""
    scale = row.scale
    low, high = (short(end, signed=scale.signed) for end in scale.ends())
    x = right - tools.width(high)
    tools.text(painter, x, y, high, theme.color("text2"))
    bar = QRectF(x - 8 - RAMP, y - 4, RAMP, 8)
    ramp = Scale(limit=1.0, ramp=scale.ramp)
    tools.cells(painter, bar, np.linspace(-1.0 if scale.signed else 0.0, 1.0, 120, dtype=np.float32)[None], ramp, theme, smooth=True)
    tools.frame(painter, bar, theme.color("line2"), 2)
    if scale.signed:
        painter.fillRect(QRectF(bar.center().x() - 0.5, bar.y() - 2, 1, bar.height() + 4), theme.color("text3"))
    left = bar.x() - 8
    tools.text(painter, left, y, low, theme.color("text2"), align="right")
    tools.text(painter, left - tools.width(low) - 10, y, gate_name(row), theme.color("text3"), align="right")
