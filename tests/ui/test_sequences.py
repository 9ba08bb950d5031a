"""Values at each step: where they are drawn, that they are the trace's, and what an answer at each step says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRectF

from playground.data import Description
from playground.ui.painters import registry, tools
from playground.ui.painters.base import Picture
from playground.ui.painters.symbols import REST
from tests.ui.painting import picture, render

pytestmark = pytest.mark.usefixtures("qapp")
VALUES = Description((6, 2), "regression", 1, feature_names=("speed", "height"), steps=True)
CLASSES = Description((5,), "classification", 3, ("a", "b", "c"), tokens=("a", "b", "c"), steps=True)
YES = Description((5,), "classification", 1, ("no", "yes"), tokens=("a", "b"), steps=True)
CHANCES = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8], [0.3, 0.3, 0.4]])


def answers(values: np.ndarray, target: np.ndarray, data: Description, counted: list[float] | None = None, **fields: Any) -> Picture:
    named = {"output": values} | ({"counted": counted} if counted is not None else {})
    return picture("Output", values.shape, values=named, data=data, target=target, sample_loss=0.5, **fields)


def written(monkeypatch: pytest.MonkeyPatch, shown: Picture) -> list[str]:
    """What is written on the card, in order."""
    words: list[str] = []
    real = tools.text

    def text(painter: Any, x: float, y: float, one: str, *rest: Any, **named: Any) -> float:
        words.append(one)
        return real(painter, x, y, one, *rest, **named)

    monkeypatch.setattr(tools, "text", text)
    render(shown)
    return words


@pytest.mark.parametrize("type", ["Input", "Dense", "Activation", "Output"])
@pytest.mark.parametrize("shape", [(6, 2), (40, 1), (7, 27), (1, 3)])
def test_a_value_is_where_it_is_drawn(type: str, shape: tuple[int, int]) -> None:
    shown = picture(type, shape, values={"output": np.linspace(-1, 1, shape[0] * shape[1]).reshape(shape)})
    painter = registry.find(shown.layer)
    size = painter.size(shown)
    rect = QRectF(30, 40, size.width(), size.height())
    boxes = [painter.unit_rect(rect, shown, unit) for unit in range(shape[0] * shape[1])]
    assert all(box is not None and rect.contains(box) for box in boxes)
    assert [painter.unit_at(rect, shown, box.center()) for box in boxes if box is not None] == list(range(len(boxes)))
    first, below = boxes[0], boxes[1 if shape[1] > 1 else 0]
    assert first is not None
    assert below is not None
    assert first.x() == below.x()  # the values of a step are one below the other
    assert painter.unit_at(rect, shown, rect.bottomRight()) is None


@pytest.mark.parametrize("shape", [(6, 2), (6, 5)])
def test_each_value_is_seen(shape: tuple[int, int]) -> None:
    values = np.random.default_rng(0).uniform(-1, 1, shape)
    plain = render(picture("Input", shape, values={"output": values}, data=VALUES))
    for place in ((0, 0), (5, 1), (3, shape[1] - 1)):
        other = values.copy()
        other[place] = -other[place]
        assert (render(picture("Input", shape, values={"output": other}, data=VALUES)) != plain).any()


def test_a_tip_names_step_and_column() -> None:
    shown = picture("Input", (6, 2), values={"output": np.arange(12.0).reshape(6, 2)}, data=VALUES)
    told = registry.find(shown.layer).tip(shown, 7)
    assert "step 4" in told
    assert "height: +7" in told


def test_answers_and_truth_are_written_at_their_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    words = written(monkeypatch, answers(CHANCES, np.array([0, 1, 1, 2, 2]), CLASSES))
    assert words[:10] == ["a", "a", "b", "b", "a", "b", "c", "c", "c", "c"]  # answer, truth at each step
    assert "4 of 5 right" in words


def test_steps_without_a_target_are_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = answers(CHANCES, np.array([0, -1, 1, -1, 2]), CLASSES, counted=[1, 0, 1, 0, 1])
    words = written(monkeypatch, shown)
    assert words[:6] == ["a", "a", "a", "b", "c", "c"]
    assert "2 of 3 right" in words
    painter = registry.find(shown.layer)
    assert "no answer is asked here" in painter.tip(shown, 3)
    assert "truth: b" in painter.tip(shown, 6)


def test_yes_and_no_are_judged_by_their_middle(monkeypatch: pytest.MonkeyPatch) -> None:
    chances = np.array([[0.1], [0.6], [0.4], [0.9], [0.2]])
    shown = answers(chances, np.array([[0.0], [1.0], [1.0], [1.0], [0.0]]), YES, loss="binary_cross_entropy")
    assert "4 of 5 right" in written(monkeypatch, shown)
    wrong = answers(1 - chances, np.array([[0.0], [1.0], [1.0], [1.0], [0.0]]), YES, loss="binary_cross_entropy")
    assert (render(shown) != render(wrong)).any()


def test_a_forecast_is_a_line_and_the_truth_dots(monkeypatch: pytest.MonkeyPatch) -> None:
    values, truth = np.sin(np.arange(6.0))[:, None], np.sin(np.arange(6.0) + 0.2)[:, None]
    shown = answers(values, truth, VALUES, loss="mean_squared_error")
    assert "dots: truth" in written(monkeypatch, shown)
    moved = truth.copy()
    moved[2] += 0.5
    assert (render(answers(values, moved, VALUES, loss="mean_squared_error")) != render(shown)).any()
    values = values.copy()
    values[4] += 0.3
    assert (render(answers(values, truth, VALUES, loss="mean_squared_error")) != render(shown)).any()


SYMBOLS = tuple("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
LANGUAGE = Description((5,), "classification", len(SYMBOLS), SYMBOLS, tokens=SYMBOLS, steps=True)


def test_a_language_model_shows_the_text_that_was_asked_for_and_what_it_said_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.full((5, len(SYMBOLS)), 0.001)
    values[np.arange(5), [7, 4, 11, 25, 14]] = 0.9
    shown = answers(values, np.array([7, 4, 11, 11, -1.0]), LANGUAGE, [1, 1, 1, 1, 0])
    assert written(monkeypatch, shown)[:5] == ["h", "e", "l", "l", "z"]
    assert "3 of 4 right" in written(monkeypatch, shown)
    painter = registry.find(shown.layer)
    size = painter.size(shown)
    rect = QRectF(30, 40, size.width(), size.height())
    for step, symbol in enumerate([7, 4, 11, 11, 14]):  # the last asks for none: what is said
        box = painter.unit_rect(rect, shown, step * len(SYMBOLS) + 3)
        assert box is not None
        assert painter.unit_at(rect, shown, box.center()) == step * len(SYMBOLS) + symbol
    blind = np.full((300, len(SYMBOLS)), 0.02)
    assert REST in written(monkeypatch, answers(blind, np.zeros(300), LANGUAGE))


def test_a_chance_that_changes_is_seen_in_the_text() -> None:
    values = np.full((5, len(SYMBOLS)), 0.001)
    shown, other = (answers(np.where(values == 0.001, chance, 0), np.zeros(5), LANGUAGE) for chance in (0.001, 0.9))
    assert (render(shown) != render(other)).any()
