"""Own files and augmentation in the window: chosen, read with Cancel, shown in the inspector; changes are edits, previews the kernel's."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from playground import data
from playground.data import folders
from playground.document import edits, example, save
from playground.engine.program import augmenting
from playground.ui.canvas.view import CanvasView
from playground.ui.compare.differences import differences
from playground.ui.dialogs.augmentation import COUNT, AugmentationWindow
from playground.ui.dialogs.own_data import OwnData
from playground.ui.dialogs.study_fields import swept
from playground.ui.painters import input as input_painter
from playground.ui.panels.name_editors import NamesEditor
from playground.ui.panels.palette_row import Row
from playground.ui.window import Window
from tests.data.own_files import pets
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


def dropped(canvas: CanvasView, path: Path) -> None:
    """A file let go over the canvas."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    at = QPointF(canvas.viewport().rect().center())
    for kind in (QDragEnterEvent, QDropEvent):
        place = at.toPoint() if kind is QDragEnterEvent else at
        event = kind(place, Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(canvas.viewport(), event)
        assert event.isAccepted()


def opened(qtbot, window: Window) -> OwnData:
    qtbot.waitUntil(lambda: bool(window.findChildren(OwnData)))
    return window.findChildren(OwnData)[-1]


def test_a_folder_is_chosen_read_and_learned_from(qtbot, tmp_path: Path) -> None:
    top = pets(tmp_path / "pets", 20)
    with running_window(qtbot, "mnist-mlp") as window:
        bench = window.workbench
        row = next(row for row in window.findChildren(Row) if row.entry.name == "pictures")
        window.palette_.activate(row.entry)
        dialog = opened(qtbot, window)
        assert bench.document.data.name == "mnist"  # nothing is chosen before there are files
        assert not dialog.use.isEnabled()
        dialog.look_at(top)
        qtbot.waitUntil(dialog.use.isEnabled)
        assert "40 pictures of 2 classes: cat (20), dog (20)." in dialog.told.text()
        dialog._editors["size"].edit.setText("12")
        dialog._editors["size"].edit.editingFinished.emit()
        dialog.use.click()
        qtbot.waitUntil(lambda: bench.document.data.name == "pictures", timeout=20_000)
        options = bench.document.data.options
        assert (options["path"], options["classes"], options["size"]) == (str(top), ("cat", "dog"), 12)
        bench.edit("", edits.set_field(bench.document, "dense2", "units", 2))

        def seen() -> tuple[int, ...]:
            trace = bench.snapshot.trace
            return trace.nodes["input1"].values["output"].shape if trace is not None else ()

        qtbot.waitUntil(lambda: bench.snapshot.phase == "ready" and seen() == (3, 12, 12), timeout=60_000)
        button = window.findChild(QPushButton, "field/data/path")
        assert button is not None
        assert button.text() == "pets…"
        bench.undo_stack.undo()
        bench.undo_stack.undo()
        assert bench.document.data.name == "mnist"


def test_what_cannot_be_read_is_said_in_the_dialog(qtbot, tmp_path: Path) -> None:
    (tmp_path / "top" / "one").mkdir(parents=True)
    with running_window(qtbot, "and") as window:
        window.actions_["own_data"].trigger()
        dialog = opened(qtbot, window)
        dialog.look_at(tmp_path / "top")
        qtbot.waitUntil(lambda: bool(dialog.wrong.text()))
        assert "expected at least two folders, one a class" in dialog.wrong.text()
        assert not dialog.use.isEnabled()
        assert dialog.where.property("look") == "bad", "it is the folder that is wrong"
        dialog.reject()
        assert window.workbench.document.data.name == "and"


def test_what_fails_is_asked_about_again_with_its_settings(qtbot, tmp_path: Path) -> None:
    rows = [f"{1 + at},{1.0 + at % 7}" for at in range(400)]
    rows[200] = "200,-3.0"
    series = tmp_path / "sales.csv"
    series.write_text("month,sold\n" + "\n".join(rows))
    with running_window(qtbot, "and") as window:
        before = window.workbench.document
        window.actions_["own_data"].trigger()
        dialog = opened(qtbot, window)
        dialog.look_at(series)
        qtbot.waitUntil(dialog.use.isEnabled)

        def type_in(field: str, text: str) -> None:
            dialog._editors[field].edit.setText(text)
            dialog._editors[field].edit.editingFinished.emit()

        type_in("window", "9")
        dialog._change("transform", "log difference")
        type_in("horizon", "soon")
        dialog.use.click()
        assert dialog.isVisible(), "a field that holds no value of its own is not passed over"
        assert not dialog._editors["horizon"].complaint.isHidden()
        type_in("horizon", "1")
        dialog.use.click()
        qtbot.waitUntil(lambda: not dialog.isVisible())
        qtbot.waitUntil(lambda: bool([one for one in window.findChildren(OwnData) if one is not dialog]), timeout=20_000)
        again = next(one for one in window.findChildren(OwnData) if one is not dialog)
        qtbot.waitUntil(again.use.isEnabled, timeout=20_000)
        assert "sales.csv, line 202: expected values above 0 to take logarithms of, got -3" in again.wrong.text()
        assert str(tmp_path) not in again.wrong.text(), "the path stands above already"
        assert (again._values["window"], again._values["transform"]) == (9, "log difference")
        marked = {name for name, editor in again._editors.items() if editor.widget.property("bad")}
        assert marked == {"transform"}, "the field that it hangs on"
        assert window.workbench.document is before
        series.write_text(series.read_text().replace("-3.0", "3.0"))
        again.use.click()
        qtbot.waitUntil(lambda: window.workbench.document.data.name == "csv", timeout=20_000)
        assert window.workbench.document.data.options["window"] == 9


def test_reading_can_be_canceled_and_leaves_all_as_it_was(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = data.inspect(pets(tmp_path / "pets", 20))
    go = threading.Event()
    read = folders._read

    def slow(*given: object) -> object:
        assert go.wait(20)
        return read(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(folders, "_read", slow)
    with running_window(qtbot, "and") as window:
        before = window.workbench.document
        window.actions_["own_data"].trigger()
        dialog = opened(qtbot, window)
        dialog.wanted.emit(found.name, found.options)
        dialog.reject()
        qtbot.waitUntil(lambda: window.actions_["cancel"].isEnabled())
        assert "reading pets" in [work.title for work in window.projects.jobs.shown]
        window.actions_["cancel"].trigger()
        qtbot.waitUntil(lambda: not window.actions_["cancel"].isEnabled())
        go.set()
        qtbot.wait(300)
        assert window.workbench.document is before


def test_a_project_whose_files_are_gone_stays_open(qtbot, tmp_path: Path) -> None:
    found = data.inspect(pets(tmp_path / "pets", 20))
    (tmp_path / "pets").rename(tmp_path / "moved")
    with running_window(qtbot, "mnist-mlp") as window:
        bench = window.workbench
        document = edits.set_data(edits.set_field(bench.document, "dense2", "units", 2), found.name, **found.options)
        window.projects._show(document, None, None)
        qtbot.waitUntil(lambda: bench.snapshot.phase == "failed", timeout=20_000)
        assert "the folder is missing" in bench.snapshot.message
        assert bench.document.data.options["classes"] == ("cat", "dog")
        window.actions_["own_data"].trigger()
        dialog = opened(qtbot, window)
        qtbot.waitUntil(lambda: "no such file or folder" in dialog.wrong.text())
        dialog.look_at(tmp_path / "moved")
        qtbot.waitUntil(dialog.use.isEnabled)
        dialog.use.click()
        qtbot.waitUntil(lambda: bench.snapshot.phase == "ready", timeout=60_000)


def test_augmentation_is_edited_previewed_and_undone(qtbot) -> None:
    with running_window(qtbot, "mnist-mlp") as window:
        bench = window.workbench
        button = window.findChild(QPushButton, "field/augmentation")
        assert button is not None
        assert button.text() == "off…"
        button.click()
        dialog = window.findChildren(AugmentationWindow)[0]
        qtbot.waitUntil(lambda: dialog.grid.pictures is not None, timeout=60_000)
        plain = dialog.grid.pictures
        assert plain is not None
        assert plain.shape == (COUNT + 1, 1, 28, 28)
        assert all(np.array_equal(one, plain[0]) for one in plain)
        editor = dialog._editors["rotate"]
        editor.edit.setText("30")
        editor.edit.editingFinished.emit()
        assert bench.document.augmentation.rotate == 30
        assert button.text() == "rotate…"
        qtbot.waitUntil(lambda: not np.array_equal(dialog.grid.pictures[1], plain[1]), timeout=20_000)
        dataset = data.load("mnist")
        wanted = augmenting.preview(bench.document, dataset, 0, COUNT, bench.document.training.seed, "input1", 0)
        np.testing.assert_array_equal(dialog.grid.pictures[1:], wanted)
        caption = dialog.findChild(QLabel, "augmented_caption")
        assert caption is not None
        assert "steps 1 to 23" in caption.text()
        dialog.findChild(QPushButton, "augment_other").click()
        qtbot.waitUntil(lambda: "picture 1 " in caption.text(), timeout=20_000)
        bench.undo_stack.undo()
        assert bench.document.augmentation.rotate == 0
        assert editor.edit.text() == "0"
        assert AugmentationWindow.open_for(bench, window.theme, window) is dialog


def test_augmentation_is_swept_and_compared() -> None:
    document = example("mnist-mlp")
    fields = {one.path: one for one in swept(document)}
    assert fields["augmentation.rotate"].title == "augment: rotate"
    assert fields["augmentation.flip"].choices == ("none", "across", "down", "both")
    assert not any(path.startswith("augmentation") for path in (one.path for one in swept(example("and"))))
    other = edits.set_augmentation(document, rotate=10.0)
    assert [(one.name, one.mine, one.other) for one in differences(document, other)] == [("rotate", "0", "10")]


def test_points_have_nothing_to_augment(qtbot) -> None:
    with running_window(qtbot, "and") as window:
        assert window.findChild(QPushButton, "field/augmentation") is None
        window.actions_["augment"].trigger()
        dialog = window.findChildren(AugmentationWindow)[0]
        qtbot.waitUntil(lambda: "not of pictures" in dialog.grid.words)


def test_a_pass_of_other_classes_than_are_chosen_now_has_no_name() -> None:
    """The worker is an edit behind: a 9 is still on show when only 5 and 6 are learned from."""
    shown = SimpleNamespace(trace=SimpleNamespace(target=np.array([9])), data=SimpleNamespace(classes=("5", "6", "7"), steps=False))
    assert input_painter.label(shown) == ""  # type: ignore[arg-type]
    shown.trace.target = np.array([1])
    assert input_painter.label(shown) == "6"  # type: ignore[arg-type]


def test_a_series_and_a_text_are_chosen(qtbot, tmp_path: Path) -> None:
    """Their columns and characters are told; the columns that are chosen are those that are read."""
    series, text = tmp_path / "own.csv", tmp_path / "own.txt"
    series.write_text("day,low,high\n" + "".join(f"d{row},{row},{row * 2}\n" for row in range(80)))
    text.write_text("to be or not to be\n" * 100)
    with running_window(qtbot, "sunspots") as window:
        bench = window.workbench
        for path, told, name, changed, value in (
            (series, "columns of numbers low, high.", "csv", "inputs", "low"),
            (text, "8 different characters, 5 words.", "text", "length", "20"),
        ):
            if path is series:
                window.palette_.activate(next(row for row in window.findChildren(Row) if row.entry.name == name).entry)
                opened(qtbot, window).look_at(path)
            else:
                dropped(window.canvas, path)
            dialog = opened(qtbot, window)
            qtbot.waitUntil(dialog.use.isEnabled)
            assert told in dialog.told.text()
            editor = dialog._editors[changed]
            if isinstance(editor, NamesEditor):
                low, high = editor._menu.actions()
                assert low.isChecked()
                assert high.isChecked()
                editor._menu.popup(QPoint(0, 0))
                QTest.mouseMove(editor._menu, editor._menu.actionGeometry(high).center())
                QTest.mouseClick(editor._menu, Qt.MouseButton.LeftButton, pos=editor._menu.actionGeometry(high).center())
                assert editor._menu.isVisible()  # more may be chosen
                editor._menu.close()
                assert editor.widget.text() == "low"
            else:
                editor.edit.setText(value)
                editor.edit.editingFinished.emit()
            dialog.use.click()
            qtbot.waitUntil(lambda name=name: bench.document.data.name == name, timeout=20_000)
            qtbot.waitUntil(lambda: not window.findChildren(OwnData) or not window.findChildren(OwnData)[-1].isVisible())
            assert str(bench.document.data.options[changed]) == value
        save(example("and"), tmp_path / "gate.playground")
        window.projects.leave = lambda then: then()
        dropped(window.canvas, tmp_path / "gate.playground")
        qtbot.waitUntil(lambda: bench.document.data.name == "and", timeout=20_000)
        assert not any(dialog.isVisible() for dialog in window.findChildren(OwnData))
