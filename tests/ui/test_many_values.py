"""A strip of a hundred thousand values is drawn as pictures, not one by one: nothing that it says is lost, and no window waits for it."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from playground.anim import stages
from playground.anim.cells import Cells
from playground.anim.cursor import Cursor, Stage
from playground.anim.scale import Scale
from playground.document import example
from playground.engine.trace import NodeTrace, Trace
from playground.layers import registry
from playground.ui.painters import reading, tools
from playground.ui.painters.base import Picture
from playground.ui.painters.strip import StripPainter, grid
from playground.ui.theme import DARK


def dropout(count: int) -> Picture:
    rng = np.random.default_rng(count)
    mask = (rng.random(count) > 0.5) * 2.0
    node = NodeTrace({"output": rng.normal(size=count) * mask, "mask": mask}, {})
    trace = Trace("train", 0, {"dropout1": node}, {}, None, 0.0)
    return Picture("dropout1", registry.find("Dropout"), {"rate": 0.5}, inputs=((count,),), output=(count,), trace=trace)


def painted(picture: Picture, cursor: Cursor | None = None, zoom: float = 4.0) -> QImage:
    painter, size = StripPainter(), StripPainter().size(picture)
    image = QImage(round(size.width() * zoom), round(size.height() * zoom), QImage.Format.Format_RGB32)
    image.fill(DARK.color("card"))
    with QPainter(image) as brush:
        brush.scale(zoom, zoom)
        painter.paint(brush, QRectF(0, 0, size.width(), size.height()), picture, cursor, Scale(limit=1.0), DARK)
    return image


@pytest.mark.parametrize("count", [5, 60, 400, 1568])
def test_what_dropout_turned_off_looks_alike_and_unlike_the_rest(qapp, count: int) -> None:
    picture = dropout(count)
    image, painter = painted(picture), StripPainter()
    size = painter.size(picture)
    mask = picture.trace.nodes["dropout1"].values["mask"]
    colors: dict[bool, set[int]] = {True: set(), False: set()}
    for unit in range(count):
        box = painter.unit_rect(QRectF(0, 0, size.width(), size.height()), picture, unit)
        middle = box.center() * 4.0
        colors[bool(mask[unit])].add(image.pixel(int(middle.x()), int(middle.y())))
    assert len(colors[False]) == 1
    if count > 8:  # few values have a number in their middle
        assert not colors[False] & colors[True]


@pytest.mark.parametrize(("output", "words"), [(None, "no values yet"), ((5, 2), "10 values")])
def test_what_has_no_shape_yet_says_no_number_of_values(qapp, monkeypatch, output: tuple[int, ...] | None, words: str) -> None:
    said: list[str] = []
    monkeypatch.setattr(tools, "text", lambda painter, x, y, words, *more, **options: said.append(words))
    picture = Picture("conv2d1", registry.find("Conv2D"), {}, output=output)
    painted(picture)
    assert said == [words]
    assert StripPainter().tip(picture, None).startswith(words)


def test_a_hundred_thousand_values_take_a_few_milliseconds(qapp) -> None:
    picture = dropout(131_072)
    stage = Stage("forward", "dropout1", Cells((("", (131_072,)),)))
    cursor = Cursor(0, stage, 70_000, 1.0, (stage,))
    painted(dropout(9))
    for at in (None, cursor):
        began = time.thread_time()
        painted(picture, at)
        assert time.thread_time() - began < 0.1  # 1 s value by value


@pytest.mark.parametrize("cell", [0, 6, 9])
def test_what_a_pass_has_yet_to_come_to_is_the_same_by_halves(cell: int) -> None:
    stage = Stage("forward", "dense1", Cells((("", (10,)),)))
    cursor = Cursor(0, stage, cell, 1.0, (stage,))
    picture = Picture("dense1", None, {}, output=(10,))
    expected = [reading.waits(picture, cursor, unit) for unit in range(10)]
    assert reading.ahead(picture, cursor, 10).tolist() == expected == [unit > cell for unit in range(10)]
    assert not reading.ahead(picture, None, 10).any()


def test_a_pass_in_time_is_asked_number_by_number() -> None:
    document = example("fill-in")
    node = next(id for id, one in document.nodes.items() if "truncate" in one.fields)
    found = stages.find(stages.stages(document), f"forward:{node}")
    shape = found.stage.cells.output
    for cell in (0, len(found.stage.cells) // 2, len(found.stage.cells) - 1):
        cursor = dataclasses.replace(found, cell=cell)
        picture = Picture(node, None, {}, output=shape)
        count = int(np.prod(shape))
        assert reading.ahead(picture, cursor, count).tolist() == [reading.waits(picture, cursor, unit) for unit in range(count)]


def test_of_very_many_names_the_longest_are_measured(qapp) -> None:
    few = ("a", "an apple", "W")
    assert tools.widest(few) == max(tools.width(name) for name in few) == tools.width("an apple")
    many = (*(f"{at}" for at in range(1000)), "the longest of them")
    assert tools.widest(many, 12) == tools.width("the longest of them", 12)
    assert tools.widest(()) == 0.0


def test_runs_are_the_true_cells(qapp) -> None:
    which = np.random.default_rng(0).random((7, 9)) > 0.4
    covered = np.zeros_like(which, int)
    for row, first, length in tools.runs(which):
        assert which[row, first : first + length].all()
        assert first == 0 or not which[row, first - 1]
        covered[row, first : first + length] += 1
    assert np.array_equal(covered, which.astype(int))


def test_marked_cells_have_the_color(qapp) -> None:
    which = np.random.default_rng(1).random((5, 4)) > 0.5
    image = QImage(40, 50, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    with QPainter(image) as brush:
        tools.marked(brush, QRectF(0, 0, 40, 50), which, QColor("#ff8000"))
    for row, column in np.ndindex(which.shape):
        assert (image.pixelColor(10 * column + 5, 10 * row + 5) == QColor("#ff8000")) == which[row, column]
    assert grid(1568)[1] == 12
