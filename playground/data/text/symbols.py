"""Text as symbols: characters or words, how each is shown, and which there are.

A symbol is known by how it is shown: a space (of whatever width) is "␣", a new line "⏎", a tab "⇥"; what else cannot be printed shows its
number. Words keep their letters as they are; each Chinese character, and each mark, is a word by itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from playground.data.files import opened
from playground.data.spec import Array
from playground.errors import DataError
from playground.sentences import say
from playground.turns import give_way

CHARACTERS, WORDS = "characters", "words"
UNITS = (CHARACTERS, WORDS)
UNKNOWN, START, END = "□", "▷", "■"
MARKS = (UNKNOWN, START, END)
"""Numbers 0, 1 and 2 of every vocabulary: what training never showed, and where a sample begins and ends."""
LARGEST = 32 << 20
LONGEST_WORD, PIECE = 60, 1 << 13
SHOWN = {" ": "␣", "\n": "⏎", "\t": "⇥", "\u00a0": "␣", "\u3000": "␣"}
MEANT = {"␣": " ", "⏎": "\n", "⇥": "\t"}
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_HAN}]|[^\W{_HAN}]+(?:['’][^\W{_HAN}]+)*|[^\w\s]|\n")


def read(path: Path, remedy: str) -> str:
    """A UTF-8 text of at most :data:`LARGEST` bytes, its lines ended by "\\n" alone.

    Raises :class:`DataError` with line and byte where it is none, and on a file that is missing, empty or too large.
    """
    with opened(path, remedy) as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise DataError(say("expected at most {largest:,} bytes, got more.", largest=LARGEST), where=str(path), remedy="Take a part of it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(
            say("expected UTF-8 text, but byte {start:,} (0x{content:02x}) is none.", start=error.start, content=content[error.start]),
            where=say("{path}, line {line:,}", path=path, line=line),
            remedy="Save it as UTF-8.",
        ) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise DataError("expected text, got nothing.", where=str(path), remedy=remedy)
    return text


def shown(character: str) -> str:
    """How a character is shown, and known by."""
    if character in SHOWN:
        return SHOWN[character]
    return character if character.isprintable() else f"\\{ord(character):x}"


def split(text: str, unit: str) -> list[str]:
    """The symbols of ``text`` as they are shown."""
    if unit == CHARACTERS:
        there = set[str]().union(*map(set, pieces(text)))
        table = {one: shown(one) for one in there if shown(one) != one}
        return [table.get(one, one) for piece in pieces(text) for one in piece]
    words = (match.group() for match in _WORD.finditer(text))
    return [shown(word) if len(word) == 1 else word[:LONGEST_WORD] for word in words]


def pieces(text: str) -> Iterator[str]:
    """``text``, a few thousand characters at a time: one call of the library over all of it keeps the interpreter for as long."""
    for at in range(0, len(text), PIECE):
        give_way()
        yield text[at : at + PIECE]


def joined(symbols: Iterable[str], unit: str) -> str:
    """Text of ``symbols``: of words, with a blank where one is usual. Marks are left out."""
    pieces = [MEANT.get(symbol, symbol) for symbol in symbols if symbol not in (START, END)]
    if unit == CHARACTERS:
        return "".join(pieces)
    text = ""
    for piece in pieces:
        tight = not text or not re.match(rf"[^\W{_HAN}]|[(\[“‘]", piece) or text[-1] in "\n([“‘" or re.match(f"[{_HAN}]", text[-1])
        text += piece if tight else f" {piece}"
    return text


def vocabulary(symbols: Iterable[str], most: int | None = None) -> tuple[str, ...]:
    """The marks, then the symbols there are: all in order of their code points, or the ``most`` frequent (the first of equals)."""
    counts, left = Counter[str](), iter(symbols)
    while piece := list(islice(left, PIECE)):
        give_way()
        counts.update(piece)
    for mark in MARKS:
        counts.pop(mark, None)
    if most is None or len(counts) <= most:
        return (*MARKS, *sorted(counts))
    return (*MARKS, *sorted(symbol for symbol, _ in counts.most_common(most)))


def numbers_of(tokens: tuple[str, ...]) -> dict[str, int]:
    """The number of each token."""
    return {token: number for number, token in enumerate(tokens)}


def numbered(symbols: Iterable[str], numbers: dict[str, int]) -> Array:
    """int32 numbers of ``symbols``; those that are no token are the unknown one, 0."""
    made, left = [np.zeros(0, np.int32)], iter(symbols)
    while piece := list(islice(left, PIECE)):
        give_way()
        made.append(np.fromiter((numbers.get(symbol, 0) for symbol in piece), np.int32, len(piece)))
    return np.concatenate(made)
