"""The dialog that chooses a file asks in the window's own words before it replaces one, and shows its folders and dates whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QLabel, QListView, QProxyStyle, QPushButton, QStyle, QWidget

from playground.ui import style
from playground.ui.dialogs.files import FileDialog, choose
from playground.ui.theme import DARK

KINDS = [("Projects (*.playground)", "playground")]


def test_before_a_file_is_replaced_the_window_asks_and_cancel_keeps_the_dialog(qtbot, tmp_path: Path) -> None:
    (tmp_path / "one.playground").write_text("kept")
    window, chosen = QWidget(), []
    qtbot.addWidget(window)
    window.show()
    dialog = choose(window, "save_dialog", "Save", str(tmp_path), KINDS, chosen.append, save_as="one")
    for answer in ("overwrite_cancel", "overwrite_replace"):
        dialog.accept()
        box = dialog.findChild(QDialog, "overwrite_question")
        assert "one.playground" in box.windowTitle()
        assert any(tmp_path.name in words.text() for words in box.findChildren(QLabel))
        buttons = {button.text(): button for button in box.findChildren(QPushButton)}
        assert set(buttons) == {"Cancel", "Replace"}
        assert buttons["Cancel"].isDefault()
        assert not chosen
        box.findChild(QPushButton, answer).click()
        qtbot.waitUntil(lambda: dialog.findChild(QDialog, "overwrite_question") is None or bool(chosen))
        assert dialog.isVisible() == (answer == "overwrite_cancel")
    assert chosen == [tmp_path / "one.playground"]


def test_a_new_name_and_a_file_to_open_are_not_asked_about(qtbot, tmp_path: Path) -> None:
    (tmp_path / "one.playground").write_text("kept")
    window, chosen = QWidget(), []
    qtbot.addWidget(window)
    window.show()
    choose(window, "save_dialog", "Save", str(tmp_path), KINDS, chosen.append, save_as="two").accept()
    opening = choose(window, "open_dialog", "Open", str(tmp_path), KINDS, chosen.append)
    opening.selectFile(str(tmp_path / "one.playground"))
    qtbot.waitUntil(lambda: bool(opening.selectedFiles()))
    opening.accept()
    assert chosen == [tmp_path / "two.playground", tmp_path / "one.playground"]


def test_the_folders_at_the_side_are_not_cut(qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "somebody-with-a-name"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    dialog = choose(window, "open_dialog", "Open", str(tmp_path), KINDS, lambda _: None)
    assert isinstance(dialog, FileDialog)
    assert dialog.fileMode() == QFileDialog.FileMode.ExistingFile
    side = dialog.findChild(QListView, "sidebar")
    assert side.viewport().width() >= side.sizeHintForColumn(0)
    dialog.reject()


class Decorated(QProxyStyle):
    """A desktop that wants stock pictures on the buttons of a dialog."""

    def styleHint(self, hint, *rest) -> int:  # type: ignore[no-untyped-def]
        return 1 if hint == QStyle.StyleHint.SH_DialogButtonBox_ButtonsHaveIcons else super().styleHint(hint, *rest)


def test_the_buttons_of_a_dialog_are_words_alone_whatever_the_desktop_wants(qtbot) -> None:
    for sheet, pictured in (("", True), (style.sheet(DARK), False)):
        dialog = QWidget()
        qtbot.addWidget(dialog)
        desktop = Decorated("Fusion")
        desktop.setParent(dialog)
        box = QDialogButtonBox(dialog)
        for widget in (dialog, box):
            widget.setStyle(desktop)
            widget.setStyleSheet(sheet)
        button = box.addButton(QDialogButtonBox.StandardButton.Cancel)
        assert button.icon().isNull() != pictured
