"""BatchNorm in a network: PyTorch's numbers, the whole batch whatever its size, running statistics that training alone moves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from playground.document import Document, check, edits
from playground.engine import Network, Trainer
from playground.engine.live import commands
from playground.engine.program.arena import Arena
from playground.errors import EngineError
from playground.kernels import STATES
from tests.engine.build import Layer, blobs, chain, classes, dense, numbers, same
from tests.engine.sessions import driving
from tests.reference import normalizing as reference

MEAN, VARIANCE = "batchnorm1/running_mean", "batchnorm1/running_var"
X = np.array([[1.0, 2.0], [0.0, 1.0], [-1.0, 3.0], [2.0, -2.0]], np.float32)
Y = np.array([1.0, 0.0, 2.0, -1.0])


def normed(batch_size: int = 7, units: int = 6, after: tuple[Layer, ...] = (), **training: Any) -> Document:
    layers = (dense(units), ("BatchNorm", {}), ("Activation", {"function": "tanh"}), *after, dense(3))
    document = chain((4,), *layers, loss="softmax_cross_entropy")
    return edits.set_training(document, **{"learning_rate": 0.05, "batch_size": batch_size, "optimizer": "adam", **training})


def running(network: Network) -> tuple[bytes, bytes]:
    return network.parameters[MEAN].tobytes(), network.parameters[VARIANCE].tobytes()


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
def test_two_steps_are_pytorchs(optimizer: str) -> None:
    """Linear(2, 2), BatchNorm1d(2), Linear(2, 1), half squared error; two steps of torch.optim.SGD with rate 0.1 (torch 2.13, float64).
    Plain SGD's step is merged into the gradient; momentum 0 is the same step, made apart."""
    document = chain((2,), dense(2), ("BatchNorm", {}), dense(1), loss="half_squared_error")
    document = edits.set_training(document, learning_rate=0.1, batch_size=4, shuffle=False, optimizer=optimizer, momentum=0.0)
    start = {
        "dense1/weight": [[0.5, -1.0], [1.5, 0.25]],
        "dense1/bias": [0.1, -0.2],
        "batchnorm1/weight": [1.5, 0.5],
        "batchnorm1/bias": [0.25, -0.75],
        "dense2/weight": [[2.0, -1.0]],
        "dense2/bias": [0.3],
    }
    trainer = Trainer(document, dtype="float64", weights={key: np.array(value) for key, value in start.items()}, dataset=numbers(X, Y))
    first = trainer.record()
    losses = [float(trainer.recent.loss(1) or 0)]
    trainer.run(steps=1)
    losses.append(float(trainer.recent.loss(1) or 0))
    assert losses == pytest.approx([7.40221063573256, 1.3563542772310797], rel=1e-12)
    gradient = first.parameters["dense1/weight"].batch_gradient
    assert gradient == pytest.approx(
        np.array([[-0.27175181706264884, -0.1358956520233775], [-0.2129118741171696, 1.277440314898199]]), rel=1e-9
    )
    wanted = {
        "dense1/weight": [[0.5393970481340499, -0.9798783159999251], [1.5272351113428566, 0.048295624138283984]],
        "dense1/bias": [0.1, -0.2],
        "batchnorm1/weight": [0.5606385450983729, 0.8693317918556341],
        "batchnorm1/bias": [-0.021531835000959294, -0.5994697352369729],
        MEAN: [-0.12078228439445297, 0.1402901562216039],
        VARIANCE: [2.2205600468714315, 1.3221522901716511],
        "dense2/weight": [[1.3112264557254623, -1.1015027500846863]],
        "dense2/bias": [0.15180864548781325],
    }
    parameters = trainer.network.parameters
    assert parameters.keys() == wanted.keys()
    for key, array in wanted.items():
        assert parameters[key] == pytest.approx(np.array(array), rel=1e-11, abs=1e-12), key
    answers = [-0.8767814957016379, 0.6525824590258776, 0.6111082537029761, 0.21191814965487532]
    assert trainer.network.forward(X)[:, 0] == pytest.approx(np.array(answers), rel=1e-11)


