"""What the lab shows against a training written out here: one hidden layer of tanh, a logistic loss, float64, nothing of the program's
but the weights of step 0. XOR's four rows come in their order, so every batch is known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from playground.document import Document, edits, example
from playground.engine import Trainer
from playground.engine.experiments import lab, sweep
from playground.engine.experiments.lab import Coordinate, MasksAsked, PenaltiesAsked, RatesAsked, SurfaceAsked, ValuesAsked
from playground.engine.experiments.node_values import MasksExperiment, ValuesExperiment
from playground.engine.experiments.penalties import PenaltyExperiment
from playground.engine.experiments.rates import RateFinder
from playground.engine.experiments.study import Study
from playground.engine.experiments.surface import SurfaceExperiment
from playground.engine.run import Run
from tests.engine.experiments.test_lab import ended, nothing, trained
from tests.engine.experiments.test_study import finished

X = np.array([[1, 1], [0, 0], [1, 0], [0, 1]], float)
Y = np.array([0, 0, 1, 1], float)
NAMES = ("dense1/weight", "dense1/bias", "dense2/weight", "dense2/bias")
Weights = list[np.ndarray]


def of(arrays: object) -> Weights:
    return [np.array(arrays[name], float) for name in NAMES]  # type: ignore[index]


def loss(weights: Weights, rows: slice = slice(None)) -> float:
    w1, b1, w2, b2 = weights
    z = (np.tanh(X[rows] @ w1.T + b1) @ w2.T + b2)[:, 0]
    return float(np.mean(np.log1p(np.exp(z)) - Y[rows] * z))


def gradients(weights: Weights, rows: slice, mask: np.ndarray | None = None) -> Weights:
    """By the chain rule: dL/dz = (p - y) / n, tanh' = 1 - h². ``mask`` (n, units) multiplies the hidden values."""
    w1, b1, w2, b2 = weights
    x, y = X[rows], Y[rows]
    h = np.tanh(x @ w1.T + b1)
    kept = h if mask is None else h * mask
    dz = (1 / (1 + np.exp(-(kept @ w2.T + b2))) - y[:, None]) / len(y)
    dh = dz @ w2 * (1 if mask is None else mask) * (1 - h**2)
    return [dh.T @ x, dh.sum(0), dz.T @ kept, dz.sum(0)]


def train(
    weights: Weights, steps: int, rate: float, batch: int = 4, l1: float = 0.0, l2: float = 0.0, momentum: float = 0.0
) -> tuple[list[Weights], list[float]]:
    """Plain descent: the weights after each step, those of step 0 first, and the loss of each batch before its step."""
    path, losses, velocity = [weights], [], [np.zeros_like(one) for one in weights]
    for step in range(steps):
        at = step * batch % 4
        rows, now = slice(at, at + batch), path[-1]
        losses.append(loss(now, rows))
        pulls = [l2 * one + l1 * np.sign(one) if one.ndim == 2 else 0.0 for one in now]
        slopes = [slope + pull for slope, pull in zip(gradients(now, rows), pulls, strict=True)]
        velocity = [momentum * old + slope for old, slope in zip(velocity, slopes, strict=True)]
        path.append([one - rate * way for one, way in zip(now, velocity, strict=True)])
    return path, losses


def xor(**training: object) -> Document:
    return edits.set_training(example("xor"), **training)


AXES = (Coordinate("dense1/weight", (2, 1)), Coordinate("dense2/bias", (0,)))


