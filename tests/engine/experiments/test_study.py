"""Studies: points made of fields and seeds, trained in the background one after another, scored, canceled, opened as branches."""

from __future__ import annotations

import numpy as np
import pytest

from playground.document import Document, edits
from playground.engine import Trainer
from playground.engine.experiments import sweep
from playground.engine.experiments.study import Study
from playground.engine.experiments.sweep import Axis, Point
from playground.engine.live import commands
from playground.engine.live.snapshot import Snapshot
from playground.errors import PlaygroundError
from tests.engine.build import same
from tests.engine.live.test_session_documents import trained
from tests.engine.sessions import Driver, driving, spiral

RATE = "training.learning_rate"


def made(point: Point) -> Trainer:
    return Trainer(point.document, seed=point.seed)


def finished(study: Study) -> Study:
    for _ in range(100_000):
        if not study.running:
            return study
        study.advance(0.02)
    raise AssertionError("the study does not end")


def studied(driver: Driver) -> Snapshot:
    """When the study is over."""
    return driver.until(lambda shown: shown.study is not None and not shown.study.running)


# -- what to try
def test_a_grid_takes_every_combination_and_keeps_the_seed() -> None:
    points = sweep.grid(spiral(), [Axis(RATE, low=0.001, high=0.1, count=3, log=True), Axis("nodes.dense1.units", values=(2, 4))], seed=5)
    assert [point.values for point in points] == [(0.001, 2), (0.001, 4), (0.01, 2), (0.01, 4), (0.1, 2), (0.1, 4)]
    assert {point.seed for point in points} == {5}
    assert points[3].document.training.learning_rate == 0.01
    assert points[3].document.nodes["dense1"].fields["units"] == 4


def test_whole_numbers_stay_whole_and_come_once() -> None:
    points = sweep.grid(spiral(), [Axis("nodes.dense1.units", low=1, high=3, count=9)], seed=0)
    assert [point.values for point in points] == [(1,), (2,), (3,)]
    options = sweep.grid(spiral(), [Axis("data.options.noise", low=0.0, high=0.5, count=2)], seed=0)
    assert [point.document.data.options["noise"] for point in options] == [0.0, 0.5]


def test_random_values_are_seeded_and_spread_over_the_logarithm() -> None:
    axes = [Axis(RATE, low=1e-4, high=1.0, log=True), Axis("training.l2", low=0.0, high=0.1)]
    points = sweep.random(spiral(), axes, 200, draw=3, seed=0)
    assert points == sweep.random(spiral(), axes, 200, draw=3, seed=0)
    assert points != sweep.random(spiral(), axes, 200, draw=4, seed=0)
    rates = np.array([point.values[0] for point in points])
    assert 0.35 < (rates < 0.01).mean() < 0.65
    assert 1e-4 <= rates.min() <= rates.max() <= 1.0


@pytest.mark.parametrize(
    "axes",
    [
        [],
        [Axis(RATE), Axis(RATE)],
        [Axis("training.nothing")],
        [Axis(RATE, low=0.0, high=1.0, log=True)],
        [Axis(RATE, low=2.0, high=1.0)],
        [Axis(RATE, values=("fast",))],
        [Axis(RATE, count=500)],
    ],
)
def test_what_makes_no_points_is_refused(axes: list[Axis]) -> None:
    with pytest.raises(PlaygroundError):
        sweep.grid(spiral(), axes, seed=0)


# -- training them
def test_each_point_is_trained_as_if_by_itself() -> None:
    document = spiral()
    study = finished(Study(sweep.restarts(document, 3, 2), 4, "restarts", (), made))
    for index, seed in enumerate((3, 4)):
        alone = Trainer(document, seed=seed)
        alone.run(epochs=4)
        branch = study.opened(index)
        assert branch.checkpoints.latest is not None
        assert same(dict(branch.checkpoints.latest.state.weights), alone.network.parameters)
        shown = study.shown().points[index]
        assert (shown.state, shown.seed, shown.values) == ("done", seed, (seed,))
        assert shown.curves["loss/train"].steps[-1] == alone.step_count
        assert shown.validation_loss == alone.evaluate("validation").loss


def test_what_cannot_train_or_diverges_says_so_and_the_rest_goes_on() -> None:
    document = spiral(optimizer="sgd")
    cut = edits.disconnect(document, document.wires[-1].source, document.wires[-1].target)
    wild = edits.set_training(document, learning_rate=100.0)
    wild = edits.set_field(wild, "dense1", "activation", "identity")
    for node in ("dense2", "dense3"):
        wild = edits.set_field(wild, node, "activation", "identity")
    shown = finished(Study([Point(cut, 0), Point(wild, 0), Point(document, 0)], 3, "grid", (RATE,), made)).shown()
    assert [point.state for point in shown.points] == ["failed", "diverged", "done"]
    assert shown.points[0].message
    assert "finite" in shown.points[1].message
    assert shown.done == 3


