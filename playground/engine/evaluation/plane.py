"""Pictures over the input plane of a two-feature problem: what every neuron answers, and the decision boundary."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from playground.data.spec import Dataset, Extent
from playground.engine.evaluation.records import Plane
from playground.engine.network import Network

MARGIN = 0.1


def extent_of(dataset: Dataset) -> Extent | None:
    """The frame around a plane's points, in the data's units; ``None`` where a sample is no point of a plane."""
    if not dataset.description.is_plane:
        return None
    if dataset.extent is not None:
        return dataset.extent
    points = dataset.train.x * dataset.scale + dataset.offset
    low, high = points.min(axis=0), points.max(axis=0)
    pad = np.maximum(high - low, 1e-6) * MARGIN
    return float(low[0] - pad[0]), float(high[0] + pad[0]), float(low[1] - pad[1]), float(high[1] + pad[1])


def picture(network: Network, extent: Extent, nodes: Iterable[str], neuron_grid: int, boundary_grid: int) -> Plane:
    """The outputs of ``nodes`` (those with one row of units) on a grid of ``neuron_grid``² points and the prediction on one of
    ``boundary_grid``² (0: none). The grids' outermost points are the centers of the picture's outermost pixels."""
    lowered = network.lowered
    seen = [node for node in nodes if "output" in lowered.named.get(node, {}) and len(lowered.named[node]["output"].shape) == 1]
    neurons: dict[str, NDArray[np.floating]] = {}
    if neuron_grid and seen:
        values = network.probe(_grid(extent, neuron_grid), seen)
        neurons = {node: _squares(array, neuron_grid) for node, array in values.items()}
    boundary = _squares(network.forward(_grid(extent, boundary_grid)), boundary_grid) if boundary_grid else None
    return Plane(extent, neurons, boundary)


def _grid(extent: Extent, size: int) -> NDArray[np.float32]:
    """The points of a ``size``² grid, (size², 2), row 0 at the smallest y."""
    x0, x1, y0, y1 = extent
    centers = (np.arange(size) + 0.5) / size
    x, y = np.meshgrid(x0 + (x1 - x0) * centers, y0 + (y1 - y0) * centers)
    return np.stack([x.ravel(), y.ravel()], axis=1).astype(np.float32)


def _squares(values: NDArray[np.floating], size: int) -> NDArray[np.float32]:
    """(size², U) as read-only (U, size, size)."""
    squares = np.ascontiguousarray(values.reshape(size, size, -1).transpose(2, 0, 1), dtype=np.float32)
    squares.flags.writeable = False
    return squares
