"""Beside the drawing pad: the picture that the network really gets, and what it says to it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from playground.ui.numbers import number, signed
from playground.ui.painters import tools
from playground.ui.painters.input import paint_image
from playground.ui.theme import Theme

GAP, LINE = 14.0, 14.0
MOST_PITCH, LEAST_PITCH = 17.0, 11.0
LEAST_BARS = 96.0
MOST_PREVIEW = 112
ROOMY = 150
"""From this width, px, the bars make room for the caption of a picture that is narrower."""


class Answer(QWidget):
    """The preview left, a bar a class right: at most as many as fit, the highest first where not all do."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("draw_answer")
        self.setMinimumSize(60, 60)
        self.setAccessibleName(self.tr("What the network gets, and its answer"))
        self._theme = theme
        self.picture: np.ndarray | None = None
        self.values: np.ndarray | None = None
        self._shape = (1, 28, 28)
        self._names: tuple[str, ...] = ()
        self._caption = ""
        self._truth: int | None = None

    def show_picture(self, picture: np.ndarray | None, shape: tuple[int, int, int], caption: str) -> None:
        """``picture`` (C, H, W) as the network gets it; ``None`` while nothing is drawn."""
        self.picture, self._shape, self._caption = picture, shape, caption
        self.update()

    def show_answer(self, values: np.ndarray | None, names: tuple[str, ...], truth: int | None) -> None:
        """What Output predicts, one number a class; ``truth`` is the class that the user has named."""
        known = values is None or self.values is None or not np.array_equal(values, self.values)
        if known or names != self._names or truth != self._truth:
            self.values, self._names, self._truth = values, names, truth
            self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(230, 150)

    @property
    def best(self) -> int | None:
        """The class of the highest number."""
        return None if self.values is None or not np.isfinite(self.values).all() else int(np.argmax(self.values))

    def texts(self) -> dict[str, str]:
        """The bars' numbers by class, and the answer, for tests with a real window."""
        if self.values is None:
            return {"draw/best": ""}
        best = self.best
        told = {f"draw/answer/{self._name(at)}": self._number(float(value)) for at, value in enumerate(self.values)}
        return {**told, "draw/best": "" if best is None else self._name(best)}

    # -- places
    def preview_rect(self) -> QRectF:
        """Where the small picture is: whole px a pixel where there is room for that."""
        _, rows, columns = self._shape
        room = min(self.height() - 2 * LINE - 4, self.width() - GAP - LEAST_BARS, MOST_PREVIEW)
        unit = max(room, 24) / max(rows, columns)
        unit = float(int(unit)) if unit >= 1 else unit
        return QRectF(0.5, LINE + 3.5, columns * unit, rows * unit)

    def _listed(self) -> tuple[list[int], float]:
        """The classes that have a bar, and how far the bars are apart."""
        total = len(self._names) if self.values is None else len(self.values)
        pitch = min(max(self.height() / max(total, 1), LEAST_PITCH), MOST_PITCH)
        fitting = max(1, int(self.height() / pitch))
        if total <= fitting:
            return list(range(total)), pitch
        if self.values is None:
            return list(range(fitting)), pitch
        return [int(at) for at in np.argsort(-np.nan_to_num(self.values, nan=-np.inf), kind="stable")[:fitting]], pitch

    def _left(self) -> float:
        """Where the bars and their names begin: right of the picture and, where there is room for both, of its caption."""
        words = tools.width(self.tr("The net gets"), 10.5) + 8 if self.width() >= ROOMY else 0.0
        return max(self.preview_rect().right() + GAP, words)

    def bar_rect(self, row: int, pitch: float) -> QRectF:
        left = self._left()
        names = min(max((tools.width(name, 10.5, 600) for name in self._names), default=8.0) + 6, 84.0, (self.width() - left) / 3)
        return QRectF(left + names, row * pitch + (pitch - 9) / 2, max(self.width() - left - names - 36, 8), 9)

    # -- painting
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = self.preview_rect()
        room = self._left() - 4
        if tools.width(self.tr("The net gets"), 10.5) <= room:
            tools.text(painter, 0, LINE / 2, self.tr("The net gets"), theme.color("text3"), 10.5)
        if self.picture is None:
            painter.fillRect(box, theme.color("field"))
        else:
            paint_image(painter, box, self.picture, theme)
        tools.frame(painter, box, theme.color("line3"))
        words = self._caption if tools.width(self._caption, 10.5) <= room else self._caption.rpartition(", ")[2]
        if tools.width(words, 10.5) <= room:
            tools.text(painter, 0, box.bottom() + LINE / 2 + 3, words, theme.color("text3"), 10.5)
        listed, pitch = self._listed()
        limit, signed_ = self._limit()
        best = self.best
        for row, unit in enumerate(listed):
            self._paint_bar(painter, self.bar_rect(row, pitch), unit, unit == best, limit, signed_)
        painter.end()

    def _limit(self) -> tuple[float, bool]:
        """Where a bar is full, and whether bars go both ways."""
        if self.values is None or not np.isfinite(self.values).any():
            return 1.0, False
        known = self.values[np.isfinite(self.values)]
        return max(float(np.abs(known).max()), 1.0), bool((known < 0).any())

    def _paint_bar(self, painter: QPainter, bar: QRectF, unit: int, best: bool, limit: float, signed_: bool) -> None:
        theme, right = self._theme, unit == self._truth
        color = theme.color("text" if best or right else "text3")
        weight = 600 if best or right else 400
        left = self._left()
        tools.text(painter, bar.x() - 6, bar.center().y(), self._name(unit), color, 10.5, weight, "right", bar.x() - 6 - left + 4)
        painter.fillRect(bar, theme.color("field"))
        if self.values is None:
            painter.fillRect(bar, tools.hatch(theme, "waiting"))
            return
        value = float(self.values[unit])
        if not np.isfinite(value):
            painter.fillRect(bar, tools.hatch(theme, "nan"))
        elif signed_:
            tools.signed_bar(painter, bar, value, limit, theme)
        else:
            painter.fillRect(QRectF(bar.x(), bar.y(), min(value / limit, 1.0) * bar.width(), bar.height()), theme.color("good"))
            painter.fillRect(QRectF(bar.x(), bar.y(), 1, bar.height()), theme.color("text2"))
        wrong = best and self._truth is not None and not right
        if wrong:
            tools.frame(painter, bar, theme.color("bad"))
        if best and self._truth is not None:
            mark = QRectF(bar.right() - 11, bar.center().y() - 4, 8, 8)
            ink = theme.color("bad") if wrong else theme.color("on_accent" if theme.name == "light" else "window")
            (tools.cross if wrong else tools.tick)(painter, mark, ink, 1.8)
        tools.text(painter, self.width() - 1, bar.center().y(), self._number(value), color, 10.5, weight, "right")

    @staticmethod
    def _number(value: float) -> str:
        return f"{value:.2f}" if 0 <= value <= 1 else (signed(value) if np.isfinite(value) else number(value))

    def _name(self, unit: int) -> str:
        return self._names[unit] if unit < len(self._names) else str(unit)
