"""Optimizers against torch.optim's rules, clipping against clip_grad_norm_."""

from __future__ import annotations

import numpy as np
import pytest

from playground.errors import EngineError
from playground.kernels import STATES, Program, Segment, Target
from tests.kernels.harness import Stage
from tests.reference.optimizers import Optimizer, clipped


@pytest.mark.parametrize("name", STATES)
@pytest.mark.parametrize(("l1", "l2"), [(0.0, 0.0), (0.03, 0.2)])
def test_several_steps(target: Target, name: str, l1: float, l2: float) -> None:
    random = np.random.default_rng(1)
    weight = random.standard_normal((3, 21)).astype(target.dtype)
    weight[0, 0] = 0.0
    stage = Stage(target)
    W, G = stage.parameter(weight), stage.parameter(weight)
    state = [stage.parameter(weight * 0) for _ in range(STATES[name])]
    rows = stage.rows("update", {"gradient": G, "parameter": W, "state": state}, optimizer=name, l1=l1, l2=l2)
    program = Program(target, stage.spaces, stage.control, [Segment(rows, guarded=True)])
    reference, wanted = Optimizer(name, 0.05, l1, l2), weight.astype(float)
    stage.control.rates[:] = 0.05
    for _ in range(4):
        gradient = random.standard_normal(weight.shape).astype(target.dtype)
        stage.arena[G.start : G.start + G.extent].reshape(3, -1)[:, :21] = gradient
        stage.control.cursor = 0
        assert program.run(1).steps == 1
        wanted = reference.step(wanted, gradient)
    tolerance = 2e-5 if target.dtype == "float32" else 1e-12
    np.testing.assert_allclose(stage.read(W), wanted, rtol=tolerance, atol=tolerance)
    assert stage.control.update_step == 4


@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_ranges_without_decay_are_not_decayed(name: str) -> None:
    target = Target("float32", 16, "avx512")
    stage = Stage(target)
    W, G = stage.parameter(np.ones(5)), stage.parameter(np.zeros(5))
    roles = {"gradient": G, "parameter": W, "state": [stage.parameter(np.zeros(5)) for _ in range(STATES[name])]}
    stage.control.rates[:] = 0.1
    stage.run("update", roles, optimizer=name, l1=0.1, l2=0.1, weight_decay=0.5, decays=False)
    np.testing.assert_array_equal(stage.read(W), 1.0)
    stage.run("update", roles, optimizer=name, l1=0.1, l2=0.1, weight_decay=0.5, decays=True)
    assert (stage.read(W) < 1).all()


@pytest.mark.parametrize("most", [0.5, 100.0])
def test_clipping_acts_on_the_norm_of_all_gradients(target: Target, most: float) -> None:
    random = np.random.default_rng(2)
    gradients = [random.standard_normal((40, 37)).astype(target.dtype), random.standard_normal(40).astype(target.dtype)]
    stage = Stage(target)
    regions = [(stage.parameter(g * 0), stage.parameter(g)) for g in gradients]
    rows = [row for _, G in regions for row in stage.rows("norm", {"gradient": G})] + stage.rows("clip", {}, most=most)
    rows += [row for W, G in regions for row in stage.rows("update", {"gradient": G, "parameter": W, "state": []}, optimizer="sgd")]
    stage.control.rates[:] = 1.0
    stage.run_rows(rows)
    for (W, _), wanted in zip(regions, clipped(gradients, most), strict=True):
        np.testing.assert_allclose(stage.read(W), -wanted, rtol=1e-5)
    np.testing.assert_allclose(stage.control.norms[0], np.sqrt(sum(np.sum(g.astype(float) ** 2) for g in gradients)), rtol=1e-5)


@pytest.mark.parametrize("most", [None, 0.5])
def test_clipping_by_value_cuts_each_entry_after_clipping_by_norm(target: Target, most: float | None) -> None:
    gradient = (3 * np.random.default_rng(2).standard_normal((7, 19))).astype(target.dtype)
    stage = Stage(target)
    W, G = stage.parameter(gradient * 0), stage.parameter(gradient)
    rows = (
        stage.rows("norm", {"gradient": G}) + (stage.rows("clip", {}, most=most) if most else []) + stage.rows("largest", {"gradient": G})
    )
    rows += stage.rows("update", {"gradient": G, "parameter": W, "state": []}, optimizer="sgd", clip_value=0.04)
    stage.control.rates[:] = 1.0
    stage.run_rows(rows)
    (given,) = clipped([gradient], most) if most else (gradient,)
    np.testing.assert_allclose(stage.read(W), -np.clip(given, -0.04, 0.04), rtol=1e-5)
    assert stage.control.largests[0] == pytest.approx(np.abs(given).max(), rel=1e-5)


def test_clipping_by_value_keeps_not_a_number() -> None:
    stage = Stage(Target("float32", 16, "avx512"))
    W, G = stage.parameter(np.zeros(3)), stage.parameter(np.array([np.nan, np.inf, -2.0]))
    stage.control.rates[:] = 1.0
    stage.run("update", {"gradient": G, "parameter": W, "state": []}, optimizer="sgd", clip_value=1.0)
    np.testing.assert_array_equal(stage.read(W), [np.nan, -1.0, 1.0])


def test_wrong_state_is_refused() -> None:
    stage = Stage(Target("float32", 16, "avx512"))
    W = stage.parameter(np.zeros(5))
    with pytest.raises(EngineError, match="adam"):
        stage.rows("update", {"gradient": W, "parameter": W, "state": []}, optimizer="adam")
