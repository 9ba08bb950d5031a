"""Data sets for pictures: loaded in a background job, kept for the last few settings. The window never waits for one."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from functools import partial

import msgspec
from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from playground.data import Dataset
from playground.document import DataSettings
from playground.document.drawing import load_data
from playground.errors import PlaygroundError
from playground.ui import aside

KEPT = 3
_all: weakref.WeakSet[Datasets] = weakref.WeakSet()


def forget_failures() -> None:
    """Try again what could not be had: a data set has been fetched."""
    for datasets in list(_all):
        if isValid(datasets):  # its window may be closed
            datasets.retry()


def forget(name: str) -> None:
    """Ask anew for data set ``name``: its files have been read again."""
    for datasets in list(_all):
        if isValid(datasets):
            datasets.drop(name)


def _loaded(settings: DataSettings) -> Dataset | None:
    try:
        return load_data(settings)
    except PlaygroundError:  # the worker and the document's check report it; here there is just no picture
        return None


class Datasets(QObject):
    """``get`` gives what is there and begins to load what is not; ``loaded`` tells when it has come."""

    loaded = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kept: OrderedDict[bytes, Dataset | None] = OrderedDict()
        self._pending: dict[bytes, bytes] = {}
        self._variants: dict[bytes, bytes] = {}  # of each set without its drawings the key of the one kept
        _all.add(self)

    def get(self, settings: DataSettings) -> Dataset | None:
        """The data set of ``settings``, or ``None`` while it is on its way or cannot be had. While drawings are added to it or removed,
        as it was before."""
        if not settings.name:
            return None
        key = msgspec.json.encode(settings)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        plain = msgspec.json.encode(msgspec.structs.replace(settings, drawings=()))
        if key not in self._pending:
            self._pending[key] = plain
            aside.run(self, partial(_loaded, settings), partial(self._arrived, key), partial(self._arrived, key, None))
        return self._kept.get(self._variants.get(plain, b""))

    def retry(self) -> None:
        """Load anew, when next asked, what could not be loaded."""
        self._kept = OrderedDict((key, dataset) for key, dataset in self._kept.items() if dataset is not None)
        self.loaded.emit()

    def drop(self, name: str) -> None:
        """Forget what is kept of data set ``name``."""
        self._kept = OrderedDict((key, kept) for key, kept in self._kept.items() if msgspec.json.decode(key).get("name") != name)
        self._variants = {key: of for key, of in self._variants.items() if of in self._kept}

    def _arrived(self, key: bytes, dataset: Dataset | None) -> None:
        plain = self._pending.pop(key, key)
        before = self._variants.get(plain)
        if before is not None and before != key:
            self._kept.pop(before, None)
        self._kept[key], self._variants[plain] = dataset, key
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.loaded.emit()
