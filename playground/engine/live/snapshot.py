"""What the worker hands to the window: state, not events. Arrays are read-only copies made at a step boundary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from playground.document.model import Document
from playground.engine.checks.checked import Checked
from playground.engine.checks.remedies import Note
from playground.engine.evaluation.answers import Answers, Deviation
from playground.engine.evaluation.forecast import Forecast
from playground.engine.experiments.lab import Found
from playground.engine.trace import Trace

Phase = Literal["empty", "unready", "preparing", "ready", "training", "paused", "finished", "diverged", "failed"]
"""empty: no nodes. unready: the document has problems. preparing: compiling or loading. ready: at step 0. paused: past it.
finished: the epoch limit or early stopping was reached. diverged: see ``divergence``. failed: see ``message``."""


DRAWING = "drawing"
"""The split that a trace of the user's own picture bears."""


@dataclass(frozen=True, slots=True)
class Event:
    """A mark on the curves. ``kind``: setting, best, diverged, stopped, restart, weights."""

    step: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A whole series in at most 512 points, each the mean of as many values: ``steps`` int64 (n,), ``values`` float64 (n,)."""

    steps: np.ndarray
    values: np.ndarray


@dataclass(frozen=True, slots=True)
class RunCurves:
    """A branch that is not the present one. ``parent`` and ``forked_at`` say where it grew out of (``None``: it began at step 0; its
    curves begin after the fork), ``step`` where it ends, ``best_step`` where its validation loss was lowest. ``checkpoints`` are the
    steps that can be shown; ``document`` is what it trains, ``None`` where its weights are not kept any more,
    so that it cannot be made the present one."""

    run: int
    name: str
    curves: Mapping[str, Curve] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    parent: int | None = None
    forked_at: int = 0
    step: int = 0
    checkpoints: tuple[int, ...] = ()
    best_step: int | None = None
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A kept moment that is shown instead of the present weights: the figures as they were at it. ``computing``: what needs a whole
    split is of an earlier picture and follows. ``document`` is what was trained then,
    ``seed`` what its chance came from."""

    run: int
    step: int
    epoch: int
    loss: float | None
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float
    computing: bool
    document: Document
    seed: int = 0
    validation_f1: float | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """A second moment to compare with, seen as the first one is: the same sample, the same nodes. Its network may be another one."""

    name: str
    moment: Moment
    trace: Trace | None
    parameters: Mapping[str, np.ndarray]
    plane: Plane | None
    evaluation: Evaluation | None


PointState = Literal["waiting", "running", "done", "diverged", "failed"]


@dataclass(frozen=True, slots=True)
class Tried:
    """A point of a study: what was tried and what came out, so far where it runs. ``values`` stand in the order of the study's axes
    (of restarts: the seed). ``message`` says why it failed. ``kept``: it opens with the weights that it ended with; else from its
    start. Losses and accuracies are of its last steps and of the whole validation split."""

    values: tuple[Any, ...]
    seed: int
    document: Document
    state: PointState
    message: str
    curves: Mapping[str, Curve]
    loss: float | None
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    kept: bool


@dataclass(frozen=True, slots=True)
class Studied:
    """A study: ``kind`` (``"restarts"``, ``"grid"``, ``"random"``), the paths of the varied fields, how many ``points`` are ``done``, and
    whether it is ``running``."""

    kind: str
    axes: tuple[str, ...]
    epochs: int
    done: int
    running: bool
    points: tuple[Tried, ...]


@dataclass(frozen=True, slots=True)
class Worst:
    """A prediction far off: ``index`` in its split, what was predicted, what was true, the sample's loss."""

    index: int
    predicted: float
    target: float
    loss: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The net on a whole split at ``step``. ``confusion[true, predicted]`` counts, classification only. ``f1`` where a yes is rare,
    ``answers`` where there is a target at each step, ``deviation`` of numbers, ``forecast`` of a series."""

    split: str
    step: int
    loss: float
    accuracy: float | None
    confusion: np.ndarray | None = None
    predictions: np.ndarray | None = None
    worst: tuple[Worst, ...] = ()
    f1: float | None = None
    answers: Answers | None = None
    forecast: Forecast | None = None
    deviation: Deviation | None = None


@dataclass(frozen=True, slots=True)
class Plane:
    """Outputs over the input plane of a two-feature problem.

    ``extent`` (x0, x1, y0, y1) in the data's units; ``neurons[node id]`` float32 (units, n, n), row 0 at the smallest
    y; ``boundary`` float32 (outputs, m, m), the prediction itself.
    """

    extent: tuple[float, float, float, float]
    neurons: Mapping[str, np.ndarray] = field(default_factory=dict)
    boundary: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Cloud:
    """Samples of ``split`` as ``node`` sees them at ``step``: ``points`` float64 (N, 2) in the plane in which its outputs vary most,
    turned to lie as they lay before; ``share`` of their variance is in it. ``indices`` int64, ``labels`` (true classes) and
    ``predicted`` (N,)."""

    node: str
    split: str
    step: int
    indices: np.ndarray
    points: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray
    share: float


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where the numbers left the range: first ``node`` in pass order, ``what`` (``"output"``, ``"weight"``, ``"sum"`` ...).

    ``text`` tells it all, step and remedy included. ``data`` says that a sample was at fault: no setting of the training helps.
    """

    step: int
    node: str
    what: str
    text: str
    data: bool = False


