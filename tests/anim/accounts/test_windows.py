"""Accounts of convolutions and pools: every product and sum, forward, backward and in the update, against loops over the fields."""

from __future__ import annotations

from typing import Any

import pytest

from playground.document import Document, edits
from tests.anim.accounts.networks import data_for
from tests.anim.accounts.walk import Tally, record, walk
from tests.engine.build import Layer, chain, dense

ROUNDED = 0.03


def walked(document: Document, **training: Any) -> Tally:
    document = edits.set_training(document, **{"batch_size": 2, **training})
    tally = walk(record(document, data_for(document), 1, 1))
    assert not tally.wrong
    assert tally.rounded <= ROUNDED * tally.numbers
    return tally


def around(shape: tuple[int, ...], *layers: Layer) -> Document:
    return chain(shape, *layers, ("Flatten", {}), dense(2), loss="mean_squared_error")


CONVOLUTIONS: list[tuple[str, dict[str, Any]]] = [
    ("plain", {"kernel_size": 3}),
    ("strided, padded, many channels", {"kernel_size": (3, 2), "strides": 2, "padding": 1, "activation": "relu"}),
    ("same, odd cell behind", {"kernel_size": (2, 4), "strides": (1, 2), "padding": "same", "activation": "tanh"}),
    ("dilated", {"kernel_size": 2, "dilation_rate": (2, 1), "padding": (2, 0)}),
    ("grouped", {"kernel_size": 3, "groups": 2, "activation": "sigmoid", "padding": "same"}),
    ("depthwise", {"kernel_size": 3, "groups": 4, "filters": 8, "use_bias": False}),
    ("1 by 1", {"kernel_size": 1, "strides": 3}),
]


@pytest.mark.parametrize("fields", [fields for _, fields in CONVOLUTIONS], ids=[name for name, _ in CONVOLUTIONS])
def test_convolutions_between_two_others(fields: dict[str, Any]) -> None:
    """Forward, the error of each pixel before it, the gradient and the update of each weight."""
    layer = ("Conv2D", {"filters": 4, "initial_bias": 0.1, **fields})
    before = ("Conv2D", {"filters": 4, "kernel_size": 2, "activation": "tanh"})
    tally = walked(around((1, 6, 7), before, layer, ("Activation", {"function": "tanh"})))
    assert tally.numbers > 10_000


@pytest.mark.parametrize(
    "fields",
    [
        {"kernel_size": 3},
        {"kernel_size": 3, "strides": 2, "padding": "same", "activation": "softmax"},
        {"kernel_size": 2, "dilation_rate": 2, "padding": 1, "groups": 2, "activation": "relu"},
    ],
    ids=str,
)
def test_convolutions_along_a_sequence(fields: dict[str, Any]) -> None:
    walked(around((8, 4), dense(4, "tanh"), ("Conv1D", {"filters": 4, "initial_bias": 0.1, **fields})))


@pytest.mark.parametrize("training", [{"optimizer": "adam"}, {"optimizer": "momentum", "l2": 0.01, "clip_norm": 0.1}], ids=str)
def test_updates_of_kernels(training: dict[str, Any]) -> None:
    walked(around((2, 5, 5), ("Conv2D", {"filters": 3, "strides": 2, "padding": 1, "activation": "relu"})), **training)


def test_a_residual_block_and_a_pooled_one() -> None:
    """A fork over a convolution; LeNet's order of layers."""
    document, source = edits.add_node(Document(), "Input", shape=(1, 6, 6))
    document, first = edits.add_node(document, "Conv2D", filters=2, activation="relu")
    document, second = edits.add_node(document, "Conv2D", filters=2, padding="same", activation="tanh")
    document, add = edits.add_node(document, "Add")
    document, pool = edits.add_node(document, "MaxPool2D")
    document, flat = edits.add_node(document, "Flatten")
    document, head = edits.add_node(document, "Dense", units=3)
    document, output = edits.add_node(document, "Output")
    for a, b in ((source, first), (first, second), (first, add), (second, add), (add, pool), (pool, flat), (flat, head), (head, output)):
        document = edits.connect(document, a, b)
    walked(document)


POOLS = [
    ("MaxPool2D", {"pool_size": 2}),
    ("MaxPool2D", {"pool_size": (3, 2), "strides": (2, 1), "padding": "same"}),
    ("MaxPool2D", {"pool_size": 2, "strides": 3}),
    ("AvgPool2D", {"pool_size": (2, 3), "strides": 2, "padding": 1}),
    ("AvgPool2D", {"pool_size": 3, "strides": 1, "padding": "same"}),
    ("ZeroPadding2D", {"top": 1, "bottom": 2, "left": 0, "right": 1}),
    ("UpSampling2D", {"size": (2, 3)}),
]


@pytest.mark.parametrize("layer", POOLS, ids=lambda layer: f"{layer[0]} {layer[1]}")
def test_pools_between_two_others(layer: Layer) -> None:
    tally = walked(around((2, 5, 6), ("Activation", {"function": "tanh"}), layer, ("Activation", {"function": "sigmoid"})))
    assert tally.cells > 100


@pytest.mark.parametrize("name", ["GlobalMaxPool2D", "GlobalAvgPool2D"])
def test_global_pools(name: str) -> None:
    walked(chain((3, 4, 5), ("Activation", {"function": "tanh"}), (name, {}), dense(2), loss="mean_squared_error"))


def test_a_sequence_pooled() -> None:
    walked(around((9, 3), ("Activation", {"function": "tanh"}), ("MaxPool1D", {"pool_size": 3, "strides": 2, "padding": 1})))


@pytest.mark.parametrize("norm", ["BatchNorm", "LayerNorm"])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_norms_behind_a_convolution(norm: str, optimizer: str) -> None:
    """With the batch's statistics; the running ones' step is a cell of the update."""
    layers = (("Conv2D", {"filters": 3, "padding": "same"}), (norm, {}), ("Activation", {"function": "tanh"}), ("MaxPool2D", {}))
    walked(around((2, 4, 4), *layers), optimizer=optimizer)


@pytest.mark.parametrize("norm", ["BatchNorm", "LayerNorm"])
def test_norms_of_rows_and_sequences(norm: str) -> None:
    walked(chain((5,), dense(4, "tanh"), (norm, {}), dense(2), loss="mean_squared_error"), batch_size=4)  # of 2 rows all would cancel
    walked(around((4, 3), dense(4, "tanh"), (norm, {})))
