"""Words and digits read letter by letter: the "hello" detector, reversal, addition as text, and a symbol to fill in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from playground.data.sequences.making import (
    Generator,
    Made,
    digits,
    length_field,
    letters,
    of_classes,
    samples_field,
    sequences,
)  # fmt: skip
from playground.data.spec import Array, Description, Options
from playground.errors import DataError
from playground.fields import Field
from playground.sentences import say

SPACE, END, SAYS = "␣", "$", ">"
ALPHABETS = ("27 letters", "its own letters")
INSERTED = 0.08
"""How often the word begins where nothing was under way; as often one of its beginnings does."""
FORMS = ("question and answer", "one stream")
MARKS = 3
BLANK_TOKEN, END_TOKEN, SAYS_TOKEN = range(MARKS)
"""Of reversal and addition: the blank, the end of an answer, and what stands between question and answer."""

Piece = tuple[Array, Array]
"""Tokens (n, width) and how many of each row count (n,)."""


# -- hello
def detector(rng: Generator, n: int, options: Options) -> Made:
    """A stream of random letters into which the word, and beginnings of it as decoys, are put; y[t] = 1 where the last letters are the
    word. 5 % of the steps are, so an accuracy of 0.95 says nothing."""
    alphabet, length, word = _alphabet(options), options["length"], _word(options)
    spelled = np.array([alphabet.index(letter) for letter in word], np.uint8)
    size = len(spelled)
    x = np.zeros((n, length + size), np.uint8)
    at = np.zeros(n, np.int64)
    while True:
        rows = np.flatnonzero(at < length)
        if not len(rows):
            break
        luck = rng.random(len(rows))
        decoy, single = rng.integers(1, size, len(rows)), rng.integers(0, len(alphabet), len(rows))
        count = np.where(luck < INSERTED, size, np.where(luck < 2 * INSERTED, decoy, 1))
        random = luck >= 2 * INSERTED
        for place in range(size):
            some = count > place
            x[rows[some], at[rows[some]] + place] = np.where(random[some], single[some], spelled[place])
        at[rows] += count
    x = np.ascontiguousarray(x[:, :length])
    y = np.zeros((n, length), np.int32)
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=1)
    y[:, size - 1 :] = (windows == spelled).all(axis=2)
    return Made(x, y)


def _word(options: Options) -> str:
    word: str = options["word"]
    if not re.fullmatch("[a-z]{2,10}", word):
        raise DataError(
            say("expected a word of 2 to 10 small letters from a to z, got {word!r}.", word=word[:40]), where="data.options.word"
        )
    return word


def _alphabet(options: Options) -> tuple[str, ...]:
    word = _word(options)
    return (*(sorted(set(word)) if options["alphabet"] == ALPHABETS[1] else letters(26)), SPACE)


def _describe_detector(options: Options) -> Description:
    return of_classes((options["length"],), ("no", "yes"), True, _alphabet(options))


# -- a question and its answer
def joined(pieces: Sequence[Piece], width: int, fill: int, right: bool = False) -> Array:
    """The pieces of each row one after another: int (n, width), ``fill`` where nothing stands; at the right end if ``right``."""
    rows = len(pieces[0][0])
    result = np.full((rows, width), fill, np.int64)
    at = width - sum(np.asarray(lengths) for _, lengths in pieces) if right else np.zeros(rows, np.int64)
    at = np.array(at)
    for tokens, lengths in pieces:
        for place in range(tokens.shape[1]):
            some = np.flatnonzero(lengths > place)
            result[some, at[some] + place] = tokens[some, place]
        at += lengths
    return result


def answered(question: Piece, answer: Piece, options: Options) -> Made:
    """For an encoder and a decoder ("question and answer") x is the question, at the right end of its steps, and y the answer, its end,
    then nothing. As "one stream" x is question, ">" and the answer, and y at each step of the answer its next symbol, then the end: what
    a network that writes sees while it is taught."""
    rows = len(question[0])
    one = np.ones(rows, np.int64)
    says, end = (np.full((rows, 1), token) for token in (SAYS_TOKEN, END_TOKEN))
    widest = question[0].shape[1], answer[0].shape[1] + 1
    if options["form"] == FORMS[0]:
        return Made(joined([question], widest[0], BLANK_TOKEN, right=True).astype(np.uint8), joined([answer, (end, one)], widest[1], -1))
    x = joined([question, (says, one), answer], sum(widest), 0)
    y = joined([(np.full_like(question[0], -1), question[1]), answer, (end, one)], sum(widest), -1)
    return Made(x.astype(np.uint8), y, question[1] + 1 + answer[1])


def _described(question: int, answer: int, symbols: tuple[str, ...], options: Options) -> Description:
    """Of questions of at most ``question`` symbols and answers of at most ``answer``, the end not counted."""
    tokens = ("_", END, SAYS, *symbols)
    if options["form"] == FORMS[0]:
        return replace(of_classes((question,), tokens, True, tokens), output_steps=answer + 1)
    return of_classes((question + 1 + answer,), tokens, True, tokens)


def reversal(rng: Generator, n: int, options: Options) -> Made:
    """2 to ``length`` symbols, to be said the other way round."""
    longest = options["length"]
    lengths = rng.integers(2, longest + 1, n)
    said = rng.integers(MARKS, MARKS + options["symbols"], (n, longest))
    turned = np.take_along_axis(said, np.maximum(lengths[:, None] - 1 - np.arange(longest), 0), axis=1)
    return answered((said, lengths), (turned, lengths), options)


def _describe_reversal(options: Options) -> Description:
    return _described(options["length"], options["length"], letters(options["symbols"]), options)


def addition(rng: Generator, n: int, options: Options) -> Made:
    """Two numbers of up to so many digits, each number as likely; the answer is their sum."""
    most = options["digits"]
    a, b = rng.integers(0, 10**most, (2, n))
    plus = np.full((n, 1), MARKS + 10)
    pieces = [_spelled(a, most), (plus, np.ones(n, np.int64)), _spelled(b, most)]
    lengths = pieces[0][1] + 1 + pieces[2][1]
    width = 2 * most + 1
    question = joined(pieces, width, BLANK_TOKEN)
    if options["backwards"]:
        question = np.take_along_axis(question, np.maximum(lengths[:, None] - 1 - np.arange(width), 0), axis=1)
    return answered((question, lengths), _spelled(a + b, most + 1), options)


def _spelled(numbers: Array, most: int) -> Piece:
    """Decimal digits as tokens, no leading zeros: (n, most), at the left end."""
    lengths = 1 + (numbers[:, None] >= 10 ** np.arange(1, most)).sum(axis=1)
    place = lengths[:, None] - 1 - np.arange(most)
    return MARKS + numbers[:, None] // 10 ** np.maximum(place, 0) % 10, lengths


def _describe_addition(options: Options) -> Description:
    return _described(2 * options["digits"] + 1, options["digits"] + 1, (*digits(10), "+"), options)


# -- fill in
def fill_in(rng: Generator, n: int, options: Options) -> Made:
    """Digits below k with holes, never two side by side nor at an end; what belongs there is the sum of its two neighbors modulo k, so
    that who reads in one direction can but guess (1/k). Token k is the hole; nothing is asked elsewhere."""
    k, length = options["numbers"], options["length"]
    x = rng.integers(0, k, (n, length))
    hole = rng.random((n, length)) < options["share"]
    hole[np.arange(n), rng.integers(1, length - 1, n)] = True  # one at least
    hole[:, [0, -1]] = False
    hole = _apart(hole)
    belongs = np.zeros_like(x)
    belongs[:, 1:-1] = (x[:, :-2] + x[:, 2:]) % k
    return Made(np.where(hole, k, x).astype(np.uint8), np.where(hole, belongs, -1).astype(np.int32))


def _apart(marked: Array) -> Array:
    """Every second mark of those that follow one another struck out, the first one kept."""
    kept = marked.copy()
    for at in range(1, marked.shape[1]):
        kept[:, at] &= ~kept[:, at - 1]
    return kept


def _describe_fill(options: Options) -> Description:
    symbols = digits(options["numbers"])
    return of_classes((options["length"],), symbols, True, (*symbols, "_"))


_FORM = Field(
    "form",
    "choice",
    FORMS[0],
    "The question in, the answer out; or one stream in which the answer follows the question and each symbol asks for the next.",
    choices=FORMS,
)

SPELLED = (
    sequences(
        "hello",
        "Hello detector",
        "Yes at the last letter of the word, wherever it stands; no elsewhere.",
        detector,
        _describe_detector,
        samples_field(),
        Field("word", "text", "hello", "What is to be found: 2 to 10 small letters."),
        length_field(40, 12),
        Field(
            "alphabet",
            "choice",
            ALPHABETS[0],
            "The other letters: all of them, or those of the word alone, which is harder.",
            choices=ALPHABETS,
        ),
    ),
    sequences(
        "reversal",
        "Reversal",
        "Say it backwards.",
        reversal,
        _describe_reversal,
        samples_field(),
        Field("length", "int", 6, "Symbols of the longest; the shortest has 2.", minimum=3, maximum=50),
        Field("symbols", "int", 6, "How many different ones there are.", minimum=2, maximum=26),
        _FORM,
    ),
    sequences(
        "addition",
        "Addition",
        "Sums as text: 17+35, then 52.",
        addition,
        _describe_addition,
        samples_field(10_000),
        Field("digits", "int", 2, "Digits of each number, at most.", minimum=1, maximum=6),
        Field("backwards", "bool", True, "The question is read from its end: 53+71. Easier, for the last digits are nearest their sum."),
        _FORM,
    ),
    sequences(
        "fill-in",
        "Fill in",
        "A hole in a row of digits; what belongs there hangs on both its neighbors.",
        fill_in,
        _describe_fill,
        samples_field(),
        length_field(20, 4),
        Field("numbers", "int", 5, "Digits from 0 to one less than this.", minimum=2, maximum=10),
        Field("share", "float", 0.2, "How often there is a hole.", label="Share of holes", minimum=0.02, maximum=0.4),
    ),
)
