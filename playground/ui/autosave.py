"""Autosaves: one file a running window, found again after a kill. Only files: no Qt, no document on screen."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from playground.document import Project, save_project
from playground.document.files import write_atomically
from playground.paths import state_folder


@dataclass(frozen=True, slots=True)
class Left:
    """What a window left behind that did not end by itself: the autosave, the project's own file (if any), and when."""

    file: Path
    note: Path
    title: str
    path: Path | None
    seconds_ago: float


def folder() -> Path:
    made = state_folder() / "autosave"
    made.mkdir(exist_ok=True)
    return made


def _names(process: int) -> tuple[Path, Path]:
    return folder() / f"{process}.playground", folder() / f"{process}.json"


def write(project: Project, title: str, path: Path | None) -> None:
    """Save ``project`` as this window's autosave, then its note; the file counts only with its note."""
    file, note = _names(os.getpid())
    save_project(project, file)
    write_atomically(note, json.dumps({"title": title, "path": str(path) if path else ""}).encode())


def discard() -> None:
    """Take this window's autosave away: it ended in good order, or was saved."""
    for file in reversed(_names(os.getpid())):
        file.unlink(missing_ok=True)


def forget(left: Left) -> None:
    """Take away what another window left behind."""
    left.note.unlink(missing_ok=True)
    left.file.unlink(missing_ok=True)


def left_behind() -> list[Left]:
    """Autosaves whose window is gone, the newest first. Damaged notes are passed over."""
    found = []
    for note in folder().glob("*.json"):
        file = note.with_suffix(".playground")
        if not note.stem.isdecimal() or not file.exists() or _alive(int(note.stem)):
            continue
        try:
            content = json.loads(note.read_text(encoding="utf-8"))
            title, path = str(content["title"]), str(content["path"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        age = time.time() - file.stat().st_mtime
        found.append(Left(file, note, title, Path(path) if path else None, age))
    return sorted(found, key=lambda left: left.seconds_ago)


def _alive(process: int) -> bool:
    """Whether a window with this process number still runs. Our own number, used anew, is not another window."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
