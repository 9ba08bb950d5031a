"""A digit drawn by a real hand: read by the network, judged, added to the data; then a confusion cell's sample, a point's sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground import document as documents
from tests.gui.conftest import Open
from tests.gui.test_first_session import accuracy, steps
from tests.gui.xsession import XSession

pytestmark = pytest.mark.gui

SEVEN = ((0.27, 0.24), (0.50, 0.23), (0.72, 0.23), (0.66, 0.38), (0.58, 0.54), (0.50, 0.68), (0.44, 0.82))
STALL_MOST = 100.0


def stroke(screen: XSession, points: tuple[tuple[float, float], ...]) -> None:
    """Draw with the left button held down."""
    places = [screen.point("draw_pad", x, y) for x, y in points]
    arguments: list[object] = ["mousemove", *places[0], "sleep", 0.05, "mousedown", 1]
    for one in places[1:]:
        arguments += ["sleep", 0.03, "mousemove", *one]
    screen.xdo(*arguments, "sleep", 0.05, "mouseup", 1)


def test_a_seven_drawn_by_hand_is_read(screen: XSession, open_window: Open, tmp_path: Path) -> None:
    project = tmp_path / "mnist.playground"
    documents.save(documents.example("mnist-mlp"), project)
    open_window(project)
    screen.until(lambda: screen.has("node/output1"), 20, "the project did not open")
    screen.click(screen.point("train"))
    screen.until(lambda: steps(screen) > 50, 30, "it does not train")
    screen.click(screen.point("task_tab/draw"))
    screen.until(lambda: screen.has("draw_pad"), 5, "no pad")
    screen.reset_gap()
    stroke(screen, SEVEN)  # while it trains
    screen.until(lambda: accuracy(screen) > 0.93, 60, f"validation accuracy stayed at {accuracy(screen)}")
    screen.until(lambda: screen.text("draw/best") == "7", 10, f"it reads {screen.text('draw/best')!r}")
    assert screen.stall() < STALL_MOST
    screen.click(screen.point("train"))
    assert float(screen.text("draw/answer/7")) > 0.5

    screen.click(screen.point("draw_clear"))
    screen.until(lambda: screen.text("draw/best") == "", 5, "the answer stays")
    screen.click(screen.point("draw_undo"))
    screen.until(lambda: screen.text("draw/best") == "7", 5, "the stroke did not come back")
    screen.click(screen.point("draw_label"))
    screen.type("7")
    screen.key("Return")
    screen.until(lambda: screen.text("draw_label") == "7", 5, f"the label reads {screen.text('draw_label')!r}")
    screen.reset_gap()
    screen.click(screen.point("draw_add"))
    screen.until(lambda: "training sample" in screen.text("notice"), 5, f"the status line reads {screen.text('notice')!r}")
    screen.until(lambda: screen.has("unsaved_dot"), 5, "the project is not changed")
    assert screen.stall() < STALL_MOST

    screen.click(screen.point("task_tab/task"))
    screen.until(lambda: screen.has("confusion/4/9"), 10, "no confusion matrix")
    screen.click(screen.point("confusion/4/9"))
    screen.until(lambda: screen.text("gallery/title").startswith("True 4, predicted 9"), 5, screen.text("gallery/title"))
    screen.click(screen.point("gallery/0"))
    screen.until(lambda: screen.text("gallery/followed").startswith("validation"), 5, "the picture is not followed")

    screen.click(screen.point("task_tab/embedding"))
    screen.until(lambda: screen.text("embedding/points") == "500", 10, "no embedding")
    before = screen.text("embedding/followed")
    screen.click(screen.point("embedding/0"))
    screen.until(lambda: screen.text("embedding/followed") not in ("", before), 5, "the point leads nowhere")
