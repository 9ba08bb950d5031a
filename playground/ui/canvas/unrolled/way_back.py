"""Draws the way back through time: arrows as thick as the gradient's norm, the norms on a log axis, the bracket of the truncation."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from playground.anim.time_cells import REVERSE
from playground.ui.canvas.unrolled import norm_curves, one_error, step_sums
from playground.ui.canvas.unrolled.layout import Layout
from playground.ui.canvas.unrolled.norm_curves import BRACKET, CHAIN
from playground.ui.canvas.unrolled.one_error import Back
from playground.ui.canvas.unrolled.reading import Strip
from playground.ui.numbers import number, scientific
from playground.ui.painters import stripes, tools
from playground.ui.theme import Theme

PILL = 17.0
GRIP = QRectF(-5, -9, 10, 18)
WIDEST = 26.0
"""Px of an arrow at most: of an error that grows on its way."""
PILLS_FROM = 30.0
"""From so many px a step each has a pill with its norm; below that the arrows become one band."""


def thicknesses(norms: np.ndarray, back: Back) -> np.ndarray:
    """(T,) px: 13 + 3.6 log10 (guide, section 7) of each norm as a share of the one where the error comes in (of all errors together, of
    the largest that is known): so the picture is the same however large the loss is."""
    known = norms[np.isfinite(norms)]
    first = float(norms[back.start]) if back.start is not None else float(known.max(initial=0.0))
    made = np.full(len(norms), 1.2)
    there = np.isfinite(norms) & (norms > 0)
    if first > 0:
        made[there] = np.clip(13.0 + 3.6 * np.log10(norms[there] / first), 1.2, WIDEST)
    return made


def paint(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, truncate: int | None, back: Back) -> None:
    """The whole of it; ``truncate`` is the field's value, or the one that a hand drags the bracket to."""
    box = layout.way_back
    painter.setPen(tools.pen(theme.color("line")))
    painter.drawLine(QPointF(0, box.y()), QPointF(layout.width, box.y()))
    made = step_sums.sum_of(strip)
    if made is not None:
        step_sums.paint(painter, strip, layout, theme, made)
        return
    ends, used = norm_curves.ends_of(back), one_error.used(strip, back.start, truncate)
    norm_curves.axis(painter, layout, theme, ends, strip, back)
    painter.save()
    painter.setClipRect(layout.sight.intersected(QRectF(0, box.y(), layout.width, box.height())))
    _beyond(painter, strip, layout, theme, truncate, back, used)
    _chain(painter, strip, layout, theme, back, used)
    norm_curves.curves(painter, strip, layout, theme, ends, back, used)
    _bracket(painter, strip, layout, theme, truncate)
    painter.restore()
    norm_curves.verdict(painter, strip, layout, theme, back)


def tip(strip: Strip, layout: Layout, at: QPointF) -> str:
    """What a step adds to the gradient of the weight that is updated, if one is; else ``""``."""
    made = step_sums.sum_of(strip) if layout.back else None
    return step_sums.tip(layout, made, at) if made is not None else ""


