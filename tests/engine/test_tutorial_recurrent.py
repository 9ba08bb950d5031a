"""The tutorials' worked examples of recurrent networks, items 23 to 29, in float64 through the public interface.

What items 26 to 28 say of data is held against plain loops in ``tests/data`` (``test_hello``, ``test_sentences_have_lengths``,
``test_progression_is_the_tutorials_three_kinds``); here a network is made of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from playground import data
from playground.document import Document, edits
from playground.engine import Network, Trainer
from playground.engine.trace import NodeTrace, Trace
from tests.engine.build import Layer, chain, dense
from tests.engine.test_recurrent import tokens
from tests.engine.test_tutorial import network

Array = np.ndarray
X = np.array([[1.0], [0.0], [-1.0]])
EVERY = {"units": 1, "return_sequences": True}


def elman(*layers: Layer) -> Document:
    return chain((3, 1), *(layers or (("SimpleRNN", EVERY),)), dense(1), loss="half_squared_error")


def cell(name: str = "simplernn1", u: float = 0.5, w: float = 0.8, end: str = "") -> dict[str, Any]:
    """U, W and no bias."""
    return {f"{name}__weight_input{end}": [[u]], f"{name}__weight_hidden{end}": [[w]], f"{name}__bias{end}": [0.0]}


V = {"dense1__weight": [[2.0]], "dense1__bias": [0.0]}


def test_23_an_elman_network_by_hand() -> None:
    """s_1 = tanh 0.5, s_2 = tanh(0.8 s_1), s_3 = tanh(0.8 s_2 - 0.5); o = 2 s. With targets 0.5, 0, -1 each step's error is (o - t) / 3."""
    trace = network(elman(), **cell(), **V).trace(X, np.array([[0.5], [0.0], [-1.0]]))
    node = trace.nodes["simplernn1"]
    assert node.values["h"].ravel() == pytest.approx([0.4621171573, 0.3537237885, -0.2136768637], abs=5e-11)
    assert trace.nodes["dense1"].values["output"].ravel() == pytest.approx([0.9242343145, 0.7074475770, -0.4273537273], abs=5e-11)
    assert node.gradients["h"].ravel() == pytest.approx([0.8169183592, 0.7630986527, 0.3817641818], abs=5e-11)
    deltas = node.gradients["pre_activation"].ravel()
    assert deltas == pytest.approx([0.6424635916, 0.6676193536, 0.3643336683], abs=5e-11)
    u, w, v = (trace.parameters[name].gradient for name in ("simplernn1/weight_input", "simplernn1/weight_hidden", "dense1/weight"))
    assert float(u[0, 0]) == pytest.approx(0.6424635916 - 0.3643336683, abs=1e-10)  # type: ignore[index]  # sums over the steps:
    assert float(w[0, 0]) == pytest.approx(0.3085183578 + 0.1288734854, abs=1e-10)  # type: ignore[index]  # d_2 s_1 + d_3 s_2
    assert float(v[0, 0]) == pytest.approx(0.1079752443, abs=5e-11)  # type: ignore[index]


def test_23_a_bidirectional_one_adds_what_its_own_weights_make_from_either_side() -> None:
    both = network(
        elman(("SimpleRNN", {**EVERY, "direction": "both", "merge": "sum"})), **cell(), **cell(u=-0.3, w=0.6, end="_reverse"), **V
    )
    found = both.trace(X, np.zeros((3, 1))).nodes["simplernn1"].values
    assert found["h_reverse"].ravel() == pytest.approx([-0.1937038326, 0.1730290929, 0.2913126125], abs=5e-11)
    assert found["output"].ravel() == pytest.approx([0.2684133246, 0.5267528814, 0.0776357488], abs=5e-11)


def test_23_in_a_deep_one_a_layer_reads_the_layer_below() -> None:
    deep = network(elman(("SimpleRNN", EVERY), ("SimpleRNN", EVERY)), **cell(), **cell("simplernn2", 1.5, -0.4), **V)
    found = deep.trace(X, np.zeros((3, 1))).nodes["simplernn2"].values["h"]
    assert found.ravel() == pytest.approx([0.6000182751, 0.2826670600, -0.4083105854], abs=5e-11)


def through(activation: str, scale: float, steps: int = 30, units: int = 6, **training: Any) -> tuple[Trace, Array]:
    """An error from the last step alone, back through a SimpleRNN whose recurrent weights are an orthogonal matrix times ``scale``."""
    layer = ("SimpleRNN", {"units": units, "activation": activation, **training})
    made = Network(chain((steps, 2), layer, dense(1), loss="half_squared_error"), "float64", 3)
    weight = made.parameters["simplernn1/weight_hidden"] * scale
    made.set_parameters({"simplernn1/weight_hidden": weight})
    x = np.random.default_rng(1).standard_normal((steps, 2)) * (0.3 if activation == "tanh" else 0.0)
    return made.trace(x, np.array([9.0])), weight


def norms(node: NodeTrace) -> Array:
    return np.sqrt((node.gradients["h"] ** 2).sum(axis=1))


