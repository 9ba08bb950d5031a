"""Where a grid of values crosses a level: marching squares, all cells at once."""

from __future__ import annotations

import numpy as np


def segments(values: np.ndarray, level: float) -> np.ndarray:
    """Line pieces on which ``values`` (rows, columns) equals ``level``, by linear interpolation on the cells' edges.

    Returns float64 (n, 4): x0, y0, x1, y1 in grid units (column, row). A cell crossed on all four edges gives two pieces.
    """
    above = np.asarray(values, np.float64) - level
    if not np.isfinite(above).all():
        above = np.nan_to_num(above, nan=1.0, posinf=1.0, neginf=-1.0)
    a, b, c, d = above[:-1, :-1], above[:-1, 1:], above[1:, 1:], above[1:, :-1]  # corners, around the cell
    rows, columns = np.indices(a.shape)
    edges = []
    for first, second, x0, y0, dx, dy in ((a, b, 0, 0, 1, 0), (b, c, 1, 0, 0, 1), (d, c, 0, 1, 1, 0), (a, d, 0, 0, 0, 1)):
        crossed = (first > 0) != (second > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(crossed, first / (first - second), 0.0)
        edges.append((crossed, columns + x0 + dx * share, rows + y0 + dy * share))
    hits = np.stack([edge[0] for edge in edges])
    count = hits.sum(axis=0)
    pieces = []
    for i, j in ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)):
        cell = (count == 2) & hits[i] & hits[j]
        pieces.append(np.stack([edges[i][1][cell], edges[i][2][cell], edges[j][1][cell], edges[j][2][cell]], axis=1))
    saddle = count == 4
    for i, j in ((0, 1), (2, 3)):
        pieces.append(np.stack([edges[i][1][saddle], edges[i][2][saddle], edges[j][1][saddle], edges[j][2][saddle]], axis=1))
    return np.concatenate(pieces)
