"""From time to cursor: how long each stage of a pass takes at each pace."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Literal

from playground.anim.cursor import Cursor, Phase, Stage
from playground.anim.time_cells import TimeCells

Grain = Literal["cell", "time", "node"]
SECONDS: dict[Phase, float] = {"forward": 1.0, "loss": 1.2, "backward": 1.0, "update": 1.3}
INPUT_SECONDS = 0.5
CELL_SECONDS = 0.25
CELLS_PLAYED = 64
"""A stage of more cells takes no longer: they go by faster. By hand each can still be stood at."""
STEP_SECONDS = 0.5
STEPS_PLAYED = 24
"""Of a stage that goes through time, a step; one of more steps takes no longer."""
WATCH_SECONDS = 1.2
REDUCED = 0.6


class PassClock:
    """Plays ``stages``. Times are seconds since the pass began; the clock itself has no notion of now.

    *explain*: 0.5 to 1.3 s a stage (0.25 s a cell where the grain is the cell, 0.5 s a step in time), all divided by ``speed``.
    *watch*: the whole pass in 1.2 s. With ``reduced`` motion nothing travels: each stage shows its end state for 0.6 of its time.
    """

    def __init__(
        self, stages: Sequence[Stage], pace: str = "explain", speed: float = 1.0, grain: Grain = "node", reduced: bool = False
    ) -> None:
        self.stages = tuple(stages)
        self.pace, self.speed, self.grain, self.reduced = pace, speed, grain, reduced
        durations = [self._seconds(stage) for stage in self.stages]
        if pace == "watch":
            total = sum(durations) or 1.0
            durations = [duration * WATCH_SECONDS / total for duration in durations]
        factor = (REDUCED if reduced else 1.0) / speed
        self._ends = list(accumulate(duration * factor for duration in durations))

    @property
    def duration(self) -> float:
        """How long the whole pass takes."""
        return self._ends[-1] if self._ends else 0.0

    def cursor(self, seconds: float) -> Cursor | None:
        """Where the pass stands; the end of the last stage when it is over; ``None`` when there is no stage."""
        if not self.stages:
            return None
        index = min(bisect_right(self._ends, max(seconds, 0.0)), len(self.stages) - 1)
        start = self.start(index)
        share = min(max((seconds - start) / (self._ends[index] - start), 0.0), 1.0)
        stage = self.stages[index]
        cell = None
        if strides := self._strides(stage):
            at = min(int(share * len(strides)), len(strides) - 1)
            cell, share = strides[at], share * len(strides) - at
        elif self.grain == "cell" and self.pace != "watch" and stage.cells:
            cells = len(stage.cells)
            cell = min(int(share * cells), cells - 1)
            share = share * cells - cell
        return Cursor(index, stage, cell, 1.0 if self.reduced else share, self.stages)

    def start(self, index: int) -> float:
        """When stage ``index`` begins."""
        return self._ends[index - 1] if index else 0.0

    def time(self, cursor: Cursor) -> float:
        """The time at which the pass stands at ``cursor``: to play on from a step or a scrub."""
        start = self.start(cursor.index)
        return start + cursor.progress * (self._ends[cursor.index] - start)

    def over(self, seconds: float) -> bool:
        """Whether the pass has been shown to its end."""
        return seconds >= self.duration

    def step(self, cursor: Cursor | None, by: int = 1) -> Cursor | None:
        """One grain on (``by`` 1) or back (-1), at the end state of what it lands on; ``None`` beyond either end of the pass."""
        if cursor is None:
            return self._land(0, 0) if by > 0 else self._land(len(self.stages) - 1, -1)
        cells = self._cells(cursor.index)
        cell = cursor.cell
        if cell is None:
            cell = cells - 1
        cell += by
        if self.grain == "cell" and 0 <= cell < cells:
            return self._land(cursor.index, cell)
        return self._land(cursor.index + by, 0 if by > 0 else -1)

    def _land(self, index: int, cell: int) -> Cursor | None:
        """The end of a stage, or of its first (0) or last (-1) cell where the grain is the cell."""
        if not 0 <= index < len(self.stages):
            return None
        cells = self._cells(index)
        at = None if self.grain != "cell" or not cells else cell % cells
        return Cursor(index, self.stages[index], at, 1.0, self.stages)

    def _cells(self, index: int) -> int:
        return len(self.stages[index].cells)

    def _strides(self, stage: Stage) -> tuple[int, ...]:
        """The last cells of the steps in time that the stage is shown by; none where it goes by cells, or as a whole."""
        by_cells = self.grain == "cell" and self.pace != "watch"
        return stage.cells.strides if isinstance(stage.cells, TimeCells) and not by_cells else ()

    def _seconds(self, stage: Stage) -> float:
        if strides := self._strides(stage):
            return STEP_SECONDS * min(len(strides), STEPS_PLAYED)
        if self.grain == "cell" and self.pace != "watch" and stage.cells:
            return CELL_SECONDS * min(len(stage.cells), CELLS_PLAYED)
        return INPUT_SECONDS if stage == self.stages[0] else SECONDS[stage.phase]
