"""What the window remembers between runs: layout, theme, motion, recent files. Kept in the state folder."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from playground.paths import state_folder

RECENT = 8


class Settings:
    """A thin, typed face of an INI file."""

    def __init__(self) -> None:
        self._store = QSettings(str(state_folder() / "window.ini"), QSettings.Format.IniFormat)

    def text(self, key: str, default: str = "") -> str:
        value = self._store.value(key, default)
        return value if isinstance(value, str) else default

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
        self._store.setValue(key, text)

    def forget(self, prefix: str) -> None:
        self._store.remove(prefix)

    def recent(self) -> list[Path]:
        """Project files opened or saved lately, the last one first; those that are gone are left out."""
        paths = [Path(line) for line in self.text("recent").split("\n") if line]
        return [path for path in paths if path.exists()]

    def add_recent(self, path: Path) -> None:
        kept = [path.resolve(), *(other for other in self.recent() if other != path.resolve())]
        self.put("recent", "\n".join(str(other) for other in kept[:RECENT]))

    def forget_recent(self, path: Path) -> None:
        """Take a file off the list that cannot be opened any more."""
        if not path.exists():
            self.put("recent", "\n".join(str(other) for other in self.recent()))

    def close(self) -> None:
        """Write everything to the disk."""
        self._store.sync()
