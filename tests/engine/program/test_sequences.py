"""Targets at each step and lengths: what counts, in losses, gradients, figures and traces; micro-batches add up."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from playground.data.spec import Dataset, Description, frozen_split
from playground.document import Document, edits
from playground.engine import Network, Trainer
from playground.engine.checks.gradient_check import check_gradients
from playground.engine.program.sequences import counted_steps
from playground.errors import EngineError
from playground.layers.losses import LOSSES
from tests.engine.build import chain, dense

STEPS, FEATURES, CLASSES = 5, 3, 4
Array = np.ndarray


def per_step(loss: str = "softmax_cross_entropy", outputs: int = CLASSES, **training: Any) -> Document:
    document = chain((STEPS, FEATURES), dense(6, "tanh"), dense(outputs), loss=loss)
    return edits.set_training(document, **training) if training else document


def sequences(count: int = 40, seed: int = 0, lengths: bool = True, values: int = 0) -> Dataset:
    """Random sequences; the class of a step is that of its largest feature, or none at all; steps past a length are padding."""
    rng = np.random.default_rng(seed)
    long = rng.integers(1, STEPS + 1, count).astype(np.int32)
    real = np.arange(STEPS) < (long[:, None] if lengths else STEPS)
    x = (rng.standard_normal((count, STEPS, FEATURES)) * real[..., None]).astype(np.float32)
    y: Array = np.where(real & (rng.random((count, STEPS)) < 0.8), x.argmax(axis=2), -1).astype(np.int32)
    y[:, 0] = x[:, 0].argmax(axis=1)
    task = {"task": "regression", "outputs": values} if values else {"task": "classification", "outputs": CLASSES}
    if values:
        y = (rng.standard_normal((count, STEPS, values)) * real[..., None]).astype(np.float32)
    part = frozen_split(x, y, long if lengths else None)
    names = () if values else tuple("abcd")
    return Dataset(Description((STEPS, FEATURES), classes=names, steps=True, **task), part, part, part)  # type: ignore[arg-type]


def softmax_loss(network: Network, x: Array, y: Array, lengths: Array) -> float:
    """The mean of -ln p over all steps that count, by a loop."""
    p = network.forward(x, lengths=lengths)
    found = [-np.log(p[n, t, y[n, t]]) for n in range(len(x)) for t in range(lengths[n]) if y[n, t] >= 0]
    return float(np.mean(found))


def test_a_loss_is_the_mean_over_all_steps_that_count() -> None:
    part = sequences().train
    network = Network(per_step(), "float64", 1)
    assert part.lengths is not None
    loss, gradients = network.gradients(part.x, part.y, lengths=part.lengths)
    assert loss == pytest.approx(softmax_loss(network, part.x, part.y, part.lengths), rel=1e-12)
    assert network.loss(part.x, part.y, lengths=part.lengths) == pytest.approx(loss, rel=1e-12)
    apart = [network.gradients(part.x[i : i + 1], part.y[i : i + 1], lengths=part.lengths[i : i + 1])[1] for i in range(len(part.x))]
    own = counted_steps(network.lowered, part.y, part.lengths).sum(axis=1)
    for key, gradient in gradients.items():
        together = sum(one[key] * count for one, count in zip(apart, own, strict=True)) / own.sum()
        np.testing.assert_allclose(together, gradient, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("outputs", [1, 3])
def test_gradients_of_each_loss(loss: str, outputs: int) -> None:
    found = check_gradients(per_step(loss, outputs if loss != "softmax_cross_entropy" else 3))
    assert found.passed, found


def test_more_samples_than_lanes_come_to_the_same() -> None:
    one = sequences(300, seed=4).train
    network = Network(per_step(), "float64", 1)
    assert one.lengths is not None
    loss, gradients = network.gradients(one.x, one.y, lengths=one.lengths)
    order = np.random.default_rng(0).permutation(300)
    again, shuffled = network.gradients(one.x[order], one.y[order], lengths=one.lengths[order])
    assert again == pytest.approx(loss, rel=1e-12)
    assert loss == pytest.approx(softmax_loss(network, one.x, one.y, one.lengths), rel=1e-12)
    for key, gradient in gradients.items():
        np.testing.assert_allclose(shuffled[key], gradient, rtol=1e-9, atol=1e-13)


def test_micro_batches_make_the_step_of_one_batch() -> None:
    """300 samples are three micro-batches of 100: a step of plain gradient descent says what they came to."""
    dataset = sequences(300, seed=2)
    document = per_step(batch_size=300, learning_rate=0.5, shuffle=False)
    trainer = Trainer(document, dataset=dataset, dtype="float64")
    before, part = trainer.network.parameters, dataset.train
    loss, gradients = Network(document, "float64").gradients(part.x, part.y, lengths=part.lengths)
    result = trainer.advance(steps=1)
    assert result.losses[0] == pytest.approx(loss, rel=1e-9)
    for key, gradient in gradients.items():
        np.testing.assert_allclose(before[key] - trainer.network.parameters[key], 0.5 * gradient, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("lengths", [True, False])
@pytest.mark.parametrize("batch", [7, 300])
def test_accuracy_is_that_of_the_steps_that_count(batch: int, lengths: bool) -> None:
    dataset = sequences(300, lengths=lengths)
    trainer = Trainer(per_step(batch_size=batch, learning_rate=0.0, shuffle=False), dataset=dataset, dtype="float64")
    part, network = dataset.train, trainer.network
    guessed = network.forward(part.x, lengths=part.lengths).argmax(axis=2)
    counted = counted_steps(network.lowered, part.y, part.lengths)
    first = trainer.advance(steps=1)
    right = (guessed == part.y)[:batch][counted[:batch]]
    assert first.accuracies[0] == right.mean()
    metrics = trainer.evaluate("validation")
    assert metrics.accuracy == (guessed == part.y)[counted].mean()
    assert metrics.loss == pytest.approx(network.loss(part.x, part.y, lengths=part.lengths), rel=1e-9)
    assert metrics.confusion is not None
    assert metrics.confusion.sum() == counted.sum()
    assert np.trace(metrics.confusion) == (guessed == part.y)[counted].sum()


def test_numbers_at_each_step() -> None:
    dataset = sequences(30, values=2)
    document = per_step("mean_squared_error", 2, batch_size=30, learning_rate=0.1, shuffle=False)
    trainer = Trainer(document, dataset=dataset, dtype="float64")
    part = dataset.train
    p = trainer.network.forward(part.x, lengths=part.lengths)
    assert part.lengths is not None
    wanted = np.mean([((p[n, t] - part.y[n, t]) ** 2).mean() for n in range(30) for t in range(part.lengths[n])])
    assert trainer.evaluate("validation").loss == pytest.approx(float(wanted), rel=1e-6)
    assert trainer.advance(steps=1).losses[0] == pytest.approx(float(wanted), rel=1e-6)
    trainer.run(steps=50)
    assert trainer.evaluate("validation").loss < wanted


def test_a_recorded_step_is_replayed_to_the_bit() -> None:
    dataset = sequences(24)
    trainer = Trainer(per_step(batch_size=8), dataset=dataset)
    twin = Trainer(per_step(batch_size=8), dataset=dataset)
    trace = trainer.record(position=3)
    twin.advance(steps=1)
    for key, array in trainer.network.parameters.items():
        assert (array == twin.network.parameters[key]).all()
    part = dataset.train
    assert part.lengths is not None
    wanted = Network(per_step(), "float32", 0).trace(part.x[trace.index], part.y[trace.index], length=int(part.lengths[trace.index]))
    assert trace.loss == pytest.approx(wanted.loss, rel=1e-6)
    output = trace.nodes["dense2"].gradients["output"]
    counted = counted_steps(trainer.network.lowered, part.y[None, trace.index], part.lengths[None, trace.index])[0]
    assert not output[~counted].any()
    assert np.abs(output[counted]).sum(axis=1).all()


def test_what_does_not_fit_is_told() -> None:
    dataset = sequences(10)
    part = dataset.train
    network = Network(per_step())
    for lengths in ([1, 2], [0] * 10, [6] * 10, [1.5] * 10):
        with pytest.raises(EngineError, match="whole number from 1 to 5 for each of 10"):
            network.forward(part.x, lengths=lengths)  # type: ignore[arg-type]
    with pytest.raises(EngineError, match="from 0 to 3"):
        network.gradients(part.x, part.y + 9)
    with pytest.raises(EngineError, match="a target at each of 5 steps"):
        Trainer(chain((STEPS, FEATURES), ("Flatten", {}), dense(CLASSES), loss="softmax_cross_entropy"), dataset=dataset)
    y = part.y.copy()
    y[2] = -1
    with pytest.raises(EngineError, match="sample 2 has no target"):
        Trainer(per_step(), dataset=replace(dataset, train=frozen_split(part.x, y, part.lengths)))
    with pytest.raises(EngineError, match="a length from 1 to 5"):
        Trainer(per_step(), dataset=replace(dataset, train=frozen_split(part.x, part.y, np.full(10, 9))))
