"""Network: shapes in and out, several inputs, initial weights, traces and probes that leave everything as it was."""

from __future__ import annotations

import numpy as np
import pytest

from playground import memory
from playground.document import Document, edits
from playground.engine import Network, Trainer
from playground.engine.program import arena
from playground.errors import EngineError, PlaygroundError
from tests.engine.build import blobs, chain, dense, numbers, same

NET = chain((4,), dense(6, "tanh"), ("Dropout", {"rate": 0.5}), dense(3), loss="softmax_cross_entropy")


def two_inputs() -> Document:
    document, left = edits.add_node(Document(), "Input", shape=(2,))
    document, right = edits.add_node(document, "Input", shape=(3,))
    document, join = edits.add_node(document, "Concatenate")
    document, output = edits.add_node(document, "Output", loss="half_squared_error")
    for a, b in ((left, join), (right, join), (join, output)):
        document = edits.connect(document, a, b)
    return document


@pytest.mark.parametrize("count", [0, 1, 2, 127, 128, 129, 300])
def test_any_number_of_samples_gives_the_same_predictions(count: int) -> None:
    network = Network(NET, seed=1)
    x = np.random.default_rng(0).standard_normal((count, 4))
    made = network.forward(x)
    assert made.shape == (count, 3)
    for sample, prediction in zip(x[-3:], made[-3:], strict=True):
        assert network.forward(sample[None])[0] == pytest.approx(prediction, rel=1e-5)


def test_initial_weights_do_not_depend_on_other_nodes() -> None:
    longer, extra = edits.add_node(NET, "Dense", units=2)
    longer = edits.connect(longer, "input1", extra)
    before, after = Network(NET, seed=4).parameters, Network(longer, seed=4).parameters
    assert same(before, {key: after[key] for key in before})
    assert not same(before, Network(NET, seed=5).parameters)


def test_parameters_are_copies() -> None:
    network = Network(NET)
    network.parameters["dense1/weight"][:] = 7
    assert not (network.parameters["dense1/weight"] == 7).any()


def test_set_parameters_refuses_wrong_keys_and_shapes() -> None:
    network = Network(NET)
    with pytest.raises(EngineError, match="dense9/weight"):
        network.set_parameters({"dense9/weight": np.zeros((6, 4))})
    with pytest.raises(EngineError, match=r"\(6, 4\).*\(4, 6\)"):
        network.set_parameters({"dense1/weight": np.zeros((4, 6))})


def test_gradients_twice_use_one_dropout_mask() -> None:
    network = Network(NET)
    x, target = np.ones((5, 4)), np.array([0, 1, 2, 0, 1])
    first, again = network.gradients(x, target), network.gradients(x, target)
    assert first[0] == again[0]
    assert same(first[1], again[1])


def test_more_samples_than_lanes_give_the_mean() -> None:
    network = Network(chain((4,), dense(3), loss="softmax_cross_entropy"), "float64")
    rng = np.random.default_rng(0)
    x, target = rng.standard_normal((300, 4)), rng.integers(0, 3, 300)
    loss, gradients = network.gradients(x, target)
    parts = [network.gradients(x[i : i + 1], target[i : i + 1]) for i in range(300)]
    assert loss == pytest.approx(np.mean([part[0] for part in parts]), rel=1e-12)
    expected = np.mean([part[1]["dense1/weight"] for part in parts], axis=0)
    assert gradients["dense1/weight"] == pytest.approx(expected, rel=1e-10, abs=1e-14)


def test_several_inputs_by_name() -> None:
    network = Network(two_inputs(), "float64")
    x = {"input1": np.array([[1.0, 2.0]]), "input2": np.array([[3.0, 4.0, 5.0]])}
    assert network.forward(x)[0].tolist() == [1, 2, 3, 4, 5]
    with pytest.raises(EngineError, match="input1, input2"):
        network.forward({"input1": x["input1"]})
    with pytest.raises(EngineError, match="as many samples"):
        network.forward({"input1": x["input1"], "input2": np.zeros((2, 3))})


