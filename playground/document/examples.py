"""The examples that ship: documents in ``resources/examples``, each with the promise it is tested by."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path

from playground import paths
from playground.document.codec import decode
from playground.document.model import Document
from playground.errors import FileError
from playground.sentences import say

COURSE = {
    "Perceptron": ("and", "or", "salary"),
    "MLP": ("xor", "circle", "spiral", "moons", "iris", "digits", "mnist-mlp", "mnist-tutorial"),
    "CNN": (
        *("edges", "diagonal", "one-conv", "lenet5", "modern", "residual", "shifted-mlp", "shifted-cnn"),
        *("digits-0-4", "transfer"),
    ),
    "Sequences": (
        *("counting", "next-number", "echo", "parity", "hello", "temporal-order-rnn", "temporal-order", "adding-rnn", "adding-lstm"),
        *("copy", "anbn", "embedded-reber", "last-signal", "fill-in", "deep-rnn", "mnist-rows"),
    ),
    "Series": ("sine", "sunspots-mlp", "sunspots-lstm", "sunspots"),
    "Sequence to sequence": ("addition", "reversal"),
    "Text": ("alice", "quatrains"),
}
"""The chapters of the course, and the examples of each in order."""
MORE = "More"
"""The chapter of an example that no other one lists."""


def folder() -> Path:
    return paths.RESOURCES / "examples"


@cache
def example_names() -> tuple[str, ...]:
    """The names of the examples there are, the well-known ones first, in the order of a course."""
    there = sorted(path.stem for path in folder().glob("*.json"))
    order = [name for names in COURSE.values() for name in names]
    return tuple(sorted(there, key=lambda name: (order.index(name) if name in order else len(order), name)))


def chapter(name: str) -> str:
    """Where in the course the example ``name`` stands; :data:`MORE` for one that it does not list."""
    return next((chapter for chapter, names in COURSE.items() if name in names), MORE)


def example(name: str) -> Document:
    """The example called ``name``; raise :class:`FileError` that lists the names there are."""
    if not isinstance(name, str) or name not in example_names():
        close = difflib.get_close_matches(str(name).lower(), example_names(), n=1)
        guess = say("Did you mean {close}? ", close=close[0]) if close else ""
        raise FileError(
            say("there is no example {name!r}.", name=name),
            remedy=say("{guess}There are {example_names}.", guess=guess, example_names=", ".join(example_names()) or say("none")),
        )
    return _read(name)


@cache
def _read(name: str) -> Document:
    path = folder() / f"{name}.json"
    remedy = "The file came with the program: put it back as it came. The other examples can be used all the same."
    try:
        return decode(path.read_bytes(), str(path))
    except FileError as error:
        raise FileError(error.message, where=error.where, remedy=remedy) from error
    except OSError as error:
        raise FileError(say("cannot be read: {reason}.", reason=error.strerror), where=str(path), remedy=remedy) from error


def examples() -> dict[str, Document]:
    """All examples by name, but those that :func:`damaged_examples` has."""
    return _all()[0].copy()


def damaged_examples() -> dict[str, FileError]:
    """What is the matter with each example whose file is no document: one of them keeps no other from being used."""
    return _all()[1].copy()


@cache
def _all() -> tuple[dict[str, Document], dict[str, FileError]]:
    read: dict[str, Document] = {}
    damaged: dict[str, FileError] = {}
    for name in example_names():
        try:
            read[name] = _read(name)
        except FileError as error:
            damaged[name] = error
    return read, damaged
