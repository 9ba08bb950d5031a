"""Draws the way back through time: arrows as thick as the gradient's norm, the norms on a log axis, the bracket of the truncation."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from playground.anim.time_cells import REVERSE
from playground.ui.canvas.unrolled_data import Strip
from playground.ui.canvas.unrolled_layout import Layout
from playground.ui.numbers import number
from playground.ui.painters import course, stripes, tools
from playground.ui.theme import Theme

CHAIN, BRACKET = 34.0, 26.0
PILL = 17.0
MOST_DECADES = 8
GRIP = QRectF(-5, -9, 10, 18)


def thickness(norm: float) -> float:
    """13 + 3.6 log10 of the norm, px, at least 1.2 (guide, section 7)."""
    return max(13.0 + 3.6 * math.log10(norm), 1.2) if norm > 0 and math.isfinite(norm) else 1.2


def decades(norms: dict[str, np.ndarray]) -> tuple[int, int]:
    """The powers of ten between which the norms lie, at most eight of them."""
    known = np.concatenate([np.ravel(one) for one in norms.values()]) if norms else np.zeros(0)
    known = known[np.isfinite(known) & (known > 0)]
    if not known.size:
        return -3, 0
    high = math.ceil(math.log10(float(known.max())) - 1e-9)
    low = math.floor(math.log10(float(known.min())) + 1e-9)
    return max(min(low, high - 1), high - MOST_DECADES), high


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


def paint(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, truncate: int | None) -> None:
    """The whole of it; ``truncate`` is the field's value, or the one that a hand drags the bracket to."""
    box = layout.way_back
    painter.setPen(tools.pen(theme.color("line")))
    painter.drawLine(QPointF(0, box.y()), QPointF(layout.width, box.y()))
    ends, plot = decades(strip.norms), plot_rect(layout)
    _axis(painter, layout, theme, plot, ends, strip)
    painter.save()
    painter.setClipRect(QRectF(layout.left - 8, box.y(), layout.room + 16, box.height()))
    _beyond(painter, strip, layout, theme, truncate)
    _chain(painter, strip, layout, theme)
    for state, color in (("c", "s4"), ("h", "err")):
        if state in strip.norms:
            _curve(painter, strip, layout, theme, state, color, plot, ends)
    _bracket(painter, strip, layout, theme, truncate)
    painter.restore()
    _weaker(painter, strip, layout, theme, plot)


def _axis(painter: QPainter, layout: Layout, theme: Theme, plot: QRectF, ends: tuple[int, int], strip: Strip) -> None:
    top = layout.way_back.y() + 14
    tools.text(painter, 14, top, QCoreApplication.translate("unrolled", "backward"), theme.color("err"), 12, 600)
    if layout.left >= 120:
        tools.text(painter, 14, plot.y() + 10, QCoreApplication.translate("unrolled", "norm, log axis"), theme.color("text2"), 11)
        for at, (state, color) in enumerate((("h", "err"), ("c", "s4"))):
            if state in strip.norms and plot.height() > 30 + 15 * at:
                tools.text(
                    painter, 14, plot.y() + 27 + 15 * at, f"‖∂L/∂{state}‖" + (" ◇" if state == "h" else " ○"), theme.color(color), 11
                )
    every = max(1, math.ceil((ends[1] - ends[0]) * 15 / max(plot.height(), 1)))
    for power in range(ends[0], ends[1] + 1, every):
        y = height_of(10.0**power, plot, ends)
        painter.setPen(tools.pen(theme.color("line")))
        painter.drawLine(QPointF(plot.x(), y), QPointF(plot.right(), y))
        told = number(10.0**power, 1, trim=True)
        tools.text(painter, layout.left - 6, y, told, theme.color("text3"), 10.5, align="right")


def _points(strip: Strip, layout: Layout, state: str, plot: QRectF, ends: tuple[int, int]) -> list[tuple[int, QPointF]]:
    norms = strip.norms[state]
    seen = layout.seen
    steps = range(max(seen.start - 1, 0), min(seen.stop + 1, len(norms)))
    return [(t, QPointF(layout.x(t + 0.5), height_of(float(norms[t]), plot, ends))) for t in steps if math.isfinite(norms[t])]


