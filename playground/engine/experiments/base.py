"""An experiment of the lab: a computation beside the run, in slices, on copies of its weights."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from playground.data.spec import Dataset, Split
from playground.document.model import Document
from playground.engine.experiments.lab import Found, Origin, State
from playground.errors import PlaygroundError

if TYPE_CHECKING:  # at run time it would bring numba
    from playground.engine.evaluation.results import Metrics
    from playground.engine.preparing import ProgressReport
    from playground.engine.run import Run
    from playground.engine.trainer import Trainer


SLICE_SECONDS = 0.004


class Experiment(ABC):
    """Takes what it needs of the run when it is made; the run is never touched again. ``progress`` is told of kernels that are compiled;
    what it raises breaks that off, and the work begins again at the next :meth:`advance`."""

    def __init__(self, run: Run, progress: ProgressReport) -> None:
        self.document = run.document
        self.dataset = run.trainer.dataset
        self.seed = run.trainer.seed
        self.step = run.trainer.step_count
        self.done, self.total = 0, 0
        self.message = ""
        self.running = True
        self._given, self._broken = progress, False
        self._work: Iterator[bool] | None = None
        self._answer: Found | None = None

    @abstractmethod
    def work(self) -> Iterator[bool]:
        """All that is to be done, with a yield every few milliseconds. Begun anew where compiling was broken off."""

    @abstractmethod
    def found(self) -> Found | None:
        """For the snapshot: what is known by now."""

    def advance(self, seconds: float) -> None:
        """Work for about ``seconds``. What is wrong with the question is told in the answer."""
        end = time.perf_counter() + seconds
        try:
            if self._work is None:
                self._work = self.work()
            while self.running and time.perf_counter() < end:
                if next(self._work, None) is None:
                    self.running = False
        except PlaygroundError as error:
            self.message, self.running = str(error), False
        except Exception:  # not silenced: a generator that raised cannot go on, so the work begins anew or ends before it is told
            self._work, self.running, self._broken = None, self._broken, False
            raise

    def cancel(self) -> None:
        """Do no more; what is found stays."""
        self.running, self._work = False, None

    @property
    def answer(self) -> Found | None:
        """What is found by now: the same object from the end on."""
        if self._answer is None or self._answer.state.running:
            self._answer = self.found()
        return self._answer

    @property
    def state(self) -> State:
        return State(self.step, self.done, self.total, self.running, self.message, self.seed)

    def progress(self, done: int, total: int) -> None:
        """Told of kernels compiled and to compile."""
        try:
            self._given(done, total)
        except Exception:  # not silenced: compiling was broken off for a command, and is to begin again after it
            self._broken = True
            raise

    def trainer(self, dataset: Dataset, weights: Mapping[str, NDArray[Any]], **training: object) -> Trainer:
        """A trainer of its own from ``weights``, with these settings changed and no end."""
        from playground.engine.trainer import Trainer

        settings = {"epochs": None, "early_stopping": False, "schedule": "constant", **training}
        document = with_training(self.document, **settings)
        return Trainer(document, self.seed, document.training.precision, weights, dataset, self.progress)


def weights_at(run: Run, origin: Origin) -> dict[str, NDArray[Any]]:
    """Copies of the run's weights now, or of those at step 0."""
    state = run.trainer.state()
    weights = dict(state.weights)
    if origin == "start":
        weights |= {key: np.array(one) for key, one in state.initial.items() if key in weights and one.shape == weights[key].shape}
    return weights


def evaluated(trainer: Trainer, split: str, limit: int | None = None) -> Generator[bool, None, Metrics]:
    """The figures of a trainer's present weights, with a yield every few milliseconds: for ``yield from``."""
    metrics = trainer.evaluations.aside(trainer.network, split, limit, SLICE_SECONDS, afresh=True)
    while metrics is None:
        yield True
        metrics = trainer.evaluations.aside(trainer.network, split, limit, SLICE_SECONDS, afresh=False)
    return metrics


def with_training(document: Document, **settings: object) -> Document:
    """``document`` with other training settings."""
    return msgspec.structs.replace(document, training=msgspec.structs.replace(document.training, **settings))


def learning_alone(dataset: Dataset, most: int | None = None) -> Dataset:
    """``dataset`` without its validation and test samples, with ``most`` of its training samples, spread evenly over it."""
    train, nothing = dataset.train, Split(dataset.train.x[:0], dataset.train.y[:0])
    if most is not None and len(train) > most:
        chosen = np.arange(most) * len(train) // most
        lengths = None if train.lengths is None else train.lengths[chosen]
        train = Split(np.ascontiguousarray(train.x[chosen]), np.ascontiguousarray(train.y[chosen]), lengths)
    return replace(dataset, train=train, validation=nothing, test=nothing)


def fixed(array: NDArray[Any]) -> NDArray[Any]:
    """A read-only copy."""
    copied = np.array(array)
    copied.flags.writeable = False
    return copied
