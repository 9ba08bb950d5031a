"""What a card shows that the pass has not reached yet: the values of the last pass, but the weights as they are."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from playground.ui.painters import reading
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture
from tests.ui.test_stepping import label, press

pytestmark = pytest.mark.usefixtures("state")


def test_a_card_ahead_shows_present_weights_and_the_last_values(qtbot) -> None:
    with running_window(qtbot, "and") as window:
        window.workbench.set_pace("explain")
        for _ in range(6):
            press(qtbot, window, Qt.Key.Key_Right)
        assert label(window) == (1, 0, "update:dense1", None)
        first = window.workbench.snapshot.trace
        assert first is not None
        press(qtbot, window, Qt.Key.Key_Right)
        assert label(window) == (2, 0, "forward:input1", None)
        picture = window.canvas.scene_.cards["dense1"].picture
        updated = first.parameters["dense1/bias"]
        assert not np.array_equal(updated.before, updated.after), "the first step changed something"
        shown = reading.parameter(picture, "bias", window.canvas.scene_.cursor_at)
        np.testing.assert_array_equal(shown, updated.after)
        assert picture.trace.nodes["dense1"] is first.nodes["dense1"]
