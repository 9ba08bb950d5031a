"""A line of numbers that wraps: each number lights what it stands for, and is ringed when that is lit elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground import turns
from playground.ui.explain.places import Key, keys
from playground.ui.explain.tokens import Chunk, Line, Token, plain
from playground.ui.painters import tools
from playground.ui.theme import Theme

SIZE, STRONG = 12.5, 15.0
PITCH = 22
GAP, SPACE = 6.0, 4.0
INDENT = 12.0


def size_of(token: Token) -> tuple[float, int]:
    """Font size and weight."""
    return (STRONG, 600) if token.strong else (SIZE, 400)


class Flow(QWidget):
    """Chunks of tokens, broken between chunks; where one chunk alone is too wide, within it."""

    pointed = Signal(object)
    """The places of the number under the pointer; empty where there is none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("numbers")
        self._theme = theme
        self.line: Line = ()
        self._brief: Line = ()
        self._placed: list[tuple[QRectF, Token]] = []
        self._lit: frozenset[Key] = frozenset()
        self._height = PITCH
        self._steady = False
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_line(self, line: Line, steady: bool = False, brief: Line = ()) -> None:
        """``steady``: it follows its like, and keeps the room that one took, so that what is below does not move up and down. ``brief``
        is shown in its stead where it would need more than one row."""
        self._steady = steady
        if (line, brief) != (self.line, self._brief):
            self.line, self._brief = line, brief
            self.setAccessibleName(plain(line))
            self._place()

    def light(self, lit: frozenset[Key]) -> None:
        """Ring the numbers that stand for one of these places."""
        if lit != self._lit:
            self._lit = lit
            self.update()

    def ringed(self) -> list[str]:
        """The numbers that are ringed now."""
        return [token.text for _, token in self._placed if keys(token.places) & self._lit]

    def ringed_boxes(self) -> list[QRectF]:
        """Where they stand."""
        return [box for box, token in self._placed if keys(token.places) & self._lit]

    def sizeHint(self) -> QSize:
        return QSize(160, self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._height)

    def _place(self) -> None:
        row = self._put(self.line)
        if row and self._brief:
            row = self._put(self._brief)
        height = (row + 1) * PITCH if self.line else 0
        if self._steady:
            height = max(height, self._height)
        if height != self._height:
            self._height = height
            self.setFixedHeight(height)
            self.updateGeometry()
        self.update()

    def _put(self, line: Line) -> int:
        """Find every token its place; the last row's number."""
        width, x, row = max(float(self.width()), 80.0), 0.0, 0
        self._placed = []
        for chunk in line:
            wide = self._width(chunk)
            if x > 0 and (x + wide > width or chunk[0].fresh):
                row, x = row + 1, INDENT
            for token in chunk:
                part = tools.width(token.text, *size_of(token))
                if x > INDENT and x + part > width and wide > width - INDENT:
                    row, x = row + 1, INDENT
                self._placed.append((QRectF(x, row * PITCH, part, PITCH), token))
                x += part + SPACE * token.space
            x += GAP
        return row

    def _width(self, chunk: Chunk) -> float:
        return sum(tools.width(token.text, *size_of(token)) + SPACE * token.space for token in chunk)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._steady = False
            self._place()

    def token_at(self, point: QPointF) -> Token | None:
        """The number under the pointer."""
        return next((token for box, token in self._placed if token.places and box.contains(point)), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        token = self.token_at(event.position())
        self.pointed.emit(token.places if token is not None else ())

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(())

    @turns.window
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for box, token in self._placed:
            middle = box.y() + PITCH / 2
            color = self._theme.color(token.tone)
            tools.text(painter, box.x(), middle, token.text, color, *size_of(token))
            if token.struck:
                painter.setPen(QPen(color, 1.2))
                painter.drawLine(QPointF(box.x() - 1, middle + 1), QPointF(box.right() + 1, middle + 1))
            if self._lit and keys(token.places) & self._lit:
                painter.setPen(QPen(self._theme.color("accent"), 1.5))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box.adjusted(-0.5, 2.5, 0.5, -2.5), 3, 3)
        painter.end()
