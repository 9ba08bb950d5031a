"""The words the engine and the kernels share: where a value lies, how it is laid out, what a row is. Imports neither numba nor llvmlite.

Layout. A value of shape ``S`` for ``L`` lanes is an array ``[*S, L]``, samples innermost, C order; its extent is
rounded up to :data:`ALIGNMENT` elements. A parameter of shape ``(rows, ...)`` has its rows padded to :data:`ALIGNMENT`
elements (:func:`storage_of`). Padding is zero and stays zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from playground.errors import EngineError
from playground.turns import give_way

ALIGNMENT = 16
"""Elements to which rows of parameters and extents of values are padded: one 64-byte line of float32."""

ARENA = "arena"
CONTROL = "control"
Dtype = Literal["float32", "float64"]
Shape = tuple[int, ...]


def padded(count: int) -> int:
    """``count`` rounded up to :data:`ALIGNMENT`."""
    return -(-count // ALIGNMENT) * ALIGNMENT


def extent_of(shape: Shape, lanes: int) -> int:
    """Elements that a value of ``shape`` (of one sample) takes in the arena."""
    return padded(math.prod(shape) * lanes)


@dataclass(frozen=True, slots=True)
class Target:
    """What rows are made for: number type, lanes (samples side by side; 1 or a multiple of ``width``), instruction set."""

    dtype: Dtype
    lanes: int
    isa: str

    @property
    def width(self) -> int:
        """Elements in one vector register."""
        return vector_width(self.dtype, self.isa)

    def __post_init__(self) -> None:
        if self.lanes != 1 and self.lanes % self.width:
            raise EngineError(f"{self.lanes} lanes do not fit vectors of {self.width}.", remedy="Use 1 or a multiple, as lanes_for gives.")


VECTOR_BYTES = {"avx512": 64, "avx2": 32, "generic": 16}


def vector_width(dtype: str, isa: str) -> int:
    """Elements in one vector register: 16, 8 or 4 of float32, half as many of float64."""
    return VECTOR_BYTES[isa] // np.dtype(dtype).itemsize


def lanes_for(batch: int, dtype: Dtype, isa: str, most: int = 128) -> int:
    """Lanes for batches of ``batch``: 1 for single samples, else the batch padded to the vector width, at most ``most``.

    A larger batch runs as several micro-batches of near-equal size, so that none is nearly empty.
    """
    if batch <= 1:
        return 1
    width = vector_width(dtype, isa)
    pieces = math.ceil(batch / most)
    return math.ceil(math.ceil(batch / pieces) / width) * width


@dataclass(frozen=True, slots=True)
class Region:
    """Where a value lies: ``start`` and ``extent`` in elements of ``space``; ``shape`` is one sample's, or the parameter's.

    ``space`` is :data:`ARENA` or the name of a registered array outside it (data, targets, order, output, control).
    """

    space: str
    start: int
    extent: int
    shape: Shape = ()


class Pointer(NamedTuple):
    """A place outside the arena within a record; :class:`~playground.kernels.table.Program` turns it into an address."""

    space: str
    offset: int


class Access(NamedTuple):
    """Elements of ``space`` that a row touches."""

    space: str
    start: int
    extent: int


@dataclass(frozen=True, slots=True)
class Row:
    """One call of one kernel. ``record`` is the kernel's own named tuple; ``reads`` and ``writes`` follow from it."""

    kernel: str
    record: Any
    reads: tuple[Access, ...]
    writes: tuple[Access, ...]


def check_rows(rows: Iterable[Row], allocations: Mapping[str, Sequence[tuple[int, int]]], where: str = "") -> None:
    """Raise :class:`~playground.errors.EngineError` unless every access of every row lies within one allocation.

    ``allocations[space]`` lists (start, extent) in elements. Kernels check nothing themselves: this is what keeps a
    wrong row from corrupting memory.
    """
    for number, row in enumerate(rows):
        give_way()
        for verb, accesses in (("reads", row.reads), ("writes", row.writes)):
            for space, start, extent in accesses:
                if extent <= 0:
                    continue
                end = start + extent
                for a, n in allocations.get(space, ()):  # a loop: any() of a generator takes three times as long, for thousands of rows
                    if a <= start and end <= a + n:
                        break
                else:
                    raise EngineError(
                        f"row {number} ({row.kernel}) {verb} elements {start} to {start + extent} of '{space}', which no allocation holds.",
                        where=where,
                        remedy="This is an error in the program, not in your network: please report it.",
                    )


@dataclass(frozen=True, slots=True)
class Storage:
    """How a parameter of ``shape`` lies in the arena: ``rows`` rows of ``columns`` elements, each padded to ``stride``."""

    shape: Shape
    rows: int
    columns: int

    @property
    def stride(self) -> int:
        return padded(self.columns)

    @property
    def extent(self) -> int:
        return self.rows * self.stride

    def pack(self, array: np.ndarray, out: np.ndarray) -> None:
        """Write ``array`` (``shape``, public layout) into ``out`` (``extent``,), padding with zeros."""
        grid = out.reshape(self.rows, self.stride)
        grid[:, : self.columns] = np.asarray(array).reshape(self.rows, self.columns)
        grid[:, self.columns :] = 0

    def unpack(self, flat: np.ndarray) -> np.ndarray:
        """The public array (``shape``) from ``flat`` (``extent``,): a copy."""
        return flat.reshape(self.rows, self.stride)[:, : self.columns].reshape(self.shape).copy()


def storage_of(shape: Shape) -> Storage:
    """The storage of a parameter: the first axis are rows, all others lie along a row (a filter is one row); a vector is one row."""
    rows = shape[0] if len(shape) > 1 else 1
    return Storage(shape, rows, math.prod(shape) // rows if rows else 0)
