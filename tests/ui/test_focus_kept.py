"""An arrow in a list whose choice builds the form anew leaves the keys in the list; a mouse leaves Space to the training."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox

from playground import data
from playground.ui.in_turn import queue
from playground.ui.window import Window
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


def box(window: Window, owner: str, field: str) -> QComboBox:
    widget = window.inspector.editor(owner, field).widget
    assert isinstance(widget, QComboBox)
    return widget


def press(qtbot, window: Window, key: Qt.Key) -> None:
    """A key as the window system sends it: to whatever has the focus."""
    QTest.keyClick(window.windowHandle(), key)
    QApplication.processEvents()
    qtbot.waitUntil(lambda: not queue().busy)


def test_two_arrows_in_the_list_of_data_go_on_two_sets(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        window.activateWindow()
        qtbot.waitUntil(lambda: ("data", "name") in window.inspector._editors)
        box(window, "data", "name").setFocus(Qt.FocusReason.TabFocusReason)
        names = data.names()
        first = names.index("xor")
        for on in (1, 2):
            press(qtbot, window, Qt.Key.Key_Down)
            assert window.workbench.document.data.name == names[first + on]
            assert QApplication.focusWidget() is box(window, "data", "name")
            assert box(window, "data", "name").isVisible()
            assert box(window, "data", "name").currentData() == names[first + on]


def test_two_arrows_in_the_list_of_cells_take_two_cells(qtbot) -> None:
    with running_window(qtbot, "hello") as window:
        window.activateWindow()
        cell = next(id for id, node in window.workbench.document.nodes.items() if node.type == "LSTM")
        window.workbench.select((cell,))
        qtbot.waitUntil(lambda: (cell, "cell") in window.inspector._editors)
        choices = window.inspector.editor(cell, "cell").field.choices
        at = choices.index("LSTM")
        way, key = (1, Qt.Key.Key_Down) if at + 2 < len(choices) else (-1, Qt.Key.Key_Up)
        box(window, cell, "cell").setFocus(Qt.FocusReason.TabFocusReason)
        for on in (1, 2):
            press(qtbot, window, key)
            assert window.workbench.document.nodes[cell].type == choices[at + way * on]
            qtbot.waitUntil(lambda on=on: box(window, cell, "cell").currentData() == choices[at + way * on])
            assert QApplication.focusWidget() is box(window, cell, "cell")


def test_what_the_mouse_chose_leaves_space_to_the_training(qtbot) -> None:
    with running_window(qtbot, "xor") as window:
        window.activateWindow()
        chosen = box(window, "data", "name")
        chosen.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.mouseClick(chosen, Qt.MouseButton.LeftButton)
        chosen.hidePopup()
        at = chosen.findData("circle")
        chosen.setCurrentIndex(at)
        chosen.activated.emit(at)
        qtbot.waitUntil(lambda: not queue().busy)
        assert window.workbench.document.data.name == "circle"
        assert not isinstance(QApplication.focusWidget(), QComboBox)


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return])
def test_space_and_enter_open_the_example_that_stands_ringed(qtbot, key) -> None:
    with running_window(qtbot, "") as window:
        window.activateWindow()
        window.canvas.setFocus()
        qtbot.waitUntil(lambda: QApplication.focusWidget() is window.canvas)
        ringed = next(card for card in window.canvas.overlays.start.cards.values() if card.ringed)
        press(qtbot, window, key)
        qtbot.waitUntil(lambda: bool(window.workbench.document.nodes), timeout=10_000)
        assert window.workbench.document.title == ringed.document.title
        assert not window.workbench.running  # and from then on Space trains
        qtbot.waitUntil(lambda: window.workbench.snapshot.phase == "ready", timeout=60_000)
        press(qtbot, window, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: window.workbench.running, timeout=10_000)
