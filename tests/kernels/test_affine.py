"""Affine and its backward operations against plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from playground.errors import EngineError
from playground.kernels import Target
from tests.kernels.harness import Stage
from tests.reference import operations as reference

SIZES = [(1, 1), (2, 8), (8, 3), (16, 16), (17, 13), (30, 45)]  # (features, units)


def close(got: np.ndarray, wanted: np.ndarray, target: Target) -> None:
    tolerance = 2e-5 if target.dtype == "float32" else 1e-12
    np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance * max(1.0, float(np.abs(wanted).max())))


@pytest.mark.parametrize(("features", "units"), SIZES)
@pytest.mark.parametrize("steps", [None, 3])
def test_all_three_follow_the_formula(target: Target, features: int, units: int, steps: int | None) -> None:
    random = np.random.default_rng(features * 100 + units)
    valid = max(1, target.lanes - 3)
    stage = Stage(target, valid)
    lead = () if steps is None else (steps,)
    x = random.standard_normal((valid, *lead, features)).astype(target.dtype)
    dy = random.standard_normal((valid, *lead, units)).astype(target.dtype)
    weight, bias = random.standard_normal((units, features)).astype(target.dtype), random.standard_normal(units).astype(target.dtype)
    X, DY, W, B = stage.value(x), stage.value(dy), stage.parameter(weight), stage.parameter(bias)
    Y, DX, DW, DB = stage.value(shape=dy.shape[1:]), stage.value(shape=x.shape[1:]), stage.parameter(weight * 0), stage.parameter(bias * 0)

    stage.run("affine", {"x": X, "weight": W, "bias": B, "y": Y})
    close(stage.samples(Y), np.array([reference.affine(one, weight, bias) for one in x]), target)
    stage.run("affine", {"x": X, "weight": W, "bias": None, "y": Y})
    close(stage.samples(Y), np.array([reference.affine(one, weight, None) for one in x]), target)
    stage.run("affine_backward_input", {"weight": W, "dy": DY, "dx": DX})
    close(stage.samples(DX), np.array([reference.affine_backward_input(weight, one) for one in dy]), target)
    stage.run("affine_backward_weight", {"x": X, "dy": DY, "dweight": DW, "dbias": DB})
    dweight, dbias = reference.affine_backward_weight(x, dy)
    close(stage.read(DW), dweight, target)
    close(stage.read(DB), dbias, target)


def test_deep_sums_go_through_several_blocks() -> None:
    target = Target("float32", 32, "avx512")
    random = np.random.default_rng(0)
    x, weight = random.standard_normal((32, 600)).astype("f4"), random.standard_normal((13, 600)).astype("f4")
    stage = Stage(target)
    X, W, Y = stage.value(x), stage.parameter(weight), stage.value(shape=(13,))
    stage.run("affine", {"x": X, "weight": W, "bias": None, "y": Y})
    np.testing.assert_allclose(stage.samples(Y), x.astype(float) @ weight.T.astype(float), rtol=1e-4, atol=1e-4)


def test_micro_batches_after_the_first_add_up(target: Target) -> None:
    random = np.random.default_rng(5)
    x, dy = random.standard_normal((target.lanes, 5)).astype(target.dtype), random.standard_normal((target.lanes, 4)).astype(target.dtype)
    stage = Stage(target)
    X, DY, DW, DB = stage.value(x), stage.value(dy), stage.parameter(np.full((4, 5), 9.0)), stage.parameter(np.full(4, 9.0))
    stage.control.batch = stage.control.end = 3 * target.lanes
    stage.run("affine_backward_weight", {"x": X, "dy": DY, "dweight": DW, "dbias": DB}, accumulate=True)
    dweight, dbias = reference.affine_backward_weight(x, dy)
    close(stage.read(DW), 3 * dweight, target)
    close(stage.read(DB), 3 * dbias, target)


def test_shapes_that_do_not_fit_are_refused() -> None:
    stage = Stage(Target("float32", 16, "avx512"))
    X, W, Y = stage.value(shape=(5,)), stage.parameter(np.zeros((3, 4))), stage.value(shape=(3,))
    with pytest.raises(EngineError, match="affine"):
        stage.run("affine", {"x": X, "weight": W, "bias": None, "y": Y})
