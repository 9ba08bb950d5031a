"""What the explain panel costs: formulas one at a time, blocks made before they are wanted, nothing done for a frame that says the same."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from playground.document import edits
from playground.ui import formula
from playground.ui.digits import Typeset
from playground.ui.explain.blocks import WAIT_MILLISECONDS, FormulaView
from playground.ui.explain.sheet_view import SPARE
from playground.ui.formula import Formulas
from playground.ui.theme import DARK
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")
LIMIT = 0.030


def test_formulas_are_typeset_one_at_a_time_and_once(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    typeset: list[str] = []
    monkeypatch.setattr(formula, "_kept", {})
    monkeypatch.setattr(formula.typesetter, "typeset", lambda latex, size: typeset.append(latex) or Typeset((latex,)))
    formulas, got = Formulas(), []
    handed: list[int] = []
    formulas._jobs.changed.connect(lambda: handed.append(len(formulas._jobs._waiting)))
    for latex in ("a", "b", "a", "c"):
        formulas.ask(latex, 16.0, "#000000", got.append)
    qtbot.waitUntil(lambda: len(got) == 4, timeout=5000)
    assert sorted(map(tuple, got)) == [(b"a",), (b"a",), (b"b",), (b"c",)]
    assert typeset == ["a", "b", "c"]
    assert max(handed) == 1
    formulas.close()


def test_another_theme_needs_no_typesetting(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formula, "_kept", {})
    formulas, got = Formulas(), []
    formulas.ask("w_1", 16.0, "#E8E9EC", got.append)
    qtbot.waitUntil(lambda: len(got) == 1, timeout=20_000)
    formulas.ask("w_1", 16.0, "#1B1D22", got.append)
    (dark,), (light,) = got
    assert b"#E8E9EC" in dark
    assert light == dark.replace(b"#E8E9EC", b"#1B1D22")
    formulas.close()


def test_a_formula_that_cannot_be_typeset_lets_the_next_ones_through(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    def typeset(latex: str, size: float) -> Typeset:
        if latex == "bad":
            raise ValueError("no such command")
        return Typeset((latex,))

    monkeypatch.setattr(formula, "_kept", {})
    monkeypatch.setattr(formula.typesetter, "typeset", typeset)
    formulas, got = Formulas(), []
    formulas.ask("bad", 16.0, "#000000", got.append)
    formulas.ask("good", 16.0, "#000000", got.append)
    qtbot.waitUntil(lambda: len(got) == 2, timeout=5000)
    assert got == [[], [b"good"]]
    formulas.close()


def test_no_formula_stands_beside_the_numbers_of_another(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formula, "_kept", {})
    formulas = Formulas()
    view = FormulaView(DARK, formulas)
    qtbot.addWidget(view)
    view.resize(300, 40)
    view.show_formula("a_{1}")
    qtbot.waitUntil(lambda: not formulas.busy, timeout=20_000)
    first, tall = view._parts, view.height()
    view.show_formula("a_{2}")
    assert view._placed, "that of the next neuron is there at once"
    assert view._parts != first
    view.show_formula("b")
    assert not view._placed
    assert view.height() == tall, "what is below does not jump"
    qtbot.waitUntil(lambda: bool(view._placed), timeout=20_000)
    formulas.close()


def test_a_formula_is_typeset_while_its_cells_fly_by(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formula, "_kept", {})
    formulas = Formulas()
    view = FormulaView(DARK, formulas)
    qtbot.addWidget(view)
    view.show_formula("b")
    cells = iter(range(10**6))

    def next_cell() -> bool:
        view.show_formula(f"a_{{{next(cells) % 10}}}")
        qtbot.wait(WAIT_MILLISECONDS // 4)
        return bool(view._placed)

    qtbot.waitUntil(next_cell, timeout=20_000)
    formulas.close()


def test_the_first_update_by_adam_is_shown_within_30_ms(qtbot) -> None:
    with running_window(qtbot, "iris") as window:
        bench, panel = window.workbench, window.explain
        bench.edit("", edits.set_training(bench.document, batch_size=1))
        bench.set_pace("explain")
        stepping = window.canvas.player.stepping
        while stepping.spot is None or stepping.spot.cursor.stage.label != "backward:dense1":
            QTest.keyClick(window.canvas, Qt.Key.Key_Right)
            qtbot.waitUntil(lambda: not stepping._awaited and stepping.spot is not None, timeout=20_000)
        qtbot.waitUntil(lambda: len(panel.view.blocks) == SPARE, timeout=5000)
        show, spent = panel.view.show_sheet, []

        def timed(*arguments: object) -> None:
            began = time.thread_time()
            show(*arguments)  # type: ignore[arg-type]
            spent.append(time.thread_time() - began)

        panel.view.show_sheet = timed  # type: ignore[method-assign]
        QTest.keyClick(window.canvas, Qt.Key.Key_Right)
        qtbot.wait(600)
        assert len(panel.sheet.blocks) == 9
        assert max(spent) <= LIMIT, f"{1000 * max(spent):.0f} ms"
        assert len(spent) <= len(panel.sheet.blocks) + 3, "a frame that says the same is not shown anew"
