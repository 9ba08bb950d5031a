"""Ctrl+Z in a field takes back what is being typed, and then the document's last step."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def test_undo_and_redo_of_a_field_by_keyboard_while_training(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        bench = window.workbench
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        bench.train()
        qtbot.waitUntil(lambda: bench.snapshot.step > 50, timeout=60_000)
        field = window.findChild(QLineEdit, "field/training/learning_rate")
        before, run = bench.document.training.learning_rate, bench.snapshot.run
        field.setFocus()
        field.selectAll()
        qtbot.keyClicks(field, "0.005")
        qtbot.keyClick(field, Qt.Key.Key_Return)
        assert bench.document.training.learning_rate == 0.005
        qtbot.keyClick(field, Qt.Key.Key_Z, CTRL)
        assert bench.document.training.learning_rate == before
        qtbot.keyClick(field, Qt.Key.Key_Z, CTRL | SHIFT)
        assert bench.document.training.learning_rate == 0.005
        qtbot.keyClicks(field, "7")
        typed = field.text()
        qtbot.keyClick(field, Qt.Key.Key_Z, CTRL)  # typed and not yet taken: the field's own
        assert field.text() != typed
        assert bench.document.training.learning_rate == 0.005
        qtbot.waitUntil(lambda: bench.snapshot.learning_rate == pytest.approx(0.005), timeout=10_000)
        assert (bench.snapshot.phase, bench.snapshot.run) == ("training", run)
        bench.pause()
