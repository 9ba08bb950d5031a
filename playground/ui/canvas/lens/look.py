"""How the lens is drawn: what it is told beside the position itself, and how it writes numbers where there is little room."""

from __future__ import annotations

import math
from collections.abc import Sequence
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


SIZES = (12.0, 10.5, 10.0)
"""Of the numbers in cells, in px: the largest that has room."""


def _most_decimals(limit: float) -> int:
    limit /= unit_of(limit)
    return 2 if limit < 9.95 else 1 if limit < 99.5 else 0


def _rounded(value: float, limit: float, decimals: int) -> str:
    """``value`` in the unit of ``limit``, without the zero before its decimals."""
    if value == 0 or not np.isfinite(value):
        return "0" if value == 0 else short(value)
    value /= unit_of(limit)
    words = f"{value:.{decimals}f}".replace("-", MINUS)
    words = words.replace("0.", ".", 1) if abs(value) < 1 else words
    return words if words.strip(f"{MINUS}0.") else "≈0"


def cell_words(value: float, limit: float, room: float) -> str:
    """One number as short as a cell needs it: two decimals without the zero before them, fewer of larger ones and where room is short."""
    if value == 0 or not np.isfinite(value):
        return _rounded(value, limit, 0)
    for decimals in range(_most_decimals(limit), -1, -1):
        words = _rounded(value, limit, decimals)
        if words == "≈0" or tools.width(words, SIZES[-1], 500) <= room:
            return words
    return ""


def grid_words(values: Sequence[float], limit: float, room: float, sizes: tuple[float, ...] = SIZES) -> tuple[list[str], float]:
    """The numbers of a grid as :func:`cell_words` writes them, and their size in px. All have the same decimals and the same size: −.4
    beside .25 would look like the rounder of the two. Where no decimals leave room for all, those that it holds are written."""
    most = _most_decimals(limit)
    least = min(most, 1 if 0 < limit / unit_of(limit) < 0.95 else 0)  # without a decimal all of them would be about 0
    for decimals in range(most, least - 1, -1):
        words = [_rounded(value, limit, decimals) for value in values]
        finite = [told for told, value in zip(words, values, strict=True) if np.isfinite(value)]  # others are striped
        widths = {size: max((tools.width(told, size, 500) for told in finite), default=0.0) for size in sizes}
        size = next((size for size in sizes if widths[size] <= room), None)
        if size is not None:
            return words, size
    return [told if tools.width(told, sizes[-1], 500) <= room else "" for told in words], sizes[-1]
