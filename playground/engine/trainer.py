"""Trainer: a document, its data and its training settings, run step by step in compiled chunks."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from playground.data.spec import Dataset
from playground.document.drawing import load_data
from playground.document.model import Document, Training
from playground.engine import changes, given, past
from playground.engine.evaluation.evaluate import Evaluations
from playground.engine.evaluation.readouts import SHOWN, Recent, Throughput
from playground.engine.evaluation.results import SPLITS, Metrics, Progress, Result
from playground.engine.network import Network
from playground.engine.pacing import slice_of
from playground.engine.passes import Passes
from playground.engine.program import augmenting, divergence
from playground.engine.program.lowering import Lowered, lower
from playground.engine.program.optimizers import REPLANNED
from playground.engine.program.plan import number_type
from playground.engine.program.resident import resident
from playground.engine.program.results import NOTHING, Divergence
from playground.engine.program.stepper import Chunk, Stepper
from playground.engine.recording import Recorder
from playground.engine.state import State
from playground.engine.stopping import EarlyStopping
from playground.engine.trace import Trace
from playground.errors import EngineError
from playground.kernels import compile as compiler
from playground.sentences import say

TRAIN_SAMPLES, CHUNK_STEPS, ORDER_POSITIONS = 5000, 8192, 65536


class Trainer:
    """Trains ``document`` on its data set (or on ``dataset``). Not thread-safe: one thread owns it.

    ``weights`` (keyed as ``Network.parameters``) replace the drawn ones. The same seed gives the same run to the bit, in whatever chunks it
    is run. With ``progress(done, total)``, missing kernels are compiled now, in a process of their own; else when first called. Raises
    :class:`~playground.errors.PlaygroundError` where the document cannot be trained. Attributes: ``network`` (the live weights; asking it
    never disturbs the run), ``divergence``, ``finished`` (``""``, ``"epochs"``, ``"early_stopping"``, ``"diverged"``), ``epoch_limit``,
    ``seconds`` (of training alone), ``recent``, ``last_progress``, ``passes`` (recorded steps), ``initial`` (what a rewind comes back to).
    """

    def __init__(
        self,
        document: Document,
        seed: int = 0,
        dtype: str = "float32",
        weights: Mapping[str, NDArray[Any]] | None = None,
        dataset: Dataset | None = None,
        progress: compiler.Progress | None = None,
    ) -> None:
        seed = given.seed(seed)
        if dataset is None:
            if not given.document(document).data.name:
                raise EngineError("no data set is chosen.", where="data", remedy="Choose one, or give the trainer a dataset.")
            dataset = load_data(document.data)
        elif not isinstance(dataset, Dataset):
            raise EngineError(say("expected a Dataset, got {dataset}.", dataset=given.shown(dataset)), where="dataset")
        self.document, self.dataset, self.seed, self.dtype = document, dataset, seed, number_type(dtype)
        lowered = lower(changes.shaped(document, dataset))
        positions = len(dataset.train) * max(1, ORDER_POSITIONS // max(1, len(dataset.train)))
        samples = resident(lowered, dataset, "train", positions, augmenting.settings_of(document))
        self._stepper = Stepper(lowered, samples, document.training, seed, self.dtype)
        self.network = Network(document, dtype, seed, lowered=lowered)
        if weights:
            self.network.set_parameters(weights)
        self._stepper.plan.parameters[:] = self.network.flat
        self._attach()
        self.initial = self.network.parameters
        self._recorder, self.passes = Recorder(dataset, seed, self.dtype), Passes()
        self.evaluations = Evaluations(dataset, self.dtype)
        self._stopping, self.again = EarlyStopping(document.training.patience), self._stepper.again
        self._throughput, self.recent, self._step_seconds = Throughput(), Recent(), 0.0
        self.epoch_limit: int | None = document.training.epochs
        self.finished, self.seconds, self.last_progress = "", 0.0, Progress()
        if progress is not None:
            compiler.prepare(self.kernel_names, self.dtype, self.network.instruction_set, progress)

    # -- where the run stands
    @property
    def step_count(self) -> int:
        """Steps done since step 0."""
        return self._stepper.step

    @property
    def epoch(self) -> int:
        """Whole epochs done."""
        return self._stepper.epoch

    @property
    def steps_per_epoch(self) -> int:
        return self._stepper.steps_per_epoch

    @property
    def steps_left(self) -> int:
        """Steps to the end of the present epoch."""
        return self._stepper.steps_left

    @property
    def learning_rate(self) -> float:
        """Of the next step."""
        return self._stepper.rate

    @property
    def samples_per_second(self) -> float:
        """By the wall clock, over the last second of training: what goes on between steps takes its time too."""
        return self._throughput.rate

    @property
    def evaluating(self) -> bool:
        """Whether the evaluation that an epoch's end asked for is under way: it ends before the next step."""
        return self.evaluations.running is not None

    @property
    def divergence(self) -> Divergence | None:
        return self._stepper.diverged

    @divergence.setter
    def divergence(self, found: Divergence | None) -> None:
        self._stepper.diverged, self.finished = found, "" if found is None else "diverged"

    @property
    def kernel_names(self) -> tuple[str, ...]:
        """All kernels that training, evaluation, traces and pictures of this document call."""
        lowered, plan = self._stepper.lowered, self._stepper.plan
        plans = [plan, *self._recorder.plans(lowered, plan.lanes), *past.plans(self.network)]
        plans += [self.evaluations.find(lowered, split).plan for split in SPLITS if len(self.dataset.split(split))]
        return tuple(dict.fromkeys(["shuffle", *(name for plan in plans for name in plan.names)]))

    # -- running
    def run(self, epochs: int | None = None, steps: int | None = None) -> Result:
        """Run ``epochs`` more epochs or ``steps`` more steps (by default: the document's epochs), then evaluate. Stops early where
        the document says so (then with the best weights) and on divergence."""
        if epochs is None and steps is None:
            epochs = self.document.training.epochs or (self.document.promise.epochs if self.document.promise else 1)
        last_epoch = None if epochs is None else self.epoch + given.whole(epochs, "epochs")
        last_step = None if steps is None else self.step_count + given.whole(steps, "steps")
        began, seconds, samples = self.step_count, 0.0, 0
        self._throughput.pause()
        _ = self._stepper.plan.program  # loads or compiles its kernels when first asked for: no training time
        watching = self.document.training.early_stopping and len(self.dataset.validation) > 0
        self.finished = "" if self.finished == "epochs" else self.finished
        while not self.finished:
            epoch = self.epoch
            if (last_epoch is not None and epoch >= last_epoch) or (last_step is not None and self.step_count >= last_step):
                break
            epochs = 1 if watching else CHUNK_STEPS if last_epoch is None else last_epoch - epoch
            most, start = CHUNK_STEPS if last_step is None else last_step - self.step_count, time.perf_counter()
            chunk = self._steps(min(CHUNK_STEPS, most), epochs)
            seconds += time.perf_counter() - start
            samples += int(chunk.counts.sum())
            if watching and self.epoch > epoch and self._judge(self.evaluate("validation")):
                break
        return self._result(began, seconds, samples)

    def step(self, grain: str = "batch") -> None:
        """One ``"batch"``, or to the end of the ``"epoch"``."""
        if grain not in ("batch", "epoch"):
            raise EngineError(say("there is no grain {grain!r}.", grain=grain), remedy="Take batch or epoch.")
        self._steps(1 if grain == "batch" else self._stepper.steps_left)

    def advance(self, seconds: float = 0.008, steps: int | None = None) -> Progress:
        """Run for about ``seconds``, at most ``steps`` steps; or a slice of the evaluation that an epoch's end asks for. For the
        worker: call it again and again, obeying commands in between. A call that passes an epoch's end stops at one; give
        ``steps_left`` not to pass it."""
        seconds, steps = slice_of(given.seconds(seconds)), None if steps is None else given.whole(steps, "steps")
        if self.evaluating:
            progress = self._evaluate_slice(seconds)
        elif self.finished:
            progress = Progress(finished=True)
        else:
            wanted = 1 if not self._step_seconds else max(1, int(seconds / self._step_seconds))
            progress = self._train(*self._stepper.portion(wanted if steps is None else min(wanted, steps), self.epoch_limit))
        self.last_progress = progress
        return progress

    def pause(self) -> None:
        """Say that nobody wants the next step for now: the time until then is none of :attr:`samples_per_second`."""
        self._throughput.pause()

    def record(self, sample: int | None = None, position: int | None = None) -> Trace:
        """Run exactly one training step and return the trace of one sample of its batch, with the parameters before and after.

        The sample is that at ``position`` in the batch; else ``sample`` (an index of the training split) if it is in the batch;
        else the batch's first. The weights come out bit-identical to those of ``advance(steps=1)``.
        """
        while self.evaluating:
            self._evaluate_slice(1.0)
        stepper = self._stepper
        batch, before, epoch, rate = stepper.batch, stepper.save(), self.epoch, stepper.rate
        self.last_progress = self._train(1)
        recorded = self.passes.add(stepper, before, epoch, batch, rate, stepper.training, changes.dropout_rates(self.document))
        if position is None:
            position = recorded.batch.index(sample) if sample in recorded.batch else 0
        return self.replay(recorded.step, position)

    def replay(self, step: int, position: int) -> Trace:
        """The trace of the sample at ``position`` (-1: the last) in the batch of a recorded ``step``: the same numbers, whatever was
        trained since.

        Raises :class:`EngineError` on a step that is not kept, or a position beyond its batch.
        """
        recorded = self.passes.find(step, position)
        return self._recorder.replay(self._stepper.lowered, self._stepper.plan, recorded, position)

    def trace(self, split: str, index: int) -> Trace:
        """The trace of a sample with the present weights, in training mode, as it is in the next step, or behind the windows before it."""
        stepper, index, chance = self._stepper, given.whole(index, "sample"), augmenting.chance(self.document)
        where = stepper.lowered, stepper.plan.lanes, stepper.plan.parameters
        start = stepper.carried_by(split, index) or past.before(self.network, self.dataset, split, index)
        return self._recorder.trace(*where, split, index, stepper.step, *chance, start)

    def norms(self) -> tuple[dict[str, float], dict[str, float]]:
        """Per node: norm of the last step's gradient, norm of the weights."""
        plan = self._stepper.plan
        return plan.layout.norms(plan.gradients), plan.layout.norms(plan.parameters)

    def evaluate(self, split: str = "validation", limit: int | None = None) -> Metrics:
        """The present weights on a split, or on ``limit`` of its samples. Raises :class:`EngineError` on an empty split."""
        limit = None if limit is None else given.whole(limit, "limit", 1)
        return self.evaluations.now(self._stepper.lowered, self._stepper.plan.parameters, split, limit)

    # -- changes mid-run
    def set_training(self, training: Training) -> None:
        """Take new hyperparameters at this step boundary: no reset. A changed optimizer starts with empty state.

        Raises what ``document.check`` finds wrong, on another precision or seed (they need a new trainer), and where there is no memory
        for them; the run is then as it was."""
        self._take(msgspec.structs.replace(self.document, training=given.training(training)))

    def set_document(self, document: Document) -> bool:
        """Take ``document`` where only live settings (training, dropout rates, frozen nodes, titles ...) differ; return False
        where the structure differs (then build a new Trainer with ``weights`` and carry the counters over). Raises as
        :meth:`set_training` does."""
        if (changes.structure(given.document(document)), document.data) != (changes.structure(self.document), self.document.data):
            return False
        refrozen = changes.frozen_nodes(document) != changes.frozen_nodes(self.document)
        given.training(document.training)
        self._take(document, lower(changes.shaped(document, self.dataset)) if refrozen else None)
        self.network.document = document
        augmenting.take(self._stepper.plan, document)
        return True

    def _take(self, document: Document, lowered: Lowered | None = None) -> None:  # lowered: where other nodes are frozen
        stepper, old, training = self._stepper, self._stepper.training, document.training
        if (old.precision, old.seed) != (training.precision, training.seed):
            raise EngineError("precision and seed stay as they are.", where="training", remedy="Make a new trainer, with these weights.")
        if lowered is not None or any(getattr(old, name) != getattr(training, name) for name in REPLANNED):
            stepper.replan(lowered or stepper.lowered, training)
            self.document = document
            self._attach()
            self.passes.forget()  # another batch size may have other lanes, another optimizer other state
            self._recorder.forget()
            self._step_seconds = 0.0
        if lowered is not None:
            self.evaluations.forget()
        stepper.training, self.document = training, document
        if old.shuffle != training.shuffle:
            stepper.reshuffle()
        self._stopping.patience = training.patience
        if old.epochs != training.epochs:
            self.epoch_limit = training.epochs
        if self.finished != "diverged" or old != training:  # with other settings the step that was refused is tried again
            self.divergence = None

    # -- saving
    def state(self) -> State:
        """Weights, optimizer state and counters: copies. The next steps from :meth:`restore` repeat this run's to the bit."""
        stepper = self._stepper
        counters = {
            "step": stepper.step,
            "epoch": stepper.epoch,
            "position": stepper.cursor,
            "update_step": stepper.plan.control.update_step,
            "seed": self.seed,
            "shuffled": int(stepper.shuffled),
            "evaluating": int(self.evaluating and stepper.training.early_stopping),  # which counts it
            **self._stopping.counters(),
        }
        optimizer = stepper.optimizer_arrays() | self._stopping.arrays(stepper.plan.layout)
        return State(self.network.parameters, optimizer, dict(self.initial), counters, {"recent": self.recent.plain()})

    def restore(self, state: State) -> None:
        """Weights, optimizer state, counters of ``state``; the next steps repeat what the saved run would have done."""
        if not isinstance(state, State):
            raise EngineError(say("expected a State, got {state}.", state=given.shown(state)), where="state")
        counters = state.counters
        self.network.set_parameters(state.weights)
        starts = {key: array for key, array in state.initial.items() if key in self.initial and array.shape == self.initial[key].shape}
        self.initial = {key: np.array(starts.get(key, array)) for key, array in self.initial.items()}
        self._stepper.set_optimizer_arrays(state.optimizer)
        step, epoch, position, updates = (counters.get(name, 0) for name in ("step", "epoch", "position", "update_step"))
        self._stepper.set_counters(step, epoch, position, updates, counters.get("shuffled"))
        self._stopping.restore(counters, state.optimizer, self._stepper.plan.layout, self._stepper.plan.parameters)
        self.finished, self.evaluations.running = "", None
        if counters.get("evaluating"):
            self.evaluations.begin(self._stepper.lowered, self._stepper.plan.parameters)
        self.passes.forget()
        self.recent.restore(state.history.get("recent", {}))

    # -- inner parts
    def _attach(self) -> None:
        """Let the network's weights live in the training plan's arena."""
        self.network.attach(self._stepper.plan.parameters, self.document, self._stepper.lowered)
        augmenting.take(self._stepper.plan, self.document)

    def _steps(self, steps: int, epochs: int = 1) -> Chunk:
        """Up to ``steps`` steps within so many epochs, with the figures kept up."""
        began = time.perf_counter()
        chunk = self._stepper.run(steps, epochs)
        self.recent.extend(chunk.losses, self._shares(chunk), self.steps_per_epoch, chunk.clipped, chunk.limits)
        self.network.step = self._stepper.step
        self.seconds += chunk.seconds
        if len(chunk.losses) and chunk.seconds > 0:
            self._step_seconds = chunk.seconds / len(chunk.losses)
        self._throughput.add(int(chunk.counts.sum()), began, time.perf_counter())
        if self._stepper.diverged is not None:
            self.divergence = divergence.explained(self._stepper.diverged, self._stepper)
        return chunk

    def _shares(self, chunk: Chunk) -> NDArray[np.float64]:
        """The share of hits of each step; none for regression."""
        return chunk.corrects / chunk.judged if self.dataset.description.task == "classification" else NOTHING

    def _train(self, steps: int, epochs: int = 1) -> Progress:
        epoch, first = self.epoch, self.step_count + 1
        chunk = self._steps(steps, epochs)
        ended, done = self.epoch > epoch, len(chunk.losses)
        if ended and self._due():
            self.evaluations.begin(self._stepper.lowered, self._stepper.plan.parameters)
        elif ended:
            self._check_limit()
        return Progress(
            steps=np.arange(first, first + done),
            losses=chunk.losses,
            accuracies=self._shares(chunk),
            rates=chunk.rates[:done],
            clipped=chunk.clipped,
            sizes=chunk.sizes,
            epoch_ended=ended,
            busy=self.evaluating,
            finished=bool(self.finished),
        )

    def _due(self) -> bool:
        """Whether the epoch that ended is to be evaluated: always for early stopping and at the limit, else now and then."""
        if not len(self.dataset.validation):
            return False
        at_limit = self.epoch_limit is not None and self.epoch >= self.epoch_limit
        return self._stepper.training.early_stopping or at_limit or self.evaluations.rested

    def _evaluate_slice(self, seconds: float) -> Progress:
        metrics = self.evaluations.slice(seconds)
        if metrics is None:
            return Progress(busy=True)
        best = self._stepper.training.early_stopping and metrics.loss < self._stopping.best_loss
        if self._stepper.training.early_stopping:
            self._judge(metrics)
        self._check_limit()
        return Progress(metrics={"validation": metrics}, best=best, finished=bool(self.finished))

    def _judge(self, metrics: Metrics) -> bool:
        """Tell early stopping of an epoch; at the end of its patience the best weights come back."""
        if not self._stopping.watch(metrics.loss, self._stepper.plan.parameters):
            return False
        self._stopping.put_back(self._stepper.plan.parameters)
        self.finished = "early_stopping"
        return True

    def _check_limit(self) -> None:
        if not self.finished and self.epoch_limit is not None and self.epoch >= self.epoch_limit:
            self.finished = "epochs"
            if self._stepper.training.early_stopping:
                self._stopping.put_back(self._stepper.plan.parameters)

    def _result(self, began: int, seconds: float, samples: int) -> Result:
        if self.document.training.early_stopping and not self.divergence:
            self._stopping.put_back(self._stepper.plan.parameters)
        most = {"train": TRAIN_SAMPLES}
        found = {split: self.evaluate(split, most.get(split)) for split in SPLITS if len(self.dataset.split(split))}
        loss = self.recent.loss(self.steps_per_epoch if self.step_count >= self.steps_per_epoch else SHOWN)
        return Result.of(
            found,
            steps=self.step_count - began,
            epochs=self.epoch,
            loss=math.nan if loss is None else loss,
            seconds=seconds,
            samples_per_second=samples / seconds if seconds > 0 else 0.0,
            stopped=self.finished if self.finished != "epochs" else "",
            message=self.divergence.text if self.divergence else "",
        )
