"""What is read before the compiler is imported."""

from __future__ import annotations

import io
import sys
from collections import Counter
from pathlib import Path

import pytest

from playground import reading_ahead


def test_each_compiled_library_is_read_whole_unless_it_is_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    size = 2 * reading_ahead.CHUNK + 1
    libraries = ("llvmlite/binding/libllvmlite.so", "numba/_helper.so", "PIL/_imaging.so", "pillow.libs/libjpeg-1.so.62.4.0")
    for library in (*libraries, "numba/tests/_test.so", "numba/words.py", "llvmlite/__init__.py", "numba/__init__.py", "PIL/__init__.py"):
        (tmp_path / library).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / library).write_bytes(b" " * size)
    for package in ("llvmlite", "numba", "PIL"):
        monkeypatch.delitem(sys.modules, package, raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    read: Counter[str] = Counter()

    class Counted(io.FileIO):
        def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
            got = super().readinto(buffer)
            read[Path(str(self.name)).relative_to(tmp_path).as_posix()] += got
            return got

    monkeypatch.setattr(reading_ahead, "open", lambda path, mode, buffering: Counted(path), raising=False)
    reading_ahead.read_ahead("llvmlite", "numba", "PIL", "missing")
    assert read == dict.fromkeys(libraries, size)
    read.clear()
    monkeypatch.setitem(sys.modules, "numba", reading_ahead)
    reading_ahead.read_ahead("numba")
    assert not read
