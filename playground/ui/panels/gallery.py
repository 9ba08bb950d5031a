"""The worst predictions, as pictures or rows; a click follows the sample through the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from playground.anim import ramps
from playground.data import Dataset
from playground.engine.snapshot import Evaluation
from playground.ui.numbers import count, number
from playground.ui.painters import tools
from playground.ui.theme import Theme, font

TILE, GAP, CAPTION = 46, 8, 15
MOST_TILES = 100
MOST_PITCH = 140.0


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
    flat = evaluation.predictions.reshape(len(evaluation.predictions), -1)[: len(labels)]
    classes = flat.argmax(axis=1) if flat.shape[1] > 1 else (flat[:, 0] > middle).astype(np.int64)
    listed = {tile.index for tile in found}
    others = np.flatnonzero((classes == cell[1]) & (labels[: len(flat)] == cell[0]))
    return found + [Tile(int(at), float(cell[1]), float(cell[0])) for at in others[:MOST_TILES] if int(at) not in listed]


class Gallery(QWidget):
    """``chosen(split, index)`` when a sample is clicked."""

    chosen = Signal(str, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery")
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Worst predictions"))
        self._theme = theme
        self._tiles: list[Tile] = []
        self._split = "validation"
        self._dataset: Dataset | None = None
        self._evaluation: Evaluation | None = None
        self._middle = 0.5
        self._pitch = float(TILE + GAP)
        self._cell: tuple[int, int] | None = None
        self._sample: tuple[str, int] = ("", -1)

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
        self._cell = None if true < 0 else (true, predicted)
        self._list()

    def _list(self) -> None:
        labels = self._dataset.split(self._split).y if self._dataset is not None else np.zeros(0)
        self._tiles = tiles(self._evaluation, self._cell, labels, self._middle)
        widest = max((tools.width(self._caption(tile), 10.5) for tile in self._tiles), default=0.0)
        self._pitch = min(max(TILE, widest) + GAP, MOST_PITCH)
        self.update()

    def title(self) -> str:
        """What is listed, a chosen confusion cell in the names of its classes."""
        if self._cell is None:
            return self.tr("Worst predictions")
        true, predicted = map(self._name, self._cell)
        words = self.tr("%s, rightly said") % true if true == predicted else self.tr("True %s, predicted %s") % (true, predicted)
        matrix = self._evaluation.confusion if self._evaluation is not None else None
        return f"{words} ({count(int(matrix[self._cell]))})" if matrix is not None else words

    def show_sample(self, split: str, index: int) -> None:
        self._sample = (split, index)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def tile_rect(self, at: int) -> QRectF:
        pitch = self._pitch
        columns = max(1, int((self.width() + GAP) // pitch))
        row, column = divmod(at, columns)
        return QRectF(column * pitch + (pitch - GAP - TILE) / 2, 20 + row * (TILE + CAPTION + 3), TILE, TILE)

    def _fitting(self) -> list[tuple[Tile, QRectF]]:
        placed = [(tile, self.tile_rect(at)) for at, tile in enumerate(self._tiles)]
        return [(tile, rect) for tile, rect in placed if rect.bottom() + CAPTION <= self.height()]

    def _name(self, value: float) -> str:
        classes = self._dataset.description.classes if self._dataset is not None else ()
        return classes[int(value)] if classes and 0 <= int(value) < len(classes) else number(value, 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(11.5, 600))
        painter.setPen(theme.color("text"))
        painter.drawText(QRectF(0, 0, self.width(), 16), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.title())
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
        painter.end()

    def _paint_tile(self, painter: QPainter, tile: Tile, rect: QRectF) -> None:
        theme = self._theme
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        image = self._picture(tile.index)
        if image is None:
            painter.fillRect(rect, theme.color("field"))
        else:
            painter.drawImage(rect, image)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        followed = self._sample == (self._split, tile.index)
        painter.setPen(QPen(theme.color("accent" if followed else "line3"), 2 if followed else 1))
        painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setFont(font(10.5))
        painter.setPen(theme.color("text2"))
        wide = self._pitch - 2
        words = painter.fontMetrics().elidedText(self._caption(tile), Qt.TextElideMode.ElideMiddle, round(wide))
        painter.drawText(QRectF(rect.center().x() - wide / 2, rect.bottom() + 1, wide, CAPTION), Qt.AlignmentFlag.AlignCenter, words)

    def _caption(self, tile: Tile) -> str:
        return f"{self._name(tile.target)} → {self._name(tile.predicted)}"

    def _picture(self, index: int) -> QImage | None:
        """The sample as the network gets it: pixels in gray, a row of numbers as signed bars of color."""
        part = self._dataset.split(self._split) if self._dataset is not None else None
        if part is None or self._dataset is None or not 0 <= index < len(part):
            return None
        values = part.x[index].astype(np.float32) * self._dataset.scale + self._dataset.offset
        if values.ndim >= 2:
            grid, ramp = values.reshape(-1, *values.shape[-2:])[0], "gray"
        else:
            side = int(np.ceil(np.sqrt(values.size)))
            grid, ramp = np.zeros(side * side, np.float32), "div"
            grid[: values.size] = values
            grid = grid.reshape(side, side)
        entries = np.ascontiguousarray(ramps.indices(grid, ramp, max(float(np.abs(grid).max()), 1e-6)))
        image = QImage(entries.data, entries.shape[1], entries.shape[0], entries.shape[1], QImage.Format.Format_Indexed8)
        image.setColorTable(self._theme.color_table(ramp))
        return image.copy()

    def _at(self, position: QPointF) -> Tile | None:
        return next((tile for tile, rect in self._fitting() if rect.contains(position)), None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        tile = self._at(event.position())
        if tile is not None:
            self.chosen.emit(self._split, tile.index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        tile = self._at(event.position())
        if tile is None:
            QToolTip.hideText()
            return
        words = self.tr("sample %s: true %s, predicted %s") % (tile.index, self._name(tile.target), self._name(tile.predicted))
        if tile.loss is not None:
            words += self.tr(", loss %s") % number(tile.loss)
        QToolTip.showText(event.globalPosition().toPoint(), words + "\n" + self.tr("Click to follow it through the network."), self)

    def leaveEvent(self, event: QEvent) -> None:
        QToolTip.hideText()
        super().leaveEvent(event)
