"""Whether a project's file is still the one that this window read or wrote: another window, or another program, may have written it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from playground.ui.dialogs.messages import Message

Stamp: TypeAlias = tuple[int, int, int]


class ChangedError(Exception):
    """The file is another one by now."""


def stamp(path: Path) -> Stamp | None:
    """What tells a file from one that was written in its place or changed since; ``None`` where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def check(path: Path, known: Stamp | None) -> None:
    """Raise :class:`ChangedError` where ``path`` is there and not as it was when ``known`` was taken (``None``: whatever it is)."""
    if known is not None and stamp(path) not in (None, known):
        raise ChangedError


def ask(parent: QWidget, name: str, replace: Callable[[], object], other: Callable[[], object]) -> None:
    """Ask whether to ``replace`` what somebody else wrote, or to save under an ``other`` name; whoever closes the box does neither."""
    box = Message(
        parent,
        QCoreApplication.translate("FileStamp", "“{name}” was changed by another window.").format(name=name),
        [
            QCoreApplication.translate("FileStamp", "The file is not the one that this window opened or saved last."),
            QCoreApplication.translate("FileStamp", "Nothing was written. If you replace it, what was saved there since is gone."),
        ],
        [
            ("changed_other", QCoreApplication.translate("FileStamp", "Save as…")),
            ("changed_replace", QCoreApplication.translate("FileStamp", "Replace it")),
            ("changed_cancel", QCoreApplication.translate("FileStamp", "Cancel")),
        ],
        name="changed_question",
    )
    answers = {"changed_other": other, "changed_replace": replace}
    box.ask(lambda answer: answers[answer]() if answer in answers else None)
