"""What the worker hands to the window: state, not events. Arrays are read-only copies made at a step boundary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from playground.engine.checks.checked import Checked
from playground.engine.checks.remedies import Note
from playground.engine.evaluation.records import Clipping, Cloud, Evaluation, Plane, Worst
from playground.engine.experiments.lab import Found
from playground.engine.experiments.studied import PointState, Studied, Tried
from playground.engine.program.results import Divergence
from playground.engine.timeline.records import Curve, Event, Moment, RunCurves
from playground.engine.trace import Trace

__all__ = [
    "DRAWING",
    "Answers",
    "Beside",
    "Clipping",
    "Cloud",
    "Curve",
    "Divergence",
    "Evaluation",
    "Event",
    "Moment",
    "Passed",
    "Phase",
    "Plane",
    "PointState",
    "RunCurves",
    "Snapshot",
    "Studied",
    "Tried",
    "Worst",
]
"""The window takes the parts of a snapshot from here, whichever room of the engine makes them."""

Phase = Literal["empty", "unready", "preparing", "ready", "training", "paused", "finished", "diverged", "failed"]
"""empty: no nodes. unready: the document has problems. preparing: compiling or loading. ready: at step 0. paused: past it.
finished: the epoch limit or early stopping was reached. diverged: see ``divergence``. failed: see ``message``."""


DRAWING = "drawing"
"""The split that a trace of the user's own picture bears."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A second moment to compare with, seen as the first one is: the same sample, the same nodes. Its network may be another one."""

    name: str
    moment: Moment
    trace: Trace | None
    parameters: Mapping[str, np.ndarray]
    plane: Plane | None
    evaluation: Evaluation | None


@dataclass(frozen=True, slots=True)
class Answers:
    """What the network answered after ``step`` steps."""

    step: int
    plane: Plane | None
    evaluation: Evaluation | None


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
    ``passed`` is ``None`` where ``trace`` shows the present weights instead of a recorded step; of the latest one ``before`` has the
    answers of the network that it ran in, while ``plane`` and ``evaluation`` are as they are after it. ``notes`` say what goes wrong in the
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
    before: Answers | None = None
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
