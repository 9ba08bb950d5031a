"""Draws the norms of the error on its way back, on a log axis: by state, with what is the most it can be, and the whole in words."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from playground.anim.time_cells import REVERSE
from playground.ui.canvas.unrolled import one_error
from playground.ui.canvas.unrolled.layout import Layout
from playground.ui.canvas.unrolled.one_error import Back
from playground.ui.canvas.unrolled.reading import Strip
from playground.ui.numbers import SUPERSCRIPT, number
from playground.ui.painters import tools
from playground.ui.theme import Theme

CHAIN, BRACKET = 34.0, 26.0
"""Px above and below the curves: for the arrows, for the truncation."""
MOST_DECADES = 24
MARKS_FROM = 14.0
"""Px of a step from which each has a mark on its curve: a hundred of them took as long as all else."""
ABOVE = 2
"""Powers of ten that a bound may take above the norms."""
STATES = (("h", "err", "◇"), ("c", "s4", "○"))
MUCH = 100.0
"""From so many times on an error is said to vanish or to explode."""
WEDGE = QRectF(0, 0, 22, 11)
AIR = 4.0
"""Px between what is said and the marks of the curves."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("unrolled", text)


def decades(norms: Mapping[str, np.ndarray]) -> tuple[int, int]:
    """The powers of ten between which the norms lie, at most :data:`MOST_DECADES` of them."""
    known = np.concatenate([np.ravel(one) for one in norms.values()]) if norms else np.zeros(0)
    known = known[np.isfinite(known) & (known > 0)]
    if not known.size:
        return -3, 0
    high = math.ceil(math.log10(float(known.max())) - 1e-9)
    low = math.floor(math.log10(float(known.min())) + 1e-9)
    return max(min(low, high - 1), high - MOST_DECADES), high


def ends_of(back: Back) -> tuple[int, int]:
    """The axis: all norms, and of a bound that rises above them as much as tells that it does."""
    low, high = decades(back.norms)
    if back.limit is not None and np.isfinite(back.limit).any():
        most = float(np.nanmax(np.where(np.isfinite(back.limit), back.limit, np.nan)))
        high = max(high, min(math.ceil(math.log10(most)), high + ABOVE)) if most > 0 else high
    return low, high


def plot_rect(layout: Layout) -> QRectF:
    """What the curves have."""
    box = layout.way_back
    return QRectF(box.x(), box.y() + CHAIN, box.width(), max(box.height() - CHAIN - BRACKET, 20.0))


def height_of(norm: float, box: QRectF, ends: tuple[int, int]) -> float:
    """Where a norm lies on the log axis; 0 lies at its foot."""
    if not norm > 0:
        return box.bottom()
    share = (math.log10(norm) - ends[0]) / (ends[1] - ends[0])
    return box.bottom() - min(max(share, 0.0), 1.0) * box.height()


# -- left of the curves
def axis(painter: QPainter, layout: Layout, theme: Theme, ends: tuple[int, int], strip: Strip, back: Back) -> None:
    """The key, which error it is, the powers of ten."""
    plot, top = plot_rect(layout), layout.way_back.y() + 14
    tools.text(painter, 14, top, _tr("backward"), theme.color("err"), 12, 600)
    if back.choice:
        _chips(painter, layout, theme, back, strip)
    wide = layout.left >= 120
    y = plot.y() + 14
    if wide and plot.height() > 90:
        tools.text(painter, 14, y, _tr("norm, log axis"), theme.color("text2"), 11)
        y += 17
    for state, color, mark in STATES:
        if state in back.norms and y < plot.bottom():
            tools.text(painter, 14, y, f"‖∂L/∂{state}‖ {mark}" if wide else f"{state} {mark}", theme.color(color), 11)
            y += 15
    line = _limit_key(back) if wide else _limit_key(back).partition(" ")[0]
    if line and y < plot.bottom() + 4:
        across = tools.text(painter, 14, y, line, theme.color("text2"), 11, room=layout.left - (62 if wide else 56))
        if wide or across < 20:  # else the ticks' numbers are in the way
            painter.setPen(tools.pen(theme.color("text2"), 1.2, (1.5, 2.5)))
            painter.drawLine(QPointF(18 + across, y), QPointF((36 if wide else 28) + across, y))
    every = max(1, math.ceil((ends[1] - ends[0]) * 15 / max(plot.height(), 1)))
    for power in range(ends[0], ends[1] + 1, every):
        at = height_of(10.0**power, plot, ends)
        painter.setPen(tools.pen(theme.color("line")))
        painter.drawLine(QPointF(plot.x(), at), QPointF(plot.right(), at))
        tools.text(painter, layout.left - 6, at, _power(power), theme.color("text3"), 10.5, align="right")


