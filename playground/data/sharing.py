"""From arrays that were read to a data set: shared out among the three parts, which keep what the files themselves set apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from playground.data.spec import Array, Dataset, Description, Options, frozen_split
from playground.data.splits import SEED_FIELD, share_out, split_fields
from playground.errors import DataError
from playground.sentences import say

LARGEST = 1 << 30
"""Most bytes of samples that are read from files of the user's own; sharing them out takes as much again for a moment."""
FEWEST = 6
SPLIT_FIELDS = (*split_fields(0.15, 0.15), SEED_FIELD)

Pair = tuple[Array, Array]


@dataclass(frozen=True, slots=True)
class Parts:
    """What files hold: samples with their answers; ``validation`` and ``test`` where the files set them apart."""

    train: Pair
    validation: Pair | None = None
    test: Pair | None = None


def shared(
    description: Description, parts: Parts, options: Options, where: str, scale: float = 1.0, notes: tuple[str, ...] = ()
) -> Dataset:
    """The data set of ``parts``: what they lack is drawn from ``train`` by the options ``validation``, ``test`` and ``seed``.

    Raises :class:`DataError` where there are too few samples for that.
    """
    x, y = parts.train
    if len(x) < FEWEST:
        raise DataError(
            say("expected at least {fewest} samples to train on, got {x}.", fewest=FEWEST, x=len(x)), where=where, remedy="Add some."
        )
    rng = np.random.Generator(np.random.PCG64(options["seed"]))
    if parts.validation is None or parts.test is None:
        first, second, third = share_out(y, options["validation"], options["test"], rng)
        kept = [first, *([second] if parts.validation is not None else []), *([third] if parts.test is not None else [])]
        order = np.concatenate(kept) if len(kept) > 1 else first
        train = frozen_split(x[order], y[order])
        validation = frozen_split(*parts.validation) if parts.validation is not None else frozen_split(x[second], y[second])
        test = frozen_split(*parts.test) if parts.test is not None else frozen_split(x[third], y[third])
    else:
        order = rng.permutation(len(x))
        train, validation, test = frozen_split(x[order], y[order]), frozen_split(*parts.validation), frozen_split(*parts.test)
    return Dataset(description, train, validation, test, scale=scale, notes=notes)


def numbered(labels: Array, classes: tuple[str, ...], where: str) -> Array:
    """int32 numbers of ``labels`` (N,), whole numbers whose names are ``classes``.

    Raises :class:`DataError` on a label that is none of them: the files are not those that were chosen.
    """
    known = np.array([int(name) for name in classes])
    place = np.clip(np.searchsorted(known, labels), 0, len(known) - 1)
    wrong = known[place] != labels
    if wrong.any():
        got = labels[wrong][0]
        raise DataError(
            say("expected the classes {classes}, got {got}.", classes=_listed(classes), got=got),
            where=where,
            remedy="Choose the files again.",
        )
    return place.astype(np.int32)


def class_names(labels: Array, where: str) -> tuple[str, ...]:
    """The names of the classes that whole-number ``labels`` mean. Raises :class:`DataError` on fewer than two, and on far too many."""
    found = np.unique(labels)
    if len(found) < 2:
        raise DataError(
            say("expected labels of at least two classes, got {found}.", found=len(found)),
            where=where,
            remedy="One class alone cannot be told.",
        )
    if len(found) > 1000:
        raise DataError(
            say("expected labels of at most 1,000 classes, got {found:,}.", found=len(found)), where=where, remedy="Are these labels?"
        )
    return tuple(str(int(label)) for label in found)


def outputs_of(classes: tuple[str, ...]) -> int:
    """How many numbers a network must give for so many classes."""
    return 1 if len(classes) == 2 else len(classes)


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:6])
    return say("{shown} ... ({count} in all)", shown=shown, count=len(names)) if len(names) > 6 else shown
