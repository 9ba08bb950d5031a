"""What a translation must hold is found in the sources, and a translation of it is what the window says."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication

from playground.sentences import listed, say
from playground.ui.wording import declared, with_titles
from tests import translating

SOURCE = """
def _tr(text):
    return QCoreApplication.translate("Notes", text)

class Panel(QWidget):
    def __init__(self, good):
        self.setText(self.tr("Train") if good else _tr("Pause"))
        self.setToolTip(QCoreApplication.translate("canvas", "all" if good else "none", "of the input"))
        self.tr(good)
"""


def test_texts_of_the_window_are_found_with_their_context() -> None:
    tree = ast.parse(SOURCE)
    found = set(translating.texts_of(tree, dict(translating.helpers_of(tree))))
    assert found == {
        ("Panel", "Train", ""),
        ("Notes", "Pause", ""),
        ("canvas", "all", "of the input"),
        ("canvas", "none", "of the input"),
    }


def test_a_translation_is_what_the_window_says(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template = "{node} has no input."
    assert template in translating.sentences()
    assert "No data set is chosen." in translating.sentences()
    known = {("declared", template, ""): "{node}没有输入。", ("declared", " and ", ""): "和", ("canvas", "all", "of the input"): "全部"}
    monkeypatch.setattr(translating, "wanted", lambda: dict.fromkeys((*known, ("declared", "left", ""))))
    path = tmp_path / "playground_zh.ts"
    assert translating.write(path, "zh", known) == 1
    assert translating.read(path) == known
    translator = QTranslator(qapp)
    assert translator.load(str(translating.release(path)))
    qapp.installTranslator(translator)
    try:
        from playground.document import edits, example

        assert declared(say("{node} has no input.", node="dense1")) == "dense1没有输入。"
        assert declared(listed(["a", "b"], say(" and "))) == "a和b"
        assert declared("left") == "left"
        titled = edits.set_title(example("spiral"), "dense1", "Erste")
        assert with_titles(say("{node} has no input.", node="dense1"), titled) == "Erste没有输入。"
    finally:
        qapp.removeTranslator(translator)
