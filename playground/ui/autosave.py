"""Autosaves: one place a running window, found again after a kill. Only files: no widget, no document on screen."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO

from playground.document import Project, load_project, save_project
from playground.document.files import Progress
from playground.document.writing import write_atomically
from playground.paths import state_folder
from playground.ui import file_stamp

try:
    import fcntl
except ImportError:  # not POSIX: there, whether the process number is in use must do
    fcntl = None


@dataclass(frozen=True, slots=True)
class Left:
    """What a window left behind that did not end by itself: the autosave, the project's own file (if any) and as what the window
    knew it, and when."""

    file: Path
    note: Path
    title: str
    path: Path | None
    stamp: file_stamp.Stamp | None
    seconds_ago: float


def folder() -> Path:
    made = state_folder() / "autosave"
    made.mkdir(exist_ok=True)
    return made


class Place:
    """One window's own autosave. A lock held as long as the window runs tells it from what another left behind: process numbers
    are given out anew, after a restart of the machine from the beginning."""

    def __init__(self) -> None:
        self._lock: BinaryIO | None = None
        self._stem = ""

    def write(
        self,
        project: Project,
        title: str,
        path: Path | None,
        stamp: file_stamp.Stamp | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Save ``project``, then its note; the file counts only with its note. ``stamp`` is that of the project's own file when this
        window read or wrote it."""
        if self._lock is None:
            self._stem, self._lock = _take()
        save_project(project, folder() / f"{self._stem}.playground", progress)
        note = {"title": title, "path": str(path.absolute()) if path else "", "stamp": stamp}
        write_atomically(folder() / f"{self._stem}.json", json.dumps(note).encode())

    def discard(self) -> None:
        """Take the autosave away: the window goes on to something else, or all of it was saved."""
        if self._lock is not None:
            for ending in ("json", "playground"):
                (folder() / f"{self._stem}.{ending}").unlink(missing_ok=True)

    def end(self) -> None:
        """The window ends in good order and leaves nothing behind."""
        self.discard()
        if self._lock is not None:
            (folder() / f"{self._stem}.lock").unlink(missing_ok=True)
            self._lock.close()
            self._lock = None


def forget(left: Left) -> None:
    """Take away what another window left behind."""
    for ending in (".json", ".playground", ".lock"):
        left.note.with_suffix(ending).unlink(missing_ok=True)


def read(left: Left, report: Progress) -> tuple[file_stamp.Stamp | None, Project]:
    """The project that was kept, and the stamp of its own file as its window knew it: what was written there since is noticed. Where
    that is not known, what is written from now on. Raises as :func:`load_project` does."""
    stamp = None if left.path is None else left.stamp or file_stamp.stamp(left.path)
    return stamp, load_project(left.file, report)


def left_behind(of: Path | None = None) -> list[Left]:
    """Autosaves whose window is gone, the newest first; ``of`` a project's file those alone that are of it and newer. Damaged notes are
    passed over."""
    found = []
    for note in folder().glob("*.json"):
        file = note.with_suffix(".playground")
        if not file.exists() or _alive(note):
            continue
        try:
            content = json.loads(note.read_text(encoding="utf-8"))
            title, path, stamp = str(content["title"]), str(content["path"]), _stamp(content.get("stamp"))
        except (OSError, ValueError, KeyError, TypeError):
            continue
        kept = file.stat().st_mtime
        if of is None or (path and of.exists() and Path(path).resolve() == of.resolve() and kept > of.stat().st_mtime):
            found.append(Left(file, note, title, Path(path) if path else None, stamp, time.time() - kept))
    return sorted(found, key=lambda left: left.seconds_ago)


def _stamp(noted: list[int] | None) -> file_stamp.Stamp | None:
    """A stamp from a note; older notes have none."""
    if noted is None:
        return None
    inode, size, time_ns = noted
    return int(inode), int(size), int(time_ns)


def _stems() -> Iterator[str]:
    yield str(os.getpid())
    for number in count(1):
        yield f"{os.getpid()}-{number}"


def _take() -> tuple[str, BinaryIO]:
    """A name that no window has, running or gone, and the lock on it."""
    for stem in _stems():
        if (folder() / f"{stem}.json").exists():
            continue
        lock = (folder() / f"{stem}.lock").open("wb")
        if _locked(lock):
            return stem, lock
        lock.close()
    raise AssertionError("the names never end")


def _locked(lock: BinaryIO) -> bool:
    """Take the lock, if nobody has it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _alive(note: Path) -> bool:
    """Whether the window that wrote ``note`` still runs."""
    if fcntl is not None:
        with contextlib.suppress(OSError), note.with_suffix(".lock").open("rb") as lock:
            return not _locked(lock)
        return False
    process = note.stem.partition("-")[0]
    if not process.isdecimal() or int(process) == os.getpid():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
