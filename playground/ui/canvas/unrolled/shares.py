"""What a condition goes with over the data: the symbols at which it holds most often, and where in the sequence."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRectF
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from playground.engine.experiments.looked_through import Condition
from playground.ui.canvas.unrolled.reading import VISIBLE
from playground.ui.numbers import count
from playground.ui.painters import tools
from playground.ui.theme import Theme

MOST_SYMBOLS, LEAST_SEEN, LEAST_SHARE = 4, 5, 0.005
LINE, HEAD, STEPS = 18, 18, 34
WIDEST_NAME, FIGURES = 84.0, 108.0


class Shares(QWidget):
    """A line a symbol: of all steps that read it, the share at which it holds. Below, a bar a step: its share of the samples."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("unrolled_shares")
        self.setAccessibleName(self.tr("What the condition goes with"))
        self.theme = theme
        self.rows: list[tuple[str, float, int]] = []
        self.steps = np.zeros(0)
        self._counts = np.zeros((2, 0), np.int64)
        self.setVisible(False)

    def set_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def show_found(self, found: Condition, tokens: tuple[str, ...], roomy: bool) -> None:
        """``roomy``: there is room for the steps beside the symbols."""
        self.rows = shares(found, tokens)
        some = bool(found.holds.any()) and len(found.holds) > 1 and (roomy or not len(found.symbol_real))
        self.steps = found.holds / np.maximum(found.real, 1) if some else np.zeros(0)
        self._counts = np.array([found.holds, found.real])
        high = (HEAD + LINE * len(self.rows) if self.rows else 0) + (STEPS + HEAD if some else 0)
        self.setFixedHeight(high)
        self.setVisible(high > 0)
        self.update()

    def bar(self, step: int) -> QRectF:
        """Where the bar of a step stands, full height."""
        wide = self.width() / max(len(self.steps), 1)
        return QRectF(step * wide, self.height() - STEPS + 2, wide, STEPS - 16)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and len(self.steps):
            step = min(max(int(event.pos().x() / self.width() * len(self.steps)), 0), len(self.steps) - 1)
            words = self.tr("step {n}: holds in {holds} of {real} samples")
            holds, real = (count(int(one)) for one in self._counts[:, step])
            below = event.pos().y() >= self.height() - STEPS
            QToolTip.showText(event.globalPos(), words.format(n=step + 1, holds=holds, real=real) if below else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            if self.rows:
                self._symbols(painter)
            if len(self.steps):
                self._steps(painter)

    def _symbols(self, painter: QPainter) -> None:
        theme = self.theme
        tools.text(painter, 0, 8, self.tr("of all steps that read it, it holds at"), theme.color("text3"), 10.5, room=self.width())
        left = min(max(max(tools.width(name, 12, 600) for name, _, _ in self.rows), 22.0), WIDEST_NAME)
        for at, (name, share, seen) in enumerate(self.rows):
            y = HEAD + LINE * at + 8.0
            tools.text(painter, left, y, name, theme.color("text"), 12, 600, "right", room=left)
            bar = QRectF(left + 10, y - 4, self.width() - left - 10 - FIGURES, 8)
            painter.fillRect(bar, theme.color("field"))
            painter.fillRect(QRectF(bar.x(), bar.y(), bar.width() * share, bar.height()), theme.color("text2"))
            tools.frame(painter, bar, theme.color("line2"))
            tools.text(painter, bar.right() + 40, y, f"{100 * share:.0f} %", theme.color("text"), 11, 500, "right")
            told = self.tr("of {n}").format(n=count(seen))
            tools.text(painter, bar.right() + 46, y, told, theme.color("text3"), 10.5, room=self.width() - bar.right() - 46)

    def _steps(self, painter: QPainter) -> None:
        theme, ground = self.theme, self.height() - 14
        most = float(self.steps.max())
        words = self.tr("by step, at most {share} % of the samples").format(
            share=f"{100 * most:.0f}" if most >= 0.01 else f"{100 * most:.1f}"
        )
        tools.text(painter, 0, self.height() - STEPS - 8, words, theme.color("text3"), 10.5, room=self.width())
        for step, share in enumerate(self.steps):
            box = self.bar(step)
            high = box.height() * float(share) / max(most, 1e-12)
            painter.fillRect(
                QRectF(box.x(), ground - high, max(box.width() - (1 if box.width() >= 4 else 0), 1.0), high), theme.color("text2")
            )
        painter.fillRect(QRectF(0, ground, self.width(), 1), theme.color("line3"))
        tools.text(painter, 0, ground + 8, "1", theme.color("text3"), 10)
        tools.text(painter, self.width() - 1, ground + 8, str(len(self.steps)), theme.color("text3"), 10, align="right")


def shares(found: Condition, tokens: tuple[str, ...]) -> list[tuple[str, float, int]]:
    """Symbol, share of the steps that read it at which it holds, their number: the symbols with the largest shares, seldom ones aside."""
    if not found.symbol_real.size or len(tokens) != len(found.symbol_real):
        return []
    share = found.symbol_holds / np.maximum(found.symbol_real, 1)
    share[found.symbol_real < LEAST_SEEN] = 0
    order = [int(at) for at in np.lexsort((-found.symbol_holds, -share)) if share[at] >= LEAST_SHARE][:MOST_SYMBOLS]
    return [(VISIBLE.get(tokens[at], tokens[at]), float(share[at]), int(found.symbol_real[at])) for at in order]
