"""A typed text as symbols of a vocabulary."""

from __future__ import annotations

import pytest

from playground.data.text.typed import typed

LETTERS = ("a", "b", "␣", "X", "⏎")
CHINESE = ("□", "▷", "■", "春", "眠", "，")
WORDS = ("□", "▷", "■", "cat", "the", ".", "'")


@pytest.mark.parametrize(
    ("text", "tokens", "numbers", "strange"),
    [
        ("ab a", LETTERS, [0, 1, 2, 0], []),
        ("aBx\n", LETTERS, [0, 1, 3, 4], []),
        ("a?b", LETTERS, [0, 1], ["?"]),
        ("a b", ("a", "b"), [0, 1], []),
        ("春夏眠，", CHINESE, [3, 0, 4, 5], ["夏"]),
        ("The cat sat.", WORDS, [4, 3, 0, 5], ["sat"]),
        ("", LETTERS, [], []),
    ],
)
def test_symbols_of_a_text(text: str, tokens: tuple[str, ...], numbers: list[int], strange: list[str]) -> None:
    assert typed(text, tokens) == (numbers, strange)
