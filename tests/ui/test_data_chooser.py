"""The inspector's list of data sets: kinds under headings, titles that no two share, each set explained."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel

from playground import data, document
from playground.fields import Field
from playground.ui.panels import editors
from playground.ui.panels.data_chooser import HEADING, DataChooser
from playground.ui.theme import DARK
from tests.ui.shell_support import running_window

NAMES = ("", *data.names())


@pytest.fixture
def chooser(qtbot) -> tuple[QComboBox, DataChooser]:
    editor = editors.make(Field("name", "choice", "", "What it learns from.", choices=NAMES), "data", DARK)
    qtbot.addWidget(editor)
    made = DataChooser(editor)
    assert isinstance(editor.widget, QComboBox)
    editor.show_value("xor")
    return editor.widget, made


def rows(box: QComboBox) -> list[int]:
    return [at for at in range(box.count()) if not box.itemData(at, HEADING)]


def test_each_set_stands_once_below_the_heading_of_its_kind(chooser) -> None:
    box, _ = chooser
    assert [box.itemData(at) for at in rows(box)] == list(NAMES)
    heading, found = "", {}
    for at in range(box.count()):
        if box.itemData(at, HEADING):
            heading = box.itemText(at)
        else:
            found[box.itemData(at)] = heading
    assert found == {"": ""} | {name: data.get(name).group for name in data.names()}


def test_titles_tell_sets_apart_and_each_is_explained(chooser) -> None:
    box, about = chooser
    words = {box.itemData(at): box.itemText(at) for at in rows(box)}
    assert len(set(words.values())) == len(words)
    assert "table" in words["xor"]
    assert "points" in words["xor2d"]
    for at in rows(box)[1:]:
        assert box.itemData(at, Qt.ItemDataRole.ToolTipRole) == data.get(box.itemData(at)).summary
        box.setCurrentIndex(at)
        assert about.about.text() == data.get(box.itemData(at)).summary


def test_keys_pass_over_headings_and_a_choice_is_committed(qtbot, chooser) -> None:
    box, _ = chooser
    editor = box.parentWidget()
    assert isinstance(editor, editors.Editor)
    seen: list[object] = []
    editor.committed.connect(lambda value, _: seen.append(value))
    box.setCurrentIndex(box.findData("salary"))
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert box.currentData() == "circle"
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert seen == ["circle", "salary"]


def test_the_inspector_has_it_and_a_choice_is_the_document_s(qtbot) -> None:
    with running_window(qtbot, "xor") as window:

        def box() -> QComboBox:
            widget = window.inspector.editor("data", "name").widget
            assert isinstance(widget, QComboBox)
            return widget

        def about() -> str:
            return str(window.inspector.editor("data", "name").findChild(QLabel, "data_about").text())

        qtbot.waitUntil(lambda: about() == data.get("xor").summary)  # the form of another document is built a little later
        assert len(rows(box())) < box().count()
        box().setCurrentIndex(box().findData("xor2d"))
        box().activated.emit(box().currentIndex())
        assert window.workbench.document.data.name == "xor2d"
        qtbot.waitUntil(lambda: about() == data.get("xor2d").summary)


def test_data_of_another_version_are_named_and_kept_until_others_are_seen_to_take_their_place(qtbot) -> None:
    with running_window(qtbot) as window:
        bench = window.workbench
        known = document.example("xor")
        unknown = msgspec.structs.replace(known, data=msgspec.structs.replace(known.data, name="tides", options={}))
        window.projects.show(document.Project(unknown))
        said: list[str] = []
        bench.notice.connect(said.append)

        def box() -> QComboBox:
            widget = window.inspector.editor("data", "name").widget
            assert isinstance(widget, QComboBox)
            return widget

        qtbot.waitUntil(lambda: box().currentData() == "tides")
        assert box().currentText() == "tides"
        about = window.inspector.editor("data", "name").findChild(QLabel, "data_about").text()
        assert "does not know" in about
        assert "“tides”" in about
        assert "kept" in about
        assert not box().model().item(box().currentIndex()).isEnabled()
        box().setFocus()
        qtbot.keyClick(box(), Qt.Key.Key_Down)
        assert bench.document.data.name == "tides"
        assert not said
        qtbot.keyClick(box(), Qt.Key.Key_Up)
        assert bench.document.data.name == box().currentData() == data.names()[-1]
        assert len(said) == 1
        assert "“tides”" in said[0]
        assert "Undo" in said[0]
        bench.undo_stack.undo()
        qtbot.waitUntil(lambda: box().currentData() == "tides")
        assert bench.document.data.name == "tides"
