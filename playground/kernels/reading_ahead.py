"""Reads the compiler's libraries into the file cache before it is imported."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path

CHUNK = 2**20
SUFFIXES = (".so", ".dylib", ".dll", ".pyd")


def read_ahead() -> None:
    """Read the compiled libraries of llvmlite (150 MB) and numba once, without holding the interpreter's lock.

    Loading them holds the lock: with the file not in memory that stalled the window for 100 ms (measured), and would for
    seconds on a slow disk. Reading a file lets go of the lock. Nothing happens where llvmlite is imported already.
    """
    if "llvmlite" in sys.modules:
        return
    buffer = bytearray(CHUNK)
    for path in (path for package in ("llvmlite", "numba") for path in _libraries(package)):
        with path.open("rb", buffering=0) as file:
            while file.readinto(buffer):
                pass


def _libraries(package: str) -> Iterator[Path]:
    spec = importlib.util.find_spec(package)
    for place in spec.submodule_search_locations or () if spec else ():
        yield from (path for path in Path(place).rglob("*") if path.suffix in SUFFIXES)
