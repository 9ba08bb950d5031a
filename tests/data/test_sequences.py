"""The generated sequences against their formulas, in plain loops over the samples that were made."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from playground import data
from playground.data.sequences import SEQUENCES
from playground.data.spec import Dataset, Split
from playground.errors import DataError

NAMES = [kind.name for kind in SEQUENCES]
DRAWN = [kind.name for kind in SEQUENCES if kind.name not in ("anbn", "digits-rows", "mnist-rows")]
OPTIONS: dict[str, dict[str, object]] = {name: {"samples": 60 if name == "next-number" else 300} for name in DRAWN}


def small(name: str, **options: object) -> Dataset:
    return data.load(name, **{**OPTIONS.get(name, {}), **options})


def samples(dataset: Dataset) -> list[tuple[list[float], list[float]]]:
    """The real steps of each training sample, and its targets."""
    split = dataset.train
    ends = [len(x) for x in split.x] if split.lengths is None else split.lengths.tolist()
    return [(x[:end].tolist(), np.atleast_1d(y)[:end].tolist()) for x, y, end in zip(split.x, split.y, ends, strict=True)]


def spelled(dataset: Dataset, row: int = 0) -> str:
    split = dataset.train
    end = split.x.shape[1] if split.lengths is None else split.lengths[row]
    return " ".join(dataset.description.tokens[int(number)] for number in split.x[row, :end])


# -- every set
def padded(split: Split) -> None:
    if split.lengths is None:
        return
    assert split.lengths.dtype == np.int32
    assert split.lengths.min() >= 1
    assert split.lengths.max() <= split.x.shape[1]
    behind = np.arange(split.x.shape[1]) >= split.lengths[:, None]
    assert not split.x[behind].any()
    if split.y.shape[1:2] == split.x.shape[1:2]:
        assert (split.y[behind] == (-1 if split.y.dtype == np.int32 else 0)).all()


@pytest.mark.parametrize("name", NAMES[:-1])
def test_padding_and_tokens(name: str) -> None:
    dataset = small(name)
    for split in (dataset.train, dataset.validation, dataset.test):
        padded(split)
        if dataset.description.tokens:
            assert split.x.max() < len(dataset.description.tokens)
        if dataset.description.task == "classification":
            assert split.y.max() < len(dataset.description.classes)


@pytest.mark.parametrize("name", DRAWN)
def test_no_sequence_of_training_is_met_again(name: str) -> None:
    dataset = data.load(name)
    rows = []
    for part in ("train", "validation", "test"):
        split = dataset.split(part)
        ends = [None] * len(split) if split.lengths is None else split.lengths
        rows.append({x[:end].tobytes() for x, end in zip(split.x, ends, strict=True)})
    assert not rows[0] & rows[1]
    assert not rows[0] & rows[2]
    assert not rows[1] & rows[2]
    assert [len(one) for one in rows] == [len(dataset.split(part)) for part in ("train", "validation", "test")]


def test_where_there_are_few_sequences_that_is_said() -> None:
    dataset = data.load("next-number")
    assert sorted(int(x[0]) for part in ("train", "validation", "test") for x in dataset.split(part).x) == list(range(10))
    assert dataset.notes == ("With these options no more than 10 different sequences came up; each is there once.",)
    assert data.load("parity").notes == ()
    with pytest.raises(DataError, match=r"at least 5 different sequences to share out, got 2\. Let them be longer"):
        data.load("next-number", numbers=2)


@pytest.mark.parametrize("name", [*DRAWN, "anbn"])
def test_each_option_goes_to_its_ends(name: str) -> None:
    """Alone, of few samples. Two numbers that follow each other are two sequences, two bits four: refused, as above."""
    too_few = ("next-number", "numbers", 2), ("parity", "length", 2)
    for field in data.registry.get(name).fields:
        ends = field.choices or (field.minimum, field.maximum)
        for value in ends if field.kind in ("choice", "int", "float") and field.name != "samples" else ():
            if (name, field.name, value) in too_few:
                continue
            found = data.load(name, samples=60, **{field.name: value})
            assert min(len(found.train), len(found.validation), len(found.test)) > 0
            assert found.train.x.shape[1:] == found.description.input_shape
            assert np.isfinite(found.train.x).all()


# -- numbers
def test_next_number() -> None:
    for x, y in samples(small("next-number")):
        assert x == [(x[0] + t) % 10 for t in range(20)]
        assert y == [*x[1:], (x[-1] + 1) % 10]
    for x, y in samples(small("next-number", rule="order 2", numbers=7)):
        assert y == [-1, *x[2:], (x[-1] + x[-2]) % 7]
        assert all(x[t] == (x[t - 1] + x[t - 2]) % 7 for t in range(2, 20))
    real = small("next-number", rule="real", length=10)
    assert real.train.x.shape == (48, 10, 1)
    slopes = np.diff(np.concatenate([real.train.x[:, :, 0], real.train.y[:, -1]], axis=1).astype(float))
    np.testing.assert_allclose(slopes, slopes[:, :1].repeat(10, axis=1), atol=1e-6)
    assert 0.15 < np.abs(slopes).max() <= 0.2
    np.testing.assert_array_equal(real.train.x[:, 1:], real.train.y[:, :-1])


def test_asked_at_the_end() -> None:
    for name in ("next-number", "parity", "counting", "sine"):
        each, last = small(name), small(name, asked="at the end")
        assert not last.description.steps
        assert each.description.steps
        answers = {x.tobytes(): y[-1].tolist() for part in ("train", "validation", "test") for x, y in pairs(each.split(part))}
        assert all(answers[x.tobytes()] == y.tolist() for part in ("train", "test") for x, y in pairs(last.split(part)))


def pairs(split: Split) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    return zip(split.x, split.y, strict=True)


def test_counting() -> None:
    dataset = small("counting", share=0.3)
    for x, y in samples(dataset):
        assert [one[0] for one in y] == [sum(bit[0] for bit in x[: t + 1]) for t in range(20)]
    assert dataset.train.x.mean() == pytest.approx(0.3, abs=0.03)


def test_progression_is_the_tutorials_three_kinds() -> None:
    for x, y in samples(small("progression")):
        d = x[1] - x[0]
        assert 1 <= d <= 4
        assert [*x, *y] == [x[0] + t * d for t in range(6)]
    for x, y in samples(small("progression", form="each next one")):
        assert y == [-1, *x[2:], 2 * x[-1] - x[-2]]
    assert all(y[0] == x[1] for x, y in samples(small("progression", form="each next one", step=1)))
    for x, y in samples(small("progression", form="the next ones")):
        assert [*x, *y] == [x[0] + t * (x[1] - x[0]) for t in range(10)]
    assert data.load("progression", form="the next ones", length=25, numbers=60).train.y.max() < 60


def test_in_order() -> None:
    dataset = small("in-order", samples=2000)
    lengths = set()
    for x, (label,) in samples(dataset):
        falls = [before >= after for before, after in itertools.pairwise(x)]
        assert sum(falls) == (0 if dataset.description.classes[int(label)] == "good" else 1)
        assert len(set(x)) == len(x)
        lengths.add(len(x))
    assert lengths == set(range(3, 11))
    assert dataset.train.y.mean() == pytest.approx(0.5, abs=0.04)


# -- memory
def test_echo_parity_first_symbol() -> None:
    for x, y in samples(small("echo", delay=4)):
        assert y == [0, 0, 0, 0, *(bit[0] for bit in x[:-4])]
    for x, y in samples(small("parity")):
        odd = 0
        for (bit,), answer in zip(x, y, strict=True):
            odd ^= bit
            assert answer == odd
    assert all(y == [x[0]] for x, y in samples(small("first-symbol")))
    assert small("echo", length=5, delay=50).train.y[:, :4].sum() == 0


def test_copy() -> None:
    for x, y in samples(small("copy", length=3, blanks=4, symbols=4)):
        assert len(x) == 10
        assert all(1 <= symbol <= 4 for symbol in x[:3])
        assert x[3:] == [0, 0, 0, 5, 0, 0, 0]
        assert y == [-1] * 7 + x[:3]
    every = small("copy", asked="every step")
    assert (every.train.y[:, :15] == 0).all()
    assert every.description.classes == ("_", *"abcdefgh")


def test_adding() -> None:
    dataset = data.load("adding")
    for x, (answer,) in samples(small("adding")):
        marked = [t for t, (_, mark) in enumerate(x) if mark]
        assert len(marked) == 2
        assert marked[0] < 25 <= marked[1]
        assert answer == pytest.approx(sum(x[t][0] for t in marked), abs=1e-6)
    assert np.mean((dataset.train.y - 1.0) ** 2) == pytest.approx(1 / 6, abs=0.01)


def test_temporal_order() -> None:
    dataset = small("temporal-order", samples=1000)
    for x, (label,) in samples(dataset):
        names = [dataset.description.tokens[symbol] for symbol in x]
        assert names[0] == "E"
        assert names[-1] == "B"
        places = [t for t, name in enumerate(names) if name in "XY"]
        assert len(places) == 2
        assert 5 <= places[0] <= 10
        assert 25 <= places[1] <= 30
        assert "".join(names[t] for t in places) == dataset.description.classes[int(label)]
    assert np.bincount(dataset.train.y, minlength=4).min() > 170


# -- letters
@pytest.mark.parametrize("alphabet", ["27 letters", "its own letters"])
def test_hello(alphabet: str) -> None:
    dataset = data.load("hello", alphabet=alphabet, samples=2000)
    found = 0
    for row in range(200):
        text = spelled(dataset, row).replace(" ", "")
        expected = [int(text[: t + 1].endswith("hello")) for t in range(40)]
        assert dataset.train.y[row].tolist() == expected
        found += sum(expected)
    assert 0.02 < found / 8000 < 0.09
    assert len(dataset.description.tokens) == (27 if alphabet == "27 letters" else 5)


def test_hello_wants_a_word() -> None:
    assert data.describe("hello", word="ab").classes == ("no", "yes")
    for word in ("", "a", "Hello", "héllo", "a b", "x" * 11):
        with pytest.raises(DataError, match="2 to 10 small letters"):
            data.describe("hello", word=word)


def said(dataset: Dataset, row: int) -> str:
    """The answer of a sample, its end included."""
    return "".join(dataset.description.classes[number] for number in dataset.train.y[row] if number >= 0)


def test_reversal() -> None:
    dataset = small("reversal")
    assert dataset.description.target_steps == 7
    for row in range(len(dataset.train)):
        question = spelled(dataset, row).replace(" ", "").lstrip("_")
        assert said(dataset, row) == question[::-1] + "$"
        assert 2 <= len(question) <= 6
    stream = small("reversal", form="one stream")
    for row in range(len(stream.train)):
        question, answer = spelled(stream, row).replace(" ", "").split(">")
        assert answer == question[::-1]
        assert said(stream, row) == answer + "$"
        assert (stream.train.y[row, : len(question)] == -1).all()
        assert stream.train.y[row, len(question)] >= 0


def test_addition() -> None:
    for digits, backwards, form in (
        (1, True, "one stream"),
        (2, True, "question and answer"),
        (3, False, "question and answer"),
        (3, False, "one stream"),
    ):
        dataset = small("addition", digits=digits, backwards=backwards, form=form)
        for row in range(len(dataset.train)):
            question = spelled(dataset, row).replace(" ", "").lstrip("_").partition(">")[0]
            question = question[::-1] if backwards else question
            one, two = question.split("+")
            assert (one, two) == (str(int(one)), str(int(two)))
            assert said(dataset, row) == f"{int(one) + int(two)}$"
            assert max(len(one), len(two)) <= digits


def test_fill_in_hangs_on_both_neighbors() -> None:
    dataset = small("fill-in", samples=2000)
    for x, y in samples(dataset):
        holes = [t for t, symbol in enumerate(x) if symbol == 5]
        assert holes
        assert 0 not in holes
        assert 19 not in holes
        assert all(after - before > 1 for before, after in itertools.pairwise(holes))
        assert all(y[t] == ((x[t - 1] + x[t + 1]) % 5 if t in holes else -1) for t in range(20))
    holed = dataset.train.y >= 0
    left = np.roll(dataset.train.x, 1, axis=1)[holed]
    answers = dataset.train.y[holed]
    best = max(np.bincount(answers[left == symbol]).max() / (left == symbol).sum() for symbol in range(5))
    assert best < 0.26  # from one side alone it is a guess


# -- waves
def test_waves() -> None:
    for x, y in zip(*(array.astype(float) for array in (small("sine").train.x, small("sine").train.y)), strict=True):
        phase = np.arctan2(x[0, 0], (x[1, 0] - x[0, 0] * np.cos(0.2)) / np.sin(0.2))
        np.testing.assert_allclose(x[:, 0], np.sin(phase + 0.2 * np.arange(50)), atol=2e-5)
        np.testing.assert_allclose(y[:, 0], np.sin(phase + 0.2 * np.arange(1, 51)), atol=2e-5)
    again = data.load("sine").train
    assert np.mean((again.y - again.x) ** 2) == pytest.approx(0.0199, abs=0.0004)
    two = data.load("sines").train
    assert np.mean((two.y - two.x) ** 2) == pytest.approx(0.0309, abs=0.0006)
    assert two.x.var() == pytest.approx(0.25, abs=0.01)
    noisy = data.load("sine", noise=0.3).train
    assert (noisy.x.var() - again.x.var()) == pytest.approx(0.09, abs=0.01)
    whole = np.concatenate([two.x[:, :, 0], two.y[:, -1]], axis=1).astype(float)  # s[t+2] + s[t-2] of each wave is 2 cos(2 w) s[t]
    a, b = (2 * np.cos(0.2 * f) for f in (1.0, 2.3))
    left = whole[:, 4:] - (a + b) * (whole[:, 3:-1] + whole[:, 1:-3]) + (2 + a * b) * whole[:, 2:-2] + whole[:, :-4]
    assert np.abs(left).max() < 2e-6


# -- pictures read as sequences
def test_rows_of_digits() -> None:
    pictures = data.load("digits").train
    for read, shape, turn in (
        ("row by row", (8, 8), lambda x: x[:, 0]),
        ("column by column", (8, 8), lambda x: x[:, 0].transpose(0, 2, 1)),
        ("pixel by pixel", (64, 1), lambda x: x.reshape(len(x), 64, 1)),
    ):
        dataset = data.load("digits-rows", read=read)
        assert dataset.description.input_shape == shape
        np.testing.assert_array_equal(dataset.train.x, turn(pictures.x))
        np.testing.assert_array_equal(dataset.train.y, pictures.y)
    assert data.describe("digits-rows", classes=(3, 8)).outputs == 1


def test_rows_of_mnist() -> None:
    assert data.describe("mnist-rows").input_shape == (28, 28)
    assert data.describe("mnist-rows", read="pixel by pixel").input_shape == (784, 1)
    assert data.describe("mnist-rows", classes=(0, 1, 2)).classes == ("0", "1", "2")
