"""Units switched off: they answer 0, send no error back, learn nothing, and come back as they were."""

from __future__ import annotations

import numpy as np
import pytest

from playground.anim.accounts import account
from playground.anim.stages import find, stages
from playground.document import Document, check, edits, example
from playground.document.codec import decode, encode
from playground.engine import Network, Trainer
from playground.engine.checks.gradient_check import check_gradients
from playground.engine.live import commands
from playground.engine.program.lowering import lower
from playground.errors import PlaygroundError
from tests.engine.build import blobs, chain, dense
from tests.engine.sessions import driving, spiral


def net() -> Document:
    return chain((4,), dense(6, "tanh"), dense(5, "relu"), dense(3), loss="softmax_cross_entropy")


def off(document: Document) -> Document:
    return edits.switch_off(edits.switch_off(document, "dense1", (1, 4)), "dense2", 0)


def test_they_answer_zero_and_the_rest_as_if_their_weights_were_gone() -> None:
    document, x = off(net()), np.random.default_rng(0).standard_normal((9, 4))
    network, whole = Network(document, "float64"), Network(net(), "float64")
    cut = {key: array.copy() for key, array in whole.parameters.items()}
    cut["dense2/weight"][:, [1, 4]] = 0
    cut["dense3/weight"][:, 0] = 0
    whole.set_parameters(cut)
    assert network.forward(x) == pytest.approx(whole.forward(x), rel=1e-12)
    probed = network.probe(x, ["dense1", "dense2"])
    assert not probed["dense1"][:, [1, 4]].any()
    assert probed["dense1"][:, [0, 2, 3, 5]].all()
    assert not probed["dense2"][:, 0].any()


def test_they_learn_nothing_and_the_gradients_are_right() -> None:
    document = off(net())
    assert check_gradients(document).passed
    trainer = Trainer(edits.set_training(document, learning_rate=0.1), dataset=blobs())
    before = trainer.network.parameters
    trainer.run(steps=20)
    after = trainer.network.parameters
    assert np.array_equal(after["dense1/weight"][[1, 4]], before["dense1/weight"][[1, 4]])
    assert np.array_equal(after["dense1/bias"][[1, 4]], before["dense1/bias"][[1, 4]])
    assert np.array_equal(after["dense2/weight"][0], before["dense2/weight"][0])
    assert (after["dense1/weight"][[0, 2, 3, 5]] != before["dense1/weight"][[0, 2, 3, 5]]).all()


@pytest.mark.parametrize("batch", [1, 3, 50])
def test_whatever_the_batch(batch: int) -> None:
    trainer = Trainer(edits.set_training(off(net()), batch_size=batch), dataset=blobs())
    trace = trainer.record()
    assert not trace.nodes["dense1"].values["output"][[1, 4]].any()
    assert not trace.nodes["dense1"].gradients["pre_activation"][[1, 4]].any()
    assert trace.nodes["dense1"].values["answer"][[1, 4]].all()


def test_of_a_sequence_and_of_a_picture() -> None:
    document = edits.switch_off(chain((3, 4), dense(5, "tanh"), ("Flatten", {}), dense(2)), "dense1", 2)
    probed = Network(document).probe(np.ones((2, 3, 4), np.float32), ["dense1"])["dense1"]
    assert not probed[:, :, 2].any()
    assert probed[:, :, [0, 1, 3, 4]].all()
    document = edits.switch_off(chain((2, 3, 3), ("Activation", {"function": "sigmoid"}), ("Flatten", {}), dense(2)), "activation1", 1)
    probed = Network(document).probe(np.ones((2, 2, 3, 3), np.float32), ["activation1"])["activation1"]
    assert not probed[:, 1].any()
    assert probed[:, 0].all()


def test_the_account_says_so() -> None:
    document = off(net())
    trace = Network(document).trace(np.ones(4, np.float32), 1)
    passed = stages(document)
    silent = account(lower(document), trace, find(passed, "forward:dense1:1"))
    heard = account(lower(document), trace, find(passed, "forward:dense1:2"))
    assert silent is not None
    assert heard is not None
    assert (silent.equations[-1].role, silent.result.value) == ("off", 0.0)
    assert heard.result.value == trace.nodes["dense1"].values["output"][2] != 0
    back = account(lower(document), trace, find(passed, "backward:dense1:1"))
    assert back is not None
    assert back.result.value == 0


def test_undone_it_is_the_network_that_it_was() -> None:
    document = off(net())
    assert decode(encode(document)) == document
    back = edits.switch_off(edits.switch_off(document, "dense1", (1, 4), off=False), "dense2", 0, off=False)
    assert back == net()
    assert not [problem for problem in check(example("spiral")) if problem.severity == "error"]


@pytest.mark.parametrize(
    ("node", "units"), [("dense1", -1), ("dense1", True), ("dense1", "0"), ("input1", 0), ("output1", 0), ("nobody", 0)]
)
def test_what_cannot_be_switched_off_is_refused(node: str, units: object) -> None:
    with pytest.raises(PlaygroundError):
        edits.switch_off(net(), node, units)  # type: ignore[arg-type]


def test_a_unit_beyond_the_layer_is_nobody() -> None:
    document = edits.set_field(edits.switch_off(net(), "dense1", 5), "dense1", "units", 4)
    assert Network(document).forward(np.ones((1, 4), np.float32)).shape == (1, 3)


def test_mid_run_the_weights_stay_and_the_neuron_comes_back() -> None:
    with driving(spiral()) as driver:
        driver.send(commands.Step("batch", 40))
        driver.until(lambda s: s.step == 40)
        before = driver.capture().weights
        driver.send(commands.SetDocument(edits.switch_off(spiral(), "dense1", 3)))
        shown = driver.until(lambda s: s.trace is not None and s.trace.nodes["dense1"].values["output"][3] == 0)
        assert shown.step == 40
        driver.send(commands.SetDocument(spiral()))
        shown = driver.until(lambda s: s.trace is not None and s.trace.nodes["dense1"].values["output"][3] != 0)
        after = driver.capture().weights
        assert all(np.array_equal(array, after[key]) for key, array in before.items())
