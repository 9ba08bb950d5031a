"""Windows that slide over a plane, for accounts: pictures (C, H, W) and sequences (T, F) alike.

A sequence is taken as a picture of one row: its features are planes, its steps columns. Layouts show it the other way, features as rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from playground.anim.account import Layout
from playground.anim.accounts.book import Index
from playground.anim.accounts.reading import Array
from playground.layers.geometry import Window
from playground.layers.spec import Shape

Coordinates = tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Slide:
    """The windows along the rows and the columns of what an operation reads. ``single``: there is one window over all, so that what
    is made has a number a plane and no more axes."""

    rows: Window
    columns: Window
    sequence: bool
    single: bool = False

    @classmethod
    def of(cls, shape: Shape, options: Mapping[str, Any], kernel: Sequence[int] | None = None, made: Shape | None = None) -> Slide:
        """From the options of a convolution (with its ``kernel``'s taps), a pool, ``pad`` or ``upsample``, and the shapes of what is
        read and what is ``made``."""
        sequence = len(shape) == 2
        axes = 1 if sequence else 2
        ones = (1,) * axes
        taps = tuple(kernel) if kernel is not None else tuple(options.get("size", ones))
        padding = tuple(options.get("padding", (0, 0) * axes))
        found = [
            Window(size, tap, step, apart, padding[2 * axis], padding[2 * axis + 1], factor)
            for axis, (size, tap, step, apart, factor) in enumerate(
                zip(
                    shape[:1] if sequence else shape[1:],
                    taps,
                    options.get("stride", ones),
                    options.get("dilation", ones),
                    options.get("factor", ones),
                    strict=True,
                )
            )
        ]
        single = made is not None and len(made) == 1
        return cls(Window(1), found[0], True, single) if sequence else cls(found[0], found[1], False, single)

    def canonical(self, index: Index) -> tuple[int, int, int]:
        """(plane, row, column) of an entry."""
        if len(index) == 1:
            return index[0], 0, 0
        if self.sequence:
            step, feature = index
            return feature, 0, step
        plane, row, column = index
        return plane, row, column

    def entry(self, plane: Any, row: Any, column: Any) -> tuple[Any, ...]:
        """The entry at a plane, row and column, numbers or letters."""
        return (column, plane) if self.sequence else (plane, row, column)

    def answer(self, plane: Any, row: Any, column: Any) -> tuple[Any, ...]:
        """The entry of what is made."""
        return (plane,) if self.single else self.entry(plane, row, column)

    def planes(self, array: Array) -> Array:
        """An array of this kind as (planes, rows, columns), float64."""
        wide = array.T[:, None, :] if self.sequence else array
        return wide.astype(np.float64)

    @property
    def size(self) -> tuple[int, int]:
        """(rows, columns) of a plane that is read."""
        return self.rows.size, self.columns.size

    @property
    def made(self) -> tuple[int, int]:
        """(rows, columns) of a plane that is made."""
        return self.rows.length, self.columns.length

    def under(self, row: int, column: int) -> tuple[Coordinates, Coordinates]:
        """The rows and columns of the input under each tap of the window at (row, column) of the output, beyond its edges too."""
        return _taps(self.rows, row), _taps(self.columns, column)

    def over(self, row: int, column: int) -> tuple[Coordinates, Coordinates]:
        """The rows and columns of the output whose window has cell (row, column) of the input under a tap, last tap first; ``None``
        where the stride leaves no window."""
        return _windows(self.rows, row), _windows(self.columns, column)

    def layout(self, planes: Sequence[int], rows: Coordinates, columns: Coordinates, size: tuple[int, int], **more: Any) -> Layout:
        """A layout over planes of ``size``. ``kernel`` in ``more`` is (planes, rows, columns)."""
        if not self.sequence:
            return Layout(tuple(planes), rows, columns, size, **more)
        kernel = more.pop("kernel", None)
        turned = None if kernel is None else kernel.reshape(1, len(planes), len(columns))
        return Layout((0,), tuple(planes), columns, (max(planes, default=0) + 1, size[1]), kernel=turned, **more)


def inside(coordinates: Coordinates, size: int) -> list[tuple[int, int]]:
    """(position, coordinate) of those that lie on the plane."""
    return [(position, at) for position, at in enumerate(coordinates) if at is not None and 0 <= at < size]


def moving(start: int, step: int, count: int, letter: str) -> int | str:
    """A running coordinate as formulas write it, all counted from 1: ``u + 16`` where ``letter`` runs from 1 in steps of ``step``, the
    first one at ``start`` (counted from 0). A single one is just its number (counted from 0, as an index)."""
    if count == 1:
        return start
    constant = start + 1 - step
    sign = f" {'-' if constant < 0 else '+'} {abs(constant)}" if constant else ""
    return f"{step if step > 1 else ''}{letter}{sign}"


def _taps(window: Window, at: int) -> Coordinates:
    return tuple(window.start(at) + tap * window.dilation for tap in range(window.kernel))


def _windows(window: Window, cell: int) -> Coordinates:
    found: list[int | None] = []
    for tap in reversed(range(window.kernel)):
        at, rest = divmod(cell + window.before - tap * window.dilation, window.stride)
        found.append(None if rest else at)
    return tuple(found)
