"""Texts that ship: English prose and drama, Chinese verse and prose, all in the public domain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from playground import paths
from playground.data.spec import Dataset, DatasetType, Description, Options
from playground.data.text import cutting, symbols
from playground.data.text.cutting import WHOLE, WINDOWS, Pieces
from playground.sentences import say

GROUP = "Text"
REMEDY = say("It ships with the program: take it from a fresh copy of the program.")


def sentences(text: str) -> list[str]:
    """Sentences of prose whose lines were broken to fit a page."""
    found = []
    for paragraph in re.split(r"\n\s*\n", text):
        line = " ".join(paragraph.split())
        found += [one for one in re.split(r"(?<=[.!?])\s+|(?<=[.!?]['\"’”)])\s+", line) if one]
    return found


def lines(text: str) -> list[str]:
    """Lines that are not empty."""
    return [line for line in map(str.strip, text.split("\n")) if line]


def poems(text: str) -> list[str]:
    """What stands between empty lines."""
    return [one.strip("\n") for one in re.split(r"\n\s*\n", text) if one.strip()]


@dataclass(frozen=True, slots=True)
class Corpus:
    """A file that ships and how it falls into samples."""

    file: str
    pieces: Pieces

    @property
    def path(self) -> Path:
        return paths.RESOURCES / "datasets" / "text" / self.file


@lru_cache(maxsize=8)
def _text(corpus: Corpus) -> str:
    return symbols.read(corpus.path, REMEDY)


@lru_cache(maxsize=32)
def _tokens(corpus: Corpus, options: tuple[tuple[str, Any], ...]) -> tuple[str, ...]:
    return cutting.tokens_of(_text(corpus), corpus.pieces, dict(options))


def _vocabulary(corpus: Corpus, options: Options) -> tuple[str, ...]:
    """Read once for each way to cut it: a document is described at every edit."""
    asked = ("unit", "form", "most", "validation", "test")
    return _tokens(corpus, tuple((name, options[name]) for name in asked))


def _describe(corpus: Corpus, options: Options) -> Description:
    return cutting.described(_vocabulary(corpus, options), options)


def _load(corpus: Corpus, options: Options) -> Dataset:
    return cutting.cut(_text(corpus), corpus.pieces, _vocabulary(corpus, options), options, str(corpus.path))


def _type(name: str, title: str, summary: str, corpus: Corpus, form: str, whole: str, longest: int) -> DatasetType:
    own = cutting.fields(form, whole, longest)
    return DatasetType(name, title, summary, GROUP, "classification", partial(_describe, corpus), partial(_load, corpus), own)


TEXTS = (
    _type(
        "alice",
        "Alice in Wonderland",
        "148,000 characters of English: Lewis Carroll's tale, to be continued letter by letter.",
        Corpus("en_alice.txt", sentences),
        WINDOWS,
        "each sentence",
        200,
    ),
    _type(
        "as-you-like-it",
        "As You Like It",
        "125,000 characters of English: Shakespeare's comedy.",
        Corpus("en_asyoulik.txt", lines),
        WINDOWS,
        "each line",
        80,
    ),
    _type(
        "quatrains",
        "Tang quatrains",
        "2,312 Chinese quatrains of seven characters a line: their form is learned in half a minute.",
        Corpus("zh_jueju7.txt", lines),
        WHOLE,
        "each poem",
        32,
    ),
    _type(
        "quatrains-5",
        "Tang quatrains of five",
        "1,120 Chinese quatrains of five characters a line.",
        Corpus("zh_jueju5.txt", lines),
        WHOLE,
        "each poem",
        24,
    ),
    _type(
        "tang-300",
        "Tang poems",
        "320 Chinese poems with title and author; 2,582 different characters are too many to learn from so few.",
        Corpus("zh_tang300.txt", poems),
        WINDOWS,
        "each poem",
        120,
    ),
    _type(
        "analects",
        "Analects",
        "The Analects of Confucius, 22,000 characters of classical Chinese.",
        Corpus("zh_lunyu.txt", lines),
        WINDOWS,
        "each paragraph",
        120,
    ),
)
