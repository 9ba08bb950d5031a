"""Weights of another network: what fits is taken whole, what does not is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from playground.document import Document, Project, edits, save_project
from playground.engine import Network
from playground.errors import DocumentError, FileError
from playground.export import files, transfer
from playground.export.transfer import Given, match, read
from tests.engine.build import chain, dense

CONVOLUTIONS = (("Conv2D", {"filters": 4}), ("Conv2D", {"filters": 3, "activation": "relu"}), ("Flatten", {}))


def net(head: int = 5, *more: tuple[str, dict[str, object]], size: int = 8) -> Document:
    return chain((1, size, size), *CONVOLUTIONS, *more, dense(head))


def given(document: Document, seed: int = 3) -> Given:
    return Given(Network(document, seed=seed).parameters, document)


def test_all_but_a_new_head_is_taken() -> None:
    old = given(net(5))
    found = match(net(10), old)
    assert [(one.node, one.source) for one in found.matches] == [("conv2d1", "conv2d1"), ("conv2d2", "conv2d2")]
    assert found.left == (("dense1", "its weight is 10×48, the file's 5×48"),)
    assert found.unused == ("dense1",)
    assert found.weights.keys() == {"conv2d1/weight", "conv2d1/bias", "conv2d2/weight", "conv2d2/bias"}
    assert np.array_equal(found.weights["conv2d2/weight"], old.weights["conv2d2/weight"])
    assert "dense1: stays as it is, its weight is 10×48, the file's 5×48" in found.report()


def test_convolutions_fit_pictures_of_any_size() -> None:
    assert len(match(net(5, size=11), given(net(5))).matches) == 2


def test_a_node_of_another_type_or_without_a_bias_is_left() -> None:
    other = chain((1, 8, 8), ("Flatten", {}), dense(5, "relu"), dense(5))
    document = chain((1, 8, 8), ("Flatten", {}), dense(5, bias=False), dense(5))
    found = match(document, given(other))
    assert [one.node for one in found.matches] == ["dense2"]
    assert found.left[0] == ("dense1", "the file has bias, weight for it, this one has weight")
    renamed, _ = edits.add_node(Document(), "Dense", id="conv2d1")
    foreign = Given(given(net(5)).weights, renamed)
    assert dict(match(net(5), foreign).left)["conv2d1"] == "the file has a Dense of this name"


def test_names_of_elsewhere_are_matched_in_order(tmp_path: Path) -> None:
    """As PyTorch names and orders a state dict."""
    old = given(net(5)).weights
    names = {"conv2d1": "features.0", "conv2d2": "features.2", "dense1": "classifier"}
    state = {f"{names[key.partition('/')[0]]}.{key.partition('/')[2]}": array for key, array in old.items()}
    np.savez(tmp_path / "torch.npz", **state, **{"features.1.num_batches_tracked": np.array(7)})
    found = match(net(5), read(tmp_path / "torch.npz"))
    assert [(one.node, one.source) for one in found.matches] == list(names.items())
    assert not found.left
    assert np.array_equal(found.weights["dense1/weight"], old["dense1/weight"])


def test_the_order_is_kept() -> None:
    """Two layers of one shape are not swapped, and what comes before a match is not taken after it."""
    layers = [("Flatten", {}), dense(6), dense(6), dense(6)]
    document = chain((1, 2, 3), *layers)
    old = {
        f"{name}/{part}": np.full(shape, value) for value, name in enumerate("abc") for part, shape in (("weight", (6, 6)), ("bias", (6,)))
    }
    found = match(document, Given(old))
    assert [(one.node, one.source) for one in found.matches] == [("dense1", "a"), ("dense2", "b"), ("dense3", "c")]


@pytest.mark.parametrize("ending", ["npz", "safetensors", "playground"])
def test_any_file_of_weights_is_read(tmp_path: Path, ending: str) -> None:
    document = net(5)
    old = given(document)
    path = tmp_path / f"old.{ending}"
    if ending == "playground":
        save_project(Project(document, old.weights), path)
    else:
        files.write(path, old.weights, document)
    found = match(net(5), read(path))
    assert len(found.matches) == 3
    for key, array in found.weights.items():
        assert np.array_equal(array, old.weights[key])


def test_what_cannot_be_used_says_so(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"nothing in the file fits this network .*nothing in the file has its shape"):
        match(net(5), Given({"x/weight": np.zeros((2, 2))}))
    save_project(Project(net(5)), tmp_path / "empty.playground")
    with pytest.raises(FileError, match="holds no weights"):
        read(tmp_path / "empty.playground")
    with pytest.raises(FileError):
        read(tmp_path / "missing.npz")
    (tmp_path / "bad.npz").write_bytes(b"not an archive")
    with pytest.raises(FileError):
        read(tmp_path / "bad.npz")
    old = dict(given(net(5)).weights)
    old["conv2d1/bias"] = np.full(4, np.nan)
    assert dict(match(net(5), Given(old)).left) == {"conv2d1": "the file's bias holds what is no number"}


def test_a_transferred_network_answers_as_the_one_it_came_from() -> None:
    old = given(net(5))
    network = Network(net(5), seed=9)
    network.set_parameters({**network.parameters, **match(net(5), old).weights})
    x = np.random.default_rng(0).random((3, 1, 8, 8), np.float32)
    other = Network(net(5), seed=1)
    other.set_parameters(old.weights)
    assert np.array_equal(network.forward(x), other.forward(x))
    assert transfer.match(net(5), old).report().startswith("conv2d1: 40 numbers")
