"""Texts: symbols and back, windows and whole samples by plain loops, the vocabulary of the training part alone, own files."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from playground import data, paths
from playground.data.spec import Dataset
from playground.data.text import TEXTS, cutting, symbols
from playground.data.text.corpora import poems, sentences
from playground.errors import DataError

FOLDER = paths.RESOURCES / "datasets" / "text"
NAMES = [kind.name for kind in TEXTS]


def shown(dataset: Dataset, row: np.ndarray) -> list[str]:
    return [dataset.description.tokens[int(number)] for number in row]


@pytest.mark.parametrize("unit", ["characters", "words"])
def test_windows_are_the_text(unit: str) -> None:
    """Laid end to end they give the text again, targets are one step ahead, and no symbol is in two parts."""
    text = (FOLDER / "en_alice.txt").read_text()
    dataset = data.load("alice", unit=unit, most=300, length=50)
    tokens = set(dataset.description.tokens)
    count = len(text)
    ends = count - round(count * 0.1) - round(count * 0.05), count - round(count * 0.1)
    for name, part in (("train", text[: ends[0]]), ("validation", text[ends[0] : ends[1]]), ("test", text[ends[1] :])):
        split, whole = dataset.split(name), symbols.split(part, unit)
        known = [one if one in tokens else "□" for one in whole]
        laid = [symbol for row in split.x for symbol in shown(dataset, row)]
        assert laid == known[: len(laid)]
        assert len(known) - len(laid) <= 50
        assert [one for row in split.y for one in shown(dataset, row)] == known[1 : len(laid) + 1]


def test_windows_may_overlap_in_training_alone() -> None:
    apart, close = data.load("alice", length=40), data.load("alice", length=40, stride=10)
    assert len(close.train) == pytest.approx(4 * len(apart.train), abs=4)
    np.testing.assert_array_equal(close.train.x[::4][: len(apart.train)], apart.train.x)
    np.testing.assert_array_equal(close.test.x, apart.test.x)


def test_quatrains_are_whole_poems() -> None:
    lines = (FOLDER / "zh_jueju7.txt").read_text().split()
    dataset = data.load("quatrains")
    assert dataset.train.lengths is None  # all of one length
    assert dataset.description.input_shape == (33,)
    for row in range(0, len(dataset.train), 97):
        assert shown(dataset, dataset.train.x[row]) == ["▷", *lines[row]]
        assert shown(dataset, dataset.train.y[row]) == [*lines[row], "■"]
    assert len(dataset.test) == 231
    assert [lines[-1][at] for at in (7, 15, 23, 31)] == list("，。，。")
    assert "do not occur in training" in dataset.notes[0]


def test_sentences_have_lengths() -> None:
    dataset = data.load("alice", form="whole", longest=60)
    split = dataset.train
    assert split.lengths is not None
    for row in range(0, len(split), 50):
        end = split.lengths[row]
        x, y = shown(dataset, split.x[row, :end]), split.y[row]
        assert x[0] == "▷"
        assert [dataset.description.tokens[number] for number in y[:end]] == [*x[1:], "■"]
        assert (y[end:] == -1).all()
        assert not split.x[row, end:].any()
    assert split.lengths.max() == 61
    assert "longer than 60 steps and were left out" in dataset.notes[0]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["windows", "whole"])
def test_the_vocabulary_is_the_training_parts(name: str, form: str) -> None:
    dataset = data.load(name, form=form)
    tokens = dataset.description.tokens
    assert tokens[:3] == ("□", "▷", "■")
    assert len(set(tokens)) == len(tokens)
    assert dataset.description == data.describe(name, form=form)
    read = set(np.unique(dataset.train.x)) | set(np.unique(dataset.train.y)) - {-1}
    assert read <= set(range(len(tokens)))
    if form == "windows":
        assert read | {0, 1, 2} == set(range(len(tokens))) | {0, 1, 2} or len(tokens) - len(read) < 60  # but for the last window's rest
        assert 0 not in dataset.train.x
    for split in (dataset.validation, dataset.test):
        assert not (split.y == 0).any()


def test_few_words_are_known() -> None:
    dataset = data.load("alice", unit="words", most=100)
    assert len(dataset.description.tokens) == 103
    assert "Alice" in dataset.description.tokens
    assert 0.2 < (dataset.train.x == 0).mean() < 0.5
    assert (dataset.test.y == 0).any()  # an unknown word is a word that is asked for, as it is in training


def test_symbols_and_back() -> None:
    text = "He said: \u201cIt's 5 o'clock, (nearly).\u201d\n子曰：学而时习之，不亦说乎？\n"
    assert symbols.joined(symbols.split(text, "characters"), "characters") == text
    words = symbols.split(text, "words")
    assert "It's" in words
    assert words.count("，") == 1
    assert "学" in words
    assert symbols.joined(words, "words") == text
    assert symbols.split("a b\tc\x07\u3000\u200b", "characters") == ["a", "␣", "b", "⇥", "c", "\\7", "␣", "\\200b"]
    assert symbols.joined(["▷", "a", "■"], "characters") == "a"
    assert symbols.vocabulary("banana", 2) == ("□", "▷", "■", "a", "n")
    assert symbols.vocabulary("ba□") == ("□", "▷", "■", "a", "b")


def test_pieces() -> None:
    assert sentences("One two.  'Three!' Four\nfive?\n\nSIX\n") == ["One two.", "'Three!'", "Four five?", "SIX"]
    assert poems("a\nb\n\n\nc\n") == ["a\nb", "c"]


def test_bits() -> None:
    assert cutting.bits(math.log(2)) == 1.0
    assert cutting.bits(math.log(64), 5.0) == pytest.approx(1.2)


# -- files of the user's own
def own(tmp_path: Path, content: bytes, name: str = "own.txt") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_own_text(tmp_path: Path) -> None:
    path = own(tmp_path, ("\ufeff" + "Ah, Bäume!\r\nUnd Wörter…\n" * 60).encode())
    found = data.inspect(path)
    assert found.name == "text"
    dataset = data.load("text", **found.options, length=30)
    laid = "".join(symbols.joined(shown(dataset, row), "characters") for row in dataset.train.x)
    assert laid == ("Ah, Bäume!\nUnd Wörter…\n" * 60)[: len(laid)]
    words = data.load("text", **{**found.options, "unit": "words", "form": "whole"})
    assert symbols.joined(shown(words, words.train.x[1, : words.train.lengths[1]]), "words") == "Und Wörter…"
    assert not (words.train.x == 0)[:, 0].any()


def test_own_text_of_many_characters(tmp_path: Path) -> None:
    rare = "".join(map(chr, range(0x4E00, 0x4E00 + 5000)))
    found = data.inspect(own(tmp_path, ("aaaa" + rare + "b" * 3000).encode()))
    assert len(found.options["characters"]) == 4096
    assert {"a", "b"} <= set(found.options["characters"])
    words = data.inspect(own(tmp_path, " ".join(f"w{number} w{number % 9}" for number in range(9000)).encode())).options["words"]
    assert len(words) <= 1000
    assert {f"w{number}" for number in range(9)} <= set(words)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected text, got nothing"),
        (b" \n\t", "expected text, got nothing"),
        (b"one\ntwo\nth\xe9\n", r"own\.txt, line 3: expected UTF-8 text, but byte 10 \(0xe9\) is none"),
        ("x".encode("utf-16"), "line 1: expected UTF-8 text, but byte 0"),
        (b"short text", "expected more than 64 symbols in each part"),
    ],
)
def test_bad_texts(tmp_path: Path, content: bytes, message: str) -> None:
    path = own(tmp_path, content)
    with pytest.raises(DataError, match=message):
        data.load("text", **data.inspect(path).options)


def test_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = own(tmp_path, b"abcdefgh\n" * 500)
    options = data.inspect(path).options
    with monkeypatch.context() as patch:
        patch.setattr(cutting, "LARGEST", 20_000)
        with pytest.raises(DataError, match="expected windows of at most 20,000 bytes"):
            data.load("text", **options, stride=1)
    with pytest.raises(DataError, match="no sample short enough"):
        data.load("text", **options, form="whole", longest=5)
    monkeypatch.setattr(symbols, "LARGEST", 1000)
    with pytest.raises(DataError, match="expected at most 1,000 bytes"):
        data.inspect(path)
    with pytest.raises(DataError, match="no file is chosen"):
        data.describe("text")
    gone = {**options, "path": str(tmp_path / "gone.txt")}
    with pytest.raises(DataError, match="file is missing"):
        data.load("text", **gone)
