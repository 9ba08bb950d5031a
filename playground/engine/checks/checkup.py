"""The checkup of a run: now and then some samples are sent through the network, and its figures are looked over."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

import numpy as np

from playground.document.graph import function_of
from playground.engine.checks.bursts import Bursts
from playground.engine.checks.health import Figures, movement, notes
from playground.engine.checks.remedies import Note
from playground.engine.pacing import Pacer

if TYPE_CHECKING:
    from playground.document.model import Document
    from playground.engine.timeline.history import History
    from playground.engine.trainer import Trainer

SAMPLES, FEWEST = 256, 16
VALUES = 4_000_000
"""Numbers of all nodes looked at, about: of a net with large maps fewer samples are sent."""
WATCHED = ("relu", "tanh", "sigmoid")
"""Functions that can die or saturate."""
FIRST_STEPS = 64


class Watched(Protocol):
    """What is looked over: a run."""

    @property
    def document(self) -> Document: ...

    @property
    def trainer(self) -> Trainer: ...

    @property
    def history(self) -> History: ...

    @property
    def bursts(self) -> Bursts: ...


class Checkup:
    """Keeps the latest notes."""

    def __init__(self) -> None:
        self.notes: tuple[Note, ...] = ()
        self.pace = Pacer(0.5, 0.03)
        self._start: float | None = None

    def forget(self) -> None:
        """Another run, or weights from elsewhere."""
        self._start = None
        self.pace.hurry()

    def look(self, run: Watched) -> bool:
        """Look the run over; whether there is something new to say."""
        before = self.notes
        self.notes = notes(run.document, self.figures(run))
        return self.notes != before

    def figures(self, run: Watched) -> Figures:
        """What the notes are made from."""
        trainer, history = run.trainer, run.history
        dataset = trainer.dataset
        samples, lowered = min(SAMPLES, len(dataset.train)), trainer.network.lowered
        hidden = [node for node in run.document.nodes if function_of(run.document, node) in WATCHED and node in lowered.named]
        samples = min(samples, max(FEWEST, VALUES // max(1, sum(lowered.named[node]["output"].size for node in hidden))))
        chosen = np.arange(samples) * len(dataset.train) // max(samples, 1)
        inputs = dataset.train.x[chosen] * np.float32(dataset.scale) + np.float32(dataset.offset)
        simple = len(lowered.inputs) == 1 and samples > 0
        lengths = None if dataset.train.lengths is None else dataset.train.lengths[chosen]
        outputs = trainer.network.probe(inputs, hidden, lengths) if simple and hidden and trainer.divergence is None else {}
        curves = history.curves.snapshot()
        if not dataset.held_out:  # what it trains on tells nothing of what it never saw
            curves = {name: curve for name, curve in curves.items() if not name.endswith("/validation")}
        count = sum(math.prod(one.value.shape) for one in lowered.parameters if not one.frozen)
        losses = curves.get("loss/train")
        if losses is not None and len(losses.steps) and losses.steps[0] <= FIRST_STEPS and self._start is None:
            self._start = float(losses.values[0])  # later the curve's first point is a mean over much of the run
        return Figures(
            step=trainer.step_count,
            epoch=trainer.epoch,
            curves=curves,
            bursts=run.bursts.found,
            outputs=outputs,
            inputs=inputs if simple and inputs.ndim == 2 else None,
            movement=movement(run.document.training, trainer.learning_rate, curves, count),
            rate=trainer.learning_rate,
            start=self._start,
            divergence=trainer.divergence,
            checkpoints=history.checkpoints.steps,
            changed=max((event.step for event in history.events if event.kind == "setting"), default=None),
        )
