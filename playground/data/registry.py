"""All data sets by name."""

from __future__ import annotations

import difflib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from playground import fields
from playground.data.generated import GENERATED
from playground.data.images import IMAGES
from playground.data.lessons import LESSONS
from playground.data.own import OWN
from playground.data.sequences import SEQUENCES, STREAMED
from playground.data.series import SERIES
from playground.data.spec import Dataset, DatasetType, Description, Progress
from playground.data.tables import TABLES
from playground.data.text import TEXTS
from playground.data.toys import TOYS
from playground.errors import DataError
from playground.sentences import say

KEPT = 3
KEPT_BYTES = 3 << 29
"""What all kept data sets may take together, 1.5 GB; the one asked for last is kept in any case."""

WAIT_SECONDS = 0.1
_TYPES = {kind.name: kind for kind in (*LESSONS, *TOYS, *TABLES, *IMAGES, *GENERATED, *SEQUENCES, *STREAMED, *SERIES, *TEXTS, *OWN)}
_Key = tuple[str, tuple[tuple[str, Any], ...]]


class _Loading:
    """One being loaded: held by who does it, with how far that is."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.at = (0, 1)


class _Kept:
    """The data sets loaded last. Who asks for one that another thread is loading waits for it, told of that one's progress."""

    def __init__(self) -> None:
        self._sets: OrderedDict[_Key, Dataset] = OrderedDict()
        self._loading: dict[_Key, _Loading] = {}
        self._lock = threading.Lock()

    def get(self, key: _Key, progress: Progress | None) -> Dataset:
        with self._lock:
            loading = self._loading.setdefault(key, _Loading())
        while not loading.lock.acquire(timeout=WAIT_SECONDS):
            if progress is not None:
                progress(*loading.at)
        try:
            with self._lock:
                if key in self._sets:
                    self._sets.move_to_end(key)
                    return self._sets[key]
            loaded = self._load(key, loading, progress)
            with self._lock:
                self._sets[key] = loaded
                while len(self._sets) > KEPT or (len(self._sets) > 1 and sum(map(_bytes, self._sets.values())) > KEPT_BYTES):
                    self._sets.popitem(last=False)
            return loaded
        finally:
            loading.lock.release()
            with self._lock:
                if not loading.lock.locked():
                    self._loading.pop(key, None)

    def _load(self, key: _Key, loading: _Loading, progress: Progress | None) -> Dataset:
        kind, options = _TYPES[key[0]], dict(key[1])
        if not kind.own:
            return kind.loader(options)

        def report(done: int, total: int) -> None:
            loading.at = done, total
            if progress is not None:
                progress(done, total)

        return kind.loader(options, report)

    def forget(self, name: str) -> None:
        with self._lock:
            for key in [key for key in self._sets if key[0] == name]:
                del self._sets[key]


_kept = _Kept()


def _bytes(dataset: Dataset) -> int:
    parts = {id(split): split for split in (dataset.train, dataset.validation, dataset.test)}
    return sum(split.x.nbytes + split.y.nbytes + (0 if split.lengths is None else split.lengths.nbytes) for split in parts.values())


def names() -> tuple[str, ...]:
    """The names of all data sets, in the palette's order."""
    return tuple(_TYPES)


def get(name: str) -> DatasetType:
    """The data set called ``name``; a :class:`DataError` lists the names there are and guesses which was meant."""
    if isinstance(name, str) and name in _TYPES:
        return _TYPES[name]
    close = difflib.get_close_matches(str(name).lower(), _TYPES, n=1)
    guess = say(" Did you mean {close!r}?", close=close[0]) if close else ""
    raise DataError(
        say("there is no data set {name!r}.", name=name),
        where="data",
        remedy=say("There are {types}.{guess}", types=", ".join(_TYPES), guess=guess),
    )


def describe(name: str, **options: Any) -> Description:
    """What is known of the data set without loading it. Bad options are a :class:`~playground.errors.FieldError`."""
    kind = get(name)
    return kind.describer(fields.complete(kind.fields, options, f"data.options ({name})"))


def load(name: str, **options: Any) -> Dataset:
    """The data set itself; the same options give the same bytes. The last few are kept, so arrays are read-only.

    Raises :class:`DataError` when a file is missing or damaged, :class:`~playground.errors.FieldError` on a bad option.
    """
    return load_watched(name, options)


def load_watched(name: str, options: Mapping[str, Any], progress: Progress | None = None) -> Dataset:
    """:func:`load`, told of its ``progress`` where it reads files of the user's own."""
    kind = get(name)
    complete = fields.complete(kind.fields, options, f"data.options ({name})")
    return _kept.get((name, tuple(complete.items())), progress)


def forget(name: str) -> None:
    """Read data set ``name`` anew when it is next asked for: its files may have changed."""
    _kept.forget(name)
