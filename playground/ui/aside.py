"""Short work aside: a call on another thread, its result handed to the window's thread, if who asked for it is still there.

A thread never touches a Qt object of a window. One that did, to emit a signal of it, brought the program down when the window was being
deleted at that moment: Qt looks at the object without the interpreter's lock. What a thread does touch here lives as long as the program.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from playground import turns

AT_ONCE = 2
"""Threads. They stay: to start one, Python waits until it runs, which took 70 ms where others kept the cores busy (measured)."""


class _Courier(QObject):
    """Lives on the window's thread. Who asked, and for what, is kept here: the last reference to a Qt object must not be a thread's."""

    arrived = Signal(int, object, object)

    def __init__(self) -> None:
        super().__init__()
        self._asked: dict[int, tuple[QObject, Callable[[Any], object], Callable[[], object] | None]] = {}
        self._serials = itertools.count()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="playground-aside", initializer=turns.step_back)
        self.arrived.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    def send(self, owner: QObject, call: Callable[[], Any], done: Callable[[Any], object], failed: Callable[[], object] | None) -> None:
        serial = next(self._serials)
        self._asked[serial] = owner, done, failed
        self._pool.submit(self._work, serial, call)

    def _work(self, serial: int, call: Callable[[], Any]) -> None:
        try:
            self.arrived.emit(serial, call(), None)
        except Exception as error:  # raised on the window's thread, where it is logged and told
            self.arrived.emit(serial, None, error)

    @Slot(int, object, object)
    @turns.window
    def _hand_over(self, serial: int, result: Any, error: Exception | None) -> None:
        owner, done, failed = self._asked.pop(serial)
        if not isValid(owner):
            return
        if error is not None:
            if failed is not None:
                failed()
            raise error
        done(result)

    def close(self) -> None:
        """Wait until what is under way is done, and end the threads; what waits is not begun. Nobody is told any more."""
        self._asked.clear()
        self._pool.shutdown(cancel_futures=True)


_courier: list[_Courier] = []


def run(owner: QObject, call: Callable[[], Any], done: Callable[[Any], object], failed: Callable[[], object] | None = None) -> None:
    """Run ``call`` on another thread, then ``done`` with what it returned on this one, the window's, unless ``owner`` has been deleted.

    ``call`` gets no Qt object that is not a value (a ``QImage`` is one). What it raises is raised in the event loop, after ``failed``.
    """
    if not _courier:
        _courier.append(_Courier())
    _courier[0].send(owner, call, done, failed)


def close() -> None:
    """End the threads, for a program that ends or a test; who asks again has new ones."""
    while _courier:
        _courier.pop().close()
