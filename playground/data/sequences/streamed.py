"""A task on one long sequence that comes in windows: what must be remembered lies further back than a window reaches.

The windows of each part lie right behind each other, so that a layer may go on from one to the next (``Description.continued``).
"""

from __future__ import annotations

import dataclasses

import numpy as np

from playground.data.sequences.making import GROUP, Generator, length_field, letters, of_classes
from playground.data.spec import Array, Dataset, DatasetType, Description, Options, Split, frozen_split
from playground.data.splits import SEED_FIELD, split_fields
from playground.fields import Field

SILENCE = "_"


def last_signal(rng: Generator, steps: int, options: Options) -> tuple[Array, Array]:
    """x (steps,): token 0 is silence, 1 .. k the signals; y (steps,) the number of the last signal so far, from 0. The first step has one;
    from one to the next it is at least half of ``gap`` steps and at most one and a half times as many, all such numbers alike, and it is
    never the same again."""
    gap, count = options["gap"], options["signals"]
    most = steps // max(1, gap // 2) + 1
    at = np.concatenate([[0], np.cumsum(rng.integers(max(1, gap // 2), gap + gap // 2 + 1, most))])
    named = np.cumsum(np.concatenate([rng.integers(0, count, 1), rng.integers(1, count, most)])) % count
    at, named = at[at < steps], named[: (at < steps).sum()]
    x = np.zeros(steps, np.uint8)
    x[at] = named + 1
    return x, named[np.searchsorted(at, np.arange(steps), side="right") - 1].astype(np.int32)


def load(options: Options) -> Dataset:
    """Each part is a sequence of its own, that begins with a signal."""
    rng = np.random.Generator(np.random.PCG64(options["seed"]))
    shares = [max(1, round(options["samples"] * options[name])) for name in ("validation", "test")]
    validation, test = shares
    train, valid, held_out = (_windows(rng, windows, options) for windows in (options["samples"] - validation - test, validation, test))
    return Dataset(describe(options), train, valid, held_out)


def _windows(rng: Generator, windows: int, options: Options) -> Split:
    x, y = last_signal(rng, windows * options["length"], options)
    return frozen_split(x.reshape(windows, -1), y.reshape(windows, -1))


def describe(options: Options) -> Description:
    """A window of tokens, the last signal at each step."""
    signals = letters(options["signals"])
    return dataclasses.replace(of_classes((options["length"],), signals, True, (SILENCE, *signals)), continued=True)


STREAMED = (
    DatasetType(
        "last-signal",
        "Last signal",
        "One long sequence in windows: a signal now and then, and at each step the last one is asked for.",
        GROUP,
        "classification",
        describe,
        load,
        (
            Field("samples", "int", 3000, "How many windows, all parts together.", minimum=60, maximum=50_000),
            length_field(10, 2, help="Steps of each window."),
            Field("gap", "int", 40, "How many steps go from one signal to the next, on average.", unit="steps", minimum=2, maximum=1000),
            Field("signals", "int", 3, "How many different ones there are.", minimum=2, maximum=26),
            *split_fields(0.1, 0.1),
            SEED_FIELD,
        ),
    ),
)
