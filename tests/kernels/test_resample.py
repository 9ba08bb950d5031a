"""Padding and upsampling against plain loops, and the errors that come back."""

from __future__ import annotations

import numpy as np
import pytest

from playground.errors import EngineError
from playground.kernels import Target
from tests.kernels.harness import Stage
from tests.reference import resampling as reference

Sizes = tuple[int, ...]


def random(target: Target, *shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((max(1, target.lanes - 3), *shape)).astype(target.dtype)


@pytest.mark.parametrize(
    ("shape", "padding"),
    [
        ((3, 4, 5), (1, 1, 1, 1)),
        ((2, 3, 3), (0, 1, 2, 0)),
        ((1, 1, 1), (3, 0, 0, 4)),
        ((2, 3, 7), (0, 0, 0, 0)),
        ((5, 3), (2, 1)),
        ((1, 17), (0, 3)),
    ],
)
def test_pad(target: Target, shape: Sizes, padding: Sizes) -> None:
    x = random(target, *shape)
    wide = reference.pad(x[0], padding).shape
    dy = random(target, *wide, seed=1)
    stage = Stage(target, len(x))
    X, Y, DY, DX = stage.value(x), stage.value(shape=wide), stage.value(dy), stage.value(shape=shape)
    stage.lanes_of(Y)[:] = stage.lanes_of(DX)[:] = 5.0  # what was there is nobody's business
    stage.run("pad", {"x": X, "y": Y}, padding=padding)
    stage.run("pad_backward", {"dy": DY, "dx": DX}, padding=padding)
    np.testing.assert_array_equal(stage.samples(Y), [reference.pad(one, padding) for one in x])
    np.testing.assert_array_equal(stage.samples(DX), [reference.pad_backward(one, shape, padding) for one in dy])


@pytest.mark.parametrize(
    ("shape", "factor"),
    [((3, 4, 5), (2, 2)), ((2, 3, 2), (1, 3)), ((1, 1, 1), (4, 3)), ((2, 3, 3), (1, 1)), ((5, 3), (2,)), ((2, 17), (3,))],
)
def test_upsample(target: Target, shape: Sizes, factor: Sizes) -> None:
    x = random(target, *shape)
    wide = reference.upsample(x[0], factor).shape
    dy = random(target, *wide, seed=1)
    stage = Stage(target, len(x))
    X, Y, DY, DX = stage.value(x), stage.value(shape=wide), stage.value(dy), stage.value(shape=shape)
    stage.lanes_of(DX)[:] = 5.0
    stage.run("upsample", {"x": X, "y": Y}, factor=factor)
    stage.run("upsample_backward", {"dy": DY, "dx": DX}, factor=factor)
    np.testing.assert_array_equal(stage.samples(Y), [reference.upsample(one, factor) for one in x])
    wanted = [reference.upsample_backward(one, shape, factor) for one in dy]
    np.testing.assert_allclose(stage.samples(DX), wanted, rtol=1e-5, atol=1e-6)


def test_pinned_by_hand() -> None:
    stage = Stage(Target("float64", 1, "generic"))
    X, Y, DX = stage.value(np.array([[[[1.0, 2.0]]]])), stage.value(shape=(1, 2, 4)), stage.value(shape=(1, 1, 2))
    stage.run("upsample", {"x": X, "y": Y}, factor=(2, 2))
    assert stage.samples(Y).tolist() == [[[[1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 2.0, 2.0]]]]
    stage.run("upsample_backward", {"dy": Y, "dx": DX}, factor=(2, 2))
    assert stage.samples(DX).tolist() == [[[[4.0, 8.0]]]]
    stage.run("pad", {"x": X, "y": Y}, padding=(1, 0, 0, 2))
    assert stage.samples(Y).tolist() == [[[[0.0, 0.0, 0.0, 0.0], [1.0, 2.0, 0.0, 0.0]]]]
    stage.run("pad_backward", {"dy": Y, "dx": DX}, padding=(1, 0, 0, 2))
    assert stage.samples(DX).tolist() == [[[[1.0, 2.0]]]]


def test_what_does_not_fit_is_refused() -> None:
    stage = Stage(Target("float32", 16, "avx512"))
    X, Y = stage.value(shape=(2, 3, 3)), stage.value(shape=(2, 4, 4))
    with pytest.raises(EngineError, match=r"'pad': a padding of \(1, 1, 1, 1\)"):
        stage.rows("pad", {"x": X, "y": Y}, padding=(1, 1, 1, 1))
    with pytest.raises(EngineError, match=r"'upsample': a factor of \(2, 2\)"):
        stage.rows("upsample", {"x": X, "y": Y}, factor=(2, 2))
    with pytest.raises(EngineError, match="got shape"):
        stage.rows("pad", {"x": stage.value(shape=(1, 1, 1, 1)), "y": Y}, padding=(1, 1, 1, 1))
