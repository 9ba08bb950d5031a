"""MNIST as shipped, and what is said of files that are missing or do not fit together."""

from __future__ import annotations

import hashlib
import struct
import time
import zlib
from pathlib import Path

import numpy as np
import pytest

from playground import data, paths
from playground.data import images
from playground.errors import DataError

SHA256 = {
    "train-images-idx3-ubyte.gz": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels-idx1-ubyte.gz": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
TRAIN = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
TEST = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.mark.parametrize("file", SHA256)
def test_files_are_the_canonical_ones(file: str) -> None:
    assert hashlib.sha256((images.mnist_folder() / file).read_bytes()).hexdigest() == SHA256[file]
    assert SHA256[file] in (images.mnist_folder() / "NOTICE").read_text(encoding="utf-8")


def test_mnist_has_its_known_counts_means_and_first_labels() -> None:
    mnist = data.load("mnist")
    assert [len(mnist.train), len(mnist.validation), len(mnist.test)] == [55_000, 5_000, 10_000]
    assert (np.bincount(mnist.train.y) + np.bincount(mnist.validation.y)).tolist() == TRAIN
    assert np.bincount(mnist.test.y).tolist() == TEST
    assert mnist.test.y[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    pixels = mnist.train.x.sum(dtype=np.int64) + mnist.validation.x.sum(dtype=np.int64)
    assert pixels / (60_000 * 784 * 255) == pytest.approx(0.1307, abs=5e-5)
    assert mnist.scale == 1 / 255
    # The training part keeps the file's order, but for what validation takes.
    first = iter(mnist.train.y[:10].tolist())
    assert all(label in (5, 0, 4, 1, 9, 2, 1, 3, 1, 4, 3, 5, 3, 6, 1) for label in first)


def test_mnist_images_stand_upright() -> None:
    """A drawn 1 is tall and narrow: the rows that hold ink are more than the columns."""
    mnist = data.load("mnist")
    ones = mnist.test.x[mnist.test.y == 1, 0] > 128
    assert ones.any(axis=2).sum(axis=1).mean() > 2 * ones.any(axis=1).sum(axis=1).mean()


def test_seed_picks_the_validation_images_and_first_limits_training() -> None:
    base, other, short = data.load("mnist"), data.load("mnist", seed=1), data.load("mnist", first=1000, validation=2000)
    assert (base.validation.x[:50] != other.validation.x[:50]).any()
    assert (len(short.train), len(short.validation), len(short.test)) == (1000, 2000, 10_000)


def test_mnist_loads_fast() -> None:
    """All that is done beside decompressing the files (checking, splitting, sorting out) takes no longer than that."""
    kind = data.get("mnist")
    options = {"first": None, "validation": 5000, "seed": 0}
    files = [images.mnist_folder() / file for file in SHA256]
    plain, loaded = [], []
    for _ in range(3):  # in turn, so that a busy machine slows both
        plain.append(timed(lambda: [zlib.decompress(file.read_bytes(), wbits=31) for file in files]))
        loaded.append(timed(lambda: kind.loader(options)))
    assert min(loaded) < 2 * min(plain)


def timed(work: object) -> float:
    start = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - start


def test_fashion_says_where_its_files_belong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path))
    folder = paths.cache_folder() / "datasets" / "fashion-mnist"
    assert data.describe("fashion-mnist").classes[9] == "Ankle boot"
    with pytest.raises(DataError, match="the file is missing") as caught:
        data.load("fashion-mnist")
    assert str(folder) in caught.value.remedy
    assert "t10k-labels-idx1-ubyte.gz" in caught.value.remedy


def put(folder: Path, name: str, array: np.ndarray) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes())


@pytest.fixture
def fashion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four small, sound files in the user's folder, decompressed as some sites hand them out."""
    monkeypatch.setenv("PLAYGROUND_CACHE", str(tmp_path))
    folder = images.fashion_folder()
    for part, count in (("train", 300), ("t10k", 40)):
        put(folder, f"{part}-images-idx3-ubyte", np.full((count, 28, 28), 7))
        put(folder, f"{part}-labels-idx1-ubyte", np.arange(count) % 10)
    return folder


def test_fashion_reads_the_users_own_files(fashion: Path) -> None:
    dataset = images.IMAGES[1].loader({"first": None, "validation": 100, "seed": 0})
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (200, 100, 40)


@pytest.mark.parametrize(
    ("file", "array", "message"),
    [
        ("train-labels-idx1-ubyte", np.zeros(299), r"expected 300 labels, one an image, got 299\."),
        ("t10k-labels-idx1-ubyte", np.full(40, 10), r"expected labels from 0 to 9, got 10\."),
        ("t10k-images-idx3-ubyte", np.zeros((40, 32, 32)), r"expected images of 28 x 28, got 32 x 32\."),
    ],
)
def test_files_that_do_not_fit_together_are_refused(fashion: Path, file: str, array: np.ndarray, message: str) -> None:
    put(fashion, file, array)
    with pytest.raises(DataError, match=message) as caught:
        data.load("fashion-mnist")
    assert caught.value.where == str(fashion / file)


def test_too_few_training_images_for_the_validation_part(fashion: Path) -> None:
    with pytest.raises(DataError, match=r"expected more than 5,000 training images, got 300\."):
        data.load("fashion-mnist")
