"""A project whose file holds what does not fit its network is opened with the rest, and not saved over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QDialog, QLabel

from playground.document import edits, example, load_project, save_project
from playground.engine import Trainer
from playground.ui.opened import project_of
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


@pytest.mark.parametrize("part", ["weights", "optimizer_state"])
def test_what_does_not_fit_is_left_out_and_told(qtbot, tmp_path: Path, part: str) -> None:
    document = edits.set_training(example("xor"), optimizer="momentum")
    document = edits.set_title(document, "dense1", "hidden")
    trainer = Trainer(document)
    trainer.run(steps=30)
    project = project_of(document, trainer.state())
    arrays = dict(getattr(project, part))
    node = next(iter(arrays)).partition("/")[0]
    wrong = next(key for key in arrays if key.startswith(f"{node}/weight"))
    arrays[wrong] = np.ascontiguousarray(arrays[wrong].T)
    path = tmp_path / "half.playground"
    save_project(replace(project, **{part: arrays}), path)
    before = path.read_bytes()
    with running_window(qtbot) as window:
        window.projects.open(path)
        qtbot.waitUntil(lambda: window.workbench.snapshot.phase == "paused", timeout=60_000)
        box = window.findChild(QDialog, "misfits_dialog")
        told = " ".join(label.text() for label in box.findChildren(QLabel))
        assert "half.playground" in told
        assert (document.nodes[node].title or node) in told
        assert window.projects.path is None
        assert window.workbench.snapshot.step == 30
        held = window.workbench.session.capture().result(10)
        other = next(key for key in project.weights if not key.startswith(node))
        assert np.array_equal(held.weights[other], project.weights[other])
    assert path.read_bytes() == before
    assert load_project(path).counters["step"] == 30
