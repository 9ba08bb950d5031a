"""Waves: the next value of a sine, and of the mean of two whose frequencies have no common measure."""

from __future__ import annotations

import numpy as np

from playground.data.sequences.making import (
    ASKED,
    EACH,
    Generator,
    Made,
    as_asked,
    length_field,
    of_values,
    samples_field,
    sequences,
)  # fmt: skip
from playground.data.spec import Array, Description, Options
from playground.fields import Field

STEP = 0.2
"""Radians from one value to the next, of frequency 1."""


def sine(rng: Generator, n: int, options: Options) -> Made:
    """sin(p + 0.2 f t), p U(0, 2 pi), plus N(0, noise^2); y[t] = x[t + 1]. Saying the same again errs by 2 sin^2(0.1 f) in the mean
    square (0.0199); the first step cannot tell up from down: at best sin^2(0.2 f) / 2 there (0.0197)."""
    return as_asked(_next(_wave(rng, n, options["length"], options["frequency"]), rng, options), options)


def sines(rng: Generator, n: int, options: Options) -> Made:
    """The mean of sin(0.2 t + p) and sin(0.2 f t + q), f = 2.3 by default; of variance 1/4, same again errs by 0.0309. Four values must
    be known before the next one is."""
    both = [_wave(rng, n, options["length"], f) for f in (1.0, options["frequency"])]
    return as_asked(_next((both[0] + both[1]) / 2, rng, options), options)


def _wave(rng: Generator, n: int, length: int, frequency: float) -> Array:
    wave: Array = np.sin(rng.uniform(0, 2 * np.pi, (n, 1)) + STEP * frequency * np.arange(length + 1))
    return wave


def _next(values: Array, rng: Generator, options: Options) -> Made:
    noisy = (values + rng.normal(0, 1, values.shape) * options["noise"]).astype(np.float32)
    return Made(noisy[:, :-1, None], noisy[:, 1:, None])


def _describe(options: Options) -> Description:
    return of_values((options["length"], 1), ("next",), options["asked"] == EACH, ("value",))


_NOISE = Field("noise", "float", 0.0, "How far each value strays.", minimum=0.0, maximum=0.5)


def _frequency(default: float, help: str) -> Field:
    return Field("frequency", "float", default, help, minimum=0.1, maximum=10.0)


WAVES = (
    sequences(
        "sine",
        "Sine",
        "The next value of a wave that begins anywhere.",
        sine,
        _describe,
        samples_field(2000),
        length_field(50),
        _frequency(1.0, "At 1, a whole wave takes 31 steps."),
        _NOISE,
        ASKED,
        task="regression",
    ),
    sequences(
        "sines",
        "Two sines",
        "The mean of two waves that never repeat together.",
        sines,
        _describe,
        samples_field(2000),
        length_field(100),
        _frequency(2.3, "Of the second wave; the first has 1."),
        _NOISE,
        ASKED,
        task="regression",
    ),
)
