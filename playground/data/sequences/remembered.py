"""Tasks of memory: something must be carried over steps that have nothing to do with it.

Adding and temporal order: Hochreiter & Schmidhuber 1997, experiments 4 and 6a. Copy memory: the same, and Arjovsky, Shah & Bengio 2016.
Echo: as in Jaeger 2001. Parity: Minsky & Papert 1969.
"""

from __future__ import annotations

import numpy as np

from playground.data.sequences.making import (
    ASKED,
    EACH,
    Generator,
    Made,
    as_asked,
    length_field,
    letters,
    of_classes,
    of_values,
    samples_field,
    sequences,
)  # fmt: skip
from playground.data.spec import Array, Description, Options
from playground.fields import Field

BITS = ("0", "1")
ORDER_TOKENS = ("a", "b", "c", "d", "X", "Y", "E", "B")
ORDER_CLASSES = ("XX", "XY", "YX", "YY")
RECALL = "the recall alone"


def _bits(rng: Generator, n: int, length: int) -> Array:
    """(n, length) of 0 and 1."""
    return rng.integers(0, 2, (n, length), dtype=np.uint8)


def echo(rng: Generator, n: int, options: Options) -> Made:
    """Bits; y[t] = x[t - delay], 0 before there is one."""
    length, delay = options["length"], min(options["delay"], options["length"] - 1)
    x = _bits(rng, n, length)
    y = np.zeros_like(x)
    y[:, delay:] = x[:, : length - delay]
    return Made(x[:, :, None], y.astype(np.int32))


def parity(rng: Generator, n: int, options: Options) -> Made:
    """Bits; y[t] = x[0] xor ... xor x[t]."""
    x = _bits(rng, n, options["length"])
    return as_asked(Made(x[:, :, None], np.cumsum(x, axis=1, dtype=np.int32) % 2), options)


def first_symbol(rng: Generator, n: int, options: Options) -> Made:
    """Symbols, all drawn alike; the class is the first one, asked for after the last."""
    x = rng.integers(0, options["symbols"], (n, options["length"]), dtype=np.uint8)
    return Made(x, x[:, 0].astype(np.int32))


def copy(rng: Generator, n: int, options: Options) -> Made:
    """``length`` symbols, ``blanks`` blanks of which the last is a marker instead, and as many blanks as there were symbols: there
    they are to be repeated. Token 0 is the blank, 1 .. k the symbols, k + 1 the marker; T = blanks + 2 length. Before the recall the
    answer is the blank, or nothing is asked."""
    count, steps = options["length"], options["blanks"] + 2 * options["length"]
    said = rng.integers(1, options["symbols"] + 1, (n, count), dtype=np.uint8)
    x = np.zeros((n, steps), np.uint8)
    x[:, :count] = said
    x[:, steps - count - 1] = options["symbols"] + 1
    y = np.full((n, steps), -1 if options["asked"] == RECALL else 0, np.int32)
    y[:, steps - count :] = said
    return Made(x, y)


def adding(rng: Generator, n: int, options: Options) -> Made:
    """Pairs (U(0, 1), mark); one mark in each half; y is the sum of the two marked numbers. Answering 1 gives a mean squared error of
    1/6."""
    length, rows = options["length"], np.arange(n)
    x = np.zeros((n, length, 2), np.float32)
    x[:, :, 0] = rng.random((n, length), dtype=np.float32)
    marked = rng.integers(0, length // 2, n), rng.integers(length // 2, length, n)
    for at in marked:
        x[rows, at, 1] = 1
    return Made(x, (x[rows, marked[0], 0] + x[rows, marked[1], 0])[:, None])


def temporal_order(rng: Generator, n: int, options: Options) -> Made:
    """Distractors a b c d between E and B; X or Y at 10-20 % of the length and at 50-60 % of it; the class is which two."""
    length, rows = options["length"], np.arange(n)
    x = rng.integers(0, 4, (n, length), dtype=np.uint8)
    x[:, 0], x[:, -1] = 6, 7
    early = rng.integers(max(1, length // 10), max(2, length // 5) + 1, n)
    late = rng.integers(length // 2, max(length // 2 + 1, 6 * length // 10) + 1, n)
    y = rng.integers(0, 4, n, dtype=np.int32)
    x[rows, early], x[rows, late] = 4 + y // 2, 4 + y % 2
    return Made(x, y)


def _describe_echo(options: Options) -> Description:
    return of_classes((options["length"], 1), BITS, True, names=("bit",))


def _describe_parity(options: Options) -> Description:
    return of_classes((options["length"], 1), BITS, options["asked"] == EACH, names=("bit",))


def _describe_first(options: Options) -> Description:
    symbols = letters(options["symbols"])
    return of_classes((options["length"],), symbols, False, symbols)


def _describe_copy(options: Options) -> Description:
    said = ("_", *letters(options["symbols"]))
    return of_classes((options["blanks"] + 2 * options["length"],), said, True, (*said, ">"))


def _describe_adding(options: Options) -> Description:
    return of_values((options["length"], 2), ("sum",), False, ("number", "mark"))


def _describe_order(options: Options) -> Description:
    return of_classes((options["length"],), ORDER_CLASSES, False, ORDER_TOKENS)


def _symbols(default: int) -> Field:
    return Field("symbols", "int", default, "How many different ones there are.", minimum=2, maximum=26)


REMEMBERED = (
    sequences(
        "echo",
        "Echo",
        "Bits that are to be repeated some steps later.",
        echo,
        _describe_echo,
        samples_field(),
        length_field(30),
        Field("delay", "int", 3, "How many steps later; at most one less than there are steps.", unit="steps", minimum=0, maximum=50),
    ),
    sequences(
        "first-symbol",
        "First symbol",
        "The first symbol is asked for after all others went by.",
        first_symbol,
        _describe_first,
        samples_field(),
        length_field(20, 2),
        _symbols(4),
    ),
    sequences(
        "copy",
        "Copy",
        "Symbols to be repeated after a pause.",
        copy,
        _describe_copy,
        samples_field(),
        Field("length", "int", 5, "How many symbols are to be kept in mind.", label="Symbols in a row", minimum=1, maximum=30),
        Field("blanks", "int", 10, "Steps of the pause, the marker included.", unit="steps", minimum=1, maximum=300),
        _symbols(8),
        Field(
            "asked", "choice", RECALL, "What counts: the recall alone, or every step, where a blank is right before it.",
            choices=(RECALL, EACH),
        ),
    ),
    sequences(
        "adding",
        "Adding",
        "Two marked numbers of a long row are to be added up.",
        adding,
        _describe_adding,
        samples_field(),
        length_field(50, 2),
        task="regression",
    ),
    sequences(
        "parity",
        "Parity",
        "Whether the ones so far are odd in number: each single bit turns the answer.",
        parity,
        _describe_parity,
        samples_field(),
        length_field(20, 2),
        ASKED,
    ),
    sequences(
        "temporal-order",
        "Temporal order",
        "Which of two rare symbols came first, which second.",
        temporal_order,
        _describe_order,
        samples_field(),
        length_field(50, 10),
    ),
)  # fmt: skip
