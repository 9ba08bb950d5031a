"""The lab by hand: opened by its command's name, a weight picked on the canvas, a closer look by the wheel, a rate found and used."""

from __future__ import annotations

import pytest

from tests.gui.conftest import Open
from tests.gui.test_first_session import steps
from tests.gui.test_keyboard import command, nodes
from tests.gui.xsession import XSession

pytestmark = pytest.mark.gui

LONGEST = 100.0
"""Milliseconds that the window may not answer."""


def test_the_lab_beside_the_canvas(screen: XSession, open_window: Open) -> None:
    open_window()
    screen.until(lambda: screen.has("start_page"), 5, "no start page")
    screen.key("Return")
    screen.until(lambda: nodes(screen), 10, "Enter opened no example")
    screen.key("space")
    screen.until(lambda: steps(screen) > 50, 20, "Space does not train")
    screen.key("space")

    command(screen, "loss surface")
    screen.until(lambda: screen.text("lab_surface_status").startswith("made at step"), 30, "no surface")
    screen.reset_gap()
    screen.until(lambda: screen.has("path_momentum"), 5, "no paths")
    before = screen.color(screen.point("lab_surface_picture", 0.2, 0.2))
    screen.xdo("mousemove", *screen.point("lab_surface_picture", 0.4, 0.5), "click", "--repeat", 6, "--delay", 40, 5)
    screen.until(lambda: screen.color(screen.point("lab_surface_picture", 0.2, 0.2)) != before, 10, "the wheel changes nothing")
    screen.until(lambda: screen.text("lab_surface_status").startswith("made at step"), 30, "no wider surface")
    assert screen.stall() < LONGEST

    screen.click(screen.point("lab_surface_up_pick"))
    screen.until(lambda: not screen.has("lab_surface"), 5, "the lab is in the way")
    screen.click(screen.point("canvas", 0.01, 0.5))
    screen.until(lambda: screen.has("lab_surface"), 5, "the lab does not come back")
    screen.key("Escape")
    screen.until(lambda: not screen.has("lab_surface"), 5, "Escape does not close the lab")

    command(screen, "find a learning rate")
    screen.until(lambda: screen.has("lab_rates_start"), 10, "no finder")
    screen.click(screen.point("lab_rates_start"))
    screen.until(lambda: screen.text("lab_rates_use").startswith("Use "), 20, "no rate is suggested from step 0")
    rate = screen.text("lab_rates_use").removeprefix("Use ")
    screen.click(screen.point("lab_rates_use"))
    screen.until(lambda: not screen.has("lab_rates_use"), 5, "the rate was not used")
    screen.key("Escape")
    screen.until(lambda: not screen.has("lab_rates"), 5, "Escape does not close the lab")
    screen.until(lambda: f"rate {rate}" in " ".join(screen.map()["texts"].values()), 5, f"the status line does not say rate {rate}")
    screen.key("ctrl+z")
    screen.until(lambda: f"rate {rate}" not in " ".join(screen.map()["texts"].values()), 5, "undo did not take it back")
