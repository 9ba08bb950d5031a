"""A row of the palette under the mouse: one click opens an example, two add a layer."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from playground.ui.panels.palette_row import Row
from playground.ui.window import Window
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


def row(window: Window, kind: str, name: str) -> Row:
    window.palette_.search.setText(name)
    return next(row for row in window.palette_.findChildren(Row) if (row.entry.kind, row.entry.name) == (kind, name) and row.isVisible())


def test_one_click_opens_an_example_and_a_double_click_opens_it_once(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        opened = []
        window.workbench.example_wanted.connect(opened.append)
        qtbot.mouseClick(row(window, "example", "moons"), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: window.workbench.document.data.name == "moons")
        at = row(window, "example", "circle")
        qtbot.mouseClick(at, Qt.MouseButton.LeftButton)
        qtbot.mouseDClick(at, Qt.MouseButton.LeftButton)  # the second press of a double click alone
        assert opened == ["moons", "circle"]


def test_a_layer_is_added_by_two_clicks_not_by_one(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        nodes = set(window.workbench.document.nodes)
        at = row(window, "layer", "Dropout")
        qtbot.mouseClick(at, Qt.MouseButton.LeftButton)
        assert set(window.workbench.document.nodes) == nodes
        qtbot.mouseDClick(at, Qt.MouseButton.LeftButton)
        assert set(window.workbench.document.nodes) - nodes == {"dropout1"}
