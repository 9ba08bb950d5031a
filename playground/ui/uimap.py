"""For tests with a real window: with ``PLAYGROUND_UI_MAP=file`` set, what stands where and reads how is written there as JSON."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget

VARIABLE = "PLAYGROUND_UI_MAP"
MILLISECONDS = 100
BEAT_MILLISECONDS = 5
Rectangle = tuple[int, int, int, int]


def _named() -> list[QWidget]:
    widgets = [widget for widget in QApplication.allWidgets() if widget.isVisible()]
    return [widget for widget in widgets if widget.objectName() and not widget.objectName().startswith("qt_")]


def places() -> dict[str, Rectangle]:
    """Global rectangles (x, y, width, height) of visible named widgets, and of what canvases say stands on them."""
    found: dict[str, Rectangle] = {}
    for widget in _named():
        corner = widget.mapToGlobal(QPoint(0, 0))
        found[widget.objectName()] = (corner.x(), corner.y(), widget.width(), widget.height())
        inside = getattr(widget, "places", None)
        if callable(inside):
            found.update(inside())
    return found


def texts() -> dict[str, str]:
    """What visible named labels, fields and buttons read."""
    return {widget.objectName(): widget.text() for widget in _named() if isinstance(widget, QLabel | QLineEdit | QAbstractButton)}


class Heartbeat(QObject):
    """The longest time that the event loop did not come round, in milliseconds, since it was last asked for anew."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.longest = 0.0
        self._last = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MILLISECONDS)

    def _beat(self) -> None:
        now = time.monotonic()
        self.longest = max(self.longest, 1000 * (now - self._last) - BEAT_MILLISECONDS)
        self._last = now


class MapWriter(QObject):
    """Writes the map ten times a second, whole or not at all: ``places``, ``texts`` and the longest ``gap`` of the event loop.

    A file ``<map>.reset`` beside it starts the gap afresh, and is taken away.
    """

    def __init__(self, path: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._path = path
        self._reset = path.with_name(path.name + ".reset")
        self._heartbeat = Heartbeat(self)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.write)
        self._timer.start(MILLISECONDS)

    def write(self) -> None:
        if self._reset.exists():
            self._reset.unlink()
            self._heartbeat.longest = 0.0
        content = {"places": places(), "texts": texts(), "gap": round(self._heartbeat.longest, 1)}
        temporary = self._path.with_name(self._path.name + ".new")
        temporary.write_text(json.dumps(content), encoding="utf-8")
        temporary.replace(self._path)


def install(window: QWidget) -> MapWriter | None:
    """Start writing, where the environment asks for it."""
    path = os.environ.get(VARIABLE)
    return MapWriter(Path(path), window) if path else None
