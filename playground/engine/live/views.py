"""What the window sees of a run besides its figures: trace, parameters, plane, evaluation. Computed when due, if visible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

from playground.data.spec import Dataset
from playground.document import Document
from playground.engine.evaluation.embedding import Embedder
from playground.engine.evaluation.forecast import Forecast, Forecaster
from playground.engine.evaluation.plane import extent_of, picture
from playground.engine.evaluation.results import Metrics
from playground.engine.live.commands import Draw, Watch
from playground.engine.live.snapshot import DRAWING, Answers, Evaluation, Passed, Plane
from playground.engine.pacing import Pacer
from playground.engine.run import SLICE_SECONDS, Run
from playground.engine.trace import Trace
from playground.turns import give_way

if TYPE_CHECKING:  # at run time it would bring the trainer and with it numba
    from playground.engine.timeline.moments import Reader
    from playground.engine.trainer import Trainer

PREDICTIONS = 5000
WORST = 24
EMBEDDING_SECONDS = 0.004


class Subject(Protocol):
    """What is seen: the weights of ``sight``; ``reader`` where these are of a kept moment; ``metrics`` of the last evaluations."""

    metrics: dict[str, Metrics]

    @property
    def reader(self) -> Reader | None: ...

    @property
    def sight(self) -> Trainer | Reader: ...


class Views:
    """Each view has its pace while training runs freely; when it stands, each is brought up to date once."""

    def __init__(self) -> None:
        self.trace: Trace | None = None
        self.passed: Passed | None = None
        self.before: Answers | None = None
        self.drawn: Trace | None = None
        self.parameters: Mapping[str, np.ndarray] = {}
        self.plane: Plane | None = None
        self.evaluation: Evaluation | None = None
        self._forecaster = Forecaster()
        self.embedder = Embedder()
        self._watch = Watch(frozenset(), 0, 0, False)
        self._sample = ("train", 0)
        self._drawing: Draw | None = None
        self._paces = {"trace": Pacer(0.06, 0.08), "parameters": Pacer(0.06, 0.06), "plane": Pacer(0.1, 0.1)}
        self._stale = {"trace", "parameters", "plane", "evaluation"}
        self._asked: tuple[str, int] | None = None
        self._metrics: Metrics | None = None
        self._kept = False  # the evaluation on show is of a kept moment
        self._afresh = True  # the one under way is of other weights

    # -- what the window wants
    @property
    def stale(self) -> bool:
        """Whether something visible is out of date."""
        return bool(self._stale) or self.embedder.due

    @property
    def train_sample(self) -> int | None:
        """The followed sample's index in the training split, if it lies there."""
        return self._sample[1] if self._sample[0] == "train" and self._drawing is None else None

    def watch(self, watch: Watch) -> None:
        before, self._watch = self._watch, watch
        self._mark("parameters", "plane", *(("evaluation",) if watch.evaluation and not before.evaluation else ()))

    def follow(self, split: str, index: int) -> None:
        if split != DRAWING:  # that is no sample: it goes on being followed
            self._sample, self._drawing = (split, index), None
        self._mark("trace")

    def draw(self, drawing: Draw) -> None:
        self._drawing = drawing if drawing.x is not None else None
        self._mark("trace")

    def document_changed(self, document: Document) -> None:
        """Forget what shows nodes that are gone; the rest stays until it is computed anew."""
        self.parameters = {key: array for key, array in self.parameters.items() if key.partition("/")[0] in document.nodes}
        if self.trace is not None and not self.trace.nodes.keys() <= document.nodes.keys():
            self.trace = self.drawn = None
        self._mark("trace", "parameters", "plane", "evaluation")

    def nothing_computes(self) -> None:
        """The document became one that cannot be computed: what was seen of the one before is not its own, not even its data perhaps."""
        self.trace = self.drawn = self.plane = self.evaluation = self.embedder.cloud = None
        self._asked = self._metrics = None

    def weights_changed(self) -> None:
        """Weights came from elsewhere than training (a rewind, a load, an edit)."""
        self.trace = self.before = self.plane = self.evaluation = self.embedder.cloud = None
        self._asked = self._metrics = None
        self._mark("trace", "parameters", "plane", "evaluation")

    def edited(self) -> None:
        """Single weights were set by hand: what is there stays on show until it is computed anew."""
        self._asked = self._metrics = self.evaluation = None
        self._mark("trace", "parameters", "plane", "evaluation")

    def hurry(self) -> None:
        """Bring everything up to date soon: training stopped, or changed its pace."""
        self._mark("parameters", "plane", "evaluation")

    def moment_changed(self) -> None:
        """Another moment is shown: everything is computed anew; until then what is there stays on show."""
        self._asked = self._metrics = None
        for pace in self._paces.values():
            pace.hurry()
        self._mark("trace", "parameters", "plane", "evaluation")

    @property
    def computing(self) -> bool:
        """Whether the evaluation on show is of another moment than the rest."""
        return self._watch.evaluation and "evaluation" in self._stale

    # -- computing
    def refresh(self, run: Subject, *, live: bool) -> bool:
        """Compute what is out of date and, while ``live``, due; say whether anything is new.

        While live a view is out of date as soon as a step is done; otherwise only when something marked it.
        """
        if live:
            self._mark("trace", "parameters", "plane", "evaluation")
        fresh = False
        for name in [name for name in ("trace", "parameters", "plane") if name in self._stale]:
            give_way()
            pace = self._paces[name]
            if pace.due or not live:
                with pace.job():
                    getattr(self, f"_{name}")(run)
                self._stale.discard(name)
                fresh = True
        fresh |= self.embedder.refresh(run.sight, EMBEDDING_SECONDS, live=live)
        if "evaluation" not in self._stale:
            return fresh
        if live:
            self._afresh = True
            self._stale.discard("evaluation")
            return self._last_evaluation(run) or fresh
        if not fresh:  # what is quick is shown before what takes its time
            return self._evaluation_of(run.reader) if run.reader is not None else self._evaluation(cast("Trainer", run.sight))
        return True

    def before_pass(self, run: Run) -> Answers:
        """The answers that the next step's pass begins from, brought up to date; an evaluation that takes longer is the last one done."""
        if "plane" in self._stale:
            self._plane(run)
            self._stale.discard("plane")
        if "evaluation" in self._stale:
            self._evaluation(run.trainer)
        return Answers(run.trainer.step_count, self.plane, self.evaluation)

    def show_pass(self, run: Run, trace: Trace, before: Answers) -> None:
        """Show a recorded step: its trace, the answers ``before`` it, and the views as they are after it."""
        self.replay(run, trace)
        self.before = before
        self._mark("parameters", "plane", "evaluation")
        self.refresh(run, live=False)

    def replay(self, run: Run, trace: Trace) -> None:
        """Show the trace of a step that was recorded before."""
        batch, kept = trace.update.batch if trace.update else (), run.trainer.passes.kept
        self.trace = trace
        self.drawn = self._answer(run)
        self.passed = Passed(trace.step + 1, batch.index(trace.index), batch, *kept)
        self._stale.discard("trace")

    def evaluate(self, run: Subject, split: str) -> None:
        """Evaluate ``split`` now and show it until training goes on or the weights change."""
        self._asked = (split, run.sight.step_count)
        self.evaluation = self._told(run.sight.evaluate(split), run.sight.step_count, run.sight.document)

    def _mark(self, *names: str) -> None:
        self._stale.update(names)
        if "evaluation" in names:  # what makes its figures old makes the embedding old
            self._afresh = True
            self.embedder.mark()

    def _answer(self, run: Subject) -> Trace | None:
        """What the network makes of the user's own picture or text; ``None`` without one, or where its shape is no sample's."""
        drawing, network = self._drawing, run.sight.network
        if drawing is None or drawing.x is None or any(value.shape != drawing.x.shape for value in network.lowered.inputs.values()):
            return None
        classes = len(run.sight.dataset.description.classes)
        label = drawing.label if drawing.label is not None and 0 <= drawing.label < classes else None
        return network.answer(drawing.x, label, split=DRAWING, length=drawing.length)

    def _trace(self, run: Subject) -> None:
        self.drawn = self._answer(run)
        if self.drawn is not None:
            self.trace, self.passed = self.drawn, None
            return
        split, index = self._sample
        samples = len(run.sight.dataset.split(split))
        if not samples:
            split, samples = "train", len(run.sight.dataset.train)
        self.trace, self.passed = run.sight.trace(split, min(index, samples - 1)), None

    def _parameters(self, run: Subject) -> None:
        network = run.sight.network
        keys = [key for key in network.layout.keys if key.partition("/")[0] in self._watch.nodes]
        found = {key: network.layout.one(network.flat, key) for key in keys}
        for array in found.values():
            array.flags.writeable = False
        self.parameters = found

    def _plane(self, run: Subject) -> None:
        extent = extent_of(run.sight.dataset)
        watch = self._watch
        if extent is None or not (watch.neuron_grid or watch.boundary_grid) or len(run.sight.network.lowered.inputs) != 1:
            self.plane = None
        else:
            self.plane = picture(run.sight.network, extent, sorted(watch.nodes), watch.neuron_grid, watch.boundary_grid)

    def _wants_evaluation(self, step: int) -> bool:
        """Whether one of validation is to be shown: not while one that was asked for is of these very weights."""
        if not self._watch.evaluation or (self._asked is not None and self._asked[1] == step):
            return False
        self._asked = None
        return True

    def _told(self, metrics: Metrics, step: int, document: Document) -> Evaluation:
        return evaluation_of(metrics, step, self._forecaster.of(document.data, metrics))

    def _last_evaluation(self, run: Subject) -> bool:
        """Show the last evaluation of validation; whether it is a new one."""
        step, metrics = run.sight.step_count, run.metrics.get("validation")
        if not self._wants_evaluation(step) or metrics is None or metrics is self._metrics:
            return False
        self._metrics = metrics
        self.evaluation = self._told(metrics, step, run.sight.document)
        return True

    def _evaluation(self, trainer: Trainer) -> bool:
        """A slice of an evaluation of the present weights; whether it is done and new."""
        step, shown, fresh = trainer.step_count, self.evaluation, False
        known = shown is not None and (shown.step, shown.split, self._kept) == (step, "validation", False)
        if self._wants_evaluation(step) and not known:
            afresh, self._afresh = self._afresh, False
            metrics = trainer.evaluations.aside(trainer.network, *_judged(trainer.dataset), SLICE_SECONDS, afresh)
            if metrics is None:
                return False
            self.evaluation, self._kept, fresh = self._told(metrics, step, trainer.document), False, True
        self._stale.discard("evaluation")
        return fresh

    def ready(self, reader: Reader | None) -> None:
        """Use ``reader`` once as a moment will: its plans are made then, and their memory is there."""
        if reader is not None:
            reader.trace("train", 0)
            reader.evaluate_slice(*_judged(reader.dataset), SLICE_SECONDS)

    def _evaluation_of(self, reader: Reader) -> bool:
        """A slice of the evaluation of a kept moment; whether it is done."""
        if self._watch.evaluation and self._asked is None:
            metrics = reader.evaluate_slice(*_judged(reader.dataset), SLICE_SECONDS)
            if metrics is None:
                return False
            self.evaluation, self._kept = self._told(metrics, reader.step_count, reader.document), True
        self._stale.discard("evaluation")
        return True


def _judged(dataset: Dataset) -> tuple[str, int | None]:
    """The split that is evaluated where training stands, and how many of its samples at most."""
    split = "validation" if dataset.held_out else "train"
    return split, PREDICTIONS if len(dataset.split(split)) > PREDICTIONS else None


def evaluation_of(metrics: Metrics, step: int, forecast: Forecast | None = None) -> Evaluation:
    """What the window shows of ``metrics`` taken at ``step``."""
    return Evaluation(
        metrics.split,
        step,
        metrics.loss,
        metrics.accuracy,
        metrics.confusion,
        metrics.predictions,
        tuple(metrics.worst[:WORST]),
        metrics.f1,
        metrics.answers,
        forecast,
        metrics.deviation,
    )
