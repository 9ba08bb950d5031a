"""The window's own code is in memory before it is first needed.

A system maps a library and reads a page of it where the program first comes to it: the first use of a dialog or of a way to paint waited
30-130 ms a page on a slow disk (measured), and could again once the file cache was emptied.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import suppress

MAPPED = "/proc/self/maps"
POPULATE = 22
"""MADV_POPULATE_READ of madvise(2), Linux 5.14: read and map all pages of a range; an older system says no, and nothing is lost."""


def read_code() -> None:
    """Have all that is loaded from files read and mapped: 150 MB that programs share and the system may take back. For a thread of its
    own: it lets go of the interpreter while it waits for the disk. Nothing happens where the system is not Linux."""
    if sys.platform != "linux":
        return
    with suppress(OSError, AttributeError):  # a system without /proc, a C library without madvise
        advise = ctypes.CDLL(None).madvise
        for start, end in list(mapped()):
            advise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), POPULATE)


def mapped() -> Iterator[tuple[int, int]]:
    """First address, and the one past the last, of each range that is mapped from a file to be read or run (proc(5))."""
    with open(MAPPED, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            addresses, access, *_, path = line.split(None, 5) if line.count("/") else ("", "", "")
            if access in ("r--p", "r-xp") and path.startswith("/"):
                start, end = addresses.split("-")
                yield int(start, 16), int(end, 16)
