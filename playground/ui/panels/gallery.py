"""The worst predictions, as pictures or rows; a click follows the sample through the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from playground.anim import ramps
from playground.data import Dataset
from playground.data.pictures import shape_of
from playground.engine.live.snapshot import Evaluation
from playground.ui.numbers import count, number
from playground.ui.painters import tools
from playground.ui.painters.input import paint_image
from playground.ui.panels.drawn import OfSamples, Scrolled
from playground.ui.theme import Theme, font

TILE, GAP, LINE, TOP = 46, 8, 13, 20
BAR = 6
"""px at the right that the scroll bar stands in."""
MOST_TILES = 400
MOST_PITCH = 140.0
SYMBOLS = 4
"""In a tile's line of text, and such lines."""
MOST_BARS = 20
BAR_REACH = 2.5
"""The standardized value at which a bar is full."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One sample: its ``index`` in the evaluated split, what was predicted and what was true."""

    index: int
    predicted: float
    target: float
    loss: float | None = None


def tiles(evaluation: Evaluation | None, cell: tuple[int, int] | None, labels: np.ndarray, middle: float) -> list[Tile]:
    """The worst first; where one confusion cell (true, predicted) is chosen, all of its samples that are known.

    ``labels`` int (N,) are the split's true classes; of a single output, ``middle`` is where the answer turns.
    """
    if evaluation is None:
        return []
    worst = [Tile(item.index, item.predicted, item.target, item.loss) for item in evaluation.worst]
    if cell is None:
        return worst
    found = [tile for tile in worst if (tile.target, tile.predicted) == cell]
    if evaluation.predictions is None or not np.issubdtype(labels.dtype, np.integer):
        return found
    rows = evaluated(len(evaluation.predictions), len(labels))
    flat = evaluation.predictions.reshape(len(evaluation.predictions), -1)[: len(rows)]
    classes = flat.argmax(axis=1) if flat.shape[1] > 1 else (flat[:, 0] > middle).astype(np.int64)
    listed = {tile.index for tile in found}
    others = rows[(classes == cell[1]) & (labels[rows] == cell[0])]
    return found + [Tile(int(at), float(cell[1]), float(cell[0])) for at in others[:MOST_TILES] if int(at) not in listed]


def evaluated(predictions: int, samples: int) -> np.ndarray:
    """Which of a split's ``samples`` so many predictions are of: all, or as many spread evenly, as ``engine.evaluate`` takes them."""
    count_ = min(predictions, samples)
    rows: np.ndarray = np.arange(count_) * samples // max(count_, 1)
    return rows


