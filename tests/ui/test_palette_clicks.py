"""A row of the palette under the mouse: one click opens an example, two add a layer."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QPushButton

from playground import document as documents
from playground.document.examples import COURSE, MORE
from playground.ui.canvas.start_button import RIM
from playground.ui.canvas.start_chapters import Chapters
from playground.ui.dialogs.examples import DATA, NAME, ExampleList
from playground.ui.dialogs.search_list import HEADING
from playground.ui.painters import tools
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


def test_every_row_has_a_name_of_its_own_and_says_what_a_click_does(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        names = [one.objectName() for one in window.palette_.rows]
        assert len(set(names)) == len(names)
        assert "palette/moons" in names, "the data set"
        assert "palette/example/moons" in names
        said = {one.entry.kind: one._does() for one in window.palette_.rows}
        assert said == {"layer": "drag", "data": "use", "example": "open"}


def test_examples_are_found_by_their_chapter_here_and_in_their_list(qtbot) -> None:
    with running_window(qtbot, "") as window:
        palette = window.palette_
        assert all(documents.chapter(name) != MORE for name in documents.example_names())
        palette.search.setText("cnn")
        shown = {one.entry.name for one in palette.rows if not one.isHidden() and one.entry.kind == "example"}
        assert {"lenet5", "residual", "edges"} <= shown
        assert "and" not in shown
        headings = {place for place, heading in palette._headings.items() if not heading.isHidden()}
        assert headings == {("example", "CNN")} | {
            (one.entry.kind, one.entry.group) for one in palette.rows if not one.isHidden() and one.entry.kind != "example"
        }
        qtbot.mouseClick(window.findChild(QPushButton, "all_examples"), Qt.MouseButton.LeftButton)
        box = window.findChild(ExampleList)
        rows = [box.list.item(at) for at in range(box.list.count())]
        assert [item.text() for item in rows if item.data(HEADING)] == list(COURSE)
        box.search.setText("perceptron or with")
        assert [item.text() for item in rows if not item.isHidden()] == ["Perceptron", "OR with one perceptron"]
        qtbot.keyClick(box.search, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: window.workbench.document.data.name == "or", timeout=10_000)


def test_a_chapter_of_the_start_page_opens_the_list_there(qtbot) -> None:
    with running_window(qtbot, "") as window:
        buttons = window.findChild(Chapters).buttons
        assert [button.chapter for button in buttons] == list(COURSE)
        qtbot.waitUntil(lambda: all(button.isVisible() for button in buttons), timeout=5000)
        room = [button.width() - 2 * RIM - 18 - tools.width(button.chapter, 12, 500) for button in buttons]
        assert min(room) >= 0  # no title is cut
        qtbot.mouseClick(buttons[2], Qt.MouseButton.LeftButton)
        box = window.findChild(ExampleList)
        assert box.list.currentItem().data(NAME) == COURSE["CNN"][0]
        assert box.list.itemAt(4, 4).text() == "CNN"
        qtbot.keyClick(box.search, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: window.workbench.document.title == documents.example(COURSE["CNN"][0]).title, timeout=10_000)


def test_a_damaged_example_is_listed_as_such_and_every_other_is_there(qtbot, damaged_example) -> None:
    with running_window(qtbot, "") as window:
        offered = {one.entry.name for one in window.palette_.rows if one.entry.kind == "example"}
        assert offered == set(documents.example_names()) - {damaged_example}
        qtbot.mouseClick(window.findChild(QPushButton, "all_examples"), Qt.MouseButton.LeftButton)
        box = window.findChild(ExampleList)
        rows = {box.list.item(at).data(NAME): box.list.item(at) for at in range(box.list.count())}
        assert set(documents.example_names()) < set(rows)
        assert (rows[damaged_example].data(DATA), rows["and"].data(DATA)) == ("damaged", "AND table")
        box.search.setText(damaged_example + " damaged")
        qtbot.keyClick(box.search, Qt.Key.Key_Return)
        told = window.findChild(QDialog, "error_dialog")
        assert any("put it back" in one.text() for one in told.findChildren(QLabel))
        told.close()
        assert not window.workbench.document.nodes
