"""Memory that is freed stays with the program for what comes next, and goes back to the system when asked to: when the window rests
(``ui/smooth.py``), and before a network is refused for want of it (``engine/program/arena.py``).

The C library gives every array above 32 MB back at once and asks for it anew: with sixteen million weights 60 MB for each picture, and all
of a saved file. Each page is then cleared and mapped again when it is first touched, and unmapping holds up the other threads. On a
virtual machine, which keeps tables of its own for that, a window that waited for nothing, at no more than the first word of a function
whose page had to be mapped again, stood still for 55-106 ms in six of eight runs of ``tests.benchmarks.stalls files``; with the memory kept
in one of ten, which a core taken by the host explains.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress
from functools import cache

OPTIONS = {-8: 1, -4: 0, -1: -1}
"""Of mallopt(3): M_ARENA_MAX, one heap for all threads; M_MMAP_MAX, all memory comes from it; M_TRIM_THRESHOLD, it does not shrink."""


class _Account(ctypes.Structure):
    """``struct mallinfo2`` of mallinfo(3): ten figures, the ninth being ``fordblks``."""

    _fields_ = [("before", ctypes.c_size_t * 8), ("freed", ctypes.c_size_t), ("after", ctypes.c_size_t)]


@cache
def _library() -> ctypes.CDLL | None:
    """The GNU C library from 2.33 on; ``None`` elsewhere."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            library = ctypes.CDLL(None)
            library.mallinfo2.restype = _Account
            return library if library.mallopt and library.malloc_trim else None
    return None


def keep() -> None:
    """Keep from now on what is freed. To be called before other threads are there: each else has a heap of its own, which shrinks."""
    library = _library()
    if library:
        for option, value in OPTIONS.items():
            library.mallopt(option, value)


def freed() -> int:
    """Bytes that are freed and kept."""
    library = _library()
    return int(library.mallinfo2().freed) if library else 0


def give_back() -> None:
    """Let the system have all pages that are freed. It takes 40 ms for 1.8 GB, in which no thread gets memory (measured)."""
    library = _library()
    if library:
        library.malloc_trim(0)
