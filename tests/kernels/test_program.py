"""The row loop: batches, micro-batches, the reasons to stop, guards, and that whole training steps are right."""

from __future__ import annotations

import math
import threading
import time

import numpy as np
import pytest

from playground import kernels
from playground.errors import EngineError
from playground.kernels import Access, Control, Program, Region, Row, Segment, Target
from playground.kernels.control import LAST
from tests.benchmarks.kernels.mlp import Mlp
from tests.reference import operations as reference
from tests.reference.optimizers import Optimizer


def small(optimizer: str = "sgd", batch: int = 5, samples: int = 13, **more: object) -> Mlp:
    random = np.random.default_rng(3)
    data = random.standard_normal((samples, 3)).astype(np.float32)
    targets = (data[:, :1] > 0).astype(np.float32)
    return Mlp((3, 6, 1), batch, "tanh", "binary_cross_entropy", optimizer, data, targets, rate=0.1, **more)  # type: ignore[arg-type]


def reference_training(
    net: Mlp, data: np.ndarray, targets: np.ndarray, order: np.ndarray, steps: int, batch: int
) -> tuple[list[np.ndarray], list[float]]:
    """The same training with plain loops: the weights after it, and each step's loss."""
    parameters = [array.astype(float) for array in net.weights()]
    optimizers = [Optimizer("sgd", 0.1) for _ in parameters]
    losses, place = [], 0
    for _ in range(steps):
        place = 0 if place >= len(order) else place
        chosen = order[place : place + batch]
        place += batch
        gradients = [np.zeros_like(p) for p in parameters]
        total = 0.0
        for s in chosen:
            w1, b1, w2, b2 = parameters
            z = reference.affine(data[s], w1, b1)
            h = np.array([reference.function("tanh", v) for v in z])
            value, dout, _ = reference.loss("binary_cross_entropy", reference.affine(h, w2, b2), targets[s])
            total += value
            dh = reference.affine_backward_input(w2, dout)
            dz = dh * np.array([reference.slope("tanh", v) for v in z])
            for i, (x, dy) in enumerate(((data[s], dz), (h, dout))):
                dw, db = reference.affine_backward_weight(x[None], dy[None])
                gradients[2 * i] += dw / len(chosen)
                gradients[2 * i + 1] += db / len(chosen)
        parameters = [o.step(p, g) for o, p, g in zip(optimizers, parameters, gradients, strict=True)]
        losses.append(total / len(chosen))
    return parameters, losses


