"""Batch norm, its running form and layer norm against plain loops: rows, sequences and pictures, batches that fill their lanes or not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from playground.errors import EngineError
from playground.kernels import Region, Target
from tests.kernels.harness import Stage
from tests.reference import normalizing as reference

SHAPES = [(3,), (5, 2), (2, 3, 2), (17,), (3, 1, 1)]
EPSILON = 1e-3


def close(got: np.ndarray, wanted: Any, target: Target) -> None:
    tolerance = 1e-4 if target.dtype == "float32" else 1e-10
    np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)


class Given:
    """A batch on a stage, with an error for each number, and all that the operations write."""

    def __init__(self, target: Target, shape: tuple[int, ...], missing: int = 3) -> None:
        random = np.random.default_rng(len(shape) + target.lanes)
        self.count = max(1, min(target.lanes - missing, 20))
        self.x = (3.0 + 2.0 * random.standard_normal((self.count, *shape))).astype(target.dtype)
        self.dy = random.standard_normal(self.x.shape).astype(target.dtype)
        channels = reference.channels_of(self.x)
        self.weight, self.bias, self.mean = (random.standard_normal(channels).astype(target.dtype) for _ in range(3))
        self.variance = random.uniform(0.5, 2.0, channels).astype(target.dtype)
        self.stage = stage = Stage(target, self.count)
        self.statistics = (channels,)
        self.roles: dict[str, Region] = {
            "x": stage.value(self.x),
            "dy": stage.value(self.dy),
            **{name: stage.value(shape=shape) for name in ("y", "normalized", "dx")},
            **{name: stage.parameter(getattr(self, name)) for name in ("weight", "bias")},
            **{name: stage.parameter(self.weight * 0) for name in ("dweight", "dbias")},
            "running_mean": stage.parameter(self.mean),
            "running_variance": stage.parameter(self.variance),
        }
        stage.lanes_of(self.roles["x"])[..., self.count :] = 99.0  # what a bias makes of lanes without a sample: it must not count

    def keep(self, shape: tuple[int, ...]) -> None:
        self.roles |= {name: self.stage.value(shape=shape) for name in ("mean", "variance")}

    def run(self, operation: str, *roles: str, **options: Any) -> None:
        self.stage.run(operation, {role: self.roles[role] for role in roles}, **options)

    def samples(self, role: str) -> np.ndarray:
        return self.stage.samples(self.roles[role])

    def parameter(self, role: str) -> np.ndarray:
        return self.stage.read(self.roles[role])


@pytest.mark.parametrize("shape", SHAPES)
def test_batch_norm_and_its_way_back(target: Target, shape: tuple[int, ...]) -> None:
    given = Given(target, shape)
    given.keep(given.statistics)
    given.run("batch_norm", "x", "weight", "bias", "y", "normalized", "mean", "variance", epsilon=EPSILON)
    y, normalized, mean, variance = reference.batch_norm(given.x, given.weight, given.bias, EPSILON)
    close(given.samples("y"), y, target)
    close(given.samples("normalized"), normalized, target)
    close(given.samples("mean"), np.broadcast_to(mean, (given.count, len(mean))), target)
    close(given.samples("variance"), np.broadcast_to(variance, (given.count, len(mean))), target)
    given.run("batch_norm_backward_weight", "dy", "normalized", "dweight", "dbias")
    dweight, dbias = reference.weight_gradients(given.dy, normalized)
    close(given.parameter("dweight"), dweight, target)
    close(given.parameter("dbias"), dbias, target)
    roles = ("dy", "normalized", "variance", "weight", "dweight", "dbias", "dx")
    given.run("batch_norm_backward_input", *roles, epsilon=EPSILON)
    close(given.samples("dx"), reference.batch_norm_backward_input(given.x, given.dy, given.weight, EPSILON), target)
    assert not given.stage.lanes_of(given.roles["dx"])[..., given.count :].any(), "an error in a lane without a sample"


@pytest.mark.parametrize("shape", SHAPES)
def test_running_form(target: Target, shape: tuple[int, ...]) -> None:
    given = Given(target, shape)
    kept = ("running_mean", "running_variance")
    given.run("batch_norm_running", "x", "weight", "bias", *kept, "y", "normalized", epsilon=EPSILON)
    y, normalized = reference.running_norm(given.x, given.weight, given.bias, given.mean, given.variance, EPSILON)
    close(given.samples("y"), y, target)
    close(given.samples("normalized"), normalized, target)
    given.stage.lanes_of(given.roles["y"])[:] = 0
    given.run("batch_norm_running", "x", "weight", "bias", *kept, "y", epsilon=EPSILON)
    close(given.samples("y"), y, target)
    given.run("batch_norm_running_backward_input", "dy", "weight", "running_variance", "dx", epsilon=EPSILON)
    slope = given.weight / np.sqrt(given.variance + EPSILON)
    close(given.samples("dx"), given.dy * slope.reshape(-1, *([1] * (len(shape) - 1 if len(shape) == 3 else 0))), target)


def test_running_statistics_follow_pytorch(target: Target) -> None:
    given = Given(target, (2, 3, 2))
    given.keep((2,))
    given.run("batch_norm", "x", "weight", "bias", "y", "normalized", "mean", "variance", epsilon=EPSILON)
    given.run("running_statistics", "mean", "variance", "running_mean", "running_variance", momentum=0.25, places=6)
    _, _, mean, variance = reference.batch_norm(given.x, given.weight, given.bias, EPSILON)
    n = 6 * given.count
    for c in range(2):
        wanted = reference.running_statistics(given.mean[c], mean[c], 0.25)
        close(given.parameter("running_mean")[c], wanted, target)
        wanted = reference.running_statistics(given.variance[c], variance[c], 0.25, n / (n - 1))
        close(given.parameter("running_variance")[c], wanted, target)


def test_a_single_number_leaves_the_running_statistics_alone() -> None:
    given = Given(Target("float32", 16, "avx512"), (4,), missing=15)
    given.keep((4,))
    given.run("batch_norm", "x", "weight", "bias", "y", "normalized", "mean", "variance", epsilon=EPSILON)
    given.run("running_statistics", "mean", "variance", "running_mean", "running_variance", momentum=0.25, places=1)
    np.testing.assert_array_equal(given.samples("y")[0], given.bias)
    np.testing.assert_array_equal(given.parameter("running_mean"), given.mean)
    np.testing.assert_array_equal(given.parameter("running_variance"), given.variance)


@pytest.mark.parametrize("shape", SHAPES)
def test_layer_norm_and_its_way_back(target: Target, shape: tuple[int, ...]) -> None:
    given = Given(target, shape)
    places = {1: (), 2: shape[:1], 3: shape[1:]}[len(shape)]
    given.keep(places)
    given.run("layer_norm", "x", "weight", "bias", "y", "normalized", "mean", "variance", epsilon=EPSILON)
    y, normalized, mean, variance = reference.layer_norm(given.x, given.weight, given.bias, EPSILON)
    close(given.samples("y"), y, target)
    close(given.samples("normalized"), normalized, target)
    close(given.samples("mean"), np.reshape(mean, (given.count, *places)), target)
    close(given.samples("variance"), np.reshape(variance, (given.count, *places)), target)
    given.run("layer_norm_backward_weight", "dy", "normalized", "dweight", "dbias")
    dweight, dbias = reference.weight_gradients(given.dy, normalized)
    close(given.parameter("dweight"), dweight, target)
    close(given.parameter("dbias"), dbias, target)
    given.run("layer_norm_backward_input", "dy", "normalized", "variance", "weight", "dx", epsilon=EPSILON)
    close(given.samples("dx"), reference.layer_norm_backward_input(given.x, given.dy, given.weight, EPSILON), target)


def test_micro_batches_after_the_first_add_up(target: Target) -> None:
    given = Given(target, (2, 3, 2))
    given.stage.lanes_of(given.roles["normalized"])[:] = given.stage.lanes_of(given.roles["x"])
    given.stage.control.batch = given.stage.control.end = 3 * target.lanes
    given.run("layer_norm_backward_weight", "dy", "normalized", "dweight", "dbias", accumulate=True)
    dweight, dbias = reference.weight_gradients(given.dy, given.x)
    close(given.parameter("dweight"), 3 * dweight, target)
    close(given.parameter("dbias"), 3 * dbias, target)


def test_large_means_keep_the_variance() -> None:
    """Two passes over the numbers: E[x^2] - E[x]^2 in float32 would leave nothing of it."""
    stage = Stage(Target("float32", 128, "avx512"))
    x = (1000.0 + np.random.default_rng(0).standard_normal((128, 2, 9, 9))).astype("f4")
    roles: dict[str, Any] = {"x": stage.value(x), "weight": stage.parameter(np.ones(2)), "bias": stage.parameter(np.zeros(2))}
    roles |= {name: stage.value(shape=x.shape[1:]) for name in ("y", "normalized")}
    roles |= {name: stage.value(shape=(2,)) for name in ("mean", "variance")}
    stage.run("batch_norm", roles, epsilon=1e-5)
    np.testing.assert_allclose(stage.samples(roles["variance"])[0], x.astype(float).var((0, 2, 3)), rtol=1e-4)
    np.testing.assert_allclose(stage.samples(roles["mean"])[0], x.astype(float).mean((0, 2, 3)), rtol=1e-7)


def test_not_a_number_stays() -> None:
    given = Given(Target("float32", 16, "avx512"), (3,))
    given.stage.lanes_of(given.roles["x"])[1, 4] = np.nan
    given.keep((3,))
    given.run("batch_norm", "x", "weight", "bias", "y", "normalized", "mean", "variance", epsilon=EPSILON)
    assert np.isnan(given.samples("y")).tolist() == [[False, True, False]] * given.count


def test_pinned_by_hand() -> None:
    """Two samples of one feature, 1 and 3: mean 2, variance 1; with epsilon 3 the numbers lie at half their distance."""
    stage = Stage(Target("float64", 2, "generic"))
    roles = {"x": stage.value(np.array([[1.0], [3.0]])), "dy": stage.value(np.array([[1.0], [0.0]]))}
    roles |= {"weight": stage.parameter(np.array([4.0])), "bias": stage.parameter(np.array([1.0]))}
    roles |= {name: stage.value(shape=(1,)) for name in ("y", "normalized", "mean", "variance", "dx")}
    roles |= {name: stage.parameter(np.zeros(1)) for name in ("dweight", "dbias", "running_mean")}
    roles["running_variance"] = stage.parameter(np.ones(1))

    def run(operation: str, *names: str, **options: Any) -> None:
        stage.run(operation, {name: roles[name] for name in names}, **options)

    run("batch_norm", "x", "weight", "bias", "y", "normalized", "mean", "variance", epsilon=3.0)
    assert stage.samples(roles["normalized"]).tolist() == [[-0.5], [0.5]]
    assert stage.samples(roles["y"]).tolist() == [[-1.0], [3.0]]
    run("batch_norm_backward_weight", "dy", "normalized", "dweight", "dbias")
    assert (stage.read(roles["dweight"]).tolist(), stage.read(roles["dbias"]).tolist()) == ([-0.5], [1.0])
    run("batch_norm_backward_input", "dy", "normalized", "variance", "weight", "dweight", "dbias", "dx", epsilon=3.0)
    # 4 / 2 * (1 - 1/2 + (-0.5) * 0.5 / 2) = 0.75, and 4 / 2 * (0 - 1/2 + 0.5 * 0.5 / 2) = -0.75
    assert stage.samples(roles["dx"]).tolist() == [[0.75], [-0.75]]
    run("running_statistics", "mean", "variance", "running_mean", "running_variance", momentum=0.5, places=1)
    assert (stage.read(roles["running_mean"]).tolist(), stage.read(roles["running_variance"]).tolist()) == ([1.0], [1.5])


def test_what_does_not_fit_is_refused() -> None:
    given = Given(Target("float32", 16, "avx512"), (3,))
    given.keep((2,))
    with pytest.raises(EngineError, match="batch_norm"):
        given.run("batch_norm", "x", "weight", "bias", "y", "normalized", "mean", "variance", epsilon=EPSILON)
    with pytest.raises(EngineError, match="layer_norm"):
        given.run("layer_norm", "x", "weight", "bias", "y", "normalized", "mean", "variance", epsilon=EPSILON)