def test_surface_and_paths_are_those_of_descent_by_hand() -> None:
    run = trained(xor(), 40)
    found = ended(SurfaceExperiment(run, SurfaceAsked(*AXES, rate=0.4, epochs=30, extent=(-2.0, 2.0, -1.0, 3.0), size=9), nothing)).found()
    assert isinstance(found, lab.Surface)
    here = of(run.trainer.network.parameters)
    for (row, column), shown in np.ndenumerate(found.values):
        there = [one.copy() for one in here]
        there[0][2, 1], there[3][0] = -2 + column * 4 / 8, -1 + row * 4 / 8
        assert shown == pytest.approx(loss(there), rel=2e-5)
    batches = {"full": (4, 0.0), "mini": (2, 0.0), "stochastic": (1, 0.0), "momentum": (4, 0.9)}
    assert [path.name for path in found.paths[1:]] == list(batches)
    for path in found.paths[1:]:
        batch, momentum = batches[path.name]
        made, _ = train(here, 30 * 4 // batch, 0.4, batch, momentum=momentum)
        assert path.points == pytest.approx(np.array([(made[step][0][2, 1], made[step][3][0]) for step in path.steps]), abs=2e-4)
        assert path.loss == pytest.approx(loss(made[-1]), rel=1e-3)


def test_weights_under_a_penalty_are_counted_from_a_training_by_hand() -> None:
    run = trained(xor(learning_rate=0.2), 10)
    start = of(run.trainer.state().initial)
    found = ended(PenaltyExperiment(run, PenaltiesAsked(0.02, 0.05, 120), nothing)).found()
    assert isinstance(found, lab.Penalties)
    for one, penalty in zip(found.trained, ({}, {"l1": 0.02}, {"l2": 0.05}), strict=True):
        path, losses = train(start, 120, 0.2, **penalty)
        held = np.concatenate([path[-1][0].ravel(), path[-1][2].ravel()])
        assert one.loss == pytest.approx(losses[-1], rel=1e-3)
        assert one.largest == pytest.approx(abs(held).max(), rel=1e-3)
        bins = len(one.counts)
        place = (held + found.limit) / (2 * found.limit) * bins
        surely = abs(place - np.round(place)) > 0.01  # no edge so near that float32 might fall on its other side
        assert surely.sum() >= len(held) - 2
        least = np.bincount(place[surely].astype(int), minlength=bins)
        assert (one.counts >= least).all()
        assert one.counts.sum() == len(held) == 12
        assert abs(one.near - (abs(held) <= found.near).sum()) <= (abs(abs(held) - found.near) < 1e-3).sum()
    assert found.trained[1].near > found.trained[0].near


def test_the_finders_curves_are_those_of_rising_rates_by_hand() -> None:
    document = xor(batch_size=2)
    found = ended(RateFinder(Run(document), RatesAsked(1e-3, 1.0, 40), nothing)).found()
    assert isinstance(found, lab.Rates)
    now, rates = of(Trainer(document).network.parameters), 1e-3 * 1000 ** (np.arange(40) / 39)
    assert found.rates == pytest.approx(rates)
    for step, rate in enumerate(rates):
        rows = slice(step * 2 % 4, step * 2 % 4 + 2)
        assert found.losses[step] == pytest.approx(loss(now, rows), rel=1e-4)
        assert found.means[step] == pytest.approx(loss(now), rel=1e-4)
        now = [one - rate * slope for one, slope in zip(now, gradients(now, rows), strict=True)]


def test_training_by_hand_with_the_masks_on_show_ends_at_the_runs_weights() -> None:
    """The masks are the ones that the run learned under: with any other the weights would differ."""
    document, rate = edits.disconnect(xor(batch_size=1, learning_rate=0.3), "dense1", "dense2"), 0.4
    document, node = edits.add_node(document, "Dropout", rate=rate)
    document = edits.connect(edits.connect(document, "dense1", node), node, "dense2")
    run = trained(document, 24)
    found = ended(MasksExperiment(run, MasksAsked(node, 24), nothing)).found()
    assert isinstance(found, lab.Masks)
    assert found.kept.shape == (24, 4)
    now = other = of(run.trainer.state().initial)
    for sample, kept in zip(found.sample.tolist(), found.kept, strict=True):
        rows = slice(sample, sample + 1)
        now = [one - 0.3 * slope for one, slope in zip(now, gradients(now, rows, kept[None] / (1 - rate)), strict=True)]
        other = [one - 0.3 * slope for one, slope in zip(other, gradients(other, rows, ~kept[None] / (1 - rate)), strict=True)]
    ends = of(run.trainer.network.parameters)
    assert all(np.allclose(one, end, atol=1e-5) for one, end in zip(now, ends, strict=True))
    assert not np.allclose(other[2], ends[2], atol=0.01)


def test_what_goes_into_a_function_is_counted_by_hand() -> None:
    run = trained(xor(), 60)
    found = ended(ValuesExperiment(run, ValuesAsked("dense1"), nothing)).found()
    assert isinstance(found, lab.Values)
    w1, b1, _, _ = of(run.trainer.network.parameters)
    z = (X @ w1.T + b1).ravel()
    assert (found.lowest, found.highest) == pytest.approx((z.min(), z.max()), rel=1e-5)
    assert found.slope == pytest.approx(np.mean(1 - np.tanh(z) ** 2), rel=1e-5)
    assert found.on == pytest.approx(np.mean(z > 0))
    edges = np.linspace(-found.limit, found.limit, len(found.counts) + 1)
    assert found.counts.tolist() == [int(((low <= z) & (z < high)).sum()) for low, high in pairwise(edges)]


def test_restarts_and_the_points_of_a_sweep_are_trainings_by_hand() -> None:
    document = xor()
    starts = sweep.restarts(document, 3, 3)
    axes = [sweep.Axis("training.learning_rate", low=0.05, high=0.8, count=3, log=True), sweep.Axis("training.l2", values=(0.0, 0.03))]
    points = sweep.grid(document, axes, seed=5)
    begun = []
    for kind, tried in (("restarts", starts), ("grid", points)):
        study = finished(Study(tried, 25, kind, (), lambda point: Trainer(point.document, seed=point.seed)))
        for at, shown in enumerate(study.shown().points):
            start = of(Trainer(document, seed=shown.seed).network.parameters)
            rate, l2 = (0.5, 0.0) if kind == "restarts" else shown.values
            path, losses = train(start, 25, rate, l2=l2)
            curve = shown.curves["loss/train"]
            assert curve.values.tolist() == pytest.approx([losses[step - 1] for step in curve.steps.tolist()], rel=1e-4)
            assert shown.loss == pytest.approx(losses[-1], rel=1e-4)
            latest = study.opened(at).checkpoints.latest
            assert latest is not None
            assert all(np.allclose(one, end, atol=1e-5) for one, end in zip(of(latest.state.weights), path[-1], strict=True))
            begun += [start[0].tobytes()] if kind == "restarts" else []
    assert [point.values for point in points] == [(pytest.approx(rate), l2) for rate in (0.05, 0.2, 0.8) for l2 in (0.0, 0.03)]
    assert len(set(begun)) == 3
