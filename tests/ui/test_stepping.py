"""Stepping by hand in the real window: cells, nodes, samples and batches, on and back; the same weights as a free run."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from playground.document import edits
from playground.engine import Trainer
from playground.ui.window import Window
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


def label(window: Window) -> tuple[int, int, str, int | None] | None:
    """Step, position, stage and cell that the window shows."""
    spot, passed = window.canvas.player.stepping.spot, window.workbench.snapshot.passed
    if spot is None or passed is None:
        return None
    shown = window.canvas.scene_.cursor_at
    assert shown is not None
    assert (shown.index, shown.cell) == (spot.cursor.index, spot.cursor.cell)
    return passed.step, passed.position, spot.cursor.stage.label, spot.cursor.cell


def press(qtbot, window: Window, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """A key on the canvas; waits for the place that it leads to."""
    qtbot.keyClick(window.canvas, key, modifier)
    qtbot.waitUntil(lambda: window.canvas.player.stepping._awaited is None, timeout=20_000)


def test_a_whole_step_by_nodes_and_back(qtbot) -> None:
    with running_window(qtbot, "and") as window:
        bench = window.workbench
        bench.set_pace("explain")
        assert bench.grain == "node"
        stages = ["forward:input1", "forward:dense1", "forward:output1", "loss:output1", "backward:dense1", "update:dense1"]
        seen = []
        for _ in stages:
            press(qtbot, window, Qt.Key.Key_Right)
            seen.append(label(window))
        assert [one[2] for one in seen if one] == stages
        assert bench.snapshot.step == 1
        for wanted in reversed(seen[:-1]):
            press(qtbot, window, Qt.Key.Key_Left)
            assert label(window) == wanted
        press(qtbot, window, Qt.Key.Key_Left)
        assert label(window) == seen[0], "before the first recorded step there is nothing"
        for _ in range(6):
            press(qtbot, window, Qt.Key.Key_Right)
        assert label(window) == (2, 0, "forward:input1", None)
        press(qtbot, window, Qt.Key.Key_Left)
        assert label(window) == (1, 0, "update:dense1", None)
        assert bench.snapshot.step == 2, "going back shows, it does not undo"
        press(qtbot, window, Qt.Key.Key_Escape)
        assert label(window) is None
        qtbot.waitUntil(lambda: bench.snapshot.passed is None, timeout=5000)


def test_samples_of_a_batch_and_its_cells(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        bench = window.workbench
        bench.set_pace("explain")
        bench.edit("", edits.set_training(bench.document, batch_size=4))
        bench.set_grain("sample")
        for position in range(3):
            press(qtbot, window, Qt.Key.Key_Right)
            assert label(window) == (1, position, "backward:dense1", None)
        press(qtbot, window, Qt.Key.Key_Right)
        assert label(window) == (1, 3, "update:dense2", None)
        assert bench.snapshot.step == 1
        bench.set_grain("cell")
        press(qtbot, window, Qt.Key.Key_Left)
        shown = label(window)
        assert shown is not None
        assert shown[2] == "update:dense2"
        units = bench.document.nodes["dense1"].fields["units"]
        assert shown[3] == units - 1
        trace = bench.snapshot.trace
        assert trace is not None
        press(qtbot, window, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
        shown = label(window)
        assert shown is not None
        assert shown[2] == "update:dense1"


@pytest.mark.parametrize("name", ["xor", "spiral"])
def test_by_hand_equals_free_run_to_the_bit(qtbot, name: str) -> None:
    with running_window(qtbot, name) as window:
        bench = window.workbench
        bench.set_pace("explain")
        for grain, presses in (("node", 3), ("sample", 4), ("batch", 3), ("cell", 6)):
            bench.set_grain(grain)
            for _ in range(presses):
                press(qtbot, window, Qt.Key.Key_Right)
        press(qtbot, window, Qt.Key.Key_Left)
        qtbot.waitUntil(lambda: bench.snapshot.step > 0, timeout=5000)
        state = bench.session.capture().result(10)
        free = Trainer(bench.document, seed=bench.document.training.seed)
        free.run(steps=int(state.counters["step"]))
        for key, array in free.network.parameters.items():
            assert np.array_equal(array, state.weights[key])


def test_keys_faster_than_the_worker_are_done_in_turn(qtbot) -> None:
    with running_window(qtbot, "and") as window:
        window.workbench.set_pace("explain")
        for _ in range(20):
            qtbot.keyClick(window.canvas, Qt.Key.Key_Right)
        qtbot.waitUntil(lambda: label(window) == (4, 0, "forward:dense1", None), timeout=20_000)


def test_pause_holds_the_pass_and_train_plays_it_on(qtbot) -> None:
    with running_window(qtbot, "and") as window:
        bench = window.workbench
        bench.set_pace("explain")
        window.actions_["train"].trigger()
        qtbot.waitUntil(lambda: window.canvas.player.active and window.canvas.scene_.cursor_at is not None, timeout=20_000)
        qtbot.waitUntil(lambda: bench.running, timeout=5000)
        window.actions_["train"].trigger()
        assert not window.canvas.player.active
        held = window.canvas.player.stepping.spot
        assert held is not None
        qtbot.waitUntil(lambda: not bench.running, timeout=5000)
        press(qtbot, window, Qt.Key.Key_Right)
        after = window.canvas.player.stepping.spot
        assert after is not None
        assert after.cursor.index == held.cursor.index + 1
        window.actions_["train"].trigger()
        assert window.canvas.player.active
        cursor = window.canvas.scene_.cursor_at
        assert cursor is not None
        assert cursor.index >= after.cursor.index
        bench.set_pace("fast")
        assert window.canvas.scene_.cursor_at is None


def test_an_edit_leaves_the_pass_and_so_does_esc_from_the_bar(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        bench = window.workbench
        bench.set_pace("explain")
        press(qtbot, window, Qt.Key.Key_Right)
        assert label(window) is not None
        bench.edit("", edits.set_training(bench.document, learning_rate=0.01))
        assert window.canvas.player.stepping.spot is None
        assert window.canvas.scene_.cursor_at is None
        press(qtbot, window, Qt.Key.Key_Right)
        assert bench.held
        qtbot.keyClick(window.bar.segments.group.button(0), Qt.Key.Key_Escape)  # a click on a pace leaves the focus there
        assert window.canvas.player.stepping.spot is None
        assert not bench.held


def test_a_step_in_time_is_offered_where_something_goes_through_time(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        bench, menu = window.workbench, window.bar.step.menu()
        assert bench.larger("cell") == "node"
        assert bench.larger("epoch") == "epoch"
        menu.aboutToShow.emit()
        assert [one.objectName() for one in menu.actions() if one.isVisible()] == [f"grain_{grain}" for grain in bench.grains()]
        assert "grain_time" not in {one.objectName() for one in menu.actions() if one.isVisible()}
        document, _ = edits.add_node(bench.document, "LSTM")
        bench.edit("", document)
        assert bench.larger("cell") == "time"
        menu.aboutToShow.emit()
        assert all(one.isVisible() for one in menu.actions())


def test_the_line_of_phases_tells_the_next_steps_number(qtbot) -> None:
    with running_window(qtbot, "and") as window:
        window.workbench.set_pace("explain")
        told = []
        for _ in range(3):
            press(qtbot, window, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
            told.append(window.canvas.overlays.phases.accessibleName())
        assert [f"step {step}" in words for step, words in zip((1, 2, 3), told, strict=True)] == [True] * 3, told


def test_without_weights_only_the_bias_speaks_whatever_the_inputs(qtbot) -> None:
    with running_window(qtbot, "and") as window:
        window.workbench.set_pace("explain")
        press(qtbot, window, Qt.Key.Key_Right)
        press(qtbot, window, Qt.Key.Key_Right)
        assert label(window) == (1, 0, "forward:dense1", None)
        qtbot.waitUntil(lambda: window.explain.sentence.text().startswith("All its weights are 0"), timeout=5000)


def test_numbers_of_a_pass_that_is_over_say_whose_they_are(qtbot) -> None:
    with running_window(qtbot, "and") as window:
        told = window.canvas.overlays.phases.accessibleName
        window.workbench.set_pace("watch")
        window.workbench.step("batch")
        qtbot.waitUntil(lambda: told().startswith("the pass of step 1, from before its update"), timeout=20_000)
        window.workbench.follow("train", 2)
        qtbot.waitUntil(lambda: told().startswith("press Train"), timeout=20_000)
