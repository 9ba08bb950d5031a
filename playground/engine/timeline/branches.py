"""Branches: lines of training, each with its settings, curves, marks and checkpoints, grown out of another one or from step 0."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from playground.document.codec import canonical
from playground.document.files import sound
from playground.document.model import Document
from playground.document.swapping import own_title
from playground.engine.evaluation.results import Progress
from playground.engine.program.results import Divergence
from playground.engine.state import State
from playground.engine.timeline.checkpoints import Arrays, Checkpoint, Checkpoints
from playground.engine.timeline.curves import Curves
from playground.engine.timeline.records import Event, RunCurves
from playground.sentences import say


@dataclass(slots=True)
class Branch:
    """``number`` names it for good, ``name`` is the user's or empty. ``parent`` and ``forked_at`` say where it grew out of (``None``:
    it began at step 0). ``document`` is what it trains, or trained when it was left; ``best_loss`` the
    lowest validation loss seen, at ``best_step``; ``divergence`` how it stood when it was left, if the next step was refused."""

    number: int
    name: str = ""
    parent: int | None = None
    forked_at: int = 0
    document: Document = field(default_factory=Document)
    curves: Curves = field(default_factory=Curves)
    events: list[Event] = field(default_factory=list)
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    best_loss: float = math.inf
    best_step: int | None = None
    divergence: Divergence | None = None

    @property
    def title(self) -> str:
        return self.name or say("Run {number}", number=self.number)

    @property
    def trained(self) -> bool:
        """Whether there is anything to see of it."""
        return bool(self.curves.snapshot())

    @property
    def nbytes(self) -> int:
        return self.checkpoints.nbytes + self.curves.nbytes

    @property
    def seed(self) -> int | None:
        """What its chance comes from, as far as anything of it is kept."""
        latest = self.checkpoints.latest
        return None if latest is None else latest.state.counters.get("seed")

    def absorb(self, progress: Progress, step: int) -> None:
        """Append to the curves what one call of the trainer brought that ended at ``step``."""
        if len(progress.steps):
            self.curves.extend("loss/train", progress.steps, progress.losses)
            if len(progress.accuracies) and not np.isnan(progress.accuracies).all():
                self.curves.extend("accuracy/train", progress.steps, progress.accuracies)
            self.curves.extend("learning_rate", progress.steps, progress.rates)
            if len(progress.clipped):
                self.curves.extend("clipped", progress.steps[: len(progress.clipped)], progress.clipped)
            for name, sizes in progress.sizes.items():
                self.curves.extend(f"clip/{name}", progress.steps[: len(sizes)], sizes)
        for split, metrics in progress.metrics.items():
            self.curves.add(f"loss/{split}", step, metrics.loss)
            if metrics.accuracy is not None:
                self.curves.add(f"accuracy/{split}", step, metrics.accuracy)
            if metrics.f1 is not None:
                self.curves.add(f"f1/{split}", step, metrics.f1)

    def judge(self, step: int, loss: float) -> bool:
        """Note a validation loss; whether it is the lowest so far."""
        if not loss < self.best_loss:  # not a number is no best
            return False
        self.best_loss, self.best_step = loss, step
        return True

    def forget_best(self) -> None:
        """Another network: its losses are not to be compared with the ones before."""
        self.best_loss, self.best_step = math.inf, None

    def picture(self) -> RunCurves:
        """What the window shows of a branch that is not the present one."""
        latest = self.checkpoints.latest
        return RunCurves(
            self.number,
            self.title,
            self.curves.snapshot(),
            tuple(self.events),
            parent=self.parent,
            forked_at=self.forked_at,
            checkpoints=self.checkpoints.steps,
            step=self.forked_at if latest is None else latest.step,
            best_step=self.best_step,
            document=self.document if latest is not None else None,
        )


def adopted(document: Document, of: Document) -> Document:
    """``document`` with all that training hangs on taken from ``of``: network, data, augmentation, training. Where a node is in both,
    its place and title stay as they are (but for a title that only says another cell's type); so do the document's own title and view."""
    nodes = {}
    for id, node in of.nodes.items():
        here = document.nodes.get(id)
        if here is not None:
            titled = node if here.type != node.type and not own_title(here) else here
            node = msgspec.structs.replace(node, position=here.position, title=titled.title)
        nodes[id] = node
    return msgspec.structs.replace(document, nodes=nodes, wires=of.wires, training=of.training, data=of.data, augmentation=of.augmentation)


# -- files
class Documents:
    """Distinct documents of a history, told by their place in a list: checkpoints of a branch mostly share one."""

    def __init__(self, plain: list[Any] | None = None) -> None:
        try:
            self._documents = [canonical(msgspec.convert(one, Document)) for one in plain or ()]
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from error
        self._places: dict[int, int] = {}

    def place(self, document: Document) -> int:
        if id(document) not in self._places:
            if document not in self._documents:
                self._documents.append(document)
            self._places[id(document)] = self._documents.index(document)
        return self._places[id(document)]

    def __getitem__(self, place: int) -> Document:
        return self._documents[place]

    def plain(self) -> list[Any]:
        return [msgspec.to_builtins(msgspec.structs.replace(one, summary="", promise=None)) for one in self._documents]


def plain_of(branch: Branch, documents: Documents, files: Mapping[int, tuple[int, Checkpoint]]) -> dict[str, Any]:
    """Plain data for ``history.json``; ``files`` are the checkpoints that the file keeps: number of the file -> (branch, checkpoint)."""
    return {
        "run": branch.number,
        "name": branch.name,
        "parent": branch.parent,
        "forked_at": branch.forked_at,
        "document": documents.place(branch.document),
        "best": None if branch.best_step is None else [branch.best_loss, branch.best_step],
        "curves": branch.curves.plain(),
        "events": [[event.step, event.kind, event.text] for event in branch.events],
        "checkpoints": [
            {
                "file": file,
                "step": one.step,
                "document": documents.place(one.document),
                "counters": dict(one.state.counters),
                "history": dict(one.state.history),
                "marks": sorted(one.marks),
            }
            for file, (owner, one) in files.items()
            if owner == branch.number
        ],
    }


def of_plain(data: Mapping[str, Any], documents: Documents, files: Mapping[int, Arrays]) -> Branch:
    """The branch that :func:`plain_of` wrote; what ``data`` lacks is empty, and so are checkpoints whose file is missing."""
    kept = [
        Checkpoint(int(one["step"]), documents[int(one["document"])], _state(one, files.get(int(one["file"]), {})), frozenset(one["marks"]))
        for one in data.get("checkpoints", [])
    ]
    best = data.get("best")
    place = data.get("document")
    parent = data.get("parent")
    return Branch(
        int(data.get("run", 1)),
        str(data.get("name", "")),
        None if parent is None else int(parent),
        int(data.get("forked_at", 0)),
        Document() if place is None else documents[int(place)],
        Curves.of_plain(data.get("curves", {})),
        [Event(int(step), str(kind), str(text)) for step, kind, text in data.get("events", [])],
        Checkpoints(one for one in kept if one.state.weights),
        math.inf if best is None else float(best[0]),
        None if best is None else int(best[1]),
    )


def _state(one: Mapping[str, Any], arrays: Arrays) -> State:
    """Weights have one slash in their names, the optimizer's arrays two."""
    weights = {key: array for key, array in arrays.items() if key.count("/") == 1}
    optimizer = {key: array for key, array in arrays.items() if key.count("/") > 1}
    counters = {str(name): int(value) for name, value in one["counters"].items()}
    if not sound(counters):
        raise ValueError("counters")
    return State(weights, optimizer, counters=counters, history=dict(one["history"]))


def best_before(curves: Curves, step: int) -> float:
    """The lowest validation loss that the curve shows up to ``step``."""
    curve = curves.snapshot().get("loss/validation")
    if curve is None:
        return math.inf
    values = curve.values[curve.steps <= step]
    finite = values[np.isfinite(values)]
    return float(finite.min()) if len(finite) else math.inf
