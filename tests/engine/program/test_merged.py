"""Plain SGD's step where the gradient is computed: the bits of a step of its own, and only where that is possible."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from playground.document import Document, edits
from playground.engine import Trainer
from playground.engine.program import plan
from tests.engine.build import blobs, chain, classes, dense, same

NETS = {
    "dense": chain((4,), dense(6, "tanh"), dense(3), loss="softmax_cross_entropy"),
    "dropout": chain((4,), dense(9, "relu"), ("Dropout", {"rate": 0.3}), dense(5, "gelu"), dense(3), loss="softmax_cross_entropy"),
    "frozen": edits.freeze(chain((4,), dense(6), dense(6, "tanh"), dense(3), loss="softmax_cross_entropy"), "dense2", True),
    "steps": chain((2, 2), dense(5, "tanh"), ("Flatten", {}), dense(3), loss="softmax_cross_entropy"),
}


def trainer(document: Document, **training: Any) -> Trainer:
    settings = {"optimizer": "sgd", "learning_rate": 0.1, "batch_size": 7, **training}
    data = blobs(samples=300 if settings["batch_size"] > 128 else 50)
    shape = document.nodes["input1"].fields["shape"]
    if len(shape) > 1:
        data = classes(data.train.x.reshape(-1, *shape), data.train.y, 3)
    return Trainer(edits.set_training(document, **settings), seed=2, dataset=data)


def apart(monkeypatch: pytest.MonkeyPatch, document: Document, **training: Any) -> Trainer:
    """A trainer whose updates are rows of their own."""
    with monkeypatch.context() as patch:
        patch.setattr(plan, "merged", lambda lowered, purpose, operations: {})
        return trainer(document, **training)


@pytest.mark.parametrize("batch_size", [1, 7, 32])
@pytest.mark.parametrize("name", NETS)
def test_the_same_bits_as_updates_of_their_own(monkeypatch: pytest.MonkeyPatch, name: str, batch_size: int) -> None:
    merged, other = trainer(NETS[name], batch_size=batch_size), apart(monkeypatch, NETS[name], batch_size=batch_size)
    assert merged._stepper.plan.merged
    assert not other._stepper.plan.merged
    for steps in (1, 2, 9, 40):
        assert merged.run(steps=steps).loss == other.run(steps=steps).loss
        assert same(merged.network.parameters, other.network.parameters)
        assert np.array_equal(merged._stepper.plan.gradients, other._stepper.plan.gradients)
        assert merged.norms() == other.norms()


def test_the_same_bits_step_by_step_and_recorded() -> None:
    at_once, one_by_one, recorded = (trainer(NETS["dropout"]) for _ in range(3))
    at_once.run(steps=20)
    for number in range(20):
        one_by_one.step()
        before = recorded.network.parameters
        trace = recorded.record(number)
        for key, one in trace.parameters.items():
            gradient = recorded._stepper.plan.layout.one(recorded._stepper.plan.gradients, key)
            np.testing.assert_allclose(one.after, before[key] - np.float32(0.1) * gradient, rtol=1e-6, atol=1e-7)
    assert same(one_by_one.network.parameters, at_once.network.parameters)
    assert same(recorded.network.parameters, at_once.network.parameters)


@pytest.mark.parametrize(
    ("name", "training", "wanted"),
    [
        ("dense", {}, {"dense1/weight", "dense2/weight"}),
        ("frozen", {}, {"dense1/weight", "dense3/weight"}),
        ("steps", {}, {"dense2/weight"}),
        ("dense", {"optimizer": "momentum"}, set()),
        ("dense", {"optimizer": "adam"}, set()),
        ("dense", {"clip_norm": 1.0}, set()),
        ("dense", {"l1": 0.01}, set()),
        ("dense", {"l2": 0.01}, set()),
        ("dense", {"batch_size": 300}, set()),
    ],
)
def test_only_plain_steps_are_merged(name: str, training: dict[str, Any], wanted: set[str]) -> None:
    assert trainer(NETS[name], **training)._stepper.plan.merged == wanted


def test_other_settings_mid_run_part_them(monkeypatch: pytest.MonkeyPatch) -> None:
    document = NETS["dense"]
    found = []
    for one in (trainer(document), apart(monkeypatch, document)):
        one.run(steps=5)
        one.set_training(edits.set_training(one.document, l2=0.05).training)
        assert not one._stepper.plan.merged
        one.run(steps=5)
        found.append(one.network.parameters)
    assert same(*found)


@pytest.mark.parametrize("chunk", [1, 30])
@pytest.mark.parametrize("place", [4, 23])
def test_a_refused_step_is_told_as_without_merging(monkeypatch: pytest.MonkeyPatch, chunk: int, place: int) -> None:
    """A sample that is not a number, losses that grow too large, an update that breaks the weights though its loss is finite."""
    random = np.random.default_rng(0)
    x = random.standard_normal((30, 4)).astype(np.float32)
    broken = x.copy()
    broken[place, 1] = np.nan
    cases = (
        (broken, "mean_squared_error", 0.01, "output"),
        (1e3 * x, "mean_squared_error", 100.0, "output"),
        (1e37 * x, "softmax_cross_entropy", 100.0, "weight"),
    )
    for values, loss, rate, what in cases:
        data = classes(values, random.integers(0, 3, 30), 3)
        document = chain((4,), dense(6), dense(3), loss=loss)
        document = edits.set_training(document, optimizer="sgd", learning_rate=rate, batch_size=5, shuffle=False)
        found = []
        for merged in (True, False):
            with monkeypatch.context() as patch:
                if not merged:
                    patch.setattr(plan, "merged", lambda lowered, purpose, operations: {})
                one = Trainer(document, dataset=data)
            for _ in range(0, 30, chunk):
                one.run(steps=chunk)
            assert one.divergence is not None
            assert one.divergence.what == what
            assert all(np.isfinite(array).all() for array in one.network.parameters.values())
            found.append((one.divergence, one.step_count, one.network.parameters, one._stepper.plan.gradients))
        assert found[0][:2] == found[1][:2]
        assert same(found[0][2], found[1][2])
        np.testing.assert_array_equal(found[0][3], found[1][3])
