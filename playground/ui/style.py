"""The style sheet ``resources/style.qss``, filled from a theme's tokens. Widgets choose a look by the dynamic property ``look``."""

from __future__ import annotations

from collections.abc import Generator
from functools import cache
from string import Template
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QGraphicsView, QWidget
from shiboken6 import isValid

from playground import turns
from playground.paths import RESOURCES
from playground.ui.dialogs.slices import Slices
from playground.ui.icons import FOLDER
from playground.ui.in_turn import InTurn, queue
from playground.ui.theme import Theme, font

SHEET = RESOURCES / "style.qss"
Dressed = TypeVar("Dressed", bound=QWidget)


@cache
def sheet(theme: Theme) -> str:
    """The style sheet in this theme's colors."""
    return Template(SHEET.read_text(encoding="utf-8")).substitute(theme.tokens(), icons=FOLDER.as_posix())


def prepare(app: QApplication, theme: Theme) -> None:
    """Style, palette and font, which widgets measure themselves by. The sheet comes last (:class:`Dresser`): with one in force, Qt dresses
    a widget and all that is in it anew at every change of parent, so a window is put together three times as fast without it."""
    if not app.styleSheet():
        app.setStyle("Fusion")
    app.setPalette(theme.palette())
    app.setFont(font(12))


class Dresser(QObject):
    """Dresses the program, over what :func:`prepare` set, and changes the dress while it runs: some widgets at a time, so that
    its windows go on answering; they are painted anew once all is done.

    Qt's own way to change a sheet dresses each widget as often as it has ancestors: a third of a second for a window like this one. The
    style that is asked to let go of the application forgets the old sheet's rules, and then finds nothing to be dressed anew when the
    sheet changes.
    """

    def __init__(self, app: QApplication, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._app, self._slices = app, Slices(self)
        self._windows: list[QWidget] = []
        app.setStyleSheet(sheet(theme))

    @turns.window
    def change(self, theme: Theme) -> None:
        """Begin with another theme, in place of a change that is still going on."""
        app = self._app
        if not self._windows:
            self._windows = [window for window in app.topLevelWidgets() if window.isVisible() and window.updatesEnabled()]
            for window in self._windows:
                window.setUpdatesEnabled(False)
        app.setPalette(theme.palette())
        app.style().unpolish(app)
        app.setStyleSheet(sheet(theme))
        self._slices.run(_dressed(app), lambda _: queue().ask(self, self._show))

    def _show(self) -> bool:
        if self._slices.running:  # for another theme, since this one waits for its turn
            return False
        for window in self._windows:
            if isValid(window):
                _let_go(window)
                for view in window.findChildren(QGraphicsView):
                    view.viewport().update()  # Qt takes one that was grabbed for painted
                window.repaint()  # what was about to be painted when the updates were held keeps Qt from asking for another painting
        self._windows = []
        return True


def _let_go(window: QWidget) -> None:
    """Undo ``setUpdatesEnabled(False)``. Qt's own way back marks each widget to be painted, and all is then painted twice: with its
    window, and as what lies on it (measured)."""
    window.setAttribute(Qt.WidgetAttribute.WA_ForceUpdatesDisabled, False)
    free = {window}
    for widget in (window, *window.findChildren(QWidget)):  # each after the one that it lies on
        if widget is window or (widget.parentWidget() in free and not _held_itself(widget)):
            widget.setAttribute(Qt.WidgetAttribute.WA_UpdatesDisabled, False)
            free.add(widget)


def _held_itself(widget: QWidget) -> bool:
    return widget.isWindow() or widget.testAttribute(Qt.WidgetAttribute.WA_ForceUpdatesDisabled)


def _dressed(app: QApplication) -> Generator[float, None, str]:
    """What Qt does to every widget at a change of the sheet; those that come later have the new one from their start."""
    widgets, changed = app.allWidgets(), QEvent(QEvent.Type.StyleChange)
    for done, widget in enumerate(widgets):
        if isValid(widget):
            widget.style().polish(widget)
            QCoreApplication.sendEvent(widget, changed)
            yield done / len(widgets)
    for view in app.allWidgets():
        if isValid(view) and isinstance(view, QGraphicsView | InTurn) and view.isVisible():
            inner = view.viewport() if isinstance(view, QGraphicsView) else view
            inner.grab()  # many keep their pictures (canvas/sprite.py, panels/chart.py): the one painting of all has less to do
            yield 1.0
    return ""


def look(widget: Dressed, name: str) -> Dressed:
    """Give ``widget`` one of the sheet's looks; returns it."""
    widget.setProperty("look", name)
    if name in ("panel", "window", "canvas", "segments"):
        widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return widget


def refresh(widget: QWidget) -> None:
    """Read the sheet anew after a dynamic property of ``widget`` changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
