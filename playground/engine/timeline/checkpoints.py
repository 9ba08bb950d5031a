"""Checkpoints of a branch: moments from which training goes on to the bit, thinned evenly as they grow in number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np

from playground.document.model import Document
from playground.engine.state import State

CHECKPOINTS = 128
"""Of one branch at most: more rings than that cannot be told apart on a timeline."""
ARRAY_BYTES = 200
"""What Python and numpy take for an array besides its numbers."""
RECENT_BYTES = 8192
"""What the losses and hits of the last steps take, as a state holds them, with the rest of its dictionaries."""
EPOCH, CHANGE, BEST, CARRIED = "epoch", "change", "best", "carried"

Arrays = Mapping[str, np.ndarray]


class Rank(IntEnum):
    """What goes first when memory runs out. First, latest and best of a branch are never thinned, only dropped as a last resort."""

    PLAIN = 0
    EPOCH = 1
    CHANGE = 2
    KEPT = 3


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """All that the next step hangs on at ``step``: the ``document`` as it was, weights, optimizer state, counters and the figures of
    the last steps. ``marks`` are of ``"epoch"`` (the end of one), ``"change"`` (the user changed something right after it),
    ``"best"`` (lowest validation loss) and, at step 0, ``"carried"`` (from a run on other data: a rewind draws weights instead). Nothing
    of it is ever changed in place, so branches may share it."""

    step: int
    document: Document
    state: State
    marks: frozenset[str] = frozenset()
    nbytes: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", replace(self.state, initial={}, checkpoints={}))
        arrays = [*self.state.weights.values(), *self.state.optimizer.values()]
        object.__setattr__(self, "nbytes", RECENT_BYTES + sum(array.nbytes + ARRAY_BYTES for array in arrays))

    @property
    def epoch(self) -> int:
        """Whole epochs done."""
        return int(self.state.counters.get("epoch", 0))

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """Weights and optimizer state in one: by ``"node/parameter"`` and ``"node/parameter/slot"``."""
        return {**self.state.weights, **self.state.optimizer}

    def holds(self, weights: Arrays) -> bool:
        """Whether it was kept with these weights, to the bit."""
        mine = self.state.weights
        return mine.keys() == weights.keys() and all(np.array_equal(array, weights[key]) for key, array in mine.items())


class Checkpoints:
    """The checkpoints of one branch by step. Too many of them, or too large, every second of the least important goes and the
    distance doubles, so what stays is spread evenly over the branch."""

    def __init__(self, kept: Iterable[Checkpoint] = ()) -> None:
        self._kept: dict[int, Checkpoint] = {}
        self._distance = 1
        self.nbytes = 0
        self._set(kept)
        while len(self._kept) > CHECKPOINTS and self.thin():
            pass

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[Checkpoint]:
        """In order of steps."""
        return iter(self._kept.values())

    @property
    def steps(self) -> tuple[int, ...]:
        return tuple(self._kept)

    @property
    def latest(self) -> Checkpoint | None:
        return self._kept[next(reversed(self._kept))] if self._kept else None

    def at(self, step: int) -> Checkpoint | None:
        """The one at exactly this step."""
        return self._kept.get(step)

    def due(self, step: int, epoch_steps: int | None = None) -> bool:
        """Whether the branch has gone far enough since the last one; ``epoch_steps``, the steps of an epoch, where one has just
        ended: each long epoch is kept for its own sake."""
        latest = self.latest
        if latest is None:
            return True
        distance = self._distance if epoch_steps is None or epoch_steps < self._distance else 1
        return step >= latest.step + distance

    def add(self, checkpoint: Checkpoint) -> None:
        """Keep ``checkpoint``; one that is there at its step already gives it its marks. An evaluation may come to its end after an edit:
        the same weights, kept before that, stay with the settings that they were trained with."""
        before = self._kept.get(checkpoint.step)
        if before is not None:
            same = BEST in checkpoint.marks and before.holds(checkpoint.state.weights)
            checkpoint = replace(before if same else checkpoint, marks=checkpoint.marks | before.marks)
        kept = [one if BEST not in checkpoint.marks else _without_best(one) for one in self if one is not before]
        self._set([*kept, checkpoint])
        while len(self._kept) > CHECKPOINTS and self.thin():
            pass

    def mark(self, step: int, *marks: str) -> None:
        """Mark the checkpoint at ``step``, if there is one."""
        found = self._kept.get(step)
        if found is not None and not found.marks.issuperset(marks):
            self.add(replace(found, marks=found.marks | set(marks)))

    # -- giving up
    def ranked(self, rank: Rank) -> list[int]:
        """The steps of all that are just so important."""
        return [step for step in self._kept if self._rank(step) is rank]

    def thin(self) -> bool:
        """Drop every second of the least important that may go; whether there were any."""
        for rank in (Rank.PLAIN, Rank.EPOCH, Rank.CHANGE):
            steps = self.ranked(rank)
            if steps:
                gone = set(steps[::2])
                self._set(one for one in self if one.step not in gone)
                if len(steps) > 1:
                    self._distance = max(2 * self._distance, steps[1] - steps[0])
                return True
        return False

    def keep_latest(self) -> None:
        """Drop all but the latest."""
        self._set([*self][-1:])

    def clear(self) -> None:
        self._set(())

    def _rank(self, step: int) -> Rank:
        one = self._kept[step]
        if step in (next(iter(self._kept)), next(reversed(self._kept))) or BEST in one.marks:
            return Rank.KEPT
        return Rank.CHANGE if CHANGE in one.marks else Rank.EPOCH if EPOCH in one.marks else Rank.PLAIN

    def _set(self, kept: Iterable[Checkpoint]) -> None:
        self._kept = {one.step: one for one in sorted(kept, key=lambda one: one.step)}
        self.nbytes = sum(one.nbytes for one in self._kept.values())


def _without_best(one: Checkpoint) -> Checkpoint:
    return replace(one, marks=one.marks - {BEST}) if BEST in one.marks else one
