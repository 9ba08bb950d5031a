"""How wires to another row of cards, or around a card, keep clear of each other: lanes, and verticals of their own. No state."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter

from PySide6.QtCore import QPointF, QRectF

from playground.document import Wire
from playground.ui.canvas import geometry

Ends = tuple[QPointF, QPointF]
"""Where a wire begins and ends."""

SPREAD = 7.0
"""Px between two verticals side by side."""
TURNS = (geometry.BEND, geometry.BEND - SPREAD, *(geometry.BEND + SPREAD * more for more in range(1, 50)))
"""How far from its port a wire turns: as always, then nearer, then farther out."""


@dataclass(frozen=True, slots=True)
class Route:
    """``height``: where a wire runs back; ``right`` and ``left``: how far from its start and its end it turns. All px."""

    height: float
    right: float = geometry.BEND
    left: float = geometry.BEND


def routes(ends: Mapping[Wire, Ends], boxes: Mapping[str, QRectF]) -> list[Route | None]:
    """A route for each wire that leads back to another row, or around a card in its way (``None`` for others); ``boxes`` are the cards."""
    spans = sorted(((box.left(), box.right(), id, box) for id, box in boxes.items()), key=itemgetter(0))
    lefts, widest = [span[0] for span in spans], max((right - left for left, right, _, _ in spans), default=0.0)
    heights: list[float | None] = []
    for wire, (start, end) in ends.items():
        if geometry.goes_back(start, end):
            heights.append(geometry.between(boxes[wire.source], boxes[wire.target], boxes.values()))
        else:
            first, last = start.x(), end.x()
            along = spans[bisect_left(lefts, first - widest) : bisect_left(lefts, last)]
            between = [box for _, right, id, box in along if right > first and id not in (wire.source, wire.target)]
            heights.append(geometry.around_cards(start, end, between))
    return apart(list(ends.values()), heights)


def apart(ends: Sequence[Ends], heights: Sequence[float | None]) -> list[Route | None]:
    """A route for each wire with a height to run at (``None``: one that needs none), no two of which run over each other.

    Of wires at one card the one whose port is the farthest from the lanes turns farthest out and takes the lane next to that row's
    cards, so that it does not cross the others there.
    """
    lanes = _in_order(ends, heights)
    found = [None if lane is None else Route(lane) for lane in lanes]
    taken: list[tuple[float, float, float]] = []
    for side in (0, 1):
        reach = {at: abs(ends[at][side].y() - lane) for at, lane in enumerate(lanes) if lane is not None}
        for at in sorted(reach, key=reach.__getitem__, reverse=True):
            route, port = found[at], ends[at][side]
            assert route is not None
            top, bottom = sorted((port.y(), route.height))
            beside = sorted(x for x, low, high in taken if low < bottom and top < high)
            bend = next((bend for bend in TURNS if _clear(_turn(port, bend, side), beside)), TURNS[0])
            taken.append((_turn(port, bend, side), top, bottom))
            found[at] = replace(route, left=bend) if side else replace(route, right=bend)
    return found


def _turn(port: QPointF, bend: float, side: int) -> float:
    return port.x() - bend if side else port.x() + bend


def _clear(x: float, beside: Sequence[float]) -> bool:
    """Whether a vertical at ``x`` has room beside those, from left to right."""
    at = bisect_left(beside, x)
    return (at == 0 or x - beside[at - 1] >= SPREAD) and (at == len(beside) or beside[at] - x >= SPREAD)


def _in_order(ends: Sequence[Ends], heights: Sequence[float | None]) -> list[float | None]:
    """The lanes of these heights, those of a row the higher the lower both ports are."""
    lanes, rows = geometry.lanes(heights), dict[int, list[int]]()
    found = list(lanes)
    for at, height in enumerate(heights):
        if height is not None:
            rows.setdefault(round(height / geometry.ROWS), []).append(at)
    for row in rows.values():
        downward = sorted(lanes[at] or 0.0 for at in row)
        for at, lane in zip(sorted(row, key=lambda at: -(ends[at][0].y() + ends[at][1].y())), downward, strict=True):
            found[at] = lane
    return found
