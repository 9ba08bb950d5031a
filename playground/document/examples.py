"""The examples that ship: documents in ``resources/examples``, each with the promise it is tested by."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path

from playground import paths
from playground.document.codec import decode
from playground.document.model import Document
from playground.errors import FileError

ORDER = (
    "and", "or", "xor", "salary", "circle", "spiral", "moons", "iris", "digits", "mnist-mlp", "mnist-tutorial",
    "edges", "diagonal", "one-conv", "lenet5", "modern", "residual", "shifted-mlp", "shifted-cnn", "digits-0-4", "transfer",
    "counting", "next-number", "echo", "parity", "hello", "temporal-order-rnn", "temporal-order", "adding-rnn", "adding-lstm", "copy",
    "anbn", "embedded-reber", "last-signal", "fill-in", "deep-rnn", "mnist-rows", "sine", "sunspots-mlp", "sunspots-lstm", "sunspots",
    "addition", "reversal", "alice", "quatrains",
)  # fmt: skip


def folder() -> Path:
    return paths.RESOURCES / "examples"


@cache
def example_names() -> tuple[str, ...]:
    """The names of the examples there are, the well-known ones first, in the order of a course."""
    there = sorted(path.stem for path in folder().glob("*.json"))
    return tuple(sorted(there, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name)))


def example(name: str) -> Document:
    """The example called ``name``; raise :class:`FileError` that lists the names there are."""
    if not isinstance(name, str) or name not in example_names():
        close = difflib.get_close_matches(str(name).lower(), example_names(), n=1)
        guess = f"Did you mean {close[0]}? " if close else ""
        raise FileError(f"there is no example {name!r}.", remedy=f"{guess}There are {', '.join(example_names()) or 'none'}.")
    return _read(name)


@cache
def _read(name: str) -> Document:
    path = folder() / f"{name}.json"
    return decode(path.read_bytes(), str(path))


def examples() -> dict[str, Document]:
    """All examples by name."""
    return {name: example(name) for name in example_names()}
