"""What is remembered of a run: curves, events, checkpoints, and the curves of the runs before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from playground.engine.commands import State
from playground.engine.curves import Curves, Series
from playground.engine.results import Progress
from playground.engine.snapshot import Curve, Event, RunCurves

EVENTS = 200
RUNS = 12
CHECKPOINT_BYTES = 64 * 2**20
CHECKPOINTS = 128

Arrays = Mapping[str, np.ndarray]


class Checkpoints:
    """Weights and optimizer state at steps of the run, keyed ``"node/parameter"`` and ``"node/parameter/slot"``.

    Thinned as it grows: when memory or number runs out, every second one goes and the distance doubles, so what stays is
    spread evenly over the run. The first and the last one stay.
    """

    def __init__(self, limit: int = CHECKPOINT_BYTES) -> None:
        self._limit = limit
        self._kept: dict[int, Arrays] = {}
        self._distance = 1

    @property
    def steps(self) -> tuple[int, ...]:
        return tuple(self._kept)

    def due(self, step: int) -> bool:
        """Whether the run has gone far enough since the last one."""
        return not self._kept or step >= next(reversed(self._kept)) + self._distance

    def add(self, step: int, state: State) -> None:
        self.put({**self._kept, step: {**state.weights, **state.optimizer}})

    def put(self, checkpoints: Mapping[int, Arrays]) -> None:
        """Replace all by ``checkpoints``, thinned to what fits."""
        kept = dict(sorted(checkpoints.items()))
        while len(kept) > 2 and (len(kept) > CHECKPOINTS or sum(_bytes(arrays) for arrays in kept.values()) > self._limit):
            steps = list(kept)
            kept = {step: kept[step] for step in [*steps[:-1:2], steps[-1]]}
            self._distance = max(self._distance * 2, steps[2] - steps[0])
        self._kept = kept

    def all(self) -> dict[int, Arrays]:
        return dict(self._kept)


@dataclass(slots=True)
class _Finished:
    curves: RunCurves
    plain: dict[str, Any]


class History:
    """Curves, events and checkpoints of the present run, and the curves of at most :data:`RUNS` runs before it."""

    def __init__(self) -> None:
        self.run = 1
        self.name = ""
        self.curves = Curves()
        self.checkpoints = Checkpoints()
        self._events: list[Event] = []
        self._finished: list[_Finished] = []

    # -- growing
    def absorb(self, progress: Progress) -> None:
        """Append what one call of the trainer brought."""
        if len(progress.steps):
            self.curves.extend("loss/train", progress.steps, progress.losses)
            if len(progress.accuracies) and not np.isnan(progress.accuracies).all():
                self.curves.extend("accuracy/train", progress.steps, progress.accuracies)
            self.curves.extend("learning_rate", progress.steps, progress.rates)

    def norms(self, step: int, gradients: Mapping[str, float], weights: Mapping[str, float]) -> None:
        for node, norm in gradients.items():
            self.curves.add(f"gradient_norm/{node}", step, norm)
        for node, norm in weights.items():
            self.curves.add(f"weight_norm/{node}", step, norm)

    def mark(self, step: int, kind: str, text: str) -> None:
        """Add an event. Of ``best`` only the latest stays; of all others the last :data:`EVENTS`."""
        if kind == "best":
            self._events = [one for one in self._events if one.kind != "best"]
        event = Event(step, kind, text)
        if not self._events or self._events[-1] != event:
            self._events = [*self._events[-EVENTS + 1 :], event]

    # -- runs
    def begin(self) -> None:
        """Start a new run; the present one, where it has curves, is kept beside it."""
        finished = self.present()
        if finished.curves:
            self._finished = [*self._finished, _Finished(finished, self.curves.plain())][-RUNS:]
            self.run += 1
        self.name = ""
        self.curves = Curves()
        self.checkpoints = Checkpoints()
        self._events = []

    def present(self) -> RunCurves:
        return RunCurves(self.run, self.title, self.curves.snapshot(), self.events)

    @property
    def title(self) -> str:
        return self.name or f"Run {self.run}"

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(self._events)

    @property
    def finished(self) -> tuple[RunCurves, ...]:
        return tuple(one.curves for one in self._finished)

    def rename(self, run: int, name: str) -> None:
        if run == self.run:
            self.name = name
        for one in self._finished:
            if one.curves.run == run:
                one.curves = replace(one.curves, name=name or f"Run {run}")

    def remove(self, run: int) -> None:
        """Forget a run that is over; the present one stays."""
        self._finished = [one for one in self._finished if one.curves.run != run]

    # -- files
    def plain(self) -> dict[str, Any]:
        """Plain data for ``history.json``; :meth:`of_plain` reads it. Checkpoints are files of their own."""
        return {
            "run": self.run,
            "name": self.name,
            "curves": self.curves.plain(),
            "events": [[event.step, event.kind, event.text] for event in self._events],
            "runs": [
                {
                    "run": one.curves.run,
                    "name": one.curves.name,
                    "curves": one.plain,
                    "events": [[event.step, event.kind, event.text] for event in one.curves.events],
                }
                for one in self._finished
            ],
        }

    @classmethod
    def of_plain(cls, data: Mapping[str, Any], checkpoints: Mapping[int, Arrays] | None = None) -> History:
        """The history that :meth:`plain` wrote; what ``data`` lacks starts empty."""
        history = cls()
        history.run = int(data.get("run", 1))
        history.name = str(data.get("name", ""))
        history.curves = Curves.of_plain(data.get("curves", {}))
        history._events = [Event(int(step), str(kind), str(text)) for step, kind, text in data.get("events", [])]
        for one in data.get("runs", []):
            curves: dict[str, Curve] = {name: Series.of_plain(series).curve() for name, series in one["curves"].items()}
            events = tuple(Event(int(step), str(kind), str(text)) for step, kind, text in one["events"])
            history._finished.append(_Finished(RunCurves(int(one["run"]), str(one["name"]), curves, events), dict(one["curves"])))
        history.checkpoints.put(checkpoints or {})
        return history


def _bytes(arrays: Arrays) -> int:
    return sum(array.nbytes for array in arrays.values())
