"""The row of answers under the states: what is right, what was asked for, and which step the strip opens at."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter

from playground.ui.canvas.unrolled import answer_row
from playground.ui.canvas.unrolled.layout import Layout
from playground.ui.canvas.unrolled.reading import Strip, _asked
from playground.ui.painters import tools
from playground.ui.theme import DARK, LIGHT


def strip(answers: list[list[float]], asked: list[int] | None, classes: tuple[str, ...]) -> Strip:
    picture = SimpleNamespace(data=SimpleNamespace(classes=classes))
    given = None if asked is None else np.array(asked)
    parts = ("rnn1", "rnn1", picture, None, "", (), None, None, np.array(answers), None, {}, None, "", None, given)
    return Strip(*parts)  # type: ignore[arg-type]


LETTERS = strip([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.2, 0.2, 0.6]], [0, 1, -1], ("a", "b", "c"))
YES = strip([[0.1], [0.8], [0.3], [np.nan]], [0, 0, 1, 1], ("no", "yes"))


def test_right_wrong_and_not_asked() -> None:
    assert [answer_row.right(LETTERS, step) for step in range(3)] == [True, False, None]
    assert [answer_row.right(YES, step) for step in range(4)] == [True, False, False, None]
    numbers = strip([[-1.2], [0.8]], None, ())
    assert answer_row.right(numbers, 0) is None


def test_the_chance_that_was_given_to_what_is_asked() -> None:
    found = answer_row.given(LETTERS)
    assert found is not None
    assert found.tolist() == [0.7, 0.3, 1.0]
    known = answer_row.given(strip([[0.1], [0.8]], [0, 1], ("no", "yes")))
    assert known is not None
    assert known.tolist() == pytest.approx([0.9, 0.8])
    assert answer_row.given(YES) is None
    assert answer_row.given(strip([[-1.2], [0.8]], None, ())) is None


def test_what_is_asked_is_the_traces_target() -> None:
    def picture(target: object, task: str = "classification", steps: bool = True) -> SimpleNamespace:
        data = SimpleNamespace(task=task, steps=steps, classes=("a", "b"))
        return SimpleNamespace(trace=SimpleNamespace(target=target), data=data, inputs=((3, 2),))

    found = _asked(picture(np.array([1.0, -1.0, 0.0])))  # type: ignore[arg-type]
    assert found is not None
    assert found.tolist() == [1, -1, 0]
    for other in (picture(None), picture(np.array([1])), picture(np.zeros(3), task="regression"), picture(np.zeros(3), steps=False)):
        assert _asked(other) is None  # type: ignore[arg-type]


def test_in_words() -> None:
    assert answer_row.tip(LETTERS, 0) == "step 1: answer a 0.700\nasked for: a"
    assert answer_row.tip(LETTERS, 1) == "step 2: answer c 0.600\nasked for: b ✗"
    assert answer_row.tip(LETTERS, 2) == "step 3: answer c 0.600\nnothing is asked for here"
    assert answer_row.tip(YES, 3) == ""


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_a_wrong_answer_has_a_frame_of_its_own(theme, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    frames, texts = [], []
    monkeypatch.setattr(tools, "frame", lambda painter, rect, color: frames.append(color.name()))
    monkeypatch.setattr(tools, "text", lambda painter, x, y, words, *rest, **more: texts.append(words) or 0.0)
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    with QPainter(image) as painter:
        made = Layout(400, 300, 1, 3, 2, 88.0, 0.0, back=True, answers=True, labels=92.0)
        answer_row.paint(painter, LETTERS, made, theme)
        assert texts == ["a", "0.70", "c", "0.60", "c", "0.60"]
        texts.clear()
        answer_row.paint(painter, LETTERS, Layout(400, 300, 1, 3, 2, 140.0, 0.5, back=True, answers=True, labels=92.0), theme)
        assert texts == ["c", "0.60"]  # of steps that are cut no number stands there
    bad, line = theme.color("bad").name(), theme.color("line2").name()
    assert frames == [line, bad, line] * 2
