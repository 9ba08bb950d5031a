"""The checkup of a run: now and then some samples are sent through the network, and its figures are looked over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from playground.document.graph import fields_of
from playground.engine.health import Figures, Note, notes
from playground.engine.pacing import Pacer

if TYPE_CHECKING:
    from playground.engine.run import Run

SAMPLES = 256
LEAST_STEPS = 20
"""Steps between two looks at how far the weights have moved."""


class Checkup:
    """Keeps the latest notes, and the weights of the last look, to tell how far they have moved since."""

    def __init__(self) -> None:
        self.notes: tuple[Note, ...] = ()
        self.pace = Pacer(0.5, 0.03)
        self._weights: NDArray[np.floating] | None = None
        self._step = 0
        self._movement: float | None = None

    def forget(self) -> None:
        """Another run, or weights from elsewhere."""
        self._weights, self._movement = None, None
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
        count = min(SAMPLES, len(dataset.train))
        chosen = np.arange(count) * len(dataset.train) // max(count, 1)
        inputs = dataset.train.x[chosen] * np.float32(dataset.scale) + np.float32(dataset.offset)
        hidden = [
            node
            for node, placed in run.document.nodes.items()
            if placed.type in ("Dense", "Activation") and self._bends(run, node) and node in trainer.network.lowered.named
        ]
        simple = len(trainer.network.lowered.inputs) == 1 and count > 0
        outputs = trainer.network.probe(inputs, hidden) if simple and hidden and trainer.divergence is None else {}
        self._move(run)
        return Figures(
            step=trainer.step_count,
            epoch=trainer.epoch,
            curves=history.curves.snapshot(),
            outputs=outputs,
            inputs=inputs if simple and inputs.ndim == 2 else None,
            movement=self._movement,
            divergence=trainer.divergence,
            checkpoints=history.checkpoints.steps,
        )

    @staticmethod
    def _bends(run: Run, node: str) -> bool:
        fields = fields_of(run.document, node)
        return fields.get("activation", fields.get("function")) in ("relu", "tanh", "sigmoid")

    def _move(self, run: Run) -> None:
        flat, step = run.trainer.network.flat, run.trainer.step_count
        if self._weights is None or self._weights.shape != flat.shape or step < self._step:
            self._weights, self._step, self._movement = flat.copy(), step, None
        elif step >= self._step + LEAST_STEPS:
            norm = float(np.linalg.norm(self._weights)) or 1.0
            self._movement = float(np.linalg.norm(flat - self._weights)) / norm / (step - self._step)
            self._weights, self._step = flat.copy(), step