def test_wrong_shapes_are_named() -> None:
    network = Network(NET)
    with pytest.raises(EngineError, match=r"input1: .*\(N, 4\).*\(3, 5\)"):
        network.forward(np.zeros((3, 5)))
    with pytest.raises(EngineError, match="0 to 2"):
        network.gradients(np.zeros((1, 4)), np.array([3]))
    with pytest.raises(EngineError, match="2 targets"):
        network.gradients(np.zeros((2, 4)), np.array([1]))
    with pytest.raises(PlaygroundError, match="float32 or float64"):
        Network(NET, dtype="float16")


def test_trace_has_every_value_and_gradient_of_every_node() -> None:
    network = Network(NET, "float64", seed=2)
    x, target = np.array([0.3, -0.2, 0.9, 0.4]), 1
    trace = network.trace(x, target)
    assert set(trace.nodes) == {"input1", "dense1", "dropout1", "dense2", "output1"}
    assert {"output", "pre_activation"} <= set(trace.nodes["dense1"].values)
    assert {"output", "mask"} <= set(trace.nodes["dropout1"].values)
    assert {"output", "pre_activation"} <= set(trace.nodes["dense1"].gradients)
    assert trace.nodes["input1"].gradients["output"].shape == (4,)
    weights = network.parameters
    z = weights["dense1/weight"] @ x + weights["dense1/bias"]
    dropped = np.tanh(z) * trace.nodes["dropout1"].values["mask"]
    assert trace.nodes["dense1"].values["pre_activation"] == pytest.approx(z, rel=1e-14)
    assert trace.nodes["dropout1"].values["output"] == pytest.approx(dropped, rel=1e-13)
    prediction = trace.nodes["output1"].values["output"]
    assert trace.loss == pytest.approx(-np.log(prediction[1]), rel=1e-12)
    assert trace.nodes["dense2"].gradients["output"] == pytest.approx(prediction - np.array([0, 1, 0]), rel=1e-12)
    gradient = trace.parameters["dense2/weight"].gradient
    assert gradient == pytest.approx(np.outer(prediction - np.array([0, 1, 0]), dropped), rel=1e-12)
    assert trace.nodes["input1"].values["output"].tolist() == x.tolist()


def test_asking_a_live_network_does_not_disturb_the_run() -> None:
    asked, left_alone = Trainer(NET, dataset=blobs()), Trainer(NET, dataset=blobs())
    for trainer in (asked, left_alone):
        for _ in range(10):
            trainer.step()
            if trainer is asked:
                x = trainer.dataset.train.x[:3]
                trainer.network.trace(x[0], 1)
                trainer.network.forward(x)
                trainer.network.gradients(x, np.array([0, 1, 2]))
                trainer.network.probe(x, ["dense1"])
                trainer.trace("test", 4)
                trainer.norms()
    assert same(asked.network.parameters, left_alone.network.parameters)


def test_probe_gives_the_outputs_of_nodes_without_dropout() -> None:
    network = Network(NET, "float64")
    x = np.random.default_rng(0).standard_normal((200, 4))
    found = network.probe(x, ["dense1", "dropout1", "output1"])
    weights = network.parameters
    expected = np.tanh(x @ weights["dense1/weight"].T + weights["dense1/bias"])
    assert found["dense1"] == pytest.approx(expected, rel=1e-12)
    assert (found["dropout1"] == found["dense1"]).all()
    assert (found["output1"] == network.forward(x)).all()


def test_a_network_that_memory_cannot_hold_is_refused_before_it_is_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that lends more memory than it has would end the program at the first numbers written."""
    vast = chain((10**6, 10**6), ("Flatten", {}), dense(8))
    with pytest.raises(EngineError, match=r"memory: the network's weights take .* GB"):
        Network(vast)
    document = chain((4,), dense(8))
    monkeypatch.setattr(arena, "memory_left", lambda: 100.0)
    with pytest.raises(EngineError, match=r"0\.0 GB are free\. Take fewer units"):
        Network(document)
    with pytest.raises(EngineError, match=r"the network's values take .* Take smaller batches"):
        Trainer(document, dataset=numbers(np.zeros((4, 4)), np.zeros((4, 8))))


def test_memory_that_the_program_keeps_for_itself_is_given_back_before_a_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    left = [0.0]
    monkeypatch.setattr(arena, "memory_left", lambda: left[0])
    monkeypatch.setattr(memory, "give_back", lambda: left.append(left.pop() + 2.0**30))
    assert Network(chain((4,), dense(8))).forward(np.zeros((1, 4))).shape == (1, 8)