class Gallery(Scrolled, OfSamples):
    """``chosen(split, index)`` when a sample is clicked. What does not fit comes by the wheel."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, "gallery", parent)
        self.setAccessibleName(self.tr("Worst predictions"))
        self._tiles: list[Tile] = []
        self._split = "validation"
        self._dataset: Dataset | None = None
        self._evaluation: Evaluation | None = None
        self._middle = 0.5
        self._pitch = float(TILE + GAP)
        self._caption_height = LINE + 3
        self._cell: tuple[int, int] | None = None

    def show_evaluation(self, evaluation: Evaluation | None, dataset: Dataset | None, middle: float = 0.5) -> None:
        if evaluation is self._evaluation and dataset is self._dataset and middle == self._middle:
            return
        if dataset is not None and dataset is not self._dataset:
            self._cell = None
        self._evaluation, self._dataset, self._middle = evaluation, dataset, middle
        self._split = evaluation.split if evaluation is not None else "validation"
        self._list()

    def show_cell(self, true: int, predicted: int) -> None:
        """Only samples of this confusion cell; (-1, -1) for all."""
        self._cell, self._first = None if true < 0 else (true, predicted), 0
        self._list()

    def _list(self) -> None:
        labels = self._dataset.split(self._split).y if self._dataset is not None else np.zeros(0)
        self._tiles = tiles(self._evaluation, self._cell, labels, self._middle)
        captions = [self._caption(tile) for tile in self._tiles]
        widest = max((tools.width(line, 10.5) for lines in captions for line in lines), default=0.0)
        self._pitch = min(max(TILE, widest) + GAP, MOST_PITCH)
        self._caption_height = LINE * max(map(len, captions), default=1) + 3
        self._scroll(0)
        self.update()

    def title(self) -> str:
        """What is listed, a chosen confusion cell in the names of its classes; without the words between them where those do not fit."""
        if self._cell is None:
            return self.tr("Worst predictions")
        true, predicted = map(self._name, self._cell)
        words = self.tr("%s, rightly said") % true if true == predicted else self.tr("True %s, predicted %s") % (true, predicted)
        matrix = self._evaluation.confusion if self._evaluation is not None else None
        many = f" ({count(int(matrix[self._cell]))})" if matrix is not None else ""
        if tools.width(words + many, 11.5, 600) > self.width():
            words = f"{true} ✓" if true == predicted else f"{true} → {predicted}"
        return words + many

    @property
    def _columns(self) -> int:
        return max(1, int((self.width() - BAR + GAP) // self._pitch))

    @property
    def _rows_seen(self) -> int:
        return max(1, int((self.height() + 4 - TOP) // (TILE + self._caption_height + 2)))

    def scrollable(self) -> int:
        return -(-len(self._tiles) // self._columns) - self._rows_seen

    def tile_rect(self, at: int) -> QRectF:
        pitch = self._pitch
        row, column = divmod(at, self._columns)
        top = TOP + (row - self._first) * (TILE + self._caption_height + 2)
        return QRectF(column * pitch + (pitch - GAP - TILE) / 2, top, TILE, TILE)

    def _fitting(self) -> list[tuple[Tile, QRectF]]:
        first = self._first * self._columns
        seen = range(first, min(first + self._rows_seen * self._columns, len(self._tiles)))
        return [(self._tiles[at], self.tile_rect(at)) for at in seen]

    def places(self) -> dict[str, tuple[int, int, int, int]]:
        """Where the samples stand on the screen, for tests with a real window."""
        corner = self.mapToGlobal(QPoint(0, 0))
        found = {}
        for at, (_, rect) in enumerate(self._fitting()):
            found[f"gallery/{at}"] = (corner.x() + round(rect.x()), corner.y() + round(rect.y()), TILE, TILE)
        return found

    def _name(self, value: float) -> str:
        classes = self._dataset.description.classes if self._dataset is not None else ()
        return classes[int(value)] if classes and 0 <= int(value) < len(classes) else number(value, 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        said = self.tr("true → predicted")
        title = self.title()
        bold = 600 if tools.width(title, 11.5, 600) <= self.width() else 400  # rather lighter than cut short
        after = tools.text(painter, 0, 8, title, theme.color("text"), 11.5, bold, room=self.width()) + 12
        if self._evaluation is not None:  # while an epoch lasts, all of this is of the network before it
            when = self.tr("at step {step}").format(step=count(self._evaluation.step))
            if after + tools.width(when, 10.5) <= self.width():
                after += tools.text(painter, after, 8, when, theme.color("text3"), 10.5) + 12
        if (
            self._cell is None
            and any(tile.target != tile.predicted for tile in self._tiles)
            and after + tools.width(said, 10.5) <= self.width()
        ):
            tools.text(painter, after, 8, said, theme.color("text3"), 10.5)
        painter.setFont(font(10.5))
        if not self._tiles:
            painter.setPen(theme.color("text3"))
            words = (
                self.tr("No sample of this kind.")
                if self._evaluation is not None
                else self.tr("After the first evaluation, the samples it gets most wrong.")
            )
            painter.drawText(QRectF(0, 22, self.width(), 48), Qt.TextFlag.TextWordWrap, words)
        for tile, rect in self._fitting():
            self._paint_tile(painter, tile, rect)
        rows = -(-len(self._tiles) // self._columns)
        if rows > self._rows_seen:
            whole = self.height() - TOP - 2.0
            thumb = QRectF(self.width() - 3, TOP + whole * self._first / rows, 3, max(whole * self._rows_seen / rows, 12))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("line3"))
            painter.drawRoundedRect(thumb, 1.5, 1.5)
        painter.end()

    def _paint_tile(self, painter: QPainter, tile: Tile, rect: QRectF) -> None:
        theme = self._theme
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        values = self._values(tile.index)
        painter.fillRect(rect, theme.color("field"))
        if values is not None and values.ndim == 3 and values.shape[0] in (1, 3):
            _, high, wide = values.shape
            side = rect.width() / max(high, wide)
            paint_image(
                painter,
                QRectF(rect.center().x() - wide * side / 2, rect.center().y() - high * side / 2, wide * side, high * side),
                values,
                theme,
            )
        elif values is not None and self._dataset is not None and self._dataset.description.tokens:
            self._paint_symbols(painter, rect, values, self._dataset.description.tokens)
        elif values is not None and values.ndim >= 2:
            painter.drawImage(rect, self._image(values))
        elif values is not None:
            self._paint_bars(painter, rect, values)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        followed = self._sample == (self._split, tile.index)
        painter.setPen(QPen(theme.color("accent" if followed else "line3"), 2 if followed else 1))
        painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
        right = tile.target == tile.predicted
        for at, words in enumerate(self._caption(tile)):
            y, wide = rect.bottom() + 1 + (at + 0.5) * LINE, self._pitch - 2
            color = theme.color("good" if right else "text2")
            tools.text(painter, rect.center().x(), y, words, color, 10.5, align="center", room=wide)

    def _caption(self, tile: Tile) -> tuple[str, ...]:
        """True and predicted class, below one another where the names are long; a right answer, however unsure, is said to be one."""
        true, predicted = self._name(tile.target), self._name(tile.predicted)
        if self._dataset is not None and self._dataset.description.classes and tile.target == tile.predicted:
            return (f"{true} ✓",)
        words = f"{true} → {predicted}"
        return (words,) if tools.width(words, 10.5) <= TILE + GAP else (true, f"→ {predicted}")

    def _values(self, index: int) -> np.ndarray | None:
        """The sample as the network gets it."""
        part = self._dataset.split(self._split) if self._dataset is not None else None
        if part is None or self._dataset is None or not 0 <= index < len(part):
            return None
        values = part.x[index].astype(np.float32) * np.float32(self._dataset.scale) + np.float32(self._dataset.offset)
        shape = shape_of(self._dataset.description)
        return values.reshape(shape) if shape is not None else values

    def _image(self, values: np.ndarray) -> QImage:
        """Pixels in gray."""
        grid = values.reshape(-1, *values.shape[-2:])[0]
        entries = np.ascontiguousarray(ramps.indices(grid, "gray", max(float(np.abs(grid).max()), 1e-6)))
        image = QImage(entries.data, entries.shape[1], entries.shape[0], entries.shape[1], QImage.Format.Format_Indexed8)
        image.setColorTable(self._theme.color_table("gray"))
        return image.copy()

    def _paint_symbols(self, painter: QPainter, rect: QRectF, values: np.ndarray, tokens: tuple[str, ...]) -> None:
        """The first symbols of a text."""
        side = (rect.width() - 4) / SYMBOLS
        for at, value in enumerate(values[: SYMBOLS * SYMBOLS]):
            y, x = rect.y() + 2 + (at // SYMBOLS + 0.5) * side, rect.x() + 2 + (at % SYMBOLS + 0.5) * side
            tools.text(painter, x, y, tokens[int(value)], self._theme.color("text2"), 8.5, align="center", room=side + 2)

    def _paint_bars(self, painter: QPainter, rect: QRectF, values: np.ndarray) -> None:
        """A row of numbers as signed bars, one below the other, on one scale for all samples."""
        shown, theme = values[:MOST_BARS], self._theme
        pitch = (rect.height() - 6) / len(shown)
        for at, value in enumerate(shown):
            if np.isfinite(value):
                length = min(max(float(value) / BAR_REACH, -1.0), 1.0) * (rect.width() / 2 - 3)
                bar = QRectF(rect.center().x(), rect.y() + 3 + at * pitch, length, max(pitch - 1, 1)).normalized()
                painter.fillRect(bar, theme.color("pos" if value > 0 else "neg"))
        painter.setPen(QPen(theme.color("line3"), 1))
        painter.drawLine(QPointF(rect.center().x(), rect.y() + 2), QPointF(rect.center().x(), rect.bottom() - 2))

    def texts(self) -> dict[str, str]:
        """The title, and the sample that is followed if it is listed, for tests with a real window."""
        split, index = self._sample
        listed = split == self._split and any(tile.index == index for tile in self._tiles)
        return {"gallery/title": self.title(), "gallery/followed": f"{split} {index}" if listed else ""}

    def _at(self, position: QPointF) -> Tile | None:
        return next((tile for tile, rect in self._fitting() if rect.contains(position)), None)

    def sample_at(self, position: QPointF) -> tuple[str, int] | None:
        tile = self._at(position)
        return (self._split, tile.index) if tile is not None else None

    def tip(self, position: QPointF) -> str:
        tile = self._at(position)
        if tile is None:
            return ""
        words = self.tr("sample %s: true %s, predicted %s") % (tile.index, self._name(tile.target), self._name(tile.predicted))
        if tile.loss is not None:
            words += self.tr(", loss %s") % number(tile.loss)
        return words + "\n" + self.tr("Click to follow it through the network.")
