"""Evaluation: counted right, in slices as in one go, and fast enough to be part of an epoch."""

from __future__ import annotations

import time

import numpy as np
import pytest

from playground.document import example
from playground.engine import Trainer
from playground.engine.evaluation.evaluate import WORST
from playground.errors import PlaygroundError
from tests.engine.build import blobs, chain, classes, dense, numbers


def test_figures_are_those_of_the_predictions() -> None:
    data = blobs(samples=300)
    trainer = Trainer(chain((4,), dense(3), loss="softmax_cross_entropy"), dataset=data)
    found = trainer.evaluate("test")
    predictions = trainer.network.forward(data.test.x)
    guessed = predictions.argmax(1)
    losses = -np.log(predictions[np.arange(300), data.test.y])
    assert found.predictions == pytest.approx(predictions, rel=1e-4)
    assert found.accuracy == (guessed == data.test.y).mean()
    assert found.loss == pytest.approx(losses.mean(), rel=1e-5)
    assert found.confusion is not None
    assert found.confusion.sum() == 300
    assert found.confusion[0, 1] == ((data.test.y == 0) & (guessed == 1)).sum()
    worst = np.argsort(-losses)[:WORST]
    assert [one.index for one in found.worst[:5]] == worst[:5].tolist()
    assert found.worst[0].target == data.test.y[worst[0]]


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-1.0, 1.0), (0.1, 0.9)])
def test_one_value_is_split_at_the_midpoint(low: float, high: float) -> None:
    data = classes(np.array([[low], [high], [high], [low]], np.float32), np.array([0, 1, 0, 0]))
    trainer = Trainer(chain((1,), dense(1), target_low=low, target_high=high), dataset=data)
    trainer.network.set_parameters({"dense1/weight": np.ones((1, 1))})
    found = trainer.evaluate("test")
    assert found.accuracy == 0.75
    assert found.losses == pytest.approx(np.array([0, 0, (high - low) ** 2 / 2, 0]), abs=1e-6)


def test_regression_has_no_accuracy() -> None:
    trainer = Trainer(chain((1,), dense(1), loss="mean_squared_error"), dataset=numbers(np.ones((5, 1), np.float32), np.arange(5)))
    found = trainer.evaluate("test")
    assert (found.accuracy, found.confusion) == (None, None)
    assert found.worst[0].target == 4.0


def test_a_limit_spreads_over_the_split() -> None:
    trainer = Trainer(chain((1,), dense(1)), dataset=numbers(np.arange(100, dtype=np.float32)[:, None], np.arange(100)))
    found = trainer.evaluate("train", limit=10)
    assert found.samples == 10
    assert {one.index for one in found.worst} == set(range(0, 100, 10))


def test_slices_give_the_figures_of_one_moment() -> None:
    trainer = Trainer(chain((4,), dense(3), loss="softmax_cross_entropy"), dataset=blobs(samples=2000))
    whole = trainer.evaluate("test")
    evaluation = trainer.evaluations.find(trainer._stepper.lowered, "test")
    evaluation.begin(trainer._stepper.plan.parameters)
    slices = 0
    while not evaluation.advance(1e-9):
        trainer.step()
        slices += 1
    assert slices > 3
    assert evaluation.metrics().loss == whole.loss


def test_an_unknown_or_empty_split_is_named() -> None:
    trainer = Trainer(chain((4,), dense(3), loss="softmax_cross_entropy"), dataset=blobs())
    with pytest.raises(PlaygroundError, match="nonsense"):
        trainer.evaluate("nonsense")


def test_ten_thousand_digits_well_under_a_second() -> None:
    trainer = Trainer(example("mnist-mlp"))
    trainer.evaluate("test")
    start = time.perf_counter()
    assert trainer.evaluate("test").samples == 10_000
    assert time.perf_counter() - start < 0.8
