"""Trainers made ready: imported when the first is asked for, as they bring numba, and compiled in a process of their own."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from playground.document.drawing import load_data
from playground.document.model import Document
from playground.reading_ahead import read_ahead

if TYPE_CHECKING:
    from playground.engine.trainer import Trainer

ProgressReport = Callable[[int, int], None]
"""Told of kernels compiled and to compile; what it raises breaks the work off."""


def warm_up() -> None:
    """Import the trainer and the compiler below it; nothing where they are there."""
    read_ahead("llvmlite", "numba")
    importlib.import_module("playground.engine.trainer")


def trainer_for(document: Document, seed: int | None = None, progress: ProgressReport | None = None) -> Trainer:
    """A trainer whose kernels are compiled: in a process of their own, with ``progress``, so that no window stutters."""
    warm_up()
    from playground.engine.trainer import Trainer
    from playground.kernels import compile

    training, dataset = document.training, load_data(document.data, progress) if document.data.name else None
    trainer = Trainer(document, seed=training.seed if seed is None else seed, dtype=training.precision, dataset=dataset)
    compile.prepare(trainer.kernel_names, training.precision, trainer.network.instruction_set, progress)
    return trainer