def _curve(
    painter: QPainter, strip: Strip, layout: Layout, theme: Theme, state: str, color: str, plot: QRectF, ends: tuple[int, int]
) -> None:
    points = _points(strip, layout, state, plot, ends)
    painter.setPen(tools.pen(theme.color(color), 1.4, () if state == "h" else (4, 3)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF([place for _, place in points]))
    if layout.pitch < 8:
        return
    painter.setBrush(theme.color("card"))
    painter.setPen(tools.pen(theme.color(color), 1.4))
    for _, place in points:
        if state == "h":
            painter.drawPolygon(QPolygonF([place + QPointF(*p) for p in ((0, -4.5), (4.5, 0), (0, 4.5), (-4.5, 0))]))
        else:
            painter.drawEllipse(place, 3.2, 3.2)


def _chain(painter: QPainter, strip: Strip, layout: Layout, theme: Theme) -> None:
    """A pill a step with the norm of its error; between two of them an arrow as thick as what it carries, cut ones dashed."""
    norms = strip.norms.get("h")
    if norms is None or layout.pitch < 30:
        return
    y = layout.way_back.y() + CHAIN / 2 + 2
    falls = strip.end != REVERSE
    wide = min(layout.pitch - 26, 50.0)
    cut = set(course.cuts(strip.picture))
    for step in layout.seen:
        norm = float(norms[step])
        at = layout.x(step + 0.5)
        now = strip.now is not None and strip.now[0] == step and strip.phase == "backward"
        if not math.isfinite(norm):
            painter.setPen(tools.pen(theme.color("line2"), 1.0, (3, 3)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(at - wide / 2, y - PILL / 2, wide, PILL), PILL / 2, PILL / 2)
            continue
        dead = norm == 0
        color = theme.color("text3" if dead else "err")
        if wide >= 26:
            painter.setPen(tools.pen(color, 2.0 if now else 1.2))
            painter.setBrush(theme.color("card"))
            painter.drawRoundedRect(QRectF(at - wide / 2, y - PILL / 2, wide, PILL), PILL / 2, PILL / 2)
            told = number(norm, 2, trim=True)
            told = told if tools.width(told, 10.5, 600) <= wide - 4 else f"{norm:.0e}".replace("e-0", "e−").replace("-", "−")
            tools.text(painter, at, y, told, color, 10.5, 600, "center", room=wide)
        next_ = step - 1 if falls else step + 1
        if not 0 <= next_ < strip.steps or not math.isfinite(float(norms[next_])):
            continue
        order = step if falls else strip.steps - 1 - step
        half = wide / 2 + 3 if wide >= 26 else 4.0
        start, end = (at - half, layout.x(next_ + 0.5) + half) if falls else (at + half, layout.x(next_ + 0.5) - half)
        _arrow(painter, start, end, y, 0.0 if order in cut or dead else thickness(norm), theme)


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
    """Where the bracket's handle stands: at the first step that the error of the last ``truncate`` steps comes to."""
    steps = strip.steps
    reach = min(truncate or steps, steps)
    step = steps - reach if strip.end != REVERSE else reach
    return QPointF(layout.x(step), layout.way_back.bottom() - BRACKET / 2 + 1)


def truncated_at(strip: Strip, layout: Layout, x: float) -> int | None:
    """What the field becomes when the handle is let go at ``x``: a number of steps, or ``None`` at the far end."""
    step = round((x - layout.left) / layout.pitch + layout.start)
    reach = strip.steps - step if strip.end != REVERSE else step
    reach = min(max(reach, 1), strip.steps)
    return None if reach >= strip.steps else reach


def _beyond(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, truncate: int | None) -> None:
    """What the error of the last steps does not come to."""
    if not truncate or truncate >= strip.steps:
        return
    x, box = handle(strip, layout, truncate).x(), layout.way_back
    if strip.end != REVERSE:
        area = QRectF(layout.x(0), box.y() + 1, x - layout.x(0), box.height() - BRACKET / 2)
    else:
        area = QRectF(x, box.y() + 1, layout.x(strip.steps) - x, box.height() - BRACKET / 2)
    stripes.waiting(painter, area, theme)
    for cut in course.cuts(strip.picture) if truncate == strip.truncate else ():
        at = layout.x(cut if strip.end != REVERSE else strip.steps - cut)
        painter.setPen(tools.pen(theme.color("text2"), 1.2, (3, 3)))
        painter.drawLine(QPointF(at, box.y() + 2), QPointF(at, box.bottom() - BRACKET / 2))


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


def _weaker(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, plot: QRectF) -> None:
    """How much weaker, or stronger, the error is at its last step than where it is largest, in words."""
    told = comparison(strip)
    if told and layout.room > 420:
        wide = tools.width(told, 11.5, 600) + 12
        x = min(layout.x(strip.steps), layout.left + layout.room)
        plate = QRectF(x - wide - 4, plot.bottom() - 20, wide, 18)
        painter.fillRect(plate, theme.color("card", 0.86))
        tools.text(painter, plate.center().x(), plate.center().y(), told, theme.color("text"), 11.5, 600, "center")


def comparison(strip: Strip) -> str:
    """The first step's error against the last one's, once both are known."""
    norms = strip.norms.get("h")
    if norms is None or len(norms) < 2:
        return ""
    far, near = (norms[0], norms[-1]) if strip.end != REVERSE else (norms[-1], norms[0])
    step = 1 if strip.end != REVERSE else strip.steps
    other = strip.steps if strip.end != REVERSE else 1
    if not (math.isfinite(far) and math.isfinite(near)) or near == 0:
        return ""
    if far == 0:
        return QCoreApplication.translate("unrolled", "nothing reaches step {step}").format(step=step)
    ratio = far / near
    words = (
        QCoreApplication.translate("unrolled", "{ratio} times weaker at step {step} than at step {other}")
        if ratio < 1
        else QCoreApplication.translate("unrolled", "{ratio} times stronger at step {step} than at step {other}")
    )
    return words.format(ratio=number(max(ratio, 1 / ratio), 2), step=step, other=other)
