"""Formulas of a pass are there before it comes to them, and what is explained stands where it belongs as soon as it is shown."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from playground.anim.stages import stages
from playground.document import example
from playground.engine.live import commands
from playground.ui import formula
from playground.ui.digits import template
from playground.ui.explain.ahead import single_cells, whole_steps
from playground.ui.explain.blocks import BlockView
from playground.ui.explain.flow import PITCH, Flow
from playground.ui.explain.tokens import Token
from playground.ui.theme import DARK
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


def test_cells_that_are_looked_at_ahead_have_all_lengths_of_numbers() -> None:
    update = next(stage for stage in stages(example("digits")) if stage.label == "update:dense1")
    names = {update.cells[cell] for cell in single_cells(update)}
    assert names == {*(f"weight[{row},{column}]" for row in (0, 9) for column in (0, 9)), "bias[0]", "bias[9]"}
    lstm = next(stage for stage in stages(example("hello")) if stage.label == "forward:lstm1")
    assert [lstm.cells.place(cell)[1][0] for cell in whole_steps(lstm) if cell is not None][:3] == [0, 1, 9]


def test_every_formula_of_a_pass_is_there_when_it_comes(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formula, "_kept", {})
    with running_window(qtbot, "xor") as window:
        bench, panel = window.workbench, window.explain
        bench.set_pace("explain")
        QTest.keyClick(window.canvas, Qt.Key.Key_Right)
        stepping = window.canvas.player.stepping
        qtbot.waitUntil(lambda: stepping.spot is not None, timeout=20_000)
        qtbot.waitUntil(lambda: not panel._ahead.active and not panel.typesetting, timeout=30_000)
        seen = set()
        for _ in range(6):
            place = stepping.spot
            QTest.keyClick(window.canvas, Qt.Key.Key_Right)
            qtbot.waitUntil(lambda place=place: stepping.spot is not place, timeout=20_000)
            for view in panel.view.shown():
                if view.block.symbols:
                    assert view.formula._placed, view.block.symbols
                    seen.add(template(view.block.symbols))
            before = where(panel.view.shown())
            qtbot.wait(1)
            assert where(panel.view.shown()) == before, "laid out before it is painted"
        assert len(seen) > 5


def where(views: list[BlockView]) -> list[tuple[int, ...]]:
    return [(view.y(), view.height(), view.formula.y(), view.formula.height(), view.numbers.y()) for view in views]


def test_numbers_that_follow_their_like_keep_their_room(qtbot) -> None:
    flow = Flow(DARK)
    qtbot.addWidget(flow)
    flow.resize(100, PITCH)
    long, short = tuple((Token("0.123456"),) for _ in range(4)), ((Token("1"),),)
    flow.show_line(long)
    tall = flow.height()
    assert tall > PITCH
    flow.show_line(short, steady=True)
    assert flow.height() == tall
    flow.show_line(short + long)
    flow.show_line(short)
    assert flow.height() == PITCH


def test_the_upper_edge_cuts_no_equation_off_its_title(qtbot) -> None:
    with running_window(qtbot, "spiral", (1280, 800)) as window:
        bench, panel = window.workbench, window.explain
        bench.set_pace("explain")
        bench.session.send(commands.Step("batch", position=0))
        qtbot.waitUntil(lambda: bench.snapshot.trace is not None and bench.snapshot.trace.update is not None, timeout=20_000)
        window.canvas.player.hold("update:dense2")
        qtbot.waitUntil(lambda: len(panel.view.shown()) > 4 and not panel.typesetting, timeout=20_000)

        def cut() -> list[str]:
            edge = panel.view.area.verticalScrollBar().value()
            return [view.block.title for view in panel.view.shown() if view.y() < edge < view.geometry().bottom()]

        qtbot.waitUntil(lambda: panel.view.area.verticalScrollBar().value() > 0 and not cut(), timeout=5000)
        edge, bottom = panel.view.area.verticalScrollBar().value(), panel.view.area.viewport().height()
        assert panel.view.shown()[panel.view.sheet.present].geometry().bottom() <= edge + bottom
