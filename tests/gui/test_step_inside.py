"""Inside a pass by keyboard, in a small window: a whole batch of XOR to its update and back, a weight set by hand, a fork, both compared.

A picture of each phase is kept in both themes, to be laid beside the mocks.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.document import example, save
from tests.gui.conftest import TITLE, Open
from tests.gui.test_first_session import steps
from tests.gui.test_keyboard import command
from tests.gui.xsession import XSession

pytestmark = pytest.mark.gui

STAGES = (
    ("Forward", "input1"),
    ("Forward", "hidden"),
    ("Forward", "dense2"),
    ("Forward", "output1"),
    ("Loss", "output1"),
    ("Backward", "dense2"),
    ("Backward", "hidden"),
)
UPDATES = (("Update", "hidden"), ("Update", "dense2"))
SMALL = (1280, 800)


def shown(screen: XSession) -> tuple[str, str]:
    """The phase that is lit, and the place that the canvas names."""
    return screen.text("pass_phase"), screen.text("pass_place")


def stands_at(screen: XSession, phase: str, place: str) -> None:
    screen.until(
        lambda: shown(screen)[0] == phase and shown(screen)[1].startswith(place), 10, f"not at {phase} {place!r} but at {shown(screen)}"
    )


def test_step_through_a_sample_and_back(screen: XSession, open_window: Open, tmp_path: Path) -> None:
    project = tmp_path / "xor.playground"
    save(example("xor"), project)
    open_window(project)
    screen.until(lambda: screen.has("node/dense1"), 20, "the project did not open")
    screen.xdo("windowsize", "--sync", screen.wait_window(TITLE), *SMALL)
    screen.click(screen.point("canvas", 0.5, 0.9))
    screen.key("alt+1")
    said = []
    for phase, node in STAGES:
        screen.key("Right")
        stands_at(screen, phase, node)
        said.append(screen.text("explain_sentence"))
        screen.screenshot(tmp_path / f"{phase}-{node}-dark.png")
    assert len(set(said)) >= len(STAGES) - 1, f"the explanation does not follow: {said}"
    assert steps(screen) == 1
    for sample in (2, 3):
        screen.key("shift+Right")
        screen.until(lambda sample=sample: f"sample {sample} of 4" in shown(screen)[1], 5, f"not in sample {sample} but at {shown(screen)}")
    for phase, node in (*STAGES, *UPDATES):  # the last sample's pass ends with the batch's update
        screen.key("Right")
        stands_at(screen, phase, node)
        screen.screenshot(tmp_path / f"{phase}-{node}-dark.png")
    command(screen, "light theme")
    screen.screenshot(tmp_path / "Update-dense2-light.png")
    for phase, node in reversed((*STAGES, *UPDATES[:-1])):
        screen.key("Left")
        stands_at(screen, phase, node)
        screen.screenshot(tmp_path / f"{phase}-{node}-light.png")
    for sample in (3, 2, 1):
        screen.key("shift+Left")
        screen.until(lambda sample=sample: f"sample {sample} of 4" in shown(screen)[1], 5, f"not in sample {sample} but at {shown(screen)}")
    for phase, node in reversed(STAGES[:-1]):
        screen.key("Left")
        stands_at(screen, phase, node)
    screen.key("Right", "Right")
    command(screen, "step by cell")
    screen.key("Right")
    stands_at(screen, "Forward", "output1, number 1")
    screen.key("shift+Right")
    stands_at(screen, "Loss", "output1")
    screen.key("Escape")
    screen.until(lambda: shown(screen)[0] == "", 5, "Escape does not leave the pass")

    command(screen, "pace: fast")
    screen.key("space")
    screen.until(lambda: steps(screen) > 100, 20, "it does not train")
    screen.key("space")
    set_a_weight(screen)
    fork(screen)
    compare(screen, tmp_path)


def set_a_weight(screen: XSession) -> None:
    """By double click on a neuron, typing; Ctrl+Z takes it back."""
    screen.double_click(screen.point("unit/dense1/2"))
    field = "weight/dense1/weight/2,1"
    screen.until(lambda: screen.has(field), 5, "no box for the neuron's weights")
    before = screen.text(field)
    screen.click(screen.point(field))
    screen.key("ctrl+a")
    screen.type("1.25")
    screen.key("Return")
    screen.until(lambda: screen.text(field) == "1.25", 5, f"the field reads {screen.text(field)!r}")
    screen.key("Escape")
    screen.until(lambda: not screen.has(field), 5, "Escape does not close the box")
    screen.key("ctrl+z")
    screen.double_click(screen.point("unit/dense1/2"))
    screen.until(lambda: screen.has(field) and screen.text(field) == before, 5, f"undo gave {screen.text(field)!r}, not {before!r}")
    screen.key("Escape")


def fork(screen: XSession) -> None:
    """A branch from now; both are on the timeline."""
    stood = steps(screen)
    screen.click(screen.point("timeline_fork"))
    screen.key("Return")
    screen.until(lambda: steps(screen) == stood and screen.text("timeline_summary").startswith("2 branches"), 10, "no second branch")
    screen.key("space")
    screen.until(lambda: steps(screen) > stood, 10, "the fork does not train")
    screen.key("space")


def compare(screen: XSession, folder: Path) -> None:
    """The fork beside what it grew out of, a step of both under one cursor."""
    screen.key("ctrl+shift+c")
    screen.until(lambda: screen.has("compare_menu"), 5, "nothing is offered to compare with")
    screen.key("Return")
    screen.until(lambda: screen.has("canvas_beside") and screen.text("compare_there_title") == "Run 1", 10, "no second canvas")
    screen.click(screen.point("canvas", 0.02, 0.9))
    screen.key("alt+1")
    command(screen, "step by node")
    for phase, node in STAGES[:2]:
        screen.key("Right")
        stands_at(screen, phase, node)
    screen.screenshot(folder / "compare-light.png")
    screen.key("Escape")
    screen.click(screen.point("compare_close"))
    screen.until(lambda: not screen.has("canvas_beside"), 5, "the comparison does not close")
