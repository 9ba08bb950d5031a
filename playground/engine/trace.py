"""The trace: every value of one sample's pass, forward and backward. Arrays are read-only, in the public layouts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from playground.document.model import Training
from playground.layers.spec import Mode

Array = np.ndarray


@dataclass(frozen=True, slots=True)
class NodeTrace:
    """``values["output"]``, ``values["pre_activation"]`` ... of one sample; ``gradients`` has the loss's derivative by each."""

    values: Mapping[str, Array] = field(default_factory=dict)
    gradients: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParameterTrace:
    """One parameter around an update.

    ``gradient`` is the sample's own where the trace is of one sample, ``terms`` are the batch's update terms by name
    (``gradient``, ``l2``, ``momentum`` ...): ``after = before - sum``. Before the update ``after`` is ``None``.
    ``batch_gradient`` is the mean over the batch, before clipping and decay; ``state`` and ``state_after`` are the optimizer's
    arrays around the update, by slot (``velocity``, ``mean``, ``square``). Without an update these are empty.
    """

    before: Array
    gradient: Array | None = None
    terms: Mapping[str, Array] = field(default_factory=dict)
    after: Array | None = None
    batch_gradient: Array | None = None
    state: Mapping[str, Array] = field(default_factory=dict)
    state_after: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Update:
    """What one update took for all parameters: the learning ``rate``, the factor ``clip`` that shortened the gradient (1: none),
    ``count``, the number of updates with it (Adam's t), the samples of its ``batch`` as indices of the training split, and the
    ``training`` settings that it was made with."""

    rate: float
    clip: float
    count: int
    batch: tuple[int, ...]
    training: Training


@dataclass(frozen=True, slots=True)
class Trace:
    """One sample's pass. Keys of ``parameters`` are ``"node id/parameter"``; a live trace holds only what is visible.

    ``mode`` is how it was run. In ``"training"`` it was one of a batch whose samples hang on each other (batch norm): its gradients are
    then its part in those of all the batch's losses together.

    ``original`` is the picture as it is in the data, where training saw it changed by augmentation (as the Inputs have it), or the
    numbers of a table in their own units, where the network sees them standardized.
    """

    split: str
    index: int
    nodes: Mapping[str, NodeTrace]
    parameters: Mapping[str, ParameterTrace]
    target: Array | None = None
    loss: float | None = None
    step: int = 0
    update: Update | None = None
    mode: Mode = "sample"
    original: Array | None = None
