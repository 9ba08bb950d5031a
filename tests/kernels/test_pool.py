"""Pools against plain loops: pictures and sequences, strides, paddings, overlaps and gaps, ties and not-a-number."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from playground.errors import EngineError
from playground.kernels import Region, Target, expand
from tests.kernels.harness import Stage
from tests.reference import pooling as reference

Case = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]

CASES: list[Case] = [
    ((3, 6, 8), (2, 2), (2, 2), (0, 0, 0, 0)),
    ((2, 7, 5), (2, 2), (2, 2), (0, 0, 0, 0)),  # a row and a column left over
    ((2, 7, 5), (2, 2), (2, 2), (0, 1, 0, 1)),  # "same"
    ((2, 6, 7), (3, 3), (2, 2), (1, 1, 1, 1)),  # overlapping
    ((1, 5, 9), (3, 2), (1, 3), (1, 0, 0, 1)),  # overlapping rows, gaps between columns
    ((2, 9, 4), (2, 1), (4, 1), (0, 0, 0, 0)),
    ((4, 5, 3), (5, 3), (1, 1), (0, 0, 0, 0)),  # global
    ((4, 5, 3), (5, 3), (7, 9), (0, 0, 0, 0)),
    ((3, 1, 1), (1, 1), (1, 1), (0, 0, 0, 0)),
    ((7, 5), (2,), (2,), (0, 0)),
    ((7, 1), (3,), (2,), (1, 1)),
    ((8, 3), (2,), (3,), (0, 0)),
    ((6, 17), (6,), (6,), (0, 0)),
]


def name_of(case: Case) -> str:
    return " ".join("x".join(map(str, part)) for part in case)


def options_of(case: Case) -> dict[str, Any]:
    _, size, stride, padding = case
    return {"size": size, "stride": stride, "padding": padding}


def samples_of(case: Case, target: Target, seed: int = 0) -> np.ndarray:
    """Small whole numbers, so that there are many ties."""
    return np.random.default_rng(seed).integers(-3, 4, (max(1, target.lanes - 3), *case[0])).astype(target.dtype)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_max_pool_and_its_way_back(target: Target, case: Case) -> None:
    x = samples_of(case, target)
    shape, _ = reference.windows(*case)
    dy = np.random.default_rng(1).standard_normal((len(x), *shape)).astype(target.dtype)
    stage = Stage(target, len(x))
    X, Y, W, DY, DX = stage.value(x), stage.value(shape=shape), stage.value(shape=shape), stage.value(dy), stage.value(shape=case[0])
    stage.lanes_of(DX)[:] = 5.0  # what was there is nobody's business
    stage.run("max_pool", {"x": X, "y": Y, "winners": W}, **options_of(case))
    stage.run("max_pool_backward", {"winners": W, "dy": DY, "dx": DX}, **options_of(case))
    for s in range(len(x)):
        largest, winners = reference.max_pool(x[s], *case[1:])
        np.testing.assert_array_equal(stage.samples(Y)[s], largest)
        np.testing.assert_array_equal(stage.samples(W)[s], winners)
        np.testing.assert_allclose(stage.samples(DX)[s], reference.max_pool_backward(x[s], dy[s], *case[1:]), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_mean_pool_and_its_way_back(target: Target, case: Case) -> None:
    x = samples_of(case, target)
    shape, _ = reference.windows(*case)
    dy = np.random.default_rng(1).standard_normal((len(x), *shape)).astype(target.dtype)
    stage = Stage(target, len(x))
    X, Y, DY, DX = stage.value(x), stage.value(shape=shape), stage.value(dy), stage.value(shape=case[0])
    stage.lanes_of(DX)[:] = 5.0
    stage.run("mean_pool", {"x": X, "y": Y}, **options_of(case))
    stage.run("mean_pool_backward", {"dy": DY, "dx": DX}, **options_of(case))
    for s in range(len(x)):
        np.testing.assert_allclose(stage.samples(Y)[s], reference.mean_pool(x[s], *case[1:]), rtol=1e-5, atol=1e-6)
        wanted = reference.mean_pool_backward(dy[s], case[0], *case[1:])
        np.testing.assert_allclose(stage.samples(DX)[s], wanted, rtol=1e-5, atol=1e-6)


def test_not_a_number_wins_and_stays(target: Target) -> None:
    x = np.zeros((target.lanes, 1, 2, 4), target.dtype)
    x[:, 0, 0] = 1, np.nan, 2, 3
    x[:, 0, 1] = 5, np.nan, np.inf, 4
    stage = Stage(target)
    X, Y, W = stage.value(x), stage.value(shape=(1, 1, 2)), stage.value(shape=(1, 1, 2))
    options: dict[str, Any] = {"size": (2, 2), "stride": (2, 2), "padding": (0, 0, 0, 0)}
    stage.run("max_pool", {"x": X, "y": Y, "winners": W}, **options)
    assert np.isnan(stage.samples(Y)[:, 0, 0, 0]).all()
    assert (stage.samples(Y)[:, 0, 0, 1] == np.inf).all()
    assert (stage.samples(W)[:, 0, 0] == (1, 6)).all()
    stage.run("mean_pool", {"x": X, "y": Y}, **options)
    assert np.isnan(stage.samples(Y)[:, 0, 0, 0]).all()


def test_pinned_by_hand() -> None:
    """Item 20 of the tutorial: the error goes to the winner alone; the mean divides it, a quarter each."""
    stage = Stage(Target("float64", 1, "generic"))
    x = np.array([[[[1.0, 3.0, 0.0, 0.0], [2.0, 0.0, 0.0, -1.0]]]])
    X, Y, W, DX = stage.value(x), stage.value(shape=(1, 1, 2)), stage.value(shape=(1, 1, 2)), stage.value(shape=(1, 2, 4))
    DY = stage.value(np.array([[[[8.0, 4.0]]]]))
    options: dict[str, Any] = {"size": (2, 2), "stride": (2, 2), "padding": (0, 0, 0, 0)}
    stage.run("max_pool", {"x": X, "y": Y, "winners": W}, **options)
    assert stage.samples(Y).tolist() == [[[[3.0, 0.0]]]]
    assert stage.samples(W).tolist() == [[[[1.0, 2.0]]]]
    stage.run("max_pool_backward", {"winners": W, "dy": DY, "dx": DX}, **options)
    assert stage.samples(DX).tolist() == [[[[0.0, 8.0, 4.0, 0.0], [0.0, 0.0, 0.0, 0.0]]]]
    stage.run("mean_pool", {"x": X, "y": Y}, **options)
    assert stage.samples(Y).tolist() == [[[[1.5, -0.25]]]]
    stage.run("mean_pool_backward", {"dy": DY, "dx": DX}, **options)
    assert stage.samples(DX).tolist() == [[[[2.0, 2.0, 1.0, 1.0], [2.0, 2.0, 1.0, 1.0]]]]


@pytest.mark.parametrize(
    ("shape", "made", "options"),
    [
        ((2, 4, 4), (2, 3, 2), {"size": (2, 2), "stride": (2, 2), "padding": (0, 0, 0, 0)}),
        ((2, 4, 4), (3, 2, 2), {"size": (2, 2), "stride": (2, 2), "padding": (0, 0, 0, 0)}),
        ((2, 4, 4), (2, 4, 4), {"size": (2, 2), "stride": (2, 2), "padding": (2, 2, 2, 2)}),  # windows without a place
        ((1, 5000, 5000), (1, 2500, 2500), {"size": (2, 2), "stride": (2, 2), "padding": (0, 0, 0, 0)}),  # too many to number
    ],
)
def test_what_does_not_fit_is_refused(shape: tuple[int, ...], made: tuple[int, ...], options: dict[str, Any]) -> None:
    X, Y = Region("arena", 0, 1 << 26, shape), Region("arena", 1 << 26, 1 << 26, made)
    with pytest.raises(EngineError, match="max_pool"):
        expand("max_pool", {"x": X, "y": Y, "winners": replace(Y, start=1 << 27)}, options, Target("float32", 1, "generic"))