@pytest.mark.parametrize(("activation", "scale"), [("tanh", 0.8), ("tanh", 1.0), ("identity", 0.5), ("identity", 1.25), ("sigmoid", 2.0)])
def test_24_k_steps_back_the_error_is_bounded(activation: str, scale: float) -> None:
    trace, weight = through(activation, scale)
    node, back = trace.nodes["simplernn1"], np.arange(30)[::-1]
    found, h = norms(node), node.values["h"]
    slope = {"tanh": 1 - h**2, "sigmoid": h * (1 - h), "identity": np.ones_like(h)}[activation].max()
    factor = np.linalg.norm(weight, 2) * slope
    assert (found <= found[-1] * factor**back * (1 + 1e-12)).all()
    if activation == "identity":  # an orthogonal matrix stretches all alike: the bound is met, and it vanishes or explodes
        assert found == pytest.approx(found[-1] * scale**back)
    if activation == "sigmoid":
        assert found[0] < 1e-6 * found[-1]  # a slope of a quarter at most: gone after thirty steps


def test_24_truncation_ends_the_way_and_clipping_shortens_the_gradient() -> None:
    trace, _ = through("identity", 1.25, truncate=15)
    found = norms(trace.nodes["simplernn1"])
    assert not found[:15].any()
    assert found[15:] == pytest.approx(found[-1] * 1.25 ** np.arange(15)[::-1])
    document = edits.set_training(
        chain((40,), ("Embedding", {"size": 4}), ("LSTM", {"units": 4, "return_sequences": True}), dense(2), loss="softmax_cross_entropy"),
        clip_norm=0.01,
        learning_rate=1.0,
    )
    trainer = Trainer(document, dataset=data.load("hello", samples=200), dtype="float64")
    update = trainer.record()
    assert update.update is not None
    gradients = [one.batch_gradient for one in update.parameters.values() if one.batch_gradient is not None]
    length = np.sqrt(sum(float((one**2).sum()) for one in gradients))
    assert length > 0.01
    assert update.update.clip == pytest.approx(0.01 / (length + 1e-6), rel=1e-6)  # as torch.nn.utils.clip_grad_norm_
    for one in update.parameters.values():
        assert one.after is not None
        assert one.batch_gradient is not None
        np.testing.assert_allclose(one.before - one.after, update.update.clip * one.batch_gradient, rtol=1e-6, atol=1e-12)


def one_step(type: str, **fields: Any) -> Document:
    layer = (type, {"units": 1, "initial_state": "learned", **fields})
    return chain((1, 1), layer, loss="half_squared_error")


def test_25_a_step_of_an_lstm_by_hand() -> None:
    """x = 1, h' = 0.5, c' = 2; sums of i f g o 0.6, -1.2, 1.3, 2.4. The target is h - 1, so that dL/dh = 1."""
    parameters = {"weight_input": [[0.3], [-0.7], [0.6], [1.5]], "weight_hidden": [[0.2], [-0.4], [0.6], [0.8]]}
    parameters |= {"bias": [0.2, -0.3, 0.4, 0.5], "initial_h": [0.5], "initial_c": [2.0]}
    made = network(one_step("LSTM"), **{f"lstm1__{name}": array for name, array in parameters.items()})
    trace = made.trace(np.ones((1, 1)), np.array([0.7055833712 - 1.0]))
    values, gradients = trace.nodes["lstm1"].values, trace.nodes["lstm1"].gradients
    assert values["pre_activation"].ravel() == pytest.approx([0.6, -1.2, 1.3, 2.4], abs=1e-12)
    found = [float(values[name].item()) for name in "ifgoch"]
    assert found == pytest.approx([0.6456563062, 0.2314752165, 0.8617231593, 0.9168273035, 1.0193274250, 0.7055833712], abs=5e-10)
    deltas = [0.0736972649, 0.1329994583, 0.0621331607, 0.0586852716]
    assert gradients["pre_activation"].ravel() == pytest.approx(deltas, abs=5e-10)
    assert gradients["c"].item() == pytest.approx(0.3738156678, abs=5e-10)
    wanted = {"weight_input": deltas, "bias": deltas, "weight_hidden": [0.5 * one for one in deltas]}
    wanted |= {"initial_h": [0.0457677834], "initial_c": [0.0865290626]}
    for name, array in wanted.items():
        assert trace.parameters[f"lstm1/{name}"].gradient.ravel() == pytest.approx(array, abs=5e-10)  # type: ignore[union-attr]


GRUS = {
    "tutorial": ([0.4750208125, 0.6456563062, 0.5302877069], 0.5143872912, [0.0075530284, 0.0351525046, 0.3414425602], 0.7208895916),
    "pytorch": ([0.4750208125, 0.6456563062, 0.5751005831], 0.5394262431, [-0.0187282860, 0.0442104880, 0.3513472136], 0.6591063330),
}


