"""The inspector's table of a node's parameters, with a histogram in the colors of the weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground import turns
from playground.layers.spec import format_shape
from playground.turns import give_way
from playground.ui import aside
from playground.ui.numbers import count, plain, signed
from playground.ui.painters import tools
from playground.ui.theme import Theme, font

BINS = 25
ROW = 20
HISTOGRAM = 36
QUICK = 200_000
"""So many numbers are counted within a frame's time; of more the window does not wait for the figures."""
PIECE = 1 << 18


def nice_limit(largest: float) -> float:
    """The next of 1 2 5 10 ... above ``largest``: an axis that does not tremble."""
    if not np.isfinite(largest) or largest <= 0:
        return 1.0
    decade = 10.0 ** np.floor(np.log10(largest))
    return float(next(step * decade for step in (1, 2, 5, 10) if largest <= step * decade * (1 + 1e-9)))


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a node's parameters: smallest and largest of each; ``size`` and :data:`BINS` bins from -``limit`` to ``limit`` of the first."""

    ranges: Mapping[str, tuple[float, float]]
    size: int = 0
    limit: float = 1.0
    bins: np.ndarray | None = None


def figures_of(arrays: Mapping[str, np.ndarray], first: str) -> Figures:
    """The figures of ``arrays``, the histogram that of ``first``. In pieces: the interpreter is let go between them."""
    ranges = {name: (float(array.min()), float(array.max())) for name, array in arrays.items() if array.size}
    array = arrays.get(first)
    if array is None or not array.size:
        return Figures(ranges)
    flat = array.reshape(-1)
    pieces = [flat[at : at + PIECE] for at in range(0, flat.size, PIECE)]
    largest = max(float(np.abs(piece[np.isfinite(piece)]).max(initial=0.0)) for piece in pieces)
    limit = nice_limit(largest)
    bins = np.zeros(BINS, np.int64)
    for piece in pieces:
        give_way()
        finite = piece[np.isfinite(piece)].astype(np.float64)  # the edges of the bins of very large and very small ones are no float32
        bins += np.histogram(finite, bins=BINS, range=(-limit, limit))[0]
    return Figures(ranges, flat.size, limit, bins)