def test_pictures_are_normalized_map_by_map() -> None:
    """torch.nn.BatchNorm2d(2, eps=1e-3, momentum=0.25) of three pictures, trained on once and then used."""
    pictures = (np.arange(24).reshape(3, 2, 2, 2) * 7 % 11).astype(np.float32) / 2
    document = chain((2, 2, 2), ("BatchNorm", {"epsilon": 1e-3, "momentum": 0.25}), ("Flatten", {}), dense(1), loss="half_squared_error")
    document = edits.set_training(document, learning_rate=1e-9, batch_size=3, shuffle=False)
    start = {"batchnorm1/weight": np.array([2.0, -0.5]), "batchnorm1/bias": np.array([0.1, 0.2])}
    trainer = Trainer(document, dtype="float64", weights=start, dataset=numbers(pictures, np.zeros(3)))
    trace = trainer.record(position=1)
    wanted = [-1.7429585578568592, 2.3309498331951453, 0.003002181165428386, -2.3249454708642885]
    wanted += [-0.051795102456473646, 0.6591557750676873, -0.5850082605995943, 0.1259426169245666]
    assert trace.nodes["batchnorm1"].values["output"].ravel() == pytest.approx(np.array(wanted), rel=1e-9)
    parameters = trainer.network.parameters
    assert parameters[MEAN] == pytest.approx(np.array([0.5208333333333334, 0.6979166666666666]), rel=1e-12)
    assert parameters[VARIANCE] == pytest.approx(np.array([1.5549242424242422, 1.2892992424242424]), rel=1e-12)
    wanted = [0.0665963030814094, 5.678417385404616, 2.471662481219927, -0.7350924229647631]
    wanted += [-1.0334053564542065, -0.15305655184748662, -1.6936669599092462, -0.8133181553025265]
    found = trainer.network.probe(pictures, ["batchnorm1"])["batchnorm1"][1]
    assert found.ravel() == pytest.approx(np.array(wanted), rel=1e-7)


def test_layer_norm_is_pytorchs() -> None:
    """torch.nn.LayerNorm(3) and its gradients, for an error of one's own; by a loss that makes it: half squared error."""
    x, error = np.array([[1.0, 2.0, 4.0], [0.0, -1.0, 3.0]]), np.array([[1.0, 0.0, 2.0], [0.5, -1.0, 0.0]])
    network = Network(chain((3,), ("LayerNorm", {}), loss="half_squared_error"), "float64")
    network.set_parameters({"layernorm1/weight": np.array([1.0, 2.0, -1.0]), "layernorm1/bias": np.array([0.0, 0.5, 1.0])})
    y = network.forward(x)
    wanted = [-1.0690415314502977, -0.03452076572514906, -0.3363019143128718, -0.3922315914145858, -1.4611579570729287, -0.37281056995105]
    assert y.ravel() == pytest.approx(np.array(wanted), rel=1e-12)
    _, gradients = network.gradients(x, y - error)
    assert 2 * gradients["layernorm1/weight"] == pytest.approx(
        np.array([-1.2651573271575907, 0.9805789785364645, 2.6726038286257436]), rel=1e-12
    )
    assert 2 * gradients["layernorm1/bias"] == pytest.approx(np.array([1.5, -1.0, 2.0]), rel=1e-12)
    back = [network.trace(one, goal).nodes["input1"].gradients["output"] for one, goal in zip(x, y - error, strict=True)]
    wanted = [6.8723656654334775e-06, 1.718091416247347e-06, -8.59045708190287e-06, 0.7241193910930676, -0.5430910707548455]
    assert np.ravel(back) == pytest.approx(np.array([*wanted, -0.18102832033822208]), rel=1e-9, abs=1e-14)


