"""Over time and over tokens: last, mean, largest, repeat, embedding and one-hot against plain loops, with masks and without."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from playground.kernels import Target
from tests.kernels.harness import Stage
from tests.reference import sequences as naive

STEPS, SIZE, SYMBOLS = 5, 3, 6
Array = np.ndarray


def tolerance(target: Target) -> dict[str, float]:
    small = 3e-6 if target.dtype == "float32" else 1e-13
    return {"rtol": small, "atol": small}


def staged(target: Target, masked: bool, steps: int = STEPS) -> tuple[Stage, dict[str, Any], Array, list[Array | None]]:
    """A stage, the roles x and mask, the samples and their masks: some ends are padding, and one step between is left out too."""
    random, stage = np.random.default_rng(steps), Stage(target, max(1, target.lanes - 2))
    x = random.standard_normal((stage.valid, steps, SIZE)).astype(target.dtype)
    mask = np.arange(steps) < random.integers(1, steps + 1, stage.valid)[:, None]
    roles = {"x": stage.value(x), "mask": stage.value(mask.astype(target.dtype)) if masked else None}
    return stage, roles, x, [one if masked else None for one in mask]


@pytest.mark.parametrize("steps", [1, STEPS])
@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("name", ["last", "mean_time", "max_time"])
def test_over_time_and_back(target: Target, name: str, masked: bool, steps: int) -> None:
    stage, roles, x, masks = staged(target, masked, steps)
    y, dx = stage.value(shape=(SIZE,)), stage.value(shape=(steps, SIZE))
    winners = {"winners": stage.value(shape=(SIZE,))} if name == "max_time" else {}
    stage.run(name, {**roles, "y": y, **winners})
    forms = {"last": naive.last, "mean_time": naive.mean, "max_time": lambda x, mask: naive.largest(x, mask)[0]}
    wanted = np.array([forms[name](one, mask) for one, mask in zip(x, masks, strict=True)])
    np.testing.assert_allclose(stage.samples(y), wanted, **tolerance(target))
    error = np.random.default_rng(1).standard_normal((stage.valid, SIZE)).astype(target.dtype)
    stage.lanes_of(dx)[:] = 5.0
    stage.run(f"{name}_backward", {"mask": roles["mask"], "dy": stage.value(error), "dx": dx, **winners})
    for sample, mask in enumerate(masks):
        real = [t for t in range(steps) if mask is None or mask[t]]
        for t in range(steps):
            for k in range(SIZE):
                share = {
                    "last": float(t == real[-1]),
                    "mean_time": (t in real) / len(real),
                    "max_time": float(t == naive.largest(x[sample], mask)[1][k]),
                }[name]
                assert stage.samples(dx)[sample, t, k] == pytest.approx(share * error[sample, k], rel=1e-5, abs=1e-7)


def test_the_last_state_of_a_backward_direction_is_the_first(target: Target) -> None:
    stage, roles, x, _ = staged(target, True)
    y = stage.value(shape=(SIZE,))
    stage.run("last", {**roles, "y": y}, reverse=True)
    assert (stage.samples(y) == x[:, 0]).all()


@pytest.mark.parametrize("name", ["mean_time", "max_time", "last"])
def test_not_a_number_stays_and_padding_does_not_matter(name: str) -> None:
    stage = Stage(Target("float32", 16, "avx512"), 2)
    x = np.zeros((2, 3, 1), np.float32)
    x[0, 1] = x[1, 2] = np.nan
    mask, y = stage.value(np.array([[1, 1, 0], [1, 1, 0]], np.float32)), stage.value(shape=(1,))
    winners = {"winners": stage.value(shape=(1,))} if name == "max_time" else {}
    stage.run(name, {"x": stage.value(x), "mask": mask, "y": y, **winners})
    assert np.isnan(stage.samples(y)[0])
    assert stage.samples(y)[1] == 0


def test_repeat_and_back(target: Target) -> None:
    random, stage = np.random.default_rng(0), Stage(target)
    x, dy = (random.standard_normal((target.lanes, *shape)).astype(target.dtype) for shape in ((SIZE,), (STEPS, SIZE)))
    y, dx = stage.value(shape=(STEPS, SIZE)), stage.value(shape=(SIZE,))
    stage.run("repeat", {"x": stage.value(x), "y": y})
    assert (stage.samples(y) == x[:, None]).all()
    stage.run("repeat_backward", {"dy": stage.value(dy), "dx": dx})
    np.testing.assert_allclose(stage.samples(dx), sum(dy[:, t] for t in range(STEPS)), **tolerance(target))


@pytest.mark.parametrize("size", [1, 7, 17])
def test_embedding_and_back(target: Target, size: int) -> None:
    random, stage = np.random.default_rng(size), Stage(target, max(1, target.lanes - 1))
    tokens = random.integers(0, SYMBOLS, (stage.valid, STEPS)).astype(target.dtype)
    tokens[0, 1], tokens[0, 2], tokens[0, 3] = np.nan, SYMBOLS, -1
    weight = random.standard_normal((SYMBOLS, size)).astype(target.dtype)
    dy = random.standard_normal((stage.valid, STEPS, size)).astype(target.dtype)
    X, W, Y, DW = stage.value(tokens), stage.parameter(weight), stage.value(shape=(STEPS, size)), stage.parameter(weight)
    stage.run("embedding", {"x": X, "weight": W, "y": Y})
    np.testing.assert_array_equal(stage.samples(Y), np.array([naive.embedding(one, weight) for one in tokens]))
    roles = {"x": X, "dy": stage.value(dy), "dweight": DW}
    stage.run("embedding_backward_weight", roles)
    wanted = sum(naive.embedding_gradient(one, error, SYMBOLS) for one, error in zip(tokens, dy, strict=True))
    close = {"rtol": 1e-4, "atol": 1e-4} if target.dtype == "float32" else {"rtol": 1e-12, "atol": 1e-12}
    np.testing.assert_allclose(stage.read(DW), wanted, **close)
    stage.run("embedding_backward_weight", roles, accumulate=True)  # the first micro-batch of a step begins anew
    np.testing.assert_allclose(stage.read(DW), wanted, **close)


def test_one_hot(target: Target) -> None:
    random, stage = np.random.default_rng(0), Stage(target)
    tokens = random.integers(-1, SYMBOLS + 1, (target.lanes, STEPS)).astype(target.dtype)
    y = stage.value(shape=(STEPS, SYMBOLS))
    stage.run("one_hot", {"x": stage.value(tokens), "y": y})
    assert (stage.samples(y) == (tokens[..., None] == np.arange(SYMBOLS))).all()
