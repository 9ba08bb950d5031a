"""Weights set by hand: what the present number is, and the undo step that a change of it makes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QUndoCommand

from playground.engine.live import commands
from playground.engine.live.snapshot import Snapshot
from playground.engine.weight_edits import Patch
from playground.ui.going import MERGE_SECONDS
from playground.ui.workbench import Workbench

Index = tuple[int, ...]
Changes = Mapping[tuple[str, Index], tuple[float, float]]
Patches = Mapping[str, Patch]
Starts = tuple[Mapping[str, np.ndarray], Mapping[str, np.ndarray]]


@dataclass(frozen=True, slots=True)
class Weight:
    """One number of a parameter: ``key`` as in ``Network.parameters``, and its ``index``."""

    key: str
    index: Index

    @property
    def node(self) -> str:
        return self.key.partition("/")[0]

    @property
    def name(self) -> str:
        return self.key.partition("/")[2]


def present(snapshot: Snapshot, key: str) -> np.ndarray | None:
    """The parameter as the run has it now; ``None`` where it is not known."""
    array = snapshot.parameters.get(key)
    if array is None and snapshot.trace is not None and key in snapshot.trace.parameters:
        traced = snapshot.trace.parameters[key]
        array = traced.after if traced.after is not None else traced.before
    return array


def incoming(snapshot: Snapshot, node: str, unit: int) -> list[Weight]:
    """The bias and the weights of a unit, in that order; none where the node has none of its own."""
    weight, bias = present(snapshot, f"{node}/weight"), present(snapshot, f"{node}/bias")
    found = [Weight(f"{node}/bias", (unit,))] if bias is not None and bias.ndim == 1 and unit < len(bias) else []
    if weight is not None and weight.ndim == 2 and unit < len(weight):
        found += [Weight(f"{node}/weight", (unit, source)) for source in range(weight.shape[1])]
    return found


def set_weights(workbench: Workbench, text: str, changes: Changes, merge: str = "", asked: bool = False) -> None:
    """Set these numbers as one undoable step called ``text``: ``(key, index) -> (before, after)``, before being what the user saw
    there. Such steps with the same ``merge`` within a second become one. Weights of an earlier moment are changed in a branch that
    begins there, if the user agrees."""
    changed = {place: pair for place, pair in changes.items() if pair[0] != pair[1]}
    if changed:
        before, after = ({place: pair[at] for place, pair in changed.items()} for at in (0, 1))
        if workbench.snapshot.moment is not None and not asked:
            workbench.change_in_the_way.emit(lambda: set_weights(workbench, text, changes, asked=True))
            return
        workbench.undo_stack.push(_SetWeights(workbench, text, before, after, merge))


def set_tables(workbench: Workbench, text: str, before: Patches, after: Patches, starts: Starts = ({}, {})) -> None:
    """Set many numbers, by parameter, as one undoable step called ``text``; ``before`` is what the user saw there. ``starts``: what a
    rewind comes back to, before and after it."""
    if any(patch.places.size for patch in after.values()):
        workbench.undo_stack.push(_SetTables(workbench, text, before, after, starts))


class _SetTables(QUndoCommand):
    """Whole patches, however large: nothing here goes through them number by number."""

    def __init__(self, workbench: Workbench, text: str, before: Patches, after: Patches, starts: Starts) -> None:
        super().__init__(text)
        self._workbench, self._before, self._after, self._starts = workbench, before, after, starts

    def redo(self) -> None:
        self._workbench.session.send(commands.EditWeights(self._after, self._starts[1]))

    def undo(self) -> None:
        self._workbench.session.send(commands.EditWeights(self._before, self._starts[0]))


class _SetWeights(QUndoCommand):
    """The numbers before and after; all others go on learning, whichever way."""

    def __init__(
        self,
        workbench: Workbench,
        text: str,
        before: dict[tuple[str, Index], float],
        after: dict[tuple[str, Index], float],
        merge: str,
    ) -> None:
        super().__init__(text)
        self._workbench, self._before, self._after = workbench, before, after
        self._merge, self._time = merge, time.monotonic()

    def id(self) -> int:
        return 2 if self._merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _SetWeights) or other._merge != self._merge or other._time - self._time > MERGE_SECONDS:
            return False
        self._before = {**other._before, **self._before}
        self._after = {**self._after, **other._after}
        self._time = other._time
        return True

    def redo(self) -> None:
        self._send(self._after)

    def undo(self) -> None:
        self._send(self._before)

    def _send(self, values: Mapping[tuple[str, Index], float]) -> None:
        entries: dict[str, dict[Index, float]] = {}
        for (key, index), value in values.items():
            entries.setdefault(key, {})[index] = value
        self._workbench.session.send(commands.EditWeights(entries))
