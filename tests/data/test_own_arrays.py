"""The user's own arrays (npz, IDX) and CIFAR's files: read as they are, refused with reasons, nothing run, nothing set aside for a lie."""

from __future__ import annotations

import io
import os
import pickle
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from playground import data
from playground.data import cifar, npz, pickled
from playground.data.tar import members
from playground.document import Document, check, edits
from playground.errors import DataError, FieldError
from tests.data.own_files import BATCHES, archive, cifar10, new_pickle, old_pickle, records


@contextmanager
def memory_below(most: int) -> Iterator[None]:
    """The block must never hold more than so many bytes of its own."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def random(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


def whole(dataset: data.Dataset) -> int:
    return len(dataset.train) + len(dataset.validation) + len(dataset.test)


# -- npz
@pytest.mark.parametrize(
    ("shape", "sample"),
    [((40, 6, 5), (1, 6, 5)), ((40, 6, 5, 3), (3, 6, 5)), ((40, 3, 6, 5), (3, 6, 5)), ((40, 6, 5, 1), (1, 6, 5)), ((40, 7), (7,))],
)
def test_npz_of_any_layout(tmp_path: Path, shape: tuple[int, ...], sample: tuple[int, ...]) -> None:
    x, y = random(*shape), np.arange(40) % 3 + 5
    np.savez_compressed(tmp_path / "a.npz", x=x, y=y)
    found = data.inspect(tmp_path / "a.npz")
    assert (found.name, found.options["shape"], found.options["classes"]) == ("npz", sample, ("5", "6", "7"))
    dataset = data.load("npz", **found.options, standardize=False)
    assert dataset.description == data.describe("npz", **found.options)
    assert whole(dataset) == 40
    channels = x if len(sample) == 1 else x.reshape(40, *sample) if shape[1] == sample[0] or len(shape) == 3 else x.transpose(0, 3, 1, 2)
    rows = {one.tobytes(): label for one, label in zip(np.ascontiguousarray(channels), y - 5, strict=True)}
    for split in (dataset.train, dataset.validation, dataset.test):
        assert all(rows[one.tobytes()] == label for one, label in zip(split.x, split.y, strict=True))
    assert dataset.scale == (1.0 if len(sample) == 1 else 1 / 255)


def test_npz_with_its_own_test_part_as_keras_and_medmnist_save_it(tmp_path: Path) -> None:
    np.savez(tmp_path / "k.npz", x_train=random(30, 4, 4), y_train=np.arange(30) % 2, x_test=random(8, 4, 4), y_test=np.arange(8) % 2)
    dataset = data.load("npz", **data.inspect(tmp_path / "k.npz").options)
    assert (len(dataset.test), len(dataset.train) + len(dataset.validation)) == (8, 30)
    parts = {f"{part}_images": random(9, 4, 4) for part in ("train", "val", "test")}
    parts |= {f"{part}_labels": (np.arange(9) % 3)[:, None] for part in ("train", "val", "test")}
    np.savez(tmp_path / "m.npz", **parts)
    dataset = data.load("npz", **data.inspect(tmp_path / "m.npz").options)
    assert [len(dataset.train), len(dataset.validation), len(dataset.test)] == [9, 9, 9]


def test_npz_regression_and_standardized_tables(tmp_path: Path) -> None:
    x = np.random.default_rng(1).normal(3, 2, (50, 4)).astype(np.float64)
    np.savez(tmp_path / "r.npz", x=np.asfortranarray(x), y=x[:, :2] * 2.0)
    found = data.inspect(tmp_path / "r.npz")
    dataset = data.load("npz", **found.options)
    assert (dataset.description.task, dataset.description.outputs, dataset.train.y.shape[1]) == ("regression", 2, 2)
    np.testing.assert_allclose(dataset.train.x.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(dataset.train.x.std(axis=0), 1, atol=1e-5)
    assert dataset.mean is not None
    assert dataset.deviation is not None
    np.testing.assert_allclose((dataset.train.x * dataset.deviation + dataset.mean)[:, :2] * 2, dataset.train.y, rtol=1e-4)


@pytest.mark.parametrize(("values", "scale"), [((0, 255), 1 / 255), ((0, 1), 1.0), ((-1, 1), 1.0), ((0, 1000), 1.0)])
def test_pixels_to_255_are_scaled_others_are_not(tmp_path: Path, values: tuple[float, float], scale: float) -> None:
    x = np.linspace(*values, 40 * 16).reshape(40, 4, 4)
    np.savez(tmp_path / "f.npz", x=x, y=np.arange(40) % 2)
    dataset = data.load("npz", **data.inspect(tmp_path / "f.npz").options)
    assert dataset.scale == pytest.approx(scale)
    assert dataset.train.x.dtype == np.float32


class Bomb:
    """Unpickled, it makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)

    def __reduce__(self) -> Any:
        return os.mkdir, (self.path,)


