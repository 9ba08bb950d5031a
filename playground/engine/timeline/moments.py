"""Kept moments, ready to be asked what the present weights are asked: traces, predictions, figures."""

from __future__ import annotations

from collections.abc import Mapping

from playground import kernels
from playground.data.spec import Dataset
from playground.document.drawing import load_data
from playground.document.model import Document
from playground.engine import changes, past
from playground.engine.evaluation.evaluate import Evaluation
from playground.engine.evaluation.readouts import SHOWN, Recent
from playground.engine.evaluation.records import Evaluation as Found
from playground.engine.evaluation.results import Metrics
from playground.engine.network import Network
from playground.engine.program import augmenting, schedules
from playground.engine.program.lowering import lower
from playground.engine.program.plan import number_type
from playground.engine.recording import Recorder
from playground.engine.timeline.checkpoints import Checkpoint
from playground.engine.timeline.records import Moment
from playground.engine.trace import Trace


class Reader:
    """Shows one checkpoint after another of one network, by plans of its own: no live weight is touched. Made once for a network;
    to go to another moment then costs a copy of the weights. Answers like :class:`~playground.engine.trainer.Trainer`:
    ``dataset``, ``network``, ``step_count``, :meth:`trace`, :meth:`evaluate`.

    Raises :class:`~playground.errors.PlaygroundError` where the checkpoint's document cannot be computed.
    """

    def __init__(self, branch: int, checkpoint: Checkpoint, dataset: Dataset | None = None) -> None:
        document = checkpoint.document
        self.dataset = load_data(document.data) if dataset is None else dataset
        self._lowered = lower(changes.shaped(document, self.dataset))
        self._dtype = number_type(document.training.precision)
        self._seed = int(checkpoint.state.counters.get("seed", document.training.seed))
        self.network = Network(document, self._dtype, self._seed, lowered=self._lowered)
        self._recorder = Recorder(self.dataset, self._seed, self._dtype)
        self._evaluations: dict[tuple[str, int | None], Evaluation] = {}
        self._running: Evaluation | None = None
        self.show(branch, checkpoint)

    def fits(self, checkpoint: Checkpoint) -> bool:
        """Whether ``checkpoint`` is of this reader's network, so that :meth:`show` can show it."""
        mine, other = self.checkpoint, checkpoint
        if mine.document is other.document:
            return mine.state.counters.get("seed") == other.state.counters.get("seed")
        return (
            changes.structure(mine.document) == changes.structure(other.document)
            and changes.frozen_nodes(mine.document) == changes.frozen_nodes(other.document)
            and mine.state.counters.get("seed") == other.state.counters.get("seed")
        )

    def show(self, branch: int, checkpoint: Checkpoint) -> None:
        """Show ``checkpoint`` of ``branch``; an evaluation under way is broken off."""
        self.branch, self.checkpoint = branch, checkpoint
        self.network.set_parameters(checkpoint.state.weights)
        self.network.step = checkpoint.step
        self._running = None

    # -- answers
    @property
    def document(self) -> Document:
        return self.checkpoint.document

    @property
    def step_count(self) -> int:
        return self.checkpoint.step

    def trace(self, split: str, index: int) -> Trace:
        """The trace of a sample with the moment's weights, in training mode; stateful layers begin with what they read in the windows
        before."""
        batch = min(self.document.training.batch_size, max(1, len(self.dataset.train)))
        lanes = kernels.lanes_for(batch, self._dtype, self.network.instruction_set)
        chance = augmenting.chance(self.document)
        start = past.before(self.network, self.dataset, split, index)
        return self._recorder.trace(self._lowered, lanes, self.network.flat, split, index, self.step_count, *chance, start)

    def evaluate(self, split: str = "validation", limit: int | None = None) -> Metrics:
        """The moment's weights on a split, or on ``limit`` of its samples, at one go."""
        self._begin(split, limit)
        return self._finish()

    def evaluate_slice(self, split: str, limit: int | None, seconds: float) -> Metrics | None:
        """Evaluate for about ``seconds``; the figures when all samples are done, ``None`` before."""
        if self._running is None:
            self._begin(split, limit)
        assert self._running is not None
        return self._finish() if self._running.advance(seconds) else None

    def moment(self, found: Found | None, computing: bool) -> Moment:
        """The figures of then; ``found`` is the evaluation on show."""
        training, recent = self.document.training, Recent()
        kept = self.checkpoint.state.history.get("recent")
        recent.restore(kept if isinstance(kept, Mapping) else {})
        epoch_steps = schedules.steps_per_epoch(len(self.dataset.train), min(training.batch_size, max(1, len(self.dataset.train))))
        shown = max(1, min(SHOWN, epoch_steps))
        judged = found if found is not None and not computing and (found.split, found.step) == ("validation", self.step_count) else None
        return Moment(
            run=self.branch,
            step=self.step_count,
            epoch=self.checkpoint.epoch,
            loss=recent.loss(shown),
            train_accuracy=recent.hits(shown),
            validation_loss=None if judged is None else judged.loss,
            validation_accuracy=None if judged is None else judged.accuracy,
            learning_rate=schedules.learning_rate(training, self.checkpoint.epoch),
            computing=computing,
            document=self.document,
            seed=self._seed,
            validation_f1=None if judged is None else judged.f1,
        )

    def _begin(self, split: str, limit: int | None) -> None:
        key = (split, limit)
        if key not in self._evaluations:
            self._evaluations[key] = Evaluation(self._lowered, self.dataset, split, self._dtype, limit)
        self._running = self._evaluations[key]
        self._running.begin(self.network.flat)

    def _finish(self) -> Metrics:
        assert self._running is not None
        metrics, self._running = self._running.finish(), None
        return metrics


def reader_of(branch: int, checkpoint: Checkpoint, before: Reader | None) -> Reader:
    """A reader that shows ``checkpoint``: the one ``before``, where it is of the same network."""
    if before is None or not before.fits(checkpoint):
        return Reader(branch, checkpoint)
    before.show(branch, checkpoint)
    return before
