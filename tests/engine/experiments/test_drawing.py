"""A picture of the user's own through the network, and drawings as training samples, by the session as the window drives it."""

from __future__ import annotations

import numpy as np
import pytest

from playground import data
from playground.document import example
from playground.document.drawing import add_drawing
from playground.engine import Network, Trainer
from playground.engine.live import commands
from playground.engine.live.snapshot import DRAWING
from playground.engine.run import Run
from tests.engine.build import chain, dense
from tests.engine.sessions import driving

PICTURE = np.zeros((1, 28, 28), np.float32)
PICTURE[0, 4:24, 12:16] = 1
RNG = np.random.default_rng(3)


def test_the_answer_is_that_of_forward_and_its_loss_that_of_the_label() -> None:
    network = Network(chain((4,), dense(5, "tanh"), dense(3), loss="softmax_cross_entropy"), seed=1)
    x = RNG.standard_normal(4).astype(np.float32)
    answer = network.answer(x)
    expected = network.forward(x[None])[0]
    np.testing.assert_array_equal(answer.nodes["output1"].values["output"], expected)
    assert answer.target is None
    assert answer.loss is None
    assert "loss" not in answer.nodes["output1"].values
    assert not answer.nodes["dense1"].gradients
    judged = network.answer(x, 2)
    assert judged.loss == pytest.approx(-np.log(expected[2]), rel=1e-5)
    assert int(judged.target) == 2
    _, gradients = network.gradients(x[None], np.array([2]))
    for key, gradient in gradients.items():
        np.testing.assert_allclose(judged.parameters[key].gradient, gradient, rtol=1e-5, atol=1e-7)


def test_dropout_is_off_in_an_answer() -> None:
    document = chain((6,), dense(40, "tanh"), ("Dropout", {"rate": 0.5}), dense(3), loss="softmax_cross_entropy")
    network = Network(document, seed=1)
    x = RNG.standard_normal(6).astype(np.float32)
    answer = network.answer(x)
    np.testing.assert_array_equal(answer.nodes["dropout1"].values["output"], answer.nodes["dense1"].values["output"])
    np.testing.assert_array_equal(answer.nodes["output1"].values["output"], network.forward(x[None])[0])


def test_a_drawing_is_followed_until_a_sample_is() -> None:
    with driving(example("mnist-mlp")) as driver:
        driver.send(commands.Draw(PICTURE))
        snapshot = driver.until(lambda shown: shown.drawn is not None)
        assert snapshot.trace is snapshot.drawn
        assert snapshot.trace is not None
        assert snapshot.trace.split == DRAWING
        np.testing.assert_array_equal(snapshot.trace.nodes["input1"].values["output"], PICTURE)
        driver.send(commands.Follow("test", 3))
        snapshot = driver.until(lambda shown: shown.drawn is None)
        assert snapshot.trace is not None
        assert (snapshot.trace.split, snapshot.trace.index) == ("test", 3)


def test_it_is_answered_while_training_at_every_pace() -> None:
    with driving(example("mnist-mlp")) as driver:
        driver.send(commands.Draw(PICTURE, 1), commands.Train())
        first = driver.until(lambda shown: shown.drawn is not None and shown.drawn.step > 20)
        later = driver.until(lambda shown: shown.drawn is not None and shown.drawn.step > first.drawn.step)
        assert not np.array_equal(
            first.drawn.nodes["output1"].values["output"],
            later.drawn.nodes["output1"].values["output"],
        )
        driver.send(commands.Pause(), commands.SetPace("watch"), commands.Train())
        passed = driver.until(lambda shown: shown.passed is not None)
        assert passed.trace.split == "train"  # the pass shows a sample of its batch
        assert passed.drawn.split == DRAWING
        assert passed.drawn.loss is not None


def test_a_picture_of_another_shape_is_left_out() -> None:
    with driving(example("mnist-mlp")) as driver:
        driver.send(commands.Draw(PICTURE[:, :10]))
        snapshot = driver.settle()
        assert snapshot.phase == "ready"
        assert snapshot.drawn is None
        assert snapshot.trace is not None
        assert snapshot.trace.split == "train"


def test_a_label_beyond_the_classes_is_none() -> None:
    with driving(example("mnist-mlp")) as driver:
        driver.send(commands.Draw(PICTURE, 12))
        assert driver.until(lambda shown: shown.drawn is not None).drawn.loss is None


# -- in the data
def test_a_drawing_added_mid_run_goes_on_with_the_run() -> None:
    document = example("mnist-mlp")
    run = Run(document)
    while run.trainer.step_count < 20:
        run.advance(steps=20 - run.trainer.step_count)
    weights, samples = run.trainer.network.parameters, len(run.trainer.dataset.train)
    drawn = add_drawing(document, PICTURE, 1)
    run.set_document(drawn)
    assert run.trainer.step_count == 20
    assert len(run.trainer.dataset.train) == samples + 1
    for key, array in run.trainer.network.parameters.items():
        np.testing.assert_array_equal(array, weights[key])
    assert run.history.events[-1].text == "1 drawing added"
    assert run.history.curves.snapshot()["loss/train"].steps[-1] == 20
    trace = run.trainer.trace("train", samples)
    np.testing.assert_array_equal(trace.nodes["input1"].values["output"], PICTURE)
    assert int(trace.target) == 1
    run.set_document(document)
    assert len(run.trainer.dataset.train) == samples
    assert run.history.events[-1].text == "1 drawing removed"


def test_training_learns_drawings() -> None:
    """A small net on ten samples of the set and thirty drawings of a class it has no other samples of."""
    document = example("digits")
    picture = np.zeros((1, 8, 8))
    picture[0, 3:5, :] = 1
    for _ in range(30):
        document = add_drawing(document, picture, 4)
    trainer = Trainer(document)
    ink = (picture * 16).astype(np.float32) * np.float32(trainer.dataset.scale) + np.float32(trainer.dataset.offset)
    before = float(trainer.network.forward(ink[None])[0, 4])
    trainer.run(epochs=5)
    assert float(trainer.network.forward(ink[None])[0, 4]) > max(0.9, before)


def test_an_epoch_passes_every_drawing() -> None:
    document = add_drawing(example("digits"), np.ones((1, 8, 8)), 4)
    trainer = Trainer(document)
    assert trainer.steps_per_epoch == -(-(len(data.load("digits").train) + 1) // document.training.batch_size)