class ParameterTable(QWidget):
    """Name, shape, smallest ... largest, and 25 bins of the first parameter, symmetric about zero."""

    def __init__(self, theme: Theme, inset: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("parameters")
        self._theme, self._inset = theme, inset
        self._shapes: dict[str, tuple[int, ...]] = {}
        self._node, self._declared = "", 0
        self._figures = Figures({})
        self._shown: Mapping[str, np.ndarray] = {}
        self._counting = self._secret = False
        self._to_count: tuple[Mapping[str, np.ndarray], str] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_secret(False)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def set_inset(self, inset: int) -> None:
        self._inset = inset
        self.update()

    def set_secret(self, secret: bool) -> None:
        """Tell no number while a learner is asked for one."""
        self._secret = secret
        about = self.tr("The numbers this node learns: smallest and largest, and how they are spread about zero")
        self.setToolTip(self.tr("Hidden while you work the number out") if secret else about)
        self.update()

    def declare(self, shapes: Mapping[str, tuple[int, ...]], node: str = "") -> None:
        """The parameters that ``node`` has, before any number is known."""
        if (dict(shapes), node) != (self._shapes, self._node):
            self._shapes, self._node = dict(shapes), node
            self._declared += 1
            self._figures, self._shown = Figures({}), {}
            self._to_count = None
            self.setVisible(bool(shapes))
            self.updateGeometry()
            self.update()

    def show_arrays(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Numbers of the parameters, by their own names. Of large ones the figures follow."""
        arrays = {name: array for name, array in arrays.items() if name in self._shapes}
        if arrays.keys() == self._shown.keys() and all(array is self._shown[name] for name, array in arrays.items()):
            return
        self._shown = arrays
        first = next((name for name in self._shapes if name in arrays), "")
        if sum(array.size for array in arrays.values()) > QUICK:
            self._to_count = arrays, first  # one at a time and only the latest: it takes longer than the next ones need to come
            if not self._counting:
                self._count()
        else:
            self._show(figures_of(arrays, first))

    def _count(self) -> None:
        asked, self._to_count = self._to_count, None
        self._counting = asked is not None
        if asked is not None:
            counted = partial(self._counted, self._declared)
            aside.run(self, partial(figures_of, *asked), counted, partial(counted, Figures({})))

    def _counted(self, declared: int, figures: Figures) -> None:
        if declared == self._declared:
            self._show(figures)
        self._count()

    def _show(self, figures: Figures) -> None:
        self._figures = figures
        self.update()

    def texts(self) -> dict[str, str]:
        """What is printed of each parameter: smallest and largest."""
        return {f"parameters/{name}": self._range(name) for name in self._shapes}

    def _range(self, name: str) -> str:
        range_ = None if self._secret else self._figures.ranges.get(name)
        return " … ".join(signed(end, 2 if abs(end) < 100 else 0) for end in range_) if range_ else "—"

    def sizeHint(self) -> QSize:
        return QSize(200, 8 + ROW * (len(self._shapes) + 1) + HISTOGRAM + 14 + 22)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    @turns.window
    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        left, right, y = self._inset, self.width() - self._inset, 8
        middle = left + 112
        painter.setFont(font(10.5))
        painter.setPen(theme.color("text3"))
        wide = right - middle > 150
        heads = (self.tr("Parameter"), self.tr("shape"), self.tr("smallest … largest") if wide else self.tr("range"))
        self._row(painter, y, left, middle, right, heads)
        for name, shape in self._shapes.items():
            y += ROW
            painter.setFont(font(12))
            painter.setPen(theme.color("text"))
            words, range_ = format_shape(shape).replace("×", " × "), self._range(name)
            if tools.width(words, 12) + tools.width(range_, 12) + 8 > right - middle:  # the heads say what it is
                words = words.replace(" ", "")
            self._row(painter, y, left, middle, right, (name, words, range_))
        if self._figures.bins is not None and not self._secret:
            self._histogram(painter, y + ROW, left, right)
        painter.end()

    def _row(self, painter: QPainter, y: int, left: int, middle: int, right: int, words: tuple[str, str, str]) -> None:
        center = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left, y, middle - left - 4, ROW), center, words[0])
        painter.drawText(QRectF(middle, y, right - middle, ROW), center, words[1])
        painter.drawText(QRectF(middle, y, right - middle, ROW), center | Qt.AlignmentFlag.AlignRight, words[2])

    def _histogram(self, painter: QPainter, top: int, left: int, right: int) -> None:
        bins, theme = self._figures.bins, self._theme
        assert bins is not None
        first = next(iter(self._shapes))
        painter.setFont(font(10.5))
        painter.setPen(theme.color("text3"))
        painter.drawText(
            QRectF(left, top, right - left, 14),
            Qt.AlignmentFlag.AlignVCenter,
            self.tr("{count} values of {name}").format(count=count(self._figures.size), name=first),
        )
        base = top + 14 + HISTOGRAM
        width = (right - left) / BINS
        table = theme.ramp("div")
        tallest = max(int(bins.max()), 1)
        painter.setPen(Qt.PenStyle.NoPen)
        for index, number in enumerate(bins):
            if number:
                height = max(2.0, HISTOGRAM * number / tallest)
                painter.setBrush(QColor(*(int(part) for part in table[round(255 * (index + 0.5) / BINS)])))
                painter.drawRect(QRectF(left + index * width + 0.5, base - height, width - 1, height))
        painter.setPen(QPen(theme.color("line3"), 1))
        painter.drawLine(QPointF(left, base + 0.5), QPointF(right, base + 0.5))
        painter.setPen(theme.color("text3"))
        limit = plain(float(f"{self._figures.limit:.3g}"))
        box = QRectF(left, base + 2, right - left, 14)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft, f"\u2212{limit}")
        painter.drawText(box, Qt.AlignmentFlag.AlignHCenter, "0")
        painter.drawText(box, Qt.AlignmentFlag.AlignRight, f"+{limit}")
