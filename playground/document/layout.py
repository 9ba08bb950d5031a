"""Where cards go: a layered layout from left to right, aligning and distributing. Pure; sizes come from whoever draws.

The layout is Sugiyama's: layers by the longest path from the inputs, long wires carried through the layers between by
dummies, crossings reduced by sweeps that sort each layer by the barycenter of its neighbors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from playground.document.graph import incoming, order
from playground.document.model import Document

Point = tuple[float, float]
Size = tuple[float, float]

GAP_X = 72.0
GAP_Y = 40.0
GRID = 8.0
SWEEPS = 8
DEFAULT_SIZE: Size = (120.0, 176.0)
_Slot = tuple[str, int]  # a node (0) or, on the wire to it, its dummy in some layer (1 ...): (name, serial)

Edge = Literal["left", "center", "right", "top", "middle", "bottom"]


def tidy(document: Document, sizes: Mapping[str, Size] | None = None, gap: Size = (GAP_X, GAP_Y)) -> dict[str, Point]:
    """The top left corner of every card: layers from left to right, middles level where they can be, no two overlapping.

    ``sizes`` are (width, height) by node; a missing one is :data:`DEFAULT_SIZE`. Left edges and middles lie on the 8 px grid,
    so that wires between cards of unlike heights are level. Nodes on a circle of wires stand in a layer of their own at the
    right.
    """
    size = {node: (sizes or {}).get(node, DEFAULT_SIZE) for node in document.nodes}
    depth = _depths(document)
    columns, links = _slots(document, depth)
    _reduce_crossings(columns, links)
    height = {slot: size[slot[0]][1] if slot[1] == 0 else 0.0 for column in columns for slot in column}
    middle = _middles(columns, links, height, gap[1])
    corners: dict[str, Point] = {}
    x = 0.0
    for column in columns:
        nodes = [slot[0] for slot in column if slot[1] == 0]
        width = max((size[node][0] for node in nodes), default=0.0)
        for node in nodes:
            left = x + (width - size[node][0]) / 2
            corners[node] = (_snap(left), _snap(middle[node, 0]) - size[node][1] / 2)
        x += width + gap[0] if nodes else 0.0
    top = min((y for _, y in corners.values()), default=0.0)
    return {node: (left, y - top) for node, (left, y) in corners.items()}


def align(positions: Mapping[str, Point], sizes: Mapping[str, Size], edge: Edge) -> dict[str, Point]:
    """The cards moved so that their given edges (or middles) are level with the foremost one's, or their common middle."""
    if not positions:
        return {}
    axis, share = {"left": (0, 0.0), "center": (0, 0.5), "right": (0, 1.0), "top": (1, 0.0), "middle": (1, 0.5), "bottom": (1, 1.0)}[edge]
    lines = [positions[node][axis] + share * sizes[node][axis] for node in positions]
    line = min(lines) if share == 0 else max(lines) if share == 1 else (min(lines) + max(lines)) / 2
    return {node: _with(point, axis, line - share * sizes[node][axis]) for node, point in positions.items()}


def distribute(positions: Mapping[str, Point], sizes: Mapping[str, Size], axis: Literal["x", "y"]) -> dict[str, Point]:
    """The cards moved so that the gaps between them are equal; the outermost two stay."""
    i = 0 if axis == "x" else 1
    row = sorted(positions, key=lambda node: positions[node][i])
    if len(row) < 3:
        return dict(positions)
    span = positions[row[-1]][i] + sizes[row[-1]][i] - positions[row[0]][i]
    gap = (span - sum(sizes[node][i] for node in row)) / (len(row) - 1)
    moved, at = dict(positions), positions[row[0]][i]
    for node in row:
        moved[node] = _with(positions[node], i, at)
        at += sizes[node][i] + gap
    return moved


def _depths(document: Document) -> dict[str, int]:
    """The longest path from an input, in wires; then inputs of later joins move right, to stand before their reader."""
    wires, passed = incoming(document), order(document)
    depth: dict[str, int] = {}
    for node in passed:
        depth[node] = max((depth[wire.source] + 1 for wire in wires[node]), default=0)
    readers: dict[str, list[str]] = {node: [] for node in document.nodes}
    for node in passed:
        for wire in wires[node]:
            readers[wire.source].append(node)
    for node in reversed(passed):
        if not wires[node] and readers[node]:
            depth[node] = min(depth[reader] for reader in readers[node]) - 1
    beyond = max(depth.values(), default=-1) + 1
    return {node: depth.get(node, beyond) for node in document.nodes}


