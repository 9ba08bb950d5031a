"""How a set of generated sequences is made: drawn by formula and seed, each once, shared out, described.

A formula draws n samples at once: x (n, T) tokens, or (n, T, F) numbers; y (n,) or (n, T) class numbers, or (n, K) or (n, T, K) values;
-1 as a class asks for nothing at that step. Where samples are of several lengths, padded steps hold 0 in x and -1 (values: 0) in y.

Tokens and bits are drawn until there are as many *different* samples as asked for, so that no sequence of the training part is in
validation or test; where the options admit fewer, each that there is occurs once. Numbers drawn from an interval never repeat.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from playground.data.spec import Array, Dataset, DatasetType, Description, Options, Task, frozen_split
from playground.data.splits import SEED_FIELD, share_out, split_fields
from playground.errors import DataError
from playground.fields import Field
from playground.sentences import say

GROUP = "Sequences"
ROUNDS = 12
"""Times that all samples are drawn anew, at most, before the different ones found are held to be all there are."""
FEWEST = 5
"""Different samples of which each part gets some."""
LAST, EACH = "at the end", "every step"

Generator = np.random.Generator


@dataclass(frozen=True, slots=True)
class Made:
    """What a formula gives, whole numbers of y as int32; ``lengths`` int (n,), or ``None`` where all T steps of each sample are real."""

    x: Array
    y: Array
    lengths: Array | None = None

    def __len__(self) -> int:
        return len(self.x)

    def __post_init__(self) -> None:
        if self.y.dtype.kind in "iu":
            object.__setattr__(self, "y", self.y.astype(np.int32))

    def part(self, rows: Array) -> Made:
        return Made(self.x[rows], self.y[rows], None if self.lengths is None else self.lengths[rows])


Formula = Callable[[Generator, int, Options], Made]
Describer = Callable[[Options], Description]


def sequences(
    name: str, title: str, summary: str, formula: Formula, describe: Describer, *own: Field, task: Task = "classification"
) -> DatasetType:
    """A row of the registry: its own options, then how samples are shared out and the seed."""
    fields = (*own, *split_fields(0.1, 0.1), SEED_FIELD)
    return DatasetType(name, title, summary, GROUP, task, describe, partial(load, formula, describe), fields)


def load(formula: Formula, describe: Describer, options: Options) -> Dataset:
    """Draw, keep what differs, share out. Raises :class:`DataError` where the options admit too few samples for three parts."""
    rng = np.random.Generator(np.random.PCG64(options["seed"]))
    made = distinct(formula, rng, options["samples"], options)
    if len(made) < FEWEST:
        raise DataError(
            say("expected at least {fewest} different sequences to share out, got {made}.", fewest=FEWEST, made=len(made)),
            where="data.options",
            remedy="Let them be longer, or of more symbols.",
        )
    notes: tuple[str, ...] = ()
    if len(made) < options["samples"]:
        notes = (say("With these options no more than {made:,} different sequences came up; each is there once.", made=len(made)),)
    parts = (made.part(rows) for rows in share_out(made.y, options["validation"], options["test"], rng))
    train, validation, test = (frozen_split(part.x, part.y, part.lengths) for part in parts)
    return Dataset(describe(options), train, validation, test, notes=notes)


def distinct(formula: Formula, rng: Generator, count: int, options: Options) -> Made:
    """``count`` samples of which no two have the same x, or as many as were found in :data:`ROUNDS` times ``count`` draws."""
    found = formula(rng, count, options)
    if found.x.dtype.kind == "f":
        return found
    found = found.part(_first_of_each(found))
    for _ in range(ROUNDS - 1):
        before = len(found)
        if before >= count:
            break
        more = formula(rng, count, options)
        found = _joined(found, more)
        found = found.part(_first_of_each(found))
        if len(found) == before:
            break
    return found.part(np.arange(min(count, len(found))))


def _first_of_each(made: Made) -> Array:
    """Where each different sample stands first, in order."""
    rows = made.x.reshape(len(made), -1)
    if made.lengths is not None:
        rows = np.concatenate([rows, made.lengths[:, None].astype(rows.dtype)], axis=1)
    whole = np.ascontiguousarray(rows).view(np.dtype((np.void, rows.dtype.itemsize * rows.shape[1]))).ravel()
    return np.sort(np.unique(whole, return_index=True)[1])


def _joined(one: Made, two: Made) -> Made:
    lengths = None if one.lengths is None or two.lengths is None else np.concatenate([one.lengths, two.lengths])
    return Made(np.concatenate([one.x, two.x]), np.concatenate([one.y, two.y]), lengths)


# -- what options of several sets mean
def samples_field(default: int = 12_000) -> Field:
    return Field("samples", "int", default, "How many sequences, all parts together.", minimum=60, maximum=50_000)


def length_field(default: int, fewest: int = 4, most: int = 400, help: str = "Steps of each sequence.") -> Field:
    return Field("length", "int", default, help, unit="steps", minimum=fewest, maximum=most)


ASKED = Field("asked", "choice", EACH, "When an answer is asked for: at each step, or after the last one alone.", choices=(EACH, LAST))


def as_asked(made: Made, options: Options) -> Made:
    """The target of the last step alone, where ``asked`` says so."""
    return made if options["asked"] == EACH else replace(made, y=made.y[:, -1])


def of_classes(
    shape: tuple[int, ...], classes: tuple[str, ...], steps: bool, tokens: tuple[str, ...] = (), names: tuple[str, ...] = ()
) -> Description:
    """A description of samples whose answers are classes: one number where there are two."""
    outputs = 1 if len(classes) == 2 else len(classes)
    return Description(shape, "classification", outputs, classes=classes, feature_names=names, tokens=tokens, steps=steps)


def of_values(
    shape: tuple[int, ...], targets: tuple[str, ...], steps: bool, names: tuple[str, ...] = (), tokens: tuple[str, ...] = ()
) -> Description:
    """A description of samples whose answers are numbers."""
    return Description(shape, "regression", len(targets), feature_names=names, target_names=targets, tokens=tokens, steps=steps)


def letters(count: int) -> tuple[str, ...]:
    """The first letters of the alphabet, small, then large."""
    return tuple("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[:count])


def digits(count: int) -> tuple[str, ...]:
    """The numbers from 0, as symbols."""
    return tuple(map(str, range(count)))
