"""Whose turn it is: where the window does long work in Python, all other threads' Python gives way to it.

CPython hands its one interpreter from thread to thread in equal turns: a picture of 50 ms beside a worker that plans another network
takes 100. Nothing tells the interpreter that one thread is in a hurry, so the others ask by themselves: the window marks its work
(:data:`window`), and long Python elsewhere calls :func:`give_way` every millisecond or so. Compiled kernels run without the
interpreter and need not. Without a window :func:`give_way` costs 60 nanoseconds and does nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading
import time
from contextlib import ContextDecorator
from types import TracebackType

LONGEST_SECONDS = 0.1
"""A turn counts no longer: the window may run an event loop in it (a dialog that waits for an answer)."""
BEHIND = 5
"""How much nicer than the window's a thread is that computes: where both want a core, the window has three quarters of it."""
SHARE_SECONDS = 0.003
"""What another thread may do at least between two turns of the window: pictures may follow each other without a pause."""


class Turn(ContextDecorator):
    """The window's turn: ``with turns.window:`` or ``@turns.window`` around its long work in Python. May be nested; for one thread only."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._over.set()
        self._depth = self._owner = 0
        self._began = 0.0

    def __enter__(self) -> None:
        self._depth += 1
        if self._depth == 1:
            self._owner, self._began = threading.get_ident(), time.perf_counter()
            self._over.clear()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._over.set()

    def wait(self) -> bool:
        """Wait for its end, if it is under way, on another thread; whether anything was waited for."""
        left = self._began + LONGEST_SECONDS - time.perf_counter()
        if self._over.is_set() or left <= 0 or self._owner == threading.get_ident():
            return False
        self._over.wait(left)
        return True


class _Last(threading.local):
    """When this thread waited last."""

    waited = 0.0


window = Turn()
_last = _Last()


def give_way() -> None:
    """Let the window finish what it is at. To be called every millisecond or so by long Python on any thread, with no lock held."""
    if window._over.is_set():
        return
    if time.perf_counter() > _last.waited + SHARE_SECONDS and window.wait():
        _last.waited = time.perf_counter()


def step_forward() -> None:
    """Have this thread, the window's, woken on time: Linux lets 50 microseconds more pass, so as to wake several at once, and the window
    waits for the interpreter up to a thousand times in a picture. Elsewhere nothing happens."""
    _be_woken_within(1_000)


def step_back() -> None:
    """Let the window have a core first, from now on and on this thread alone. Where other programs keep the cores busy, a window whose own
    threads are its equals waits as long for a core as it works (measured). Linux knows a thread's niceness; elsewhere nothing happens."""
    _be_woken_within(50_000)  # a thread begins with what the one that made it has
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            me = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, me, os.getpriority(os.PRIO_PROCESS, me) + BEHIND)


def _be_woken_within(nanoseconds: int) -> None:
    """prctl(2), PR_SET_TIMERSLACK."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError, OSError):
            ctypes.CDLL(None).prctl(29, nanoseconds, 0, 0, 0)
