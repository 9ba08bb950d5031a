"""What passes between two threads without a lock: a latest-wins slot one way, a queue that is emptied at once the other."""

from __future__ import annotations

import queue
from collections import deque
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Holds at most one value. Any thread may put, any thread may take; neither ever waits.

    ``deque.append`` on a full ``maxlen=1`` deque and ``deque.popleft`` are single, atomic operations of the interpreter.
    """

    def __init__(self) -> None:
        self._slot: deque[T] = deque(maxlen=1)

    def put(self, value: T) -> None:
        """Leave ``value``, in place of one that nobody took."""
        self._slot.append(value)

    def take(self) -> T | None:
        """The value left last, once; ``None`` when there is none."""
        try:
            return self._slot.popleft()
        except IndexError:
            return None

    @property
    def empty(self) -> bool:
        """Whether the last value was taken."""
        return not self._slot


def drained(waiting: queue.SimpleQueue[T]) -> list[T]:
    """All that waits in the queue now, in order."""
    found = []
    with suppress(queue.Empty):
        while True:
            found.append(waiting.get_nowait())
    return found
