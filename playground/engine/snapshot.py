"""What the worker hands to the window: state, not events. Arrays are read-only copies made at a step boundary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from playground.engine.trace import Trace

Phase = Literal["empty", "unready", "preparing", "ready", "training", "paused", "finished", "diverged", "failed"]
"""empty: no nodes. unready: the document has problems. preparing: compiling or loading. ready: at step 0. paused: past it.
finished: the epoch limit or early stopping was reached. diverged: see ``divergence``. failed: see ``message``."""


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
    """The curves and events of a run that is over (rewound, or left by a change of data)."""

    run: int
    name: str
    curves: Mapping[str, Curve] = field(default_factory=dict)
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Worst:
    """A prediction far off: ``index`` in its split, what was predicted, what was true, the sample's loss."""

    index: int
    predicted: float
    target: float
    loss: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The net on a whole split at ``step``. ``confusion[true, predicted]`` counts, classification only."""

    split: str
    step: int
    loss: float
    accuracy: float | None
    confusion: np.ndarray | None = None
    predictions: np.ndarray | None = None
    worst: tuple[Worst, ...] = ()


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
class Snapshot:
    """Everything the window shows of a run. ``curves`` names: ``loss/train``, ``loss/validation``, ``accuracy/train``,
    ``accuracy/validation``, ``gradient_norm/<node>``, ``weight_norm/<node>``, ``learning_rate``; of a network with a handful of
    weights ``parameter/<node>/<name>/<index>`` (a weight after the step) and ``mistakes/train`` (a round's, at its last step).
    ``parameters`` are copies, keyed as in ``Network.parameters``, of what is visible. ``curves`` and ``events`` are the present
    run's (``run``, called ``run_name``), ``runs`` those that went before, oldest first. ``details`` is a traceback where
    ``phase`` is ``"failed"`` by a defect of the program. ``samples_per_second`` is the wall clock's, pauses left out.
    ``passed`` is ``None`` where ``trace`` shows the present weights instead of a recorded step.
    ``has_accuracy`` says whether this task has an accuracy at all: regression has none."""

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
    learning_rate: float | None = None
    curves: Mapping[str, Curve] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    runs: tuple[RunCurves, ...] = ()
    trace: Trace | None = None
    pass_serial: int = 0
    passed: Passed | None = None
    parameters: Mapping[str, np.ndarray] = field(default_factory=dict)
    plane: Plane | None = None
    evaluation: Evaluation | None = None
    divergence: Divergence | None = None
    checkpoints: tuple[int, ...] = ()
    instruction_set: str = ""
