"""Every text goes through the translator: with one that marks what it is given, no label, button, hint or tooltip is without the mark."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QWidget

from playground.layers import registry
from playground.ui.panels.palette import entries
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")
MARKED = re.compile(r"«[^«»]*»")
WORD = re.compile(r"[A-Za-z]{4,}")
NAMES = re.compile(
    r"input\d|dense\d|output\d|hidden\d|float32|float64|AVX|adam|none|Momentum|Nesterov|RMSprop|Space|Shift|Delete|Spiral|2-8-8-1",
    re.IGNORECASE,
)
"""What no language changes: the names of nodes, optimizers, keys, number types, and of the user's own document."""


class Marking(QTranslator):
    def translate(self, context: str, text: str, disambiguation: str = "", n: int = -1) -> str:
        return f"«{text}»" if text else ""

    def isEmpty(self) -> bool:
        return False


@pytest.fixture
def marked(qapp: QApplication) -> Iterator[None]:
    translator = Marking(qapp)
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


def bare(words: str) -> bool:
    """Whether words stand there that nobody translated. Marks may lie within marks: texts are put into texts."""
    words = re.sub(r"<[^>]*>", " ", words)
    while MARKED.search(words):
        words = MARKED.sub(" ", words)
    return bool(WORD.search(NAMES.sub(" ", words)))


def said(widget: QWidget) -> Iterator[str]:
    yield widget.toolTip()
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text()
    if isinstance(widget, QLineEdit):
        yield widget.placeholderText()
    if isinstance(widget, QComboBox) and not widget.objectName().startswith("field/data/name"):
        yield from (widget.itemText(at) for at in range(widget.count()))


@pytest.mark.usefixtures("marked")
def test_no_text_of_the_window_is_untranslated(qtbot) -> None:
    with running_window(qtbot, "spiral") as window:
        for chosen in ((), ("dense1",), ("output1",)):
            window.workbench.select(chosen)
            qtbot.wait(1)
            shown = [widget for widget in window.findChildren(QWidget) if widget.isVisible()]
            found = {(type(w).__name__, w.objectName(), words) for w in shown for words in said(w) if bare(words)}
            assert not found, chosen
    rows = [row for kind in entries().values() for row in kind]
    assert all(row.summary.startswith("«") for row in rows)
    assert len(rows) > len(registry.types())
