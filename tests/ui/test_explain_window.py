"""The explain panel in the window: it gets room while a pass is stepped through, and P asks for each number by hand."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from playground.document import Document
from playground.ui.in_turn import Queue, queue
from playground.ui.panels.explain import Explain
from playground.ui.window import Window
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


def place(window: Window) -> tuple[int, int | None] | None:
    """Stage and cell that the panel follows."""
    cursor = window.explain.passed
    return None if cursor is None else (cursor.index, cursor.cell)


def step(qtbot, window: Window) -> None:
    """One step by hand, until the panel has followed it."""
    before = place(window)
    window.actions_["step_on"].trigger()
    qtbot.waitUntil(lambda: place(window) not in (before, None), timeout=20_000)


def test_the_inspector_makes_room_in_the_explain_pace(qtbot) -> None:
    with running_window(qtbot, "and", size=(1280, 800)) as window:
        shared = window._right.sizes()
        window.workbench.set_pace("explain")
        window.workbench.set_grain("cell")
        step(qtbot, window)
        qtbot.waitUntil(lambda: not window.inspector.button.isChecked(), timeout=10_000)
        qtbot.waitUntil(lambda: window._right.sizes()[1] > shared[1] + 100, timeout=5_000)
        window.workbench.set_pace("fast")
        assert window.inspector.button.isChecked()
        qtbot.waitUntil(lambda: window._right.sizes() == shared, timeout=5_000)


@pytest.mark.parametrize(("size", "brief"), [((1280, 800), True), ((1600, 1000), False)])
def test_rows_of_numbers_do_not_tell_the_tables_terms_once_more_where_room_is_scarce(qtbot, size: tuple[int, int], brief: bool) -> None:
    with running_window(qtbot, "xor", size=size) as window:
        window.workbench.set_pace("explain")
        for _ in range(3):
            step(qtbot, window)
        account = window.explain.account
        assert account is not None
        assert account.node == "dense2"
        numbers = window.explain.view.shown()[0].numbers
        told = [token.text for _, token in numbers._placed]
        result = window.explain.figures.one(account.result.value)
        assert told[-2:] == ["=", result]
        assert (told == ["=", result]) is brief
        assert all(row.cells for row in window.explain.view.shown()[0].block.table.rows)
        assert len(numbers.line) == 6, "all of it is copied, and told to who cannot see"


def test_a_pass_is_predicted_cell_by_cell_by_keyboard(qtbot) -> None:
    with running_window(qtbot, "and", size=(1280, 800)) as window:
        explain, bench = window.explain, window.workbench
        bench.set_pace("explain")
        bench.set_grain("cell")
        step(qtbot, window)
        window.canvas.setFocus()
        window.actions_["predict"].trigger()
        assert explain.predicting
        passed = []
        for _ in range(8):
            if explain.predict.asking:
                account = explain.account
                assert account is not None
                passed.append((account.phase, explain.figures.one(account.result.value)))
                qtbot.waitUntil(lambda: explain.predict.field.hasFocus() or not window.isActiveWindow(), timeout=5_000)
                assert bench.hidden
                charts, task = window._veils
                assert task.isVisible() == (
                    account.phase == "update" or (account.result.place.name == "output" and account.phase == "forward")
                )
                assert charts.isVisible() == (account.phase == "update"), "the weights' chart tells them"
                QTest.keyClicks(explain.predict.field, passed[-1][1].replace("−", "-"))
                QTest.keyClick(explain.predict.field, Qt.Key.Key_Return)
                assert explain.predict.verdict is not None
                assert explain.predict.verdict.right
                assert not task.isVisible()
            before = place(window)
            QTest.keyClick(explain.predict.field, Qt.Key.Key_Return)  # Enter after the answer steps on
            qtbot.waitUntil(lambda before=before: place(window) != before, timeout=20_000)
        assert {phase for phase, _ in passed} >= {"forward", "backward", "update"}
        assert explain.predict.streak == len(passed)
        QTest.keyClick(explain.predict.field, Qt.Key.Key_Escape)
        assert not explain.predicting
        assert not bench.hidden
        assert bench.held, "the pass still stands"


def test_the_readouts_and_charts_do_not_tell_a_loss_that_is_asked_for(qtbot) -> None:
    with running_window(qtbot, "iris") as window:
        bench = window.workbench
        bench.set_pace("explain")
        for _ in range(5):
            window.actions_["step_on"].trigger()
        spot = lambda: window.canvas.player.stepping.spot  # noqa: E731
        qtbot.waitUntil(lambda: spot() is not None and spot().cursor.stage.phase == "loss", timeout=20_000)
        told = window.bar.readouts["loss"].value.text()
        window.explain.set_predicting(True)
        assert ("output1", "loss", ()) in bench.hidden
        assert window.bar.readouts["loss"].value.text() == "?" != told
        assert not window._veils[0].isHidden()
        window.explain.set_predicting(False)
        assert window.bar.readouts["loss"].value.text() == told
        assert window._veils[0].isHidden()


def test_at_rest_the_loss_asks_for_a_number_in_sight_that_no_card_shows(qtbot) -> None:
    with running_window(qtbot, "and", size=(1280, 800)) as window:
        explain, bench, view = window.explain, window.workbench, window.explain.view
        qtbot.waitUntil(lambda: explain.account is not None and explain.account.phase == "loss", timeout=20_000)
        window.actions_["predict"].trigger()
        assert explain.account.result.place.gradient
        assert bench.hidden
        assert not window.canvas.lights.covers, "the neuron shows its answer, and that is not asked for"

        def asked_in_sight() -> bool:
            last, bar = view.shown()[-1].geometry(), view.area.verticalScrollBar()
            return bar.value() <= last.bottom() <= bar.value() + view.area.viewport().height()

        qtbot.waitUntil(asked_in_sight, timeout=5_000)
        QTest.keyClicks(explain.predict.field, "7")
        QTest.keyClick(explain.predict.field, Qt.Key.Key_Return)
        qtbot.wait(50)
        assert asked_in_sight(), "what it is, too"


def test_a_network_taken_away_during_a_pass_has_nothing_to_explain(qtbot) -> None:
    with running_window(qtbot, "xor", size=(1280, 800)) as window:
        explain, bench = window.explain, window.workbench
        bench.set_pace("explain")
        step(qtbot, window)
        step(qtbot, window)
        held = explain.passed
        bench.replace(Document())
        explain.follow_pass(held)  # the last frame of a pass that was on its way
        explain.refresh()
        assert "Select a node" in explain.view.sentence.text()


def test_the_sheet_follows_new_values_in_a_turn_of_its_own(qtbot, monkeypatch) -> None:
    """The canvas is painted with them in the turn in which they came."""
    with running_window(qtbot, "spiral") as window:
        qtbot.waitUntil(lambda: window.explain.account is not None and not queue().busy)
        turns, refreshed = [], []
        whole, refresh = Queue.next, Explain.refresh
        monkeypatch.setattr(Queue, "next", lambda self: (turns.append(1), whole(self), turns.pop()))
        monkeypatch.setattr(Explain, "refresh", lambda self: (refreshed.append(bool(turns)), refresh(self)))
        window.workbench.pictured_changed.emit()
        qtbot.waitUntil(lambda: bool(refreshed))
        assert all(refreshed)
