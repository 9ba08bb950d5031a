"""Reber's grammar and a^n b^n: strings are legal, targets are what may follow, the test of "right" can say no."""

from __future__ import annotations

import numpy as np
import pytest

from playground import data
from playground.data.sequences.automata import EMBEDDED, PLAIN, REBER, SYMBOLS, share_right
from playground.data.spec import Dataset


def strings(dataset: Dataset) -> list[str]:
    split = dataset.train
    assert split.lengths is not None
    return ["".join(SYMBOLS[number] for number in x[:end]) + "E" for x, end in zip(split.x, split.lengths, strict=True)]


def followed(string: str) -> list[set[str]]:
    """What may follow each letter of a plain string but the last, by walking the arcs."""
    state, legal = 0, []
    for letter in string[:-1]:
        (state,) = (to for symbol, to in REBER[state] if symbol == letter)
        legal.append({symbol for symbol, _ in REBER[state]})
    assert string[-1] == "E"
    assert state == 6
    return legal


def followed_embedded(string: str) -> list[set[str]]:
    assert string[0] == "B"
    assert string[1] == string[-2]
    return [{"T", "P"}, {"B"}, *followed(string[2:-2]), {string[1]}, {"E"}]


@pytest.mark.parametrize(("name", "walk"), [("reber", followed), ("embedded-reber", followed_embedded)])
def test_targets_are_what_may_follow(name: str, walk: object) -> None:
    follows, certain, legal = (
        data.load(name, targets=one) for one in ("the letter that follows", "where it is certain", "all that may follow")
    )
    made = strings(follows)
    assert made == strings(certain) == strings(legal)
    assert len(set(made)) == len(made)
    for row, string in enumerate(made):
        may = walk(string)  # type: ignore[operator]
        assert len(may) == len(string) - 1
        for t, letters in enumerate(may):
            assert SYMBOLS[follows.train.y[row, t]] == string[t + 1]
            assert string[t + 1] in letters
            assert certain.train.y[row, t] == (SYMBOLS.index(string[t + 1]) if len(letters) == 1 else -1)
            assert {SYMBOLS[at] for at in np.flatnonzero(legal.train.y[row, t])} == letters
        assert (follows.train.y[row, len(may) :] == -1).all()
    assert legal.description.task == "regression"
    assert legal.description.outputs == 7


def test_arcs_of_a_state_are_drawn_alike() -> None:
    strings_, lengths = PLAIN.drawn(np.random.default_rng(0), 4000, 60)
    assert len(strings_) > 3990
    assert (strings_[:, 1] == SYMBOLS.index("T")).mean() == pytest.approx(0.5, abs=0.03)
    assert lengths.min() == 5
    _, longer = EMBEDDED.drawn(np.random.default_rng(0), 4000, 60)
    assert longer.mean() == pytest.approx(12, abs=0.5)


def test_right_is_each_legal_letter_above_every_illegal_one() -> None:
    dataset = data.load("embedded-reber", targets="all that may follow")
    split = dataset.test
    scores = split.y.astype(float)
    assert share_right(scores, split.x, EMBEDDED, split.lengths) == 1.0
    assert share_right(-scores, split.x, EMBEDDED, split.lengths) == 0.0
    one = scores.copy()
    last = split.lengths[0] - 2  # the letter that takes memory
    one[0, last] = one[0, last] * 0.4 + (np.arange(7) == SYMBOLS.index("S")) * 0.5
    assert share_right(one, split.x, EMBEDDED, split.lengths) == pytest.approx(1 - 1 / len(split))


def test_a_grammar_ends_with_what_is_not_in_it() -> None:
    wrong = np.array([[SYMBOLS.index(letter) for letter in "BTV"]])
    allowed = PLAIN.legal(wrong)
    assert allowed[0, 1].sum() == 2
    assert not allowed[0, 2].any()


def test_powers() -> None:
    dataset = data.load("anbn", samples=40, longest=4, beyond=2)
    text = lambda split, row: "".join("^ab$"[number] for number in split.x[row, : split.lengths[row]])  # noqa: E731
    ns = []
    for row in range(40):
        n = int(dataset.train.lengths[row] - 1) // 2
        assert text(dataset.train, row) == "^" + "a" * n + "b" * n
        assert dataset.train.y[row].tolist() == [-1] * (n + 1) + [2] * (n - 1) + [3] + [-1] * (17 - 2 * n - 1)
        ns.append(n)
    assert sorted(ns) == sorted([1, 2, 3, 4] * 10)
    assert [int(end - 1) // 2 for end in dataset.validation.lengths] == [5, 6]
    assert [int(end - 1) // 2 for end in dataset.test.lengths] == [7, 8]
    every = data.load("anbn", samples=40, targets="the letter that follows")
    assert every.test.y[0].tolist()[:28] == [1] * 14 + [2] * 14
