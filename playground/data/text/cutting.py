"""A text cut into samples: windows of a long text, or whole lines, sentences and poems with marks at both ends.

The target at each step is the next symbol, so a sample of T steps takes T + 1 symbols. The first part of the text is for training, the
next for validation, the last for the test; the vocabulary is the training part's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from playground.data.sharing import LARGEST
from playground.data.spec import Array, Dataset, Description, Options, Split, frozen_split
from playground.data.text import symbols
from playground.errors import DataError
from playground.fields import Field
from playground.sentences import say

WINDOWS, WHOLE = "windows", "whole"
FORMS = (WINDOWS, WHOLE)
Pieces = Callable[[str], list[str]]
"""From a text to its lines, sentences or poems."""


def form_field(default: str, whole: str) -> Field:
    return Field("form", "choice", default, f"Windows of the running text, or {whole} with a mark at its beginning and end.", choices=FORMS)


def fields(form: str, whole: str, longest: int, length: int = 64, most: int = 500) -> tuple[Field, ...]:
    """How a text is cut, with its own defaults; ``whole`` says what a sample is that is no window."""
    return (
        Field("unit", "choice", symbols.CHARACTERS, "What a step is.", choices=symbols.UNITS),
        form_field(form, whole),
        Field("length", "int", length, "Steps of a window.", unit="steps", minimum=2, maximum=500, shown_when=("form", (WINDOWS,))),
        Field(
            "stride",
            "int",
            None,
            "How many steps after one window the next one begins, in training; empty: where it ends.",
            unit="steps",
            minimum=1,
            maximum=500,
            optional=True,
            empty="its length",
            shown_when=("form", (WINDOWS,)),
        ),
        Field(
            "longest", "int", longest, "Longer ones are left out.", label="Longest sample", unit="steps", minimum=2, maximum=500,
            shown_when=("form", (WHOLE,)),
        ),
        Field(
            "most",
            "int",
            most,
            "So many words are known, the most frequent ones; the others are one unknown word.",
            label="Words known",
            minimum=10,
            maximum=5000,
            shown_when=("unit", (symbols.WORDS,)),
        ),
        Field("validation", "float", 0.05, "Share of the text kept for validation, before the test's.", minimum=0.02, maximum=0.45),
        Field("test", "float", 0.1, "Share of the text kept for the test: its end.", minimum=0.02, maximum=0.45),
    )  # fmt: skip


def parts(sequence: Sequence[str], options: Options) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """``sequence`` (characters, or whole samples) cut in time: training, validation, test."""
    count = len(sequence)
    test = count - max(1, round(count * options["test"]))
    validation = test - max(1, round(count * options["validation"]))
    return sequence[:validation], sequence[validation:test], sequence[test:]


def tokens_of(text: str, pieces: Pieces, options: Options) -> tuple[str, ...]:
    """The vocabulary that training knows."""
    words = options["unit"] == symbols.WORDS
    train = parts(text, options)[0] if options["form"] == WINDOWS else (" " if words else "").join(parts(pieces(text), options)[0])
    if words:
        return symbols.vocabulary(symbols.split(str(train), options["unit"]), options["most"])
    return symbols.vocabulary(symbols.split("".join(set(train)), options["unit"]))  # each once: a window waits for it


def described(tokens: tuple[str, ...], options: Options) -> Description:
    """A sample is T numbers of tokens, and so is what is asked."""
    steps = options["length"] if options["form"] == WINDOWS else options["longest"] + 1
    continued = options["form"] == WINDOWS and options["stride"] in (None, steps)
    to_continue = () if continued else (("form", WINDOWS), ("stride", None))
    return Description(
        (steps,), "classification", len(tokens), classes=tokens, tokens=tokens, steps=True, continued=continued, to_continue=to_continue
    )


def cut(text: str, pieces: Pieces, tokens: tuple[str, ...], options: Options, where: str) -> Dataset:
    """The data set of ``text``. What training never shows is not asked for in validation and test, which is noted. Raises
    :class:`DataError` where a part of the text is too short for one sample."""
    description = described(tokens, options)
    notes: list[str] = []
    steps, numbers = description.input_shape[0], symbols.numbers_of(tokens)

    def numbered(part: Any) -> Array:
        return symbols.numbered(symbols.split(str(part), options["unit"]), numbers)

    if options["form"] == WINDOWS:
        strides = options["stride"] or steps, steps, steps
        streams = zip(parts(text, options), strides, strict=True)
        made = [_windows(numbered(part), steps, stride, tokens, where) for part, stride in streams]
    else:
        whole = [[numbered(piece) for piece in part] for part in parts(pieces(text), options)]
        kept = [[one for one in part if 0 < len(one) < steps] for part in whole]
        count, left = sum(map(len, whole)), sum(map(len, kept))
        if left < count:
            notes.append(
                say(
                    "{out:,} of {count:,} samples are longer than {most} steps and were left out.",
                    out=count - left,
                    count=count,
                    most=steps - 1,
                )
            )
        made = [_marked(part, steps, tokens, where) for part in kept]
    strange = sum(int((split.y == 0).sum()) for split in made[1:])
    if strange and not (made[0].y == 0).any():
        notes.append(say("{strange:,} symbols of validation and test do not occur in training; they are not asked for.", strange=strange))
        made[1:] = [frozen_split(split.x, np.where(split.y == 0, np.int32(-1), split.y), split.lengths) for split in made[1:]]
    train, validation, test = made
    return Dataset(description, train, validation, test, notes=tuple(notes))


def _type(tokens: tuple[str, ...]) -> type[np.generic]:
    return np.uint8 if len(tokens) <= 256 else np.float32


def _windows(stream: Array, steps: int, stride: int, tokens: tuple[str, ...], where: str) -> Split:
    """Windows of ``stream`` (n,) that begin every ``stride`` symbols."""
    if len(stream) <= steps:
        raise DataError(
            say("expected more than {steps:,} symbols in each part of the text, got {stream:,}.", steps=steps, stream=len(stream)),
            where=where,
            remedy="Take a longer text or shorter windows.",
            options=("length",),
        )
    both = np.lib.stride_tricks.sliding_window_view(stream, steps + 1)[::stride]
    if both.size * 8 > LARGEST:
        raise DataError(
            say("expected windows of at most {largest:,} bytes, got more.", largest=LARGEST),
            where=where,
            remedy="Let them begin farther apart.",
            options=("stride",),
        )
    return frozen_split(both[:, :-1].astype(_type(tokens)), both[:, 1:])


def _marked(samples: list[Array], steps: int, tokens: tuple[str, ...], where: str) -> Split:
    """Each sample between its marks, padded to ``steps``."""
    if not samples:
        raise DataError(
            "a part of the text has no sample short enough.",
            where=where,
            remedy="Allow longer ones, or take windows.",
            options=("longest", "form"),
        )
    if len(samples) * steps * 8 > LARGEST:
        raise DataError(
            say("expected samples of at most {largest:,} bytes, got more.", largest=LARGEST),
            where=where,
            remedy="Allow less long ones.",
            options=("longest",),
        )
    start, end = symbols.MARKS.index(symbols.START), symbols.MARKS.index(symbols.END)
    x, y = np.zeros((len(samples), steps), _type(tokens)), np.full((len(samples), steps), -1, np.int32)
    lengths = np.array([len(one) + 1 for one in samples], np.int32)
    for row, one in enumerate(samples):
        x[row, 0], x[row, 1 : len(one) + 1] = start, one
        y[row, : len(one)], y[row, len(one)] = one, end
    return frozen_split(x, y, lengths if (lengths < steps).any() else None)


def bits(loss: float, characters_a_step: float = 1.0) -> float:
    """Bits per character of a mean cross-entropy in nats per step; of words, tell how many characters a step stands for."""
    return loss / math.log(2) / characters_a_step
