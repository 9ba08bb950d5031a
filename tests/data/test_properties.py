"""Properties: splits are partitions in proportion; no bytes, however mangled, bring a reader to anything but an array or a DataError."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.data.idx import read_idx
from playground.data.splits import share_out
from playground.data.tables import read_table
from playground.errors import DataError

fractions = st.floats(0.05, 0.45)
IDX = struct.pack(">4I", 0x803, 4, 3, 2) + bytes(range(24))
CSV = b"a,b,class\n1,2,yes\n3,4.5,no\n"


@given(y=st.lists(st.integers(0, 4), min_size=20, max_size=200), validation=fractions, test=fractions, seed=st.integers(0, 99))
def test_splits_partition_the_samples(y: list[int], validation: float, test: float, seed: int) -> None:
    parts = share_out(np.array(y), validation, test, np.random.default_rng(seed))
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(y)))
    assert [len(part) for part in parts[1:]] == [max(1, round(len(y) * validation)), max(1, round(len(y) * test))]
    for part in parts:
        assert np.abs(np.bincount(np.array(y)[part], minlength=5) - np.bincount(y, minlength=5) * len(part) / len(y)).max() < 3


@st.composite
def mangled(draw: st.DrawFn, sound: bytes) -> bytes:
    """``sound``, packed or not, with some bytes replaced and perhaps cut."""
    content = bytearray(gzip.compress(sound, mtime=0) if draw(st.booleans()) else sound)
    for at, value in draw(st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=4)):
        content[at] = value
    return bytes(content[: draw(st.integers(0, len(content)))])


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=mangled(IDX))
def test_mangled_idx_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    where = str(path)
    try:
        assert read_idx(path, 3).ndim == 3
    except DataError as error:
        where = error.where
    assert where == str(path)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=mangled(CSV))
def test_mangled_tables(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    where = str(path)
    try:
        x, y = read_table(path, ("a", "b"), ("yes", "no"))
        assert x.shape == (len(y), 2)
        assert np.isfinite(x).all()
    except DataError as error:
        where = error.where
    assert str(path) in where
