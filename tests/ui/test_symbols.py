"""Samples that are texts: on the Input card each symbol stands at its step, and says so; in the gallery they are written out."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QRectF

from playground import data
from playground import document as documents
from playground.data import Description
from playground.document import Document, edits
from playground.engine.live.snapshot import Evaluation
from playground.ui.canvas import start, thumbnails
from playground.ui.painters import input as inputs
from playground.ui.painters import registry, tools
from playground.ui.painters.base import Picture
from playground.ui.panels.gallery import Gallery
from playground.ui.theme import DARK, THEMES
from tests.ui.painting import picture, render

pytestmark = pytest.mark.usefixtures("qapp")
LETTERS = Description((10,), "classification", 3, ("a", "b", "␣"), tokens=("a", "b", "␣"), steps=True)


def text(description: Description, values: list[int] | np.ndarray, **more: object) -> Picture:
    return picture("Input", description.input_shape, values={"output": values}, data=description, **more)  # type: ignore[arg-type]


def written(monkeypatch: pytest.MonkeyPatch, shown: Picture) -> list[str]:
    """What is written on the card, in order."""
    words: list[str] = []
    real = tools.text
    monkeypatch.setattr(
        tools, "text", lambda painter, x, y, one, *rest, **named: (words.append(one), real(painter, x, y, one, *rest, **named))
    )
    render(shown)
    return words


@pytest.mark.parametrize("name", ["hello", "addition", "alice", "quatrains", "anbn"])
def test_a_step_is_where_it_is_drawn(name: str) -> None:
    description = data.describe(name)
    shown = text(description, np.arange(description.input_shape[0]) % len(description.tokens))
    painter = registry.find(shown.layer)
    size = painter.size(shown)
    rect = QRectF(30, 40, size.width(), size.height())
    assert size.width() <= 190
    assert size.height() <= 190
    seen = [painter.unit_rect(rect, shown, unit) for unit in range(description.input_shape[0])]
    assert all(box is not None and rect.contains(box) for box in seen)
    assert [painter.unit_at(rect, shown, box.center()) for box in seen if box is not None] == list(range(len(seen)))
    assert painter.unit_at(rect, shown, rect.bottomRight()) is None


def test_symbols_are_those_of_the_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    values = [0, 1, 2, 0, 0, 1, 1, 2, 0, 1]
    shown = text(LETTERS, values, target=np.array([1] * 10))
    assert written(monkeypatch, shown) == [LETTERS.tokens[number] for number in values] + ["train #3"]
    other = text(LETTERS, [*values[:4], 2, *values[5:]])
    assert (render(shown) != render(other)).any()
    assert "step 3: ␣ (number 2)" in registry.find(shown.layer).tip(shown, 2)
    assert inputs.label(shown) == ""  # an answer a step is no label


def test_padded_steps_are_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = picture("Input", (10,), values={"output": [1] * 10, "mask": [1] * 4 + [0] * 6}, data=LETTERS)
    assert written(monkeypatch, shown)[:-1] == ["b"] * 4


def test_a_long_text_ends_with_dots(monkeypatch: pytest.MonkeyPatch) -> None:
    long = Description((400,), "classification", 3, ("a", "b", "␣"), tokens=("a", "b", "␣"), steps=True)
    shown = text(long, [0] * 400)
    painter = registry.find(shown.layer)
    words = written(monkeypatch, shown)
    assert words[-2] == "…"
    rect = QRectF(0, 0, painter.size(shown).width(), painter.size(shown).height())
    assert painter.unit_rect(rect, shown, len(words) - 3) is not None
    assert painter.unit_rect(rect, shown, len(words) - 2) is None


def test_a_gallery_writes_texts_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from playground.ui.panels import gallery as module

    dataset = data.load("in-order", samples=100)
    found = Evaluation(split="validation", step=1, loss=0.1, accuracy=1.0, confusion=np.eye(2, dtype=np.int64), worst=())
    gallery = Gallery(DARK)
    gallery.resize(200, 120)
    gallery.show_evaluation(found, dataset, 0.5)
    words: list[str] = []
    monkeypatch.setattr(module.tools, "text", lambda painter, x, y, one, *rest, **named: words.append(one))
    from PySide6.QtGui import QImage, QPainter

    image = QImage(60, 60, QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(image)
    gallery._paint_symbols(painter, QRectF(0, 0, 46, 46), dataset.train.x[0].astype(np.float32), dataset.description.tokens)
    painter.end()
    assert words == [dataset.description.tokens[int(number)] for number in dataset.train.x[0]]
    gallery.deleteLater()


@pytest.mark.parametrize("name", ["hello", "quatrains", "adding", "sunspots", "digits-rows"])
def test_thumbnails_show_the_data(name: str) -> None:
    """Two seeds, windows or corpora give two pictures, and neither is empty."""
    others = {"quatrains": {"form": "windows"}, "sunspots": {"window": 20}}.get(name, {"seed": 1})
    one, two = (thumbnails.draw(name, edits.set_data(Document(), name, **options), DARK) for options in ({}, others))
    ground = DARK.color("field").rgb()
    assert sum(one.pixel(x, y) != ground for x in range(0, 224, 4) for y in range(0, 224, 4)) > 50
    assert one != two


@pytest.mark.parametrize("name", start.CARDS)
def test_the_start_page_shows_what_a_trained_example_shows(name: str) -> None:
    """A picture in each theme, of the example as it ships: of a document that was changed it would not be true."""
    kept = documents.example(name)
    pictures = [thumbnails.draw(name, kept, theme) for theme in THEMES.values()]
    assert all(thumbnails.shipped(name, theme).exists() for theme in THEMES.values())
    assert pictures[0] != pictures[1]
    assert thumbnails.draw(name, msgspec.structs.replace(kept, title="mine"), DARK) != pictures[0]
