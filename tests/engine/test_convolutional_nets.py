"""Convolutions, pools, norms and merges together: residual blocks, the tutorial's pooling, switched-off maps, saved statistics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from playground.document import Document, edits, parameter_counts, shapes
from playground.engine import Network, Trainer
from playground.engine.checks.gradient_check import check_gradients
from playground.export import read, write
from tests.engine.build import Layer, chain, classes, dense, numbers, same


def residual(norm: str = "BatchNorm", **training: Any) -> Document:
    """Conv, norm, ReLU; then a block whose input is added to what two convolutions make of it; global mean, Dense."""
    document, source = edits.add_node(Document(), "Input", shape=(1, 6, 6))

    def after(node: str, *layers: Layer) -> str:
        nonlocal document
        for kind, fields in layers:
            document, made = edits.add_node(document, kind, **fields)
            document, node = edits.connect(document, node, made), made
        return node

    def convolution() -> list[Layer]:
        return [("Conv2D", {"filters": 4, "padding": "same", "use_bias": False}), (norm, {})]

    relu: Layer = ("Activation", {"function": "relu"})
    trunk = after(source, *convolution(), relu)
    branch = after(trunk, *convolution(), relu, *convolution())
    document, merge = edits.add_node(document, "Add")
    document = edits.connect(edits.connect(document, trunk, merge), branch, merge)
    after(merge, relu, ("GlobalAvgPool2D", {}), dense(3), ("Output", {"loss": "softmax_cross_entropy"}))
    return edits.set_training(document, **{"batch_size": 16, "learning_rate": 0.02, "optimizer": "adam", **training})


def stripes(count: int = 192) -> Any:
    """Pictures of one line: a row, a column or a diagonal, with noise."""
    rng = np.random.default_rng(0)
    y = np.arange(count) % 3
    x = 0.3 * rng.standard_normal((count, 1, 6, 6))
    for picture, kind in zip(x, y, strict=True):
        at = rng.integers(0, 6)
        if kind == 0:
            picture[0, at] += 1
        elif kind == 1:
            picture[0, :, at] += 1
        else:
            picture[0] += np.roll(np.eye(6), at, 1)
    return classes(x.astype(np.float32), y, 3)


@pytest.mark.parametrize("norm", ["BatchNorm", "LayerNorm"])
def test_a_residual_block_has_the_right_gradients(norm: str) -> None:
    found = check_gradients(residual(norm), samples=4)
    assert found.max_relative_error is not None
    assert found.max_relative_error <= 1e-6, found
    assert not [check.name for check in found.parameters if "running" in check.name]


def test_a_residual_net_learns_and_uses_what_it_learned() -> None:
    trainer = Trainer(residual(), dataset=stripes())
    result = trainer.run(epochs=12)
    assert result.train_accuracy is not None
    assert result.train_accuracy > 0.95
    assert shapes(trainer.document)["add1"] == (4, 6, 6)


def test_counts_are_of_what_is_learned() -> None:
    counts = parameter_counts(residual())
    assert counts["batchnorm1"] == 8
    assert counts["conv2d2"] == 4 * 4 * 9


@pytest.mark.parametrize("kind", ["npz", "safetensors"])
def test_statistics_are_exported_by_pytorchs_names(tmp_path: Path, kind: str) -> None:
    trainer = Trainer(residual(), dataset=stripes())
    trainer.run(steps=3)
    write(tmp_path / f"net.{kind}", trainer.network.parameters, trainer.document)
    content = read(tmp_path / f"net.{kind}")
    assert {f"batchnorm1/{name}" for name in ("weight", "bias", "running_mean", "running_var")} <= content.keys()
    loaded = Network(trainer.document)
    loaded.set_parameters(content)
    assert same(loaded.parameters, trainer.network.parameters)
    x = stripes().train.x[:9]
    assert loaded.forward(x).tobytes() == Network(trainer.document, flat=trainer.network.flat.copy()).forward(x).tobytes()


def test_20_the_error_goes_to_the_winner_or_is_divided() -> None:
    """Item 20 of the tutorials' numbers: max pooling, mean pooling (2x2: a quarter each), one number a map by the global mean."""
    x = np.array([[[1.0, 3.0, 0.0, 2.0], [2.0, 0.0, 5.0, 1.0]]])

    def back(layer: Layer, units: int) -> tuple[list[float], list[float]]:
        network = Network(chain((1, 2, 4), layer, ("Flatten", {}), loss="half_squared_error"), "float64")
        trace = network.trace(x, np.zeros(units))
        return trace.nodes["flatten1"].values["output"].tolist(), trace.nodes["input1"].gradients["output"].ravel().tolist()

    assert back(("MaxPool2D", {}), 2) == ([3.0, 5.0], [0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 5.0, 0.0])
    assert back(("AvgPool2D", {}), 2) == ([1.5, 2.0], [0.375, 0.375, 0.5, 0.5, 0.375, 0.375, 0.5, 0.5])
    assert back(("GlobalAvgPool2D", {}), 1) == ([1.75], [1.75 / 8] * 8)
    assert back(("GlobalMaxPool2D", {}), 1) == ([5.0], [0.0] * 6 + [5.0, 0.0])


def test_winners_are_told() -> None:
    network = Network(chain((1, 2, 4), ("MaxPool2D", {}), ("Flatten", {}), dense(1)), "float64")
    trace = network.trace(np.array([[[1.0, 3.0, 0.0, 2.0], [2.0, 0.0, 5.0, 1.0]]]), np.zeros(1))
    assert trace.nodes["maxpool2d1"].values["winners"].tolist() == [[[1.0, 6.0]]]


def test_an_autoencoder_of_pools_and_upsampling_learns() -> None:
    """Down and up again, with padding cut off by a pool that leaves it out: all shapes meet."""
    layers: list[Layer] = [
        ("Conv2D", {"filters": 6, "padding": "same", "activation": "tanh"}),
        ("MaxPool2D", {}),
        ("UpSampling2D", {}),
        ("ZeroPadding2D", {}),
        ("Conv2D", {"filters": 1}),
        ("Flatten", {}),
    ]
    x = stripes().train.x
    document = edits.set_training(chain((1, 6, 6), *layers, loss="mean_squared_error"), batch_size=16, optimizer="adam", learning_rate=0.01)
    trainer = Trainer(document, dataset=numbers(x, x.reshape(len(x), -1)))
    before = trainer.evaluate("train").loss
    trainer.run(epochs=10)
    assert trainer.evaluate("train").loss < 0.7 * before


@pytest.mark.parametrize("kind", ["BatchNorm", "MaxPool2D", "LayerNorm"])
def test_a_map_that_is_switched_off_stays_off(kind: str) -> None:
    document = chain((3, 4, 4), (kind, {}), ("Flatten", {}), dense(3), loss="softmax_cross_entropy")
    node = f"{kind.lower()}1"
    document = edits.set_training(edits.switch_off(document, node, [1]), batch_size=5)
    rng = np.random.default_rng(0)
    trainer = Trainer(document, dataset=classes(rng.standard_normal((20, 3, 4, 4)).astype("f4"), rng.integers(0, 3, 20), 3))
    trace = trainer.record()
    assert not trace.nodes[node].values["output"][1].any()
    assert trace.nodes[node].values["output"][0].any()
    if kind != "LayerNorm":  # there the others' mean and spread hang on it
        assert not trace.nodes["input1"].gradients["output"][1].any()
