"""The lab's experiments against naive recomputation: surface, descents, rate finder, penalties, values, masks; and the run untouched."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np
import pytest

from playground import data
from playground.document import Document, edits, example
from playground.engine import Trainer
from playground.engine.experiments import lab
from playground.engine.experiments.base import Experiment, learning_alone, with_training
from playground.engine.experiments.descents import MOMENTUM, kinds
from playground.engine.experiments.lab import Coordinate, MasksAsked, PenaltiesAsked, RatesAsked, SurfaceAsked, ValuesAsked
from playground.engine.experiments.node_values import MasksExperiment, ValuesExperiment
from playground.engine.experiments.penalties import NEAR, PenaltyExperiment
from playground.engine.experiments.rates import RateFinder, rounded, steepest
from playground.engine.experiments.surface import SurfaceExperiment
from playground.engine.live import commands
from playground.engine.run import Run
from playground.errors import EngineError
from playground.layers.functions import FUNCTIONS
from tests.engine.build import same
from tests.engine.sessions import driving, spiral
from tests.reference import network as reference

FIRST, SECOND = Coordinate("dense1/weight", (0, 1)), Coordinate("dense2/bias", (2,))


def nothing(done: int, total: int) -> None:
    """Nobody looks at the progress of compiling."""


def trained(document: Document, steps: int) -> Run:
    run = Run(document)
    while run.trainer.step_count < steps:
        run.advance(0.01, steps - run.trainer.step_count)
    return run


def ended(experiment: Experiment) -> Experiment:
    for _ in range(100_000):
        if not experiment.running:
            return experiment
        experiment.advance(0.05)
    raise AssertionError("the experiment does not end")


def inputs(document: Document) -> tuple[np.ndarray, np.ndarray]:
    dataset = data.load(document.data.name, **document.data.options)
    return dataset.train.x.astype(float) * dataset.scale + dataset.offset, dataset.train.y


def naive_loss(document: Document, weights: Mapping[str, np.ndarray]) -> float:
    """The mean training loss in float64, written from the formulas."""
    x, y = inputs(document)
    fields = document.nodes["output1"].fields
    prediction = reference.outputs(document, weights, x)["output1"]
    target = np.where(y == 1, fields.get("target_high", 1.0), fields.get("target_low", 0.0))[:, None]
    return reference.loss(fields["loss"], prediction, target)


# -- surface
@pytest.mark.parametrize("origin", ["now", "start"])
def test_the_surface_is_the_loss_with_two_numbers_changed(origin: lab.Origin) -> None:
    run = trained(spiral(), 300)
    asked = SurfaceAsked(FIRST, SECOND, origin, rate=0.1, epochs=2, extent=(-1.5, 0.5, 0.0, 1.0), size=9)
    found = ended(SurfaceExperiment(run, asked, nothing)).found()
    assert isinstance(found, lab.Surface)
    assert (found.stride, found.state.done, found.state.message) == (1, 81, "")
    weights = run.trainer.network.parameters if origin == "now" else dict(run.trainer.state().initial)
    assert found.paths[0].loss == run.trainer.evaluate("train").loss
    assert found.at == (weights[FIRST.key][FIRST.index], weights[SECOND.key][SECOND.index])
    by_trainer = Trainer(run.document, weights=weights)
    for row, column in ((0, 0), (4, 7), (8, 8)):
        weights[FIRST.key][FIRST.index] = -1.5 + column * 2.0 / 8
        weights[SECOND.key][SECOND.index] = row / 8
        assert found.values[row, column] == pytest.approx(naive_loss(run.document, weights), rel=1e-5)
        by_trainer.network.set_parameters(weights)
        assert found.values[row, column] == pytest.approx(by_trainer.evaluate("train").loss, rel=1e-12)


def test_the_descents_are_those_of_a_trainer_and_see_the_same_samples() -> None:
    document = edits.set_training(example("circle"), l2=0.001, epochs=None, early_stopping=False)
    run = trained(document, 50)
    axes = (Coordinate("dense1/weight", (1, 0)), Coordinate("dense1/bias", (0,)))
    found = ended(SurfaceExperiment(run, SurfaceAsked(*axes, "now", rate=0.2, epochs=3, size=9), nothing)).found()
    assert isinstance(found, lab.Surface)
    assert [path.name for path in found.paths] == ["run", "full", "mini", "stochastic", "momentum"]
    samples, here = len(run.trainer.dataset.train), run.trainer.network.parameters
    settings = {"l2": 0.001, "learning_rate": 0.2, "schedule": "constant", "epochs": None, "early_stopping": False}
    for path in found.paths[1:]:
        batch, optimizer = kinds(samples)[path.name]
        alone = Trainer(with_training(document, batch_size=batch, **settings, **optimizer), seed=run.trainer.seed, weights=here)
        assert tuple(path.points[0]) == found.at
        alone.run(epochs=3)
        after = alone.network.parameters
        assert path.points[-1].tolist() == [float(after[axis.key][axis.index]) for axis in axes]
        assert path.steps[-1] * path.batch >= 3 * samples > (path.steps[-1] - 3) * path.batch
        assert path.loss == alone.evaluate("train").loss
    assert found.paths[4].batch == samples
    assert kinds(samples)["momentum"][1]["momentum"] == MOMENTUM


def test_the_path_of_full_batches_of_a_line_is_plain_gradient_descent() -> None:
    document = edits.set_training(example("salary"), learning_rate=0.05, optimizer="sgd", epochs=None)
    run = trained(document, 1)
    axes = (Coordinate("dense1/weight", (0, 0)), Coordinate("dense1/bias", (0,)))
    found = ended(SurfaceExperiment(run, SurfaceAsked(*axes, "start", epochs=5, size=9), nothing)).found()
    assert isinstance(found, lab.Surface)
    x, y = inputs(document)
    weights = {key: one.astype(float) for key, one in run.trainer.state().initial.items()}
    w, b = weights["dense1/weight"].copy(), weights["dense1/bias"].copy()
    factor = 2.0 if document.nodes["output1"].fields["loss"] == "mean_squared_error" else 1.0
    points = [[w[0, 0], b[0]]]
    for _ in range(5):
        error = factor * (x @ w.T + b - y.reshape(len(y), -1)) / len(x)
        w, b = w - 0.05 * error.T @ x, b - 0.05 * error.sum(axis=0)
        points.append([w[0, 0], b[0]])
    assert found.paths[1].points == pytest.approx(np.array(points), rel=1e-5, abs=1e-5)


def test_the_runs_own_path_is_each_step_of_a_perceptron() -> None:
    run = trained(example("and"), 12)
    axes = (Coordinate("dense1/weight", (0, 0)), Coordinate("dense1/weight", (0, 1)))
    found = ended(SurfaceExperiment(run, SurfaceAsked(*axes, epochs=2, size=9), nothing)).found()
    assert isinstance(found, lab.Surface)
    own = found.paths[0]
    alone, points = Trainer(example("and")), []
    for step in range(13):
        if step:
            alone.step()
        points.append(alone.network.parameters["dense1/weight"][0].tolist())
    assert own.steps.tolist() == list(range(13))
    assert own.points.tolist() == points


def test_unless_told_the_two_that_moved_most_are_taken() -> None:
    run = trained(spiral(), 400)
    state = run.trainer.state()
    moved = sorted(
        (
            (abs(float(after - before)), key)
            for key in state.weights
            for after, before in zip(state.weights[key].flat, state.initial[key].flat, strict=True)
        ),
        reverse=True,
    )
    experiment = SurfaceExperiment(run, SurfaceAsked(epochs=1, size=9), nothing)
    found = ended(experiment).found()
    assert isinstance(found, lab.Surface)
    for axis, (most, key) in zip((found.first, found.second), moved, strict=False):
        assert axis.key == key
        assert abs(float(state.weights[key][axis.index] - state.initial[key][axis.index])) == pytest.approx(most)
    fresh = ended(SurfaceExperiment(Run(spiral()), SurfaceAsked(epochs=1, size=9), nothing)).found()
    assert isinstance(fresh, lab.Surface)
    assert fresh.first != fresh.second
    assert fresh.paths[0].steps.tolist() == [0]


def test_another_part_of_the_plane_keeps_the_paths() -> None:
    run = trained(spiral(), 20)
    experiment = SurfaceExperiment(run, SurfaceAsked(FIRST, SECOND, epochs=1, size=9), nothing)
    before = ended(experiment).found()
    run.advance(0.01, 5)
    zoomed = SurfaceAsked(FIRST, SECOND, epochs=1, size=9, extent=(-1.0, 1.0, -1.0, 1.0))
    assert experiment.zoomed(zoomed)
    after = ended(experiment).found()
    assert isinstance(before, lab.Surface)
    assert isinstance(after, lab.Surface)
    assert after.at == before.at
    assert after.extent == (-1.0, 1.0, -1.0, 1.0)
    for one, two in zip(before.paths, after.paths, strict=True):
        assert np.array_equal(one.points, two.points)
    assert not experiment.zoomed(SurfaceAsked(FIRST, SECOND, "start", epochs=1, size=9))


@pytest.mark.parametrize(
    "asked",
    [
        SurfaceAsked(Coordinate("dense9/weight", (0, 0)), SECOND),
        SurfaceAsked(Coordinate("dense1/weight", (0, 9)), SECOND),
        SurfaceAsked(Coordinate("dense1/weight", (0,)), SECOND),
        SurfaceAsked(FIRST, FIRST),
        SurfaceAsked(FIRST, SECOND, size=10),
        SurfaceAsked(FIRST, SECOND, extent=(1.0, 0.0, 0.0, 1.0)),
        RatesAsked(low=0.0),
        PenaltiesAsked(l1=-1.0),
        ValuesAsked("input1"),
        MasksAsked("dense1"),
    ],
)
def test_what_cannot_be_done_is_refused(asked: lab.Asked) -> None:
    made = {SurfaceAsked: SurfaceExperiment, RatesAsked: RateFinder, PenaltiesAsked: PenaltyExperiment}
    made |= {ValuesAsked: ValuesExperiment, MasksAsked: MasksExperiment}
    with pytest.raises(EngineError):
        made[type(asked)](Run(spiral()), asked, nothing)


def test_a_number_is_written_and_read() -> None:
    assert Coordinate.parsed(" dense1/weight[0, 1]") == FIRST
    assert Coordinate.parsed(str(SECOND)) == SECOND
    for wrong in ("", "dense1", "dense1/weight[a]", "dense1/weight[0", "[0]"):
        with pytest.raises(EngineError):
            Coordinate.parsed(wrong)


# -- learning rate
def test_the_finders_losses_are_those_of_plain_descent_with_rising_rates() -> None:
    document = edits.set_training(example("salary"), optimizer="sgd", batch_size=4, shuffle=False)
    found = ended(RateFinder(Run(document), RatesAsked(1e-4, 1.0, 40), nothing)).found()
    assert isinstance(found, lab.Rates)
    x, y = inputs(document)
    y = y.reshape(len(y), -1)
    weights = {key: one.astype(float) for key, one in Run(document).trainer.network.parameters.items()}
    w, b = weights["dense1/weight"], weights["dense1/bias"]
    whole = document.nodes["output1"].fields["loss"] == "mean_squared_error"
    starts = [at for _ in range(40) for at in range(0, len(x), 4)]
    expected, means = [], []
    for rate, at in zip(np.geomspace(1e-4, 1.0, 40), starts, strict=False):
        error = x[at : at + 4] @ w.T + b - y[at : at + 4]
        everywhere = x @ w.T + b - y
        means.append(float((everywhere**2).mean() if whole else (everywhere**2).sum() / 2 / len(x)))
        expected.append(float((error**2).mean() if whole else (error**2).sum() / 2 / len(error)))
        slope = (2.0 if whole else 1.0) * error / len(error)
        w, b = w - rate * slope.T @ x[at : at + 4], b - rate * slope.sum(axis=0)
    count = len(found.losses)
    assert count > 15
    assert found.losses == pytest.approx(np.array(expected[:count]), rel=1e-3)
    assert found.rates == pytest.approx(np.geomspace(1e-4, 1.0, 40)[:count])
    assert found.means == pytest.approx(np.array(means[:count]), rel=1e-3)
    assert found.samples == len(x)


def test_a_rate_is_suggested_where_the_loss_falls_and_none_where_it_does_not() -> None:
    found = ended(RateFinder(Run(spiral(optimizer="adam")), RatesAsked(), nothing)).found()
    assert isinstance(found, lab.Rates)
    assert found.suggestion is not None
    assert 1e-4 <= found.suggestion <= 1.0
    assert found.suggestion == rounded(found.rates[found.index])
    rates = np.geomspace(1e-6, 10, 100)
    assert steepest(rates, np.ones(100)) is None
    assert steepest(rates, np.linspace(1, 9, 100)) is None
    fall = 1.0 - 0.5 / (1 + np.exp(-4 * (np.log10(rates) + 2)))  # steepest at 0.01
    assert np.log10(rates[steepest(rates, fall)]) == pytest.approx(-2, abs=0.1)
    assert [rounded(rate) for rate in (0.0098, 0.027, 0.0009, 4.3)] == [0.01, 0.03, 0.001, 5.0]


def test_a_finder_that_leaves_the_range_ends_there() -> None:
    document = spiral(optimizer="sgd")
    for node in ("dense1", "dense2", "dense3"):
        document = edits.set_field(document, node, "activation", "identity")
    found = ended(RateFinder(Run(document), RatesAsked(1e-3, 1e6, 40), nothing)).found()
    assert isinstance(found, lab.Rates)
    assert 0 < len(found.losses) < 40
    assert np.isfinite(found.losses).all()


# -- penalties
def test_each_penalty_trains_from_the_same_start_as_a_trainer_would() -> None:
    run = trained(spiral(), 100)
    found = ended(PenaltyExperiment(run, PenaltiesAsked(0.02, 0.05, 4), nothing)).found()
    assert isinstance(found, lab.Penalties)
    initial = run.trainer.state().initial
    for one, penalty in zip(found.trained, ({}, {"l1": 0.02}, {"l2": 0.05}), strict=True):
        alone = Trainer(with_training(run.document, l1=0.0, l2=0.0, schedule="constant"), seed=run.trainer.seed, weights=initial)
        alone.set_training(msgspec.structs.replace(alone.document.training, **penalty))
        alone.run(epochs=4)
        weights = np.concatenate([array.ravel() for key, array in alone.network.parameters.items() if key.endswith("weight")])
        assert one.counts.sum() == found.weights == len(weights)
        assert one.near == (abs(weights) <= NEAR).sum()
        assert one.largest == pytest.approx(abs(weights).max())
        assert one.counts.tolist() == np.histogram(weights.astype(float), 41, (-found.limit, found.limit))[0].tolist()
        assert one.epoch == 4
    assert found.trained[1].near > found.trained[0].near


def test_a_validation_loss_is_told_only_where_samples_were_held_out() -> None:
    for name, told in (("xor", False), ("circle", True)):
        found = ended(PenaltyExperiment(Run(example(name)), PenaltiesAsked(epochs=2), nothing)).found()
        assert isinstance(found, lab.Penalties)
        assert [one.validation is not None for one in found.trained] == [told] * 3


# -- values and masks
def test_values_are_the_sums_of_the_samples() -> None:
    run = trained(spiral(), 100)
    found = ended(ValuesExperiment(run, ValuesAsked("dense1", 3), nothing)).found()
    assert isinstance(found, lab.Values)
    x, _ = inputs(run.document)
    few = learning_alone(run.trainer.dataset, 256)
    assert found.samples == len(few.train) == min(256, len(x))
    x = few.train.x * few.scale + few.offset
    weights = run.trainer.network.parameters
    z = (x @ weights["dense1/weight"].T + weights["dense1/bias"])[:, 3]
    function = FUNCTIONS[found.function]
    assert (found.lowest, found.highest) == pytest.approx((z.min(), z.max()), rel=1e-5)
    assert found.slope == pytest.approx(np.mean([function.slope(float(one)) for one in z]), rel=1e-4)
    assert found.counts.sum() == len(z)


@pytest.mark.parametrize(
    ("direction", "merge", "every"),
    [("forward", "sum", True), ("backward", "sum", False), ("both", "concatenate", True), ("both", "sum", False)],
)
def test_values_of_a_unit_through_time_are_those_of_its_real_steps(direction: str, merge: str, every: bool) -> None:
    document = edits.set_data(Document(), "in-order", samples=60)
    for type, fields in (
        ("Input", {}),
        ("OneHot", {}),
        ("SimpleRNN", {"units": 12, "direction": direction, "merge": merge, "return_sequences": every}),
        *([("Last", {})] if every else []),
        ("Dense", {"units": 1}),
        ("Output", {"loss": "binary_cross_entropy"}),
    ):
        before = next(reversed(document.nodes), None)
        document, node = edits.add_node(document, type, **fields)
        document = edits.connect(document, before, node) if before else document
    run = trained(document, 3)
    few, network = learning_alone(run.trainer.dataset, 256).train, run.trainer.network
    assert few.lengths is not None
    assert few.lengths.min() < few.lengths.max()
    values = [network.trace(x, y, length=n).nodes["simplernn1"].values for x, y, n in zip(few.x, few.y, few.lengths, strict=True)]
    ends = {"forward": [""], "backward": ["_reverse"], "both": ["", "_reverse"]}[direction]
    side_by_side = len(ends) == 2 and merge == "concatenate"
    for unit in (None, 11, 12 * (2 if side_by_side else 1) * (7 if every else 1) - 1):
        found = ended(ValuesExperiment(run, ValuesAsked("simplernn1", unit), nothing)).found()
        assert isinstance(found, lab.Values)
        own = slice(None) if unit is None else 11
        read = ends[-1:] if side_by_side and unit not in (None, 11) else ends[:1] if side_by_side and unit == 11 else ends
        z = np.concatenate(
            [one[f"pre_activation{end}"][:n, own].ravel() for one, n in zip(values, few.lengths, strict=True) for end in read]
        )
        assert found.counts.sum() == len(z)
        assert (found.lowest, found.highest) == pytest.approx((z.min(), z.max()), rel=1e-4)


@pytest.mark.parametrize("steps", [3, 61])
def test_masks_are_those_that_the_run_drew(steps: int) -> None:
    document = spiral(batch_size=7)
    before = document.wires[-1]
    document, node = edits.add_node(edits.disconnect(document, before.source, before.target), "Dropout", rate=0.4)
    source = "dense2"
    document = edits.disconnect(document, source, "dense3")
    document = edits.connect(edits.connect(document, source, node), node, "dense3")
    document = edits.connect(document, "dense3", before.target)
    run = Run(document)
    drawn, samples = [], []
    while run.trainer.step_count < steps:
        trace = run.record(None, position=0)
        drawn.append(np.ravel(trace.nodes[node].values["mask"]) != 0)
        samples.append(trace.index)
    found = ended(MasksExperiment(run, MasksAsked(node, 24), nothing)).found()
    assert isinstance(found, lab.Masks)
    assert found.kept.tolist() == np.array(drawn[-24:]).tolist()
    assert found.sample.tolist() == samples[-24:]
    assert found.steps.tolist() == list(range(max(steps - 23, 1), steps + 1))
    assert found.rate == 0.4
    assert 0.2 < 1 - found.kept.mean() < 0.6


# -- any network
@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("name", ["and", "xor", "salary", "circle", "moons", "iris", "digits"])
def test_every_example_is_answered(name: str, precision: str) -> None:
    run = trained(edits.set_training(example(name), precision=precision), 30)
    node = next(iter(run.trainer.network.lowered.parameters)).node
    small = {"epochs": 2}
    for made in (
        SurfaceExperiment(run, SurfaceAsked(size=9, **small), nothing),
        SurfaceExperiment(run, SurfaceAsked(size=9, origin="start", rate=50.0, **small), nothing),
        RateFinder(run, RatesAsked(origin="start"), nothing),
        PenaltyExperiment(run, PenaltiesAsked(1.0, 0.0, 2), nothing),
        ValuesExperiment(run, ValuesAsked(node), nothing),
    ):
        found = ended(made).answer
        assert found is not None
        assert found is made.answer
        assert not found.state.running
        assert "Error" not in made.message


def test_frozen_numbers_are_no_axes_and_a_frozen_network_is_refused() -> None:
    document = edits.freeze(spiral(), "dense1")
    found = ended(SurfaceExperiment(trained(document, 50), SurfaceAsked(epochs=1, size=9), nothing)).found()
    assert isinstance(found, lab.Surface)
    assert "dense1" not in found.first.key + found.second.key
    with pytest.raises(EngineError):
        SurfaceExperiment(Run(document), SurfaceAsked(Coordinate("dense1/bias", (0,)), SECOND), nothing)
    for node in ("dense2", "dense3"):
        document = edits.freeze(document, node)
    nothing_learns = ended(SurfaceExperiment(Run(document), SurfaceAsked(), nothing))
    assert "two numbers that learn" in nothing_learns.message
    with pytest.raises(EngineError):
        PenaltyExperiment(Run(document), PenaltiesAsked(), nothing)


def test_work_that_was_broken_off_begins_again() -> None:
    run, calls = trained(spiral(), 10), []

    class BrokenOffError(Exception):
        """As the worker's: a command came in between."""

    def interrupted(done: int, total: int) -> None:
        calls.append(done)
        if len(calls) == 1:
            raise BrokenOffError

    experiment = PenaltyExperiment(run, PenaltiesAsked(epochs=1), interrupted)
    original = experiment.work

    def compiling():  # type: ignore[no-untyped-def]
        experiment.progress(0, 1)
        yield from original()

    experiment.work = compiling  # type: ignore[method-assign]
    with pytest.raises(BrokenOffError):
        experiment.advance(0.01)
    assert experiment.running
    assert isinstance(ended(experiment).answer, lab.Penalties)


