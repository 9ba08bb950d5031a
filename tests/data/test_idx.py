"""The IDX reader, and every way a file can be wrong."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from playground.data.idx import LARGEST, read_idx
from playground.errors import DataError


def encode(array: np.ndarray, kind: int = 8) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, kind, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


IMAGES = np.arange(5 * 3 * 4).reshape(5, 3, 4)
CONTENT = encode(IMAGES)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "images-idx3-ubyte.gz"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_reads_plain_and_gzip(tmp_path: Path, pack: object) -> None:
    array = read_idx(written(tmp_path, pack(CONTENT)), 3)  # type: ignore[operator]
    assert array.dtype == np.uint8
    np.testing.assert_array_equal(array, IMAGES)


@pytest.mark.parametrize("cut", [1, 17, len(CONTENT) - 1])
@pytest.mark.parametrize("padding", [0, 1, 700_000])
def test_gzip_of_several_members_is_read_whole_and_zeros_after_it_ignored(tmp_path: Path, cut: int, padding: int) -> None:
    members = gzip.compress(CONTENT[:cut]) + bytes(padding) + gzip.compress(CONTENT[cut:])
    np.testing.assert_array_equal(read_idx(written(tmp_path, members + bytes(padding)), 3), IMAGES)
    for damage, message in ((members[:-9], "ends in the middle"), (members + bytes(padding) + b"more", "incorrect header check")):
        with pytest.raises(DataError, match=message):
            read_idx(written(tmp_path, damage), 3)


def test_gzip_larger_than_any_buffer(tmp_path: Path) -> None:
    large = np.random.default_rng(0).integers(0, 256, (3, 1000, 1000), np.uint8)
    np.testing.assert_array_equal(read_idx(written(tmp_path, gzip.compress(encode(large), 1)), 3), large)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"expected an IDX file with magic number 0x00000803, got only 0 bytes\."),
        (b"\x00\x00", r"got only 2 bytes\."),
        (encode(IMAGES[0]), r"expected an IDX file with magic number 0x00000803, got 0x00000802\."),
        (encode(IMAGES, kind=13), r"got 0x00000d03\."),
        (b"<html>not found</html>", r"got 0x3c68746d\."),
        (CONTENT[:10], r"expected 3 sizes in the head, but the file ends there\."),
        (CONTENT[:-7], r"expected 60 values, got 53\."),
        (CONTENT + b"x", r"expected 60 values, but more follow\."),
        (encode(IMAGES[:0]), r"but the head says 0 x 3 x 4\."),
        (struct.pack(">4I", 0x803, 2**31, 28, 28), r"expected 1 to 1,073,741,824 values, but the head says 2147483648 x 28 x 28\."),
        (gzip.compress(CONTENT, mtime=0)[:-10], r"expected a whole gzip file, but it ends in the middle\."),
        (gzip.compress(CONTENT, mtime=0)[:-8] + bytes(8), r"expected a sound gzip file, but it is damaged"),
        (b"\x1f\x8b" + bytes(40), r"expected a sound gzip file, but it is damaged \(unknown compression method\)"),
    ],
)
def test_refuses_with_file_expectation_and_remedy(tmp_path: Path, content: bytes, message: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(DataError, match=message) as caught:
        read_idx(path, 3, "Fetch it anew.")
    assert caught.value.where == str(path)
    assert str(caught.value).endswith("Fetch it anew.")


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none: the file is missing\. Take a fresh copy of the file\."):
        read_idx(tmp_path / "none", 1)


def test_a_short_file_with_a_large_head_costs_little(tmp_path: Path) -> None:
    path = written(tmp_path, struct.pack(">2I", 0x801, LARGEST) + bytes(1000))
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match=r"got 1,000\."):
            read_idx(path, 1)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
