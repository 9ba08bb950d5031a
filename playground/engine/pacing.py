"""How often the worker may do what is not training: at an interval, and for a share of the time at most."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Pacer:
    """Admits a job every ``interval`` seconds, more rarely where it costs more than ``share`` of the time."""

    def __init__(self, interval: float, share: float) -> None:
        self._interval = interval
        self._share = share
        self._next = 0.0

    @property
    def due(self) -> bool:
        return time.perf_counter() >= self._next

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
