"""What the window remembers between runs: layout, theme, motion, recent files. Kept in the state folder."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock, Thread

from PySide6.QtCore import QByteArray, QLockFile

from playground.document.writing import write_atomically
from playground.errors import FileError
from playground.paths import state_folder

RECENT = 8
PATIENCE_SECONDS, LOOK_SECONDS = 2.0, 0.01


class Settings:
    """A thin, typed face of a JSON file of texts by key. It is read once, when this is made; after that the disk is the business of a
    thread of its own: a file is waited for until it has reached the disk, and whether a recent one is still there may be asked of a
    network. Not Qt's settings: those keep the interpreter while they wait, and with it the window (6 ms with a quiet disk, measured)."""

    def __init__(self) -> None:
        self._path = state_folder() / "window.json"
        self._values = self._stored() or {}
        self._waiting: deque[Callable[[], object]] = deque()
        self._thread: Thread | None = None
        self._closed = False
        self._changed: set[str] = set()
        self._lock = Lock()
        self._gone: frozenset[Path] = frozenset()
        self._look()

    def _stored(self) -> dict[str, str] | None:
        """What the file says; ``None`` where it cannot be read or is damaged."""
        with suppress(OSError, ValueError):
            stored = json.loads(self._path.read_bytes())
            if isinstance(stored, dict) and all(isinstance(text, str) for text in stored.values()):
                return stored
        return None

    def text(self, key: str, default: str = "") -> str:
        return self._values.get(key, default)

    def flag(self, key: str, default: bool = False) -> bool:
        return self.text(key, "true" if default else "false") == "true"

    def numbers(self, key: str) -> list[int]:
        """A list of whole numbers, empty where there is none or it is damaged."""
        parts = self.text(key).split(" ")
        return [int(part) for part in parts] if all(part.isdigit() for part in parts) else []

    def raw(self, key: str) -> QByteArray:
        return QByteArray.fromHex(self.text(key).encode())

    def put(self, key: str, value: str | bool | list[int] | QByteArray) -> None:
        if isinstance(value, bool):
            text = "true" if value else "false"
        elif isinstance(value, list):
            text = " ".join(map(str, value))
        elif isinstance(value, QByteArray):
            text = bytes(value.toHex().data()).decode()
        else:
            text = value
        if self._values.get(key) != text:
            self._keep(key, text)

    def forget(self, prefix: str) -> None:
        for key in [key for key in self._values if key == prefix or key.startswith(f"{prefix}/")]:
            self._keep(key, None)

    def _keep(self, key: str, text: str | None) -> None:
        """Have it written; what changes before the thread gets to it goes along."""
        with self._lock:
            if text is None:
                del self._values[key]
            else:
                self._values[key] = text
            self._changed.add(key)
            first = len(self._changed) == 1
        if first:
            self._later(self._write)

    def _later(self, call: Callable[[], object]) -> None:
        """Have it done off this thread, after what was asked for before."""
        with self._lock:
            if self._closed:
                return
            self._waiting.append(call)
            if self._thread is None:
                self._thread = Thread(target=self._work, name="playground-settings")
                self._thread.start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                call = self._waiting.popleft()
            try:
                call()
            except BaseException:
                self._thread = None  # the next one gets another thread
                raise

    def _write(self) -> None:
        with self._lock:
            changed, self._changed = {key: self._values.get(key) for key in self._changed}, set()
        with _alone(self._path):
            before = self._stored()  # another window may have written meanwhile
            stored = {**(self._values if before is None else before), **changed}
            kept = {key: text for key, text in sorted(stored.items()) if text is not None}
            with suppress(FileError):  # without a place to write to the next start knows nothing of this one
                write_atomically(self._path, json.dumps(kept, indent=1).encode())

    def recent(self) -> list[Path]:
        """Project files opened or saved lately, the last one first; those that were gone when they were last looked for are left out."""
        self._look()
        return [path for path in self._recent() if path not in self._gone]

    def _recent(self) -> list[Path]:
        return [Path(line) for line in self.text("recent").split("\n") if line]

    def _look(self) -> None:
        paths = self._recent()

        def look() -> None:
            self._gone = frozenset(path for path in paths if not path.exists())

        if paths:
            self._later(look)

    def add_recent(self, path: Path) -> None:
        """``path`` was opened or saved just now."""
        path = path.absolute()
        kept = [path, *(other for other in self._recent() if other != path and other not in self._gone)]
        self._gone -= {path}
        self.put("recent", "\n".join(str(other) for other in kept[:RECENT]))

    def forget_recent(self, path: Path) -> None:
        """Take a file off the list that is not there any more."""
        self.put("recent", "\n".join(str(other) for other in self._recent() if other != path.absolute()))

    def close(self) -> None:
        """Wait until everything is on the disk. What changes after that is forgotten."""
        with self._lock:
            self._closed, thread = True, self._thread
        if thread is not None:
            thread.join()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While no other window changes ``path``; after a while all the same. Asked for again and again: Qt would wait with the interpreter."""
    lock, end = QLockFile(f"{path}.lock"), time.monotonic() + PATIENCE_SECONDS
    while not lock.tryLock(0) and time.monotonic() < end and lock.error() == QLockFile.LockError.LockFailedError:
        time.sleep(LOOK_SECONDS)
    try:
        yield
    finally:
        lock.unlock()