@pytest.mark.parametrize("batch", [5, 128, 129, 300])
@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 2)])
def test_statistics_are_those_of_the_whole_batch(shape: tuple[int, ...], batch: int) -> None:
    """Also where other networks would run it in micro-batches; and of a last batch that is smaller."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch + 3, *shape)).astype(np.float32)
    document = chain(shape, ("BatchNorm", {"momentum": 1.0}), ("Flatten", {}), dense(2), loss="softmax_cross_entropy")
    document = edits.set_training(document, batch_size=batch, shuffle=False, learning_rate=1e-6)
    trainer = Trainer(document, dtype="float64", dataset=classes(x, np.arange(batch + 3) % 2))
    for begin, end in ((0, batch), (batch, batch + 3)):
        trainer.run(steps=1)
        _, _, mean, variance = reference.batch_norm(x[begin:end], np.ones(9), np.zeros(9), 1e-5)
        n = (end - begin) * x[0].size // len(mean)
        assert trainer.network.parameters[MEAN] == pytest.approx(mean, rel=1e-9, abs=1e-12)
        assert trainer.network.parameters[VARIANCE] == pytest.approx(variance * n / (n - 1), rel=1e-9)


def test_a_batch_of_one_has_no_spread_and_teaches_none() -> None:
    trainer = Trainer(normed(batch_size=1), dataset=blobs())
    trainer.run(steps=3)
    assert trainer.network.parameters[MEAN].tolist() == [0.0] * 6
    assert trainer.network.parameters[VARIANCE].tolist() == [1.0] * 6
    assert trainer.divergence is None


def test_a_batch_of_one_is_warned_of() -> None:
    def said(document: Document) -> list[str]:
        return [problem.message for problem in check(document, data_needed=False) if problem.node == "batchnorm1"]

    alone = normed(batch_size=1)
    assert "nothing to compare" in said(alone)[0]
    assert said(normed(batch_size=2)) == []
    assert said(edits.freeze(alone, ["batchnorm1"], True)) == []
    pictures = chain((2, 3, 3), ("BatchNorm", {}), ("Flatten", {}), dense(3), loss="softmax_cross_entropy")
    assert said(edits.set_training(pictures, batch_size=1)) == []


def test_a_removed_node_comes_back_with_its_statistics() -> None:
    """By undo: the document as it was, in the window's session."""
    document = edits.set_data(chain((2,), dense(4), ("BatchNorm", {}), dense(2), loss="softmax_cross_entropy"), "spiral")
    document = edits.set_training(document, batch_size=16, epochs=None)
    with driving(document) as driver:
        driver.send(commands.Step("batch", 20))
        driver.until(lambda snapshot: snapshot.step == 20)
        before = driver.capture().weights
        assert before[MEAN].any()
        changed = edits.set_field(document, "batchnorm1", "momentum", 0.5)
        driver.send(commands.SetDocument(changed))
        assert driver.settle() is not None
        assert driver.capture().weights[MEAN].tobytes() == before[MEAN].tobytes()
        without = edits.connect(edits.remove(document, "batchnorm1"), "dense1", "dense2")
        driver.send(commands.SetDocument(without))
        driver.settle()
        assert MEAN not in driver.capture().weights
        driver.send(commands.SetDocument(document))
        driver.settle()
        after = driver.capture().weights
        assert (after[MEAN].tobytes(), after[VARIANCE].tobytes()) == (before[MEAN].tobytes(), before[VARIANCE].tobytes())


def test_only_training_moves_the_running_statistics() -> None:
    trainer = Trainer(normed(), dataset=blobs())
    trainer.run(steps=5)
    before = running(trainer.network)
    assert trainer.network.parameters[MEAN].all()
    x, y = blobs().train.x, blobs().train.y
    trainer.evaluate("validation")
    trainer.trace("train", 3)
    trainer.replay(trainer.record().step + 1, 2)
    after = running(trainer.network)
    assert after != before  # that one step was recorded
    network = trainer.network
    network.gradients(x, y)
    network.loss(x, y)
    trained = network.forward(x, training=True)
    network.probe(x, ["batchnorm1"])
    network.trace(x[0], y[0])
    assert running(network) == after
    used = network.forward(x)
    assert not np.allclose(trained, used)
    assert network.forward(x[:1]) == pytest.approx(used[:1], rel=1e-5)  # no sample sees another


def test_used_it_takes_the_running_statistics() -> None:
    trainer = Trainer(normed(), dtype="float64", dataset=blobs())
    trainer.run(steps=9)
    parameters, x = trainer.network.parameters, blobs().train.x.astype(float)
    z = trainer.network.probe(x, ["dense1"])["dense1"]
    statistics = (parameters[MEAN], parameters[VARIANCE])
    wanted, _ = reference.running_norm(z, parameters["batchnorm1/weight"], parameters["batchnorm1/bias"], *statistics, 1e-5)
    assert trainer.network.probe(x, ["batchnorm1"])["batchnorm1"] == pytest.approx(wanted, rel=1e-9)
    trace = trainer.trace("train", 4)
    assert trace.mode == "sample"
    assert trace.nodes["batchnorm1"].values["output"] == pytest.approx(wanted[4], rel=1e-9)
    assert "mean" not in trace.nodes["batchnorm1"].values


