"""A label that gives way: what it shows where there is little room."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from playground.ui.panels.controls import Elided

WHOLE, SHORTER = "conv1 · filter 2, channel 1, row 2, column 3", "filter 2, channel 1, row 2, column 3"


@pytest.mark.parametrize(("spare", "shown"), [(4, WHOLE), (-4, SHORTER)])
def test_a_shorter_text_stands_in_before_one_is_cut_off(qtbot, spare: int, shown: str) -> None:
    made = Elided("caption", Qt.TextElideMode.ElideRight)
    qtbot.addWidget(made)
    made.resize(made.fontMetrics().horizontalAdvance(WHOLE) + spare, 20)
    made.set_text(WHOLE, SHORTER)
    assert made.text() == shown
    assert made.full_text() == WHOLE
    assert made.toolTip() == ("" if shown == WHOLE else WHOLE)


def test_even_the_shorter_one_is_cut_where_it_must(qtbot) -> None:
    made = Elided("caption", Qt.TextElideMode.ElideRight)
    qtbot.addWidget(made)
    made.resize(60, 20)
    made.set_text(WHOLE, SHORTER)
    assert made.text().startswith("filter")
    assert made.text().endswith("…")


@pytest.mark.parametrize("words", ["input gate of unit 10: recurrent weight 4", "filter 12, channel 6, row 2, column 3"])
def test_in_a_head_two_lines_stand_in_before_one_is_cut_and_nothing_moves(qtbot, words: str) -> None:
    """The small window's head of Explain: 173 px, 24 px high."""
    made = Elided("caption", Qt.TextElideMode.ElideRight)
    qtbot.addWidget(made)
    made.set_text("lstm1")
    high = made.sizeHint().height()
    made.resize(round(made.fontMetrics().horizontalAdvance(words) * 0.7), 2 * made.fontMetrics().height())
    made.set_text(f"lstm1 · {words}", words)
    first, second = made.text().split("\n")
    assert f"{first} {second}" == words, "nothing is cut"
    assert first.endswith((":", ","))
    assert made.sizeHint().height() == made.minimumSizeHint().height() == high
    assert made.toolTip() == f"lstm1 · {words}"
