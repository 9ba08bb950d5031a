"""Sizes of the canvas in logical px, the curves that wires follow, and an item's change of its box. No state, no document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsItem

SNAP = 8
DOTS = 24
HEADER, FOOTER, LINE = 28, 22, 14
"""``LINE`` is what a second line of the footer takes."""
RADIUS = 7
PORT, PORT_HOVER, PORT_REACH = 10, 14, 24
COLUMN_GAP, ROW_GAP = 88, 40
CLOSE_GAP, SHORT = 24, 8
"""Between the cards of a network of more nodes than that, where no weights are edges: so that it can be read in one row."""
ROWS, BEND, LANE = 150, 14, 14
"""From this distance on two ports are of two rows of cards; how far from a port, and how round, a wire between them turns; how far from
each other such wires run."""
CLEAR, LOOKS = 22, 24
"""How far from a card a wire runs that leads around it; at how many places along a wire it is looked whether one lies in its way."""
MARGIN = 16
"""How far beyond its card an item paints: ring, badge and grown ports."""
CHIP = 18


def snapped(x: float, y: float) -> tuple[float, float]:
    """The nearest point of the 8 px grid."""
    return float(round(x / SNAP) * SNAP), float(round(y / SNAP) * SNAP)


def port_heights(card: QRectF, count: int, footer: float = FOOTER) -> list[float]:
    """Where ``count`` ports lie on a side of ``card``: about the middle of its body, at most 24 px apart."""
    body = card.height() - HEADER - footer
    middle = card.top() + HEADER + body / 2
    pitch = min(PORT_REACH, body / max(count, 1))
    return [middle + (index - (count - 1) / 2) * pitch for index in range(count)]


def curve(start: QPointF, end: QPointF, lane: float | None = None, right: float = BEND, left: float = BEND) -> QPainterPath:
    """A cubic whose handles are 40 % of the horizontal distance; a straight line where both ends are about level; back to the start of
    another row of cards, or around cards in its way, along the ``lane`` at this height, or midway between the ends, turning ``right`` and
    ``left`` px from them."""
    path = QPainterPath(start)
    forward = end.x() > start.x()
    if forward and lane is not None:
        return _back(start, end, lane, right, left)
    if abs(start.y() - end.y()) <= SNAP and forward:
        path.lineTo(end)
        return path
    if goes_back(start, end):
        middle = (start.y() + end.y()) / 2
        return _back(start, end, middle if lane is None else lane, right, left)
    handle = max(abs(end.x() - start.x()) * 0.4, 24.0 if forward else 72.0)
    path.cubicTo(start + QPointF(handle, 0), end - QPointF(handle, 0), end)
    return path


def goes_back(start: QPointF, end: QPointF) -> bool:
    """Whether a wire leads back to the start of another row."""
    return end.x() <= start.x() and abs(end.y() - start.y()) >= ROWS


def between(source: QRectF, target: QRectF, cards: Iterable[QRectF]) -> float:
    """The height midway between the rows of these two cards."""
    above, below = (source, target) if source.top() < target.top() else (target, source)
    upper, lower = (above.top(), above.bottom()), (below.top(), below.bottom())
    bottom, top = upper[1], lower[0]
    for card in cards:
        first, last = card.top(), card.bottom()
        if first < upper[1] and last > upper[0]:
            bottom = max(bottom, last)
        elif first < lower[1] and last > lower[0]:
            top = min(top, first)
    return (bottom + top) / 2


def around_cards(start: QPointF, end: QPointF, cards: Sequence[QRectF]) -> float | None:
    """The height at which a wire forward leads around those ``cards`` that it would else run behind, as if it were wired to them: over or
    under them, whichever is nearer. ``None`` where none is in its way."""
    left, right = start.x() + 2 * BEND, end.x() - 2 * BEND
    low, high = sorted((start.y(), end.y()))
    along = [card for card in cards if card.left() < right and card.right() > left]
    near = [card for card in along if card.top() < high + SNAP and card.bottom() > low - SNAP]
    if left >= right or not near:
        return None
    points = list(_places(start, end))
    hit = [card for card in near if any(card.left() <= x <= card.right() and card.top() <= y <= card.bottom() for x, y in points)]
    if not hit:
        return None
    over = _beyond(min(card.top() for card in hit) - CLEAR, -1, along)
    under = _beyond(max(card.bottom() for card in hit) + CLEAR, 1, along)
    middle = (start.y() + end.y()) / 2
    return over if middle - over <= under - middle else under


def _places(start: QPointF, end: QPointF) -> Iterator[tuple[float, float]]:
    """Points of :func:`curve` from ``start`` forward to ``end``; asked of the path they took thirty times as long (measured)."""
    x, y, across, down = start.x(), start.y(), end.x() - start.x(), end.y() - start.y()
    handle = max(across * 0.4, 24.0)
    for at in range(1, LOOKS):
        t = at / LOOKS
        rest, rise = 1 - t, t * t * (3 - 2 * t)
        yield x + 3 * handle * rest * t * (rest - t) + across * rise, y + down * rise


def _beyond(height: float, way: int, cards: Sequence[QRectF]) -> float:
    """``height``, or as much farther up (``way`` -1) or down that a level line there is clear of all ``cards``."""
    for card in sorted(cards, key=lambda card: way * card.center().y()):
        if card.top() - CLEAR < height < card.bottom() + CLEAR:
            height = card.top() - CLEAR if way < 0 else card.bottom() + CLEAR
    return height


def lanes(heights: Sequence[float | None]) -> list[float | None]:
    """``heights`` (``None``: a wire that needs no lane), those at about the same one :data:`LANE` apart: it, below, above it ..."""
    found: list[float | None] = []
    taken: set[tuple[int, int]] = set()
    for height in heights:
        if height is None:
            found.append(None)
            continue
        lane, row = 0, round(height / ROWS)
        while (row, lane) in taken:
            lane = -lane if lane > 0 else 1 - lane
        taken.add((row, lane))
        found.append(height + lane * LANE)
    return found


def _back(start: QPointF, end: QPointF, lane: float, right: float, left: float) -> QPainterPath:
    """Out of a port, to the lane, along it, and into the other port, with round corners."""
    right, left = start.x() + right, end.x() - left
    corners = [QPointF(right, start.y()), QPointF(right, lane), QPointF(left, lane), QPointF(left, end.y())]
    path, at = QPainterPath(start), start
    for corner, following in zip(corners, [*corners[1:], end], strict=True):
        path.lineTo(_towards(corner, at))
        path.quadTo(corner, _towards(corner, following))
        at = corner
    path.lineTo(end)
    return path


def _towards(point: QPointF, other: QPointF) -> QPointF:
    """A bend's length from ``point`` in the direction of ``other``, or at ``other`` where that is nearer."""
    way = other - point
    long = max(abs(way.x()), abs(way.y()), 1e-9)
    return point + way * min(BEND / long, 1.0)


def around(point: QPointF, width: float, height: float | None = None) -> QRectF:
    """The box of this size about ``point``."""
    height = width if height is None else height
    return QRectF(point.x() - width / 2, point.y() - height / 2, width, height)


def leave(item: QGraphicsItem) -> None:
    """Before an item's box changes: have it painted over where it stands. By itself Qt does so in a turn to come, and forgets that place
    if any part of the canvas is painted before then, as where a label or a curve is drawn anew in the same turn."""
    if item.scene() is not None and not item.boundingRect().isEmpty():  # an empty one would be the whole scene
        item.scene().update(item.sceneBoundingRect())
    item.prepareGeometryChange()