@pytest.mark.parametrize("optimizer", [*STATES])
def test_by_hand_equals_a_free_run_to_the_bit(optimizer: str) -> None:
    document = normed(after=(("Dropout", {"rate": 0.2}),), optimizer=optimizer, l2=0.01, l1=0.001, clip_norm=0.5)
    by_hand, free, again = (Trainer(document, dataset=blobs()) for _ in range(3))
    for _ in range(9):
        by_hand.record()
    free.run(steps=9)
    assert same(by_hand.network.parameters, free.network.parameters)
    again.run(steps=4)
    state = again.state()
    assert {MEAN, VARIANCE} <= state.weights.keys()
    resumed = Trainer(document, dataset=blobs())
    resumed.restore(state)
    resumed.run(steps=5)
    assert same(resumed.network.parameters, free.network.parameters)


@pytest.mark.parametrize("batch", [7, 150])
def test_a_replay_has_the_steps_own_numbers_to_the_bit(batch: int) -> None:
    trainer = Trainer(normed(batch, after=(("Dropout", {"rate": 0.2}),), optimizer="momentum"), dataset=blobs(160))
    trainer.run(steps=1)
    trainer.record()
    plan = trainer._stepper.plan
    step, named = trainer.step_count, plan.lowered.named
    wanted = {(node, name): plan.value(v).copy() for node, values in named.items() for name, v in values.items() if plan.has(v)}
    assert wanted.keys() >= {("batchnorm1", name) for name in ("mean", "variance", "normalized", "output")}
    trainer.run(steps=3)
    size = len(trainer.passes.find(step).batch)
    assert size == (7 if batch == 7 else 10)
    for position in (0, size // 2, -1):
        trace = trainer.replay(step, position)
        assert trace.mode == "training"
        for (node, name), array in wanted.items():
            lane = position % size
            assert trace.nodes[node].values[name].tobytes() == np.ascontiguousarray(array[..., lane]).tobytes(), (node, name)


def test_a_samples_gradient_is_its_share_of_the_batchs() -> None:
    trainer = Trainer(normed(after=(("Dropout", {"rate": 0.2}),)), dtype="float64", dataset=blobs())
    traces = [trainer.record(position=0)]
    traces += [trainer.replay(1, position) for position in range(1, 7)]
    for key in trainer.network.layout.trained:
        shares = [trace.parameters[key].gradient for trace in traces]
        assert np.mean(shares, axis=0) == pytest.approx(traces[0].parameters[key].batch_gradient, rel=1e-9, abs=1e-14), key
    for trace in traces:
        error, x = trace.nodes["dense1"].gradients["output"], trace.nodes["input1"].values["output"]
        assert trace.parameters["dense1/weight"].gradient == pytest.approx(np.outer(error, x), rel=1e-9, abs=1e-14)
        predicted, output = trace.nodes["output1"].values["output"], trace.nodes["dense2"].gradients["output"]
        assert output == pytest.approx(predicted - np.eye(3)[int(trace.target)], rel=1e-9, abs=1e-14)  # type: ignore[arg-type]
        assert trace.loss == pytest.approx(-np.log(predicted[int(trace.target)]))  # type: ignore[arg-type]


def test_running_statistics_are_told_around_a_step() -> None:
    trainer = Trainer(normed(), dtype="float64", dataset=blobs())
    trace = trainer.record()
    batch, kept = trace.nodes["batchnorm1"].values, trace.parameters
    assert kept[MEAN].before.tolist() == [0.0] * 6
    assert kept[MEAN].after == pytest.approx(0.1 * batch["mean"])
    assert kept[VARIANCE].after == pytest.approx(0.9 + 0.1 * 7 / 6 * batch["variance"])
    assert (kept[MEAN].gradient, kept[MEAN].batch_gradient, dict(kept[MEAN].terms)) == (None, None, {})


def test_the_optimizer_penalties_norms_and_check_leave_them_alone() -> None:
    trainer = Trainer(normed(optimizer="adamw", l1=0.5, l2=0.5, weight_decay=0.5), dataset=blobs())
    trainer.run(steps=3)
    layout = trainer.network.layout
    assert MEAN not in layout.trained
    assert not any(array.any() for key, array in trainer.state().optimizer.items() if key.startswith((MEAN, VARIANCE)))
    assert MEAN not in trainer.network.gradients(blobs().train.x, blobs().train.y)[1]
    weights = [trainer.network.parameters[f"batchnorm1/{name}"] for name in ("weight", "bias")]
    assert trainer.norms()[1]["batchnorm1"] == pytest.approx(float(np.linalg.norm(weights)), rel=1e-6)
    assert trainer.norms()[0]["batchnorm1"] > 0


def test_a_step_that_is_refused_leaves_them_as_they_were() -> None:
    x = blobs().train.x.copy()
    x[20:] = np.inf
    document = edits.set_training(normed(batch_size=10), shuffle=False)
    trainer = Trainer(document, dataset=classes(x, blobs().train.y, 3))
    trainer.run(steps=2)
    before = running(trainer.network)
    trainer.run(steps=1)
    assert trainer.divergence is not None
    assert running(trainer.network) == before
    assert trainer.step_count == 2


def test_a_frozen_node_stays_as_it_is_and_normalizes_as_in_use() -> None:
    """As Keras: what is frozen runs in inference mode, and so a reused network's statistics stay those that it was trained with."""
    trainer = Trainer(normed(), dtype="float64", dataset=blobs())
    trainer.run(steps=5)
    assert trainer.set_document(edits.freeze(trainer.document, ["batchnorm1"], True))
    before = {key: array for key, array in trainer.network.parameters.items() if key.startswith("batchnorm1")}
    trace = trainer.record()
    assert trace.mode == "sample"  # nothing hangs on the batch any more
    parameters = trainer.network.parameters
    assert all(parameters[key].tobytes() == array.tobytes() for key, array in before.items())
    z = trace.nodes["dense1"].values["output"]
    wanted, _ = reference.running_norm(
        z[None], *(before[f"batchnorm1/{n}"] for n in ("weight", "bias", "running_mean", "running_var")), 1e-5
    )
    assert trace.nodes["batchnorm1"].values["output"] == pytest.approx(wanted[0], rel=1e-9)
    assert trainer.set_document(edits.freeze(trainer.document, ["batchnorm1"], False))
    trainer.run(steps=1)
    assert trainer.network.parameters[MEAN].tobytes() != before[MEAN].tobytes()


def test_momentum_may_change_while_it_runs() -> None:
    trainer = Trainer(normed(), dataset=blobs())
    trainer.run(steps=2)
    document = edits.set_field(trainer.document, "batchnorm1", "momentum", 0.0)
    kept = Trainer(document, dataset=blobs(), weights=trainer.network.parameters)
    before = running(kept.network)
    kept.run(steps=3)
    assert running(kept.network) == before


def test_values_too_large_for_memory_are_refused_with_their_size() -> None:
    arena = Arena("float32")
    arena.allocate(2**50)
    with pytest.raises(EngineError, match=r"take 4194304\.0 GB.*smaller batches"):
        arena.make()


@pytest.mark.parametrize("norm", ["BatchNorm", "LayerNorm"])
def test_a_deep_net_that_will_not_learn_without_learns_with_it(norm: str) -> None:
    """Twelve tanh layers that start far too large: what batch norm is for."""

    def deep(kind: str) -> Document:
        layers: list[Layer] = []
        for _ in range(12):
            layers += [dense(16, initializer="normal", initializer_scale=3.0), *([(kind, {})] if kind else [])]
            layers.append(("Activation", {"function": "tanh"}))
        document = chain((4,), *layers, dense(3), loss="softmax_cross_entropy")
        return edits.set_training(document, learning_rate=0.02, batch_size=32, optimizer="adam")

    data = blobs(256)
    without, within = (Trainer(deep(kind), dataset=data).run(epochs=12) for kind in ("", norm))
    assert within.train_accuracy is not None
    assert without.train_accuracy is not None
    assert within.train_accuracy > without.train_accuracy + 0.1
