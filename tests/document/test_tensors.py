"""The safetensors format in pieces, against the library of that name and against damage."""

from __future__ import annotations

import io

import numpy as np
import pytest
from safetensors import numpy as library

from playground.document import tensors

ARRAYS = {
    "b/weight": np.arange(12, dtype=np.float32).reshape(3, 4)[:, ::-1],
    "a/weight": np.array([[np.nan, -0.0], [np.inf, 1e-300]]),
    "half": np.arange(3, dtype=np.float16),
    "bytes": np.arange(5, dtype=np.uint8),
    "yes": np.array([True, False, True]),
    "one": np.array(2.5, np.float32),
    "none": np.empty((0, 3), np.int64),
    "large": np.arange(700_000, dtype=np.int32),
}


def written(arrays: dict[str, np.ndarray], metadata: dict[str, str] | None = None) -> bytes:
    target = io.BytesIO()
    tensors.write(target, arrays, lambda _: None, metadata)
    return target.getvalue()


def read(content: bytes) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    return tensors.read(io.BytesIO(content), len(content), lambda _: None)


def assert_same(got: dict[str, np.ndarray]) -> None:
    assert set(got) == set(ARRAYS)
    for name, array in ARRAYS.items():
        assert got[name].dtype == array.dtype
        assert got[name].shape == array.shape
        assert got[name].tobytes() == array.tobytes()


def test_the_library_reads_what_is_written_and_the_other_way_round() -> None:
    assert_same(library.load(written(ARRAYS, {"document": "é"})))
    assert_same(read(library.save({name: np.array(array, order="C") for name, array in ARRAYS.items()}))[0])


def test_arrays_and_words_come_back() -> None:
    arrays, words = read(written(ARRAYS, {"document": "é"}))
    assert_same(arrays)
    assert words == {"document": "é"}
    assert read(written({})) == ({}, {})


def test_pieces_are_small_and_told_of() -> None:
    moved: list[int] = []
    tensors.write(io.BytesIO(), ARRAYS, moved.append)
    assert sum(moved) == sum(array.nbytes for array in ARRAYS.values())
    assert max(moved) <= tensors.PIECE
    assert len(moved) > len(ARRAYS)


def test_a_number_type_that_the_format_lacks_is_named() -> None:
    with pytest.raises(tensors.TensorError, match="w holds complex128"):
        written({"w": np.zeros(2, complex)})


def head(text: str, values: bytes = b"") -> bytes:
    return len(text).to_bytes(8, "little") + text.encode() + values


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 8,
        head("[]"),
        head("{}", b"x"),
        head('{"a":5}'),
        head('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'),
        head('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', b"123"),
        head('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}', b"1234"),
        head('{"a":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}', b"1234"),
        head('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', b"12345678"),
        head('{"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}}', b"1234"),
        head('{"a":{"dtype":"U8","shape":[4611686018427387904],"data_offsets":[0,4611686018427387904]}}', b"1234"),
        head(
            '{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}',
            b"1234",
        ),
        head('{"__metadata__":{"document":5}}'),
        head('{"a":{"dtype":"U8","shape":[0,4611686018427387904,4611686018427387904],"data_offsets":[0,0]}}'),
        head('{"a":{"dtype":"U8","shape":[' + ",".join("1" * 65) + '],"data_offsets":[0,1]}}', b"1"),
    ],
)
def test_damage_is_an_error(content: bytes) -> None:
    with pytest.raises(tensors.TensorError):
        read(content)


def test_a_file_cut_anywhere_is_an_error() -> None:
    whole = written({"a": np.arange(4, dtype=np.float32)})
    for size in range(len(whole)):
        with pytest.raises(tensors.TensorError):
            read(whole[:size])
