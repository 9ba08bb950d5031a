"""Beside a pass stand the answers of the network that it runs in; with its last update those of the new one come."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from playground.anim import stages
from playground.anim.cursor import Cursor
from playground.document import example
from playground.engine import Trainer
from playground.ui.panels.lines import Border
from playground.ui.window import Window
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture
from tests.ui.test_stepping import label, press

pytestmark = pytest.mark.usefixtures("state")
FORWARD_TO_BACKWARD = 5


def answered(window: Window) -> np.ndarray:
    """What the truth table says the network answers."""
    found = window.dock.task.table._evaluation
    assert found is not None
    return np.ravel(found.predictions)


def test_table_line_and_pass_are_of_one_network(qtbot) -> None:
    trainer = Trainer(example("and"))
    inputs = trainer.dataset.train.x
    before = np.ravel(trainer.network.forward(inputs))
    trainer.run(steps=1)
    after = np.ravel(trainer.network.forward(inputs))
    assert not np.array_equal(before, after), "the first step changes an answer, else this shows nothing"
    with running_window(qtbot, "and") as window:
        task = window.dock.task
        window.workbench.set_pace("explain")
        for _ in range(FORWARD_TO_BACKWARD):
            press(qtbot, window, Qt.Key.Key_Right)
            np.testing.assert_array_equal(answered(window), before)
            assert task.when.full_text() == "", "no other network's than the pass's"
        assert label(window) == (1, 0, "backward:dense1", None)
        alone = task._borders
        assert alone is not None
        assert alone.now == Border(0.0, 0.0, 0.0)
        assert alone.before is None
        press(qtbot, window, Qt.Key.Key_Right)
        qtbot.waitUntil(lambda: task.when.full_text() == "after step 1", timeout=5000)
        np.testing.assert_array_equal(answered(window), after)
        assert task._borders is not None
        assert task._borders.now.exists
        assert task._borders.before is None, "there was no line that it could have moved from"
        press(qtbot, window, Qt.Key.Key_Left)
        np.testing.assert_array_equal(answered(window), before)
        assert (task.when.full_text(), task._borders) == ("", alone)


def test_the_neurons_pictures_change_with_the_last_update(qtbot) -> None:
    with running_window(qtbot, "circle") as window:
        scene, seen = window.canvas.scene_, []
        window.workbench.set_pace("explain")
        for _ in range(100):
            press(qtbot, window, Qt.Key.Key_Right)
            place = label(window)
            assert place is not None
            qtbot.waitUntil(lambda: scene.cursor_at is not None and scene.cursor_at.fraction == 1.0, timeout=5000)
            plane = scene.cards["dense1"].picture.plane
            assert plane is not None
            seen.append((place[2], plane.neurons["dense1"].copy()))
            if place[0] > 1:
                break
        names = [name for name, _ in seen]
        updates = [at for at, name in enumerate(names) if name.startswith("update:")]
        assert len(updates) > 1
        first, last = seen[0][1], seen[updates[-1]][1]
        assert all(np.array_equal(pictured, first) for _, pictured in seen[: updates[-1]])
        assert not np.array_equal(last, first)
        assert np.array_equal(seen[-1][1], last), "the next pass runs in the network that the update left"


def test_a_pass_has_updated_where_the_last_weights_new_value_stands() -> None:
    passed = tuple(stages.stages(example("xor")))
    last = len(passed) - 1
    assert passed[last].phase == "update"
    found = {
        (at, cell, fraction): Cursor(at, passed[at], cell, fraction, passed).updated
        for at in (0, last - 1, last)
        for cell in (None, 0, len(passed[at].cells) - 1)
        for fraction in (0.5, 1.0)
    }
    assert {key for key, updated in found.items() if updated} == {(last, None, 1.0), (last, len(passed[last].cells) - 1, 1.0)}
