"""What the window runs is in memory before it is first needed."""

from __future__ import annotations

import ctypes
import importlib
import mmap
import platform
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from playground.ui import app, code_pages
from tests.ui.shell_support import running_window

PAGES = 5


def kernel() -> tuple[int, ...]:
    return tuple(int("".join(filter(str.isdigit, part)) or 0) for part in platform.release().split(".")[:2])


def resident(path: Path) -> int:
    """Kilobytes of a file that are mapped into this process's pages (proc(5), smaps)."""
    lines = Path("/proc/self/smaps").read_text(errors="replace").splitlines()
    start = next(at for at, line in enumerate(lines) if line.endswith(str(path)))
    return next(int(line.split()[1]) for line in lines[start:] if line.startswith("Rss:"))


@pytest.mark.skipif(sys.platform != "linux" or kernel() < (5, 14), reason="Linux alone is asked, from 5.14 on")
def test_what_is_mapped_from_files_to_be_read_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a library, with spaces"
    path.write_bytes(bytes(PAGES * mmap.PAGESIZE))
    before = set(code_pages.mapped())
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0), mmap.mmap(-1, mmap.PAGESIZE):
        assert set(code_pages.mapped()) == before, "to be written, or of no file"
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ):
        ((start, end),) = set(code_pages.mapped()) - before
        assert end - start == PAGES * mmap.PAGESIZE
        assert resident(path) == 0
        code_pages.read_code()
        assert resident(path) == PAGES * mmap.PAGESIZE // 1024


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone is asked")
def test_a_range_is_mapped_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """While a call maps pages no other thread gets memory from the system."""
    asked = []

    class Library:
        def madvise(self, start: ctypes.c_void_p, size: ctypes.c_size_t, advice: int) -> None:
            asked.append((start.value, size.value))

    monkeypatch.setattr(code_pages, "mapped", lambda: [(4096, 4096 + 2 * code_pages.PIECE + 8192), (2**30, 2**30 + 4096)])
    monkeypatch.setattr(code_pages.ctypes, "CDLL", lambda name: Library())
    monkeypatch.setattr(code_pages, "fonts", list)
    code_pages.read_code()
    piece = code_pages.PIECE
    assert asked == [(4096, piece), (4096 + piece, piece), (4096 + 2 * piece, 8192), (2**30, 4096)]


def test_what_is_imported_late_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "playground.ui.lab.names"
    monkeypatch.delitem(sys.modules, name, raising=False)
    late = [path for path in code_pages.modules() if path.match("lab/names.py")]
    assert len(late) == 1
    importlib.import_module(name)
    assert late[0] not in list(code_pages.modules())


@pytest.mark.skipif(shutil.which("fc-match") is None, reason="there is no Fontconfig to compare with")
def test_fonts_are_those_that_fontconfig_tells() -> None:
    told = [subprocess.run(["fc-match", "-f", "%{file}", name], capture_output=True, text=True).stdout for name in code_pages.FONTS]
    assert list(map(str, code_pages.fonts())) == told


def test_the_labs_pages_are_read_however_late_the_disk_is(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing else happens by then that would tell of it."""
    read, there = threading.Event(), []
    monkeypatch.setattr(app, "read_code", read.wait)
    monkeypatch.setattr(app, "_read_lab", lambda: iter(there.append(1) or ()))
    with running_window(qtbot, "xor") as window:
        app.warm_up(window)
        qtbot.waitUntil(lambda: bool(window.workbench.snapshot.instruction_set))
        qtbot.wait(3 * app.LOOK_MILLISECONDS)
        assert not there
        read.set()
        qtbot.waitUntil(lambda: bool(there))
