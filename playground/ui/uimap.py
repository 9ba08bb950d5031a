"""For tests with a real window: with ``PLAYGROUND_UI_MAP=file`` set, where everything named stands is written there as JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtWidgets import QApplication, QWidget

VARIABLE = "PLAYGROUND_UI_MAP"
MILLISECONDS = 100
Rectangle = tuple[int, int, int, int]


def places() -> dict[str, Rectangle]:
    """Global rectangles (x, y, width, height) of visible named widgets, and of what canvases say stands on them."""
    found: dict[str, Rectangle] = {}
    for widget in QApplication.allWidgets():
        if widget.objectName() and widget.isVisible() and not widget.objectName().startswith("qt_"):
            corner = widget.mapToGlobal(QPoint(0, 0))
            found[widget.objectName()] = (corner.x(), corner.y(), widget.width(), widget.height())
            inside = getattr(widget, "places", None)
            if callable(inside):
                found.update(inside())
    return found


class MapWriter(QObject):
    """Writes the map ten times a second, whole or not at all."""

    def __init__(self, path: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._path = path
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.write)
        self._timer.start(MILLISECONDS)

    def write(self) -> None:
        temporary = self._path.with_name(self._path.name + ".new")
        temporary.write_text(json.dumps(places()), encoding="utf-8")
        temporary.replace(self._path)


def install(window: QWidget) -> MapWriter | None:
    """Start writing, where the environment asks for it."""
    path = os.environ.get(VARIABLE)
    return MapWriter(Path(path), window) if path else None
