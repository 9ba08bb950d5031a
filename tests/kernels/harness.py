"""A small arena for tests of single operations: values go in and come out in the public layout, guards lie between them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from playground import kernels
from playground.kernels import Control, Program, Region, Segment, Target
from playground.kernels.types import ALIGNMENT, Row

GUARD = 777.0  # lies between regions; a kernel that writes there is caught
Array = np.ndarray


class Stage:
    """Regions by name, their arrays, and a run of operations on them."""

    def __init__(self, target: Target, valid: int | None = None, size: int = 1 << 17) -> None:
        self.target = target
        self.control = Control()
        self.valid = target.lanes if valid is None else valid
        self.control.batch = self.control.end = self.valid
        self.spaces: dict[str, Array] = {"arena": np.full(size, GUARD, target.dtype)}
        self.allocations: list[tuple[int, int]] = []
        self.top = ALIGNMENT

    @property
    def arena(self) -> Array:
        return self.spaces["arena"]

    def _take(self, extent: int) -> int:
        start = self.top
        self.top = start + extent + ALIGNMENT
        assert self.top < self.arena.size
        self.allocations.append((start, extent))
        self.arena[start : start + extent] = 0
        return start

    def value(self, samples: Array | None = None, shape: tuple[int, ...] = ()) -> Region:
        """A value from ``samples`` (lanes or fewer, *shape), zeros in other lanes; or an empty one of ``shape``."""
        if samples is not None:
            shape = samples.shape[1:]
        extent = kernels.extent_of(shape, self.target.lanes)
        region = Region("arena", self._take(extent), extent, shape)
        if samples is not None:
            grid = self.lanes_of(region)
            grid[..., : len(samples)] = np.moveaxis(samples, 0, -1)
        return region

    def parameter(self, array: Array) -> Region:
        storage = kernels.storage_of(array.shape)
        region = Region("arena", self._take(storage.extent), storage.extent, array.shape)
        storage.pack(array, self.arena[region.start : region.start + region.extent])
        return region

    def scratch(self, extent: int) -> Region:
        return Region("arena", self._take(extent), extent, (extent,))

    def space(self, name: str, array: Array) -> Region:
        self.spaces[name] = np.ascontiguousarray(array)
        return Region(name, 0, array.size, array.shape)

    def lanes_of(self, region: Region) -> Array:
        """A view of a value: (*shape, lanes)."""
        count = math.prod(region.shape) * self.target.lanes
        return self.arena[region.start : region.start + count].reshape(*region.shape, self.target.lanes)

    def samples(self, region: Region) -> Array:
        """A value's valid samples, (valid, *shape)."""
        return np.moveaxis(self.lanes_of(region), -1, 0)[: self.valid].copy()

    def read(self, region: Region) -> Array:
        """A parameter in its public shape; its padding must be zero."""
        storage = kernels.storage_of(region.shape)
        flat = self.arena[region.start : region.start + region.extent]
        assert not flat.reshape(storage.rows, storage.stride)[:, storage.columns :].any(), "padding of a parameter is not zero"
        return storage.unpack(flat)

    def rows(self, operation: str, roles: Mapping[str, Any], **options: Any) -> list[Row]:
        roles = dict(roles)
        needed = kernels.scratch_for(operation, roles, options, self.target)
        if needed:
            roles["scratch"] = self.scratch(needed)
        return kernels.expand(operation, roles, options, self.target)

    def run(self, operation: str, roles: Mapping[str, Any], **options: Any) -> None:
        """Run one operation for one step; afterwards everything outside the regions that it may write is untouched."""
        self.run_rows(self.rows(operation, roles, **options))

    def run_rows(self, rows: Sequence[Row], steps: int = 1) -> None:
        kernels.check_rows(
            rows,
            {"arena": self.allocations, **{k: [(0, v.size)] for k, v in self.spaces.items() if k != "arena"}, "control": [(0, 1 << 30)]},
        )
        before = self.arena.copy()
        program = Program(self.target, self.spaces, self.control, [Segment(rows, per_micro_batch=True)], advance=False)
        assert program.run(steps).steps == steps
        self.control.cursor = 0
        may_change = np.zeros(self.arena.size, bool)
        for row in rows:
            for space, start, extent in row.writes:
                if space == "arena":
                    may_change[start : start + extent] = True
        changed = self.arena.view(f"u{self.arena.itemsize}") != before.view(f"u{self.arena.itemsize}")
        assert not (changed & ~may_change).any(), "a kernel wrote where its row does not say so"