def _free_place(strip: Strip, layout: Layout, back: Back, wanted: QRectF) -> QRectF:
    """``wanted``, or the same elsewhere in the plot, where fewer points of the curves lie: in another corner, else between."""
    plot, ends = plot_rect(layout), ends_of(back)
    up = plot.bottom() + plot.top() - wanted.bottom() - wanted.top()
    across = plot.left() + plot.right() - wanted.left() - wanted.right()
    heights = (0.0, up, up * 0.5, up * 0.25, up * 0.75)
    places = [wanted.translated(dx, dy) for some in (heights[:2], heights[2:]) for dx in (0.0, across) for dy in some]
    points = np.concatenate([_points(layout, norms, strip.mask, plot, ends)[1] for norms in back.norms.values()])

    def met(box: QRectF) -> int:
        low, high = (box.left() - AIR, box.top() - AIR), (box.right() + AIR, box.bottom() + AIR)
        return int(np.count_nonzero(np.all((points >= low) & (points <= high), axis=1)))

    return min(places, key=met)


def _power(power: int) -> str:
    """``0.01``, ``10⁻⁷``."""
    return number(10.0**power, 1, trim=True) if -3 <= power <= 3 else f"10{str(power).translate(SUPERSCRIPT)}"


def _limit_key(back: Back) -> str:
    """What the dotted line is called."""
    if back.bound is not None:
        return _tr("bound {factor}ᵏ").format(factor=number(back.bound.factor, 2))
    if back.straight is not None:
        return "∏ f" if "c" in back.norms else _tr("∏ kept")
    return ""