def test_objects_in_an_npz_are_never_unpickled(tmp_path: Path) -> None:
    objects = np.empty(3, object)
    objects[:] = [Bomb(tmp_path / "run")] * 3
    np.savez(tmp_path / "o.npz", x=objects, y=np.arange(3))
    with pytest.raises(DataError, match="Python objects, which are never read") as caught:
        data.inspect(tmp_path / "o.npz")
    assert "array 'x'" in caught.value.where
    assert not (tmp_path / "run").exists()


def npy_head(text: str, version: bytes = b"\x01\x00") -> bytes:
    size = struct.pack("<H" if version[0] == 1 else "<I", len(text))
    return b"\x93NUMPY" + version + size + text.encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (npy_head("{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999, 28, 28), }\n"), "takes .* bytes; at most"),
        (npy_head("{'descr': '|u1', 'fortran_order': False, 'shape': (-3, 28, 28), }\n"), "lengths of axes"),
        (npy_head("{'descr': '<U9', 'fortran_order': False, 'shape': (3,), }\n"), "an array of numbers"),
        (npy_head("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (3,), }\n"), "an array of numbers"),
        (npy_head("__import__('os').mkdir('run')\n"), "its head is none"),
        (npy_head("(" * 5000), "its head is none"),
        (npy_head(" " * 20_000, b"\x02\x00"), "too long"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff", "too long"),
        (b"PK whatever", "its head is none"),
        (npy_head("{'descr': '|u1', 'fortran_order': False, 'shape': (40, 5, 5), }\n") + bytes(10), "the file ends before"),
    ],
)
def test_hostile_heads(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "h.npz"
    count = 99999999999 if "takes" in message else 40
    head = npy_head(f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({count},), }}\n")
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("x.npy", content)
        made.writestr("y.npy", head + bytes(np.arange(40) % 2 == 0))
    with memory_below(8 << 20), pytest.raises(DataError, match=message):
        data.load("npz", **data.inspect(path).options)


def test_a_zip_bomb_costs_no_more_than_is_asked_for(tmp_path: Path) -> None:
    """A gigabyte of zeros in a megabyte: the head says more than is taken, so not one of them is unpacked."""
    path = tmp_path / "z.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made, made.open("x.npy", "w") as member:
        member.write(npy_head("{'descr': '|u1', 'fortran_order': False, 'shape': (40, 5, 5), }\n"))
        for _ in range(64):
            member.write(bytes(1 << 20))
    with zipfile.ZipFile(path, "a") as made:
        kept = io.BytesIO()
        np.save(kept, np.arange(40) % 2)
        made.writestr("y.npy", kept.getvalue())
    with memory_below(8 << 20):
        dataset = data.load("npz", **data.inspect(path).options)
    assert whole(dataset) == 40


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": np.zeros(3)}, "expected arrays called x and y .*, got a"),
        ({"x": np.zeros((4, 3)), "y": np.zeros(3)}, "expected as many in 'x' as in 'y'"),
        ({"x": np.zeros((9, 3)), "y": np.zeros(9, int)}, "at least two classes, got 1"),
        ({"x": np.zeros((9, 3, 2, 2, 2)), "y": np.arange(9) % 2}, r"expected rows \(N, numbers\) or pictures"),
        ({"x": np.zeros((9, 3)), "y": np.zeros((9, 2, 2))}, "a number or a row of numbers a sample"),
        ({"x": np.full((9, 3), np.nan), "y": np.arange(9) % 2}, "expected numbers, got nan"),
        ({"x": np.zeros((4, 3)), "y": np.arange(4) % 2}, "at least 6 samples"),
        ({"x": np.full((9, 3), 1e300), "y": np.arange(9) % 2}, "expected numbers, got inf"),
    ],
)
def test_arrays_that_are_no_data_set(tmp_path: Path, arrays: dict[str, np.ndarray], message: str) -> None:
    np.savez(tmp_path / "b.npz", **arrays)
    with pytest.raises(DataError, match=message) as caught:
        data.load("npz", **data.inspect(tmp_path / "b.npz").options)
    assert str(tmp_path / "b.npz") in caught.value.where


