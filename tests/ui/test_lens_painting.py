"""How the lens is drawn: names that fit over its pictures, and rings that leave other cells as they are."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from playground.anim.scale import Scale, greatest
from playground.ui.canvas.lens import wording
from playground.ui.canvas.lens.layout import NUMBERS, Parts, arrange
from playground.ui.canvas.lens.look import Look, grid_words
from playground.ui.canvas.lens.painting import CELL_MARGIN, LensPicture
from playground.ui.canvas.lens.reading import Lens
from playground.ui.explain.figures import Figures
from playground.ui.painters import tools
from playground.ui.theme import LIGHT
from tests.ui.test_map_lens import network, shown

CONV = ("Conv2D", {"filters": 12, "kernel_size": 3, "activation": "relu"})
POOL = ("MaxPool2D", {"pool_size": 2})
HIGH = 260


def painted(found: Lens, width: int, high: int = HIGH) -> tuple[QImage, Parts, dict[str, str]]:
    look = Look(
        LIGHT,
        wording.title(found, "a node with a long name"),
        wording.source_titles(found, "a node with a long name"),
        wording.target_titles(found),
        Scale(limit=greatest(found.source), ramp="seq"),
        Scale(limit=greatest(found.target), ramp="seq"),
    )
    parts = arrange(found, width, high)
    image = QImage(width, high, QImage.Format.Format_RGB32)
    image.fill(LIGHT.color("panel"))
    with QPainter(image) as painter:
        written = LensPicture(painter, found, parts, look).paint(width)
    return image, parts, written


@pytest.mark.parametrize("width", [560, 700, 900, 1300])
@pytest.mark.parametrize("at", ["forward:conv2d1:11,2,2", "backward:conv2d1:11,2,2"])
def test_no_name_over_a_picture_is_cut_off(qapp, width: int, at: str) -> None:
    found = shown(*network(CONV, POOL), at)
    assert found is not None
    _, parts, written = painted(found, width)
    for name, box, titles in (
        ("source title", parts.source, wording.source_titles(found, "a node with a long name")),
        ("target title", parts.target, wording.target_titles(found)),
    ):
        words = written[f"lens/{name}"]
        fitting = [one for one in titles if tools.width(one, 11) <= box.width()]
        assert words == (fitting or [titles[-1]])[0]


def test_the_winners_ring_is_its_own(qapp) -> None:
    document, trace = network(("MaxPool2D", {"pool_size": 3, "strides": 2}))
    found = next(
        one
        for place in range(12)
        if (one := shown(document, trace, f"forward:maxpool2d1:{place}")) is not None and one.winner is not None and one.winner < 6
    )
    image, parts, _ = painted(found, 1300)
    box = parts.picture(found)
    side = box.width() / found.source.shape[2]
    top, left = min(at for at in found.rows if at is not None), min(at for at in found.columns if at is not None)
    assert found.winner is not None
    row, column = 2, (found.winner + 1) % 3  # a cell after the winner's that shares no edge with it
    x, y = box.x() + (left + column + 0.5) * side, box.y() + (top + row) * side
    around = [QColor(image.pixel(round(x), round(y) + off)).lightness() for off in (-1, 0, 1)]
    assert min(around) > LIGHT.color("text").lightness() + 30


def test_the_least_cells_hold_two_decimals_and_a_minus(qapp) -> None:
    found = shown(*network(("Conv2D", {"filters": 4, "kernel_size": 5, "padding": 2})), "forward:conv2d1:1,3,3")
    assert found is not None
    assert found.kernel is not None
    _, parts, written = painted(found, 816, 285)  # the lens of a window of 1280 x 800
    assert parts.numbered
    kernel = [words for name, words in written.items() if name.startswith("lens/kernel/")]
    assert found.kernel[0].min() < -0.1
    assert len(kernel) == 25
    assert all(len(words.partition(".")[2]) == 2 for words in kernel if words not in ("0", "≈0"))


def test_the_numbers_of_a_grid_have_the_same_decimals(qapp) -> None:
    values = [1.46, 0.38, -0.14, 0.0, -1.46]
    roomy, tight = tools.width("−1.46", 10, 500), tools.width("−1.5", 10, 500)
    assert grid_words(values, 1.46, roomy) == (["1.46", ".38", "−.14", "0", "−1.46"], 10)
    assert grid_words(values, 1.46, tight) == (["1.5", ".4", "−.1", "0", "−1.5"], 10)
    assert grid_words(values, 1.46, 100) == (["1.46", ".38", "−.14", "0", "−1.46"], 12)
    assert grid_words([0.38, -0.38], 0.38, tools.width(".4", 10, 500)) == ([".4", ""], 10), "what has no room is not written as about 0"
    assert tools.width("−.38", 10, 500) <= NUMBERS[0] - 1 - CELL_MARGIN


@pytest.mark.parametrize("width", [560, 816, 900])
def test_beside_long_numbers_the_words_of_a_sum_of_errors_are_shorter_and_whole(qapp, width: int) -> None:
    document, trace = network(CONV, POOL)
    name = next(name for name, node in document.nodes.items() if node.type == "Conv2D")
    for node in trace.nodes.values():
        for key, gradient in node.gradients.items():
            node.gradients[key] = gradient * -1.2345e-5
    found = next(one for at in range(60) if (one := shown(document, trace, f"backward:{name}:0,{at // 6},{at % 6}")) and one.result.value)
    _, parts, written = painted(found, width)
    total = found.result.value
    assert "×10" in (number := Figures().one(total, signed=True))
    assert tools.width(written["lens/bar"], 11, 500) + 10 + tools.width(number, 11, 600) <= parts.bar.width()
    room = parts.column.width() - 22
    for words in ("sum", "error", "error at z"):
        told = written.get(f"lens/line/{words}")
        if told is not None:
            assert tools.width(written[f"lens/name/{words}"], 11.5) + tools.width(told, 12, 600) <= room
