"""The checkup of a run: now and then some samples are sent through the network, and its figures are looked over."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from playground.document.graph import fields_of
from playground.engine.health import Figures, movement, notes
from playground.engine.pacing import Pacer
from playground.engine.remedies import Note

if TYPE_CHECKING:
    from playground.engine.run import Run

SAMPLES = 256
FIRST_STEPS = 64


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

    def look(self, run: Run) -> bool:
        """Look the run over; whether there is something new to say."""
        before = self.notes
        self.notes = notes(run.document, self.figures(run))
        return self.notes != before

    def figures(self, run: Run) -> Figures:
        """What the notes are made from."""
        trainer, history = run.trainer, run.history
        dataset = trainer.dataset
        samples = min(SAMPLES, len(dataset.train))
        chosen = np.arange(samples) * len(dataset.train) // max(samples, 1)
        inputs = dataset.train.x[chosen] * np.float32(dataset.scale) + np.float32(dataset.offset)
        hidden = [
            node
            for node, placed in run.document.nodes.items()
            if placed.type in ("Dense", "Activation") and self._bends(run, node) and node in trainer.network.lowered.named
        ]
        simple = len(trainer.network.lowered.inputs) == 1 and samples > 0
        outputs = trainer.network.probe(inputs, hidden) if simple and hidden and trainer.divergence is None else {}
        curves = history.curves.snapshot()
        if not dataset.held_out:  # what it trains on tells nothing of what it never saw
            curves = {name: curve for name, curve in curves.items() if not name.endswith("/validation")}
        count = sum(math.prod(one.value.shape) for one in trainer.network.lowered.parameters if not one.frozen)
        losses = curves.get("loss/train")
        if losses is not None and len(losses.steps) and losses.steps[0] <= FIRST_STEPS and self._start is None:
            self._start = float(losses.values[0])  # later the curve's first point is a mean over much of the run
        return Figures(
            step=trainer.step_count,
            epoch=trainer.epoch,
            curves=curves,
            outputs=outputs,
            inputs=inputs if simple and inputs.ndim == 2 else None,
            movement=movement(run.document.training, trainer.learning_rate, curves, count),
            rate=trainer.learning_rate,
            start=self._start,
            divergence=trainer.divergence,
            checkpoints=history.checkpoints.steps,
        )

    @staticmethod
    def _bends(run: Run, node: str) -> bool:
        fields = fields_of(run.document, node)
        return fields.get("activation", fields.get("function")) in ("relu", "tanh", "sigmoid")
