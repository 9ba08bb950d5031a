"""The receptive field: which cells of an input can change a cell of a node, followed back through the graph.

As it is counted in the field (Araujo et al. 2019, "Computing receptive fields of convolutional neural networks"): by windows alone, so
that what normalizing over a picture or a batch mixes in does not count; and as if the input went on beyond its edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.document.graph import INPUT, Survey, survey
from playground.document.model import Document
from playground.layers import registry
from playground.layers.geometry import Pair, Window
from playground.layers.spec import Shape, format_shape


@dataclass(frozen=True)
class Field:
    """What the cells of a node look at of one input.

    ``sizes`` are the lengths of the input's axes (rows and columns, or steps), ``lengths`` those of the node's. ``steps`` lead from the
    ``node`` back to the ``source``: (node, the nodes that it reads, its windows along the axes). Without steps each cell sees all.
    """

    sizes: Shape
    lengths: Shape = ()
    node: str = ""
    source: str = ""
    steps: tuple[tuple[str, tuple[str, ...], tuple[Window, ...]], ...] = ()

    @classmethod
    def whole(cls, sizes: Sequence[int]) -> Field:
        """Of a node whose every number sees the whole input."""
        return cls(tuple(sizes))

    def covers(self, axis: int, at: int) -> Pair:
        """The first and the last cell of the input, both included, that cell ``at`` sees along ``axis``; perhaps beyond its edges."""
        if not self.steps:
            return 0, self.sizes[axis] - 1
        found = {self.node: (at, at)}
        for node, reads, windows in self.steps:
            first, last = windows[axis].covers(*found[node])
            for read in reads:
                known = found.get(read, (first, last))
                found[read] = min(first, known[0]), max(last, known[1])
        return found[self.source]

    @cached_property
    def extent(self) -> Shape:
        """How many cells a cell sees along each axis; where upsampling makes them differ, the most that one sees."""
        if not self.steps:
            return self.sizes
        even = all(window.factor == 1 for _, _, windows in self.steps for window in windows)
        found = []
        for axis, length in enumerate(self.lengths):
            spans = [self.covers(axis, at) for at in ((0,) if even else range(length))]
            found.append(max(last - first + 1 for first, last in spans))
        return tuple(found)

    @property
    def rows(self) -> int:
        """Of pictures: how many rows a cell sees."""
        return self.extent[0]

    @property
    def columns(self) -> int:
        """Of pictures: how many columns a cell sees."""
        return self.extent[1]

    @property
    def all(self) -> bool:
        """Whether a cell in the middle sees the whole input."""
        return all(seen >= size for seen, size in zip(self.extent, self.sizes, strict=True))

    def window(self, *place: int) -> tuple[Pair, ...]:
        """For the cell at ``place`` of a map: along each axis the first and the last cell of the input that it sees, within its edges."""
        spans = (self.covers(axis, at) for axis, at in enumerate(place or (0,) * len(self.sizes)))
        return tuple((max(first, 0), min(last, size - 1)) for (first, last), size in zip(spans, self.sizes, strict=True))

    def patch(self, picture: NDArray[Any], row: int, column: int) -> NDArray[Any]:
        """What the cell at (row, column) sees of ``picture`` (C, H, W): (C, rows, columns), zeros beyond its edges."""
        found = np.zeros((len(picture), self.rows, self.columns), picture.dtype)
        starts = [self.covers(axis, at)[0] for axis, at in enumerate((row, column))]
        inside = [
            slice(max(start, 0), max(start, 0, min(start + size, whole)))
            for start, size, whole in zip(starts, self.extent, self.sizes, strict=True)
        ]
        there = tuple(slice(cut.start - start, cut.stop - start) for cut, start in zip(inside, starts, strict=True))
        found[:, there[0], there[1]] = picture[:, inside[0], inside[1]]
        return found

    def words(self) -> str:
        """``"14×14"``."""
        return format_shape(self.extent)


def receptive_field(document: Document, node: str, found: Survey | None = None) -> Field | None:
    """What the cells of ``node`` see of the Input they depend on (the first one, where there are several).

    ``None`` where that has no meaning: a node without rows, columns or steps, one whose shape is not known, one behind a layer that
    mixes places at will (Flatten, Dense over a picture), and an Input itself. ``found`` is the document's survey, if at hand.
    """
    found = survey(document) if found is None else found
    if node not in found.shapes or node not in found.inputs or document.nodes[node].type == INPUT:
        return None
    axes = spatial(found.shapes[node])
    if not axes:
        return None
    needed, steps = {node}, []
    for other in reversed(found.order):
        if other not in needed or document.nodes[other].type == INPUT:
            continue
        windows = _windows(document, found, other)
        if windows is None or len(windows) != len(axes):
            return None
        sources = tuple(wire.source for wire in found.incoming[other])
        needed.update(sources)
        steps.append((other, sources, windows))
    source = next((other for other in found.order if other in needed and document.nodes[other].type == INPUT), None)
    if source is None:
        return None
    return Field(spatial(found.shapes[source]), axes, node, source, tuple(steps))


def spatial(shape: Shape) -> Shape:
    """The axes that windows slide along: rows and columns of a picture (C, H, W), steps of a sequence (T, F)."""
    return shape[1:] if len(shape) == 3 else shape[:1] if len(shape) == 2 else ()


def _windows(document: Document, found: Survey, node: str) -> tuple[Window, ...] | None:
    """How the cells of ``node`` lie over what it gets; ``None`` where they may come from anywhere."""
    layer = registry.find(document.nodes[node].type)
    if layer is None or node not in found.inputs:
        return None
    given = layer.windows(found.fields[node], found.inputs[node])
    if given is not None:
        return given
    axes = spatial(found.shapes[node])
    if all(spatial(shape) == axes for shape in found.inputs[node]):
        return tuple(Window(size) for size in axes)
    return None
