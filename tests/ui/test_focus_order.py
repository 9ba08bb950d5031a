"""The window without a mouse: Tab goes through it as it is seen, Enter and Space press buttons, Enter goes into a node and Esc out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from playground.ui.window import Window
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")
KEYS = Qt.Key


@pytest.fixture
def window(qtbot) -> Iterator[Window]:
    with running_window(qtbot, "spiral", (1280, 800)) as shown:
        shown.activateWindow()
        shown.canvas.setFocus()
        qtbot.waitUntil(shown.canvas.hasFocus)
        yield shown


def focus() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


def test_tab_goes_from_part_to_part_and_back_and_stops_little(window: Window, qtbot) -> None:
    parts = {window.bar: "bar", window.palette_: "palette", window.canvas: "canvas", window.inspector: "inspector"}
    parts |= {window.explain: "explain", window.dock: "dock", window.timeline: "timeline"}

    def part_of(widget: QWidget) -> str:
        return next(name for part, name in parts.items() if part is widget or part.isAncestorOf(widget))

    def round_trip(key: Qt.Key) -> list[tuple[str, str, tuple[str, ...]]]:
        seen = []
        while not seen or seen[-1] != seen[0] or len(seen) == 1:
            qtbot.keyClick(focus(), key)
            seen.append((part_of(focus()), focus().objectName(), window.workbench.selected))
            assert len(seen) < 80, "so many times Tab"
        return seen[:-1]

    there = round_trip(KEYS.Key_Tab)
    order = [name for name, _ in groupby(name for name, _, _ in there)]
    assert order == ["canvas", "inspector", "explain", "dock", "timeline", "bar", "palette", "canvas"]
    nodes = [selected for name, object, selected in there if object == "canvas" and selected]
    assert nodes == [("input1",), ("dense1",), ("dense2",), ("dense3",), ("output1",)], "along the wires, the focus staying on the canvas"
    fields = [object for name, object, _ in there if object.startswith("field/")]
    assert fields.index("field/training/optimizer") < fields.index("field/training/learning_rate") < fields.index("field/data/noise")
    back = round_trip(KEYS.Key_Backtab)
    assert {object for _, object, _ in back} >= {object for _, object, _ in there if not object.startswith("pace")}


def test_enter_and_space_press_what_tab_came_to(window: Window, qtbot) -> None:
    fold = window.dock.window().findChild(QPushButton, "inspector_fold")
    fold.setFocus(Qt.FocusReason.MouseFocusReason)
    qtbot.keyClick(fold, KEYS.Key_Return)
    assert not fold.isChecked()
    qtbot.keyClick(fold, KEYS.Key_Return)
    assert fold.isChecked()
    train = window.actions_["train"]
    assert train.shortcuts(), "Space trains where a button was only clicked"
    while focus().objectName() != "explain_fold":
        qtbot.keyClick(focus(), KEYS.Key_Tab)
    assert not train.shortcuts()
    qtbot.keyClick(focus(), KEYS.Key_Space)
    assert not focus().isChecked()
    window.canvas.setFocus()
    assert train.shortcuts()


def test_enter_goes_into_a_node_and_esc_out_again(window: Window, qtbot) -> None:
    bench, canvas = window.workbench, window.canvas
    for _ in range(2):
        qtbot.keyClick(canvas, KEYS.Key_Tab)
    assert bench.selected == ("dense1",)
    qtbot.keyClick(canvas, KEYS.Key_Return)
    qtbot.waitUntil(lambda: focus().objectName() == "field/dense1/units")
    qtbot.keyClicks(focus(), "77")
    qtbot.keyClick(focus(), KEYS.Key_Escape)
    assert focus() is canvas
    assert bench.document.nodes["dense1"].fields["units"] == 8, "typed, not entered"
    assert window.inspector.editor("dense1", "units").edit.text() == "8"
    qtbot.keyClick(canvas, KEYS.Key_3)
    assert bench.unit == ("dense1", 2)
    qtbot.keyClick(canvas, KEYS.Key_Down)
    assert bench.unit == ("dense1", 3)
    for _ in range(5):
        qtbot.keyClick(canvas, KEYS.Key_Up)
    assert bench.unit == ("dense1", 0)
    qtbot.keyClick(canvas, KEYS.Key_9)
    assert bench.unit == ("dense1", 0), "there are eight"
    qtbot.keyClick(canvas, KEYS.Key_Escape)
    assert (bench.unit, bench.selected) == (None, ("dense1",))


def test_the_palette_by_keys(window: Window, qtbot) -> None:
    palette = window.palette_
    palette.focus_search()
    qtbot.keyClicks(palette.search, "/drop")
    assert palette.search.text() == "drop", "the key that leads here is no letter of a name"
    qtbot.keyClick(palette.search, KEYS.Key_Return)
    assert "dropout1" in window.workbench.document.nodes
    qtbot.keyClick(palette.search, KEYS.Key_Down)
    assert focus().objectName() == "palette/Input"
    qtbot.keyClick(focus(), KEYS.Key_Down)
    assert focus().objectName() == "palette/Output"
    qtbot.keyClick(focus(), KEYS.Key_Tab)
    assert focus().objectName() == "palette_data_fold"
    qtbot.keyClick(focus(), KEYS.Key_Backtab)
    assert focus().objectName() == "palette/Output"
    for _ in range(2):
        qtbot.keyClick(focus(), KEYS.Key_Up)
    assert focus() is palette.search
    qtbot.keyClick(palette.search, KEYS.Key_Escape)
    assert focus() is window.canvas


def test_what_goes_from_the_screen_leaves_the_keys_to_the_canvas(window: Window, qtbot) -> None:
    """A button that its own click takes away, as of a form built anew: Space then trains, and folds no panel."""
    pressed = QPushButton("Resume here", window.timeline)
    pressed.show()
    pressed.setFocus()
    qtbot.waitUntil(pressed.hasFocus)
    pressed.hide()
    assert focus() is window.canvas
