"""Edits while a run stands or trains: what they keep, what they mark, and what saving and loading bring back."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from playground.document import edits
from playground.engine import commands
from playground.engine.snapshot import Snapshot
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
        assert "dense2 units" in changed.events[-1].text
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
