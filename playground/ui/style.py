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


def apply(app: QApplication, theme: Theme) -> None:
    """Dress the whole program: style, palette, font and sheet."""
    app.setStyle("Fusion")
    app.setPalette(theme.palette())
    app.setFont(font(12))
    app.setStyleSheet(sheet(theme))


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
