"""What an unrolled node says: its facts in a line, and the number under the pointer."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF

from playground.ui.canvas.unrolled import answer_row
from playground.ui.canvas.unrolled.layout import Layout
from playground.ui.canvas.unrolled.reading import Strip
from playground.ui.numbers import count, number, short
from playground.ui.painters import tools
from playground.ui.painters.course import Row
from playground.ui.painters.recurrent import gate_name, switched_off

NUMBER = 11.0
"""Px of the numbers that are read, in cells."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("unrolled", text)


def facts(strip: Strip, layout: Layout | None, parameters: int) -> tuple[str, ...]:
    """``"8 units · 800 parameters · shown: 11 of 40 steps"``, and shorter ones where that has no room. Without ``layout`` all steps are
    shown."""
    units = _tr("{n} units").format(n=count(strip.units)) if strip.units != 1 else _tr("1 unit")
    told = _tr("{n} steps").format(n=strip.steps) if strip.steps != 1 else _tr("1 step")
    weights = _tr("{n} parameters").format(n=count(parameters))
    steps = _tr("shown: {n} of {all} steps").format(n=len(layout.seen), all=strip.steps) if layout is not None else told
    words = _tr("unit {n} selected") if strip.unit not in strip.off else _tr("unit {n} selected, switched off")
    chosen = [words.format(n=strip.unit + 1)] if strip.unit is not None and strip.units > 1 else []
    forms = ([units, weights, steps, *chosen], [units, steps, *chosen], [steps, *chosen], [told])
    return tuple(" · ".join(parts) for parts in forms)


def tip(strip: Strip, layout: Layout, focus: int | None, at: QPointF) -> str:
    """Of what lies at ``at``; ``focus`` is the row that is shown by itself."""
    found = layout.entry_at(at, strip.unit)
    if found is not None:
        return _number(strip, focus if focus is not None else found[0], found[1], found[2])
    if at.x() < layout.left and layout.tiles.bottom() < at.y() < layout.rows_bottom:
        return _tr("Click: this row by itself, or all of them")
    step = layout.step_at(at.x()) if layout.answers and layout.answer_row.contains(at) else None
    if step is not None:
        return answer_row.tip(strip, step)
    if layout.back and layout.way_back.contains(at):
        return _norms(strip, layout.step_at(at.x()))
    return _tr("The wheel moves through time, with Ctrl it makes steps wider or narrower")


def _number(strip: Strip, at: int, step: int, unit: int) -> str:
    return value(strip, strip.rows[at], step, unit)


def value(strip: Strip, row: Row, step: int, unit: int) -> str:
    """The number of a row at a step and a unit, with its name."""
    place = _tr("step {step}, unit {unit}").format(step=step + 1, unit=unit + 1)
    if row.values is None or (row.known is not None and not row.known[step, unit]):
        return f"{gate_name(row)}, {place}: " + _tr("not computed yet")
    told = f"{gate_name(row)}, {place}: {number(float(row.values[step, unit]), signed=row.scale.signed)}"
    if unit in strip.off:
        return f"{told}\n{switched_off(unit)}"
    padding = strip.mask is not None and strip.mask[step] == 0
    return told + ("\n" + _tr("padding: the state is carried on") if padding else "")


def held(strip: Strip, row: Row, holds: np.ndarray | None) -> str:
    """At how many of the steps on show a condition holds; on the way back none does, for it is on values."""
    if holds is None:
        return _tr("errors are shown: the condition is on values") if row.error else ""
    real = strip.steps if strip.mask is None else int((strip.mask != 0).sum())
    return _tr("holds at {n} of {all} steps here").format(n=int(holds.any(axis=1).sum()), all=real)


def _norms(strip: Strip, step: int | None) -> str:
    if step is None:
        return ""
    told = [f"‖∂L/∂{state}‖ = {number(float(norms[step]))}" for state, norms in strip.norms.items()]
    return _tr("step {n}").format(n=step + 1) + ": " + ", ".join(told)


def fitting(value: float, room: float) -> str:
    """A number that is read, with as many digits as ``room`` px hold: half a number is another one."""
    near = ["≈0"] if abs(value) < 0.01 else []
    return next((told for told in (short(value), number(value, 1, trim=True), *near) if tools.width(told, NUMBER, 500) <= room), "…")
