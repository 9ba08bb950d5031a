"""The gradient check's window: right ones pass, a planted bug is found, the step is told, a changed report changes what is shown."""

from __future__ import annotations

import dataclasses
import math

import pytest

from playground.document import edits
from playground.engine.checks.checked import Bug, GradientCheck
from playground.ui.dialogs.gradients import GradientWindow
from playground.ui.theme import DARK
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


def opened(qtbot, window) -> GradientWindow:
    shown = GradientWindow(window.workbench, DARK, window)
    shown.show()
    return shown


def test_a_right_network_passes_and_a_planted_bug_is_found(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        shown = opened(qtbot, window)
        qtbot.waitUntil(lambda: shown.verdict.text().startswith("All right"), timeout=30_000)
        assert [check.name for check in shown.rows.checks] == ["dense1/weight", "dense1/bias", "dense2/weight", "dense2/bias"]
        assert all(text.endswith("right") for text in shown.rows.in_words())
        at = next(at for at in range(shown.bugs.count()) if shown.bugs.itemData(at) == Bug("dense1", "slope"))
        shown.bugs.setCurrentIndex(at)
        shown.bugs.activated.emit(at)
        qtbot.waitUntil(lambda: shown.verdict.text().startswith("Wrong"), timeout=30_000)
        assert "hidden weight" in shown.verdict.text()
        assert "dense2" not in shown.verdict.text()
        assert shown.rows.checks[shown.rows.chosen].name == "dense1/weight"
        assert "By backward" in shown.entry.text()
        before = shown.matrix.grab().toImage()
        worst = shown.rows.checks[0].worst
        assert worst is not None
        moved = dataclasses.replace(worst, index=(3, 1) if worst.index != (3, 1) else (0, 0))
        shown.rows.show_checks([dataclasses.replace(shown.rows.checks[0], worst=moved)])
        shown.rows.choose(0)
        assert shown.matrix.grab().toImage() != before
        shown.close()
        qtbot.waitUntil(lambda: window.workbench.snapshot.checked is None, timeout=5000)


def test_what_could_not_be_checked_is_neither_right_nor_wrong(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        shown = opened(qtbot, window)
        qtbot.waitUntil(lambda: shown.verdict.text().startswith("All right"), timeout=30_000)
        checked = window.workbench.snapshot.checked
        first, *others = checked.result.parameters
        kinked = dataclasses.replace(first, relative_error=math.inf, entries=0, entry_error=math.inf, direction_error=math.inf, worst=None)
        result = GradientCheck(math.inf, "", (kinked, *others))
        told = shown._verdict(dataclasses.replace(checked, result=result))
        assert told == "Not differentiable here: kinks lie on all sides of hidden weight. All others are right."
        planted = dataclasses.replace(checked, bug=Bug("dense1", "slope"))
        assert shown._verdict(planted).startswith("The bug was planted, and still all gradients are right")
        lost = GradientCheck(1.0, "", (dataclasses.replace(first, relative_error=1.0), *others), "dense2: its backward writes nothing.")
        assert shown._verdict(dataclasses.replace(checked, result=lost)).startswith("Wrong: hidden weight. ")
        assert "its backward writes nothing." in shown._verdict(dataclasses.replace(checked, result=lost))
        before = shown.rows.grab().toImage()
        shown.rows.show_checks(result.parameters)
        assert shown.rows.in_words()[0].endswith("not differentiable here")
        assert shown.rows.grab().toImage() != before
        shown.close()


def test_the_step_is_not_differentiable_and_says_so(qtbot) -> None:
    with running_window(qtbot, "and") as window:
        shown = opened(qtbot, window)
        qtbot.waitUntil(lambda: shown.verdict.text().startswith("Not differentiable here"), timeout=30_000)
        assert "straight through" in shown.verdict.text()
        assert not shown.rows.checks
        shown.close()


def test_the_command_opens_it(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        window.actions_["gradients"].trigger()
        shown = window.findChild(GradientWindow)
        assert shown is not None
        assert shown.isVisible()
        qtbot.waitUntil(lambda: bool(shown.rows.checks), timeout=30_000)
        shown.close()


def test_an_edit_closes_it_for_good(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        window.actions_["gradients"].trigger()
        shown = window.findChild(GradientWindow)
        for rate in (0.1, 0.2, 0.3):
            bench = window.workbench
            bench.edit("", edits.set_training(bench.document, learning_rate=rate))
            qtbot.wait(20)
        assert window.findChild(GradientWindow) in (None, shown)
        assert window.findChild(GradientWindow) is None
