"""The window's own code and files are in memory before they are first needed.

A system maps a library and reads a page of it where the program first comes to it: the first use of a dialog or of a way to paint waited
30-130 ms a page on a slow disk (measured), and could again once the file cache was emptied. So did the first page that is imported late,
whose source PySide reads too (its ``feature_imported``), and the first Chinese sign, whose font is none of the window's.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path

from playground.paths import RESOURCES, ROOT

MAPPED = "/proc/self/maps"
POPULATE = 22
"""MADV_POPULATE_READ of madvise(2), Linux 5.14: read and map all pages of a range; an older system says no, and nothing is lost."""
PIECE = 2**20
"""Bytes that one call maps: meanwhile no other thread gets memory from the system. All of the compiler at once (150 MB) kept the window
from answering for up to 240 ms."""
FONTS = (b"serif:italic", b":charset=6625")
"""Fontconfig's names of those that are first needed late: a formula's letters, and the font that has Chinese signs."""


def read_code() -> None:
    """Have all that is loaded from files read and mapped, 150 MB that programs share and the system may take back, and what is read later
    in the file cache. For a thread of its own: it lets go of the interpreter while it waits for the disk."""
    for path in (*modules(), *RESOURCES.glob("icons/*"), *fonts()):
        with suppress(OSError):  # whoever needs it says so
            path.read_bytes()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # a system without /proc, a C library without madvise
            advise = ctypes.CDLL(None).madvise
            for start, end in list(mapped()):
                for at in range(start, end, PIECE):
                    advise(ctypes.c_void_p(at), ctypes.c_size_t(min(PIECE, end - at)), POPULATE)


def modules() -> Iterator[Path]:
    """Of the program's modules that are not imported yet: the source, and what Python compiled of it."""
    there = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    for path in (ROOT / "playground").rglob("*.py"):
        if str(path) not in there:
            yield from (path, Path(cache_from_source(path)))


def fonts() -> Iterator[Path]:
    """The files of :data:`FONTS`, as Qt finds them where it asks Fontconfig; nothing elsewhere."""
    try:
        library = ctypes.CDLL("libfontconfig.so.1")
    except OSError:
        return
    library.FcNameParse.restype = library.FcFontMatch.restype = ctypes.c_void_p
    for name in FONTS:
        asked = ctypes.c_void_p(library.FcNameParse(name))
        library.FcConfigSubstitute(None, asked, 0)
        library.FcDefaultSubstitute(asked)
        found = ctypes.c_void_p(library.FcFontMatch(None, asked, ctypes.byref(ctypes.c_int())))
        file = ctypes.c_char_p()
        if found and library.FcPatternGetString(found, b"file", 0, ctypes.byref(file)) == 0 and file.value:
            yield Path(file.value.decode(errors="surrogateescape"))
        for made in (found, asked):
            if made:
                library.FcPatternDestroy(made)


def mapped() -> Iterator[tuple[int, int]]:
    """First address, and the one past the last, of each range that is mapped from a file to be read or run (proc(5))."""
    with open(MAPPED, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            addresses, access, *_, path = line.split(None, 5) if line.count("/") else ("", "", "")
            if access in ("r--p", "r-xp") and path.startswith("/"):
                start, end = addresses.split("-")
                yield int(start, 16), int(end, 16)
