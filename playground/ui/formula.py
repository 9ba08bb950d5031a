"""Formulas typeset elsewhere (``typesetting.py``), and kept as SVG; pixmaps are made from it at any scale.

Those that differ in digits alone are typeset once (``digits.py``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from playground.ui.digits import Typeset, digits, template
from playground.ui.jobs import Jobs
from playground.ui.typesetting import Outside

_log = logging.getLogger(__name__)
BREAK = r"\quad"
MOST_KEPT = 512
Key = tuple[str, float]
Done = Callable[[list[bytes]], object]
_kept: dict[Key, list[Typeset]] = {}
"""Templates typeset before, and their sizes; looked at on the UI thread alone."""


def parts(latex: str) -> tuple[str, ...]:
    """A formula's pieces, which may go on lines of their own: what stands between wide spaces."""
    return tuple(piece.strip() for piece in latex.split(BREAK) if piece.strip())


typesetter = Outside()
"""One for all; it is waited for on a thread."""


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


def _written(typeset: list[Typeset], latex: str, color: str) -> list[bytes]:
    """The SVG of each of the formula's parts; nothing of one that cannot be typeset."""
    return [one.svg(digits(piece), color) for one, piece in zip(typeset, parts(latex), strict=True)] if typeset else []


class Formulas(QObject):
    """Asks for formulas, one at a time in the order in which they were wanted, and hands them over when they are there."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = Jobs(self)
        self._wanted: dict[Key, list[tuple[str, str, Done]]] = {}
        """What is to be typeset, oldest first, and for whom: the formula itself, its color."""
        self._under_way: Key | None = None

    @staticmethod
    def kept(latex: str, size: float) -> bool:
        """Whether the formula has been typeset before, perhaps with other numbers, so that it is there at once."""
        return (template(latex), size) in _kept

    @property
    def busy(self) -> bool:
        """Whether a formula is still to come."""
        return bool(self._wanted)

    def ask(self, latex: str, size: float, color: str, done: Done) -> None:
        """``done`` gets the SVG of each part of the formula, on the UI thread; nothing where it cannot be typeset."""
        key = template(latex), size
        if key in _kept:
            done(_written(_kept[key], latex, color))
            return
        self._wanted.setdefault(key, []).append((latex, color, done))
        if self._under_way is None:
            self._next()

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

        self._jobs.run(lambda: [typesetter.typeset(piece, size) for piece in pieces], self._made, failed)

    def _made(self, made: list[Typeset]) -> None:
        assert self._under_way is not None
        if len(_kept) >= MOST_KEPT:
            del _kept[next(iter(_kept))]
        _kept[self._under_way] = made
        self._hand_over(made)

    def _hand_over(self, made: list[Typeset]) -> None:
        assert self._under_way is not None
        waiting = self._wanted.pop(self._under_way)
        self._next()
        for latex, color, done in waiting:
            done(_written(made, latex, color))

    def close(self) -> None:
        self._jobs.close()
