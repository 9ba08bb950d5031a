"""The cursor: where a pass stands. Painters draw a trace at a cursor; play, scrub and screenshot hand out the same one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from playground.anim.cells import Cells

Phase = Literal["forward", "loss", "backward", "update"]
PHASES: tuple[Phase, ...] = ("forward", "loss", "backward", "update")
Progress = Literal["ahead", "now", "done"]
NO_CELLS = Cells()
TRAVEL = 0.6
"""The share of a stage in which its pulses travel; the rest is for reading."""
NEW_VALUE = 0.7
"""The share of an update after which the new value stands."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a pass at one node. ``cells`` are its single numbers: neurons ``"0"``, ``"1"`` ..., or, in an update,
    ``"weight[0,0]"`` ..., ``"bias[0]"``."""

    phase: Phase
    node: str
    cells: Cells = NO_CELLS

    @property
    def label(self) -> str:
        """How a user asks for the stage: ``"backward:dense2"``."""
        return f"{self.phase}:{self.node}"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Stage ``index`` of the pass, a ``cell`` of it (``None``: all its cells at once), and how far that is done, 0..1.

    ``stages`` is the whole pass, so that a painter can ask what is done and what is still ahead.
    """

    index: int
    stage: Stage
    cell: int | None = None
    fraction: float = 1.0
    stages: tuple[Stage, ...] = ()

    @property
    def progress(self) -> float:
        """How far the stage is done, 0..1, all its cells counted."""
        if self.cell is None or not self.stage.cells:
            return self.fraction
        return (self.cell + self.fraction) / len(self.stage.cells)

    @property
    def travel(self) -> float:
        """How far the pulses of this stage (or cell) are on their way, 0..1: ease-out cubic over the first 60 % of it."""
        at = min(self.fraction / TRAVEL, 1.0)
        return 1.0 - (1.0 - at) ** 3

    def at(self, phase: Phase, node: str) -> Progress:
        """Whether ``node``'s stage of ``phase`` is ahead, now or done. A stage that the pass does not have counts as ahead."""
        if self.stage.phase == phase and self.stage.node == node:
            return "now"
        for index, stage in enumerate(self.stages):
            if stage.phase == phase and stage.node == node:
                return "done" if index < self.index else "ahead"
        return "ahead"

    def cell_at(self, phase: Phase, node: str, cell: int) -> Progress:
        """The same of one cell of the stage."""
        state = self.at(phase, node)
        if state != "now" or self.cell is None or cell == self.cell:
            return state
        return "done" if cell < self.cell else "ahead"

    def part_at(self, node: str, part: str) -> Progress:
        """Whether the update of parameter ``part`` of ``node`` is ahead, now (one of its cells is) or done."""
        state = self.at("update", node)
        if state != "now" or self.cell is None:
            return state
        present, _ = self.stage.cells.place(self.cell)
        names = [name for name, _ in self.stage.cells.parts]
        if part == present or part not in names:
            return state
        return "done" if names.index(part) < names.index(present) else "ahead"

    @property
    def place(self) -> tuple[str, tuple[int, ...]] | None:
        """The part and the place of the present cell; ``None`` where the stage goes as a whole."""
        return None if self.cell is None else self.stage.cells.place(self.cell)

    @property
    def updated(self) -> bool:
        """Whether the last weight of the pass has been updated: its new value stands, as :data:`NEW_VALUE` says."""
        last = self.stages[-1] if self.stages else None
        return last is not None and self.stage is last and last.phase == "update" and self._last_cell and self.fraction >= NEW_VALUE

    @property
    def _last_cell(self) -> bool:
        return self.cell is None or self.cell >= len(self.stage.cells) - 1

    def reached(self, phase: Phase, node: str) -> bool:
        """Whether the stage's numbers are known: it is done, or its pulses have arrived."""
        state = self.at(phase, node)
        return state == "done" or (state == "now" and self.travel >= 1.0)
