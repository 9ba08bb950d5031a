"""What the window runs is in memory before it is first needed."""

from __future__ import annotations

import mmap
import platform
import sys
from pathlib import Path

import pytest

from playground.ui import code_pages

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
