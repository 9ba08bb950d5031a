"""Formal languages, read letter by letter: Reber's grammar, plain and embedded, and a^n b^n (Gers & Schmidhuber 2001).

What may follow is often more than one letter. Three kinds of targets say what is asked: the letter that did follow (a class at each
step, as a language model; no network can be right everywhere), that letter where it is the only one that may follow (all can be
right), or which may follow (seven numbers of 0 and 1 a step).
"""

from __future__ import annotations

from functools import partial

import numpy as np

from playground.data.sequences.automata import EMBEDDED, PLAIN, SYMBOLS, Automaton
from playground.data.sequences.making import GROUP, Generator, Made, of_classes, of_values, samples_field, sequences
from playground.data.spec import Array, Dataset, DatasetType, Description, Options, Split, frozen_split
from playground.data.splits import SEED_FIELD
from playground.fields import Field

FOLLOWS, CERTAIN, LEGAL = "the letter that follows", "where it is certain", "all that may follow"
LETTERS = tuple(SYMBOLS)
AB = ("^", "a", "b", "$")


def reber(machine: Automaton, rng: Generator, n: int, options: Options) -> Made:
    """x is the string without its last letter, the target at t what follows x[t]."""
    strings, lengths = machine.drawn(rng, n, options["longest"])
    x, after = strings[:, :-1], strings[:, 1:].astype(np.int32)
    real = np.arange(x.shape[1]) < lengths[:, None] - 1
    legal = machine.legal(x)
    x = np.where(real, x, 0).astype(np.uint8)
    if options["targets"] == LEGAL:
        return Made(x, np.where(real[:, :, None], legal, False).astype(np.float32), lengths - 1)
    asked = real & (legal.sum(axis=2) == 1) if options["targets"] == CERTAIN else real
    return Made(x, np.where(asked, after, -1), lengths - 1)


def _describe_reber(options: Options) -> Description:
    shape = (options["longest"] - 1,)
    if options["targets"] != LEGAL:
        return of_classes(shape, LETTERS, True, LETTERS)
    return of_values(shape, LETTERS, True, tokens=LETTERS)


# -- a^n b^n
def powers(counts: Array, length: int, targets: str) -> Made:
    """Strings "^", n times a, n times b: x (N, length), padded, for each n of ``counts``; the target is the next letter, at the end "$".
    Certain is what follows the first b, and all after it."""
    n = counts[:, None]
    at = np.arange(length)
    x = np.where(at == 0, 0, np.where(at <= n, 1, np.where(at <= 2 * n, 2, 0))).astype(np.uint8)
    after = np.where(at < n, 1, np.where(at < 2 * n, 2, 3))
    asked = (at <= 2 * n) & (at > n if targets == CERTAIN else at >= 0)
    return Made(x, np.where(asked, after, -1).astype(np.int32), 2 * counts + 1)


def _steps(options: Options) -> int:
    steps: int = 2 * (options["longest"] + 2 * options["beyond"]) + 1
    return steps


def _load_powers(options: Options) -> Dataset:
    """Training holds n = 1 .. longest, each as often; validation the next ``beyond`` of n, test those after them, each once."""
    rng = np.random.Generator(np.random.PCG64(options["seed"]))
    longest, beyond = options["longest"], options["beyond"]

    def part(counts: Array) -> Split:
        made = powers(counts, _steps(options), options["targets"])
        return frozen_split(made.x, made.y, made.lengths)

    train = rng.permutation(1 + np.arange(options["samples"]) % longest)
    first = longest + 1
    after = np.arange(first, first + beyond), np.arange(first + beyond, first + 2 * beyond)
    return Dataset(_describe_powers(options), part(train), part(after[0]), part(after[1]))


def _describe_powers(options: Options) -> Description:
    return of_classes((_steps(options),), AB, True, AB)


def _targets(*choices: str) -> Field:
    return Field(
        "targets",
        "choice",
        choices[0],
        "What is asked at a step: the letter that follows; the same, but only where no other one may follow; or all that may.",
        choices=choices,
    )


def _longest(default: int) -> Field:
    return Field("longest", "int", default, "Longer strings are left out.", label="Longest string", minimum=12, maximum=200)


GRAMMARS = (
    sequences(
        "reber",
        "Reber grammar",
        "Which letters may come next in strings of Reber's grammar.",
        partial(reber, PLAIN),
        _describe_reber,
        samples_field(600),
        _longest(30),
        _targets(FOLLOWS, CERTAIN, LEGAL),
    ),
    sequences(
        "embedded-reber",
        "Embedded Reber",
        "The second letter must be known again when the grammar's string within has gone by.",
        partial(reber, EMBEDDED),
        _describe_reber,
        samples_field(1200),
        _longest(30),
        _targets(FOLLOWS, CERTAIN, LEGAL),
    ),
    DatasetType(
        "anbn",
        "aⁿbⁿ",
        "As many b as there were a. Validation and test are longer than all that training shows.",
        GROUP,
        "classification",
        _describe_powers,
        _load_powers,
        (
            Field("samples", "int", 500, "How many strings training holds.", minimum=20, maximum=20_000),
            Field("longest", "int", 10, "Training has n from 1 to this.", label="n up to", minimum=2, maximum=50),
            Field(
                "beyond",
                "int",
                3,
                "Validation has so many n more, the test so many after them.",
                label="Then longer by",
                minimum=1,
                maximum=50,
            ),
            _targets(CERTAIN, FOLLOWS),
            SEED_FIELD,
        ),
    ),
)
