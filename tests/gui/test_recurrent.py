"""Recurrent networks by a real hand: trained, unrolled, the error followed back in time, the bracket dragged, the cell swapped."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.document import Document, edits, save
from tests.gui.conftest import Open
from tests.gui.test_first_session import Gaps, steps
from tests.gui.test_keyboard import command
from tests.gui.test_step_inside import stands_at
from tests.gui.xsession import XSession

pytestmark = pytest.mark.gui


def hello(path: Path) -> Path:
    """Letters, an LSTM of 8 units, an answer at each letter: whether "hello" ends there."""
    document = edits.set_training(edits.set_data(Document(), "hello", samples=2000), optimizer="adam", learning_rate=0.01)
    document, last = edits.add_node(document, "Input", position=(0, 0))
    for x, type, fields in (
        (420, "Embedding", {}),
        (600, "LSTM", {"units": 8, "return_sequences": True}),
        (860, "Dense", {"units": 1}),
        (1040, "Output", {"loss": "binary_cross_entropy"}),
    ):
        document, node = edits.add_node(document, type, position=(x, 0), **fields)
        document, last = edits.connect(document, last, node), node
    save(document, path)
    return path


def f1(screen: XSession) -> float:
    """The validation figure of a data set whose yes is rare."""
    text = screen.text("readout_validation_value")
    return float(text) if text[:1].isdigit() and not text.endswith("%") else 0.0


def worst(screen: XSession) -> int:
    """The step whose error the strip compares with what comes to the first one; 0 where it says nothing."""
    told = screen.text("unrolled_comparison").rpartition("step ")[2]
    return int(told) if told.isdigit() else 0


def test_an_lstm_unrolled_in_time(screen: XSession, open_window: Open, tmp_path: Path) -> None:
    gaps = Gaps(screen)
    open_window(hello(tmp_path / "hello.playground"))
    screen.until(lambda: screen.has("node/lstm1"), 20, "the project did not open")
    with gaps.phase("train"):
        screen.click(screen.steady("train"))  # it moves once, with the names of the figures that this data set has
        screen.until(lambda: steps(screen) > 150, 60, f"it stands at step {steps(screen)}")
        screen.until(lambda: f1(screen) > 0.5, 60, f"the F1 score stayed at {f1(screen)}")
        screen.click(screen.point("train"))
    with gaps.phase("unroll"):
        screen.click(screen.point("node/lstm1", 0.5, 0.06))
        screen.key("u")
        screen.until(lambda: screen.has("unrolled/bracket"), 5, "it did not unroll")
        screen.until(lambda: "at step 1 than at step" in screen.text("unrolled_comparison"), 5, "no norms")
        shown = worst(screen)
        assert shown > 1  # a step that is badly off
        screen.click(screen.point("unrolled/way_back", 0.25, 0.5))  # the error of another step, by itself
        screen.until(lambda: worst(screen) not in (0, shown), 5, f"the error of step {shown} is still shown")
        x, y = screen.point("unrolled/row1", 0.05, 0.4)
        screen.click((x, y))
        screen.until(lambda: "unit" in screen.text("unrolled_title"), 5, "no unit was selected")
    screen.screenshot(tmp_path / "unrolled.png")
    with gaps.phase("find"):
        screen.click(screen.point("unrolled_find"))
        screen.until(lambda: "of 40 steps here" in screen.text("unrolled_held"), 5, "no condition is marked")
        screen.click(screen.point("unrolled_value"))
        screen.key("ctrl+a")
        screen.type("0.6")
        screen.until(lambda: "holds at" in screen.text("unrolled_hits_told"), 30, "nothing was looked for in the data")
        screen.click(screen.point("unrolled_units"))
    screen.screenshot(tmp_path / "found.png")
    with gaps.phase("follow a hit"):
        x, y, wide, _ = screen.rect("unrolled_hit_list")
        screen.click((x + wide // 3, y + 14))
        screen.until(lambda: "unit" in screen.text("unrolled_title"), 5, "no unit was selected")
        screen.click(screen.point("unrolled_text"))
        screen.until(lambda: screen.has("unrolled_one_unit"), 5, "no text")
        screen.screenshot(tmp_path / "one_unit.png")
        screen.click(screen.point("unrolled_steps"))
        screen.click(screen.point("unrolled_find"))
    with gaps.phase("step"):
        screen.key("alt+1")
        command(screen, "step in time")
        for _ in range(4):
            screen.key("Right")
        stands_at(screen, "Forward", "lstm1, step 2 of 40")
    screen.screenshot(tmp_path / "stepped.png")
    with gaps.phase("bracket"):
        screen.click(screen.point("unrolled_fold"))
        screen.key("alt+3")
        screen.key("u")
        screen.until(lambda: screen.has("unrolled/bracket"), 5, "it did not unroll")
        for _ in range(10):
            screen.key("minus")
        screen.until(lambda: "shown: 40 of 40 steps" in screen.text("unrolled_title"), 5, f"it says {screen.text('unrolled_title')!r}")
        start, row = screen.point("unrolled/bracket"), screen.rect("unrolled/row0")
        screen.drag(start, (round(row[0] + row[2] * 0.5), start[1]))
        screen.until(lambda: screen.text("field/lstm1/truncate").isdigit(), 5, f"it reads {screen.text('field/lstm1/truncate')!r}")
        assert 19 <= int(screen.text("field/lstm1/truncate")) <= 21
    with gaps.phase("swap"):
        screen.click(screen.point("cell_SimpleRNN"))
        screen.until(lambda: screen.text("field/lstm1/cell") == "SimpleRNN", 5, f"it is {screen.text('field/lstm1/cell')!r}")
        screen.until(lambda: not screen.has("unrolled/row1") and screen.has("unrolled/row0"), 20, "the strip still has gates")
        assert screen.text("field/lstm1/truncate").isdigit()
        screen.key("ctrl+z")
        screen.until(lambda: screen.text("field/lstm1/cell") == "LSTM", 5, "the swap was not undone")
        screen.until(lambda: screen.has("unrolled/row5"), 20, "the gates did not come back")
    screen.screenshot(tmp_path / "swapped.png")
    with gaps.phase("try a text"):
        screen.click(screen.point("task_tab/text"))
        screen.click(screen.point("try_field"))
        screen.type("say hello o")
        screen.until(lambda: screen.text("try_answer").count(":") == 11, 10, f"it answers {screen.text('try_answer')!r}")
        screen.screenshot(tmp_path / "tried.png")
    gaps.check()
