"""Reads compiled libraries into the file cache before they are imported."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import suppress

from playground.turns import give_way

CHUNK = 2**20
ENDINGS = (".so", ".dylib", ".dll", ".pyd")
ELSEWHERE = {"PIL": "pillow.libs"}
"""Where a wheel keeps what its modules bring, beside the package."""
ASIDE = ("__pycache__", "tests", "cuda")


def read_ahead(*packages: str) -> None:
    """Read the compiled libraries of ``packages`` once, without holding the interpreter's lock.

    Importing them holds the lock: with llvmlite's (150 MB) not in memory that stalled the window for 100 ms (measured), and would for
    seconds on a slow disk. Reading a file lets go of the lock. Nothing happens for a package that is imported already.
    """
    buffer = bytearray(CHUNK)
    for package in packages:
        if package not in sys.modules:
            for path in _libraries(package):
                with suppress(OSError), open(path, "rb", buffering=0) as file:  # whoever imports it says so
                    while file.readinto(buffer):
                        pass


def _libraries(package: str) -> Iterator[str]:
    spec = importlib.util.find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec else []
    if package in ELSEWHERE:
        places += [os.path.join(os.path.dirname(place), ELSEWHERE[package]) for place in places]
    for place in places:
        for folder, inner, files in os.walk(place):
            give_way()
            inner[:] = [name for name in inner if name not in ASIDE]
            yield from (os.path.join(folder, name) for name in files if name.endswith(ENDINGS) or ".so." in name)