def test_states_are_bounded_and_what_was_dropped_opens_from_its_start(monkeypatch: pytest.MonkeyPatch) -> None:
    points = sweep.grid(spiral(), [Axis(RATE, values=(0.0, 0.01, 0.03))], seed=7)
    one = finished(Study(points[:1], 1, "grid", (RATE,), made)).opened(0).checkpoints.nbytes
    monkeypatch.setattr("playground.engine.experiments.study.STATE_BYTES", 2 * one)
    study = finished(Study(points, 3, "grid", (RATE,), made))
    shown = study.shown().points
    assert [point.kept for point in shown].count(True) == 2
    dropped = [point.kept for point in shown].index(False)
    losses = [point.validation_loss for point in shown]
    assert losses[dropped] == max(losses)  # type: ignore[type-var]
    branch = study.opened(dropped)
    assert branch.checkpoints.steps == (0,)
    assert branch.checkpoints.latest is not None
    assert branch.checkpoints.latest.state.counters["seed"] == 7


def test_a_canceled_study_keeps_what_is_done() -> None:
    study = Study(sweep.restarts(spiral(), 0, 3), 2, "restarts", (), made)
    while study.shown().done < 1:
        study.advance(0.01)
    study.advance(0.01)
    study.cancel()
    shown = study.shown()
    assert (shown.running, shown.done, [point.state for point in shown.points]) == (False, 1, ["done", "waiting", "waiting"])
    with pytest.raises(PlaygroundError):
        study.opened(3)


# -- in the session
def test_restarts_run_beside_training_and_one_is_kept() -> None:
    document = spiral()
    with driving(document) as driver:
        driver.send(commands.Train(), commands.Restarts(3, 5))
        shown = studied(driver)
        assert shown.phase == "training"
        assert shown.study is not None
        assert [point.state for point in shown.study.points] == ["done"] * 3
        assert len({point.seed for point in shown.study.points} | {document.training.seed}) == 4
        driver.send(commands.OpenPoint(1, "lucky"))
        opened = driver.until(lambda at: at.run_name == "lucky")
        assert opened.epoch == 5
        assert opened.phase == "paused"
        assert len(opened.runs) == 1
        assert opened.parent is None
        assert opened.curves["loss/train"].steps[-1] == opened.step
        alone = Trainer(document, seed=shown.study.points[1].seed)
        alone.run(epochs=5)
        assert same(dict(driver.capture().weights), alone.network.parameters)
        trained(driver, opened.step + 10)


def test_a_point_of_a_sweep_opens_with_its_own_network() -> None:
    document = spiral()
    with driving(document) as driver:
        trained(driver)
        points = sweep.grid(document, [Axis("nodes.dense1.units", values=(3, 5))], seed=1)
        driver.send(commands.Study(points, 2, "grid", ("nodes.dense1.units",)))
        shown = studied(driver)
        assert shown.study is not None
        assert shown.study.axes == ("nodes.dense1.units",)
        driver.send(commands.OpenPoint(1))
        opened = driver.until(lambda at: at.run != shown.run)
        assert driver.capture().weights["dense1/weight"].shape == (5, 2)
        driver.send(commands.SetDocument(points[1].document))
        assert driver.settle().run == opened.run
        driver.send(commands.SwitchBranch(shown.run))
        driver.until(lambda at: at.run == shown.run)
        assert driver.capture().weights["dense1/weight"].shape == (8, 2)


def test_a_study_is_canceled_and_forgotten() -> None:
    with driving(spiral()) as driver:
        driver.send(commands.Restarts(50, 2000))
        driver.until(lambda at: at.study and at.study.points[0].curves)
        driver.send(commands.CancelStudy())
        shown = driver.until(lambda at: not at.study.running)
        assert shown.study is not None
        assert shown.study.done < 50
        driver.send(commands.CancelStudy(forget=True))
        driver.until(lambda at: at.study is None)
        driver.send(commands.Restarts(500, 1))
        assert "400" in driver.phase("failed").message


def test_new_starts_differ_from_all_before() -> None:
    document: Document = spiral()
    with driving(document) as driver:
        trained(driver, 20)
        seen = [driver.capture()]
        for _ in range(3):
            driver.send(commands.NewStart())
            driver.until(lambda at: at.step == 0)
            seen.append(driver.capture())
            trained(driver, 20)
        assert len({state.counters["seed"] for state in seen}) == 4
        assert not same(dict(seen[1].weights), dict(seen[2].weights))
        assert len(driver.snapshot.runs) == 3