# -- the arrows
def _chain(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, back: Back, used: np.ndarray) -> None:
    """A pill a step with the norm of its error; between two of them an arrow as thick as what it carries. What is beyond the truncation
    is gray and dashed: it would come, and is not used."""
    norms = back.norms.get("h")
    if norms is None:
        return
    if layout.pitch < PILLS_FROM:
        _band(painter, strip, layout, theme, back, used)
        return
    y = layout.way_back.y() + CHAIN / 2 + 2
    falls = strip.end != REVERSE
    wide = pill_width(layout.pitch)
    cut = set(one_error.steps_cut(strip, strip.truncate))
    thick = thicknesses(norms, back)
    for step in layout.seen:
        norm = float(norms[step])
        at = layout.x(step + 0.5)
        if not math.isfinite(norm):
            painter.setPen(tools.pen(theme.color("line2"), 1.0, (3, 3)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(at - wide / 2, y - PILL / 2, wide, PILL), PILL / 2, PILL / 2)
            continue
        if back.start is not None and one_error.order(strip, step) > one_error.order(strip, back.start):
            continue
        now = strip.now is not None and strip.now[0] == step and strip.phase == "backward"
        if wide >= 26:
            box = QRectF(at - wide / 2, y - PILL / 2, wide, PILL)
            _pill(painter, box, theme, norm, bool(used[step]), now, told=layout.whole(step))
        next_ = step - 1 if falls else step + 1
        if not 0 <= next_ < strip.steps or not math.isfinite(float(norms[next_])):
            continue
        half = wide / 2 + 3 if wide >= 26 else 4.0
        start, end = (at - half, layout.x(next_ + 0.5) + half) if falls else (at + half, layout.x(next_ + 0.5) - half)
        flows = bool(used[step] and used[next_]) and norm > 0
        if back.start is None and one_error.order(strip, step) in cut:
            flows = False
        _arrow(painter, start, end, y, float(thick[step]) if flows else 0.0, theme)
    _origin(painter, strip, layout, theme, back, wide / 2 + 3 if wide >= 26 else 4.0)


def pill_width(pitch: float) -> float:
    """Px of a pill where a step has ``pitch`` px: enough for a number and its power of ten, as long as an arrow has room beside it."""
    return min(max(pitch - 26, min(pitch - 16, 36.0)), 50.0)


def _pill(painter: QPainter, box: QRectF, theme: Theme, norm: float, used: bool, now: bool, told: bool) -> None:
    color = theme.color("err" if used and norm > 0 else "text3")
    painter.setPen(tools.pen(color, 2.0 if now else 1.2, () if used else (3, 2)))
    painter.setBrush(theme.color("card"))
    painter.drawRoundedRect(box, PILL / 2, PILL / 2)
    ways = (number(norm, 2), number(norm, 1), scientific(norm), *(["≈0"] if norm < 0.01 else []))
    words = next((one for one in ways if tools.width(one, 10.5, 600) <= box.width() - 4), "")
    if told:  # half a number is another one
        tools.text(painter, box.center().x(), box.center().y(), words, color, 10.5, 600, "center")


def _origin(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, back: Back, off: float) -> None:
    """Where one step's error comes in, in words beside it, if there is room."""
    if back.start is None or not np.isfinite(back.norms["h"][back.start]):
        return
    told = QCoreApplication.translate("unrolled", "error of step {n}").format(n=back.start + 1)
    y, wide = layout.way_back.y() + CHAIN / 2 + 2, tools.width(told, 10.5, 600) + 12
    way = -1.0 if strip.end == REVERSE else 1.0
    end = layout.x(back.start + 0.5) + way * off
    start = end + way * 18
    box = QRectF(start if way > 0 else start - wide, y - 9, wide, 18)
    if not layout.sight.left() <= min(box.left(), end) or max(box.right(), end) > layout.left + layout.room:
        return
    painter.setPen(tools.pen(theme.color("line2")))
    painter.setBrush(theme.color("card"))
    painter.drawRoundedRect(box, 4, 4)
    tools.text(painter, box.center().x(), y, told, theme.color("text"), 10.5, 600, "center")
    tools.arrow(painter, QPointF(start - way * 2, y), QPointF(end, y), theme.color("err"), 1.4)


def _band(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, back: Back, used: np.ndarray) -> None:
    """Where steps are too narrow for arrows of their own: one that is at each step as thick as what it carries."""
    norms = back.norms["h"]
    y = layout.way_back.y() + CHAIN / 2 + 2
    seen = np.arange(layout.seen.start, layout.seen.stop)
    known = seen[np.isfinite(norms[seen]) & (norms[seen] > 0)]
    half = np.maximum(thicknesses(norms, back) * 0.5, 0.8)
    for on in (False, True):
        steps = known[used[known] == on]
        if len(steps) < 2:
            continue
        x = layout.left + (steps + 0.5 - layout.start) * layout.pitch
        shape = np.column_stack([np.append(x, x[::-1]), np.append(y - half[steps], (y + half[steps])[::-1])])
        color = "err" if on else "text3"
        painter.setPen(tools.pen(theme.color(color), 1.2, () if on else (3, 2)))
        painter.setBrush(theme.color(color, 0.22))
        painter.drawPolygon(tools.polygon(shape))
    if len(known):
        falls = strip.end != REVERSE
        tip = layout.x(float(known[0]) + 0.5) if falls else layout.x(float(known[-1]) + 0.5)
        way = 1.0 if falls else -1.0
        painter.setPen(tools.pen(theme.color("err"), 1.4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([QPointF(tip + way * 5, y - 5), QPointF(tip, y), QPointF(tip + way * 5, y + 5)]))
    _origin(painter, strip, layout, theme, back, 6.0)


def _arrow(painter: QPainter, start: float, end: float, y: float, thick: float, theme: Theme) -> None:
    """A hollow block arrow; one that carries nothing is dashed with an open head."""
    way = math.copysign(1.0, end - start)
    if abs(end - start) < 5:
        return
    if thick <= 1.2:
        cut = thick == 0.0
        painter.setPen(tools.pen(theme.color("text3" if cut else "err"), 1.2, (3, 3) if cut else ()))
        painter.drawLine(QPointF(start, y), QPointF(end, y))
        painter.setPen(tools.pen(theme.color("text3" if cut else "err"), 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([QPointF(end - way * 4, y - 3.5), QPointF(end, y), QPointF(end - way * 4, y + 3.5)]))
        return
    half, head = thick * 0.28, min(max(thick * 0.55, 4.0), abs(end - start) * 0.6)
    wing, neck = thick * 0.62, end - way * head
    shape = [(start, y - half), (neck, y - half), (neck, y - wing), (end, y), (neck, y + wing), (neck, y + half), (start, y + half)]
    painter.setPen(tools.pen(theme.color("err"), 1.3))
    painter.setBrush(theme.color("card"))
    painter.drawPolygon(QPolygonF([QPointF(*p) for p in shape]))


# -- the truncation
def handle(strip: Strip, layout: Layout, truncate: int | None) -> QPointF:
    """Where the bracket's handle stands: at the first step that the error of the last ``truncate`` steps comes to; at the edge where that
    is out of sight, for it can be dragged from there too."""
    steps = strip.steps
    reach = min(truncate or steps, steps)
    step = steps - reach if strip.end != REVERSE else reach
    x, left, right = layout.x(step), layout.left, layout.left + layout.room
    if not left - 1 <= x <= right + 1:
        x = left - GRIP.left() if x < left else right - GRIP.right()
    return QPointF(x, layout.way_back.bottom() - BRACKET / 2 + 1)


def truncated_at(strip: Strip, layout: Layout, x: float) -> int | None:
    """What the field becomes when the handle is let go at ``x``: a number of steps, or ``None`` at the far end."""
    step = round((x - layout.left) / layout.pitch + layout.start)
    reach = strip.steps - step if strip.end != REVERSE else step
    reach = min(max(reach, 1), strip.steps)
    return None if reach >= strip.steps else reach


def _beyond(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, truncate: int | None, back: Back, used: np.ndarray) -> None:
    """Hatched: the steps before the truncation, whose share of this error is not used. Of all errors together dashed lines are where each
    window of the truncation begins."""
    if not truncate or truncate >= strip.steps:
        return
    box = layout.way_back
    if back.start is None and back.choice:
        for cut in one_error.steps_cut(strip, truncate):
            at = layout.x(cut if strip.end != REVERSE else strip.steps - cut)
            painter.setPen(tools.pen(theme.color("text2"), 1.2, (3, 3)))
            painter.drawLine(QPointF(at, box.y() + 2), QPointF(at, box.bottom() - BRACKET / 2))
        return
    steps = np.flatnonzero(used)
    if strip.end != REVERSE:
        left, right = layout.x(0), layout.x(int(steps[0]))
    else:
        left, right = layout.x(int(steps[-1]) + 1), layout.x(strip.steps)
    if right <= left:
        return
    area = QRectF(left, box.y() + 1, right - left, box.height() - BRACKET / 2)
    painter.save()
    painter.setOpacity(0.45)
    stripes.waiting(painter, area, theme)
    painter.restore()
    edge = right if strip.end != REVERSE else left
    painter.setPen(tools.pen(theme.color("text"), 1.4, (3, 3)))
    painter.drawLine(QPointF(edge, box.y() + 2), QPointF(edge, box.bottom() - BRACKET / 2))
    told = QCoreApplication.translate("unrolled", "beyond the bracket: not used for the update")
    seen = area.intersected(layout.sight)
    wide = tools.width(told, 10.5, 500) + 10
    if seen.width() >= wide + 8:
        plate = QRectF(max(seen.left(), layout.left) + 6, box.y() + CHAIN + 2, wide, 16)
        painter.fillRect(plate, theme.color("card", 0.9))
        tools.text(painter, plate.center().x(), plate.center().y(), told, theme.color("text2"), 10.5, 500, "center")


def _bracket(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, truncate: int | None) -> None:
    place = handle(strip, layout, truncate)
    end = layout.x(strip.steps if strip.end != REVERSE else 0)
    ink = theme.color("text")
    y = place.y()
    painter.setPen(tools.pen(ink, 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inward = -1.0 if strip.end != REVERSE else 1.0
    painter.drawPolyline(QPolygonF([QPointF(place.x(), y), QPointF(end + inward, y), QPointF(end + inward, y - 6)]))
    told = QCoreApplication.translate("unrolled", "truncation: {n} steps, drag the handle").format(n=truncate)
    if not truncate or truncate >= strip.steps:
        told = QCoreApplication.translate("unrolled", "no truncation: drag the handle")
    left, right = sorted((max(place.x(), layout.left), min(end, layout.left + layout.room)))
    wide = tools.width(told, 10.5, 600) + 12
    middle = (left + right) / 2
    low, high = layout.left + wide / 2, layout.left + layout.room - wide / 2
    middle = min(max(middle, low), max(high, low))
    chip = QRectF(middle - wide / 2, y - 9, wide, 18)
    if chip.contains(QPointF(place.x(), y)) or chip.adjusted(-8, 0, 8, 0).contains(QPointF(place.x(), y)):
        chip.moveLeft(place.x() + 12 if place.x() + 12 + wide < layout.left + layout.room else place.x() - 12 - wide)
    painter.setPen(tools.pen(theme.color("line2")))
    painter.setBrush(theme.color("card"))
    painter.drawRoundedRect(chip, 4, 4)
    tools.text(painter, chip.center().x(), chip.center().y(), told, theme.color("text"), 10.5, 600, "center")
    grip = GRIP.translated(place)
    painter.setPen(tools.pen(ink, 2.0))
    painter.setBrush(theme.color("card"))
    painter.drawRoundedRect(grip, 3, 3)
    painter.setPen(tools.pen(ink, 1.0))
    for dx in (-1.5, 1.5):
        painter.drawLine(place + QPointF(dx, -4), place + QPointF(dx, 4))
