"""The sum over all steps that makes the gradient of a recurrent weight: each step's part of it, below the step, while it is updated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QPointF, QRectF
from PySide6.QtGui import QPainter

from playground.anim.time_cells import REVERSE
from playground.ui.canvas.unrolled.layout import Layout
from playground.ui.canvas.unrolled.norm_curves import plot_rect
from playground.ui.canvas.unrolled.reading import Strip
from playground.ui.numbers import number
from playground.ui.painters import tools
from playground.ui.theme import Theme

Array = NDArray[np.float64]
LETTERS = {"weight_input": ("w", "x", ""), "weight_hidden": ("u", "h", "−1"), "bias": ("b", "", "")}
"""Of a parameter its letter, and what the error of a step is multiplied by: of this step, or of the one before."""
BARS_FROM = 24.0
"""From so many px a step its part is written above its bar."""
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
NEAR = 2e-3
"""How far the parts may be from the trace's gradient, as a share of it: they are its rounding, or another formula's."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("unrolled", text)


@dataclass(frozen=True, slots=True)
class Sum:
    """``parts`` (T,) come to ``total``, the sample's gradient of entry ``index`` of ``parameter``; ``errors`` (T,) times ``read`` (T,) are
    the parts (``read`` ``None`` of a bias)."""

    parameter: str
    index: tuple[int, ...]
    parts: Array
    total: float
    errors: Array
    read: Array | None


def sum_of(strip: Strip) -> Sum | None:
    """Of the weight that a pass updates now; ``None`` elsewhere, and where its gradient is no plain sum of errors times inputs (a GRU's
    candidate, which reads a state reset)."""
    cursor, trace = strip.cursor, strip.picture.trace
    if cursor is None or trace is None or cursor.stage.phase != "update" or cursor.stage.node != strip.node or cursor.place is None:
        return None
    name, index = cursor.place
    plain = name.removesuffix(REVERSE)
    node, parameter = trace.nodes.get(strip.node), trace.parameters.get(f"{strip.node}/{name}")
    if node is None or parameter is None or parameter.gradient is None or plain not in LETTERS or (plain + strip.end) != name:
        return None
    found, states = node.gradients.get(f"pre_activation{strip.end}"), node.values.get(f"h{strip.end}")
    if found is None or states is None or index[0] >= found.shape[1] or (plain == "weight_input" and strip.inputs is None):
        return None
    errors = np.asarray(found[:, index[0]], np.float64)
    read: Array | None = None
    if plain == "weight_hidden":
        read = np.zeros(len(errors))
        before = np.asarray(states[:, index[1]], np.float64)
        read[slice(None, -1) if strip.end == REVERSE else slice(1, None)] = before[1:] if strip.end == REVERSE else before[:-1]
        start = node.values.get(f"begun_h{strip.end}", node.values.get(f"start_h{strip.end}"))
        if start is not None:  # learned, given by wire, or where a stateful layer went on
            read[-1 if strip.end == REVERSE else 0] = start[index[1]]
    elif plain == "weight_input" and strip.inputs is not None:
        if index[1] >= strip.inputs.shape[1]:
            return None
        read = np.asarray(strip.inputs[:, index[1]], np.float64)
    parts = errors if read is None else errors * read
    total = float(parameter.gradient[index])
    if not abs(float(parts.sum()) - total) <= NEAR * float(np.abs(parts).sum()) + 1e-12:
        return None
    return Sum(plain, index, parts, total, errors, read)


def paint(painter: QPainter, strip: Strip, layout: Layout, theme: Theme, made: Sum) -> None:
    """In the place of the norms: a bar a step, up or down, and what they come to."""
    plot, letter = plot_rect(layout), LETTERS[made.parameter]
    up, down = float(made.parts.max(initial=0.0)), float(-made.parts.min(initial=0.0))
    most = max(up + down, 1e-300)
    tall = max(plot.height() - 30, 16.0)
    middle = plot.y() + 18 + tall * up / most
    entry = letter[0] + ",".join(str(at + 1) for at in made.index).translate(SUBSCRIPTS)
    tools.text(painter, 14, layout.way_back.y() + 14, _tr("sum over steps"), theme.color("err"), 12, 600)
    tools.text(painter, 14, plot.y() + 14, f"∂L/∂{entry} =", theme.color("text"), 11.5, 600)
    product = "Σ δ(t)" if not letter[1] else f"Σ δ(t)·{letter[1]}(t{letter[2]})"
    tools.text(painter, 14, plot.y() + 32, product, theme.color("text2"), 11.5, room=layout.left - 18)
    painter.save()
    painter.setClipRect(layout.sight.intersected(QRectF(0, layout.way_back.y(), layout.width, layout.way_back.height())))
    painter.setPen(tools.pen(theme.color("line3")))
    painter.drawLine(QPointF(plot.x(), middle), QPointF(plot.right(), middle))
    for step in layout.seen:
        part = float(made.parts[step])
        high = tall * abs(part) / most
        gap = max(layout.gap / 2, layout.pitch * 0.12)
        box = QRectF(layout.x(step) + gap, middle - high if part > 0 else middle, layout.pitch - 2 * gap, high)
        painter.fillRect(box, theme.color("err" if part > 0 else "err_neg"))
        told = _short(part, layout.pitch - 2)
        if layout.pitch >= BARS_FROM and part and told:
            y = middle - high - 8 if part > 0 else middle + high + 8
            tools.text(painter, layout.x(step + 0.5), y, told, theme.color("text2"), 10.5, align="center")
    painter.restore()
    told = _tr("{n} steps come to {total}").format(n=int(np.count_nonzero(made.parts)), total=number(made.total, 3, signed=True))
    wide = tools.width(told, 11.5, 600) + 14
    box = QRectF(min(layout.x(strip.steps), plot.right()) - wide - 4, layout.way_back.y() + 6, wide, 20)
    painter.setPen(tools.pen(theme.color("line2")))
    painter.setBrush(theme.color("card", 0.92))
    painter.drawRoundedRect(box, 4, 4)
    tools.text(painter, box.center().x(), box.center().y(), told, theme.color("text"), 11.5, 600, "center")


def _short(value: float, room: float) -> str:
    """As exactly as fits; ``""`` where nothing does."""
    for digits in (3, 2, 1):
        told = number(value, digits, signed=True)
        if tools.width(told, 10.5) <= room:
            return told
    return ""


def tip(layout: Layout, made: Sum, at: QPointF) -> str:
    """The part of the step under the pointer; ``""`` elsewhere."""
    step = layout.step_at(at.x())
    if step is None or not layout.way_back.contains(at):
        return ""
    product = number(float(made.errors[step]), 3, signed=True)
    if made.read is not None:
        product += f" · {number(float(made.read[step]), 3, signed=True)}"
    return _tr("step {n}").format(n=step + 1) + f": {product} = {number(float(made.parts[step]), 3, signed=True)}"
