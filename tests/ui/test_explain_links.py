"""Every number of the panel is linked with what it stands for on the canvas, both ways; digits and cells as the user chose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from playground.anim.account import Place
from playground.document import edits
from playground.ui.canvas.view import CanvasView
from playground.ui.explain.pictures import MoveView
from playground.ui.explain.sheet import Move
from playground.ui.explain.tokens import plain
from playground.ui.panels.explain import SETTING, Explain
from playground.ui.settings import Settings
from playground.ui.theme import DARK
from tests.ui.canvas_support import snapshot
from tests.ui.shell_support import state  # noqa: F401 - a fixture

Opened = tuple[CanvasView, Explain]


@pytest.fixture
def opened(open_canvas, explain_beside) -> Callable[[str], Opened]:
    def opening(name: str) -> Opened:
        view = open_canvas(name)
        made = snapshot(view.workbench.document)
        if name == "mnist-mlp":  # its target is a class, not a number an output
            made = replace(made, trace=replace(made.trace, target=np.array(3, np.int32)))
        return view, explain_beside(view, made)

    return opening


def point_at(widget: QWidget, at: QPointF) -> None:
    """Move the pointer there, as the user would."""
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, widget.mapToGlobal(at), Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(widget, event)


def test_a_row_lights_its_edge_and_its_neuron(opened: Callable[[str], Opened]) -> None:
    view, panel = opened("spiral")
    view.player.hold("forward:dense2:3")
    terms = panel.view.shown()[0].terms
    point_at(terms, terms.row_rect(4).center())
    assert view.scene_.cards["dense1"].unit_rect(4) in view.lights.rings
    ((line, weight),) = view.lights.lines
    assert weight == view.workbench.snapshot.trace.parameters["dense2/weight"].before[3, 4]
    wire = next(wire for wire in view.scene_.edges if wire.target == "dense2")
    assert [line.x1(), line.y1(), line.x2(), line.y2()] == pytest.approx(view.scene_.bundles.lines(wire, [(3, 4)])[0].tolist())
    QApplication.sendEvent(terms, QEvent(QEvent.Type.Leave))
    assert not view.lights.rings
    assert not view.lights.lines


def test_a_number_of_the_formula_lights_what_it_stands_for(opened: Callable[[str], Opened]) -> None:
    view, panel = opened("and")
    view.player.hold("forward:dense1:0")
    numbers = panel.view.shown()[0].numbers
    box, token = next((box, token) for box, token in numbers._placed if token.places and token.places[0].name == "bias")
    point_at(numbers, box.center())
    assert view.workbench.lit[0] == token.places[0]
    card = view.scene_.cards["dense1"]
    last = card.input_rect(0, 1)
    assert [ring.top() for ring in view.lights.rings] == [last.top() + 80], "the bias's box lies below the last weight's"


def test_an_input_that_is_only_handed_on_is_lit_at_both_cards(opened: Callable[[str], Opened]) -> None:
    view, panel = opened("mnist-mlp")
    view.player.hold("forward:dense1:60")
    row = panel.view.shown()[0].terms.table.rows[0]
    index = next(place.index for place in row.places if place.name == "output")
    panel.view.pointed.emit(row.places)
    strip, image = view.scene_.cards["flatten1"], view.scene_.cards["input1"]
    assert strip.unit_rect(index[0]) in view.lights.rings
    assert any(image.scene_card().contains(ring.center()) for ring in view.lights.rings), "its pixel"


def test_a_weight_of_a_large_matrix_lights_its_pixel(opened: Callable[[str], Opened]) -> None:
    """784 inputs in 70 columns, 300 units in 104 rows: a pixel is 3 x 12 weights."""
    view, _ = opened("mnist-mlp")
    card = view.scene_.cards["dense1"]

    def ring(unit: int, source: int) -> QPointF:
        view.workbench.light((Place("dense1", "weight", (unit, source)),))
        (found,) = view.lights.rings
        return found.center() - card.scene_card().topLeft()

    first, next_column, next_row, last = ring(0, 0), ring(0, 12), ring(3, 0), ring(299, 783)
    assert ring(2, 11) == first
    assert next_column.x() > first.x()
    assert next_column.y() == first.y()
    assert next_row.y() > first.y()
    assert card.body.contains(last + card.card.topLeft())
    assert len(view.lights.lines) == 1, "and the edge between the cells"


def test_a_neuron_under_the_pointer_rings_its_row(opened: Callable[[str], Opened]) -> None:
    view, panel = opened("spiral")
    view.player.hold("forward:dense2:3")
    account = panel.account
    view._hover.move(view.scene_.cards["dense1"].unit_rect(5).center())
    assert panel.account == account, "the cell at hand stays"
    block = panel.view.shown()[0]
    assert [row.label for row in block.terms.ringed()] == ["6"]
    view._hover.leave()
    assert not block.terms.ringed()


def test_a_row_out_of_sight_is_brought_into_sight(opened: Callable[[str], Opened], qtbot) -> None:
    view, panel = opened("spiral")
    panel.resize(340, 260)
    view.player.hold("forward:dense2:3")
    bar, terms = panel.view.area.verticalScrollBar(), panel.view.shown()[0].terms
    qtbot.waitUntil(lambda: bar.maximum() > 0)

    def seen(row: int) -> bool:
        box, area = terms.row_rect(row).toRect(), panel.view.area.viewport()
        return area.rect().contains(box.translated(area.mapFromGlobal(terms.mapToGlobal(QPoint(0, 0)))))

    for scrolled, row in ((bar.maximum(), 0), (0, 7)):
        bar.setValue(scrolled)
        assert not seen(row)
        view._hover.move(view.scene_.cards["dense1"].unit_rect(row).center())
        assert [one.label for one in terms.ringed()] == [str(row + 1)]
        qtbot.waitUntil(lambda row=row: seen(row))
        view._hover.leave()


def test_a_pixel_of_the_input_under_the_pointer_rings_its_row(opened: Callable[[str], Opened]) -> None:
    view, panel = opened("mnist-mlp")
    view.player.hold("forward:dense1:60")
    terms = panel.view.shown()[0].terms
    other = next(at for at in range(784) if str(at + 1) not in {row.label for row in terms.table.rows})
    view.workbench.light((Place("input1", "output", (0, *divmod(other, 28))),))
    (ring,) = view.lights.rings
    view.workbench.light(())
    view._hover.move(ring.center())
    assert [row.label for row in panel.view.shown()[0].terms.ringed()] == [str(other + 1)], "handed on by Flatten, it is the same number"
    assert len(view.lights.rings) >= 2
    view._hover.leave()
    assert not panel.view.shown()[0].terms.ringed()


def test_an_edge_under_the_pointer_rings_its_row(opened: Callable[[str], Opened]) -> None:
    view, panel = opened("spiral")
    view.player.hold("forward:dense2:3")
    item = next(item for wire, item in view.scene_.edges.items() if wire.target == "dense2")
    at = int(np.flatnonzero((item.edges.units == 3) & (item.edges.sources == 7))[0])
    x0, y0, x1, y1 = item.edges.lines[at]
    view._hover.move(QPointF(x0 + (x1 - x0) * 0.93, y0 + (y1 - y0) * 0.93))
    block = panel.view.shown()[0]
    assert [row.label for row in block.terms.ringed()] == ["8"]
    assert len(view.lights.lines) == 1
    view._hover.leave()
    assert not view.lights.lines


def test_a_neuron_elsewhere_is_explained_itself(opened: Callable[[str], Opened]) -> None:
    view, panel = opened("spiral")
    view._hover.move(view.scene_.cards["dense2"].unit_rect(2).center())
    assert panel.account is not None
    assert (panel.account.node, panel.account.phase, panel.account.cell) == ("dense2", "forward", 2)
    view._hover.leave()
    view.workbench.select(("dense1",), ("dense1", 1))
    assert (panel.account.node, panel.account.cell) == ("dense1", 1)


def test_a_step_is_explained_wherever_the_pointer_rests(opened: Callable[[str], Opened]) -> None:
    view, panel = opened("spiral")
    view._hover.move(view.scene_.cards["dense2"].unit_rect(2).center())
    view.player.hold("forward:dense3:0")
    assert panel.account is not None
    assert (panel.account.node, panel.account.cell) == ("dense3", 0)
    view._hover.move(view.scene_.cards["dense1"].unit_rect(6).center())
    assert (panel.account.node, panel.account.cell) == ("dense1", 6), "it is asked for anew"
    view.player.hold("backward:dense3:0")
    assert (panel.account.node, panel.account.phase) == ("dense3", "backward")


def test_a_folded_sum_shows_the_term_of_the_neuron_under_the_pointer(opened: Callable[[str], Opened]) -> None:
    view, panel = opened("mnist-mlp")
    view.player.hold("forward:dense1:60")
    shown = {row.label for row in panel.view.shown()[0].terms.table.rows}
    other = next(at for at in range(784) if str(at + 1) not in shown)
    view.workbench.light((Place("flatten1", "output", (other,)),))
    terms = panel.view.shown()[0].terms
    assert [row.label for row in terms.ringed()] == [str(other + 1)]
    view.workbench.light(())
    assert {row.label for row in terms.table.rows} == shown


def test_each_phase_of_a_pass_has_its_own_equations(opened: Callable[[str], Opened]) -> None:
    view, panel = opened("spiral")
    for at, roles in (
        ("forward:dense1:0", ["sum", "activation"]),
        ("backward:dense2:3", ["arriving", "error", "made"]),
        ("update:dense1:weight[0,0]", None),
    ):
        view.player.hold(at)
        assert panel.account is not None
        assert panel.account.phase == at.partition(":")[0]
        if roles is not None:
            assert [block.role for block in panel.sheet.blocks] == roles


def test_the_panel_follows_the_cell_and_keeps_the_present_equation_in_sight(opened: Callable[[str], Opened], qtbot) -> None:
    view, panel = opened("spiral")
    panel.resize(280, 300)
    view.player.hold("forward:dense2:3")
    area, last = panel.view.area, panel.view.shown()[-1]
    qtbot.waitUntil(lambda: last.formula.height() > 10, timeout=5_000)
    qtbot.waitUntil(lambda: area.verticalScrollBar().value() > 0, timeout=5_000)
    assert not last.visibleRegion().isEmpty()
    assert not panel.view.sentence.visibleRegion().isEmpty(), "the sentence stays above"


def test_an_edit_that_the_trace_does_not_follow_yet_is_borne(opened: Callable[[str], Opened]) -> None:
    """The worker is an edit behind: the trace is still of squared errors when the loss is a cross-entropy."""
    view, panel = opened("spiral")
    bench = view.workbench
    bench.edit("loss", edits.set_field(bench.document, "output1", "loss", "softmax_cross_entropy"))
    bench.edit("units", edits.set_field(bench.document, "dense2", "units", 3))
    for node in bench.document.nodes:
        bench.select((node,), (node, 0))
        assert panel.sheet.caption


@pytest.mark.usefixtures("state")
def test_the_digits_are_remembered(open_canvas, qtbot) -> None:
    view = open_canvas("spiral")
    view.workbench.snapshot = snapshot(view.workbench.document)
    settings = Settings()
    panel = Explain(view.workbench, DARK, settings)
    qtbot.addWidget(panel)
    view.workbench.select(("dense2",), ("dense2", 3))
    three = plain(panel.sheet.blocks[0].line)
    panel.footer.findChild(QWidget, "digits_6").click()
    six = plain(panel.sheet.blocks[0].line)
    assert len(six) > len(three)
    assert settings.numbers(SETTING) == [6]
    again = Explain(view.workbench, DARK, settings)
    qtbot.addWidget(again)
    assert again.figures.digits == 6
    for made in (panel, again):
        made.close_jobs()


def test_the_numbers_copy_as_text(opened: Callable[[str], Opened]) -> None:
    view, panel = opened("spiral")
    view.player.hold("forward:dense2:3")
    panel.view.copy.trigger()
    copied = QApplication.clipboard().text()
    assert plain(panel.sheet.blocks[0].line) in copied
    assert panel.sheet.sentence in copied
    assert "\t" in copied


def test_an_input_in_its_turn_says_what_it_is(opened: Callable[[str], Opened]) -> None:
    view, panel = opened("spiral")
    view.player.hold("forward:input1")
    assert panel.caption.full_text().startswith("input1")
    assert panel.sheet.blocks[-1].line


def test_stepping_on_puts_out_what_the_last_cell_lit(opened: Callable[[str], Opened]) -> None:
    view, panel = opened("spiral")
    view.player.hold("forward:dense2:3")
    terms = panel.view.shown()[0].terms
    point_at(terms, terms.row_rect(2).center())
    assert view.lights.rings
    view.player.hold("forward:dense2:4")
    assert not view.lights.rings


@pytest.mark.parametrize(
    ("old", "new"), [(0.5, 0.5 + 1e-16), (0.5, 0.5), (0.0, 0.0), (1e-30, 2e-30), (float("nan"), 1.0), (1e8, float("inf")), (0.2, 0.1)]
)
def test_a_number_line_can_be_drawn_of_any_move(old: float, new: float, qtbot) -> None:
    line = MoveView(DARK)
    qtbot.addWidget(line)
    line.resize(260, 40)
    line.show_move(Move(old, new))
    assert not line.grab().isNull()
    low, high = line.ends()
    if np.isfinite((old, new)).all():
        assert low < old < high
        assert low < new < high


@pytest.mark.parametrize("name", ["spiral", "xor"])
def test_every_number_of_an_update_lights_the_weight_that_it_is_of(opened: Callable[[str], Opened], name: str) -> None:
    """The optimizer's own arrays too: they are drawn nowhere, what they belong to is."""
    view, _ = opened(name)
    for part in ("weight", "weight/mean", "weight/velocity"):
        view.lights.show_places((Place("dense1", part, (2, 1), moment="after"),), frozenset())
        (line, weight), *others = view.lights.lines
        assert not others
        assert weight == view.scene_.snapshot.trace.parameters["dense1/weight"].before[2, 1]
        assert line.p1() != line.p2()
        assert not view.lights.rings


def test_a_number_that_is_drawn_nowhere_lights_its_card(open_canvas) -> None:
    view = open_canvas("adding-lstm")
    view.lights.show_places((Place("lstm1", "weight_hidden", (3, 2)),), frozenset())
    assert view.lights.rings == [view.scene_.cards["lstm1"].scene_card()]
    view.lights.show_places((Place("nobody", "weight_hidden", (3, 2)),), frozenset())
    assert not view.lights.rings
