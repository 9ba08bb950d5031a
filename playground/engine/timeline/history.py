"""What is remembered of training: branches with their curves, events and checkpoints, in bounded memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from playground.document.model import Document
from playground.engine.evaluation.readouts import Recent
from playground.engine.evaluation.results import Metrics, Progress
from playground.engine.timeline import branches
from playground.engine.timeline.branches import Branch, Documents
from playground.engine.timeline.checkpoints import Arrays, Checkpoint, Checkpoints
from playground.engine.timeline.curves import Curves
from playground.engine.timeline.records import Event, RunCurves
from playground.errors import EngineError
from playground.sentences import say

EVENTS = 200
RUNS = 12
HISTORY_BYTES = 256 * 2**20
FILE_BYTES = 64 * 2**20
"""Of checkpoints in a project file."""


class History:
    """The present branch and at most :data:`RUNS` others. All checkpoints and curves together stay within ``limit`` bytes: the
    branch that holds most is thinned first, its marked checkpoints last; then other branches lose all but their ends, then these."""

    def __init__(self, limit: int = HISTORY_BYTES) -> None:
        self.limit = limit
        self._branches: dict[int, Branch] = {1: Branch(1)}
        self.present = self._branches[1]

    # -- the present branch
    @property
    def run(self) -> int:
        return self.present.number

    @property
    def title(self) -> str:
        return self.present.title

    @property
    def curves(self) -> Curves:
        return self.present.curves

    @property
    def checkpoints(self) -> Checkpoints:
        return self.present.checkpoints

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(self.present.events)

    def absorb(self, progress: Progress, step: int) -> None:
        """Append what one call of the trainer brought that ended at ``step``."""
        self.present.absorb(progress, step)

    def norms(self, step: int, gradients: Mapping[str, float], weights: Mapping[str, float]) -> None:
        for node, norm in gradients.items():
            self.curves.add(f"gradient_norm/{node}", step, norm)
        for node, norm in weights.items():
            self.curves.add(f"weight_norm/{node}", step, norm)

    def mark(self, step: int, kind: str, text: str) -> None:
        """Add an event. Of ``best`` only the latest stays; of all others the last :data:`EVENTS`."""
        events = self.present.events
        if kind == "best":
            events = [one for one in events if one.kind != "best"]
        event = Event(step, kind, text)
        if not events or events[-1] != event:
            events = [*events[-EVENTS + 1 :], event]
        self.present.events = events

    def keep(self, checkpoint: Checkpoint) -> None:
        """Add a checkpoint to the present branch; what no longer fits the bound goes."""
        self.checkpoints.add(checkpoint)
        self._fit()

    # -- branches
    @property
    def branches(self) -> tuple[Branch, ...]:
        """All of them, the present one too, oldest first."""
        return tuple(self._branches.values())

    @property
    def finished(self) -> tuple[RunCurves, ...]:
        """Pictures of all but the present branch."""
        return tuple(one.picture() for one in self._branches.values() if one is not self.present)

    def find(self, number: int) -> Branch:
        """Raises :class:`~playground.errors.EngineError` where there is none of this number."""
        if number not in self._branches:
            raise EngineError(say("there is no branch {number}.", number=number), where="history", remedy="It was deleted. Choose another.")
        return self._branches[number]

    def root(self, branch: Branch) -> Branch:
        """The branch that ``branch`` grew out of at last, as far as that is kept."""
        while branch.parent in self._branches:
            branch = self._branches[branch.parent]
        return branch

    def begin(self, document: Document | None = None, keep: bool = False) -> Branch:
        """A new branch from step 0; the present one, where there is anything to see of it (or it is to be ``keep``-t), is kept beside
        it."""
        return self._enter(Branch(0, document=document or self.present.document), keep)

    def fork(self, parent: Branch, checkpoint: Checkpoint, name: str = "") -> Branch:
        """A new branch that goes on from a checkpoint of ``parent``; its curves begin there."""
        best = branches.best_before(parent.curves, checkpoint.step)
        kept = Checkpoints([replace(checkpoint, marks=frozenset())])
        return self._enter(Branch(0, name, parent.number, checkpoint.step, checkpoint.document, checkpoints=kept, best_loss=best))

    def add(self, branch: Branch) -> Branch:
        """Take in a branch that was trained elsewhere, under a number of this history's own."""
        branch.number = self._next
        self._branches[branch.number] = branch
        self._fit()
        return branch

    def switch(self, number: int) -> Branch:
        """Make another branch the present one."""
        wanted = self.find(number)
        if wanted is not self.present:
            self._leave()
            self.present = wanted
        return wanted

    def rename(self, run: int, name: str) -> None:
        if run in self._branches:
            self._branches[run].name = name

    def remove(self, run: int) -> None:
        """Forget a branch; the present one stays. Branches that grew out of it stay too."""
        if run != self.present.number:
            self._branches.pop(run, None)

    def set_limit(self, limit: int) -> None:
        """Another bound, in bytes."""
        self.limit = limit
        self._fit()

    @property
    def last_seed(self) -> int:
        """The largest seed of any branch; -1 where nothing is kept."""
        return max([-1, *(one.seed for one in self._branches.values() if one.seed is not None)])

    @property
    def nbytes(self) -> int:
        """What all branches hold. A checkpoint that two of them share counts twice."""
        return sum(one.nbytes for one in self._branches.values())

    @property
    def _next(self) -> int:
        return max(self._branches) + 1

    def _enter(self, branch: Branch, keep: bool = False) -> Branch:
        following = self._next
        branch.number = following if keep or branch.parent == self.present.number or self._leave() else self.present.number
        self._branches[branch.number] = branch
        self.present = branch
        self._fit()
        return branch

    def _leave(self) -> bool:
        """Whether the present branch is worth keeping; forgotten where it is not."""
        present = self.present
        if present.trained or present.parent is not None or any(one.parent == present.number for one in self._branches.values()):
            return True
        del self._branches[present.number]
        return False

    def _worth(self, branch: Branch) -> tuple[bool, bool, bool]:
        """The least goes first: what nobody named, the present branch was not forked from, no other one was forked from."""
        forked = any(one.parent == branch.number for one in self._branches.values())
        return bool(branch.name), branch.number == self.present.parent, forked

    def _fit(self) -> None:
        """Keep within the bounds of number and memory."""
        others = [one for one in self._branches.values() if one is not self.present]
        while len(others) > RUNS:
            gone = min(others, key=self._worth)  # of equals the oldest
            others.remove(gone)
            del self._branches[gone.number]
        while self.nbytes > self.limit:
            by_size = sorted(self._branches.values(), key=lambda one: -one.checkpoints.nbytes)
            if any(one.checkpoints.thin() for one in by_size):
                continue
            long = [one for one in [*others, self.present] if len(one.checkpoints) > 1]
            if long:
                long[0].checkpoints.keep_latest()
                continue
            full = [one for one in [*others, self.present] if len(one.checkpoints)]
            if not full:
                return  # curves alone: they are bounded by themselves
            full[0].checkpoints.clear()

    # -- files
    def plain(self) -> dict[str, Any]:
        """Plain data for ``history.json``; :meth:`of_plain` reads it. The arrays are files of their own (:meth:`arrays`)."""
        documents, files = Documents(), self._files()
        told = {one.number: branches.plain_of(one, documents, files) for one in self._branches.values()}
        present = told.pop(self.present.number)
        order = [one.number for one in self._branches.values()]
        return {**present, "runs": list(told.values()), "documents": documents.plain(), "order": order}

    def arrays(self) -> dict[int, dict[str, np.ndarray]]:
        """The arrays of the checkpoints that a file keeps, by the number of their file: as many as :data:`FILE_BYTES` hold, the
        least important left out. Each branch's latest is there as long as there is room."""
        return {file: one.arrays for file, (_, one) in self._files().items()}

    def _files(self) -> dict[int, tuple[int, Checkpoint]]:
        trimmed = History(FILE_BYTES)
        trimmed._branches = {
            one.number: replace(one, curves=Curves(), checkpoints=Checkpoints(one.checkpoints)) for one in self._branches.values()
        }
        trimmed.present = trimmed._branches[self.present.number]
        trimmed._fit()
        kept = [(branch.number, one) for branch in trimmed._branches.values() for one in branch.checkpoints]
        return dict(enumerate(kept, start=1))

    @classmethod
    def of_plain(cls, data: Mapping[str, Any], arrays: Mapping[int, Arrays] | None = None, limit: int = HISTORY_BYTES) -> History:
        """The history that :meth:`plain` wrote; what ``data`` lacks starts empty. A damaged one raises what reading it raises:
        ``LookupError``, ``TypeError``, ``ValueError`` or ``AttributeError``."""
        history = cls(limit)
        documents = Documents(data.get("documents"))
        found = [branches.of_plain(one, documents, arrays or {}) for one in (data, *data.get("runs", []))]
        by_number = {one.number: one for one in found}
        order = [number for number in data.get("order", []) if number in by_number] or sorted(by_number)
        history._branches = {number: by_number[number] for number in order}
        history._branches.setdefault(found[0].number, found[0])
        history.present = found[0]
        history._fit()
        return history


def readable(history: Mapping[str, object]) -> bool:
    """Whether a saved history is what :meth:`Run.state` writes; a file may hold anything."""
    try:
        History.of_plain(history)
        Metrics.of_plain("validation", history.get("validation"))
        Recent().restore(history.get("recent", {}))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return False
    return True


def nothing_kept(title: str, step: int | None = None) -> EngineError:
    """The refusal of a moment (of ``step``, if it was named) that is not kept of the branch ``title``."""
    message = say("no weights are kept of {title}.", title=title)
    if step is not None:
        message = say("nothing is kept of step {step} of {title}.", step=step, title=title)
    return EngineError(message, where="history", remedy="Go to one of the rings on the timeline.")
