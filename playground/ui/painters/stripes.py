"""Values through time as pictures: steps to the right, units down. One image a row, however many steps there are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from playground.anim.scale import Scale
from playground.ui.painters import tools
from playground.ui.painters.matrix import averaged
from playground.ui.theme import Theme

LINED = 5.0
"""Px of a unit that is switched off from which on a line goes through it."""


@lru_cache(maxsize=32)
def _hatched(theme: Theme, wide: int, high: int, ratio: float) -> QPixmap:
    made = QPixmap(math.ceil(wide * ratio), math.ceil(high * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    with QPainter(made) as painter:
        painter.fillRect(QRectF(0, 0, wide, high), tools.hatch(theme, "waiting"))
    return made


def waiting(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """Hatch ``rect``: there is nothing yet. From pixels that are kept: a brush is scaled anew in every frame, which took half of it."""
    if rect.isEmpty():
        return
    wide, high = (64 * math.ceil(side / 64) for side in (rect.width(), rect.height()))
    ratio = painter.device().devicePixelRatioF() * max(painter.worldTransform().m11(), 1.0)
    painter.drawPixmap(rect, _hatched(theme, wide, high, ratio), QRectF(0, 0, rect.width() * ratio, rect.height() * ratio))


def folded(values: np.ndarray, rows: float) -> np.ndarray:
    """(U, T) from (T, U), with at most ``rows`` rows: more units than that are drawn as root mean squares with the mean's sign, as the
    weights of a matrix are."""
    high = max(int(rows), 1)
    return averaged(np.ascontiguousarray(values.T), high, values.shape[0])[0]


def block(
    painter: QPainter,
    rect: QRectF,
    values: np.ndarray,
    scale: Scale,
    theme: Theme,
    gap: float = 0.0,
    known: np.ndarray | None = None,
    ground: str = "card",
) -> None:
    """``values`` (T, U) in ``rect``, ``gap`` px between steps; what is not ``known`` (T, U) hatched instead."""
    steps = len(values)
    if known is not None and not known.any():
        waiting(painter, rect, theme)
        return
    if known is not None:
        values = np.where(known, values, 0)  # nothing of them must shine through at an edge that lies between two pixels
    shown = folded(values, rect.height())
    pitch = (rect.width() + gap) / steps
    tools.cells(painter, rect, shown, scale, theme)
    if known is not None:
        _wait(painter, rect, known, pitch, theme, ground)
    if gap:
        color = theme.color(ground)
        for step in range(1, steps):
            painter.fillRect(QRectF(rect.x() + step * rect.width() / steps - gap / 2, rect.y(), gap, rect.height()), color)


def switched_off(painter: QPainter, rect: QRectF, units: int, off: Sequence[int], theme: Theme) -> None:
    """Pale the stripes of units that are off, with a line through each that is high enough for one."""
    high = rect.height() / max(units, 1)
    for unit in off:
        stripe = QRectF(rect.x(), rect.y() + unit * high, rect.width(), high)
        painter.fillRect(stripe, theme.color("card", 0.7))
        if high >= LINED:
            painter.fillRect(QRectF(stripe.x(), stripe.center().y() - 0.5, stripe.width(), 1), theme.color("text3"))


def _wait(painter: QPainter, rect: QRectF, known: np.ndarray, pitch: float, theme: Theme, ground: str) -> None:
    """Cover what a pass has not come to: whole steps at once, of the step at hand the units ahead."""
    steps, units = known.shape
    wide, high = rect.width() / steps, rect.height() / units
    whole = ~known.any(axis=1)
    start = 0
    while start < steps:
        if not whole[start]:
            if not known[start].all():
                first = int(np.argmin(known[start]))
                _cover(painter, QRectF(rect.x() + start * wide, rect.y() + first * high, wide, rect.height() - first * high), theme, ground)
            start += 1
            continue
        end = start
        while end < steps and whole[end]:
            end += 1
        _cover(painter, QRectF(rect.x() + start * wide, rect.y(), (end - start) * wide, rect.height()), theme, ground)
        start = end


def _cover(painter: QPainter, box: QRectF, theme: Theme, ground: str) -> None:
    painter.fillRect(box, theme.color(ground))
    waiting(painter, box, theme)


def padded(painter: QPainter, rect: QRectF, mask: np.ndarray | None, theme: Theme, ground: str = "card") -> None:
    """Fade the steps of ``rect`` at which ``mask`` (T,) is 0, and hatch them: they are padding."""
    if mask is None:
        return
    wide = rect.width() / len(mask)
    for step in np.flatnonzero(mask == 0):
        box = QRectF(rect.x() + step * wide, rect.y(), wide, rect.height())
        painter.fillRect(box, theme.color(ground, 0.72))
        waiting(painter, box, theme)
