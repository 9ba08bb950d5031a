"""What painters draw with: text, hatches, grids of cells, rings, bars. All of it is drawn from the values handed in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import shiboken6
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
    QStaticText,
    QTextLayout,
    QTransform,
)

from playground.anim.scale import Scale
from playground.ui import theme as themes
from playground.ui.numbers import number, scientific, short
from playground.ui.theme import Theme

Align = Literal["left", "center", "right"]
SERIF = ("STIX Two Text", "Noto Serif", "Times New Roman", "DejaVu Serif")
HATCH_FROM = 8.0
"""Cells of this many px and more are hatched or striped; smaller ones get a check of two colors."""
NUMBER_CELL = QSizeF(24, 15)
Sizes = Sequence[float]
SIZES: Sizes = (12, 10.5, 10)
LEAST = 9.5
"""Px on the screen: words that would be drawn smaller than that are left out, for nobody could read them."""


@lru_cache(maxsize=64)
def font(size: float, weight: int = 400) -> QFont:
    """The UI font, made once a size."""
    return themes.font(size, weight)


FEW = 64


@lru_cache(maxsize=64)
def metrics(size: float, weight: int = 400) -> QFontMetricsF:
    return QFontMetricsF(font(size, weight))


@lru_cache(maxsize=4096)
def _static(text: str, size: float, weight: int) -> QStaticText:
    made = QStaticText(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.prepare(QTransform(), font(size, weight))
    return made


def width(text: str, size: float = 10.5, weight: int = 400) -> float:
    """How wide ``text`` is drawn, in px."""
    return _static(text, size, weight).size().width()


@lru_cache(maxsize=16)
def widest(texts: tuple[str, ...], size: float = 10.5, weight: int = 400) -> float:
    """How wide the widest of ``texts`` is, in px; of very many (a vocabulary of Chinese signs, all as wide) the longest are measured."""
    asked = texts if len(texts) <= FEW else sorted(texts, key=len)[-FEW:]
    return max((width(one, size, weight) for one in asked), default=0.0)


def text(
    painter: QPainter,
    x: float,
    y: float,
    words: str,
    color: QColor,
    size: float = 10.5,
    weight: int = 400,
    align: Align = "left",
    room: float | None = None,
    always: bool = False,
) -> float:
    """One line at ``x`` with its middle at ``y``; elided in the middle where ``room`` px do not hold it. Returns its width; 0 where it
    would be too small on the screen to be read, unless it is what the picture is made of: ``always``."""
    if not always and too_small(painter, size):
        return 0.0
    if room is not None and width(words, size, weight) > room:
        words = metrics(size, weight).elidedText(words, Qt.TextElideMode.ElideMiddle, room)
    static = _static(words, size, weight)
    box = static.size()
    left = x - box.width() * {"left": 0.0, "center": 0.5, "right": 1.0}[align]
    painter.setFont(font(size, weight))
    painter.setPen(color)
    painter.drawStaticText(QPointF(left, y - box.height() / 2), static)
    return box.width()


def paragraph(painter: QPainter, rect: QRectF, words: str, color: QColor, size: float = 12.5) -> None:
    """Wrapped lines from the top of ``rect``: as many whole ones as fit, the last one elided where there would be more."""
    painter.setFont(font(size))
    painter.setPen(color)
    layout = QTextLayout(words, font(size))
    layout.beginLayout()
    y, pitch = rect.y(), metrics(size).lineSpacing()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(rect.width())
        start = line.textStart()
        shown = words[start : start + line.textLength()]
        last = y + 2 * pitch > rect.bottom()
        if last:
            shown = metrics(size).elidedText(words[start:], Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(QPointF(rect.x(), y + metrics(size).ascent()), shown)
        y += pitch
        if last:
            break
    layout.endLayout()


@lru_cache(maxsize=16)
def _serif(size: float) -> QFont:
    made = QFont()
    made.setFamilies(list(SERIF))
    made.setPixelSize(round(size))
    made.setItalic(True)
    return made


def symbol(painter: QPainter, x: float, y: float, letter: str, index: str, color: QColor, size: float = 14, align: Align = "left") -> float:
    """A letter in italic serif with its index below the line: x₁, w₂. Middle at ``y``; returns its width."""
    main, low = _serif(size), _serif(round(size * 0.7))
    low.setItalic(False)
    main_width, low_width = QFontMetricsF(main).horizontalAdvance(letter), QFontMetricsF(low).horizontalAdvance(index)
    total = main_width + (low_width + 1 if index else 0)
    left = x - total * {"left": 0.0, "center": 0.5, "right": 1.0}[align]
    base = y + size * 0.3
    painter.setPen(color)
    painter.setFont(main)
    painter.drawText(QPointF(left, base), letter)
    if index:
        painter.setFont(low)
        painter.drawText(QPointF(left + main_width + 1, base + size * 0.22), index)
    return total


def zoom(painter: QPainter) -> float:
    """How large ``painter`` draws what is one px long, whichever way it is turned."""
    way = painter.worldTransform()
    return math.hypot(way.m11(), way.m12()) or 1.0


def too_small(painter: QPainter, size: float) -> bool:
    """Whether letters of ``size`` px are drawn so small that nobody could read them."""
    return size * min(zoom(painter), 1.0) < min(size, LEAST)


def least(painter: QPainter, size: float) -> float:
    """``size``, larger where letters have to be to be read on the screen."""
    return max(size, math.ceil(2 * LEAST / zoom(painter)) / 2) if too_small(painter, size) else size


def legible(painter: QPainter, size: float, growth: float = 1.3) -> float:
    """``size``, larger where the picture is drawn small: up to ``growth`` times, to keep its size on the screen."""
    return round(2 * size * min(max(1 / zoom(painter), 1.0), growth)) / 2


def pen(color: QColor, width: float = 1.0, dash: tuple[float, ...] = ()) -> QPen:
    """A flat pen; ``dash`` is in px."""
    made = QPen(color, width)
    made.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dash:
        made.setDashPattern([length / max(width, 1e-6) for length in dash])
    return made


def polygon(points: np.ndarray) -> QPolygonF:
    """``points`` (n, 2) as a polygon, written straight into its memory: a QPointF each would cost more than the drawing."""
    made = QPolygonF()
    made.resize(len(points))
    if len(points):
        wrap: Any = shiboken6.VoidPtr  # its stub knows no arguments
        memory = wrap(made.data(), 16 * len(points), True)
        np.frombuffer(memory, np.float64).reshape(-1, 2)[:] = points
    return made


@lru_cache(maxsize=32)
def hatch(theme: Theme, kind: Literal["error", "nan", "waiting", "frozen"], zoom: float = 1.0) -> QBrush:
    """A tiled 45-degree brush: lines in ``canvas`` over error cells, stripes for not-a-number, thin lines for what is not there yet; as
    wide on the screen as they are here where the painter scales by ``zoom``."""
    period, thick, ink, ground = {
        "error": (5.0, 1.4, theme.color("canvas"), None),
        "nan": (8.0, 4.0, theme.color("nan_b"), theme.color("nan_a")),
        "waiting": (6.0, 1.0, theme.color("line3"), None),
        "frozen": (6.0, 2.0, theme.color("canvas" if theme.name == "dark" else "line"), None),  # light canvas is lost on a white card
    }[kind]
    fine, side = max(math.ceil(QGuiApplication.primaryScreen().devicePixelRatio()), 1), round(period * 2**0.5)
    pixels = side * fine  # whole pixels of the screen: a tile that is brought to another size has its lines broken at its edges
    image = QImage(pixels, pixels, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(ground or Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen(ink, thick * fine))
        for shift in (-pixels, 0, pixels):
            painter.drawLine(QPointF(shift - pixels, 2 * pixels), QPointF(shift + 2 * pixels, -pixels))
    brush = QBrush(image)
    brush.setTransform(QTransform.fromScale(1 / (fine * zoom), 1 / (fine * zoom)))
    return brush


def indexed(entries: np.ndarray, theme: Theme, ramp: str) -> QImage:
    """An Indexed8 image over ``entries``, uint8 (rows, columns), C order: no copy, so the array must outlive the image."""
    rows, columns = entries.shape
    image = QImage(entries.data, columns, rows, columns, QImage.Format.Format_Indexed8)
    image.setColorTable(theme.color_table(ramp))
    return image


def cells(painter: QPainter, rect: QRectF, values: np.ndarray, scale: Scale, theme: Theme, smooth: bool = False) -> None:
    """``values`` (rows, columns), the first row on top, as one picture in ``rect``; errors hatched, not-a-number striped."""
    if values.size == 0:
        return
    entries = np.ascontiguousarray(scale.indices(values))
    image = indexed(entries, theme, scale.ramp)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.drawImage(rect, image)
    painter.restore()
    cell = min(rect.width() / values.shape[1], rect.height() / values.shape[0])
    if scale.ramp == "err" and cell >= HATCH_FROM:
        painter.fillRect(rect, hatch(theme, "error"))
    finite = np.isfinite(values)
    if not finite.all():
        not_a_number(painter, rect, finite, theme, "" if finite.any() else "NaN")


def marked(painter: QPainter, rect: QRectF, which: np.ndarray, color: QColor) -> None:
    """The cells of ``rect`` where ``which`` (rows, columns) is true in one color, as one picture."""
    rows, columns = which.shape
    pixels = np.zeros((rows, columns), np.uint32)
    pixels[which] = color.rgba()
    painter.drawImage(rect, QImage(pixels.data, columns, rows, columns * 4, QImage.Format.Format_ARGB32))


def runs(which: np.ndarray) -> list[tuple[int, int, int]]:
    """Row, first column and length of every run of true cells in ``which`` (rows, columns)."""
    edges = np.diff(np.pad(which, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    begins, ends = np.argwhere(edges > 0), np.argwhere(edges < 0)
    return [(row, first, end - first) for (row, first), (_, end) in zip(begins.tolist(), ends.tolist(), strict=True)]


def not_a_number(painter: QPainter, rect: QRectF, finite: np.ndarray, theme: Theme, word: str = "") -> None:
    """Mark the cells of ``rect`` where ``finite`` (rows, columns) is false; ``word`` in a chip where there is room."""
    rows, columns = finite.shape
    wide, high = rect.width() / columns, rect.height() / rows
    if word:
        painter.fillRect(rect, hatch(theme, "nan", zoom(painter)))
    elif min(wide, high) >= HATCH_FROM:
        for row, column in np.argwhere(~finite):
            painter.fillRect(QRectF(rect.x() + column * wide, rect.y() + row * high, wide, high), hatch(theme, "nan"))
    else:
        check = np.zeros((rows, columns), np.uint32)
        odd = (np.indices((rows, columns)).sum(axis=0) % 2).astype(bool)
        check[~finite & odd] = theme.color("nan_b").rgba()
        check[~finite & ~odd] = theme.color("nan_a").rgba()
        painter.drawImage(rect, QImage(check.data, columns, rows, columns * 4, QImage.Format.Format_ARGB32))
    size, at = least(painter, 12), rect.center()
    if word and rect.width() >= (room := width(word, size, 600)) + 4 and rect.height() >= 1.3 * size:
        chip = QSizeF(min(room + 16, rect.width()), min(1.5 * size, rect.height()))
        painter.fillRect(QRectF(at - QPointF(chip.width(), chip.height()) / 2, chip), theme.color("nan_b"))
        text(painter, at.x(), at.y(), word, theme.color("nan_a"), size, 600, "center")


def value_cell(
    painter: QPainter,
    rect: QRectF,
    value: float,
    scale: Scale,
    theme: Theme,
    radius: float = 2,
    words: str | None = None,
    size: float | None = None,
) -> None:
    """One value as a flat cell, its number in it where it is large enough. Of ``words`` with a ``size`` whoever chose both, for all cells
    of a grid, knows that they fit."""
    if not np.isfinite(value):
        not_a_number(painter, rect, np.zeros((1, 1), bool), theme, short(value))
        return
    red, green, blue = (int(part) for part in theme.ramp(scale.ramp)[int(scale.indices(np.array(value)))])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(red, green, blue))
    painter.drawRoundedRect(rect, radius, radius)
    if scale.ramp == "err":
        painter.setBrush(hatch(theme, "error"))
        painter.drawRoundedRect(rect, radius, radius)
    if rect.width() >= NUMBER_CELL.width() and rect.height() >= NUMBER_CELL.height():
        if (shown := words) is None or size is None:
            sizes = [min(max(legible(painter, one), least(painter, one)), max(rect.height() / 1.25, one)) for one in SIZES]
            shown, size = _fitting(value, scale.signed, words, rect.width() - 2, sizes, scale.limit)
        if shown and scale.ramp == "err":
            plate = QRectF(0, 0, min(width(shown, size, 500) + 4, rect.width()), size + 3)
            plate.moveCenter(rect.center())
            painter.fillRect(plate, QColor(red, green, blue))
        text(painter, rect.center().x(), rect.center().y(), shown, theme.ink(red, green, blue), size, 500, "center")


def _fitting(value: float, signed: bool, words: str | None, room: float, sizes: Sizes = SIZES, limit: float = 1) -> tuple[str, float]:
    """The number with as many digits, and as large (of ``sizes``, the largest first), as ``room`` px hold; ``""`` where they hold none:
    half a number is another one, and about 0 is only what is so beside the scale's ``limit``."""
    thousands = [f"{number(value / 1e3, 2, signed, trim=True)}k"] if 1e3 <= abs(value) < 1e6 else []
    rounded = number(value, 1, signed) if not 0.95 <= abs(value) < 1 else number(math.copysign(1, value), 2, signed)  # no 1 that is none
    near = [number(value, 2, signed).replace("0.", ".", 1)] if 0.1 <= abs(value) <= 1 else []  # rather two digits than a zero
    thousands += [f"{number(value / 1e3, 1, signed)}k"] if thousands else []
    short_ones = [short(value, signed), *near, rounded, *thousands, rounded.replace("0.", ".", 1), scientific(value, signed)]
    if width(short_ones[0], sizes[0], 500) > room:  # from edge to edge it touches the frame
        short_ones = [*thousands, *short_ones]
    short_ones += ["≈0"] if abs(value) < 0.05 * limit else []  # to a tenth of the scale it is
    for candidate in short_ones if words is None else [words]:
        for size in sizes:
            if width(candidate, size, 500) <= room:
                return candidate, size
    return "", 10


