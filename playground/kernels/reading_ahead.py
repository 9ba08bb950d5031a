"""Reads the compiler's library into the file cache before it is imported."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

CHUNK = 2**20


def read_ahead() -> None:
    """Read llvmlite's library (150 MB) once, without holding the interpreter's lock.

    Loading it holds the lock: with the file not in memory that stalled the window for 100 ms (measured), and would for
    seconds on a slow disk. Reading a file lets go of the lock. Nothing happens where llvmlite is imported already.
    """
    if "llvmlite" in sys.modules:
        return
    spec = importlib.util.find_spec("llvmlite")
    for place in spec.submodule_search_locations or () if spec else ():
        buffer = bytearray(CHUNK)
        for path in Path(place, "binding").glob("*llvmlite.*"):
            with path.open("rb", buffering=0) as file:
                while file.readinto(buffer):
                    pass
