"""Trainer: a document, its data and its training settings, run step by step in compiled chunks.

Signatures first (the session builds on them); the body follows within the hour.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from playground.document.model import Document, Training
from playground.engine.commands import State
from playground.engine.network import Network
from playground.engine.results import Metrics, Progress, Result
from playground.engine.snapshot import Divergence
from playground.engine.trace import Trace


class Trainer:
    """Trains ``document`` on its data set (or on ``dataset``). Not thread-safe: one thread owns it."""

    network: Network  # the live weights; reading (`parameters`, `trace`, `forward`, `probe`) never disturbs the run
    document: Document
    step_count: int  # steps done since step 0
    epoch: int  # whole epochs done
    steps_per_epoch: int
    samples_per_second: float  # of the last chunks
    seconds: float  # training alone
    learning_rate: float  # of the next step
    divergence: Divergence | None
    finished: str  # "", "epochs", "early_stopping", "diverged"
    epoch_limit: int | None  # from training.epochs; may be set

    def __init__(
        self,
        document: Document,
        seed: int = 0,
        dtype: str = "float32",
        weights: Mapping[str, np.ndarray] | None = None,
        dataset: object | None = None,
    ) -> None: ...

    def run(self, epochs: int | None = None, steps: int | None = None) -> Result: ...

    def step(self, grain: str = "batch") -> None:
        """One ``"batch"``, or to the end of the ``"epoch"``."""

    def advance(self, seconds: float = 0.008, steps: int | None = None) -> Progress:
        """Run for about ``seconds`` (at most ``steps`` steps), never past an epoch's end; or a slice of the evaluation that an
        epoch's end asks for. For the worker: call it again and again, obeying commands in between."""

    def record(self, sample: int | None = None) -> Trace:
        """Run exactly one training step and return the trace of one sample of its batch (``sample``: index in the training
        split if it is in the batch, else the batch's first), with the parameters before and after. The weights come out
        bit-identical to those of ``advance(steps=1)``."""

    def evaluate(self, split: str = "validation", limit: int | None = None) -> Metrics: ...

    def trace(self, split: str, index: int) -> Trace:
        """The trace of a sample with the present weights; nothing changes."""

    def norms(self) -> tuple[dict[str, float], dict[str, float]]:
        """Per node: norm of the last step's gradient, norm of the weights."""

    def set_training(self, training: Training) -> None:
        """Take new hyperparameters at this step boundary: no reset. A changed optimizer starts with empty state."""

    def set_document(self, document: Document) -> bool:
        """Take ``document`` where only live settings (training, dropout rates, frozen nodes, titles ...) differ; return False
        where the structure differs (then build a new Trainer with ``weights`` and carry the counters over)."""

    def state(self) -> State: ...

    def restore(self, state: State) -> None:
        """Weights, optimizer state, counters of ``state``; the next steps repeat what the saved run would have done."""