def color_of(value: float, scale: Scale, theme: Theme) -> QColor:
    """The ramp's color of one value; that of not-a-number where it is none."""
    if not np.isfinite(value):
        return theme.color("nan_a")
    red, green, blue = (int(part) for part in theme.ramp(scale.ramp)[int(scale.indices(np.array(value)))])
    return QColor(red, green, blue)


def signed_color(value: float, theme: Theme) -> QColor:
    """Blue is plus, orange is minus; zero and not-a-number are plain text."""
    return theme.color("pos" if value > 0 else "neg" if value < 0 else "text")


def signed_bar(painter: QPainter, rect: QRectF, value: float, limit: float, theme: Theme) -> None:
    """A bar from the middle tick: right and blue is plus, left and orange is minus, full at ``limit``."""
    painter.fillRect(rect, theme.color("line"))
    middle = rect.center().x()
    if not np.isfinite(value):
        painter.fillRect(rect, hatch(theme, "nan"))
    elif limit > 0:
        length = min(abs(value) / limit, 1.0) * rect.width() / 2
        painter.fillRect(QRectF(middle if value > 0 else middle - length, rect.y(), length, rect.height()), signed_color(value, theme))
    painter.fillRect(QRectF(middle - 0.5, rect.y() - 1, 1, rect.height() + 2), theme.color("text2"))


