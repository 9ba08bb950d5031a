"""Softmax and the losses against the formulas; lanes past the batch never count."""

from __future__ import annotations

import numpy as np
import pytest

from playground.kernels import LOSSES, Target
from tests.kernels.harness import Stage
from tests.reference import operations as reference


def tolerance_of(target: Target) -> float:
    return 3e-6 if target.dtype == "float32" else 1e-12


@pytest.mark.parametrize("shape", [(1,), (2,), (10,), (3, 4)])
def test_softmax_and_its_backward(target: Target, shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(7)
    x, dy = (random.standard_normal((target.lanes, *shape)).astype(target.dtype) * 4 for _ in range(2))
    stage = Stage(target)
    X, DY, Y, DX = stage.value(x), stage.value(dy), stage.value(shape=shape), stage.value(shape=shape)
    stage.run("softmax", {"x": X, "y": Y})
    y = np.array([reference.softmax(one) for one in x])
    np.testing.assert_allclose(stage.samples(Y), y, rtol=tolerance_of(target), atol=tolerance_of(target))
    stage.run("softmax_backward", {"y": Y, "dy": DY, "dx": DX})
    wanted = np.array([reference.softmax_backward(a, b) for a, b in zip(y, dy, strict=True)])
    np.testing.assert_allclose(stage.samples(DX), wanted, rtol=10 * tolerance_of(target), atol=10 * tolerance_of(target))


def test_softmax_keeps_not_a_number_in_its_lane() -> None:
    stage = Stage(Target("float32", 16, "avx512"))
    x = np.zeros((16, 3), np.float32)
    x[2, 1] = np.nan
    X, Y = stage.value(x), stage.value(shape=(3,))
    stage.run("softmax", {"x": X, "y": Y})
    assert np.isnan(stage.samples(Y)[2]).all()
    assert np.isnan(stage.samples(Y)).sum() == 3


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("size", [1, 3, 10])
def test_losses(target: Target, kind: str, size: int) -> None:
    random = np.random.default_rng(size)
    valid = max(1, target.lanes - 2)
    x = (3 * random.standard_normal((valid, size))).astype(target.dtype)
    if kind == "softmax_cross_entropy":
        goal = random.integers(0, size, (valid, 1)).astype(target.dtype)
        y = np.array([reference.softmax(one) for one in x])
    else:
        goal = random.integers(0, 2, (valid, size)).astype(target.dtype)
        y = np.vectorize(lambda v: reference.function("sigmoid", v))(x.astype(float)) if kind == "binary_cross_entropy" else x
    stage = Stage(target, valid)
    roles = {
        "x": stage.value(x),
        "y": stage.value(y.astype(target.dtype)),
        "target": stage.value(goal),
        "dx": stage.value(shape=(size,)),
        "loss": stage.value(shape=()),
    }
    stage.lanes_of(roles["dx"])[:] = 5.0
    stage.run("loss", roles, kind=kind, low=0.0, high=1.0)
    wanted = [reference.loss(kind, a, b) for a, b in zip(x, goal, strict=True)]
    tolerance = tolerance_of(target)
    np.testing.assert_allclose(stage.samples(roles["loss"]), [w[0] for w in wanted], rtol=10 * tolerance, atol=10 * tolerance)
    np.testing.assert_allclose(stage.samples(roles["dx"]) * valid, [w[1] for w in wanted], rtol=10 * tolerance, atol=10 * tolerance)
    assert not stage.lanes_of(roles["dx"])[..., valid:].any()
    assert stage.control.correct == sum(w[2] for w in wanted)
    np.testing.assert_allclose(stage.control.loss, sum(w[0] for w in wanted), rtol=10 * tolerance)
    np.testing.assert_allclose(stage.control.losses[0], sum(w[0] for w in wanted) / valid, rtol=10 * tolerance)


@pytest.mark.parametrize("kind", LOSSES)
def test_a_loss_of_a_sequence_is_the_mean_of_its_steps(target: Target, kind: str) -> None:
    random, steps, size = np.random.default_rng(3), 5, 3
    x = random.standard_normal((target.lanes, steps, size)).astype(target.dtype)
    y = x
    goal = random.integers(0, 2, (target.lanes, steps, 1 if kind == "softmax_cross_entropy" else size)).astype(target.dtype)
    if kind == "softmax_cross_entropy":
        y = np.array([reference.softmax(one) for one in x]).astype(target.dtype)
    elif kind == "binary_cross_entropy":
        y = np.vectorize(lambda v: reference.function("sigmoid", v))(x.astype(float)).astype(target.dtype)
    stage = Stage(target)
    roles = {
        "x": stage.value(x),
        "y": stage.value(y),
        "target": stage.value(goal),
        "dx": stage.value(shape=(steps, size)),
        "loss": stage.value(shape=()),
    }
    stage.run("loss", roles, kind=kind)
    parts = [[reference.loss(kind, a, b) for a, b in zip(one, aim, strict=True)] for one, aim in zip(x, goal, strict=True)]
    close = {"rtol": 10 * tolerance_of(target), "atol": 10 * tolerance_of(target)}
    np.testing.assert_allclose(stage.samples(roles["loss"]), [np.mean([part[0] for part in one]) for one in parts], **close)
    gradients = np.array([[part[1] for part in one] for one in parts]) / steps
    np.testing.assert_allclose(stage.samples(roles["dx"]) * target.lanes, gradients, **close)


@pytest.mark.parametrize("kind", LOSSES)
def test_a_loss_that_is_no_number_shows(kind: str) -> None:
    stage = Stage(Target("float32", 16, "avx512"), 4)
    size = 1 if kind == "softmax_cross_entropy" else 2
    x = np.zeros((4, 2), np.float32)
    x[1, 0] = np.nan
    roles = {
        "x": stage.value(x),
        "y": stage.value(x),
        "target": stage.value(np.zeros((4, size), np.float32)),
        "dx": stage.value(shape=(2,)),
        "loss": stage.value(shape=()),
    }
    stage.run("loss", roles, kind=kind)
    assert np.isnan(stage.control.loss)
    assert np.isnan(stage.samples(roles["loss"])[1])


def test_targets_of_other_values_are_told_apart_at_their_middle() -> None:
    stage = Stage(Target("float32", 16, "avx512"), 4)
    x, goal = np.array([[0.45], [0.55], [0.2], [0.8]], "f4"), np.array([[0.1], [0.9], [0.9], [0.9]], "f4")
    roles = {
        "x": stage.value(x),
        "y": stage.value(x),
        "target": stage.value(goal),
        "dx": stage.value(shape=(1,)),
        "loss": stage.value(shape=()),
    }
    stage.run("loss", roles, kind="half_squared_error", low=0.1, high=0.9)
    assert stage.control.correct == 3
