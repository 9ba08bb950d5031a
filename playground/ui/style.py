"""The style sheet ``resources/style.qss``, filled from a theme's tokens. Widgets choose a look by the dynamic property ``look``."""

from __future__ import annotations

from string import Template

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from playground.paths import RESOURCES
from playground.ui.icons import FOLDER
from playground.ui.theme import Theme, font

SHEET = RESOURCES / "style.qss"


def sheet(theme: Theme) -> str:
    """The style sheet in this theme's colors."""
    return Template(SHEET.read_text(encoding="utf-8")).substitute(theme.tokens(), icons=FOLDER.as_posix())


def prepare(app: QApplication, theme: Theme) -> None:
    """Style, palette and font, which widgets measure themselves by. The sheet comes last (:func:`apply`): with one in force, Qt dresses
    a widget and all that is in it anew at every change of parent, so a window is put together three times as fast without it."""
    if not app.styleSheet():
        app.setStyle("Fusion")
    app.setPalette(theme.palette())
    app.setFont(font(12))


def apply(app: QApplication, theme: Theme) -> None:
    """Dress the whole program, and every widget that there is once.

    Qt's own way to change a sheet dresses each widget as often as it has ancestors, which took a third of a second. The style that is asked
    to let go of the application forgets the old sheet's rules, so that there is nothing to be dressed anew when the sheet changes; setting
    the style then dresses all widgets, one after another.
    """
    dressed = bool(app.styleSheet())
    app.setPalette(theme.palette())
    if dressed:
        app.style().unpolish(app)
    app.setStyleSheet(sheet(theme))
    if dressed:
        app.setStyle("Fusion")


def look(widget: QWidget, name: str) -> QWidget:
    """Give ``widget`` one of the sheet's looks; returns it."""
    widget.setProperty("look", name)
    if name in ("panel", "window", "canvas", "segments"):
        widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return widget


def refresh(widget: QWidget) -> None:
    """Read the sheet anew after a dynamic property of ``widget`` changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
