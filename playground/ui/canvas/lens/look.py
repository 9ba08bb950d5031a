"""How the lens is drawn: what it is told beside the position itself, and how it writes numbers where there is little room."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QCoreApplication

from playground.anim.scale import Scale
from playground.ui.explain.figures import USUAL_FIGURES, Figures
from playground.ui.explain.hiding import Hidden
from playground.ui.numbers import MINUS, SUPERSCRIPT, short
from playground.ui.painters import tools
from playground.ui.theme import Theme


def tr(text: str) -> str:
    return QCoreApplication.translate("lens", text)


@dataclass(frozen=True, slots=True)
class Look:
    """How it is to be drawn. ``plane`` is the channel on show (a position), ``added`` how many of them are added up; ``done`` how many
    cells of the target are computed (``None``: all). ``hot`` (row, column) of the grids is under the pointer. Of the titles the first that
    has room is written."""

    theme: Theme
    title: str
    source_titles: tuple[str, ...]
    target_titles: tuple[str, ...]
    source_scale: Scale
    target_scale: Scale
    plane: int = 0
    added: int = 1
    done: int | None = None
    figures: Figures = USUAL_FIGURES
    hidden: Hidden = field(default_factory=Hidden)
    hot: tuple[int, int] | None = None
    note: str = ""


def unit_of(limit: float) -> float:
    """The power of a thousand in which numbers up to ``limit`` are written, so that two digits say something."""
    if not np.isfinite(limit) or 0.0995 <= limit < 999.5 or limit <= 0:
        return 1.0
    return 10.0 ** (3 * math.floor((math.log10(limit) + 1) / 3))


def in_units(unit: float) -> str:
    """``in 10⁻³``."""
    return tr("in 10{power}").format(power=str(round(math.log10(unit))).translate(SUPERSCRIPT))


def cell_words(value: float, limit: float, room: float) -> str:
    """A number as short as a cell needs it, all of a grid alike: two decimals without the zero before them, fewer of larger ones."""
    if value == 0 or not np.isfinite(value):
        return "0" if value == 0 else short(value)
    value, limit = value / unit_of(limit), limit / unit_of(limit)
    first = 2 if limit < 9.95 else 1 if limit < 99.5 else 0
    for decimals in range(first, -1, -1):
        words = f"{value:.{decimals}f}".replace("-", MINUS)
        words = words.replace("0.", ".", 1) if abs(value) < 1 else words
        if not words.strip(f"{MINUS}0."):
            return "≈0"
        if tools.width(words, 10, 500) <= room:
            return words
    return ""