def _slots(document: Document, depth: Mapping[str, int]) -> tuple[list[list[_Slot]], list[tuple[_Slot, _Slot]]]:
    """The columns of nodes and dummies, and the links between neighboring columns."""
    columns: list[list[_Slot]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node in document.nodes:
        columns[depth[node]].append((node, 0))
    links: list[tuple[_Slot, _Slot]] = []
    serial = 0
    for wires in incoming(document).values():
        for wire in wires:
            before: _Slot = (wire.source, 0)
            for column in range(depth[wire.source] + 1, depth[wire.target]):
                serial += 1
                dummy = (wire.target, serial)
                columns[column].append(dummy)
                links.append((before, dummy))
                before = dummy
            if depth[wire.source] < depth[wire.target]:
                links.append((before, (wire.target, 0)))
    return columns, links


def _neighbors(links: Sequence[tuple[_Slot, _Slot]]) -> tuple[dict[_Slot, list[_Slot]], dict[_Slot, list[_Slot]]]:
    left: dict[_Slot, list[_Slot]] = {}
    right: dict[_Slot, list[_Slot]] = {}
    for source, target in links:
        left.setdefault(target, []).append(source)
        right.setdefault(source, []).append(target)
    return left, right


def _reduce_crossings(columns: list[list[_Slot]], links: Sequence[tuple[_Slot, _Slot]]) -> None:
    """Sort columns in place, forth and back, by the mean place of their neighbors; the best order seen stays."""
    left, right = _neighbors(links)
    best, fewest = [list(column) for column in columns], crossings(columns, links)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        forth = sweep % 2 == 0
        for column in columns if forth else reversed(columns):
            place = {slot: i for other in columns for i, slot in enumerate(other)}
            near = left if forth else right
            # ignored: mypy cannot infer the type of a lambda with defaults, which bind this turn's tables
            column.sort(key=lambda slot, near=near, place=place: _mean([place[n] for n in near.get(slot, ())], place[slot]))  # type: ignore[misc]
        if (count := crossings(columns, links)) < fewest:
            best, fewest = [list(column) for column in columns], count
    columns[:] = best


def crossings(columns: Sequence[Sequence[_Slot]], links: Sequence[tuple[_Slot, _Slot]]) -> int:
    """How many pairs of links cross, with the columns in this order."""
    place = {slot: (c, i) for c, column in enumerate(columns) for i, slot in enumerate(column)}
    between: dict[int, list[tuple[int, int]]] = {}
    for source, target in links:
        between.setdefault(place[source][0], []).append((place[source][1], place[target][1]))
    return sum((a - c) * (b - d) < 0 for pairs in between.values() for k, (a, b) in enumerate(pairs) for c, d in pairs[:k])


def _middles(
    columns: Sequence[Sequence[_Slot]], links: Sequence[tuple[_Slot, _Slot]], height: Mapping[_Slot, float], gap: float
) -> dict[_Slot, float]:
    """The middle of each slot's card: drawn to its neighbors' by turns, pushed apart where cards would overlap."""
    left, right = _neighbors(links)
    middle: dict[_Slot, float] = {}
    for column in columns:
        _spread(column, dict.fromkeys(column, 0.0), middle, height, gap)
    for sweep in range(SWEEPS):
        near = left if sweep % 2 == 0 else right
        for column in columns if sweep % 2 == 0 else reversed(columns):
            wished = {slot: _mean([middle[n] for n in near.get(slot, ())], middle[slot]) for slot in column}
            _spread(column, wished, middle, height, gap)
    return middle


def _spread(
    column: Sequence[_Slot], wished: Mapping[_Slot, float], middle: dict[_Slot, float], height: Mapping[_Slot, float], gap: float
) -> None:
    """Middles as near the wished ones as order and gaps allow (least squares: pool adjacent violators)."""
    offsets, at = [], 0.0
    for slot in column:
        offsets.append(at + height[slot] / 2)
        at += height[slot] + gap
    blocks: list[tuple[float, int]] = []  # mean of (wish - offset), members
    for slot, offset in zip(column, offsets, strict=True):
        mean, count = wished[slot] - offset, 1
        while blocks and blocks[-1][0] > mean:
            other, members = blocks.pop()
            mean, count = (other * members + mean * count) / (members + count), members + count
        blocks.append((mean, count))
    shifts = [mean for mean, count in blocks for _ in range(count)]
    for slot, offset, shift in zip(column, offsets, shifts, strict=True):
        middle[slot] = offset + shift


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _with(point: Point, axis: int, value: float) -> Point:
    return (value, point[1]) if axis == 0 else (point[0], value)


def _snap(value: float) -> float:
    return round(value / GRID) * GRID
