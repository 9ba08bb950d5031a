"""Edits while a run stands or trains: what they keep, what they mark, and what saving and loading bring back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from playground import document as documents
from playground.document import Project, edits, example
from playground.document.model import Training
from playground.engine import Trainer
from playground.engine.live import commands
from playground.engine.live.snapshot import Snapshot
from playground.engine.live.views import Views
from playground.engine.state import State
from playground.engine.weight_edits import Patch
from tests.engine.build import same
from tests.engine.sessions import Driver, cut, driving, spiral


def trained(driver: Driver, steps: int = 200) -> Snapshot:
    """Train for a while, then stand."""
    driver.send(commands.Train())
    driver.until(lambda snapshot: snapshot.step >= steps)
    driver.send(commands.Pause())
    return driver.until(lambda snapshot: snapshot.phase == "paused")


def epochs(driver: Driver, count: int) -> None:
    for _ in range(count):
        driver.send(commands.Step("epoch"))
        driver.settle()


def _loss_curve(history: Mapping[str, object]) -> object:
    """Of all curves the loss alone depends on nothing but the steps; norms and evaluations are taken now and then."""
    curves = history["curves"]
    assert isinstance(curves, dict)
    return curves["loss/train"]


def test_a_live_setting_takes_effect_without_a_reset_and_leaves_words() -> None:
    document = spiral(learning_rate=0.02)
    with driving(document) as driver:
        before = trained(driver)
        driver.send(commands.SetDocument(edits.set_training(document, learning_rate=0.005)))
        after = driver.until(lambda snapshot: snapshot.events)
        assert after.events[-1].text == "rate 0.02 → 0.005"
        assert after.events[-1].kind == "setting"
        assert after.step == before.step
        assert after.run == before.run
        assert after.learning_rate == 0.005


def test_titles_and_places_cost_nothing() -> None:
    document = spiral()
    with driving(document) as driver:
        before = trained(driver)
        driver.send(commands.SetDocument(edits.move(document, {"dense1": (500.0, 90.0)})))
        after = driver.settle()
        assert (after.step, after.events, after.phase) == (before.step, before.events, "paused")


def test_a_change_of_structure_keeps_the_weights_that_fit_and_undo_brings_the_others_back() -> None:
    document = spiral()
    with driving(document) as driver:
        step = trained(driver).step
        weights = driver.capture().weights
        other = edits.set_field(document, "dense2", "units", 3)
        driver.send(commands.SetDocument(other))
        changed = driver.until(lambda snapshot: snapshot.events)
        assert "hidden2 units" in changed.events[-1].text
        assert changed.step == step
        kept = driver.capture().weights
        assert np.array_equal(kept["dense1/weight"], weights["dense1/weight"])
        assert kept["dense2/weight"].shape != weights["dense2/weight"].shape
        driver.send(commands.SetDocument(document))
        driver.settle()
        assert same(dict(driver.capture().weights), dict(weights))


def test_undoing_a_deletion_brings_the_trained_weights_back() -> None:
    document = spiral()
    with driving(document) as driver:
        trained(driver)
        weights = driver.capture().weights
        removed = edits.remove(document, "dense1")
        driver.send(commands.SetDocument(removed))
        driver.phase("unready")
        joined = edits.connect(removed, "input1", "dense2")
        driver.send(commands.SetDocument(joined))
        driver.phase("paused")
        driver.send(commands.SetDocument(removed), commands.SetDocument(document))
        driver.settle()
        assert np.array_equal(driver.capture().weights["dense1/weight"], weights["dense1/weight"])


def test_weights_set_by_hand_stay_over_an_edit_and_go_with_a_rewind() -> None:
    document = spiral()
    with driving(document) as driver:
        initial = driver.capture().weights
        mine = np.full_like(initial["dense1/bias"], 0.25)
        driver.send(commands.SetDocument(document, weights={"dense1/bias": mine}))
        driver.until(lambda snapshot: snapshot.events and snapshot.events[-1].kind == "weights")
        driver.send(commands.SetDocument(edits.set_field(document, "dense2", "units", 3)))
        driver.settle()
        assert np.array_equal(driver.capture().weights["dense1/bias"], mine)
        driver.send(commands.SetDocument(document), commands.Rewind())
        driver.settle()
        assert same(dict(driver.capture().weights), dict(initial))


def test_what_the_first_step_began_with_is_what_a_rewind_comes_back_to() -> None:
    """A start set by hand; no other one after it: those of later steps go. Also where branches were left and come back to."""
    document = spiral()
    with driving(document) as driver:
        mine = np.full_like(driver.capture().weights["dense1/bias"], 0.25)
        driver.send(commands.SetDocument(document, weights={"dense1/bias": mine}))
        epochs(driver, 1)
        start = driver.capture().initial
        assert np.array_equal(start["dense1/bias"], mine)
        driver.send(commands.EditWeights({"dense1/bias": {(0,): 9.0}}))
        epochs(driver, 1)
        first = driver.snapshot.run
        driver.send(commands.NewStart())
        epochs(driver, 1)
        assert not same(dict(driver.capture().initial), dict(start))
        driver.send(commands.SwitchBranch(first), commands.Rewind())
        driver.settle()
        assert same(dict(driver.capture().weights), dict(start))
        head = edits.set_field(document, "dense2", "units", 3)
        driver.send(commands.SetDocument(head))  # the start by hand stays where the network is as it was
        driver.settle()
        assert np.array_equal(driver.capture().weights["dense1/bias"], mine)
        driver.send(commands.Rewind())
        driver.settle()
        assert np.array_equal(driver.capture().weights["dense1/bias"], mine)


def test_loaded_weights_are_the_start_of_the_run_however_late_they_come() -> None:
    document = spiral()
    with driving(document) as driver:
        drawn = driver.capture().weights
        epochs(driver, 2)
        before = driver.capture()
        loaded = np.full_like(drawn["dense1/weight"], 0.5)
        patch = Patch(loaded.shape, np.arange(loaded.size), loaded.ravel().astype(np.float64))
        driver.send(commands.EditWeights({"dense1/weight": patch}, {"dense1/weight": loaded}))
        frozen = edits.freeze(document, ["dense1"], True)
        driver.send(commands.SetDocument(frozen), commands.Rewind())
        driver.settle()
        assert same(dict(driver.capture().weights), {**drawn, "dense1/weight": loaded})
        old = before.weights["dense1/weight"]
        patch = Patch(old.shape, np.arange(old.size), old.ravel().astype(np.float64))
        driver.send(commands.EditWeights({"dense1/weight": patch}, {"dense1/weight": before.initial["dense1/weight"]}), commands.Rewind())
        driver.settle()
        assert same(dict(driver.capture().weights), dict(drawn))


def test_a_new_initializer_at_step_0_draws_new_weights() -> None:
    document = spiral()
    with driving(document) as driver:
        driver.send(commands.SetDocument(edits.set_field(document, "dense1", "initializer", "zeros")))
        driver.settle()
        assert not driver.capture().weights["dense1/weight"].any()


def test_other_data_start_another_run_beside_the_first() -> None:
    document = spiral()
    with driving(document) as driver:
        first = trained(driver)
        weights = driver.capture().weights
        driver.send(commands.SetDocument(edits.set_data(document, "circle")))
        other = driver.until(lambda snapshot: snapshot.runs)
        assert (other.step, other.run, other.runs[0].run) == (0, first.run + 1, first.run)
        assert np.array_equal(driver.capture().weights["dense1/weight"], weights["dense1/weight"])


def test_a_rewind_repeats_the_run_and_keeps_its_curves() -> None:
    with driving(spiral()) as driver:
        epochs(driver, 3)
        weights, curve = driver.capture().weights, driver.snapshot.curves["loss/train"]
        driver.send(commands.Rewind())
        start = driver.until(lambda snapshot: snapshot.runs)
        assert start.phase == "ready"
        assert "loss/train" not in start.curves
        assert np.array_equal(start.runs[0].curves["loss/train"].values, curve.values)
        epochs(driver, 3)
        assert same(dict(driver.capture().weights), dict(weights))
        assert np.array_equal(driver.snapshot.curves["loss/train"].values, curve.values)
        driver.send(commands.NameRun(start.runs[0].run, "first"))
        assert driver.until(lambda snapshot: snapshot.runs[0].name == "first")
        driver.send(commands.RemoveRun(start.runs[0].run))
        driver.until(lambda snapshot: not snapshot.runs)


def test_a_rewind_to_another_seed_starts_elsewhere() -> None:
    with driving(spiral()) as driver:
        initial = driver.capture().weights
        driver.send(commands.Rewind(seed=7))
        driver.settle()
        assert not same(dict(driver.capture().weights), dict(initial))


def test_loading_a_state_goes_on_as_if_never_stopped() -> None:
    document = edits.set_training(spiral(), optimizer="adam")
    with driving(document) as straight:
        straight.send(commands.Rewind(seed=5))
        epochs(straight, 2)
        straight.send(commands.Step("batch"), commands.Step("batch"))
        straight.settle()
        saved = straight.capture()
        epochs(straight, 2)
        end = straight.capture()
    with driving() as driver:
        driver.send(commands.SetDocument(document, new_run=True), commands.LoadState(saved))
        loaded = driver.until(lambda snapshot: snapshot.step == saved.counters["step"])
        assert loaded.phase == "paused"
        assert len(loaded.curves["loss/train"].steps) == saved.counters["step"]
        epochs(driver, 2)
        again = driver.capture()
    assert same(dict(again.weights), dict(end.weights))
    assert same(dict(again.optimizer), dict(end.optimizer))
    assert again.counters == end.counters
    assert _loss_curve(again.history) == _loss_curve(end.history)
    assert same(dict(again.initial), dict(end.initial))


def test_a_state_loaded_with_an_unready_document_is_not_lost() -> None:
    document = spiral()
    with driving(document) as driver:
        trained(driver)
        saved = driver.capture()
    with driving() as driver:
        driver.send(commands.SetDocument(cut(document), new_run=True), commands.LoadState(saved))
        driver.phase("unready")
        assert driver.capture() is saved
        driver.send(commands.SetDocument(document))
        driver.until(lambda snapshot: snapshot.step == saved.counters["step"])
        assert same(dict(driver.capture().weights), dict(saved.weights))


def test_a_reopened_project_reads_as_it_did_when_it_was_saved(tmp_path: Path) -> None:
    document = spiral()
    path = tmp_path / "spiral.playground"
    with driving(document) as driver:
        before = trained(driver)
        state = driver.capture()
    project = Project(document, state.weights, state.optimizer, state.counters, state.history, state.initial, state.checkpoints)
    documents.save_project(project, path)
    read = documents.load_project(path)
    with driving() as driver:
        loaded = State(read.weights, read.optimizer_state, read.initial, read.counters, read.history, read.checkpoints)
        driver.send(commands.Watch(frozenset(), 0, 0, evaluation=False))
        driver.send(commands.SetDocument(document, new_run=True), commands.LoadState(loaded))
        after = driver.until(lambda snapshot: snapshot.step == before.step)
        assert before.loss is not None
        assert before.train_accuracy is not None
        assert (after.loss, after.train_accuracy) == (before.loss, before.train_accuracy)
        assert after.validation_accuracy is not None
        assert after.phase == "paused"
        assert driver.capture().history["recent"] == state.history["recent"]
        driver.send(commands.Rewind())
        assert driver.until(lambda snapshot: snapshot.step == 0).loss is None


def test_a_project_trained_without_a_window_has_its_figures_too() -> None:
    document = spiral()
    trainer = Trainer(document)
    trainer.run(steps=40)
    with driving() as driver:
        driver.send(commands.SetDocument(document, new_run=True), commands.LoadState(trainer.state()))
        shown = driver.until(lambda snapshot: snapshot.step == 40)
        assert shown.loss == trainer.recent.loss(100)
        assert shown.train_accuracy == trainer.recent.hits(100)


@pytest.mark.parametrize(
    "damage",
    [
        {"recent": 3, "validation": "none"},
        {"recent": {"losses": ["x"]}},
        {"validation": {"loss": "x"}},
        {"curves": {"loss/train": 3}},
    ],
)
def test_a_damaged_history_is_left_out_and_the_weights_come_back(damage: dict[str, object]) -> None:
    document = spiral()
    with driving(document) as driver:
        trained(driver)
        state = driver.capture()
        driver.send(commands.SetDocument(document, new_run=True), commands.LoadState(replace(state, history={**state.history, **damage})))
        shown = driver.settle()
        assert (shown.phase, shown.step) == ("paused", state.counters["step"])
        assert "damaged" in shown.events[-1].text
        assert same(dict(driver.capture().weights), dict(state.weights))


def test_an_edit_that_breaks_the_network_takes_its_trace_away_and_undo_brings_it_back() -> None:
    document = spiral()
    with driving(document) as driver:
        trained(driver)
        shown = driver.settle()
        assert shown.trace is not None
        assert shown.plane is not None
        for broken in (edits.remove(document, "dense2"), cut(document)):
            driver.send(commands.SetDocument(broken))
            driver.phase("unready")
            shown = driver.settle()
            assert (shown.trace, shown.plane) == (None, None)
            driver.send(commands.SetDocument(document))
            whole = driver.until(lambda snapshot: snapshot.trace is not None)
            assert whole.trace is not None
            assert set(whole.trace.nodes) == set(document.nodes)
        driver.send(commands.SetDocument(msgspec.structs.replace(document, training=Training(batch_size=0))))
        assert driver.phase("unready").trace is not None  # the network is the same: its pass still stands


def test_a_removed_branch_takes_its_trace_away_at_once() -> None:
    document, extra = edits.add_node(spiral(), "Activation")
    document = edits.connect(document, "dense1", extra)
    views = Views()
    with driving(document) as driver:
        views.trace = driver.settle().trace
    views.document_changed(document)
    assert views.trace is not None
    views.document_changed(edits.remove(document, extra))
    assert views.trace is None


def test_regression_offers_no_accuracy() -> None:
    with driving(edits.set_training(example("salary"), epochs=None)) as driver:
        driver.send(commands.Step("epoch"))
        shown = driver.until(lambda snapshot: snapshot.epoch == 1 and snapshot.phase == "paused")
        assert not shown.has_accuracy
        assert (shown.train_accuracy, shown.validation_accuracy) == (None, None)
        assert not [name for name in shown.curves if name.startswith("accuracy/")]
        driver.send(commands.SetDocument(spiral(), new_run=True))
        assert driver.phase("ready").has_accuracy


def test_going_back_from_other_data_goes_back_to_the_run_that_was_left() -> None:
    document = spiral()
    less = edits.connect(
        edits.remove(document, "dense2"), "dense1", next(wire.target for wire in document.wires if wire.source == "dense2")
    )
    with driving(document) as driver:
        left = trained(driver)
        weights = dict(driver.capture().weights)
        other = edits.set_data(less, "circle")
        driver.send(commands.SetDocument(less), commands.Evaluate("validation"), commands.SetDocument(other, edit=1))
        assert driver.until(lambda snapshot: snapshot.run != left.run).step == 0
        there = trained(driver)
        driver.send(commands.SetDocument(less, edit=1, undone=True))
        back = driver.until(lambda snapshot: snapshot.run == left.run and snapshot.phase == "paused")
        assert back.step == left.step
        assert len(back.curves["loss/train"].steps)
        assert [run.run for run in back.runs] == [there.run]
        driver.send(commands.SetDocument(document))  # what was removed before comes back with its weights
        driver.settle()
        assert same(dict(driver.capture().weights), weights)
        driver.send(commands.SetDocument(other, edit=1))
        assert driver.until(lambda snapshot: snapshot.run == there.run).step == there.step


def test_going_back_to_data_that_were_never_trained_on_is_at_their_start() -> None:
    document = spiral()
    with driving(document) as driver:
        first = driver.snapshot
        weights = dict(driver.capture().weights)
        driver.send(commands.SetDocument(edits.set_data(document, "circle"), edit=1))
        driver.settle()
        there = trained(driver)
        assert there.run == first.run, "a run that never began leaves its number"
        driver.send(commands.SetDocument(document, edit=1, undone=True))
        back = driver.until(lambda snapshot: snapshot.phase == "ready")
        assert back.step == 0
        assert [run.run for run in back.runs] == [there.run]
        assert same(dict(driver.capture().weights), weights)


def test_a_run_that_diverged_is_gone_back_to_with_its_divergence() -> None:
    document = edits.set_training(example("salary"), learning_rate=100.0, epochs=None)
    with driving(document) as driver:
        driver.send(commands.Train())
        left = driver.until(lambda snapshot: snapshot.divergence is not None)
        driver.send(commands.SetDocument(edits.set_data(document, "sine"), edit=1))
        assert driver.until(lambda snapshot: snapshot.run != left.run).divergence is None
        driver.send(commands.SetDocument(document, edit=1, undone=True))
        back = driver.until(lambda snapshot: snapshot.run == left.run)
        assert (back.step, back.divergence) == (left.step, left.divergence)


def test_quick_hands_go_back_to_where_the_run_stood_not_to_what_the_last_picture_showed() -> None:
    document, other = spiral(), edits.set_data(spiral(), "circle")
    with driving(document) as driver:
        drawn = dict(driver.capture().weights)
        first = trained(driver)
        weights = dict(driver.capture().weights)
        edit, undo = commands.SetDocument(other, edit=1), commands.SetDocument(document, edit=1, undone=True)
        driver.send(edit, undo, edit)
        there = driver.until(lambda snapshot: snapshot.step == 0)
        assert same(dict(driver.capture().weights), weights), "as an edit does, redo takes the weights along"
        assert first.run in [run.run for run in there.runs]
        driver.send(commands.SetDocument(document, edit=1, undone=True))
        assert driver.until(lambda snapshot: snapshot.run == first.run).step == first.step
        driver.send(commands.Rewind(), commands.SetDocument(other, edit=2))
        driver.settle()
        driver.send(commands.SetDocument(document, edit=2, undone=True))
        driver.settle()
        assert driver.snapshot.step == 0
        assert same(dict(driver.capture().weights), drawn)


def test_a_rewind_comes_back_to_the_same_weights_however_often_the_run_was_left() -> None:
    with driving(spiral()) as driver:
        trained(driver)
        driver.send(commands.SetDocument(edits.set_data(spiral(), "circle"), edit=1))
        driver.settle()
        there = trained(driver)
        driver.send(commands.Rewind())
        driver.settle()
        first = dict(driver.capture().weights)
        driver.send(commands.SwitchBranch(there.run))
        assert driver.until(lambda snapshot: snapshot.run == there.run).step == there.step
        driver.send(commands.Rewind())
        driver.settle()
        assert same(dict(driver.capture().weights), first)


def test_weights_set_by_hand_come_back_with_the_data_that_they_were_set_for() -> None:
    document = spiral()
    with driving(document) as driver:
        driver.send(commands.EditWeights({("dense1/weight", (0, 0)): 0.7}))
        driver.settle()
        by_hand = dict(driver.capture().weights)
        driver.send(commands.SetDocument(edits.set_data(document, "circle"), edit=1))
        driver.settle()
        trained(driver)
        driver.send(commands.SetDocument(document, edit=1, undone=True))
        driver.settle()
        assert driver.snapshot.step == 0
        assert same(dict(driver.capture().weights), by_hand)
