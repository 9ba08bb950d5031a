"""Targets at each step: what is gathered, what counts, and the losses over it, against plain loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from playground.kernels import LOSSES, Target
from tests.kernels.harness import Stage
from tests.reference import operations as reference

STEPS, WIDE, SAMPLES = 4, 3, 7
Array = np.ndarray


def staged(target: Target) -> tuple[Stage, dict[str, Any], Array]:
    """A stage with lengths and an order in memory, a lane or two of it without a sample."""
    random = np.random.default_rng(target.lanes)
    stage = Stage(target, max(1, target.lanes - 2))
    lengths = random.integers(1, STEPS + 1, SAMPLES).astype(np.int32)
    order = random.integers(0, SAMPLES, target.lanes).astype(np.int32)
    return stage, {"lengths": stage.space("lengths", lengths), "order": stage.space("order", order)}, lengths[order[: stage.valid]]


def test_a_mask_is_one_where_a_step_is_real(target: Target) -> None:
    stage, roles, lengths = staged(target)
    mask = stage.value(shape=(STEPS,))
    stage.lanes_of(mask)[:] = 5.0
    stage.run("gather_mask", {**roles, "mask": mask})
    assert (stage.samples(mask) == [[t < length for t in range(STEPS)] for length in lengths]).all()
    assert not stage.lanes_of(mask)[..., stage.valid :].any()


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("encoding", ["index", "one_hot", "binary", "value"])
def test_targets_of_steps(target: Target, encoding: str, told: bool) -> None:
    stage, roles, lengths = staged(target)
    random = np.random.default_rng(1)
    size = {"index": 1, "binary": 1}.get(encoding, WIDE)
    classes = random.integers(-1, 2 if encoding == "binary" else WIDE, (SAMPLES, STEPS)).astype(np.float32)
    data = random.standard_normal((SAMPLES, STEPS, WIDE)).astype(np.float32) if encoding == "value" else classes
    goal, counted = stage.value(shape=(STEPS, size)), stage.value(shape=(STEPS,))
    given = {**roles, "lengths": roles["lengths"] if told else None, "data": stage.space("targets", data)}
    stage.run("gather_steps", {**given, "target": goal, "counted": counted}, encoding=encoding, low=0.25, high=0.75)
    rows = stage.spaces["order"][: stage.valid]
    for lane, row in enumerate(rows):
        for t in range(STEPS):
            real = (not told or t < lengths[lane]) and (encoding == "value" or classes[row, t] >= 0)
            assert stage.samples(counted)[lane, t] == real
            wanted = {
                "index": [classes[row, t]],
                "one_hot": [0.75 if classes[row, t] == c else 0.25 for c in range(WIDE)],
                "binary": [0.75 if classes[row, t] > 0.5 else 0.25],
                "value": data[row, t],
            }[encoding]
            assert (stage.samples(goal)[lane, t] == wanted).all()
    assert not stage.lanes_of(counted)[..., stage.valid :].any()
    assert not stage.lanes_of(goal)[..., stage.valid :].any()


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("size", [1, 3])
def test_a_loss_over_the_steps_that_count(target: Target, kind: str, size: int) -> None:
    random, stage = np.random.default_rng(3), Stage(target, max(1, target.lanes - 3))
    x = random.standard_normal((stage.valid, STEPS, size)).astype(target.dtype)
    y = x
    goal = random.integers(0, 2, (stage.valid, STEPS, 1 if kind == "softmax_cross_entropy" else size)).astype(target.dtype)
    if kind == "softmax_cross_entropy":
        goal = np.minimum(goal, size - 1)
        y = np.array([reference.softmax(one) for one in x]).astype(target.dtype)
    elif kind == "binary_cross_entropy":
        y = np.vectorize(lambda v: reference.function("sigmoid", v))(x.astype(float)).astype(target.dtype)
    counted = random.random((stage.valid, STEPS)) < 0.6
    counted[0] = False
    counted[0, 1] = True
    x[~counted] = np.nan  # what does not count may be anything
    roles = {
        "x": stage.value(x),
        "y": stage.value(y),
        "target": stage.value(goal),
        "counted": stage.value(counted.astype(target.dtype)),
        "dx": stage.value(shape=(STEPS, size)),
        "loss": stage.value(shape=()),
    }
    stage.lanes_of(roles["dx"])[:] = 5.0
    stage.run_rows([*stage.rows("count_steps", {"counted": roles["counted"]}), *stage.rows("loss", roles, kind=kind)])
    parts = {(s, t): reference.loss(kind, x[s, t], goal[s, t]) for s in range(stage.valid) for t in range(STEPS) if counted[s, t]}
    own = [[found[0] for (s, _), found in parts.items() if s == sample] for sample in range(stage.valid)]
    tolerance = 3e-5 if target.dtype == "float32" else 1e-11
    close = {"rtol": tolerance, "atol": tolerance}
    np.testing.assert_allclose(stage.samples(roles["loss"]), [np.mean(one) if one else 0.0 for one in own], **close)
    wanted = np.zeros((stage.valid, STEPS, size))
    for (s, t), found in parts.items():
        wanted[s, t] = found[1] / len(parts)
    np.testing.assert_allclose(stage.samples(roles["dx"]), wanted, **close)
    assert not stage.lanes_of(roles["dx"])[..., stage.valid :].any()
    assert stage.control.counted == stage.control.counts[0] == len(parts)
    assert stage.control.correct == sum(found[2] for found in parts.values())
    np.testing.assert_allclose(stage.control.losses[0], sum(found[0] for found in parts.values()) / len(parts), **close)