@dataclass(frozen=True, slots=True)
class Passed:
    """The recorded step that the trace shows: ``step`` (from 1), the sample's ``position`` in its ``batch`` (indices of the
    training split). Steps ``first`` to ``last`` can be shown again."""

    step: int
    position: int
    batch: tuple[int, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Clipping:
    """The limits of a gradient's ``norm`` and of its entries (``value``); ``None``: none. They hold for ``under`` steps; of the last
    ``steps`` of these, ``clipped`` were clipped, the last one ``ago`` steps ago (0: just now; ``None``: none was)."""

    norm: float | None
    value: float | None
    clipped: int = 0
    steps: int = 0
    under: int = 0
    ago: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the window shows of a run. ``curves`` names: ``loss/train``, ``loss/validation``, ``accuracy/train``,
    ``accuracy/validation``, ``f1/validation`` (where a yes is ``rare``), ``gradient_norm/<node>``, ``weight_norm/<node>``,
    ``learning_rate``, ``clipped`` (the share of steps whose gradient was), ``clip/norm`` (the whole gradient's, before that),
    ``clip/largest`` (its largest entry, after its norm was clipped); of a network with a handful of weights
    ``parameter/<node>/<name>/<index>`` (a weight after the step) and ``mistakes/train`` (a round's, at its last step).
    ``parameters`` are copies, keyed as in ``Network.parameters``, of what is visible. ``curves`` and ``events`` are the present
    run's (``run``, called ``run_name``; a fork of branch ``parent`` at step ``forked_at``), ``runs`` the other branches, oldest first.
    ``moment`` is what ``trace``, ``parameters``, ``plane`` and ``evaluation`` show instead of the present weights (``None``: these);
    all figures here are the present's. ``beside`` is compared with it. ``study`` is what was tried in the background.
    ``details`` is a traceback where
    ``phase`` is ``"failed"`` by a defect of the program. ``samples_per_second`` is the wall clock's, pauses left out.
    ``cloud`` is the embedding that was asked for. ``drawn`` is what the network makes of the user's own picture, where one is
    followed: without its class there are no gradients.
    ``passed`` is ``None`` where ``trace`` shows the present weights instead of a recorded step. ``notes`` say what goes wrong in the
    run. ``checked`` is the gradient check that was asked for. ``lab`` is what the lab's experiments have found, by kind, ``refused``
    why one has found nothing. ``has_accuracy`` says whether this task has an accuracy at all: regression has
    none. ``project`` counts the documents opened: this is of that one. ``seed`` is that of
    the present run's initial weights and of all its chance."""

    serial: int
    phase: Phase
    message: str = ""
    details: str = ""
    progress: tuple[int, int] | None = None
    run: int = 0
    run_name: str = ""
    step: int = 0
    epoch: int = 0
    steps_per_epoch: int = 0
    samples_per_second: float = 0.0
    has_accuracy: bool = True
    loss: float | None = None
    train_accuracy: float | None = None
    validation_accuracy: float | None = None
    validation_loss: float | None = None
    validation_f1: float | None = None
    rare: bool = False
    learning_rate: float | None = None
    clipping: Clipping | None = None
    curves: Mapping[str, Curve] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    runs: tuple[RunCurves, ...] = ()
    trace: Trace | None = None
    drawn: Trace | None = None
    pass_serial: int = 0
    passed: Passed | None = None
    parameters: Mapping[str, np.ndarray] = field(default_factory=dict)
    plane: Plane | None = None
    evaluation: Evaluation | None = None
    cloud: Cloud | None = None
    divergence: Divergence | None = None
    checkpoints: tuple[int, ...] = ()
    parent: int | None = None
    forked_at: int = 0
    best_step: int | None = None
    history_bytes: int = 0
    moment: Moment | None = None
    beside: Beside | None = None
    study: Studied | None = None
    notes: tuple[Note, ...] = ()
    checked: Checked | None = None
    lab: Mapping[str, Found] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    instruction_set: str = ""
    seed: int = 0
    project: int = 0

    def pictures_as(self, other: Snapshot) -> bool:
        """Whether all that cards and edges show is ``other``'s: the very same values."""
        same = self.trace is other.trace and self.parameters is other.parameters and self.plane is other.plane
        return same and self.divergence is other.divergence and self.phase == other.phase
