"""Stepping by hand where it is awkward: a pass that plays on, a refused step, an answer that never comes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from playground.document import edits
from playground.ui.window import Window
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture
from tests.ui.test_stepping import label, press

pytestmark = pytest.mark.usefixtures("state")


def plays_on(qtbot, window: Window) -> None:
    """Space after two steps by hand: the pass goes on, and the worker waits for its end: what the panels tell is of this pass."""
    window.workbench.set_pace("explain")
    press(qtbot, window, Qt.Key.Key_Right)
    press(qtbot, window, Qt.Key.Key_Right)
    qtbot.keyClick(window.canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.workbench.running, timeout=10_000)
    assert window.canvas.player.active
    assert window.workbench.snapshot.step == 1


def test_pause_holds_the_pass_that_plays_to_its_end(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        plays_on(qtbot, window)
        qtbot.keyClick(window.canvas, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: window.canvas.player.stepping._awaited is None, timeout=10_000)
        qtbot.wait(200)
        held = label(window)
        assert held is not None
        assert held[0] == 1
        press(qtbot, window, Qt.Key.Key_Right)
        after = label(window)
        assert after is not None
        assert (after[0], after[2]) != (held[0], held[2]), "an arrow goes on from there"


def test_an_arrow_while_a_pass_plays_holds_it_and_steps_on(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        plays_on(qtbot, window)
        was = window.canvas.scene_.cursor_at
        assert was is not None
        press(qtbot, window, Qt.Key.Key_Right)
        qtbot.wait(200)
        spot = window.canvas.player.stepping.spot
        assert spot is not None
        assert spot.cursor.index == was.index + 1
        assert label(window)[0] == 1  # type: ignore[index]


def test_an_arrow_while_a_pass_plays_though_nothing_trains(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        bench = window.workbench
        bench.set_grain("batch")
        bench.set_pace("explain")
        press(qtbot, window, Qt.Key.Key_Right)  # a whole batch: its pass plays by itself
        qtbot.waitUntil(lambda: window.canvas.player.active, timeout=20_000)
        assert not bench.running
        was = window.canvas.scene_.cursor_at
        assert was is not None
        bench.set_grain("node")
        press(qtbot, window, Qt.Key.Key_Right)
        shown = label(window)
        assert shown is not None, "it stands"
        assert shown[0] == bench.snapshot.step == 1, "in the step that was playing"
        assert window.canvas.player.stepping.spot.cursor.index == was.index + 1


def test_beyond_a_refused_step_there_is_a_word_and_the_way_back(qtbot) -> None:
    with running_window(qtbot, "salary") as window:
        bench, said = window.workbench, []
        bench.notice.connect(said.append)
        bench.edit("", edits.set_training(bench.document, learning_rate=100.0))
        bench.set_pace("explain")
        bench.set_grain("batch")
        while bench.snapshot.divergence is None:
            was = bench.snapshot.step
            assert was < 50
            qtbot.keyClick(window.canvas, Qt.Key.Key_Right)
            qtbot.waitUntil(lambda was=was: bench.snapshot.step > was or bench.snapshot.divergence is not None, timeout=10_000)
        bench.set_grain("node")
        for _ in range(9):
            press(qtbot, window, Qt.Key.Key_Right)
        refused = label(window)
        assert refused is not None
        assert refused[0] == bench.snapshot.step + 1
        assert refused[2] == "update:dense1"
        assert any("refused" in words for words in said)
        press(qtbot, window, Qt.Key.Key_Left)
        assert label(window) == (refused[0], 0, "backward:dense1", None)


def test_what_a_rewind_has_swept_away_does_not_block_the_arrows(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_window(qtbot, "and") as window:
        bench, stepping = window.workbench, window.canvas.player.stepping
        monkeypatch.setattr("playground.ui.canvas.stepping.PATIENCE", 0.2)
        bench.set_pace("explain")
        press(qtbot, window, Qt.Key.Key_Right)
        bench.rewind()
        qtbot.waitUntil(lambda: bench.snapshot.step == 0, timeout=5000)
        stepping._replay(7, 0, lambda passed: None)  # a step that is not kept: the worker cannot answer
        qtbot.wait(300)
        press(qtbot, window, Qt.Key.Key_Right)
        assert label(window) == (1, 0, "forward:input1", None)