def _chips(painter: QPainter, layout: Layout, theme: Theme, back: Back, strip: Strip) -> None:
    """Whether one step's error is shown or all together: pressed like a pair of buttons."""
    last = 0 if strip.end == REVERSE else strip.steps - 1
    words = one_error.words_of(back.start if back.start is not None else last)
    for at, (box, told) in enumerate(zip(one_error.chips(layout, words), (words, _tr("all")), strict=True)):
        on = (back.start is None) == bool(at)
        painter.setPen(tools.pen(theme.color("line2")))
        painter.setBrush(theme.color("accent_soft" if on else "card"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        color = theme.color("text" if on else "text3")
        tools.text(painter, box.center().x(), box.center().y(), told, color, 10.5, 600 if on else 400, "center")


# -- the curves
def curves(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, ends: tuple[int, int], back: Back, used: np.ndarray) -> None:
    """What limits it, then c and h; what is not used for the update in gray."""
    plot = plot_rect(layout)
    for line in (back.limit, back.straight):
        if line is not None:
            _dotted(painter, strip, layout, theme, line, plot, ends)
    for state, color, _ in STATES[::-1]:
        if state in back.norms:
            _curve(painter, strip, layout, theme, state, back.norms[state], color, plot, ends, used)


def _dotted(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, line: np.ndarray, plot: QRectF, ends: tuple[int, int]) -> None:
    """A line that may leave the axis: there it is cut off."""
    painter.save()
    painter.setClipRect(plot.adjusted(0, -2, 0, 2), Qt.ClipOperation.IntersectClip)
    painter.setPen(tools.pen(theme.color("text2"), 1.4, (1.5, 2.5)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(tools.polygon(_points(layout, line, None, plot, ends, beyond=50.0)[1]))
    painter.restore()


def _points(
    layout: Layout, line: np.ndarray, mask: np.ndarray | None, plot: QRectF, ends: tuple[int, int], beyond: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """The steps in sight, and one more on either side, at which there is an error (0 has no place on a log axis), and their points (n, 2);
    what lies outside the axis is moved to its ends, or to ``beyond`` times its height from them."""
    seen = layout.seen
    steps = np.arange(max(seen.start - 1, 0), min(seen.stop + 1, len(line)))
    there = np.isfinite(line[steps]) & (line[steps] > 0)
    if mask is not None:
        there &= mask[steps] != 0
    steps = steps[there]
    shares = np.clip((np.log10(line[steps]) - ends[0]) / (ends[1] - ends[0]), -beyond, 1.0 + beyond)
    x = layout.left + (steps + 0.5 - layout.start) * layout.pitch
    return steps, np.column_stack([x, plot.bottom() - shares * plot.height()])


def _curve(
    painter: QPainter,
    strip: Strip,
    layout: Layout,
    theme: Theme,
    state: str,
    norms: np.ndarray,
    color: str,
    plot: QRectF,
    ends: tuple[int, int],
    used: np.ndarray,
) -> None:
    """A line with a mark at each step; gray where it is not used."""
    steps, points = _points(layout, norms, strip.mask, plot, ends)
    inside = np.flatnonzero(used[steps])
    first, last = (int(inside[0]), int(inside[-1])) if len(inside) else (len(steps) - 1, len(steps) - 1)
    dash = () if state == "h" else (4.0, 3.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for part, shade in ((points[: first + 1], "text3"), (points[last:], "text3"), (points[first : last + 1], color)):
        if len(part) > 1:
            painter.setPen(tools.pen(theme.color(shade), 1.4, dash))
            painter.drawPolyline(tools.polygon(part))
    if layout.pitch < MARKS_FROM:
        return
    painter.setBrush(theme.color("card"))
    for step, (x, y) in zip(steps.tolist(), points.tolist(), strict=True):
        painter.setPen(tools.pen(theme.color(color if used[step] else "text3"), 1.4))
        if state == "h":
            painter.drawPolygon(QPolygonF([QPointF(x + dx, y + dy) for dx, dy in ((0, -4.5), (4.5, 0), (0, 4.5), (-4.5, 0))]))
        else:
            painter.drawEllipse(QPointF(x, y), 3.2, 3.2)


# -- in words
def comparison(strip: Strip, back: Back) -> str:
    """The error where it comes in against what of it comes to the direction's first step, once both are known."""
    found = _ends_of(strip, back)
    if found is None:
        return ""
    far, near, step, other = found
    if far == 0:
        return _tr("nothing reaches step {step}").format(step=step)
    ratio = far / near
    if _level(far, near):
        return _tr("as strong at step {step} as at step {other}").format(step=step, other=other)
    words = (
        _tr("{ratio} times weaker at step {step} than at step {other}")
        if ratio < 1
        else _tr("{ratio} times stronger at step {step} than at step {other}")
    )
    told = words.format(ratio=number(max(ratio, 1 / ratio), 2), step=step, other=other)
    if ratio >= MUCH:
        return _tr("exploding: {words}").format(words=told)
    return _tr("vanishing: {words}").format(words=told) if ratio <= 1 / MUCH else told


def _ends_of(strip: Strip, back: Back) -> tuple[float, float, int, int] | None:
    """The norm at the first step taken, and where the error comes in; the numbers of these steps."""
    norms = back.norms.get("h")
    if norms is None or len(norms) < 2 or (back.start is None and back.choice):
        return None
    last, first = (0, strip.steps - 1) if strip.end == REVERSE else (strip.steps - 1, 0)
    start = last if back.start is None else back.start
    far, near = float(norms[first]), float(norms[start])
    if start == first or not (math.isfinite(far) and math.isfinite(near)) or near == 0:
        return None
    return far, near, first + 1, start + 1


def _level(far: float, near: float) -> bool:
    """Whether no difference can be told in the digits that are printed."""
    return min(far, near) > 0 and number(max(far / near, near / far), 2) == "1.0"


def verdict(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, back: Back) -> None:
    """The comparison with a wedge, thin where the error is small: below the curves of one that fades, above those of one that grows."""
    told, found = comparison(strip, back), _ends_of(strip, back)
    norms = back.norms.get("h")
    if norms is not None and np.isfinite(norms).all() and not norms.any():
        words, plot = _tr("no error: the loss asks for no change here"), plot_rect(layout)
        tools.text(painter, plot.center().x(), plot.center().y(), words, theme.color("text2"), 12, align="center", room=plot.width())
        return
    if not told or found is None or layout.room <= 420:
        return
    plot, growing = plot_rect(layout), found[0] > found[1]
    wide = tools.width(told, 11.5, 600) + WEDGE.width() + 20
    x = min(layout.x(strip.steps), layout.left + layout.room) - wide - 4
    if strip.end == REVERSE:
        x = max(layout.x(0), layout.left) + 4
    much = max(found[0], found[1]) >= MUCH * min(found[0], found[1])
    box = _free_place(strip, layout, back, QRectF(x, plot.top() + 1 if growing else plot.bottom() - 21, wide, 20))
    painter.setPen(tools.pen(theme.color("err" if growing and much else "line2"), 1.2 if growing and much else 1.0))
    painter.setBrush(theme.color("card", 0.92))
    painter.drawRoundedRect(box, 4, 4)
    wedge = WEDGE.translated(box.x() + 7, box.center().y() - WEDGE.height() / 2)
    thin, thick = (wedge.right(), wedge.left()) if growing != (strip.end == REVERSE) else (wedge.left(), wedge.right())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("err"))
    half, y = wedge.height() / 2 if _level(found[0], found[1]) else 0.6, wedge.center().y()
    shape = [(thin, y - half), (thick, wedge.top()), (thick, wedge.bottom()), (thin, y + half)]
    painter.drawPolygon(QPolygonF([QPointF(*p) for p in shape]))
    tools.text(painter, wedge.right() + 7, box.center().y(), told, theme.color("err" if growing and much else "text"), 11.5, 600)
