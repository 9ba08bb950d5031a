"""Training steps go without values that nobody looks at: the weights come out with the same bits, and the values are not there."""

from __future__ import annotations

import numpy as np
import pytest

from playground.data.spec import Dataset, Description, frozen_split
from playground.document import Document, edits
from playground.engine.program import plan as plans
from playground.engine.program.lowering import gradient_of, lower
from playground.engine.program.resident import resident
from playground.engine.program.stepper import Stepper

SHAPE = (2, 9, 8)


def chain(*layers: tuple[str, dict[str, object]], shape: tuple[int, ...] = SHAPE) -> Document:
    """Input, layers, Dense of 3, Output; its ids are n1, n2 ... in order."""
    document, last = edits.add_node(Document(), "Input", shape=shape)
    for kind, fields in (*layers, ("Flatten", {}), ("Dense", {"units": 3}), ("Output", {"loss": "softmax_cross_entropy"})):
        document, node = edits.add_node(document, kind, **fields)
        document, last = edits.connect(document, last, node), node
    return edits.set_training(document, optimizer="momentum", learning_rate=0.1, batch_size=24)


CONV = ("Conv2D", {"filters": 4, "kernel_size": 3, "padding": "same", "activation": "relu"})
MANY = ("Conv2D", {**CONV[1], "filters": 16})
BARE = ("Conv2D", {"filters": 4, "kernel_size": 3, "padding": "same"})
POOL = ("MaxPool2D", {"pool_size": 2})
OVERLAPPING = ("MaxPool2D", {"pool_size": 3, "strides": 2, "padding": "same"})
RELU = ("Activation", {"function": "relu"})
NETS = {
    "pool behind": chain(CONV, POOL, CONV, POOL),
    "so many maps that Winograd's way is taken": chain(MANY, POOL, MANY, POOL),
    "windows that overlap": chain(CONV, OVERLAPPING),
    "no pool": chain(CONV, CONV),
    "an activation of its own": chain(BARE, RELU, POOL),
    "mean pool": chain(CONV, ("AvgPool2D", {"pool_size": 2})),
    "another function": chain(("Conv2D", {**CONV[1], "activation": "tanh"}), POOL),
    "recurrent": chain(
        ("Reshape", {"shape": (6, 24)}),
        ("LSTM", {"units": 5, "return_sequences": True, "peepholes": True, "direction": "both"}),
        ("GRU", {"units": 6, "return_sequences": True, "initial_state": "learned"}),
        ("GRU", {"units": 4, "return_sequences": True, "form": "pytorch"}),
        ("SimpleRNN", {"units": 3, "truncate": 2}),
    ),
    "dense": chain(("Flatten", {}), ("Dense", {"units": 7, "activation": "relu"})),
}


def trained(document: Document, steps: int = 6) -> tuple[np.ndarray, Stepper]:
    random = np.random.default_rng(0)
    x, y = random.standard_normal((60, *SHAPE)).astype("f4"), random.integers(0, 3, 60).astype("i4")
    part = frozen_split(x, y)
    lowered = lower(document)
    samples = resident(lowered, Dataset(Description(SHAPE, "classification", 3, ("a", "b", "c")), part, part, part), "train")
    stepper = Stepper(lowered, samples, document.training, 3, "float32")
    for p in lowered.parameters:
        stepper.plan.layout.pack({p.key: random.standard_normal(p.parameter.shape) * 0.3}, stepper.plan.parameters)
    stepper.run(steps)
    assert stepper.diverged is None
    return stepper.plan.parameters.copy(), stepper


@pytest.mark.parametrize("name", NETS)
def test_weights_have_the_same_bits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lean, _ = trained(NETS[name])
    monkeypatch.setattr(plans, "lean", lambda operations, canonical, kept: operations)
    full, _ = trained(NETS[name])
    assert np.isfinite(lean).all()
    np.testing.assert_array_equal(lean, full)


def held(name: str, value: str) -> bool:
    """Whether a step of net ``name`` has ``value`` of its first convolution."""
    _, stepper = trained(NETS[name], 1)
    first = stepper.lowered.order[1]
    return stepper.plan.has(stepper.lowered.named[first][value])


def test_what_nobody_reads_has_no_place() -> None:
    assert held("pool behind", "pre_activation")
    assert not held("pool behind", "output")
    assert held("no pool", "output")
    assert not held("no pool", "pre_activation")
    assert held("another function", "output")
    assert held("another function", "pre_activation")


def test_a_fork_keeps_what_its_branches_read() -> None:
    """The convolution's output goes to a pool and to a second convolution: both must see it rectified."""
    document, source = edits.add_node(Document(), "Input", shape=SHAPE)
    document, conv = edits.add_node(document, "Conv2D", filters=4, kernel_size=3, padding="same", activation="relu")
    document, pool = edits.add_node(document, "MaxPool2D", pool_size=2)
    document, other = edits.add_node(document, "Conv2D", filters=4, kernel_size=3, strides=2, padding="same", activation="relu")
    document, both = edits.add_node(document, "Concatenate", axis=0)
    document, flat = edits.add_node(document, "Flatten")
    document, dense = edits.add_node(document, "Dense", units=3)
    document, output = edits.add_node(document, "Output", loss="softmax_cross_entropy")
    shapes = [(source, conv), (conv, pool), (conv, other), (pool, both), (other, both), (both, flat), (flat, dense), (dense, output)]
    for a, b in shapes:
        document = edits.connect(document, a, b, to_port=int((a, b) == (other, both)))
    document = edits.set_training(document, optimizer="sgd", learning_rate=0.1, batch_size=24)
    with pytest.MonkeyPatch.context() as patch:
        lean, stepper = trained(edits.set_field(document, pool, "padding", "same"))
        assert stepper.plan.has(stepper.lowered.named[conv]["output"])
        patch.setattr(plans, "lean", lambda operations, canonical, kept: operations)
        full, _ = trained(edits.set_field(document, pool, "padding", "same"))
    np.testing.assert_array_equal(lean, full)


def test_a_recurrent_layer_has_one_place_for_sums_gates_and_their_errors() -> None:
    _, stepper = trained(NETS["recurrent"], 1)
    for node, gates in (("lstm1", "i"), ("gru1", "z"), ("gru2", "z")):
        named = stepper.lowered.named[node]
        assert stepper.plan.has(named["pre_activation"])
        assert not stepper.plan.has(stepper.lowered.parts[node][gates].value)
        assert not stepper.plan.has(gradient_of(named["pre_activation"]))
    assert not stepper.plan.has(gradient_of(stepper.lowered.named["simplernn1"]["h"]))
