"""Try several starts, keep one, and look at both branches side by side, with a real window, by keys and clicks."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.document import example, save
from tests.gui.conftest import Open
from tests.gui.test_first_session import steps
from tests.gui.xsession import XSession

pytestmark = pytest.mark.gui


def fill(screen: XSession, field: str, text: str) -> None:
    screen.click(screen.point(field))
    screen.key("ctrl+a")
    screen.type(text)
    screen.until(lambda: screen.text(field) == text, 5, f"{field} reads {screen.text(field)!r}")


def test_keep_one_of_several_starts_and_compare(screen: XSession, open_window: Open, tmp_path: Path) -> None:
    project = tmp_path / "xor.playground"
    save(example("xor"), project)
    open_window(project)
    screen.until(lambda: screen.has("node/dense1"), 20, "the project did not open")
    screen.click(screen.point("canvas", 0.5, 0.9))
    screen.key("alt+3")
    screen.key("space")
    screen.until(lambda: steps(screen) > 50, 20, "it does not train")
    screen.key("space")
    # several starts
    screen.key("ctrl+t")
    screen.until(lambda: screen.has("study_count"), 10, "no window for the study")
    fill(screen, "study_count", "3")
    fill(screen, "study_epochs", "7")
    screen.until(lambda: screen.text("study_estimate").startswith("3 trainings of 7 epochs"), 5, screen.text("study_estimate"))
    screen.click(screen.point("study_go"))
    screen.until(lambda: "seed" in screen.text("study_told"), 30, "nothing was tried")
    screen.click(screen.point("study_open"))
    screen.until(lambda: steps(screen) == 7, 10, "the start was not opened")
    screen.key("Escape")
    screen.until(lambda: not screen.has("study_count"), 5, "Escape does not close the study")
    # side by side
    screen.key("ctrl+shift+c")
    screen.until(lambda: screen.has("compare_menu"), 5, "nothing is offered to compare with")
    screen.key("Return")
    screen.until(lambda: screen.has("canvas_beside") and screen.text("compare_there_title") == "Run 1", 10, "no second canvas")
    assert screen.text("compare_here_title").startswith("seed")
    assert screen.text("compare_here_step") == "step 7"
    assert int(screen.text("compare_there_step").removeprefix("step ").replace(",", "")) > 50
    screen.screenshot(tmp_path / "side-by-side.png")
    screen.key("Right")
    screen.until(lambda: steps(screen) == 8, 10, "the keys do not reach the canvas beside a second one")
    screen.click(screen.point("compare_close"))
    screen.until(lambda: not screen.has("canvas_beside"), 5, "the comparison does not close")
