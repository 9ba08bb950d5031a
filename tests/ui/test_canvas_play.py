"""What the canvas does with snapshots: pictures, edges, passes with their pulses, strips."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, QSizeF
from PySide6.QtGui import QRegion

from playground.anim.cursor import Cursor
from playground.document import Document, edits
from playground.engine.checks.health import Figures, notes
from playground.engine.live import commands
from playground.engine.live.snapshot import Divergence, Passed
from playground.ui.canvas import edges, pulses
from playground.ui.canvas.pulses import LOSS_GAP, beside_strip
from playground.ui.canvas.readings import legible
from playground.ui.canvas.view import CanvasView
from tests.ui.canvas_support import snapshot


def feed(view: CanvasView, **kwargs) -> None:
    shown = snapshot(view.workbench.document, **kwargs)
    view.workbench.snapshot = shown
    view.workbench.snapshot_changed.emit(shown)


def test_edges_are_the_weights(open_canvas) -> None:
    view = open_canvas("spiral")
    feed(view)
    wire = next(wire for wire in view.workbench.document.wires if wire.target == "dense2")
    weight = view.workbench.snapshot.parameters["dense2/weight"]
    shown = view.scene_.edges[wire].edges
    assert np.array_equal(shown.weights, weight[shown.units, shown.sources])
    assert len(shown) == 64
    start, end = view.scene_.cards["dense1"].unit_rect(3), view.scene_.cards["dense2"].unit_rect(5)
    at = int(np.flatnonzero((shown.units == 5) & (shown.sources == 3))[0])
    assert tuple(shown.lines[at]) == (start.right(), start.center().y(), end.left(), end.center().y())


def test_one_changed_number_changes_the_picture(open_canvas) -> None:
    view = open_canvas("spiral")
    feed(view)
    before = view.grab().toImage()
    shown = view.workbench.snapshot
    weight = shown.parameters["dense2/weight"].copy()
    weight[0, 0] = -weight[0, 0] * 2 + 3
    view.workbench.snapshot = dataclasses.replace(shown, parameters={**shown.parameters, "dense2/weight": weight})
    view.workbench.snapshot_changed.emit(view.workbench.snapshot)
    assert view.grab().toImage() != before


def test_large_layers_show_the_strongest_edges_of_the_chosen_unit(open_canvas) -> None:
    view = open_canvas("mnist-mlp")
    feed(view)
    wire = next(wire for wire in view.workbench.document.wires if wire.target == "dense2")
    assert not len(view.scene_.edges[wire].edges)
    view.workbench.select(("dense2",), ("dense2", 4))
    shown = view.scene_.edges[wire].edges
    weight = view.workbench.snapshot.parameters["dense2/weight"]
    assert set(shown.units) == {4}
    assert set(shown.sources) == set(np.argsort(-np.abs(weight[4]))[: edges.STRONGEST])


def test_nothing_is_left_of_a_unit_that_is_chosen_no_more(open_canvas) -> None:
    view = open_canvas("mnist-mlp")
    feed(view)
    view.workbench.select(("dense2",))
    without = view.grab().toImage()
    view.workbench.select(("dense2",), ("dense2", 4))
    assert view.grab().toImage() != without
    view.workbench.select(("dense2",))
    assert view.grab().toImage() == without


def test_places_of_chips_keep_apart() -> None:
    placed = edges.spread(np.array([0.0, 1.0, 2.0, 100.0]), 15)
    assert (np.diff(placed) >= 15).all()
    assert placed.mean() == pytest.approx(np.mean([0, 1, 2, 100]))


def test_diff_keeps_items(open_canvas) -> None:
    view = open_canvas("spiral")
    cards, wires = dict(view.scene_.cards), dict(view.scene_.wires)
    document = edits.set_field(view.workbench.document, "dense1", "units", 4)
    view.workbench.edit("", document)
    assert all(view.scene_.cards[id] is card for id, card in cards.items())
    assert all(view.scene_.wires[wire] is item for wire, item in wires.items())
    assert view.scene_.facts.nodes["dense2"].count == 4 * 8 + 8
    wire = next(wire for wire in document.wires if wire.target == "dense2")
    assert view.scene_.wires[wire].words == "4 → 8"


def test_a_pass_is_played_and_reported(open_canvas, qtbot) -> None:
    view = open_canvas("spiral")
    view.workbench.set_pace("watch")
    phases = []

    def note(cursor: Cursor | None) -> None:
        if phases and phases[-1] == "forward" and cursor is not None and cursor.stage.node == "output1":
            time.sleep(0.3)  # the machine is busy for longer than the next phase lasts
        phases.append(cursor.stage.phase if cursor is not None else None)

    view.player.moved.connect(note)
    feed(view, pass_serial=7, phase="training")
    assert view.player.active
    qtbot.waitUntil(lambda: bool(view.workbench.session.of(commands.PassShown)), timeout=30_000)
    assert view.workbench.session.of(commands.PassShown) == [commands.PassShown(7)]
    assert [phase for at, phase in enumerate(phases) if at == 0 or phases[at - 1] != phase] == [
        "forward",
        "loss",
        "backward",
        "update",
        None,
    ]
    assert not view.player.active
    feed(view, pass_serial=7, phase="training")
    assert not view.player.active, "a pass is shown once"


def test_who_trains_on_waits_for_the_pass_of_a_single_step(open_canvas) -> None:
    view = open_canvas("spiral")
    view.workbench.set_pace("watch")
    shown = snapshot(view.workbench.document, pass_serial=7)
    view.workbench.snapshot = dataclasses.replace(shown, passed=Passed(1, 0, (0,), 1, 1))
    view.workbench.snapshot_changed.emit(view.workbench.snapshot)
    view.workbench.train()
    assert view.player.active
    assert view.workbench.session.of(commands.Train) == [commands.Train(after=7)]
    view.player.stop()
    view.workbench.train()
    assert view.workbench.session.of(commands.Train)[-1] == commands.Train()


def test_fast_gives_the_pass_up(open_canvas) -> None:
    view = open_canvas("spiral")
    view.workbench.set_pace("explain")
    feed(view, pass_serial=3, phase="training")
    assert view.player.active
    view.workbench.set_pace("fast")
    assert not view.player.active
    assert view.workbench.session.of(commands.PassShown) == [commands.PassShown(3)]


class Painted(QObject):
    """Which part of a widget is painted."""

    def __init__(self, widget) -> None:
        super().__init__()
        self.region = QRegion()
        widget.installEventFilter(self)

    def eventFilter(self, watched, event) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.region = self.region.united(event.region())
        return False


@pytest.mark.parametrize(("item", "at"), [("pulses", "loss:output1"), ("readings", "forward:dense2:3")])
def test_nothing_is_left_of_a_pass_that_goes_while_something_else_is_painted(item: str, at: str, open_canvas, qtbot) -> None:
    view = open_canvas("spiral")
    port = view.viewport()
    view.workbench.set_pace("explain")
    feed(view)
    view.player.hold(at)
    qtbot.wait(50)
    stood = view.mapFromScene(getattr(view.player, item).boundingRect()).boundingRect() & port.rect()
    corner = QRect(0, port.height() - 3, 3, 3)
    assert not stood.isEmpty()
    assert not stood.intersects(corner)
    painted = Painted(port)
    view.player._show(None)
    port.repaint(corner)  # as a label or a curve does that is painted in the same turn
    qtbot.waitUntil(lambda: QRegion(stood).subtracted(painted.region).isEmpty(), timeout=2000)


def test_a_held_stage_is_not_played_over(open_canvas) -> None:
    view = open_canvas("spiral")
    view.workbench.set_pace("explain")
    feed(view, pass_serial=3, phase="training")
    feed(view, pass_serial=4, phase="paused")
    view.player.hold("forward:dense2")
    view.workbench.snapshot_changed.emit(view.workbench.snapshot)
    assert not view.player.active


def test_forward_pulses_are_products_and_backward_ones_gradients(open_canvas) -> None:
    from playground.anim import stages

    view = open_canvas("spiral")
    feed(view)
    passed = stages.stages(view.workbench.document)
    trace = view.workbench.snapshot.trace
    forward = pulses.marks(view.scene_, trace, stages.find(passed, "forward:dense2"))
    weight, x = trace.parameters["dense2/weight"].before, trace.nodes["dense1"].values["output"]
    assert forward.form == "disc"
    assert np.allclose(np.sort(forward.values), np.sort((weight * x).ravel()))
    backward = pulses.marks(view.scene_, trace, stages.find(passed, "backward:dense2"))
    slope = trace.nodes["dense2"].gradients["pre_activation"]
    assert backward.form == "diamond"
    assert np.allclose(np.sort(backward.values), np.sort((weight * slope[:, None]).ravel()))
    assert (backward.lines[:, 0] > backward.lines[:, 2]).all(), "against the wire"


@pytest.mark.parametrize("name", ["spiral", "digits"])
def test_discs_are_as_large_as_what_they_carry_of_all_that_the_pass_carries(open_canvas, name: str) -> None:
    """A wire has one disc: by the largest of its own stage it would always be the largest there is."""
    from playground.anim import stages

    view = open_canvas(name)
    feed(view)
    trace = view.workbench.snapshot.trace
    carried: dict[str, np.ndarray] = {}
    for wire in view.workbench.document.wires:
        x = np.asarray(trace.nodes[wire.source].values["output"], float)
        weight = trace.parameters.get(f"{wire.target}/weight")
        edges = weight is not None and x.size <= 16 and len(weight.before) <= 16
        carried[wire.target] = np.abs(weight.before * x) if edges else np.sqrt(np.mean(x**2))
    most = max(float(np.max(values)) for values in carried.values())
    sizes = []
    for target, values in carried.items():
        made = pulses.marks(view.scene_, trace, stages.find(stages.stages(view.workbench.document), f"forward:{target}"))
        assert np.allclose(np.sort(made.radii), np.sort(5 + 6 * np.ravel(values) / most), atol=1e-4), target
        sizes.append(made.radii.max())
    assert len(set(sizes)) > 1


def test_sizes_of_pulses() -> None:
    assert pulses.forward_radii(np.array([0.0, 2.0]), 2.0).tolist() == [5.0, 11.0]
    assert pulses.backward_radii(np.array([0.0, 1.0, 1e9])).tolist() == [3.0, 11.0, 13.0]


def test_problem_strip_names_fixes_and_goes(open_canvas) -> None:
    view = open_canvas()
    document = Document()
    for type in ("Input", "Dense", "Output"):
        document, _ = edits.add_node(document, type)
    document = edits.connect(edits.connect(document, "input1", "dense1"), "dense1", "output1")
    document = edits.set_field(document, "dense1", "units", 10)
    view.workbench.edit("", edits.set_data(document, "mnist"))
    view.workbench.train()
    strip = view.overlays.strip
    assert strip.isVisible()
    assert strip._buttons[0].text() == "Insert Flatten"
    assert view.workbench.selected == ("dense1",)
    assert view.scene_.cards["dense1"].facts.error is not None
    strip._buttons[0].click()
    assert not strip.isVisible()
    assert not [problem for problem in view.workbench.problems() if problem.severity == "error"]


def test_diverged_strip(open_canvas) -> None:
    view = open_canvas("spiral")
    words = "Step 812: the weight of dense2 is no longer a finite number."
    shown = dataclasses.replace(snapshot(view.workbench.document, phase="diverged"), divergence=Divergence(812, "dense2", "weight", words))
    view.workbench.snapshot = shown
    view.workbench.snapshot_changed.emit(shown)
    strip = view.overlays.strip
    assert strip.accessibleName() == words.replace("dense2", "hidden2")  # as its card is titled
    assert view.scene_.cards["dense2"].state.nan
    rate = view.workbench.document.training.learning_rate
    strip._buttons[1].click()
    assert view.workbench.document.training.learning_rate == rate / 2
    view.workbench.undo_stack.undo()
    assert view.workbench.document.training.learning_rate == rate
    strip._buttons[0].click()
    assert view.workbench.session.of(commands.Rewind)


@pytest.mark.parametrize(("changed", "back"), [(None, 40), (35, 30)])
def test_a_diverged_run_goes_back_where_its_note_does(open_canvas, changed: int | None, back: int) -> None:
    view = open_canvas("spiral")
    found = Divergence(47, "output1", "loss", "Step 47: the loss is too large. Lower the rate.", short="Step 47: the loss is too large.")
    shown = dataclasses.replace(snapshot(view.workbench.document, phase="diverged"), divergence=found, step=46)
    figures = Figures(46, 1, {}, divergence=found, checkpoints=(0, 30, 40, 46), changed=changed)
    shown = dataclasses.replace(shown, checkpoints=figures.checkpoints, notes=notes(view.workbench.document, figures))
    view.workbench.snapshot = shown
    view.workbench.snapshot_changed.emit(shown)
    strip = view.overlays.strip
    assert (strip.accessibleName(), strip._words.toolTip()) == (found.short, found.text)
    assert [button.text() for button in strip._buttons] == [f"Back to step {back}", "Halve the rate"]
    assert strip._buttons[1].toolTip().startswith(f"Back to step {back}, and on with the rate ")
    strip._buttons[0].click()
    assert [order.step for order in view.workbench.session.of(commands.ShowMoment)] == [back]
    assert view.workbench.session.of(commands.ResumeHere)


def test_a_strip_about_missing_data_opens_the_choice_of_data(open_canvas, qtbot) -> None:
    view = open_canvas("spiral")
    view.workbench.edit("no data", edits.set_data(view.workbench.document, ""))
    problem = next(found for found in view.workbench.problems() if found.fix is not None and found.fix.action == "set_data")
    view.workbench.show_problem(problem)
    button = view.overlays.strip._buttons[0]
    assert button.isVisible()
    assert button.text() == "Choose a data set"
    with qtbot.waitSignal(view.workbench.data_wanted, timeout=1000):
        button.click()


def test_a_broken_sample_is_no_matter_of_the_rate(open_canvas) -> None:
    view = open_canvas("spiral")
    words = "Step 2: sample 17 of the training data has a NaN."
    found = Divergence(2, "input1", "output", words, data=True)
    shown = dataclasses.replace(snapshot(view.workbench.document, phase="diverged"), divergence=found)
    view.workbench.snapshot = shown
    view.workbench.snapshot_changed.emit(shown)
    strip = view.overlays.strip
    assert strip.accessibleName() == words
    assert [button.text() for button in strip._buttons if not button.isHidden()] == ["Rewind"]
    feed(view, serial=2, phase="ready")
    assert not strip.isVisible()


def test_only_what_is_seen_is_asked_for(open_canvas, qtbot) -> None:
    view = open_canvas("spiral")
    qtbot.waitUntil(lambda: bool(view.workbench.session.of(commands.Watch)), timeout=1000)
    assert view.workbench.session.of(commands.Watch)[-1].nodes == frozenset(view.workbench.document.nodes)
    view.camera.look(view.scene_.cards["output1"].scene_card().center() + QPointF(200, 0), 4.0)
    qtbot.waitUntil(lambda: "dense1" not in view.workbench.session.of(commands.Watch)[-1].nodes, timeout=1000)


def test_map_and_fit(open_canvas) -> None:
    view = open_canvas("spiral")
    assert not view.overlays.map.isVisible()
    view.camera.look(QPointF(0, 0), 3.0)
    assert view.overlays.map.isVisible()
    view.fit_all()
    assert view.camera.visible().contains(view.scene_.content())


def test_places_name_nodes_and_ports(open_canvas) -> None:
    view = open_canvas("spiral")
    assert {"node/dense1", "port/dense1/in0", "port/dense1/out0", "port/input1/out0"} <= set(view.places())
    assert "port/output1/out0" not in view.places()
    assert view.scene_.cards["dense1"].accessible() == "hidden1, Dense, 8 units, 24 parameters"


def test_values_of_the_old_shape_are_not_drawn_after_an_edit(open_canvas) -> None:
    view = open_canvas("spiral")
    feed(view)
    view.workbench.edit("", edits.set_field(view.workbench.document, "dense1", "units", 11))
    assert not view.grab().isNull()
    assert not any(card.defect for card in view.scene_.cards.values())
    wire = next(wire for wire in view.workbench.document.wires if wire.target == "dense2")
    assert not len(view.scene_.edges[wire].edges)
    feed(view, serial=2)
    assert len(view.scene_.edges[wire].edges) == 88


def test_a_painter_that_fails_does_not_end_the_program(open_canvas, monkeypatch, caplog) -> None:
    view = open_canvas("spiral")
    card = view.scene_.cards["dense2"]

    class Broken:
        def paint(self, *_: object) -> None:
            raise IndexError("out of bounds")

        def __getattr__(self, name: str) -> object:
            return getattr(original, name)

    original = card.painter
    monkeypatch.setattr(card, "painter", Broken())
    card.refresh(urgent=True)
    assert not view.grab().isNull()
    assert card.defect
    assert "dense2 cannot be drawn" in caplog.text
    assert "defect" in card.tip(card.body.center())


def test_the_loss_stands_above_its_card_unless_the_phases_lie_there() -> None:
    card, chip = QRectF(100, 50, 80, 100), QSizeF(60, 20)
    assert beside_strip(card, chip, QRectF(0, 24, 400, 300)) == QPointF(140, 34)
    assert beside_strip(card, chip, QRectF(0, 25, 400, 300)) == QPointF(180 + LOSS_GAP + 30, 60)
    at_the_end = beside_strip(card, chip, QRectF(0, 25, 200, 300))
    assert at_the_end == QPointF(100 - LOSS_GAP - 30, 60), "the canvas ends at its right"


def test_the_strip_of_the_phases_is_kept_clear_of_the_loss(open_canvas) -> None:
    view = open_canvas("spiral")
    clear, below = view.player.pulses._clear(), view.overlays.phases.geometry().bottom() + 1
    assert abs(view.mapFromScene(clear.topLeft()).y() - below) <= 1
    assert abs(view.mapFromScene(clear.bottomRight()).y() - view.viewport().height()) <= 2


def test_the_change_of_a_kernels_weight_stands_clear_of_its_cards_footer(open_canvas) -> None:
    view = open_canvas("lenet5")
    view.camera.reduced = True
    feed(view)
    conv = [card for card in view.scene_.cards.values() if card.node.type == "Conv2D"][1]
    card = conv.scene_card()
    for zoom in (0.5, 0.86, 1.2):
        view.camera.look(card.center(), zoom)
        place = view.player.pulses._beside(conv.id, (3, 5, 0, 4))
        assert place.y() - 17 * legible(zoom) > card.bottom() + 1, "its upper half, as large as it is drawn"