def test_a_long_list_of_members_and_a_password_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "many.npz", "w") as made:
        for number in range(npz.MOST_MEMBERS + 1):
            made.writestr(f"a{number}.npy", b"")
    with pytest.raises(DataError, match="at most 64 arrays"):
        data.inspect(tmp_path / "many.npz")
    monkeypatch.setattr(npz, "MOST_DIRECTORY", 1000)
    with pytest.raises(DataError, match="list of contents is too long"):
        data.inspect(tmp_path / "many.npz")


def test_another_file_under_the_same_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=random(20, 4, 4), y=np.arange(20) % 2)
    chosen = data.inspect(tmp_path / "a.npz").options
    np.savez(tmp_path / "a.npz", x=random(20, 5, 4), y=np.arange(20) % 2)
    with pytest.raises(DataError, match=r"expected samples of \(1, 4, 4\), got \(1, 5, 4\)"):
        data.load("npz", **chosen)
    np.savez(tmp_path / "a.npz", x=random(20, 4, 4), y=np.arange(20) % 5)
    with pytest.raises(DataError, match="expected the classes 0, 1, got 2"):
        data.load("npz", **chosen)


# -- IDX
def put(path: Path, array: np.ndarray) -> Path:
    path.write_bytes(struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes())
    return path


def test_idx_pairs_are_found_from_either_file_and_turned_if_asked(tmp_path: Path) -> None:
    train, test = random(30, 6, 4), random(9, 6, 4, seed=1)
    put(tmp_path / "emnist-letters-train-images-idx3-ubyte", train)
    labels = put(tmp_path / "emnist-letters-train-labels-idx1-ubyte", np.arange(30) % 3 + 1)
    put(tmp_path / "emnist-letters-test-images-idx3-ubyte", test)
    put(tmp_path / "emnist-letters-test-labels-idx1-ubyte", np.arange(9) % 3 + 1)
    found = data.inspect(labels)
    assert data.inspect(tmp_path) == found
    assert (found.name, found.options["classes"], found.options["shape"]) == ("idx", ("1", "2", "3"), (1, 6, 4))
    dataset = data.load("idx", **found.options)
    np.testing.assert_array_equal(dataset.test.x[:, 0], test)
    assert dataset.test.y.tolist() == [0, 1, 2] * 3
    turned = data.load("idx", **found.options, turned=True)
    assert turned.description.input_shape == (1, 4, 6) == turned.train.x.shape[1:]
    np.testing.assert_array_equal(turned.test.x[:, 0], test.transpose(0, 2, 1))


def test_idx_without_its_labels_or_with_too_few(tmp_path: Path) -> None:
    images = put(tmp_path / "my-images-idx3-ubyte", random(20, 4, 4))
    with pytest.raises(DataError, match="expected its labels beside it, in a file 'my-labels-idx1-ubyte'"):
        data.inspect(images)
    put(tmp_path / "my-labels-idx1-ubyte", np.arange(19) % 2)
    with pytest.raises(DataError, match="expected 20 labels, one a picture, got 19"):
        data.load("idx", **data.inspect(images).options)


# -- CIFAR
@pytest.mark.parametrize("form", ["folder", "inner folder", "archive", "plain archive"])
def test_cifar_10_in_its_binary_version(tmp_path: Path, form: str) -> None:
    where = tmp_path / "cifar-10-batches-bin" if form == "inner folder" else tmp_path / "x"
    held = cifar10(where)
    path = tmp_path if form == "inner folder" else where
    if "archive" in form:
        files = {f"cifar-10-batches-bin/{one.name}": one.read_bytes() for one in sorted(where.iterdir(), reverse=True)}
        files["cifar-10-batches-bin/readme.html"] = b"<html>" * 500
        name = "cifar-10-binary.tar.gz" if form == "archive" else "cifar-10-binary.tar"
        path = archive(tmp_path / name, files, "w:gz" if form == "archive" else "w")
    found = data.inspect(path)
    assert found.name == "cifar10"
    dataset = data.load("cifar10", **found.options)
    assert dataset.description.classes[0] == "airplane"
    assert [len(dataset.train), len(dataset.validation), len(dataset.test)] == [90, 10, 20]
    x, y = held["test_batch"]
    np.testing.assert_array_equal(dataset.test.x, x.reshape(-1, 3, 32, 32))
    np.testing.assert_array_equal(dataset.test.y, y)


