"""Editors of declared fields: what is typed becomes a value that fits, or a sentence."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea, QSplitter, QStyle, QStyleOptionComboBox, QWidget

from playground.document import Document, edits, example
from playground.errors import FieldError
from playground.fields import Field
from playground.ui.panels import editors
from playground.ui.panels.controls import Chooser, Section
from playground.ui.panels.inspector import Inspector
from playground.ui.style import sheet
from playground.ui.theme import DARK
from playground.ui.workbench import Workbench
from tests.ui.canvas_support import NotingSession

UNITS = Field("units", "int", 8, "How many.", minimum=1, maximum=64)
RATE = Field("rate", "float", 0.03, "How far.", minimum=0.0, maximum=100.0, live=True)
CLIP = Field("clip", "float", None, "At most.", minimum=1e-6, optional=True)
SHAPE = Field("shape", "shape", (1,), "The shape.")
SIZE = Field("kernel_size", "pair", 3, "How large.", minimum=1, maximum=9)
PADDING = Field("padding", "padding", "valid", "How wide.", minimum=0, maximum=9)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (UNITS, "12", 12),
        (UNITS, "1,2", 12),
        (RATE, "0,5", 0.5),
        (RATE, "1e-3", 0.001),
        (CLIP, "", None),
        (SHAPE, "1, 28, 28", (1, 28, 28)),
        (SHAPE, "1×28×28", (1, 28, 28)),
        (SIZE, "5", 5),
        (SIZE, "3×5", (3, 5)),
        (SIZE, "4, 4", 4),
        (PADDING, "Same", "same"),
        (PADDING, "2", 2),
        (PADDING, "1, 2", (1, 2)),
    ],
)
def test_text_means_a_value(field: Field, text: str, value: object) -> None:
    assert editors.parse(field, text) == value


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (UNITS, "0"),
        (UNITS, "eight"),
        (UNITS, ""),
        (RATE, "-1"),
        (RATE, "nan"),
        (SHAPE, "0, 2"),
        (SIZE, "3,4,5"),
        (SIZE, "x"),
        (PADDING, "full"),
        (PADDING, ""),
    ],
)
def test_text_that_does_not_fit_is_refused(field: Field, text: str) -> None:
    with pytest.raises(FieldError):
        editors.parse(field, text)


@pytest.mark.parametrize(
    ("value", "notches", "expected"),
    [(0.03, 1, 0.05), (0.03, -1, 0.02), (0.05, 1, 0.1), (0.1, -1, 0.05), (1e-5, -1, 0.0), (0.0, 1, 1e-5), (100.0, 1, 100.0)],
)
def test_a_rate_steps_through_its_decade(value: float, notches: int, expected: float) -> None:
    assert editors.stepped(RATE, value, notches) == pytest.approx(expected)


def test_a_count_steps_by_ones_within_its_bounds() -> None:
    assert editors.stepped(UNITS, 8, 3) == 11
    assert editors.stepped(UNITS, 2, -5) == 1


def test_both_numbers_of_a_pair_step_together_and_words_stay() -> None:
    assert editors.moved(SIZE, (3, 8), 2) == (5, 9)
    assert editors.moved(PADDING, 1, -3) == 0
    assert editors.moved(PADDING, "same", 1) == "same"


def test_padding_is_chosen_or_typed(qtbot) -> None:
    editor = editors.make(PADDING, "conv2d1", DARK)
    qtbot.addWidget(editor)
    editor.show_value("valid")
    assert editor.edit.text() == "valid"
    with qtbot.waitSignal(editor.committed) as got:
        editor.widget.setCurrentIndex(1)
        editor.widget.activated.emit(1)
    assert got.args == ["same", False]
    with qtbot.waitSignal(editor.committed) as got:
        editor.edit.setText("2×1")
        editor.edit.editingFinished.emit()
    assert got.args == [(2, 1), False]
    assert editor.edit.text() == "2, 1"
    with qtbot.assertNotEmitted(editor.committed):
        editor.edit.setText("wide")
        editor.edit.editingFinished.emit()
    assert editor.complaint.text() == "Padding wants valid, same or a whole number from 0 to 9; this is wide."


def test_a_bad_value_keeps_its_text_and_says_why(qtbot) -> None:
    editor = editors.make(UNITS, "dense1", DARK)
    qtbot.addWidget(editor)
    editor.show_value(8)
    editor.show()
    with qtbot.assertNotEmitted(editor.committed):
        editor.edit.setText("900")
        editor.edit.editingFinished.emit()
    assert editor.edit.text() == "900"
    assert editor.edit.property("bad")
    assert editor.complaint.text() == "Units wants a whole number from 1 to 64; this is 900."
    with qtbot.waitSignal(editor.committed) as got:
        editor.edit.setText("9")
        editor.edit.editingFinished.emit()
    assert got.args == [9, False]
    assert editor.complaint.isHidden()


@pytest.mark.parametrize("focused", [False, True])
def test_the_wheel_scrolls_past_a_number_and_steps_it_with_ctrl_alone(qtbot, focused: bool) -> None:
    editor = editors.make(RATE, "training", DARK)
    qtbot.addWidget(editor)
    editor.show_value(0.05)
    editor.show()
    qtbot.waitExposed(editor)
    got = []
    editor.committed.connect(lambda value, scrubbed: got.append((value, scrubbed)))
    if focused:
        editor.activateWindow()
        editor.edit.setFocus()
        qtbot.waitUntil(editor.edit.hasFocus)

    def turn(keys: Qt.KeyboardModifier, by: int) -> bool:
        at = QPointF(5, 5)
        none, still = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(at, at, QPoint(0, 0), QPoint(0, by), none, keys, still, False)
        QApplication.sendEvent(editor.edit, event)
        return event.isAccepted()

    assert not turn(Qt.KeyboardModifier.NoModifier, 120)  # it goes on to the panel
    assert got == []
    assert turn(Qt.KeyboardModifier.ControlModifier, 120)
    assert turn(Qt.KeyboardModifier.ControlModifier, -120)
    assert got == [(0.1, True), (0.05, True)]


def test_up_and_down_step_a_number_and_what_was_typed_counts(qtbot) -> None:
    editor = editors.make(UNITS, "dense1", DARK)
    qtbot.addWidget(editor)
    editor.show_value(8)
    editor.show()
    got = []
    editor.committed.connect(lambda value, scrubbed: got.append((value, scrubbed)))
    qtbot.keyClick(editor.edit, Qt.Key.Key_Up)
    editor.edit.setText("20")
    qtbot.keyClick(editor.edit, Qt.Key.Key_Down)
    assert got == [(9, True), (20, False), (19, True)]
    editor.edit.setText("many")
    qtbot.keyClick(editor.edit, Qt.Key.Key_Up)
    assert len(got) == 3
    assert editor.edit.text() == "many"
    assert editor.edit.property("bad")


@pytest.mark.parametrize("focused", [False, True])
def test_the_wheel_never_turns_a_choice_but_goes_on_to_the_panel(qtbot, focused: bool) -> None:
    field = Field("start", "choice", "zeros", "How weights start.", choices=("zeros", "normal", "uniform"))
    editor = editors.make(field, "dense1", DARK)
    qtbot.addWidget(editor)
    editor.show()
    qtbot.waitExposed(editor)
    editor.show_value("zeros")
    assert not editor.widget.focusPolicy() & Qt.FocusPolicy.WheelFocus & ~Qt.FocusPolicy.StrongFocus
    if focused:
        editor.activateWindow()
        editor.widget.setFocus()
        qtbot.waitUntil(editor.widget.hasFocus)
    at, none = QPointF(editor.widget.rect().center()), Qt.MouseButton.NoButton
    event = QWheelEvent(at, at, QPoint(0, 0), QPoint(0, -120), none, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)
    with qtbot.assertNotEmitted(editor.committed):
        QApplication.sendEvent(editor.widget, event)
    assert not event.isAccepted()
    assert editor.widget.currentData() == "zeros"


def test_a_folded_section_leaves_its_room_to_its_neighbor_and_takes_it_back(qtbot) -> None:
    splitter = QSplitter(Qt.Orientation.Vertical)
    qtbot.addWidget(splitter)
    upper, lower = Section("Upper", DARK, "upper"), Section("Lower", DARK, "lower")
    for section in (upper, lower):
        splitter.addWidget(section)
    splitter.resize(280, 500)
    splitter.show()
    qtbot.waitExposed(splitter)
    splitter.setSizes([200, 300])
    before = splitter.sizes()
    lower.button.setChecked(False)
    QApplication.processEvents()
    assert upper.height() > 440
    lower.button.setChecked(True)
    QApplication.processEvents()
    assert splitter.sizes() == before


def test_a_long_choice_is_not_cut(qtbot) -> None:
    chooser = Chooser()
    qtbot.addWidget(chooser)
    chooser.setStyleSheet(sheet(DARK))
    chooser.addItems(["softmax cross entropy with many more words"])
    for width in (90, 120, 160, 240):
        chooser.resize(width, 26)
        option = QStyleOptionComboBox()
        chooser.initStyleOption(option)
        field = chooser.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, chooser)
        drawn = chooser.grab(field).toImage()
        edge = {drawn.pixel(drawn.width() - 1, y) for y in range(4, drawn.height() - 4)}
        assert len(edge) == 1, f"at {width} px a letter reaches the edge"


def test_a_refused_value_and_its_sentence_are_scrolled_into_sight(qtbot) -> None:
    inspector = Inspector(Workbench(NotingSession()), DARK)  # type: ignore[arg-type]
    qtbot.addWidget(inspector)
    inspector.resize(280, 140)
    inspector.show()
    editor = inspector.editor("training", "batch_size")
    area = inspector.findChild(QScrollArea, "inspector_scroll")
    editor.edit.setText("0")
    editor.edit.editingFinished.emit()
    qtbot.waitUntil(lambda: not editor.visibleRegion().isEmpty() and editor.visibleRegion().boundingRect() == editor.rect())
    assert editor.complaint.isVisible()
    assert area.verticalScrollBar().value() > 0


def test_the_first_problem_is_whole_with_its_button_beside_a_form(qtbot) -> None:
    bench = Workbench(NotingSession())  # type: ignore[arg-type]
    right = QSplitter(Qt.Orientation.Vertical)
    right.setChildrenCollapsible(False)
    inspector = Inspector(bench, DARK)
    for part in (inspector, QWidget()):
        right.addWidget(part)
    qtbot.addWidget(right)
    right.resize(280, 480)
    right.setSizes([194, 286])
    right.show()
    before = right.sizes()
    bench.replace(edits.set_data(example("and"), ""))
    button = inspector.problems.findChild(QPushButton, "fix/0")
    assert button is not None
    qtbot.waitUntil(lambda: button.isVisible() and button.visibleRegion().boundingRect() == button.rect())
    assert inspector.findChild(QScrollArea, "inspector_scroll").height() >= 100
    bench.replace(Document())
    qtbot.waitUntil(lambda: right.sizes() == before)
