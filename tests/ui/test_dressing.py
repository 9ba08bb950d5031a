"""How the window is dressed: every widget once at a change of theme, and with the look that a window opened in that theme has."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from playground.ui import style
from tests.ui.shell_support import running_window, state  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("state")


class Dressings(QObject):
    """Counts the widgets that are told of a new style."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += watched.isWidgetType() and event.type() == QEvent.Type.StyleChange
        return False


def test_a_change_of_theme_dresses_every_widget_once(qtbot, qapp: QApplication) -> None:
    """Qt's own way to change a sheet comes to each widget as often as it has ancestors."""
    with running_window(qtbot) as window:
        dressings = Dressings()
        qapp.installEventFilter(dressings)
        window.set_theme("light")
        qapp.removeEventFilter(dressings)
        assert len(qapp.allWidgets()) <= dressings.count < 1.2 * len(qapp.allWidgets())


def test_a_changed_theme_looks_like_one_from_the_start(qtbot, qapp: QApplication) -> None:
    with running_window(qtbot) as window:
        parts = (window.bar, window.palette_, window.inspector, window.dock, window.status)
        dark = [part.grab().toImage() for part in parts]
        window.set_theme("light")
        changed = [part.grab().toImage() for part in parts]
        qapp.setStyleSheet("")  # undressed, and dressed as a window is that opens
        style.apply(qapp, window.theme)
        assert [part.grab().toImage() for part in parts] == changed
        assert all(image != before for image, before in zip(changed, dark, strict=True))
