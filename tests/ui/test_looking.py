"""E explains the shown sample, B sends back its error: slowly, with Explain in sight, and without changing a weight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from playground.document import example
from playground.engine.live import commands
from playground.ui.canvas.looking import looked_at
from playground.ui.pace import SCALE
from playground.ui.window import Window
from tests.ui.canvas_support import snapshot
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


def stage(window: Window) -> str:
    cursor = window.canvas.scene_.cursor_at
    return cursor.stage.label if cursor is not None else ""


def weights(window: Window) -> dict[str, np.ndarray]:
    return {key: array.copy() for key, array in window.workbench.session.capture().result(10).weights.items()}


def hurry(window: Window) -> None:
    """The fastest pace at which stages are explained."""
    window.workbench.set_pace(max((pace for pace in SCALE if pace.name == "explain"), key=lambda pace: pace.speed))
    window.workbench.set_reduced_motion(True)


def same(before: dict[str, np.ndarray], after: dict[str, np.ndarray]) -> bool:
    return before.keys() == after.keys() and all(np.array_equal(array, after[key]) for key, array in before.items())


def test_both_keys_go_through_the_shown_sample_and_train_nothing(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        bench, canvas = window.workbench, window.canvas
        bench.follow("train", 2)
        bench.set_reduced_motion(True)
        before = weights(window)
        window.explain.button.setChecked(False)
        qtbot.keyClick(canvas, Qt.Key.Key_E)
        qtbot.waitUntil(lambda: stage(window) == "forward:dense1", timeout=10_000)
        assert bench.pace == "explain"
        assert bench.playing
        assert bench.looking
        assert window.explain.button.isChecked(), "what is explained is in sight"
        assert window.bar.train.accessibleName() == "Pause"
        trace = bench.snapshot.trace
        assert trace is not None
        assert (trace.split, trace.index) == ("train", 2)
        assert "#2" in canvas.overlays.phases.texts()["pass_place"]
        qtbot.keyClick(canvas, Qt.Key.Key_Space)  # stands
        assert bench.held
        assert not bench.playing
        hurry(window)
        seen = []
        for _ in range(8):
            qtbot.keyClick(canvas, Qt.Key.Key_Right)
            seen.append(stage(window))
        assert seen[-1] == "backward:dense1"
        assert not any(label.startswith("update") for label in seen)
        qtbot.keyClick(canvas, Qt.Key.Key_Left)
        assert stage(window) == "backward:dense2"
        qtbot.keyClick(canvas, Qt.Key.Key_B)
        qtbot.waitUntil(lambda: bench.held and stage(window) == "backward:dense1", timeout=10_000)
        assert bench.snapshot.step == 0
        assert same(before, weights(window))
        qtbot.keyClick(canvas, Qt.Key.Key_Escape)
        assert not bench.looking
        assert stage(window) == ""


def test_the_error_is_sent_back_in_the_recorded_pass_on_show(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        bench, canvas = window.workbench, window.canvas
        hurry(window)
        qtbot.keyClick(canvas, Qt.Key.Key_Right)
        qtbot.waitUntil(lambda: bench.held, timeout=10_000)
        passed, before = bench.snapshot.passed, weights(window)
        qtbot.keyClick(canvas, Qt.Key.Key_B)
        assert stage(window) == "backward:dense2"
        qtbot.waitUntil(lambda: bench.held and stage(window) == "backward:dense1", timeout=10_000)
        assert bench.snapshot.passed == passed, "it is still that pass"
        assert not bench.looking
        assert same(before, weights(window))
        qtbot.waitUntil(lambda: canvas.player.stepping._awaited is None, timeout=10_000)
        qtbot.keyClick(canvas, Qt.Key.Key_Right)
        qtbot.waitUntil(lambda: stage(window) != "backward:dense1", timeout=10_000)
        assert bench.snapshot.step == 1
        assert same(before, weights(window)), "its update was made when the step was"


def test_another_sample_is_seen_where_the_look_stands_and_training_ends_it(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        bench, canvas = window.workbench, window.canvas
        hurry(window)
        window.actions_["send_back"].trigger()
        qtbot.waitUntil(lambda: bench.held and stage(window) == "backward:dense1", timeout=10_000)
        qtbot.keyClick(canvas, Qt.Key.Key_Period)
        qtbot.waitUntil(lambda: bench.snapshot.trace is not None and bench.snapshot.trace.index == 1, timeout=10_000)
        assert stage(window) == "backward:dense1", "the other sample, at the same place"
        assert "#1" in canvas.overlays.phases.texts()["pass_place"]
        window.actions_["train"].trigger()
        qtbot.waitUntil(lambda: bench.snapshot.step > 0, timeout=10_000)
        assert not bench.looking
        window.actions_["explain_sample"].trigger()
        qtbot.waitUntil(lambda: bench.looking and stage(window).startswith("forward"), timeout=10_000)
        step = bench.snapshot.step
        qtbot.wait(50)
        assert bench.snapshot.step == step, "explaining has paused the run"


def test_the_sample_that_the_last_step_left_on_the_cards_is_explained(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        hurry(window)
        bench.set_pace("fast")
        bench.step("batch")
        qtbot.waitUntil(lambda: bench.snapshot.passed is not None, timeout=10_000)
        shown = bench.snapshot.trace
        assert shown is not None
        assert shown.index != bench.sample[1], "one of its batch"
        qtbot.keyClick(window.canvas, Qt.Key.Key_E)
        qtbot.waitUntil(lambda: bench.looking, timeout=10_000)
        assert bench.snapshot.trace is not None
        assert bench.snapshot.trace.index == shown.index == bench.sample[1]
        assert bench.snapshot.step == 1


def test_an_earlier_moment_is_explained_without_a_question(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        bench, canvas = window.workbench, window.canvas
        hurry(window)
        bench.step("epoch")
        qtbot.waitUntil(lambda: bench.snapshot.phase == "paused" and bench.snapshot.step > 0, timeout=10_000)
        bench.session.send(commands.ShowMoment(bench.snapshot.run, 0))
        qtbot.waitUntil(lambda: bench.snapshot.moment is not None, timeout=10_000)
        qtbot.keyClick(canvas, Qt.Key.Key_E)
        qtbot.waitUntil(lambda: bench.looking and stage(window) != "", timeout=10_000)
        qtbot.keyClick(canvas, Qt.Key.Key_Space)
        at = stage(window)
        qtbot.keyClick(canvas, Qt.Key.Key_Right)
        assert stage(window) not in ("", at)
        assert bench.snapshot.moment is not None


def test_what_has_no_class_goes_forward_alone() -> None:
    document = example("xor")
    trace = snapshot(document).trace
    assert trace is not None
    labels = [one.label for one in looked_at(document, replace(trace, loss=0.5))]
    assert "loss:output1" in labels
    assert labels[-1] == "backward:dense1"
    assert {one.phase for one in looked_at(document, replace(trace, loss=None))} == {"forward"}
