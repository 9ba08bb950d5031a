"""The shipped tables and the CSV reader's refusals."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pytest

from playground import data, paths
from playground.data import files, tables
from playground.data.tables import read_table
from playground.errors import DataError

FEATURES, CLASSES = ("a", "b"), ("yes", "no")
GOOD = "a,b,class\n1,2,yes\n3,4.5,no\n"

SHA256 = {
    "breast_cancer.csv": "ae20440c1e8a33b8d044e874c53122ba7807d19bf5324656b0520c3653017b93",
    "digits8x8.csv.gz": "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22",
    "iris.csv": "b7124c703bcb3b230f4a1520cd514603163b90958bbd20a9be3e92a3f70f54ae",
    "wine.csv": "3650374208504d4b80d441e1b1a63c010b823a04c63b1a9cb7889bc3595c85ca",
}


@pytest.mark.parametrize("file", SHA256)
def test_files_are_the_ones_the_notice_names(file: str) -> None:
    folder = paths.RESOURCES / "datasets" / "tabular"
    assert hashlib.sha256((folder / file).read_bytes()).hexdigest() == SHA256[file]
    assert SHA256[file] in (folder / "NOTICE").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("iris", [50, 50, 50]),
        ("wine", [59, 71, 48]),
        ("breast-cancer", [212, 357]),
        ("digits", [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]),
    ],
)
def test_class_counts(name: str, counts: list[int]) -> None:
    dataset = data.load(name)
    labels = np.concatenate([dataset.train.y, dataset.validation.y, dataset.test.y])
    assert np.bincount(labels).tolist() == counts


@pytest.mark.parametrize("name", ["iris", "wine", "breast-cancer"])
def test_tables_are_standardized_on_the_training_part(name: str) -> None:
    dataset = data.load(name)
    np.testing.assert_allclose(dataset.train.x.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(dataset.train.x.std(axis=0), 1, atol=1e-5)
    assert np.abs(dataset.test.x.mean(axis=0)).max() > 1e-4


def test_a_flower_in_its_own_unit() -> None:
    dataset = data.load("iris")
    assert dataset.mean is not None
    assert dataset.deviation is not None
    rows = dataset.train.x * dataset.deviation + dataset.mean
    first = np.abs(rows - [5.1, 3.5, 1.4, 0.2]).max(axis=1) < 1e-4
    others = [
        np.abs(part.x * dataset.deviation + dataset.mean - [5.1, 3.5, 1.4, 0.2]).max(axis=1) < 1e-4
        for part in (dataset.validation, dataset.test)
    ]
    assert first.sum() + sum(map(np.sum, others)) == 1


def test_digits_are_whole_and_standardized_as_one() -> None:
    dataset = data.load("digits")
    assert dataset.train.x.dtype == np.uint8
    assert dataset.train.x.max() == 16
    seen = dataset.train.x * dataset.scale + dataset.offset
    assert seen.mean() == pytest.approx(0, abs=1e-9)
    assert seen.std() == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("packed", [False, True])
def test_reads_plain_and_gzip(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "table"
    path.write_bytes(gzip.compress(GOOD.encode()) if packed else GOOD.encode())
    x, y = read_table(path, FEATURES, CLASSES)
    assert x.tolist() == [[1, 2], [3, 4.5]]
    assert y.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,c,class\n1,2,yes\n", r"line 1: expected the columns a, b, class, got a, c, class\."),
        ("", r"expected the columns a, b, class, got nothing\."),
        ("a,b,class\n", r"expected rows of numbers, got none\."),
        ("a,b,class\n1,2,yes\n1,yes\n", r"line 3: expected 3 cells, got 2\."),
        ("a,b,class\n1,2,maybe\n", r"line 2: expected a class out of yes, no, got 'maybe'\."),
        ("a,b,class\n1,2,yes\n1,two,no\n", r"line 3: expected a number in every cell, got 'two'\."),
        ("a,b,class\n1,inf,yes\n", r"line 2: expected a number in every cell, got 'inf'\."),
        ('a,b,class\n1,"2,yes\n', r"line 2: expected 3 cells, got 2\."),
    ],
)
def test_refuses_with_file_line_and_remedy(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        read_table(path, FEATURES, CLASSES, remedy="Mend it.")
    assert str(path) in caught.value.where
    assert caught.value.remedy == "Mend it."


def test_refuses_other_bytes_too_many_bytes_and_a_broken_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"a,b,class\n\xff\xfe,2,yes\n")
    with pytest.raises(DataError, match=r"table\.csv: expected UTF-8 text, but byte 10 is none\."):
        read_table(path, FEATURES, CLASSES)
    path.write_bytes(gzip.compress(GOOD.encode() * 50)[:-12])
    with pytest.raises(DataError, match="ends in the middle"):
        read_table(path, FEATURES, CLASSES)
    monkeypatch.setattr(tables, "LARGEST", 20)
    path.write_text(GOOD, encoding="utf-8")
    with pytest.raises(DataError, match="expected at most 20 bytes, got more"):
        read_table(path, FEATURES, CLASSES)
    with pytest.raises(DataError, match=r"none\.csv: the file is missing\."):
        read_table(tmp_path / "none.csv", FEATURES, CLASSES)
    with pytest.raises(DataError, match="expected a file, got a folder"), files.opened(tmp_path, ""):
        pass


def test_raw_numbers_on_demand() -> None:
    scaled, raw = data.load("wine"), data.load("wine", standardize=False)
    assert scaled.mean is not None
    assert scaled.deviation is not None
    assert raw.mean is None
    np.testing.assert_allclose(raw.train.x, scaled.train.x * scaled.deviation + scaled.mean, rtol=1e-4, atol=1e-4)
    assert raw.train.x.max() > 1000