def ring(painter: QPainter, rect: QRectF, color: QColor, off: float = 2, width: float = 2, radius: float = 6) -> None:
    """A ring around ``rect``, ``off`` px away from it."""
    grown = off + width / 2
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(color, width))
    painter.drawRoundedRect(rect.adjusted(-grown, -grown, grown, grown), radius, radius)


def frame(painter: QPainter, rect: QRectF, color: QColor, radius: float = 0) -> None:
    """A crisp 1 px frame on half pixels."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(color))
    painter.drawRoundedRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5), radius, radius)


def rounded(rect: QRectF, radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(rect, radius, radius)
    return path


def arrow(painter: QPainter, start: QPointF, end: QPointF, color: QColor, width: float = 1.4) -> None:
    """An arrow with an open head, whichever way it points."""
    painter.setPen(pen(color, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawLine(start, end)
    way = end - start
    length = math.hypot(way.x(), way.y()) or 1.0
    along, across = way / length * 4.0, QPointF(-way.y(), way.x()) / length * 3.5
    painter.drawPolyline(QPolygonF([end - along + across, end, end - along - across]))


def cross(painter: QPainter, rect: QRectF, color: QColor, width: float = 1.4) -> None:
    painter.setPen(pen(color, width))
    painter.drawLine(rect.topLeft(), rect.bottomRight())
    painter.drawLine(rect.topRight(), rect.bottomLeft())


def tick(painter: QPainter, rect: QRectF, color: QColor, width: float = 1.6) -> None:
    painter.setPen(pen(color, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    at = rect.topLeft()
    wide, high = rect.width(), rect.height()
    painter.drawPolyline(QPolygonF([at + QPointF(0, high * 0.55), at + QPointF(wide * 0.38, high * 0.92), at + QPointF(wide, high * 0.08)]))
