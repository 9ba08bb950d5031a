"""How the lens is drawn: names that fit over its pictures, and rings that leave other cells as they are."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from playground.anim.scale import Scale, greatest
from playground.ui.canvas.lens import wording
from playground.ui.canvas.lens.layout import Parts, arrange
from playground.ui.canvas.lens.look import Look
from playground.ui.canvas.lens.painting import LensPicture
from playground.ui.canvas.lens.reading import Lens
from playground.ui.painters import tools
from playground.ui.theme import LIGHT
from tests.ui.test_map_lens import network, shown

CONV = ("Conv2D", {"filters": 12, "kernel_size": 3, "activation": "relu"})
POOL = ("MaxPool2D", {"pool_size": 2})
HIGH = 260


def painted(found: Lens, width: int) -> tuple[QImage, Parts, dict[str, str]]:
    look = Look(
        LIGHT,
        wording.title(found, "a node with a long name"),
        wording.source_titles(found, "a node with a long name"),
        wording.target_titles(found),
        Scale(limit=greatest(found.source), ramp="seq"),
        Scale(limit=greatest(found.target), ramp="seq"),
    )
    parts = arrange(found, width, HIGH)
    image = QImage(width, HIGH, QImage.Format.Format_RGB32)
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