# -- beside the run
ALL = (
    SurfaceAsked(epochs=1, size=9),
    RatesAsked(),
    PenaltiesAsked(epochs=2),
    ValuesAsked("dense1"),
)


def test_no_experiment_touches_the_run() -> None:
    alone = Trainer(spiral())
    alone.run(steps=200)
    with driving(spiral()) as driver:
        driver.send(commands.Step("batch", 100), *(commands.Experiment(asked) for asked in ALL), commands.Step("batch", 100))
        shown = driver.until(lambda at: len(at.lab) == len(ALL) and not any(one.state.running for one in at.lab.values()))
        assert not shown.refused
        assert shown.phase == "paused"
        state = driver.capture()
        assert state.counters["step"] == 200
        assert same(dict(state.weights), alone.network.parameters)
        assert same(dict(state.optimizer), dict(alone.state().optimizer))


def test_a_run_that_trains_meanwhile_ends_as_it_would_alone() -> None:
    document = spiral(epochs=60)
    alone = Trainer(document)
    alone.run(epochs=60)
    with driving(document) as driver:
        driver.send(commands.Train(), *(commands.Experiment(asked) for asked in ALL))
        driver.phase("finished")
        driver.until(lambda at: len(at.lab) == len(ALL) and not any(one.state.running for one in at.lab.values()))
        assert same(dict(driver.capture().weights), alone.network.parameters)


def test_experiments_are_ended_forgotten_and_refused() -> None:
    with driving(spiral()) as driver:
        driver.send(commands.Experiment(PenaltiesAsked(epochs=100_000)), commands.Experiment(ValuesAsked("input1")))
        driver.until(lambda at: "penalties" in at.lab and at.lab["penalties"].state.done > 3)
        assert "activation" in driver.snapshot.refused["values"]
        driver.send(commands.EndExperiment("penalties"))
        shown = driver.until(lambda at: not at.lab["penalties"].state.running)
        assert shown.lab["penalties"].state.done < 300_000
        driver.send(commands.EndExperiment(forget=True))
        assert not driver.until(lambda at: not at.lab).refused
        driver.send(commands.Train())
        driver.phase("training")


def test_another_project_ends_the_experiments() -> None:
    with driving(spiral()) as driver:
        driver.send(commands.Experiment(PenaltiesAsked(epochs=100_000)))
        driver.until(lambda at: at.lab)
        driver.send(commands.SetDocument(example("xor"), new_run=True))
        driver.until(lambda at: not at.lab and at.phase == "ready")
