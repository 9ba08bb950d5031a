"""All data sets by name."""

from __future__ import annotations

import difflib
from functools import lru_cache
from typing import Any

from playground import fields
from playground.data.images import IMAGES
from playground.data.lessons import LESSONS
from playground.data.spec import Dataset, DatasetType, Description
from playground.data.tables import TABLES
from playground.data.toys import TOYS
from playground.errors import DataError

_TYPES = {kind.name: kind for kind in (*LESSONS, *TOYS, *TABLES, *IMAGES)}


def names() -> tuple[str, ...]:
    """The names of all data sets, in the palette's order."""
    return tuple(_TYPES)


def get(name: str) -> DatasetType:
    """The data set called ``name``; a :class:`DataError` lists the names there are and guesses which was meant."""
    if isinstance(name, str) and name in _TYPES:
        return _TYPES[name]
    close = difflib.get_close_matches(str(name).lower(), _TYPES, n=1)
    guess = f" Did you mean {close[0]!r}?" if close else ""
    raise DataError(f"there is no data set {name!r}.", where="data", remedy=f"There are {', '.join(_TYPES)}.{guess}")


def describe(name: str, **options: Any) -> Description:
    """What is known of the data set without loading it. Bad options are a :class:`~playground.errors.FieldError`."""
    kind = get(name)
    return kind.describer(fields.complete(kind.fields, options, f"data.options ({name})"))


def load(name: str, **options: Any) -> Dataset:
    """The data set itself; the same options give the same bytes. The last few are kept, so arrays are read-only.

    Raises :class:`DataError` when a file is missing or damaged, :class:`~playground.errors.FieldError` on a bad option.
    """
    kind = get(name)
    complete = fields.complete(kind.fields, options, f"data.options ({name})")
    return _load(name, tuple(complete.items()))


@lru_cache(maxsize=3)
def _load(name: str, options: tuple[tuple[str, Any], ...]) -> Dataset:
    return _TYPES[name].loader(dict(options))
