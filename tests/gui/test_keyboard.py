"""The window without a mouse, and after a kill."""

from __future__ import annotations

import time

import pytest

from tests.gui.conftest import Open
from tests.gui.test_first_session import steps
from tests.gui.xsession import XSession

pytestmark = pytest.mark.gui


def nodes(screen: XSession) -> set[str]:
    return {name for name in screen.map().get("places", {}) if name.startswith("node/")}


def command(screen: XSession, words: str) -> None:
    """Run a command by its name."""
    screen.key("ctrl+k")
    screen.until(lambda: screen.has("command_list"), 5, "no list of commands")
    screen.type(words)
    screen.key("Return")
    screen.until(lambda: not screen.has("command_list"), 5, "the list of commands stayed")


def steady_steps(screen: XSession) -> int:
    """The step counter, once it stands."""
    time.sleep(0.6)
    before = steps(screen)
    time.sleep(0.6)
    assert steps(screen) == before, "it trains on"
    return before


def test_by_keyboard_and_after_a_kill(screen: XSession, open_window: Open) -> None:
    open_window()
    screen.until(lambda: screen.has("start_page"), 5, "no start page")
    screen.key("Return")
    screen.until(lambda: nodes(screen), 10, "Enter opened no example")
    opened = nodes(screen)
    screen.key("space")
    screen.until(lambda: steps(screen) > 0, 20, "Space does not train")
    screen.key("space")
    stood = steady_steps(screen)

    canvas = screen.point("canvas", 0.02, 0.6)
    assert max(screen.color(canvas)) < 80
    command(screen, "light theme")
    screen.until(lambda: min(screen.color(canvas)) > 200, 5, f"the canvas's color is {screen.color(canvas)}")
    screen.key("F1")
    screen.until(lambda: screen.has("help"), 5, "F1 shows no help")
    screen.key("Escape")
    screen.until(lambda: not screen.has("help"), 5, "Escape does not close the help")

    screen.key("ctrl+a", "Delete")
    screen.until(lambda: not nodes(screen), 5, "nothing was deleted")
    screen.key("ctrl+z")
    screen.until(lambda: nodes(screen) == opened, 5, "the deletion was not undone")
    screen.until(lambda: steps(screen) == stood, 5, f"{stood} steps before the deletion, {steps(screen)} after its undo")
    command(screen, "tidy")

    screen.until(lambda: list((screen.state).glob("autosave/*.json")), 15, "no autosave was made")
    screen.kill()
    open_window()
    screen.until(lambda: screen.has("recovery_question"), 10, "no recovery is offered")
    screen.key("Return")
    screen.until(lambda: nodes(screen) == opened, 10, "the work did not come back")
    screen.until(lambda: steps(screen) == stood, 10, f"{stood} steps before the kill, {steps(screen)} after it")
    assert screen.has("unsaved_dot")