def test_cifar_100_fine_and_coarse(tmp_path: Path) -> None:
    x, y, content = records(60, 2, classes=20)
    for name in ("train.bin", "test.bin"):
        (tmp_path / name).write_bytes(content)
    fine = data.load("cifar100", **data.inspect(tmp_path).options)
    coarse = data.load("cifar100", **data.inspect(tmp_path / "train.bin").options, labels="coarse")
    assert (len(fine.description.classes), len(coarse.description.classes)) == (100, 20)
    np.testing.assert_array_equal(coarse.test.y, y[:, 0])
    np.testing.assert_array_equal(fine.test.y, y[:, 1])
    np.testing.assert_array_equal(fine.test.x.reshape(-1, 3072), x)
    with pytest.raises(DataError, match="expected classes from 0 to 19, got 50"):
        data.describe("cifar100", labels="coarse", classes=(1, 50))


@pytest.mark.parametrize("make", [old_pickle, new_pickle])
def test_cifar_10_in_its_pickled_version(tmp_path: Path, make: Any) -> None:
    held = {}
    for number, name in enumerate(BATCHES):
        x, y, _ = records(20, 1, number)
        held[name] = x, y[:, 0].tolist()
        (tmp_path / name).write_bytes(make(*held[name]))
    assert (
        pickle.loads(old_pickle(*held["test_batch"]), encoding="bytes")[b"labels"] == held["test_batch"][1]
    )  # the made file is a true one
    dataset = data.load("cifar10", **data.inspect(tmp_path).options)
    np.testing.assert_array_equal(dataset.test.x.reshape(-1, 3072), held["test_batch"][0])
    assert dataset.test.y.tolist() == held["test_batch"][1]


@pytest.mark.parametrize("protocol", range(6))
def test_nothing_in_a_pickle_is_run(tmp_path: Path, protocol: int) -> None:
    marker = tmp_path / "run"
    content = pickle.dumps({"data": Bomb(marker)}, protocol=protocol)
    with pytest.raises(DataError, match="only arrays, numbers, bytes and text are read; it holds the name"):
        pickled.load(content, "file")
    assert not marker.exists()


@pytest.mark.parametrize("protocol", range(5))
def test_plain_values_and_arrays_come_through(protocol: int) -> None:
    value = {
        "a": [1, -5, 2**40, 2.5, None, True],
        "b": ("x", b"\xff\x00", "ü"),
        b"c": {1: []},
        "d": np.arange(6, dtype=">i4").reshape(2, 3),
    }
    got = pickled.load(pickle.dumps(value, protocol=protocol), "file")
    np.testing.assert_array_equal(got.pop("d"), value.pop("d"))  # type: ignore[arg-type]
    assert got == value
    columns = np.asfortranarray(np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(pickled.load(pickle.dumps(columns, protocol=protocol), "file"), columns)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x02}q\x01(U",
        b"cos\nsystem\n(S'ls'\ntR.",
        b"\x80\x02cnumpy\nndarray\n(K\xff\x85tR.",
        b"\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R.",
        b"(i__main__\nX\n.",
        b"\x80\x02r\xff\xff\xff\xff.",
        b"\x80\x02]" + b"(" * 1000 + b"e.",
        b"\x80\x02cnumpy\ndtype\nU\x01O\x85R.",
        b"\x80\x04\x8e" + (1 << 40).to_bytes(8, "little") + b"x.",
        b"\x80\x02K\x01K\x02.",
        b"\x80\x02cnumpy\nndarray\n}U\x01aK\x01sb.",
        b"\x82\x01.",
        b"Pfile\n.",
    ],
)
def test_hostile_and_broken_pickles(content: bytes) -> None:
    with memory_below(4 << 20), pytest.raises(DataError) as caught:
        pickled.load(content, "file")
    assert caught.value.where == "file"


