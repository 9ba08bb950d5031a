"""In the window: weights of a file go into the layers that they fit, in one undoable step; a new head; what comes before it frozen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QDialog, QLabel, QPushButton

from playground.document import Project, edits, example, save_project
from playground.engine import Network
from playground.ui.window import Window
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


def weights(window: Window) -> dict[str, np.ndarray]:
    return dict(window.workbench.session.capture().result(10).weights)


def dialog(qtbot, window: Window, name: str) -> QDialog:
    qtbot.waitUntil(lambda: window.findChild(QDialog, name) is not None, timeout=10_000)
    found = window.findChild(QDialog, name)
    assert found is not None
    return found


def a_file(path: Path, units: int = 8) -> dict[str, np.ndarray]:
    """A project of spirals of its own, whose second layer has so many units."""
    document = edits.set_field(example("spiral"), "dense2", "units", units)
    made = Network(edits.set_field(document, "input1", "shape", (2,)), seed=77).parameters
    save_project(Project(document, made), path)
    return made


def test_weights_of_a_project_are_taken_and_given_back(qtbot, tmp_path: Path) -> None:
    given = a_file(tmp_path / "old.playground", units=5)
    with running_window(qtbot, "spiral") as window:
        before = weights(window)
        window.transfers.load(tmp_path / "old.playground")
        shown = dialog(qtbot, window, "weights_report")
        said = " ".join(label.text() for label in shown.findChildren(QLabel))
        assert "Layers that took their weights from old.playground: 1." in said
        assert "dense2 stays as it is: its weight is 8×8, the file's 5×8." in said
        after = weights(window)
        np.testing.assert_allclose(after["dense1/weight"], given["dense1/weight"])
        np.testing.assert_array_equal(after["dense2/weight"], before["dense2/weight"])
        shown.findChild(QPushButton, "weights_done").click()
        window.workbench.rewind()
        np.testing.assert_array_equal(weights(window)["dense1/weight"], after["dense1/weight"])  # they are the run's start
        window.workbench.undo_stack.undo()
        for key, array in weights(window).items():
            np.testing.assert_array_equal(array, before[key])


def test_a_file_that_fits_nothing_changes_nothing(qtbot, tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", **{"conv/weight": np.zeros((3, 3, 3, 3))})
    with running_window(qtbot, "xor") as window:
        before = weights(window)
        window.transfers.load(tmp_path / "other.npz")
        failed = dialog(qtbot, window, "error_dialog")
        assert "nothing in the file fits this network" in " ".join(label.text() for label in failed.findChildren(QLabel))
        failed.close()
        for key, array in weights(window).items():
            np.testing.assert_array_equal(array, before[key])


def test_a_new_head_keeps_what_comes_before_it(qtbot) -> None:
    with running_window(qtbot, "digits") as window:
        bench = window.workbench
        before = weights(window)
        old = next(wire.source for wire in bench.document.wires if wire.target == "output1")
        window.actions_["new_head"].trigger()
        (head,) = bench.selected
        assert head != old
        assert bench.document.nodes[head].fields["units"] == 10
        qtbot.waitUntil(lambda: f"{head}/weight" in weights(window), timeout=20_000)
        after = weights(window)
        kept = [key for key in before if not key.startswith(f"{old}/")]
        assert kept
        for key in kept:
            np.testing.assert_array_equal(after[key], before[key])
        window.actions_["freeze_before"].trigger()
        assert [id for id, node in bench.document.nodes.items() if node.frozen] == [key.partition("/")[0] for key in kept[:1]]
        window.actions_["freeze_before"].trigger()
        assert not any(node.frozen for node in bench.document.nodes.values())
        bench.undo_stack.undo()
        bench.undo_stack.undo()
        bench.undo_stack.undo()
        qtbot.waitUntil(lambda: f"{old}/weight" in weights(window), timeout=20_000)
        np.testing.assert_array_equal(weights(window)[f"{old}/weight"], before[f"{old}/weight"])


def test_where_there_is_nothing_to_do_it_says_so(qtbot) -> None:
    with running_window(qtbot) as window:
        said: list[str] = []
        window.workbench.notice.connect(said.append)
        window.actions_["new_head"].trigger()
        window.actions_["freeze_before"].trigger()
        assert "no head to replace" in said[0]
        assert "Select the first layer" in said[1]
