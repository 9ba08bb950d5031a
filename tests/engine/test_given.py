"""Hostile input to the engine's public entry points: always an error of ours, that says where and what came; nothing is changed."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from playground.data.spec import Dataset, Split
from playground.document import Document, edits
from playground.document.model import Training
from playground.engine import Network, Trainer
from playground.engine.checks.gradient_check import check_gradients
from playground.errors import PlaygroundError
from tests.engine.build import blobs, chain, dense, same

CLASSES = edits.set_training(chain((4,), dense(5, "tanh"), dense(3), loss="softmax_cross_entropy"), batch_size=7)
VALUES = chain((4,), dense(5, "tanh"), dense(2), loss="mean_squared_error")
X = np.ones((3, 4))

SAMPLES: dict[str, Any] = {
    "text": np.array([["a"] * 4] * 3),
    "objects": np.array([[None] * 4] * 3, object),
    "none": None,
    "word": "abc",
    "width": np.ones((3, 5)),
    "scalar": np.float32(1),
    "row": np.ones(4),
    "empty list": [],
    "too large": np.full((3, 4), 1e300),
    "complex": np.ones((3, 4), complex),
    "ragged": [[1, 2, 3, 4], [1]],
    "dates": np.zeros((3, 4), "M8[s]"),
    "unknown input": {"nope": np.ones((3, 4))},
    "set": {1, 2},
}


@pytest.mark.parametrize("name", SAMPLES)
def test_samples(name: str) -> None:
    network = Network(CLASSES)
    for asked in (
        lambda x: network.forward(x),
        lambda x: network.probe(x, ["dense1"]),
        lambda x: network.gradients(x, np.zeros(3, int)),
        lambda x: network.loss(x, np.zeros(3, int)),
    ):
        with pytest.raises(PlaygroundError) as caught:
            asked(SAMPLES[name])
        assert caught.value.where
    if name != "row":  # one sample is what a trace takes
        with pytest.raises(PlaygroundError):
            network.trace(SAMPLES[name], 0)


def test_no_samples_have_predictions_but_no_gradient() -> None:
    network = Network(CLASSES)
    assert network.forward(np.ones((0, 4))).shape == (0, 3)
    for asked in (network.gradients, network.loss):
        with pytest.raises(PlaygroundError, match="at least one sample"):
            asked(np.ones((0, 4)), np.zeros(0, int))


def test_what_is_not_a_number_stays_so() -> None:
    assert np.isnan(Network(CLASSES).forward(np.full((2, 4), np.nan))).all()


CLASS_TARGETS: dict[str, Any] = {
    "text": np.array(["a"] * 3),
    "objects": np.array([None] * 3, object),
    "none": None,
    "negative": np.array([-1, 0, 1]),
    "too large": np.array([0, 1, 3]),
    "between": np.array([0.5, 1, 2]),
    "not a number": np.array([0, np.nan, 1]),
    "infinite": np.array([0, np.inf, 1]),
    "too few": np.zeros(2, int),
    "two each": np.zeros((3, 2)),
    "complex": np.zeros(3, complex),
    "scalar": 1,
    "ragged": [[1], [1, 2], 3],
}


@pytest.mark.parametrize("name", CLASS_TARGETS)
def test_class_targets(name: str) -> None:
    with pytest.raises(PlaygroundError) as caught:
        Network(CLASSES).gradients(X, CLASS_TARGETS[name])
    assert caught.value.where == "target"


@pytest.mark.parametrize("target", [np.array([5, 3, 8]), np.array([-1, 0, 1])])
def test_whole_numbers_are_classes_and_never_silently_something_else(target: np.ndarray) -> None:
    """[5, 3, 8] for one output would otherwise have become [1, 1, 1]."""
    one = chain((4,), dense(1), loss="mean_squared_error")
    for document in (one, VALUES):
        with pytest.raises(PlaygroundError, match="class numbers lie from 0 to 1"):
            Network(document).gradients(X, target)
    loss, _ = Network(one).gradients(X, target.astype(float))
    assert math.isfinite(loss)


@pytest.mark.parametrize("target", ["a", None, object(), [0, 1], -1, math.nan])
def test_a_trace_of_a_bad_target(target: Any) -> None:
    with pytest.raises(PlaygroundError):
        Network(CLASSES).trace(X[0], target)


@pytest.mark.parametrize(
    "parameters",
    [
        None,
        [1],
        {"zz": np.ones(1)},
        {3: np.ones(3)},
        {"dense1/weight": None},
        {"dense1/bias": np.zeros(5), "dense1/weight": np.ones((1, 1))},
        {"dense1/bias": np.zeros(5), "dense1/weight": np.full((5, 4), "a")},
        {"dense1/bias": np.zeros(5), "dense1/weight": np.ones((5, 4), complex)},
    ],
)
def test_parameters_that_do_not_fit_change_nothing(parameters: Any) -> None:
    network = Network(CLASSES, seed=1)
    network.set_parameters({"dense1/bias": np.full(5, 0.5)})
    before = network.parameters
    with pytest.raises(PlaygroundError):
        network.set_parameters(parameters)
    assert same(before, network.parameters)
    if parameters:
        with pytest.raises(PlaygroundError):
            Trainer(CLASSES, weights=parameters, dataset=blobs())


@pytest.mark.parametrize("seed", ["a", None, -1, 1.5, 2**80, True, math.nan])
def test_seeds(seed: Any) -> None:
    for make in (lambda: Network(CLASSES, seed=seed), lambda: Trainer(CLASSES, seed=seed, dataset=blobs())):
        with pytest.raises(PlaygroundError) as caught:
            make()
        assert caught.value.where == "seed"


@pytest.mark.parametrize("document", [None, "xor", {}])
def test_what_is_no_document(document: Any) -> None:
    for make in (Network, Trainer, check_gradients):
        with pytest.raises(PlaygroundError, match="expected a Document"):
            make(document)
    with pytest.raises(PlaygroundError):
        Network(Document())


@pytest.mark.parametrize("number", [-1, "a", 1.5, True, math.nan])
def test_counts_and_times(number: Any) -> None:
    trainer = Trainer(CLASSES, dataset=blobs())
    before = trainer.network.parameters
    for asked in (
        lambda: trainer.run(epochs=number),
        lambda: trainer.run(steps=number),
        lambda: trainer.evaluate("train", limit=number),
        lambda: trainer.advance(0.001, steps=number),
        lambda: trainer.trace("train", number),
    ):
        with pytest.raises(PlaygroundError):
            asked()
    for seconds in (-1, "a", math.nan, None):
        with pytest.raises(PlaygroundError):
            trainer.advance(seconds)  # type: ignore[arg-type]  # hostile on purpose
    for split in ("nope", None):
        with pytest.raises(PlaygroundError):
            trainer.evaluate(split)  # type: ignore[arg-type]  # hostile on purpose
    assert trainer.step_count == 0
    assert same(before, trainer.network.parameters)


@pytest.mark.parametrize(
    "training",
    [
        None,
        Training(batch_size=0),
        Training(batch_size="x"),  # type: ignore[arg-type]  # hostile on purpose
        Training(learning_rate=math.nan),
        Training(learning_rate=-1.0),
        Training(optimizer="zz"),
        Training(schedule="zz"),
        Training(clip_norm=-1.0),
        Training(momentum=2.0),
        Training(patience=0),
        Training(epochs=0),
        Training(precision="float64"),
        Training(seed=9),
    ],
)
def test_a_training_is_checked_as_the_document_is(training: Any) -> None:
    trainer, straight = Trainer(CLASSES, dataset=blobs()), Trainer(CLASSES, dataset=blobs())
    with pytest.raises(PlaygroundError):
        trainer.set_training(training)
    trainer.run(steps=5)
    straight.run(steps=5)
    assert same(trainer.network.parameters, straight.network.parameters)


GOOD = np.ones((6, 4), np.float32)
LABELS = np.array([0, 1, 2, 0, 1, 2], np.int32)
DATA: dict[str, tuple[Any, Any]] = {
    "float64": (GOOD.astype(float), LABELS),
    "text": (np.full((6, 4), "a"), LABELS),
    "objects": (np.full((6, 4), None), LABELS),
    "lists": ([[1, 2, 3, 4]] * 6, LABELS),
    "labels too large": (GOOD, LABELS + 5),
    "labels negative": (GOOD, LABELS - 3),
    "fewer labels": (GOOD, LABELS[:2]),
    "more labels": (GOOD, np.tile(LABELS, 3)),
    "int64 labels": (GOOD, LABELS.astype(np.int64)),
    "text labels": (GOOD, np.array(["a"] * 6)),
    "a column of labels": (GOOD, LABELS.reshape(6, 1)),
    "another width": (np.ones((6, 3), np.float32), LABELS),
    "no samples": (GOOD[:0], LABELS[:0]),
}


def own(x: Any, y: Any) -> Dataset:
    return replace(blobs(), train=Split(x, y))


@pytest.mark.parametrize("name", DATA)
def test_data_of_the_callers_own(name: str) -> None:
    """A label beyond the classes, or fewer targets than samples, would be read beyond the array."""
    with pytest.raises(PlaygroundError) as caught:
        Trainer(CLASSES, dataset=own(*DATA[name]))
    assert caught.value.where


def test_other_splits_are_checked_when_they_are_used() -> None:
    trainer = Trainer(CLASSES, dataset=replace(blobs(), validation=Split(GOOD, LABELS + 9)))
    with pytest.raises(PlaygroundError, match="class numbers"):
        trainer.evaluate("validation")
