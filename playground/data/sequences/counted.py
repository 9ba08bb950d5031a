"""Sequences of numbers that follow a rule: the next one, how many, continue, is it in order. Tasks of items like "1 2 3 4 5 -> 6"."""

from __future__ import annotations

import numpy as np

from playground.data.sequences.making import (
    ASKED,
    EACH,
    Generator,
    Made,
    as_asked,
    digits,
    length_field,
    of_classes,
    of_values,
    samples_field,
    sequences,
)  # fmt: skip
from playground.data.spec import Array, Description, Options
from playground.fields import Field

ORDERS = ("order 1", "order 2", "real")
FORMS = ("the next one", "each next one", "the next ones")
MOST_STEP = 4


# -- the next number
def next_number(rng: Generator, n: int, options: Options) -> Made:
    """s, s + 1, ... modulo k (order 1); s[t] = s[t-1] + s[t-2] modulo k (order 2: nothing is asked at step 0, whose answer is drawn);
    a + d t with a U(-1, 1), d U(-0.2, 0.2) (real: the second number is a guess, of mean squared error 0.0133 at best)."""
    steps, k = options["length"], options["numbers"]
    if options["rule"] == "real":
        line = rng.uniform(-1, 1, (n, 1)) + rng.uniform(-0.2, 0.2, (n, 1)) * np.arange(steps + 1)
        return as_asked(Made(line[:, :-1, None], line[:, 1:, None]), options)
    if options["rule"] == "order 1":
        s: Array = (rng.integers(0, k, (n, 1)) + np.arange(steps + 1)) % k
    else:
        s = np.zeros((n, steps + 1), np.int64)
        s[:, :2] = rng.integers(0, k, (n, 2))
        for t in range(2, steps + 1):
            s[:, t] = (s[:, t - 1] + s[:, t - 2]) % k
    x, y = s[:, :-1].astype(np.uint8), s[:, 1:].copy()
    if options["rule"] == "order 2":
        y[:, 0] = -1
    return as_asked(Made(x, y), options)


def _describe_next(options: Options) -> Description:
    each = options["asked"] == EACH
    if options["rule"] == "real":
        return of_values((options["length"], 1), ("next",), each, ("number",))
    symbols = digits(options["numbers"])
    return of_classes((options["length"],), symbols, each, symbols)


# -- how many
def counting(rng: Generator, n: int, options: Options) -> Made:
    """Bits, 1 with probability ``share``; y[t] = how many ones there are among x[0..t]."""
    x = (rng.random((n, options["length"])) < options["share"]).astype(np.uint8)
    return as_asked(Made(x[:, :, None], np.cumsum(x, axis=1, dtype=np.int64)[:, :, None].astype(np.float64)), options)


def _describe_counting(options: Options) -> Description:
    return of_values((options["length"], 1), ("ones so far",), options["asked"] == EACH, ("bit",))


# -- continue
def progression(rng: Generator, n: int, options: Options) -> Made:
    """a, a + d, a + 2 d ..., d from 1 to ``step``, all numbers below ``numbers``. With n numbers given, what is asked is the one after
    them (1 2 3 4 5 -> 6), the next one at each step (1 3 5 -> 3 5 7; nothing at step 0, where d is not known unless it is always 1),
    or the n that follow (1 2 3 4 5 -> 6 7 8 9 10)."""
    given, k = options["length"], options["numbers"]
    total = 2 * given if options["form"] == FORMS[2] else given + 1
    most = _steps(options)
    d = rng.integers(1, most + 1, (n, 1))
    first = np.floor(rng.random((n, 1)) * (k - (total - 1) * d)).astype(np.int64)
    s = first + d * np.arange(total)
    x = s[:, :given].astype(np.uint8)
    if options["form"] == FORMS[0]:
        return Made(x, s[:, -1])
    y = s[:, given:] if options["form"] == FORMS[2] else s[:, 1:].copy()
    if options["form"] == FORMS[1] and most > 1:
        y[:, 0] = -1
    return Made(x, y)


def _steps(options: Options) -> int:
    """The largest step with which a whole progression stays below ``numbers``: that asked for, or less."""
    total = 2 * options["length"] if options["form"] == FORMS[2] else options["length"] + 1
    room: int = (options["numbers"] - 1) // (total - 1)
    step: int = options["step"]
    return max(1, min(step, room))


def _describe_progression(options: Options) -> Description:
    symbols = digits(options["numbers"])
    return of_classes((options["length"],), symbols, options["form"] != FORMS[0], symbols)


# -- in order or not
def in_order(rng: Generator, n: int, options: Options) -> Made:
    """3 to ``length`` different numbers: "good" if each is larger than that before it (1 2 3 4 5), else "bad": somewhere two neighbors
    changed places."""
    k, longest = options["numbers"], options["length"]
    lengths, rows = rng.integers(3, longest + 1, n), np.arange(n)
    drawn = rng.random((n, k)).argsort(axis=1)[:, :longest]
    x = np.sort(np.where(np.arange(longest) < lengths[:, None], drawn, k), axis=1)
    y = rng.integers(0, 2, n)
    at = np.floor(rng.random(n) * (lengths - 1)).astype(np.int64)
    other = np.where(y == 0, at + 1, at)
    x[rows, at], x[rows, other] = x[rows, other], x[rows, at]
    return Made(np.where(x < k, x, 0).astype(np.uint8), y, lengths)


def _describe_in_order(options: Options) -> Description:
    return of_classes((options["length"],), ("bad", "good"), False, digits(options["numbers"]))


def _numbers(default: int, fewest: int, most: int, help: str) -> Field:
    return Field("numbers", "int", default, help, minimum=fewest, maximum=most)


COUNTED = (
    sequences(
        "next-number",
        "Next number",
        "What comes next: one more, the sum of the last two, or a straight line.",
        next_number,
        _describe_next,
        samples_field(),
        Field("rule", "choice", "order 1", "One more than the last; the sum of the last two; numbers on a line.", choices=ORDERS),
        Field(
            "numbers",
            "int",
            10,
            "They are counted from 0 to one less than this, then from 0 again.",
            minimum=2,
            maximum=50,
            shown_when=("rule", ORDERS[:2]),
        ),
        length_field(20),
        ASKED,
    ),
    sequences(
        "counting",
        "Counting",
        "How many ones there were so far: a number that must be carried along.",
        counting,
        _describe_counting,
        samples_field(),
        length_field(20),
        Field("share", "float", 0.5, "How many of the steps are ones.", label="Share of ones", minimum=0.05, maximum=0.95),
        ASKED,
        task="regression",
    ),
    sequences(
        "progression",
        "Progression",
        "Numbers in even steps to continue: 1 2 3 4 5, then 6; or 6 7 8 9 10.",
        progression,
        _describe_progression,
        samples_field(2000),
        Field("form", "choice", FORMS[0], "What is asked: one number, the next at each step, or as many as were given.", choices=FORMS),
        _numbers(100, 60, 250, "All are below this."),
        Field("step", "int", MOST_STEP, "The widest step from one to the next; less where there is no room.", minimum=1, maximum=20),
        length_field(5, 2, 25, "How many are given."),
    ),
    sequences(
        "in-order",
        "In order?",
        "Good where each number is larger than that before it, bad where two changed places; of several lengths.",
        in_order,
        _describe_in_order,
        samples_field(),
        _numbers(30, 26, 100, "All are below this."),
        length_field(10, 3, 25, "The longest sequence; the shortest has 3."),
    ),
)
