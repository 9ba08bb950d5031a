"""What is read before the compiler is imported."""

from __future__ import annotations

import io
import sys
from collections import Counter
from pathlib import Path

import pytest

from playground.kernels import reading_ahead


def test_each_compiled_library_is_read_whole_unless_it_is_loaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    size = 2 * reading_ahead.CHUNK + 1
    for package, library in (("llvmlite", "binding/libllvmlite.so"), ("numba", "_helper.so")):
        (tmp_path / package / library).parent.mkdir(parents=True)
        (tmp_path / package / library).write_bytes(bytes(size))
        (tmp_path / package / "__init__.py").write_text("")
        monkeypatch.delitem(sys.modules, package, raising=False)
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    read: Counter[str] = Counter()

    class Counted(io.FileIO):
        def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
            got = super().readinto(buffer)
            read[Path(str(self.name)).name] += got
            return got

    monkeypatch.setattr(Path, "open", lambda path, mode, buffering: Counted(path))
    reading_ahead.read_ahead()
    assert read == {"libllvmlite.so": size, "_helper.so": size}
    read.clear()
    monkeypatch.setitem(sys.modules, "llvmlite", reading_ahead)
    reading_ahead.read_ahead()
    assert not read
