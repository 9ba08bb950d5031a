"""Properties: splits are partitions in proportion; no bytes, however mangled, bring a reader to anything but an array or a DataError.

What is mangled here are small sound files; `main.py`'s users bring larger ones, whose bounds have tests of their own."""

from __future__ import annotations

import gzip
import io
import struct
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground import data
from playground.data import decoding, pickled
from playground.data.idx import read_idx
from playground.data.splits import share_out
from playground.data.tables import read_table
from playground.data.tar import members
from playground.errors import DataError
from tests.data.own_files import archive, new_pickle, old_pickle, picture, records


class Content(bytes):
    """A file's bytes that Hypothesis shows by what was done to a sound one: tens of kilobytes in a message tell nobody anything, and it
    warns of more than 30."""

    said: str

    @classmethod
    def of(cls, content: bytes, said: str) -> Content:
        made = cls(content)
        made.said = said
        return made

    def __repr__(self) -> str:
        return f"<{len(self)} bytes: {self.said}>"


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


def _pictures() -> dict[str, bytes]:
    random = np.random.default_rng(0)
    array = random.integers(0, 256, (9, 7, 3)).astype(np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        return {
            ending: Content.of(picture(Path(folder) / f"x.{ending}", array).read_bytes(), ending)
            for ending in ("png", "jpg", "bmp", "gif", "webp", "ppm")
        }


def _npz() -> bytes:
    kept = io.BytesIO()
    np.savez(kept, x=np.arange(12 * 9).reshape(12, 3, 3), y=np.arange(12) % 2)
    return Content.of(kept.getvalue(), "npz")


def _tar() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return Content.of(archive(Path(folder) / "a.tar", {"a.bin": b"one" * 300, "b/c.bin": b"two"}, "w").read_bytes(), "tar")


PICTURES, NPZ, TAR = _pictures(), _npz(), _tar()
PICKLES = [Content.of(make(*(lambda x, y: (x, y[:, 0].tolist()))(*records(2, 1)[:2])), make.__name__) for make in (old_pickle, new_pickle)]


@st.composite
def mangled(draw: st.DrawFn, sound: bytes) -> bytes:
    """``sound``, packed or not, with some bytes replaced and perhaps cut."""
    content = bytearray(gzip.compress(sound, mtime=0) if draw(st.booleans()) else sound)
    for at, value in draw(st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=4)):
        content[at] = value
    return bytes(content[: draw(st.integers(0, len(content)))])


@settings(max_examples=300)
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


@settings(max_examples=300)
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


@st.composite
def changed(draw: st.DrawFn, sound: bytes) -> bytes:
    """``sound`` with some bytes replaced, most of them near its head, and perhaps cut."""
    content = bytearray(sound)
    places = st.integers(0, min(200, len(content) - 1)) | st.integers(0, len(content) - 1)
    changes = draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=6))
    for at, value in changes:
        content[at] = value
    end = draw(st.integers(0, len(content))) if draw(st.booleans()) else len(content)
    return Content.of(content[:end], f"{getattr(sound, 'said', 'text')} with (place, byte) {changes}, the first {end}")


FUZZ = settings(max_examples=200)


@FUZZ
@given(case=st.sampled_from(sorted(PICTURES)).flatmap(lambda ending: st.tuples(st.just(ending), changed(PICTURES[ending]))))
def test_mangled_pictures(tmp_path: Path, case: tuple[str, bytes]) -> None:
    path = tmp_path / f"x.{case[0]}"
    path.write_bytes(case[1])
    where = str(path)
    try:
        assert decoding.decoded(path, 8, True, "crop").shape == (3, 8, 8)
    except DataError as error:
        where = error.where
    assert where == str(path)


@FUZZ
@given(content=changed(NPZ))
def test_mangled_npz_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.npz"
    path.write_bytes(content)
    where = str(path)
    try:
        dataset = data.get("npz").loader({"validation": 0.15, "test": 0.15, "seed": 0, "standardize": True, **data.inspect(path).options})
        assert len(dataset.train.x) == len(dataset.train.y)
    except DataError as error:
        where = error.where
    assert where.startswith(str(path))


@pytest.mark.filterwarnings("ignore:invalid escape sequence:DeprecationWarning")  # pickletools', of a name with a backslash
@FUZZ
@given(content=st.sampled_from(PICKLES).flatmap(changed) | st.binary(max_size=60))
def test_mangled_pickles(content: bytes) -> None:
    where = "file"
    try:
        pickled.load(content, "file")
    except DataError as error:
        where = error.where
    assert where == "file"


def test_a_name_with_a_backslash_is_refused() -> None:
    with pytest.warns(DeprecationWarning, match="invalid escape"), pytest.raises(DataError):
        pickled.load(PICKLES[0][:13] + b"\\" + PICKLES[0][14:], "file")


@FUZZ
@given(content=changed(TAR))
def test_mangled_archives(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(content)
    where = str(path)
    try:
        assert all(len(one) <= 2000 for _, one in members(path, {"a.bin": 2000, "c.bin": 2000}, 1 << 20, "r"))
    except DataError as error:
        where = error.where
    assert where == str(path)


def test_a_failing_file_is_shown_in_few_words() -> None:
    for sound in (TAR, *PICKLES, *PICTURES.values()):
        assert len(repr(changed(sound))) < 200


@settings(max_examples=20)
@given(content=changed(TAR))
def test_a_failing_file_is_shown_by_its_changes(content: bytes) -> None:
    assert "tar with (place, byte) [(" in repr(content)
    assert len(repr(content)) < 400


SERIES = "day;low;high\n" + "".join(f"d{row};{row},5;{row * 2}\n" for row in range(60))
TEXT = "Ah, Bäume!\r\n子曰：学而时习之\n" * 40
FEWER = settings(max_examples=80)


@FEWER
@given(content=changed(SERIES.encode()))
def test_mangled_series(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    where = str(path)
    try:
        found = data.inspect(path)
        dataset = data.get("csv").loader({field.name: field.default for field in data.get("csv").fields} | found.options)
        assert np.isfinite(dataset.train.x).all()
    except DataError as error:
        where = error.where
    assert where.startswith(str(path))


@FEWER
@given(content=changed(TEXT.encode()))
def test_mangled_texts(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(content)
    where = str(path)
    try:
        found = data.inspect(path)
        dataset = data.get("text").loader({field.name: field.default for field in data.get("text").fields} | found.options)
        assert dataset.train.x.max() < len(dataset.description.tokens)
    except DataError as error:
        where = error.where
    assert where.startswith(str(path))
