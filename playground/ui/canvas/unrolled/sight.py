"""From which step on an unrolled node is seen: as it opens, and when a step is to come into sight. Steps are counted from 0."""

from __future__ import annotations

import math

from playground.anim.time_cells import REVERSE, TimeCells
from playground.ui.canvas.unrolled.layout import Layout
from playground.ui.canvas.unrolled.reading import Strip, last_real
from playground.ui.explain.subjects import strongest

BESIDE = 130.0
"""Px between the step whose error is sent back and the edge: the words of where it comes in stand there."""


def room(layout: Layout) -> int:
    """How many steps a way back is to have before the step whose error it is: as many as there is room for, of all in sight a quarter."""
    return int((layout.room - BESIDE) / layout.pitch) - 1 if layout.scrolls else layout.steps // 4


def of_error(strip: Strip, layout: Layout, step: int) -> float:
    """With the error of ``step``, the words beside it, and what it goes back through."""
    beside = BESIDE / layout.pitch
    if strip.end == REVERSE:
        return math.floor(step - beside)
    return math.ceil(step + 1 + beside - layout.room / layout.pitch)


def of_end(strip: Strip, layout: Layout) -> float:
    """With the last step that is read: of a direction that reads from the right, the first."""
    if strip.end == REVERSE:
        return 0.0
    return min(max(math.ceil(last_real(strip) - layout.room / layout.pitch - 1e-6), 0.0), layout.last_start)


def of_pass(strip: Strip) -> float:
    """With the step that a pass comes to first."""
    return 0.0 if rightward(strip) else float(strip.steps)


def told(strip: Strip | None) -> int | None:
    """The step at which a pass stands; where it stands at the whole node that of which Explain tells, ``None`` where it is elsewhere."""
    if strip is None or strip.now is not None:
        return None if strip is None else strip.now[0]
    cursor, trace = strip.cursor, strip.picture.trace
    if cursor is None or trace is None or cursor.stage.node != strip.node or not isinstance(cursor.stage.cells, TimeCells):
        return None
    cell = cursor.stage.cells.of_unit(strongest(cursor.stage, trace))
    return None if cell is None else cursor.stage.cells.place(cell)[1][0]


def with_step(strip: Strip | None, layout: Layout, step: int) -> float | None:
    """With ``step`` and more of what comes next than of what was; ``None`` where it is in sight."""
    if not layout.scrolls or layout.start <= step <= layout.start + layout.room / layout.pitch - 1:
        return None
    return round(step - layout.room / layout.pitch * (0.25 if strip is not None and rightward(strip) else 0.75))


def rightward(strip: Strip) -> bool:
    """Whether a pass goes from left to right now."""
    return (strip.phase == "forward") != (strip.end == REVERSE)
