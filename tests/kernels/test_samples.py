"""Gather, targets, scatter and dropout."""

from __future__ import annotations

import numpy as np
import pytest

from playground.kernels import Target, padded
from tests.kernels.harness import Stage
from tests.reference import random as reference


@pytest.mark.parametrize("size", [1, 2, 16, 37])
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_gather_picks_scales_and_lays_samples_side_by_side(target: Target, size: int, dtype: str) -> None:
    random = np.random.default_rng(size)
    valid = max(1, target.lanes - 1)
    data = random.integers(0, 255, (50, size)).astype(dtype)
    order = random.permutation(50)[:valid].astype(np.int32) if valid <= 50 else random.integers(0, 50, valid).astype(np.int32)
    stage = Stage(target, valid)
    D, ORDER, X = stage.space("data", data), stage.space("order", order), stage.value(shape=(size,))
    rows = stage.scratch(target.lanes * padded(size))
    stage.lanes_of(X)[:] = 9.0
    stage.run("gather", {"data": D, "order": ORDER, "x": X, "x_rows": rows}, dtype=dtype, scale=1 / 255, offset=-0.5)
    wanted = data[order].astype(float) / 255 - 0.5
    np.testing.assert_allclose(stage.samples(X), wanted, atol=1e-6)
    assert not stage.lanes_of(X)[:, valid:].any()
    if target.lanes > 1:
        kept = stage.arena[rows.start : rows.start + rows.extent].reshape(target.lanes, -1)
        np.testing.assert_allclose(kept[:valid, :size], wanted, atol=1e-6)
        assert not kept[valid:].any()
        assert not kept[:, size:].any()


@pytest.mark.parametrize("encoding", ["index", "one_hot", "binary", "value"])
def test_targets(target: Target, encoding: str) -> None:
    random = np.random.default_rng(1)
    valid = max(1, target.lanes - 1)
    size = {"index": 1, "one_hot": 4, "binary": 2, "value": 3}[encoding]
    data = (
        random.uniform(-1, 1, (20, size))
        if encoding == "value"
        else random.integers(0, 2 if encoding == "binary" else 4, (20, 2 if encoding == "binary" else 1))
    )
    order = random.integers(0, 20, valid).astype(np.int32)
    stage = Stage(target, valid)
    D, ORDER, T = stage.space("targets", data.astype("f4")), stage.space("order", order), stage.value(shape=(size,))
    stage.run("gather_target", {"data": D, "order": ORDER, "target": T}, encoding=encoding, low=0.1, high=0.9)
    chosen = data[order]
    wanted = {
        "index": chosen,
        "one_hot": np.where(np.arange(4) == chosen, 0.9, 0.1) if encoding == "one_hot" else None,
        "binary": np.where(chosen > 0.5, 0.9, 0.1),
        "value": chosen,
    }[encoding]
    np.testing.assert_allclose(stage.samples(T), wanted, atol=1e-6)
    assert not stage.lanes_of(T)[:, valid:].any()


def test_scatter_writes_by_position_over_micro_batches(target: Target) -> None:
    stage = Stage(target)
    y = np.random.default_rng(2).standard_normal((target.lanes, 3)).astype(target.dtype)
    Y, OUT = stage.value(y), stage.space("output", np.full((2 * target.lanes + 1, 3), -1, target.dtype))
    stage.control.batch = stage.control.end = 2 * target.lanes
    stage.run("scatter", {"y": Y, "output": OUT})
    np.testing.assert_array_equal(stage.spaces["output"][:-1], np.concatenate([y, y]))
    assert (stage.spaces["output"][-1] == -1).all()


def test_dropout_is_keyed_by_key_step_and_sample(target: Target) -> None:
    valid, rate, key, step = max(1, target.lanes - 1), 0.3, 2**62 + 12345, 41
    order = np.random.default_rng(3).integers(0, 60000, valid).astype(np.int32)
    x = np.random.default_rng(4).standard_normal((valid, 9)).astype(target.dtype)
    stage = Stage(target, valid)
    stage.control.step = step
    stage.control.dropout_rates[5] = rate
    roles = {"x": stage.value(x), "order": stage.space("order", order), "y": stage.value(shape=(9,)), "mask": stage.value(shape=(9,))}
    stage.run("dropout", roles, key=key, rate_slot=5)
    wanted = np.array([[0.0 if reference.uniform(key, step, int(s), i) < rate else 1 / (1 - rate) for i in range(9)] for s in order])
    np.testing.assert_allclose(stage.samples(roles["mask"]), wanted, rtol=1e-6)
    np.testing.assert_allclose(stage.samples(roles["y"]), wanted * x, rtol=1e-6)
    dx = stage.value(shape=(9,))
    stage.run("dropout_backward", {"mask": roles["mask"], "dy": roles["x"], "dx": dx})
    np.testing.assert_allclose(stage.samples(dx), wanted * x, rtol=1e-6)


def test_dropout_drops_the_share_it_should() -> None:
    stage = Stage(Target("float32", 128, "avx512"))
    stage.control.dropout_rates[0] = 0.25
    order = stage.space("order", np.arange(128, dtype=np.int32))
    X, Y, M = stage.value(np.ones((128, 200), "f4")), stage.value(shape=(200,)), stage.value(shape=(200,))
    masks = []
    for step in range(3):
        stage.control.step = step
        stage.run("dropout", {"x": X, "order": order, "y": Y, "mask": M}, key=7, rate_slot=0)
        masks.append(stage.samples(M) == 0)
    assert abs(np.mean(masks) - 0.25) < 0.01
    assert abs(np.mean(masks[0] & masks[1]) - 0.0625) < 0.006  # steps are independent
    assert abs(np.mean(masks[0][1:] & masks[0][:-1]) - 0.0625) < 0.006  # samples are
    assert abs(np.mean(masks[0][:, 1:] & masks[0][:, :-1]) - 0.0625) < 0.006  # elements are
