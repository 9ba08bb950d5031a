"""Functions, sums, products and block copies against plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from playground.errors import EngineError
from playground.kernels import Target
from playground.kernels.elementwise import FUNCTION_NAMES
from tests.kernels.harness import Stage
from tests.reference import operations as reference

SPECIAL = [0.0, -0.0, 1e-6, -1e-6, 0.62, 0.63, -0.9, 1.0, -1.0, 3.0, -5.5, 8.0, 20.0, -20.0, 80.0, -80.0]


@pytest.mark.parametrize("name", FUNCTION_NAMES)
def test_functions_and_their_derivatives(target: Target, name: str) -> None:
    tolerance = 1e-6 if target.dtype == "float32" else 1e-13
    numbers = np.concatenate([SPECIAL, np.random.default_rng(1).uniform(-9, 9, 13 * target.lanes)])
    x = np.resize(numbers, (target.lanes, 41)).astype(target.dtype)
    dy = np.random.default_rng(2).standard_normal(x.shape).astype(target.dtype)
    stage = Stage(target)
    X, DY, Y, DX = stage.value(x), stage.value(dy), stage.value(shape=(41,)), stage.value(shape=(41,))
    stage.run("map", {"x": X, "y": Y}, function=name)
    wanted = np.array([[reference.function(name, float(v)) for v in row] for row in x])
    np.testing.assert_allclose(stage.samples(Y), wanted, rtol=tolerance, atol=tolerance)
    stage.run("map_backward", {"x": X, "y": Y, "dy": DY, "dx": DX}, function=name)
    slopes = np.array([[reference.slope(name, float(v)) for v in row] for row in x])
    np.testing.assert_allclose(stage.samples(DX), slopes * dy, rtol=20 * tolerance, atol=5 * tolerance)


@pytest.mark.parametrize("name", FUNCTION_NAMES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_not_a_number_stays(name: str, dtype: str) -> None:
    stage = Stage(Target(dtype, 16, "avx512"))
    x = np.zeros((16, 2), dtype)
    x[3, 1] = np.nan
    X, Y, DX, DY = stage.value(x), stage.value(shape=(2,)), stage.value(shape=(2,)), stage.value(np.ones_like(x))
    stage.run("map", {"x": X, "y": Y}, function=name)
    assert np.isnan(stage.samples(Y)[3, 1])
    assert np.isnan(stage.samples(Y)).sum() == 1
    if name not in ("identity", "step"):
        stage.run("map_backward", {"x": X, "y": Y, "dy": DY, "dx": DX}, function=name)
        assert np.isnan(stage.samples(DX)[3, 1])


def test_tiny_arguments_keep_their_digits() -> None:
    stage = Stage(Target("float64", 8, "avx512"))
    x = np.full((8, 1), 1e-9)
    X, Y = stage.value(x), stage.value(shape=(1,))
    for name in ("tanh", "elu"):
        stage.run("map", {"x": X, "y": Y}, function=name)
        np.testing.assert_allclose(stage.samples(Y), 1e-9, rtol=1e-12)
    stage.lanes_of(X)[:] = -30.0
    stage.run("map", {"x": X, "y": Y}, function="softplus")
    np.testing.assert_allclose(stage.samples(Y), np.log1p(np.exp(-30.0)), rtol=1e-12)


def test_unknown_function_is_refused() -> None:
    stage = Stage(Target("float32", 16, "avx512"))
    X = stage.value(shape=(2,))
    with pytest.raises(EngineError, match="sine"):
        stage.rows("map", {"x": X, "y": X}, function="sine")


@pytest.mark.parametrize("count", [1, 2, 4])
def test_sum_and_product(target: Target, count: int) -> None:
    random = np.random.default_rng(3)
    arrays = [random.standard_normal((target.lanes, 3, 5)).astype(target.dtype) for _ in range(count)]
    dy = random.standard_normal((target.lanes, 3, 5)).astype(target.dtype)
    stage = Stage(target)
    xs = [stage.value(array) for array in arrays]
    Y, DY, dxs = stage.value(shape=(3, 5)), stage.value(dy), [stage.value(shape=(3, 5)) for _ in arrays]
    stage.run("sum", {"xs": xs, "y": Y})
    np.testing.assert_allclose(stage.samples(Y), sum(arrays), rtol=1e-6, atol=1e-6)
    stage.run("product", {"xs": xs, "y": Y})
    np.testing.assert_allclose(stage.samples(Y), np.prod(arrays, axis=0), rtol=1e-5)
    stage.run("product_backward", {"xs": xs, "dy": DY, "dxs": dxs})
    for i, dx in enumerate(dxs):
        others = np.prod([array for j, array in enumerate(arrays) if j != i], axis=0) if count > 1 else 1.0
        np.testing.assert_allclose(stage.samples(dx), dy * others, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_concatenate_and_split(target: Target, axis: int) -> None:
    random = np.random.default_rng(4)
    shapes = [(2, 5), (3, 5)] if axis == 0 else [(2, 5), (2, 1), (2, 7)]
    arrays = [random.standard_normal((target.lanes, *shape)).astype(target.dtype) for shape in shapes]
    whole = np.concatenate(arrays, axis=axis + 1 if axis >= 0 else axis)
    stage = Stage(target)
    xs, Y = [stage.value(array) for array in arrays], stage.value(shape=whole.shape[1:])
    stage.run("concatenate", {"xs": xs, "y": Y}, axis=axis)
    np.testing.assert_array_equal(stage.samples(Y), whole)
    parts = [stage.value(shape=shape) for shape in shapes]
    stage.run("split", {"y": Y, "xs": parts}, axis=axis)
    for part, array in zip(parts, arrays, strict=True):
        np.testing.assert_array_equal(stage.samples(part), array)


def test_copy(target: Target) -> None:
    x = np.random.default_rng(5).standard_normal((target.lanes, 7)).astype(target.dtype)
    stage = Stage(target)
    X, Y = stage.value(x), stage.value(shape=(7, 1))
    stage.run("copy", {"x": X, "y": Y})
    np.testing.assert_array_equal(stage.samples(Y)[..., 0], x)
