"""Which numbers of a strip belong to those of the Explain panel: what the pointer is over is told, what is lit there is ringed here."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from playground.anim.account import Place
from playground.ui.canvas.unrolled.layout import Layout
from playground.ui.canvas.unrolled.reading import Strip
from playground.ui.explain.places import Key
from playground.ui.painters import course, placing, tools
from playground.ui.theme import Theme
from playground.ui.workbench import Workbench


def entry_at(strip: Strip, layout: Layout, focus: int | None, at: QPointF) -> tuple[Key, int] | None:
    """The entry of a gate or state at a point, and the entry of the output that stands for it; ``None`` beside the rows. ``focus`` is
    the row that is shown by itself."""
    found = layout.entry_at(at, strip.unit)
    if found is None:
        return None
    row, step, unit = focus if focus is not None else found[0], *found[1:]
    return (strip.node, strip.rows[row].name, (step, unit)), course.entry_of(strip.picture, strip.end, step, unit)


def point(workbench: Workbench, found: tuple[Key, int] | None) -> None:
    """Tell the workbench what the pointer is over, as a card does."""
    entry, unit = found if found is not None else (None, None)
    if entry != workbench.pointed:
        workbench.pointed = entry
        workbench.hover_changed.emit(entry[0] if entry is not None else "", unit)


def ring(
    painter: QPainter, strip: Strip, layout: Layout, focus: int | None, lit: Iterable[Place], source: str, theme: Theme
) -> list[QRectF]:
    """Ring those places of ``lit`` that are in sight, and return where: gates, states and their sums in the rows, what is read (values of
    the node ``source``) in its tile."""
    boxes: list[QRectF] = []
    for place in lit:
        box = box_of(strip, layout, focus, place, source)
        if box is not None and box.intersects(layout.sight) and box not in boxes:
            boxes.append(box)
    painter.save()
    painter.setClipRect(layout.sight)
    for box in boxes:
        tools.ring(painter, placing.seen(box), theme.color("accent"), off=1.0, width=2, radius=3)
    painter.restore()
    return boxes


def box_of(strip: Strip, layout: Layout, focus: int | None, place: Place, source: str) -> QRectF | None:
    """Where a place is drawn on the strip, in sight or not; ``None`` where it is not."""
    if not place.index or not 0 <= place.index[0] < strip.steps:
        return None
    if place.node == source and place.name == "output":
        tiles = layout.tiles
        return QRectF(layout.x(place.index[0]) + layout.gap / 2, tiles.y() + 1, layout.pitch - layout.gap, tiles.height() - 2)
    found = course.row_of(strip.picture, place.name, place.index) if place.node == strip.node else None
    if found is None or found[1] != strip.end:
        return None
    gate, _, step, unit = found
    rows = [at for at, row in enumerate(strip.rows) if row.gate == gate and focus in (None, at)]
    if not rows:
        return None
    cell = layout.cell(rows[0] if focus is None else 0, step, gate == "c")
    return layout.unit_rect(cell, unit, strip.unit)
