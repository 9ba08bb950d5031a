"""The trace: every value of one sample's pass, forward and backward. Arrays are read-only, in the public layouts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

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
    """

    before: Array
    gradient: Array | None = None
    terms: Mapping[str, Array] = field(default_factory=dict)
    after: Array | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """One sample's pass. Keys of ``parameters`` are ``"node id/parameter"``; a live trace holds only what is visible."""

    split: str
    index: int
    nodes: Mapping[str, NodeTrace]
    parameters: Mapping[str, ParameterTrace]
    target: Array | None = None
    loss: float | None = None
    step: int = 0