@pytest.mark.parametrize("form", GRUS)
def test_25_a_step_of_a_gru_by_hand(form: str) -> None:
    """x = 1, h' = 0.5; sums of z r n from x -0.4, 0.7, 0.3; U 0.6, -0.2, 0.9; the bias within PyTorch's reset 0.1. dL/dh = 1."""
    gates, h, deltas, start = GRUS[form]
    parameters: dict[str, Any] = {"weight_input": [[-0.5], [0.5], [0.1]], "weight_hidden": [[0.6], [-0.2], [0.9]]}
    parameters |= {"bias": [0.1, 0.2, 0.2], "initial_h": [0.5]} | ({"hidden_bias": [0.1]} if form == "pytorch" else {})
    made = network(one_step("GRU", form=form), **{f"gru1__{name}": array for name, array in parameters.items()})
    trace = made.trace(np.ones((1, 1)), np.array([h - 1.0]))
    values, gradients = trace.nodes["gru1"].values, trace.nodes["gru1"].gradients
    assert [values[name].item() for name in "zrnh"] == pytest.approx([*gates, h], abs=5e-10)
    assert gradients["pre_activation"].ravel() == pytest.approx(deltas, abs=5e-10)
    r, hidden = gates[1], trace.parameters["gru1/weight_hidden"].gradient
    past = 0.5 * r if form == "tutorial" else 0.5  # what U of the candidate is multiplied by; PyTorch's error comes through the reset
    last = deltas[2] * (1.0 if form == "tutorial" else r)
    assert hidden.ravel() == pytest.approx([0.5 * deltas[0], 0.5 * deltas[1], past * last], abs=5e-10)  # type: ignore[union-attr]
    if form == "pytorch":
        assert trace.parameters["gru1/hidden_bias"].gradient.item() == pytest.approx(last, abs=5e-10)  # type: ignore[union-attr]
    assert trace.parameters["gru1/initial_h"].gradient.item() == pytest.approx(start, abs=5e-10)  # type: ignore[union-attr]


def test_26_to_28_what_is_read_and_what_is_wanted() -> None:
    """The word hello is told at its o alone; a sentence is read from its start mark and asked for up to its end mark; 1 2 3 4 5 goes on
    with 6, or with 6 7 8 9 10."""
    hello = data.load("hello", samples=60)
    symbols = hello.description.tokens
    text = ["".join(symbols[int(at)] for at in row) for row in hello.train.x]
    assert [[t for t, yes in enumerate(row) if yes == 1] for row in hello.train.y] == [
        [t for t in range(len(row)) if row[: t + 1].endswith("hello")] for row in text
    ]
    poems = data.load("quatrains")
    start, end = (poems.description.tokens.index(mark) for mark in "▷■")
    assert (poems.train.x[:, 0] == start).all()
    assert (poems.train.y[:, -1] == end).all()
    assert (poems.train.x[:, 1:] == poems.train.y[:, :-1]).all()
    assert following("the next one") == [6]
    assert following("the next ones") == [6, 7, 8, 9, 10]


def following(form: str) -> list[int]:
    """What is wanted after 1 2 3 4 5, whichever split has it."""
    dataset = data.load("progression", form=form, step=1)
    for split in (dataset.train, dataset.validation, dataset.test):
        for row in np.flatnonzero((split.x == np.arange(1, 6)).all(axis=1)):
            return np.ravel(split.y[row]).tolist()  # type: ignore[no-any-return]
    raise AssertionError("1 2 3 4 5 is in no split")


@pytest.mark.parametrize("type", ["SimpleRNN", "LSTM", "GRU"])
def test_29_every_weight_by_central_differences(type: str) -> None:
    """With epsilon 1e-4, of a model of symbols, both ways, with lengths: every entry of every parameter."""
    document, last = edits.add_node(Document(), "Input")
    cell = {"units": 2, "direction": "both", "return_sequences": True, "initial_state": "learned"}
    for kind, fields in (("Embedding", {"size": 2}), (type, cell), ("Dense", {"units": 5}), ("Output", {})):
        document, node = edits.add_node(document, kind, **fields)
        document, last = edits.connect(document, last, node), node
    dataset = tokens(6)
    made, part = Trainer(document, dataset=dataset, dtype="float64").network, dataset.train
    rng = np.random.default_rng(0)
    weights = {key: array + 0.3 * rng.standard_normal(array.shape) for key, array in made.parameters.items()}
    made.set_parameters(weights)
    assert part.lengths is not None
    _, gradients = made.gradients(part.x, part.y, lengths=part.lengths)
    assert gradients.keys() == weights.keys()
    for key, gradient in gradients.items():
        for index in np.ndindex(gradient.shape):
            losses = []
            for step in (1e-4, -1e-4):
                moved = weights[key].copy()
                moved[index] += step
                made.set_parameters({key: moved})
                losses.append(made.loss(part.x, part.y, lengths=part.lengths))
            made.set_parameters({key: weights[key]})
            assert (losses[0] - losses[1]) / 2e-4 == pytest.approx(gradient[index], rel=1e-5, abs=1e-8), (key, index)
