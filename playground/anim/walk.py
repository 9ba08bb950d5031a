"""Stepping by hand through the passes of a batch: where one lands from one place by one grain, on or back. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from playground.anim.cursor import Cursor, Stage
from playground.anim.time_cells import TimeCells

Grain = Literal["cell", "time", "node", "sample", "batch"]
GRAINS: tuple[str, ...] = ("cell", "time", "node", "sample", "batch", "epoch")
"""From the finest to the coarsest. A step in time is a whole node where none goes through time. An epoch is not walked through: it is
trained."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place within the pass of one batch: the sample at ``position``, and the cursor in its pass."""

    position: int
    cursor: Cursor


class Walk:
    """The way through one batch: forward, loss and backward of each sample, one after the other; then the update, once.

    ``stages`` are those of a whole pass (:func:`playground.anim.stages.stages`), ``samples`` the size of the batch.
    """

    def __init__(self, stages: Sequence[Stage], samples: int) -> None:
        self.stages, self.samples = tuple(stages), max(1, samples)
        self._own = sum(stage.phase != "update" for stage in self.stages)

    def start(self, grain: str) -> Spot | None:
        """The first place; ``None`` where there is no stage."""
        if not self.stages:
            return None
        return self._end(grain, 0) if grain in ("sample", "batch") else self._land(0, 0, grain, 0)

    def end(self, grain: str) -> Spot | None:
        """The last place: everything is updated."""
        return self._land(self.samples - 1, len(self.stages) - 1, grain, -1) if self.stages else None

    def on(self, spot: Spot, grain: str) -> Spot | None:
        """One ``grain`` on; ``None`` beyond the batch's end."""
        index, cell = self._at(spot)
        if grain == "batch":
            return self._further(spot, self._end(grain, self.samples - 1))
        if grain == "sample":
            reached = self._further(spot, self._end(grain, spot.position))
            if reached is None and spot.position + 1 < self.samples:
                return self._end(grain, spot.position + 1)
            return reached
        if grain == "cell" and cell + 1 < len(self.stages[index].cells):
            return self._land(spot.position, index, grain, cell + 1)
        if grain == "time" and (there := self._beside(index, cell, 1)) is not None:
            return self._land(spot.position, index, grain, there)
        if index + 1 == self._own and spot.position + 1 < self.samples:
            return self._land(spot.position + 1, 0, grain, 0)
        return self._land(spot.position, index + 1, grain, 0) if index + 1 < len(self.stages) else None

    def back(self, spot: Spot, grain: str) -> Spot | None:
        """One ``grain`` back; ``None`` before the batch's beginning."""
        index, cell = self._at(spot)
        if grain == "batch":
            return None
        if grain == "sample":
            return self._end(grain, spot.position - 1) if spot.position > 0 else None
        if grain == "cell" and cell > 0 and len(self.stages[index].cells):
            return self._land(spot.position, index, grain, cell - 1)
        if grain == "time" and (there := self._beside(index, cell, -1)) is not None:
            return self._land(spot.position, index, grain, there)
        if index == 0:
            return self._land(spot.position - 1, self._own - 1, grain, -1) if spot.position > 0 else None
        return self._land(spot.position, index - 1, grain, -1)

    def _at(self, spot: Spot) -> tuple[int, int]:
        """Stage and cell; a stage that stands as a whole stands at its last cell."""
        cells = len(spot.cursor.stage.cells)
        return spot.cursor.index, max(cells - 1, 0) if spot.cursor.cell is None else spot.cursor.cell

    def _end(self, grain: str, position: int) -> Spot | None:
        """Where the pass of the sample at ``position`` is over; with the last one, the update too."""
        last = len(self.stages) if position == self.samples - 1 else self._own
        return self._land(position, last - 1, grain, -1)

    def _further(self, spot: Spot, there: Spot | None) -> Spot | None:
        """``there``, if it lies behind ``spot``."""
        if there is None:
            return None
        return there if (there.position, *self._at(there)) > (spot.position, *self._at(spot)) else None

    def _beside(self, index: int, cell: int, by: int) -> int | None:
        """The last cell of the step in time after (``by`` 1) or before (-1) that of ``cell``; ``None`` where the stage has none."""
        cells = self.stages[index].cells
        if not isinstance(cells, TimeCells):
            return None
        strides, at = cells.strides, cells.stride(cell)
        if by > 0 and cell < strides[at]:
            return strides[at]
        return strides[at + by] if 0 <= at + by < len(strides) else None

    def _land(self, position: int, index: int, grain: str, cell: int) -> Spot | None:
        if not 0 <= index < len(self.stages):
            return None
        stage = self.stages[index]
        at = cell % len(stage.cells) if grain == "cell" and len(stage.cells) else None
        if grain == "time" and isinstance(stage.cells, TimeCells):
            at = stage.cells.strides[stage.cells.stride(cell % len(stage.cells))]
        return Spot(position, Cursor(index, stage, at, 1.0, self.stages))
