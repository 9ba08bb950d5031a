"""The arena: one aligned block that holds all numbers of a program. Parameters, gradients and optimizer state lie as matching flat
ranges in front, so that checkpoints, undo of weights and export are slices and copies; values and their gradients follow."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground import kernels, memory
from playground.engine.program.lowering import ParameterValue
from playground.errors import EngineError
from playground.kernels import Region, Storage
from playground.sentences import say
from playground.turns import give_way

Array = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Placed:
    """A parameter's place within each flat range: ``start`` from the range's beginning, rows padded as ``storage`` says. ``trained``:
    it has a gradient; ``frozen``: the optimizer leaves it alone."""

    key: str
    node: str
    start: int
    storage: Storage
    decays: bool
    frozen: bool
    trained: bool = True

    @property
    def end(self) -> int:
        return self.start + self.storage.extent


@dataclass(frozen=True, slots=True)
class Span:
    """Neighboring parameters that an update treats alike."""

    start: int
    extent: int
    decays: bool


class ParameterLayout:
    """Where each parameter lies within a flat range. The same network gives the same layout in every program, whatever its
    batch, so flat ranges can be copied between them. Order: those that learn before frozen ones, decaying before others."""

    def __init__(self, parameters: Sequence[ParameterValue]) -> None:
        self.placed: dict[str, Placed] = {}
        start = 0
        for p in sorted(parameters, key=lambda p: (p.frozen, not p.parameter.decays)):
            storage = kernels.storage_of(p.parameter.shape)
            self.placed[p.key] = Placed(p.key, p.node, start, storage, p.parameter.decays, p.frozen, p.parameter.trained)
            start += storage.extent
        self.extent = start
        self.keys = tuple(p.key for p in parameters)

    def spans(self, without: Collection[str] = ()) -> tuple[Span, ...]:
        """The ranges to update, ``without`` the parameters of those keys: as few as there are neighbors to join, so one that decays
        and one that does not where nothing is left out."""
        spans: list[Span] = []
        for key, p in self.placed.items():
            if p.frozen or key in without:
                continue
            last = spans[-1] if spans else None
            if last and last.decays == p.decays and last.start + last.extent == p.start:
                spans[-1] = Span(last.start, p.end - last.start, p.decays)
            else:
                spans.append(Span(p.start, p.storage.extent, p.decays))
        return tuple(spans)

    def check(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Raise :class:`EngineError` on an unknown key or a wrong shape."""
        for key, array in arrays.items():
            placed = self.placed.get(key)
            if placed is None:
                raise EngineError(
                    say("there is no parameter {key!r}.", key=key),
                    where="parameters",
                    remedy=say("There are {keys}.", keys=", ".join(self.keys) or say("none")),
                )
            if np.shape(array) != placed.storage.shape:
                raise EngineError(say("expected shape {shape}, got {array}.", shape=placed.storage.shape, array=np.shape(array)), where=key)

    def pack(self, arrays: Mapping[str, NDArray[np.generic]], flat: Array) -> None:
        """Write public ``arrays`` into a flat range; parameters that ``arrays`` lacks stay. Raises as :meth:`check` does, and
        then nothing is written."""
        self.check(arrays)
        for key, array in arrays.items():
            placed = self.placed[key]
            placed.storage.pack(np.asarray(array), flat[placed.start : placed.end])

    def unpack(self, flat: Array) -> dict[str, Array]:
        """The public arrays of a flat range: copies, in the network's order."""
        return {key: self.one(flat, key) for key in self.keys}

    def one(self, flat: Array, key: str) -> Array:
        """One public array of a flat range: a copy."""
        give_way()
        placed = self.placed[key]
        unpacked: Array = placed.storage.unpack(flat[placed.start : placed.end])
        return unpacked

    @property
    def trained(self) -> tuple[str, ...]:
        """The keys of those parameters that have a gradient, in the network's order."""
        return tuple(key for key in self.keys if self.placed[key].trained)

    def norms(self, flat: Array) -> dict[str, float]:
        """The Euclidean norm of each node's part of a flat range (padding is zero, so it adds nothing), of what is trained."""
        squares: dict[str, float] = {}
        for placed in self.placed.values():
            if not placed.trained:
                continue
            part = flat[placed.start : placed.end]
            with np.errstate(over="ignore"):
                square = float(np.dot(part, part))
            if square == np.inf:  # of numbers that are all there: their squares alone are beyond float32
                square = float(np.square(part, dtype=np.float64).sum())
            squares[placed.node] = squares.get(placed.node, 0.0) + square
        return {node: float(np.sqrt(square)) for node, square in squares.items()}


def zeros(extent: int, dtype: np.dtype[Any], words: str, remedy: str, beside: int = 0) -> Array:
    """``extent`` zeros of ``dtype``. Raises :class:`EngineError` (``words`` so much, more than is free) where these, and the bytes
    ``beside`` them, are more than the memory left.

    Looked at beforehand: a system that lends more than it has gives zeros without end, and ends the program that writes to them.
    """
    bytes_wanted, left = extent * dtype.itemsize + beside, memory_left()
    if bytes_wanted > left:
        memory.give_back()  # the program itself may have some of it
        left = memory_left()
    try:
        if bytes_wanted > left:
            raise MemoryError
        return np.zeros(extent, dtype)
    except MemoryError as error:
        free = say(", but {left:.1f} GB are free", left=left / 2**30) if np.isfinite(left) else say(", more than there is")
        raise EngineError(
            say("{words} {bytes_wanted:.1f} GB{free}.", words=words, bytes_wanted=bytes_wanted / 2**30, free=free),
            where="memory",
            remedy=remedy,
        ) from error


def memory_left() -> float:
    """Bytes that can be taken before the system runs out of memory, as it says itself (Linux); infinity where it does not."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            return next(float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return float("inf")


class Arena:
    """Allocates regions, then the memory. ``allocations`` is what rows are checked against."""

    def __init__(self, dtype: str) -> None:
        self.dtype = np.dtype(dtype)
        self.allocations: list[tuple[int, int]] = []
        self._end = 0
        self.memory: Array = np.zeros(0, self.dtype)

    def allocate(self, extent: int, shape: tuple[int, ...] = ()) -> Region:
        """A region of ``extent`` elements that begins at a 64-byte line."""
        region = Region("arena", self._end, extent, shape)
        self.allocations.append((self._end, extent))
        self._end += kernels.padded(extent)
        return region

    def make(self) -> None:
        """Get the memory, zeroed and aligned to 64 bytes."""
        line = 64 // self.dtype.itemsize
        block = zeros(self._end + line, self.dtype, say("the network's values take"), say("Take smaller batches or fewer filters."))
        skip = (-block.ctypes.data // self.dtype.itemsize) % line
        self.memory = block[skip : skip + self._end]

    def view(self, region: Region) -> Array:
        """The numbers of ``region``, live."""
        return self.memory[region.start : region.start + region.extent]
