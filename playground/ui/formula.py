"""Formulas typeset by ziamath on a thread of their own, and kept as SVG; pixmaps are made from it at any scale.

The import alone takes 0.2 s and a formula 10-30 ms, too long for the UI thread.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from playground.ui.jobs import Jobs
from playground.ui.theme import INK

_log = logging.getLogger(__name__)
BREAK = r"\quad"
MOST_KEPT = 512
IMPORT_AFTER_MILLISECONDS = 300
"""The window's first pictures do not share the interpreter with the import."""
Key = tuple[str, float]
Done = Callable[[list[bytes]], object]
_kept: dict[Key, list[bytes]] = {}
"""Formulas typeset before; looked at on the UI thread alone."""


def parts(latex: str) -> tuple[str, ...]:
    """A formula's pieces, which may go on lines of their own: what stands between wide spaces."""
    return tuple(piece.strip() for piece in latex.split(BREAK) if piece.strip())


def typeset(latex: str, size: float, color: str) -> bytes:
    """The formula as SVG. Slow: call it off the UI thread."""
    import ziamath  # 0.2 s, wanted only once a formula is shown

    ziamath.config.svg2 = False  # Qt's SVG reader ignores <symbol> and <use>, and draws nothing but the fraction bars
    drawn: Any = ziamath.Latex(latex, size=size, color=color)
    return bytes(drawn.svg(), "utf-8")


def picture(svg: bytes, scale: float, widest: float) -> QPixmap:
    """The formula as a pixmap, made smaller where it is wider than ``widest`` logical px."""
    renderer = QSvgRenderer(QByteArray(svg))
    size = renderer.defaultSize()
    factor = min(1.0, widest / size.width()) if size.width() else 1.0
    logical = QSize(max(1, round(size.width() * factor)), max(1, round(size.height() * factor)))
    made = QPixmap(logical * scale)
    made.setDevicePixelRatio(scale)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, logical.width(), logical.height()))
    painter.end()
    return made


def _inked(svgs: list[bytes], color: str) -> list[bytes]:
    return [svg.replace(INK.encode(), color.encode()) for svg in svgs]


class Formulas(QObject):
    """Asks for formulas and hands them over when they are there.

    One at a time: each that is handed to the thread costs the window a change of turns (5 ms), and a cell may have nine.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = Jobs(self)
        self._wanted: dict[Key, list[tuple[str, Done]]] = {}
        """What is to be typeset, oldest first, and for whom, in which color."""
        self._under_way: Key | None = None
        self._first = QTimer(self, singleShot=True, interval=IMPORT_AFTER_MILLISECONDS)
        self._first.timeout.connect(self._next)

    @staticmethod
    def kept(latex: str, size: float) -> bool:
        """Whether the formula has been typeset before, so that it is there at once."""
        return (latex, size) in _kept

    @property
    def busy(self) -> bool:
        """Whether a formula is still to come."""
        return bool(self._wanted)

    def ask(self, latex: str, size: float, color: str, done: Done) -> None:
        """``done`` gets the SVG of each part of the formula, on the UI thread; nothing where it cannot be typeset."""
        key = latex, size
        if key in _kept:
            done(_inked(_kept[key], color))
            return
        self._wanted.setdefault(key, []).append((color, done))
        if self._under_way is not None or self._first.isActive():
            return
        if "ziamath" in sys.modules:
            self._next()
        else:
            self._first.start()

    def _next(self) -> None:
        """Have the oldest formula typeset that is still wanted."""
        self._under_way = next(iter(self._wanted), None)
        if self._under_way is None:
            return
        latex, size = self._under_way
        pieces = parts(latex)

        def failed(error: Exception) -> None:
            _log.warning("cannot typeset %s: %s", latex, error)
            self._hand_over([])

        self._jobs.run(lambda: [typeset(piece, size, INK) for piece in pieces], self._made, failed)

    def _made(self, svgs: list[bytes]) -> None:
        assert self._under_way is not None
        if len(_kept) >= MOST_KEPT:
            del _kept[next(iter(_kept))]
        _kept[self._under_way] = svgs
        self._hand_over(svgs)

    def _hand_over(self, svgs: list[bytes]) -> None:
        assert self._under_way is not None
        waiting = self._wanted.pop(self._under_way)
        self._next()
        for color, done in waiting:
            done(_inked(svgs, color))

    def close(self) -> None:
        self._first.stop()
        self._jobs.close()
