"""A table small enough to read whole: every row of the data, the network's answer, the target, right or wrong."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from playground.data import Dataset
from playground.engine.live.snapshot import Evaluation
from playground.ui.numbers import MINUS, number
from playground.ui.painters import tools
from playground.ui.theme import Theme, font

PITCH = 22
LEAST_PITCH = 15


class TruthTable(QWidget):
    """Rows of the evaluated split; answers come from the evaluation alone."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("truth_table")
        self.setAccessibleName(self.tr("Truth table"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme = theme
        self._dataset: Dataset | None = None
        self._evaluation: Evaluation | None = None
        self._targets = (0.0, 1.0)
        self._sample: tuple[str, int] = ("train", 0)

    def sizeHint(self) -> QSize:
        rows = min(len(self._dataset.train), 8) if self._dataset is not None else 4
        return QSize(200, PITCH * (rows + 1) + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height() * LEAST_PITCH // PITCH)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_evaluation(self, evaluation: Evaluation | None, dataset: Dataset | None, low: float, high: float) -> None:
        if dataset is not self._dataset:
            self._dataset = dataset
            self.updateGeometry()
        self._evaluation, self._targets = evaluation, (low, high)
        self.update()

    def show_sample(self, split: str, index: int) -> None:
        self._sample = (split, index)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        dataset = self._dataset
        if dataset is None:
            return
        painter, theme = QPainter(self), self._theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        features, rows = dataset.train.x.shape[1], min(len(dataset.train), 8)
        pitch = min(float(PITCH), self.height() / (rows + 1))
        columns = [26 + 34 * at for at in range(features)] + [26 + 34 * features + 18, 26 + 34 * features + 66]
        names = [f"x{'₁₂₃₄₅₆₇₈'[at]}" for at in range(features)] + ["y", "t"]
        for x, name in zip(columns, names, strict=True):
            tools.text(painter, x, pitch / 2, name, theme.color("text3"), 11, 400, "right")
        predictions = self._evaluation.predictions if self._evaluation is not None else None
        whole = predictions is not None and bool(np.isin(predictions, (-1.0, 0.0, 1.0)).all())
        counted = np.lexsort(dataset.train.x[:rows].T[::-1]).tolist()  # 0 0, 0 1, 1 0, 1 1: as one looks such a table up
        for place, row in enumerate(counted):
            middle = pitch * (place + 1.5)
            if self._sample[1] == row:
                painter.fillRect(QRectF(0, pitch * (place + 1) + 1, self.width(), pitch - 2), theme.color("accent_soft"))
            values = [number(float(value), 2, trim=True) for value in dataset.train.x[row]]
            label = int(np.ravel(dataset.train.y[row])[0])
            target = self._targets[label] if label in (0, 1) else label
            known = predictions is not None and row < len(predictions)
            answer = float(np.ravel(predictions[row])[0]) if known and predictions is not None else None
            values += ["–" if answer is None else _answer(answer, whole), number(target, 2, trim=True)]
            for x, words in zip(columns, values, strict=True):
                tools.text(painter, x, middle, words, theme.color("text"), 12, 400, "right")
            if answer is not None and columns[-1] + 60 < self.width() + 30:
                right = (answer > sum(self._targets) / 2) == (label == 1)
                color = theme.color("good" if right else "bad")
                mark = QRectF(columns[-1] + 14, middle - 5, 10, 10)
                (tools.tick if right else tools.cross)(painter, mark, color)
                painter.setFont(font(11))
                words = self.tr("right") if right else self.tr("wrong")
                if mark.right() + 6 + painter.fontMetrics().horizontalAdvance(words) > self.width():
                    continue  # the sign says it too
                painter.drawText(QRectF(mark.right() + 6, middle - 9, 60, 18), Qt.AlignmentFlag.AlignVCenter, words)
        painter.end()


def _answer(answer: float, whole: bool) -> str:
    """One column, one format: three decimals, none where no answer has any."""
    if whole or not np.isfinite(answer):
        return number(answer, 1)
    return f"{answer:.3f}".replace("-", MINUS)