@pytest.mark.parametrize(
    ("isa", "lanes", "batch"), [("avx512", 16, 5), ("avx2", 8, 8), ("generic", 4, 13), ("generic", 4, 6), ("avx512", 1, 1), ("avx2", 1, 3)]
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_training_follows_the_formulas_last_smaller_batch_included(isa: str, lanes: int, batch: int, dtype: str) -> None:
    net = small(batch=batch, dtype=dtype, isa=isa, lanes=lanes if lanes == 1 or dtype == "float32" else max(2, lanes // 2))
    spaces = net.program._spaces
    steps = 7
    wanted, losses = reference_training(net, spaces["data"], spaces["targets"], spaces["order"], steps, batch)
    got = []
    for _ in range(steps):
        got.append(net.train(1))
    tolerance = 3e-6 if dtype == "float32" else 1e-10
    np.testing.assert_allclose(got, losses, rtol=tolerance, atol=tolerance)
    for mine, theirs in zip(net.weights(), wanted, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=20 * tolerance, atol=tolerance)


def test_a_run_ends_with_the_epoch_and_says_so() -> None:
    net = small(batch=5, samples=13)
    run = net.program.run(100)
    assert (run.steps, run.reason) == (3, "epoch")
    assert (net.control.step, net.control.update_step, net.control.cursor, net.control.count) == (3, 3, 13, 3)
    assert net.program.run(1) == kernels.Run(0, "epoch")


def test_rates_follow_the_steps() -> None:
    net = small(batch=13)
    before = net.weights()
    net.control.rates[:2] = [0.0, 0.5]
    net.program.run(1)
    assert all((a == b).all() for a, b in zip(before, net.weights(), strict=True))
    net.control.cursor = 0
    net.control.rates[:1] = 0.5
    net.program.run(1)
    assert any((a != b).any() for a, b in zip(before, net.weights(), strict=True))


def test_the_same_run_twice_gives_the_same_bits() -> None:
    first, second = small("adam"), small("adam")
    first.train(30)
    second.train(11)
    second.train(19)
    assert first.arena.tobytes() == second.arena.tobytes()


def test_another_thread_stops_a_run() -> None:
    net = small(batch=1, samples=13, lanes=1)
    order = np.zeros(50_000_000, np.int32)
    net.program = Program(net.target, {**net.program._spaces, "order": order}, net.control, [Segment([*net.rows] * 50, True)])
    net.control.end = len(order)
    runs: list[kernels.Run] = []
    thread = threading.Thread(target=lambda: runs.append(net.program.run(60_000)))
    thread.start()
    time.sleep(0.02)
    net.control.stop = 1
    thread.join(10)
    assert not thread.is_alive()
    assert runs[0].reason == "stopped"
    assert 0 < runs[0].steps < 60_000
    assert net.control.integers[LAST] == 1  # its last step knew that it was the last


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_loss_that_is_not_finite_leaves_weights_as_they_were(optimizer: str) -> None:
    net = small(optimizer, batch=5)
    net.train(2)
    net.control.cursor = 0
    net.program._spaces["data"][net.program._spaces["order"][7]] = math.inf  # in the second batch
    net.program._spaces["data"][net.program._spaces["order"][6]] = math.nan
    before = net.weights()
    net.control.rates[:] = 0.0
    run = net.program.run(10)
    assert (run.steps, run.reason) == (1, "bad")
    assert net.control.bad == 1
    assert not math.isfinite(net.control.loss)
    assert (net.control.step, net.control.cursor) == (3, 5)
    for a, b in zip(before, net.weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_denormals_are_flushed_inside_and_kept_outside() -> None:
    target = Target("float32", 16, "avx512")
    arena = np.zeros(64, np.float32)
    arena[:16] = 1e-30
    X, Y = Region("arena", 0, 16, (1,)), Region("arena", 16, 16, (1,))
    control = Control()
    control.batch = control.end = 1
    Program(target, {"arena": arena}, control, [Segment(kernels.expand("product", {"xs": [X, X], "y": Y}, {}, target))]).run(1)
    assert not arena[16:32].any()
    small_number = np.float32(1e-30) * np.float32(1e-10)
    assert small_number != 0


def test_rows_outside_their_space_are_refused() -> None:
    target = Target("float32", 16, "avx512")
    good = kernels.expand("copy", {"x": Region("arena", 0, 32, (2,)), "y": Region("arena", 32, 32, (2,))}, {}, target)
    kernels.check_rows(good, {"arena": [(0, 32), (32, 32)]})
    with pytest.raises(EngineError, match=r"dense1: row 0 .*writes elements 32 to 64"):
        kernels.check_rows(good, {"arena": [(0, 32), (32, 31)]}, "dense1")
    with pytest.raises(EngineError, match="reads"):
        kernels.check_rows([Row("x", None, (Access("data", -1, 2),), ())], {"data": [(0, 9)]})
    control = Control()
    with pytest.raises(EngineError, match="arena"):
        Program(target, {"arena": np.zeros(63, np.float32)}, control, [Segment(good)])
    with pytest.raises(EngineError, match="float64"):
        Program(target, {"arena": np.zeros(64)}, control, [Segment(good)])


def test_too_many_steps_are_refused() -> None:
    net = small()
    with pytest.raises(EngineError, match="at most"):
        net.program.run(10**6)