def test_the_same_bytes_many_times_over_are_refused() -> None:
    one = np.zeros(100_000, np.uint8)
    many = b"\x80\x02]q\x00(" + b"".join(pickle.dumps(one, 2)[2:-1] for _ in range(2)) + b"e."
    assert len(pickled.load(many, "file")) == 2
    content = pickle.dumps(one, 2)[2:-1]
    at = content.rindex(b"X")
    assert at > 0  # the array's bytes, by _codecs.encode: kept once, encoded again and again
    again = b"\x80\x02c_codecs\nencode\nq\x01X" + (100_000).to_bytes(4, "little") + b"a" * 100_000 + b"q\x02U\x06latin1q\x0300"
    with pytest.raises(DataError, match="POP"):
        pickled.load(again + b".", "file")
    loop = b"\x80\x02]q\x00(c_codecs\nencode\nq\x01X" + (100_000).to_bytes(4, "little") + b"a" * 100_000 + b"q\x02U\x06latin1q\x03\x86R"
    loop += b"h\x01h\x02h\x03\x86R" * 10_000 + b"e."
    with pytest.raises(DataError, match="the same bytes many times over"):
        pickled.load(loop, "file")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("test_batch.bin", b"x" * 3000, "records of 3,073 bytes, got 3,000"),
        ("data_batch_2.bin", b"", "records of 3,073 bytes, got 0"),
        ("data_batch_3.bin", b"\x0b" * 3073, "labels from 0 to 9, got 11"),
    ],
)
def test_damaged_records(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    cifar10(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        data.load("cifar10", path=str(tmp_path))
    assert name in caught.value.where


def test_missing_files_say_where_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no files are chosen") as caught:
        data.load("cifar10")
    assert "cs.toronto.edu" in caught.value.remedy
    cifar10(tmp_path)
    (tmp_path / "data_batch_4.bin").unlink()
    with pytest.raises(DataError, match=r"expected the files data_batch_1\.bin"):
        data.load("cifar10", path=str(tmp_path))
    files = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
    with pytest.raises(DataError, match=r"data_batch_4\.bin is missing"):
        data.load("cifar10", path=str(archive(tmp_path / "cifar-10-binary.tar.gz", files)))


def test_tar_archives_that_lie(tmp_path: Path) -> None:
    path = archive(tmp_path / "cifar-10-x.tar.gz", {"test_batch.bin": bytes(5000), "other": bytes(1 << 20)})
    assert [(name, len(content)) for name, content in members(path, {"test_batch.bin": 5000}, 1 << 30, "r")] == [("test_batch.bin", 5000)]
    with pytest.raises(DataError, match="at most 4,999 bytes in test_batch"):
        list(members(path, {"test_batch.bin": 4999}, 1 << 30, "r"))
    with pytest.raises(DataError, match="an archive of at most 100,000 bytes"):
        list(members(path, {"test_batch.bin": 5000}, 100_000, "r"))
    plain = archive(tmp_path / "p.tar", {"test_batch.bin": bytes(5000)}, "w")
    plain.write_bytes(plain.read_bytes()[:3000])
    with pytest.raises(DataError, match="ends in the middle"):
        list(members(plain, {"test_batch.bin": 5000}, 1 << 30, "r"))
    plain.write_bytes(b"\xff" * 1024)
    with pytest.raises(DataError, match="expected a tar archive"):
        list(members(plain, {"test_batch.bin": 5000}, 1 << 30, "r"))


def test_names_that_no_file_can_hold_are_refused_at_once(tmp_path: Path) -> None:
    for label in (b"cat", b"d\xffg"):
        folder = os.fsencode(tmp_path) + b"/" + label
        os.mkdir(folder)
        with open(folder + b"/1.png", "wb") as file:
            file.write(b"x")
    with pytest.raises(FieldError, match="expected a list of at most 1,000 names"):
        data.inspect(tmp_path)


def test_a_document_without_files_says_so() -> None:
    document = edits.set_data(Document(), "pictures")
    problems = [problem for problem in check(document) if problem.data]
    assert any("no folder is chosen" in problem.message for problem in problems)


def test_paths_that_are_nothing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file or folder"):
        data.inspect(tmp_path / "gone")
    (tmp_path / "notes.pdf").write_text("x")
    with pytest.raises(DataError, match="format of this file is not known"):
        data.inspect(tmp_path / "notes.pdf")
    assert cifar.find(tmp_path) is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize("name", ["x.npz", "train-images-idx3-ubyte", "x.csv", "x.txt", "cifar-10-binary.tar.gz"])
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(DataError, match="a pipe or a device"):
        data.inspect(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_file_that_became_a_pipe_is_refused_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, x=np.zeros((8, 1, 4, 4), np.uint8), y=np.arange(8) % 2)
    found = data.inspect(path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(DataError, match="a pipe or a device"):
        data.load(found.name, **found.options)
