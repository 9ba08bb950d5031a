"""Icons: strokes on a grid of 16, kept as SVG files and tinted when they are drawn."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from playground.paths import RESOURCES
from playground.ui.theme import Theme

FOLDER = RESOURCES / "icons"
UNKNOWN = "layer"
SCALES = (1, 2)


@lru_cache(maxsize=512)
def pixmap(name: str, color: str, size: int = 16, scale: float = 1.0, filled: bool = False) -> QPixmap:
    """The icon in one color (``"#RRGGBB"``) at ``size`` logical px; a name without a file gives the plain layer's square."""
    path = FOLDER / f"{name}.svg"
    if not path.exists():
        path = FOLDER / f"{UNKNOWN}.svg"
    source = path.read_text(encoding="utf-8").replace("#000000", color)
    if filled:
        source = source.replace('fill="none"', f'fill="{color}"')
    made = QPixmap(round(size * scale), round(size * scale))
    made.fill(Qt.GlobalColor.transparent)
    made.setDevicePixelRatio(scale)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return made


def icon(name: str, theme: Theme, token: str = "text2", size: int = 16, filled: bool = False) -> QIcon:
    """The icon in a token's color, with its disabled form in ``off``."""
    made = QIcon()
    for scale in SCALES:
        made.addPixmap(pixmap(name, getattr(theme, token), size, scale, filled))
        made.addPixmap(pixmap(name, theme.off, size, scale, filled), QIcon.Mode.Disabled)
    return made
