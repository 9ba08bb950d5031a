"""How often the worker may do what is not training: at an interval, and for a share of the time at most."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

_steady = False


@contextmanager
def steadily() -> Iterator[None]:
    """Let everything in this process go by steps alone, never by the clock: the same steps then give the same curves, checkpoints
    and picture. For stills; a window that must answer its user goes by the clock."""
    global _steady
    before, _steady = _steady, True
    try:
        yield
    finally:
        _steady = before


def is_steady() -> bool:
    """Whether the clock is left out."""
    return _steady


def slice_of(seconds: float) -> float:
    """How long a slice of work may take: ``seconds``, or as long as it wants where the clock is left out."""
    return 3600.0 if _steady else seconds


class Pacer:
    """Admits a job every ``interval`` seconds, more rarely where it costs more than ``share`` of the time."""

    def __init__(self, interval: float, share: float) -> None:
        self._interval = interval
        self._share = share
        self._next = 0.0

    @property
    def due(self) -> bool:
        return _steady or time.perf_counter() >= self._next

    @contextmanager
    def job(self) -> Iterator[None]:
        """Around the job: its duration decides when the next is due."""
        start = time.perf_counter()
        try:
            yield
        finally:
            end = time.perf_counter()
            self._next = max(start + self._interval, end + (end - start) * (1 / self._share - 1))

    def hurry(self) -> None:
        """Make the job due at once: what it shows has changed."""
        self._next = 0.0
