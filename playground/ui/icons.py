"""Icons: strokes on a grid of 16, kept as SVG files and tinted when they are drawn."""

from __future__ import annotations

from functools import cache, lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton

from playground.paths import RESOURCES
from playground.ui.theme import Theme

FOLDER = RESOURCES / "icons"
UNKNOWN = "layer"
SCALES = (1, 2)
GAP = 4
"""px between an icon and the words of its button, beside Qt's own 2."""


@cache
def _sources() -> dict[str, str]:
    """All files at once, while the window is made: later, beside a run that is saved, the disk may take its time."""
    return {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.svg")}


@lru_cache(maxsize=512)
def pixmap(name: str, color: str, size: int = 16, scale: float = 1.0, filled: bool = False, gap: int = 0) -> QPixmap:
    """The icon in one color (``"#RRGGBB"``) at ``size`` logical px, with ``gap`` px of room behind it; a name without a file gives the
    plain layer's square."""
    source = _sources().get(name, _sources()[UNKNOWN]).replace("#000000", color)
    if filled:
        source = source.replace('fill="none"', f'fill="{color}"')
    made = QPixmap(round((size + gap) * scale), round(size * scale))
    made.fill(Qt.GlobalColor.transparent)
    made.setDevicePixelRatio(scale)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return made


def icon(name: str, theme: Theme, token: str = "text2", size: int = 16, filled: bool = False, gap: int = 0) -> QIcon:
    """The icon in a token's color, with its disabled form in ``off``."""
    made = QIcon()
    for scale in SCALES:
        made.addPixmap(pixmap(name, getattr(theme, token), size, scale, filled, gap))
        made.addPixmap(pixmap(name, theme.off, size, scale, filled, gap), QIcon.Mode.Disabled)
    return made


def beside(button: QAbstractButton, name: str, theme: Theme, token: str = "text2", size: int = 16) -> None:
    """Give ``button`` an icon that keeps clear of its words: under a style sheet Qt leaves 2 px between them."""
    button.setIcon(icon(name, theme, token, size, gap=GAP))
    button.setIconSize(QSize(size + GAP, size))
