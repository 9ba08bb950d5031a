"""The confusion matrix: names over narrow columns are whole, and it says of which part of the data it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from playground.data import load
from playground.engine.live.snapshot import Evaluation
from playground.ui.painters import tools
from playground.ui.panels.confusion import Confusion
from playground.ui.panels.gallery import Gallery
from playground.ui.theme import DARK

IRIS = ("setosa", "versicolor", "virginica")


def of_iris(qtbot, split: str = "validation") -> Confusion:
    made = Confusion(DARK)
    qtbot.addWidget(made)
    made.show_evaluation(Evaluation(split, 9, 0.1, 0.9, np.eye(3, dtype=np.int64), np.eye(3), ()), IRIS)
    return made


@pytest.mark.parametrize("width", [222, 240, 300])
def test_the_names_over_the_columns_are_whole(qtbot, width: int) -> None:
    made = of_iris(qtbot)
    made.resize(width, 147)
    across = made.cell_rect(0, 1).width()
    _, metrics = made.head_letters(across)
    assert all(metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(across)) == name for name in IRIS)


@pytest.mark.parametrize(("split", "word"), [("validation", "validation"), ("test", "test"), ("train", "training")])
def test_the_head_says_of_which_part_of_the_data_it_is(qtbot, monkeypatch, split: str, word: str) -> None:
    made = of_iris(qtbot, split)
    assert made.tip(QPointF(10, 8)) == f"Confusion, {word}"
    assert made.tip(QPointF(10, 25)) == ""
    drawn = tools.text
    for width, told in ((made.head_width(), True), (190, False)):
        ends: dict[str, float] = {}

        def text(painter: QPainter, x: float, y: float, words: str, *rest: Any, ends: dict[str, float] = ends, **more: Any) -> float:
            wide = drawn(painter, x, y, words, *rest, **more)
            ends[words] = x + wide
            return wide

        monkeypatch.setattr(tools, "text", text)
        made.resize(width, 147)
        made.grab()
        assert (word in ends) == told
        assert "Confusion" in ends
        assert max(ends.values()) <= width, "nothing is cut"


def test_the_samples_of_a_cell_are_headed_by_both_classes_whole(qtbot, monkeypatch) -> None:
    gallery = Gallery(DARK)
    qtbot.addWidget(gallery)
    dataset = load("iris", seed=0)
    gallery.show_evaluation(Evaluation("validation", 9, 0.1, 0.9, np.eye(3, dtype=np.int64), np.eye(3), ()), dataset)
    gallery.show_cell(1, 2)
    drawn = tools.text
    for width, words in ((300, "True versicolor, predicted virginica (0)"), (152, "versicolor → virginica (0)")):
        gallery.resize(width, 147)
        told: list[tuple[str, float]] = []

        def text(painter: QPainter, x: float, y: float, words: str, *rest: Any, told: Any = told, **more: Any) -> float:
            told.append((words, tools.width(words, *rest[1:3])))
            return drawn(painter, x, y, words, *rest, **more)

        monkeypatch.setattr(tools, "text", text)
        gallery.grab()
        assert told[0][0] == words
        assert told[0][1] <= width
