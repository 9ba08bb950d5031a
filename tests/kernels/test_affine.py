"""Affine and its backward operations against plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from playground.errors import EngineError
from playground.kernels import Program, Run, Segment, Target
from playground.kernels.matmul import DEPTH_BLOCK
from tests.kernels.harness import Stage
from tests.reference import operations as reference

SIZES = [(1, 1), (2, 8), (4, 17), (8, 3), (16, 16), (17, 13), (30, 45)]  # (features, units)


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
    x, weight = (random.standard_normal((count, 2 * DEPTH_BLOCK + 88)).astype("f4") for count in (32, 27))
    stage = Stage(target)
    X, W, Y = stage.value(x), stage.parameter(weight), stage.value(shape=(27,))
    stage.run("affine", {"x": X, "weight": W, "bias": None, "y": Y})
    np.testing.assert_allclose(stage.samples(Y), x.astype(float) @ weight.T.astype(float), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("lanes", "steps"), [(DEPTH_BLOCK + 16, 3), (320, 8), (48, 50), (1, 2100)])
def test_weight_gradients_over_many_steps_go_in_several_pieces(lanes: int, steps: int) -> None:
    """More samples than a block is deep, more steps than are transposed at once."""
    random = np.random.default_rng(steps)
    x, dy = (random.standard_normal((lanes, steps, count)).astype("f4") for count in (5, 3))
    stage = Stage(Target("float32", lanes, "avx512"))
    DW, DB = stage.parameter(np.full((3, 5), 9.0)), stage.parameter(np.full(3, 9.0))
    stage.run("affine_backward_weight", {"x": stage.value(x), "dy": stage.value(dy), "dweight": DW, "dbias": DB})
    wanted = np.einsum("nto,ntf->of", dy.astype(float), x.astype(float))
    np.testing.assert_allclose(stage.read(DW), wanted, atol=2e-5 * lanes * steps**0.5)
    np.testing.assert_allclose(stage.read(DB), dy.astype(float).sum((0, 1)), atol=2e-5 * lanes * steps**0.5)


@pytest.mark.parametrize(("features", "lead"), [(5, ()), (3, (9,))])
def test_micro_batches_after_the_first_add_up(target: Target, features: int, lead: tuple[int, ...]) -> None:
    random = np.random.default_rng(5)
    x, dy = (random.standard_normal((target.lanes, *lead, size)).astype(target.dtype) for size in (features, 4))
    stage = Stage(target)
    X, DY, DW, DB = stage.value(x), stage.value(dy), stage.parameter(np.full((4, features), 9.0)), stage.parameter(np.full(4, 9.0))
    stage.control.batch = stage.control.end = 3 * target.lanes
    stage.run("affine_backward_weight", {"x": X, "dy": DY, "dweight": DW, "dbias": DB}, accumulate=True)
    dweight, dbias = reference.affine_backward_weight(x, dy)
    close(stage.read(DW), 3 * dweight, target)
    close(stage.read(DB), 3 * dbias, target)


@pytest.mark.parametrize(("lanes", "past"), [(None, 0), (None, 1), (DEPTH_BLOCK + 16, 0)])
def test_a_merged_step_gives_the_bits_of_a_step_of_its_own(target: Target, lanes: int | None, past: int) -> None:
    """Also where the sum goes through several blocks: only the whole of it makes the step. And where the memory begins ``past`` a cache
    line: only from there can the last step's gradient go past the caches."""
    target = target if lanes is None else Target(target.dtype, lanes, target.isa)
    random = np.random.default_rng(7)
    x, dy = (random.standard_normal((target.lanes, count)).astype(target.dtype) for count in (37, 14))
    weight = random.standard_normal((14, 37)).astype(target.dtype)
    found = []
    for merged in (True, False):
        stage = Stage(target)
        block, line = stage.arena.repeat(2), 64 // stage.arena.itemsize
        begin = -(block.ctypes.data // block.itemsize) % line + past
        stage.spaces["arena"] = block[begin : begin + stage.arena.size]
        W, G, B = stage.parameter(weight), stage.parameter(weight * 0), stage.parameter(weight[:, 0])
        roles = {"x": stage.value(x), "dy": stage.value(dy), "dweight": G, "dbias": B}
        rows = stage.rows("affine_backward_weight", roles | ({"weight": W} if merged else {}))
        if not merged:
            rows += stage.rows("update", {"gradient": G, "parameter": W, "state": []}, optimizer="sgd")
        stage.control.end = 3 * stage.valid
        stage.control.rates[:3] = 0.1, 0.3, 0.2
        stage.run_rows(rows, steps=3)
        found.append((stage.read(W), stage.read(G), stage.read(B)))
    for mine, apart in zip(*found, strict=True):
        np.testing.assert_array_equal(mine, apart)
    dweight = reference.affine_backward_weight(x, dy)[0]
    close(found[0][0], weight - 0.6 * dweight, target)


def test_a_merged_step_leaves_the_gradient_alone_but_in_the_last_step(target: Target) -> None:
    """The second step is refused, as the first has made the weights too large for a norm: so none was the last."""
    stage = Stage(target)
    ones = np.ones((target.lanes, 20), target.dtype)
    W, G = stage.parameter(np.zeros((20, 20))), stage.parameter(np.full((20, 20), 9.0))
    rows = stage.rows("affine_backward_weight", {"x": stage.value(ones), "dy": stage.value(ones), "dweight": G, "weight": W})
    segments = [Segment(stage.rows("norm", {"gradient": W})), Segment(rows, guarded=True)]
    program = Program(target, stage.spaces, stage.control, segments, advance=False)
    stage.control.end = 2 * stage.valid
    rate = stage.control.rates[:] = 1e30 if target.dtype == "float32" else 1e200
    assert program.run(2) == Run(1, "bad")
    close(stage.read(W), np.full((20, 20), -rate * target.lanes), target)
    assert (stage.read(G) == 9.0).all()


def test_a_gradient_in_several_parts_cannot_be_merged() -> None:
    stage = Stage(Target("float32", 16, "avx512"))
    W, G = stage.parameter(np.zeros((3, 4))), stage.parameter(np.zeros((3, 4)))
    roles = {"x": stage.value(shape=(4,)), "dy": stage.value(shape=(3,)), "dweight": G, "weight": W}
    with pytest.raises(EngineError, match="in one go"):
        stage.rows("affine_backward_weight", roles, accumulate=True)
    roles |= {"x": stage.value(shape=(2, 4)), "dy": stage.value(shape=(2, 3))}
    with pytest.raises(EngineError, match="in one go"):
        stage.rows("affine_backward_weight", roles)


def test_shapes_that_do_not_fit_are_refused() -> None:
    stage = Stage(Target("float32", 16, "avx512"))
    X, W, Y = stage.value(shape=(5,)), stage.parameter(np.zeros((3, 4))), stage.value(shape=(3,))
    with pytest.raises(EngineError, match="affine"):
        stage.run("affine", {"x": X, "weight": W, "bias": None, "y": Y})
