"""Backward from anywhere: derivatives of any node's values against finite differences of the forward pass, in float64."""

from __future__ import annotations

import numpy as np
import pytest

from playground.document import Document, edits
from playground.engine import Network
from playground.engine.seeded import Seeded, asked_of
from playground.errors import EngineError


def forked() -> Document:
    """Two branches from one Dense that meet in an Add, and a third that the Add does not hang on."""
    document, given = edits.add_node(Document(), "Input", shape=(3,))
    document, stem = edits.add_node(document, "Dense", units=4, activation="tanh")
    document, left = edits.add_node(document, "Dense", units=4, activation="sigmoid")
    document, right = edits.add_node(document, "Dense", units=4, activation="relu")
    document, both = edits.add_node(document, "Add")
    document, side = edits.add_node(document, "Dense", units=4, activation="tanh")
    document, whole = edits.add_node(document, "Add")
    document, answer = edits.add_node(document, "Dense", units=3)
    document, out = edits.add_node(document, "Output", loss="softmax_cross_entropy")
    for source, target in ((given, stem), (stem, left), (stem, right), (stem, side), (whole, answer), (answer, out)):
        document = edits.connect(document, source, target)
    for port, source in enumerate((left, right)):
        document = edits.connect(document, source, both, to_port=port)
    for port, source in enumerate((both, side)):
        document = edits.connect(document, source, whole, to_port=port)
    return document


def numeric(seeded: Seeded, x: np.ndarray, cotangent: np.ndarray) -> np.ndarray:
    """The derivative of sum(cotangent * value) by each number of ``x``, by central differences."""
    found = np.zeros_like(x)
    for at in np.ndindex(*x.shape):
        sums = []
        for move in (1e-5, -1e-5):
            moved = x.copy()
            moved[at] += move
            sums.append(float((seeded(moved, cotangent)[0][at[0]] * cotangent).sum()))
        found[at] = (sums[0] - sums[1]) / 2e-5
    return found


@pytest.mark.parametrize("node", ["dense1", "dense2", "add1", "add2", "dense5", "output1"])
def test_the_derivative_of_any_node_by_the_input_is_that_of_finite_differences(node: str) -> None:
    network = Network(forked(), "float64", seed=3)
    seeded = Seeded(network, node, 2)
    rng = np.random.default_rng(0)
    x, cotangent = rng.standard_normal((2, 3)), rng.standard_normal(seeded.value.shape)
    value, slopes = seeded(x, cotangent)
    assert np.abs(slopes["input1"]).max() > 0.01
    assert slopes["input1"] == pytest.approx(numeric(seeded, x, cotangent), rel=1e-6, abs=1e-8)
    if node.startswith("add"):
        assert value == pytest.approx(network.probe(x, [node])[node])


def test_a_node_in_between_has_its_derivatives_too() -> None:
    network = Network(forked(), "float64", seed=3)
    seeded = Seeded(network, "output1", 1, ["dense1"])
    x, cotangent = np.array([[0.3, -0.2, 0.8]]), np.array([1.0, 0.0, 0.0])
    _, slopes = seeded(x, cotangent)
    before = network.probe(x, ["dense1"])["dense1"]
    assert seeded.output("dense1", 1) == pytest.approx(before)
    stem = network.parameters["dense1/weight"]
    assert slopes["input1"] == pytest.approx((slopes["dense1"] * (1 - before**2)) @ stem)


def test_a_unit_that_relu_cuts_off_is_asked_for_its_sum() -> None:
    document, given = edits.add_node(Document(), "Input", shape=(1,))
    document, unit = edits.add_node(document, "Dense", units=1, activation="relu")
    document, out = edits.add_node(document, "Output", loss="half_squared_error")
    document = edits.connect(edits.connect(document, given, unit), unit, out)
    network = Network(document, "float64")
    network.set_parameters({"dense1/weight": np.array([[2.0]]), "dense1/bias": np.array([-5.0])})
    value, slopes = Seeded(network, "dense1", 1)(np.array([[1.0]]), np.array([1.0]))
    assert network.forward(np.array([[1.0]])).item() == 0.0
    assert (value.item(), slopes["input1"].item()) == (-3.0, 2.0)


def test_output_is_asked_for_what_its_softmax_compares() -> None:
    network = Network(forked())
    assert asked_of(network.lowered, "output1").node == "dense5"


def test_only_what_the_value_hangs_on_is_computed() -> None:
    network = Network(forked())
    seeded = Seeded(network, "add1", 1)
    assert {operation.node for operation in seeded._cut.forward} == {"dense1", "dense2", "dense3", "add1"}
    assert not any("weight" in operation.name for operation in seeded._cut.backward)


def test_unknown_nodes_and_nodes_beside_the_way_are_refused() -> None:
    network = Network(forked())
    with pytest.raises(EngineError, match="there is no node 'lstm1'"):
        Seeded(network, "lstm1", 1)
    with pytest.raises(EngineError, match="does not hang on dense4"):
        Seeded(network, "add1", 1, ["dense4"])
    with pytest.raises(EngineError, match="expected up to"):
        Seeded(network, "add1", 1)(np.zeros((1, 4), np.float32), np.zeros(4, np.float32))


def test_norms_and_dropout_answer_as_they_do_in_use() -> None:
    document, given = edits.add_node(Document(), "Input", shape=(3,))
    last = given
    for type, fields in (
        ("Dense", {"units": 5}),
        ("BatchNorm", {}),
        ("Dropout", {"rate": 0.5}),
        ("Dense", {"units": 2, "activation": "tanh"}),
    ):
        document, node = edits.add_node(document, type, **fields)
        document, last = edits.connect(document, last, node), node
    document, out = edits.add_node(document, "Output", loss="half_squared_error")
    network = Network(edits.connect(document, last, out), "float64", seed=1)
    rng = np.random.default_rng(2)
    network.set_parameters({"batchnorm1/running_mean": rng.standard_normal(5), "batchnorm1/running_var": rng.uniform(0.5, 2.0, 5)})
    seeded = Seeded(network, "dense2", 1)
    x, cotangent = rng.standard_normal((1, 3)), np.array([0.7, -1.2])
    _, slopes = seeded(x, cotangent)
    assert slopes["input1"] == pytest.approx(numeric(seeded, x, cotangent), rel=1e-6, abs=1e-8)
    assert np.abs(slopes["input1"]).max() > 0.01


def test_the_picture_itself_is_no_node_to_ask() -> None:
    with pytest.raises(EngineError, match="the picture itself"):
        Seeded(Network(forked()), "input1", 1)
    document, given = edits.add_node(Document(), "Input", shape=(1, 4, 4))
    document, flat = edits.add_node(document, "Flatten")  # the same numbers at the same place
    document, answer = edits.add_node(document, "Dense", units=3)
    document, out = edits.add_node(document, "Output", loss="softmax_cross_entropy")
    for source, target in ((given, flat), (flat, answer), (answer, out)):
        document = edits.connect(document, source, target)
    with pytest.raises(EngineError, match="the picture itself"):
        Seeded(Network(document), flat, 1)
