"""Predict first: the result stays hidden until the user has said what it is, and is told right or wrong with the difference."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from playground.ui.canvas.view import CanvasView
from playground.ui.explain.figures import Figures, parsed
from playground.ui.panels.explain import Explain
from playground.ui.panels.predict import judge, said
from tests.ui.canvas_support import snapshot

THREE = Figures(3)


@pytest.mark.parametrize(
    ("guess", "value", "how"),
    [
        (0.215, 0.21462, "digits"),
        (0.214, 0.21462, "last"),
        (0.216, 0.21462, "last"),
        (0.2163, 0.21462, "percent"),
        (0.217, 0.21462, ""),
        (0.22, 0.21462, ""),
        (-0.215, 0.21462, ""),
        (0.0, 0.0, "digits"),
        (0.01, 0.0, "last"),
        (0.05, 0.0, ""),
        (1.0, 1.0, "digits"),
        (130.0, 129.0, "last"),
        (12_400.0, 12_345.0, "percent"),
    ],
)
def test_a_guess_is_right_to_the_shown_digits_to_the_last_one_or_to_a_percent(guess: float, value: float, how: str) -> None:
    verdict = judge(guess, value, THREE)
    assert verdict.how == how
    assert verdict.right == bool(how)
    assert verdict.off == pytest.approx(guess - value)


def test_fewer_digits_forgive_more() -> None:
    assert judge(0.22, 0.21462, Figures(2)).how == "last"
    assert judge(0.22, 0.21462, Figures(6)).how == ""


def test_the_verdict_says_how_far_off() -> None:
    assert said(judge(0.5, 0.25, THREE), 0.25, THREE) == "No: it is 0.25, you were +0.25 off."
    assert "1 %" in said(judge(0.2163, 0.21462, THREE), 0.21462, THREE)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.25", 0.25),
        ("−3", -3.0),
        (" -3,5 ", -3.5),
        ("1,234.5", 1234.5),
        ("2e-3", 0.002),
        ("3.2×10⁻⁷", 3.2e-7),
        ("", None),
        ("x", None),
        ("nan", None),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, value: float | None) -> None:
    assert parsed(text) == value


@pytest.fixture
def at_work(open_canvas, explain_beside) -> tuple[CanvasView, Explain]:
    view = open_canvas("spiral")
    return view, explain_beside(view, snapshot(view.workbench.document))


def answer(panel: Explain, text: str) -> None:
    panel.predict.field.setText(text)
    QTest.keyClick(panel.predict.field, Qt.Key.Key_Return)


def test_nothing_gives_the_answer_away_until_it_is_given(at_work: tuple[CanvasView, Explain]) -> None:
    view, panel = at_work
    view.player.hold("forward:dense2:3")
    assert panel.account is not None
    number = panel.figures.one(panel.account.result.value)
    assert number in panel.sheet.text()
    panel.set_predicting(True)
    assert panel.sheet.asks
    told = [panel.view.accessibleDescription(), panel.sheet.text(), panel.predict._words.text(), panel.view.toolTip()]
    for block in panel.view.shown():
        told += [block.numbers.accessibleName(), *(part.accessibleDescription() for part in (block.terms, block.graph) if part is not None)]
    assert not any(number in words for words in told)
    assert ("dense2", "output", (3,)) in view.workbench.hidden
    box = view.scene_.cards["dense2"].unit_rect(3)
    assert any(cover[0] == box for cover in view.lights.covers), "the canvas hides it too"
    assert not view.player.readings.isVisible()

    answer(panel, "7")
    assert panel.predict.verdict is not None
    assert not panel.predict.verdict.right
    assert number in panel.sheet.text()
    assert not view.workbench.hidden
    assert not view.lights.covers
    assert view.player.readings.isVisible()


def test_stepping_on_asks_for_the_next_cell_and_counts_the_streak(at_work: tuple[CanvasView, Explain]) -> None:
    view, panel = at_work
    view.player.hold("forward:dense2:3")
    panel.set_predicting(True)
    for cell in (3, 4):
        view.player.hold(f"forward:dense2:{cell}")
        assert panel.predict.asking
        assert panel.account is not None
        answer(panel, panel.figures.one(panel.account.result.value))
        assert panel.predict.verdict is not None
        assert panel.predict.verdict.right
    assert panel.predict.streak == 2
    view.player.hold("backward:dense2:1")
    assert panel.predict.asking
    answer(panel, "123")
    assert panel.predict.streak == 0


def test_what_is_no_number_is_not_judged(at_work: tuple[CanvasView, Explain]) -> None:
    view, panel = at_work
    view.player.hold("forward:dense2:3")
    panel.set_predicting(True)
    answer(panel, "much")
    assert panel.predict.asking
    assert panel.predict.field.property("bad")


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_P])
def test_escape_or_p_leaves_and_tells_everything_again(at_work: tuple[CanvasView, Explain], key: Qt.Key) -> None:
    view, panel = at_work
    view.player.hold("forward:dense2:3")
    panel.footer.predict.click()
    assert panel.predicting
    QTest.keyClick(panel.predict.field, key)
    assert not panel.predicting
    assert not panel.footer.predict.isChecked()
    assert not panel.sheet.asks
    assert not view.workbench.hidden


def test_enter_after_the_answer_steps_on(at_work: tuple[CanvasView, Explain]) -> None:
    view, panel = at_work
    wanted: list[tuple[str, int]] = []
    view.workbench.step_wanted.disconnect()
    view.workbench.step_wanted.connect(lambda grain, by: wanted.append((grain, by)))
    view.player.hold("forward:dense2:3")
    panel.set_predicting(True)
    answer(panel, "1")
    QTest.keyClick(panel.predict.field, Qt.Key.Key_Return)
    assert wanted == [(view.workbench.grain, 1)]


def test_pointing_elsewhere_does_not_change_the_question(at_work: tuple[CanvasView, Explain]) -> None:
    view, panel = at_work
    view.workbench.select(("dense2",), ("dense2", 3))
    panel.set_predicting(True)
    asked = panel.account
    view.workbench.hover_changed.emit("dense3", 0)
    assert panel.account == asked
    assert panel.sheet.asks


def test_a_snapshot_that_says_the_same_again_does_not_take_the_field_away(at_work: tuple[CanvasView, Explain]) -> None:
    view, panel = at_work
    view.workbench.select(("dense2",), ("dense2", 3))
    panel.set_predicting(True)
    panel.predict.field.setText("0.1")
    view.workbench.snapshot = snapshot(view.workbench.document)
    panel.refresh()
    assert panel.predict.field.text() == "0.1"
    assert panel.predict.asking


def test_a_verdict_goes_with_its_cell(at_work: tuple[CanvasView, Explain], monkeypatch: pytest.MonkeyPatch) -> None:
    view, panel = at_work
    panel.set_predicting(True)
    for there in ("forward:input1", "forward:dense3"):  # nothing to work out; nothing known of how it came about
        view.player.hold("forward:dense2:3")
        answer(panel, "1")
        assert panel.predict.verdict is not None
        if there == "forward:dense3":
            monkeypatch.setattr("playground.ui.panels.explain.account", lambda *_: None)
        view.player.hold(there)
        assert panel.predict.verdict is None
        assert not panel.predict.asking


def test_an_input_is_not_asked_for(at_work: tuple[CanvasView, Explain]) -> None:
    view, panel = at_work
    view.player.hold("forward:input1")
    panel.set_predicting(True)
    assert not panel.predict.asking
    assert not view.workbench.hidden


def test_a_number_changed_in_the_trace_is_another_answer(at_work: tuple[CanvasView, Explain]) -> None:
    view, panel = at_work
    view.workbench.select(("dense2",), ("dense2", 3))
    panel.refresh()
    assert panel.account is not None
    before = panel.account.result.value
    view.workbench.snapshot = snapshot(view.workbench.document, seed=5)
    panel.set_predicting(True)
    after = panel.account.result.value
    assert after != before
    answer(panel, panel.figures.one(after))
    assert panel.predict.verdict is not None
    assert panel.predict.verdict.right


def test_the_other_shares_of_a_softmax_do_not_tell_the_one_asked_for(open_canvas, explain_beside) -> None:
    view = open_canvas("iris")
    panel = explain_beside(view, snapshot(view.workbench.document))
    view.player.hold("forward:output1:0")
    panel.set_predicting(True)
    assert {("output1", "output", (k,)) for k in range(3)} <= view.workbench.hidden
    assert len(view.lights.covers) >= 3, "their bars on the card are covered too"
    answer(panel, "7")
    assert not view.workbench.hidden
    view.player.hold("forward:output1:1")
    assert ("output1", "output", (2,)) in view.workbench.hidden
    assert ("output1", "output", (0,)) not in view.workbench.hidden, "that one has been told"
