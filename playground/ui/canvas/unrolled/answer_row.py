"""What the network answers at each step, under the states: a bar with its number, and whether that was asked for."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from playground.anim.scale import Scale, greatest
from playground.ui.canvas.unrolled.layout import Layout
from playground.ui.canvas.unrolled.reading import Strip
from playground.ui.numbers import number
from playground.ui.painters import stripes, tools
from playground.ui.theme import Theme

MIDDLE = 0.5
"""A chance above this is a yes."""
UNASKED = 0.3
"""How strong the bar of an answer is drawn that nobody asked for."""
MARK = 5.0
"""Px of the mark at a step where yes is asked for."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("unrolled", text)


def chances(answers: np.ndarray) -> bool:
    """Whether answers (T, K) look like chances: all of them from 0 to 1."""
    known = answers[np.isfinite(answers)]
    return bool(len(known)) and bool((known >= 0).all() and (known <= 1).all())


def right(strip: Strip, step: int) -> bool | None:
    """Whether what was asked for at a step is what the network says; ``None`` where nothing was, or it has not answered yet."""
    answers, asked = strip.answers, strip.asked
    if answers is None or asked is None or asked[step] < 0 or not np.isfinite(answers[step]).all():
        return None
    values = answers[step]
    if len(values) == 1 and not chances(answers):
        return None
    return int(values.argmax() if len(values) > 1 else values[0] > MIDDLE) == int(asked[step])


def idle(strip: Strip, step: int) -> bool:
    """Whether an answer is not asked for at ``step``, though at others it is: it counts neither as right nor as wrong."""
    return strip.asked is not None and strip.asked[step] < 0 and bool((strip.asked >= 0).any())


def given(strip: Strip) -> np.ndarray | None:
    """(T,): the chance that each step gives to what is asked for there, 1 where nothing is; ``None`` where answers are no chances."""
    answers, asked = strip.answers, strip.asked
    if answers is None or asked is None or not np.isfinite(answers).all() or not chances(answers):
        return None
    if answers.shape[1] == 1:
        found = np.where(asked == 1, answers[:, 0], 1.0 - answers[:, 0])
    else:
        found = answers[np.arange(len(asked)), np.clip(asked, 0, answers.shape[1] - 1)]
    return np.where(asked < 0, 1.0, found)


def label(painter: QPainter, strip: Strip, layout: Layout, theme: Theme) -> None:
    """The row's name; where a mark stands for a yes that is asked for, what the mark is."""
    assert strip.answers is not None
    classes = strip.picture.data.classes if strip.picture.data is not None else ()
    marked = strip.asked is not None and len(classes) == 2 and strip.answers.shape[1] == 1
    middle = layout.answer_row.center().y()
    tools.text(painter, 14, middle - (6 if marked else 0), _tr("answer"), theme.color("text2"), 12)
    if marked:
        taken = tools.text(
            painter, 14, middle + 8, _tr("asked: {name}").format(name=classes[1]), theme.color("text3"), 10.5, room=layout.left - 30
        )
        _mark(painter, QPointF(14 + taken + 8, middle + 10), theme)


def tip(strip: Strip, step: int) -> str:
    """The answer of a step in words, and what was asked for."""
    if strip.answers is None or not np.isfinite(strip.answers[step]).all():
        return ""
    values, names = strip.answers[step], strip.picture.data.classes if strip.picture.data is not None else ()
    best = int(values.argmax()) if len(values) > 1 else int(values[0] > MIDDLE)
    told = number(float(values.max()))
    if len(values) > 1 and best < len(names):
        told = f"{names[best]} {told}"
    lines = [_tr("step {n}: answer {told}").format(n=step + 1, told=told)]
    asked = int(strip.asked[step]) if strip.asked is not None else -1
    if 0 <= asked < len(names):
        lines.append(
            _tr("asked for: {name}").format(name=names[asked]) + ("" if right(strip, step) is None or right(strip, step) else " ✗")
        )
    elif idle(strip, step):
        lines.append(_tr("nothing is asked for here"))
    return "\n".join(lines)


def paint(painter: QPainter, strip: Strip, layout: Layout, theme: Theme) -> None:
    """The number of each step, or of classes the surest; a bar as long as it is. What is wrong has a frame and a name of that color."""
    assert strip.answers is not None
    box, probable = layout.answer_row, chances(strip.answers)
    limit = 1.0 if probable else max(greatest(strip.answers), 1e-12)
    if not layout.gap:
        _shades(painter, strip, strip.answers, layout, theme, limit)
        return
    names = strip.picture.data.classes if strip.picture.data is not None else ()
    for step in layout.seen:
        values = strip.answers[step]
        if not np.isfinite(values).all() or (strip.mask is not None and strip.mask[step] == 0):
            continue
        several, best, wrong = len(values) > 1, int(np.argmax(values)), right(strip, step) is False
        value = float(values[best])
        bar = QRectF(layout.x(step) + layout.gap / 2, box.y() + 2, layout.pitch - layout.gap, 9)
        painter.fillRect(bar, theme.color("field"))
        share = min(abs(value) / (1.0 if several else limit), 1.0)
        painter.setOpacity(UNASKED if idle(strip, step) else 1.0)
        color = tools.color_of(value, Scale(1.0, "seq"), theme) if several or probable else tools.signed_color(value, theme)
        painter.fillRect(QRectF(bar.x(), bar.y(), bar.width() * share, bar.height()), color)
        painter.setOpacity(1.0)
        tools.frame(painter, bar, theme.color("bad" if wrong else "line2"))
        if not several and strip.asked is not None and strip.asked[step] == 1:
            _mark(painter, QPointF(bar.right() - MARK, bar.y() + 1), theme)
        if not layout.whole(step):
            continue  # half a number is another one
        name, told = names[best] if several and best < len(names) else "", number(value, 2)
        wide = tools.width(name, 10.5, 600) + (5 if name else 0)
        left = bar.center().x() - (wide + tools.width(told, 10.5)) / 2
        if 2 * (bar.center().x() - left) <= layout.pitch - 2:
            if name:
                ink = "bad" if wrong else "text3" if idle(strip, step) else "text"
                tools.text(painter, left, box.bottom() - 8, name, theme.color(ink), 10.5, 600)
            tools.text(painter, left + wide, box.bottom() - 8, told, theme.color("bad" if wrong and not name else "text2"), 10.5)


def _mark(painter: QPainter, tip: QPointF, theme: Theme) -> None:
    """A triangle that stands on its tip."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("text"))
    painter.drawPolygon(QPolygonF([tip, tip + QPointF(-MARK, -MARK), tip + QPointF(MARK, -MARK)]))


def _shades(painter: QPainter, strip: Strip, answers: np.ndarray, layout: Layout, theme: Theme, limit: float) -> None:
    """The same where steps are too narrow for bars: one picture of all of them, not a hundred."""
    seen = np.arange(layout.seen.start, layout.seen.stop)
    known = np.isfinite(answers[seen]).all(axis=1)
    if strip.mask is not None:
        known &= strip.mask[seen] != 0
    shown = np.where(known, np.max(np.where(known[:, None], answers[seen], 0.0), axis=1), 0.0)
    green = answers.shape[1] > 1 or limit == 1.0
    box = QRectF(layout.x(int(seen[0])), layout.answer_row.y() + 2, len(seen) * layout.pitch, 12)
    stripes.block(painter, box, shown[:, None], Scale(limit, "seq" if green else "div"), theme, 0.0, known[:, None])
    tools.frame(painter, box, theme.color("line2"))
