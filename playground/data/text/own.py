"""A text of the user's own: any UTF-8 file, read whole, by characters or words."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

from playground.data.spec import Dataset, Description, Options, Progress
from playground.data.text import cutting, symbols
from playground.data.text.corpora import lines
from playground.errors import DataError
from playground.fields import LONGEST_TEXT, MOST_NAMES, Field
from playground.sentences import say

ENDINGS = frozenset({".txt", ".text", ".md"})
AGAIN = say("Choose the file again.")
MOST_CHARACTERS = LONGEST_TEXT
MOST_WORDS = MOST_NAMES - len(symbols.MARKS)

FIELDS = (
    Field("path", "text", "", "The file.", found=True),
    Field("characters", "text", "", "The characters that its training part has.", found=True),
    Field("words", "names", (), "Its most frequent words.", found=True),
    *(field for field in cutting.fields(cutting.WINDOWS, "each line", 120) if field.name != "most"),
)


def inspect(path: Path) -> dict[str, Any]:
    """The options of a text: the characters and the words of its training part, the most frequent ones if there are very many."""
    text = symbols.read(path, AGAIN)
    train = str(cutting.parts(text, {field.name: field.default for field in FIELDS})[0])
    marks = len(symbols.MARKS)
    names = {ord(one): name for one, name in symbols.SHOWN.items()}
    characters = symbols.vocabulary(chain.from_iterable(piece.translate(names) for piece in symbols.pieces(train)), MOST_CHARACTERS)
    words = symbols.vocabulary(symbols.split(train, symbols.WORDS), MOST_WORDS)
    return {"path": str(path), "characters": "".join(one for one in characters[marks:] if one.isprintable()), "words": words[marks:]}


def _tokens(options: Options) -> tuple[str, ...]:
    if not options["path"]:
        raise DataError("no file is chosen.", where="data", remedy=AGAIN)
    return (*symbols.MARKS, *(options["characters"] if options["unit"] == symbols.CHARACTERS else options["words"]))


def describe(options: Options) -> Description:
    """What the document says: nothing is read."""
    return cutting.described(_tokens(options), options)


def load(options: Options, progress: Progress | None = None) -> Dataset:
    """Read and cut the text. Raises :class:`DataError` on one that is missing, no UTF-8, too large, or too short."""
    tokens = _tokens(options)
    if progress is not None:
        progress(0, 1)
    return cutting.cut(symbols.read(Path(options["path"]), AGAIN), lines, tokens, options, options["path"])
